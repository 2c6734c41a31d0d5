"""The nearest known name, for "Vouliez-vous dire ... ?"."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

CLOSE_ENOUGH = 70  # percent of RapidFuzz's ratio; below it a suggestion misleads


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`; None where none is close."""
    found = process.extractOne(name, sorted(known), scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH)
    return found[0] if found else None
