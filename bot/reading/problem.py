"""A mistake in a file: where it is, what is wrong, what would be right."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from bot.reading.codes import CODES, Severity

Format = Literal["text", "json", "github"]
SUGGESTION = {"fr": " Vouliez-vous dire « {} » ?", "en": ' Did you mean "{}"?'}
WORDS = {
    "fr": {"erreur": "erreur", "attention": "attention"},
    "en": {"erreur": "error", "attention": "warning"},
}


@dataclass(frozen=True, order=True)
class Span:
    """A place in a file; lines and columns count from 1, `length` in characters on that line."""

    file: str
    line: int = 1
    column: int = 1
    length: int = field(default=1, compare=False)


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake, with a stable code of `codes.CODES` and the values its sentence needs."""

    span: Span
    code: str
    values: tuple[tuple[str, str], ...] = ()
    suggestion: str | None = field(default=None, compare=False)

    @property
    def severity(self) -> Severity:
        """`erreur` keeps a file out of service; `attention` does not."""
        return CODES[self.code].severity

    def sentence(self, language: str = "fr") -> str:
        """What is wrong and what would be right, in French or English."""
        code = CODES[self.code]
        text = (code.en if language == "en" else code.fr).format(**dict(self.values))
        return text + (SUGGESTION[language].format(self.suggestion) if self.suggestion else "")


def problem(span: Span, code: str, suggestion: str | None = None, **values: object) -> Problem:
    """A problem whose sentence is filled with `values`."""
    return Problem(span, code, tuple((k, str(v)) for k, v in values.items()), suggestion)


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Only those that keep a file out of service."""
    return [one for one in problems if one.severity == "erreur"]


def report(
    problems: Iterable[Problem],
    sources: dict[str, str],
    language: str = "fr",
    form: Format = "text",
) -> str:
    """Every problem, sorted by file and line; an empty string where there is none.

    `sources` gives each file's text, for the line and the caret of the text form.
    """
    ordered = sorted(problems)
    if form == "json":
        return json.dumps([_plain(one, language) for one in ordered], ensure_ascii=False, indent=1)
    if form == "github":
        return "\n".join(_annotation(one, language) for one in ordered)
    return "\n".join(_shown(one, sources.get(one.span.file, ""), language) for one in ordered)


def _plain(one: Problem, language: str) -> dict[str, object]:
    return {
        "file": one.span.file,
        "line": one.span.line,
        "column": one.span.column,
        "severity": WORDS["en"][one.severity],
        "code": one.code,
        "message": one.sentence(language),
    }


def _annotation(one: Problem, language: str) -> str:
    place = f"file={one.span.file},line={one.span.line},col={one.span.column}"
    message = one.sentence(language).replace("%", "%25").replace("\n", "%0A")
    return f"::{WORDS['en'][one.severity]} {place},title={one.code}::{message}"


def _shown(one: Problem, source: str, language: str) -> str:
    span = one.span
    word = WORDS[language][one.severity]
    head = f"{span.file}:{span.line}:{span.column}: {word} [{one.code}]"
    lines = source.splitlines()
    quoted = []
    if CODES[one.code].quoted and span.line <= len(lines) and lines[span.line - 1].strip():
        line = lines[span.line - 1].replace("\t", " ")
        under = " " * (span.column - 1) + "^" * max(
            1, min(span.length, len(line) - span.column + 1)
        )
        quoted = [f"{span.line:>6} | {line}", f"       | {under}"]
    return "\n".join([head, *quoted, f"  {one.sentence(language)}"])
