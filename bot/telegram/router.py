"""Updates in: what a person does becomes one turn of the conversation, and its screen is shown.

Each update takes its chat's turn, and nothing that goes wrong in it reaches the top. No user object
goes further than this room: the conversation gets words, a place or a button's data.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiogram import Dispatcher
from aiogram.enums import ChatMemberStatus, ChatType, ContentType
from aiogram.types import (
    CallbackQuery,
    Chat,
    ChatMemberUpdated,
    InaccessibleMessage,
    Location,
    Message,
    TelegramObject,
    Update,
    User,
)

from bot.commands import EXITS, START, command_in
from bot.conversation import Left, Shown
from bot.telegram import calls
from bot.telegram.calls import Later
from bot.telegram.channel import KEPT, Channel
from bot.telegram.display import greet, remember, renew, show
from bot.telegram.erasing import erase
from bot.telegram.leaving import leave_by_button, leave_by_message
from bot.triage import words
from bot.triage.engine import State
from bot.triage.screen import KEEP, LEAVE

UPDATES = ["message", "callback_query", "my_chat_member"]
ERASE_PHOTO = "_e"
LEAVE_PHOTO = "_l"
PHOTO = re.compile(rf"({ERASE_PHOTO}|{LEAVE_PHOTO})([0-9]{{1,15}})")
EVIDENCE = frozenset(
    {
        ContentType.PHOTO,
        ContentType.LIVE_PHOTO,
        ContentType.VIDEO,
        ContentType.VIDEO_NOTE,
        ContentType.VOICE,
        ContentType.AUDIO,
        ContentType.DOCUMENT,
        ContentType.ANIMATION,  # a video without sound arrives as one
        ContentType.STORY,
        ContentType.PAID_MEDIA,
        ContentType.UNKNOWN,  # newer than aiogram: it may be a proof too
    }
)
USELESS = frozenset(  # sent on purpose, unlike what Telegram itself writes in a chat
    {
        ContentType.CONTACT,
        ContentType.STICKER,
        ContentType.DICE,
        ContentType.POLL,
        ContentType.GAME,
        ContentType.CHECKLIST,
        ContentType.RICH_MESSAGE,
    }
)
LONGEST_ANSWER_WAIT = 10.0  # seconds

T = TypeVar("T")
Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
log = logging.getLogger(__name__)


def register(updates: Dispatcher) -> None:
    """Hand a dispatcher's updates to this module; its workflow data holds the `channel`."""
    updates.update.outer_middleware(_in_turn)
    updates.callback_query.register(on_press)
    updates.message.register(on_message)
    updates.my_chat_member.register(on_membership)


async def _in_turn(handler: Handler, update: TelegramObject, data: dict[str, Any]) -> None:
    """Private chats only, one update at a time in each; out of groups at once, without a word."""
    channel: Channel = data["channel"]
    assert isinstance(update, Update)  # noqa: S101 -- the type that aiogram promises here
    chat = _chat(update)
    try:
        if chat is None:
            await _answer_without_chat(channel, update)
        elif chat.type != ChatType.PRIVATE:
            await _leave_group(channel, update, chat)
        else:
            async with channel.turns.of(chat.id):
                await handler(update, data)
    except Exception as error:
        log.error("update.failed", exc_info=error)


async def on_press(query: CallbackQuery, channel: Channel) -> None:
    """A button; it is answered whatever happens, else it would seem to wait."""
    text = None
    try:
        if query.message:
            text = await _pressed(channel, query, query.message)
    finally:
        await _answer(channel, query.id, text)


async def on_message(message: Message, channel: Channel) -> None:
    """Something typed or sent."""
    language = _language(channel, message.chat, message.from_user)
    if channel.lateness.late(message.date):
        await _on_late(channel, message, language)
    elif message.text is not None:
        await _on_text(channel, message, message.text, language)
    elif message.location is not None:
        await _on_location(channel, message, message.location, language)
    elif message.content_type in EVIDENCE:
        await _on_evidence(channel, message, language)
    elif message.content_type in USELESS:
        await _on_useless(channel, message, language)
    else:
        await erase(channel, message.chat.id, [message.message_id], language)


