"""Replay: from the answers given to the screen they lead to.

Everything that decides where a conversation goes is in this module; nothing here knows a clock, a
language's words, a network or a file. The rules:

- A collect is skipped when its slot is filled. An answer found in the state counts as a screen the
  person saw, unless the button pressed on an earlier screen gave it too.
- Texts add up to one screen until a collect needs an answer or the path ends.
- What a flow asks for itself is not known before it has asked, even where a persisted slot brings
  the answer along: else an answer could change the path that led to its own question.
- A link starts a new root: only persisted slots go along. A return address goes along the detours,
  `urgence` and `langue`.
- `previous` is the state at the last screen shown; where there is none, the return address, else
  the first flow's menu.
- `next` only goes forward and calls do not loop; a step budget holds even for a broken bundle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from bot.triage.flow import (
    DETOURS,
    END,
    LANGUAGE_CHOICE,
    START,
    Act,
    Bundle,
    Button,
    Call,
    Collect,
    Flow,
    GoBack,
    Link,
    Noop,
    Payload,
    Response,
    SetSlots,
    Speak,
    Start,
    Step,
    Variant,
)

STEP_BUDGET = 2000  # steps of one replay; the longest path of a real bundle has under 100

Answers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReturnAddress:
    """Where a detour was entered from."""

    flow: str
    answers: Answers


@dataclass(frozen=True)
class State:
    """Where a person stands: never stored, always carried by the buttons. Answers sorted."""

    language: str
    flow: str = START
    answers: Answers = ()
    back: ReturnAddress | None = None


@dataclass(frozen=True)
class Part:
    """One response on a screen: the variant that holds, an action's arguments and buttons."""

    response: str
    variant: Variant
    arguments: Answers = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Returned:
    """What an action gave back: slots it set, responses with their arguments and buttons."""

    slots: Answers
    says: tuple[tuple[str, Answers, tuple[Button, ...]], ...]


@dataclass(frozen=True)
class Run:
    """An action is needed: call it with these slots and replay with its result in `returned`."""

    action: str
    slots: Mapping[str, str | None]


class Visit(NamedTuple):
    """One step passed and the branch taken from it; None where the path stopped on it."""

    flow: str
    step: int
    branch: int | None


@dataclass(frozen=True)
class Show:
    """What to show: the parts of one screen, and everything that its buttons need.

    `asks` is the slot being asked, None where the path has ended; `typed` whether a typed message
    is its value; `outcome` whether this screen is what a person was led to, and may want to keep.
    """

    state: State
    parts: tuple[Part, ...]
    asks: str | None
    typed: bool
    previous: State | None
    slots: Mapping[str, str | None]
    visits: tuple[Visit, ...]
    outcome: bool

    @property
    def offers(self) -> tuple[tuple[str, Button], ...]:
        """The choices as (response, button), in order of the parts; no payload twice."""
        seen: dict[str, tuple[str, Button]] = {}
        for part in self.parts:
            for button in (*part.variant.buttons, *part.buttons):
                seen.setdefault(button.raw, (part.response, button))
        return tuple(seen.values())


def replay(bundle: Bundle, state: State, returned: Sequence[Returned] = ()) -> Run | Show:
    """Where these answers lead: an action to run, or what to show.

    `returned` holds what the actions of this path gave back, in the order they were asked for.
    A flow, slot or value that the bundle does not know is skipped.
    """
    return _Walk(bundle, state, returned).go()


def after(bundle: Bundle, show: Show, payload: Payload) -> State | None:
    """The state after a press on this screen; None for a button that leads nowhere (copy, site)."""
    state = show.state
    match payload:
        case SetSlots(slots):
            return answered(state, slots)
        case Start(flow):
            return start(bundle, flow, state, show.slots)
        case GoBack():
            return _back(bundle, show)
        case Speak(language):
            stood = _back(bundle, show) if state.flow == LANGUAGE_CHOICE else state
            return replace(stood, language=language)
        case _:
            return None


def _back(bundle: Bundle, show: Show) -> State:
    """Where the person stood before a detour."""
    if show.state.back is not None:
        return _returned_to(bundle, show.state, show.state.back, show.slots)
    return start(bundle, START, show.state, show.slots)


