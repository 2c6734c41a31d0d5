"""Taking over an official file: read, hold against what is known, write, and build anew.

What the import writes is one table of `data/`, beside its place and renamed into it; the directory
in service stays as it was until then, and whatever goes wrong before leaves it so.
"""

import csv
import io
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bot.referral.contents import Contents, read_contents
from bot.referral.days import surely_before
from bot.referral.directory import open_directory
from bot.referral.merging import (
    Change,
    Loss,
    changes,
    concealed,
    losses,
    together,
)
from bot.referral.office import Office
from bot.referral.official.listings import Reading, read_official
from bot.referral.official.matching import adopted, unusable
from bot.referral.tables import COLUMNS, OFFICIAL

ABANDONED = 3600.0  # seconds
SOURCE = "Service-Public.gouv.fr / DILA, annuaire de l'administration"


class TooMuchLostError(Exception):
    """The file lists far less than the last one; `losses` says of which kinds."""

    def __init__(self, lost: Sequence[Loss]) -> None:
        """The kinds that lose more than a fifth."""
        super().__init__("an official file that lists far less than the last one")
        self.losses = tuple(lost)


class OlderFileError(Exception):
    """The file is older than the one that was imported last; both ISO days."""

    def __init__(self, day: str, last: str) -> None:
        """The day of the file, and that of the last one."""
        super().__init__("an official file that is older than the last one")
        self.day = day
        self.last = last


@dataclass(frozen=True)
class Import:
    """What an import has done; `changes` are those that people see, by kind."""

    reading: Reading = field(repr=False)  # as published: with addresses that are then hidden
    changes: tuple[Change, ...]
    hidden: int  # doors whose address stays hidden


def import_official(
    file: Path, data: Path, cache: Path, today: date, *, force: bool = False
) -> Import:
    """Take an official file over into `data/official.csv`, and build the directory from it.

    Raises:
        OfficialFileError: the file cannot be read.
        DirectoryUnreadableError: the tables of `data/` hold errors.
        OlderFileError: it is older than the last one, and `force` does not say to go on.
        TooMuchLostError: it lost more than a fifth of a kind, and `force` does not say to go on.
        OSError: the table cannot be written.
    """
    known = read_contents(data)
    reading = _read(file, data, cache, known, today)
    listed = _adopted(reading, known)
    last = max((one.source_date for one in known.official), default="")
    if surely_before(reading.date, last) and not force:
        raise OlderFileError(reading.date, last)
    lost = [one for one in losses(known.ours, known.official, listed) if one.too_many]
    if lost and not force:
        raise TooMuchLostError(lost)
    was = together(known.ours, known.official, known.centre)
    table = _as_csv(listed)
    seen = read_contents(data, {OFFICIAL: table})
    _write(data / OFFICIAL, table)
    open_directory(data, cache).close()
    now = together(seen.ours, seen.official, seen.centre)
    return Import(reading, tuple(changes(was, now)), sum(one.hidden for one in now))


def _read(file: Path, data: Path, cache: Path, known: Contents, today: date) -> Reading:
    """The file, against places as we know them; our associations do support victims."""
    ours = (one.official_id for one in known.ours if one.kind == "victim_support")
    directory = open_directory(data, cache)
    try:
        return read_official(file, directory.places, known.dropped, today, set(filter(None, ours)))
    finally:
        directory.close()


def _adopted(reading: Reading, known: Contents) -> list[Office]:
    """What the file lists, each under the id that it has here, hidden addresses left out."""
    listed = adopted(reading.listings, known.ours, reading.date)
    listed += unusable(reading.left_aside, known.ours, listed)
    hidden = concealed(listed, [*known.ours, *known.official], known.centre)
    return sorted(hidden, key=lambda one: one.id)


def _write(table: Path, text: str) -> None:
    """Put the table in place whole, or leave the one that is there."""
    _forget_abandoned(table)
    handle, temporary = tempfile.mkstemp(dir=table.parent, prefix=f"{table.name}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        Path(temporary).chmod(0o644)  # as any other table: a temporary file is its owner's only
        Path(temporary).replace(table)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _forget_abandoned(table: Path) -> None:
    """What imports that were killed have left; a younger one may be another's that is going on."""
    for file in table.parent.glob(f"{table.name}-*.tmp"):
        with suppress(FileNotFoundError):
            if time.time() - file.stat().st_mtime > ABANDONED:
                file.unlink()


def _as_csv(offices: Sequence[Office]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS[OFFICIAL], lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(_cells, offices))
    return text.getvalue()


def _cells(one: Office) -> dict[str, str]:
    return {
        "id": one.id, "official_id": one.official_id, "kind": one.kind, "name": one.name,
        "address": one.address, "address_public": "masquee" if one.hidden else "oui",
        "postcode": one.postcode, "commune": one.commune, "insee": one.insee,
        "departement": one.departement, "latitude": f"{one.latitude}",
        "longitude": f"{one.longitude}", "phone": one.phone, "hours": one.hours,
        "website": one.website, "serves": " ".join(sorted(one.serves)), "modified": one.modified,
        "source": SOURCE, "source_date": one.source_date,
    }  # fmt: skip
