"""CSV text to rows that know their line."""

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass

from bot.reading.problem import Problem, Span, problem
from bot.reading.suggest import nearest


@dataclass(frozen=True)
class Row:
    """One record: its cells by column name, and where it begins in the file."""

    span: Span
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """The cell of `column`, stripped; empty where the file leaves it empty."""
        return self.cells[column]


def read_csv(
    text: str, file: str, columns: Collection[str]
) -> tuple[tuple[Row, ...], list[Problem]]:
    """Every well-formed record, in file order, and a problem for each that is not.

    A missing or unknown column makes the whole file unreadable: the rows are then empty.
    """
    reader = csv.reader(io.StringIO(text), strict=True)
    found: list[Problem] = []
    rows: list[Row] = []
    try:
        header = next(reader, [])
        found.extend(_header_problems(header, file, columns))
        if found:
            return (), found
        start = reader.line_num + 1
        for cells in reader:
            span, start = Span(file, start), reader.line_num + 1
            if len(cells) != len(header):
                found.append(problem(span, "csv.colonnes", attendu=len(header), trouve=len(cells)))
            else:
                named = zip(header, cells, strict=True)
                rows.append(Row(span, {name: cell.strip() for name, cell in named}))
    except csv.Error:
        found.append(problem(Span(file, reader.line_num), "csv.illisible"))
    return tuple(rows), found


def _header_problems(header: list[str], file: str, columns: Collection[str]) -> list[Problem]:
    found = [
        problem(Span(file), "csv.colonne_inconnue", nearest(name, columns), colonne=name)
        for name in header
        if name not in columns
    ]
    found.extend(
        problem(Span(file), "csv.colonne_double", colonne=name)
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    )
    missing = [name for name in columns if name not in header]
    found.extend(problem(Span(file), "csv.colonne_absente", colonne=name) for name in missing)
    return found
