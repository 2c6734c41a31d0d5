"""Facts as the core sees them: numbers, cards, opening; it does not know where they come from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Known = Literal["oui", "non", "inconnu"]


@dataclass(frozen=True)
class Opening:
    """Whether a line answers at a moment.

    `state` is `always`, `open`, `closed` or `unknown`; `until` is the next change, on the line's
    own clock, whose time zone `clock` names; None where it never changes or is not known.
    """

    state: Literal["always", "open", "closed", "unknown"]
    until: datetime | None = None
    clock: str = "Europe/Paris"


@dataclass(frozen=True)
class Card:
    """What is shown of one line. `number` is dialled as it stands; empty for a chat."""

    name: str
    purpose: str
    number: str
    sms: str
    site: str
    free: Known
    billed: Known
    anonymous: Known
    opening: Opening
    source_date: str  # ISO year, month or day


class Facts(Protocol):
    """The register of lines."""

    @property
    def lines(self) -> Collection[str]:
        """Ids of the lines that may be shown."""

    def number(self, line: str) -> str:
        """The number to dial or write to: E.164 where long, as dialled where short."""

    def card(self, line: str, now: datetime) -> Card:
        """The whole card at a moment."""

    def opening(self, hours: str, now: datetime) -> Opening:
        """Whether a door is open at a moment; `hours` are a time zone, a space and an OSM rule."""

    def site(self, line: str) -> str:
        """The official page; empty where there is none."""

    def ready_sms(self, line: str) -> str:
        """A text ready to be sent to the line; empty where there is none."""

    def human(self, line: str) -> bool:
        """Whether somebody answers there; a guide to read is no contact."""

    def voiceless(self, line: str) -> bool:
        """Whether the line is reached without speaking, at any hour."""
