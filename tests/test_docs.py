"""The pages that the program writes about itself say all of it, and can be read."""

import re
from pathlib import Path

import click
import pytest

from bot.cli import relais
from bot.outputs.reference import WIDTH, actions_page, commands_page, problems_page
from bot.reading.codes import CODES, Code
from bot.referral.signatures import SIGNATURES
from bot.triage.flow import Signature, SignatureCase
from tests.ground import ROOT

PAGES = sorted((ROOT / "docs" / "reference").glob("*.md"))


def rows(page: str) -> list[list[str]]:
    """The cells of every line of every table, but for the lines under the heads."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
    return [[one.strip() for one in row] for row in cells if "---" not in row[0]]


def test_every_command_that_can_be_typed_is_on_its_page():
    titles = re.findall(r"^## (.+)$", commands_page(relais), re.MULTILINE)
    assert titles == ["relais", *(f"relais {name}" for name in sorted(relais.commands))]


def test_the_page_of_commands_says_what_the_terminal_says():
    page = commands_page(relais)
    assert "Usage: relais check [OPTIONS]" in page
    assert "-h, --help" in page
    for command in relais.commands.values():
        for option in command.params:
            assert all(name in page for name in option.opts if name.startswith("-"))


def test_the_page_of_commands_does_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch):
    before = commands_page(relais)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert commands_page(relais) == before
    assert max(map(len, before.splitlines())) <= WIDTH


def test_a_command_that_is_hidden_is_not_on_the_page():
    @click.group()
    def door() -> None: ...

    @door.command(hidden=True)
    def secret() -> None: ...

    assert "secret" not in commands_page(door)


def test_every_ending_of_an_action_is_told_with_its_responses_in_order():
    office = SignatureCase((("lieu", "F"),), (("utter_a", (("nom", "x"),)), ("utter_b", ())), True)
    nobody = SignatureCase((), (), False)
    page = actions_page(
        {"action_essai": Signature("action_essai", ("lieu", "age"), (office, nobody))}
    )
    first, second = page.split("### Ending 2")
    assert "## action_essai\n\nReads the slots: `lieu`, `age`." in first
    assert "It offers an office that a person can turn to. Sets the slots: `lieu=F`." in first
    assert rows(first)[1:] == [["`utter_a`", "`nom`"], ["`utter_b`", "none"]]
    assert "does not offer an office" in second
    assert "Sets the slots: none." in second


def test_every_action_of_the_program_is_on_its_page():
    page = actions_page(SIGNATURES)
    for name, signature in SIGNATURES.items():
        assert f"## {name}\n" in page
        assert page.count("### Ending") == sum(len(one.cases) for one in SIGNATURES.values())
        for case in signature.cases:
            for response, arguments in case.says:
                told = ", ".join(f"`{key}`" for key, _ in arguments) or "none"
                assert [f"`{response}`", told] in rows(page)


def test_every_problem_is_on_its_page_with_both_its_sentences():
    told = [row for row in rows(problems_page(CODES)) if row[0] != "code"]
    assert [re.findall(r"`(.+)`", row[0])[0] for row in told] == sorted(CODES)
    for name, severity, french, english in told:
        code = CODES[re.findall(r"`(.+)`", name)[0]]
        assert severity == {"erreur": "error", "attention": "warning"}[code.severity]
        assert unmarked(french) == plain(code.fr)
        assert unmarked(english) == plain(code.en)


def unmarked(cell: str) -> str:
    """What a reader of the page sees of a cell."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)\*", "", cell))


def plain(sentence: str) -> str:
    names = set(re.findall(r"(?<!\{)\{(\w+)\}", sentence))
    return sentence.format(**{name: name for name in names})


def test_a_sentence_with_marks_of_its_own_does_not_break_its_table():
    page = problems_page(
        {"a.b": Code("attention", "« & », « | » et \\ : {{*}} {nom}", "<b> `x` _y_")}
    )
    assert rows(page)[1] == [
        '<a id="a.b"></a>`a.b`', "warning",
        "« \\& », « \\| » et \\\\ : {\\*} *nom*", "\\<b\\> \\`x\\` \\_y\\_",
    ]  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_whole_and_leads_where_it_says(page: Path):
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert text.count("[[[cog") == text.count("]]] -->") - text.count("[[[end]]]") == 1
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (page.parent / target).exists(), target


def test_there_are_pages():
    assert [page.stem for page in PAGES] == ["actions", "commands", "problems"]
