"""Pages that say what the program itself says: its commands, its actions, its problems.

Markdown for docs/reference, written there by cog (`make docs`) and held fresh by `make test`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from string import Formatter

import click

from bot.reading.codes import Code
from bot.reading.problem import WORDS
from bot.triage.flow import Signature, SignatureCase

WIDTH = 88  # columns of a command's help, whatever the terminal
SPECIAL = re.compile(r"([\\`*_|<>\[\]&])")


def commands_page(group: click.Group) -> str:
    """The help of a group and of each of its commands, as a terminal shows it."""
    name = group.name or ""
    top = click.Context(group, info_name=name, terminal_width=WIDTH, **group.context_settings)
    shown = [_help(name, group, top)]
    for sub in group.list_commands(top):
        command = group.get_command(top, sub)
        if command is not None and not command.hidden:
            context = click.Context(command, top, info_name=sub)
            shown.append(_help(f"{name} {sub}", command, context))
    return "\n".join(shown)


def _help(title: str, command: click.Command, context: click.Context) -> str:
    return f"## {title}\n\n```text\n{command.get_help(context)}\n```\n"


def actions_page(signatures: Mapping[str, Signature]) -> str:
    """What each action reads, sets and says, in each way it can end."""
    return "\n".join(_action(one) for one in signatures.values())


def _action(signature: Signature) -> str:
    cases = [_case(number, case) for number, case in enumerate(signature.cases, start=1)]
    reads = _listed(signature.reads)
    return "\n".join([f"## {signature.name}\n", f"Reads the slots: {reads}.\n", *cases])


def _case(number: int, case: SignatureCase) -> str:
    office = "offers" if case.contact else "does not offer"
    slots = _listed(f"{slot}={value}" for slot, value in case.slots)
    rows = [
        (f"`{response}`", _listed(name for name, _ in arguments))
        for response, arguments in case.says
    ]
    said = _table(("response, in this order", "its arguments"), rows)
    return (
        f"### Ending {number}\n\nIt {office} an office that a person can turn to."
        f" Sets the slots: {slots}.\n\n{said}"
    )


def problems_page(codes: Mapping[str, Code]) -> str:
    """Every problem by its code, grouped by what stands before the dot."""
    groups = groupby(sorted(codes), key=_family)
    return "\n".join(f"## {family}\n\n{_problems(codes, names)}" for family, names in groups)


def _family(code: str) -> str:
    return code.partition(".")[0]


def _problems(codes: Mapping[str, Code], names: Iterable[str]) -> str:
    return _table(("code", "severity", "en français", "in English"), _rows(codes, names))


def _rows(codes: Mapping[str, Code], names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    for name in names:
        code = codes[name]
        anchor = f'<a id="{name}"></a>`{name}`'
        yield anchor, WORDS["en"][code.severity], _sentence(code.fr), _sentence(code.en)


def _sentence(template: str) -> str:
    """A problem's sentence as Markdown; what a problem fills in stands in italics."""
    parts = Formatter().parse(template)
    return "".join(
        SPECIAL.sub(r"\\\1", text) + (f"*{name}*" if name else "") for text, name, _, _ in parts
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
