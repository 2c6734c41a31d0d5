"""How complete each language is: what is translated, what is of an earlier wording, what is not."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot.catalogue import Catalogue
from bot.triage.translation import SOURCE, Text


@dataclass(frozen=True)
class Completeness:
    """One language; `stale` are shown still unless their French has a new sense, `missing` not."""

    language: str
    texts: int
    stale: tuple[Text, ...]
    missing: tuple[Text, ...]
    review: str

    @property
    def done(self) -> int:
        """How many texts are translated as they stand today."""
        return self.texts - len(self.stale) - len(self.missing)

    @property
    def complete(self) -> bool:
        """Whether every text is translated as it stands today."""
        return self.done == self.texts


def completeness(catalogue: Catalogue, texts: Collection[Text]) -> list[Completeness]:
    """Every language but French, in alphabetical order."""
    return [
        _of(catalogue, language, texts) for language in catalogue.languages if language != SOURCE
    ]


def as_text(found: Completeness, *, listed: bool) -> Iterator[str]:
    """What a volunteer reads of a language, line by line; `listed` names each text to do."""
    percent = 100 * found.done // max(found.texts, 1)
    yield f"{found.language} : {found.done} textes sur {found.texts} ({percent} %), {found.review}"
    if found.stale:
        yield f"  à relire, le français a changé : {len(found.stale)}"
        yield from _places(found.stale) if listed else ()
    if found.missing:
        yield f"  à traduire : {len(found.missing)}"
        yield from _places(found.missing) if listed else ()


def _of(catalogue: Catalogue, language: str, texts: Collection[Text]) -> Completeness:
    stale, missing = [], []
    for one in texts:
        if catalogue.stale(language, one.context, one.text):
            stale.append(one)
        elif catalogue.find(language, one.context, one.text) is None:
            missing.append(one)
    review = catalogue.read[language].review
    read_by = f"relu par {review.reviewer} le {review.day}" if review else "pas encore relu"
    return Completeness(language, len(texts), tuple(stale), tuple(missing), read_by)


def _places(texts: Collection[Text]) -> Iterator[str]:
    for one in texts:
        where = f"{one.span.file}:{one.span.line}" if one.span.line else one.span.file
        yield f"    {where}: {one.context} : {one.text.splitlines()[0][:60]}"
