"""Opening hours in the syntax of OpenStreetMap, on the clock and holidays of where they hold."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]

from bot.triage.facts import Opening

COUNTRY = "FR"  # public holidays
PARIS = ZoneInfo("Europe/Paris")
CLOCKS = {  # département or collectivity -> its time zone; all others live on the clock of Paris
    "971": "America/Guadeloupe", "972": "America/Martinique", "973": "America/Cayenne",
    "974": "Indian/Reunion", "975": "America/Miquelon", "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy", "978": "America/Marigot", "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti", "988": "Pacific/Noumea",
}  # fmt: skip


def clock_of(departement: str) -> ZoneInfo:
    """The time zone of a département; Polynesia's is that of Tahiti."""
    return ZoneInfo(CLOCKS[departement]) if departement in CLOCKS else PARIS


@lru_cache(maxsize=256)
def hours_of(text: str, clock: ZoneInfo = PARIS) -> OpeningHours | None:
    """The rule that a text writes; None where it is no rule."""
    try:
        return OpeningHours(text, timezone=clock, country=COUNTRY)
    except ParserError:
        return None


def are_hours(text: str) -> bool:
    """Whether the text is a rule."""
    return hours_of(text) is not None


def opening_of(hours: OpeningHours, clock: ZoneInfo, now: datetime) -> Opening:
    """Whether a door is open at a moment, on its own clock.

    For a closed one `until` is when it next *opens*: a stretch of unknown hours in between, such
    as a public holiday, is passed over.
    """
    moment = now.astimezone(clock)
    state, _ = hours.state(moment)
    if state == State.OPEN:
        return Opening("open", hours.next_change(moment), clock.key)
    if state == State.UNKNOWN:
        return Opening("unknown")
    for begins, _, following, _ in hours.intervals(moment):
        if following == State.OPEN:
            return Opening("closed", begins, clock.key)
    return Opening("closed")