async def on_membership(event: ChatMemberUpdated, channel: Channel) -> None:
    """The person blocked the bot, or came back."""
    if event.new_chat_member.status == ChatMemberStatus.KICKED:
        channel.memory.forget(event.chat.id)


# A press


async def _pressed(
    channel: Channel, query: CallbackQuery, message: Message | InaccessibleMessage
) -> str | None:
    """Do what the button says: a few words for the answer, if any."""
    chat, data = message.chat.id, query.data or ""
    language = _language(channel, message.chat, query.from_user)
    if data == LEAVE:
        photos = _photos_asked_about(message)
        await leave_by_button(channel, chat, message.message_id, photos, language)
        return None
    language = _spoken(channel, message) or language
    if data == KEEP:
        await _keep(channel, chat, message.message_id, language)
        return channel.conversation.say(words.KEPT, language)
    photo = PHOTO.fullmatch(data)
    if photo:
        await _decide(channel, chat, photo[1], int(photo[2]), language)
        data = _way_back(message)
    shown = await _safely(channel, language, channel.conversation.press(data, language))
    if isinstance(message, InaccessibleMessage):
        await renew(channel, chat, shown, instead_of=message.message_id)
    else:
        await show(channel, chat, shown, pressed=message.message_id)
    return channel.conversation.say(words.NEXT_SCREEN, shown.state.language)


async def _keep(channel: Channel, chat: int, message: int, language: str) -> None:
    """This screen stays for an hour, for a call or an address."""
    live = channel.memory.get(chat)
    shown_here = live and live.message == message
    state = live.state if live and shown_here else channel.conversation.greeting(language).state
    strays = remember(channel, chat, message, state, max(KEPT, channel.lasts))
    await erase(channel, chat, strays, language)


async def _decide(channel: Channel, chat: int, choice: str, photo: int, language: str) -> None:
    """« Effacer » or « Laisser »: for this photo and those sent together with it."""
    live = channel.memory.get(chat)
    photos = live.same_album(photo) if live else (photo,)
    if live:
        channel.memory.amend(chat, live.decided(photos))
    if choice == ERASE_PHOTO:
        await erase(channel, chat, photos, language)


async def _answer(channel: Channel, query: str, text: str | None) -> None:
    failure = await calls.answer(channel.bot, query, text)
    if isinstance(failure, Later) and failure.seconds <= LONGEST_ANSWER_WAIT:
        channel.background.start(_answer_still(channel, query, failure.seconds))


async def _answer_still(channel: Channel, query: str, wait: float) -> None:
    await channel.background.pause(wait)
    await calls.answer(channel.bot, query)


def _data(message: Message | InaccessibleMessage) -> list[str]:
    """What the buttons of a pressed message carry, from top to bottom."""
    markup = message.reply_markup if isinstance(message, Message) else None
    rows = markup.inline_keyboard if markup else []
    return [button.callback_data for row in rows for button in row if button.callback_data]


def _way_back(message: Message | InaccessibleMessage) -> str:
    """The data of Retour, which stands above Sortir on every screen that asks about a photo."""
    return "".join(_data(message)[-2:-1])


def _photos_asked_about(message: Message | InaccessibleMessage) -> list[int]:
    """The photos that this message offers to erase, as its own buttons name them."""
    found = [PHOTO.fullmatch(data) for data in _data(message)]
    return [int(match[2]) for match in found if match and match[1] == ERASE_PHOTO]


# A message


async def _on_late(channel: Channel, message: Message, language: str) -> None:
    """No answer; but it goes like any other, and whoever wanted to leave leaves."""
    chat, text = message.chat.id, message.text
    if message.content_type in EVIDENCE:
        _undecided(channel, message)
    elif text is not None and await _is_exit(channel, chat, text, language):
        await leave_by_message(channel, chat, message.message_id, language)
    else:
        await erase(channel, chat, [message.message_id], language)


async def _is_exit(channel: Channel, chat: int, text: str, language: str) -> bool:
    command, _ = command_in(text)
    state = _state(channel, chat)
    return command in EXITS or isinstance(
        await _safely(channel, language, channel.conversation.typed(text, state, language)), Left
    )


