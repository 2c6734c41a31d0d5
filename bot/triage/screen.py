"""What a person sees, before a channel shapes it.

Every edited text begins with the neutral cover; every screen ends with the emergency row, Retour
where there is a previous state, and last, alone, Sortir.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from textwrap import wrap

import phonenumbers
from babel.dates import format_date, format_time

from bot.triage import words
from bot.triage.engine import Part, Show, after, start
from bot.triage.facts import Card, Facts, Opening
from bot.triage.failsafe import EMERGENCY_ROW
from bot.triage.flow import EMERGENCY, INSTALLATION, Button, CopyFact, OpenSite, Speak
from bot.triage.texts import PLACEHOLDER
from bot.triage.token import Codebook
from bot.triage.translation import (
    INTERFACE,
    LINES,
    Texts,
    button_context,
    variant_context,
)

COPY_LIMIT = 256  # characters, Bot API CopyTextButton
LEAVE = "_s"
KEEP = "_k"
COVER = "utter_couverture"
AT_HOME_ONLY = (  # with +33 they may be charged, or fail
    phonenumbers.PhoneNumberType.TOLL_FREE,
    phonenumbers.PhoneNumberType.SHARED_COST,
    phonenumbers.PhoneNumberType.PREMIUM_RATE,
)

EUROPEAN = "116"  # a harmonised number of social value: 116 006
OVERSEAS = 6  # digits of a number of New Caledonia
HOURS = "horaires"  # the argument that holds when a door is open: a time zone and a rule
PARIS = "Europe/Paris"
LINE = (words.OPEN_UNTIL, words.OPENS)
LINE_ELSEWHERE = (words.OPEN_UNTIL_THERE, words.OPENS_THERE)
DOOR = (words.DOOR_OPEN_UNTIL, words.DOOR_OPENS)
RIGHT_TO_LEFT = ("ar",)
UNKNOWN_INSTALLATION = dict.fromkeys(INSTALLATION, "…")  # nobody has said who runs it


@dataclass(frozen=True)
class Press:
    """A button that comes back to us with at most 64 bytes of data."""

    label: str
    data: str


@dataclass(frozen=True)
class Copy:
    """A button that copies up to 256 characters."""

    label: str
    text: str


@dataclass(frozen=True)
class Link:
    """A button that opens a page."""

    label: str
    url: str


Key = Press | Copy | Link


@dataclass(frozen=True)
class Screen:
    """A plain text and rows of buttons."""

    text: str
    rows: tuple[tuple[Key, ...], ...]


def utf16_units(text: str) -> int:
    """The length that Telegram counts: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True)
