"""What Telegram shows of the bot before anybody writes: neutral, never a disguise.

The texts are constants, in this one place: Telegram shows them on an empty chat, so also after an
exit and while the bot is down, and they must not depend on a file that the bot may fail to read.
"""

import logging
from collections.abc import Awaitable, Callable

from aiogram import Bot
from aiogram.types import BotCommand

NAME = "Relais"
DESCRIPTION = (
    "Service automatique d'information pratique : numéros utiles et adresses. "
    "Personne n'écrit derrière, personne n'est prévenu. "
    "Urgences : 17, 112, SMS 114, 15. Commencer : /start"
)
SHORT_DESCRIPTION = "Service automatique d'information pratique. Urgences : 17, 112, SMS 114, 15."
COMMANDS = (
    ("start", "Commencer"),
    ("urgence", "Numéros"),
    ("lieu", "Adresses"),
    ("confidentialite", "Vie privée"),
    ("aide", "Sujets"),
    ("quitter", "Quitter"),
)

log = logging.getLogger(__name__)


async def announce(bot: Bot) -> None:
    """Set what differs; Telegram allows few changes a day. A failure stops nothing."""
    for what in (_name, _description, _short_description, _commands):
        await _try(bot, what)


async def _try(bot: Bot, what: Callable[[Bot], Awaitable[None]]) -> None:
    try:
        await what(bot)
    except Exception as error:
        log.warning("identity.failed what=%s", what.__name__.strip("_"), exc_info=error)


async def _name(bot: Bot) -> None:
    if (await bot.get_my_name()).name != NAME:
        await bot.set_my_name(NAME)


async def _description(bot: Bot) -> None:
    if (await bot.get_my_description()).description != DESCRIPTION:
        await bot.set_my_description(DESCRIPTION)


async def _short_description(bot: Bot) -> None:
    if (await bot.get_my_short_description()).short_description != SHORT_DESCRIPTION:
        await bot.set_my_short_description(SHORT_DESCRIPTION)


async def _commands(bot: Bot) -> None:
    shown = [(one.command, one.description) for one in await bot.get_my_commands()]
    if shown != list(COMMANDS):
        wanted = [BotCommand(command=name, description=words) for name, words in COMMANDS]
        await bot.set_my_commands(wanted)
