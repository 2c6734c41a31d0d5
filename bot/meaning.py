"""What a typed message means, on the screen where it is typed; the words go no further.

They are read in this order:

1. the whole message is an exit word, and no commune's name (`leaving`, which needs no screen)
2. a number that the register knows, alone: that line's card
3. the whole message is a word of danger: « SOS », even where a commune has that name
4. on a screen that asks for a place, exactly a place
5. words of danger
6. what the screen offers
7. a place, unless each word is an everyday one and the screen asks for none: « rue », « mère »
8. another subject
9. on a screen that asks for a place, one with typing errors or the beginning of one
10. nothing that is known
"""

import logging
import re
from dataclasses import dataclass

from bot.referral.directory import Directory
from bot.referral.helpline import Register
from bot.referral.place import (
    ALL_FRANCE,
    Choices,
    Found,
    NotFound,
    Place,
    answer,
    common,
    exact,
    match,
)
from bot.triage.flow import Button, GoBack, SetSlots, Speak, Start
from bot.triage.understand import Understanding, words_of

LEADING = SetSlots | Start | GoBack | Speak  # what leads to another screen
ARTICLE = re.compile(r"(le|au|the)\s+", re.IGNORECASE)  # « le 17 », as everybody says it

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LineMeant:
    """A line by its number; `departement` where the number is one of those too."""

    line: str
    departement: Place | None


@dataclass(frozen=True)
class PlaceMeant:
    """A place, or several of that name."""

    found: Found | Choices


@dataclass(frozen=True)
class DangerMeant:
    """Somebody is in danger."""


@dataclass(frozen=True)
class ButtonMeant:
    """A button of the screen, by its title."""

    button: Button


@dataclass(frozen=True)
class SubjectMeant:
    """Another subject."""

    flow: str


@dataclass(frozen=True)
class Unknown:
    """Nothing that is known here."""


Meaning = LineMeant | PlaceMeant | DangerMeant | ButtonMeant | SubjectMeant | Unknown


@dataclass(frozen=True)
class Reader:
    """What typed words are held against."""

    understanding: Understanding
    register: Register
    directory: Directory

    def leaving(self, text: str) -> bool:
        """Whether the message asks to leave; where the directory is gone, leaving still works."""
        if not self.understanding.leaving(text):
            return False
        try:
            return not self.directory.places.named(" ".join(words_of(text)))
        except Exception:
            log.exception("directory.failed")
            return True

    def _line(self, text: str) -> LineMeant | None:
        """The line whose number is the whole message: 17, 3919, 0 800 05 95 95, +33..."""
        said = text.strip().rstrip("!?. \u00a0\u202f")
        compact = re.sub(r"[\s.\-]", "", ARTICLE.sub("", said))
        if not re.fullmatch(r"\+?\d{2,15}", compact, re.ASCII):
            return None
        long = len(compact) == 10 and compact.startswith("0")  # noqa: PLR2004  national form
        line = self.register.numbers.get(f"+33{compact[1:]}" if long else compact)
        return LineMeant(line, self.directory.places.departement(said)) if line else None

    def meaning(self, text: str, titles: tuple[tuple[str, Button], ...], *, place: bool) -> Meaning:
        """What the message means here.

        `titles` are the screen's buttons as they are read there; `place` whether it asks for one.
        """
        return (
            self._line(text)
            or self._danger_or_exact_place(text, place=place)
            or _button_named(text, titles)
            or self._place_or_subject(text, place=place)
        )

    def _danger_or_exact_place(self, text: str, *, place: bool) -> DangerMeant | PlaceMeant | None:
        if self.understanding.alarming(text):
            return DangerMeant()
        if place and not isinstance(placed := exact(text, self.directory.places), NotFound):
            return PlaceMeant(placed)
        return DangerMeant() if self.understanding.dangerous(text) else None

    def _place_or_subject(self, text: str, *, place: bool) -> PlaceMeant | SubjectMeant | Unknown:
        found = match(text, self.directory.places)
        everyday = self.understanding.everyday(text) or common(text)
        meant = place or found == Found(ALL_FRANCE) or not everyday
        if meant and not isinstance(found, NotFound):
            return PlaceMeant(found)
        topic = self.understanding.topic(text)
        if topic.flow is not None:
            return SubjectMeant(topic.flow)
        asked = place and not everyday
        misspelt = answer(text, self.directory.places) if asked else NotFound()
        return Unknown() if isinstance(misspelt, NotFound) else PlaceMeant(misspelt)


def _button_named(text: str, titles: tuple[tuple[str, Button], ...]) -> ButtonMeant | None:
    """The button whose title is the whole message."""
    said = words_of(text)
    named = (button for title, button in titles if said and words_of(title) == said)
    meant = (ButtonMeant(one) for one in named if isinstance(one.payload, LEADING))
    return next(meant, None)
