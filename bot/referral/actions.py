"""The actions that flows call, as rasa-sdk Actions: read-only, codes in, codes and names out.

They run in this process through rasa-sdk's own executor; `python -m rasa_sdk --actions
bot.referral.actions` serves the same classes. An action never sees who asks (`sender_id` is empty)
nor what was typed, and never makes a sentence: it names responses and gives them values.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from bot.reading.problem import Span
from bot.referral.directory import Directory, Proposal, default_directory
from bot.referral.place import Place
from bot.referral.saying import Said, first_doors, other_doors, zone
from bot.referral.signatures import NEAREST, OTHERS, SIGNATURES
from bot.referral.sources import Source
from bot.triage.engine import Returned, Run
from bot.triage.flow import Button
from bot.triage.responsefile import parse_payload

TIME_LIMIT = 1.0  # seconds: a slower action leads to the emergency screen, not to silence
RunAction = Callable[[Run], Awaitable[Returned]]
MESSAGE_KEYS = frozenset(
    {"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"}
)
ZONE_SLOT = "lieu_zone"
Today = Callable[[], date]


class ActionRefusedError(Exception):
    """An action gave back something that the contract does not allow."""


class _AtPlace:
    """Says what the directory knows of the place in slot `lieu`."""

    def __init__(self, directory: Directory | None = None, today: Today = date.today) -> None:
        """With its directory; without, as in an action server, with this checkout's own."""
        self._directory = directory
        self._today = today

    def _said(
        self,
        doors: Callable[[Proposal, Mapping[str, Source], date], list[Said]],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
    ) -> Proposal:
        """Utter the doors; a place that is not known has none."""
        if self._directory is None:
            self._directory = default_directory()
        code = tracker.get_slot("lieu")
        found = self._directory.proposal(code) or Proposal(Place(code, code[1:], ""))
        for response, values in doors(found, self._directory.sources, self._today()):
            dispatcher.utter_message(response=response, **values)
        return found


class NearestOffices(_AtPlace, Action):
    """`action_lieux_proches`: the doors proposed first for the place in slot `lieu`."""

    def name(self) -> str:
        """The name that flows call it by."""
        return NEAREST

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Utter them, and tell in which zone of the country the place lies."""
        found = self._said(first_doors, dispatcher, tracker)
        return [SlotSet(ZONE_SLOT, zone(found.place.departement))]


class OtherDoors(_AtPlace, Action):
    """`action_autres_lieux`: those after these: town hall, police or gendarmerie, legal advice."""

    def name(self) -> str:
        """The name that flows call it by."""
        return OTHERS

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Utter them."""
        self._said(other_doors, dispatcher, tracker)
        return []


def in_process(directory: Directory, today: Today = date.today) -> RunAction:
    """Run actions in this process through rasa-sdk's executor.

    The function raises `ActionRefusedError` for an answer outside the contract, TimeoutError after
    one second, and whatever the action raises.
    """
    executor = ActionExecutor()
    executor.register_action(NearestOffices(directory, today))
    executor.register_action(OtherDoors(directory, today))
    domain = {"actions": sorted(SIGNATURES)}

    async def run(wanted: Run) -> Returned:
        call = {"next_action": wanted.action, "tracker": _tracker(wanted), "domain": domain}
        result = await asyncio.wait_for(executor.run(call), TIME_LIMIT)
        return _returned(result.events, result.responses) if result else Returned((), ())

    return run


def _tracker(wanted: Run) -> dict[str, Any]:
    return {
        "sender_id": "",
        "slots": dict(wanted.slots),
        "latest_message": {},
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }


def _returned(events: list[dict[str, Any]], responses: list[dict[str, Any]]) -> Returned:
    slots = []
    for event in events:
        if event.get("event") != "slot":
            raise ActionRefusedError("only slot events are allowed")
        slots.append((str(event["name"]), str(event["value"])))
    return Returned(tuple(slots), tuple(_said(message) for message in responses))


def _said(
    message: dict[str, Any],
) -> tuple[str, tuple[tuple[str, str], ...], tuple[Button, ...]]:
    if not message.get("response") or message.get("text"):
        raise ActionRefusedError("an action names a response; it never makes a sentence")
    values = {key: str(value) for key, value in message.items() if key not in MESSAGE_KEYS}
    buttons = tuple(_button(one["title"], one["payload"]) for one in message["buttons"])
    return str(message["response"]), tuple(sorted(values.items())), buttons


def _button(title: str, raw: str) -> Button:
    payload = parse_payload(raw)
    if payload is None:
        raise ActionRefusedError("a button's payload has none of the known forms")
    return Button(title, payload, raw, Span("action"), Span("action"))
