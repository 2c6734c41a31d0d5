"""The directory: building it, finding a place by what is typed, the doors near one."""

import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median

from bot.referral.directory import Directory, open_directory
from bot.referral.office import KINDS, Point
from bot.referral.outline import departement_at, read_outlines
from bot.referral.place import answer, exact, match
from bot.referral.tables import COLUMNS, OFFICIAL, OUTLINES
from tests.bench.timing import Measured, measure
from tests.ground import DATA, ROOT, communes, directory, published

MANY = 50_000  # offices: five times what the official directory holds
RESIDENT = """
import sys
from pathlib import Path
from bot.referral.directory import open_directory
from bot.referral.office import Point
from bot.referral.place import answer

def resident():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])

before = resident()
known = open_directory(Path(sys.argv[1]), Path(sys.argv[2]))
opened = resident()
answer("marselle", known.places)
known.proposal("C94016")
known.places.here(Point(48.79, 2.33))
print(opened - before, resident() - before)
"""


def lookups() -> Iterator[Measured]:
    places = directory().places
    names = [row["name"] for row in communes()[::20]]
    postcodes = [row["postcodes"].split()[0] for row in communes()[::20] if row["postcodes"]]
    misspelt = [_misspelt(row["name"]) for row in communes()[::60] if len(row["name"]) > 5]
    for length in range(60):
        places.of_length(length)  # read once, at somebody's first typing error
    yield measure("a commune by its name", lambda name: exact(name, places), names)
    yield measure("a commune by its postcode", lambda one: exact(one, places), postcodes)
    yield measure(
        "a commune in a sentence", lambda name: match(f"j'habite à {name}", places), names
    )
    yield measure("a commune with a typing error", lambda name: answer(name, places), misspelt)
    yield measure(
        "a commune with a typing error, in a sentence",
        lambda name: answer(f"j'habite à {name}", places),
        misspelt,
    )
    yield measure("the commune of a position", places.here, _points())
    outlines = read_outlines((DATA / OUTLINES).read_text(encoding="utf-8"), OUTLINES)[0]
    yield measure(
        "the département of a position", lambda point: departement_at(point, outlines), _points()
    )
    yield _doors(f"the doors near a commune ({_number(directory())} offices)", directory())


def building() -> Iterator[Measured]:
    yield measure("the directory, built from data/ (once a change of data)", _build, range(2))
    yield measure("the directory, opened", _open, range(100))
    with tempfile.TemporaryDirectory() as folder:
        many = _with_many(Path(folder))
        yield _doors(f"the doors near a commune ({_number(many)} offices)", many)
        many.close()


def resident() -> str:
    """What the directory adds to a process: opened, and once each part of it has been used."""
    script = [sys.executable, "-c", RESIDENT, str(published()), str(ROOT / ".cache")]
    runs = [subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=True)
            for _ in range(3)]  # fmt: skip
    opened, used = (median(int(run.stdout.split()[at]) for run in runs) / 1024 for at in (0, 1))
    return f"the directory in memory: {opened:.1f} MB opened, {used:.1f} MB once all of it was used"


def _doors(what: str, known: Directory) -> Measured:
    return measure(what, known.proposal, [f"C{row['insee']}" for row in communes()[::40]])


def _number(known: Directory) -> str:
    return f"{sum(1 for _ in known.offices()):,}"


def _misspelt(name: str) -> str:
    """Two letters in its middle have changed places."""
    at = len(name) // 2
    return f"{name[: at - 1]}{name[at]}{name[at - 1]}{name[at + 1 :]}"


def _points() -> Sequence[Point]:
    rows = (row for row in communes()[::100] if row["latitude"])
    return [Point(float(row["latitude"]), float(row["longitude"])) for row in rows]


def _with_many(folder: Path) -> Directory:
    """The directory with made-up offices of every kind beside ours, some in each commune."""
    data = folder / "data"
    data.mkdir()
    for file in published().iterdir():
        (data / file.name).symlink_to(file)
    with (data / OFFICIAL).open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, COLUMNS[OFFICIAL], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(_made_up([row for row in communes() if row["latitude"]]))
    return open_directory(data, folder / "cache")


def _made_up(places: Sequence[dict[str, str]]) -> Iterable[dict[str, str]]:
    for number in range(MANY):
        place = places[number * 7 % len(places)]
        yield {
            "id": f"essai-{number}", "official_id": f"essai-{number}",
            "kind": KINDS[number % len(KINDS)], "name": f"Essai {number}", "address": "1 rue",
            "address_public": "oui", "insee": place["insee"], "departement": place["departement"],
            "latitude": place["latitude"], "longitude": place["longitude"],
            "phone": f"+331{number:08}", "serves": place["departement"], "source": "essai",
        }  # fmt: skip


def _build(_: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        open_directory(published(), Path(folder)).close()


def _open(_: int) -> None:
    open_directory(published(), ROOT / ".cache").close()
