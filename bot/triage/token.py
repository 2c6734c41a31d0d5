"""A state in at most 64 bytes, and back.

    token   = language flow answer* [ "-" flow answer* ]        the part after "-": return address
    flow    = 2 characters                                      hash of its name
    answer  = slot value                                        in the order of the slots' names
    slot    = letter + 1 character, then a value of 2 characters  (bool, categorical)
            | digit  + 1 character, then a place                  C + 5, D + 3 (padded "_"), F

All characters are of A-Z a-z 0-9 _ -, so that a token is also a `/start` deep link. Keys are short
hashes of names within a flow (slots) or a slot (values): a file can be edited without disturbing a
token in somebody's chat. An answer is self-delimiting, so one that is no longer known is skipped
and the rest is kept. A token never begins with "_": what does is a channel's own command.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b

from bot.reading.problem import Problem, Span, problem
from bot.triage.engine import Answers, ReturnAddress, State, sorted_answers
from bot.triage.flow import START, Bundle, Collect, Flow, SetSlots, Slot, is_place

CALLBACK_LIMIT = 64  # bytes, Bot API InlineKeyboardButton.callback_data and deep links
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
ANY = LETTERS + DIGITS + "_-"
BACK = "-"
LANGUAGES: Mapping[str, str] = {
    "fr": "f", "en": "e", "ar": "a", "es": "s", "pt": "p", "tr": "t", "uk": "u", "ru": "r",
    "fr_FALC": "F",
}  # fmt: skip
BY_LETTER = {letter: language for language, letter in LANGUAGES.items()}
PLACE_LENGTH = {"C": 6, "D": 4, "F": 1}


@dataclass(frozen=True)
class _Book:
    """The keys of one flow, for each slot that can stand in its states."""

    places: Mapping[str, str]  # slot that holds a place -> key
    answers: Mapping[tuple[str, str], str]  # any other answer -> its four characters
    by_key: Mapping[str, str]


class Codebook:
    """The keys of a bundle; built once a load."""

    def __init__(self, bundle: Bundle) -> None:
        """Every key of the bundle; clashes are told by `clashes`, the first name wins here."""
        self.bundle = bundle
        self.flows = {
            flow.id: _key(flow.hashed, LETTERS + DIGITS) for flow in bundle.flows.values()
        }
        self.flow_by_key = _inverse(self.flows)
        for flow in bundle.flows.values():
            for former in flow.former_ids:
                self.flow_by_key.setdefault(_key(former, LETTERS + DIGITS), flow.id)
        self.books = {flow.id: self._book(flow) for flow in bundle.flows.values()}
        self.value_by_key = {
            name: _inverse(_value_keys(slot)) for name, slot in bundle.slots.items()
        }

    def _book(self, flow: Flow) -> _Book:
        slots = [self.bundle.slots[name] for name in sorted(states_slots(self.bundle, flow))]
        keys = {slot.name: _slot_key(slot) for slot in slots}
        return _Book(
            places={slot.name: keys[slot.name] for slot in slots if slot.kind == "place"},
            answers={
                (slot.name, value): keys[slot.name] + key
                for slot in slots
                for value, key in _value_keys(slot).items()
            },
            by_key=_inverse(keys),
        )

    def encode(self, state: State) -> str:
        """The state's token. The return address is left out where 64 bytes do not hold it.

        A state that still does not fit, which `relais check` rules out, loses its last answers.
        """
        head = LANGUAGES.get(state.language, LANGUAGES["fr"])
        body = head + self._root(state.flow, state.answers)
        if state.back is not None:
            whole = body + BACK + self._root(state.back.flow, state.back.answers)
            if len(whole) <= CALLBACK_LIMIT:
                return whole
        if len(body) > CALLBACK_LIMIT:
            return self.encode(replace(state, answers=state.answers[:-1], back=None))
        return body

    def size(self, state: State) -> int:
        """Bytes that the state needs without its return address."""
        return 1 + len(self._root(state.flow, state.answers))

    def _root(self, flow: str, answers: Answers) -> str:
        book = self.books[flow]
        written = [book.answers.get(one) or _written_place(book, *one) for one in answers]
        return self.flows[flow] + "".join(written)

    def decode(self, data: str) -> State | None:
        """The state of a token; None where these bytes are none.

        An unknown flow gives the first screen; unknown slots and values are skipped, and so is
        everything after bytes that make no answer.
        """
        language = BY_LETTER.get(data[:1])
        if language is None or len(data) < len("fXY") or len(data) > CALLBACK_LIMIT:
            return None
        flow = self.flow_by_key.get(data[1:3])
        if flow is None:
            return State(language, START)
        rest = data[3:]
        answers, rest = self._answers(flow, rest)
        return State(language, flow, answers, self._back(rest))

    def names_a_flow(self, data: str) -> bool:
        """Whether these bytes name a flow that is known, as every token made here does."""
        return data[:1] in BY_LETTER and data[1:3] in self.flow_by_key

    def _back(self, rest: str) -> ReturnAddress | None:
        if not rest.startswith(BACK) or rest[1:3] not in self.flow_by_key:
            return None
        flow = self.flow_by_key[rest[1:3]]
        answers, _ = self._answers(flow, rest[3:])
        return ReturnAddress(flow, answers)

    def _answers(self, flow: str, text: str) -> tuple[Answers, str]:
        """The answers at the head of `text`, and what follows them."""
        book = self.books[flow]
        answers: dict[str, str] = {}
        while text and text[0] != BACK:
            key, raw = text[:2], _raw_value(text)
            if raw is None:
                return sorted_answers(answers), ""
            text = text[2 + len(raw) :]
            slot = book.by_key.get(key)
            value = self._read(slot, raw) if slot else None
            if slot and value:
                answers.setdefault(slot, value)
        return sorted_answers(answers), text

    def _read(self, slot: str, raw: str) -> str | None:
        if self.bundle.slots[slot].kind != "place":
            return self.value_by_key[slot].get(raw)
        place = raw.rstrip("_")
        return place if is_place(place) else None


def _written_place(book: _Book, slot: str, place: str) -> str:
    """A place's key and code; nothing for an answer that cannot stand in this flow's states."""
    if slot not in book.places or not is_place(place):
        return ""
    return book.places[slot] + (place.ljust(4, "_") if place.startswith("D") else place)


def clashes(bundle: Bundle) -> Iterator[Problem]:
    """Names whose short hashes are equal; `metadata.cle` is the remedy."""
    flows = [(flow.hashed, flow.id, flow.span) for flow in bundle.flows.values()]
    former = [(o, o, flow.span) for flow in bundle.flows.values() for o in flow.former_ids]
    yield from _clashing([(_key(h, LETTERS + DIGITS), n, s) for h, n, s in flows + former])
    for flow in bundle.flows.values():
        slots = [bundle.slots[name] for name in sorted(states_slots(bundle, flow))]
        yield from _clashing([(_slot_key(slot), slot.name, slot.span) for slot in slots])
    for slot in bundle.slots.values():
        keys = _value_keys(slot)
        yield from _clashing([(key, value, slot.span) for value, key in keys.items()])


def _clashing(keys: list[tuple[str, str, Span]]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for key, name, span in keys:
        if first.setdefault(key, name) != name:
            yield problem(span, "cle.collision", nom=name, autre=first[key])


def states_slots(bundle: Bundle, flow: Flow) -> set[str]:
    """Every slot that can stand in a state of this flow."""
    names = {*bundle.persisted, *bundle.asked[flow.id]}
    questions = (step.does for other in bundle.flows.values() for step in other.steps)
    for does in questions:
        if isinstance(does, Collect) and does.slot in bundle.asked[flow.id]:
            names |= _set_by_buttons(bundle, does.utter)
    return names


def _set_by_buttons(bundle: Bundle, response: str) -> set[str]:
    return {
        name
        for variant in bundle.responses[response].variants
        for button in variant.buttons
        if isinstance(button.payload, SetSlots)
        for name, _ in button.payload.slots
    }


def _raw_value(text: str) -> str | None:
    """The value that follows a slot's key at the head of `text`; None where there is none."""
    if text[0] in LETTERS:
        return text[2:4] if text[3:] else None
    if text[0] not in DIGITS:
        return None
    length = PLACE_LENGTH.get(text[2:3])
    return text[2 : 2 + length] if length and len(text) >= 2 + length else None


def _slot_key(slot: Slot) -> str:
    return _key(slot.hashed, DIGITS if slot.kind == "place" else LETTERS)


def _value_keys(slot: Slot) -> dict[str, str]:
    return {value: _key(slot.hashed_values.get(value, value), ANY) for value in slot.values}


def _key(name: str, first: str) -> str:
    digest = blake2b(name.encode(), digest_size=4).digest()
    number = int.from_bytes(digest, "big")
    return first[number % len(first)] + ANY[number // len(first) % len(ANY)]


def _inverse(keys: Mapping[str, str]) -> dict[str, str]:
    inverse: dict[str, str] = {}
    for name, key in keys.items():
        inverse.setdefault(key, name)
    return inverse
