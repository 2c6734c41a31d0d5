"""The one live message of a chat: what is shown is put in its place.

Telling text always arrives by edit, since what is sent may light up on a locked phone: a new live
message is sent with neutral words and edited at once. The one exception is `Shown.bare`.
"""

import logging

from bot.conversation import Shown
from bot.telegram import calls
from bot.telegram.calls import Failure, Later, Trouble
from bot.telegram.channel import Channel
from bot.telegram.erasing import erase
from bot.telegram.live import Live
from bot.triage.engine import State
from bot.triage.screen import Screen

TRIES = 3  # in the background
LONGEST_WAIT = 20.0  # seconds: past that, a screen would come as a surprise

log = logging.getLogger(__name__)


async def show(channel: Channel, chat: int, shown: Shown, pressed: int | None = None) -> None:
    """Put a screen in the chat: in the message whose button was pressed, else in the live one."""
    live = channel.memory.get(chat)
    target = pressed or (live.message if live else None)
    if target is None:
        await renew(channel, chat, shown)
        return
    failure = await _put(channel, chat, target, shown)
    if failure in (Trouble.GONE, Trouble.FIXED):
        await renew(channel, chat, shown, instead_of=target)
    elif failure is Trouble.BLOCKED:
        channel.memory.forget(chat)
    else:
        strays = remember(channel, chat, target, shown.state)
        _put_later(channel, chat, shown, failure)
        await erase(channel, chat, strays, shown.state.language)


async def greet(channel: Channel, chat: int, language: str, payload: str = "") -> None:
    """Send the first message, which is neutral, so that it may be sent as it is."""
    greeting = _greeting(channel, language, payload)
    await _begin(channel, chat, greeting.screen, greeting)


async def renew(channel: Channel, chat: int, shown: Shown, instead_of: int | None = None) -> None:
    """Show in a new live message, in the place of one that cannot be edited."""
    neutral = _greeting(channel, shown.state.language).screen
    await _begin(channel, chat, shown.bare or neutral, shown, instead_of)


def remember(
    channel: Channel, chat: int, message: int, state: State, lasts: float | None = None
) -> set[int]:
    """From now on this is the live message, and the person has just acted.

    The older live message, if there is one, is returned: it has to go.
    """
    old = channel.memory.get(chat)
    live = Live(
        message=message,
        state=state,
        acted=channel.timer(),
        lasts=lasts or channel.lasts,
        acts=old.acts + 1 if old else 1,
        leftovers=old.leftovers if old else (),
        evidence=old.evidence if old else {},
    )
    for other, evicted in channel.memory.put(chat, live):
        channel.background.start(_evict(channel, other, evicted))
    return {old.message} - {message} if old else set()


def _greeting(channel: Channel, language: str, payload: str = "") -> Shown:
    """The first message; should it fail, the emergency screen, which begins as neutrally."""
    try:
        return channel.conversation.greeting(language, payload)
    except Exception as error:
        log.error("greeting.failed", exc_info=error)
        return channel.conversation.emergency(language)


async def _begin(
    channel: Channel, chat: int, first: Screen, shown: Shown, instead_of: int | None = None
) -> None:
    """Send `first`, edit it to the screen where that is another one, let older messages go."""
    sent = await calls.send(channel.bot, chat, first)
    if not isinstance(sent, int):
        if sent is Trouble.BLOCKED:
            channel.memory.forget(chat)
        return
    strays = remember(channel, chat, sent, shown.state)
    if first not in (shown.screen, shown.bare):
        _put_later(channel, chat, shown, await _put(channel, chat, sent, shown))
    replaced = {instead_of} if instead_of else set()
    await erase(channel, chat, strays | replaced, shown.state.language)


async def _put(channel: Channel, chat: int, message: int, shown: Shown) -> Failure | None:
    """Edit a message to the screen; one that Telegram refuses gives way to the emergency screen."""
    failure = await calls.edit(channel.bot, chat, message, shown.screen)
    if failure is Trouble.REFUSED:
        safe = channel.conversation.emergency(shown.state.language)
        failure = await calls.edit(channel.bot, chat, message, safe.screen)
    return failure


def _put_later(channel: Channel, chat: int, shown: Shown, failure: Failure | None) -> None:
    live = channel.memory.get(chat)
    if live and isinstance(failure, Later):
        channel.background.start(_put_still(channel, chat, live, shown, failure.seconds))


async def _put_still(channel: Channel, chat: int, then: Live, shown: Shown, wait: float) -> None:
    """Show what flood control held back, unless the person has gone on or left since."""
    for _ in range(TRIES):
        if wait > LONGEST_WAIT:
            return
        await channel.background.pause(wait)
        async with channel.turns.of(chat):
            now = channel.memory.get(chat)
            if not now or (now.message, now.acts) != (then.message, then.acts):
                return
            failure = await _put(channel, chat, then.message, shown)
        if not isinstance(failure, Later):
            return
        wait = failure.seconds


async def _evict(channel: Channel, chat: int, live: Live) -> None:
    """Erase the screen of a chat for which there is no room in memory."""
    async with channel.turns.of(chat):
        now = channel.memory.get(chat)
        kept = {now.message} if now else set()
        await erase(channel, chat, {live.message, *live.leftovers} - kept, live.language)
