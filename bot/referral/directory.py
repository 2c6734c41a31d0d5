"""Places, and whom a person can turn to near one, read from the file that `built` makes."""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain
from math import cos, radians
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from bot.referral.built import OFFICE_FIELDS, nothing, opened
from bot.referral.gazetteer import Gazetteer, TownHall
from bot.referral.localpack import Service
from bot.referral.office import (
    DOORS,
    KINDS,
    LAW,
    SAFETY,
    Near,
    Office,
    OfficeKind,
    Point,
    distance_km,
    land,
    nearest,
    proposed,
)
from bot.referral.place import Place
from bot.referral.sources import Expired, Source, expired, file_of
from bot.referral.tables import LOCAL

AROUND = (0.1, 0.4, 1.5)  # degrees of latitude searched around a point: the last is over 150 km
KM_A_DEGREE = 111.0  # of latitude
LEAST = 0.01  # near a pole every longitude is near
WIDER = 1.1  # a degree of longitude is shorter at the northern edge of a square than in its middle
# The nearest few as on a flat map, found in an index alone; the globe then decides among them.
SERVING = """
select o.* from offices o join (
  select id, (latitude - :lat) * (latitude - :lat)
    + (longitude - :lon) * (longitude - :lon) * :narrow * :narrow as far
  from serves where departement = :departement and kind = :kind
  order by far, id limit 12) using (id)
order by far, id"""
AROUND_IT = """
select o.* from offices o join (
  select id, (latitude - :lat) * (latitude - :lat)
    + (longitude - :lon) * (longitude - :lon) * :narrow * :narrow as far
  from offices
  where kind = :kind and land = :land
    and latitude between :south and :north and longitude between :west and :east
  order by far, id limit 12) using (id)
order by far, id"""
SERVICES = """
select s.* from services s
where s.id in (select id from served where place in (select value from json_each(:places)))
order by s.rowid"""
Values = Sequence[Any] | dict[str, Any] | None
ROOT = Path(__file__).resolve().parents[2]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Proposal:
    """Whom a person at a place can turn to, in the order in which it is said.

    `missing` are the kinds of office that nobody is known to offer for the département.
    """

    place: Place
    services: tuple[Service, ...] = ()
    doors: tuple[Near, ...] = ()
    missing: tuple[OfficeKind, ...] = ()
    town_hall: TownHall | None = None
    safety: Near | None = None
    law: Near | None = None


class Store:
    """The built file, open for reading; built anew where it turns out to be broken."""

    def __init__(self, opener: Callable[[], Database]) -> None:
        """`opener` gives a database that is whole, or raises."""
        self._opener = opener
        self._db = opener()

    def query(self, sql: str, values: Values = None) -> list[dict[str, Any]]:
        """The rows, by column name.

        Raises:
            DirectoryUnreadableError: the file is broken, and so is the data it is built from.
        """
        try:
            return list(self._db.query(sql, values))
        except sqlite3.DatabaseError:
            log.warning("directory.broken")
            self._db.close()
            self._db = self._opener()
            return list(self._db.query(sql, values))

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


