"""A canary in everything that is somebody's: none may come out, whatever goes wrong.

Each personal field of a message and of a press holds a string or a number that occurs nowhere else.
The bot then meets all that can go wrong, with every logger at DEBUG; nothing that it writes, prints
or stores may hold one of them. The last test shows that the same run does tell, with ordinary logs.
"""

import asyncio
import io
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import logs
from bot.conversation import Reply, Shown
from bot.triage.engine import State
from tests.telegram_server import TelegramServer
from tests.test_telegram_support import Talk, running

USER = 7331000001
MESSAGES = 884410000  # the first of their ids
WORDS = "zorglub il m'a enfermée"
LATITUDE, LONGITUDE = 48.790077, 2.331199
CANARIES = (
    str(USER),
    "8844100",
    "810000",
    "Quetzalie",
    "Xyloforte",
    "quetzalie_xylo",
    "qqx",
    "zorglub",
    "48.79",
    "2.3311",
    "+33700881122",
    "Brandubal",
    "AgACAgQAAxkBAAI",
    "44119911",
    "AAEtest-token",
)


class Fragile(Talk):
    """A conversation that breaks in every way, quoting what it was told."""

    async def press(self, data: str, language: str = "fr") -> Shown:
        warnings.warn(f"pressed {data} by {WORDS}", RuntimeWarning, stacklevel=1)
        if data == "crash":
            raise RuntimeError(WORDS)
        return await super().press(data)

    async def typed(self, text: str, state: State | None, language: str) -> Reply:
        if "crash" in text:
            self.lost = asyncio.create_task(self._lose(text))
            await asyncio.sleep(0)
            del self.lost
            raise RuntimeError(text)
        return await super().typed(text, state, language)

    def erased(self, language: str) -> str:
        raise RuntimeError(WORDS)

    async def _lose(self, text: str) -> None:
        raise RuntimeError(text)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and an empty folder to work in."""
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where logs go; logging is as it was afterwards."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logging.raiseExceptions)
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    yield io.StringIO()
    root.handlers[:], root.level, logging.raiseExceptions = before
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.getLogger("aiogram.event").setLevel(logging.NOTSET)


async def test_nothing_of_anybody_comes_out(
    home: Path, stream: io.StringIO, capfd: pytest.CaptureFixture[str]
):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logs.install("DEBUG", stream)
        logs.guard(asyncio.get_running_loop())
        opened, presses = await _everything_goes_wrong()
    printed = "".join(capfd.readouterr())
    for event in ("conversation.failed", "update.failed", "update.unreadable", "call.failed"):
        assert event in stream.getvalue()
    assert "warning.shown kind=RuntimeWarning" in stream.getvalue()
    assert _told(stream.getvalue()) == []
    assert presses
    assert not [press for press in presses if press in stream.getvalue()]
    assert printed == ""
    assert opened == []
    assert os.listdir(home) == []  # noqa: PTH208 -- the test is over, nobody waits


@pytest.mark.long
async def test_the_same_run_tells_with_ordinary_logs(
    home: Path, stream: io.StringIO, capfd: pytest.CaptureFixture[str]
):
    logging.getLogger().handlers[:] = [logging.StreamHandler(stream)]
    logging.getLogger().setLevel(logging.DEBUG)
    with warnings.catch_warnings(record=True):
        await _everything_goes_wrong()
    capfd.readouterr()
    assert "zorglub" in _told(stream.getvalue())


def _told(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


async def _everything_goes_wrong() -> tuple[list[str], list[str]]:
    """The run: the files that were opened for writing, and the ids of her presses."""
    writing = _Writing()
    async with TelegramServer(first_message_id=MESSAGES) as server:
        quetzalie = server.person(
            "Quetzalie",
            last_name="Xyloforte",
            username="quetzalie_xylo",
            language_code="qqx",
            user_id=USER,
        )
        async with running(server, Fragile()):
            with writing:
                await _days(server, quetzalie)
        return writing.files, list(server._queries)


async def _days(server: TelegramServer, quetzalie: Any) -> None:
    """What she does, while everything breaks in turn."""
    await quetzalie.start()
    screen = quetzalie.screen().id
    await quetzalie.tap_raw(screen, "crash")
    await quetzalie.tap_raw(screen, f"menu {WORDS}")
    await quetzalie.type(f"crash {WORDS}")
    await quetzalie.send_photo(f"{WORDS}", media_group_id="44119911")
    await quetzalie.send_location(LATITUDE, LONGITUDE)
    await quetzalie.contact("+33700881122", "Brandubal")
    await quetzalie.forward(WORDS, "Brandubal")
    await quetzalie.send_document(WORDS, file_name="zorglub.pdf")
    for kind in ("429", "400", "500", "502", "garbage", "cut", "applied_then_cut", "blocked"):
        for method in ("editMessageText", "deleteMessage", "answerCallbackQuery", "sendMessage"):
            server.faults.clear()
            body = WORDS if kind in ("500", "502") else None
            server.faults.add(kind=kind, method=method, times=None, text=WORDS, body=body)
            await quetzalie.type(WORDS)
            await quetzalie.tap_raw(screen, "menu", must_answer=False)
        server.faults.clear()
        await quetzalie.type("/start")
        screen = quetzalie.chat.from_bot[-1].id
    server.emit("message", {"message_id": WORDS, "text": WORDS}, quetzalie.chat)
    server.emit("message", {"message_id": 7, "date": 1, "chat": {"id": WORDS}}, quetzalie.chat)
    await server.settled(20)
    server.clock.advance(hours=49)
    await quetzalie.tap_raw(screen, "_s")
    await server.settled(20)


class _Writing:
    """Files opened for writing while it is on, anywhere on the machine."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self._on = False
        sys.addaudithook(self._hook)

    def __enter__(self) -> None:
        self._on = True

    def __exit__(self, *_: object) -> None:
        self._on = False

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if self._on and event == "open":
            path, mode, flags = args
            if (mode and set(mode) & set("wax+")) or (flags & 0b11):
                self.files.append(str(path))
