"""Translations: `locales/<language>/LC_MESSAGES/relais.po` by context and French text.

French is the source and needs no catalogue. A language is served once its catalogue is there.
"""

from pathlib import Path

from babel.messages.pofile import PoFileError, read_po

from bot.reading.problem import Problem, Span, problem
from bot.reading.suggest import nearest
from bot.triage.token import LANGUAGES

SOURCE = "fr"
DOMAIN = "relais"


class Catalogue:
    """Every language's texts; a text without a translation is shown in French."""

    def __init__(self, texts: dict[str, dict[tuple[str, str], str]]) -> None:
        """Texts by language, then by (context, French text)."""
        self._texts = texts

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages served, French first."""
        return (SOURCE, *sorted(self._texts))

    def translate(self, language: str, context: str, text: str) -> str:
        """The text in a language, or as it is in French."""
        return self._texts.get(language, {}).get((context, text), text)

    def served(self, client_code: str | None) -> str:
        """The language to serve a client whose own is `client_code` (`pt-br`, `en`, None)."""
        code = (client_code or SOURCE).lower().partition("-")[0]
        return code if code in self._texts else SOURCE


def read_catalogue(folder: Path) -> tuple[Catalogue, list[Problem]]:
    """The catalogues of a `locales` folder, French alone where it holds none, and every problem."""
    texts = {}
    found: list[Problem] = []
    for file in sorted(folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        language = file.parents[1].name
        span = Span(f"{folder.name}/{language}/LC_MESSAGES/{file.name}")
        if language not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            hint = nearest(language, LANGUAGES)
            found.append(problem(span, "catalogue.langue", hint, langue=language, langues=known))
            continue
        try:
            texts[language] = _texts(file)
        except PoFileError as error:
            place = Span(span.file, error.lineno + 1)
            found.append(problem(place, "catalogue.illisible"))
        except UnicodeDecodeError:
            found.append(problem(span, "fichier.encodage"))
    return Catalogue(texts), found


def _texts(file: Path) -> dict[tuple[str, str], str]:
    with file.open("rb") as opened:
        catalogue = read_po(opened, abort_invalid=True)
    return {
        (str(message.context or ""), str(message.id)): str(message.string)
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }
