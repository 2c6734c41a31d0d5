"""An address that must stay hidden, whatever the official directory says: nowhere, ever.

Each test brings it in by another way and then looks for it in all that is kept or said: the bytes
of every file, what `relais nearest` answers, what actions say, what an import tells.
"""

import asyncio
import csv
import errno
import json
import os
import random
import struct
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outputs.imported import as_text
from bot.outputs.nearest import nearest_to
from bot.referral.actions import in_process
from bot.referral.contents import read_contents
from bot.referral.directory import Directory, open_directory
from bot.referral.office import Point
from bot.referral.official.file import OfficialFileError
from bot.referral.official.importing import Import, TooMuchLostError, import_official
from bot.referral.signatures import NEAREST, OTHERS
from bot.referral.tables import COLUMNS, OFFICIAL
from bot.triage.engine import Run
from tests.dila_files import address, record
from tests.dila_files import as_text as as_json
from tests.ground import (
    CACHAN,
    CIDFF_94,
    LAWS,
    NOON,
    VAL_DE_MARNE,
    communes,
    content,
    departements,
    offices,
    tables,
)

TODAY = date(2026, 11, 22)
TYPES = ("cidf", "aav", "bav", "commissariat_police", "gendarmerie", "permanence_juridique")
NAMED_TYPES = ("cidf", "aav", "bav", "permanence_juridique")  # a police station has its own name
CRETEIL = CACHAN | {
    "insee": "94028", "name": "Créteil", "postcodes": "94000", "latitude": "48.78",
    "longitude": "2.45", "aliases": "",
}  # fmt: skip
STREET, WITNESS_STREET = "Impasse Cachée", "Impasse Connue"
HIDDEN = tuple(row for row in offices() if row["address_public"] == "masquee")
HOMES = {row["insee"]: row for row in communes() if row["insee"] in {h["insee"] for h in HIDDEN}}


@dataclass(frozen=True)
class Secret:
    """A door that an official record tells: its street and its exact point."""

    street: str
    latitude: str
    longitude: str

    def told_by(self, raw: bytes) -> bool:
        """Whether some bytes hold any of it, as text or as SQLite keeps a number."""
        numbers = self.latitude, self.longitude
        exact = [struct.pack(">d", float(number)) for number in numbers]
        texts = [self.street.encode(), *(number.encode() for number in numbers)]
        return any(piece in raw for piece in (*texts, *exact))


WITNESS = Secret(WITNESS_STREET, "48.7851237", "2.3351239")  # shown to all: the search does find


def secret(centre: Mapping[str, str], number: int) -> Secret:
    """A door a kilometre from the middle of its commune, like no other."""
    return Secret(
        f"{number:04} {STREET}",
        f"{float(centre['latitude']) + 0.0101234 + number / 1e6:.7f}",
        f"{float(centre['longitude']) + 0.0051237 + number / 1e6:.7f}",
    )


def at(one: Secret, home: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        address(
            numero_voie=one.street, latitude=one.latitude, longitude=one.longitude,
            code_postal=(home["postcodes"].split() or [""])[0], nom_commune=home["name"],
        )
    ]  # fmt: skip


def door(number: int, kind: str, one: Secret, home: Mapping[str, str], **changed: Any) -> Any:
    """A record that has nothing in common with any office of ours, but what is told."""
    told = {
        "nom": f"Victimes {blake2b(b'%d' % number, digest_size=12).hexdigest()}",
        "telephone": [{"valeur": f"+33 1 49 08 {number // 100:02} {number % 100:02}"}],
        "id": f"{number:08}-2222-4333-8444-555555555555", "ancien_code_pivot": f"essai-{number}",
        "code_insee_commune": home["insee"], "at": at(one, home),
    }  # fmt: skip
    return record(kind, area=(home["insee"],), **told | changed)


def witness(kind: str = "bav") -> Any:
    return door(9999, kind, WITNESS, CACHAN)


def bare(name: str) -> str:
    """Without accents, as many records write."""
    return "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))


def in_another_order(name: str) -> str:
    return " ".join(reversed(name.partition("(")[0].split()))


