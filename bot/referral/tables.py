"""The directory's tables (`data/*.csv`): text to checked rows, or every problem in them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType

from bot.reading.files import read_text, size_problems
from bot.reading.problem import Problem, Span, problem
from bot.reading.rows import Row, read_csv
from bot.referral.days import is_day
from bot.referral.helpline import is_dear, is_phone
from bot.referral.hours import are_hours
from bot.referral.office import DOORS, KINDS

SCHEMA = "7"  # part of the hash: another layout of the built file needs another number
COMMUNES = "communes.csv"
DEPARTEMENTS = "departements.csv"
OFFICES = "offices.csv"
OFFICIAL = "official.csv"  # written by an import, and only there after one
DROPPED = "dropped.csv"
GAPS = "gaps.csv"
LOCAL = "local"
SOURCES = "sources.yml"
LINES = "helplines.yml"
OUTLINES = "outlines.csv"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    COMMUNES: (
        "insee", "name", "kind", "parent", "departement", "region", "postcodes", "population",
        "latitude", "longitude", "point", "phone", "aliases",
    ),
    DEPARTEMENTS: ("code", "name", "region", "region_name", "aliases", "latitude", "longitude"),
    OFFICES: (
        "id", "official_id", "kind", "network", "name", "organisation", "address", "address_public",
        "postcode", "commune", "insee", "departement", "latitude", "longitude", "phone", "hours",
        "website", "serves", "source", "source_date", "confirmed_by", "confirmed_on", "status",
        "note",
    ),
    OFFICIAL: (
        "id", "official_id", "kind", "name", "address", "address_public", "postcode", "commune",
        "insee", "departement", "latitude", "longitude", "phone", "hours", "website", "serves",
        "modified", "source", "source_date",
    ),
    DROPPED: ("official_id", "name", "reason"),
    GAPS: ("departement", "kind", "gap", "use_instead", "lead", "source", "source_date"),
}  # fmt: skip
KEYS: Mapping[str, tuple[str, ...]] = {
    COMMUNES: ("insee",), DEPARTEMENTS: ("code",), OFFICES: ("id",), OFFICIAL: ("id",),
    DROPPED: ("official_id",), GAPS: ("departement", "kind"),
}  # fmt: skip
OPTIONAL = frozenset({OFFICIAL})
LONGEST = 160  # characters of a name or an address that a screen shows
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
_PHONE = Rule(
    lambda cell: is_phone(cell) and not is_dear(cell), "un numéro au format +33, sans surtaxe"
)
_SHOWN = Rule(
    lambda cell: cell.isprintable() and len(cell) <= LONGEST, "un texte court, sur une ligne"
)
_TITLE = Rule(lambda cell: bool(cell) and _SHOWN.holds(cell), "un nom court, sur une ligne")
_DATE = _optional(Rule(is_day, "une date ISO"))

_OFFICE = {
    "id": _NAME,
    "name": _TITLE,
    "address": _SHOWN,
    "commune": _SHOWN,
    "address_public": _one_of("oui", "masquee"),
    "departement": _DEPARTEMENT,
    "insee": _INSEE,
    "latitude": _LATITUDE,
    "longitude": _LONGITUDE,
    "phone": _PHONE,
    "hours": _optional(Rule(are_hours, "des horaires comme « Mo-Fr 09:00-17:00 »")),
    "serves": _matching(
        re.compile(rf"({DEPARTEMENT.pattern})( ({DEPARTEMENT.pattern}))*"),
        "des codes de département",
    ),
    "source": _NAME,
    "source_date": _DATE,
}

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
        **_OFFICE,
        "kind": _one_of(*DOORS),
        "confirmed_on": _DATE,
        "status": _one_of(*STATUSES),
    },
    OFFICIAL: {**_OFFICE, "kind": _one_of(*KINDS), "modified": _DATE},
    DROPPED: {"official_id": _NAME, "reason": _NAME},
    GAPS: {
        "departement": _DEPARTEMENT,
        "kind": _one_of(*DOORS),
        "gap": _NAME,
        "source": _NAME,
        "source_date": _DATE,
    },
}


def built_name(folder: Path) -> str:
    """The name of the file that the directory of these tables is built into: a hash of them all."""
    digest = blake2b(SCHEMA.encode(), digest_size=8)
    packs = sorted((folder / LOCAL).glob("*.yml"))
    for file in (*(folder / name for name in (*COLUMNS, OUTLINES, SOURCES, LINES)), *packs):
        digest.update(file.name.encode())
        try:
            digest.update(file.read_bytes())
        except OSError:
            digest.update(b"?")
    return f"directory-{digest.hexdigest()}.sqlite"


def read_tables(
    folder: Path, shown: str, instead: Mapping[str, str] = MappingProxyType({})
) -> tuple[dict[str, tuple[Row, ...]], list[Problem]]:
    """Each table's rows by its file's name, and every problem.

    `shown` is how problems call the folder. The table that an import writes may be absent; the
    texts of `instead` are read in place of the files of that name.
    """
    tables: dict[str, tuple[Row, ...]] = {}
    found: list[Problem] = []
    for name in COLUMNS:
        if name in OPTIONAL and name not in instead and not (folder / name).exists():
            tables[name] = ()
            continue
        text, problems = _text(folder / name, f"{shown}/{name}", instead.get(name))
        if not problems:
            tables[name], problems = read_table(name, text, f"{shown}/{name}")
        found.extend(problems)
    return tables, found


def _text(file: Path, shown: str, instead: str | None) -> tuple[str, list[Problem]]:
    if instead is None:
        return read_text(file, shown)
    return instead, size_problems(instead.encode(), shown)


def read_table(name: str, text: str, shown: str) -> tuple[tuple[Row, ...], list[Problem]]:
    """The rows of one table's text, and every problem in them."""
    rows, found = read_csv(text, shown, COLUMNS[name])
    found.extend(_bad_cells(name, rows))
    found.extend(_doubles(name, rows))
    found.extend(_written_down(rows) if "address_public" in COLUMNS[name] else ())
    return rows, found


def _bad_cells(table: str, rows: tuple[Row, ...]) -> Iterator[Problem]:
    for row in rows:
        for column, rule in RULES[table].items():
            cell = row[column]
            if not rule.holds(cell):
                yield problem(
                    row.span, "csv.valeur", valeur=cell, colonne=column, attendu=rule.expected
                )


def _doubles(table: str, rows: tuple[Row, ...]) -> Iterator[Problem]:
    first: dict[tuple[str, ...], Span] = {}
    for row in rows:
        name = tuple(row[column] for column in KEYS[table])
        if first.setdefault(name, row.span) is not row.span:
            line = first[name].line
            yield problem(row.span, "csv.double", valeur=" ".join(name), ligne=line)


def _written_down(rows: tuple[Row, ...]) -> Iterator[Problem]:
    """An address that must stay hidden stands in nobody's file; the problem does not repeat it."""
    for row in rows:
        if row["address_public"] == "masquee" and row["address"]:
            yield problem(row.span, "csv.adresse_masquee", nom=row["name"])
