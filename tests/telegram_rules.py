"""What the Bot API refuses, and in which words: values in, `Refused` out. No state, no network.

The words are Telegram's own where its server or library says them itself; a rule that only the
documentation states is refused too. `violation` marks what no correct bot ever sends, as opposed to
what may happen to any bot (a message that is gone, a press that is too old).
"""

from __future__ import annotations

import functools
import ipaddress
import json
import os
import re
from pathlib import Path
from typing import Any

Json = dict[str, Any]

TEXT_LIMIT = 4096  # UTF-16 units, after cleaning
RAW_TEXT_LIMIT = 32 * 1024  # bytes, before cleaning
CALLBACK_LIMIT = 64  # bytes, Bot API InlineKeyboardButton
COPY_LIMIT = 256  # Bot API CopyTextButton
ANSWER_LIMIT = 200  # Bot API answerCallbackQuery
BUTTONS_LIMIT = 100
DELETE_LIMIT = 100  # ids in one deleteMessages
COMMANDS_LIMIT = 100
COMMAND_DESCRIPTION_LIMIT = 256
LAST_PORT = 65535

BUTTON_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
STYLES = ("danger", "success", "primary")
CHAT_ACTIONS = (
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
)
SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
# Parameters that stay text even where they look like JSON; all others are decoded.
PLAIN_TEXT = frozenset(
    {
        "text",
        "parse_mode",
        "callback_query_id",
        "url",
        "name",
        "description",
        "short_description",
        "language_code",
        "first_name",
        "last_name",
        "phone_number",
        "vcard",
        "action",
        "secret_token",
        "ip_address",
        "caption",
        "business_connection_id",
        "inline_message_id",
        "message_effect_id",
    }
)
SPACES = "\u1680\u180e\u202f\u205f\u2800\u3000\ufffc" + "".join(map(chr, range(0x2000, 0x200B)))
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\ufeff\u00a0 \n" + SPACES


class Refused(Exception):
    """An answer that is not `ok`."""

    def __init__(
        self, description: str, code: int = 400, *, violation: bool = False, **parameters: int
    ) -> None:
        super().__init__(description)
        self.description = description
        self.code = code
        self.violation = violation
        self.parameters = parameters

    def body(self) -> Json:
        answer: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return answer | ({"parameters": self.parameters} if self.parameters else {})


def broken(words: str) -> Refused:
    """The refusal of something that no correct bot sends."""
    return Refused(f"Bad Request: {words}", violation=True)


class Params:
    """The parameters of one request, decoded; each reader refuses what has the wrong type."""

    def __init__(self, raw: Json) -> None:
        self.values = {name: _decoded(name, value) for name, value in raw.items()}

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def get(self, name: str) -> Any:
        return self.values.get(name)

    def text(self, name: str) -> str:
        value = self.values.get(name, "")
        if not isinstance(value, str):
            raise broken(f'field "{name}" must be of type String')
        return value

    def flag(self, name: str) -> bool:
        value = self.values.get(name, False)
        if not isinstance(value, bool):
            raise broken(f'field "{name}" must be of type Boolean')
        return value

    def integer(self, name: str, default: int = 0) -> int:
        value = self.values.get(name, default)
        if not is_integer(value):
            raise broken(f'field "{name}" must be of type Number')
        return int(value)


