"""Flow files to one bundle, or every problem in them.

Each file holds `slots`, `flows`, `responses` and `nlu` of one topic; slots are global, and a name
defined twice is a problem that names both places.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.reading import fields
from bot.reading.nodes import Mapping as MappingNode
from bot.reading.nodes import Node, Scalar, read_yaml
from bot.reading.problem import Problem, Span, problem
from bot.reading.suggest import nearest
from bot.triage.condition import Condition, parse_condition
from bot.triage.flow import Bundle, Flow, Intent, Response, Slot, SlotKind
from bot.triage.flowsteps import inside, read_steps
from bot.triage.responsefile import read_response

ROOT_KEYS = ("version", "slots", "flows", "responses", "nlu")
FLOW_KEYS = (
    "name", "description", "steps", "if", "nlu_trigger", "persisted_slots", "metadata",
)  # fmt: skip
FLOW_METADATA = ("anciens_noms", "compter", "cle")
SLOT_KEYS = ("type", "values", "initial_value", "mappings", "metadata")
SLOT_METADATA = ("saisie", "cle", "cles")
SLOT_TYPES = ("bool", "categorical", "text")
NAME = re.compile(r"[a-z][a-z0-9_]*")
Defined = TypeVar("Defined", Slot, Flow, Response)


@dataclass
class _Draft:
    """What has been read so far, and where each name was first defined."""

    slots: dict[str, Slot] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    responses: dict[str, Response] = field(default_factory=dict)
    intents: dict[str, Intent] = field(default_factory=dict)
    found: list[Problem] = field(default_factory=list)

    def define(self, table: dict[str, Defined], name: Scalar, made: Defined | None) -> None:
        if name.text in table:
            first = table[name.text].span
            place = f"{first.file}:{first.line}"
            self.found.append(problem(name.span, "nom.double", nom=name.text, ailleurs=place))
        elif made is not None:
            table[name.text] = made


def read_bundle(sources: Mapping[str, str]) -> tuple[Bundle, list[Problem]]:
    """The bundle that these files make (name of file -> text), and every problem of form in them.

    Where there are errors the bundle holds what could be read: enough to check names against,
    not to be served.
    """
    draft = _Draft()
    roots = [root for name, text in sources.items() if (root := _root(text, name, draft.found))]
    for root in roots:
        for name, node in fields.named(root.get("slots"), draft.found):
            draft.define(draft.slots, name, _slot(name, node, draft.found))
    values = {name: slot.values for name, slot in draft.slots.items()}
    for root in roots:
        _topic(root, values, draft)
    return Bundle(draft.flows, draft.slots, draft.responses, draft.intents), draft.found


def _root(text: str, file: str, found: list[Problem]) -> MappingNode | None:
    node, problems = read_yaml(text, file)
    found.extend(problems)
    return fields.mapping(node, ROOT_KEYS, found)


def _topic(root: MappingNode, values: Mapping[str, tuple[str, ...]], draft: _Draft) -> None:
    for name, node in fields.named(root.get("responses"), draft.found):
        draft.define(draft.responses, name, read_response(name, node, draft.found))
    for name, node in fields.named(root.get("flows"), draft.found):
        draft.define(draft.flows, name, _flow(name, node, values, draft.found))
    for node in fields.items(root.get("nlu"), draft.found):
        _intent(node, draft)


def _slot(name: Scalar, node: Node, found: list[Problem]) -> Slot | None:
    _check_name(name, found)
    body = fields.mapping(node, SLOT_KEYS, found)
    if body is None:
        return None
    kind = fields.scalar(fields.required(body, "type", found), found)
    if kind is None:
        return None
    if kind.text not in SLOT_TYPES:
        hint = nearest(kind.text, SLOT_TYPES)
        found.append(problem(kind.span, "slot.type", hint, type=kind.text))
        return None
    return _typed_slot(name, kind, body, found)


def _typed_slot(name: Scalar, kind: Scalar, body: MappingNode, found: list[Problem]) -> Slot:
    values = _values(kind, body, found)
    extra = fields.mapping(body.get("metadata"), SLOT_METADATA, found)
    initial = fields.scalar(body.get("initial_value"), found)
    if initial is not None and values and initial.text not in values:
        found.append(_bad_value(initial, name.text, values))
    return Slot(
        name.text,
        _slot_kind(kind, extra, found),
        name.span,
        values,
        initial.text if initial else None,
        _text(extra, "cle", found) or name.text,
        _former_values(extra, found),
    )


def _values(kind: Scalar, body: MappingNode, found: list[Problem]) -> tuple[str, ...]:
    listed = [fields.scalar(node, found) for node in fields.items(body.get("values"), found)]
    values = tuple(one.text for one in listed if one is not None)
    if kind.text == "bool":
        return ("true", "false")
    if kind.text == "categorical" and not values:
        found.append(problem(kind.span, "slot.sans_valeurs"))
    return values


def _slot_kind(kind: Scalar, extra: MappingNode | None, found: list[Problem]) -> SlotKind:
    typed = fields.scalar(extra.get("saisie") if extra else None, found)
    if typed is not None and typed.text != "lieu":
        found.append(problem(typed.span, "slot.saisie", nearest(typed.text, ["lieu"])))
    if typed is not None:
        return "place"
    if kind.text == "bool":
        return "bool"
    return "categorical" if kind.text == "categorical" else "text"


def _former_values(extra: MappingNode | None, found: list[Problem]) -> dict[str, str]:
    pairs = fields.named(extra.get("cles") if extra else None, found)
    former = ((value.text, fields.scalar(node, found)) for value, node in pairs)
    return {value: old.text for value, old in former if old is not None}


def _bad_value(value: Scalar, slot: str, values: tuple[str, ...]) -> Problem:
    return problem(
        value.span, "slot.valeur", nearest(value.text, values),
        valeur=value.text, slot=slot, valeurs=", ".join(values),
    )  # fmt: skip


def _flow(
    name: Scalar, node: Node, values: Mapping[str, tuple[str, ...]], found: list[Problem]
) -> Flow | None:
    _check_name(name, found)
    body = fields.mapping(node, FLOW_KEYS, found)
    if body is None:
        return None
    extra = fields.mapping(body.get("metadata"), FLOW_METADATA, found)
    description = fields.scalar(fields.required(body, "description", found), found)
    shown = fields.scalar(body.get("name"), found)
    steps = fields.required(body, "steps", found)
    return Flow(
        id=name.text,
        name=shown.text if shown else name.text.replace("_", " "),
        description=description.text if description else "",
        steps=read_steps(steps, name, values, found) if steps else (),
        span=name.span,
        guard=_guard(body, values, found),
        triggers=_triggers(body, found),
        persisted=_names(body.get("persisted_slots"), found),
        former_ids=_names(extra.get("anciens_noms") if extra else None, found),
        counted=fields.flag(extra.get("compter") if extra else None, found),
        hashed=_text(extra, "cle", found) or name.text,
    )


def _guard(
    body: MappingNode, values: Mapping[str, tuple[str, ...]], found: list[Problem]
) -> Condition | None:
    text = fields.scalar(body.get("if"), found)
    if text is None:
        return None
    condition, problems = parse_condition(text.text, inside(text), values)
    found.extend(problems)
    return condition


def _triggers(body: MappingNode, found: list[Problem]) -> tuple[str, ...]:
    intents = []
    for node in fields.items(body.get("nlu_trigger"), found):
        entry = fields.mapping(node, ("intent",), found)
        intent = fields.scalar(fields.required(entry, "intent", found), found) if entry else None
        if intent is not None:
            intents.append(intent.text)
    return tuple(intents)


def _names(node: Node | None, found: list[Problem]) -> tuple[str, ...]:
    read = (fields.scalar(item, found) for item in fields.items(node, found))
    return tuple(one.text for one in read if one is not None)


def _text(parent: MappingNode | None, key: str, found: list[Problem]) -> str | None:
    text = fields.scalar(parent.get(key) if parent else None, found)
    return text.text if text else None


def _intent(node: Node, draft: _Draft) -> None:
    body = fields.mapping(node, ("intent", "examples"), draft.found)
    if body is None:
        return
    name = fields.scalar(fields.required(body, "intent", draft.found), draft.found)
    examples = fields.scalar(fields.required(body, "examples", draft.found), draft.found)
    if name is None or examples is None:
        return
    lines = _examples(examples, draft.found)
    if name.text in draft.intents:  # an intent may be fed by several topics
        first = draft.intents[name.text]
        lines = first.examples + lines
    draft.intents[name.text] = Intent(name.text, lines, name.span)


def _examples(block: Scalar, found: list[Problem]) -> tuple[str, ...]:
    lines = []
    for number, line in enumerate(block.text.splitlines(), start=1):
        if not line.strip():
            continue
        if line.lstrip().startswith("- ") and line.strip("- \t"):
            lines.append(line.lstrip()[2:].strip())
        else:
            place = Span(block.span.file, block.span.line + number)
            found.append(problem(place, "nlu.exemple"))
    return tuple(lines)


def _check_name(name: Scalar, found: list[Problem]) -> None:
    if not NAME.fullmatch(name.text):
        found.append(problem(name.span, "nom.forme", nom=name.text))
