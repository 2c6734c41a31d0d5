"""The values that a folder of flow files becomes: slots, flows, steps, responses, one bundle."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from bot.reading.problem import Span
from bot.triage.condition import Condition

START = "accueil"
EMERGENCY = "urgence"
PLACES = "lieu"
PRIVACY = "confidentialite"
LANGUAGE_CHOICE = "langue"
DETOURS = (EMERGENCY, LANGUAGE_CHOICE)  # flows that lead back to where the person stood
PLACE_SLOT = "lieu"
DANGER = "danger"
DANGER_ALONE = "danger_seul"  # danger only where it is the whole message; may be left out
LEAVING = "sortir"
OFF_TOPIC = "hors_sujet"
RESPONSES = (
    "utter_bonjour",
    "utter_couverture",
    "utter_pas_compris",
    "utter_personne_n_a_lu",
    "utter_lieu_inconnu",
    "utter_quel_lieu",
    "utter_ligne",
    "utter_photo_recue",
    "utter_position_directe",
    "utter_efface",
    "utter_hors_de_france",
    "utter_non_relu",
)
INSTALLATION = ("exploitant", "hebergeur", "contact")  # placeholders that the settings fill

SlotKind = Literal["bool", "categorical", "place", "text"]


def is_place(code: str) -> bool:
    """Whether `code` has the form of a place: C + INSEE code, D + département, F (all France).

    The letter is needed: 3,004 INSEE codes are also the postcode of another commune.
    """
    return bool(re.fullmatch(r"C\d[\dAB]\d{3}|D(\d{2}|2[AB]|9[78]\d)|F", code, re.ASCII))


@dataclass(frozen=True)
class Slot:
    """One named answer. `values` is empty for a place; a bool's are `true` and `false`."""

    name: str
    kind: SlotKind
    span: Span
    values: tuple[str, ...] = ()
    initial: str | None = None
    hashed: str = ""  # the name its key is made of: `metadata.cle`, else its own
    hashed_values: Mapping[str, str] = field(default_factory=dict, hash=False)

    def accepts(self, value: str) -> bool:
        """Whether an answer may hold `value`; a plain text slot is never answered."""
        return is_place(value) if self.kind == "place" else value in self.values


@dataclass(frozen=True)
class SetSlots:
    """Constants put into slots, by a button or by a step."""

    slots: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Start:
    """A button that starts a flow afresh."""

    flow: str


@dataclass(frozen=True)
class CopyFact:
    """A button that copies a fact: `tel_3919`, `sms_114`."""

    fact: str


@dataclass(frozen=True)
class OpenSite:
    """A button that opens the official page of a line."""

    line: str


@dataclass(frozen=True)
class GoBack:
    """A button back along the return address of a detour; the first screen where there is none."""


@dataclass(frozen=True)
class Speak:
    """A button that goes on in another language: where the person stands, or stood before."""

    language: str


Payload = SetSlots | Start | CopyFact | OpenSite | GoBack | Speak


@dataclass(frozen=True)
class Button:
    """A title of at most 28 characters and what a press on it means.

    `span` is where the title stands, `at` where the payload does.
    """

    title: str
    payload: Payload
    raw: str
    span: Span
    at: Span


@dataclass(frozen=True)
class Variant:
    """One wording of a response, used where every (slot, value) of `when` holds."""

    text: str
    buttons: tuple[Button, ...]
    when: tuple[tuple[str, str], ...]
    span: Span
    new_sense: bool = False  # `metadata.change_de_sens`: an older translation would mislead

    @cached_property
    def settings(self) -> tuple[dict[str, str], ...]:
        """What each of its SetSlots buttons sets."""
        payloads = (button.payload for button in self.buttons)
        return tuple(dict(one.slots) for one in payloads if isinstance(one, SetSlots))


@dataclass(frozen=True)
class Response:
    """What is said under one name: the first variant that holds; the last always does."""

    name: str
    variants: tuple[Variant, ...]
    span: Span


