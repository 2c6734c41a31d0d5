"""The command line, on a copy of the content: what a volunteer and an operator read there."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner, Result

from bot import cli
from bot.cli import relais
from bot.outputs.nearest import nearest_to
from bot.referral.directory import open_directory
from bot.referral.tables import OFFICIAL
from bot.settings import read_settings
from tests.browser import environment
from tests.ground import (
    CIDFF_94,
    ROOT,
    STATION_94,
    bundle,
    content,
    departements,
    directory,
    tables,
)

CONTENT = ("flows", "data", "locales", "tests/conversations")
SECRET = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-xyz"
EMERGENCY_ROW = "17 · 112 · 114"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what volunteers edit, with this checkout's own directory already built."""
    for name in CONTENT:
        if (ROOT / name).exists():
            shutil.copytree(
                ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns(OFFICIAL)
            )  # fmt: skip
    environ = {"CACHE_DIR": str(ROOT / ".cache")}
    monkeypatch.setattr(cli, "read_settings", partial(read_settings, tmp_path, environ))
    monkeypatch.setattr(cli, "CONVERSATIONS", tmp_path / "tests" / "conversations")
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    return tmp_path


def run(*args: str, said: str = "") -> Result:
    result = CliRunner().invoke(relais, args, input=said)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result


