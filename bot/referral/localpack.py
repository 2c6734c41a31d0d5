"""Local packs (`data/local/*.yml`): the services that a commune or several add for their people.

A pack with an error is left out whole: half of what a town hall meant could mislead. An address
that may be a shelter's is refused unless the pack swears that it is public and shows where.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneNumberType

from bot.reading import fields
from bot.reading.files import read_text
from bot.reading.nodes import Mapping as MappingNode
from bot.reading.nodes import Node, Scalar, read_yaml
from bot.reading.nodes import Sequence as SequenceNode
from bot.reading.problem import Problem, Span, errors, problem
from bot.referral.helpline import ID, SHORT, is_phone, read_date, read_hours, text_of
from bot.referral.hours import COUNTRY
from bot.triage import failsafe
from bot.triage.understand import words_of

GUIDE = "LISEZMOI.md"
PACK = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")
PACK_KEYS = ("nom", "communes", "departement", "services")
REACH_KEYS = ("communes", "departement")
GUARDED = ("hebergement", "accueil_urgence", "logement")  # kinds whose doors may be hidden
KINDS = ("accueil", "ecoute", "droits", "sante", "enfance", "social", *GUARDED, "autre")
REQUIRED = ("genre", "nom", "pour", "source", "source_nom", "source_date", "verifie_le")
SERVICE_KEYS = (
    *REQUIRED, *REACH_KEYS, "telephone", "par_la_mairie", "horaires", "adresse", "adresse_publique",
)  # fmt: skip
LIMITS = {"nom": 60, "pour": 100, "adresse": 120, "source": 300, "source_nom": 40}  # characters
SERVICES_LIMIT = 6  # for one commune: as many choices as a screen may hold
SPACES = "\u00a0\u202f"  # French typography; any other invisible character is refused
SHELTER_WORDS = re.compile(r"(hebergement|logement|foyer|refuge|abri)s?|chrs|chu|hebergee?s?")
STREET = re.compile(  # in words without accents or punctuation
    r"\b\d{1,4}(?: ?(?:bis|ter|quater|[a-d]))? (?:rue|avenue|av|boulevard|bd|place|chemin|allee"
    r"|impasse|quai|route|square|passage|villa|sentier|cite)\b"
)
LONG_NUMBER = re.compile(r"\+?\d(?:[ ./()\-\u00a0\u202f]*\d){8,}")
SHORT_NUMBER = re.compile(r"(?<![\w+])\d(?:[ .\u00a0\u202f]?\d){2,5}(?!\w)")
# Numbers that are still printed here and there, and what took their place (4 December 2018; 3018).
DEAD = {"+33884284637": "116 006", "3020": "3018"}
# Given to films and books (Arcep, plan de numérotation, 2018): left over from an example.
EXAMPLE = re.compile(r"\+33(19900|26191|35301|46571|53649|63998)\d{4}")
PREMIUM = (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
DEPARTEMENTS = frozenset(
    [f"{number:02}" for number in range(1, 96) if number != 20]  # noqa: PLR2004 - Corsica is split
    + ["2A", "2B", *map(str, range(971, 979)), "984", "986", "987", "988", "989"]
)


@dataclass(frozen=True)
class Service:
    """A service near the person; exactly one of `phone` and `through_town_hall` is given."""

    id: str  # unique over all packs: the pack's file name, a dot, the service's key
    name: str
    purpose: str
    phone: str  # E.164; empty where none is verified
    through_town_hall: bool  # « via la mairie, {tel} », that of the person's own commune
    hours: str  # OpenStreetMap's syntax, on the clock of the place; empty where unknown
    address: str  # may be shown; empty where hidden or unknown
    communes: tuple[str, ...]  # INSEE codes it serves; empty where it serves a département
    departement_wide: str  # the code of the département it serves whole, else empty
    source: str
    source_name: str  # after « d'après »: « la Ville »
    source_date: str  # a year, a month or a day


@dataclass(frozen=True)
class _Reach:
    """Whom a pack or a service serves: communes, or a whole département."""

    communes: tuple[str, ...]
    departement: str


@dataclass(frozen=True)
class _Ground:
    """The pack's own name, and what is known outside it."""

    pack: str
    known: Callable[[str], bool]
    suggest: Callable[[str], str | None]
    national: Collection[str]


def _no_suggestion(_: str) -> None:
    return None


def read_packs(
    folder: Path,
    shown: str,
    known: Callable[[str], bool],
    *,
    suggest: Callable[[str], str | None] = _no_suggestion,
    national: Collection[str] = (),
) -> tuple[tuple[Service, ...], dict[str, str], list[Problem]]:
    """The services of a folder's good packs, each pack's text by its shown name, every problem.

    `shown` is how problems call the folder, which may be empty or missing; for the rest see
    `read_pack`. Packs are read in the order of their names.
    """
    services: list[Service] = []
    sources: dict[str, str] = {}
    found: list[Problem] = []
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = f"{shown}/{file.name}"
        if file.suffix == ".yml":
            sources[name], problems = read_text(file, name)
            if not problems:
                read, problems = read_pack(
                    sources[name], name, known, suggest=suggest, national=national
                )
                services.extend(read)
            found.extend(problems)
        elif file.name != GUIDE and not file.name.startswith("."):
            found.append(problem(Span(name), "local.fichier"))
    return tuple(services), sources, found


