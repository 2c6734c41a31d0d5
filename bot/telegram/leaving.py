"""How a screen ends: by Sortir, by a word, by itself after a while, or because the bot stops.

Leaving sends nothing, counts nothing and logs nothing; afterwards nothing is known of the chat.
A photo is hers: Sortir takes it away, unless she chose « Laisser »; the expiry does not.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any

from bot.telegram import calls
from bot.telegram.background import quietly
from bot.telegram.calls import Later
from bot.telegram.channel import Channel
from bot.telegram.erasing import erase, neutral, sweep
from bot.telegram.live import Live

AT_ONCE = 16  # chats whose screens are erased at the same time
IDLE = 2 * 60.0  # seconds: at a clean stop, a screen untouched for longer is erased
STOP = 20.0  # seconds that a clean stop may take
STOP_HANDLING = 5.0  # of them, for what is being answered
STOP_TRIES = 3


async def leave_by_button(
    channel: Channel, chat: int, pressed: int, photos: Iterable[int], language: str
) -> None:
    """Complete with nothing remembered: the press itself names the message.

    `photos` are those that the pressed message asked about.
    """
    live = channel.memory.forget(chat)
    wanted = {pressed, *photos, *(_known(live) if live else ())}
    await _clear(channel, chat, wanted, {pressed, live.message if live else pressed}, language)


async def leave_by_message(channel: Channel, chat: int, message: int, language: str) -> None:
    """By a command or a word: complete where the chat is remembered, else as far as can be."""
    live = channel.memory.forget(chat)
    if live:
        await _clear(channel, chat, {message, *_known(live)}, {live.message}, language)
    else:
        await sweep(channel, chat, message, language)


async def watch(channel: Channel, every: float) -> None:
    """For ever: erase the screens that have lasted their time, looking every so many seconds."""
    while True:
        await asyncio.sleep(every)
        over = channel.memory.over(channel.timer())
        await _spread(lambda chat: _expire(channel, chat), over)


async def part(channel: Channel) -> bool:
    """A clean stop: whether everything that had been received was answered.

    Screens idle for over two minutes are erased; the others, and those that the person chose to
    keep, are edited to a pause from which their own button resumes. The oldest come first.
    """
    channel.background.hurry()
    answered = False
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP):
            answered = await _answered(channel)
            await _spread(lambda chat: _put_away(channel, chat), channel.memory.all())
            await channel.background.over()
    return answered


def _known(live: Live) -> set[int]:
    return {live.message, *live.leftovers, *live.evidence}


async def _clear(
    channel: Channel, chat: int, wanted: set[int], screens: set[int], language: str
) -> None:
    """Erase; a screen that Telegram makes wait is at least emptied of its words meanwhile."""
    left = await erase(channel, chat, wanted, language)
    for screen in sorted(left & screens):
        await calls.edit(channel.bot, chat, screen, neutral(channel, language))


async def _expire(channel: Channel, chat: int) -> None:
    async with channel.turns.of(chat):
        live = channel.memory.get(chat)
        if live and live.over(channel.timer()):
            channel.memory.forget(chat)
            await erase(channel, chat, {live.message, *live.leftovers}, live.language)


async def _answered(channel: Channel) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_HANDLING):
            await channel.turns.over()
            return True
    return False


async def _put_away(channel: Channel, chat: int) -> None:
    async with channel.turns.of(chat):
        live = channel.memory.forget(chat)
        if not live:
            return
        kept = live.lasts > channel.lasts
        idle = channel.timer() - live.acted > IDLE and not kept
        await erase(
            channel, chat, {*live.leftovers, *({live.message} if idle else ())}, live.language
        )
        if not idle:
            await _pause(channel, chat, live)


async def _pause(channel: Channel, chat: int, live: Live) -> None:
    screen = channel.conversation.pause(live.state, live.language)
    for _ in range(STOP_TRIES):
        failure = await calls.edit(channel.bot, chat, live.message, screen)
        if not isinstance(failure, Later):
            return
        await channel.background.pause(failure.seconds)


async def _spread(act: Callable[[int], Coroutine[Any, Any, None]], chats: Iterable[int]) -> None:
    """Do something in many chats, the first ones first, a few at a time."""
    waiting = iter(chats)

    async def take() -> None:
        for chat in waiting:
            await quietly(act(chat))

    await asyncio.gather(*(take() for _ in range(AT_ONCE)))
