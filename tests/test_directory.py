"""The directory's one file: built once and whole, read-only from then on, rebuilt when broken."""

import logging
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation import Shown
from bot.referral.actions import in_process
from bot.referral.contents import DirectoryUnreadableError, contents_problems
from bot.referral.directory import Directory, empty_directory, open_directory, open_store
from bot.referral.office import (
    DOORS,
    KINDS,
    LAW,
    SAFETY,
    Office,
    Point,
    nearest,
    proposed,
)
from bot.referral.tables import (
    COMMUNES,
    DEPARTEMENTS,
    DROPPED,
    GAPS,
    LOCAL,
    OFFICES,
    OFFICIAL,
    OUTLINES,
    SOURCES,
    built_name,
    read_tables,
)
from bot.triage.engine import State
from tests.ground import (
    CACHAN,
    CIDFF_94,
    LAWS,
    ROOT,
    STATION_94,
    VAL_DE_MARNE,
    communes,
    conversation,
    departements,
    directory,
    offices,
    published,
    tables,
)

GAP_94 = {
    "departement": "94", "kind": "court_desk", "gap": "Aucun.", "source": "essai",
    "source_date": "2026",
}  # fmt: skip
LEFT_OUT = {"official_id": "aav-1", "name": "Essai", "reason": "essai"}
PACK = """nom: "Ville des Essais"
communes: [94016]
services:
  ecoute:
    genre: ecoute
    nom: "Point écoute"
    pour: "Parler à quelqu'un."
    telephone: "+33172165651"
    source: "essai"
    source_nom: "la Ville"
    source_date: "2026-10"
    verifie_le: "2026-11"
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tables(tmp_path / "data")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def knows_cachan(known: Directory) -> bool:
    return [place.name for place in known.places.named("cachan")] == ["Cachan"]


def offices_of(known: Directory) -> int:
    return len(list(known.offices()))


def doors_at(known: Directory, code: str) -> list[str]:
    found = known.proposal(code)
    assert found is not None
    return [near.office.id for near in found.doors]


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
    assert [place.name for place in new.places.with_postcode("94230")] == ["Cachan-la-Neuve"]
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
    assert all(knows_cachan(one) and offices_of(one) == 1 for one in opened)
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
    assert offices_of(known) == 1


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_file_cut_short_is_built_again(data: Path, cache: Path, kept: float):
    open_directory(data, cache).close()
    built = cache / built_name(data)
    whole = built.read_bytes()
    built.write_bytes(whole[: int(len(whole) * kept)])
    known = open_directory(data, cache)
    assert knows_cachan(known)
    assert offices_of(known) == 1


def test_it_is_read_only_once_built(data: Path, cache: Path):
    known = open_directory(data, cache)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        known._store._db.execute("delete from offices")
    assert offices_of(open_directory(data, cache)) == 1


def test_a_folder_that_cannot_be_written_keeps_nobody_from_being_served(
    data: Path, cache: Path, caplog: pytest.LogCaptureFixture
):
    cache.write_text("a file stands where the folder should")
    with caplog.at_level(logging.WARNING):
        known = open_directory(data, cache)
    assert knows_cachan(known)
    assert doors_at(known, "C94016") == ["cidff-94"]
    assert [record.getMessage() for record in caplog.records] == ["directory.in_memory"]


def test_what_is_served_from_memory_can_be_read_from_any_thread(data: Path, cache: Path):
    cache.write_text("a file stands where the folder should")
    known = open_directory(data, cache)
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: knows_cachan(known), range(20)))


def test_a_folder_in_its_place_keeps_nobody_from_being_served(data: Path, cache: Path):
    """As a broken file on a disk that cannot be written: it can be neither read nor taken away."""
    (cache / built_name(data) / "inside").mkdir(parents=True)
    assert knows_cachan(open_directory(data, cache))


FULL_DISK = """
import resource, sys
from pathlib import Path
from bot.referral.directory import open_directory
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
found = open_directory(Path(sys.argv[1]), Path(sys.argv[2])).proposal("C94016")
print([near.office.id for near in found.doors])
"""


def test_a_full_disk_keeps_nobody_from_being_served_and_nothing_is_left_on_it(
    tmp_path: Path, cache: Path
):
    many = [CACHAN, *(CACHAN | {"insee": f"94{number:03}"} for number in range(100, 999))]
    small = tables(tmp_path / "data", communes=many)
    went = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(small), str(cache)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert files(cache) == []
    assert (went.stdout, went.stderr) == ("['cidff-94']\n", "directory.in_memory\n")


# A bot that has it open


def zeroed(file: Path) -> None:
    file.write_bytes(b"\x00" * file.stat().st_size)


def cut(file: Path) -> None:
    with file.open("rb+") as opened:
        opened.truncate(file.stat().st_size // 3)


def scribbled(file: Path) -> None:
    """Other bytes from the second page on: the first still says that all is well."""
    with file.open("rb+") as opened:
        opened.seek(4096)
        opened.write(b"\xa5" * (file.stat().st_size - 4096))


def emptied(file: Path) -> None:
    with file.open("rb+") as opened:
        opened.truncate(0)


def gone(file: Path) -> None:
    file.unlink()


WAYS = pytest.mark.parametrize("spoil", [zeroed, cut, scribbled, emptied, gone])


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Data whose file is larger than what SQLite keeps of it in memory."""
    more = (
        CACHAN | {"insee": f"94{number:03}", "name": f"Essai {number}", "aliases": "x" * 4000}
        for number in range(100, 999)
    )
    return tables(tmp_path / "data", communes=[CACHAN, *more])


