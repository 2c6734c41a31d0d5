"""The actions that flows call, as rasa-sdk Actions: read-only, codes in, codes and names out.

They run in this process through rasa-sdk's own executor; `python -m rasa_sdk --actions
bot.referral.actions` serves the same classes. An action never sees who asks (`sender_id` is empty)
nor what was typed, and never makes a sentence: it names responses and gives them values.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from bot.reading.problem import Span
from bot.referral.directory import Directory, default_directory
from bot.referral.office import Near
from bot.referral.signatures import NEAREST, SIGNATURES
from bot.triage.engine import Returned, Run
from bot.triage.flow import Button
from bot.triage.responsefile import parse_payload

TIME_LIMIT = 1.0  # seconds: a slower action leads to the emergency screen, not to silence
RunAction = Callable[[Run], Awaitable[Returned]]
MESSAGE_KEYS = frozenset(
    {"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"}
)
STALE = "unconfirmed"


class ActionRefusedError(Exception):
    """An action gave back something that the contract does not allow."""


class NearestOffices(Action):
    """`action_lieux_proches`: the offices proposed for the place in slot `lieu`."""

    def __init__(self, directory: Directory | None = None) -> None:
        """With its directory; without, as in an action server, with this checkout's own."""
        self._directory = directory

    def name(self) -> str:
        """The name that flows call it by."""
        return NEAREST

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Utter a title and up to three offices, or that there is none."""
        if self._directory is None:
            self._directory = default_directory()
        code = tracker.get_slot("lieu")
        located = self._directory.locate(code)
        name = located.place.name if located else ""
        offices = self._directory.near(code)
        if not offices:
            dispatcher.utter_message(response="utter_aucun_bureau", lieu=name)
            return []
        dispatcher.utter_message(response="utter_lieux_titre", lieu=name)
        for near in offices:
            _say(dispatcher, near)
        stale = [near.office.source_date for near in offices if near.office.status == STALE]
        if any(stale):
            dispatcher.utter_message(response="utter_numero_ancien", date=min(filter(None, stale)))
        return []


def _say(dispatcher: CollectingDispatcher, near: Near) -> None:
    office = near.office
    values = {"nom": office.name, "telephone": office.phone, "commune": office.commune}
    if not office.address:
        dispatcher.utter_message(response="utter_bureau_sans_adresse", **values)
        return
    court = office.kind == "court_desk"
    response = "utter_bureau_tribunal" if court else "utter_bureau"
    dispatcher.utter_message(response=response, adresse=office.address, **values)


def in_process(directory: Directory) -> RunAction:
    """Run actions in this process through rasa-sdk's executor.

    The function raises `ActionRefusedError` for an answer outside the contract, TimeoutError after
    one second, and whatever the action raises.
    """
    executor = ActionExecutor()
    executor.register_action(NearestOffices(directory))
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
