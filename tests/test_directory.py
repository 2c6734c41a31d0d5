"""The directory's one file: built once and whole, read-only from then on, rebuilt when broken."""

import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.referral.directory import Directory, DirectoryUnreadableError, open_directory
from bot.referral.office import Point
from bot.referral.tables import COMMUNES, DEPARTEMENTS, OFFICES, built_name, read_tables
from tests.ground import (
    CACHAN,
    CIDFF_94,
    DATA,
    ROOT,
    VAL_DE_MARNE,
    communes,
    directory,
    offices,
    tables,
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tables(tmp_path / "data")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def knows_cachan(known: Directory) -> bool:
    return [place.name for place in known.named("cachan")] == ["Cachan"]


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_it_is_built_at_first_use_and_never_again(data: Path, cache: Path):
    assert knows_cachan(open_directory(data, cache))
    built = cache / built_name(data)
    first = built.stat()
    assert files(cache) == [built.name]
    assert knows_cachan(open_directory(data, cache))
    assert (built.stat().st_ino, built.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)


def test_a_change_in_the_data_makes_a_new_one_and_the_old_one_goes(data: Path, cache: Path):
    old = open_directory(data, cache)
    tables(data, communes=[CACHAN | {"name": "Cachan-la-Neuve"}])
    new = open_directory(data, cache)
    assert [place.name for place in new.with_postcode("94230")] == ["Cachan-la-Neuve"]
    assert files(cache) == [built_name(data)]
    assert knows_cachan(old), "who has it open goes on reading it"


def test_a_file_half_written_is_never_served(data: Path, cache: Path):
    """What a process that died has left: its temporary file is nobody's directory."""
    cache.mkdir()
    (cache / "directory-dead.tmp").write_bytes(b"SQLite format 3\x00 half")
    assert knows_cachan(open_directory(data, cache))
    assert (cache / "directory-dead.tmp").read_bytes() == b"SQLite format 3\x00 half"


def test_many_who_begin_at_once_all_get_a_whole_one(data: Path, cache: Path):
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: open_directory(data, cache), range(16)))
    assert all(knows_cachan(one) and len(one.offices) == 1 for one in opened)
    assert files(cache) == [built_name(data)]


@pytest.mark.parametrize(
    "broken",
    [b"", b"not a database at all", b"SQLite format 3\x00", b"\x00" * 8192],
    ids=["empty", "text", "header", "zeros"],
)
def test_a_broken_file_is_built_again(data: Path, cache: Path, broken: bytes):
    """An empty one is what a power cut leaves of a file that was renamed but not yet written."""
    cache.mkdir()
    (cache / built_name(data)).write_bytes(broken)
    known = open_directory(data, cache)
    assert knows_cachan(known)
    assert len(known.offices) == 1


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_file_cut_short_is_built_again(data: Path, cache: Path, kept: float):
    open_directory(data, cache).close()
    built = cache / built_name(data)
    whole = built.read_bytes()
    built.write_bytes(whole[: int(len(whole) * kept)])
    known = open_directory(data, cache)
    assert knows_cachan(known)
    assert len(known.offices) == 1


def test_it_is_read_only_once_built(data: Path, cache: Path):
    known = open_directory(data, cache)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        known._db.execute("delete from offices")
    assert len(open_directory(data, cache).offices) == 1


def test_a_folder_that_cannot_be_written_is_told_as_such(data: Path, cache: Path):
    cache.write_text("a file stands where the folder should")
    with pytest.raises(OSError, match="exists"):
        open_directory(data, cache)


FULL_DISK = """
import resource, sys
from pathlib import Path
from bot.referral.directory import open_directory
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    open_directory(Path(sys.argv[1]), Path(sys.argv[2]))
except OSError:
    print("told")
"""


def test_a_full_disk_is_told_as_such_and_leaves_nothing_behind(tmp_path: Path, cache: Path):
    """The command line has a sentence for an OSError, and for nothing that SQLite says of it."""
    many = [CACHAN | {"insee": f"94{number:03}"} for number in range(900)]
    small = tables(tmp_path / "data", communes=many)
    went = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(small), str(cache)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert files(cache) == []
    assert (went.stdout, went.stderr) == ("told\n", "")


def test_the_data_of_this_checkout_is_without_a_fault():
    assert read_tables(DATA, "data")[1] == []


@pytest.mark.parametrize(
    ("table", "column", "cell"),
    [
        (COMMUNES, "insee", "9401"),
        (COMMUNES, "name", ""),
        (COMMUNES, "kind", "village"),
        (COMMUNES, "departement", "994"),
        (COMMUNES, "postcodes", "94230, 94231"),
        (COMMUNES, "population", "trente mille"),
        (COMMUNES, "latitude", "91"),
        (COMMUNES, "longitude", "2,33"),
        (DEPARTEMENTS, "code", "9A"),
        (DEPARTEMENTS, "name", ""),
        (DEPARTEMENTS, "latitude", "nord"),
        (OFFICES, "id", ""),
        (OFFICES, "kind", "mairie"),
        (OFFICES, "name", ""),
        (OFFICES, "address_public", "non"),
        (OFFICES, "departement", ""),
        (OFFICES, "latitude", ""),
        (OFFICES, "longitude", "inf"),
        (OFFICES, "phone", "01 72 16 56 50"),
        (OFFICES, "phone", "+33"),
        (OFFICES, "serves", "94;75"),
        (OFFICES, "serves", ""),
        (OFFICES, "source", ""),
        (OFFICES, "source_date", "01/2022"),
        (OFFICES, "confirmed_on", "2026-13"),
        (OFFICES, "status", "sûr"),
    ],
)
def test_a_bad_cell_is_told_with_its_file_and_line(
    tmp_path: Path, table: str, column: str, cell: str
):
    good = {COMMUNES: CACHAN, DEPARTEMENTS: VAL_DE_MARNE, OFFICES: CIDFF_94}
    key = {COMMUNES: "insee", DEPARTEMENTS: "code", OFFICES: "id"}[table]
    other = {COMMUNES: "94028", DEPARTEMENTS: "75", OFFICES: "autre"}[table]
    rows = {name: [row] for name, row in good.items()}
    rows[table] = [good[table] | {key: other}, good[table] | {column: cell}]
    folder = tables(tmp_path / "data", rows[COMMUNES], rows[DEPARTEMENTS], rows[OFFICES])
    _, found = read_tables(folder, "data")
    assert [(one.code, one.span.file, one.span.line) for one in found] == [
        ("csv.valeur", f"data/{table}", 3)
    ]
    assert column in found[0].sentence()
    assert cell in found[0].sentence("en")


def test_an_office_that_stands_twice_is_told_with_both_lines(tmp_path: Path):
    folder = tables(tmp_path / "data", offices=[CIDFF_94, CIDFF_94])
    _, found = read_tables(folder, "data")
    assert [(one.code, one.span.line, dict(one.values)["ligne"]) for one in found] == [
        ("csv.double", 3, "2")
    ]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("code,name,region\n94,Val-de-Marne,11\n", "csv.colonne_absente", 1),
        (
            "code,name,region,region_name,aliases,latitude,longitude,couleur\n",
            "csv.colonne_inconnue",
            1,
        ),
        (
            "code,name,region,region_name,aliases,latitude,longitude\n94,Val-de-Marne\n",
            "csv.colonnes",
            2,
        ),
        (
            'code,name,region,region_name,aliases,latitude,longitude\n94,"Val"x,1,,,,\n',
            "csv.illisible",
            2,
        ),
    ],
)
def test_a_table_out_of_shape_is_told_with_its_line(data: Path, text: str, code: str, line: int):
    (data / DEPARTEMENTS).write_text(text, encoding="utf-8")
    _, found = read_tables(data, "data")
    assert (code, line) in {(one.code, one.span.line) for one in found}
    assert {one.span.file for one in found} == {f"data/{DEPARTEMENTS}"}