def _decoded(name: str, value: Any) -> Any:
    if name in PLAIN_TEXT or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def message_text(params: Params, *, editing: bool) -> str:
    """The text as Telegram keeps it: control characters out, blanks at the ends trimmed."""
    raw = params.text("text")
    if len(raw.encode()) > RAW_TEXT_LIMIT:
        raise broken("text is too long")
    text = cleaned(raw)
    if not text.strip(INVISIBLE):
        raise broken("message text is empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise broken("MESSAGE_TOO_LONG" if editing else "message is too long")
    if "parse_mode" in params:
        _refuse_parse_mode(params.text("parse_mode"))
    return text


def _refuse_parse_mode(mode: str) -> None:
    if mode.lower() not in ("html", "markdown", "markdownv2"):
        raise broken("unsupported parse_mode")
    raise broken(f"this server does not read {mode}: send plain text, or text with entities")


def cleaned(text: str) -> str:
    text = text.replace("\r", "")
    text = re.sub(r"[\x00-\x09\x0b-\x1f]", " ", text)
    return re.sub("[\u2028-\u202e\u0333\u033f\u030a]", "", text).strip(" \n")


def entities(params: Params, text: str) -> list[Json]:
    found = params.get("entities") or []
    if not isinstance(found, list) or not all(isinstance(entity, dict) for entity in found):
        raise broken("can't parse MessageEntity: expected an Array of MessageEntity")
    for entity in found:
        offset, length = entity.get("offset"), entity.get("length")
        if not (is_integer(offset) and is_integer(length)) or offset < 0:
            raise broken(f"receive an entity with incorrect offset {offset}")
        if offset + length > utf16_length(text):
            raise broken(
                f"entity beginning at UTF-16 offset {offset} ends after the end of the text "
                f"at UTF-16 offset {offset + length}"
            )
    return found


def reply_markup(params: Params, *, editing: bool = False, private: bool = True) -> Json | None:
    """The markup in normal form (rows without buttons dropped), or None."""
    markup = params.get("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise broken("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = inline_keyboard(markup["inline_keyboard"])
        return {"inline_keyboard": rows} if rows else None
    if editing:
        raise broken("inline keyboard expected")
    if "keyboard" in markup:
        _check_reply_keyboard(markup["keyboard"], private=private)
    elif markup.get("remove_keyboard") is not True and markup.get("force_reply") is not True:
        raise broken("object expected as reply markup")
    return markup


def inline_keyboard(rows: Any) -> list[list[Json]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise broken('field "inline_keyboard" must be of type Array')
    if sum(map(len, rows)) > BUTTONS_LIMIT:
        raise broken("reply markup is too long")
    return [[_inline_button(button) for button in row] for row in rows if row]


def _inline_button(button: Any) -> Json:
    what = "can't parse inline keyboard button"
    if not isinstance(button, dict):
        raise broken(f"{what}: inline keyboard button must be an Object")
    if not isinstance(button.get("text"), str):
        raise broken(f'{what}: can\'t find field "text"')
    if not button["text"].strip(INVISIBLE):
        raise broken("BUTTON_TEXT_INVALID")
    if button.get("style") not in (None, *STYLES):
        raise broken(f"{what}: unknown style {button['style']!r}")
    actions = button_actions(button)
    if not actions:
        raise broken(f"{what}: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise broken(f"{what}: exactly one action is allowed, not {' and '.join(actions)}")
    _check_action(actions[0], button[actions[0]])
    return button


def button_actions(button: Json) -> list[str]:
    """The actions a button names. An empty one counts as none, but for switch_inline_query."""
    return [
        name for name in BUTTON_ACTIONS if name in button and (button[name] or "switch" in name)
    ]


def _check_action(action: str, value: Any) -> None:
    if action == "callback_data":
        if not isinstance(value, str) or len(value.encode()) > CALLBACK_LIMIT:
            raise broken("BUTTON_DATA_INVALID")
    elif action == "copy_text":
        text = value.get("text") if isinstance(value, dict) else None
        if not isinstance(text, str) or not 1 <= utf16_length(text) <= COPY_LIMIT:
            raise broken("BUTTON_COPY_TEXT_INVALID")
    elif action == "url":
        problem = url_problem(value) if isinstance(value, str) else "Wrong HTTP URL"
        if problem:
            raise broken(f"inline keyboard button URL '{value}' is invalid: {problem}")


def url_problem(url: str) -> str | None:
    """Why TDLib refuses the address of a button or link; None where it takes it.

    A `tel:` address is read as a host and a port, hence the words people get to see.
    """
    other = re.match(r"(tg|ton|tonsite):(?://)?", url, re.IGNORECASE)
    rest = url[other.end() :] if other else url
    scheme = re.match(r"([^:/?#@\[\]]*)://", rest)
    if scheme:
        if scheme[1].lower() not in ("http", "https"):
            return "Unsupported URL protocol"
        rest = rest[scheme.end() :]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    port = re.search(r"(?<=.):([^:\]@]*)$", authority)
    if port and not (re.fullmatch(r"[0-9]+", port[1]) and 0 < int(port[1]) <= LAST_PORT):
        return "Wrong port number specified in the URL"
    host = (authority[: port.start()] if port else authority).rpartition("@")[2]
    return _host_problem(host, other[1].lower() if other else "")


def _host_problem(host: str, scheme: str) -> str | None:
    if not host:
        return "URL host is empty"
    if scheme in ("tg", "ton"):
        known = re.fullmatch(r"[A-Za-z0-9_-]+", host)
        return None if known else "Unallowed characters in URL host"
    if host.startswith("[") and host.endswith("]"):
        try:
            ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            return "Wrong IPv6 address specified in the URL"
        return None
    if re.search(r"[\x00-\x20<>\"%\\^`{|}]", host):
        return "Disallowed character in URL host"
    return None if "." in host else "Wrong HTTP URL"


def _check_reply_keyboard(rows: Any, *, private: bool) -> None:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise broken('field "keyboard" must be of type Array')
    for button in (button for row in rows for button in row):
        if not isinstance(button, (str, dict)) or not _label(button):
            raise broken("can't parse keyboard button: can't find field \"text\"")
        asks = isinstance(button, dict) and {"request_location", "request_contact"} & set(button)
        if asks and not private:
            raise broken("can't request location or contact outside of private chats")


def _label(button: str | Json) -> str:
    return button if isinstance(button, str) else str(button.get("text") or "")


def message_ids(params: Params) -> list[int]:
    if "message_ids" not in params:
        raise broken("message identifiers are not specified")
    ids = params.get("message_ids")
    if not isinstance(ids, list):
        raise broken("expected an Array of message identifiers")
    if not ids:
        raise broken("message identifiers are not specified")
    if len(ids) > DELETE_LIMIT:
        raise broken("too many message identifiers specified")
    if not all(map(is_integer, ids)):
        raise broken("message identifier must be a Number")
    if min(ids) <= 0:
        raise broken("invalid message identifier specified")
    return ids


def language(params: Params) -> str:
    code = params.text("language_code")
    if code and not re.fullmatch("[a-z]{2}", code):
        raise broken("invalid language code specified")
    return code


def limited(params: Params, name: str, limit: int) -> str:
    text = params.text(name)
    if utf16_length(text) > limit:
        raise broken(f"{name} length must not exceed {limit}")
    return text


def scope(params: Params) -> tuple[str, ...]:
    """The scope of a list of commands as a key: its type, then the ids it names."""
    value = params.get("scope") or {"type": "default"}
    needed = SCOPES.get(str(value.get("type"))) if isinstance(value, dict) else None
    if needed is None:
        raise broken("can't parse BotCommandScope: unsupported type specified")
    missing = [name for name in needed if name not in value]
    if missing:
        raise broken(f"can't parse BotCommandScope: can't find field \"{missing[0]}\"")
    return (value["type"], *(str(value[name]) for name in needed))


def commands(params: Params) -> list[Json]:
    listed = params.get("commands") or []
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise broken("expected an Array of BotCommand")
    if len(listed) > COMMANDS_LIMIT:
        raise broken("BOT_COMMANDS_TOO_MUCH")
    for item in listed:
        if not re.fullmatch("[a-z0-9_]{1,32}", str(item.get("command", ""))):
            raise broken("BOT_COMMAND_INVALID")
        length = utf16_length(str(item.get("description", "")))
        if not 1 <= length <= COMMAND_DESCRIPTION_LIMIT:
            raise broken("command description length must be between 1 and 256")
    return listed


ROOT = Path(__file__).resolve().parent.parent


class Specification:
    """A machine-readable description of the Bot API: methods, their fields and types."""

    def __init__(self, data: Json) -> None:
        self.methods: Json = data["methods"]
        self.types: Json = data["types"]

    def problems(self, method: str, params: Json) -> list[str]:
        """Everything in a request that the description does not know or allow."""
        if method not in self.methods:
            return [f"no method {method}"]
        return self._fields(self.methods[method].get("fields", []), params, method)

    def flaws(self, types: list[str], value: Any) -> list[str]:
        """What keeps a value from being of one of these types."""
        return self._one_of(types, value, "|".join(types))

    def _fields(self, fields: list[Json], values: Json, where: str) -> list[str]:
        known = {field["name"]: field for field in fields}
        found = [f"{where}: no field {name!r}" for name in values if name not in known]
        for name, field in known.items():
            if name in values:
                found += self._one_of(field["types"], values[name], f"{where}.{name}")
            elif field["required"]:
                found.append(f"{where}: field {name!r} is missing")
        return found

    def _one_of(self, types: list[str], value: Any, where: str) -> list[str]:
        """Nothing where one of the types fits, else the complaints of the nearest one."""
        return min((self._type(name, value, where) for name in types), key=len)

    def _type(self, name: str, value: Any, where: str) -> list[str]:
        if name.startswith("Array of "):
            if not isinstance(value, list):
                return [f"{where}: {value!r} is not an array"]
            inner = name.removeprefix("Array of ")
            items = [self._type(inner, item, f"{where}[{n}]") for n, item in enumerate(value)]
            return [problem for found in items for problem in found]
        if name in self.types:
            return self._object(self.types[name], value, where)
        return [] if _is_primitive(name, value) else [f"{where}: {value!r} is not {name}"]

    def _object(self, described: Json, value: Any, where: str) -> list[str]:
        if described.get("subtypes"):
            return self._one_of(described["subtypes"], value, where)
        if not isinstance(value, dict):
            return [f"{where}: {value!r} is not an object"]
        return self._fields(described.get("fields", []), value, where)


def _is_primitive(name: str, value: Any) -> bool:
    match name:
        case "Integer":
            return is_integer(value)
        case "Float":
            return is_integer(value) or isinstance(value, float)
        case "Boolean":
            return isinstance(value, bool)
        case "String":
            return isinstance(value, str)
    return False


@functools.cache
def specification() -> Specification | None:
    """The description where there is one on this machine: it is not part of the project."""
    named = os.environ.get("BOT_API_SPECIFICATION")
    path = Path(named) if named else ROOT.parent / "shared" / "telegram" / "api-10.1.json"
    if not path.is_file():
        return None
    return Specification(json.loads(path.read_text(encoding="utf-8")))