def edit(file: Path, old: str, new: str) -> int:
    """Put `new` in the place of the first `old`: on which line."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def words(response: str) -> str:
    """The longest words of a text that stand as they are, between numbers that are filled in."""
    text = bundle().responses[response].variants[-1].text
    return max(re.split(r"\{\w+\}|\n", text), key=len).strip()


# check


def test_good_content_is_told_in_one_line(checkout: Path):
    result = run("check")
    assert result.exit_code == 0
    last = result.output.splitlines()[-1]
    assert re.fullmatch(r"\d+ flows, \d+ réponses : aucune erreur\.", last)


def test_a_word_with_a_wrong_letter_is_told_with_its_place_and_the_right_word(checkout: Path):
    line = edit(checkout / "flows/couple.yml", "collect: couple_choix", "colect: couple_choix")
    result = run("check")
    assert result.exit_code == 1
    assert f"flows/couple.yml:{line}:9: erreur [cle.inconnue]\n" in result.output
    assert f"{line:>6} |       - colect: couple_choix\n" in result.output
    assert "Vouliez-vous dire « collect » ?" in result.output


@pytest.mark.parametrize("language", ["en_US.UTF-8", "en"])
def test_the_same_is_told_in_english_where_the_terminal_speaks_english(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, language: str
):
    monkeypatch.setenv("LANG", language)
    line = edit(checkout / "flows/couple.yml", "collect: couple_choix", "colect: couple_choix")
    result = run("check")
    assert result.exit_code == 1
    assert f"flows/couple.yml:{line}:9: error [cle.inconnue]\n" in result.output
    assert 'Did you mean "collect"?' in result.output


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("flows/lieu.yml", "flows:\n", "flows: [\n", "yaml.syntaxe"),
        ("flows/lieu.yml", "{tel_3919} par téléphone", "3919 par téléphone", "fait.en_dur"),
        ("flows/urgence.yml", "urgence_besoin=arme)", "urgence_besoin=armes)", "slot.valeur"),
        ("data/helplines.yml", 'numero: "3919"', 'numero: "39-19"', "ligne.numero"),
        (
            "data/helplines.yml",
            '"Mo-Su 15:00-21:00; PH unknown"',
            '"tous les jours"',
            "ligne.horaires",
        ),
        ("data/offices.csv", "+33172165650", "0172165650", "csv.valeur"),
        ("data/communes.csv", "94230", "9423", "csv.valeur"),
        ("data/departements.csv", "94,", "9A,", "csv.valeur"),
        ("tests/conversations/lieu.yml", "- utter:", "- uter:", "cle.inconnue"),
    ],
)
def test_a_fault_in_any_file_is_told_with_its_line(
    checkout: Path, file: str, old: str, new: str, code: str
):
    tables(checkout / "data")
    line = edit(checkout / file, old, new)
    result = run("check")
    assert result.exit_code == 1
    assert re.search(
        rf"^{re.escape(file)}:\d+:\d+: erreur \[{re.escape(code)}\]", result.output, re.MULTILINE
    )
    if code != "yaml.syntaxe":
        assert f"{file}:{line}:" in result.output


def test_a_catalogue_that_cannot_be_read_is_told(checkout: Path):
    folder = checkout / "locales" / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "relais.po").write_text("rien\n", encoding="utf-8")
    result = run("check")
    assert result.exit_code == 1
    assert "locales/en/LC_MESSAGES/relais.po:1:" in result.output


def test_faults_of_several_files_are_told_at_once_sorted(checkout: Path):
    edit(checkout / "flows/urgence.yml", "collect: urgence_suite", "colect: urgence_suite")
    edit(checkout / "flows/couple.yml", "collect: couple_choix", "colect: couple_choix")
    edit(checkout / "data/helplines.yml", 'numero: "3919"', 'numero: "x"')
    tables(checkout / "data", offices=[CIDFF_94 | {"phone": "x"}])
    found = re.findall(r"^(\S+\.(?:yml|csv)):\d+:\d+: ", run("check").output, re.MULTILINE)
    assert {"flows/urgence.yml", "flows/couple.yml", "data/helplines.yml"} <= set(found)
    assert "data/offices.csv" in found
    assert found == sorted(found)


def test_a_machine_reads_the_faults_as_json(checkout: Path):
    before = json.loads(run("check", "--format", "json").output)
    assert [one for one in before if one["severity"] == "error"] == []
    line = edit(checkout / "flows/couple.yml", "collect: couple_choix", "colect: couple_choix")
    result = run("check", "--format", "json")
    assert result.exit_code == 1
    first = next(one for one in json.loads(result.output) if one["code"] == "cle.inconnue")
    assert (first["file"], first["line"], first["column"]) == ("flows/couple.yml", line, 9)
    assert set(first) == {"file", "line", "column", "severity", "code", "message"}
    assert first["severity"] == "error"


def test_github_shows_the_faults_beside_the_lines(checkout: Path):
    line = edit(checkout / "flows/couple.yml", "collect: couple_choix", "colect: couple_choix")
    result = run("check", "--format", "github")
    assert result.exit_code == 1
    assert f"::error file=flows/couple.yml,line={line},col=9,title=cle.inconnue::" in result.output
    assert all(one.startswith("::") for one in result.output.splitlines())


def test_a_warning_stops_nobody_unless_asked_to(checkout: Path):
    edit(
        checkout / "flows/lieu.yml", "responses:\n", 'responses:\n  utter_inutile: [{text: "x"}]\n'
    )
    result = run("check")
    assert result.exit_code == 0
    assert "attention [reponse.inutile]" in result.output
    assert run("check", "--strict").exit_code == 1


def test_a_folder_without_flows_is_told(checkout: Path):
    shutil.rmtree(checkout / "flows")
    result = run("check")
    assert result.exit_code == 1
    assert "dossier.vide" in result.output


# test


def test_the_volunteers_own_conversations_are_played(checkout: Path):
    result = run("test", "--coverage")
    assert result.exit_code == 0, result.output
    assert re.search(r"(\d+) conversations sur \1 se passent comme prévu", result.output)


def test_a_conversation_that_goes_otherwise_is_told_with_its_line(checkout: Path):
    file = checkout / "tests" / "conversations" / "lieu.yml"
    line = edit(file, "lieu: C94016", "lieu: C75056")
    result = run("test")
    assert result.exit_code == 1
    assert f"tests/conversations/lieu.yml:{line}: «" in result.output
    assert "attendu : lieu=C75056\n  obtenu  : C94016" in result.output


def test_a_step_that_no_conversation_passes_is_told_and_counts_where_asked(checkout: Path):
    (checkout / "tests" / "conversations" / "urgence.yml").unlink()
    result = run("test")
    assert result.exit_code == 0
    assert re.search(
        r"^flows/urgence\.yml:\d+: aucun test ne passe par ici", result.output, re.MULTILINE
    )
    assert run("test", "--coverage").exit_code == 1


# nearest


def test_a_machine_reads_the_doors_of_a_place_in_the_shape_that_is_promised(checkout: Path):
    found = json.loads(run("nearest", "j'habite à Cachan", "--json").output)
    assert set(found) == {"place", "choices", "offices", "lines"}
    assert found["place"] == {"insee": "94016", "name": "Cachan", "departement": "94"}
    assert found["choices"] == []
    assert [one["kind"] for one in found["offices"]] == [
        *["local"] * 5, "cidff", "victim_support", "court_desk", "town_hall",
    ]  # fmt: skip
    for one in found["offices"]:
        assert set(one) == {
            "id", "kind", "network", "name", "phone", "departement", "distance_km", "status",
        }  # fmt: skip
        assert one["departement"] == "94"
        assert one["phone"] is None or one["phone"].startswith("+33")
        measured = one["kind"] in ("cidff", "victim_support", "court_desk")
        assert isinstance(one["distance_km"], float if measured else type(None))
    assert found["offices"][0]["phone"] == "+33189119494"
    assert found["offices"][-1]["name"] == "Mairie, Cachan"
    for one in found["lines"]:
        assert set(one) == {"id", "name", "phone", "open"}
        assert one["open"] in (True, False, None)
    assert (found["lines"][0]["id"], found["lines"][0]["open"]) == ("3919", True)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Cachan", ("3919", "tchat_police", "116006", "3919_tchat")),
        ("zzzz", ("3919", "tchat_police", "116006", "3919_tchat")),
        ("Saint-Denis", ("3919", "tchat_police", "116006", "3919_tchat")),
        ("toute la France", ("3919", "tchat_police", "116006", "3919_tchat")),
        ("974", ("3919", "tchat_police", "france_victimes_etranger", "3919_tchat")),
        ("97133", ("france_victimes_etranger", "3919_tchat", "tchat_police")),
        ("Papeete", ("france_victimes_etranger", "3919_tchat", "tchat_police")),
        ("Nouméa", ("sos_ecoute_nc", "france_victimes_etranger", "3919_tchat", "tchat_police")),
    ],
)
def test_the_national_lines_that_answer_there_are_last_and_always_present(
    text: str, lines: tuple[str, ...]
):
    found = nearest_to(text, directory(), content().register, datetime(2026, 11, 23, tzinfo=UTC))
    assert list(found)[-1] == "lines"
    assert tuple(one["id"] for one in found["lines"]) == lines


def test_whatever_place_is_named_its_national_lines_answer_there():
    for place in departements():
        found = nearest_to(
            place["code"], directory(), content().register, datetime(2026, 11, 23, tzinfo=UTC)
        )
        assert found["place"]["departement"] == place["code"]
        assert len(found["lines"]) >= 3


def test_police_or_gendarmerie_and_legal_advice_come_after_the_town_hall(tmp_path: Path):
    rows = [
        STATION_94,
        STATION_94 | {"id": "mjd", "official_id": "mjd", "kind": "legal_access", "phone":
                      "+33149085501"},
    ]  # fmt: skip
    known = open_directory(tables(tmp_path / "data", official=rows), tmp_path / "cache")
    found = nearest_to("Cachan", known, content().register, datetime(2026, 11, 23, tzinfo=UTC))
    kinds = [one["kind"] for one in found["offices"]]
    assert kinds == ["cidff", "town_hall", "police", "legal_access"]


def test_a_bare_departement_has_no_insee_code_and_no_distance(checkout: Path):
    found = json.loads(run("nearest", "94", "--json").output)
    assert found["place"] == {"insee": None, "name": "Val-de-Marne", "departement": "94"}
    assert {one["distance_km"] for one in found["offices"]} == {None}


def test_homonyms_are_choices_and_no_door_is_guessed(checkout: Path):
    found = json.loads(run("nearest", "Saint-Denis", "--json").output)
    assert (found["place"], found["offices"]) == (None, [])
    assert {"insee": "93066", "name": "Saint-Denis", "departement": "93"} in found["choices"]
    assert found["lines"], "there is always somebody"


def test_an_unknown_place_has_the_national_lines(checkout: Path):
    found = json.loads(run("nearest", "zzzz", "--json").output)
    assert (found["place"], found["choices"], found["offices"]) == (None, [], [])
    assert found["lines"]


def test_whether_a_line_answers_is_true_false_or_not_known():
    christmas = datetime(2026, 12, 25, 2, tzinfo=UTC), datetime(2026, 12, 25, 13, tzinfo=UTC)
    found = [nearest_to("Cachan", directory(), content().register, now) for now in christmas]
    night, day = ({one["id"]: one["open"] for one in told["lines"]} for told in found)
    assert (night["3919"], night["116006"], night["3919_tchat"]) == (True, False, None)
    assert (day["3919"], day["116006"], day["3919_tchat"]) == (True, True, None)
    phones = {one["id"]: one["phone"] for one in found[0]["lines"]}
    assert (phones["3919"], phones["tchat_police"]) == ("3919", None)


def test_a_person_reads_the_doors_of_a_place(checkout: Path):
    output = run("nearest", "94230").output
    assert output.startswith("Cachan (94)\n")
    assert "3919" in output
    assert re.search(r"\+33 \d \d\d \d\d \d\d \d\d, à \d+ km", output)


# walk


def test_the_conversation_is_walked_with_numbers_and_words(checkout: Path):
    said = "1\n1\nil me frappe\nCachan\n3919\nsortir\n"
    result = run("walk", said=said)
    assert result.exit_code == 0
    screens = result.output.split("\n> ")
    assert "1. Continuer" in screens[0]
    assert words("utter_ask_en_securite") in screens[1]
    assert words("utter_ask_sujet") in screens[2]
    assert words("utter_ask_urgence_besoin") in screens[3]
    assert "Cachan" in screens[4]
    assert content().register.lines["3919"].name in screens[5]
    assert len(screens) == 7
    assert EMERGENCY_ROW not in screens[6], "nothing is left after leaving"


def test_a_walk_ends_by_the_button_and_by_the_end_of_what_is_typed(checkout: Path):
    greeting = run("walk").output
    last = re.findall(r"^ +(\d+)\. ✕ Sortir$", greeting, re.MULTILINE)[0]
    assert run("walk", said=f"{last}\n1\n").output.count("\n> ") == 1
    assert run("walk", said="1\n").exit_code == 0


def test_a_walk_may_begin_in_a_flow(checkout: Path):
    assert words("utter_ask_lieu") in run("walk", "lieu").output
    result = run("walk", "leu")
    assert result.exit_code == 1
    assert "lieu" in result.output


def test_a_button_that_copies_or_opens_a_page_says_so_and_stays(checkout: Path):
    result = run("walk", "urgence", said="1\n\n")
    assert "(copié : Je suis en danger" in result.output
    assert result.output.count("1. Copier le SMS d'urgence") == 3
    number = re.findall(
        r"^ +(\d+)\. Tchat police et gendarmerie$", run("walk", "lieu").output, re.MULTILINE
    )[0]
    assert "(page : https://" in run("walk", "lieu", said=f"{number}\n").output


# run, and the door of the settings


def test_nobody_is_served_before_it_is_said_who_runs_the_bot(checkout: Path):
    token = "123456:" + "A" * 35
    (checkout / ".env").write_text(f"BOT_TOKEN={token}\nOPERATOR_HOST=ici\n", encoding="utf-8")
    result = run("run")
    assert result.exit_code == 1
    assert [line for line in result.output.splitlines() if "erreur" in line] == [
        ".env:1:1: erreur [env.exploitant]"
    ] * 2
    assert "OPERATOR_NAME manque" in result.output
    assert "OPERATOR_CONTACT manque" in result.output
    assert run("check").exit_code == 0, "a preview and a check need no operator"


# languages


def test_how_complete_each_language_is_is_told(checkout: Path):
    result = run("languages")
    assert result.exit_code == 0
    assert result.output.startswith("en : ")
    assert run("languages", "--strict").exit_code == 0


def test_a_new_language_is_begun_with_a_file_of_everything_to_translate(checkout: Path):
    result = run("extract", "--lang", "es")
    assert result.output == "locales/es/LC_MESSAGES/relais.po\n"
    assert 'msgid "Retour"' in (checkout / result.output.strip()).read_text(encoding="utf-8")
    assert run("languages", "--strict").exit_code == 1
    assert run("check").exit_code == 0


def test_a_text_that_changes_is_to_be_translated_again(checkout: Path):
    file = checkout / "flows" / "_commun.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("Écran fermé.", "L'écran est fermé."), encoding="utf-8")
    listed = run("languages", "--list").output
    assert "à relire, le français a changé : 1" in listed
    assert "utter_efface : L'écran est fermé." in listed
    assert run("extract").exit_code == 0
    po = (checkout / "locales" / "en" / "LC_MESSAGES" / "relais.po").read_text(encoding="utf-8")
    assert "#. avant : Écran fermé." in po
    assert "à relire, le français a changé : 1" in run("languages").output


@pytest.mark.parametrize("language", ["fr", "xx", "EN"])
def test_a_language_that_no_button_can_carry_is_not_begun(checkout: Path, language: str):
    result = run("extract", "--lang", language)
    assert result.exit_code == 1
    assert "en, ar, es" in result.output
    assert [one.name for one in (checkout / "locales").iterdir() if one.is_dir()] == ["en"]


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_malformed_token_is_told_in_one_clear_sentence(checkout: Path, command: str):
    (checkout / ".env").write_text(f"# essai\nBOT_TOKEN=12:{SECRET}\n", encoding="utf-8")
    result = run(command)
    assert result.exit_code == 1
    assert result.output.splitlines()[0] == ".env:2:1: erreur [env.jeton]"
    assert len(result.output.splitlines()) == 2
    assert "BotFather" in result.output
    assert SECRET not in result.output


def test_a_folder_that_cannot_be_written_keeps_nobody_from_being_answered(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
):
    taken = checkout / "taken"
    taken.write_text("", encoding="utf-8")
    environ = {"CACHE_DIR": str(taken)}
    monkeypatch.setattr(cli, "read_settings", partial(read_settings, checkout, environ))
    tables(checkout / "data")
    result = run("nearest", "Cachan", "--json")
    assert result.exit_code == 0
    assert "cidff-94" in [one["id"] for one in json.loads(result.stdout)["offices"]]


def test_bad_data_keeps_the_bot_from_beginning_and_says_where(checkout: Path):
    tables(checkout / "data", offices=[CIDFF_94, CIDFF_94 | {"id": "b", "phone": "x"}])
    result = run("run")
    assert result.exit_code == 1
    assert "data/offices.csv:3:1: erreur [csv.valeur]" in result.output


def test_help_is_in_both_languages():
    for command in ("", "run", "walk", "check", "test", "nearest"):
        result = run(*filter(None, [command, "--help"]))
        assert result.exit_code == 0
        assert re.search(r"\w \. / \w|\. / [A-Z]|: the thread", result.output), command


def test_without_a_token_the_preview_opens_and_ends_without_a_word():
    """The program itself, as `make run` starts it; BROWSER stands for no browser at all."""
    environ = environment() | {"BOT_TOKEN": "", "BROWSER": "true", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        told = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/", told)
        assert url is not None, told + process.stdout.read()
        with urlopen(url[0]) as page:  # noqa: S310 -- it has just told us this address
            assert "Essayer Relais" in page.read().decode()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert process.returncode == 0
    assert "relais walk" in rest
    assert "Traceback" not in rest


def test_a_process_of_its_own_does_the_same(tmp_path: Path):
    """The program itself, copied elsewhere with its content and nothing of the environment."""
    for name in ("bot", *CONTENT):
        if (ROOT / name).exists():
            shutil.copytree(
                ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__")
            )
    edit(tmp_path / "flows/couple.yml", "collect: couple_choix", "colect: couple_choix")
    environ = {"PATH": os.environ["PATH"], "LANG": "fr_FR.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    went = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path, env=environ, capture_output=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert went.returncode == 1
    assert "flows/couple.yml" in went.stdout
    assert went.stderr == ""
