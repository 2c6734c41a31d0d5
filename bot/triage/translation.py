"""What there is to translate, and how a translation is found: French is the source.

A text is known to the catalogues by its context: the response's name (and the conditions of a
variant), for a button the response's name and its payload, `interface` for the program's own words,
`lignes` for the names and purposes of the lines.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from bot.reading.problem import Problem, Span, problem
from bot.triage import words
from bot.triage.flow import Bundle, Button, Variant
from bot.triage.texts import NEUTRAL, PLACEHOLDER, TEXT_LIMIT, placeholders

SOURCE = "fr"
INTERFACE = "interface"
LINES = "lignes"
LABEL_LIMIT = 34  # characters of a translated title: what the narrowest phones show on one row


class Texts(Protocol):
    """The translations that are there."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages served, French first."""

    def find(
        self, language: str, context: str, text: str, *, new_sense: bool = False
    ) -> str | None:
        """The text in a language, French as it is; None where there is no translation to show.

        A translation of an earlier wording still serves, unless the wording has a `new_sense`.
        """


class SourceTexts:
    """French alone."""

    languages = (SOURCE,)

    def find(
        self, language: str, context: str, text: str, *, new_sense: bool = False
    ) -> str | None:
        """The text as it is."""
        del language, context, new_sense
        return text


@dataclass(frozen=True)
class Text:
    """One text to translate, and where it stands."""

    context: str
    text: str
    span: Span


@dataclass(frozen=True)
class Entry:
    """One text of one catalogue; `text` is empty where it is not translated yet.

    `fuzzy` marks a translation of an earlier wording, or one that its translator doubts.
    """

    context: str
    source: str
    text: str
    span: Span
    fuzzy: bool = False


def variant_context(response: str, variant: Variant) -> str:
    """The context of a response's text; a variant's conditions belong to it."""
    return " ".join([response, *(f"{slot}={value}" for slot, value in variant.when)])


def button_context(response: str, button: Button) -> str:
    """The context of a button's title."""
    return f"{response} {button.raw}"


def texts_of(bundle: Bundle) -> Iterator[Text]:
    """Every text and title of the flow files, in their order; each once."""
    for response in bundle.responses.values():
        for variant in response.variants:
            yield Text(variant_context(response.name, variant), variant.text, variant.span)
        titles = {
            (button_context(response.name, button), button.title): button.span
            for variant in response.variants
            for button in variant.buttons
        }
        for (context, title), span in titles.items():
            yield Text(context, title, span)


def own_words() -> Iterator[Text]:
    """The program's own words."""
    for word in words.ALL:
        yield Text(INTERFACE, word, Span("bot/triage/words.py"))


def fits(context: str, text: str, translation: str) -> bool:
    """Whether nothing would be wrong in a translation if it were made from this text."""
    one = Entry(context, text, translation, Span(""))
    return not [*_fit(one), *_length(one)]


def check_entries(entries: Iterable[Entry]) -> Iterator[Problem]:
    """What is wrong in translations, each held against the French it was made from.

    A fuzzy one is not told: it is shown only where nothing is wrong in it (`fits`).
    """
    for one in entries:
        if one.text and not one.fuzzy:
            yield from _fit(one)
            yield from _length(one)


def _fit(one: Entry) -> Iterator[Problem]:
    wanted, there = placeholders(one.source), placeholders(one.text)
    stray = set("{}") & set(PLACEHOLDER.sub("", one.text))
    if sorted(wanted) != sorted(there) or stray:
        names = ", ".join(f"{{{name}}}" for name in wanted) or "—"
        yield problem(one.span, "traduction.accolades", noms=names)
    for digits in _added_digits(one.text, one.source):
        yield problem(one.span, "traduction.chiffres", chiffres=digits)
    for digits in _added_digits(one.source, one.text) if one.context == INTERFACE else ():
        yield problem(one.span, "traduction.chiffres_perdus", chiffres=digits)


def _length(one: Entry) -> Iterator[Problem]:
    long = len(one.text)
    least, most = NEUTRAL.get(one.context, 0), _longest(one)
    if long < least:
        yield problem(one.span, "traduction.courte", nom=one.context, minimum=least, longueur=long)
    if long > most:
        yield problem(one.span, "traduction.longue", longueur=long, limite=most)


def _longest(one: Entry) -> int:
    """The most characters that a translation may have; texts are measured on their screens."""
    if one.context == INTERFACE:
        return words.LONGEST.get(one.source, LABEL_LIMIT)
    return LABEL_LIMIT if " /" in one.context else TEXT_LIMIT


def _added_digits(translation: str, text: str) -> list[str]:
    """Runs of digits, in any script, that the source does not have."""
    known = set(_digit_runs(text))
    return [run for run in dict.fromkeys(_digit_runs(translation)) if run not in known]


def _digit_runs(text: str) -> Iterator[str]:
    for is_digit, run in groupby(PLACEHOLDER.sub(" ", text), str.isdecimal):
        if is_digit:
            yield "".join(str(unicodedata.decimal(digit)) for digit in run)