@WAYS
def test_a_file_that_breaks_under_a_running_bot_is_built_again(
    many: Path, cache: Path, spoil: Callable[[Path], None]
):
    known = open_directory(many, cache)
    spoil(cache / built_name(many))
    assert doors_at(known, "C94016") == ["cidff-94"]
    assert knows_cachan(known)
    assert [place.code for place in known.places.with_postcode("94230")][:1] == ["C94016"]
    assert len(known.places.beginning("essai", 999)) == 899
    assert knows_cachan(open_directory(many, cache))


def test_a_few_broken_pages_in_its_middle_are_seen_at_once_and_it_is_built_again(
    many: Path, cache: Path
):
    """Else it would be found broken, and opened as it is, again and again."""
    open_directory(many, cache).close()
    file = cache / built_name(many)
    with file.open("rb+") as opened:
        opened.seek(file.stat().st_size // 8192 * 4096)
        opened.write(b"\xa5" * 40_960)
    known = open_directory(many, cache)
    assert b"\xa5" * 4096 not in file.read_bytes()
    assert len(known.places.beginning("essai", 999)) == 899


def test_that_it_broke_is_logged_without_a_word_of_what_was_asked(
    many: Path, cache: Path, caplog: pytest.LogCaptureFixture
):
    known = open_directory(many, cache)
    zeroed(cache / built_name(many))
    with caplog.at_level(logging.DEBUG):
        assert knows_cachan(known)
    assert [record.getMessage() for record in caplog.records] == ["directory.broken"]


def test_a_file_that_breaks_where_no_other_can_be_written_is_served_from_memory(
    many: Path, cache: Path
):
    known = open_directory(many, cache)
    zeroed(cache / built_name(many))
    shutil.rmtree(cache)
    cache.write_text("a file stands where the folder should")
    assert doors_at(known, "C94016") == ["cidff-94"]


def test_where_the_data_is_broken_too_it_is_told(many: Path, cache: Path):
    known = open_directory(many, cache)
    file = cache / built_name(many)
    (many / OFFICES).write_text("rien", encoding="utf-8")
    zeroed(file)
    with pytest.raises(DirectoryUnreadableError):
        known.proposal("C94016")


def test_a_bot_turns_to_newer_data_without_being_started_again(data: Path, cache: Path):
    known = open_directory(data, cache)
    places = known.places
    tables(data, offices=[CIDFF_94 | {"id": "neuf"}], sources="sources:\n  offices.csv:"
           " {nom: Neuf, licence: x, valable_mois: 6}\n")  # fmt: skip
    assert doors_at(known, "C94016") == ["cidff-94"], "not by itself"
    known.turn_to(open_store(data, cache))
    assert doors_at(known, "C94016") == ["neuf"]
    assert known.sources[OFFICES].months == 6
    assert [place.name for place in places.named("cachan")] == ["Cachan"], "who still reads it"


# What it is made of


def test_the_data_of_this_checkout_is_without_a_fault():
    assert contents_problems(published()) == []


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
        (OFFICES, "insee", "9402"),
        (OFFICES, "hours", "le matin"),
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
        (OFFICES, "kind", "police"),
        (OFFICIAL, "kind", "pmi"),
        (OFFICIAL, "phone", "0149085500"),
        (OFFICIAL, "hours", "de 9 à 17 h"),
        (OFFICIAL, "modified", "hier"),
        (OFFICIAL, "address_public", ""),
        (GAPS, "departement", "994"),
        (GAPS, "kind", "police"),
        (GAPS, "gap", ""),
        (GAPS, "source_date", "2026-02-30"),
        (DROPPED, "reason", ""),
    ],
)
def test_a_bad_cell_is_told_with_its_file_and_line(
    tmp_path: Path, table: str, column: str, cell: str
):
    good = {
        COMMUNES: CACHAN, DEPARTEMENTS: VAL_DE_MARNE, OFFICES: CIDFF_94, OFFICIAL: STATION_94,
        GAPS: GAP_94, DROPPED: LEFT_OUT,
    }  # fmt: skip
    other = {
        COMMUNES: {"insee": "94028"}, DEPARTEMENTS: {"code": "75"}, OFFICES: {"id": "autre"},
        OFFICIAL: {"id": "autre"}, GAPS: {"kind": "cidff"}, DROPPED: {"official_id": "autre"},
    }  # fmt: skip
    rows = {name: [row] for name, row in good.items()}
    rows[table] = [good[table] | other[table], good[table] | {column: cell}]
    folder = tables(
        tmp_path / "data", rows[COMMUNES], rows[DEPARTEMENTS], rows[OFFICES],
        official=rows[OFFICIAL], gaps=rows[GAPS], dropped=rows[DROPPED],
    )  # fmt: skip
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
    ("cells", "code"),
    [
        ({"insee": "94017"}, "csv.commune"),
        ({"latitude": "2.45", "longitude": "48.78"}, "csv.point"),
        ({"latitude": "49.40"}, "csv.point"),
    ],
)
@pytest.mark.parametrize("table", [OFFICES, OFFICIAL])
def test_an_office_outside_its_commune_is_told(
    data: Path, cache: Path, table: str, cells: dict[str, str], code: str
):
    if table == OFFICES:
        tables(data, offices=[CIDFF_94, CIDFF_94 | {"id": "b"} | cells])
    else:
        tables(data, official=[STATION_94, STATION_94 | {"id": "b"} | cells])
    assert [(one.code, one.span.file, one.span.line) for one in contents_problems(data)] == [
        (code, f"data/{table}", 3)
    ]
    if table == OFFICIAL:  # what a machine wrote is left out whole, and the rest serves
        known = open_directory(data, cache)
        assert [one.id for one in known.offices()] == [CIDFF_94["id"]]
        return
    with pytest.raises(DirectoryUnreadableError):
        open_directory(data, cache)


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


