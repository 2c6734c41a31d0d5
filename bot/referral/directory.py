"""Communes, départements and offices in one SQLite file, built from `data/` at first use.

The file lies in the cache folder, named by the hash of what it was built from; it is written beside
its place and renamed into it, so that nobody ever reads half of it, and read-only from then on.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from bot.reading.problem import Problem, errors
from bot.reading.rows import Row
from bot.referral.office import Near, Office, OfficeKind, Point, distance_km, proposed
from bot.referral.place import ALL_FRANCE, Place, normalise
from bot.referral.tables import (
    COLUMNS,
    COMMUNES,
    DEPARTEMENTS,
    OFFICES,
    built_name,
    read_tables,
)

HERE_DEGREES = 0.35  # half the side of the square searched around a location
HERE_KM = 25.0  # a location further than that from any commune's point is not in France
COMMUNES_QUERY = (
    "select c.insee, c.name, c.departement, c.latitude, c.longitude, d.name as dname"
    " from communes c join departements d on d.code = c.departement"
)
LAYOUT: dict[str, dict[str, type]] = {
    "communes": {
        "insee": str, "name": str, "key": str, "kind": str, "departement": str, "population": int,
        "latitude": float, "longitude": float,
    },
    "postcodes": {"postcode": str, "insee": str},
    "aliases": {"key": str, "insee": str},
    "departements": {"code": str, "name": str, "key": str},
    "departement_aliases": {"key": str, "code": str},
    "offices": dict.fromkeys(COLUMNS[OFFICES], str),
}  # fmt: skip
INDEXES = (
    ("communes", "insee"), ("communes", "key"), ("communes", "latitude"),
    ("postcodes", "postcode"), ("aliases", "key"),
)  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]


class DirectoryUnreadableError(Exception):
    """The data files hold errors; `problems` tells them."""

    def __init__(self, problems: list[Problem]) -> None:
        """The problems that keep the directory from being built."""
        super().__init__(f"{len(problems)} problems in the directory's data")
        self.problems = problems


@dataclass(frozen=True)
class Located:
    """A place with its point; None where no source gives one."""

    place: Place
    point: Point | None


class Directory:
    """The read-only side: places by name or postcode, the offices near one."""

    def __init__(self, file: Path) -> None:
        """Open a file that `open_directory` has built."""
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, check_same_thread=False)
        connection.execute("PRAGMA trusted_schema=OFF")
        self._db = Database(connection)
        self.offices = tuple(_office(row) for row in self._db.query("select * from offices"))

    def close(self) -> None:
        """Let go of the file."""
        self._db.conn.close()

    def with_postcode(self, postcode: str) -> Sequence[Place]:
        """Communes and arrondissements that use the postcode, largest first."""
        return self._places("join postcodes p using (insee) where p.postcode = ?", postcode)

    def named(self, key: str) -> Sequence[Place]:
        """Those whose normalised name is `key`, present or former; largest first."""
        return self._places(
            "where c.key = ? or c.insee in (select insee from aliases where key = ?)", key, key
        )

    def departement(self, key: str) -> Place | None:
        """A département by its code (2A, 94, 974) or its normalised name."""
        rows = self._db.query(
            "select code, name from departements where code = :key or key = :key"
            " or code in (select code from departement_aliases where key = :key)",
            {"key": key},
        )
        return next((_departement(row["code"], row["name"]) for row in rows), None)

    def locate(self, code: str) -> Located | None:
        """A place by its code; None where there is none."""
        if code == ALL_FRANCE.code:
            return Located(ALL_FRANCE, None)
        if code.startswith("D"):
            place = self.departement(code[1:])
            return Located(place, None) if place else None
        return next(self._located("where c.insee = ?", code[1:]), None)

    def here(self, point: Point) -> Place | None:
        """The commune whose point is nearest; None outside France."""
        around = self._located(
            "where c.latitude between ? and ? and c.longitude between ? and ?"
            " and c.kind = 'commune'",
            point.latitude - HERE_DEGREES, point.latitude + HERE_DEGREES,
            point.longitude - HERE_DEGREES, point.longitude + HERE_DEGREES,
        )  # fmt: skip
        distances = ((distance_km(point, one.point), one.place) for one in around if one.point)
        nearest = min(distances, key=lambda pair: pair[0], default=None)
        return nearest[1] if nearest and nearest[0] <= HERE_KM else None

    def near(self, code: str) -> list[Near]:
        """The offices proposed for a place, in order; none for all of France."""
        located = self.locate(code)
        if located is None or not located.place.departement:
            return []
        return proposed(self.offices, located.place.departement, located.point)

    def _places(self, where: str, *values: object) -> list[Place]:
        return [one.place for one in self._located(where, *values)]

    def _located(self, where: str, *values: object) -> Iterator[Located]:
        query = f"{COMMUNES_QUERY} {where} order by c.population desc, c.insee"
        for row in self._db.query(query, values):
            place = Place(f"C{row['insee']}", row["name"], row["departement"], row["dname"])
            known = row["latitude"] is not None
            yield Located(place, Point(row["latitude"], row["longitude"]) if known else None)


def open_directory(data: Path, cache: Path) -> Directory:
    """The directory of these data files, built where it is not there yet or cannot be read.

    Raises:
        DirectoryUnreadableError: the data files hold errors and no file was built from them.
        OSError: the cache folder cannot be written.
    """
    file = cache / built_name(data)
    if file.exists():
        try:
            return Directory(file)
        except sqlite3.DatabaseError:
            file.unlink(missing_ok=True)
    tables, problems = read_tables(data, data.name)
    if errors(problems):
        raise DirectoryUnreadableError(problems)
    _build(tables, file)
    _forget_older(file)
    return Directory(file)


def default_directory() -> Directory:
    """The directory of this checkout's own `data/`: what an action server opens by itself."""
    return open_directory(ROOT / "data", ROOT / ".cache")


