"""Taking over an official file: all of it or nothing, and nobody who asks meanwhile notices."""

import csv
import errno
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading import files
from bot.referral.contents import DirectoryUnreadableError, read_contents
from bot.referral.directory import open_directory
from bot.referral.office import Office
from bot.referral.official.file import OfficialFileError
from bot.referral.official.importing import Import, TooMuchLostError, import_official
from bot.referral.official.words import clean
from bot.referral.place import normalise
from bot.referral.tables import OFFICIAL, built_name
from tests.dila_files import MEMBER, address, archive, as_text, exported, line, record
from tests.ground import CACHAN, CIDFF_94, DATA, LAWS, ROOT, tables

TODAY = date(2026, 11, 22)
REAL = ROOT.parent / "shared" / "dila" / "donnees_locales_2022-01.v4.json.gz"
at_hand = pytest.mark.skipif(not REAL.exists(), reason="no real records at hand")
CRETEIL = CACHAN | {
    "insee": "94028", "name": "Créteil", "postcodes": "94000", "latitude": "48.78",
    "longitude": "2.45", "aliases": "",
}  # fmt: skip
TYPES = ("cidf", "aav", "bav", "commissariat_police", "gendarmerie", "permanence_juridique")
KINDS = ("cidff", "victim_support", "court_desk", "police", "gendarmerie", "legal_access")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tables(tmp_path / "data", communes=[CACHAN, CRETEIL])


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def door(number: int, kind: str = "gendarmerie", **changed: Any) -> dict[str, Any]:
    """One of many records: its own id, name and number."""
    told = {
        "id": f"{number:08}-2222-4333-8444-555555555555",
        "ancien_code_pivot": f"{kind}-94016-{number:03}",
        "phone": f"01 49 08 {number // 100:02} {number % 100:02}",
    }  # fmt: skip
    return record(kind, f"Aide aux victimes, porte {number}", **told | changed)


def written(data: Path) -> list[dict[str, str]]:
    with (data / OFFICIAL).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def taken(data: Path, raw: bytes | Path, *, force: bool = False) -> Import:
    """Import a file, with the cache beside the data."""
    file = raw if isinstance(raw, Path) else data.parent / "annuaire"
    if isinstance(raw, bytes):
        file.write_bytes(raw)
    return import_official(file, data, data.parent / "cache", TODAY, force=force)


def offices(data: Path) -> dict[str, Office]:
    known = open_directory(data, data.parent / "cache")
    found = {one.id: one for one in known.offices()}
    known.close()
    return found


def everything(*folders: Path) -> dict[str, bytes]:
    """Every file, whole, by its path."""
    return {
        str(file): file.read_bytes()
        for folder in folders
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


# What is written


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda text: text,
        gzip.compress,
        lambda text: archive((f"jour/{MEMBER}", text)),
        lambda text: json.dumps([exported(one) for one in json.loads(text)["service"]]).encode(),
    ],
    ids=["json", "json.gz", "tar.bz2", "API export"],
)
def test_a_file_in_any_of_its_shapes_adds_its_doors(data: Path, wrapped: Any):
    told = taken(data, wrapped(as_text(*(door(n, kind) for n, kind in enumerate(TYPES)))))
    added = {one.kind: len(one.added) for one in told.changes}
    assert added == {**dict.fromkeys(KINDS, 1), "cidff": 1}
    assert Counter(row["kind"] for row in written(data)) == dict.fromkeys(KINDS, 1)
    assert Counter(one.kind for one in offices(data).values())["police"] == 1


def test_what_is_not_taken_is_told_by_its_type(data: Path):
    raw = as_text(door(1), door(2, "pmi"), door(3, "pmi"), door(4, "soucoupe"), door(5, "chrs"))
    reading = taken(data, raw).reading
    assert (reading.unwanted, reading.unrecognised) == ({"pmi": 2, "chrs": 1}, {"soucoupe": 1})
    assert len(written(data)) == 1


def test_a_record_that_was_left_out_by_hand_does_not_come_back(tmp_path: Path):
    dropped = [{"official_id": "aav-94016-002", "name": "x", "reason": "essai"}]
    data = tables(tmp_path / "data", dropped=dropped)
    taken(data, as_text(door(1, "aav"), door(2, "aav")), force=True)
    assert [row["id"] for row in written(data)] == ["aav-94016-001"]


