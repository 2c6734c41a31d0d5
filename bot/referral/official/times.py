"""The official directory's dates and opening times, in ISO and in OpenStreetMap's syntax."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby

from bot.referral.hours import are_hours

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
SHORT = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?", re.ASCII)
FRENCH = re.compile(r"(\d\d)/(\d\d)/(\d{4})(?: .*)?", re.ASCII)
ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?", re.ASCII)
WHOLE_DAY = ((0, 24 * 60),)

Span = tuple[int, int]  # minutes since midnight: from, to


def day_of(value: object) -> date | None:
    """The day of « 03/12/2021 07:55:01 » or of an ISO date; None where it is neither."""
    text = value.strip() if isinstance(value, str) else ""
    try:
        if french := FRENCH.fullmatch(text):
            return date(int(french[3]), int(french[2]), int(french[1]))
        if iso := ISO.fullmatch(text):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
    except ValueError:
        return None
    return None


def hours_of(written: Sequence[Mapping[str, object]]) -> str:
    """The week in OpenStreetMap's syntax.

    Empty where there is none, where one line cannot be read, and where a line has a remark: « sur
    rendez-vous » or « fermé le 1er mardi » would make a lie of the rest.
    """
    week: list[list[Span]] = [[] for _ in DAYS]
    for line in written:
        spans, days = _spans(line), _days(line)
        if not spans or not days or str(line.get("commentaire") or "").strip():
            return ""
        for day in days:
            week[day].extend(spans)
    said = _said([_joined(spans) for spans in week])
    return said if said and are_hours(said) else ""


def _days(line: Mapping[str, object]) -> range:
    named = [str(line.get(key) or "").strip().lower() for key in ("nom_jour_debut", "nom_jour_fin")]
    first, last = named[0], named[1] or named[0]
    if first not in DAYS or last not in DAYS:
        return range(0)
    return range(DAYS.index(first), DAYS.index(last) + 1)


def _spans(line: Mapping[str, object]) -> list[Span]:
    """The one or two spans of a line; none where one of them cannot be read."""
    spans = []
    for number in (1, 2):
        begins = str(line.get(f"valeur_heure_debut_{number}") or "").strip()
        ends = str(line.get(f"valeur_heure_fin_{number}") or "").strip()
        if begins or ends:
            spans.append((_minutes(begins), _minutes(ends) or 24 * 60))
    return spans if all(0 <= begins < ends for begins, ends in spans) else []


def _minutes(clock: str) -> int:
    """Minutes since midnight; the last minute of a day is its end; -1 where it is no time."""
    read = CLOCK.fullmatch(clock)
    if read is None:
        return -1
    minutes = int(read[1]) * 60 + int(read[2])
    return 24 * 60 if minutes == 24 * 60 - 1 else minutes


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for begins, ends in sorted(spans):
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(ends, joined[-1][1]))
        else:
            joined.append((begins, ends))
    return tuple(joined)


def _said(week: Sequence[tuple[Span, ...]]) -> str:
    if all(day == WHOLE_DAY for day in week):
        return "24/7"
    rules = []
    for spans, group in groupby(range(len(week)), key=lambda day: week[day]):
        days = list(group)
        if spans:
            last = f"-{SHORT[days[-1]]}" if len(days) > 1 else ""
            times = ",".join(f"{_clock(begins)}-{_clock(ends)}" for begins, ends in spans)
            rules.append(f"{SHORT[days[0]]}{last} {times}")
    return "; ".join(rules)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
