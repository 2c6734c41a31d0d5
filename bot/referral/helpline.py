"""The register of lines (`data/helplines.yml`): read, checked, and asked about a moment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import phonenumbers
from opening_hours import OpeningHours

from bot.reading import fields
from bot.reading.nodes import Mapping as MappingNode
from bot.reading.nodes import Node, Scalar, read_yaml
from bot.reading.problem import Problem, Span, problem
from bot.referral.days import is_day
from bot.referral.hours import CLOCKS, COUNTRY, PARIS, hours_of, opening_of
from bot.triage import failsafe
from bot.triage.facts import Card, Known, Opening
from bot.triage.screen import COPY_LIMIT

TRISTATE = ("oui", "non", "inconnu")
REQUIRED = ("nom", "pour", "operateur", "source", "source_date", "verifie_le")
KEYS = (
    *REQUIRED, "numero", "sms", "sms_pret", "site", "horaires", "gratuit", "facture", "anonyme",
    "fuseau", "langues", "accessibilite", "urgence", "sans_voix", "humain", "couverture", "montrer",
)  # fmt: skip
SHORT = re.compile(r"\d{2,6}")
ID = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True)
class Line:
    """One line. `number` is E.164 where long, as dialled where short, empty where there is none."""

    id: str
    name: str
    purpose: str
    number: str
    sms: str
    ready_sms: str
    site: str
    hours: OpeningHours | None
    clock: ZoneInfo
    always: bool
    free: Known
    billed: Known
    anonymous: Known
    emergency: bool
    voiceless: bool
    human: bool
    shown: bool
    source: str
    source_date: str


class Register:
    """Every line that may be shown, by id; answers what the core asks of `Facts`."""

    def __init__(self, lines: Mapping[str, Line]) -> None:
        """The lines as read, hidden ones left out."""
        self.lines = {line.id: line for line in lines.values() if line.shown}

    @property
    def numbers(self) -> dict[str, str]:
        """Each number that can be dialled or written to, and the id of its line."""
        dialled = [(line.number, line.id) for line in self.lines.values() if line.number]
        written = [(line.sms, line.id) for line in self.lines.values() if line.sms]
        return {**dict(written), **dict(dialled)}

    def number(self, line: str) -> str:
        """The number to dial or write to."""
        return self.lines[line].number or self.lines[line].sms

    def site(self, line: str) -> str:
        """The official page; empty where there is none."""
        return self.lines[line].site

    def ready_sms(self, line: str) -> str:
        """A text ready to be sent; empty where there is none."""
        return self.lines[line].ready_sms

    def human(self, line: str) -> bool:
        """Whether somebody answers there; a guide to read is no contact."""
        return self.lines[line].human

    def voiceless(self, line: str) -> bool:
        """Reached without speaking, at any hour."""
        return self.lines[line].voiceless and self.lines[line].always

    def opening(self, hours: str, now: datetime) -> Opening:
        """Whether a door is open at a moment; `hours` are a time zone, a space and a rule."""
        name, _, rule = hours.partition(" ")
        clock = ZoneInfo(name)
        known = hours_of(rule, clock)
        return opening_of(known, clock, now) if known else Opening("unknown")

    def card(self, line: str, now: datetime) -> Card:
        """The whole card at a moment."""
        one = self.lines[line]
        return Card(
            one.name, one.purpose, one.number, one.sms, one.site, one.free, one.billed,
            one.anonymous, opening(one, now), one.source_date,
        )  # fmt: skip


def opening(line: Line, now: datetime) -> Opening:
    """Whether a line answers at a moment, on its own clock and with French public holidays."""
    if line.always:
        return Opening("always")
    if line.hours is None:
        return Opening("unknown")
    return opening_of(line.hours, line.clock, now)


def read_register(text: str, file: str) -> tuple[Register, list[Problem]]:
    """The register of a file's text, and every problem in it."""
    root, found = read_yaml(text, file)
    body = fields.mapping(root, ("lignes",), found)
    pairs = fields.named(fields.required(body, "lignes", found), found) if body else ()
    lines = [line for key, node in pairs if (line := _line(key, node, found))]
    register = Register({line.id: line for line in lines})
    found.extend(_missing(register, Span(file)) if not found else [])
    return register, found


def _missing(register: Register, span: Span) -> list[Problem]:
    """The fail-safe screen holds four numbers as constants: the file must agree with them."""
    found = []
    for line, constant in failsafe.NUMBERS.items():
        if line not in register.lines:
            found.append(problem(span, "ligne.obligatoire", ligne=line))
        elif register.number(line) != constant:
            value = register.number(line)
            found.append(
                problem(span, "ligne.secours", ligne=line, constante=constant, valeur=value)
            )
    return found


