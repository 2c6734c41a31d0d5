"""The directory: building it, finding a place by what is typed, the doors near one."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.referral.directory import open_directory
from bot.referral.office import Point
from bot.referral.place import exact, match
from tests.bench.timing import Measured, measure
from tests.ground import DATA, communes, directory


def lookups() -> Iterator[Measured]:
    names = [row["name"] for row in communes()[::20]]
    postcodes = [row["postcodes"].split()[0] for row in communes()[::20] if row["postcodes"]]
    codes = [f"C{row['insee']}" for row in communes()[::40]]
    points = [
        Point(float(row["latitude"]), float(row["longitude"]))
        for row in communes()[::100]
        if row["latitude"]
    ]
    yield measure("a commune by its name", lambda name: exact(name, directory()), names)
    yield measure("a commune by its postcode", lambda one: exact(one, directory()), postcodes)
    yield measure(
        "a commune in a sentence", lambda name: match(f"j'habite à {name}", directory()), names
    )
    yield measure("the doors near a commune", lambda code: directory().near(code), codes)
    yield measure("the commune of a position", lambda point: directory().here(point), points)


def building() -> Iterator[Measured]:
    yield measure("the directory, built from data/ (once a change of data)", _build, range(2))
    yield measure("the directory, opened", _open, range(100))


def _build(_: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        open_directory(DATA, Path(folder)).close()


def _open(_: int) -> None:
    open_directory(DATA, DATA.parent / ".cache").close()
