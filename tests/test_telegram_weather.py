"""Telegram says wait, breaks, or does not answer: the person still gets on, and still gets out."""

import asyncio
import random

import pytest

from bot.telegram import display, erasing
from tests.telegram_faults import FaultKind
from tests.test_telegram_support import NEUTRAL, at_home, telling


@pytest.fixture
def waits_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second asked for is a hundredth waited; what was asked is still what decides."""
    monkeypatch.setattr(erasing, "LONGEST_WAIT", 0.01)


async def test_a_press_is_answered_at_once_and_its_screen_comes_when_telegram_lets_it():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.faults.add(kind="429", method="editMessageText", retry_after=1)
        started = asyncio.get_running_loop().time()
        await camille.tap("Continuer")
        assert asyncio.get_running_loop().time() - started < 0.8
        assert camille.screen().text == NEUTRAL
        await relais.server.until(lambda: camille.screen().text == telling("menu"))


@pytest.mark.long
async def test_a_screen_that_had_to_wait_never_covers_a_newer_one():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.faults.add(kind="429", method="editMessageText", retry_after=1)
        await camille.tap("Continuer")
        await camille.tap_raw(camille.screen().id, "couple")
        await asyncio.sleep(1.2)
        assert camille.screen().text == telling("couple")


async def test_a_screen_that_had_to_wait_does_not_come_back_after_she_has_left():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.faults.add(kind="429", method="editMessageText", retry_after=1)
        await camille.tap("Continuer")
        await camille.tap("✕ Sortir")
        await asyncio.sleep(1.2)
        assert camille.chat_is_empty()
        assert len(camille.chat.sent) == 1


@pytest.mark.long
async def test_a_first_screen_that_has_to_wait_comes_after_its_neutral_words():
    async with at_home() as relais:
        camille = relais.server.person()
        relais.server.faults.add(kind="429", method="editMessageText", retry_after=1)
        await camille.type("/lieu")
        assert camille.screen().text == NEUTRAL
        await relais.server.until(lambda: camille.screen().text == telling("lieu"))


@pytest.mark.long
async def test_a_screen_that_would_come_too_late_does_not_come(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(display, "LONGEST_WAIT", 0.5)
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.faults.add(kind="429", method="editMessageText", retry_after=1)
        await camille.tap("Continuer")
        await asyncio.sleep(1.2)
        assert camille.screen().text == NEUTRAL


async def test_leaving_while_telegram_says_wait_hides_the_words_at_once_and_then_the_rest():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap("Continuer")
        relais.server.faults.add(kind="429", method="deleteMessage", retry_after=1)
        await camille.tap("✕ Sortir")
        assert camille.sees == "…"
        await relais.server.until(camille.chat_is_empty)


@pytest.mark.long
async def test_typed_words_go_as_soon_as_telegram_lets_them():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.faults.add(kind="429", method="deleteMessage", retry_after=1)
        await camille.type("il est parti")
        assert "il est parti" in camille.sees
        await relais.server.until(lambda: "il est parti" not in camille.sees)


@pytest.mark.long
async def test_a_message_that_has_to_go_stays_if_she_goes_on_in_it_meanwhile():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        older = camille.screen().id
        relais.server.faults.add(kind="429", method="deleteMessage", after=1, retry_after=1)
        await camille.start()
        assert len(camille.chat.from_bot) == 2
        await camille.tap_raw(older, "couple")
        await asyncio.sleep(1.2)
        assert [message.id for message in camille.chat.from_bot] == [older]


@pytest.mark.long
async def test_words_that_have_to_wait_go_at_once_when_she_leaves():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.faults.add(kind="429", method="deleteMessage", retry_after=30)
        await camille.type("il est parti")
        await camille.tap("✕ Sortir")
        assert camille.chat_is_empty()


@pytest.mark.usefixtures("waits_are_short")
async def test_what_telegram_would_not_delete_is_tried_a_few_times_then_goes_when_she_leaves():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        fault = relais.server.faults.add(kind="429", method="deleteMessage", times=None)
        await camille.type("il est parti")
        await relais.server.until(lambda: fault.hits == 6)
        await asyncio.sleep(0.1)
        assert fault.hits == 6
        relais.server.faults.clear()
        await camille.tap("✕ Sortir")
        assert camille.chat_is_empty()


@pytest.mark.parametrize("kind", ["429", "500", "502", "cut", "applied_then_cut", "garbage"])
async def test_a_message_is_never_sent_twice(kind: FaultKind):
    async with at_home() as relais:
        camille = relais.server.person()
        relais.server.faults.add(kind=kind, method="sendMessage", retry_after=1)
        await camille.start()
        await asyncio.sleep(1.2 if kind == "429" else 0.1)
        assert len([call for call in camille.chat.history if call.method == "sendMessage"]) == 1


@pytest.mark.parametrize("kind", ["500", "502", "cut", "applied_then_cut", "garbage"])
async def test_a_screen_comes_although_the_connection_broke_once(kind: FaultKind):
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.faults.add(kind=kind, method="editMessageText")
        await camille.tap("Continuer")
        assert camille.screen().text == telling("menu")
        assert len(camille.chat.answers) == 1
        assert len(camille.chat.sent) == 1


@pytest.mark.parametrize("kind", ["500", "502", "cut", "applied_then_cut", "garbage"])
async def test_leaving_works_although_the_connection_broke_once(kind: FaultKind):
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.faults.add(kind=kind, method="deleteMessage")
        await camille.tap("✕ Sortir")
        assert camille.chat_is_empty()


async def test_a_screen_is_tried_twice_at_most_where_nothing_answers():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        fault = relais.server.faults.add(kind="cut", method="editMessageText", times=None)
        await camille.tap("Continuer")
        await asyncio.sleep(0.2)
        assert fault.hits == 2


@pytest.mark.usefixtures("waits_are_short")
async def test_leaving_is_finished_when_telegram_answers_again():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.faults.add(kind="500", method="deleteMessage", times=4)
        await camille.tap("✕ Sortir")
        await relais.server.until(camille.chat_is_empty)


@pytest.mark.parametrize("kind", ["400", "429", "500", "cut"])
async def test_a_press_whose_answer_fails_still_shows_its_screen(kind: FaultKind):
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        words = "query is too old and response timeout expired or query ID is invalid"
        relais.server.faults.add(kind=kind, method="answerCallbackQuery", times=2, text=words)
        await camille.tap("Continuer", must_answer=False)
        assert camille.screen().text == telling("menu")


@pytest.mark.long
async def test_a_press_is_answered_later_where_telegram_says_wait():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.faults.add(kind="429", method="answerCallbackQuery", retry_after=1)
        await camille.tap("Continuer")
        assert len(camille.chat.answers) == 1


@pytest.mark.long
@pytest.mark.usefixtures("waits_are_short")
async def test_in_a_storm_everybody_gets_out():
    async with at_home() as relais:
        dice = random.Random(3)
        people = [relais.server.person(f"P{number}") for number in range(12)]
        for person in people:
            await person.start()
        for kind in ("429", "500", "applied_then_cut"):
            relais.server.faults.add(kind=kind, times=None, chance=0.15, retry_after=1)
        for _ in range(4):
            waiting = [_anything(person, dice) for person in people if person.chat.from_bot]
            await asyncio.gather(*waiting)
        relais.server.faults.clear()
        await asyncio.sleep(0.1)
        for person in people:
            for message in person.chat.from_bot:
                await person.tap_raw(message.id, "_s")
        await relais.server.until(lambda: all(person.chat_is_empty() for person in people))


@pytest.mark.usefixtures("waits_are_short")
async def test_one_old_message_among_several_is_blanked_when_telegram_makes_us_wait_for_that_too():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap("Continuer")
        relais.server.clock.advance(hours=49)
        await camille.send_photo()
        relais.server.faults.add(kind="429", method="editMessageText", times=2)
        await camille.type("/quitter")
        await relais.server.until(lambda: camille.sees == "…")


async def _anything(person, dice: random.Random) -> None:
    message = person.chat.from_bot[-1].id
    if dice.random() < 0.3:
        await person.type("il est là", wait=False)
    else:
        data = dice.choice(["menu", "couple", "_k"])
        await person.tap_raw(message, data, must_answer=False, wait=False)
    await person.server.settled(20)
