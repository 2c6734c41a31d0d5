"""The command line, `relais`. Heavy rooms are imported inside the command that needs them."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from bot.reading.problem import Format, Problem, errors, report
from bot.settings import ROOT, Settings, read_settings

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from bot.conversation import Ground
    from bot.outputs.checkup import Content
    from bot.referral.directory import Directory as OpenDirectory

CONVERSATIONS = ROOT / "tests" / "conversations"
STUDIO_PORT = 8765
FORCE = "Même si le fichier est plus vieux, ou incomplet. / Even an older or incomplete file."
OPENED = """\
L'aperçu est ouvert : {url}
Rien ne part sur le réseau, rien n'est enregistré. Ctrl-C pour finir.
La même chose dans ce terminal : relais walk.

The preview is open: {url}
Nothing goes over the network, nothing is saved. Ctrl-C to end.
The same in this terminal: relais walk.
"""
HOW_TO_WALK = "Un numéro choisit un bouton ; le reste est lu comme un message. Ctrl-D pour finir.\n"


WITHOUT_DIRECTORY = """\
L'annuaire ne peut pas être lu : le bot sert sans lui, avec les lignes nationales, et le reprendra
dès qu'il sera corrigé.

The directory cannot be read: the bot serves without it, with the national lines, and takes it up as
soon as it is corrected."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def relais() -> None:
    """Relais : le fil vers l'aide. / Relais: the thread that leads to help."""


@relais.command()
def run() -> None:
    """Lance le bot Telegram ; sans BOT_TOKEN, l'aperçu. / Run the bot, else the preview."""
    settings = _settings()
    if not settings.token:
        _studio(settings, STUDIO_PORT, show=True)
        return
    _stop_on_errors(settings.unsaid(), {})
    ground = _ground(settings, _content(settings), _directory_or_none(settings))
    from asyncio import run as run_async  # noqa: PLC0415

    from bot.app import CannotServeError, serve  # noqa: PLC0415  aiogram takes seconds to import

    try:
        run_async(serve(settings, ground))
    except CannotServeError as refused:
        raise click.ClickException(str(refused)) from None


@relais.command()
@click.option("--port", default=STUDIO_PORT, show_default=True, type=click.IntRange(1024, 65000))
@click.option("--browser/--no-browser", default=True, help="Ouvre le navigateur. / Open it.")
def studio(port: int, *, browser: bool) -> None:
    """Ouvre l'aperçu dans le navigateur. / Open the preview in the browser."""
    _studio(_settings(), port, show=browser)


@relais.command()
@click.argument("flow", required=False)
def walk(flow: str | None) -> None:
    """Parcourt la conversation dans ce terminal. / Walk the conversation here."""
    _walk(_settings(), flow)


@relais.command()
@click.option("--format", "form", type=click.Choice(get_args(Format)), default="text")
@click.option("--strict", is_flag=True, help="Les avertissements comptent. / Warnings count.")
def check(form: Format, *, strict: bool) -> None:
    """Vérifie flows, lignes, annuaire et tests. / Check flows, lines, directory and tests."""
    settings = _settings()
    from bot.outputs.checkup import directory_problems, read_scripts  # noqa: PLC0415

    content = _read(settings)
    _, problems = read_scripts(CONVERSATIONS, content.sources)
    problems += content.problems + directory_problems(settings.data, settings.cache)
    _tell(problems, content.sources, form)
    if errors(problems) or (strict and problems):
        sys.exit(1)
    if form == "text":
        flows, responses = len(content.bundle.flows), len(content.bundle.responses)
        click.echo(f"{flows} flows, {responses} réponses : aucune erreur.")


@relais.command()
@click.option("--coverage", is_flag=True, help="Échoue aussi si rien ne passe quelque part.")
def test(*, coverage: bool) -> None:
    """Joue les tests de conversation. / Play the conversation tests."""
    settings = _settings()
    from asyncio import run as run_async  # noqa: PLC0415

    from bot.outputs.checkup import read_scripts  # noqa: PLC0415
    from bot.outputs.rehearsal import rehearse, unvisited  # noqa: PLC0415

    content = _content(settings)
    scripts, problems = read_scripts(CONVERSATIONS, content.sources)
    _stop_on_errors(problems, content.sources)
    rehearsal = run_async(rehearse(_ground(settings, content), scripts, _now()))
    for one in rehearsal.failures:
        click.echo(f"{one.span.file}:{one.span.line}: « {one.case} »")
        click.echo(f"  attendu : {one.expected}\n  obtenu  : {one.came}")
    missing = unvisited(content.bundle, rehearsal.visits)
    for span, what in missing:
        click.echo(f"{span.file}:{span.line}: aucun test ne passe par ici : {what}")
    passed = rehearsal.played - len(rehearsal.failures)
    click.echo(f"{passed} conversations sur {rehearsal.played} se passent comme prévu.")
    if rehearsal.failures or (coverage and missing):
        sys.exit(1)


