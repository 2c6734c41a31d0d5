"""`relais directory`: what an administrator does and reads, on a small directory of its own."""

import bz2
import gzip
import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import cli
from bot.cli import relais
from bot.referral.official import download
from bot.referral.tables import COLUMNS, OFFICES, OFFICIAL, OUTLINES, SOURCES
from bot.settings import read_settings
from tests.dila_files import MEMBER, archive, as_text, record
from tests.ground import CACHAN, CIDFF_94, DATA, ROOT, VAL_DE_MARNE, tables
from tests.publisher import Edition, Publisher, Status, publisher

CRETEIL = CACHAN | {
    "insee": "94028", "name": "Créteil", "postcodes": "94000", "latitude": "48.78",
    "longitude": "2.45", "aliases": "",
}  # fmt: skip
LOST_KIND = "brigades de gendarmerie : 6 sur 10"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder whose `data` and `.cache` the commands use."""
    gap = {"departement": "94", "kind": "court_desk", "gap": "Aucun bureau connu.",
           "lead": "demander au tribunal", "source": "essai", "source_date": "2026-11"}  # fmt: skip
    hidden = CIDFF_94 | {
        "id": "victims-94", "kind": "victim_support", "name": "Maison Claire", "address": "",
        "address_public": "masquee", "phone": "+33145462121", "commune": "Cachan",
        "insee": "94016", "latitude": "48.79", "longitude": "2.33", "status": "unconfirmed",
    }  # fmt: skip
    tables(
        tmp_path / "data", communes=[CACHAN, CRETEIL], departements=[VAL_DE_MARNE],
        offices=[CIDFF_94, hidden], gaps=[gap],
    )  # fmt: skip
    shutil.copy(DATA / "helplines.yml", tmp_path / "data" / "helplines.yml")
    monkeypatch.setattr(cli, "read_settings", partial(read_settings, tmp_path, {}))
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    return tmp_path


def run(*args: object) -> Result:
    result = CliRunner().invoke(relais, ["directory", *map(str, args)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result


def doors(*numbers: int, phone: str = "01 49 08 55") -> bytes:
    """That many brigades of gendarmerie, as the official directory publishes them."""
    return as_text(
        *(
            record(
                name=f"Brigade de gendarmerie {number}", phone=f"{phone} {number:02}",
                id=f"{number:08}-2222", ancien_code_pivot=f"gendarmerie-{number}",
            )
            for number in numbers
        )
    )  # fmt: skip


def published(raw: bytes) -> bytes:
    return archive((f"jour/{MEMBER}", raw))


def put(checkout: Path, raw: bytes) -> Path:
    file = checkout / "annuaire"
    file.write_bytes(raw)
    return file


def table(checkout: Path) -> bytes:
    return (checkout / "data" / OFFICIAL).read_bytes()


def left(checkout: Path) -> list[str]:
    """What is in the cache beside the built directory."""
    names = (file.name for file in (checkout / ".cache").iterdir())
    return sorted(name for name in names if not name.startswith("directory-"))


# import


def test_an_import_tells_what_it_added_and_what_it_left(checkout: Path):
    raw = as_text(
        *json.loads(doors(1, 2, 3))["service"],
        record("pmi", "PMI", id="p"), record("soucoupe", "Soucoupe", id="s"),
        record("aav", "Médiation familiale", id="m"), record(phone=None, id="n"),
    )  # fmt: skip
    done = run("import", put(checkout, raw))
    assert done.exit_code == 0
    assert "Annuaire officiel du 2021-12-03 : 7 fiches lues, 3 reprises." in done.output
    assert "brigades de gendarmerie : 3 de plus, 0 modifiés, 0 de moins, 0 inchangés" in done.output
    assert "laissés de côté, brigades de gendarmerie : 1 (aucun numéro utilisable)" in done.output
    assert "Médiation familiale" in done.output
    assert "type inconnu de ce programme : soucoupe (1)" in done.output
    assert "Adresses qui restent masquées : 1." in done.output
    assert table(checkout).count(b"\n") == 4


def test_the_same_again_changes_nothing_and_says_so(checkout: Path):
    file = put(checkout, published(doors(1, 2, 3)))
    run("import", file)
    before = table(checkout)
    done = run("import", file)
    assert done.exit_code == 0
    assert "brigades de gendarmerie : 0 de plus, 0 modifiés, 0 de moins, 3 inchangés" in done.output
    assert table(checkout) == before


def test_what_changed_and_what_is_gone_is_told(checkout: Path):
    run("import", put(checkout, doors(*range(10))))
    done = run("import", put(checkout, doors(*range(1, 10), phone="01 49 08 56")))
    assert "0 de plus, 9 modifiés, 1 de moins, 0 inchangés" in done.output
    assert "de moins : gendarmerie-0" in done.output


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fr_FR.UTF-8", "le téléchargement a été coupé"),
        ("en_GB.UTF-8", "the download was cut short"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_the_readers_language_and_changes_nothing(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, language: str, sentence: str
):
    run("import", put(checkout, doors(1, 2, 3)))
    before = table(checkout)
    monkeypatch.setenv("LANG", language)
    done = run("import", put(checkout, doors(1, 2, 3)[:-30]))
    assert done.exit_code == 1
    assert done.output.startswith("annuaire:1:1: ")
    assert "[annuaire.coupe]" in done.output
    assert sentence in done.output
    assert table(checkout) == before


def test_a_file_that_is_not_there_is_told(checkout: Path):
    done = run("import", checkout / "absent.json")
    assert done.exit_code == 2
    assert "absent.json" in done.output


def test_a_file_that_lost_too_much_is_refused_with_what_to_do_and_force_goes_on(checkout: Path):
    run("import", put(checkout, doors(*range(10))))
    before = table(checkout)
    done = run("import", put(checkout, doors(*range(4))))
    assert done.exit_code == 1
    for said in (LOST_KIND, "Rien n'a changé.", "--force", "nothing was changed"):
        assert said in done.output
    assert table(checkout) == before
    done = run("import", checkout / "annuaire", "--force")
    assert done.exit_code == 0
    assert "6 de moins" in done.output
    assert table(checkout).count(b"\n") == 5


def test_tables_that_hold_a_mistake_are_told_with_their_line(checkout: Path):
    offices = checkout / "data" / "offices.csv"
    text = offices.read_text(encoding="utf-8")
    offices.write_text(text.replace("+33172165650", "0172165650"), encoding="utf-8")
    done = run("import", put(checkout, doors(1)))
    assert done.exit_code == 1
    assert "data/offices.csv:2:1: erreur [csv.valeur]" in done.output
    assert not (checkout / "data" / OFFICIAL).exists()


def test_no_import_tells_a_hidden_address(checkout: Path):
    betrayed = record("bav", "Maison Claire", phone="01 45 46 21 21")
    done = run("import", put(checkout, as_text(betrayed)))
    assert done.exit_code == 0
    told = CliRunner().invoke(relais, ["nearest", "Cachan", "--json"])
    assert told.exit_code == 0
    for said in (done.output, told.output, run("status").output, run("status", "--json").output):
        assert "rue des Essais" not in said
    assert b"rue des Essais" not in table(checkout)


# refresh


def refreshed(served: Publisher, *more: str) -> Result:
    return run("refresh", "--url", served.url, *more)


def test_a_refresh_takes_over_what_is_published_and_keeps_no_copy_of_it(checkout: Path):
    with publisher(Edition(published(doors(1, 2, 3)))) as served:
        done = refreshed(served)
    assert done.exit_code == 0
    assert "3 fiches lues, 3 reprises." in done.output
    assert table(checkout).count(b"\n") == 4
    assert "official-directory" not in left(checkout)
    assert "official-directory.part" not in left(checkout)


def test_what_is_known_already_is_not_sent_again_unless_it_is_asked_for(checkout: Path):
    with publisher(Edition(published(doors(1, 2, 3)))) as served:
        refreshed(served)
        again = refreshed(served)
        assert served.asked[-1].headers["if-none-match"] == '"one"'
        assert again.exit_code == 0
        assert "Rien de nouveau" in again.output
        assert "3 inchangés" in refreshed(served, "--force").output
        assert "if-none-match" not in served.asked[-1].headers
        (checkout / "data" / OFFICIAL).unlink()
        assert "3 de plus" in refreshed(served).output, "a table that is gone is made again"


def test_a_newer_edition_takes_the_place_of_the_last(checkout: Path):
    with publisher(Edition(published(doors(1, 2, 3)))) as served:
        refreshed(served)
        served.will(Edition(published(doors(1, 2, 3, 4)), etag='"two"'))
        assert "1 de plus, 0 modifiés, 0 de moins, 3 inchangés" in refreshed(served).output


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two tries."""
    monkeypatch.setattr(download.time, "sleep", lambda _: None)


