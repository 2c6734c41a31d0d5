"""The one SQLite file that the directory is read from, made of `data/`.

It lies in the cache folder, named by the hash of what it was made of; it is written beside its
place and renamed into it, so that nobody ever reads half of it, and read-only from then on.
"""

import logging
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from sqlite_utils import Database

from bot.reading.files import read_text
from bot.reading.problem import errors
from bot.referral.contents import Contents, read_contents
from bot.referral.gazetteer import fill_places
from bot.referral.helpline import read_register
from bot.referral.localpack import Service, read_packs
from bot.referral.merging import discreet, together
from bot.referral.office import Office, land
from bot.referral.sources import Source
from bot.referral.tables import COLUMNS, LINES, LOCAL, built_name

OFFICE_FIELDS = tuple(one.name for one in fields(Office))
LAYOUT: dict[str, dict[str, type]] = {
    "offices": {one.name: str for one in fields(Office)}
    | {"latitude": float, "longitude": float, "hidden": int, "land": str},
    "serves": {
        "departement": str,
        "kind": str,
        "latitude": float,
        "longitude": float,
        "id": str,
    },
    "services": {one.name: str for one in fields(Service)} | {"through_town_hall": int},
    "served": {"place": str, "id": str},
    "sources": {one.name: str for one in fields(Source)} | {"months": int},
}
INDEXES = (  # the first three hold all that a search needs, so that it reads no table
    ("serves", ("departement", "kind", "latitude", "longitude", "id")),
    ("offices", ("kind", "land", "latitude", "longitude", "id")),
    ("served", ("place", "id")),
    ("offices", ("id",)),
)

log = logging.getLogger(__name__)


def opened(data: Path, cache: Path) -> Database:
    """The file of these data files, built where it is not there yet or cannot be read.

    Where the cache folder cannot be written it is built in memory, and that is logged.

    Raises:
        DirectoryUnreadableError: the data files hold errors and no file was built from them.
    """
    file = cache / built_name(data)
    if file.exists():
        try:
            return _whole(file)
        except sqlite3.DatabaseError:
            with suppress(OSError):  # else it is built in memory
                file.unlink(missing_ok=True)
    content = _read(data)
    try:
        _build(content, file)
        _forget_older(file)
        return _whole(file)
    except (OSError, sqlite3.DatabaseError):
        log.warning("directory.in_memory")
        return _in_memory(content)


def nothing() -> Database:
    """Without a place or an office: what is served while the data cannot be read."""
    return _in_memory(_Content(Contents(dict.fromkeys(COLUMNS, ()), {}, ""), (), ()))


def _whole(file: Path) -> Database:
    """The file opened for reading; a broken one raises `sqlite3.DatabaseError`."""
    only_read = f"file:{file}?mode=ro&immutable=1"  # nobody writes into it: no lock is waited for
    connection = sqlite3.connect(only_read, uri=True, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema=OFF")
    (told,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if told != "ok":
        connection.close()
        raise sqlite3.DatabaseError("the file is broken")
    connection.execute("select 1 from sources limit 1")
    return Database(connection)


@dataclass(frozen=True)
class _Content:
    """Everything that the file is filled with."""

    contents: Contents
    offices: tuple[Office, ...]
    services: tuple[Service, ...]


def _read(data: Path) -> _Content:
    contents = read_contents(data)
    offices = together(contents.ours, contents.official, contents.centre)
    return _Content(contents, tuple(offices), services_of(data, contents))


def services_of(data: Path, contents: Contents) -> tuple[Service, ...]:
    """Those of every local pack without a fault; one with a fault is left out, and that is told."""
    communes = {row["insee"] for row in contents.communes}
    lines, _ = read_text(data / LINES, LINES)
    services, _, wrong = read_packs(
        data / LOCAL,
        f"{data.name}/{LOCAL}",
        communes.__contains__,
        national=read_register(lines, LINES)[0].numbers,
    )
    for one in errors(wrong):
        span, code = one.span, one.code
        log.warning("pack.left_out file=%s line=%s code=%s", span.file, span.line, code)
    return tuple(discreet(one, contents.ours) for one in services)


def _build(content: _Content, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix="directory-", suffix=".tmp")
    os.close(handle)
    try:
        _written(Path(temporary), content)
        Path(temporary).chmod(0o644)  # public facts: whoever imports need not be who serves
        Path(temporary).replace(file)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _written(file: Path, content: _Content) -> None:
    """Fill a file that nobody reads yet: it needs no journal, and reaches the disk once, whole."""
    database = Database(file)
    database.execute("PRAGMA journal_mode=OFF")
    database.execute("PRAGMA synchronous=OFF")
    with database.atomic():
        _filled(database, content)
    database.close()
    with file.open("rb+") as written:
        os.fsync(written.fileno())


def _in_memory(content: _Content) -> Database:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    database = _filled(Database(connection), content)
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA trusted_schema=OFF")
    return database


def _filled(database: Database, content: _Content) -> Database:
    known = content.contents
    fill_places(database, known.communes, known.departements, known.outlines)
    for name, columns in LAYOUT.items():
        database.table(name).create(columns)
    database.table("offices").insert_all(map(_office_row, content.offices))
    database.table("serves").insert_all(
        {
            "departement": departement,
            "kind": one.kind,
            "latitude": one.latitude,
            "longitude": one.longitude,
            "id": one.id,
        }
        for one in content.offices
        for departement in sorted(one.serves)
    )
    database.table("services").insert_all(map(_service_row, content.services))
    database.table("served").insert_all(_served(content.services))
    database.table("sources").insert_all(map(asdict, known.sources.values()))
    for name, indexed in INDEXES:
        database.table(name).create_index(indexed)
    return database


def _served(services: Iterable[Service]) -> Iterator[dict[str, str]]:
    for one in services:
        if one.departement_wide:
            yield {"place": f"D{one.departement_wide}", "id": one.id}
        for insee in one.communes:
            yield {"place": f"C{insee}", "id": one.id}


def _forget_older(file: Path) -> None:
    for other in file.parent.glob("directory-*.sqlite"):
        if other != file:
            other.unlink(missing_ok=True)


def _office_row(one: Office) -> dict[str, object]:
    cells = {name: getattr(one, name) for name in OFFICE_FIELDS}
    return cells | {"serves": " ".join(sorted(one.serves)), "land": land(one.departement)}


def _service_row(one: Service) -> dict[str, object]:
    return asdict(one) | {
        "communes": " ".join(one.communes), "through_town_hall": int(one.through_town_hall)
    }  # fmt: skip