@dataclass(frozen=True)
class Collect:
    """Ask for a slot unless it is filled."""

    slot: str
    utter: str
    typed: bool  # force_slot_filling: the next typed message is the value


@dataclass(frozen=True)
class Act:
    """Say a response (`utter_...`) or run an action."""

    action: str

    @property
    def says(self) -> bool:
        """Whether this is a response rather than an action."""
        return self.action.startswith("utter_")


@dataclass(frozen=True)
class Call:
    """Run another flow and come back."""

    flow: str


@dataclass(frozen=True)
class Link:
    """Go to another flow and never come back."""

    flow: str


@dataclass(frozen=True)
class Noop:
    """Nothing but a branch."""


Does = Collect | Act | SetSlots | Call | Link | Noop
END = -1


@dataclass(frozen=True)
class Branch:
    """Where to go: an index into the steps, or END. `test` is None for `else` and plain next."""

    test: Condition | None
    target: int
    span: Span


@dataclass(frozen=True)
class Step:
    """One step of a flow, in document order; the first branch that holds is taken.

    `span` is where the step begins, `at` where the name it uses stands.
    """

    id: str
    does: Does
    branches: tuple[Branch, ...]
    span: Span
    at: Span
    outcome: bool | None = None  # `metadata.issue`; where absent, only the end of a path is one


@dataclass(frozen=True)
class Flow:
    """One topic's path. `name` is shown to people."""

    id: str
    name: str
    description: str
    steps: tuple[Step, ...]
    span: Span
    guard: Condition | None = None
    triggers: tuple[str, ...] = ()
    persisted: tuple[str, ...] = ()
    former_ids: tuple[str, ...] = ()
    counted: bool = False
    hashed: str = ""  # the name its key is made of: `metadata.cle`, else its id

    @property
    def closed(self) -> bool:
        """Whether it is reached by `call` and `link` only."""
        return self.guard is not None and self.guard.text.strip() == "false"


@dataclass(frozen=True)
class Intent:
    """Examples of what people type for one intent."""

    name: str
    examples: tuple[str, ...]
    span: Span


@dataclass(frozen=True)
class Bundle:
    """All flows, slots, responses and intents of one load, each by its name."""

    flows: Mapping[str, Flow]
    slots: Mapping[str, Slot]
    responses: Mapping[str, Response]
    intents: Mapping[str, Intent]

    @cached_property
    def persisted(self) -> tuple[str, ...]:
        """Slots that survive from one flow to the next, sorted."""
        return tuple(sorted({slot for flow in self.flows.values() for slot in flow.persisted}))

    @cached_property
    def asked(self) -> dict[str, frozenset[str]]:
        """The slots that each flow asks for, those of the flows it calls included."""
        return {flow: frozenset(self._asked_by(flow, set())) for flow in self.flows}

    def _asked_by(self, flow: str, known: set[str]) -> set[str]:
        known.add(flow)
        asked: set[str] = set()
        for step in self.flows[flow].steps:
            if isinstance(step.does, Collect):
                asked.add(step.does.slot)
            elif isinstance(step.does, Call) and step.does.flow not in known:
                asked |= self._asked_by(step.does.flow, known)
        return asked

    @cached_property
    def initial(self) -> dict[str, str | None]:
        """What every slot holds before anything is known."""
        return {name: slot.initial for name, slot in self.slots.items()}

    def flow_named(self, name: str) -> Flow | None:
        """A flow by its id or one of its former ids."""
        if name in self.flows:
            return self.flows[name]
        return next((one for one in self.flows.values() if name in one.former_ids), None)


@dataclass(frozen=True)
class Signature:
    """What an action reads, sets and says, as data: one case for each way it can end.

    A case is (slots set, responses with an example of each argument, the longest to be expected).
    """

    name: str
    reads: tuple[str, ...]
    cases: tuple["SignatureCase", ...]


@dataclass(frozen=True)
class SignatureCase:
    """One way an action can end."""

    slots: tuple[tuple[str, str], ...]
    says: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    contact: bool  # whether it names an office that a person can turn to
