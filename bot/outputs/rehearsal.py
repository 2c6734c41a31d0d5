"""Conversation tests played on the real conversation, and what no test visits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.conversation import Conversation, Ground, Left
from bot.reading.problem import Span
from bot.referral.actions import RunAction
from bot.triage.engine import Returned, Run, Show, State, Visit
from bot.triage.flow import Bundle
from bot.triage.screen import LEAVE
from bot.triage.script import (
    Case,
    Failure,
    Heard,
    Says,
    Script,
    button_meant,
    judge,
    names_a_button,
)


@dataclass
class Rehearsal:
    """What the cases of all files have shown."""

    played: int = 0
    failures: list[Failure] = field(default_factory=list)
    visits: set[Visit] = field(default_factory=set)


async def rehearse(ground: Ground, scripts: Iterable[Script], now: datetime) -> Rehearsal:
    """Play every case at one moment; a file's stubs stand in for its actions."""
    rehearsal = Rehearsal()
    for script in scripts:
        staged = replace(ground, run_action=_stubbed(ground.run_action, script.stubs))
        conversation = Conversation(staged, lambda: now)
        for case in script.cases:
            rehearsal.played += 1
            failure = await _play(conversation, case, rehearsal.visits)
            if failure is not None:
                rehearsal.failures.append(failure)
    return rehearsal


def unvisited(bundle: Bundle, visits: set[Visit]) -> list[tuple[Span, str]]:
    """Each step and branch that no test passes, with its place and its name."""
    passed = {(visit.flow, visit.step) for visit in visits}
    taken = {(visit.flow, visit.step, visit.branch) for visit in visits}
    missing = []
    for flow in bundle.flows.values():
        for index, step in enumerate(flow.steps):
            if (flow.id, index) not in passed:
                missing.append((step.span, f"étape {flow.id}.{step.id}"))
                continue
            for position, branch in enumerate(step.branches):
                if len(step.branches) > 1 and (flow.id, index, position) not in taken:
                    what = branch.test.text if branch.test else "else"
                    missing.append((branch.span, f"branche {flow.id}.{step.id} : {what}"))
    return sorted(missing)


def _stubbed(run_action: RunAction, stubs: Mapping[str, Returned]) -> RunAction:
    async def run(wanted: Run) -> Returned:
        return stubs[wanted.action] if wanted.action in stubs else await run_action(wanted)

    return run


async def _play(conversation: Conversation, case: Case, visits: set[Visit]) -> Failure | None:
    """The first step that does not go as written; what follows it would only repeat it."""
    state = State("fr", answers=case.given)
    heard = Heard(None, None)
    for step in case.steps:
        if not isinstance(step, Says):
            failure = judge(case.name, step, heard)
            if failure is not None:
                return failure
            continue
        reply = await _say(conversation, step.text, heard, state)
        if reply is None:
            came = "ce bouton n'est pas sur l'écran"
            return Failure(case.name, step.span, step.text, came)
        heard, state = reply
        if isinstance(heard.show, Show):
            visits.update(heard.show.visits)
    return None


async def _say(
    conversation: Conversation, text: str, heard: Heard, state: State
) -> tuple[Heard, State] | None:
    data = button_meant(text, heard.screen, heard.show) if heard.screen else None
    if data == LEAVE:
        return Heard(None, None), State(state.language)
    if data is not None:
        shown = await conversation.press(data)
    elif text.startswith("/") and conversation.bundle.flow_named(text[1:]):
        shown = await conversation.begin(text[1:], state, state.language)
    elif names_a_button(text, conversation.bundle):
        return None
    else:
        reply = await conversation.typed(text, state, state.language)
        if isinstance(reply, Left):
            return Heard(None, None), State(state.language)
        shown = reply
    return Heard(shown.screen, shown.show), shown.state