async def _on_text(channel: Channel, message: Message, text: str, language: str) -> None:
    chat, talk = message.chat.id, channel.conversation
    command, payload = command_in(text)
    if command in EXITS:  # whatever breaks in the conversation, leaving does not ask it
        await leave_by_message(channel, chat, message.message_id, language)
    elif command == START:
        await asyncio.gather(
            erase(channel, chat, [message.message_id], language),
            greet(channel, chat, language, payload),
        )
    else:
        typed = talk.typed(text, _state(channel, chat), language)
        await _reply(channel, message, await _safely(channel, language, typed))


async def _reply(channel: Channel, message: Message, reply: Shown | Left) -> None:
    """Show the answer to a message, which goes at the same time."""
    chat, number = message.chat.id, message.message_id
    language = _language(channel, message.chat, message.from_user)
    if isinstance(reply, Left):
        await leave_by_message(channel, chat, number, language)
    else:
        await asyncio.gather(erase(channel, chat, [number], language), show(channel, chat, reply))


async def _on_location(channel: Channel, message: Message, place: Location, language: str) -> None:
    """Coordinates go no further than the commune; a live location is refused."""
    state, talk = _state(channel, message.chat.id), channel.conversation
    if place.live_period:
        answer = talk.notice("utter_position_directe", state, language)
    else:
        answer = talk.location(place.latitude, place.longitude, state, language)
    await _reply(channel, message, await _safely(channel, language, answer))


async def _on_evidence(channel: Channel, message: Message, language: str) -> None:
    """It stays until the person decides, since it may be her only proof."""
    live = channel.memory.get(message.chat.id)
    asked_already = live and message.media_group_id in live.evidence.values()
    if not asked_already:
        number = message.message_id
        choices = (
            (words.ERASE, f"{ERASE_PHOTO}{number}"),
            (words.LEAVE_THERE, f"{LEAVE_PHOTO}{number}"),
        )
        state = _state(channel, message.chat.id)
        notice = channel.conversation.notice("utter_photo_recue", state, language, choices)
        await show(channel, message.chat.id, await _safely(channel, language, notice))
    _undecided(channel, message)


def _undecided(channel: Channel, message: Message) -> None:
    live = channel.memory.get(message.chat.id)
    if live:
        album = message.media_group_id or ""
        channel.memory.amend(message.chat.id, live.with_evidence(message.message_id, album))


async def _on_useless(channel: Channel, message: Message, language: str) -> None:
    state = _state(channel, message.chat.id)
    notice = channel.conversation.notice("utter_pas_compris", state, language)
    await _reply(channel, message, await _safely(channel, language, notice))


# Anywhere


async def _safely(channel: Channel, language: str, reply: Awaitable[T]) -> T | Shown:
    """The conversation's reply; should it break its promise, the screen that needs no file."""
    try:
        return await reply
    except Exception as error:
        log.error("conversation.failed", exc_info=error)
        return channel.conversation.emergency(language)


def _language(channel: Channel, chat: Chat, user: User | None) -> str:
    live = channel.memory.get(chat.id)
    if live:
        return live.language
    return channel.conversation.language(user.language_code if user else None)


def _spoken(channel: Channel, message: Message | InaccessibleMessage) -> str | None:
    """The language of a message, as its own buttons carry it: the memory may have gone."""
    try:
        said = [channel.conversation.spoken(data) for data in _data(message)]
    except Exception as error:
        log.error("conversation.failed", exc_info=error)
        return None
    return next((language for language in said if language), None)


def _state(channel: Channel, chat: int) -> State | None:
    live = channel.memory.get(chat)
    return live.state if live else None


def _chat(update: Update) -> Chat | None:
    if update.callback_query:
        return update.callback_query.message.chat if update.callback_query.message else None
    event = update.message or update.my_chat_member
    return event.chat if event else None


async def _answer_without_chat(channel: Channel, update: Update) -> None:
    if update.callback_query:
        await calls.answer(channel.bot, update.callback_query.id)


async def _leave_group(channel: Channel, update: Update, chat: Chat) -> None:
    gone = (ChatMemberStatus.LEFT, ChatMemberStatus.KICKED)
    event = update.my_chat_member
    if not event or event.new_chat_member.status not in gone:
        await calls.leave_chat(channel.bot, chat.id)