def read_pack(
    text: str,
    file: str,
    known: Callable[[str], bool],
    *,
    suggest: Callable[[str], str | None] = _no_suggestion,
    national: Collection[str] = (),
) -> tuple[tuple[Service, ...], list[Problem]]:
    """The services of one pack in the file's order, none where it has an error; every problem.

    `known` tells whether an INSEE code is that of a commune or an arrondissement; `suggest` gives
    the code that was meant by something else. `national` are the numbers of the register of lines,
    which have their home there: as dialled, E.164 where long.
    """
    root, found = read_yaml(text, file)
    pack = Path(file).stem
    if not PACK.fullmatch(pack):
        found.append(problem(Span(file), "local.nom_fichier", nom=pack))
    body = fields.mapping(root, PACK_KEYS, found)
    if body is None:
        return (), found
    ground = _Ground(pack, known, suggest, national)
    _line(body, "nom", ground, found)
    whole = _reach(body, ground, found)
    node = fields.required(body, "services", found)
    pairs = fields.named(node, found)
    if node is not None and not pairs:
        found.append(problem(node.span, "local.vide"))
    read = [_service(key, one, whole, ground, found) for key, one in pairs]
    services = tuple(one for one in read if one is not None)
    if node is not None and _most(services) > SERVICES_LIMIT:
        found.append(problem(node.span, "local.trop", limite=SERVICES_LIMIT))
    return (() if errors(found) else services), found


def _most(services: Sequence[Service]) -> int:
    """The most services that one commune is given."""
    wide = sum(1 for one in services if one.departement_wide)
    each = Counter(code for one in services for code in one.communes)
    return wide + max(each.values(), default=0)


def _reach(body: MappingNode, ground: _Ground, found: list[Problem]) -> _Reach | None:
    """None where the body says nothing of whom it serves."""
    stated = [key for name in REACH_KEYS if (key := body.key(name))]
    if not stated:
        return None
    if len(stated) > 1:
        found.append(problem(stated[1].span, "local.portee_double"))
    return _Reach(
        _communes(body.get("communes"), ground, found),
        _departement(body.get("departement"), found),
    )


def _communes(node: Node | None, ground: _Ground, found: list[Problem]) -> tuple[str, ...]:
    items = fields.items(node, found)
    if isinstance(node, SequenceNode) and not items:
        found.append(problem(node.span, "local.sans_commune"))
    codes = [one for item in items if (one := fields.scalar(item, found))]
    for code in codes:
        if not ground.known(code.text):
            meant = ground.suggest(code.text)
            found.append(problem(code.span, "local.commune", meant, valeur=code.text))
    return tuple(dict.fromkeys(code.text for code in codes))


def _departement(node: Node | None, found: list[Problem]) -> str:
    scalar = fields.scalar(node, found)
    if scalar is not None and scalar.text not in DEPARTEMENTS:
        found.append(problem(scalar.span, "local.departement", valeur=scalar.text))
    return text_of(scalar)


def _service(
    key: Scalar, node: Node, whole: _Reach | None, ground: _Ground, found: list[Problem]
) -> Service | None:
    """A service as far as it can be read; None where it is no mapping or serves nobody."""
    if not ID.fullmatch(key.text):
        found.append(problem(key.span, "nom.forme", nom=key.text))
    body = fields.mapping(node, SERVICE_KEYS, found)
    if body is None:
        return None
    reach = _reach(body, ground, found) or whole
    if reach is None:
        found.append(problem(key.span, "local.portee", service=key.text))
        return None
    kind = _kind(body, found)
    name, purpose = (_line(body, one, ground, found) for one in ("nom", "pour"))
    source, source_name = (_line(body, one, ground, found) for one in ("source", "source_nom"))
    date, _ = (
        read_date(fields.scalar(fields.required(body, one, found), found), found)
        for one in ("source_date", "verifie_le")
    )
    hidden = kind in GUARDED or any(map(SHELTER_WORDS.fullmatch, words_of(f"{name} {purpose}")))
    return Service(
        id=f"{ground.pack}.{key.text}",
        name=name,
        purpose=purpose,
        phone=_phone(body, ground, found),
        through_town_hall=_through_town_hall(body, key, found),
        hours=_hours(body, found),
        address=_address(body, source, found, guarded=hidden),
        communes=reach.communes,
        departement_wide=reach.departement,
        source=source,
        source_name=source_name,
        source_date=date,
    )


def _kind(body: MappingNode, found: list[Problem]) -> str:
    scalar = fields.scalar(fields.required(body, "genre", found), found)
    if scalar is not None and scalar.text not in KINDS:
        choice = ", ".join(KINDS)
        found.append(problem(scalar.span, "forme.choix", valeur=scalar.text, choix=choice))
    return text_of(scalar)


