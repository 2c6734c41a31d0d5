"""When a door is open: on its own clock, with the holidays of France, and never a guess."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.referral.hours import CLOCKS, PARIS, are_hours, clock_of, hours_of, opening_of
from bot.triage.facts import Opening
from tests.ground import LAWS, departements

WEEKDAYS = "Mo-Fr 09:00-17:00"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))


def opening(text: str, now: datetime, departement: str = "94") -> Opening:
    clock = clock_of(departement)
    hours = hours_of(text, clock)
    assert hours is not None
    return opening_of(hours, clock, now)


def local(departement: str, *moment: int) -> datetime:
    return datetime(*moment, tzinfo=clock_of(departement))  # type: ignore[misc,arg-type]


# Clocks


def test_the_mainland_and_corsica_live_on_the_clock_of_paris_and_nobody_else_does():
    """Saint-Martin too has a clock of its own."""
    on_paris = {row["code"] for row in departements() if clock_of(row["code"]) == PARIS}
    assert {code for code in on_paris if len(code) == 3} == {"984", "989"}, "nobody lives there"
    assert len(on_paris) == 98
    assert CLOCKS.keys() < {row["code"] for row in departements()}


@pytest.mark.parametrize(
    ("departement", "hours"),
    [("94", 13), ("2A", 13), ("971", 8), ("972", 8), ("973", 9), ("974", 16), ("975", 9),
     ("976", 15), ("977", 8), ("978", 8), ("986", 24), ("987", 2), ("988", 23)],
)  # fmt: skip
def test_at_noon_in_greenwich_in_november_a_clock_shows(departement: str, hours: int):
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    shown = noon.astimezone(clock_of(departement))
    assert (shown.replace(tzinfo=UTC) - noon) == timedelta(hours=hours - 12)


# Rules


@pytest.mark.parametrize(
    "text", [WEEKDAYS, "24/7", "Mo 14:00-17:00; PH off", "Mo-Su 15:00-21:00; PH unknown"]
)
def test_a_rule_is_one(text: str):
    assert are_hours(text)


@pytest.mark.parametrize("text", ["tous les jours", "de 9 à 17 h", "Mo-Fr 09:00-", "99:00-12:00"])
def test_a_sentence_is_no_rule(text: str):
    assert not are_hours(text)
    assert hours_of(text) is None


@LAWS
@given(st.text(max_size=30))
def test_no_text_at_all_breaks_it(text: str):
    assert are_hours(text) == (hours_of(text) is not None)


# Doors


def test_a_door_is_open_until_its_hour_on_its_own_clock():
    for departement in ("94", "974", "987"):
        found = opening(WEEKDAYS, local(departement, 2026, 11, 23, 10), departement)
        assert found.state == "open"
        assert found.until == local(departement, 2026, 11, 23, 17)
        assert found.clock == clock_of(departement).key


def test_the_same_moment_finds_one_door_open_and_another_closed():
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert opening(WEEKDAYS, noon, "94").state == "open"
    assert opening(WEEKDAYS, noon, "987").state == "closed"


def test_a_closed_door_says_when_it_opens():
    friday = local("94", 2026, 11, 20, 18)
    found = opening(WEEKDAYS, friday)
    assert (found.state, found.until) == ("closed", local("94", 2026, 11, 23, 9))


def test_the_minute_it_opens_is_open_and_the_minute_it_closes_is_not():
    assert opening(WEEKDAYS, local("94", 2026, 11, 23, 9)).state == "open"
    assert opening(WEEKDAYS, local("94", 2026, 11, 23, 8, 59)).state == "closed"
    assert opening(WEEKDAYS, local("94", 2026, 11, 23, 17)).state == "closed"


def test_a_holiday_is_frances():
    """All Saints' Day of 2027 is a Monday."""
    rule = f"{WEEKDAYS}; PH off"
    found = opening(rule, local("94", 2027, 11, 1, 10))
    assert (found.state, found.until) == ("closed", local("94", 2027, 11, 2, 9))


def test_where_the_hours_of_a_holiday_are_not_known_nothing_is_promised():
    rule = f"{WEEKDAYS}; PH unknown"
    assert opening(rule, local("94", 2027, 11, 1, 10)) == Opening("unknown")
    sunday = opening(rule, local("94", 2027, 10, 31, 20))
    assert (sunday.state, sunday.until) == ("closed", local("94", 2027, 11, 2, 9)), "not Monday"


def test_a_door_that_never_opens_again_says_nothing_more():
    assert opening("off", local("94", 2026, 11, 23, 10)) == Opening("closed")


def test_a_door_open_day_and_night_has_no_closing_hour():
    found = opening("24/7", local("94", 2026, 11, 23, 10))
    assert (found.state, found.until) == ("open", None)


def test_the_clock_that_changes_in_march_does_not_move_the_door():
    """The last Sunday of March 2027: the night has an hour less."""
    found = opening("Su 09:00-17:00", local("94", 2027, 3, 28, 1))
    assert found.until == local("94", 2027, 3, 28, 9)


@LAWS
@given(MOMENTS, st.sampled_from(["94", "971", "974", "975", "987", "988"]))
def test_what_is_said_to_come_comes(moment: datetime, departement: str):
    now = opening(WEEKDAYS, moment, departement)
    assert now.until is not None
    assert now.until > moment
    then = opening(WEEKDAYS, now.until, departement)
    assert {now.state, then.state} == {"open", "closed"}
    before = opening(WEEKDAYS, now.until - timedelta(minutes=1), departement)
    assert before.state == now.state
