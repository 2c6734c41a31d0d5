"""What a person types to a commune, an arrondissement, a département or all of France.

Never a guess in another département: where several are meant, they are offered as choices. There
are three ways in, from the strictest to the most forgiving:

- `exact`: the whole text names a place.
- `match`: the same, also after words such as « j'habite à ».
- `answer`: the same, where a place was asked for: also a name without its article (« havre »), the
  beginning of a name (« brive »), and a name with typing errors (« marselle »).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Protocol

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from bot.triage.understand import words_of

POSTCODE = re.compile(r"\d{5}")
IN_ADDRESS = re.compile(r"\b\d{5}\b")
DEPARTEMENT = re.compile(r"\d{2}|2[ab]|9[78]\d")
ENVELOPE = re.compile(r"(\d{5}) (.+)|(.+) (\d{5})")  # « 94230 Cachan », its CEDEX already taken off
CEDEX = re.compile(r" cedex(?: \d{1,2})?(?= |$)")
AFTER = re.compile(  # « Cachan dans le 94 »
    r"(.+?)(?: (?:dans|en|in))?(?: (?:le|la|les|l|the))?(?: departement(?: d[eu]s?)?)?"
    r" (\d{5}|\d{2}|2[ab]|9[78]\d)"
)
BEFORE = re.compile(r"(\d{2}|2[ab]|9[78]\d) (.+)")  # « 94 Cachan »
JOINED = re.compile(r"(?:(?:en|dans|in) )?(?:l )?(.+)")  # « Vienne en Isère »
CITIES = ("paris", "lyon", "marseille")  # those that have arrondissements
_CITY = "|".join(CITIES)
_WORD = r"(?: (?:arr|arrdt|arrond[a-z]*|ar[a-z]*ment))?"
_ORDINAL = r" ?(?:e|er|eme|ieme|ere|st|nd|rd|th)"
ARRONDISSEMENT = re.compile(  # « Paris 11 », « 11e arrondissement de Paris », « 11e »
    rf"(?P<city>{_CITY})(?: dans)?(?: le)? (?P<number>\d{{1,2}})(?:{_ORDINAL})?{_WORD}"
    rf"|(?P<first>\d{{1,2}}){_ORDINAL}{_WORD}(?:(?: de| a| in)? (?P<of>{_CITY}))?"
)
LEAD = re.compile(
    r"(j ?habite|on habite|nous habitons|je suis|je vis|je loge|je viens|moi c est|c est|chez moi"
    r"|vers|autour|pres de|a cote de|pas loin de|du cote de|dans|sur|ville de|commune de|region de"
    r"|mairie de|departement|le|la|les|a|au|aux|en|de|du|des|l|d"
    r"|i live|i stay|i am|i m|it s|we live|near|close to|next to|not far from|around|in|at|from"
    r"|the|to|by) "
)
ARTICLES = {"au": "le", "aux": "les", "du": "le", "des": "les"}  # au Havre: Le Havre
OMITTED = ("le ", "la ", "les ", "l ")  # « rochelle », « hay les roses »
NUMBERED = re.compile(r"(.* )?(dans (le|l)|en|in|departement) ")  # « dans le 94 », not « le 17 »
SHORT = {"st": "saint", "ste": "sainte"}
SHORT_INSIDE = {"s": "sur", "ss": "sous", "lez": "les"}  # « Vitry s/Seine », not Lez-Fontaine
LONGEST = 120  # characters: a longer message names no place
COUNTRY = " france"  # « Lyon, France », but Fort-de-France
WHOLE = frozenset({"france", "toute la france", "partout en france", "all of france"})
CORSICA = ("2A", "2B")
CORSICAN = frozenset({"20", "corse", "la corse", "corsica"})  # 20 was its number until 1976
# The first three digits of its postcodes; others are of companies, and could be either's.
CORSICAN_POSTCODES = {"200": "2A", "201": "2A", "202": "2B", "206": "2B"}

TOWN = 5_000  # inhabitants: from here on a longer name is offered beside a name that it begins with
SHARE = 1 / 3  # ... where it has this part of the inhabitants of the largest place of that name
FIRST = 6  # a channel shows no more choices than that
EXACT_AMONG_FIRST = 3  # of these, kept for places of exactly that name
BEGINNINGS = 60  # longer names looked at, the most populous
NO_BEGINNING = frozenset(
    {"saint", "sainte", "le", "la", "les", "l", "d", "de", "sur", "en", "val", "ile de"}
)
SHORTEST_TYPO = 5  # letters: « pire » is no typing error of Paris
LONG = 8  # letters: from here on two errors are forgiven, below one
# Words that people write about themselves, and that are a commune's name or a letter from one.
# Alone and where a place was asked for they may name it (Rue, Armes, Secourt); never after « à la »
# or « je suis » (« j'habite à » names a place), never by half or with errors.
COMMON = frozenset(
    """
    accueil aide aidez ailleurs alone arme armes avocat baffe bain bitch blesse blessee bleu bleus
    boire bois bonjour bonsoir bourg calme campagne chambre chateau coeur con connard connasse
    conne cote coup coups cour creve crever danger drogue ecole eglise enfant enfants etranger
    femme ferme fille fils fin foyer francais francaise fuir garage gare grave grossesse haine hello
    help honte hopital hotel jardin langue maison maman marais mari marie mariee marre merci
    mere merde mineur mineure mort moulin mur nuit papa parc partir perdu perdue pere peur place
    plage plainte please police pont port porte prison quitter riviere route rue russe salaud salope
    salut sang secours seule seul sourd sourde thanks trapped travail tuer viol viole violee
    violence violences village ville voisin voisine voiture

    alger algerie allemagne andorre angleterre barcelone belgique berlin bruxelles canada casablanca
    dakar espagne geneve italie lausanne lisbonne london londres luxembourg madrid maroc monaco
    montreal portugal quebec suisse tunis tunisie
    """.split()  # noqa: SIM905  a list to be read
)
AT_HOME = re.compile(r"(j ?habite|on habite|nous habitons|commune de|ville de|i live) ")
SMALL_WORDS = frozenset(
    ("a", "au", "aux", "d", "dans", "de", "des", "du", "en", "je", "l", "la", "le", "les", "ma",
     "mes", "mon", "my", "on", "sa", "ses", "son", "suis", "sur", "the")
)  # fmt: skip
HELPLINES = ("15", "17", "18")  # « le 17 » is not Charente-Maritime, « le 93 » is


@dataclass(frozen=True)
class Place:
    """A place code (C + INSEE, D + département, F) with its proper name."""

    code: str
    name: str
    departement: str  # code; empty for all of France
    departement_name: str = ""
    inhabitants: int = field(default=0, compare=False)  # 0 too where no source tells

    @property
    def insee(self) -> str | None:
        """The INSEE code of a commune or an arrondissement."""
        return self.code[1:] if self.code.startswith("C") else None


ALL_FRANCE = Place("F", "Toute la France", "")


@dataclass(frozen=True)
class Found:
    """Exactly one place."""

    place: Place


@dataclass(frozen=True)
class Choices:
    """Several: the person says which. What is most likely stands within the first six.

    These are by population, largest first; for a typing error, the closest names before others.
    """

    places: tuple[Place, ...]


@dataclass(frozen=True)
class NotFound:
    """No place of that name."""


Match = Found | Choices | NotFound


class Names(Protocol):
    """Where names are looked up; every list of places is by population, largest first."""

    def with_postcode(self, postcode: str) -> Sequence[Place]:
        """Communes and arrondissements that use the postcode."""

    def named(self, key: str) -> Sequence[Place]:
        """Communes and arrondissements of that normalised name, present or former."""

    def departement(self, key: str) -> Place | None:
        """A département by its code or by a normalised name of it."""

    def beginning(self, key: str, limit: int) -> Sequence[Place]:
        """Communes whose present normalised name begins with these characters."""

    def of_length(self, length: int) -> Sequence[str]:
        """Every normalised name, of communes and départements, of that many characters."""


def normalise(text: str) -> str:
    """Lower case without accents, hyphens or apostrophes; st and ste spelt out, s/ and ss/ too."""
    words = [SHORT.get(word, word) for word in words_of(text)]
    return " ".join([*words[:1], *(SHORT_INSIDE.get(word, word) for word in words[1:])])


def exact(text: str, names: Names) -> Match:
    """The place that the whole of `text` names, with nothing around it."""
    return _exactly(_key(text), names)


def match(text: str, names: Names) -> Match:
    """The place that `text` names, as a whole or after words such as « j'habite à »."""
    return _first(_named(key, names) for key in _readings(text))


