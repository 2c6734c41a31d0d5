"""A chat as it stands on both phones, what was done to it, and the time it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests import telegram_rules as rules

if TYPE_CHECKING:
    from tests.telegram_faults import FaultKind
    from tests.telegram_rules import Json

MESSAGE_LIFE = timedelta(hours=24)  # an update that nobody fetches
QUERY_LIFE = timedelta(seconds=150)  # a press: to be fetched, and to be answered
CONTENT = ("text", "photo", "voice", "document", "sticker", "location", "contact", "video", "audio")


class Clock:
    """The server's time. It stands still until a test moves it."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **units: float) -> None:
        """Move on, by the units of a timedelta: `advance(hours=49)`."""
        self.now += timedelta(**units)

    def set(self, moment: datetime) -> None:
        self.now = moment


@dataclass
class Call:
    """One request of the bot, and what became of it."""

    method: str
    params: Json
    at: datetime
    chat_id: int | None
    fault: FaultKind | None = None
    applied: bool = False
    error: str | None = None
    message_id: int | None = None  # of the message that was sent or edited

    @property
    def text(self) -> str:
        return str(self.params.get("text", ""))

    @property
    def silent(self) -> bool:
        return self.params.get("disable_notification") is True


@dataclass(frozen=True)
class Button:
    """kind: the action field of the Bot API; value: what it holds (of copy_text, the text)."""

    label: str
    kind: str
    value: str


@dataclass(frozen=True)
class Message:
    """A message as it stands; an edit makes a new one. `body` is what Telegram sends of it."""

    id: int
    chat: Json
    sender: Json
    date: datetime
    body: Json
    markup: Json | None = None
    silent: bool = False
    edited: datetime | None = None

    @property
    def from_bot(self) -> bool:
        return bool(self.sender["is_bot"])

    @property
    def kind(self) -> str:
        return next((name for name in CONTENT if name in self.body), "other")

    @property
    def text(self) -> str:
        return str(self.body.get("text") or self.body.get("caption") or "")

    @property
    def rows(self) -> list[list[Button]]:
        rows = (self.markup or {}).get("inline_keyboard", [])
        return [[_button(raw) for raw in row] for row in rows]

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.rows for button in row]

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.buttons]

    @property
    def editable(self) -> bool:
        """A message sent with a reply keyboard, or with its removal, can never be edited."""
        return self.markup is None or "inline_keyboard" in self.markup

    def as_json(self) -> Json:
        answer = {
            "message_id": self.id,
            "from": self.sender,
            "chat": self.chat,
            "date": int(self.date.timestamp()),
        }
        if self.edited:
            answer["edit_date"] = int(self.edited.timestamp())
        answer |= self.body
        if self.markup and self.editable:
            answer["reply_markup"] = self.markup
        return answer


def _button(raw: Json) -> Button:
    kind = rules.button_actions(raw)[0]
    value = raw[kind]["text"] if kind == "copy_text" else raw[kind]
    return Button(raw["text"], kind, str(value))


@dataclass
class Chat:
    """One chat, from both sides. `history` has every call the bot addressed to it, in order."""

    identity: Json
    messages: dict[int, Message] = field(default_factory=dict)
    history: list[Call] = field(default_factory=list)
    started: bool = False
    blocked: bool = False
    bot_inside: bool = True  # of a group
    keyboard: Json | None = None  # the reply keyboard that shows

    @property
    def id(self) -> int:
        return int(self.identity["id"])

    @property
    def private(self) -> bool:
        return bool(self.identity["type"] == "private")

    @property
    def visible(self) -> list[Message]:
        return [self.messages[number] for number in sorted(self.messages)]

    @property
    def from_bot(self) -> list[Message]:
        return [message for message in self.visible if message.from_bot]

    def applied(self, *methods: str) -> list[Call]:
        return [call for call in self.history if call.applied and call.method in methods]

    @property
    def sent(self) -> list[Call]:
        """What was ever sent, also if it was edited or deleted later."""
        return self.applied("sendMessage", "sendContact")

    @property
    def edits(self) -> list[Call]:
        return self.applied("editMessageText", "editMessageReplyMarkup")

    @property
    def answers(self) -> list[Call]:
        return self.applied("answerCallbackQuery")


@dataclass
class Query:
    """A press that waits for its answer."""

    chat_id: int
    at: datetime
    answered: bool = False


@dataclass(frozen=True)
class Update:
    id: int
    kind: str
    payload: Json
    at: datetime

    def expired(self, now: datetime) -> bool:
        life = QUERY_LIFE if self.kind == "callback_query" else MESSAGE_LIFE
        return now - self.at > life
