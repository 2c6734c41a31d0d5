"""The bot starts, says who it is, survives what it cannot read, and stops without a trace."""

import asyncio
import gc
import os
import re
import signal

import pytest
from aiogram.exceptions import TelegramUnauthorizedError
from aiogram.fsm.storage.memory import MemoryStorage

from bot.commands import MENU
from bot.telegram import leaving
from bot.telegram.polling import serve
from bot.triage import failsafe, words
from tests.telegram_faults import FaultKind
from tests.test_telegram_support import (
    COVER,
    NEUTRAL,
    Talk,
    at_home,
    new_bot,
    running,
    telegram,
    telling,
)

IDLE = 2 * 60


# Stopping


async def test_at_a_stop_a_screen_that_nobody_looks_at_is_erased():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.timer.advance(IDLE + 1)
        await relais.stop()
        assert camille.chat_is_empty()


async def test_at_a_stop_a_screen_in_use_becomes_a_pause_from_which_she_goes_on():
    async with telegram() as server:
        camille = server.person()
        async with running(server) as relais:
            await camille.start()
            await camille.tap_raw(camille.screen().id, "couple")
            relais.timer.advance(IDLE)
        assert camille.screen().text == f"{COVER} (fr)"
        assert camille.screen().labels == ["Reprendre", "17 · 112 · 114", "✕ Sortir"]
        async with running(server):
            await camille.tap("Reprendre")
            assert camille.screen().text == telling("couple")


async def test_at_a_stop_a_screen_that_she_keeps_becomes_a_pause():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap("Continuer")
        await camille.tap("Garder 1 heure")
        relais.timer.advance(IDLE * 3)
        await relais.stop()
        assert "Reprendre" in camille.screen().labels


async def test_a_stop_begins_with_those_who_were_here_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(leaving, "AT_ONCE", 1)
    async with at_home() as relais:
        people = [relais.server.person(f"P{number}") for number in range(4)]
        for person in people:
            await person.start()
        await people[0].tap("Continuer")
        before = len(relais.server.calls)
        await relais.stop()
        stopped = [call.chat_id for call in relais.server.calls[before:]]
        assert stopped == [people[number].id for number in (1, 2, 3, 0)]


async def test_a_stop_lets_what_was_begun_come_to_its_end_and_nothing_comes_twice():
    async with telegram() as server:
        camille, talk = server.person(), Talk(pace=0.3)
        async with running(server, talk) as relais:
            await camille.start()
            await camille.tap_raw(camille.screen().id, "couple", wait=False)
            await server.until(lambda: len(talk.heard) == 1)
            await relais.stop()
        assert len(camille.chat.answers) == 1
        assert camille.screen().labels[0] == "Reprendre"
        async with running(server, talk):
            await server.settled()
        assert talk.heard == [("press", "couple")]


async def test_what_telegram_was_not_told_we_have_is_told_at_the_stop():
    """Else Telegram would give it to the next start, and she would be greeted twice."""
    async with telegram() as server:
        camille = server.person()
        async with running(server):
            cut = server.faults.add(kind="cut", method="getUpdates")
            await camille.start(wait=False)
            await server.until(lambda: cut.hits == 1 and len(camille.chat.from_bot) == 1)
        async with running(server):
            await server.settled()
        assert len(camille.chat.sent) == 1


async def test_a_stop_waits_for_somebody_who_has_just_come():
    async with telegram() as server:
        camille, talk = server.person(), Talk(pace=0.3)
        camille.chat.started = True
        async with running(server, talk) as relais:
            older = await relais.bot.send_message(camille.id, "Un ancien écran")
            await camille.tap_raw(older.message_id, "couple", wait=False)
            await server.until(lambda: len(talk.heard) == 1)
        assert len(camille.chat.answers) == 1
        assert camille.screen().labels[0] == "Reprendre"


async def test_a_stop_ends_although_telegram_does_not_answer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(leaving, "STOP", 0.3)
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.faults.add(kind="slow", seconds=3, times=None)
        started = asyncio.get_running_loop().time()
        await relais.stop()
        assert asyncio.get_running_loop().time() - started < 2
        relais.server.faults.clear()


@pytest.mark.parametrize("idle", [0, IDLE + 1])
async def test_a_stop_waits_a_little_where_telegram_says_so(idle: float):
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.timer.advance(idle)
        relais.server.faults.add(kind="429", chat_id=camille.id, retry_after=1)
        started = asyncio.get_running_loop().time()
        await relais.stop()
        assert asyncio.get_running_loop().time() - started > 0.9
        assert NEUTRAL not in camille.sees


