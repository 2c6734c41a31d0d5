"""What a person sees, before a channel shapes it.

Every edited text begins with the neutral cover; every screen ends with the emergency row, Retour
where there is a previous state, and last, alone, Sortir.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache

import phonenumbers
from babel.dates import format_date, format_time

from bot.triage.engine import Part, Show, after, start
from bot.triage.facts import Card, Facts, Opening
from bot.triage.failsafe import EMERGENCY_ROW
from bot.triage.flow import EMERGENCY, Button, CopyFact, OpenSite
from bot.triage.texts import PLACEHOLDER
from bot.triage.token import Codebook

TEXT_LIMIT = 4096  # UTF-16 units of one message, Bot API sendMessage
COPY_LIMIT = 256  # characters, Bot API CopyTextButton
LEAVE = "_s"
KEEP = "_k"
COVER = "utter_couverture"
INTERFACE = "interface"  # gettext context of the words below
LINES = "lignes"  # gettext context of names and purposes in data/helplines.yml
BACK_LABEL = "Retour"
LEAVE_LABEL = "✕ Sortir"
KEEP_LABEL = "Garder 1 heure"
AT_HOME_ONLY = (  # with +33 they may be charged, or fail
    phonenumbers.PhoneNumberType.TOLL_FREE,
    phonenumbers.PhoneNumberType.SHARED_COST,
    phonenumbers.PhoneNumberType.PREMIUM_RATE,
)

Translate = Callable[[str, str, str], str]  # (language, context, French text) -> text


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
    """What turns a Show into a Screen: names, words, facts. The moment is passed to each call."""

    codes: Codebook
    translate: Translate
    facts: Facts

    def render(self, show: Show, now: datetime) -> Screen:
        """The whole screen at a moment; `now` is aware of its time zone."""
        texts = [self.text_of(COVER, show.state.language)]
        texts += [self._part(part, show, now) for part in show.parts]
        choices = [row for offer in show.offers if (row := self._choice(*offer, show))]
        kept = [(Press(self.word(KEEP_LABEL, show), KEEP),)] if show.outcome else []
        return Screen("\n\n".join(texts), (*choices, *kept, *self.foot(show)))

    def foot(self, show: Show) -> tuple[tuple[Key, ...], ...]:
        """The rows at the foot of every screen."""
        urgent = start(self.codes.bundle, EMERGENCY, show.state, show.slots)
        back = show.previous and Press(
            self.word(BACK_LABEL, show), self.codes.encode(show.previous)
        )
        return (
            (Press(EMERGENCY_ROW, self.codes.encode(urgent)),),
            *(((back,),) if back else ()),
            (Press(self.word(LEAVE_LABEL, show), LEAVE),),
        )

    def word(self, word: str, show: Show) -> str:
        """One word of the interface in the person's language."""
        return self.translate(show.state.language, INTERFACE, word)

    def text_of(self, response: str, language: str) -> str:
        """A fixed response's text, which holds no placeholder."""
        variant = self.codes.bundle.responses[response].variants[-1]
        return self.translate(language, response, variant.text)

    def _part(self, part: Part, show: Show, now: datetime) -> str:
        text = self.translate(show.state.language, part.response, part.variant.text)
        values = {name: value for name, value in show.slots.items() if value}
        values |= dict(part.arguments)

        def filled(match: re.Match[str]) -> str:
            return self._value(match[1], values, show.state.language, now)

        return PLACEHOLDER.sub(filled, text)

    def _value(self, name: str, values: Mapping[str, str], language: str, now: datetime) -> str:
        kind, _, line = name.partition("_")
        if kind == "tel" and line in self.facts.lines:
            return shown_number(self.facts.number(line))
        if kind == "carte" and line in self.facts.lines:
            return self._card(self.facts.card(line, now), language, now)
        if name == "carte" and values.get(name) in self.facts.lines:
            return self._card(self.facts.card(values[name], now), language, now)
        return shown_value(values.get(name, ""), language)

    def _choice(self, response: str, button: Button, show: Show) -> tuple[Key, ...] | None:
        context = f"{response} {button.raw}"
        label = self.translate(show.state.language, context, button.title)
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
        def say(text: str) -> str:
            return self.translate(language, INTERFACE, text)

        lines = [self.translate(language, LINES, card.name)]
        if card.number and shown_number(card.number) not in card.name:
            lines.append(shown_number(card.number))
        purpose = self.translate(language, LINES, card.purpose)
        lines += [purpose, _opening(card.opening, language, now, say), _cost(card, say)]
        if card.number:
            lines.append(say("L'appel reste dans le journal d'appels du téléphone."))
        if card.anonymous == "oui":
            lines.append(say("On ne vous demande pas votre nom."))
        lines.append(say("Vérifié : {date}.").format(date=shown_value(card.source_date, language)))
        return "\n".join(line for line in lines if line)


@cache  # of the register and the offices: a few hundred
def shown_number(number: str) -> str:
    """A number as it is read: `+33 1 72 16 56 50`, `0 800 05 95 95`, `116 006`, `3919`."""
    if number.startswith("+"):
        parsed = phonenumbers.parse(number)
        free = phonenumbers.number_type(parsed) in AT_HOME_ONLY
        shape = phonenumbers.PhoneNumberFormat
        return phonenumbers.format_number(parsed, shape.NATIONAL if free else shape.INTERNATIONAL)
    return f"{number[:3]} {number[3:]}" if len(number) == len("116006") else number


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
    return language.partition("_")[0]


def _cost(card: Card, say: Callable[[str], str]) -> str:
    if card.free != "oui":
        return say("Le coût n'est pas connu.") if card.free == "inconnu" else ""
    if card.billed == "non" and card.number:
        return say("Gratuit. N'apparaît pas sur la facture.")
    return say("Gratuit.")


def _opening(opening: Opening, language: str, now: datetime, say: Callable[[str], str]) -> str:
    if opening.state == "always":
        return say("À toute heure, tous les jours.")
    if opening.state == "unknown" or opening.until is None:
        return say("Horaires à vérifier.") if opening.state != "closed" else say("Fermé.")
    hour = format_time(opening.until, "H 'h'" if opening.until.minute == 0 else "H 'h' mm",
                       locale=_locale(language))  # fmt: skip
    if opening.state == "open":
        return say("Répond jusqu'à {heure}, heure de Paris.").format(heure=hour)
    day = _day(opening.until, now, language, say)
    return say("Fermé. Répond {jour} à partir de {heure}, heure de Paris.").format(
        jour=day, heure=hour
    )


def _day(moment: datetime, now: datetime, language: str, say: Callable[[str], str]) -> str:
    days = (moment.date() - now.astimezone(moment.tzinfo).date()).days
    if days == 0:
        return say("aujourd'hui")
    if days == 1:
        return say("demain")
    return _shown_day(moment, "EEEE d MMMM", language)


@lru_cache(maxsize=512)
def _shown_day(day: datetime, pattern: str, language: str) -> str:
    """A day in words; French says « 1er avril »."""
    if language.startswith("fr") and day.day == 1:
        pattern = pattern.replace("d MMMM", "d'er' MMMM")
    return format_date(day, pattern, locale=_locale(language))