@pytest.mark.usefixtures("hurried")
def test_a_download_that_is_cut_goes_on_where_it_stopped(checkout: Path):
    body = published(doors(1, 2, 3))
    with publisher(Edition(body, cut=len(body) // 2), Edition(body)) as served:
        done = refreshed(served)
        assert served.ranges() == [None, f"bytes={len(body) // 2}-"]
    assert done.exit_code == 0
    assert "3 reprises" in done.output


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("language", "sentence"),
    [("fr_FR.UTF-8", "Le téléchargement a été coupé."), ("en_GB.UTF-8", "The download was cut.")],
)
def test_a_download_that_is_cut_for_good_is_told_and_changes_nothing(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, language: str, sentence: str
):
    body = published(doors(1, 2, 3))
    with publisher(Edition(body)) as served:
        refreshed(served)
        before = table(checkout)
        served.will(Edition(body, etag='"two"', cut=40, ranges=False))
        monkeypatch.setenv("LANG", language)
        done = refreshed(served)
    assert done.exit_code == 1
    assert sentence in done.output
    assert table(checkout) == before


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<html>une page d'erreur</html>", "annuaire.json"),
        (bz2.compress(b"\x00" * 3000), "annuaire.encodage"),
        (published(doors(1, 2, 3))[:-40], "annuaire.coupe"),
        (archive(("autre.json", doors(1))), "annuaire.membre_absent"),
        (b"BZh9 ceci n'est pas une archive", "annuaire.compression"),
        (archive((f"../{MEMBER}", doors(1))), "annuaire.membre_dangereux"),
    ],
    ids=["a page", "zeros", "cut", "another archive", "broken", "climbing"],
)
def test_garbage_is_told_changes_nothing_and_is_fetched_anew_next_time(
    checkout: Path, body: bytes, code: str
):
    with publisher(Edition(published(doors(1, 2, 3)))) as served:
        refreshed(served)
        before = table(checkout)
        served.will(Edition(body, etag='"bad"'))
        done = refreshed(served)
        assert done.exit_code == 1
        assert f"[{code}]" in done.output
        assert table(checkout) == before
        assert "official-directory" not in left(checkout)
        served.will(Edition(published(doors(1, 2, 3, 4)), etag='"good"'))
        assert "1 de plus" in refreshed(served).output
        assert served.asked[-1].headers["if-none-match"] == '"one"'