NAMES = {
    "as it is": lambda row: row["name"],
    "shouted": lambda row: row["name"].upper(),
    "without accents": lambda row: bare(row["name"]).lower(),
    "in another order": lambda row: in_another_order(row["name"]),
    "with its town": lambda row: f"{row['name'].partition('(')[0]} - {row['commune']}",
    "with another town": lambda row: f"{row['name'].partition('(')[0].upper()}– Ailleurs",
    "as its organisation": lambda row: f"{row['organisation'] or row['name']} - {row['commune']}",
}
WAYS = {
    "id": lambda row: {"id": row["official_id"], "ancien_code_pivot": ""},
    "former id": lambda row: {"ancien_code_pivot": row["official_id"]},
    "our id": lambda row: {"ancien_code_pivot": row["id"]},
    "number": lambda row: {"telephone": [{"valeur": row["phone"]}]},
    "number among others": lambda row: {"telephone": [{"valeur": f"{row['phone']} / 3919"}]},
}


def kept_by_hand(folder: Path) -> Path:
    """The sixteen, their communes and départements, and one office that hides nothing."""
    homes = [*HOMES.values(), CACHAN, CRETEIL]
    where = {row["departement"] for row in homes}
    return tables(
        folder, communes=homes, offices=[*HIDDEN, CIDFF_94],
        departements=[row for row in departements() if row["code"] in where],
    )  # fmt: skip


def taken(data: Path, *records: Any, force: bool = True) -> Import:
    file = data.parent / "annuaire.json"
    file.write_bytes(as_json(*records))
    return import_official(file, data, data.parent / "cache", TODAY, force=force)


def kept(data: Path) -> dict[str, bytes]:
    """The bytes of every file of the data and of the cache, temporary ones too."""
    folders = data, data.parent / "cache"
    return {
        str(file): file.read_bytes()
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file()
    }


def opened(data: Path) -> Directory:
    return open_directory(data, data.parent / "cache")


def answered(known: Directory, insee: str) -> list[dict[str, Any]]:
    """The offices that `relais nearest` tells for a commune."""
    name = HOMES[insee]["name"] if insee in HOMES else CACHAN["name"]
    text = f"{name} {insee[:2]}" if insee[:2] != "97" else name
    found = nearest_to(text, known, content().register, NOON)
    assert found["place"]["insee"] == insee
    return found["offices"]


def said(known: Directory, insee: str) -> bytes:
    """All that `relais nearest --json` and the actions say to somebody of a commune."""
    run = in_process(known, lambda: TODAY)

    async def both() -> str:
        return repr([await run(Run(name, {"lieu": f"C{insee}"})) for name in (NEAREST, OTHERS)])

    return (json.dumps(answered(known, insee)) + asyncio.run(both())).encode()


def nothing_told(data: Path, secrets: Iterable[Secret], *, looked_at: Iterable[str]) -> None:
    """No file holds any of them and nobody is told; what is not hidden is found in the same way."""
    files = kept(data)
    known = opened(data)
    spoken = {insee: said(known, insee) for insee in looked_at}
    known.close()
    for one in secrets:
        for name, raw in (files | spoken).items():
            assert not one.told_by(raw), (name, one)
    assert {Path(name).suffix for name, raw in files.items() if WITNESS.told_by(raw)} == {
        ".csv", ".sqlite",
    }  # fmt: skip


def stands_in_the_middle(data: Path, names: Iterable[str]) -> None:
    """Whatever was read from these records is hidden, and as far as the middle of its commune."""
    known, contents = opened(data), read_contents(data)
    names = set(names)
    found = [one for one in contents.official if one.official_id in names]
    assert found
    for one in found:
        assert (one.hidden, one.address, one.point) == (True, "", contents.centre(one.insee))
    shown = {one.id: one for one in known.offices()}
    for one in found:
        now = shown[one.id]
        assert (now.hidden, now.address, now.point) == (True, "", contents.centre(now.insee))
        far = [told["distance_km"] for told in answered(known, now.insee) if told["id"] == one.id]
        assert far in ([], [0.0])
    known.close()


def brought(changes: Any, kinds: Iterable[str]) -> tuple[list[Any], list[Secret]]:
    """For each of the sixteen a record of each kind, and what they betray."""
    records, secrets = [], []
    for row in HIDDEN:
        for kind in kinds:
            number = len(records) + 1
            home = HOMES[row["insee"]]
            secrets.append(secret(home, number))
            records.append(door(number, kind, secrets[-1], home, **changes(row)))
    return records, secrets