def _line(body: MappingNode, key: str, ground: _Ground, found: list[Problem]) -> str:
    """A text that must be there: one line, short, with neither number nor address in it."""
    scalar = fields.scalar(fields.required(body, key, found), found)
    if scalar is None:
        return ""
    _short(scalar, key, found)
    if key != "source":  # is not shown, and a web address may hold any digits
        if _holds_number(scalar.text, ground):
            found.append(problem(scalar.span, "local.numero_texte", cle=key))
        if STREET.search(" ".join(words_of(scalar.text))):
            found.append(problem(scalar.span, "local.adresse_texte", cle=key))
    return scalar.text


def _short(scalar: Scalar, key: str, found: list[Problem]) -> None:
    long, limit = len(scalar.text), LIMITS[key]
    if long > limit:
        found.append(problem(scalar.span, "local.texte_long", cle=key, longueur=long, limite=limit))
    if not all(one.isprintable() or one in SPACES for one in scalar.text) or re.search(
        "[{}]", scalar.text
    ):
        found.append(problem(scalar.span, "local.texte_forme", cle=key))


def _holds_number(text: str, ground: _Ground) -> bool:
    """Whether digits to dial are written: nine or more, or three to six that the register knows."""
    if LONG_NUMBER.search(text):
        return True
    known = {*ground.national, *failsafe.NUMBERS.values(), *DEAD}
    return any(re.sub(r"\D", "", one[0]) in known for one in SHORT_NUMBER.finditer(text))


def _phone(body: MappingNode, ground: _Ground, found: list[Problem]) -> str:
    scalar = fields.scalar(body.get("telephone"), found)
    if scalar is None:
        return ""
    number = _as_dialled(scalar.text)
    if number in DEAD:
        successor = DEAD[number]
        found.append(problem(scalar.span, "local.numero_mort", valeur=scalar.text, autre=successor))
    elif SHORT.fullmatch(number) or number in ground.national:
        found.append(problem(scalar.span, "local.numero_national", valeur=scalar.text))
    elif not is_phone(scalar.text):
        meant = number if is_phone(number) else None
        found.append(problem(scalar.span, "local.numero", meant, valeur=scalar.text))
    elif (code := _doubtful(number)) is not None:
        found.append(problem(scalar.span, code, valeur=scalar.text))
    return scalar.text


def _as_dialled(typed: str) -> str:
    """E.164 where it is a long number, its digits where it is short, else as it was typed."""
    keyed = phonenumbers.convert_alpha_characters_in_number(typed)  # 08VICTIMES
    short = re.sub(r"[ .]", "", keyed)
    if SHORT.fullmatch(short):
        return short
    try:
        parsed = phonenumbers.parse(keyed, COUNTRY)
    except phonenumbers.NumberParseException:
        return typed
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _doubtful(number: str) -> str | None:
    if EXAMPLE.fullmatch(number):
        return "local.numero_exemple"
    kind = phonenumbers.number_type(phonenumbers.parse(number, None))
    if kind in PREMIUM:
        return "local.numero_surtaxe"
    return "local.numero_mobile" if kind == PhoneNumberType.MOBILE else None


def _through_town_hall(body: MappingNode, key: Scalar, found: list[Problem]) -> bool:
    through = fields.flag(body.get("par_la_mairie"), found)
    number = body.get("telephone")
    if number is None and not through:
        found.append(problem(key.span, "local.sans_contact", service=key.text))
    if number is not None and through:
        found.append(problem(number.span, "local.deux_contacts", service=key.text))
    return through


def _hours(body: MappingNode, found: list[Problem]) -> str:
    scalar = fields.scalar(body.get("horaires"), found)
    hours = read_hours(scalar, found)
    if scalar is None or hours is None:
        return ""
    if '"' in scalar.text:  # a comment, in that syntax: any words could stand there
        found.append(problem(scalar.span, "local.horaires_texte"))
    elif "PH" not in scalar.text and scalar.text != "24/7":
        found.append(problem(scalar.span, "local.jours_feries"))
    return scalar.text


def _address(body: MappingNode, source: str, found: list[Problem], *, guarded: bool) -> str:
    """No problem repeats the address: it may be one that nobody should read."""
    scalar = fields.scalar(body.get("adresse"), found)
    said = body.get("adresse_publique")
    public = fields.flag(said, found)
    if scalar is None:
        return ""
    _short(scalar, "adresse", found)
    if LONG_NUMBER.search(scalar.text):
        found.append(problem(scalar.span, "local.numero_texte", cle="adresse"))
    if guarded and not public:
        found.append(problem(scalar.span, "local.adresse_hebergement"))
    elif guarded and not source.startswith("https://"):
        found.append(problem(scalar.span, "local.adresse_source"))
    elif said is not None and not public:
        found.append(problem(scalar.span, "local.adresse_cachee"))
    return scalar.text