def test_the_table_is_read_by_whoever_could_read_the_others(data: Path):
    taken(data, as_text(door(1)))
    assert (data / OFFICIAL).stat().st_mode & 0o777 == 0o644


TEXTS = st.text(max_size=20) | st.sampled_from(
    ['"', 'a"b', "a,b", "a\nb", "\ud800", "=1+1", "  ", "\x00", "Évry\r\nCourcouronnes", "M. X"]
)


@LAWS
@given(
    st.lists(
        st.tuples(st.sampled_from(TYPES), TEXTS, TEXTS, TEXTS, st.booleans()),
        max_size=6,
    )
)
def test_whatever_a_record_says_the_table_can_be_read_again_and_says_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    told: list[tuple[str, str, str, str, bool]],
):
    data = tables(tmp_path_factory.mktemp("table") / "data", communes=[CACHAN, CRETEIL])
    records = [
        door(
            number, kind, nom="Aide aux victimes " + name, at=[address(numero_voie=street)],
            site_internet=[{"valeur": f"https://example.org/{page}"}],
            plage_ouverture=[line("Lundi", "Vendredi", "09:00:00", "12:00:00")] * weekly,
        )
        for number, (kind, name, street, page, weekly) in enumerate(told)
    ]  # fmt: skip
    raw = json.dumps({"service": records}).encode()
    listings = {one.id: one for one in taken(data, raw, force=True).reading.listings}
    read = read_contents(data).official
    assert {one.official_id for one in read} == set(listings)
    for one in read:
        assert (one.name, one.phone, one.website, one.hours) == (
            listings[one.official_id].name, listings[one.official_id].phone,
            listings[one.official_id].website, listings[one.official_id].hours,
        )  # fmt: skip


@LAWS
@given(st.lists(st.sampled_from(TYPES), max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_records_is_of_no_matter_and_the_same_again_is_no_change(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str], chance: random.Random
):
    folder = tmp_path_factory.mktemp("ordre")
    data = tables(folder / "data", communes=[CACHAN, CRETEIL])
    records = [
        door(n, kind, phone=f"01 49 08 55 0{n % 3}", ancien_code_pivot=f"{kind}-94016-{n}")
        for n, kind in enumerate(kinds)
    ]
    taken(data, as_text(*records), force=True)
    first = everything(data)
    chance.shuffle(records)
    told = taken(data, as_text(*records))
    assert everything(data) == first
    assert not any((one.added, one.changed, one.dropped) != ((), (), ()) for one in told.changes)


def test_the_same_file_with_another_day_changes_only_the_day(data: Path):
    taken(data, as_text(door(1), door(2)))
    told = taken(data, as_text(door(1), door(2, date_modification="20/11/2026 08:00:00")))
    assert all(one.added == one.changed == one.dropped == () for one in told.changes)
    assert {row["source_date"] for row in written(data)} == {"2026-11-20"}


def test_one_of_ours_is_found_again_and_takes_the_newer_facts(tmp_path: Path):
    ours = CIDFF_94 | {"official_id": "cidf-94028-01", "status": "unconfirmed"}
    data = tables(tmp_path / "data", communes=[CACHAN, CRETEIL], offices=[ours])
    fresh = door(1, "cidf", ancien_code_pivot="cidf-94028-01", date_modification="2026-11-20")
    (told,) = taken(data, as_text(fresh)).changes
    assert (told.kind, told.changed, told.added) == ("cidff", ("cidff-94",), ())
    now = offices(data)["cidff-94"]
    assert (now.name, now.phone, now.status) == (ours["name"], "+33149080001", "official")


def test_two_records_that_share_a_former_id_are_two_doors(data: Path):
    taken(data, as_text(door(1, ancien_code_pivot="x-1"), door(2, ancien_code_pivot="x-1")))
    assert len({row["id"] for row in written(data)}) == 2


def test_a_record_that_bears_an_id_of_ours_takes_nobodys_place(tmp_path: Path):
    ours = CIDFF_94 | {"official_id": "cidf-94028-01", "status": "unconfirmed"}
    data = tables(tmp_path / "data", communes=[CACHAN, CRETEIL], offices=[ours])
    known = door(1, "cidf", ancien_code_pivot="cidf-94028-01")
    taken(data, as_text(known, door(2, "cidf", ancien_code_pivot="cidff-94")))
    assert len({row["id"] for row in written(data)}) == 2


def test_a_table_that_could_not_be_read_again_is_never_put_in_place(
    data: Path, monkeypatch: pytest.MonkeyPatch
):
    taken(data, as_text(door(1)))
    before = everything(data)
    monkeypatch.setattr(files, "BYTES_LIMIT", 20_000)
    try:
        taken(data, as_text(*(door(n) for n in range(200))))
    except Exception:  # noqa: BLE001  however it is told
        assert everything(data) == before
    assert offices(data)


def test_a_file_older_than_the_last_one_changes_nothing(data: Path):
    taken(data, as_text(door(1, date_modification="2026-11-20")))
    before = everything(data)
    with suppress(Exception):  # however it is told
        taken(data, as_text(door(1, phone="01 49 08 55 99", date_modification="2022-01-05")))
    assert everything(data) == before


# Too much lost


def hundred(kind: str, gone: int, beside: int = 3) -> bytes:
    other = "bav" if kind != "bav" else "cidf"
    rows = [door(n, kind) for n in range(gone, 100)]
    return as_text(*rows, *(door(n, other) for n in range(200, 200 + beside)))


@pytest.mark.parametrize("kind", TYPES)
def test_a_fifth_of_a_kind_may_go_at_once_and_no_more(tmp_path: Path, kind: str):
    data = tables(tmp_path / "data")
    taken(data, hundred(kind, 0))
    before = everything(data, data.parent / "cache")
    with pytest.raises(TooMuchLostError) as refused:
        taken(data, hundred(kind, 21))
    assert [(one.before, one.lost) for one in refused.value.losses] == [(100, 21)]
    assert everything(data, data.parent / "cache") == before
    taken(data, hundred(kind, 19))
    assert len(written(data)) == 81 + 3
    taken(data, hundred(kind, 60), force=True)
    assert len(written(data)) == 40 + 3


def test_a_kind_that_is_gone_as_a_whole_is_refused_by_name(data: Path):
    taken(data, hundred("gendarmerie", 0, beside=1))
    with pytest.raises(TooMuchLostError) as refused:
        taken(data, hundred("gendarmerie", 0, beside=0))
    assert [(one.kind, one.before, one.lost) for one in refused.value.losses] == [
        ("court_desk", 1, 1)
    ]


def test_an_empty_file_takes_nothing_away(data: Path):
    taken(data, hundred("gendarmerie", 0))
    before = everything(data)
    with pytest.raises(TooMuchLostError):
        taken(data, as_text())
    assert everything(data) == before


def test_the_first_import_is_held_against_our_own_rows(tmp_path: Path):
    ours = [
        CIDFF_94 | {"id": f"cidff-{n}", "official_id": f"cidf-94016-{n:03}", "name": f"CIDFF {n}"}
        for n in range(10)
    ]
    data = tables(tmp_path / "data", communes=[CACHAN, CRETEIL], offices=ours)
    before = everything(data)
    with pytest.raises(TooMuchLostError) as refused:
        taken(data, as_text(*(door(n, "cidf") for n in range(3, 10))))
    assert [(one.kind, one.before, one.lost) for one in refused.value.losses] == [("cidff", 10, 3)]
    assert everything(data) == before
    taken(data, as_text(*(door(n, "cidf") for n in range(2, 10))))
    assert len(written(data)) == 8


# Whatever is wrong, the directory in service stays as it was


SPOILT = {
    "empty": b"",
    "not JSON": b"<service/>",
    "cut": as_text(door(1), door(2))[:-50],
    "UTF-16": as_text(door(1)).decode().encode("utf-16"),
    "cut gzip": gzip.compress(as_text(door(1)))[:-30],
    "broken gzip": gzip.compress(as_text(door(1)))[:40] + b"\0" * 100,
    "cut archive": archive((MEMBER, as_text(door(1))))[:-30],
    "climbing": archive((f"../{MEMBER}", as_text(door(1)))),
    "no member": archive(("autre.json", as_text(door(1)))),
    "another shape": b'{"mairies": []}',
    "a bomb": gzip.compress(b'{"service": [' + b" " * 9_000_000),
    "half of it": as_text(*(door(n) for n in range(50))),
}


@pytest.mark.parametrize("raw", SPOILT.values(), ids=SPOILT)
def test_a_bad_file_leaves_every_file_byte_for_byte(data: Path, cache: Path, raw: bytes):
    taken(data, as_text(*(door(n) for n in range(100))))
    before = everything(data, cache)
    with pytest.raises((OfficialFileError, TooMuchLostError)) as refused:
        taken(data, raw)
    assert everything(data, cache) == before
    if isinstance(refused.value, OfficialFileError):
        told = refused.value.problem
        assert (told.span.file, told.severity) == ("annuaire", "erreur")


def test_a_bad_file_before_any_import_leaves_no_table(data: Path):
    before = everything(data)
    with pytest.raises(OfficialFileError):
        taken(data, b"<service/>")
    assert everything(data) == before


def test_tables_with_a_mistake_are_told_before_anything_is_read(data: Path):
    taken(data, as_text(door(1)))
    before = (data / OFFICIAL).read_bytes()
    tables(data, offices=[CIDFF_94 | {"phone": "0145462121"}])
    with pytest.raises(DirectoryUnreadableError) as refused:
        taken(data, as_text(door(2)))
    assert [one.code for one in refused.value.problems] == ["csv.valeur"]
    assert (data / OFFICIAL).read_bytes() == before


CHILD = """
import os, resource, sys
from datetime import date
from pathlib import Path
sys.path.insert(0, {root!r})
from bot.referral.official.importing import import_official
{before}
here = Path({here!r})
try:
    import_official(here / "annuaire", here / "data", here / "cache", date(2026, 11, 22))
except OSError as refused:
    print(type(refused).__name__, refused.errno)
else:
    print("done")
"""


def in_a_child(here: Path, before: str = "") -> str:
    script = CHILD.format(root=str(ROOT), before=before, here=str(here))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          check=False, cwd="/")  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.strip()


def ready(data: Path) -> None:
    """One import is done, and a larger file lies there for the next."""
    taken(data, as_text(*(door(n) for n in range(50))))
    (data.parent / "annuaire").write_bytes(as_text(*(door(n) for n in range(300))))


def test_a_full_disk_leaves_every_file_as_it_was(data: Path, cache: Path):
    ready(data)
    before = everything(data, cache)
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))"
    assert in_a_child(data.parent, limit).startswith("OSError")
    assert everything(data, cache) == before
    assert len(offices(data)) == 51


def test_a_disk_with_room_for_the_table_alone_serves_it_from_memory(data: Path, cache: Path):
    ready(data)
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    size = 300 * (data / OFFICIAL).stat().st_size // 50
    assert size < 100_000 < (cache / built_name(data)).stat().st_size + size
    assert in_a_child(data.parent, limit) == "done"
    assert len(written(data)) == 300
    assert not [*data.glob("*.tmp"), *cache.glob("*.tmp")]
    assert len(offices(data)) == 301


def test_a_data_folder_that_cannot_be_written_is_told_and_stays_as_it_was(data: Path, cache: Path):
    ready(data)
    for folder in (data.parent, *data.parent.parents[:2]):
        folder.chmod(0o755)
    data.chmod(0o555)
    before = everything(data, cache)
    try:
        assert refused_to_nobody(data) == errno.EACCES
        assert everything(data, cache) == before
    finally:
        data.chmod(0o755)


def refused_to_nobody(data: Path) -> int:
    """The number of the error that an import without rights ends in; 0 where it ends well."""
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:  # who may write anywhere becomes somebody who may not
            os.setuid(65534)
        code = 255
        try:
            taken(data, data.parent / "annuaire")
            code = 0
        except OSError as refused:
            code = refused.errno or 255
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def one_or_the_other(data: Path, old: bytes, new: bytes) -> str:
    now = (data / OFFICIAL).read_bytes()
    assert now in (old, new)
    assert len(offices(data)) == (301 if now == new else 51)
    return "new" if now == new else "old"