REQUIRED = (COMMUNES, DEPARTEMENTS, OFFICES, DROPPED, GAPS, OUTLINES, SOURCES)


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_file_is_told(data: Path, cache: Path, name: str):
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
    assert known.places.departement("nulle part") is None
    assert doors_at(known, "C94016") == []


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        (OUTLINES, "departements,margin_m,corners\n94,100,48 2;49 2;49 3\n", "contour.ouvert"),
        (SOURCES, "sources:\n  offices.csv: {nom: Essai, valable_mois: 12}\n", "cle.absente"),
        (SOURCES, "sources: [\n", "yaml.syntaxe"),
    ],
)
def test_an_outline_or_a_source_with_a_fault_is_told_with_its_file(
    data: Path, cache: Path, name: str, text: str, code: str
):
    (data / name).write_text(text, encoding="utf-8")
    with pytest.raises(DirectoryUnreadableError) as caught:
        open_directory(data, cache)
    assert {(one.code, one.span.file) for one in caught.value.problems} == {(code, f"data/{name}")}
    assert files(data.parent) == ["data"], "nothing was built"


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
    assert doors_at(known, "C94016") == ["cidff-94"]


def test_a_hidden_address_that_somebody_writes_down_is_told_and_never_shown_or_repeated(
    tmp_path: Path, cache: Path
):
    """A place where women are sheltered: it stays hidden while the row waits to be mended."""
    secret = CIDFF_94 | {"address": "7 impasse du Secret", "address_public": "masquee"}
    data = tables(tmp_path / "data", offices=[secret])
    (told,) = contents_problems(data)
    assert (told.code, told.span.file, told.span.line) == (
        "csv.adresse_masquee", f"data/{OFFICES}", 2,
    )  # fmt: skip
    assert "Secret" not in told.sentence() + told.sentence("en")
    known = open_directory(data, cache)
    assert [one.address for one in known.offices()] == [""]
    assert "Secret" not in repr(known.proposal("C94016"))
    assert b"Secret" not in (cache / built_name(data)).read_bytes()


