"""What texts may hold: numbers only by the name of a fact, labels that fit a phone."""

import re
from collections.abc import Collection, Iterator, Mapping

from bot.reading.problem import Problem, Span, problem
from bot.triage.flow import Bundle, Button, SetSlots, Start

LABEL_LIMIT = 28  # characters: longer ones are cut on small phones
CHOICES_LIMIT = 6  # choices of one screen, content rule
TEXT_LIMIT = 4096  # UTF-16 units of one message, Bot API sendMessage
COVER_LEAST = 80  # characters: a chat list shows about that many of an edited message
GREETING_LEAST = 120  # characters: a chat list joins two lines, a notification shows more
NEUTRAL = {"utter_couverture": COVER_LEAST, "utter_bonjour": GREETING_LEAST}
PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")
RUN = re.compile(r"\+?\d+(?:[ .\u00A0\u202F\-]\d+)*")  # digits, as one writes them in groups
LONG = 8  # digits: from here on it can only be a number to dial
MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
COUNTED = re.compile(
    rf"\s*(?:h\b|heures?\b|ans?\b|jours?\b|mois\b|semaines?\b|minutes?\b|min\b|mn\b|%|€|euros?\b"
    rf"|km\b|{MONTHS})",
    re.IGNORECASE,
)


def placeholders(text: str) -> list[str]:
    """The names between braces, in order."""
    return [match[1] for match in PLACEHOLDER.finditer(text)]


def lines_named(text: str, lines: Collection[str]) -> set[str]:
    """The lines whose number or card the text shows."""
    named = {name.partition("_")[2] for name in placeholders(text) if _is_fact(name)}
    return named & set(lines)


def _is_fact(name: str) -> bool:
    return name.startswith(("tel_", "carte_"))


def check_texts(
    bundle: Bundle, numbers: Collection[str], sources: Mapping[str, str]
) -> Iterator[Problem]:
    """Numbers typed into texts and labels, stray braces, labels too long, too many choices.

    `numbers` are the register's, as dialled; `sources` the files' texts, to find the exact place.
    """
    known = {number.lstrip("+") for number in numbers}
    for response in bundle.responses.values():
        for variant in response.variants:
            yield from _numbers(variant.text, variant.span, known, sources)
            yield from _braces(variant.text, variant.span, sources)
            for button in variant.buttons:
                yield from _numbers(button.title, button.span, known, sources)
                yield from _label(button)
            choices = [b for b in variant.buttons if isinstance(b.payload, SetSlots | Start)]
            if len(choices) > CHOICES_LIMIT:
                count = len(choices)
                yield problem(variant.span, "boutons.nombreux", nombre=count, conseil=CHOICES_LIMIT)


def _label(button: Button) -> Iterator[Problem]:
    if len(button.title) > LABEL_LIMIT:
        long = len(button.title)
        yield problem(button.span, "bouton.long", longueur=long, limite=LABEL_LIMIT)
    if "{" in button.title or "}" in button.title:
        yield problem(button.span, "texte.accolade")


def _braces(text: str, span: Span, sources: Mapping[str, str]) -> Iterator[Problem]:
    stray = re.search(r"[{}][^{}\n]{0,20}", PLACEHOLDER.sub("", text))
    if stray:
        yield problem(_place(stray[0], span, sources.get(span.file, "")), "texte.accolade")


def _numbers(
    text: str, span: Span, known: Collection[str], sources: Mapping[str, str]
) -> Iterator[Problem]:
    for number in dict.fromkeys(_typed_numbers(PLACEHOLDER.sub("{}", text), known)):
        digits = re.sub(r"\D", "", number)
        hint = f"{{tel_{digits}}}" if digits in known else "{tel_...}"
        place = _place(number, span, sources.get(span.file, ""))
        yield problem(place, "fait.en_dur", numero=number, fait=hint)


def _typed_numbers(text: str, known: Collection[str]) -> Iterator[str]:
    """Numbers to dial: eight digits or more, or the register's own, standing alone."""
    for run in RUN.finditer(text):
        if text[: run.start()][-1:].isalnum() or text[run.end() :][:1].isalpha():
            continue
        digits = re.sub(r"\D", "", run[0])
        if len(digits) >= LONG or (digits in known and not COUNTED.match(text, run.end())):
            yield run[0]
            continue
        for group in re.finditer(r"\d+", run[0]):
            if group[0] in known and not COUNTED.match(text, run.start() + group.end()):
                yield group[0]


def _place(needle: str, span: Span, source: str) -> Span:
    """Where `needle` stands in the file, at or after the text's own place."""
    for number, line in enumerate(source.splitlines()[span.line - 1 :], start=span.line):
        start = span.column - 1 if number == span.line else 0
        column = line.find(needle, start)
        if column >= 0:
            return Span(span.file, number, column + 1, len(needle))
    return span