class Directory:
    """The read-only side: places by name or postcode, and whom to turn to near one."""

    def __init__(self, store: Store) -> None:
        """Read what `open_directory` has built."""
        self._read_from(store)

    def turn_to(self, store: Store) -> None:
        """Read another store from now on, for everybody who holds this directory; the old closes.

        A store that cannot be read is not turned to.
        """
        before = self._store
        self._read_from(store)
        before.close()

    def _read_from(self, store: Store) -> None:
        rows = store.query("select * from sources")
        self._store = store
        self.places = Gazetteer(store)
        self.sources: Mapping[str, Source] = {row["file"]: Source(**row) for row in rows}

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def offices(self) -> Iterator[Office]:
        """Every office, hidden addresses left out, by id."""
        return map(_office, self._store.query("select * from offices order by id"))

    def services(self) -> Iterator[Service]:
        """Every local service, in the order of the packs."""
        return map(_service, self._store.query("select * from services order by rowid"))

    def to_check(self, today: date) -> list[Expired]:
        """What is too old to be relied on by that day."""
        offices = ((file_of(one), one.known_on) for one in self.offices())
        services = ((LOCAL, one.source_date) for one in self.services())
        return expired(chain(offices, services), self.sources, today)

    def proposal(self, code: str) -> Proposal | None:
        """Whom to turn to at a place; None where there is no such place."""
        located = self.places.locate(code)
        if located is None:
            return None
        place, point = located.place, located.point
        if not place.departement:
            return Proposal(place)
        offices = self._candidates(place.departement, point)
        # a neighbour's office does not fill the gap
        served = {one.kind for one in offices if place.departement in one.serves}
        return Proposal(
            place,
            self._services(place),
            tuple(proposed(offices, place.departement, point)),
            tuple(kind for kind in DOORS if kind not in served),
            self._town_hall(place),
            nearest(offices, SAFETY, place.departement, point) if point else None,
            nearest(offices, LAW, place.departement, point) if point else None,
        )

    def _town_hall(self, place: Place) -> TownHall | None:
        """The person's own, its number empty where none is known; none for a whole département."""
        if place.insee is None:
            return None
        return self.places.town_hall(place.insee) or TownHall(place.name, "")

    def _candidates(self, departement: str, point: Point | None) -> list[Office]:
        """A few offices of each kind among which the ones to propose are found."""
        found: dict[str, Office] = {}
        for kind in KINDS:
            rows = self._serving(kind, departement, point) if kind in DOORS else []
            if not rows and point:
                rows = self._around(kind, departement, point)
            found.update((row["id"], _office(row)) for row in rows)
        return list(found.values())

    def _serving(self, kind: str, departement: str, point: Point | None) -> list[dict[str, Any]]:
        asked = {"departement": departement, "kind": kind}
        return self._store.query(SERVING, asked | _flat(point))

    def _around(self, kind: str, departement: str, point: Point) -> list[dict[str, Any]]:
        asked = {"kind": kind, "land": land(departement)} | _flat(point)
        rows: list[dict[str, Any]] = []
        for reach in AROUND:
            rows = self._store.query(AROUND_IT, asked | _box(point, reach))
            if rows and distance_km(point, _office(rows[0]).point) <= reach * KM_A_DEGREE:
                break
        return rows

    def _services(self, place: Place) -> tuple[Service, ...]:
        """What the person's own commune, or département, adds for its people."""
        insee = place.insee and (place.insee, self.places.parent(place.insee))
        served = [f"D{place.departement}", *(f"C{one}" for one in insee or () if one)]
        return tuple(map(_service, self._store.query(SERVICES, {"places": json.dumps(served)})))


def _flat(point: Point | None) -> dict[str, float | None]:
    """What orders candidates as on a flat map around the point; without one all are alike."""
    if point is None:
        return {"lat": None, "lon": None, "narrow": None}
    return {"lat": point.latitude, "lon": point.longitude, "narrow": _narrow(point)}


def _narrow(point: Point) -> float:
    """How much shorter than at the equator a degree of longitude is here."""
    return max(cos(radians(point.latitude)), LEAST)


def _box(point: Point, reach: float) -> dict[str, float]:
    """The square around a point that holds whatever is nearer than `reach` degrees of latitude."""
    wide = reach * WIDER / _narrow(point)
    return {
        "south": point.latitude - reach, "north": point.latitude + reach,
        "west": point.longitude - wide, "east": point.longitude + wide,
    }  # fmt: skip


def _office(row: dict[str, Any]) -> Office:
    cells = {name: row[name] for name in OFFICE_FIELDS}
    serves = frozenset(row["serves"].split())
    return Office(**cells | {"serves": serves, "hidden": bool(row["hidden"])})


def _service(row: dict[str, Any]) -> Service:
    communes = tuple(row["communes"].split())
    through = bool(row["through_town_hall"])
    return Service(**row | {"communes": communes, "through_town_hall": through})


def open_directory(data: Path, cache: Path) -> Directory:
    """The directory of these data files, built where it is not there yet or cannot be read.

    Where the cache folder cannot be written it is built in memory, and that is logged.

    Raises:
        DirectoryUnreadableError: the data files hold errors and no file was built from them.
    """
    return Directory(open_store(data, cache))


def empty_directory() -> Directory:
    """A directory that knows no place: each is answered with the national lines."""
    return Directory(Store(nothing))


def open_store(data: Path, cache: Path) -> Store:
    """What `open_directory` reads, for whoever turns a directory to newer data.

    Raises:
        DirectoryUnreadableError: the data files hold errors and no file was built from them.
    """
    return Store(partial(opened, data, cache))


def default_directory() -> Directory:
    """The directory of this checkout's own `data/`: what an action server opens by itself."""
    return open_directory(ROOT / "data", ROOT / ".cache")