def _build(tables: dict[str, tuple[Row, ...]], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix="directory-", suffix=".tmp")
    os.close(handle)
    try:
        database = Database(temporary)
        _fill(database, tables)
        database.conn.close()
        Path(temporary).replace(file)
    except sqlite3.OperationalError as full:
        raise OSError("the directory's file cannot be written") from full
    finally:
        Path(temporary).unlink(missing_ok=True)


def _fill(database: Database, tables: dict[str, tuple[Row, ...]]) -> None:
    for name, columns in LAYOUT.items():
        database.table(name).create(columns)
    communes = tables[COMMUNES]
    database.table("communes").insert_all(map(_commune_row, communes))
    database.table("postcodes").insert_all(
        {"postcode": code, "insee": row["insee"]}
        for row in communes
        for code in row["postcodes"].split()
    )
    database.table("aliases").insert_all(_aliases(communes, "insee"))
    database.table("departements").insert_all(
        {"code": row["code"], "name": row["name"], "key": normalise(row["name"])}
        for row in tables[DEPARTEMENTS]
    )
    database.table("departement_aliases").insert_all(_aliases(tables[DEPARTEMENTS], "code"))
    database.table("offices").insert_all(row.cells for row in tables[OFFICES])
    for name, column in INDEXES:
        database.table(name).create_index([column])


def _aliases(rows: tuple[Row, ...], owner: str) -> Iterator[dict[str, str]]:
    for row in rows:
        for alias in row["aliases"].split("|"):
            if alias:
                yield {"key": normalise(alias), owner: row[owner]}


def _commune_row(row: Row) -> dict[str, object]:
    return {
        "insee": row["insee"],
        "name": row["name"],
        "key": normalise(row["name"]),
        "kind": row["kind"],
        "departement": row["departement"],
        "population": int(row["population"] or 0),
        "latitude": float(row["latitude"]) if row["latitude"] else None,
        "longitude": float(row["longitude"]) if row["longitude"] else None,
    }


def _forget_older(file: Path) -> None:
    for other in file.parent.glob("directory-*.sqlite"):
        if other != file:
            other.unlink(missing_ok=True)


def _departement(code: str, name: str) -> Place:
    return Place(f"D{code}", name, code, name)


def _office(row: dict[str, str]) -> Office:
    kind: OfficeKind = row["kind"]  # type: ignore[assignment]  # checked when the table was read
    hidden = row["address_public"] != "oui"
    return Office(
        row["id"], kind, row["network"], row["name"], "" if hidden else row["address"],
        row["postcode"], row["commune"], row["departement"], float(row["latitude"]),
        float(row["longitude"]), row["phone"], frozenset(row["serves"].split()),
        row["source_date"], row["confirmed_on"], row["status"],
    )  # fmt: skip
