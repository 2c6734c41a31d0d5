"""What the specifications of the core are made of: small topics, and the real content.

`COMMON` is the least that the program needs; a topic is one more file beside it. `told` says what
`relais check` would say of that topic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from textwrap import indent
from zoneinfo import ZoneInfo

from hypothesis import settings

from bot.outputs.checkup import Content, _problems_of, read_content
from bot.reading.problem import Problem, errors
from bot.referral.signatures import SIGNATURES
from bot.triage.checks import Ground
from bot.triage.engine import Show, State, after, replay, start
from bot.triage.flow import EMERGENCY, Bundle, Button, Payload, SetSlots, Signature
from bot.triage.flowfile import read_bundle
from bot.triage.paths import PLACES, shows, startable
from bot.triage.screen import Key, Press, Renderer, Screen
from bot.triage.texts import check_texts
from bot.triage.token import Codebook
from bot.triage.translation import SourceTexts

ROOT = Path(__file__).parents[1]
PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2025, 6, 3, 14, tzinfo=PARIS)  # every line with daytime hours answers
SUNDAY_NIGHT = datetime(2025, 6, 1, 3, tzinfo=PARIS)
CHRISTMAS_NIGHT = datetime(2025, 12, 25, 3, tzinfo=PARIS)
TOKEN = r"[A-Za-z0-9_-]{1,64}"

# The same examples every time: a volunteer's change never fails by chance.
settings.register_profile("laws", derandomize=True, deadline=None, database=None)
LAWS = settings(settings.get_profile("laws"), max_examples=40)

NEUTRAL = "Informations pratiques : numéros utiles et adresses. Service automatique et gratuit."
GREETING = f"Bonjour. {NEUTRAL} Touchez « Continuer » pour choisir un sujet."
COMMON = """\
slots:
  lieu: {type: text, metadata: {saisie: lieu}}
flows:
  accueil:
    description: "Le début."
    steps: [{action: utter_accueil}]
  urgence:
    description: "Danger maintenant."
    steps: [{action: utter_urgence}]
  lieu:
    description: "Un lieu d'aide."
    steps:
      - {collect: lieu, force_slot_filling: true}
      - action: utter_accueil
  confidentialite:
    description: "Ce qui est gardé."
    steps: [{action: utter_accueil}]
  langue:
    description: "Une langue."
    steps: [{action: utter_langues}]
responses:
  utter_accueil: [{text: "Danger : {tel_17}. Sans parler : {tel_114}."}]
  utter_urgence:
    - text: "Danger : {tel_17}. Sans parler : {tel_114}."
      buttons: [{title: "Ce n'est pas maintenant", payload: "/retour"}]
  utter_ask_lieu: [{text: "Quel lieu ?"}]
  utter_langues:
    - text: "Langue ? {tel_3919}. Sans parler : {tel_114}."
      buttons:
        - {title: "Français", payload: "/langue(fr)"}
        - {title: "English", payload: "/langue(en)"}
  utter_non_relu: [{text: "Pas encore relu."}]
  utter_bonjour: [{text: "GREETING"}]
  utter_couverture: [{text: "COVER"}]
  utter_pas_compris: [{text: "Choisissez un bouton."}]
  utter_personne_n_a_lu: [{text: "Personne n'a lu votre message."}]
  utter_lieu_inconnu: [{text: "Lieu inconnu."}]
  utter_quel_lieu: [{text: "Lequel ?"}]
  utter_ligne: [{text: "{carte}"}]
  utter_photo_recue: [{text: "Reçu."}]
  utter_position_directe: [{text: "Refusé."}]
  utter_efface: [{text: "Écran fermé."}]
  utter_hors_de_france: [{text: "Hors de France."}]
  utter_lieux_titre: [{text: "{lieu}"}]
  utter_bureau: [{text: "{nom} {telephone} {adresse} {commune}"}]
  utter_bureau_sans_adresse: [{text: "{nom} {telephone} {commune}"}]
  utter_bureau_tribunal: [{text: "{nom} {telephone} {adresse} {commune}"}]
  utter_numero_ancien: [{text: "{date}"}]
  utter_aucun_bureau: [{text: "{lieu}"}]