@pytest.mark.parametrize("name", [COMMUNES, DEPARTEMENTS, OFFICES])
def test_a_missing_table_is_told(data: Path, cache: Path, name: str):
    (data / name).unlink()
    with pytest.raises(DirectoryUnreadableError) as caught:
        open_directory(data, cache)
    assert [(one.code, one.span.file) for one in caught.value.problems] == [
        ("fichier.introuvable", f"data/{name}")
    ]


def test_data_without_other_names_or_without_an_office_makes_a_directory_too(
    tmp_path: Path, cache: Path
):
    folder = tables(
        tmp_path / "data", [CACHAN | {"aliases": ""}], [VAL_DE_MARNE | {"aliases": ""}], []
    )
    known = open_directory(folder, cache)
    assert knows_cachan(known)
    assert known.departement("nulle part") is None
    assert known.near("C94016") == []


def test_bad_data_leaves_the_directory_in_service(data: Path, cache: Path):
    known = open_directory(data, cache)
    before = files(cache)
    tables(data, offices=[CIDFF_94 | {"phone": "dix-sept"}])
    with pytest.raises(DirectoryUnreadableError) as caught:
        open_directory(data, cache)
    assert [(one.span.file, one.span.line) for one in caught.value.problems] == [
        (f"data/{OFFICES}", 2)
    ]
    assert files(cache) == before
    assert knows_cachan(known)
    assert [near.office.id for near in known.near("C94016")] == ["cidff-94"]


def test_a_hidden_address_never_leaves_the_data(tmp_path: Path, cache: Path):
    """Should somebody write one down by mistake: a place where women are sheltered."""
    secret = CIDFF_94 | {"address": "7 impasse du Secret", "address_public": "masquee"}
    known = open_directory(tables(tmp_path / "data", offices=[secret]), cache)
    assert [one.address for one in known.offices] == [""]
    assert [near.office.address for near in known.near("C94016")] == [""]


def test_every_office_of_the_data_stands_in_the_directory():
    told = {row["id"]: row["address_public"] == "oui" for row in offices()}
    assert {one.id for one in directory().offices} == set(told)
    assert len(told) == 403
    for one in directory().offices:
        assert told[one.id] or one.address == ""


def test_every_code_of_the_data_can_be_located():
    for row in communes()[::500]:
        located = directory().locate(f"C{row['insee']}")
        assert located is not None
        assert located.place.name == row["name"]
        known = located.point
        assert (known is None) == (row["latitude"] == "")
        assert known is None or known == Point(float(row["latitude"]), float(row["longitude"]))


@pytest.mark.parametrize(
    ("latitude", "longitude", "name"),
    [
        (48.7917, 2.3319, "Cachan"),
        (-20.8823, 55.4504, "Saint-Denis"),
        (41.9192, 8.7386, "Ajaccio"),
        (48.3904, -4.4861, "Brest"),
    ],
)
def test_a_position_is_turned_into_its_commune(latitude: float, longitude: float, name: str):
    place = directory().here(Point(latitude, longitude))
    assert place is not None
    assert place.name == name


@pytest.mark.parametrize(
    "point",
    [
        Point(51.5072, -0.1276),  # London
        Point(40.4168, -3.7038),  # Madrid
        Point(47.0, -8.0),  # at sea
        Point(43.28, 9.38),  # 30 km north of Corsica
        Point(0.0, 0.0),
        Point(90.0, 180.0),
        Point(float("nan"), 2.0),
        Point(float("inf"), float("-inf")),
    ],
)
def test_a_position_elsewhere_is_no_commune(point: Point):
    assert directory().here(point) is None


def test_the_real_directory_is_built_from_the_real_data_alone(tmp_path: Path):
    """Copied elsewhere, the same files give a file of the same name."""
    for name in (COMMUNES, DEPARTEMENTS, OFFICES):
        shutil.copy(DATA / name, tmp_path / name)
    assert built_name(tmp_path) == built_name(DATA)
    with (tmp_path / OFFICES).open("a", encoding="utf-8") as opened:
        opened.write("\n")
    assert built_name(tmp_path) != built_name(DATA)


def test_reading_is_possible_from_any_thread():
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: knows_cachan(directory()), range(20)))
    assert all(found)
