"""Everything in `data/` that the directory is made of, but the local packs: read and checked."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from bot.reading.files import read_text
from bot.reading.problem import Problem, errors, problem
from bot.reading.rows import Row
from bot.referral.days import first_day
from bot.referral.office import Office, OfficeKind, Point, Status, distance_km
from bot.referral.outline import read_outlines
from bot.referral.sources import Source, read_sources
from bot.referral.tables import (
    COMMUNES,
    DEPARTEMENTS,
    DROPPED,
    GAPS,
    OFFICES,
    OFFICIAL,
    OUTLINES,
    SOURCES,
    read_tables,
)

FAR_KM = 60.0  # from the middle of a commune: no office of the largest ones stands further away

log = logging.getLogger(__name__)


class DirectoryUnreadableError(Exception):
    """The data files hold errors; `problems` tells them."""

    def __init__(self, problems: list[Problem]) -> None:
        """The problems that keep the directory from being built."""
        super().__init__(f"{len(problems)} problems in the directory's data")
        self.problems = problems


@dataclass(frozen=True)
class Contents:
    """The tables as they stand; `outlines` is the text of its file, already checked."""

    tables: Mapping[str, tuple[Row, ...]]
    sources: Mapping[str, Source]
    outlines: str

    @property
    def communes(self) -> tuple[Row, ...]:
        """Communes and arrondissements."""
        return self.tables[COMMUNES]

    @property
    def departements(self) -> tuple[Row, ...]:
        """Départements and collectivities."""
        return self.tables[DEPARTEMENTS]

    @property
    def gaps(self) -> tuple[Row, ...]:
        """What is known of the kinds of office that a département lacks."""
        return self.tables[GAPS]

    @cached_property
    def dropped(self) -> dict[str, str]:
        """Why a record of the official directory is never taken, by its id there."""
        return {row["official_id"]: row["reason"] for row in self.tables[DROPPED]}

    @cached_property
    def ours(self) -> tuple[Office, ...]:
        """The offices that people keep."""
        return tuple(map(_office, self.tables[OFFICES]))

    @cached_property
    def official(self) -> tuple[Office, ...]:
        """Those that the last import has left, but the dropped; none before there was one."""
        offices = map(_office, self.tables[OFFICIAL])
        return tuple(one for one in offices if {one.id, one.official_id}.isdisjoint(self.dropped))

    @cached_property
    def centre(self) -> Callable[[str], Point | None]:
        """The point of a commune, by its INSEE code."""
        return _points(self.communes).get


def read_contents(folder: Path, instead: Mapping[str, str] = MappingProxyType({})) -> Contents:
    """The contents of a folder, texts of `instead` in place of the tables of that name.

    Raises:
        DirectoryUnreadableError: they hold errors.
    """
    contents, found = _read(folder, instead)
    official = f"{folder.name}/{OFFICIAL}"
    wrong = [one for one in errors(found) if one.span.file == official and OFFICIAL not in instead]
    if len(errors(found)) > len(wrong):
        raise DirectoryUnreadableError(found)
    for one in wrong[:1]:  # what a machine wrote is left out whole: the next import writes it anew
        log.error("data.refused file=%s line=%s code=%s", official, one.span.line, one.code)
    return replace(contents, tables={**contents.tables, OFFICIAL: ()}) if wrong else contents


def contents_problems(folder: Path) -> list[Problem]:
    """Everything that is wrong in them, warnings too."""
    return _read(folder, {})[1]


def _read(folder: Path, instead: Mapping[str, str]) -> tuple[Contents, list[Problem]]:
    shown = folder.name
    tables, found = read_tables(folder, shown, instead)
    for table in (OFFICES, OFFICIAL):
        if table in tables and not errors(found):
            found.extend(_misplaced(tables, table))
            found.extend(_yet_to_come(tables[table], date.today()))  # noqa: DTZ011
    outlines, problems = read_text(folder / OUTLINES, f"{shown}/{OUTLINES}")
    found.extend(problems or read_outlines(outlines, f"{shown}/{OUTLINES}")[1])
    text, problems = read_text(folder / SOURCES, f"{shown}/{SOURCES}")
    sources, wrong = read_sources(text, f"{shown}/{SOURCES}") if not problems else ({}, problems)
    found.extend(wrong)
    return Contents(tables, sources, outlines), found


def _misplaced(tables: Mapping[str, tuple[Row, ...]], table: str) -> Iterator[Problem]:
    """Offices of an unknown commune, or far from theirs: two numbers change places easily."""
    points = _points(tables.get(COMMUNES, ()))
    known = {row["insee"]: row for row in tables.get(COMMUNES, ())}
    codes = {row["code"] for row in tables.get(DEPARTEMENTS, ())}
    for row in tables.get(table, ()):
        insee = row["insee"]
        if insee not in known:
            yield problem(row.span, "csv.commune", valeur=insee)
        elif row["departement"] != known[insee]["departement"]:
            right = known[insee]["departement"]
            yield problem(row.span, "csv.departement", valeur=row["departement"], attendu=right)
        elif unknown := set(row["serves"].split()) - codes:
            expected = "des codes de département"
            yield problem(
                row.span, "csv.valeur", colonne="serves", valeur=min(unknown), attendu=expected
            )
        elif middle := points.get(insee):
            far = distance_km(middle, Point(float(row["latitude"]), float(row["longitude"])))
            if far > FAR_KM:
                values = {"nom": row["name"], "km": round(far), "commune": known[insee]["name"]}
                yield problem(row.span, "csv.point", None, **values)


def _yet_to_come(rows: Iterable[Row], today: date) -> Iterator[Problem]:
    """A number confirmed in the future would outlive every import."""
    for row in rows:
        for column in ("source_date", "confirmed_on"):
            first = first_day(row.cells.get(column, ""))
            if first and first > today:
                yield problem(row.span, "csv.futur", colonne=column, valeur=row[column])


def _points(communes: Iterable[Row]) -> dict[str, Point]:
    return {
        row["insee"]: Point(float(row["latitude"]), float(row["longitude"]))
        for row in communes
        if row["latitude"]
    }


def _office(row: Row) -> Office:
    """A checked row of offices.csv or of official.csv; a hidden address is left out."""
    cells = row.cells
    kind: OfficeKind = cells["kind"]  # type: ignore[assignment]  # checked when the table was read
    status: Status = cells.get("status", "official")  # type: ignore[assignment]  # likewise
    hidden = cells["address_public"] != "oui"
    return Office(
        id=cells["id"], kind=kind, network=cells.get("network", ""), name=cells["name"],
        address="" if hidden else cells["address"], postcode=cells["postcode"],
        commune=cells["commune"], departement=cells["departement"],
        latitude=float(cells["latitude"]), longitude=float(cells["longitude"]),
        phone=cells["phone"], serves=frozenset(cells["serves"].split()),
        source_date=cells["source_date"], confirmed_on=cells.get("confirmed_on", ""),
        status=status, official_id=cells["official_id"],
        organisation=cells.get("organisation", ""), hidden=hidden, insee=cells["insee"],
        hours=cells["hours"], website=cells["website"], modified=cells.get("modified", ""),
    )  # fmt: skip
