"""Receiving updates by long polling, from the start to a clean stop."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast

from aiogram import Bot, Dispatcher
from aiogram.client.session.middlewares.base import NextRequestMiddlewareType
from aiogram.exceptions import ClientDecodeError
from aiogram.methods import DeleteWebhook, GetUpdates, Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import TelegramObject, Update
from pydantic import ValidationError

from bot.conversation import Conversation
from bot.telegram import router
from bot.telegram.background import Background
from bot.telegram.channel import LASTS, Channel
from bot.telegram.identity import announce
from bot.telegram.lateness import Lateness
from bot.telegram.leaving import part, watch
from bot.telegram.live import CHATS, Memory
from bot.telegram.turns import Turns

AT_ONCE = 1000  # updates being handled; past that, the next ones wait at Telegram
LOOK_EVERY = 5.0  # seconds between two looks for screens that have lasted their time
POLL = 30  # seconds for which Telegram holds a request for updates
PATIENCE = 10  # seconds for a request at the start and at the stop

log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


async def serve(
    conversation: Conversation,
    bot: Bot,
    *,
    lasts: float = LASTS,
    clock: Callable[[], datetime] = _now,
    timer: Callable[[], float] = time.monotonic,
    chats: int = CHATS,
    look_every: float = LOOK_EVERY,
    handle_signals: bool = True,
) -> None:
    """Answer everybody until SIGINT, SIGTERM or the task's cancelling, then stop cleanly.

    `lasts` is how many seconds a screen stays after the last act. `clock` is aware of its time
    zone and tells late messages; `timer` counts seconds and tells idle screens. The bot's session
    stays open: whoever made the bot closes it.

    Raises:
        TelegramUnauthorizedError: Telegram does not know the token.
        TelegramNetworkError: Telegram could not be reached at the start.
    """
    channel = Channel(
        bot=bot,
        conversation=conversation,
        memory=Memory(chats),
        turns=Turns(),
        background=Background(),
        lateness=Lateness(clock),
        timer=timer,
        lasts=lasts,
    )
    received = Received()
    updates = Dispatcher(disable_fsm=True, channel=channel)
    updates.update.outer_middleware(received)
    router.register(updates)
    bot.session.middleware(one_by_one)
    beside: list[asyncio.Task[None]] = []

    async def start() -> None:
        await _without_webhook(bot)
        beside.append(asyncio.create_task(announce(bot, conversation)))
        beside.append(asyncio.create_task(watch(channel, look_every)))

    async def stop() -> None:
        for task in beside:
            task.cancel()
        if await part(channel):
            await received.confirm(bot)

    updates.startup.register(start)
    updates.shutdown.register(stop)
    try:
        await _polled(updates, bot, handle_signals=handle_signals)
    finally:
        bot.session.middleware.unregister(one_by_one)


class Received:
    """The last update taken in: a clean stop tells Telegram, so that none comes twice."""

    last = 0

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        update: TelegramObject,
        data: dict[str, Any],
    ) -> object:
        """Note the update and go on."""
        self.last = max(self.last, cast(Update, update).update_id)
        return await handler(update, data)

    async def confirm(self, bot: Bot) -> None:
        """Everything up to here is done with."""
        if self.last:
            confirming = GetUpdates(offset=self.last + 1, limit=1, timeout=0)
            await _quietly(bot, confirming)


async def one_by_one(
    make_request: NextRequestMiddlewareType[TelegramType],
    bot: Bot,
    method: TelegramMethod[TelegramType],
) -> Response[TelegramType]:
    """Updates that aiogram cannot read are passed over, instead of holding up everybody's.

    One such update, of a kind newer than aiogram, spoils the batch it comes in, and the same batch
    would be asked for again for a day.
    """
    try:
        return await make_request(bot, method)
    except ClientDecodeError as error:
        batch = error.data.get("result") if isinstance(error.data, dict) else None
        if not isinstance(method, GetUpdates) or not isinstance(batch, list):
            raise
        return cast(Response[TelegramType], [_readable(bot, update) for update in batch])


def _readable(bot: Bot, update: dict[str, Any]) -> Update:
    try:
        return Update.model_validate(update, context={"bot": bot})
    except ValidationError:
        log.error("update.unreadable")
        return Update.model_validate({"update_id": update["update_id"]}, context={"bot": bot})


async def _polled(updates: Dispatcher, bot: Bot, *, handle_signals: bool) -> None:
    polling = asyncio.create_task(
        updates.start_polling(
            bot,
            polling_timeout=POLL,
            handle_signals=handle_signals,
            allowed_updates=router.UPDATES,
            tasks_concurrency_limit=AT_ONCE,
            close_bot_session=False,
        )
    )
    try:
        await asyncio.shield(polling)
    except asyncio.CancelledError:
        with suppress(RuntimeError):  # it has ended by itself
            await updates.stop_polling()
        with suppress(asyncio.CancelledError):
            await polling
        raise


async def _without_webhook(bot: Bot) -> None:
    """Telegram gives no updates by polling while an address for them is set."""
    await _quietly(bot, DeleteWebhook())


async def _quietly(bot: Bot, method: TelegramMethod[Any]) -> None:
    try:
        await bot(method, request_timeout=PATIENCE)
    except Exception as error:  # noqa: BLE001 -- the bot goes on without
        log.warning("call.failed method=%s exc=%s", method.__api_method__, type(error).__name__)