def test_an_import_killed_at_any_moment_leaves_the_old_table_or_the_new_one(data: Path):
    ready(data)
    old = (data / OFFICIAL).read_bytes()
    began = time.monotonic()
    assert in_a_child(data.parent) == "done"
    took = time.monotonic() - began
    new = (data / OFFICIAL).read_bytes()
    chance = random.Random(11)
    seen = []
    for _ in range(10):
        (data / OFFICIAL).write_bytes(old)
        script = CHILD.format(root=str(ROOT), before="", here=str(data.parent))
        child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.DEVNULL, cwd="/")
        time.sleep(took * chance.uniform(0.4, 1.05))
        child.send_signal(signal.SIGKILL)
        child.wait()
        seen.append(one_or_the_other(data, old, new))
    assert "old" in seen


# Who asks meanwhile


def test_a_directory_opened_before_goes_on_answering(data: Path, cache: Path):
    taken(data, as_text(door(1)))
    known = open_directory(data, cache)
    file = cache / built_name(data)
    taken(data, as_text(door(1), door(2, "cidf")))
    assert not file.exists(), "what it reads has no name any more"
    assert [place.name for place in known.places.named("cachan")] == ["Cachan"]
    assert len(list(known.offices())) == 2
    assert known.proposal("C94016") is not None
    known.close()
    assert len(offices(data)) == 3


# The real records


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Import, Import]:
    """This checkout's own data with the real records, imported twice."""
    data = tmp_path_factory.mktemp("vrai") / "data"
    data.mkdir()
    for file in DATA.iterdir():
        if file.is_file() and file.name != OFFICIAL:
            (data / file.name).write_bytes(file.read_bytes())
    first = taken(data, REAL)
    kept = (data / OFFICIAL).read_bytes()
    second = taken(data, REAL)
    assert (data / OFFICIAL).read_bytes() == kept
    return data, first, second


@at_hand
@pytest.mark.shared
def test_the_real_file_comes_in_without_force_and_again_without_a_change(
    real: tuple[Path, Import, Import],
):
    _, first, second = real
    added = {one.kind: len(one.added) for one in first.changes}
    assert added == {
        "cidff": 0, "victim_support": 0, "court_desk": 0, "police": 586, "gendarmerie": 2957,
        "legal_access": 1819,
    }  # fmt: skip
    assert not any(one.dropped for one in first.changes)
    assert not any(one.added or one.changed or one.dropped for one in second.changes)
    assert {one.kind: one.same for one in second.changes} == {
        "cidff": 105, "victim_support": 134, "court_desk": 164, "police": 586, "gendarmerie": 2957,
        "legal_access": 1819,
    }  # fmt: skip
    assert (first.hidden, second.hidden) == (16, 16)


@at_hand
@pytest.mark.shared
def test_what_was_left_out_or_hidden_by_hand_stays_so_in_the_real_file(
    real: tuple[Path, Import, Import],
):
    data, first, _ = real
    known = read_contents(data)
    assert len(known.dropped) == 97
    rows = written(data)
    there = {row["id"] for row in rows} | {row["official_id"] for row in rows}
    assert not there & known.dropped.keys()
    assert Counter(one.reason for one in first.reading.left_aside)["dropped"] == 97
    hidden = {one.id for one in known.ours if one.hidden}
    assert len(hidden) == 16
    now = offices(data)
    for id_ in hidden:
        assert (now[id_].hidden, now[id_].address) == (True, "")
        assert now[id_].point == known.centre(now[id_].insee)
    assert {row["id"] for row in rows if row["address_public"] == "masquee"} <= hidden
    assert not [row for row in rows if row["address_public"] == "masquee" and row["address"]]


@at_hand
@pytest.mark.shared
def test_no_shelter_and_no_child_welfare_centre_comes_in(real: tuple[Path, Import, Import]):
    data, first, _ = real
    assert first.reading.unwanted["pmi"] == 1061
    for row in written(data):
        words = set(normalise(clean(row["name"])).split())
        assert not words & {"pmi", "chrs", "hebergement", "refuge"}, row["id"]
        assert "maternelle et infantile" not in normalise(row["name"])


@at_hand
@pytest.mark.shared
def test_every_department_keeps_its_doors_with_the_real_file(real: tuple[Path, Import, Import]):
    data, _, _ = real
    known = read_contents(data)
    before = {(one.kind, area) for one in known.ours for area in one.serves}
    after = {(one.kind, area) for one in offices(data).values() for area in one.serves}
    assert before <= after