@relais.command()
@click.option("--lang", help="Une langue nouvelle. / A new language.")
def extract(lang: str | None) -> None:
    """Met les traductions à jour du français. / Bring catalogues up to the French."""
    settings = _settings()
    content = _content(settings)
    from bot.outputs.extraction import bring_up  # noqa: PLC0415
    from bot.triage.token import LANGUAGES  # noqa: PLC0415
    from bot.triage.translation import SOURCE  # noqa: PLC0415

    if lang == SOURCE or (lang and lang not in LANGUAGES):
        known = ", ".join(one for one in LANGUAGES if one != SOURCE)
        raise click.ClickException(f"« {lang} » n'est pas prévu. Les langues sont : {known}.")
    for language in [lang] if lang else content.catalogue.read:
        file = bring_up(content, settings.locales, language)
        click.echo(file.relative_to(settings.locales.parent))


@relais.command()
@click.option("--list", "listed", is_flag=True, help="Chaque texte à faire. / Each text to do.")
@click.option("--strict", is_flag=True, help="Échoue si l'une est incomplète. / Fail if one is.")
def languages(*, listed: bool, strict: bool) -> None:
    """Dit où en est chaque langue. / Tell how complete each language is."""
    content = _content(_settings())
    from bot.outputs.extraction import everything  # noqa: PLC0415
    from bot.outputs.languages import as_text, completeness  # noqa: PLC0415

    found = completeness(content.catalogue, list(everything(content)))
    for one in found:
        click.echo("\n".join(as_text(one, listed=listed)))
    if strict and not all(one.complete for one in found):
        sys.exit(1)


@relais.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="Pour une machine. / For a machine.")
def nearest(text: str, *, as_json: bool) -> None:
    """Dit les lieux d'aide d'un endroit. / Tell the offices of a place."""
    settings = _settings()
    from bot.outputs.checkup import read_lines  # noqa: PLC0415
    from bot.outputs.nearest import as_text, nearest_to  # noqa: PLC0415

    register, sources, problems = read_lines(settings.data)
    _stop_on_errors(problems, sources)
    found = nearest_to(text, _directory(settings), register, _now())
    click.echo(json.dumps(found, ensure_ascii=False, indent=1) if as_json else as_text(found))


@relais.group()
def directory() -> None:
    """L'annuaire des lieux d'aide. / The directory of offices."""


@directory.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help=FORCE)
def import_(file: Path, *, force: bool) -> None:
    """Reprend un fichier de l'annuaire officiel. / Take over a file of the official directory."""
    settings = _settings()
    click.echo(_imported(settings, file, force=force))
    from bot.referral.official.download import forget_mark  # noqa: PLC0415

    forget_mark(settings.cache)  # what serves now is not what was downloaded last


@directory.command()
@click.option("--force", is_flag=True, help=FORCE)
@click.option("--url", help="Une autre adresse que celle de la DILA. / Another address.")
def refresh(url: str | None, *, force: bool) -> None:
    """Télécharge l'annuaire officiel et le reprend. / Download it, and take it over."""
    settings = _settings()
    from bot.referral.official.download import (  # noqa: PLC0415
        ADDRESS,
        DownloadError,
        Unchanged,
        download,
        keep_mark,
        read_mark,
    )
    from bot.referral.tables import OFFICIAL  # noqa: PLC0415

    known = read_mark(settings.cache) if (settings.data / OFFICIAL).exists() else None
    try:
        with click.progressbar(length=1, label="Annuaire officiel", file=sys.stderr) as bar:
            got = download(url or ADDRESS, settings.cache, None if force else known, _shown_on(bar))
        if isinstance(got, Unchanged):
            click.echo("Rien de nouveau : l'annuaire en service est le dernier publié.")
            return
        try:
            click.echo(_imported(settings, got.file, force=force))
        finally:
            got.file.unlink(missing_ok=True)
        keep_mark(settings.cache, got.mark)
    except DownloadError as failed:
        raise click.ClickException(failed.sentence(_language())) from None


@directory.command()
@click.option("--json", "as_json", is_flag=True, help="Pour une machine. / For a machine.")
def status(*, as_json: bool) -> None:
    """Dit l'âge de l'annuaire et ce qui y manque. / Tell its age and its gaps."""
    settings = _settings()
    from bot.outputs.standing import as_text, standing  # noqa: PLC0415
    from bot.referral.built import services_of  # noqa: PLC0415
    from bot.referral.contents import DirectoryUnreadableError, read_contents  # noqa: PLC0415

    try:
        contents = read_contents(settings.data)
        found = standing(contents, services_of(settings.data, contents), _now().date())
    except DirectoryUnreadableError as unreadable:
        _stop_on_errors(unreadable.problems, {})
        raise
    click.echo(json.dumps(found, ensure_ascii=False, indent=1) if as_json else as_text(found))