def answer(text: str, names: Names) -> Match:
    """What `text` names where a place was asked for: typing errors are forgiven.

    An error beside a département or a postcode is looked for there only. Without one, the result
    is `Found` only where one name is clearly the nearest and its département the only one.
    """
    readings = list(_readings(text))
    rare = [key for key in readings if key not in COMMON]
    found = _first(
        [
            *(_named(key, names) for key in readings),
            *(way(key, names) for way in (_without_article, _begun, _in_address) for key in rare),
        ]
    )
    return _misspelt(rare, names) if isinstance(found, NotFound) else found


def _key(text: str) -> str:
    """What is looked up: normalised, without CEDEX; empty for a text too long to be a place."""
    return CEDEX.sub("", normalise(text)) if len(text) <= LONGEST else ""


def _readings(text: str) -> Iterator[str]:
    """The whole text, then what is left as one word after the other is taken off its front."""
    key = whole = _key(text)
    while key:
        yield key
        if key.endswith(COUNTRY):
            yield key.removesuffix(COUNTRY)
        lead = LEAD.match(key)
        if lead is None:
            return
        key = key[lead.end() :]
        everyday = _bare(key) in COMMON and not AT_HOME.match(whole)
        if everyday or _is_bare_number(key, whole[: len(whole) - len(key)]):
            return
        if lead[1] in ARTICLES:
            yield f"{ARTICLES[lead[1]]} {key}"


