"""Where each file of `data/` comes from and how long it can be relied on (`data/sources.yml`)."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import starmap

from bot.reading import fields
from bot.reading.nodes import Node, Scalar, read_yaml
from bot.reading.problem import Problem, problem
from bot.referral.days import is_day, last_day, months_later
from bot.referral.office import Office
from bot.referral.tables import OFFICES, OFFICIAL

KEYS = ("nom", "licence", "version", "date", "valable_mois")
MONTHS = re.compile(r"[1-9]\d?", re.ASCII)


@dataclass(frozen=True)
class Source:
    """One file's source. `day` is empty where each row of the file has its own."""

    file: str
    name: str
    licence: str
    version: str
    day: str
    months: int

    def expires(self, known_on: str) -> date | None:
        """The first day on which a fact known on an ISO date is no longer relied on.

        A month or a year counts from its end. None where no date is known.
        """
        first = last_day(known_on)
        return months_later(first, self.months) if first else None

    def expired(self, known_on: str, today: date) -> bool:
        """Whether a fact known on that date must be checked; one without a date always must."""
        until = self.expires(known_on)
        return until is None or today >= until


def read_sources(text: str, file: str) -> tuple[dict[str, Source], list[Problem]]:
    """Each file's source by the file's name, and every problem."""
    root, found = read_yaml(text, file)
    body = fields.mapping(root, ("sources",), found)
    pairs = fields.named(fields.required(body, "sources", found), found) if body else ()
    sources = [one for key, node in pairs if (one := _source(key, node, found))]
    return {one.file: one for one in sources}, found


def _source(key: Scalar, node: Node, found: list[Problem]) -> Source | None:
    body = fields.mapping(node, KEYS, found)
    if body is None:
        return None
    told = len(found)
    name = fields.scalar(fields.required(body, "nom", found), found)
    licence = fields.scalar(fields.required(body, "licence", found), found)
    months = fields.scalar(fields.required(body, "valable_mois", found), found)
    version = fields.scalar(body.get("version"), found)
    day = fields.scalar(body.get("date"), found)
    if months is not None and not MONTHS.fullmatch(months.text):
        found.append(problem(months.span, "source.mois", valeur=months.text))
    if day is not None and not is_day(day.text):
        found.append(problem(day.span, "ligne.date", valeur=day.text))
    if name is None or licence is None or months is None or len(found) > told:
        return None
    return Source(
        key.text, name.text, licence.text, version.text if version else "",
        day.text if day else "", int(months.text),
    )  # fmt: skip


def by_file(sources: Mapping[str, Source], file: str) -> Source:
    """The source of a file; one that nobody has described can be relied on for no time at all."""
    return sources.get(file) or Source(file, "", "", "", "", 0)


def file_of(office: Office) -> str:
    """The table whose fact an office's number is."""
    return OFFICIAL if office.status == "official" else OFFICES


@dataclass(frozen=True)
class Expired:
    """What should be looked at again: so many rows of a file, or all of it where `rows` is 0."""

    file: str
    rows: int = 0


def expired(
    facts: Iterable[tuple[str, str]], sources: Mapping[str, Source], today: date
) -> list[Expired]:
    """Whole files first, then files by rows; none where all may be relied on.

    `facts` are (file, day on which a row of it was known).
    """
    dated = [one for one in sources.values() if one.day and one.expired(one.day, today)]
    rows = Counter(
        file for file, known_on in facts if by_file(sources, file).expired(known_on, today)
    )
    return [*(Expired(one.file) for one in dated), *starmap(Expired, sorted(rows.items()))]
