"""The Bot API server on loopback is as strict as Telegram: one test a rule, with a real Bot."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ContentType
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    CallbackQuery,
    CopyTextButton,
    ForceReply,
    InaccessibleMessage,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from tests.telegram_person import Person
from tests.telegram_rules import specification, url_problem
from tests.telegram_server import TelegramServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

OLD = {"hours": 48, "seconds": 1}
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def session() -> AsyncIterator[AiohttpSession]:
    """One for all tests, since closing it takes aiogram a quarter of a second."""
    async with AiohttpSession() as shared:
        yield shared


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as running:
        yield running


@pytest.fixture
def bot(server: TelegramServer, session: AiohttpSession) -> Bot:
    session.api = TelegramAPIServer.from_base(server.url)
    return Bot(server.token, session=session)


@pytest_asyncio.fixture(loop_scope="module")
async def camille(server: TelegramServer) -> Person:
    """Somebody who has just tapped Start; nobody has fetched that yet."""
    person = server.person("Camille")
    await person.start(wait=False)
    return person


def keyboard(*labels: str, **action: Any) -> InlineKeyboardMarkup:
    """One button a row; without an action each sends back its own label."""
    rows = [
        [InlineKeyboardButton(text=label, **(action or {"callback_data": label}))]
        for label in labels
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows)


@contextlib.asynccontextmanager
async def polling(dispatcher: Dispatcher, bot: Bot, **more: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(
        dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False, **more)
    )
    try:
        yield
    finally:
        while not task.done():
            with contextlib.suppress(RuntimeError):  # polling has not begun yet
                await dispatcher.stop_polling()
            await asyncio.sleep(0)


async def post(server: TelegramServer, method: str, **params: Any) -> dict[str, Any]:
    """A request that aiogram itself would not make."""
    async with (
        aiohttp.ClientSession() as raw,
        raw.post(f"{server.url}/bot{server.token}/{method}", json=params) as response,
    ):
        answer: dict[str, Any] = await response.json()
        return answer


# Texts


async def test_what_is_sent_is_what_the_person_sees(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    sent = await bot.send_message(
        camille.id,
        "Bonjour",
        disable_notification=True,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_markup=keyboard("Continuer", "✕ Sortir"),
    )
    screen = camille.screen()
    assert (screen.text, screen.labels) == ("Bonjour", ["Continuer", "✕ Sortir"])
    assert (screen.id, screen.date, screen.silent) == (sent.message_id, sent.date, True)
    assert camille.sees == "/start\nBonjour\nContinuer\n✕ Sortir"
    assert server.violations == []


async def test_a_text_has_at_most_4096_utf_16_units(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    await bot.send_message(camille.id, "😀" * 2048)
    with pytest.raises(TelegramBadRequest, match="message is too long"):
        await bot.send_message(camille.id, "😀" * 2048 + "a")
    assert server.violations == ["sendMessage: Bad Request: message is too long"]


async def test_a_text_of_blanks_only_is_refused(bot: Bot, camille: Person) -> None:
    for blank in (" \n", "\u200b\u2800"):
        with pytest.raises(TelegramBadRequest, match="message text is empty"):
            await bot.send_message(camille.id, blank)


async def test_blanks_at_the_ends_of_a_text_are_trimmed(bot: Bot, camille: Person) -> None:
    assert (await bot.send_message(camille.id, "\n Bonjour \n")).text == "Bonjour"


async def test_an_entity_past_the_end_of_the_text_is_refused(bot: Bot, camille: Person) -> None:
    bold = MessageEntity(type="bold", offset=0, length=8)
    with pytest.raises(TelegramBadRequest, match="ends after the end of the text"):
        await bot.send_message(camille.id, "Bonjour", entities=[bold])


async def test_a_parse_mode_is_refused_rather_than_ignored(bot: Bot, camille: Person) -> None:
    with pytest.raises(TelegramBadRequest, match="does not read HTML"):
        await bot.send_message(camille.id, "<b>Bonjour</b>", parse_mode="HTML")


async def test_nothing_reaches_a_person_who_never_wrote(server: TelegramServer, bot: Bot) -> None:
    with pytest.raises(TelegramForbiddenError, match="can't initiate conversation"):
        await bot.send_message(server.person("Ines").id, "Bonjour")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(1, "Bonjour")


# Buttons


async def test_callback_data_has_1_to_64_bytes_not_characters(bot: Bot, camille: Person) -> None:
    await bot.send_message(
        camille.id, "Bonjour", reply_markup=keyboard("a", callback_data="é" * 32)
    )
    with pytest.raises(TelegramBadRequest, match="BUTTON_DATA_INVALID"):
        await bot.send_message(
            camille.id, "Bonjour", reply_markup=keyboard("a", callback_data="é" * 32 + "a")
        )


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ({}, "Text buttons are unallowed in the inline keyboard"),
        ({"callback_data": ""}, "Text buttons are unallowed in the inline keyboard"),
        ({"callback_data": "a", "url": "https://example.org"}, "exactly one action"),
        ({"copy_text": CopyTextButton(text="")}, "BUTTON_COPY_TEXT_INVALID"),
        ({"copy_text": CopyTextButton(text="1" * 257)}, "BUTTON_COPY_TEXT_INVALID"),
        ({"callback_data": "a", "style": "loud"}, "unknown style"),
        ({"url": "tel:3919"}, "URL 'tel:3919' is invalid: Wrong HTTP URL"),
        ({"url": "tel:+33612345678"}, "is invalid: Wrong port number specified in the URL"),
    ],
)
async def test_a_button_that_telegram_refuses(
    server: TelegramServer, bot: Bot, camille: Person, action: dict[str, Any], words: str
) -> None:
    button = InlineKeyboardButton(text="Bouton", **action)
    markup = InlineKeyboardMarkup(inline_keyboard=[[button]])
    with pytest.raises(TelegramBadRequest) as refusal:
        await bot.send_message(camille.id, "Bonjour", reply_markup=markup)
    assert words in refusal.value.message
    assert len(server.violations) == 1


async def test_buttons_that_copy_or_open_a_site_are_taken(bot: Bot, camille: Person) -> None:
    rows = [
        [InlineKeyboardButton(text="Copier", copy_text=CopyTextButton(text="3" * 256))],
        [InlineKeyboardButton(text="Site", url="https://example.org/a?b#c")],
        [InlineKeyboardButton(text="Supprimer", url="tg://settings")],
    ]
    markup = InlineKeyboardMarkup(inline_keyboard=rows)
    await bot.send_message(camille.id, "Bonjour", reply_markup=markup)
    await camille.tap("Copier")
    await camille.tap("Site")
    assert (camille.clipboard, camille.opened) == ("3" * 256, "https://example.org/a?b#c")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("example.org", None),
        ("HTTPS://user@example.org:8080/x", None),
        ("https://[::1]:80/", None),
        ("tg:resolve?domain=example", None),
        ("localhost", "Wrong HTTP URL"),
        ("ftp://example.org", "Unsupported URL protocol"),
        ("https://", "URL host is empty"),
        ("https://example.org:99999", "Wrong port number specified in the URL"),
        ("mailto:aide@example.org", None),
        ("sms:114", "Wrong HTTP URL"),
        ("tel:0612345678", "Wrong port number specified in the URL"),
    ],
)
async def test_addresses_are_judged_as_tdlib_does(url: str, problem: str | None) -> None:
    assert url_problem(url) == problem


async def test_a_message_has_at_most_100_buttons(bot: Bot, camille: Person) -> None:
    await bot.send_message(camille.id, "Bonjour", reply_markup=keyboard(*map(str, range(100))))
    with pytest.raises(TelegramBadRequest, match="reply markup is too long"):
        await bot.send_message(camille.id, "Bonjour", reply_markup=keyboard(*map(str, range(101))))


# Editing


async def test_an_edit_replaces_text_and_buttons(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    sent = await bot.send_message(camille.id, "Un", reply_markup=keyboard("a"))
    server.clock.advance(days=400)
    edited = await bot.edit_message_text(
        "Deux", chat_id=camille.id, message_id=sent.message_id, reply_markup=keyboard("b")
    )
    assert (camille.screen().text, camille.screen().labels) == ("Deux", ["b"])
    assert edited.edit_date == int(server.clock().timestamp())  # type: ignore[union-attr]
    assert [call.text for call in camille.chat.sent] == ["Un"]
    assert [call.text for call in camille.chat.edits] == ["Deux"]


async def test_an_edit_without_markup_takes_the_buttons_away(bot: Bot, camille: Person) -> None:
    sent = await bot.send_message(camille.id, "Un", reply_markup=keyboard("a"))
    await bot.edit_message_text("Un", chat_id=camille.id, message_id=sent.message_id)
    assert camille.screen().labels == []


async def test_an_edit_that_changes_nothing_is_refused(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    sent = await bot.send_message(camille.id, "Un", reply_markup=keyboard("a"))
    where: dict[str, Any] = {"chat_id": camille.id, "message_id": sent.message_id}
    with pytest.raises(TelegramBadRequest, match="message is not modified: specified new message"):
        await bot.edit_message_text("Un\n", **where, reply_markup=keyboard("a"))
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_reply_markup(**where, reply_markup=keyboard("a"))
    assert server.violations == []


async def test_only_a_message_of_the_bot_in_that_chat_can_be_edited(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    sent = await bot.send_message(camille.id, "Un")
    other = server.person("Ines")
    typed = await other.start(wait=False)
    for number, words in (
        (sent.message_id, "message to edit not found"),
        (typed.id, "message can't be edited"),
        (999_999, "message to edit not found"),
    ):
        with pytest.raises(TelegramBadRequest, match=words):
            await bot.edit_message_text("Deux", chat_id=other.id, message_id=number)


@pytest.mark.parametrize(
    "markup",
    [
        ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Ici", request_location=True)]]),
        ReplyKeyboardRemove(),
        ForceReply(),
    ],
)
async def test_a_message_sent_with_a_reply_keyboard_can_never_be_edited(
    bot: Bot, camille: Person, markup: ReplyKeyboardMarkup | ReplyKeyboardRemove | ForceReply
) -> None:
    sent = await bot.send_message(camille.id, "Un", reply_markup=markup)
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("Deux", chat_id=camille.id, message_id=sent.message_id)


async def test_a_reply_keyboard_stays_until_a_message_removes_it(bot: Bot, camille: Person) -> None:
    markup = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Ici", request_location=True)]])
    sent = await bot.send_message(camille.id, "Un", reply_markup=markup)
    await bot.delete_message(camille.id, sent.message_id)
    assert camille.chat.keyboard is not None
    await bot.send_message(camille.id, "Deux", reply_markup=ReplyKeyboardRemove())
    assert camille.chat.keyboard is None


# Deleting


async def test_a_deleted_message_is_gone_for_both_sides(bot: Bot, camille: Person) -> None:
    sent = await bot.send_message(camille.id, "Un")
    start = camille.chat.visible[0]
    await bot.delete_message(camille.id, sent.message_id)
    await bot.delete_message(camille.id, start.id)
    assert camille.chat_is_empty()
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(camille.id, sent.message_id)


async def test_one_message_over_48_hours_old_spares_them_all(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    server.clock.advance(**OLD)
    sent = await bot.send_message(camille.id, "Un")
    numbers = [message.id for message in camille.chat.visible]
    with pytest.raises(TelegramBadRequest, match="message can't be deleted for everyone"):
        await bot.delete_messages(camille.id, numbers)
    assert [message.id for message in camille.chat.visible] == numbers
    with pytest.raises(TelegramBadRequest, match="message can't be deleted for everyone"):
        await bot.delete_message(camille.id, numbers[0])
    await bot.delete_messages(camille.id, [sent.message_id])
    assert server.violations == []


async def test_a_message_of_exactly_48_hours_can_still_be_deleted(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    server.clock.advance(hours=48)
    await bot.delete_message(camille.id, camille.chat.visible[0].id)
    assert camille.chat_is_empty()


async def test_ids_that_are_not_of_this_chat_are_skipped(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    sent = await bot.send_message(camille.id, "Un")
    other = server.person("Ines")
    await other.start(wait=False)
    number = sent.message_id
    assert await bot.delete_messages(other.id, list(range(number - 50, number + 50)))
    assert other.chat_is_empty()
    assert camille.screen().text == "Un"


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([], "message identifiers are not specified"),
        (list(range(1, 102)), "too many message identifiers specified"),
        ([0], "invalid message identifier specified"),
    ],
)
async def test_1_to_100_messages_are_deleted_at_once(
    server: TelegramServer, bot: Bot, camille: Person, numbers: list[int], words: str
) -> None:
    await bot.delete_messages(camille.id, list(range(1, 101)))
    with pytest.raises(TelegramBadRequest, match=words):
        await bot.delete_messages(camille.id, numbers)
    assert len(server.violations) == 1


async def test_all_private_chats_share_one_sequence_of_ids(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    first = await bot.send_message(camille.id, "Un")
    other = await server.person("Ines").start(wait=False)
    server.skip_message_ids(7)
    second = await bot.send_message(camille.id, "Deux")
    assert [other.id - first.message_id, second.message_id - other.id] == [1, 8]


# Answering presses


async def press(server: TelegramServer, person: Person, data: str = "a") -> str:
    return server.press(person.chat, person.user, 1, data, lost=False)


async def test_a_press_is_answered_once(server: TelegramServer, bot: Bot, camille: Person) -> None:
    query = await press(server, camille)
    await bot.answer_callback_query(query, text="Écran suivant")
    assert camille.toasts == ["Écran suivant"]
    for wrong in (query, "12345"):
        with pytest.raises(TelegramBadRequest, match=TOO_OLD):
            await bot.answer_callback_query(wrong)


async def test_a_press_is_too_old_after_150_seconds(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    early, late = await press(server, camille), await press(server, camille)
    server.clock.advance(seconds=150)
    await bot.answer_callback_query(early)
    server.clock.advance(seconds=1)
    with pytest.raises(TelegramBadRequest, match=TOO_OLD):
        await bot.answer_callback_query(late)


async def test_an_answer_has_at_most_200_characters(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    query = await press(server, camille)
    with pytest.raises(TelegramBadRequest, match="MESSAGE_TOO_LONG"):
        await bot.answer_callback_query(query, text="a" * 201)
    await bot.answer_callback_query(query, text="a" * 200)


# Blocking, groups


async def test_a_bot_that_was_blocked_can_neither_send_nor_edit(bot: Bot, camille: Person) -> None:
    sent = await bot.send_message(camille.id, "Un")
    await camille.block_bot(wait=False)
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(camille.id, "Deux")
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.edit_message_text("Deux", chat_id=camille.id, message_id=sent.message_id)
    await camille.start(wait=False)
    await bot.send_message(camille.id, "Trois")
    kinds = [(u.event_type, getattr(u.event, "text", None)) for u in await bot.get_updates()]
    assert kinds == [
        ("message", "/start"),
        ("my_chat_member", None),
        ("my_chat_member", None),
        ("message", "/start"),
    ]


async def test_a_group_is_heard_only_by_command_and_can_be_left(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    await bot.get_updates(offset=-1)
    await camille.group_message("bonsoir tout le monde", wait=False)
    await camille.group_message("/start", wait=False)
    heard = [update.message.text for update in await bot.get_updates() if update.message]
    assert heard == ["/start", None, "/start"]  # hers in private, the bot's arrival, the command
    group = server.group(-4_000_000_001)
    await bot.leave_chat(group.id)
    with pytest.raises(TelegramForbiddenError, match="not a member of the group chat"):
        await bot.send_message(group.id, "Bonjour")
    await camille.group_message("/start", wait=False)
    last = (await bot.get_updates())[-1]
    assert last.my_chat_member is not None
    assert last.my_chat_member.new_chat_member.status == "left"
    with pytest.raises(TelegramBadRequest, match="can't be changed in private chats"):
        await bot.leave_chat(camille.id)


# Tokens and methods


async def test_a_wrong_token_is_unauthorized_and_a_malformed_one_not_found(
    server: TelegramServer, session: AiohttpSession, bot: Bot
) -> None:
    with pytest.raises(TelegramUnauthorizedError, match="Unauthorized"):
        await Bot("42:AAwrong", session=session).get_me()
    async with (
        aiohttp.ClientSession() as raw,
        raw.get(f"{server.url}/botnonsense/getMe") as response,
    ):
        assert response.status == 404
    assert (await bot.get_me()).username == server.me["username"]


async def test_an_unknown_method_is_not_found(server: TelegramServer, bot: Bot) -> None:
    with pytest.raises(TelegramNotFound):
        await bot.send_dice(1)
    assert (await post(server, "sendNothing"))["error_code"] == 404
    assert len(server.violations) == 2


async def test_methods_have_any_case_and_parameters_may_be_json(
    server: TelegramServer, camille: Person
) -> None:
    answer = await post(server, "SENDMESSAGE", chat_id=camille.id, text="12")
    assert answer["ok"] is True
    assert camille.screen().text == "12"


@pytest.mark.parametrize(
    "params",
    [
        {"text": "Un", "disable_web_page_preview": True},
        {"text": 12},
        {"text": "Un", "disable_notification": "oui"},
        {"text": "Un", "link_preview_options": {"disabled": True}},
        {"text": "Un", "reply_markup": {"inline_keyboard": [[{"text": "a", "data": "a"}]]}},
    ],
)
@pytest.mark.skipif(specification() is None, reason="no description of the Bot API at hand")
@pytest.mark.shared
async def test_a_request_is_held_against_the_description_of_the_api(
    server: TelegramServer, camille: Person, params: dict[str, Any]
) -> None:
    answer = await post(server, "sendMessage", chat_id=camille.id, **params)
    assert answer["error_code"] == 400
    assert server.violations
    assert camille.chat.sent == []


# Receiving updates


async def test_an_update_comes_again_until_a_later_offset_acknowledges_it(
    bot: Bot, camille: Person
) -> None:
    first = await bot.get_updates()
    assert await bot.get_updates() == first
    await camille.type("bonjour", wait=False)
    second = await bot.get_updates(offset=first[0].update_id + 1)
    assert [update.message.text for update in second if update.message] == ["bonjour"]
    assert await bot.get_updates(offset=second[0].update_id + 1) == []


async def test_only_allowed_kinds_of_updates_are_made_and_the_setting_stays(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    await bot.get_updates(offset=-1, allowed_updates=["callback_query"])
    await bot.get_updates()
    await camille.type("bonjour", wait=False)
    await press(server, camille)
    kinds = [update.event_type for update in await bot.get_updates()]
    assert kinds == ["message", "callback_query"]  # the first was made before


async def test_a_long_poll_ends_when_something_happens(server: TelegramServer, bot: Bot) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=30))
    await server.until(lambda: server.is_polled)
    await server.person("Ines").start(wait=False)
    assert len(await asyncio.wait_for(waiting, 1)) == 1


async def test_a_second_poll_ends_the_first_with_a_conflict(
    server: TelegramServer, bot: Bot
) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await server.until(lambda: server.is_polled)
    second = asyncio.create_task(bot.get_updates(timeout=30))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await first
    await server.person("Ines").start(wait=False)
    assert len(await second) == 1


async def test_updates_cannot_be_fetched_while_a_webhook_is_set(
    server: TelegramServer, bot: Bot
) -> None:
    with pytest.raises(TelegramBadRequest, match="An HTTPS URL must be provided"):
        await bot.set_webhook("http://example.org/hook")
    await bot.set_webhook("https://example.org/hook")
    with pytest.raises(TelegramConflictError, match="while webhook is active"):
        await bot.get_updates()
    assert (await bot.get_webhook_info()).url == "https://example.org/hook"
    await server.person("Ines").start(wait=False)
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == []


async def test_presses_are_kept_for_150_seconds_and_messages_for_a_day(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    await press(server, camille)
    server.clock.advance(seconds=151)
    assert [update.event_type for update in await bot.get_updates()] == ["message"]
    server.clock.advance(days=1)
    assert await bot.get_updates() == []


# The bot's profile


async def test_texts_of_the_profile_have_limits_and_languages(
    server: TelegramServer, bot: Bot
) -> None:
    await bot.set_my_description("d" * 512)
    await bot.set_my_description("Service", language_code="en")
    await bot.set_my_name("n" * 64)
    await bot.set_my_short_description("s" * 120)
    assert (await bot.get_my_description(language_code="en")).description == "Service"
    assert (await bot.get_my_description(language_code="de")).description == "d" * 512
    assert (await bot.get_my_name()).name == "n" * 64
    assert (await bot.get_my_short_description()).short_description == "s" * 120
    assert server.description("en") == "Service"
    for refused in (
        bot.set_my_description("d" * 513),
        bot.set_my_name("n" * 65),
        bot.set_my_short_description("s" * 121),
        bot.set_my_name("Relais", language_code="fra"),
    ):
        with pytest.raises(TelegramBadRequest):
            await refused
    assert len(server.violations) == 4


async def test_commands_are_kept_by_scope_and_language(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    private = BotCommandScopeAllPrivateChats()
    one, two = ({"command": name, "description": "Effacer"} for name in ("sortir", "quitter"))
    await bot.set_my_commands([BotCommand.model_validate(one)])
    french_only = [BotCommand.model_validate(two)]
    await bot.set_my_commands(french_only, scope=private, language_code="fr")
    assert [found.command for found in await bot.get_my_commands()] == ["sortir"]
    assert await bot.get_my_commands(scope=private) == []
    french = await bot.get_my_commands(scope=private, language_code="fr")
    assert [found.command for found in french] == ["quitter"]
    assert server.commands(camille.id, "fr") == [two]
    assert server.commands(camille.id, "ar") == [one]
    await bot.delete_my_commands(scope=private, language_code="fr")
    assert server.commands(camille.id, "fr") == [one]


@pytest.mark.parametrize(
    ("command", "description"), [("Sortir", "Effacer"), ("s" * 33, "Effacer"), ("a", "b" * 257)]
)
async def test_a_command_that_telegram_refuses(
    bot: Bot, server: TelegramServer, command: str, description: str
) -> None:
    with pytest.raises(TelegramBadRequest):
        await bot.set_my_commands([BotCommand(command=command, description=description)])
    assert len(server.violations) == 1


# Faults


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "429", "retry_after": 3}, TelegramRetryAfter),
        ({"kind": "500"}, TelegramServerError),
        ({"kind": "500", "body": "<html>"}, ClientDecodeError),
        ({"kind": "502"}, ClientDecodeError),
        ({"kind": "cut"}, TelegramNetworkError),
        ({"kind": "blocked"}, TelegramForbiddenError),
        ({"kind": "400", "text": "not today"}, TelegramBadRequest),
    ],
)
async def test_a_fault_spoils_a_call_before_it_is_applied(
    server: TelegramServer,
    bot: Bot,
    camille: Person,
    fault: dict[str, Any],
    error: type[Exception],
) -> None:
    rule = server.faults.add(method="sendMessage", **fault)
    with pytest.raises(error):
        await bot.send_message(camille.id, "Un")
    assert camille.chat.from_bot == []
    assert (rule.hits, camille.chat.history[-1].fault) == (1, fault["kind"])
    await bot.send_message(camille.id, "Deux")
    assert camille.screen().text == "Deux"


async def test_a_429_says_how_long_to_wait(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    server.faults.add(kind="429", retry_after=3)
    with pytest.raises(TelegramRetryAfter) as refusal:
        await bot.send_message(camille.id, "Un")
    assert refusal.value.retry_after == 3


@pytest.mark.parametrize(
    ("kind", "error"),
    [("applied_then_cut", TelegramNetworkError), ("garbage", ClientDecodeError)],
)
async def test_a_fault_spoils_the_answer_after_the_call_was_applied(
    server: TelegramServer, bot: Bot, camille: Person, kind: Any, error: type[Exception]
) -> None:
    server.faults.add(kind=kind, method="sendMessage")
    with pytest.raises(error):
        await bot.send_message(camille.id, "Un")
    assert camille.screen().text == "Un"


async def test_a_slow_call_is_applied_late(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    server.faults.add(kind="slow", seconds=0.1)
    begun = time.monotonic()
    await bot.send_message(camille.id, "Un")
    assert time.monotonic() - begun >= 0.1
    assert camille.screen().text == "Un"


async def test_faults_can_be_for_one_chat_for_ever_or_later(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    other = server.person("Ines")
    await other.start(wait=False)
    server.faults.add(kind="429", chat_id=camille.id, times=None, after=1)
    await bot.send_message(camille.id, "Un")
    for _ in range(3):
        with pytest.raises(TelegramRetryAfter):
            await bot.send_message(camille.id, "Deux")
    await bot.send_message(other.id, "Un")
    server.faults.clear()
    await bot.send_message(camille.id, "Deux")


# People


async def send_everything(person: Person) -> None:
    typed = await person.type("voir /aide", wait=False)
    place = await person.send_location(48.85, 2.35, live=True, wait=False)
    await person.move(place, 48.86, 2.36, wait=False)
    await person.send_photo("preuve", wait=False)
    await person.send_voice(wait=False)
    await person.send_document(wait=False)
    await person.send_sticker(wait=False)
    await person.contact(wait=False)
    await person.forward("je sais où tu es", wait=False)
    await person.edit_message(typed, "merci", wait=False)


async def test_a_person_sends_everything_that_telegram_does(
    server: TelegramServer, bot: Bot
) -> None:
    """Every kind of message is one that aiogram reads, with every field that names the person."""
    ines = server.person(
        "Ines", last_name="Dupont", username="ines_d", language_code="ar", is_premium=True
    )
    await ines.start("abc-123", wait=False)
    await send_everything(ines)
    updates = await bot.get_updates()
    messages = [(u.event_type, u.message or u.edited_message) for u in updates]
    kinds = [f"{kind} {ContentType(m.content_type).value}" for kind, m in messages if m]
    assert kinds == [
        "message text",
        "message text",
        "message location",
        "edited_message location",
        "message photo",
        "message voice",
        "message document",
        "message sticker",
        "message contact",
        "message text",
        "edited_message text",
    ]
    first = updates[0].message
    assert first is not None
    assert first.from_user is not None
    assert first.from_user.model_dump(exclude_none=True) == ines.user
    assert first.chat.model_dump(exclude_none=True) == ines.chat.identity
    assert first.text == "/start abc-123"
    assert [entity.extract_from(first.text) for entity in first.entities or []] == ["/start"]


async def test_a_message_may_carry_any_field_and_any_date(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    earlier = server.clock() - timedelta(minutes=6)
    await camille.send_photo(wait=False, date=earlier, media_group_id="7")
    message = (await bot.get_updates())[-1].message
    assert message is not None
    assert (message.date, message.media_group_id) == (earlier, "7")


async def test_what_a_person_deletes_is_gone_for_the_bot(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    sent = await bot.send_message(camille.id, "Un")
    camille.delete_chat()
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("Deux", chat_id=camille.id, message_id=sent.message_id)


async def test_a_button_that_is_not_there_cannot_be_tapped(bot: Bot, camille: Person) -> None:
    await bot.send_message(camille.id, "Un", reply_markup=keyboard("Sortir", "Retour", "Reprendre"))
    with pytest.raises(AssertionError, match="no button is called 'Continuer'; visible are:\n  So"):
        await camille.tap("Continuer")
    with pytest.raises(AssertionError, match="2 buttons are called 'Re'"):
        await camille.tap("Re")


# A bot that polls


async def follow(query: CallbackQuery) -> None:
    """Answers first, then edits; the label of the button becomes the text."""
    await query.answer()
    await asyncio.sleep(0)
    if isinstance(query.message, Message):
        await query.message.edit_text(
            f"{query.data}!", reply_markup=keyboard("Sortir", f"{query.data}+")
        )


async def dawdle(query: CallbackQuery) -> None:
    """Answers at once and edits long after."""
    await query.answer()
    await asyncio.sleep(0.1)
    if isinstance(query.message, Message):
        await query.message.edit_text(f"{query.data}!", reply_markup=keyboard("Sortir"))


async def lead(query: CallbackQuery) -> None:
    """Works for longer than the server's patience, edits, and answers last."""
    await asyncio.sleep(0.1)
    if isinstance(query.message, Message):
        await query.message.edit_text(
            f"{query.data}!", reply_markup=keyboard("Sortir", f"{query.data}+")
        )
    await query.answer()