def _is_bare_number(key: str, before: str) -> bool:
    """Whether a number of two digits stands behind words that do not make it a département."""
    if not DEPARTEMENT.fullmatch(key) or NUMBERED.fullmatch(before):
        return False
    return before not in ("le ", "l ") or key in HELPLINES


def _first(matches: Iterable[Match]) -> Match:
    return next((one for one in matches if not isinstance(one, NotFound)), NotFound())


def common(text: str) -> bool:
    """Whether the whole text is a word that is a place only where one was asked for."""
    return normalise(text) in COMMON


def _named(key: str, names: Names) -> Match:
    """As `_exactly`; an article is part of a town's name: « La Roche » is not the village Roche."""
    found = _exactly(key, names)
    if not isinstance(found, NotFound) or not key.startswith(OMITTED):
        return found
    begun = _begun_by(key, set(), names)
    return _several(begun[:FIRST]) if begun and begun[0].inhabitants >= TOWN else NotFound()


def _exactly(key: str, names: Names) -> Match:
    if key in WHOLE:
        return Found(ALL_FRANCE)
    if key in CORSICAN:
        return _one(_departements(CORSICA, names))
    ways = (_by_number, _by_envelope, _by_arrondissement, _by_parts)
    return _first(way(key, names) for way in ways)


def _by_number(key: str, names: Names) -> Match:
    digits = key.replace(" ", "")
    if POSTCODE.fullmatch(digits):
        return _by_postcode(digits, names)
    numbered = (digits.upper(),) if DEPARTEMENT.fullmatch(digits) else ()
    return _one(_departements(numbered, names))


def _by_arrondissement(key: str, names: Names) -> Match:
    """An arrondissement of the city told; of each that has one of that number, where none is."""
    if (parts := ARRONDISSEMENT.fullmatch(key)) is None:
        return NotFound()
    number = int(parts["number"] or parts["first"])
    ordinal = "1er" if number == 1 else f"{number}e"
    city = parts["city"] or parts["of"]
    found = (names.named(f"{one} {ordinal} arrondissement") for one in ([city] if city else CITIES))
    return _one([place for several in found for place in several])


def _by_parts(key: str, names: Names) -> Match:
    return _first(_by_name(name, served, names) for name, served in _parted(key, names))


def _by_postcode(postcode: str, names: Names) -> Match:
    return _first(_one(some) for some in (names.with_postcode(postcode), _beyond(postcode, names)))


