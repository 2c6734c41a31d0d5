"""Degrees to metres, on a plane that touches the Earth where one looks."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

METRES_PER_DEGREE = np.radians(1) * 6_371_000.0  # of latitude, on a globe of mean radius


def scale(latitude: float) -> np.ndarray:
    """Metres in a degree of longitude and of latitude, at this latitude."""
    return METRES_PER_DEGREE * np.array([np.cos(np.radians(latitude)), 1.0])


def metres_apart(point: shapely.Point, geometry: BaseGeometry) -> float:
    """Give the distance from a point to a geometry near it, in metres; 0 inside."""
    if geometry.covers(point):
        return 0.0
    origin = np.array([point.x, point.y])
    flat = shapely.transform(geometry, lambda corners: (corners - origin) * scale(point.y))
    return float(flat.distance(shapely.Point(0, 0)))


def simplified(line: BaseGeometry, tolerance_m: float) -> BaseGeometry:
    """Leave out corners, so that the line moves by no more than so many metres."""
    factor = scale(line.centroid.y)
    flat = shapely.transform(line, lambda corners: corners * factor)
    return shapely.transform(flat.simplify(tolerance_m), lambda corners: corners / factor)