async def leave(query: CallbackQuery) -> None:
    assert query.message is not None
    await query.bot.delete_messages(  # type: ignore[union-attr]
        query.message.chat.id,
        list(range(query.message.message_id - 20, query.message.message_id + 1)),
    )
    await query.answer(text="lost" if isinstance(query.message, InaccessibleMessage) else None)


async def greet(message: Message) -> None:
    await message.answer("Bonjour", reply_markup=keyboard("Sortir", "a"))


def dispatcher(step: Any) -> Dispatcher:
    made = Dispatcher(disable_fsm=True)
    made.callback_query.register(leave, F.data == "Sortir")
    made.callback_query.register(step)
    made.message.register(greet)
    return made


async def test_two_taps_at_once_and_a_bot_that_takes_one_update_after_the_other(
    server: TelegramServer, bot: Bot
) -> None:
    camille = server.person("Camille")
    async with polling(dispatcher(lead), bot, handle_as_tasks=False):
        await camille.start()
        await asyncio.gather(camille.tap("a"), camille.tap("Sortir"))
    assert camille.chat_is_empty()


async def test_an_update_that_aiogram_cannot_read_holds_up_all_that_follow(
    server: TelegramServer, bot: Bot, camille: Person
) -> None:
    """A long-polling bot of aiogram asks for it again and again: the server shows that too."""
    server.emit("callback_query", {"id": 1}, camille.chat)
    await camille.type("sortir", wait=False)
    for _ in range(2):
        with pytest.raises(ClientDecodeError):
            await bot.get_updates()