def test_every_office_of_the_data_stands_in_the_directory():
    told = {row["id"]: row for row in offices()}
    known = list(directory().offices())
    assert {one.id for one in known} == set(told)
    assert len(told) == 403
    for one in known:
        row = told[one.id]
        assert (one.kind, one.name, one.phone) == (row["kind"], row["name"], row["phone"])
        assert one.serves == set(row["serves"].split())
        assert (one.hidden, one.address) == (row["address_public"] == "masquee", row["address"])


# A local pack


def packed(data: Path, **packs: str) -> Path:
    (data / LOCAL).mkdir()
    for name, text in packs.items():
        (data / LOCAL / f"{name}.yml").write_text(text, encoding="utf-8")
    return data


def services_at(known: Directory, code: str) -> list[str]:
    found = known.proposal(code)
    assert found is not None
    return [one.name for one in found.services]


def test_a_pack_with_a_fault_is_left_out_and_everybody_else_is_served(
    data: Path, cache: Path, caplog: pytest.LogCaptureFixture
):
    wrong = PACK.replace("+33172165651", "01 72 16 56 51").replace("Point", "Mauvais")
    with caplog.at_level(logging.WARNING):
        known = open_directory(packed(data, bon=PACK, faux=wrong), cache)
    assert services_at(known, "C94016") == ["Point écoute"]
    assert doors_at(known, "C94016") == ["cidff-94"]
    line = next(n for n, text in enumerate(wrong.splitlines(), 1) if "telephone" in text)
    (told,) = [one.getMessage() for one in caplog.records]
    assert told.startswith(f"pack.left_out file=data/local/faux.yml line={line} code=")


def test_a_pack_is_seen_as_soon_as_it_changes(data: Path, cache: Path):
    before = built_name(packed(data, ville=PACK))
    assert services_at(open_directory(data, cache), "C94016") == ["Point écoute"]
    (data / LOCAL / "ville.yml").write_text(PACK.replace("Point écoute", "Écoute"), "utf-8")
    assert built_name(data) != before
    assert services_at(open_directory(data, cache), "C94016") == ["Écoute"]


def test_a_pack_serves_its_communes_and_no_other_and_a_departement_line_all_of_it(
    tmp_path: Path, cache: Path
):
    orly = CACHAN | {"insee": "94054", "name": "Orly", "aliases": ""}
    wide = PACK.replace("communes: [94016]", 'departement: "94"').replace("Point", "Ligne")
    data = packed(tables(tmp_path / "data", [CACHAN, orly]), a=PACK, b=wide)
    known = open_directory(data, cache)
    assert services_at(known, "C94016") == ["Point écoute", "Ligne écoute"]
    assert services_at(known, "C94054") == ["Ligne écoute"]
    assert services_at(known, "D94") == ["Ligne écoute"]
    assert services_at(known, "F") == []


