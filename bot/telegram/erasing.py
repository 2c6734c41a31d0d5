"""Making messages disappear from a chat, for both sides, whatever Telegram answers.

What may not be deleted any more (48 hours) becomes a neutral line without buttons. What cannot be
done now is done in the background, a bounded number of times; what even that leaves stays listed in
the chat's memory, for the expiry or the exit to take away.
"""

import logging
from collections.abc import Iterable, Sequence

from bot.telegram import calls
from bot.telegram.calls import Later, Trouble
from bot.telegram.channel import Channel
from bot.triage.screen import Screen

BATCH = 100  # ids, Bot API deleteMessages
SWEEP_CALLS = 8
TRIES = 5  # in the background
LONGEST_WAIT = 60.0  # seconds between two of them
AFTER_SILENCE = 2.0  # seconds, where Telegram did not answer

log = logging.getLogger(__name__)


async def erase(channel: Channel, chat: int, messages: Iterable[int], language: str) -> set[int]:
    """Delete these messages: those that are still there, which the background goes on with."""
    wanted = sorted(set(messages))
    left: list[int] = []
    wait = 0.0
    for start in range(0, len(wanted), BATCH):
        more, seconds = await _attempt(channel, chat, wanted[start : start + BATCH], language)
        left += more
        wait = max(wait, seconds)
    if left:
        _amend_leftovers(channel, chat, left)
        channel.background.start(_insist(channel, chat, left, wait, language))
    return set(left)


async def sweep(channel: Channel, chat: int, last: int, language: str) -> None:
    """Delete `last` and the 99 ids before it, in a chat of which nothing is remembered.

    Ids of other chats do no harm. One message over 48 hours old fails its whole batch: that batch
    is halved, the newer half first, at most 8 calls in all.
    """
    batches = [range(max(1, last - BATCH + 1), last + 1)]
    for _ in range(SWEEP_CALLS):
        if not batches:
            return
        batch = batches.pop()
        match await calls.delete(channel.bot, chat, batch):
            case Trouble.FIXED | Trouble.REFUSED:
                middle = len(batch) // 2
                batches += [half for half in (batch[:middle], batch[middle:]) if half != batch]
            case Later(seconds):
                channel.background.start(_insist(channel, chat, batch, seconds, language))
            case Trouble.LOST:
                channel.background.start(_insist(channel, chat, batch, AFTER_SILENCE, language))


def neutral(channel: Channel, language: str) -> Screen:
    """What is left of a message that cannot be deleted."""
    return Screen(channel.conversation.erased(language), ())


async def _attempt(
    channel: Channel, chat: int, messages: Sequence[int], language: str
) -> tuple[list[int], float]:
    """What is still there after one attempt, and the seconds before the next."""
    match await calls.delete(channel.bot, chat, messages):
        case None | Trouble.GONE | Trouble.BLOCKED:
            return [], 0.0
        case Later(seconds):
            return list(messages), seconds
        case Trouble.LOST:
            return list(messages), AFTER_SILENCE
    if len(messages) == 1:
        return await _blank(channel, chat, messages[0], language)
    return await _one_by_one(channel, chat, messages, language)


async def _one_by_one(
    channel: Channel, chat: int, messages: Sequence[int], language: str
) -> tuple[list[int], float]:
    """Each message alone, up to the first that has to wait: those after it wait too."""
    for number, message in enumerate(messages):
        left, wait = await _attempt(channel, chat, [message], language)
        if left:
            return list(messages[number:]), wait
    return [], 0.0


async def _blank(
    channel: Channel, chat: int, message: int, language: str
) -> tuple[list[int], float]:
    """Edit what cannot be deleted; a message of the person herself cannot be edited either."""
    match await calls.edit(channel.bot, chat, message, neutral(channel, language)):
        case Later(seconds):
            return [message], seconds
        case Trouble.LOST:
            return [message], AFTER_SILENCE
    return [], 0.0


async def _insist(
    channel: Channel, chat: int, messages: Sequence[int], wait: float, language: str
) -> None:
    """Try again until the messages are gone, five times at most.

    A message that a press has made the live one in the meantime stays.
    """
    for _ in range(TRIES):
        await channel.background.pause(min(wait, LONGEST_WAIT))
        async with channel.turns.of(chat):
            live = channel.memory.get(chat)
            wanted = [message for message in messages if not live or message != live.message]
            left, wait = await _attempt(channel, chat, wanted, language) if wanted else ([], 0.0)
            _amend_leftovers(channel, chat, left, gone=set(messages) - set(left))
        if not left:
            return
        messages = left
    log.error("erase.abandoned count=%d", len(messages))


def _amend_leftovers(
    channel: Channel, chat: int, left: Iterable[int], gone: Iterable[int] = ()
) -> None:
    live = channel.memory.get(chat)
    if live:
        channel.memory.amend(chat, live.without_leftovers(gone).with_leftovers(left))
