"""The house itself: imports run one way, the light rooms stay light, every path is rehearsed."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.outputs.checkup import read_scripts
from bot.outputs.rehearsal import Rehearsal, rehearse, unvisited
from bot.reading.codes import CODES
from bot.reading.problem import errors
from bot.triage.flow import DANGER, EMERGENCY, LEAVING, OFF_TOPIC, PLACES, PRIVACY, RESPONSES, START
from tests.ground import NOON, ROOT, bundle, content, ground

HEAVY = (
    "nicegui",
    "fastapi",
    "uvicorn",
    "aiogram",
    "aiohttp",
    "rasa_sdk",
    "sanic",
    "pydantic",
    "hypothesis",
    "pytest",
)
LOADED = """
import json, sys
from click.testing import CliRunner
from bot.cli import relais
result = CliRunner().invoke(relais, {args})
print(json.dumps([result.exit_code, sorted(sys.modules)]))
"""


def loaded(*args: str) -> tuple[int, set[str]]:
    """How a command ended in a process of its own, and every module it has imported."""
    went = subprocess.run(
        [sys.executable, "-c", LOADED.format(args=list(args))],
        cwd=ROOT, env=os.environ | {"BOT_TOKEN": ""}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    code, modules = json.loads(went.stdout)
    return code, set(modules)


def test_imports_run_one_way():
    """The contracts stand in pyproject.toml; a rule in prose gets broken."""
    linter = Path(sys.executable).with_name("lint-imports")
    went = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert went.returncode == 0, went.stdout
    assert re.search(r"Contracts: ([1-9]\d*) kept, 0 broken", went.stdout)


def test_checking_the_flows_wakes_neither_telegram_nor_the_actions():
    """aiogram takes seconds to import; a volunteer waits for `relais check` after every change."""
    code, modules = loaded("check")
    assert code == 0
    assert "bot.triage.checks" in modules
    assert {name for name in HEAVY if name in modules} == set()


def test_the_command_line_alone_imports_almost_nothing():
    code, modules = loaded("--help")
    assert code == 0
    ours = {name for name in modules if name.startswith("bot.")}
    assert {name.split(".")[1] for name in ours} == {"cli", "settings", "reading"}


def test_the_core_is_pure():
    """Flows, engine, tokens and screens: no clock, no network, no disk, no other framework."""
    code = "import sys, bot.triage.engine, bot.triage.token, bot.triage.screen; print(*sys.modules)"
    went = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {*HEAVY, "sqlite3", "sqlite_utils", "asyncio", "yaml"} & set(went.stdout.split())


@pytest.fixture(scope="module")
def rehearsal() -> Rehearsal:
    scripts, problems = read_scripts(ROOT / "tests" / "conversations", {})
    assert problems == []
    return asyncio.run(rehearse(ground(), scripts, NOON))


def test_every_conversation_of_the_volunteers_goes_as_they_wrote_it(rehearsal: Rehearsal):
    assert rehearsal.played > 0
    assert rehearsal.failures == []


def test_their_conversations_pass_every_step_and_every_branch_of_every_flow(rehearsal: Rehearsal):
    assert [what for _, what in unvisited(bundle(), rehearsal.visits)] == []


def test_a_step_that_nobody_rehearses_would_be_told(rehearsal: Rehearsal):
    fewer = {visit for visit in rehearsal.visits if visit.flow != EMERGENCY}
    assert any("urgence" in what for _, what in unvisited(bundle(), fewer))
    assert len(unvisited(bundle(), set())) >= sum(len(f.steps) for f in bundle().flows.values())


def test_the_content_of_this_checkout_is_without_a_fault():
    assert errors(content().problems) == []


def test_the_names_that_the_program_knows_are_all_written():
    assert {START, EMERGENCY, PLACES, PRIVACY} <= set(bundle().flows)
    assert set(RESPONSES) <= set(bundle().responses)
    assert {DANGER, LEAVING, OFF_TOPIC} <= set(bundle().intents)


def test_every_problem_is_told_in_both_languages_and_says_the_same():
    for code, one in CODES.items():
        assert set(re.findall(r"\{(\w+)\}", one.fr)) == set(re.findall(r"\{(\w+)\}", one.en)), code
        assert one.fr != one.en


def test_no_problem_is_explained_that_nothing_ever_tells():
    files = [file for file in (ROOT / "bot").rglob("*.py") if file.name != "codes.py"]
    program = "".join(file.read_text(encoding="utf-8") for file in files)
    assert [code for code in CODES if f'"{code}"' not in program] == []
