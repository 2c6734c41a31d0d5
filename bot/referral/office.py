"""Offices, distances, and the order in which they are proposed: pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Literal

OfficeKind = Literal[
    "cidff", "victim_support", "court_desk", "police", "gendarmerie", "legal_access"
]
Status = Literal["confirmed", "changed", "conflicting", "unconfirmed", "official"]
DOORS: tuple[OfficeKind, ...] = ("cidff", "victim_support", "court_desk")
SAFETY: tuple[OfficeKind, ...] = ("police", "gendarmerie")
LAW: tuple[OfficeKind, ...] = ("legal_access",)
KINDS: tuple[OfficeKind, ...] = (*DOORS, *SAFETY, *LAW)
EARTH_RADIUS = 6371.0  # kilometres, mean
FARTHEST = 150.0  # kilometres: an office further away is of no use
ISLANDS = ("2A", "2B")  # from and to here no distance is walked: the sea lies between


@dataclass(frozen=True, slots=True)
class Office:
    """One door.

    `address` is empty where it is hidden or unknown; `phone` is E.164; `serves` holds départements;
    dates are ISO years, months or days; `hours` is empty or in OSM's syntax. `official_id` is its
    name in the official directory, `modified` the day its record was last changed there.
    """

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
    status: Status
    official_id: str = ""
    organisation: str = ""
    hidden: bool = False
    insee: str = ""
    hours: str = ""
    website: str = ""
    modified: str = ""

    @property
    def known_on(self) -> str:
        """The last day, month or year on which a source showed the number; empty where unknown."""
        return max(self.source_date, self.confirmed_on)

    @property
    def point(self) -> "Point":
        """Where its door is, or the middle of its commune."""
        return Point(self.latitude, self.longitude)


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
    fit = [one for one in _measured(offices, point) if _reachable(one, departement)]
    chosen = (_first(fit, (kind,), lambda one: departement not in one.serves) for kind in DOORS)
    return _distinct([one for one in chosen if one is not None])


def nearest(
    offices: Iterable[Office], kinds: Sequence[OfficeKind], departement: str, point: Point
) -> Near | None:
    """The nearest office of these kinds, at most 150 km away and never across a sea.

    It may stand in another département: whoever opens a police station's door is received there.
    """
    fit = [one for one in _measured(offices, point) if _walkable(one, departement)]
    return _first(fit, kinds, lambda _: False)


def _first(
    fit: Iterable[Near], kinds: Sequence[OfficeKind], later: Callable[[Office], bool]
) -> Near | None:
    """The one to propose: those that are not to come `later`, then by distance, then by id."""
    wanted = (one for one in fit if one.office.kind in kinds)
    return min(
        wanted,
        key=lambda one: (later(one.office), one.distance_km or 0.0, one.office.id),
        default=None,
    )


def _measured(offices: Iterable[Office], point: Point | None) -> list[Near]:
    return [Near(one, distance_km(point, one.point) if point else None) for one in offices]


def _reachable(one: Near, departement: str) -> bool:
    return departement in one.office.serves or _walkable(one, departement)


def _walkable(one: Near, departement: str) -> bool:
    if one.distance_km is None or one.distance_km > FARTHEST:
        return False
    return land(departement) == land(one.office.departement)


def land(departement: str) -> str:
    """What can be walked from a département: the continent, Corsica, or itself, an island."""
    if departement in ISLANDS:
        return "Corse"
    return departement if len(departement) > 2 else "continent"  # noqa: PLR2004  overseas: 97x


def _distinct(chosen: list[Near]) -> list[Near]:
    """Without an organisation that stands twice with the same number; the first one stays."""
    by_phone = {one.office.phone: one for one in reversed(chosen)}
    return [one for one in chosen if by_phone[one.office.phone] is one]