def answered(state: State, slots: Answers) -> State:
    """The state once these slots hold these values too."""
    known = sorted_answers({**dict(state.answers), **dict(slots)})
    return State(state.language, state.flow, known, state.back)


def start(
    bundle: Bundle, flow: str, state: State, slots: Mapping[str, str | None] | None = None
) -> State:
    """The state that begins `flow` afresh from `state`: only persisted slots go along.

    A flow whose own `if` does not hold is not begun: the first one is. A detour gets a return
    address to where the person stood, or to where another detour was entered from.
    """
    known = dict(state.answers) if slots is None else slots
    begun = bundle.flow_named(flow) or bundle.flows[START]
    held = begun.guard is None or begun.guard.test(known)
    flow = begun.id if held else START
    kept = _kept(bundle, known)
    if flow not in DETOURS:
        return State(state.language, flow, kept)
    return State(state.language, flow, kept, _address(flow, state))


def _address(detour: str, state: State) -> ReturnAddress | None:
    """Where a detour begun in this state leads back to; never to itself, nor to the languages."""
    if state.flow not in (detour, LANGUAGE_CHOICE):
        return ReturnAddress(state.flow, state.answers)
    return None if state.back is not None and state.back.flow == detour else state.back


def _kept(bundle: Bundle, slots: Mapping[str, str | None]) -> Answers:
    return tuple(
        (name, value)
        for name in bundle.persisted
        if (value := slots.get(name)) and value != bundle.initial[name]
    )


def _returned_to(
    bundle: Bundle, state: State, back: ReturnAddress, slots: Mapping[str, str | None]
) -> State:
    """The state behind the return address, with what the detour itself has learnt since."""
    learnt = _learnt_by(bundle.flows[state.flow])
    now = {name: value for name, value in _kept(bundle, slots) if name in learnt}
    return State(state.language, back.flow, sorted_answers({**dict(back.answers), **now}))


def _learnt_by(flow: Flow) -> set[str]:
    asked = {does.slot for step in flow.steps if isinstance(does := step.does, Collect)}
    constants = (does.slots for step in flow.steps if isinstance(does := step.does, SetSlots))
    return asked | {name for pairs in constants for name, _ in pairs}


def sorted_answers(answers: Mapping[str, str]) -> Answers:
    """Answers as a state holds them: sorted by slot, so that equal states are equal."""
    return tuple(sorted(answers.items()))


