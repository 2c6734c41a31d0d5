"""What translators work on: every French text of the content, in the `.po` file of each language.

A translation is never lost: where the French has been reworded it is kept as fuzzy, with a note of
the French it was made from; where the French is gone it stands at the end of the file as obsolete.
"""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from babel.messages import Catalog, Message
from babel.messages.pofile import write_po

from bot.catalogue import DOMAIN, SHARED, messages_of, read_file
from bot.outputs.checkup import Content
from bot.reading.problem import Span
from bot.referral.tables import LINES as LINES_FILE
from bot.triage.flowfile import read_bundle
from bot.triage.texts import LABEL_LIMIT, NEUTRAL
from bot.triage.translation import LABEL_LIMIT as TRANSLATED_LIMIT
from bot.triage.translation import LINES, Text, own_words, texts_of

HEADER = """\
# Relais : {language}
# Licence : AGPL-3.0-or-later, comme le français.
# Relu par :
# Relu le :"""
WIDTH = 100
BEFORE = "avant : "

Extracted = tuple[int, str, tuple[str, str], list[str]]


def extract_flow(
    fileobj: IO[bytes],
    keywords: Mapping[str, Any],
    comment_tags: Collection[str],
    options: Mapping[str, Any],
) -> Iterator[Extracted]:
    """Babel's extractor for a flow file: line, `pgettext`, (context, text), notes."""
    del keywords, comment_tags, options
    bundle, _ = read_bundle({"": fileobj.read().decode("utf-8")})
    for text in texts_of(bundle):
        yield text.span.line, "pgettext", (text.context, text.text), _notes(text)


def everything(content: Content) -> Iterator[Text]:
    """Every text there is to translate: flows, names and purposes of lines, own words."""
    yield from texts_of(content.bundle)
    place = Span(f"data/{LINES_FILE}")
    for line in content.register.lines.values():
        yield Text(LINES, line.name, place)
        yield Text(LINES, line.purpose, place)
    yield from own_words()


def bring_up(content: Content, locales: Path, language: str) -> Path:
    """Write a language's file with today's texts and all the translations it has; the file.

    Raises:
        PoFileError: the file that is there is malformed; it is left as it is.
        UnicodeDecodeError: likewise, it is not UTF-8.
    """
    file = locales / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    existing = read_file(file) if file.exists() else _empty(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_suffix(".new")
    with written.open("wb") as opened:
        new = brought_up(existing, list(everything(content)), language)
        write_po(opened, new, width=WIDTH, include_lineno=False)
    written.replace(file)
    return file


def brought_up(old: Catalog, texts: Collection[Text], language: str) -> Catalog:
    """A catalogue of exactly these texts, with every translation of the old one."""
    new = _empty(language)
    new.header_comment = old.header_comment
    new.creation_date, new.revision_date = old.creation_date, old.revision_date
    new.last_translator, new.language_team = old.last_translator, old.language_team
    there = [*messages_of(old), *old.obsolete.values()]
    left = {(str(one.context or ""), str(one.id)): one for one in there if one.string}
    reworded = {text.context for text in texts} - set(SHARED)
    wanted = {(text.context, text.text) for text in texts}
    for text in texts:
        said = left.get((text.context, text.text))
        if said is not None:
            _add(new, text, said)
            continue
        earlier = [one for key, one in left.items() if key[0] == text.context]
        fits = text.context in reworded and len(earlier) == 1
        _add(new, text, earlier[0] if fits else None)
        wanted |= {(text.context, str(earlier[0].id))} if fits else set()
    for (context, source), message in left.items():
        if (context, source) not in wanted:
            new.obsolete[source, context] = message
    return new


def _add(new: Catalog, text: Text, said: Message | None) -> None:
    place = [(text.span.file, text.span.line)]
    if said is None:
        new.add(text.text, None, place, (), _notes(text), context=text.context)
        return
    flags, before = said.flags, _before(said)
    if said.id != text.text:
        flags, before = flags | {"fuzzy"}, [f"{BEFORE}{' '.join(str(said.id).split())}"]
    notes = [*_notes(text), *(before if "fuzzy" in flags else ())]
    new.add(text.text, said.string, place, flags, notes, said.user_comments, context=text.context)


def _before(said: Message) -> list[str]:
    """The French that a fuzzy translation was made from; Babel reads no `#|` comments."""
    return [note for note in said.auto_comments if note.startswith(BEFORE)][:1]


def _empty(language: str) -> Catalog:
    return Catalog(
        locale=language.partition("_")[0],
        header_comment=HEADER.format(language=language),
        project="relais",
        version="",
        msgid_bugs_address="",
        last_translator="Relais",
        language_team=language,
        charset="utf-8",
        fuzzy=False,
    )


def _notes(text: Text) -> list[str]:
    """What a translator should know beyond the words."""
    if " /" in text.context:
        return [f"bouton : {LABEL_LIMIT} caractères si possible, {TRANSLATED_LIMIT} au plus"]
    if text.context in NEUTRAL:
        return [f"neutre, {NEUTRAL[text.context]} caractères au moins"]
    return []