def _by_envelope(key: str, names: Names) -> Match:
    """A postcode and a town, as on an envelope: the town where both agree, else the postcode.

    The other way round the words must be a town: « je suis à 94230 » is no envelope.
    """
    if (parts := ENVELOPE.fullmatch(key)) is None:
        return NotFound()
    postcode, name = parts[1] or parts[4], parts[2] or parts[3]
    users = names.with_postcode(postcode)
    agreed = [place for place in users if _begins(normalise(place.name), name)]
    if agreed and normalise(agreed[0].name).endswith(" arrondissement"):
        return Found(agreed[0])  # « 75011 Paris »
    served = _served(postcode, names)
    alike = [place for place in agreed if _bears(place, name)] or agreed
    town = _first((_one(alike), _by_name(name, served, names)))
    return _first((town, _by_postcode(postcode, names))) if parts[1] else town


def _beyond(postcode: str, names: Names) -> list[Place]:
    """The départements of a postcode that no commune uses: of companies (CEDEX), mostly."""
    if postcode.startswith("20"):
        half = CORSICAN_POSTCODES.get(postcode[:3])
        return _departements((half,) if half else CORSICA, names)
    digits = 3 if postcode.startswith(("97", "98")) else 2
    return _departements((postcode[:digits],), names)


def _departements(codes: Iterable[str], names: Names) -> list[Place]:
    return [place for code in codes if (place := names.departement(code))]


def _parted(key: str, names: Names) -> Iterator[tuple[str, set[str]]]:
    """Each way to read a key as a name and the départements beside it; none: anywhere."""
    if parts := AFTER.fullmatch(key):
        yield parts[1], _served(parts[2], names)
    elif parts := BEFORE.fullmatch(key):
        yield parts[2], _served(parts[1], names)
    else:
        yield key, set()
        words = key.split()
        for at in range(1, len(words)):
            beside = JOINED.fullmatch(" ".join(words[at:]))
            if beside and (departement := names.departement(beside[1])):
                yield " ".join(words[:at]), {departement.departement}


def _served(code: str, names: Names) -> set[str]:
    """The départements of a postcode or a number; the number itself where nobody has it."""
    if not POSTCODE.fullmatch(code):
        return {code.upper()}
    places = names.with_postcode(code) or _beyond(code, names)
    return {place.departement for place in places} or {code}


def _by_name(name: str, served: AbstractSet[str], names: Names) -> Match:
    """Places of that name, in these départements if any are told.

    A small place never hides a large one whose name begins alike: « Aix » is a village, and what
    people call Aix-en-Provence. So towns of `TOWN` inhabitants are offered beside it, unless they
    have less than `SHARE` of its own inhabitants: « Lens » is Lens, « Clichy » one of two towns.
    Where a département is told, the beginning of a name alone is enough: « Vitry 94 ».
    """
    exact = [place for place in _meant(name, names) if not served or place.departement in served]
    if not exact:
        return _several(_begun_by(name, served, names)[:FIRST]) if served else NotFound()
    bar = max([TOWN, *(place.inhabitants * SHARE for place in exact if _bears(place, name))])
    begun = _largest_first([*_begun_by(name, served, names), *_articled(name, served, names)])
    return _beside(
        exact, [place for place in begun if place.inhabitants >= bar and place not in exact]
    )


def _meant(name: str, names: Names) -> list[Place]:
    """One place of that name in each département: a commune, else itself; largest first."""
    departement = names.departement(name) or names.departement(_bare(name))
    places = [*names.named(name), *([departement] if departement else ())]
    return sorted(_by_departement(places), key=lambda place: -place.inhabitants)


def _articled(name: str, served: AbstractSet[str], names: Names) -> list[Place]:
    """Towns whose article people leave out: « lamentin » is Le Lamentin too."""
    found = (place for article in OMITTED for place in names.named(article + name))
    return [place for place in found if not served or place.departement in served]


def _bare(name: str) -> str:
    """« la creuse » as the département is called: La Creuse is a village of Haute-Saône too."""
    return next((name.removeprefix(one) for one in OMITTED if name.startswith(one)), name)


def _bears(place: Place, name: str) -> bool:
    """Whether it has that name today: of a former commune the inhabitants are not known."""
    return normalise(place.name) == name


def _begins(key: str, name: str) -> bool:
    return key == name or key.startswith(f"{name} ")


def _begun_by(name: str, served: AbstractSet[str], names: Names) -> list[Place]:
    """Communes with a longer name that begins with these words, largest first."""
    if name in NO_BEGINNING:
        return []
    begun = names.beginning(f"{name} ", BEGINNINGS)
    return [place for place in begun if not served or place.departement in served]