@pytest.mark.long
async def test_a_stop_finishes_what_had_to_wait():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.faults.add(kind="429", method="deleteMessage", retry_after=60)
        await camille.tap("✕ Sortir")
        assert camille.sees == "…"
        await relais.stop()
        assert camille.chat_is_empty()


async def test_the_bot_stops_when_the_system_asks_it_to():
    async with telegram() as server:
        bot, camille = new_bot(server), server.person()
        task = asyncio.create_task(serve(Talk(), bot))  # type: ignore[arg-type]
        await server.until(lambda: server._waiting is not None)
        await camille.start()
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(task, 5)
        assert camille.screen().labels[0] == "Reprendre"
        await bot.session.close()


async def test_a_bot_that_is_stopped_as_it_starts_stops():
    async with telegram() as server:
        bot = new_bot(server)
        for turns, pause in ((0, 0), (1, 0), (2, 0), (3, 0), (1, 0.005), (3, 0.005), (6, 0.005)):
            task = asyncio.create_task(serve(Talk(), bot, handle_signals=False))  # type: ignore[arg-type]
            for _ in range(turns):
                await asyncio.sleep(pause)
            task.cancel()
            await asyncio.wait([task], timeout=5)
            assert task.cancelled()
        await bot.session.close()


# Starting


async def test_a_token_that_telegram_does_not_know_ends_the_bot():
    async with telegram() as server:
        bot = new_bot(server)
        server.token = "7331000042:AAEanother-token"
        with pytest.raises(TelegramUnauthorizedError):
            await asyncio.wait_for(serve(Talk(), bot, handle_signals=False), 5)  # type: ignore[arg-type]
        await bot.session.close()


async def test_a_webhook_of_earlier_days_does_not_keep_the_bot_silent():
    async with telegram() as server:
        camille = server.person()
        server.webhook = "https://example.org/hook"
        async with running(server):
            await camille.start()
            assert camille.screen().text == NEUTRAL


async def test_nothing_of_aiograms_own_memory_of_people_is_used():
    """By default it keeps the ids of every person for ever."""
    gc.collect()
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        storages = [one for one in gc.get_objects() if isinstance(one, MemoryStorage)]
        assert storages
        assert not any(one.storage for one in storages)


async def test_one_update_that_cannot_be_read_does_not_hold_up_the_others():
    async with at_home() as relais:
        camille, louise = relais.server.person(), relais.server.person("Louise")
        camille.chat.started = True
        relais.server.emit("message", {"message_id": "not a number", "date": []}, camille.chat)
        await louise.start()
        assert louise.screen().text == NEUTRAL


# Who it is


async def test_an_empty_chat_says_what_this_is_and_still_helps():
    async with at_home() as relais:
        await relais.server.until(lambda: bool(relais.server.commands(1, "fr")))
        assert relais.server.description("fr") == words.DESCRIPTION
        assert "114" in relais.server.description("uk")
        names = [command["command"] for command in relais.server.commands(1, "fr")]
        assert names == [command for command, _ in MENU]


async def test_an_empty_chat_speaks_the_language_of_the_phone():
    async with at_home() as relais:
        await relais.server.until(lambda: "(en)" in str(relais.server.commands(1, "en")))
        assert relais.server.description("en") == f"{words.DESCRIPTION} (en)"
        told = [command["description"] for command in relais.server.commands(1, "en")]
        assert told == [f"{word} (en)" for _, word in MENU]


async def test_what_telegram_already_says_is_not_set_again():
    async with telegram() as server:
        for _ in range(2):
            async with running(server):
                await server.until(lambda: _asked(server, "getMyCommands"))
                await server.settled()
            set_now = [call.method for call in server.calls if call.method.startswith("setMy")]
            server.calls.clear()
        assert set_now == []


@pytest.mark.parametrize("kind", ["400", "429", "500", "cut", "garbage"])
async def test_a_bot_that_cannot_say_who_it_is_still_answers(kind: FaultKind):
    async with telegram() as server:
        for method in ("getMyName", "getMyDescription", "setMyShortDescription"):
            server.faults.add(kind=kind, method=method, times=None)
        async with running(server):
            camille = server.person()
            await camille.start()
            assert camille.screen().text == NEUTRAL
            await server.until(lambda: bool(server.commands(1, "fr")))


async def test_an_empty_chat_names_the_numbers_of_the_fail_safe_screen():
    for said in (words.DESCRIPTION, words.SHORT_DESCRIPTION):
        numbers = set(re.findall(r"\d+", said))
        assert numbers == {failsafe.NUMBERS[line] for line in ("17", "112", "114", "15")}


async def test_what_an_empty_chat_says_fits():
    assert len(words.DESCRIPTION) <= 512
    assert len(words.SHORT_DESCRIPTION) <= 120


def _asked(server, method: str) -> bool:
    return any(call.method == method for call in server.calls)