class Renderer:
    """What turns a Show into a Screen: names, words, facts. The moment is passed to each call.

    `installation` says who runs this bot: a value for each name of `INSTALLATION`.
    """

    codes: Codebook
    texts: Texts
    facts: Facts
    installation: Mapping[str, str] = field(default_factory=lambda: UNKNOWN_INSTALLATION)

    def render(self, show: Show, now: datetime) -> Screen:
        """The whole screen at a moment; `now` is aware of its time zone."""
        texts = [self.text_of(COVER, show.state.language)]
        texts += [self._part(part, show, now) for part in show.parts]
        choices = [row for offer in show.offers if (row := self._choice(*offer, show))]
        kept = [(Press(self.say(words.KEEP, show.state.language), KEEP),)] if show.outcome else []
        return Screen("\n\n".join(texts), (*choices, *kept, *self.foot(show)))

    def foot(self, show: Show) -> tuple[tuple[Key, ...], ...]:
        """The rows at the foot of every screen."""
        language = show.state.language
        urgent = start(self.codes.bundle, EMERGENCY, show.state, show.slots)
        back = show.previous and Press(
            self.say(words.BACK, language), self.codes.encode(show.previous)
        )
        return (
            (Press(EMERGENCY_ROW, self.codes.encode(urgent)),),
            *(((back,),) if back else ()),
            (Press(self.say(words.LEAVE, language), LEAVE),),
        )

    def say(self, word: str, language: str) -> str:
        """One of the program's own words in a language."""
        return self.texts.find(language, INTERFACE, word) or word

    def text_of(self, response: str, language: str) -> str:
        """A fixed response's text, which holds no placeholder."""
        one = self.codes.bundle.responses[response].variants[-1]
        found = self.texts.find(language, response, one.text, new_sense=one.new_sense)
        return found or one.text

    def label(self, response: str, button: Button, language: str) -> str:
        """A button's title in a language."""
        return self.texts.find(language, button_context(response, button), button.title) or (
            button.title
        )

    def hidden(self, button: Button) -> bool:
        """Whether a button leads to a language that is not served."""
        payload = button.payload
        return isinstance(payload, Speak) and payload.language not in self.texts.languages

    def _text(self, part: Part, language: str) -> str:
        """A part's words before anything is filled in; French is announced as what it is."""
        context = variant_context(part.response, part.variant)
        french, new_sense = part.variant.text, part.variant.new_sense
        found = self.texts.find(language, context, french, new_sense=new_sense)
        return found or f"{self.say(words.NOT_YET_TRANSLATED, language)}\n{french}"

    def _part(self, part: Part, show: Show, now: datetime) -> str:
        """A part's text; a line that holds nothing but a value that is missing is left out."""
        text = self._text(part, show.state.language)
        values = {name: value for name, value in show.slots.items() if value}
        values |= dict(part.arguments)

        def filled(match: re.Match[str]) -> str:
            return isolated(
                self._value(match[1], values, show.state.language, now), show.state.language
            )

        lines = [(line, PLACEHOLDER.sub(filled, line)) for line in text.split("\n")]
        return "\n".join(said for line, said in lines if said or not line)

    def _value(self, name: str, values: Mapping[str, str], language: str, now: datetime) -> str:
        if name in self.installation:
            return self.installation[name]
        kind, _, line = name.partition("_")
        if kind == "tel" and line in self.facts.lines:
            return shown_number(self.facts.number(line))
        if kind == "carte" and line in self.facts.lines:
            return self._card(self.facts.card(line, now), language, now)
        if name == "carte" and values.get(name) in self.facts.lines:
            return self._card(self.facts.card(values[name], now), language, now)
        if name == HOURS:
            return self._door(values.get(name, ""), language, now)
        return shown_value(values.get(name, ""), language)

    def _choice(self, response: str, button: Button, show: Show) -> tuple[Key, ...] | None:
        if self.hidden(button):
            return None
        label = self.label(response, button, show.state.language)
        match button.payload:
            case CopyFact(fact):
                return (Copy(label, self._copied(fact)),)
            case OpenSite(line):
                return (Link(label, self.facts.site(line)),)
            case payload:
                state = after(self.codes.bundle, show, payload)
                return (Press(label, self.codes.encode(state)),) if state else None

    def _copied(self, fact: str) -> str:
        kind, _, line = fact.partition("_")
        if kind == "sms":
            return self.facts.ready_sms(line)
        return shown_number(self.facts.number(line)).replace(" ", "")

    def _card(self, card: Card, language: str, now: datetime) -> str:
        def named(text: str) -> str:
            return self.texts.find(language, LINES, text) or text

        lines = [named(card.name)]
        if card.number and shown_number(card.number) not in card.name:
            lines.append(shown_number(card.number))
        lines += [named(card.purpose), self._opening(card.opening, language, now)]
        lines += [self.say(word, language) for word in _terms(card)]
        day = shown_value(card.source_date, language)
        lines.append(self.say(words.SOURCE, language).format(date=isolated(day, language)))
        return "\n".join(line for line in lines if line)

    def _opening(self, opening: Opening, language: str, now: datetime) -> str:
        if opening.state == "always":
            return self.say(words.ALWAYS, language)
        if opening.state == "unknown" or opening.until is None:
            closed = opening.state == "closed"
            return self.say(words.CLOSED if closed else words.HOURS_UNKNOWN, language)
        said = LINE if opening.clock == PARIS else LINE_ELSEWHERE
        return self._change(opening, opening.until, said, language, now)

    def _door(self, hours: str, language: str, now: datetime) -> str:
        """Whether a door is open, on its own clock; nothing where that is not known."""
        opening = self.facts.opening(hours, now) if hours else None
        if opening is None or opening.until is None:
            return ""
        return self._change(opening, opening.until, DOOR, language, now)

    def _change(
        self, opening: Opening, until: datetime, said: tuple[str, str], language: str, now: datetime
    ) -> str:
        """Until when it is open, else when it next is."""
        hour = isolated(_shown_hour(until, language), language)
        if opening.state == "open":
            return self.say(said[0], language).format(heure=hour)
        day = isolated(self._day(until, now, language), language)
        return self.say(said[1], language).format(jour=day, heure=hour)

    def _day(self, moment: datetime, now: datetime, language: str) -> str:
        days = (moment.date() - now.astimezone(moment.tzinfo).date()).days
        if days == 0:
            return self.say(words.TODAY, language)
        if days == 1:
            return self.say(words.TOMORROW, language)
        return _shown_day(moment, "EEEE d MMMM", language)