@pytest.mark.parametrize("step", [follow, dawdle, lead])
async def test_a_tap_returns_when_the_handler_is_done(
    server: TelegramServer, bot: Bot, step: Any
) -> None:
    camille = server.person("Camille")
    async with polling(dispatcher(step), bot):
        await camille.start()
        await camille.tap("a")
        assert camille.screen().text == "a!"
        await camille.tap("Sortir")
    assert camille.chat_is_empty()
    assert [call.text for call in camille.chat.sent] == ["Bonjour"]
    assert server.violations == []


async def test_ten_taps_take_well_under_two_seconds(server: TelegramServer, bot: Bot) -> None:
    camille = server.person("Camille")
    async with polling(dispatcher(follow), bot):
        await camille.start()
        begun = time.monotonic()
        for step in range(10):
            await camille.tap("a" + "+" * step)
        assert time.monotonic() - begun < 2
    assert camille.screen().text == "a+++++++++!"


async def test_a_forged_press_and_one_on_a_deleted_message_reach_the_bot(
    server: TelegramServer, bot: Bot
) -> None:
    camille = server.person("Camille")
    async with polling(dispatcher(follow), bot):
        await camille.start()
        screen = camille.screen()
        await camille.tap_raw(screen.id, "forgé")
        assert camille.screen().text == "forgé!"
        camille.delete(screen)
        await camille.tap_raw(screen.id, "Sortir")
    assert camille.toasts == ["lost"]


