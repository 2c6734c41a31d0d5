"""What the specifications of the channel share: a conversation of a few screens, a running bot.

No specification in here. The conversation is a stand-in with the real one's interface, so that
these tests hold whatever the flow files say.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.commands import FLOWS, command_in
from bot.conversation import Left, Reply, Shown
from bot.telegram.polling import serve
from bot.triage.engine import State
from bot.triage.screen import KEEP, LEAVE, Copy, Press, Screen
from tests.telegram_server import TelegramServer

COVER = "Informations pratiques, numéros et adresses. Ce service répond seul, de jour et de nuit."
NEUTRAL = f"Bonjour. {COVER} Touchez « Continuer » pour choisir un sujet ou une langue."
BARE = "17, 112, SMS 114, 15"
EXIT_WORDS = ("sortir", "quitter", "stop")


class Timer:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Talk:
    """A conversation of a few screens. `heard` is all it was told; `breaks` makes it fail."""

    heard: list[tuple[Any, ...]] = field(default_factory=list)
    breaks: Exception | None = None
    pace: float = 0.0  # seconds that it takes to answer a press

    def language(self, client_code: str | None) -> str:
        return "en" if (client_code or "").startswith("en") else "fr"

    def greeting(self, language: str, payload: str = "") -> Shown:
        rows = ((Press("Continuer", payload or "menu"),), *_foot())
        return Shown(Screen(NEUTRAL, rows), State(language), None)

    def spoken(self, data: str) -> str | None:
        return None

    async def press(self, data: str, language: str = "fr") -> Shown:
        self._hear("press", data)
        await asyncio.sleep(self.pace)
        return _shown(data, State("fr", data), Press("Violences", "couple"))

    @property
    def ground(self) -> Talk:
        return self

    @property
    def catalogue(self) -> Talk:
        return self

    languages = ("fr", "en")

    def say(self, word: str, language: str) -> str:
        return word if language == "fr" else f"{word} ({language})"

    async def typed(self, text: str, state: State | None, language: str) -> Reply:
        command, _ = command_in(text)
        if command in FLOWS:
            return await self.begin(FLOWS[command], state, language)
        self._hear("typed", text, state, language)
        if text.lower() in EXIT_WORDS:
            return Left()
        if "peur" in text:
            bare = Screen(BARE, ())
            shown = _shown("urgence", State(language, "urgence"))
            return Shown(shown.screen, shown.state, None, bare)
        return _shown("réponse", state or State(language))

    async def location(
        self, latitude: float, longitude: float, state: State | None, language: str
    ) -> Shown:
        self._hear("location", latitude, longitude)
        return _shown("commune", state or State(language))

    async def begin(self, flow: str, state: State | None, language: str) -> Shown:
        self._hear("begin", flow, state)
        return _shown(flow, State(language, flow))

    async def notice(
        self,
        response: str,
        state: State | None,
        language: str,
        choices: tuple[tuple[str, str], ...] = (),
    ) -> Shown:
        self._hear("notice", response, state)
        state = state or State(language, "menu")
        screen = _shown(response, state, *(Press(*choice) for choice in choices)).screen
        back = (Press("Retour", state.flow),)
        return Shown(Screen(screen.text, (*screen.rows[:-1], back, screen.rows[-1])), state, None)

    def pause(self, state: State, language: str) -> Screen:
        return Screen(f"{COVER} ({language})", ((Press("Reprendre", state.flow),), *_foot()))

    def emergency(self, language: str) -> Shown:
        return _shown("17 112 114 3919", State(language, "urgence"))

    def erased(self, language: str) -> str:
        return "…"

    def missing(self, *_: Any) -> Any:
        """For a test to put in the place of what should break."""
        raise KeyError("utter_bonjour")

    def _hear(self, *what: Any) -> None:
        self.heard.append(what)
        if self.breaks:
            raise self.breaks


def telling(name: str) -> str:
    """The text of a screen of the stand-in."""
    return f"{COVER}\n\n[{name}]"


def _shown(name: str, state: State, *presses: Press) -> Shown:
    rows = (*((press,) for press in presses), (Copy("Copier 3919", "3919"),))
    kept = (Press("Garder 1 heure", KEEP),)
    return Shown(Screen(telling(name), (*rows, kept, *_foot())), state, None)


def _foot() -> tuple[tuple[Press, ...], ...]:
    return (Press("17 · 112 · 114", "urgence"),), (Press("✕ Sortir", LEAVE),)


class Session(AiohttpSession):
    """aiogram's own, closed without the quarter of a second that TLS connections want."""

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def new_bot(server: TelegramServer) -> Bot:
    return Bot(server.token, session=Session(api=TelegramAPIServer.from_base(server.url)))


@dataclass
class Relais:
    """A bot that is running."""

    server: TelegramServer
    bot: Bot
    talk: Talk
    timer: Timer
    task: asyncio.Task[None]

    async def stop(self) -> None:
        """A clean stop."""
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


@asynccontextmanager
async def running(
    server: TelegramServer, talk: Talk | None = None, **settings: Any
) -> AsyncIterator[Relais]:
    """The bot, polling this server; screens expire when the timer is advanced."""
    talk, timer, bot = talk or Talk(), Timer(), new_bot(server)
    settings = {"clock": server.clock, "timer": timer, "look_every": 0.02} | settings
    task = asyncio.create_task(serve(talk, bot, handle_signals=False, **settings))  # type: ignore[arg-type]
    relais = Relais(server, bot, talk, timer, task)
    try:
        await server.until(lambda: server._waiting is not None or task.done())
        yield relais
    finally:
        await relais.stop()
        await bot.session.close()


@asynccontextmanager
async def telegram(**settings: Any) -> AsyncIterator[TelegramServer]:
    """A Bot API server that, in the end, must not have seen anything a correct bot never sends."""
    async with TelegramServer(**settings) as server:
        yield server
        assert server.violations == []


@asynccontextmanager
async def at_home(talk: Talk | None = None, **settings: Any) -> AsyncIterator[Relais]:
    """The usual case: a server and a running bot."""
    async with telegram() as server, running(server, talk, **settings) as relais:
        yield relais
