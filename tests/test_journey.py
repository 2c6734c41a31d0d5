"""The main job, end to end: the real process, the real flows, real HTTP, a person who taps.

Nothing here stands in for anything of ours; only Telegram is on loopback.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.telegram_person import Person
from tests.telegram_server import TelegramServer

ROOT = Path(__file__).parents[1]
TOKEN = "123456:" + "A" * 35
OPERATED = {"OPERATOR_NAME": "A", "OPERATOR_HOST": "B", "OPERATOR_CONTACT": "C"}


class Process:
    """The bot in its own process, with a home of its own."""

    def __init__(self, forge: subprocess.Popen[str], server: TelegramServer, home: Path) -> None:
        self.forge = forge
        self.server = server
        self.home = home

    async def order(self, what: str) -> None:
        order = {"do": what, "api": self.server.url, "home": str(self.home), "token": TOKEN}
        assert self.forge.stdin
        assert self.forge.stdout
        self.forge.stdin.write(json.dumps(order) + "\n")
        self.forge.stdin.flush()
        assert (await asyncio.to_thread(self.forge.stdout.readline)).strip() == "done"

    async def start(self) -> None:
        await self.order("start")
        await self.server.until(lambda: self.server.is_polled, timeout=20)

    async def stop(self, how: str = "stop") -> None:
        await self.order(how)
        await self.server.until(lambda: not self.server.is_polled, timeout=20)

    async def restart(self) -> None:
        await self.stop("kill")
        await self.start()


@pytest.fixture(scope="module")
def forge() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.forked_bot"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().strip() == "ready"
        yield process
        assert process.stdin
        process.stdin.close()


@pytest.fixture
async def bot(forge: subprocess.Popen[str], tmp_path: Path) -> AsyncIterator[Process]:
    home = tmp_path / "home"
    home.mkdir()
    async with TelegramServer(token=TOKEN) as server:
        process = Process(forge, server, home)
        await process.start()
        yield process
        await process.order("kill")


def files(home: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(home)): file.read_bytes() for file in home.rglob("*") if file.is_file()
    }


JOURNEY = (
    "Continuer",
    "Oui",
    "Partenaire ou ex",
    "Comment se passe l'appel",
    "Retour",
    "Trouver un lieu d'aide",
)


async def test_a_person_reaches_help_and_leaves_nothing_behind(bot: Process) -> None:
    server = bot.server
    before = files(bot.home)
    person = server.person("Camille", language_code="fr")
    await greeted(person)
    assert "violence" not in person.screen().text.lower()
    await person.tap("Continuer")
    assert "Pouvez-vous écrire sans danger" in person.screen().text
    await person.tap("Oui")
    await person.tap("Partenaire ou ex")
    assert "3919, Violences Femmes Info" in person.screen().text
    await person.tap("Trouver un lieu d'aide")
    await person.type("cachan")
    await sees(person, "CIDFF du Val-de-Marne")
    assert "+33 1 72 16 56 50" in person.screen().text
    await person.tap("Retour")
    await person.type("94230")
    await sees(person, "CIDFF du Val-de-Marne")
    assert "Clamart" not in person.screen().text
    assert len(person.chat.visible) == 1, "one live message, and nothing of what was typed"
    await person.tap("Sortir")
    assert person.chat_is_empty()
    assert len(person.chat.sent) == 1, "one message was sent, everything else arrived by edit"
    assert files(bot.home) == before, "no new file, no new row"


async def test_a_person_whose_phone_speaks_english_is_met_in_english(bot: Process) -> None:
    jane = bot.server.person("Jane", language_code="en-GB")
    await greeted(jane)
    assert jane.screen().text.startswith("Hello.")
    assert "has not yet been checked by a professional" in jane.screen().text
    await jane.tap("Continue")
    await jane.tap("Yes")
    assert jane.toasts[-1] == "Next screen"
    await jane.type("he hits me")
    await sees(jane, "Nobody has read your message.")
    await jane.tap("Exit")
    assert jane.chat_is_empty()


async def test_the_language_of_the_person_is_not_that_of_the_phone(bot: Process) -> None:
    """She chose hers on the first screen; it stays, even after the bot was killed."""
    person = bot.server.person("Camille", language_code="fr")
    await greeted(person)
    await person.tap("Langue · Language")
    await person.tap("English")
    assert "Is it safe for you to write" in person.screen().text
    await bot.restart()
    await person.tap("Yes")
    await person.tap("Partner or ex")
    await person.type("/langue")
    await sees(person, "Choose a language")
    await person.tap("Français")
    assert "3919, Violences Femmes Info" in person.screen().text
    await person.type("/privacy")
    await sees(person, "Association Exemple")


@pytest.mark.long
async def test_a_kill_between_any_two_presses_changes_nothing(bot: Process) -> None:
    server = bot.server
    calm, shaken = server.person("Camille"), server.person("Dominique")
    await greeted(calm)
    await greeted(shaken)
    for label in JOURNEY:
        await calm.tap(label)
        await bot.restart()
        await shaken.tap(label)
        assert seen(shaken) == seen(calm)
    await bot.restart()
    await shaken.tap("Sortir")
    assert shaken.chat_is_empty()


@pytest.mark.long
async def test_whoever_types_after_a_kill_finds_both_screens_ready_to_leave(bot: Process) -> None:
    """The bot has forgotten its earlier message. It does not sweep the chat for it, since that
    could destroy a photo that is somebody's only proof; the earlier screen keeps its own Sortir,
    which takes the newer one away too."""
    person = bot.server.person("Camille")
    await greeted(person)
    await person.tap("Continuer")
    await bot.restart()
    await person.send_photo(wait=False)
    await bot.server.until(lambda: "ni regardé" in person.sees)
    await person.tap("Laisser")
    earlier, photo, newer = person.chat.visible
    await person.tap("Sortir", message=earlier)
    assert person.chat.visible == [photo]
    await person.type("cachan")
    await sees(person, "CIDFF du Val-de-Marne")
    assert photo in person.chat.visible
    assert newer not in person.chat.visible


@pytest.mark.long
async def test_a_token_that_telegram_does_not_know_is_told_in_one_sentence() -> None:
    async with TelegramServer(token=TOKEN) as server:
        wrong = "654321:" + "B" * 35
        environment = os.environ | OPERATED | {"BOT_TOKEN": wrong, "API_BASE": server.url}
        refused = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=ROOT, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await refused.communicate()
    words = said.decode()
    assert refused.returncode == 1
    assert "BOT_TOKEN" in words
    assert "Traceback" not in words
    assert wrong not in words


@pytest.mark.long
async def test_a_clean_stop_leaves_a_neutral_screen_that_leads_back(bot: Process) -> None:
    server = bot.server
    person = server.person("Camille")
    await greeted(person)
    await person.tap("Continuer")
    await person.tap("Oui")
    await person.tap("Partenaire ou ex")
    there = seen(person)
    await bot.stop()
    assert "Violences" not in person.screen().text
    await bot.start()
    await person.tap("Reprendre")
    assert seen(person) == there


async def greeted(person: Person) -> None:
    """The bot is another process: what it does is waited for, not guessed from its silence."""
    await person.start(wait=False)
    await person.server.until(lambda: bool(person.chat.from_bot))


async def sees(person: Person, words: str) -> None:
    """The words are shown, and what was typed is gone."""

    def shown() -> bool:
        typed = [one for one in person.chat.visible if not one.from_bot and one.text]
        return not typed and words in person.sees

    await person.server.until(shown)


def seen(person: Person) -> tuple[str, list[str]]:
    """What the person sees: the text and the buttons, not their data."""
    screen = person.screen()
    return screen.text, list(screen.labels)
