"""Everything that `relais check` looks at, in one reading of the checkout."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from bot.catalogue import Catalogue, read_catalogue
from bot.reading.files import read_text
from bot.reading.problem import Problem, Span, errors, problem
from bot.reading.rows import Row, read_csv
from bot.reading.suggest import nearest
from bot.referral.contents import contents_problems
from bot.referral.helpline import Register, read_register
from bot.referral.localpack import read_packs
from bot.referral.place import normalise
from bot.referral.signatures import SIGNATURES
from bot.referral.tables import (
    COLUMNS,
    COMMUNES,
    LINES,
    LOCAL,
    OFFICES,
    built_name,
    read_table,
)
from bot.triage import checks
from bot.triage.flow import Bundle
from bot.triage.flowfile import read_bundle
from bot.triage.names import check_names, known_lines
from bot.triage.script import Script, read_script
from bot.triage.texts import check_texts
from bot.triage.translation import check_entries


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
    register, lines, problems = read_lines(data)
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
    packs = _texts_of_packs(data)
    return Content(bundle, register, catalogue, found, {**sources, **lines, **packs})


def read_lines(data: Path) -> tuple[Register, dict[str, str], list[Problem]]:
    """The register of a folder, its text by the file's shown name, and every problem in it."""
    shown = f"{data.name}/{LINES}"
    text, problems = read_text(data / LINES, shown)
    register, found = read_register(text, shown) if not problems else (Register({}), problems)
    return register, {shown: text}, found


def _texts_of_packs(data: Path) -> dict[str, str]:
    """The local packs' texts, unread: a fault there (`directory_problems`) stops nobody else."""
    files = sorted((data / LOCAL).glob("*.yml"))
    names = {file: f"{data.name}/{LOCAL}/{file.name}" for file in files}
    return {name: read_text(file, name)[0] for file, name in names.items()}


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
    """What is wrong in the directory's tables and in the local packs.

    The large tables are passed over where they are built already and unchanged; the one that
    people edit never is.
    """
    if not (cache / built_name(data)).exists():
        return [*contents_problems(data), *_pack_problems(data)]
    text, found = read_text(data / OFFICES, f"{data.name}/{OFFICES}")
    edited = found or read_table(OFFICES, text, f"{data.name}/{OFFICES}")[1]
    return [*edited, *_pack_problems(data)]


def _pack_problems(data: Path) -> list[Problem]:
    communes, _ = read_text(data / COMMUNES, COMMUNES)
    codes = {row.partition(",")[0] for row in communes.splitlines()[1:]}
    _, _, found = read_packs(
        data / LOCAL,
        f"{data.name}/{LOCAL}",
        codes.__contains__,
        suggest=_commune_meant(communes),
        national=read_lines(data)[0].numbers,
    )
    return found


def _commune_meant(communes: str) -> Callable[[str], str | None]:
    """Finds the INSEE code meant by a name or a postcode: « 94016 (Cachan) », the largest first.

    `communes` is the table's text, read as a table only where something has to be found: that
    takes as long as all the rest of a check.
    """

    @cache
    def names() -> dict[str, Row]:
        return {normalise(row["name"]): row for row in reversed(by_size())}

    @cache
    def by_size() -> list[Row]:
        rows, _ = read_csv(communes, COMMUNES, COLUMNS[COMMUNES])
        return sorted(rows, key=_population, reverse=True)

    def suggest(typed: str) -> str | None:
        if any(map(str.isdigit, typed)):
            found = next((row for row in by_size() if typed in row["postcodes"].split()), None)
        else:
            found = names().get(nearest(normalise(typed), names()) or "")
        return f"{found['insee']} ({found['name']})" if found else None

    return suggest


def _population(row: Row) -> int:
    return int(row["population"]) if row["population"].isdecimal() else 0


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
