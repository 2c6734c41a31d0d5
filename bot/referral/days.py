"""Days as facts tell them: an ISO day, month or year, since a source often says no more."""

import calendar
import re
from datetime import date

SHAPE = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
YEAR, MONTH = 4, 7  # characters of a date that tells no more
FIRST = "0000-01-01"  # what such a date leaves open


def is_day(text: str) -> bool:
    """Whether the text is an ISO day, month or year that a calendar knows."""
    if not SHAPE.fullmatch(text):
        return False
    try:
        last_day(text)
    except ValueError:
        return False
    return True


def last_day(text: str) -> date | None:
    """The last day that an ISO day, month or year may mean; None for an empty text."""
    if len(text) == YEAR:
        return date(int(text), 12, 31)
    if len(text) == MONTH:
        year, month = int(text[:YEAR]), int(text[YEAR + 1 :])
        return date(year, month, calendar.monthrange(year, month)[1])
    return date.fromisoformat(text) if text else None


def first_day(text: str) -> date | None:
    """The first day that an ISO day, month or year may mean; None for an empty text."""
    return date.fromisoformat(f"{text}{FIRST[len(text) :]}") if text else None


def surely_before(one: str, other: str) -> bool:
    """Whether every day that `one` may mean comes before every day that `other` may mean.

    An empty text is no day: nothing is sure.
    """
    last, first = last_day(one), first_day(other)
    return last is not None and first is not None and last < first


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or the last one there is."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