def test_half_of_the_directory_is_refused_until_it_is_forced(checkout: Path):
    with publisher(Edition(published(doors(*range(10))))) as served:
        refreshed(served)
        before = table(checkout)
        served.will(Edition(published(doors(*range(4))), etag='"half"'))
        for _ in range(2):
            done = refreshed(served)
            assert done.exit_code == 1
            assert LOST_KIND in done.output
            assert table(checkout) == before
        assert refreshed(served, "--force").exit_code == 0
        assert table(checkout).count(b"\n") == 5
        assert "Rien de nouveau" in refreshed(served).output


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Status(404), "Le serveur de l'annuaire a refusé."),
        (Status(302, (("Location", "ftp://example.org/"),)), "Le serveur renvoie trop de fois"),
    ],
)
def test_a_publisher_who_does_not_answer_well_is_told_and_changes_nothing(
    checkout: Path, answer: Status, sentence: str
):
    run("import", put(checkout, doors(1)))
    before = table(checkout)
    with publisher(answer) as served:
        done = refreshed(served)
    assert done.exit_code == 1
    assert sentence in done.output
    assert table(checkout) == before


def test_an_address_that_will_not_do_is_told(checkout: Path):
    done = run("refresh", "--url", "file:///etc/hostname")
    assert done.exit_code == 1
    assert "Cette adresse ne convient pas" in done.output


REAL = ROOT.parent / "shared" / "dila" / "donnees_locales_2022-01.v4.json.gz"


