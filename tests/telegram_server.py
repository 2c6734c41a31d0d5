"""A strict Bot API server on loopback: real HTTP, chats as people see them, a clock of its own.

    async with TelegramServer() as server:
        camille = server.person("Camille")
        ...                       # a bot polls server.url with server.token
        await camille.start()
        await camille.tap("Sortir")
        assert camille.chat_is_empty()
        assert server.violations == []

Every request is checked by the rules of `telegram_rules` and, where that file is at hand, against a
machine-readable description of the Bot API. What no correct bot sends is answered with 400 *and*
listed in `server.violations`. Not modelled: rate limits (inject them with `server.faults`),
parse modes, media sent by the bot, channels, delivery by webhook.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from aiohttp import web

from tests import telegram_rules as rules
from tests.telegram_chat import QUERY_LIFE, Call, Chat, Clock, Message, Query, Update
from tests.telegram_faults import Faults
from tests.telegram_person import Person
from tests.telegram_rules import Json, Params, Refused, broken

DELETE_WINDOW = timedelta(hours=48)
LONGEST_POLL = 50  # seconds
UPDATES_LIMIT = 100  # in one getUpdates
TICK = 0.005  # seconds
QUIET_TICKS = 6  # turns of the event loop, not seconds: a busy process never looks at rest
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
WEBHOOK_IS_SET = (
    "can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
ONE_INSTANCE = "make sure that only one bot instance is running"


class TelegramServer:
    """The server. Its chats, calls and violations are there to be looked at while it runs."""

    def __init__(
        self,
        *,
        token: str = "7331000042:AAEtest-token_of_the_loopback_server",
        username: str = "relais_essai_bot",
        name: str = "Relais",
        first_message_id: int = 1000,
        now: datetime | None = None,
    ) -> None:
        self.token = token
        self.url = ""  # for `TelegramAPIServer.from_base`, once the server runs
        self.clock = Clock(now)
        self.faults = Faults()
        self.violations: list[str] = []
        self.calls: list[Call] = []
        self.webhook = ""
        self.me: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": name,
            "username": username,
        }
        self._chats: dict[int, Chat] = {}
        self._queries: dict[str, Query] = {}
        self._updates: list[Update] = []
        self._allowed: list[str] = []
        self._update_id = 810_000_000
        self._message_id = first_message_id - 1
        self._user_id = 5_100_000_000
        self._names: dict[tuple[str, str], str] = {}
        self._commands: dict[tuple[tuple[str, ...], str], list[Json]] = {}
        self._waiting: asyncio.Future[str] | None = None
        self._open: list[str] = []
        self._closing = False
        self._runner: web.AppRunner | None = None
        self._methods = self._modelled_methods()

    # Starting and stopping

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.5, handler_cancellation=True
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        self._closing = True
        self._wake()
        await self._runner.cleanup()

    # What a test looks at and does

    def person(
        self,
        first_name: str = "Camille",
        *,
        last_name: str | None = "Moreau",
        username: str | None = "camille_moreau",
        language_code: str | None = "fr",
        user_id: int | None = None,
        **more: Any,
    ) -> Person:
        """Somebody with a Telegram account; `more` is further fields of a User."""
        self._user_id += 1
        user: Json = {"id": user_id or self._user_id, "is_bot": False, "first_name": first_name}
        optional = {"last_name": last_name, "username": username, "language_code": language_code}
        user |= {name: value for name, value in optional.items() if value is not None} | more
        identity = {
            name: user[name]
            for name in ("id", "first_name", "last_name", "username")
            if name in user
        }
        self._chats.setdefault(user["id"], Chat(identity | {"type": "private"}))
        return Person(self, user)

    def chat(self, chat_id: int) -> Chat:
        return self._chats[chat_id]

    def group(self, group_id: int, title: str = "Voisins") -> Chat:
        """A basic group, which the bot is not in yet where it is new."""
        fresh = Chat({"id": group_id, "title": title, "type": "group"}, bot_inside=False)
        return self._chats.setdefault(group_id, fresh)

    def skip_message_ids(self, count: int) -> None:
        """Let other chats of this bot use up some ids of the one sequence they all share."""
        self._message_id += count

    def description(self, language: str) -> str:
        """What an empty chat shows to a person of this language."""
        return self._named("description", language)

    def commands(self, chat_id: int, language: str) -> list[Json]:
        """The commands that a private chat offers, by the Bot API's order of scopes."""
        for key in (("chat", str(chat_id)), ("all_private_chats",), ("default",)):
            for code in (language, ""):
                if (key, code) in self._commands:
                    return self._commands[key, code]
        return []

    @property
    def is_polled(self) -> bool:
        """Whether a bot is waiting for updates right now."""
        return self._waiting is not None

    async def until(self, condition: Callable[[], bool], timeout: float = 5.0) -> None:
        """Wait for what the bot does in its own time, such as in the background."""
        async with asyncio.timeout(timeout):
            while not condition():
                await asyncio.sleep(TICK)

    async def settled(self, timeout: float = 5.0) -> None:
        """Wait until the bot has fetched every update and done with it.

        That is: each update acknowledged by a later getUpdates, no handler of aiogram at work in
        this event loop, and no request open for a few turns of the loop.
        """
        loop = asyncio.get_running_loop()
        deadline, quiet = loop.time() + timeout, 0
        while quiet < QUIET_TICKS:
            await asyncio.sleep(TICK)
            quiet = 0 if self._at_work() else quiet + 1
            if quiet == 0 and loop.time() > deadline:
                raise AssertionError(f"the bot did not come to rest: {self._at_work()}")

    def _at_work(self) -> str:
        self._forget_expired()
        if self._updates:
            return f"{len(self._updates)} updates not acknowledged"
        if self._open:
            return f"unfinished requests {', '.join(self._open)}"
        return "a handler is at work" if _aiogram_is_handling() else ""

    # What a person does arrives here

    def post(
        self, chat: Chat, user: Json, body: Json, *, deliver: bool = True, **more: Any
    ) -> Message:
        """A person's message; `date` and any field of a Message may be given."""
        date = more.pop("date", None) or self.clock()
        message = Message(self._next_id(), chat.identity, user, date, body | more)
        chat.started = chat.started or chat.private
        if deliver:
            self.emit("message", message.as_json(), chat)
        return self._store(chat, message)

    def repost(self, chat: Chat, message_id: int, body: Json) -> Message:
        """A person's edit of her own message."""
        message = dataclasses.replace(chat.messages[message_id], body=body, edited=self.clock())
        self.emit("edited_message", message.as_json(), chat)
        return self._store(chat, message)

    def press(self, chat: Chat, user: Json, message_id: int, data: str, *, lost: bool) -> str:
        """A press of a button. Returns the query's id. lost: Telegram no longer has the message."""
        query_id = str(random.getrandbits(62))
        message = chat.messages.get(message_id)
        gone: Json = {"chat": chat.identity, "message_id": message_id, "date": 0}
        self._queries[query_id] = Query(chat.id, self.clock())
        payload: Json = {
            "id": query_id,
            "from": user,
            "message": gone if message is None or lost else message.as_json(),
            "chat_instance": str(-chat.id * 1009),
            "data": data,
        }
        self.emit("callback_query", payload, chat)
        return query_id

    def is_answered(self, query_id: str) -> bool:
        return self._queries[query_id].answered

    def membership(self, chat: Chat, user: Json, old: str, new: str) -> None:
        payload: Json = {
            "chat": chat.identity,
            "from": user,
            "date": int(self.clock().timestamp()),
            "old_chat_member": self._member(old),
            "new_chat_member": self._member(new),
        }
        self.emit("my_chat_member", payload, chat)

    def _member(self, status: str) -> Json:
        until: Json = {"until_date": 0} if status == "kicked" else {}
        return {"user": self.me, "status": status} | until

    def emit(self, kind: str, payload: Json, chat: Chat) -> None:
        """Put an update in the bot's queue, if the bot asked for this kind and is in the chat."""
        wanted = kind in self._allowed if self._allowed else kind not in NOT_BY_DEFAULT
        if not wanted or not (chat.bot_inside or kind == "my_chat_member"):
            return
        self._update_id += 1
        self._updates.append(Update(self._update_id, kind, payload, self.clock()))
        self._wake()

    def _next_id(self) -> int:
        self._message_id += 1
        return self._message_id

    def _store(self, chat: Chat, message: Message) -> Message:
        chat.messages[message.id] = message
        return message

    # HTTP

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        token, asked = request.match_info["token"], request.match_info["method"]
        if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", token):
            return _json(Refused("Not Found", 404))
        if token != self.token:
            return _json(Refused("Unauthorized", 401))
        name = next((known for known in self._methods if known.lower() == asked.lower()), None)
        if name is None:
            self.violations.append(f"{asked}: the Bot API has no such method, or this server not")
            return _json(Refused("Not Found: method not found", 404))
        if name == "getUpdates":
            return await self._receive(name, request)
        self._open.append(name)
        try:
            return await self._receive(name, request)
        finally:
            self._open.remove(name)

    async def _receive(self, method: str, request: web.Request) -> web.StreamResponse:
        params = Params(await _parameters(request))
        return await self._answer(request, self._record(method, params), params)

    def _record(self, method: str, params: Params) -> Call:
        call = Call(method, params.values, self.clock(), self._addressed(params))
        if method != "getUpdates":
            self.calls.append(call)
        if call.chat_id is not None and call.chat_id in self._chats:
            self._chats[call.chat_id].history.append(call)
        return call

    def _addressed(self, params: Params) -> int | None:
        query = self._queries.get(str(params.get("callback_query_id")))
        chat_id = query.chat_id if query else params.get("chat_id")
        return chat_id if rules.is_integer(chat_id) else None

    async def _answer(self, request: web.Request, call: Call, params: Params) -> web.StreamResponse:
        fault = self.faults.take(call.method, call.chat_id)
        kind = call.fault = fault.kind if fault else None
        if fault and kind in ("400", "429", "500", "502", "blocked"):
            call.error = fault.refusal().description
            body = fault.body or (_BAD_GATEWAY if kind == "502" else None)
            return _json(fault.refusal(), body)
        if kind == "cut":
            return _cut(request)
        if fault and kind == "slow":
            await asyncio.sleep(fault.seconds)
        answer = await self._apply(call, params)
        if kind == "applied_then_cut":
            return _cut(request)
        if kind == "garbage":
            return web.Response(text='{"ok": true, "result": {"message_', status=200)
        return answer

    async def _apply(self, call: Call, params: Params) -> web.Response:
        try:
            self._check_specification(call)
            if call.method == "getUpdates":
                result: Any = await self._get_updates(params)
            else:
                result = self._methods[call.method](params)
        except Refused as refusal:
            call.error = refusal.description
            if refusal.violation:
                self.violations.append(f"{call.method}: {refusal.description}")
            return _json(refusal)
        call.applied = True
        call.message_id = result.get("message_id") if isinstance(result, dict) else None
        return web.json_response({"ok": True, "result": result})

    def _check_specification(self, call: Call) -> None:
        known = rules.specification()
        problems = known.problems(call.method, call.params) if known else []
        if problems:
            raise broken("; ".join(problems))

    def _modelled_methods(self) -> dict[str, Callable[[Params], Any]]:
        return {
            "getMe": self._get_me,
            "getUpdates": lambda params: [],  # answered in `_apply`, since it waits
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
            "sendMessage": self._send_message,
            "sendContact": self._send_contact,
            "sendChatAction": self._send_chat_action,
            "editMessageText": self._edit_message_text,
            "editMessageReplyMarkup": self._edit_message_reply_markup,
            "deleteMessage": self._delete_message,
            "deleteMessages": self._delete_messages,
            "answerCallbackQuery": self._answer_callback_query,
            "leaveChat": self._leave_chat,
            "setMyCommands": self._set_my_commands,
            "deleteMyCommands": self._delete_my_commands,
            "getMyCommands": self._get_my_commands,
            "setMyName": lambda params: self._set_text(params, "name", 64),
            "setMyDescription": lambda params: self._set_text(params, "description", 512),
            "setMyShortDescription": lambda p: self._set_text(p, "short_description", 120),
            "getMyName": lambda params: self._get_text(params, "name"),
            "getMyDescription": lambda params: self._get_text(params, "description"),
            "getMyShortDescription": lambda params: self._get_text(params, "short_description"),
        }

    # Receiving updates

    async def _get_updates(self, params: Params) -> list[Json]:
        if self.webhook:
            raise Refused(f"Conflict: {WEBHOOK_IS_SET}", 409)
        limit, timeout = params.integer("limit", 100), params.integer("timeout")
        if not 1 <= limit <= UPDATES_LIMIT:
            raise broken("limit must be between 1 and 100")
        if "allowed_updates" in params:
            self._allowed = list(params.get("allowed_updates"))
        self._acknowledge(params.integer("offset"))
        self._wake(f"terminated by other getUpdates request; {ONE_INSTANCE}")
        if not self._updates and timeout > 0 and not self._closing:
            await self._long_poll(min(timeout, LONGEST_POLL))
        self._forget_expired()
        return [{"update_id": up.id, up.kind: up.payload} for up in self._updates[:limit]]

    async def _long_poll(self, timeout: float) -> None:
        waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        try:
            await asyncio.wait([waiting], timeout=timeout)
        finally:  # also where the bot was killed and its connection is gone
            if self._waiting is waiting:
                self._waiting = None
        if waiting.done() and waiting.result():
            raise Refused(f"Conflict: {waiting.result()}", 409)

    def _acknowledge(self, offset: int) -> None:
        """Forget what comes before the offset; a negative one counts from the end."""
        if offset < 0:
            self._updates = self._updates[offset:]
        elif offset > 0:
            self._updates = [update for update in self._updates if update.id >= offset]

    def _forget_expired(self) -> None:
        now = self.clock()
        self._updates = [update for update in self._updates if not update.expired(now)]

    def _wake(self, conflict: str = "") -> None:
        """End a waiting getUpdates: with what there is, or with a conflict."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(conflict)

    def _set_webhook(self, params: Params) -> bool:
        url = params.text("url")
        if url and not url.startswith("https://"):
            raise broken("bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = url
        if params.flag("drop_pending_updates"):
            self._updates.clear()
        if url:
            self._wake("terminated by setWebhook request")
        return True

    def _delete_webhook(self, params: Params) -> bool:
        self.webhook = ""
        if params.flag("drop_pending_updates"):
            self._updates.clear()
        return True

    def _get_webhook_info(self, params: Params) -> Json:
        info: Json = {
            "url": self.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates),
        }
        return info | ({"allowed_updates": self._allowed} if self._allowed else {})

    # Sending and editing

    def _send_message(self, params: Params) -> Json:
        chat = self._chat_to_write(params)
        text = rules.message_text(params, editing=False)
        return self._send(chat, params, _text_body(params, text))

    def _send_contact(self, params: Params) -> Json:
        chat = self._chat_to_write(params)
        names = ("phone_number", "first_name", "last_name", "vcard")
        card = {name: params.text(name) for name in names if name in params}
        for name in ("phone_number", "first_name"):
            if not card.get(name):
                raise broken(f'parameter "{name}" is required')
        return self._send(chat, params, {"contact": card})

    def _send(self, chat: Chat, params: Params, body: Json) -> Json:
        markup = rules.reply_markup(params, private=chat.private)
        silent, protected = params.flag("disable_notification"), params.flag("protect_content")
        self._check_reply(chat, params)
        if protected:
            body["has_protected_content"] = True
        if markup and "keyboard" in markup:
            chat.keyboard = markup
        elif markup and "remove_keyboard" in markup:
            chat.keyboard = None
        number = self._next_id()
        message = Message(number, chat.identity, self.me, self.clock(), body, markup, silent)
        return self._store(chat, message).as_json()

    def _check_reply(self, chat: Chat, params: Params) -> None:
        reply = params.get("reply_parameters") or {}
        optional = reply.get("allow_sending_without_reply")
        if reply and not optional and reply.get("message_id") not in chat.messages:
            raise Refused("Bad Request: message to be replied not found")

    def _send_chat_action(self, params: Params) -> bool:
        self._chat_to_write(params)
        if params.text("action") not in rules.CHAT_ACTIONS:
            raise broken("wrong parameter action in request")
        return True

    def _edit_message_text(self, params: Params) -> Json:
        chat, message = self._message_to_edit(params)
        text = rules.message_text(params, editing=True)
        if message.kind != "text":
            raise Refused("Bad Request: there is no text in the message to edit")
        return self._edit(chat, message, _text_body(params, text), params)

    def _edit_message_reply_markup(self, params: Params) -> Json:
        chat, message = self._message_to_edit(params)
        return self._edit(chat, message, message.body, params)

    def _edit(self, chat: Chat, message: Message, body: Json, params: Params) -> Json:
        """An edit that names no markup takes the buttons away."""
        markup = rules.reply_markup(params, editing=True)
        if (body, markup) == (message.body, message.markup):
            raise Refused(f"Bad Request: {NOT_MODIFIED}")
        edited = dataclasses.replace(message, body=body, markup=markup, edited=self.clock())
        return self._store(chat, edited).as_json()

    def _message_to_edit(self, params: Params) -> tuple[Chat, Message]:
        """Only the bot's own messages; they may be of any age."""
        if "message_id" not in params:
            raise broken("message identifier is not specified")
        chat = self._chat_to_write(params)
        message = chat.messages.get(params.integer("message_id"))
        if message is None:
            raise Refused("Bad Request: message to edit not found")
        if not message.from_bot or not message.editable:
            raise Refused("Bad Request: message can't be edited")
        return chat, message

    def _chat_to_write(self, params: Params) -> Chat:
        """Whether a blocked bot may still edit is not known: here it may only delete."""
        chat = self._chat(params)
        if not chat.bot_inside:
            raise Refused("Forbidden: bot is not a member of the group chat", 403)
        if chat.blocked:
            raise Refused("Forbidden: bot was blocked by the user", 403)
        if chat.private and not chat.started:
            raise Refused("Forbidden: bot can't initiate conversation with a user", 403)
        return chat

    def _chat(self, params: Params) -> Chat:
        chat_id = params.get("chat_id")
        if chat_id in (None, ""):
            raise broken("chat_id is empty")
        if not rules.is_integer(chat_id) or chat_id not in self._chats:
            raise Refused("Bad Request: chat not found")
        return self._chats[chat_id]

    # Deleting

    def _delete_message(self, params: Params) -> bool:
        chat = self._chat(params)
        message = chat.messages.get(params.integer("message_id"))
        if message is None:
            raise Refused("Bad Request: message to delete not found")
        self._delete(chat, [message])
        return True

    def _delete_messages(self, params: Params) -> bool:
        """Ids that are not found are skipped; one that is too old fails the whole call."""
        numbers = rules.message_ids(params)
        chat = self._chat(params)
        self._delete(chat, [chat.messages[n] for n in dict.fromkeys(numbers) if n in chat.messages])
        return True

    def _delete(self, chat: Chat, messages: Iterable[Message]) -> None:
        messages = list(messages)
        if any(self.clock() - message.date > DELETE_WINDOW for message in messages):
            raise Refused("Bad Request: message can't be deleted for everyone")
        if not chat.private and not all(message.from_bot for message in messages):
            raise Refused("Bad Request: message can't be deleted")
        for message in messages:
            del chat.messages[message.id]

    # Answering presses, leaving groups

    def _answer_callback_query(self, params: Params) -> bool:
        """A second answer is refused like an unknown query, as bots in the field report."""
        if rules.utf16_length(params.text("text")) > rules.ANSWER_LIMIT:
            raise broken("MESSAGE_TOO_LONG")
        params.flag("show_alert")
        query = self._queries.get(params.text("callback_query_id"))
        if query is None or query.answered or self.clock() - query.at > QUERY_LIFE:
            raise Refused(
                "Bad Request: query is too old and response timeout expired or query ID is invalid"
            )
        query.answered = True
        return True

    def _leave_chat(self, params: Params) -> bool:
        chat = self._chat(params)
        if chat.private:
            raise broken("chat member status can't be changed in private chats")
        if not chat.bot_inside:
            raise Refused("Forbidden: bot is not a member of the group chat", 403)
        chat.bot_inside = False
        self.membership(chat, self.me, "member", "left")
        return True

    # The bot's profile

    def _get_me(self, params: Params) -> Json:
        return self.me | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    def _set_text(self, params: Params, name: str, limit: int) -> bool:
        self._names[name, rules.language(params)] = rules.limited(params, name, limit)
        return True

    def _get_text(self, params: Params, name: str) -> Json:
        return {name: self._named(name, rules.language(params))}

    def _named(self, name: str, language: str) -> str:
        start = str(self.me["first_name"]) if name == "name" else ""
        return self._names.get((name, language)) or self._names.get((name, "")) or start

    def _set_my_commands(self, params: Params) -> bool:
        listed = rules.commands(params)
        self._commands[rules.scope(params), rules.language(params)] = listed
        return True

    def _delete_my_commands(self, params: Params) -> bool:
        self._commands.pop((rules.scope(params), rules.language(params)), None)
        return True

    def _get_my_commands(self, params: Params) -> list[Json]:
        return self._commands.get((rules.scope(params), rules.language(params)), [])


_BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


def _text_body(params: Params, text: str) -> Json:
    body: Json = {"text": text}
    if found := rules.entities(params, text):
        body["entities"] = found
    if preview := params.get("link_preview_options"):
        body["link_preview_options"] = preview
    return body


async def _parameters(request: web.Request) -> Json:
    """From the address, a form, or a JSON body: Telegram takes all three. A file is its name."""
    values: Json = dict(request.query)
    if request.content_type == "application/json":
        return values | dict(await request.json())
    form = await request.post()
    return values | {
        name: value.filename if isinstance(value, web.FileField) else value
        for name, value in form.items()
    }


def _json(refusal: Refused, body: str | None = None) -> web.Response:
    if body is not None:
        return web.Response(text=body, content_type="text/html", status=refusal.code)
    return web.json_response(refusal.body(), status=refusal.code)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _aiogram_is_handling() -> bool:
    """Whether a polling dispatcher of this event loop is in the middle of an update."""
    names = {"Dispatcher._process_update", "Dispatcher._process_with_semaphore"}
    running = (task.get_coro() for task in asyncio.all_tasks())
    return any(getattr(coroutine, "__qualname__", "") in names for coroutine in running)