nlu:
  - intent: danger
    examples: "- au secours"
  - intent: sortir
    examples: "- sortir"
  - intent: hors_sujet
    examples: "- mort de rire"
""".replace("GREETING", GREETING).replace("COVER", NEUTRAL)
TOPIC = "flows/essai.yml"
AGE = """\
slots:
  age: {type: categorical, values: [mineur, majeur]}
responses:
  utter_ask_age:
    - text: "Votre âge ? À toute heure : {tel_3919}."
      buttons:
        - {title: "Moins de 18 ans", payload: "/SetSlots(age=mineur)"}
        - {title: "Plus de 18 ans", payload: "/SetSlots(age=majeur)"}
  utter_fin: [{text: "Parler : {tel_3919}. Sans parler : {tel_114}."}]
"""


def read(text: str) -> tuple[Bundle, list[Problem]]:
    """The bundle of one topic beside the common one, and its problems of form."""
    return read_bundle({"flows/_commun.yml": COMMON, TOPIC: text})


def marked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without its ▶ marks, and the line and column of what each of them stood before."""
    places = []
    while "▶" in text:
        before, _, after_it = text.partition("▶")
        places.append((before.count("\n") + 1, len(before) - before.rfind("\n")))
        text = before + after_it
    return text, places


def bundle_of(text: str) -> Bundle:
    """The bundle of one topic beside the common one; nothing in it is wrong in its form."""
    bundle, found = read(text)
    assert not found, [(one.span.line, one.sentence()) for one in found]
    return bundle


def told(text: str, common: str = COMMON) -> list[Problem]:
    """Everything that `relais check` tells of one topic beside the common one, sorted."""
    sources = {"flows/_commun.yml": common, TOPIC: text}
    bundle, found = read_bundle(sources)
    found += _problems_of(bundle, ground(), found, TUESDAY)
    found += check_texts(bundle, real().register.numbers, sources)
    return sorted(found)


def codes_told(text: str) -> list[str]:
    """The codes of what is told of one topic."""
    return [one.code for one in told(text)]


def with_steps(text: str) -> str:
    """A topic with one flow, `essai`, of these steps, and a question about an age."""
    return f"{AGE}flows:\n  essai:\n    description: Essai.\n    steps:\n{indent(text, '      ')}"


def questions(count: int) -> str:
    """A topic with one flow, `essai`, of so many questions q00, q01... with the answers x and y."""
    names = [f"q{number:02}" for number in range(count)]
    slots = "".join(f"  {name}: {{type: categorical, values: [x, y]}}\n" for name in names)
    asked = "".join(question(name, "x", "y") for name in names)
    steps = "".join(f"      - collect: {name}\n" for name in names)
    return (
        f"slots:\n{slots}responses:\n{asked}flows:\n  essai:\n    description: x\n    steps:\n"
        f"{steps}      - action: utter_accueil\n"
    )


def question(slot: str, *values: str) -> str:
    """A response that asks for a slot, with one button for each value."""
    buttons = "".join(
        f'      - {{title: "{slot} {value}", payload: "/SetSlots({slot}={value})"}}\n'
        for value in values
    )
    return (
        f'  utter_ask_{slot}:\n  - text: "{slot} ? {{tel_17}} {{tel_114}}"\n    buttons:\n{buttons}'
    )


@cache
def real() -> Content:
    """The flows and lines that people meet."""
    content = read_content(ROOT / "flows", ROOT / "data", ROOT / "locales", TUESDAY)
    assert not errors(content.problems), [one.sentence() for one in content.problems]
    return content


@cache
def real_codes() -> Codebook:
    """The keys of the real flows."""
    return Codebook(real().bundle)


@cache
def real_renderer() -> Renderer:
    """The real screens, in French."""
    return renderer_of(real().bundle)


def renderer_of(bundle: Bundle) -> Renderer:
    """The screens of a bundle with the real lines, in French."""
    return Renderer(Codebook(bundle), SourceTexts(), real().register)


@cache
def ground() -> Ground:
    """The real lines and actions, to check small topics against."""
    return Ground(real().register, SIGNATURES)


