"""Everything that `relais check` looks at, in one reading of the checkout."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.catalogue import Catalogue, read_catalogue
from bot.reading.files import read_text
from bot.reading.problem import Problem, Span, errors, problem
from bot.referral.helpline import Register, read_register
from bot.referral.signatures import SIGNATURES
from bot.referral.tables import built_name, read_tables
from bot.triage import checks
from bot.triage.flow import Bundle
from bot.triage.flowfile import read_bundle
from bot.triage.names import check_names, known_lines
from bot.triage.script import Script, read_script
from bot.triage.texts import check_texts
from bot.triage.translation import check_entries

LINES = "helplines.yml"


@dataclass(frozen=True)
class Content:
    """What volunteers edit, as read: usable where `problems` hold no error."""

    bundle: Bundle
    register: Register
    catalogue: Catalogue
    problems: list[Problem]
    sources: dict[str, str]  # every file's text by its shown name, for carets


def read_content(flows: Path, data: Path, locales: Path, now: datetime) -> Content:
    """Flows, lines and translations, with every problem that they have, in no order."""
    sources: dict[str, str] = {}
    found: list[Problem] = []
    files = sorted(flows.glob("*.yml"))
    if not files:
        found.append(problem(Span(flows.name), "dossier.vide"))
    for file in files:
        name = f"{flows.name}/{file.name}"
        sources[name], problems = read_text(file, name)
        found.extend(problems)
    shown = f"{data.name}/{LINES}"
    lines, problems = read_text(data / LINES, shown)
    found.extend(problems)
    register, problems = read_register(lines, shown) if not problems else (Register({}), [])
    found.extend(problems)
    bundle, problems = read_bundle(sources)
    found.extend(problems)
    catalogue, problems = read_catalogue(locales)
    found.extend(problems)
    for language in catalogue.read.values():
        found.extend(check_entries(language.entries))
    ground = checks.Ground(register, SIGNATURES, catalogue)
    found.extend(_problems_of(bundle, ground, found, now))
    found.extend(check_texts(bundle, register.numbers, sources))
    return Content(bundle, register, catalogue, found, {**sources, shown: lines})


def _problems_of(
    bundle: Bundle, ground: checks.Ground, form: list[Problem], now: datetime
) -> list[Problem]:
    """What is wrong in names and paths, as far as the mistakes of form let it be known.

    Where a whole file could not be read, names of its own would only seem to be missing.
    """
    if not errors(form):
        return checks.check(bundle, ground, now)
    if any(one.code.startswith(("yaml.", "fichier.", "ligne.")) for one in form):
        return []
    return errors(check_names(bundle, known_lines(ground.facts), ground.signatures))


def directory_problems(data: Path, cache: Path) -> list[Problem]:
    """What is wrong in the directory's tables; nothing where it is built already and unchanged."""
    if (cache / built_name(data)).exists():
        return []
    return read_tables(data, data.name)[1]


def read_scripts(folder: Path, sources: dict[str, str]) -> tuple[list[Script], list[Problem]]:
    """The conversation tests of a folder, and every problem; their texts go to `sources`."""
    scripts: list[Script] = []
    found: list[Problem] = []
    for file in sorted(folder.glob("*.yml")):
        name = f"{folder.parent.name}/{folder.name}/{file.name}"
        sources[name], unreadable = read_text(file, name)
        script, problems = read_script(sources[name], name)
        scripts.append(script)
        found.extend(unreadable or problems)
    return scripts, found
