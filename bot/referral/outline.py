"""Which département a position lies in, by the simplified borders of `data/outlines.csv`: pure.

The file holds stretches of border. Each names the one or two départements that it bounds, the
metres outside that still count as inside, and its corners. All stretches that name a département
close around it, its islands and its holes, in any order and direction: a position is inside where a
line from it due east crosses them an odd number of times.
"""

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, radians

from bot.reading.problem import Problem, Span, problem
from bot.reading.rows import Row, read_csv
from bot.referral.office import EARTH_RADIUS, Point

COLUMNS = ("departements", "margin_m", "corners")
DEPARTEMENTS = re.compile(r"(\d{2}|2[AB]|9[78]\d)( (\d{2}|2[AB]|9[78]\d))?")
MARGIN = re.compile(r"\d{1,4}")
CORNER = re.compile(r"-?\d{1,2}(\.\d+)? -?\d{1,3}(\.\d+)?")
METRES_PER_DEGREE = radians(1) * EARTH_RADIUS * 1000


@dataclass(frozen=True)
class Box:
    """The degrees between which something lies."""

    south: float
    north: float
    west: float
    east: float

    def holds(self, point: Point) -> bool:
        """Whether the point lies within, edges included; never a point that is not a number."""
        return (
            self.south <= point.latitude <= self.north and self.west <= point.longitude <= self.east
        )


@dataclass(frozen=True)
class Stretch:
    """A line of corners, in degrees; two or more."""

    latitudes: Sequence[float]
    longitudes: Sequence[float]
    margin_m: float
    box: Box  # of the corners alone


@dataclass(frozen=True)
class Outline:
    """One département: every stretch of its border, and a box around all that counts as inside."""

    departement: str
    stretches: tuple[Stretch, ...]
    box: Box


def read_outlines(text: str, file: str) -> tuple[tuple[Outline, ...], list[Problem]]:
    """The outlines by département's code, and every problem; a bad stretch opens its outline."""
    rows, found = read_csv(text, file, COLUMNS)
    stretches: defaultdict[str, list[Stretch]] = defaultdict(list)
    first: dict[str, Span] = {}
    for row in rows:
        if bad := list(_bad_cells(row)):
            found.extend(bad)
            continue
        stretch = _stretch(row)
        for code in row["departements"].split():
            first.setdefault(code, row.span)
            stretches[code].append(stretch)
    for code, parts in stretches.items():
        found.extend(
            problem(first[code], "contour.ouvert", departement=code, point=f"{end[0]} {end[1]}")
            for end in _loose_ends(parts)
        )
    outlines = (Outline(code, tuple(parts), _around(parts)) for code, parts in stretches.items())
    return tuple(sorted(outlines, key=lambda one: one.departement)), found


def departement_at(point: Point, outlines: Sequence[Outline]) -> str | None:
    """The département that the point lies in, else the nearest whose margin reaches it.

    None for any other point: at sea, abroad, or not on Earth.
    """
    around = [outline for outline in outlines if outline.box.holds(point)]
    for outline in around:
        if _inside(point, outline.stretches):
            return outline.departement
    within = (
        (metres, outline.departement)
        for outline in around
        for stretch in outline.stretches
        if (metres := _metres_to(point, stretch)) <= stretch.margin_m
    )
    return min(within, default=(0.0, None))[1]


def _bad_cells(row: Row) -> Iterator[Problem]:
    for column, pattern, expected in (
        ("departements", DEPARTEMENTS, "un ou deux codes de département"),
        ("margin_m", MARGIN, "un nombre de mètres"),
    ):
        if not pattern.fullmatch(row[column]):
            yield _bad(row, column, row[column], expected)
    corners = row["corners"].split(";")
    for corner in corners:
        if not _is_corner(corner):
            yield _bad(row, "corners", corner, "une latitude et une longitude en degrés")
    if len(corners) == 1:
        yield _bad(row, "corners", row["corners"], "au moins deux points, séparés par « ; »")


def _bad(row: Row, column: str, cell: str, expected: str) -> Problem:
    return problem(row.span, "csv.valeur", valeur=cell, colonne=column, attendu=expected)


def _is_corner(cell: str) -> bool:
    if not CORNER.fullmatch(cell):
        return False
    latitude, longitude = map(float, cell.split())
    return abs(latitude) <= 90 and abs(longitude) <= 180  # noqa: PLR2004  # degrees


def _stretch(row: Row) -> Stretch:
    flat = array("d", map(float, row["corners"].replace(";", " ").split()))
    latitudes, longitudes = flat[::2], flat[1::2]
    box = Box(min(latitudes), max(latitudes), min(longitudes), max(longitudes))
    return Stretch(latitudes, longitudes, float(row["margin_m"]), box)


def _loose_ends(stretches: Sequence[Stretch]) -> list[tuple[float, float]]:
    """Where an outline stays open: the points in which an odd number of stretches end."""
    ends = Counter((one.latitudes[at], one.longitudes[at]) for one in stretches for at in (0, -1))
    return sorted(end for end, times in ends.items() if times % 2)


def _around(stretches: Sequence[Stretch]) -> Box:
    boxes = [_widened(one.box, one.margin_m) for one in stretches]
    return Box(
        min(box.south for box in boxes), max(box.north for box in boxes),
        min(box.west for box in boxes), max(box.east for box in boxes),
    )  # fmt: skip


def _widened(box: Box, metres: float) -> Box:
    """The box with so many metres more on each side."""
    north = metres / METRES_PER_DEGREE
    east = north / cos(radians(max(abs(box.south), abs(box.north))))
    return Box(box.south - north, box.north + north, box.west - east, box.east + east)


def _inside(point: Point, stretches: Sequence[Stretch]) -> bool:
    return sum(_crossings(point, stretch) for stretch in stretches) % 2 == 1


def _crossings(point: Point, stretch: Stretch) -> int:
    """How often a line from the point due east crosses the stretch."""
    box = stretch.box
    if not box.south <= point.latitude < box.north or box.east < point.longitude:
        return 0
    return sum(
        (a_lat > point.latitude) != (b_lat > point.latitude)
        and a_lon + (point.latitude - a_lat) * (b_lon - a_lon) / (b_lat - a_lat) > point.longitude
        for (a_lat, a_lon), (b_lat, b_lon) in _segments(stretch)
    )


def _metres_to(point: Point, stretch: Stretch) -> float:
    """The distance to the stretch, on the plane that touches the Earth at the point.

    Infinite where the stretch is out of reach of its margin.
    """
    if not _widened(stretch.box, stretch.margin_m).holds(point):
        return float("inf")
    east = METRES_PER_DEGREE * cos(radians(point.latitude))
    return min(
        _to_segment(
            (a_lon - point.longitude) * east, (a_lat - point.latitude) * METRES_PER_DEGREE,
            (b_lon - point.longitude) * east, (b_lat - point.latitude) * METRES_PER_DEGREE,
        )
        for (a_lat, a_lon), (b_lat, b_lon) in _segments(stretch)
    )  # fmt: skip


def _to_segment(ax: float, ay: float, bx: float, by: float) -> float:
    """How far the origin lies from the segment between two points."""
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else min(1.0, max(0.0, -(ax * dx + ay * dy) / length))
    return hypot(ax + along * dx, ay + along * dy)


def _segments(stretch: Stretch) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    return pairwise(zip(stretch.latitudes, stretch.longitudes, strict=True))
