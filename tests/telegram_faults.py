"""What can go wrong between a bot and Telegram, as rules that a test adds."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from tests.telegram_rules import Refused

FaultKind = Literal[
    "400", "429", "500", "502", "blocked", "cut", "applied_then_cut", "slow", "garbage"
]


@dataclass
class Fault:
    """What goes wrong with the next calls that match; `hits` counts how often it did."""

    kind: FaultKind
    method: str | None
    chat_id: int | None
    times: int | None
    after: int
    chance: float
    retry_after: int
    seconds: float
    text: str
    body: str | None
    hits: int = 0

    def matches(self, method: str, chat_id: int | None) -> bool:
        if self.chat_id not in (None, chat_id) or self.times == 0:
            return False
        return self.method == method or (self.method is None and method != "getUpdates")

    def refusal(self) -> Refused:
        match self.kind:
            case "400":
                return Refused(f"Bad Request: {self.text}")
            case "429":
                words = f"Too Many Requests: retry after {self.retry_after}"
                return Refused(words, 429, retry_after=self.retry_after)
            case "blocked":
                return Refused("Forbidden: bot was blocked by the user", 403)
            case "502":
                return Refused("Bad Gateway", 502)
        return Refused("Internal Server Error", 500)


class Faults:
    """The rules by which calls go wrong; the first that matches a call decides."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._random = random.Random(0)

    def add(
        self,
        *,
        kind: FaultKind,
        method: str | None = None,
        chat_id: int | None = None,
        times: int | None = 1,
        after: int = 0,
        chance: float = 1.0,
        retry_after: int = 1,
        seconds: float = 0.2,
        text: str = "something is wrong",
        body: str | None = None,
    ) -> Fault:
        """Spoil the next calls.

        method: None is every method but getUpdates. times: None is for ever. after: how many
        matching calls go well first. text: the 400's, after "Bad Request: ". body: sent instead
        of JSON. "cut" closes the connection before the call is applied, "applied_then_cut" after;
        "garbage" applies it and answers 200 with broken JSON; "slow" waits, then applies.
        """
        fault = Fault(kind, method, chat_id, times, after, chance, retry_after, seconds, text, body)
        self._rules.append(fault)
        return fault

    def clear(self) -> None:
        self._rules.clear()

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        for fault in self._rules:
            if not fault.matches(method, chat_id):
                continue
            if fault.after:
                fault.after -= 1
            elif self._random.random() < fault.chance:
                fault.hits += 1
                fault.times = None if fault.times is None else fault.times - 1
                return fault
        return None
