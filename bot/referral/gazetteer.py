"""Every place of France by its name, its postcode, its code or a point, read from the directory."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from sqlite_utils import Database

from bot.reading.rows import Row
from bot.referral.office import Point, distance_km
from bot.referral.outline import Outline, departement_at, read_outlines
from bot.referral.place import ALL_FRANCE, Place, normalise

HERE_DEGREES = 0.35  # half the side of the square searched around a location
HERE_KM = 25.0  # further than that from any commune's point, only the département is certain
SEPARATOR = "|"  # in no normalised name
LAST = "\U0010ffff"  # follows every character: with it ends the range of a beginning
COMMUNES_QUERY = (
    "select c.insee, c.name, c.departement, d.name as dname, c.population, c.latitude, c.longitude"
    " from communes c join departements d on d.code = c.departement"
)
LARGEST_FIRST = "c.population desc, c.insee"
NAMED_TABLES = {
    "communes": "where kind = 'commune'", "aliases": "", "departements": "",
    "departement_aliases": "",
}  # fmt: skip
TOWN_HALL_QUERY = (
    "select h.name, h.phone from communes c join communes h on h.insee = c.insee"
    " or h.insee = c.parent where c.insee = ? and h.phone <> '' order by h.insee <> c.insee"
)
LAYOUT: dict[str, dict[str, type]] = {
    "communes": {
        "insee": str, "name": str, "key": str, "kind": str, "parent": str, "departement": str,
        "population": int, "latitude": float, "longitude": float, "phone": str,
    },
    "postcodes": {"postcode": str, "insee": str},
    "aliases": {"key": str, "insee": str},
    "departements": {"code": str, "name": str, "key": str, "population": int},
    "departement_aliases": {"key": str, "code": str},
    "spellings": {"length": int, "keys": str},
    "outlines": {"text": str},
}  # fmt: skip
INDEXES = (
    ("communes", "insee"), ("communes", "key"), ("communes", "latitude"),
    ("postcodes", "postcode"), ("aliases", "key"), ("spellings", "length"),
)  # fmt: skip


class Built(Protocol):
    """A built database: sqlite-utils' own, or one that mends itself."""

    def query(self, sql: str, values: tuple[object, ...] = (), /) -> Iterable[dict[str, Any]]:
        """The rows, by column name."""


@dataclass(frozen=True)
class Located:
    """A place with its point; None where no source gives one."""

    place: Place
    point: Point | None


@dataclass(frozen=True)
class TownHall:
    """Where a commune's own social services (CCAS) are asked for."""

    name: str  # of the commune or the arrondissement
    phone: str  # E.164