def isolated(value: str, language: str) -> str:
    """A value to insert, each line isolated where the language is written from right to left."""
    if language not in RIGHT_TO_LEFT:
        return value
    lines = value.split("\n")
    return "\n".join(f"\u2068{line}\u2069" if line else line for line in lines)


@cache  # of the register and the offices: a few hundred
def shown_number(number: str) -> str:
    """A number as it is read: `+33 1 72 16 56 50`, `0 800 05 95 95`, `116 006`, `05 30 30`."""
    if number.startswith("+"):
        parsed = phonenumbers.parse(number)
        free = phonenumbers.number_type(parsed) in AT_HOME_ONLY
        shape = phonenumbers.PhoneNumberFormat
        return phonenumbers.format_number(parsed, shape.NATIONAL if free else shape.INTERNATIONAL)
    if number.startswith(EUROPEAN):
        return f"{number[:3]} {number[3:]}"
    return " ".join(wrap(number, 2)) if len(number) == OVERSEAS else number


def shown_value(value: str, language: str) -> str:
    """A value as it is read: E.164 numbers spaced, ISO days, months and years in words."""
    if re.fullmatch(r"\+\d{6,15}", value):
        return shown_number(value)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return _shown_day(datetime.fromisoformat(value), "d MMMM y", language)
    if re.fullmatch(r"\d{4}-\d{2}", value):
        return _shown_day(datetime.fromisoformat(f"{value}-01"), "MMMM y", language)
    return value


def _locale(language: str) -> str:
    """How dates and hours are written; English as in Europe, since doors here say 13:00."""
    return "en_GB" if language == "en" else language.partition("_")[0]


def _terms(card: Card) -> list[str]:
    """What a person should know before using a line: cost, traces, whether a name is asked."""
    terms = []
    if card.free == "oui":
        unbilled = card.billed == "non" and card.number
        terms.append(words.FREE_UNBILLED if unbilled else words.FREE)
    elif card.free == "inconnu":
        terms.append(words.COST_UNKNOWN)
    if card.number:
        terms.append(words.CALL_LOG)
    if card.anonymous == "oui":
        terms.append(words.NAMELESS)
    return terms


def _shown_hour(moment: datetime, language: str) -> str:
    """An hour in words; French says « 20 h » and « 9 h 30 »."""
    pattern = "short"
    if language.startswith("fr"):
        pattern = "H 'h' mm" if moment.minute else "H 'h'"
    return format_time(moment, pattern, locale=_locale(language))


@lru_cache(maxsize=512)
def _shown_day(day: datetime, pattern: str, language: str) -> str:
    """A day in words; French says « 1er avril »."""
    if language.startswith("fr") and day.day == 1:
        pattern = pattern.replace("d MMMM", "d'er' MMMM")
    return format_date(day, pattern, locale=_locale(language))
