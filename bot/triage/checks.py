"""What must hold of a bundle before anybody meets it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.reading.problem import Problem, Span, errors, problem
from bot.triage import names, texts
from bot.triage.engine import Show
from bot.triage.facts import Facts
from bot.triage.flow import END, INSTALLATION, Bundle, OpenSite, Signature
from bot.triage.paths import Exploration, explore
from bot.triage.screen import COVER, Renderer, utf16_units
from bot.triage.texts import NEUTRAL, TEXT_LIMIT
from bot.triage.token import CALLBACK_LIMIT, Codebook, clashes
from bot.triage.translation import SOURCE, SourceTexts, Texts

COMFORTABLE = 900  # characters of one screen beside its cover, content rule
TRANSLATED = 1200  # characters: most languages say it in more than French
INSTALLATION_LIMIT = 80  # characters of what the settings say of who runs the bot


@dataclass(frozen=True)
class Ground:
    """What a bundle is checked against."""

    facts: Facts
    signatures: Mapping[str, Signature]
    texts: Texts = field(default_factory=SourceTexts)


def check(bundle: Bundle, ground: Ground, now: datetime) -> list[Problem]:
    """Every problem of names and paths of a bundle that was read without problems of form.

    Paths can only be walked where all names exist: they are left out while some do not.
    """
    found = names.check_names(bundle, names.known_lines(ground.facts), ground.signatures)
    if errors(found):
        return found
    found.extend(clashes(bundle))
    found.extend(_neutral(bundle))
    if errors(found):
        return found
    codes = Codebook(bundle)
    explored = explore(bundle, codes, ground.signatures)
    longest = dict.fromkeys(INSTALLATION, "x" * INSTALLATION_LIMIT)
    renderer = Renderer(codes, ground.texts, ground.facts, longest)
    found.extend(_unreachable(bundle, explored))
    found.extend(_long_token(bundle, explored))
    found.extend(_screens(bundle, explored, ground.facts, renderer, now))
    return found


def _neutral(bundle: Bundle) -> Iterator[Problem]:
    for name, least in NEUTRAL.items():
        for variant in bundle.responses[name].variants:
            if len(variant.text) < least:
                long = len(variant.text)
                yield problem(variant.span, "texte.court", nom=name, minimum=least, longueur=long)


def _unreachable(bundle: Bundle, explored: Exploration) -> Iterator[Problem]:
    reached = {(flow, step) for flow, step, _ in explored.visited}
    for flow in bundle.flows.values():
        for index, step in enumerate(flow.steps):
            if (flow.id, index) not in reached:
                yield problem(step.span, "etape.inaccessible", id=step.id)
                continue
            for position, branch in enumerate(step.branches):
                if branch.test and (flow.id, index, position) not in explored.visited:
                    text = branch.test.text
                    yield problem(branch.span, "branche.inaccessible", condition=text)


def _long_token(bundle: Bundle, explored: Exploration) -> Iterator[Problem]:
    if explored.longest is not None and explored.longest_size > CALLBACK_LIMIT:
        flow = bundle.flows[explored.longest.flow]
        yield problem(
            flow.span, "jeton.long", flow=flow.id, octets=explored.longest_size,
            limite=CALLBACK_LIMIT, chemin=_path(explored.longest.answers),
        )  # fmt: skip


def _screens(
    bundle: Bundle, explored: Exploration, facts: Facts, renderer: Renderer, now: datetime
) -> Iterator[Problem]:
    told: set[tuple[Span, str]] = set()
    for show, office in explored.screens:
        for one in (
            *_contacts(bundle, show, facts, office=office),
            *_choices(bundle, show),
            *(
                one
                for language in renderer.texts.languages
                for one in _size(bundle, show, renderer, language, now)
            ),
        ):
            if (one.span, one.code) not in told:
                told.add((one.span, one.code))
                yield one


def _contacts(bundle: Bundle, show: Show, facts: Facts, *, office: bool) -> Iterator[Problem]:
    if show.asks is not None and not show.outcome:
        return
    lines = {
        line for part in show.parts for line in texts.lines_named(part.variant.text, facts.lines)
    }
    lines |= {one.payload.line for _, one in show.offers if isinstance(one.payload, OpenSite)}
    lines = {line for line in lines if facts.human(line)}
    values = {"chemin": _path(show.state.answers), "flow": show.state.flow}
    if not lines and not office:
        yield problem(_where(bundle, show), "impasse", **values)
    elif len(lines) + office < 2:  # noqa: PLR2004  two ways to reach a human, content rule 3
        yield problem(_where(bundle, show), "contact.unique", **values)
    elif not any(facts.voiceless(line) for line in lines):
        yield problem(_where(bundle, show), "contact.sans_voix", **values)


def _choices(bundle: Bundle, show: Show) -> Iterator[Problem]:
    if show.asks is not None and not show.typed and not show.offers:
        yield problem(_where(bundle, show), "question.sans_bouton", slot=show.asks)


def _size(
    bundle: Bundle, show: Show, renderer: Renderer, language: str, now: datetime
) -> Iterator[Problem]:
    there = replace(show, state=replace(show.state, language=language))
    text = renderer.render(there, now).text
    units = utf16_units(text)
    span = show.parts[-1].variant.span if show.parts else _where(bundle, show)
    if units > TEXT_LIMIT and language == SOURCE:
        yield problem(_where(bundle, show), "texte.long", longueur=units, limite=TEXT_LIMIT)
    elif units > TEXT_LIMIT:
        yield problem(span, "traduction.ecran", langue=language, longueur=units, limite=TEXT_LIMIT)
    else:
        own = len(text) - len(renderer.text_of(COVER, language))
        most = COMFORTABLE if language == SOURCE else TRANSLATED
        if own > most:
            yield problem(span, "ecran.long", langue=language, longueur=own, conseil=most)


def _where(bundle: Bundle, show: Show) -> Span:
    last = show.visits[-1]
    step = bundle.flows[last.flow].steps[last.step]
    return step.at if step.branches and step.branches[0].target == END else step.span


def _path(answers: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{slot}={value}" for slot, value in answers) or "(début)"
