"""The heart: a press from its token to its screen, and the reading of what is typed."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator

from bot.conversation import Conversation
from bot.outputs.checkup import directory_problems, read_content, read_scripts
from bot.referral.signatures import SIGNATURES
from bot.triage.engine import Returned, Run, State, replay
from bot.triage.paths import every_state
from tests.bench.timing import Measured, measure
from tests.ground import DATA, NOON, ROOT, bundle, conversation

LONG = ("Je vous raconte depuis le début ce qui s'est passé avec cette personne. " * 60)[:4096]
TYPED = ("Cachan", "j'habite à Saint-Denis", "mon mari me rabaisse", "il va me tuer", "zzzz", "17")


def turns() -> Iterator[Measured]:
    talk = conversation()
    states = dict.fromkeys(show.state for show in every_state(bundle(), SIGNATURES))
    tokens = [talk.codes.encode(state) for state in states]
    yield measure(
        "a press: token, replay, render, of every reachable state",
        lambda token: _turn(talk, token),
        tokens,
    )
    loop = asyncio.new_event_loop()
    near = talk.codes.encode(State("fr", "lieu", (("lieu", "C94016"),)))
    yield measure(
        "a press that runs the action, through rasa-sdk's executor",
        lambda data: loop.run_until_complete(talk.press(data)),
        [near] * 500,
    )
    yield measure(
        "a typed message of a few words",
        lambda text: loop.run_until_complete(talk.typed(text, None, "fr")),
        TYPED * 100,
    )
    yield measure(
        "a typed message of 4,096 characters",
        lambda text: loop.run_until_complete(talk.typed(text, None, "fr")),
        [LONG] * 100,
    )
    loop.close()


def _turn(talk: Conversation, token: str) -> None:
    """What a press costs but for the action, whose longest example stands in for it."""
    state = talk.codes.decode(token) or State("fr")
    found = replay(talk.bundle, state)
    if isinstance(found, Run):
        case = SIGNATURES[found.action].cases[0]
        says = tuple((name, values, ()) for name, values in case.says)
        found = replay(talk.bundle, state, [Returned(case.slots, says)])
    if not isinstance(found, Run):
        talk.renderer.render(found, NOON)


def checks() -> Iterator[Measured]:
    yield measure("relais check, in this process", _check, range(5))
    yield measure("relais check, a whole process", _process, range(3), time.perf_counter)


def _check(_: int) -> None:
    content = read_content(ROOT / "flows", DATA, ROOT / "locales", NOON)
    read_scripts(ROOT / "tests" / "conversations", content.sources)
    directory_problems(DATA, ROOT / ".cache")


def _process(_: int) -> None:
    subprocess.run(
        [sys.executable, "-m", "bot", "check"], cwd=ROOT, capture_output=True, check=False
    )
