"""The directory's tables (`data/*.csv`): text to checked rows, or every problem in them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from bot.reading.files import read_text
from bot.reading.problem import Problem, Span, problem
from bot.reading.rows import Row, read_csv
from bot.referral.helpline import DATE, is_phone
from bot.referral.office import ORDER

SCHEMA = "3"  # part of the hash: another layout of the built file needs another number
COMMUNES = "communes.csv"
DEPARTEMENTS = "departements.csv"
OFFICES = "offices.csv"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    COMMUNES: (
        "insee", "name", "kind", "parent", "departement", "region", "postcodes", "population",
        "latitude", "longitude", "point", "phone", "aliases",
    ),
    DEPARTEMENTS: ("code", "name", "region", "region_name", "aliases", "latitude", "longitude"),
    OFFICES: (
        "id", "kind", "network", "name", "organisation", "address", "address_public", "postcode",
        "commune", "insee", "departement", "latitude", "longitude", "phone", "website", "serves",
        "source", "source_date", "confirmed_by", "confirmed_on", "status", "note",
    ),
}  # fmt: skip
KEYS = {COMMUNES: "insee", DEPARTEMENTS: "code", OFFICES: "id"}
STATUSES = ("confirmed", "changed", "conflicting", "unconfirmed")
INSEE = re.compile(r"\d[\dAB]\d{3}")
DEPARTEMENT = re.compile(r"\d{2}|2[AB]|9[78]\d")


@dataclass(frozen=True)
class Rule:
    """What a cell must be; `expected` says it in French, inside the problem's sentence."""

    holds: Callable[[str], bool]
    expected: str


def _number_within(low: float, high: float) -> Callable[[str], bool]:
    def holds(cell: str) -> bool:
        return bool(re.fullmatch(r"-?\d+(\.\d+)?", cell)) and low <= float(cell) <= high

    return holds


def _optional(rule: Rule) -> Rule:
    return Rule(lambda cell: not cell or rule.holds(cell), f"{rule.expected}, ou rien")


def _one_of(*values: str) -> Rule:
    return Rule(lambda cell: cell in values, " ou ".join(values))


def _matching(pattern: re.Pattern[str], expected: str) -> Rule:
    return Rule(lambda cell: bool(pattern.fullmatch(cell)), expected)


_NAME = Rule(bool, "un nom")
_INSEE = _matching(INSEE, "un code INSEE à 5 caractères")
_DEPARTEMENT = _matching(DEPARTEMENT, "un code de département")
_LATITUDE = Rule(_number_within(-90, 90), "une latitude en degrés")
_LONGITUDE = Rule(_number_within(-180, 180), "une longitude en degrés")
_PHONE = Rule(is_phone, "un numéro au format +33...")
_DATE = _optional(_matching(DATE, "une date ISO"))

RULES: Mapping[str, Mapping[str, Rule]] = {
    COMMUNES: {
        "insee": _INSEE,
        "name": _NAME,
        "kind": _one_of("commune", "arrondissement"),
        "departement": _DEPARTEMENT,
        "postcodes": _matching(re.compile(r"(\d{5}( \d{5})*)?"), "des codes postaux"),
        "population": _matching(re.compile(r"\d*"), "un nombre d'habitants"),
        "latitude": _optional(_LATITUDE),
        "longitude": _optional(_LONGITUDE),
    },
    DEPARTEMENTS: {
        "code": _DEPARTEMENT,
        "name": _NAME,
        "latitude": _optional(_LATITUDE),
        "longitude": _optional(_LONGITUDE),
    },
    OFFICES: {
        "id": _NAME,
        "kind": _one_of(*ORDER),
        "name": _NAME,
        "address_public": _one_of("oui", "masquee"),
        "departement": _DEPARTEMENT,
        "insee": _INSEE,
        "latitude": _LATITUDE,
        "longitude": _LONGITUDE,
        "phone": _PHONE,
        "serves": _matching(
            re.compile(rf"({DEPARTEMENT.pattern})( ({DEPARTEMENT.pattern}))*"),
            "des codes de département",
        ),
        "source": _NAME,
        "source_date": _DATE,
        "confirmed_on": _DATE,
        "status": _one_of(*STATUSES),
    },
}


def built_name(folder: Path) -> str:
    """The name of the file that the directory of these tables is built into: a hash of them all."""
    digest = blake2b(SCHEMA.encode(), digest_size=8)
    for name in COLUMNS:
        try:
            digest.update((folder / name).read_bytes())
        except OSError:
            digest.update(b"?")
    return f"directory-{digest.hexdigest()}.sqlite"


def read_tables(folder: Path, shown: str) -> tuple[dict[str, tuple[Row, ...]], list[Problem]]:
    """Each table's rows by its file's name, and every problem.

    `shown` is how problems call the folder.
    """
    tables: dict[str, tuple[Row, ...]] = {}
    found: list[Problem] = []
    for name in COLUMNS:
        text, problems = read_text(folder / name, f"{shown}/{name}")
        if not problems:
            tables[name], problems = read_csv(text, f"{shown}/{name}", COLUMNS[name])
            problems.extend(_bad_cells(name, tables[name]))
            problems.extend(_doubles(name, tables[name]))
        found.extend(problems)
    return tables, found


def _bad_cells(table: str, rows: tuple[Row, ...]) -> Iterator[Problem]:
    for row in rows:
        for column, rule in RULES[table].items():
            cell = row[column]
            if not rule.holds(cell):
                yield problem(
                    row.span, "csv.valeur", valeur=cell, colonne=column, attendu=rule.expected
                )


def _doubles(table: str, rows: tuple[Row, ...]) -> Iterator[Problem]:
    first: dict[str, Span] = {}
    for row in rows:
        name = row[KEYS[table]]
        if first.setdefault(name, row.span) is not row.span:
            yield problem(row.span, "csv.double", valeur=name, ligne=first[name].line)