class _Walk:
    """One replay: a stack of flows being run, and what has been said since the last screen."""

    def __init__(self, bundle: Bundle, state: State, returned: Sequence[Returned]) -> None:
        self.bundle = bundle
        self.returned = returned
        self.used = 0
        self.visits: list[Visit] = []
        self.left: State | None = None
        self.mark: bool | None = None
        self.budget = STEP_BUDGET
        self._root(bundle.flow_named(state.flow) or bundle.flows[START], state, state.answers)

    def _root(self, flow: Flow, state: State, answers: Answers) -> None:
        slots = self.bundle.slots
        self.given = {
            name: value for name, value in answers if name in slots and slots[name].accepts(value)
        }
        back = state.back if state.back and state.back.flow in self.bundle.flows else None
        self.base = State(state.language, flow.id, (), back)
        self.carried = _kept(self.bundle, self.given)
        self.consumed: dict[str, str] = {}
        self.seen: dict[str, str] | None = None
        asked = self.bundle.asked[flow.id]
        known = {name: value for name, value in self.carried if name not in asked}
        self.slots = {**self.bundle.initial, **known}
        self.stack: list[tuple[Flow, int]] = [(flow, 0)]
        self.parts: list[Part] = []

    def go(self) -> Run | Show:
        while self.budget and self.stack:
            self.budget -= 1
            flow, index = self.stack[-1]
            if index == END or index >= len(flow.steps):
                self.stack.pop()
                continue
            stopped = self._step(flow, index, flow.steps[index])
            if stopped is not None:
                return stopped
        return self._show(None, typed=False, outcome=self.mark is not False)

    def _step(self, flow: Flow, index: int, step: Step) -> Run | Show | None:
        match step.does:
            case Collect() as collect:
                if not self._filled(collect):
                    self.visits.append(Visit(flow.id, index, None))
                    return self._ask(collect, outcome=step.outcome is True)
            case Act(action) as act:
                if not act.says and self.used >= len(self.returned):
                    return Run(action, dict(self.slots))
                self._act(act)
                self.mark = step.outcome
            case SetSlots(pairs):
                self.slots.update(pairs)
            case Call(called):
                self._next(flow, index, step)
                self.stack.append((self.bundle.flows[called], 0))
                return None
            case Link(target):
                self.visits.append(Visit(flow.id, index, 0))
                self._link(self.bundle.flows[target])
                return None
            case Noop():
                pass
        self._next(flow, index, step)
        return None

    def _next(self, flow: Flow, index: int, step: Step) -> None:
        for position, branch in enumerate(step.branches):
            if branch.test is None or branch.test.test(self.slots):
                self.visits.append(Visit(flow.id, index, position))
                self.stack[-1] = (flow, branch.target)
                return

    def _filled(self, collect: Collect) -> bool:
        slot = collect.slot
        if slot in self.given and slot not in self.consumed:
            self._answered(collect)
        return self.slots.get(slot) is not None

    def _answered(self, collect: Collect) -> None:
        """The screen of this collect was shown; a button, or what was typed, answered it."""
        self.seen = dict(self.consumed)
        variant = self._variant(self.bundle.responses[collect.utter])
        learnt = {collect.slot: self.given[collect.slot], **self._pressed(variant, collect.slot)}
        self.consumed.update(learnt)
        self.slots.update(learnt)
        self.parts = []

    def _pressed(self, variant: Variant, slot: str) -> dict[str, str]:
        """What the button that explains these answers has set; the fullest one that fits."""
        given = self.given.items()
        fits = [one for one in variant.settings if slot in one and one.items() <= given]
        return max(fits, key=len, default={})

    def _act(self, act: Act) -> None:
        if act.says:
            response = self.bundle.responses[act.action]
            self.parts.append(Part(act.action, self._variant(response)))
            return
        result = self.returned[self.used]
        self.used += 1
        self.slots.update(result.slots)
        for name, arguments, buttons in result.says:
            variant = self._variant(self.bundle.responses[name])
            self.parts.append(Part(name, variant, arguments, buttons))

    def _variant(self, response: Response) -> Variant:
        for one in response.variants[:-1]:
            if all(self.slots.get(name) == value for name, value in one.when):
                return one
        return response.variants[-1]

    def _link(self, target: Flow) -> None:
        self.left = self._previous()
        back = None
        if target.id in DETOURS and self.left is not None:
            back = self.base.back or ReturnAddress(self.left.flow, self.left.answers)
        self._root(target, replace(self.base, back=back), _kept(self.bundle, self._known()))

    def _ask(self, collect: Collect, *, outcome: bool) -> Show:
        variant = self._variant(self.bundle.responses[collect.utter])
        self.parts.append(Part(collect.utter, variant))
        return self._show(collect.slot, typed=collect.typed, outcome=outcome)

    def _show(self, asks: str | None, *, typed: bool, outcome: bool) -> Show:
        state = self._state(self.consumed)
        previous = self._previous() or self._before(state)
        return Show(
            state, tuple(self.parts), asks, typed, previous, self._known(), tuple(self.visits),
            outcome,
        )  # fmt: skip

    def _known(self) -> dict[str, str | None]:
        """Every slot, with the persisted ones that this flow would still ask for."""
        waiting = {name: value for name, value in self.carried if self.slots[name] is None}
        return {**self.slots, **waiting}

    def _previous(self) -> State | None:
        """The state at the last screen shown; None where this replay passed none."""
        return self.left if self.seen is None else self._state(self.seen)

    def _before(self, state: State) -> State | None:
        if state.back is not None:
            return _returned_to(self.bundle, state, state.back, self._known())
        if state.flow != START:
            return start(self.bundle, START, state, self._known())
        return None

    def _state(self, answered: Mapping[str, str]) -> State:
        """The root with these answers and the persisted ones that this path never asks for."""
        carried = {name: value for name, value in self.carried if name not in self.consumed}
        base = self.base
        return State(base.language, base.flow, sorted_answers({**carried, **answered}), base.back)
