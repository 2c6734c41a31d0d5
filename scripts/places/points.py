"""Where each commune is: one point, and where it comes from.

Best first:

- `mairie`: the town hall, where it lies within 300 m of the commune's outline;
- `outline`: inside the commune's outline, or inside that of its former communes;
- `circonscription`: inside an island of the overseas constituency that the commune belongs to;
- `codepostal`: the middle of the communes that share its postcode;
- nothing: neither latitude nor longitude is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from scripts.places.archives import Area, OfficialCode, Outlines, grouped
from scripts.places.plane import metres_apart

NEAR_M = 300.0  # metres between a town hall and its commune's outline, which is a simplified one

# The communes whose island is known to the nearest tenth of a degree: constituency, where to look.
ISLANDS = {
    "97501": ("975-01", shapely.Point(-56.3, 47.0)),
    "97502": ("975-01", shapely.Point(-56.2, 46.8)),
    "97701": ("977-01", shapely.Point(-62.8, 17.9)),
    "97801": ("977-01", shapely.Point(-63.1, 18.1)),
    "98611": ("986-01", shapely.Point(-178.1, -14.3)),
    "98612": ("986-01", shapely.Point(-178.2, -14.3)),
    "98613": ("986-01", shapely.Point(-176.2, -13.3)),
    "98735": ("987-01", shapely.Point(-149.6, -17.5)),
    "98818": ("988-01", shapely.Point(166.4, -22.3)),
}


@dataclass(frozen=True)
class Located:
    """A point and where it comes from."""

    point: shapely.Point | None
    source: str


class Notes:
    """What was left out and why, to be read by whoever runs the script."""

    def __init__(self) -> None:
        """Begin with nothing to say."""
        self.lines: list[str] = []

    def add(self, area: Area, what: str) -> None:
        """Remember that something about a commune was not taken over."""
        self.lines.append(f"{area.code} {area.name}: {what}")


def locate_all(codes: OfficialCode, outlines: Outlines, notes: Notes) -> dict[str, Located]:
    """Give each place's point, and say where it comes from."""
    located = {area.code: _locate(area, outlines, notes) for area in codes.places}
    middles = _middle_of_postcodes(codes.places, located)
    for area in codes.places:
        if located[area.code].point is None:
            located[area.code] = _by_postcode(area, middles)
            notes.add(area, f"no outline; point: {located[area.code].source or 'none'}")
    return located


def _locate(area: Area, outlines: Outlines, notes: Notes) -> Located:
    hall = outlines.communes.get(area.code)
    outline = (hall.outline if hall else None) or outlines.former.get(area.code)
    if hall and hall.point and outline:
        metres = metres_apart(hall.point, outline)
        if metres <= NEAR_M:
            return Located(hall.point, "mairie")
        notes.add(area, f"town hall {metres / 1000:.1f} km outside the outline")
    if outline:
        return Located(_inside(outline), "outline")
    if area.code in ISLANDS:
        return Located(_on_island(*ISLANDS[area.code], outlines), "circonscription")
    return Located(None, "")


def _inside(outline: BaseGeometry) -> shapely.Point:
    """Give a point inside the outline's largest polygon: its centroid where that lies inside."""
    polygon = max(shapely.get_parts(outline), key=shapely.area)
    centre = shapely.Point(polygon.centroid)
    return centre if polygon.contains(centre) else shapely.Point(polygon.representative_point())


def _on_island(constituency: str, near: shapely.Point, outlines: Outlines) -> shapely.Point:
    """Give a point inside the island of the constituency that is nearest to where one looks."""
    islands = shapely.get_parts(outlines.constituencies[constituency])
    return _inside(min(islands, key=lambda island: metres_apart(near, island)))


def _middle_of_postcodes(
    areas: Iterable[Area], located: Mapping[str, Located]
) -> Mapping[str, shapely.Point]:
    """Give the mean of the known points of the communes that share each postcode."""
    points = grouped(
        (postcode, point)
        for area in areas
        if (point := located[area.code].point) is not None
        for postcode in area.postcodes
    )
    return {postcode: _mean(here) for postcode, here in points.items()}


def _by_postcode(area: Area, middles: Mapping[str, shapely.Point]) -> Located:
    """Place a commune in the middle of those that share its first known postcode."""
    for postcode in area.postcodes:
        if postcode in middles:
            return Located(middles[postcode], "codepostal")
    return Located(None, "")


def _mean(points: Sequence[shapely.Point]) -> shapely.Point:
    """Give the mean longitude and latitude of points that lie close together."""
    count = len(points)
    return shapely.Point(sum(one.x for one in points) / count, sum(one.y for one in points) / count)
