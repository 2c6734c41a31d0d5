"""The steps of one flow, from nested lists to one flat tuple in document order.

A step without `next` goes on to the following step of the same list. Targets lie ahead, so a flow
cannot loop; the last step of a nested list says where it goes, unless it is a link.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.reading import fields
from bot.reading.nodes import Mapping as MappingNode
from bot.reading.nodes import Node, Scalar, Sequence
from bot.reading.problem import Problem, Span, problem
from bot.reading.suggest import nearest
from bot.triage.condition import Condition, parse_condition
from bot.triage.flow import END, Act, Branch, Call, Collect, Does, Link, Noop, SetSlots, Step

STEP_KINDS = ("collect", "action", "set_slots", "call", "link", "noop")
STEP_METADATA = ("issue",)
STEP_KEYS = ("id", "next", "metadata", "utter", "force_slot_filling", *STEP_KINDS)
Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Goal:
    """Where a branch leads: a step's id as written, or an index already known."""

    test: Condition | None
    to: Scalar | int
    span: Span


@dataclass
class _Draft:
    """A step whose targets are not resolved yet."""

    id: Scalar | None
    does: Does
    at: Span
    span: Span
    outcome: bool | None
    goals: list[_Goal] = field(default_factory=list)


class _Reader:
    """One flow being read."""

    def __init__(self, flow: str, values: Values, found: list[Problem]) -> None:
        self.flow = flow
        self.values = values
        self.found = found
        self.drafts: list[_Draft] = []

    def read_list(self, nodes: tuple[Node, ...], *, nested: bool) -> int:
        """Append these steps; the index of the first."""
        first = len(self.drafts)
        for position, node in enumerate(nodes):
            self._read_step(node, last=position == len(nodes) - 1, nested=nested)
        return first

    def _read_step(self, node: Node, *, last: bool, nested: bool) -> None:
        body = fields.mapping(node, STEP_KEYS, self.found)
        if body is None:
            return
        name = fields.scalar(body.get("id"), self.found)
        does, at = self._does(body)
        extra = fields.mapping(body.get("metadata"), STEP_METADATA, self.found)
        mark = extra.get("issue") if extra else None
        outcome = fields.flag(mark, self.found) if mark else None
        draft = _Draft(name, does, at, body.span, outcome)
        self.drafts.append(draft)
        after = body.get("next")
        if isinstance(does, Link):
            if after is not None or not last:
                self.found.append(problem(body.span, "link.dernier"))
            draft.goals = [_Goal(None, END, body.span)]
        elif after is not None:
            draft.goals = self._goals(after)
        else:
            if nested and last:
                self.found.append(problem(body.span, "next.imbrique"))
            if body.get("noop") is not None:
                self.found.append(problem(body.span, "noop.next"))
            draft.goals = [_Goal(None, END if last else len(self.drafts), body.span)]

    def _does(self, body: MappingNode) -> tuple[Does, Span]:
        kinds = {kind: node for kind in STEP_KINDS if (node := body.get(kind)) is not None}
        if len(kinds) != 1:
            self._refuse_kinds(body, list(kinds))
            return Noop(), body.span
        [(kind, value)] = kinds.items()
        if kind != "collect":
            for extra in ("utter", "force_slot_filling"):
                if (key := body.key(extra)) is not None:
                    self.found.append(problem(key.span, "etape.cle_collect", cle=extra))
        if kind == "set_slots":
            return self._constants(value), value.span
        name = fields.scalar(value, self.found)
        if name is None:
            return Noop(), body.span
        return self._named(kind, name, body), name.span

    def _refuse_kinds(self, body: MappingNode, kinds: list[str]) -> None:
        """Too many, or none; of a misspelt one the reader has already told."""
        if kinds:
            self.found.append(problem(body.span, "etape.deux_fois", cles=", ".join(kinds)))
        elif all(key.text in STEP_KEYS for key, _ in body.pairs):
            self.found.append(problem(body.span, "etape.vide", cles=", ".join(STEP_KINDS)))

    def _named(self, kind: str, name: Scalar, body: MappingNode) -> Does:
        match kind:
            case "collect":
                return self._collect(name, body)
            case "action":
                return Act(name.text)
            case "call":
                return Call(name.text)
            case "link":
                return Link(name.text)
        fields.flag(name, self.found)
        return Noop()

    def _collect(self, name: Scalar, body: MappingNode) -> Collect:
        utter = fields.scalar(body.get("utter"), self.found)
        typed = fields.flag(body.get("force_slot_filling"), self.found)
        return Collect(name.text, utter.text if utter else f"utter_ask_{name.text}", typed)

    def _constants(self, value: Node) -> SetSlots:
        pairs: list[tuple[str, str]] = []
        for item in fields.items(value, self.found):
            for name, node in fields.named(item, self.found):
                constant = fields.scalar(node, self.found)
                if constant is not None:
                    pairs.append((name.text, constant.text))
        return SetSlots(tuple(pairs))

    def _goals(self, after: Node) -> list[_Goal]:
        if isinstance(after, Scalar):
            return [_Goal(None, after, after.span)]
        if not isinstance(after, Sequence):
            self.found.append(problem(after.span, "next.forme"))
            return [_Goal(None, END, after.span)]
        goals = [goal for item in after.items if (goal := self._branch(item))]
        if not goals or goals[-1].test is not None:
            self.found.append(problem(after.span, "next.sans_else"))
        for early in goals[:-1]:
            if early.test is None:
                self.found.append(problem(early.span, "next.else_dernier"))
        return goals

    def _branch(self, item: Node) -> _Goal | None:
        body = fields.mapping(item, ("if", "then", "else"), self.found)
        if body is None:
            return None
        if (otherwise := body.get("else")) is not None:
            if len(body.pairs) > 1:
                self.found.append(problem(body.span, "next.if_else"))
            return _Goal(None, self._target(otherwise), otherwise.span)
        text = fields.scalar(fields.required(body, "if", self.found), self.found)
        then = fields.required(body, "then", self.found)
        if text is None or then is None:
            return None
        condition, problems = parse_condition(text.text, inside(text), self.values)
        self.found.extend(problems)
        target = self._target(then)
        return _Goal(condition, target, then.span) if condition else None

    def _target(self, node: Node) -> Scalar | int:
        if isinstance(node, Scalar):
            return node
        if isinstance(node, Sequence) and node.items:
            return self.read_list(node.items, nested=True)
        self.found.append(problem(node.span, "next.forme"))
        return END

    def resolved(self) -> tuple[Step, ...]:
        """Every step, its targets turned into indices."""
        indices: dict[str, int] = {}
        for index, draft in enumerate(self.drafts):
            if draft.id is None:
                continue
            if draft.id.text in indices:
                self.found.append(problem(draft.id.span, "etape.double", id=draft.id.text))
            indices.setdefault(draft.id.text, index)
        return tuple(self._step(index, draft, indices) for index, draft in enumerate(self.drafts))

    def _step(self, index: int, draft: _Draft, indices: dict[str, int]) -> Step:
        branches = tuple(
            Branch(goal.test, self._resolve(goal, index, indices), goal.span)
            for goal in draft.goals
        )
        name = draft.id.text if draft.id else f"{self.flow}_{index + 1}"
        return Step(name, draft.does, branches, draft.span, draft.at, draft.outcome)

    def _resolve(self, goal: _Goal, index: int, indices: dict[str, int]) -> int:
        if isinstance(goal.to, int):
            return goal.to
        name = goal.to.text
        if name == "END":
            return END
        if name not in indices:
            hint = nearest(name, [*indices, "END"])
            self.found.append(problem(goal.to.span, "etape.inconnue", hint, id=name))
            return END
        if indices[name] <= index:
            self.found.append(problem(goal.to.span, "etape.arriere", id=name))
            return END
        return indices[name]


def inside(text: Scalar) -> Span:
    """Where the characters of a text begin, past its opening quote."""
    return Span(text.span.file, text.span.line, text.span.column + text.quoted)


def read_steps(node: Node, flow: Scalar, values: Values, found: list[Problem]) -> tuple[Step, ...]:
    """Every step of a flow, the first being its start; empty, with a problem, where there is none.

    `values` gives each known slot's possible values, for the conditions.
    """
    nodes = fields.items(node, found)
    if not nodes:
        found.append(problem(flow.span, "flow.vide", flow=flow.text))
    reader = _Reader(flow.text, values, found)
    reader.read_list(nodes, nested=False)
    return reader.resolved()