def _line(key: Scalar, node: Node, found: list[Problem]) -> Line | None:
    if not ID.fullmatch(key.text):
        found.append(problem(key.span, "nom.forme", nom=key.text))
    body = fields.mapping(node, KEYS, found)
    if body is None:
        return None
    told = len(found)
    texts = {name: fields.scalar(fields.required(body, name, found), found) for name in REQUIRED}
    hours = fields.scalar(body.get("horaires"), found)
    clock = _clock(body, found)
    line = Line(
        id=key.text,
        name=text_of(texts["nom"]),
        purpose=text_of(texts["pour"]),
        number=_number(body, "numero", found),
        sms=_number(body, "sms", found),
        ready_sms=_ready_sms(body, found),
        site=_site(body, found),
        hours=read_hours(hours, found, clock),
        clock=clock,
        always=text_of(hours) == "24/7",
        free=_known(body, "gratuit", found),
        billed=_known(body, "facture", found),
        anonymous=_known(body, "anonyme", found),
        emergency=fields.flag(body.get("urgence"), found),
        voiceless=fields.flag(body.get("sans_voix"), found),
        human=body.get("humain") is None or fields.flag(body.get("humain"), found),
        shown=body.get("montrer") is None or fields.flag(body.get("montrer"), found),
        source=text_of(texts["source"]),
        source_date=read_date(texts["source_date"], found),
    )
    read_date(texts["verifie_le"], found)
    if not (line.number or line.sms or line.site):
        found.append(problem(key.span, "ligne.injoignable", ligne=key.text))
    return line if len(found) == told else None


def text_of(scalar: Scalar | None) -> str:
    """The text of a cell; empty where there is none."""
    return scalar.text if scalar else ""


def _number(body: MappingNode, key: str, found: list[Problem]) -> str:
    scalar = fields.scalar(body.get(key), found)
    if scalar is None:
        return ""
    if not _dialled(scalar.text):
        found.append(problem(scalar.span, "ligne.numero", valeur=scalar.text))
    return scalar.text


def _dialled(number: str) -> bool:
    if SHORT.fullmatch(number):
        return phonenumbers.is_possible_short_number(_parsed(number))
    return is_phone(number)


def _parsed(number: str) -> phonenumbers.PhoneNumber:
    return phonenumbers.parse(number, COUNTRY)


def is_phone(number: str) -> bool:
    """Whether `number` is a valid number in E.164 form."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    shape = phonenumbers.PhoneNumberFormat.E164
    return (
        phonenumbers.is_valid_number(parsed) and phonenumbers.format_number(parsed, shape) == number
    )


def is_dear(number: str) -> bool:
    """Whether a valid number costs more than an ordinary call."""
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return kind in (
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
    )


def _ready_sms(body: MappingNode, found: list[Problem]) -> str:
    scalar = fields.scalar(body.get("sms_pret"), found)
    if scalar is not None and len(scalar.text) > COPY_LIMIT:
        long = len(scalar.text)
        found.append(problem(scalar.span, "ligne.sms_long", longueur=long, limite=COPY_LIMIT))
    return text_of(scalar)


def _site(body: MappingNode, found: list[Problem]) -> str:
    scalar = fields.scalar(body.get("site"), found)
    if scalar is not None and not re.fullmatch(r"https://[^\s/]+\.[^\s/]+(/\S*)?", scalar.text):
        found.append(problem(scalar.span, "ligne.site", valeur=scalar.text))
    return text_of(scalar)


def _clock(body: MappingNode, found: list[Problem]) -> ZoneInfo:
    scalar = fields.scalar(body.get("fuseau"), found)
    if scalar is None:
        return PARIS
    if scalar.text not in CLOCKS.values():
        choice = ", ".join(sorted(CLOCKS.values()))
        found.append(problem(scalar.span, "forme.choix", valeur=scalar.text, choix=choice))
        return PARIS
    return ZoneInfo(scalar.text)


def read_hours(
    scalar: Scalar | None, found: list[Problem], clock: ZoneInfo = PARIS
) -> OpeningHours | None:
    """Hours in OpenStreetMap's syntax; None where absent or not hours."""
    if scalar is None:
        return None
    hours = hours_of(scalar.text, clock)
    if hours is None:
        found.append(problem(scalar.span, "ligne.horaires", valeur=scalar.text))
    return hours


def _known(body: MappingNode, key: str, found: list[Problem]) -> Known:
    scalar = fields.scalar(body.get(key), found)
    if scalar is None or scalar.text == "inconnu":
        return "inconnu"
    if scalar.text not in TRISTATE:
        choice = ", ".join(TRISTATE)
        found.append(problem(scalar.span, "forme.choix", valeur=scalar.text, choix=choice))
    return "oui" if scalar.text == "oui" else "non"


def read_date(scalar: Scalar | None, found: list[Problem]) -> str:
    """A year, a month or a day (2026, 2026-02, 2026-02-04) as it stands; empty where absent."""
    if scalar is not None and not is_day(scalar.text):
        found.append(problem(scalar.span, "ligne.date", valeur=scalar.text))
    return text_of(scalar)
