"""Conversation tests in Rasa's e2e form: read, and each step judged against what was seen.

`fixtures`, `stub_custom_actions` and `test_cases` of `user`, `bot`, `utter`, `slot_was_set` and
`assertions`. In Rasa one `assertions` block makes the runner ignore the case's `utter` and `bot`
steps; here every step counts.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.reading import fields
from bot.reading.nodes import Mapping as MappingNode
from bot.reading.nodes import Node, Scalar, read_yaml
from bot.reading.problem import Problem, Span, problem
from bot.triage.engine import Answers, Returned, Show
from bot.triage.flow import Bundle
from bot.triage.screen import Press, Screen

ROOT_KEYS = ("fixtures", "stub_custom_actions", "metadata", "test_cases")
CASE_KEYS = ("test_case", "steps", "fixtures", "metadata")
STEP_KINDS = ("user", "bot", "utter", "slot_was_set", "assertions")
ASSERTIONS = ("flow_started", "slot_was_set", "bot_uttered")
UTTERED = ("utter_name", "text_matches", "buttons")


@dataclass(frozen=True)
class Says:
    """The person types, or presses the button of that title or payload."""

    text: str
    span: Span


@dataclass(frozen=True)
class Sees:
    """The screen must say this response, this text, hold this slot or stand in this flow."""

    kind: str  # utter, bot, matches, slot, button, flow
    name: str
    value: str
    span: Span


@dataclass(frozen=True)
class Case:
    """One conversation. `given` are the slots it begins with, from its fixtures."""

    name: str
    steps: tuple[Says | Sees, ...]
    given: Answers
    span: Span


@dataclass(frozen=True)
class Script:
    """The cases of one file, and the results of actions it stubs, by the action's name."""

    cases: tuple[Case, ...]
    stubs: Mapping[str, Returned]


@dataclass(frozen=True)
class Heard:
    """What the person sees after a step; both None once they have left."""

    screen: Screen | None
    show: Show | None


@dataclass(frozen=True)
class Failure:
    """A step that did not go as written."""

    case: str
    span: Span
    expected: str
    came: str


@dataclass
class _Reading:
    """A file being read: the slots of each fixture by its name."""

    found: list[Problem]
    fixtures: dict[str, Answers] = field(default_factory=dict)


def read_script(text: str, file: str) -> tuple[Script, list[Problem]]:
    """The cases of a file's text, and every problem in it."""
    reading = _Reading([])
    root, problems = read_yaml(text, file)
    reading.found.extend(problems)
    body = fields.mapping(root, ROOT_KEYS, reading.found)
    if body is None:
        return Script((), {}), reading.found
    for item in fields.items(body.get("fixtures"), reading.found):
        for name, slots in fields.named(item, reading.found):
            reading.fixtures[name.text] = _pairs(slots, reading.found)
    stubs = {
        name.text: _stub(node, reading.found)
        for name, node in fields.named(body.get("stub_custom_actions"), reading.found)
    }
    nodes = fields.items(fields.required(body, "test_cases", reading.found), reading.found)
    cases = tuple(case for node in nodes if (case := _case(node, reading)))
    return Script(cases, stubs), reading.found


def button_meant(text: str, screen: Screen, show: Show | None) -> str | None:
    """The data of the button that `text` names by title or payload; None where none is so named."""
    presses = [key for row in screen.rows for key in row if isinstance(key, Press)]
    titles = {key.label: key.data for key in presses}
    if text in titles or show is None:
        return titles.get(text)
    by_payload = {button.raw: button.title for _, button in show.offers}
    return titles.get(by_payload.get(text, ""))


def names_a_button(text: str, bundle: Bundle) -> bool:
    """Whether some button, on any screen, has that title or payload: then it is no typed text."""
    if text.startswith("/SetSlots("):
        return True
    return any(
        button.title == text
        for response in bundle.responses.values()
        for variant in response.variants
        for button in variant.buttons
    )


def judge(case: str, wanted: Sees, heard: Heard) -> Failure | None:
    """Whether the screen is as the step says; a failure tells what came instead."""
    if heard.screen is None or heard.show is None:
        return Failure(case, wanted.span, _expected(wanted), "(la conversation est fermée)")
    seen = _seen(wanted, heard.screen, heard.show)
    if _holds(wanted, seen):
        return None
    return Failure(case, wanted.span, _expected(wanted), ", ".join(seen) or "(rien)")


def _seen(wanted: Sees, screen: Screen, show: Show) -> list[str]:
    match wanted.kind:
        case "utter":
            return [part.response for part in show.parts]
        case "slot":
            return [str(show.slots.get(wanted.name))]
        case "flow":
            return [show.state.flow]
        case "button":
            labels = [key.label for row in screen.rows for key in row]
            return [*labels, *(f"{one.title} {one.raw}" for _, one in show.offers)]
        case _:
            return [screen.text]


def _holds(wanted: Sees, seen: list[str]) -> bool:
    if wanted.kind == "bot":
        return any(wanted.value.strip() in text for text in seen)
    if wanted.kind == "matches":
        return any(re.search(wanted.value, text) for text in seen)
    return wanted.value in seen


def _expected(wanted: Sees) -> str:
    return f"{wanted.name}={wanted.value}" if wanted.kind == "slot" else wanted.value


