"""Puts everything together: settings and content in, a served bot out."""

import asyncio
import gc
import logging
from contextlib import suppress
from datetime import UTC, datetime

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError, TelegramUnauthorizedError

from bot import logs
from bot.conversation import Conversation, Ground
from bot.referral.directory import Directory
from bot.referral.following import follow
from bot.settings import Settings
from bot.telegram import serve as serve_telegram

log = logging.getLogger(__name__)


class CannotServeError(Exception):
    """The bot cannot begin; the sentence says what the operator can do."""


async def serve(settings: Settings, ground: Ground) -> None:
    """Answer everybody by long polling until a signal stops it cleanly.

    Raises:
        CannotServeError: Telegram refuses the token or cannot be reached.
    """
    logs.install(settings.log_level)
    logs.guard(asyncio.get_running_loop())
    api = TelegramAPIServer.from_base(settings.api_base) if settings.api_base else PRODUCTION
    bot = Bot(settings.token, session=AiohttpSession(api=api))
    conversation = Conversation(ground, lambda: datetime.now(UTC))
    gc.freeze()  # what is loaded stays: collections then pause 2 ms instead of 200
    log.info("bot.started")
    _tell_age(ground.directory)
    following = asyncio.create_task(follow(ground.directory, settings.data, settings.cache))
    try:
        await serve_telegram(conversation, bot, lasts=settings.expiry_minutes * 60.0)
    except TelegramUnauthorizedError:
        raise CannotServeError(
            "Telegram ne connaît pas ce BOT_TOKEN. Recopiez dans .env celui que donne @BotFather."
            " / Telegram does not know this BOT_TOKEN: copy the one from @BotFather to .env."
        ) from None
    except TelegramNetworkError:
        raise CannotServeError(
            "Telegram ne répond pas. Vérifiez la connexion, puis relancez make run."
            " / Telegram cannot be reached: check the network, then make run again."
        ) from None
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await following
        await bot.session.close()


def _tell_age(directory: Directory) -> None:
    """What an administrator should have checked by now; people see the age of each number."""
    today = datetime.now(UTC).date()
    for one in directory.to_check(today):
        log.warning("data.expired file=%s count=%s", one.file, one.rows)
