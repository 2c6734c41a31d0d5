"""Offices, distances, and the order in which they are proposed: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Literal

OfficeKind = Literal["cidff", "victim_support", "court_desk"]
ORDER: tuple[OfficeKind, ...] = ("cidff", "victim_support", "court_desk")
EARTH_RADIUS = 6371.0  # kilometres, mean
FARTHEST = 150.0  # kilometres: an office further away is of no use
ISLANDS = ("2A", "2B")  # from and to here no distance is walked: the sea lies between


@dataclass(frozen=True)
class Office:
    """One door. `address` is empty where it is hidden or unknown; `phone` is E.164."""

    id: str
    kind: OfficeKind
    network: str
    name: str
    address: str
    postcode: str
    commune: str
    departement: str
    latitude: float
    longitude: float
    phone: str
    serves: frozenset[str]
    source_date: str
    confirmed_on: str
    status: str


@dataclass(frozen=True)
class Near:
    """An office and how far its door is; None where the person gave no point."""

    office: Office
    distance_km: float | None


@dataclass(frozen=True)
class Point:
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


def distance_km(one: Point, other: Point) -> float:
    """Great-circle distance in kilometres."""
    lat1, lat2 = radians(one.latitude), radians(other.latitude)
    half_lat = (lat2 - lat1) / 2
    half_lon = radians(other.longitude - one.longitude) / 2
    chord = sin(half_lat) ** 2 + cos(lat1) * cos(lat2) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS * asin(sqrt(chord))


def proposed(offices: Iterable[Office], departement: str, point: Point | None) -> list[Near]:
    """At most one office of each kind: CIDFF, association, court desk, in that order.

    Those that serve the person's département stand before all others, then the nearest; at most
    150 km away, and never across a sea. Without a point (a bare département) only those that serve
    it.
    """
    near = [_near(office, point) for office in offices]
    fit = [one for one in near if _reachable(one, departement)]
    fit.sort(key=lambda one: (departement not in one.office.serves, one.distance_km or 0.0,
                              one.office.id))  # fmt: skip
    chosen = (next((one for one in fit if one.office.kind == kind), None) for kind in ORDER)
    return _distinct([one for one in chosen if one is not None])


def _near(office: Office, point: Point | None) -> Near:
    door = Point(office.latitude, office.longitude)
    return Near(office, distance_km(point, door) if point else None)


def _reachable(one: Near, departement: str) -> bool:
    if departement in one.office.serves:
        return True
    if one.distance_km is None or one.distance_km > FARTHEST:
        return False
    return _land(departement) == _land(one.office.departement)


def _land(departement: str) -> str:
    """A name for what can be walked from a département: the continent, Corsica, an island."""
    if departement in ISLANDS:
        return "Corse"
    return departement if len(departement) > 2 else "continent"  # noqa: PLR2004  overseas: 97x


def _distinct(chosen: list[Near]) -> list[Near]:
    """Without an organisation that stands twice with the same number; the first one stays."""
    by_phone = {one.office.phone: one for one in reversed(chosen)}
    return [one for one in chosen if by_phone[one.office.phone] is one]
