"""What the outer rooms' specifications stand on: this checkout's own content, read once a run.

Where a specification needs content that is wrong, or small enough to be read at a glance, `tables`
writes the directory's own files into a folder of the test's own.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings

from bot.conversation import Conversation, Ground, Shown
from bot.outputs.checkup import Content, read_content
from bot.referral.actions import in_process
from bot.referral.directory import Directory, open_directory
from bot.referral.place import Choices, Found, Match
from bot.referral.signatures import SIGNATURES
from bot.referral.tables import (
    COLUMNS,
    COMMUNES,
    DEPARTEMENTS,
    DROPPED,
    GAPS,
    OFFICES,
    OFFICIAL,
    OUTLINES,
    SOURCES,
)
from bot.triage.engine import Returned, Run, Show, State
from bot.triage.flow import Bundle
from bot.triage.paths import explore
from bot.triage.screen import Copy, Press, Screen
from bot.triage.token import Codebook

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
_FOLDER = TemporaryDirectory(prefix="relais-")  # gone with the process
# The same examples every time: a volunteer's change never fails by chance.
LAWS = settings(derandomize=True, deadline=None, database=None, max_examples=60)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday, one o'clock in Paris

CACHAN = {
    "insee": "94016", "name": "Cachan", "kind": "commune", "departement": "94", "region": "11",
    "postcodes": "94230", "population": "30000", "latitude": "48.79", "longitude": "2.33",
    "aliases": "Cachan-l'Ancienne",
}  # fmt: skip
VAL_DE_MARNE = {"code": "94", "name": "Val-de-Marne", "region": "11", "aliases": "Neuf-quatre"}
CIDFF_94 = {
    "id": "cidff-94", "kind": "cidff", "network": "cidff", "name": "CIDFF du Val-de-Marne",
    "address": "1 rue des Essais", "address_public": "oui", "postcode": "94230",
    "commune": "Cachan", "insee": "94016", "departement": "94", "latitude": "48.78",
    "longitude": "2.45", "phone": "+33172165650", "serves": "94", "source": "essai",
    "source_date": "2022-01", "status": "confirmed",
}  # fmt: skip
STATION_94 = {
    "id": "police-94", "official_id": "police-94", "kind": "police", "name": "Commissariat",
    "address": "2 rue des Essais", "address_public": "oui", "postcode": "94230",
    "commune": "Cachan", "insee": "94016", "departement": "94", "latitude": "48.79",
    "longitude": "2.34", "phone": "+33149085500", "serves": "94", "modified": "2026-10-01",
    "source": "essai", "source_date": "2026-11",
}  # fmt: skip
# The Val-de-Marne as a square, ten kilometres or so around Créteil.
SQUARE_94 = (
    "departements,margin_m,corners\n94,100,48.86 2.30;48.86 2.62;48.68 2.62;48.68 2.30;48.86 2.30\n"
)
SOME_SOURCES = """sources:
  communes.csv: {nom: "Essai, lieux", licence: "Licence Ouverte", date: 2026-10, valable_mois: 12}
  offices.csv: {nom: "Essai, bureaux", licence: "Licence Ouverte", valable_mois: 12}
  official.csv: {nom: "Essai, annuaire", licence: "Licence Ouverte", valable_mois: 3}
  local: {nom: "Essai, communes", licence: "Licence Ouverte", valable_mois: 12}
"""


@cache
def published() -> Path:
    """`data/` as everybody has it: without what an import has left in this checkout alone."""
    folder = Path(_FOLDER.name) / DATA.name
    folder.mkdir()
    for file in DATA.iterdir():
        if file.name != OFFICIAL:
            (folder / file.name).symlink_to(file)
    return folder


@cache
def content() -> Content:
    return read_content(ROOT / "flows", published(), ROOT / "locales", NOON)


def bundle() -> Bundle:
    return content().bundle


@cache
def directory() -> Directory:
    return open_directory(published(), ROOT / ".cache")


@cache
def ground() -> Ground:
    run_action = in_process(directory())
    return Ground(bundle(), content().catalogue, content().register, directory(), run_action)


def conversation(now: datetime = NOON, **changes: object) -> Conversation:
    """A conversation on the real content, some of it replaced by `changes`."""
    return Conversation(replace(ground(), **changes), lambda: now)  # type: ignore[arg-type]


@cache
def communes() -> tuple[dict[str, str], ...]:
    """Every row of `data/communes.csv`, as it stands there."""
    return _rows(COMMUNES)


@cache
def departements() -> tuple[dict[str, str], ...]:
    return _rows(DEPARTEMENTS)


@cache
def offices() -> tuple[dict[str, str], ...]:
    return _rows(OFFICES)


def _rows(table: str) -> tuple[dict[str, str], ...]:
    with (DATA / table).open(encoding="utf-8-sig", newline="") as opened:
        return tuple(csv.DictReader(opened))


def tables(
    folder: Path,
    communes: Iterable[Mapping[str, str]] = (CACHAN,),
    departements: Iterable[Mapping[str, str]] = (VAL_DE_MARNE,),
    offices: Iterable[Mapping[str, str]] = (CIDFF_94,),
    *,
    official: Iterable[Mapping[str, str]] | None = None,
    gaps: Iterable[Mapping[str, str]] = (),
    dropped: Iterable[Mapping[str, str]] = (),
    outlines: str = SQUARE_94,
    sources: str = SOME_SOURCES,
) -> Path:
    """The directory's files with these rows; a cell that is not told is empty.

    What an import writes is there only where it is told, as in a checkout without an import.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = {COMMUNES: communes, DEPARTEMENTS: departements, OFFICES: offices, GAPS: gaps,
            DROPPED: dropped} | ({} if official is None else {OFFICIAL: official})  # fmt: skip
    for name, rows in told.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, COLUMNS[name], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    (folder / OUTLINES).write_text(outlines, encoding="utf-8")
    (folder / SOURCES).write_text(sources, encoding="utf-8")
    return folder


@cache
def some_shows() -> tuple[Show, ...]:
    """Each different screen of the real flows, reached in each way that still matters there."""
    found = explore(bundle(), Codebook(bundle()), SIGNATURES)
    return tuple(show for show, _ in found.screens)


@cache
def some_states() -> tuple[State, ...]:
    """Where the people of `some_shows` stand."""
    return tuple(dict.fromkeys(show.state for show in some_shows()))


def places_in(found: Match) -> set[str]:
    """The codes of the places that a person is given or offered."""
    match found:
        case Found(place):
            return {place.code}
        case Choices(places):
            return {place.code for place in places}
    return set()


def departements_in(found: Match) -> set[str]:
    match found:
        case Found(place):
            return {place.departement}
        case Choices(places):
            return {place.departement for place in places}
    return set()


def said(shown: Shown) -> list[str]:
    """The responses of a screen, in order; nothing where it was built from constants."""
    return [part.response for part in shown.show.parts] if shown.show else []


def labels(screen: Screen) -> list[str]:
    return [key.label for row in screen.rows for key in row]


def data_of(screen: Screen, label: str) -> str:
    """What the button of that label carries."""
    return {key.label: key.data for row in screen.rows for key in row if isinstance(key, Press)}[
        label
    ]


def everything_in(screen: Screen) -> str:
    """All that a person could read of a screen: its text, its labels, what its buttons copy."""
    keys = [key for row in screen.rows for key in row]
    copied = [key.text for key in keys if isinstance(key, Copy)]
    return "\n".join([screen.text, *labels(screen), *copied])


async def never(wanted: Run) -> Returned:
    """An action that breaks."""
    raise RuntimeError(wanted.action)