def test_a_pack_of_a_city_serves_its_arrondissements(tmp_path: Path, cache: Path):
    city = CACHAN | {"insee": "94001", "name": "Ville", "aliases": ""}
    part = city | {"insee": "94901", "kind": "arrondissement", "parent": "94001", "name": "Un"}
    pack = PACK.replace("94016", "94001")
    data = packed(tables(tmp_path / "data", [CACHAN, city, part]), ville=pack)
    known = open_directory(data, cache)
    assert services_at(known, "C94901") == ["Point écoute"]


# Whom it proposes: what SQL finds among all is what `office` would have chosen of all


def agrees(known: Directory, every: list[Office], code: str) -> None:
    """The doors, the station and the legal advice are those of looking at every office there is."""
    found, located = known.proposal(code), known.places.locate(code)
    assert found is not None
    assert located is not None
    home, point = found.place.departement, located.point
    assert found.doors == tuple(proposed(every, home, point)), code
    assert found.safety == (nearest(every, SAFETY, home, point) if point else None), code
    assert found.law == (nearest(every, LAW, home, point) if point else None), code
    kinds = {one.kind for one in every if home in one.serves}
    assert found.missing == tuple(kind for kind in DOORS if kind not in kinds), code


HOMES = ("94", "75", "2A", "06", "971", "972", "975", "978")
GRID = st.integers(-8, 8)


def far_from(home: str) -> str:
    """A commune of a département without a point, so that an office may stand anywhere."""
    return f"{home[:2]}{301 + HOMES.index(home)}"


def official(
    number: int, kind: str, home: str, at: tuple[int, int], serves: Iterable[str]
) -> dict[str, str]:
    """A made-up office on a grid around a made-up commune, 0.2 degrees apart."""
    latitude, longitude = 46 + at[0] / 5, 4 + at[1] / 5
    return STATION_94 | {
        "id": f"essai-{number}", "official_id": f"essai-{number}", "kind": kind,
        "departement": home, "insee": far_from(home), "latitude": f"{latitude:.1f}",
        "longitude": f"{longitude:.1f}",
        "serves": " ".join(sorted({home, *serves})), "name": f"Essai {number}",
        "phone": f"+3314908{number % 7:04}",
    }  # fmt: skip


@st.composite
def some_official(draw: st.DrawFn) -> list[dict[str, str]]:
    return [
        official(
            number,
            draw(st.sampled_from(KINDS)),
            draw(st.sampled_from(HOMES)),
            (draw(GRID), draw(GRID)),
            draw(st.sets(st.sampled_from(HOMES), max_size=1)),
        )
        for number in range(draw(st.integers(0, 25)))
    ]


@settings(LAWS, max_examples=30)
@given(some_official())
def test_whatever_the_offices_it_proposes_what_looking_at_each_of_them_would(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
):
    folder = tmp_path_factory.mktemp("essai")
    places = [
        CACHAN | {"insee": f"{home[:2]}{number:03}", "departement": home, "name": f"Lieu {home}",
                  "aliases": "", "latitude": "46.05", "longitude": "4.05"}
        for number, home in enumerate(HOMES, 101)
    ]  # fmt: skip
    homes = [{"code": home, "name": f"Pays {home}"} for home in HOMES]
    pointless = {"aliases": "", "latitude": "", "longitude": ""}
    places_of_offices = [
        CACHAN | {"insee": far_from(home), "departement": home, "name": f"Loin {home}"} | pointless
        for home in HOMES
    ]
    data = tables(folder / "data", [*places, *places_of_offices], homes, [], official=rows)
    known = open_directory(data, folder / "cache")
    every = list(known.offices())
    assert len(every) == len(rows)
    for place, home in zip(places, HOMES, strict=True):
        agrees(known, every, f"C{place['insee']}")
        agrees(known, every, f"D{home}")
    known.close()