class Gazetteer:
    """Communes, arrondissements and départements of one built directory."""

    def __init__(self, built: Built) -> None:
        """The database that `fill_places` has filled, open for reading."""
        self._built = built
        self._spellings: dict[int, tuple[str, ...]] = {}  # read length by length, at a typing error

    def with_postcode(self, postcode: str) -> Sequence[Place]:
        """Those that use the postcode: an arrondissement before its city, then largest first."""
        return self._places(
            "join postcodes p using (insee) where p.postcode = ?", postcode,
            order=f"c.kind = 'commune', {LARGEST_FIRST}",
        )  # fmt: skip

    def named(self, key: str) -> Sequence[Place]:
        """Those whose normalised name is `key`, present or former; largest first."""
        return self._places(
            "where c.key = ? or c.insee in (select insee from aliases where key = ?)", key, key
        )

    def departement(self, key: str) -> Place | None:
        """A département by its code (2A, 94, 974) or its normalised name."""
        return self._departements.get(key)

    def beginning(self, key: str, limit: int) -> Sequence[Place]:
        """Communes whose normalised name begins with `key`, most populous first."""
        return self._places(
            "where c.key >= ? and c.key < ? and c.kind = 'commune'", key, key + LAST, limit=limit
        )

    def of_length(self, length: int) -> Sequence[str]:
        """Every normalised name, present or former, of that many characters."""
        if length not in self._spellings:
            rows = self._built.query("select keys from spellings where length = ?", (length,))
            found = (key for row in rows for key in row["keys"].split(SEPARATOR))
            self._spellings[length] = tuple(found)
        return self._spellings[length]

    def parent(self, insee: str) -> str | None:
        """The INSEE code of an arrondissement's city; None for anything else."""
        rows = self._built.query("select parent from communes where insee = ?", (insee,))
        return next((row["parent"] or None for row in rows), None)

    def town_hall(self, insee: str) -> TownHall | None:
        """The town hall of a commune; of an arrondissement without a number, its city's.

        None where no source gives a number.
        """
        rows = self._built.query(TOWN_HALL_QUERY, (insee,))
        return next((TownHall(row["name"], row["phone"]) for row in rows), None)

    @cached_property
    def _departements(self) -> dict[str, Place]:
        """Each by its code, its name and its other names."""
        found = {
            row["code"]: Place(
                f"D{row['code']}", row["name"], row["code"], row["name"], row["population"]
            )
            for row in self._built.query("select code, name, population from departements")
        }
        names = self._built.query(
            "select key, code from departements union all select key, code from departement_aliases"
        )
        return found | {row["key"]: found[row["code"]] for row in names}

    def locate(self, code: str) -> Located | None:
        """A place by its code; None where there is none."""
        if code == ALL_FRANCE.code:
            return Located(ALL_FRANCE, None)
        if code.startswith("D"):
            place = self.departement(code[1:])
            return Located(place, None) if place else None
        return next(self._located("where c.insee = ?", code[1:]), None)

    def here(self, point: Point) -> Place | None:
        """The commune whose point is nearest in the département of a position; None abroad.

        Where no point is near (inland Guyane, most islands of Polynesia), the département.
        """
        code = departement_at(point, self._outlines)
        if code is None:
            return None
        around = self._located(
            "where c.departement = ? and c.kind = 'commune'"
            " and c.latitude between ? and ? and c.longitude between ? and ?",
            code, point.latitude - HERE_DEGREES, point.latitude + HERE_DEGREES,
            point.longitude - HERE_DEGREES, point.longitude + HERE_DEGREES,
        )  # fmt: skip
        distances = ((distance_km(point, one.point), one.place) for one in around if one.point)
        nearest = min(distances, key=lambda pair: pair[0], default=None)
        return nearest[1] if nearest and nearest[0] <= HERE_KM else self.departement(code)

    @cached_property
    def _outlines(self) -> tuple[Outline, ...]:
        """Read at the first position that somebody sends: it takes a tenth of a second."""
        rows = self._built.query("select text from outlines")
        return next((read_outlines(row["text"], "")[0] for row in rows), ())

    def _places(
        self, where: str, *values: object, order: str = LARGEST_FIRST, limit: int = -1
    ) -> list[Place]:
        found = self._located(where, *values, order=order, limit=limit)
        return [one.place for one in found]

    def _located(
        self, where: str, *values: object, order: str = LARGEST_FIRST, limit: int = -1
    ) -> Iterator[Located]:
        """Those of a condition; a negative limit is none."""
        query = f"{COMMUNES_QUERY} {where} order by {order} limit ?"
        for row in self._built.query(query, (*values, limit)):
            place = Place(
                f"C{row['insee']}", row["name"], row["departement"], row["dname"], row["population"]
            )
            known = row["latitude"] is not None
            yield Located(place, Point(row["latitude"], row["longitude"]) if known else None)


def fill_places(
    database: Database, communes: tuple[Row, ...], departements: tuple[Row, ...], outlines: str
) -> None:
    """Write the tables of places into a database that has none yet."""
    for name, columns in LAYOUT.items():
        database.table(name).create(columns)
    database.table("outlines").insert({"text": outlines})
    database.table("communes").insert_all(map(_commune_row, communes))
    database.table("postcodes").insert_all(
        {"postcode": code, "insee": row["insee"]}
        for row in communes
        for code in row["postcodes"].split()
    )
    database.table("aliases").insert_all(_aliases(communes, "insee"))
    database.table("departements").insert_all(_departement_rows(communes, departements))
    database.table("departement_aliases").insert_all(_aliases(departements, "code"))
    database.table("spellings").insert_all(_spelling_rows(database))
    for name, column in INDEXES:
        database.table(name).create_index([column])


def _departement_rows(
    communes: tuple[Row, ...], departements: tuple[Row, ...]
) -> Iterator[dict[str, object]]:
    """Each with the inhabitants of its communes; an arrondissement's are its city's."""
    inhabitants: Counter[str] = Counter()
    for row in communes:
        if row["kind"] == "commune":
            inhabitants[row["departement"]] += _population(row)
    for row in departements:
        code, name = row["code"], row["name"]
        key = normalise(name)
        yield {"code": code, "name": name, "key": key, "population": inhabitants[code]}


def _spelling_rows(database: Database) -> list[dict[str, object]]:
    """Every name by its length, those of one length in one row: that is how they are read."""
    by_length: defaultdict[int, set[str]] = defaultdict(set)
    for table, where in NAMED_TABLES.items():
        for (key,) in database.execute(f"select key from {table} {where}"):  # noqa: S608  ours
            by_length[len(key)].add(key)
    return [
        {"length": length, "keys": SEPARATOR.join(sorted(keys))}
        for length, keys in by_length.items()
    ]


def _population(row: Row) -> int:
    return int(row["population"] or 0)


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
        "parent": row["parent"],
        "departement": row["departement"],
        "population": _population(row),
        "phone": row["phone"],
        "latitude": float(row["latitude"]) if row["latitude"] else None,
        "longitude": float(row["longitude"]) if row["longitude"] else None,
    }