def _imported(settings: Settings, file: Path, *, force: bool) -> str:
    """What the import did; one that cannot be done ends the command, and nothing has changed."""
    from bot.outputs.imported import as_text, refusal  # noqa: PLC0415
    from bot.referral.contents import DirectoryUnreadableError  # noqa: PLC0415
    from bot.referral.official.importing import (  # noqa: PLC0415
        OlderFileError,
        TooMuchLostError,
        import_official,
    )
    from bot.referral.official.listings import OfficialFileError  # noqa: PLC0415

    try:
        today = _now().date()
        return as_text(import_official(file, settings.data, settings.cache, today, force=force))
    except OfficialFileError as unreadable:
        _stop_on_errors([unreadable.problem], {})
        raise
    except DirectoryUnreadableError as unreadable:
        _stop_on_errors(unreadable.problems, {})
        raise
    except (OlderFileError, TooMuchLostError) as refused:
        raise click.ClickException(refusal(refused)) from None
    except OSError:
        raise click.ClickException(
            "Le dossier data ne peut pas être écrit, ou le disque est plein. Rien n'a changé."
            " / The folder data cannot be written, or the disk is full. Nothing was changed."
        ) from None


def _shown_on(bar: "ProgressBar[int]") -> Callable[[int, int | None], None]:
    """Moves a bar to where a download stands; one of unknown length stays where it is."""

    def show(done: int, total: int | None) -> None:
        if total:
            bar.length = total
            bar.update(done - bar.pos)

    return show


def _studio(settings: Settings, port: int, *, show: bool) -> None:
    ground = _ground(settings, _content(settings))
    from bot import logs  # noqa: PLC0415
    from bot.conversation import Conversation  # noqa: PLC0415
    from bot.studio import serve  # noqa: PLC0415

    logs.install(settings.log_level)
    try:
        serve(Conversation(ground, _now), port, opened=_say_opened, show=show)
    except OSError:
        raise click.ClickException(
            f"Aucun port libre à partir de {port} ; choisissez-en un autre avec --port."
            f" / No free port from {port} on; choose another with --port."
        ) from None


def _say_opened(url: str) -> None:
    click.echo(OPENED.format(url=url))


def _walk(settings: Settings, flow: str | None) -> None:
    content = _content(settings)
    from bot.conversation import Conversation  # noqa: PLC0415
    from bot.outputs.walk import walk as go  # noqa: PLC0415

    if flow is not None and content.bundle.flow_named(flow) is None:
        known = ", ".join(content.bundle.flows)
        raise click.ClickException(f"« {flow} » n'existe pas. Les flows sont : {known}.")
    click.echo(HOW_TO_WALK)
    go(Conversation(_ground(settings, content), _now), flow, _show_screen, _ask)
    click.clear()


def _show_screen(text: str) -> None:
    click.echo(f"\n{text}\n")


def _ask() -> str | None:
    try:
        return input("> ")
    except (EOFError, KeyboardInterrupt):
        return None


def _content(settings: Settings) -> "Content":
    """The content without errors; else its problems are told and the command ends."""
    content = _read(settings)
    _stop_on_errors(content.problems, content.sources)
    return content


def _read(settings: Settings) -> "Content":
    from bot.outputs.checkup import read_content  # noqa: PLC0415

    return read_content(settings.flows, settings.data, settings.locales, _now())


def _ground(
    settings: Settings, content: "Content", directory: "OpenDirectory | None" = None
) -> "Ground":
    from bot.conversation import Ground  # noqa: PLC0415
    from bot.referral.actions import in_process  # noqa: PLC0415

    opened = directory or _directory(settings)
    return Ground(
        content.bundle,
        content.catalogue,
        content.register,
        opened,
        in_process(opened),
        settings.installation(),
    )


def _directory_or_none(settings: Settings) -> "OpenDirectory":
    """The directory, or one that knows no place: a mistake in a table must not silence the bot."""
    from bot.referral.contents import DirectoryUnreadableError  # noqa: PLC0415
    from bot.referral.directory import empty_directory, open_directory  # noqa: PLC0415

    try:
        return open_directory(settings.data, settings.cache)
    except DirectoryUnreadableError as unreadable:
        _tell(errors(unreadable.problems), {}, "text")
        click.echo(WITHOUT_DIRECTORY)
        return empty_directory()


def _directory(settings: Settings) -> "OpenDirectory":
    from bot.referral.contents import DirectoryUnreadableError  # noqa: PLC0415
    from bot.referral.directory import open_directory  # noqa: PLC0415

    try:
        return open_directory(settings.data, settings.cache)
    except DirectoryUnreadableError as unreadable:
        _stop_on_errors(unreadable.problems, {})
        raise


def _settings() -> Settings:
    settings, problems = read_settings()
    _stop_on_errors(problems, {})
    return settings


def _stop_on_errors(problems: list[Problem], sources: dict[str, str]) -> None:
    wrong = errors(problems)
    if wrong:
        _tell(wrong, sources, "text")
        sys.exit(1)


def _tell(problems: list[Problem], sources: dict[str, str], form: Format) -> None:
    text = report(problems, sources, _language(), form)
    if text:
        click.echo(text)


def _language() -> str:
    """French, or English where the environment's language says so."""
    return "en" if os.environ.get("LANG", "").startswith("en") else "fr"


def _now() -> datetime:
    return datetime.now(UTC)
