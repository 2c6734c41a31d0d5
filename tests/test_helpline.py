"""The register of lines: whole, checked cell by cell, and asked whether somebody answers now."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading.problem import Problem
from bot.referral.helpline import Register, is_phone, opening, read_register
from bot.triage import failsafe
from bot.triage.screen import COPY_LIMIT
from tests.ground import DATA, LAWS, content

PARIS = ZoneInfo("Europe/Paris")
FILE = "data/helplines.yml"
LINES = (
    "17", "112", "15", "18", "114", "115", "119", "119_tchat", "3919", "3919_tchat",
    "tchat_police", "tchat_mineurs", "116006", "france_victimes_etranger", "cfcv", "3018", "3114",
)  # fmt: skip
GOOD = {
    "nom": '"0 800, un essai"',
    "numero": '"+33800059595"',
    "operateur": '"Personne"',
    "pour": '"Un essai."',
    "horaires": '"Mo-Fr 10:00-19:00; PH unknown"',
    "source": '"https://example.org/"',
    "source_date": '"2026-02-04"',
    "verifie_le": '"2026-02"',
}
FAILSAFE_LINES = "".join(
    f'  "{line}": {{nom: "{line}", {"sms" if line == "114" else "numero"}: "{number}", pour: "x",'
    ' operateur: "x", source: "x", source_date: "2026", verifie_le: "2026"}\n'
    for line, number in failsafe.NUMBERS.items()
)


def written(**cells: str | None) -> str:
    """A register with the five lines that must be there, then one with these cells."""
    row = {name: cell for name, cell in (GOOD | cells).items() if cell is not None}
    body = "".join(f"    {name}: {cell}\n" for name, cell in row.items())
    return f"lignes:\n{FAILSAFE_LINES}  essai:\n{body}"


def line_of(text: str, needle: str) -> int:
    return next(n for n, one in enumerate(text.splitlines(), 1) if one.strip().startswith(needle))


def told(text: str) -> list[Problem]:
    return read_register(text, FILE)[1]


def register() -> Register:
    return content().register


def state(line: str, *moment: int, zone: ZoneInfo | type[UTC] = PARIS) -> str:
    return opening(register().lines[line], datetime(*moment, tzinfo=zone)).state


def until(line: str, *moment: int) -> datetime | None:
    return opening(register().lines[line], datetime(*moment, tzinfo=PARIS)).until


def test_the_register_is_whole_and_without_a_fault():
    text = (DATA / "helplines.yml").read_text(encoding="utf-8")
    assert told(text) == []
    assert set(LINES) <= set(register().lines)


def test_the_numbers_of_the_fail_safe_screen_are_those_of_the_file():
    """They are constants, so that nothing can keep them from being shown."""
    assert {line: register().number(line) for line in failsafe.NUMBERS} == failsafe.NUMBERS
    for number in failsafe.NUMBERS.values():
        for language in failsafe.EMERGENCY_TEXTS:
            said = failsafe.emergency_text(language) + failsafe.listening_text(language)
            assert re.search(rf"\b{number}\b", said)
    assert failsafe.BARE_TEXT.split() == ["17", "112", "SMS", "114", "15"]
    assert failsafe.EMERGENCY_ROW.split(" · ") == ["17", "112", "114"]


def test_every_line_can_be_reached_somehow_and_says_where_it_was_found():
    for line in register().lines.values():
        assert line.number or line.sms or line.site
        assert line.source
        assert line.source_date


def test_every_number_that_a_person_may_type_leads_to_its_line():
    numbers = register().numbers
    for line in register().lines.values():
        for number in filter(None, (line.number, line.sms)):
            assert numbers[number] == line.id


def test_whoever_cannot_speak_is_answered_at_any_hour_by_some_line():
    assert {"114", "tchat_police", "tchat_mineurs"} <= {
        line for line in register().lines if register().voiceless(line)
    }
    assert not register().voiceless("3919_tchat"), "not at night"
    assert not register().voiceless("17"), "not without a voice"


def test_a_hidden_line_is_nobodys():
    known, problems = read_register(written(montrer="non"), FILE)
    assert problems == []
    assert "essai" not in known.lines
    assert "+33800059595" not in known.numbers


# When does somebody answer?


def test_3919_and_the_emergency_numbers_answer_at_three_in_the_morning_on_christmas_day():
    for line in ("17", "112", "15", "18", "114", "115", "119", "3919", "tchat_police", "3114"):
        assert state(line, 2026, 12, 25, 3) == "always"
        assert until(line, 2026, 12, 25, 3) is None


def test_a_line_for_working_days_answers_from_monday_to_friday():
    assert state("cfcv", 2026, 11, 23, 9, 59) == "closed"
    assert state("cfcv", 2026, 11, 23, 10) == "open"
    assert until("cfcv", 2026, 11, 23, 10) == datetime(2026, 11, 23, 19, tzinfo=PARIS)
    assert state("cfcv", 2026, 11, 23, 19) == "closed"
    assert state("cfcv", 2026, 11, 21, 12) == "closed", "a Saturday"


def test_a_closed_line_says_when_it_opens():
    assert until("116006", 2026, 11, 24, 3) == datetime(2026, 11, 24, 9, tzinfo=PARIS)
    assert until("cfcv", 2026, 11, 20, 20) == datetime(2026, 11, 23, 10, tzinfo=PARIS)


def test_what_a_line_does_on_a_holiday_is_only_said_where_it_is_known():
    assert state("116006", 2026, 12, 25, 12) == "open", "its hours name public holidays"
    assert state("cfcv", 2026, 12, 25, 12) == "unknown"
    assert state("3919_tchat", 2026, 12, 25, 14) == "unknown"
    assert state("cfcv", 2026, 4, 6, 12) == "unknown", "Easter Monday"


def test_a_holiday_that_nobody_is_sure_of_is_passed_over_when_a_line_says_when_it_opens():
    """On the Saturday before Easter: Tuesday, not Monday."""
    assert until("cfcv", 2026, 4, 4, 12) == datetime(2026, 4, 7, 10, tzinfo=PARIS)


def test_every_line_with_hours_says_what_it_does_on_public_holidays():
    """Where no source tells, `PH unknown`; else the bot would promise Christmas Day."""
    with_hours = [one for one in register().lines.values() if one.hours and not one.always]
    assert with_hours
    assert [one.id for one in with_hours if "PH" not in str(one.hours)] == []


def test_the_clock_is_that_of_paris_in_winter_and_in_summer():
    """Half past seven in Greenwich is an hour later in Paris in January, two hours in July."""
    assert state("116006", 2026, 1, 7, 7, 30, zone=UTC) == "closed"
    assert state("116006", 2026, 7, 1, 7, 30, zone=UTC) == "open"
    assert state("116006", 2026, 7, 1, 21, 30, zone=ZoneInfo("Indian/Reunion")) == "open"
    assert state("116006", 2026, 7, 1, 22, 30, zone=ZoneInfo("Indian/Reunion")) == "closed"


def test_the_night_when_the_clocks_change_does_not_move_the_morning():
    assert until("116006", 2026, 3, 28, 21) == datetime(2026, 3, 29, 9, tzinfo=PARIS)
    assert until("116006", 2026, 10, 24, 21) == datetime(2026, 10, 25, 9, tzinfo=PARIS)


def test_hours_that_nobody_knows_are_unknown_at_any_hour():
    known, _ = read_register(written(horaires=None), FILE)
    for hour in (3, 12):
        found = opening(known.lines["essai"], datetime(2026, 11, 23, hour, tzinfo=PARIS))
        assert (found.state, found.until) == ("unknown", None)


@LAWS
@given(
    st.sampled_from(LINES),
    st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_whenever_a_line_is_asked_what_it_promises_lies_ahead(line: str, now: datetime):
    found = opening(register().lines[line], now)
    assert (found.until is None) == (found.state in ("always", "unknown"))
    if found.until is not None:
        assert found.until > now
        later = opening(register().lines[line], found.until)
        assert (later.state == "open") == (found.state == "closed")


# What a volunteer may write


def test_a_good_line_is_read_as_it_stands():
    known, problems = read_register(written(sms='"114"', sans_voix="oui", anonyme="oui"), FILE)
    assert problems == []
    line = known.lines["essai"]
    assert (line.name, line.purpose, line.number) == (
        "0 800, un essai",
        "Un essai.",
        "+33800059595",
    )
    assert (line.voiceless, line.always, line.anonymous, line.free) == (
        True,
        False,
        "oui",
        "inconnu",
    )


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("numero", '"0800059595"', "ligne.numero"),
        ("numero", '"+33 800 05 95 95"', "ligne.numero"),
        ("numero", '"+331234"', "ligne.numero"),
        ("numero", '"08VICTIMES"', "ligne.numero"),
        ("numero", '"1"', "ligne.numero"),
        ("sms", '"douze"', "ligne.numero"),
        ("horaires", '"25:00-26:00"', "ligne.horaires"),
        ("horaires", '"lundi à vendredi"', "ligne.horaires"),
        ("source_date", '"04/02/2026"', "ligne.date"),
        ("source_date", '"2026-13"', "ligne.date"),
        ("verifie_le", '"hier"', "ligne.date"),
        ("site", '"http://example.org"', "ligne.site"),
        ("site", '"https://nulle part.org"', "ligne.site"),
        ("site", '"example.org"', "ligne.site"),
        ("sms_pret", f'"{"a" * (COPY_LIMIT + 1)}"', "ligne.sms_long"),
        ("gratuit", '"parfois"', "forme.choix"),
        ("urgence", '"peut-être"', "forme.oui_non"),
        ("nom", '""', "forme.texte_vide"),
        ("pour", "[a, b]", "forme.texte"),
        ("numro", '"17"', "cle.inconnue"),
    ],
)
def test_a_refused_value_is_told_with_its_line(column: str, cell: str, code: str):
    text = written(**{column: cell})
    assert [(one.code, one.span.file, one.span.line) for one in told(text)] == [
        (code, FILE, line_of(text, f"{column}: {cell}"))
    ]


@pytest.mark.parametrize("column", ["nom", "pour", "operateur", "source", "source_date"])
def test_what_a_line_must_say_is_asked_for(column: str):
    found = told(written(**{column: None}))
    assert [one.code for one in found] == ["cle.absente"]
    assert column in found[0].sentence()


def test_a_line_that_nobody_can_reach_is_refused():
    text = written(numero=None)
    assert [(one.code, one.span.line) for one in told(text)] == [
        ("ligne.injoignable", line_of(text, "essai:"))
    ]


def test_a_ready_sms_of_256_characters_can_be_copied():
    assert told(written(sms_pret=f'"{"a" * COPY_LIMIT}"')) == []


@pytest.mark.parametrize("line", list(failsafe.NUMBERS))
def test_a_line_of_the_fail_safe_screen_may_not_be_missing(line: str):
    text = "\n".join(one for one in written().splitlines() if not one.startswith(f'  "{line}":'))
    found = told(text + "\n")
    assert [one.code for one in found] == ["ligne.obligatoire"]
    assert line in found[0].sentence()


def test_a_number_may_not_differ_from_that_of_the_fail_safe_screen():
    text = written().replace('numero: "3919"', 'numero: "3114"')
    found = told(text)
    assert [one.code for one in found] == ["ligne.secours"]
    assert {"3919", "3114"} <= {value for _, value in found[0].values}


def test_several_faults_are_told_at_once():
    text = written(numero='"+33"', site='"x"', source_date='"x"')
    assert {one.code for one in told(text)} == {"ligne.numero", "ligne.site", "ligne.date"}


@LAWS
@given(st.text())
def test_any_file_at_all_is_read_without_a_hitch(text: str):
    known, problems = read_register(text, FILE)
    assert problems or known.lines


@LAWS
@given(st.text())
def test_no_text_is_a_phone_number_unless_it_is_one(text: str):
    assert not is_phone(text) or (text.startswith("+") and text[1:].isdigit())
