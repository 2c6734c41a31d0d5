"""Somebody who uses the bot: what a person can do with a phone, and what she sees on it.

Each act waits until the bot has come to rest, unless `wait=False`. Acts that write take further
fields of a Message (`date=...`, `media_group_id=...`), so that a test can fill every one of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.telegram_chat import Button, Chat, Message
    from tests.telegram_rules import Json
    from tests.telegram_server import TelegramServer

PAYLOAD = r"[A-Za-z0-9_-]{1,64}"  # Bot API, deep linking
LIVE_SECONDS = 3600


class Person:
    def __init__(self, server: TelegramServer, user: Json) -> None:
        self.server = server
        self.user = user
        self.clipboard = ""
        self.opened = ""  # the address of the last link that was tapped

    @property
    def id(self) -> int:
        return int(self.user["id"])

    @property
    def chat(self) -> Chat:
        return self.server.chat(self.id)

    # What she sees

    @property
    def sees(self) -> str:
        """All words on the screen: messages of both sides, then their buttons."""
        lines = [line for message in self.chat.visible for line in (message.text, *message.labels)]
        return "\n".join(lines)

    @property
    def toasts(self) -> list[str]:
        """What answers to presses said at the top of the screen, oldest first."""
        return [call.text for call in self.chat.answers if call.text]

    def screen(self) -> Message:
        """The one message of the bot that is visible."""
        screens = self.chat.from_bot
        assert len(screens) == 1, f"{len(screens)} messages of the bot are visible:\n{self.sees}"
        return screens[0]

    def chat_is_empty(self) -> bool:
        return not self.chat.visible

    # Writing

    async def start(self, payload: str | None = None, *, wait: bool = True, **more: Any) -> Message:
        """Tap "Start" or a deep link; unblocks a bot that was blocked."""
        assert payload is None or re.fullmatch(PAYLOAD, payload), f"no deep link: {payload!r}"
        if self.chat.blocked:
            self.chat.blocked = False
            self.server.membership(self.chat, self.user, "kicked", "member")
        return await self.type(f"/start {payload}" if payload else "/start", wait=wait, **more)

    async def type(self, text: str, *, wait: bool = True, **more: Any) -> Message:
        return await self._write(_typed(text), wait, more)

    async def send_location(
        self,
        latitude: float,
        longitude: float,
        *,
        live: bool = False,
        wait: bool = True,
        **more: Any,
    ) -> Message:
        place = _place(latitude, longitude) | ({"live_period": LIVE_SECONDS} if live else {})
        return await self._write({"location": place}, wait, more)

    async def move(
        self, message: Message, latitude: float, longitude: float, *, wait: bool = True
    ) -> Message:
        """Let a live location move on, which reaches the bot as an edited message."""
        place = _place(latitude, longitude) | {"live_period": LIVE_SECONDS}
        return await self._rewrite(message, {"location": place}, wait)

    async def send_photo(
        self, caption: str | None = None, *, wait: bool = True, **more: Any
    ) -> Message:
        sizes = [_file("photo", width=w, height=w * 4 // 3, file_size=w * 90) for w in (90, 960)]
        return await self._write({"photo": sizes} | _caption(caption), wait, more)

    async def send_voice(
        self, caption: str | None = None, *, wait: bool = True, **more: Any
    ) -> Message:
        voice = _file("voice", duration=7, mime_type="audio/ogg", file_size=28_410)
        return await self._write({"voice": voice} | _caption(caption), wait, more)

    async def send_document(
        self,
        caption: str | None = None,
        *,
        file_name: str = "plainte.pdf",
        wait: bool = True,
        **more: Any,
    ) -> Message:
        paper = _file("document", file_name=file_name, mime_type="application/pdf", file_size=81920)
        return await self._write({"document": paper} | _caption(caption), wait, more)

    async def send_sticker(self, *, wait: bool = True, **more: Any) -> Message:
        sticker = _file(
            "sticker",
            type="regular",
            width=512,
            height=512,
            is_animated=False,
            is_video=False,
            emoji="🌧",
            set_name="Nuages",
        )
        return await self._write({"sticker": sticker}, wait, more)

    async def contact(
        self,
        phone_number: str = "+33612345678",
        first_name: str = "Dominique",
        *,
        wait: bool = True,
        **more: Any,
    ) -> Message:
        card = {"phone_number": phone_number, "first_name": first_name}
        return await self._write({"contact": card}, wait, more)

    async def forward(
        self, text: str, sender_name: str = "Dominique", *, wait: bool = True, **more: Any
    ) -> Message:
        """Forward what somebody, whose account is hidden, wrote to her."""
        origin = {
            "type": "hidden_user",
            "sender_user_name": sender_name,
            "date": int(self.server.clock().timestamp()) - 3600,
        }
        return await self._write(_typed(text) | {"forward_origin": origin}, wait, more)

    async def edit_message(self, message: Message, text: str, *, wait: bool = True) -> Message:
        return await self._rewrite(message, _typed(text), wait)

    async def group_message(
        self, text: str, *, group_id: int = -4_000_000_001, wait: bool = True, **more: Any
    ) -> Message:
        """Write in a group that the bot is in (she adds it first where it never was).

        The bot keeps Telegram's privacy mode: it gets only commands and what names it.
        """
        group = self.server.group(group_id)
        if not group.history and not group.messages:
            await self.add_to_group(group_id, wait=wait)
        named = text.startswith("/") or f"@{self.server.me['username']}" in text
        message = self.server.post(group, self.user, _typed(text), deliver=named, **more)
        await self._settle(wait)
        return message

    async def add_to_group(self, group_id: int = -4_000_000_001, *, wait: bool = True) -> Chat:
        group = self.server.group(group_id)
        group.bot_inside = True
        self.server.membership(group, self.user, "left", "member")
        self.server.post(group, self.user, {"new_chat_members": [self.server.me]})
        await self._settle(wait)
        return group

    # Tapping

    async def tap(
        self,
        label: str,
        *,
        message: Message | None = None,
        must_answer: bool = True,
        wait: bool = True,
        timeout: float = 5.0,
    ) -> None:
        """Tap a button by its words: the whole label, else a part that only one has.

        Waits for the answer to the press and for everything else that the handler does. A button
        that copies fills `clipboard`, a link fills `opened`; neither tells the bot anything.
        """
        message, button = self._find(label, message)
        if button.kind == "copy_text":
            self.clipboard = button.value
        elif button.kind == "url":
            self.opened = button.value
        else:
            assert button.kind == "callback_data", f"nothing is known about {button.kind} buttons"
            await self.tap_raw(
                message.id, button.value, must_answer=must_answer, wait=wait, timeout=timeout
            )

    async def tap_raw(
        self,
        message_id: int,
        data: str,
        *,
        lost: bool = False,
        must_answer: bool = True,
        wait: bool = True,
        timeout: float = 5.0,
    ) -> None:
        """Press with any data at all: forged, or of a button that is no longer there.

        Where the message was deleted, or with `lost`, the bot gets an inaccessible message.
        """
        query = self.server.press(self.chat, self.user, message_id, data, lost=lost)
        if wait and must_answer:
            try:
                await self.server.until(lambda: self.server.is_answered(query), timeout)
            except TimeoutError:
                raise AssertionError(f"the bot never answered the press of {data!r}") from None
        await self._settle(wait, timeout)

    def _find(self, label: str, wanted: Message | None) -> tuple[Message, Button]:
        messages = [m for m in self.chat.visible if wanted is None or m.id == wanted.id]
        offered = [(message, button) for message in messages for button in message.buttons]
        found = [pair for pair in offered if pair[1].label == label]
        found = found or [pair for pair in offered if label in pair[1].label]
        if len(found) != 1:
            shown = "\n".join(f"  {button.label} (message {m.id})" for m, button in offered)
            many = f"{len(found)} buttons are" if found else "no button is"
            raise AssertionError(f"{many} called {label!r}; visible are:\n{shown or '  none'}")
        return found[0]

    # Tidying up

    async def block_bot(self, *, wait: bool = True) -> None:
        self.chat.blocked = True
        self.server.membership(self.chat, self.user, "member", "kicked")
        await self._settle(wait)

    def delete(self, message: Message) -> None:
        """Delete one message for both sides; Telegram does not tell the bot."""
        del self.chat.messages[message.id]

    def delete_chat(self) -> None:
        """Delete everything for both sides; Telegram does not tell the bot."""
        self.chat.messages.clear()

    async def _write(self, body: Json, wait: bool, more: Json) -> Message:
        assert not self.chat.blocked, "she blocked the bot: only start() works"
        message = self.server.post(self.chat, self.user, body, **more)
        await self._settle(wait)
        return message

    async def _rewrite(self, message: Message, body: Json, wait: bool) -> Message:
        edited = self.server.repost(self.chat, message.id, body)
        await self._settle(wait)
        return edited

    async def _settle(self, wait: bool, timeout: float = 5.0) -> None:
        if wait:
            await self.server.settled(timeout)


def _typed(text: str) -> Json:
    """The text and, as Telegram marks them, the commands in it."""
    found = re.finditer(r"(?<![^\s])/[A-Za-z0-9_]{1,32}(?:@\w+)?", text)
    commands = [
        {
            "type": "bot_command",
            "offset": _units(text[: match.start()]),
            "length": _units(match.group()),
        }
        for match in found
    ]
    return {"text": text} | ({"entities": commands} if commands else {})


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _place(latitude: float, longitude: float) -> Json:
    return {"latitude": latitude, "longitude": longitude, "horizontal_accuracy": 25.0}


def _caption(caption: str | None) -> Json:
    return {} if caption is None else {"caption": caption}


def _file(kind: str, **more: Any) -> Json:
    return {"file_id": f"AgACAgQAAxkBAAI-{kind}", "file_unique_id": f"AQADy-{kind}"} | more