def test_every_departement_and_communes_of_each_are_proposed_what_all_offices_would_give():
    by_departement: dict[str, list[str]] = {}
    for row in communes():
        by_departement.setdefault(row["departement"], []).append(row["insee"])
    every = list(directory().offices())
    for row in departements():
        agrees(directory(), every, f"D{row['code']}")
        inside = by_departement[row["code"]]
        for insee in {inside[0], inside[len(inside) // 3], inside[-1]}:
            agrees(directory(), every, f"C{insee}")


def test_a_station_may_stand_in_another_departement_and_a_nearer_brigade_is_shown(
    tmp_path: Path, cache: Path
):
    here = STATION_94 | {"latitude": "48.95", "longitude": "2.33"}
    beside = STATION_94 | {
        "id": "gn-92", "official_id": "gn-92", "kind": "gendarmerie", "departement": "92",
        "serves": "92", "phone": "+33149085501", "insee": "92007",
    }  # fmt: skip
    bagneux = CACHAN | {"insee": "92007", "name": "Bagneux", "departement": "92", "aliases": ""}
    home = [VAL_DE_MARNE, {"code": "92", "name": "Hauts-de-Seine"}]
    data = tables(tmp_path / "data", [CACHAN, bagneux], home, official=[here, beside])
    found = open_directory(data, cache).proposal("C94016")
    assert found is not None
    assert found.safety is not None
    assert found.safety.office.id == "gn-92"
    assert found.law is None
    assert [near.office.kind for near in found.doors] == ["cidff"], "a station is not one of these"


def test_a_place_that_is_no_more_has_no_proposal_and_all_of_france_no_door():
    for code in ("C00000", "D99", "", "X", "C", "94016"):
        assert directory().proposal(code) is None
    found = directory().proposal("F")
    assert found is not None
    assert (found.doors, found.services, found.missing, found.town_hall) == ((), (), (), None)


# Every place can be found


def test_every_code_of_the_data_can_be_located():
    for row in communes()[::500]:
        located = directory().places.locate(f"C{row['insee']}")
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
        (48.5734, 7.7521, "Strasbourg"),
        (-16.5004, -151.7415, "Polynésie française"),  # Bora-Bora, whose point nobody gives
        (3.2, -53.2, "Guyane"),  # inland, 90 km from any town
        (-22.2758, 166.4580, "Nouméa"),
        (17.8962, -62.8498, "Saint-Barthélemy"),
    ],
)
def test_a_position_is_turned_into_its_commune(latitude: float, longitude: float, name: str):
    place = directory().places.here(Point(latitude, longitude))
    assert place is not None
    assert place.name == name


@pytest.mark.parametrize(
    "point",
    [
        Point(48.5757, 7.8083),  # Kehl
        Point(46.2044, 6.1432),  # Geneva
        Point(43.7384, 7.4246),  # Monaco
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
    assert directory().places.here(point) is None


def test_the_real_directory_is_built_from_the_real_data_alone(tmp_path: Path):
    """Copied elsewhere, the same files give a file of the same name; any other file, another."""
    copy = tmp_path / "data"
    shutil.copytree(published(), copy)
    assert built_name(copy) == built_name(published())
    for name in (*REQUIRED, f"{LOCAL}/cachan.yml"):
        before = built_name(copy)
        with (copy / name).open("a", encoding="utf-8") as opened:
            opened.write("\n")
        assert built_name(copy) != before, name


def test_reading_is_possible_from_any_thread():
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: knows_cachan(directory()), range(20)))
    assert all(found)


async def test_with_tables_that_cannot_be_read_the_bot_serves_the_national_lines():
    nobody = empty_directory()
    talk = conversation(directory=nobody, run_action=in_process(nobody))
    for text in ("Cachan", "94230", "Val-de-Marne", "marselle", "toute la france"):
        shown = await talk.typed(text, State("fr", "lieu"), "fr")
        assert isinstance(shown, Shown)
        assert "3919" in shown.screen.text
    assert list(nobody.offices()) == []