@pytest.mark.long
@pytest.mark.shared
@pytest.mark.usefixtures("hurried")
@pytest.mark.skipif(not REAL.exists(), reason="no real records at hand")
def test_the_real_directory_comes_whole_or_not_at_all(checkout: Path):
    """As published; then cut, spoilt, and with half of its records."""
    for name in {*COLUMNS, OUTLINES, SOURCES} - {OFFICIAL}:
        shutil.copy(DATA / name, checkout / "data" / name)
    raw = gzip.decompress(REAL.read_bytes())
    whole = published(raw)
    half = published(as_text(*json.loads(raw)["service"][::2]))
    cut = Edition(whole, cut=len(whole) // 3)
    with publisher(cut, Edition(whole)) as served:
        assert "10080 fiches lues" in refreshed(served).output
        before = table(checkout)
        assert "Rien de nouveau" in refreshed(served).output
        for answer in (
            Edition(half, etag='"half"'), Edition(whole[:-9000], etag='"short"'),
            Edition(whole[:90_000] + b"x" * 90_000, etag='"spoilt"'), replace(cut, ranges=False),
        ):  # fmt: skip
            served.will(replace(answer, etag='"other"'))
            assert refreshed(served).exit_code == 1
            assert table(checkout) == before


# status


def test_the_state_before_any_import_says_what_to_do(checkout: Path):
    done = run("status")
    assert done.exit_code == 0
    assert "L'annuaire officiel n'a pas encore été importé : relais directory refresh." in (
        done.output
    )
    assert "94 Val-de-Marne, bureaux des tribunaux : Aucun bureau connu." in done.output
    assert json.loads(run("status", "--json").output)["official"] is None


def test_the_state_is_told_by_kind_and_departement_for_a_machine_too(checkout: Path):
    run("import", put(checkout, doors(1, 2, 3)))
    told = json.loads(run("status", "--json").output)
    assert told["official"] == {"date": "2021-12-03", "rows": 3}
    kinds = {one["kind"]: one for one in told["kinds"]}
    assert (kinds["gendarmerie"]["rows"], kinds["gendarmerie"]["newest"]) == (3, "2021-12-03")
    assert (kinds["victim_support"]["hidden"], kinds["victim_support"]["unconfirmed"]) == (1, 1)
    assert kinds["cidff"]["oldest"] == "2022-01"
    (here,) = told["departements"]
    assert (here["code"], here["cidff"], here["court_desk"], here["gendarmerie"]) == ("94", 1, 0, 3)
    assert [(one["departement"], one["kind"], one["lead"]) for one in told["gaps"]] == [
        ("94", "court_desk", "demander au tribunal")
    ]
    text = run("status").output
    assert "Annuaire officiel du 2021-12-03 : 3 fiches." in text
    assert "3 brigades de gendarmerie ; relevés de 2021-12-03 à 2021-12-03 ; 3 à vérifier" in text


def test_the_state_of_tables_with_a_mistake_is_that_mistake(checkout: Path):
    (checkout / "data" / OFFICES).write_text("id,nom\n", encoding="utf-8")
    done = run("status")
    assert done.exit_code == 1
    assert "data/offices.csv:1:1: erreur [csv.colonne_inconnue]" in done.output


def test_an_imported_table_that_is_broken_is_left_out_and_the_next_import_writes_it_anew(
    checkout: Path,
):
    (checkout / "data" / OFFICIAL).write_text("id,nom\n", encoding="utf-8")
    done = run("status")
    assert done.exit_code == 0
    assert "n'a pas encore été importé" in done.output


def test_a_broken_imported_table_does_not_keep_the_next_import_out(checkout: Path):
    (checkout / "data" / OFFICIAL).write_text("n'importe quoi", encoding="utf-8")
    done = run("import", put(checkout, doors(1, 2, 3)))
    assert done.exit_code == 0
    assert table(checkout).count(b"\n") == 4


def test_after_a_file_brought_by_hand_a_refresh_fetches_what_is_published_again(checkout: Path):
    with publisher(Edition(doors(*range(10)), etag='"un"')) as served:
        refreshed(served)
        run("import", put(checkout, doors(*range(11))))
        assert "Rien de nouveau" not in refreshed(served).output
        assert table(checkout).count(b"\n") == 11


def test_a_file_older_than_the_one_in_service_is_refused_with_what_to_do(checkout: Path):
    newer = as_text(record(date_modification="01/10/2026 00:00:00"))
    run("import", put(checkout, newer))
    before = table(checkout)
    done = run("import", put(checkout, as_text(record())))
    assert done.exit_code == 1
    assert "Ce fichier est du 2021-12-03 ; celui en service, du 2026-10-01." in done.output
    assert table(checkout) == before
    assert run("import", checkout / "annuaire", "--force").exit_code == 0