def test_there_are_sixteen_and_our_own_table_tells_none_of_them():
    assert len(HIDDEN) == 16
    for row in HIDDEN:
        home = HOMES[row["insee"]]
        assert row["address"] == ""
        assert float(row["latitude"]) == pytest.approx(float(home["latitude"]), abs=0.02)
        assert float(row["longitude"]) == pytest.approx(float(home["longitude"]), abs=0.02)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_record_with_its_id_or_number_tells_nobody_where_it_is(
    tmp_path: Path, way: Any, kind: str
):
    data = kept_by_hand(tmp_path / "data")
    records, secrets = brought(way, [kind])
    done = taken(data, *records, witness())
    nothing_told(data, secrets, looked_at=HOMES)
    stands_in_the_middle(data, (one["id"] for one in records))
    report = as_text(done) + repr(done.changes) + repr(done.reading.left_aside)
    assert not any(one.told_by(report.encode()) for one in secrets)
    assert done.hidden >= len(HIDDEN)


@pytest.mark.parametrize("kind", NAMED_TYPES)
@pytest.mark.parametrize("way", NAMES.values(), ids=NAMES)
def test_a_record_with_its_name_tells_nobody_where_it_is(tmp_path: Path, way: Any, kind: str):
    data = kept_by_hand(tmp_path / "data")
    records, secrets = brought(lambda row: {"nom": way(row)}, [kind])
    done = taken(data, *records, witness())
    nothing_told(data, secrets, looked_at=HOMES)
    stands_in_the_middle(data, (one["id"] for one in records))
    assert not any(one.told_by(as_text(done).encode()) for one in secrets)


def test_it_survives_every_import_after_the_first(tmp_path: Path):
    data = kept_by_hand(tmp_path / "data")
    records, secrets = brought(WAYS["former id"], ["aav"])
    for force in (False, False, True):
        taken(data, *records, witness(), force=force)
        nothing_told(data, secrets, looked_at=HOMES)
    later, more = brought(lambda row: {"nom": NAMES["shouted"](row)}, ["bav"])
    taken(data, *later, witness(), force=True)
    nothing_told(data, [*secrets, *more], looked_at=HOMES)


def test_the_file_that_gives_every_one_away_in_every_way_at_once(tmp_path: Path):
    """Several records of one organisation: only one of them can be taken for ours."""
    data = kept_by_hand(tmp_path / "data")
    records, secrets = [], []
    for row in HIDDEN:
        home = HOMES[row["insee"]]
        for way in (WAYS["former id"], WAYS["number"], *({"nom": n(row)} for n in NAMES.values())):
            changed = way(row) if callable(way) else way
            secrets.append(secret(home, len(secrets) + 1))
            records.append(door(len(secrets), "bav", secrets[-1], home, **changed))
    taken(data, *records, witness())
    nothing_told(data, secrets, looked_at=HOMES)
    assert sum(one.hidden for one in read_contents(data).official) == len(records)


