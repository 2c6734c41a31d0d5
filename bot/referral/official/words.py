"""What the official directory writes, as a person would say it: names and addresses.

No e-mail address and no name of a person comes out of here, wherever the record put it.
"""

import re
from collections.abc import Iterable, Mapping

from bot.referral.place import normalise

LONGEST = 160  # characters of a name or an address
CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+"
)
TAG = re.compile(r"</?[a-zA-Z][^>]{0,80}>")
DASH = re.compile(r"\s+[-–—]\s*|\s*[-–—]\s+")  # between two parts; not the hyphen of a town
CIDFF = re.compile(
    r"centres? (?:de documentation et )?d'(?:information|infromation|infomation)s?"
    r" (?:sur |des |du )?(?:les? )?(?:droits? )?des femmes et (?:des familles?|de la famille)"
    r"(?: \((?:cidff|cdiff|cidf)(?: \w+)?\))?",
    re.IGNORECASE,
)
FRANCE_VICTIMES = re.compile(r"france victimes (\d[\dab]\d?)\b", re.IGNORECASE)
POINT_JUSTICE = re.compile(r"point-justice - (?!france services)", re.IGNORECASE)
# Somebody's name: a title at the beginning of a part, never inside « rue Madame Curie ».
PERSON = re.compile(
    r"(?:contact|responsable|pr[ée]sidente?|direct(?:eur|rice)|à l'attention de|attn)\b"
    r"|(?:m\.|mr\.?|mme|mlle|monsieur|madame|mademoiselle|ma[iî]tre|me|dr)\s+[^\W\d_]",
    re.IGNORECASE,
)
TITLED = re.compile(r"\s+(?:\(|avec |par )?(?:M\.|Mme|Mlle|Monsieur|Madame|Maître|Me)\s+[A-ZÉÈ].*")
REACHED = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|(?:\+33|0)\s?\d(?:[\s.-]?\d\d){4}")
BOX = re.compile(r",?\s*\b(?:BP|B\.P\.|CS|TSA)\s*\d[\d ]*\b", re.IGNORECASE)
SMALL = frozenset(
    [
        "à",
        "a",
        "allée",
        "au",
        "aux",
        "avenue",
        "boulevard",
        "chemin",
        "cours",
        "d",
        "de",
        "des",
        "du",
        "en",
        "et",
        "impasse",
        "l",
        "la",
        "le",
        "les",
        "lès",
        "place",
        "quai",
        "route",
        "rue",
        "sous",
        "square",
        "sur",
    ]
)
WORD = re.compile(r"[^\W\d_]+")
LOUD = 4  # letters: a shorter word in capitals is an acronym
ACRONYM = 2  # words: so short a text in capitals is one too, as « APCE 80 »


def clean(value: object) -> str:
    """A text on one line, without marks, invisible characters or what cannot be stored."""
    text = value if isinstance(value, str) else ""
    text = CONTROL.sub(" ", TAG.sub(" ", text)).replace("’", "'")
    text = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(text.split())


def name_of(value: object, town: str, departement: Iterable[str]) -> str:
    """The name of an office; `departement` is what its département is called, code and name."""
    text = REACHED.sub("", clean(value))
    text = POINT_JUSTICE.sub("", _without_departement(CIDFF.sub("CIDFF", text), departement))
    parts = [part for part in DASH.split(text) if part and not PERSON.match(part)]
    parts = [_quiet(TITLED.sub("", part)) for part in parts]
    if parts and (number := FRANCE_VICTIMES.match(parts[0])):
        parts = [f"France Victimes {number[1].upper()}", *parts[1:][-1:]]
    if len(parts) > 1 and _ends(parts[-2], parts[-1], town):
        del parts[-1]
    said = _with_town(" - ".join(dict.fromkeys(parts)), town)
    return _short(said[:1].upper() + said[1:])


def address_of(written: Mapping[str, object]) -> str:
    """The street and what stands before it, without postcode, town or post-office box."""
    fields = (written.get(key) for key in ("complement1", "complement2", "numero_voie"))
    parts = [BOX.sub("", clean(field)).strip(" ,-") for field in fields]
    told = [part for part in parts if part and not _personal(part)]
    return _short(", ".join(dict.fromkeys(map(_quiet, told))))


def before_street(written: Mapping[str, object]) -> list[str]:
    """What an address says before its street: a building, a body, a floor."""
    return [clean(written.get(key)) for key in ("complement1", "complement2")]


def _without_departement(text: str, departement: Iterable[str]) -> str:
    head, bracket, tail = text.rpartition(" (")
    known = {normalise(name) for name in departement}
    return head if bracket and normalise(tail) in known else text


def _with_town(text: str, town: str) -> str:
    """A town at the end (« St Denis ») written as it is called (« Saint-Denis »)."""
    words, key = list(re.finditer(r"\w+", text)), normalise(town)
    for word in words[::-1][: len(key.split())]:
        if key and normalise(text[word.start() :]) == key:
            return text[: word.start()] + town
    return text


def _ends(before: str, last: str, town: str) -> bool:
    """Whether the last part is the town, said already at the end of the part before."""
    key = normalise(last)
    return key == normalise(town) and f" {normalise(before)}".endswith(f" {key}")


def _personal(part: str) -> bool:
    return bool(REACHED.search(part)) or any(
        PERSON.match(piece.strip()) for piece in re.split(r"[,;:(/]", part)
    )


def _quiet(text: str) -> str:
    """A text shouted in capitals in ordinary ones; acronyms and the rest as they stand."""
    letters = [word for word in WORD.findall(text) if len(word) >= LOUD]
    if not letters or text != text.upper() or len(text.split()) <= ACRONYM:
        return text
    return WORD.sub(_cased, text)


def _cased(word: re.Match[str]) -> str:
    lower = word[0].lower()
    return lower if lower in SMALL and word.start() else lower.capitalize()


def _short(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST - 1].rpartition(" ")[0] + "…"
