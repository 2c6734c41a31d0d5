"""The few calls this channel makes, each answered by a value: `None` (or the new id), or why not.

What Telegram's refusals mean is decided here and nowhere else. A call that may safely be carried
out twice is tried once more when no answer comes; a message is never sent twice.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, TypeVar

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    DeleteMessages,
    EditMessageText,
    LeaveChat,
    SendMessage,
    TelegramMethod,
)
from aiogram.types import (
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
)

from bot.triage.screen import Copy, Link, Press, Screen

PATIENCE = 5  # seconds for one request: a turn waits for it
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)  # a preview tells the subject

T = TypeVar("T")
log = logging.getLogger(__name__)


class Trouble(Enum):
    """Why a call did nothing, or may have done nothing."""

    GONE = "the message is no longer there"
    FIXED = "the message is there and Telegram will not change it"
    BLOCKED = "the person has blocked the bot, or the chat is no more"
    REFUSED = "Telegram does not accept what was asked"
    LOST = "no answer came: it may have been carried out"


@dataclass(frozen=True)
class Later:
    """Flood control: the same call may be made again after this time."""

    seconds: float


Failure: TypeAlias = Trouble | Later

REASONS = (  # what Telegram's descriptions say, in its server's words
    ("message to edit not found", Trouble.GONE),
    ("message to delete not found", Trouble.GONE),
    ("message_id_invalid", Trouble.GONE),
    ("query is too old", Trouble.GONE),  # also of a press that is answered already
    ("can't be edited", Trouble.FIXED),
    ("can't be deleted", Trouble.FIXED),
    ("chat not found", Trouble.BLOCKED),
)


async def send(bot: Bot, chat: int, screen: Screen) -> int | Failure:
    """A new message, without sound or preview: its id."""
    sent = await _called(
        bot,
        SendMessage(
            chat_id=chat,
            text=screen.text,
            reply_markup=keyboard(screen),
            disable_notification=True,
            link_preview_options=NO_PREVIEW,
            parse_mode=None,
        ),
        again=False,
    )
    if isinstance(sent, Message):
        return sent.message_id
    return sent or Trouble.LOST


async def edit(bot: Bot, chat: int, message: int, screen: Screen) -> Failure | None:
    """Put a screen where a message is; a screen that is there already is a success."""
    edited = await _called(
        bot,
        EditMessageText(
            chat_id=chat,
            message_id=message,
            text=screen.text,
            reply_markup=keyboard(screen),
            link_preview_options=NO_PREVIEW,
            parse_mode=None,
        ),
    )
    return edited if isinstance(edited, Trouble | Later) else None


async def delete(bot: Bot, chat: int, messages: Sequence[int]) -> Failure | None:
    """Delete at most 100 messages for both sides; one that is too old fails them all."""
    method: TelegramMethod[bool] = (
        DeleteMessage(chat_id=chat, message_id=messages[0])
        if len(messages) == 1
        else DeleteMessages(chat_id=chat, message_ids=list(messages))
    )
    deleted = await _called(bot, method)
    return deleted if isinstance(deleted, Trouble | Later) else None


async def answer(bot: Bot, query: str, text: str | None = None) -> Failure | None:
    """End the waiting mark on a button; `text` passes over the screen and leaves nothing."""
    answered = await _called(bot, AnswerCallbackQuery(callback_query_id=query, text=text))
    return answered if isinstance(answered, Trouble | Later) else None


async def leave_chat(bot: Bot, chat: int) -> Failure | None:
    """Go out of a group or channel."""
    left = await _called(bot, LeaveChat(chat_id=chat))
    return left if isinstance(left, Trouble | Later) else None


def keyboard(screen: Screen) -> InlineKeyboardMarkup | None:
    """The screen's buttons under its message; never a keyboard in the place of the phone's own."""
    if not screen.rows:
        return None
    return InlineKeyboardMarkup(
        inline_keyboard=[[_button(button) for button in row] for row in screen.rows]
    )


def _button(button: Press | Copy | Link) -> InlineKeyboardButton:
    match button:
        case Press(label, data):
            return InlineKeyboardButton(text=label, callback_data=data)
        case Copy(label, text):
            return InlineKeyboardButton(text=label, copy_text=CopyTextButton(text=text))
        case Link(label, url):
            return InlineKeyboardButton(text=label, url=url)


async def _called(bot: Bot, method: TelegramMethod[T], *, again: bool = True) -> T | Failure | None:
    try:
        return await bot(method, request_timeout=PATIENCE)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it becomes a value here
        failure = _meaning(error)
        if failure is Trouble.LOST and again:
            return await _called(bot, method, again=False)
        if failure is not None:
            _note(method, failure, error)
        return failure


def _meaning(error: Exception) -> Failure | None:
    match error:
        case TelegramRetryAfter():
            return Later(error.retry_after)
        case TelegramNetworkError() | TelegramServerError() | ClientDecodeError():
            return Trouble.LOST
        case TelegramForbiddenError():
            return Trouble.BLOCKED
        case TelegramBadRequest():
            return _reason(error.message.lower())
    return Trouble.REFUSED


def _reason(description: str) -> Trouble | None:
    if "message is not modified" in description:
        return None
    return next((why for words, why in REASONS if words in description), Trouble.REFUSED)


def _note(method: TelegramMethod[T], failure: Failure, error: Exception) -> None:
    """Only what we did not expect; a press that came too late is everyday."""
    if failure in (Trouble.GONE, Trouble.FIXED, Trouble.BLOCKED):
        return
    log.warning("call.failed method=%s exc=%s", method.__api_method__, type(error).__name__)
