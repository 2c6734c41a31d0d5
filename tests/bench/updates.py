"""Whole updates through aiogram's dispatcher: ours, beside handlers that do next to nothing.

The session answers every call at once and goes nowhere, so that what is measured is our work and
aiogram's: reading the update, finding the handler, the turn, making the requests.
"""

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage, TelegramMethod
from aiogram.types import CallbackQuery, Chat, Message

from bot.conversation import Conversation
from bot.telegram import router
from bot.telegram.background import Background
from bot.telegram.calls import keyboard
from bot.telegram.channel import Channel
from bot.telegram.lateness import Lateness
from bot.telegram.live import Memory
from bot.telegram.turns import Turns
from bot.triage.screen import Screen
from tests.bench.timing import Measured
from tests.ground import conversation, some_states

TIMES = 3000
CHATS = 500
TOKEN = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


class Nowhere(BaseSession):
    """A session whose every request succeeds at once."""

    sent = itertools.count(1000)

    async def make_request(
        self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None
    ) -> Any:
        await asyncio.sleep(0)
        if isinstance(method, SendMessage):
            chat = Chat(id=int(method.chat_id), type="private")
            return Message(
                message_id=next(self.sent), date=datetime.now(UTC), chat=chat, text=method.text
            )
        return True

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        for nothing in ():
            yield nothing

    async def close(self) -> None:
        pass


def updates() -> Iterator[Measured]:
    """The unit comes first: an update that a handler of aiogram's ignores."""
    yield from asyncio.run(_updates())


async def _updates() -> list[Measured]:
    bot = Bot(TOKEN, session=Nowhere())
    talk = conversation()
    screens = [(await talk.press(talk.codes.encode(state))).screen for state in some_states()]
    presses = [_press(number, *pair) for number, pair in enumerate(_pairs(talk, screens))]
    words = [_message(number, text) for number, text in enumerate(["bonjour", "Cachan"] * 500)]
    ignoring, answering = Dispatcher(disable_fsm=True), Dispatcher(disable_fsm=True)
    ignoring.callback_query.register(_ignore)
    answering.callback_query.register(_answer)
    return [
        await _fed("aiogram, a press that a handler ignores (the no-op)", ignoring, bot, presses),
        await _fed("aiogram, a press answered and a fixed edit", answering, bot, presses),
        await _fed("ours, a press: the turn, the edit, the answer", _ours(bot, talk), bot, presses),
        await _fed("ours, a typed message: read, shown, deleted", _ours(bot, talk), bot, words),
    ]


def _ours(bot: Bot, talk: Conversation) -> Dispatcher:
    channel = Channel(
        bot=bot,
        conversation=talk,
        memory=Memory(),
        turns=Turns(),
        background=Background(),
        lateness=Lateness(lambda: datetime.now(UTC)),
        timer=time.monotonic,
    )
    dispatcher = Dispatcher(disable_fsm=True, channel=channel)
    router.register(dispatcher)
    return dispatcher


async def _ignore(_: CallbackQuery) -> None:
    pass


async def _answer(query: CallbackQuery, bot: Bot) -> None:
    chat, message = query.message.chat.id, query.message.message_id
    await bot(EditMessageText(chat_id=chat, message_id=message, text="Un texte."))
    await bot(AnswerCallbackQuery(callback_query_id=query.id))


async def _fed(what: str, dispatcher: Dispatcher, bot: Bot, raws: list[dict[str, Any]]) -> Measured:
    for raw in raws[:200]:
        await dispatcher.feed_raw_update(bot, raw)
    seconds = []
    for raw in raws:
        begun = time.thread_time()
        await dispatcher.feed_raw_update(bot, raw)
        seconds.append(time.thread_time() - begun)
    return Measured(what, seconds)


def _pairs(talk: Conversation, screens: list[Screen]) -> Iterator[tuple[Screen, str]]:
    """A screen that is on and the data of a press that leads to the next one."""
    tokens = itertools.cycle([talk.codes.encode(state) for state in some_states()])
    return itertools.islice(zip(itertools.cycle(screens), tokens, strict=False), TIMES)


def _press(number: int, screen: Screen, data: str) -> dict[str, Any]:
    markup = keyboard(screen)
    assert markup is not None
    message = _body(number, screen.text) | {"reply_markup": markup.model_dump(exclude_none=True)}
    query = {"id": str(number), "from": _person(number), "chat_instance": "1", "data": data}
    return {"update_id": number, "callback_query": query | {"message": message}}


def _message(number: int, text: str) -> dict[str, Any]:
    return {"update_id": number, "message": _body(number, text) | {"from": _person(number)}}


def _body(number: int, text: str) -> dict[str, Any]:
    chat = {"id": 1 + number % CHATS, "type": "private", "first_name": "A"}
    return {"message_id": number, "date": int(time.time()), "chat": chat, "text": text}


def _person(number: int) -> dict[str, Any]:
    return {
        "id": 1 + number % CHATS, "is_bot": False, "first_name": "A", "language_code": "fr",
    }  # fmt: skip