def test_nothing_is_written_down_even_for_a_moment_nor_left_by_an_import_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What lies on the disk when a file is about to be flushed is all that a power cut leaves."""
    data = kept_by_hand(tmp_path / "data")
    records, secrets = brought(WAYS["former id"], ["bav"])
    seen: list[dict[str, bytes]] = []
    flush = os.fsync

    def watched(handle: int) -> None:
        seen.append(kept(data))
        flush(handle)

    monkeypatch.setattr(os, "fsync", watched)
    taken(data, *records, witness())
    names = [Path(name).name for files in seen for name in files]
    assert any(name.startswith("official.csv-") for name in names)
    assert any(name.startswith("directory-") and name.endswith(".tmp") for name in names)

    def full(handle: int) -> None:
        watched(handle)
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(os, "fsync", full)
    more, others = brought(WAYS["number"], ["bav"])
    with pytest.raises(OSError, match="no room"):
        taken(data, *more, *records[:8], witness())
    seen.append(kept(data))
    for files in seen:
        for one in (*secrets, *others):
            assert not any(one.told_by(raw) for raw in files.values())
    assert not [*data.glob("*.tmp"), *(data.parent / "cache").glob("*.tmp")]


def test_a_file_that_is_refused_leaves_nothing_behind(tmp_path: Path):
    data = kept_by_hand(tmp_path / "data")
    records, secrets = brought(WAYS["former id"], ["aav"])
    taken(data, *records, witness(), force=False)
    with pytest.raises(TooMuchLostError) as refused:
        taken(data, *records[:4], force=False)
    (tmp_path / "annuaire.json").write_bytes(as_json(*records)[:-40])
    with pytest.raises(OfficialFileError) as broken:
        import_official(tmp_path / "annuaire.json", data, tmp_path / "cache", TODAY)
    told = repr(refused.value.losses) + repr(broken.value.problem) + str(broken.value)
    assert not any(one.told_by(told.encode()) for one in secrets)
    nothing_told(data, secrets, looked_at=HOMES)


# Hidden by hand


def hidden_by_hand(data: Path, official_id: str) -> None:
    """What an administrator may do in the table that an import has written."""
    with (data / OFFICIAL).open(encoding="utf-8", newline="") as read:
        rows = list(csv.DictReader(read))
    for row in rows:
        if row["official_id"] == official_id:
            row |= {"address_public": "masquee", "address": ""}
    with (data / OFFICIAL).open("w", encoding="utf-8", newline="") as written:
        writer = csv.DictWriter(written, COLUMNS[OFFICIAL], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(
    "again",
    [
        {},
        {"id": "99999999-2222-4333-8444-555555555555"},
        {"ancien_code_pivot": ""},
        {"telephone": [{"valeur": "+33 1 45 46 21 21"}]},
        {"id": "c-1", "ancien_code_pivot": "", "nom": "AIDE AUX VICTIMES – porte 7"},
        {"id": "c-1", "ancien_code_pivot": "", "nom": "Un autre nom pour les victimes"},
    ],
    ids=["the same", "new id", "no former id", "new number", "number", "number alone"],
)
@pytest.mark.parametrize("force", [False, True])
def test_a_row_hidden_by_hand_stays_hidden_at_the_next_import(
    tmp_path: Path, again: Mapping[str, Any], force: bool
):
    data = tables(tmp_path / "data", communes=[CACHAN, CRETEIL])
    shy = secret(CACHAN, 7)
    others = [door(n, "aav", secret(CACHAN, 500 + n), CACHAN) for n in range(30, 40)]
    first = door(7, "aav", shy, CACHAN, nom="Aide aux victimes, porte 7")
    taken(data, first, witness(), *others)
    assert any(shy.told_by(raw) for raw in kept(data).values())
    hidden_by_hand(data, first["id"])
    for _ in range(2):
        taken(data, {**first, **again}, witness(), *others, force=force)
        nothing_told(data, [shy], looked_at=["94016"])


def test_a_row_hidden_by_hand_is_hidden_before_any_import(tmp_path: Path):
    data = tables(tmp_path / "data", communes=[CACHAN, CRETEIL])
    shy = secret(CACHAN, 7)
    taken(data, door(7, "aav", shy, CACHAN), witness())
    hidden_by_hand(data, door(7, "aav", shy, CACHAN)["id"])
    known = opened(data)
    (one,) = [one for one in known.offices() if one.kind == "victim_support"]
    assert (one.hidden, one.address, one.point) == (True, "", Point(48.79, 2.33))
    assert not shy.told_by(said(known, "94016"))
    known.close()
    cached = {name: raw for name, raw in kept(data).items() if "cache" in Path(name).parts[-2]}
    assert cached
    assert not any(shy.told_by(raw) for raw in cached.values())


def test_one_of_ours_that_is_hidden_today_is_gone_from_the_built_file_today(tmp_path: Path):
    shown = CIDFF_94 | {
        "id": "victims-94", "kind": "victim_support", "address": f"1 {STREET}", "insee": "94016",
        "latitude": "48.8011234", "longitude": "2.3351237", "commune": "Cachan",
    }  # fmt: skip
    shy = Secret(f"1 {STREET}", "48.8011234", "2.3351237")
    data = tables(tmp_path / "data", offices=[shown])
    opened(data).close()
    assert any(shy.told_by(raw) for raw in kept(data).values())
    tables(data, offices=[
        shown | {"address": "", "address_public": "masquee", "latitude": "48.79",
                 "longitude": "2.33"},
    ])  # fmt: skip
    taken(data, witness())
    nothing_told(data, [shy], looked_at=["94016"])


def test_a_door_hidden_for_its_number_does_not_hide_all_that_bear_its_common_name(tmp_path: Path):
    """A desk that a hidden association holds, and the desks of other courts."""
    data = tables(
        tmp_path / "data", communes=[CACHAN, CRETEIL], offices=[one_hidden("Maison Claire")]
    )
    common = {"nom": "Bureau d'aide aux victimes - Tribunal"}
    its_own = door(
        7, "bav", secret(CACHAN, 7), CACHAN, telephone=[{"valeur": CIDFF_94["phone"]}], **common
    )
    records = its_own, door(8, "bav", secret(CRETEIL, 8), CRETEIL, **common), witness()
    first = taken(data, *records)
    table = (data / OFFICIAL).read_bytes()
    assert not any(one.changed for one in taken(data, *records).changes)
    assert (data / OFFICIAL).read_bytes() == table
    assert first.hidden == 2


# Any name at all


LETTERS = st.text("abcdefghijlmnoprstuvzàâçéèêëîïôùûœ", min_size=4, max_size=11)
KNOWN_WORDS = st.sampled_from(
    ["Femmes", "Élan", "Solidarité", "Cœur", "Étoile", "Maison", "Claire", "d'Écoute", "Rêve", "94"]
)


@cache
def one_hidden(name: str) -> Mapping[str, str]:
    return CIDFF_94 | {
        "id": "victims-94", "kind": "victim_support", "name": name, "address": "",
        "address_public": "masquee", "commune": "Cachan", "insee": "94016", "latitude": "48.79",
        "longitude": "2.33", "official_id": "aav-94016-01",
    }  # fmt: skip


@LAWS
@given(
    words=st.lists(LETTERS | KNOWN_WORDS, min_size=2, max_size=5, unique=True),
    kind=st.sampled_from(("bav", "cidf")),
    change=st.sampled_from((str, str.upper, str.lower, str.title, bare)),
    end=st.sampled_from(("", " - Cachan", " – Villejuif", " (Val-de-Marne)", " - 94")),
    place=st.sampled_from(("", " (Val-de-Marne)", " (Cachan)")),
    chance=st.randoms(use_true_random=False),
)
def test_no_way_of_writing_a_name_gives_its_door_away(  # noqa: PLR0917  all by name
    tmp_path_factory: pytest.TempPathFactory,
    words: list[str],
    kind: str,
    change: Any,
    end: str,
    place: str,
    chance: random.Random,
):
    data = tmp_path_factory.mktemp("nom") / "data"
    tables(data, offices=[one_hidden(" ".join(words) + place)], departements=[VAL_DE_MARNE])
    shuffled = chance.sample(words, len(words))
    shy = secret(CACHAN, 7)
    taken(data, door(7, kind, shy, CACHAN, nom=change(" ".join(shuffled)) + end), witness())
    assert len(read_contents(data).official) == 2
    nothing_told(data, [shy], looked_at=["94016"])


@pytest.mark.parametrize("row", HIDDEN, ids=lambda row: row["id"])
def test_a_local_pack_cannot_tell_where_a_hidden_office_is(tmp_path: Path, row: dict[str, str]):
    """By its number, or by its name under another number."""
    data = tables(tmp_path / "data", offices=[row], communes=list(HOMES.values()),
                  departements=list(departements()))  # fmt: skip
    (data / "local").mkdir()
    name = row["name"].partition("(")[0].strip()
    numbers = {"numero": ("Permanence", row["phone"]), "nom": (name[:60], "+33145462121")}
    for pack, (called, phone) in numbers.items():
        (data / "local" / f"{pack}.yml").write_text(
            f'nom: "Ville"\ncommunes: [{row["insee"]}]\nservices:\n  un:\n    genre: droits\n'
            f'    nom: "{called}"\n    pour: "Parler."\n    telephone: "{phone}"\n'
            '    adresse: "0007 Impasse Cachée"\n    source: "https://example.org/"\n'
            '    source_nom: "la Ville"\n    source_date: "2026"\n    verifie_le: "2026"\n',
            encoding="utf-8",
        )
    known = open_directory(data, tmp_path / "cache")
    services = list(known.services())
    assert len(services) == 2
    assert [one.address for one in services] == ["", ""]
    known.close()
