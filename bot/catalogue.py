"""Translations: `locales/<language>/LC_MESSAGES/relais.po`, by context and French text.

French is the source and needs no catalogue. A language is served once its catalogue is there. An
entry whose French has since been reworded still serves while its placeholders are the same: the
numbers are placeholders, so they are current. Who has reviewed a catalogue stands in its header:

    # Relu par : Prénom Nom, métier
    # Relu le : 2026-11-22
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

from bot.reading.problem import Problem, Span, problem
from bot.reading.suggest import nearest
from bot.triage.token import LANGUAGES
from bot.triage.translation import INTERFACE, LINES, SOURCE, Entry, fits

DOMAIN = "relais"
SHARED = (INTERFACE, LINES)  # contexts of many texts: only the text itself tells them apart
REVIEWER = re.compile(r"^\s*#?\s*Relu par\s*:[ \t]*(.*?)\s*$", re.MULTILINE)
REVIEWED = re.compile(r"^\s*#?\s*Relu le\s*:[ \t]*(.*?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Review:
    """Who has read a whole catalogue as somebody who knows the subject, and when."""

    reviewer: str
    day: date


@dataclass(frozen=True)
class Language:
    """One catalogue; `review` is None where nobody has reviewed it yet."""

    entries: tuple[Entry, ...]
    review: Review | None = None


class Catalogue:
    """Every language's texts."""

    def __init__(self, languages: dict[str, Language]) -> None:
        """The catalogues by language."""
        self.read = languages
        self._exact = {
            code: {(one.context, one.source): one for one in language.entries if one.text}
            for code, language in languages.items()
        }
        self._earlier = {
            code: dict(_by_context(language.entries)) for code, language in languages.items()
        }

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages served, French first."""
        return (SOURCE, *sorted(self.read))

    def find(
        self, language: str, context: str, text: str, *, new_sense: bool = False
    ) -> str | None:
        """The text in a language, French as it is; None where there is no translation to show."""
        if language == SOURCE:
            return text
        found = self._exact.get(language, {}).get((context, text))
        if found is not None and not found.fuzzy:
            return found.text
        earlier = found or self._earlier.get(language, {}).get(context)
        if earlier is None or new_sense or not fits(context, text, earlier.text):
            return None
        return earlier.text

    def stale(self, language: str, context: str, text: str) -> bool:
        """Whether a translation is that of an earlier wording, or marked as doubtful."""
        found = self._exact.get(language, {}).get((context, text))
        return found.fuzzy if found else context in self._earlier.get(language, {})

    def reviewed(self, language: str) -> bool:
        """Whether somebody who knows the subject has read this language's texts."""
        return language == SOURCE or (
            language in self.read and self.read[language].review is not None
        )

    def served(self, client_code: str | None) -> str:
        """The language to serve a client whose own is `client_code` (`pt-br`, `en`, None)."""
        code = (client_code or SOURCE).lower().partition("-")[0]
        return code if code in self.read else SOURCE


def read_catalogue(folder: Path) -> tuple[Catalogue, list[Problem]]:
    """The catalogues of a `locales` folder, French alone where it holds none, and every problem."""
    languages = {}
    found: list[Problem] = []
    for file in sorted(folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        code = file.parents[1].name
        shown = f"{folder.name}/{code}/LC_MESSAGES/{file.name}"
        if code == SOURCE or code not in LANGUAGES:
            found.append(_unknown(shown, code))
            continue
        try:
            languages[code] = _language(read_file(file), shown, found)
        except PoFileError as error:
            found.append(problem(Span(shown, error.lineno + 1), "catalogue.illisible"))
        except UnicodeDecodeError:
            found.append(problem(Span(shown), "fichier.encodage"))
    return Catalogue(languages), found


def read_file(file: Path) -> Catalog:
    """One catalogue as Babel reads it.

    Raises:
        PoFileError: it is malformed.
        UnicodeDecodeError: it is not UTF-8.
    """
    with file.open("rb") as opened:
        return read_po(opened, abort_invalid=True)


def messages_of(catalogue: Catalog) -> Iterator[Message]:
    """The messages of a catalogue, without its header."""
    return (message for message in catalogue if message.id)


def _unknown(shown: str, code: str) -> Problem:
    known = [one for one in LANGUAGES if one != SOURCE]
    hint = nearest(code, known)
    return problem(Span(shown), "catalogue.langue", hint, langue=code, langues=", ".join(known))


def _language(catalogue: Catalog, shown: str, found: list[Problem]) -> Language:
    entries = tuple(
        Entry(
            context=str(message.context or ""),
            source=str(message.id),
            text=str(message.string),
            span=Span(shown, message.lineno or 1),
            fuzzy=bool(message.fuzzy),
        )
        for message in messages_of(catalogue)
    )
    return Language(entries, _review(catalogue.header_comment, shown, found))


def _review(header: str, shown: str, found: list[Problem]) -> Review | None:
    reviewer, day = REVIEWER.search(header), REVIEWED.search(header)
    if not (reviewer and reviewer[1]):
        return None
    try:
        return Review(reviewer[1], date.fromisoformat(day[1] if day else ""))
    except ValueError:
        found.append(problem(Span(shown), "catalogue.relecture"))
        return None


def _by_context(entries: Iterable[Entry]) -> Iterator[tuple[str, Entry]]:
    """The one entry of each context that has only one."""
    several: dict[str, list[Entry]] = {}
    for one in entries:
        if one.text and one.context not in SHARED:
            several.setdefault(one.context, []).append(one)
    return ((context, found[0]) for context, found in several.items() if len(found) == 1)
