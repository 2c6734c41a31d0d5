"""What Telegram shows of the bot before anybody writes: neutral, never a disguise.

Telegram shows it on an empty chat, so also after an exit and while the bot is down. French is what
Telegram shows in every language that has no words of its own here.
"""

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from aiogram import Bot
from aiogram.types import BotCommand

from bot.commands import MENU
from bot.conversation import Conversation
from bot.triage import words
from bot.triage.translation import SOURCE

NAME = "Relais"

log = logging.getLogger(__name__)

Say = Callable[[str], str]


async def announce(bot: Bot, conversation: Conversation) -> None:
    """Set what differs; Telegram allows few changes a day. A failure stops nothing."""
    await _try(_name, bot, None, partial(conversation.say, language=SOURCE))
    for language in conversation.ground.catalogue.languages:
        if "_" in language:  # a way of writing French, which no client asks for
            continue
        code = None if language == SOURCE else language
        for what in (_description, _short_description, _commands):
            await _try(what, bot, code, partial(conversation.say, language=language))


async def _try(
    what: Callable[[Bot, str | None, Say], Awaitable[None]], bot: Bot, code: str | None, say: Say
) -> None:
    try:
        await what(bot, code, say)
    except Exception as error:
        log.warning("identity.failed what=%s", what.__name__.strip("_"), exc_info=error)


async def _name(bot: Bot, code: str | None, say: Say) -> None:
    del say  # a name is the same in every language
    if (await bot.get_my_name(language_code=code)).name != NAME:
        await bot.set_my_name(NAME, language_code=code)


async def _description(bot: Bot, code: str | None, say: Say) -> None:
    wanted = say(words.DESCRIPTION)
    if (await bot.get_my_description(language_code=code)).description != wanted:
        await bot.set_my_description(wanted, language_code=code)


async def _short_description(bot: Bot, code: str | None, say: Say) -> None:
    wanted = say(words.SHORT_DESCRIPTION)
    if (await bot.get_my_short_description(language_code=code)).short_description != wanted:
        await bot.set_my_short_description(wanted, language_code=code)


async def _commands(bot: Bot, code: str | None, say: Say) -> None:
    wanted = [(name, say(word)) for name, word in MENU]
    shown = await bot.get_my_commands(language_code=code)
    if [(one.command, one.description) for one in shown] != wanted:
        listed = [BotCommand(command=name, description=said) for name, said in wanted]
        await bot.set_my_commands(listed, language_code=code)
