"""Messages that come out of the past get no answer, but they go, and who wanted to leave leaves."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.telegram.lateness import FIRST, Lateness
from tests.test_telegram_support import NEUTRAL, Relais, at_home, telling

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("words", ["il est parti", "j'ai peur", "/start", "/urgence", "/perdue"])
async def test_late_words_get_no_answer_but_go(words: str):
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.type(words, date=_ago(relais, minutes=5, seconds=1))
        assert camille.chat_is_empty()
        assert camille.chat.sent == []


async def test_words_of_five_minutes_ago_are_answered():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start(date=_ago(relais, minutes=5))
        assert camille.screen().text == NEUTRAL


async def test_late_words_do_not_change_the_screen():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.type("il est parti", date=_ago(relais, hours=3))
        assert [message.text for message in camille.chat.visible] == [NEUTRAL]


async def test_late_words_do_not_keep_a_screen_any_longer():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.timer.advance(14 * 60)
        await camille.type("il est parti", date=_ago(relais, hours=3))
        relais.timer.advance(60)
        await relais.server.until(camille.chat_is_empty)


@pytest.mark.parametrize("way", ["/quitter", "sortir"])
async def test_whoever_wanted_to_leave_hours_ago_leaves(way: str):
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.type(way, date=_ago(relais, hours=3))
        assert camille.chat_is_empty()


async def test_a_late_location_goes_unread():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.send_location(48.79, 2.33, date=_ago(relais, hours=3))
        assert camille.chat_is_empty()
        assert relais.talk.heard == []


async def test_a_late_photo_is_not_asked_about_and_stays_until_she_leaves():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        photo = await camille.send_photo(date=_ago(relais, hours=3))
        assert photo in camille.chat.visible
        assert camille.screen().text == NEUTRAL
        await camille.tap("✕ Sortir")
        assert camille.chat_is_empty()


async def test_a_press_is_never_too_late():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.clock.advance(hours=30)
        await camille.tap("Continuer")
        assert camille.screen().text == telling("menu")


async def test_people_are_answered_although_our_clock_is_wrong():
    async with at_home() as relais:
        camille = relais.server.person()
        for _ in range(FIRST - 1):
            await camille.type("bonjour", date=_ago(relais, hours=1))
        assert camille.chat.sent == []
        await camille.start(date=_ago(relais, hours=1))
        assert camille.screen().text == NEUTRAL


def test_after_an_outage_late_messages_are_still_late(caplog: pytest.LogCaptureFixture):
    """They are late by different amounts, which a wrong clock does not do."""
    lateness = Lateness(lambda: NOON)
    ages = [timedelta(minutes=6 + number) for number in range(FIRST + 5)]
    assert all(lateness.late(NOON - age) for age in ages)
    assert caplog.messages == []


def test_a_wrong_clock_is_told_once(caplog: pytest.LogCaptureFixture):
    lateness = Lateness(lambda: NOON)
    answers = [lateness.late(NOON - timedelta(hours=2, seconds=n)) for n in range(FIRST + 5)]
    assert answers == [True] * (FIRST - 1) + [False] * 6
    assert caplog.messages == ["clock.skew"]


def test_a_clock_that_is_behind_is_told_too(caplog: pytest.LogCaptureFixture):
    lateness = Lateness(lambda: NOON)
    assert not any(lateness.late(NOON + timedelta(hours=2)) for _ in range(FIRST))
    assert caplog.messages == ["clock.skew"]


def test_one_message_on_time_settles_that_the_clock_is_right(caplog: pytest.LogCaptureFixture):
    lateness = Lateness(lambda: NOON)
    assert not lateness.late(NOON - timedelta(minutes=4))
    assert all(lateness.late(NOON - timedelta(minutes=6)) for _ in range(FIRST + 5))
    assert caplog.messages == []


def test_a_clock_that_is_set_right_is_believed_again():
    lateness = Lateness(lambda: NOON)
    for _ in range(FIRST):
        lateness.late(NOON - timedelta(hours=2))
    assert lateness.skewed
    lateness.late(NOON)
    assert lateness.late(NOON - timedelta(hours=2))


def _ago(relais: Relais, **units: float) -> datetime:
    return relais.server.clock() - timedelta(**units)