def _beside(exact: list[Place], longer: list[Place]) -> Match:
    """Places of exactly that name and of a longer one, both largest first."""
    kept = max(EXACT_AMONG_FIRST, FIRST - len(longer))
    among = exact[:kept]
    first = _largest_first([*among, *longer[: FIRST - len(among)]])
    return _several((*first, *exact[kept:]))


def _without_article(key: str, names: Names) -> Match:
    if key in NO_BEGINNING or key[:1].isdigit():
        return NotFound()
    found = [_exactly(article + key, names) for article in OMITTED]
    return _several(_largest_first(place for one in found for place in _places(one)))


def _begun(key: str, names: Names) -> Match:
    return _several(_begun_by(key, set(), names)[:FIRST])


def _in_address(key: str, names: Names) -> Match:
    """The one postcode that stands in « 12 rue de la République 94230 Cachan »."""
    postcodes = set(IN_ADDRESS.findall(key))
    return _by_postcode(postcodes.pop(), names) if len(postcodes) == 1 else NotFound()


def _misspelt(readings: list[str], names: Names) -> Match:
    """The nearest names by the fewest errors, each an added, lost, wrong or swapped letter."""
    near = [
        (errors, spelling, frozenset(served))
        for key in readings
        for name, served in _parted(key, names)
        for errors, spelling in _spelt_like(name, names)
    ]
    for fewest in sorted({errors for errors, _, _ in near}):
        nearest = _standing(near, fewest, names)
        if nearest:
            return _clear(nearest, _standing(near, fewest + 1, names))
    return NotFound()


Near = tuple[int, str, frozenset[str]]  # errors, spelling, départements told (none: anywhere)


def _spelt_like(name: str, names: Names) -> Iterator[tuple[int, str]]:
    letters = len(name.replace(" ", ""))
    if (
        letters < SHORTEST_TYPO
        or name in NO_BEGINNING
        or COMMON.issuperset(set(name.split()) - SMALL_WORDS)
    ):
        return
    errors = 2 if letters >= LONG else 1
    for length in range(len(name) - errors, len(name) + errors + 1):
        known = names.of_length(length)
        for spelling, distance, _ in extract(
            name, known, scorer=OSA.distance, score_cutoff=errors, limit=None
        ):
            yield int(distance), spelling


def _standing(near: list[Near], errors: int, names: Names) -> tuple[Place, ...]:
    """The places of the spellings with that many errors, largest first.

    Two errors and no département told: towns and départements only, or « martinik » would be
    Martinet in Vendée.
    """
    spelt = {(spelling, served) for wrong, spelling, served in near if wrong == errors}
    return _largest_first(
        place
        for spelling, served in spelt
        for place in _places(_by_name(spelling, served, names))
        if errors == 1 or served or place.inhabitants >= TOWN
    )


def _clear(nearest: tuple[Place, ...], others: tuple[Place, ...]) -> Match:
    """The nearest alone, unless one with an error more is a town and larger than all of them."""
    bar = max(TOWN, nearest[0].inhabitants)
    rivals = [place for place in others if place.inhabitants >= bar and place not in nearest]
    if len(nearest) == 1 and not rivals:
        return Found(nearest[0])
    return Choices((*nearest, *rivals)[:FIRST])


def _places(found: Match) -> tuple[Place, ...]:
    match found:
        case Found(place):
            return (place,)
        case Choices(places):
            return places
        case NotFound():
            return ()


def _largest_first(places: Iterable[Place]) -> tuple[Place, ...]:
    different = {place.code: place for place in places}
    return tuple(sorted(different.values(), key=lambda place: (-place.inhabitants, place.code)))


def _by_departement(places: Sequence[Place]) -> tuple[Place, ...]:
    """The first place of each département."""
    first: dict[str, Place] = {}
    for place in places:
        first.setdefault(place.departement, place)
    return tuple(first.values())


def _one(places: Sequence[Place]) -> Match:
    """The first place where all stand in one département; else the first of each."""
    return _several(_by_departement(places))


def _several(places: Sequence[Place]) -> Match:
    if not places:
        return NotFound()
    return Found(places[0]) if len(places) == 1 else Choices(tuple(places))