async def test_a_press_that_is_never_answered_is_an_error(server: TelegramServer, bot: Bot) -> None:
    camille = server.person("Camille")
    async with polling(dispatcher(follow), bot):
        await camille.start()
        server.faults.add(kind="400", method="answerCallbackQuery", times=2)
        with pytest.raises(AssertionError, match="never answered the press of 'a'"):
            await camille.tap("a", timeout=0.2)
        await camille.tap("a", must_answer=False)


async def test_a_bot_that_does_not_poll_is_an_error(server: TelegramServer) -> None:
    await server.person("Camille").start(wait=False)
    with pytest.raises(AssertionError, match="1 updates not acknowledged"):
        await server.settled(timeout=0.1)


async def test_several_servers_run_side_by_side(server: TelegramServer) -> None:
    async with TelegramServer() as other:
        assert other.url != server.url
        await other.person("Camille").start(wait=False)
    with pytest.raises(aiohttp.ClientError):
        await post(other, "getMe")
    assert (await post(server, "getMe"))["ok"] is True


@pytest.mark.skipif(specification() is None, reason="no description of the Bot API at hand")
@pytest.mark.shared
async def test_what_the_server_sends_is_as_the_description_of_the_api_says(
    server: TelegramServer, camille: Person
) -> None:
    described = specification()
    assert described is not None
    await send_everything(camille)
    await camille.group_message("/start", wait=False)
    await post(server, "leaveChat", chat_id=-4_000_000_001)
    button = {"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]}
    for method, params in {
        "sendMessage": {"chat_id": camille.id, "text": "Un", "reply_markup": button},
        "sendContact": {
            "chat_id": camille.id,
            "phone_number": "+33140000000",
            "first_name": "CIDFF",
        },
        "getMe": {},
        "getMyName": {},
        "getMyCommands": {},
        "getWebhookInfo": {},
    }.items():
        result = (await post(server, method, **params))["result"]
        assert described.flaws(described.methods[method]["returns"], result) == []
    screen = camille.chat.from_bot[0]
    for lost in (False, True):
        server.press(camille.chat, camille.user, screen.id, "a", lost=lost)
    await camille.block_bot(wait=False)
    for update in (await post(server, "getUpdates"))["result"]:
        assert described.flaws(["Update"], update) == []