def shown(bundle: Bundle, state: State) -> Show:
    """What a state without actions on its path shows."""
    found = replay(bundle, state)
    assert isinstance(found, Show), found
    return found


def press(bundle: Bundle, show: Show, title: str) -> Show:
    """What a press on the button of that title shows."""
    state = after(bundle, show, button(show, title).payload)
    assert state is not None, f"« {title} » mène nulle part"
    return shown(bundle, state)


def button(show: Show, title: str) -> Button:
    """The button of that title on a screen."""
    titles = {one.title: one for _, one in show.offers}
    assert title in titles, f"« {title} » n'est pas parmi {list(titles)}"
    return titles[title]


def names_shown(show: Show) -> list[str]:
    """The responses that make a screen, in order."""
    return [part.response for part in show.parts]


def labels(screen: Screen) -> list[str]:
    """Every button's label, from top to bottom."""
    return [key.label for key in keys(screen)]


def keys(screen: Screen) -> list[Key]:
    """Every button, from top to bottom."""
    return [key for row in screen.rows for key in row]


def presses(screen: Screen) -> dict[str, str]:
    """The data of each callback button by its label."""
    return {key.label: key.data for key in keys(screen) if isinstance(key, Press)}


@dataclass(frozen=True)
class Walked:
    """Every walk through some flows.

    `seen` are the screens of every state that can be reached, one for each way its actions can
    end; `pressed` are the presses that lead from one to the next, None standing for a typed place.
    """

    seen: tuple[Show, ...]
    pressed: tuple[tuple[Show, Payload | None, State], ...]
    at: Mapping[State, tuple[Show, ...]]


@cache
def every_walk() -> Walked:
    """Every walk through the real flows."""
    return walk(real().bundle, SIGNATURES)


def walk(bundle: Bundle, signatures: Mapping[str, Signature]) -> Walked:
    """Press every button and type every form of place, until nothing is new.

    The emergency row leads from every screen to `urgence` with a return address to it. Walking all
    of `urgence` once for every return address would show the same screens thousands of times: it is
    walked once for each flow it was entered from and each set of answers that go along. What holds
    of *every* return address is stated where it is needed.
    """
    at: dict[State, tuple[Show, ...]] = {}
    pressed: list[tuple[Show, Payload | None, State]] = []
    entered: set[object] = set()
    pending = [State("fr", flow.id) for flow in startable(bundle)]
    while pending:
        state = pending.pop()
        if state in at or _entered_before(state, entered):
            continue
        at[state] = tuple(show for show, _ in shows(bundle, state, signatures))
        for show in at[state]:
            leads = list(_leads(bundle, show))
            pressed.extend((show, payload, target) for payload, target in leads)
            pending.extend(target for _, target in leads)
            pending.append(start(bundle, EMERGENCY, show.state, show.slots))
    return Walked(tuple(show for some in at.values() for show in some), tuple(pressed), at)


def rewritten(walked: Walked) -> list[tuple[Show, Show]]:
    """Screens where an answer changed what had been decided before it, and what it led to."""
    return [
        (show, one)
        for show, payload, target in walked.pressed
        if payload is None or isinstance(payload, SetSlots)
        for one in walked.at.get(target, ())
        if one.visits[: len(show.visits) - 1] != show.visits[:-1]
    ]


def _entered_before(state: State, entered: set[object]) -> bool:
    if state.flow != EMERGENCY or state.back is None:
        return False
    key = (state.answers, state.back.flow)
    known = key in entered
    entered.add(key)
    return known


def _leads(bundle: Bundle, show: Show) -> list[tuple[Payload | None, State]]:
    leads: list[tuple[Payload | None, State]] = [
        (one.payload, state)
        for _, one in show.offers
        if (state := after(bundle, show, one.payload)) is not None
    ]
    if show.asks is not None and bundle.slots[show.asks].kind == "place":
        for place in PLACES:
            state = after(bundle, show, SetSlots(((show.asks, place),)))
            assert state is not None
            leads.append((None, state))
    return leads


def utc(moment: datetime) -> datetime:
    """The same moment on the clock that the bot passes."""
    return moment.astimezone(UTC)
