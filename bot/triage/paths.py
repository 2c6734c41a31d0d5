"""Every screen that any path can reach, found by pressing every button on the real engine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.triage.condition import Atom
from bot.triage.engine import Returned, Run, Show, State, after, answered, replay, start
from bot.triage.flow import (
    EMERGENCY,
    Bundle,
    Call,
    Collect,
    Flow,
    Signature,
    Step,
)
from bot.triage.token import Codebook

PLACES = ("C94016", "D974", "F")  # one of each form; the longest stands first
Signatures = Mapping[str, Signature]
Branching = tuple[str, int, int | None]  # flow, step, branch taken


@dataclass
class Exploration:
    """What pressing everything has shown.

    `screens` holds one Show for each screen and each combination of the answers that still matter
    there; `longest` the state whose token is the longest without its return address.
    """

    screens: list[tuple[Show, bool]] = field(default_factory=list)
    visited: set[Branching] = field(default_factory=set)
    longest: State | None = None
    longest_size: int = 0


def startable(bundle: Bundle) -> list[Flow]:
    """Flows that a person can begin by themselves: those without `if: false`."""
    return [flow for flow in bundle.flows.values() if not flow.closed]


def explore(bundle: Bundle, codes: Codebook, signatures: Signatures) -> Exploration:
    """Press every button, type every form of place, from every flow's start.

    Two states that differ only in answers which nothing ahead of them reads lead to the same
    screens: one of them is walked, the one with the longer token.
    """
    known = Exploration()
    live = _Live(bundle)
    sizes: dict[object, int] = {}
    met: set[State] = set()
    pending = [State("fr", flow.id) for flow in startable(bundle)]
    while pending:
        state = pending.pop()
        if state in met:
            continue
        met.add(state)
        for show, contact in shows(bundle, state, signatures):
            known.visited.update((v.flow, v.step, v.branch) for v in show.visits)
            size = codes.size(show.state)
            key = live.key(show)
            if sizes.get(key, 0) >= size:
                continue
            if key not in sizes:
                known.screens.append((show, contact))
            sizes[key] = size
            if size > known.longest_size:
                known.longest, known.longest_size = show.state, size
            pending.extend(pressed(bundle, show))
    return known


def every_state(bundle: Bundle, signatures: Signatures) -> Iterator[Show]:
    """Every screen of every distinct state, nothing left out: for tests, not for every check."""
    seen: set[State] = set()
    pending = [State("fr", flow.id) for flow in startable(bundle)]
    while pending:
        for show, _ in shows(bundle, pending.pop(), signatures):
            yield show
            for state in pressed(bundle, show):
                if state not in seen:
                    seen.add(state)
                    pending.append(state)


def shows(bundle: Bundle, state: State, signatures: Signatures) -> Iterator[tuple[Show, bool]]:
    """What the state shows, for every way its actions can end; with whether one names an office."""
    pending: list[tuple[tuple[Returned, ...], bool]] = [((), False)]
    while pending:
        returned, contact = pending.pop()
        found = replay(bundle, state, returned)
        if isinstance(found, Show):
            yield found, contact
            continue
        pending.extend(
            ((*returned, one), contact or named) for one, named in _endings(found, signatures)
        )


def _endings(run: Run, signatures: Signatures) -> Iterator[tuple[Returned, bool]]:
    for case in signatures[run.action].cases:
        says = tuple((response, arguments, ()) for response, arguments in case.says)
        yield Returned(case.slots, says), case.contact


def pressed(bundle: Bundle, show: Show) -> Iterator[State]:
    """Every state that a press or a typed place on this screen leads to, in one language.

    No path depends on the language, so a button that changes it leads nowhere new.
    """
    for _, button in show.offers:
        state = after(bundle, show, button.payload)
        if state is not None:
            yield replace(state, language=show.state.language)
    if show.asks is not None and bundle.slots[show.asks].kind == "place":
        for place in PLACES:
            yield answered(show.state, ((show.asks, place),))
    if show.state.flow != EMERGENCY:
        yield start(bundle, EMERGENCY, show.state, show.slots)


class _Live:
    """Which questions about the answers can still change anything, at each step of each flow."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.own = {
            flow.id: [_atoms(bundle, step) for step in flow.steps] for flow in bundle.flows.values()
        }
        everywhere = {atom for steps in self.own.values() for atoms in steps for atom in atoms}
        self.persisted = {atom for atom in everywhere if atom[0] in set(bundle.persisted)}
        self.callers = {flow: self._callers_atoms(flow) for flow in bundle.flows}
        self.memo: dict[tuple[str, int], tuple[Atom, ...]] = {}

    def key(self, show: Show) -> object:
        """Equal for screens whose futures are equal."""
        last = show.visits[-1]
        ahead = self._ahead(last.flow, last.step)
        truths = tuple(show.slots.get(slot) in values for slot, values in ahead)
        parts = tuple((part.response, part.variant.span) for part in show.parts)
        carried = tuple(show.slots.get(name) is None for name in self.bundle.persisted)
        return (show.state.flow, last, parts, truths, carried, show.state.back is None)

    def _ahead(self, flow: str, step: int) -> tuple[Atom, ...]:
        if (flow, step) not in self.memo:
            atoms = self.persisted | self.callers[flow]
            for later in self.own[flow][step:]:
                atoms |= later
            for called in self._called(self.bundle.flows[flow].steps[step:]):
                atoms.update(atom for steps in self.own[called] for atom in steps)
            self.memo[flow, step] = tuple(atoms)
        return self.memo[flow, step]

    def _called(self, steps: tuple[Step, ...]) -> set[str]:
        direct = {step.does.flow for step in steps if isinstance(step.does, Call)}
        for flow in tuple(direct):
            direct |= self._called(self.bundle.flows[flow].steps)
        return direct

    def _callers_atoms(self, flow: str) -> set[Atom]:
        callers = (
            other for other in self.bundle.flows.values() if flow in self._called(other.steps)
        )
        return {atom for one in callers for atoms in self.own[one.id] for atom in atoms}


def _atoms(bundle: Bundle, step: Step) -> set[Atom]:
    atoms = {atom for branch in step.branches if branch.test for atom in branch.test.atoms}
    does = step.does
    if isinstance(does, Collect):
        atoms.add((does.slot, frozenset({None})))
    response = getattr(does, "utter", getattr(does, "action", ""))
    if response in bundle.responses:
        for variant in bundle.responses[response].variants:
            atoms.update((name, frozenset({value})) for name, value in variant.when)
    return atoms
