"""The door of the settings: every fault with its line, and never a secret in what is said of it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.reading.problem import Problem, report
from bot.settings import NAMES, OPERATOR_LIMIT, Settings, read_settings
from bot.triage.checks import INSTALLATION_LIMIT
from bot.triage.flow import INSTALLATION
from tests.ground import LAWS, ROOT

TOKEN = "123456789:ABCdefGHIjklMNOpqrSTUvwxYZ-0123456_x"
OTHER = "987654321:zyxWVUtsrQPOnmlKJIhgfEDCba_9876543-X"
SECRET = TOKEN.partition(":")[2]


def read(folder: Path, text: str | None = None, **environ: str) -> tuple[Settings, list[Problem]]:
    if text is not None:
        (folder / ".env").write_text(text, encoding="utf-8")
    return read_settings(folder, environ)


def told(folder: Path, text: str | None = None, **environ: str) -> list[tuple[str, str, int]]:
    problems = read(folder, text, **environ)[1]
    return [(one.code, one.span.file, one.span.line) for one in sorted(problems)]


def test_without_a_file_everything_has_its_default(tmp_path: Path):
    found, problems = read(tmp_path)
    assert problems == []
    assert found == Settings(
        flows=tmp_path / "flows",
        locales=tmp_path / "locales",
        data=tmp_path / "data",
        cache=tmp_path / ".cache",
        expiry_minutes=15,
        log_level="INFO",
        api_base="",
        token="",
        operator_name="",
        operator_host="",
        operator_contact="",
    )


def test_what_the_file_says_is_followed(tmp_path: Path):
    text = (
        f"# un commentaire\nexport BOT_TOKEN='{TOKEN}'\nEXPIRY_MINUTES=60 # une heure\n"
        'LOG_LEVEL="DEBUG"\nCACHE_DIR=/var/cache/relais\nAPI_BASE=http://127.0.0.1:8081\n'
    )
    found, problems = read(tmp_path, text)
    assert problems == []
    assert (found.token, found.expiry_minutes, found.log_level) == (TOKEN, 60, "DEBUG")
    assert (found.cache, found.api_base) == (Path("/var/cache/relais"), "http://127.0.0.1:8081")


def test_the_file_that_everybody_copies_is_without_a_fault(tmp_path: Path):
    found, problems = read(tmp_path, (ROOT / ".env.example").read_text(encoding="utf-8"))
    assert problems == []
    assert found.token == ""


@pytest.mark.parametrize("written", ["\ufeffBOT_TOKEN={}\n", "BOT_TOKEN={}\r\n", "BOT_TOKEN = {}"])
def test_a_file_written_with_any_editor_is_read(tmp_path: Path, written: str):
    found, problems = read(tmp_path, written.format(TOKEN))
    assert (found.token, problems) == (TOKEN, [])


def test_the_environment_stands_over_the_file(tmp_path: Path):
    text = f"BOT_TOKEN={TOKEN}\nEXPIRY_MINUTES=5\n"
    found, problems = read(tmp_path, text, BOT_TOKEN=OTHER, LOG_LEVEL="ERROR")
    assert (found.token, found.expiry_minutes, found.log_level) == (OTHER, 5, "ERROR")
    assert problems == []


def test_an_empty_variable_does_not_hide_the_file(tmp_path: Path):
    assert read(tmp_path, f"BOT_TOKEN={TOKEN}\n", BOT_TOKEN="")[0].token == TOKEN


def test_a_good_environment_forgives_a_bad_line_under_it(tmp_path: Path):
    assert told(tmp_path, "BOT_TOKEN=abc\n", BOT_TOKEN=TOKEN) == []


def test_names_of_other_programs_in_the_environment_are_nobodys_business(tmp_path: Path):
    assert told(tmp_path, HOME="/root", PATH="/bin", BOT_TOKN="x") == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("BOT_TOKEN=abc", "env.jeton"),
        (f"BOT_TOKEN={TOKEN} x", "env.jeton"),
        (f"BOT_TOKEN={TOKEN[:20]}", "env.jeton"),
        ("EXPIRY_MINUTES=0", "env.minutes"),
        ("EXPIRY_MINUTES=1000", "env.minutes"),
        ("EXPIRY_MINUTES=15.5", "env.minutes"),
        ("EXPIRY_MINUTES=²", "env.minutes"),
        ("EXPIRY_MINUTES=quinze", "env.minutes"),
        ("LOG_LEVEL=loud", "env.niveau"),
        ("LOG_LEVEL=debug", "env.niveau"),
        ("BOT_TOKN=abc", "env.inconnu"),
        ("BOT_TOKEN abc", "env.ligne"),
        ("BOT_TOKEN: abc", "env.ligne"),
        ('BOT_TOKEN="abc', "env.ligne"),
        ("=abc", "env.ligne"),
    ],
)
def test_a_bad_line_is_told_with_its_number(tmp_path: Path, line: str, code: str):
    assert told(tmp_path, f"# un\n# deux\n{line}\n") == [(code, ".env", 3)]


def test_all_faults_are_told_at_once(tmp_path: Path):
    text = "BOT_TOKEN=abc\nEXPIRY_MINUTES=0\nLOG_LEVEL=x\nAUTRE=1\nrien\n"
    assert [line for _, _, line in told(tmp_path, text)] == [1, 2, 3, 4, 5]


def test_a_name_that_is_nearly_right_is_put_right(tmp_path: Path):
    (problem,) = read(tmp_path, "BOT_TOKN=x\n")[1]
    assert problem.suggestion == "BOT_TOKEN"


def test_a_bad_value_of_the_environment_is_told_as_such(tmp_path: Path):
    assert told(tmp_path, EXPIRY_MINUTES="0") == [("env.minutes", "environment", 1)]


def test_a_bad_value_of_the_environment_is_not_put_down_to_the_files_good_line(tmp_path: Path):
    assert told(tmp_path, f"BOT_TOKEN={TOKEN}\n", BOT_TOKEN="abc") == [
        ("env.jeton", "environment", 1)
    ]


def test_a_file_that_is_not_text_is_told_with_its_line(tmp_path: Path):
    (tmp_path / ".env").write_bytes(b"# un\nBOT_TOKEN=\xff\xfe\n")
    assert told(tmp_path) == [("fichier.encodage", ".env", 2)]


def test_after_a_fault_the_default_stands(tmp_path: Path):
    found, _ = read(tmp_path, "BOT_TOKEN=abc\nEXPIRY_MINUTES=0\nLOG_LEVEL=x\n")
    assert (found.token, found.expiry_minutes, found.log_level) == ("", 15, "INFO")


@pytest.mark.parametrize(
    "text",
    [
        f"BOT_TOKEN={TOKEN} x\n",
        f"BOT_TOKEN={TOKEN}{TOKEN}\n",
        f"BOT_TOKEN={SECRET}\n",
        f"BOT_TOKEN {TOKEN}\n",
        f"BOT_TOKEN: {TOKEN}\n",
        f"BOT_TOKEN='{TOKEN}\n",
        f"JETON={TOKEN}\n",
        f"EXPIRY_MINUTES={TOKEN}\n",
        f"LOG_LEVEL={TOKEN}\n",
        f"BOT_TOKEN:{TOKEN}\n",
        f"{TOKEN}\n",
        f"BOT_TOKEN=\n{TOKEN}\n",
        f"'{TOKEN}'=1\n",
    ],
)
def test_a_secret_in_the_wrong_place_is_never_repeated(tmp_path: Path, text: str):
    """Also where the token alone was pasted into the file, without its name."""
    found, problems = read(tmp_path, text)
    assert problems
    for language in ("fr", "en"):
        for form in ("text", "json", "github"):
            assert SECRET not in report(problems, {}, language, form)
    assert SECRET not in repr(found)


def test_the_settings_never_show_the_token(tmp_path: Path):
    found, _ = read(tmp_path, f"BOT_TOKEN={TOKEN}\n")
    assert found.token == TOKEN
    assert SECRET not in f"{found} {found!r}"


@settings(LAWS, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_file_at_all_is_read_without_a_hitch(tmp_path: Path, text: str):
    found, problems = read(tmp_path, text)
    assert found.expiry_minutes > 0
    assert all(one.span.line >= 1 for one in problems)


@settings(LAWS, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(NAMES), st.from_regex(r"[A-Za-z0-9:._-]{12,50}", fullmatch=True))
def test_no_value_of_any_setting_is_ever_repeated(tmp_path: Path, name: str, value: str):
    _, problems = read(tmp_path, f"{name}={value}\n")
    assert value not in report(problems, {}) + report(problems, {}, "en")


# Who runs it

OPERATED = (
    "OPERATOR_NAME=Association Exemple\nOPERATOR_HOST='Hébergeur, Paris'\n"
    'OPERATOR_CONTACT="https://example.org/erreur"\n'
)


def test_who_runs_the_bot_is_told_to_whoever_asks(tmp_path: Path):
    found, problems = read(tmp_path, OPERATED)
    assert problems == []
    assert found.unsaid() == []
    assert found.installation() == {
        "exploitant": "Association Exemple",
        "hebergeur": "Hébergeur, Paris",
        "contact": "https://example.org/erreur",
    }


def test_the_texts_know_who_runs_the_bot_by_the_same_names(tmp_path: Path):
    assert tuple(read(tmp_path)[0].installation()) == INSTALLATION


def test_what_is_not_said_of_it_is_shown_as_a_blank_and_told(tmp_path: Path):
    found, problems = read(tmp_path, "OPERATOR_HOST=Paris\n")
    assert problems == []
    assert [dict(one.values)["nom"] for one in found.unsaid()] == [
        "OPERATOR_NAME",
        "OPERATOR_CONTACT",
    ]
    assert found.installation() == {
        "exploitant": "(OPERATOR_NAME)", "hebergeur": "Paris", "contact": "(OPERATOR_CONTACT)",
    }  # fmt: skip


@pytest.mark.parametrize("value", ["x" * 81, "{tel_17}", '"une\\nautre"'])
def test_what_no_screen_could_show_is_refused(tmp_path: Path, value: str):
    assert told(tmp_path, f"OPERATOR_NAME={value}\n") == [("env.texte", ".env", 1)]


def test_the_screens_that_show_it_have_room_for_the_longest(tmp_path: Path):
    assert OPERATOR_LIMIT == INSTALLATION_LIMIT
    assert read(tmp_path, f"OPERATOR_NAME={'x' * OPERATOR_LIMIT}\n")[1] == []
