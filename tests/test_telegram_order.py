"""Each person's acts are taken in order, one at a time, and nobody waits for anybody else."""

import asyncio

import pytest

from bot.telegram.background import Background
from bot.telegram.turns import Turns
from tests.test_telegram_support import Talk, at_home, telling


async def test_quick_taps_end_on_the_last_one():
    async with at_home(Talk(pace=0.05)) as relais:
        camille = relais.server.person()
        await camille.start()
        message = camille.screen().id
        for data in ("menu", "couple", "partir", "lieu"):
            await camille.tap_raw(message, data, wait=False)
        await relais.server.settled()
        assert [told[1] for told in relais.talk.heard] == ["menu", "couple", "partir", "lieu"]
        assert camille.screen().text == telling("lieu")


async def test_leaving_right_after_a_tap_leaves_nothing():
    async with at_home(Talk(pace=0.2)) as relais:
        camille = relais.server.person()
        await camille.start()
        message = camille.screen().id
        await camille.tap_raw(message, "couple", wait=False)
        await camille.tap_raw(message, "_s")
        assert camille.chat_is_empty()
        assert len(camille.chat.sent) == 1


async def test_leaving_by_a_word_while_a_screen_is_coming_leaves_nothing():
    """A message and a press may overtake each other inside Telegram, not here."""
    async with at_home(Talk(pace=0.2)) as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap_raw(camille.screen().id, "couple", wait=False)
        await camille.type("/quitter")
        assert camille.chat_is_empty()
        assert len(camille.chat.sent) == 1


async def test_a_press_at_the_moment_a_screen_would_go_keeps_it():
    async with at_home(Talk(pace=0.3)) as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap_raw(camille.screen().id, "couple", wait=False)
        await relais.server.until(lambda: bool(relais.talk.heard))
        relais.timer.advance(15 * 60)
        await relais.server.settled()
        await asyncio.sleep(0.1)
        assert camille.screen().text == telling("couple")


async def test_many_people_at_once_do_not_wait_for_each_other():
    async with at_home(Talk(pace=0.5)) as relais:
        people = [relais.server.person(f"P{number}") for number in range(10)]
        for person in people:
            await person.start()
        started = asyncio.get_running_loop().time()
        await asyncio.gather(*(person.tap("Continuer") for person in people))
        assert asyncio.get_running_loop().time() - started < 10 * 0.5
        assert all(person.screen().text == telling("menu") for person in people)


async def test_a_chat_at_rest_keeps_no_lock():
    turns = Turns()
    async with turns.of(1), turns.of(2):
        assert len(turns) == 2
    assert len(turns) == 0


async def test_turns_are_first_come_first_served():
    turns, order = Turns(), []

    async def take(name: str) -> None:
        async with turns.of(1):
            await asyncio.sleep(0.001)
            order.append(name)

    await asyncio.gather(*(take(name) for name in "abcdef"))
    assert order == list("abcdef")


async def test_what_is_left_for_later_is_bounded():
    background, done = Background(at_once=2), []

    async def work(number: int) -> None:
        await asyncio.sleep(0.01)
        done.append(number)

    for number in range(5):
        background.start(work(number))
    assert len(background) == 2
    await background.over()
    assert done == [0, 1]


async def test_what_goes_wrong_later_stops_nothing_else(caplog: pytest.LogCaptureFixture):
    background, done = Background(), []

    async def fail() -> None:
        raise RuntimeError

    async def work() -> None:
        done.append(True)

    background.start(fail())
    background.start(work())
    await background.over()
    assert done == [True]
    assert caplog.messages == ["background.failed"]
