"""What a person types to a commune, an arrondissement, a département or all of France.

Never a guess in another département: several départements are offered as choices.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.triage.understand import words_of

POSTCODE = re.compile(r"\d{5}")
ENVELOPE = re.compile(r"(\d{5})(?: (.+?))??(?: cedex(?: \d+)?)?")  # « 94235 Cachan CEDEX 2 »
DEPARTEMENT = re.compile(r"\d{2}|2[ab]|9[78]\d")
ARRONDISSEMENT = re.compile(r"(paris|lyon|marseille) (\d{1,2})(?: ?(?:e|er|eme|ieme|ere))?"
                            r"(?: arrondissement)?")  # fmt: skip
LEAD = re.compile(
    r"(j ?habite|je suis|je vis|je loge|c est|vers|pres de|dans|sur|departement|le|la|les|a|au|aux"
    r"|en|de|du|des|l|d) "
)
ARTICLES = {"au": "le", "aux": "les", "du": "le", "des": "les"}  # au Havre: Le Havre
NUMBERED = re.compile(r"(.* )?(dans (le|l)|en|departement) ")  # « dans le 94 », not « le 17 »
LONGEST = 120  # characters: a longer message names no place only
WHOLE = frozenset({"france", "toute la france", "partout en france"})
CORSICA = ("2A", "2B")  # their postcodes all begin with 20


@dataclass(frozen=True)
class Place:
    """A place code (C + INSEE, D + département, F) with its proper name."""

    code: str
    name: str
    departement: str  # code; empty for all of France
    departement_name: str = ""

    @property
    def insee(self) -> str | None:
        """The INSEE code of a commune or an arrondissement."""
        return self.code[1:] if self.code.startswith("C") else None


ALL_FRANCE = Place("F", "Toute la France", "")


@dataclass(frozen=True)
class Found:
    """Exactly one place."""

    place: Place


@dataclass(frozen=True)
class Choices:
    """Several, in different départements: the person says which. Most populous first."""

    places: tuple[Place, ...]


@dataclass(frozen=True)
class NotFound:
    """No place of that name."""


Match = Found | Choices | NotFound


class Gazetteer(Protocol):
    """Where names are looked up; every list is ordered by population, largest first."""

    def with_postcode(self, postcode: str) -> Sequence[Place]:
        """Communes and arrondissements that use the postcode."""

    def named(self, key: str) -> Sequence[Place]:
        """Communes and arrondissements of that normalised name, present or former."""

    def departement(self, key: str) -> Place | None:
        """A département by its code or by a normalised name of it."""


def normalise(text: str) -> str:
    """Lower case without accents, hyphens or apostrophes; st and ste spelt out."""
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in words_of(text))


def match(text: str, gazetteer: Gazetteer) -> Match:
    """The place that `text` names, as a whole or after words such as « j'habite à »."""
    if len(text) > LONGEST:
        return NotFound()
    key = whole = normalise(text)
    while True:
        found = _exactly(key, gazetteer)
        if not isinstance(found, NotFound):
            return found
        lead = LEAD.match(key)
        if lead is None:
            return NotFound()
        key = key[lead.end() :]
        if DEPARTEMENT.fullmatch(key) and not NUMBERED.fullmatch(whole[: len(whole) - len(key)]):
            return NotFound()
        if lead[1] in ARTICLES:
            found = _exactly(f"{ARTICLES[lead[1]]} {key}", gazetteer)
            if not isinstance(found, NotFound):
                return found


def exact(text: str, gazetteer: Gazetteer) -> Match:
    """The place that the whole of `text` names, with nothing around it."""
    return _exactly(normalise(text), gazetteer)


def _exactly(key: str, gazetteer: Gazetteer) -> Match:
    if key in WHOLE:
        return Found(ALL_FRANCE)
    compact = key.replace(" ", "")
    if POSTCODE.fullmatch(compact):
        return _by_postcode(compact, gazetteer)
    if DEPARTEMENT.fullmatch(compact):
        departement = gazetteer.departement(compact.upper())
        return Found(departement) if departement else NotFound()
    if envelope := ENVELOPE.fullmatch(key):
        return _by_envelope(envelope[1], envelope[2] or "", gazetteer)
    if arrondissement := ARRONDISSEMENT.fullmatch(key):
        number = int(arrondissement[2])
        ordinal = "1er" if number == 1 else f"{number}e"
        found = _one(gazetteer.named(f"{arrondissement[1]} {ordinal} arrondissement"))
        if not isinstance(found, NotFound):
            return found
    return _by_name(key, gazetteer)


def _by_name(key: str, gazetteer: Gazetteer) -> Match:
    departement = gazetteer.departement(key) if key else None
    places = [*gazetteer.named(key), *([departement] if departement else ())]
    if places:
        return _one(places)
    name, _, code = key.rpartition(" ")
    if name and DEPARTEMENT.fullmatch(code):
        wanted = code.upper()
        return _one([place for place in gazetteer.named(name) if place.departement == wanted])
    return NotFound()


def _by_postcode(postcode: str, gazetteer: Gazetteer) -> Match:
    found = _one(gazetteer.with_postcode(postcode))
    if not isinstance(found, NotFound):
        return found
    return _one([place for code in _prefixes(postcode) if (place := gazetteer.departement(code))])


def _by_envelope(postcode: str, name: str, gazetteer: Gazetteer) -> Match:
    """A postcode and a town, as on an envelope: the town where both agree, else the postcode."""
    by_postcode = _by_postcode(postcode, gazetteer)
    places = by_postcode.places if isinstance(by_postcode, Choices) else ()
    if isinstance(by_postcode, Found):
        places = (by_postcode.place,)
    served = {place.departement for place in places}
    agreed = _one([place for place in gazetteer.named(name) if place.departement in served])
    return by_postcode if isinstance(agreed, NotFound) else agreed


def _prefixes(postcode: str) -> tuple[str, ...]:
    """The départements whose special postcodes (CEDEX) begin like this one."""
    if postcode.startswith("20"):
        return CORSICA
    return (postcode[:3],) if postcode.startswith(("97", "98")) else (postcode[:2],)


def _one(places: Sequence[Place]) -> Match:
    """The first place where all stand in one département; else the first of each."""
    by_departement: dict[str, Place] = {}
    for place in places:
        by_departement.setdefault(place.departement, place)
    several = tuple(by_departement.values())
    if not several:
        return NotFound()
    return Found(several[0]) if len(several) == 1 else Choices(several)