def _case(node: Node, reading: _Reading) -> Case | None:
    body = fields.mapping(node, CASE_KEYS, reading.found)
    if body is None:
        return None
    name = fields.scalar(fields.required(body, "test_case", reading.found), reading.found)
    if name is None:
        return None
    nodes = fields.items(fields.required(body, "steps", reading.found), reading.found)
    steps = tuple(step for item in nodes for step in _steps(item, reading.found))
    if not steps:
        reading.found.append(problem(name.span, "test.vide", test=name.text))
    given: dict[str, str] = {}
    for item in fields.items(body.get("fixtures"), reading.found):
        fixture = fields.scalar(item, reading.found)
        if fixture is not None and fixture.text not in reading.fixtures:
            reading.found.append(problem(fixture.span, "cle.inconnue", cle=fixture.text))
        elif fixture is not None:
            given |= dict(reading.fixtures[fixture.text])
    return Case(name.text, steps, tuple(sorted(given.items())), name.span)


def _steps(node: Node, found: list[Problem]) -> Iterator[Says | Sees]:
    body = fields.mapping(node, STEP_KINDS, found)
    if body is None:
        return
    if len(body.pairs) != 1:
        found.append(problem(body.span, "test.pas", cles=", ".join(STEP_KINDS)))
        return
    key, value = body.pairs[0]
    if key.text == "slot_was_set":
        yield from _slots_set(value, found)
    elif key.text == "assertions":
        for item in fields.items(value, found):
            yield from _assertion(item, found)
    elif (text := fields.scalar(value, found)) is not None:
        if key.text == "user":
            yield Says(text.text, text.span)
        else:
            yield Sees(key.text, key.text, text.text, text.span)


def _slots_set(node: Node, found: list[Problem]) -> Iterator[Sees]:
    for item in fields.items(node, found):
        for name, value in fields.named(item, found):
            text = fields.scalar(value, found)
            if text is not None:
                yield Sees("slot", name.text, text.text, text.span)


def _assertion(node: Node, found: list[Problem]) -> Iterator[Sees]:
    body = fields.mapping(node, ASSERTIONS, found)
    for key, value in body.pairs if body else ():
        if key.text == "flow_started":
            text = fields.scalar(value, found)
            if text is not None:
                yield Sees("flow", "flow", text.text, text.span)
        elif key.text == "slot_was_set":
            for item in fields.items(value, found):
                yield from _slot_asserted(item, found)
        elif key.text == "bot_uttered":
            yield from _uttered(value, found)


def _slot_asserted(node: Node, found: list[Problem]) -> Iterator[Sees]:
    body = fields.mapping(node, ("name", "value"), found)
    if body is None:
        return
    name = fields.scalar(fields.required(body, "name", found), found)
    value = fields.scalar(fields.required(body, "value", found), found)
    if name is not None and value is not None:
        yield Sees("slot", name.text, value.text, value.span)


def _uttered(node: Node, found: list[Problem]) -> Iterator[Sees]:
    body = fields.mapping(node, UTTERED, found)
    if body is None:
        return
    for key, kind in (("utter_name", "utter"), ("text_matches", "matches")):
        text = fields.scalar(body.get(key), found)
        if text is None:
            continue
        if kind == "matches" and not _is_pattern(text.text):
            found.append(problem(text.span, "test.motif", motif=text.text))
        else:
            yield Sees(kind, key, text.text, text.span)
    for item in fields.items(body.get("buttons"), found):
        button = fields.mapping(item, ("title", "payload"), found)
        title = fields.scalar(fields.required(button, "title", found), found) if button else None
        payload = fields.scalar(button.get("payload"), found) if button else None
        if title is not None:
            does = f"{title.text} {payload.text}" if payload else title.text
            yield Sees("button", "title", does, title.span)


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _stub(node: Node, found: list[Problem]) -> Returned:
    body = fields.mapping(node, ("events", "responses"), found)
    if body is None:
        return Returned((), ())
    slots = [_event(item, found) for item in fields.items(body.get("events"), found)]
    said = [_said(item, found) for item in fields.items(body.get("responses"), found)]
    return Returned(
        tuple(one for one in slots if one),
        tuple((name, values, ()) for name, values in said if name),
    )


def _event(node: Node, found: list[Problem]) -> tuple[str, str] | None:
    body = fields.mapping(node, ("event", "name", "value"), found)
    name = fields.scalar(body.get("name"), found) if body else None
    value = fields.scalar(body.get("value"), found) if body else None
    return (name.text, value.text) if name and value else None


def _said(node: Node, found: list[Problem]) -> tuple[str, Answers]:
    pairs = [
        (name.text, text.text)
        for name, value in fields.named(node, found)
        if (text := fields.scalar(value, found)) is not None
    ]
    values = dict(pairs)
    return values.pop("response", ""), tuple(sorted(values.items()))


def _pairs(node: Node, found: list[Problem]) -> Answers:
    slots: dict[str, str] = {}
    for item in fields.items(node, found) if not isinstance(node, MappingNode) else (node,):
        for name, value in fields.named(item, found):
            text = fields.scalar(value, found)
            if isinstance(text, Scalar):
                slots[name.text] = text.text
    return tuple(sorted(slots.items()))
