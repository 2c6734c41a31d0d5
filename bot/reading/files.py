"""Files to text: the one door through which bytes come in."""

from pathlib import Path

from bot.reading.problem import Problem, Span, problem

BYTES_LIMIT = 8_000_000  # the largest data file is under 3 MB


def read_text(path: Path, name: str) -> tuple[str, list[Problem]]:
    """The file's text; empty, with one problem, where it cannot be read as UTF-8.

    `name` is how problems call the file: its path within the project.
    """
    try:
        raw = path.read_bytes()
    except OSError:
        return "", [problem(Span(name), "fichier.introuvable")]
    if found := size_problems(raw, name):
        return "", found
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return "", [problem(Span(name, line), "fichier.encodage")]


def size_problems(raw: bytes, name: str) -> list[Problem]:
    """That a file of these bytes would be too large to be read again."""
    if len(raw) <= BYTES_LIMIT:
        return []
    return [problem(Span(name), "fichier.taille", limite=BYTES_LIMIT)]
