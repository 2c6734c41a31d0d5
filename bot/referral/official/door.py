"""Where the door of an official record is, and the number that reaches it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite

import phonenumbers
from rapidfuzz.fuzz import ratio

from bot.referral.gazetteer import Gazetteer, Located
from bot.referral.office import Point, distance_km
from bot.referral.place import Place, normalise

FAR = 8.0  # kilometres between a door and its commune's point: further is a mistake of the record
ALIKE = 80.0  # per cent: a town's name written with a typing error
POSTCODE = re.compile(r"\d{5}", re.ASCII)
CEDEX = re.compile(r" cedex\b.*")
ARRONDISSEMENT = re.compile(r"^(paris|lyon|marseille) \d{1,2}(?: ?(?:er|e|eme|ieme))?\b.*")
CITIES = ("paris", "lyon", "marseille")
# Where communes have no point of their own: the middle of the collectivity and how far it reaches.
TERRITORIES = {
    "986": (Point(-13.8, -177.2), 250.0),
    "987": (Point(-17.6, -145.0), 1500.0),
    "988": (Point(-21.3, 165.5), 500.0),
}
REGIONS = {
    "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT", "977": "BL",
    "978": "MF", "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
DIALLED = ("FR", "GP", "MQ", "GF", "RE", "PM")  # one for each country code that begins with 0
COUNTRY_CODES = frozenset({33, 262, 508, 590, 594, 596, 681, 687, 689})
SURCHARGED = frozenset(
    {phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST}
)
SEVERAL = re.compile(r"\s*(?:[/;,|\n]|\bou\b|\s-\s)\s*")


@dataclass(frozen=True, slots=True)
class Door:
    """A commune or an arrondissement, and the point; `moved` where it is not the record's own."""

    place: Place
    point: Point
    moved: bool


class Doors:
    """Finds doors, and remembers the towns it has looked up."""

    def __init__(self, places: Gazetteer) -> None:
        """The places of the directory that is built."""
        self._with_postcode = cache(places.with_postcode)
        self._named = cache(places.named)
        self._locate = cache(places.locate)
        self._town = cache(self._looked_up)
        self._departement = cache(places.departement)

    def departement(self, insee: str) -> str:
        """The code of the département of an INSEE code; empty where there is none."""
        code = insee[:3] if insee.startswith(("97", "98")) else insee[:2]
        return code if self._departement(code) else ""

    def find(
        self,
        postcode: str,
        town: str,
        insee: Sequence[str],
        coordinates: tuple[object, object] | None,
    ) -> Door | None:
        """The door; None where neither the town nor a code of `insee` tells the commune.

        The codes of `insee` are asked last: they are those of the record's creation. Without
        `coordinates` the door stands at its commune's point.
        """
        located = self._town(postcode, town, tuple(insee))
        if located is None:
            return None
        if coordinates is None:
            return Door(located.place, located.point, moved=False) if located.point else None
        return _door(located, *map(_degrees, coordinates))

    def _looked_up(self, postcode: str, town: str, insee: tuple[str, ...]) -> Located | None:
        key = _town_key(town)
        by_postcode = self._with_postcode(postcode)
        created = [one.place for code in insee if (one := self._locate(f"C{code}"))]
        place = (
            self._both(key, by_postcode)
            or self._in_departement(key, postcode)
            or next((one for one in created if _alike(key, one)), None)  # a mistyped postcode
            or next((one for one in by_postcode if len(by_postcode) == 1 or _alike(key, one)), None)
            or next((one for one in created if _agrees(postcode, one)), None)
        )
        return self._locate(place.code) if place else None

    def _both(self, key: str, by_postcode: Sequence[Place]) -> Place | None:
        """The town of that name that uses the postcode; of a city, its arrondissement."""
        part = next((one for one in by_postcode if key in CITIES and _part_of(one, key)), None)
        named = self._named(key) if key else ()
        return part or next((one for one in named if one in by_postcode), None)

    def _in_departement(self, key: str, postcode: str) -> Place | None:
        named = self._named(key) if key and postcode else ()
        return next((one for one in named if _agrees(postcode, one)), None)

    def uses(self, postcode: str, place: Place) -> bool:
        """Whether the postcode can be that of the place."""
        return _agrees(postcode, place) or place in self._with_postcode(postcode)


def postcode_of(written: str) -> str:
    """Five digits, without the spaces and with the zero that a table has lost; else nothing."""
    digits = "".join(written.split())
    return digits.zfill(5) if re.fullmatch(r"\d{4,5}", digits, re.ASCII) else ""


def _town_key(town: str) -> str:
    """« NICE CEDEX 4 » is Nice, « Paris 15e » is Paris."""
    return ARRONDISSEMENT.sub(r"\1", CEDEX.sub("", normalise(town)))


def _alike(key: str, place: Place) -> bool:
    return bool(key) and ratio(key, _town_key(place.name)) >= ALIKE


def _part_of(place: Place, city: str) -> bool:
    return bool(re.match(rf"{city} \d", normalise(place.name)))


def _agrees(postcode: str, place: Place) -> bool:
    """Whether a place can have a postcode that begins like this one; any can where there is none.

    Two islands kept the postcodes of Guadeloupe, whose département they left. A few communes of
    the continent have the postcode of the département beside theirs: `with_postcode` knows them.
    """
    if not POSTCODE.fullmatch(postcode):
        return not postcode
    own = place.departement
    if postcode.startswith("20"):
        return own in {"2A", "2B"}
    if postcode.startswith("971"):
        return own in {"971", "977", "978"}
    return postcode.startswith(own)


def _degrees(written: object) -> float:
    """Degrees; not a number where there are none."""
    try:
        return float(str(written).strip().replace(",", "."))
    except ValueError:
        return float("nan")


def _door(located: Located, latitude: float, longitude: float) -> Door | None:
    """The record's point where it, or its mirror image, is near the commune's; else that one."""
    centre, reach = located.point, FAR
    if centre is None:
        if located.place.departement not in TERRITORIES:
            return None
        centre, reach = TERRITORIES[located.place.departement]
    for point, moved in ((latitude, longitude), False), ((longitude, latitude), True):
        if _is_point(*point) and distance_km(Point(*point), centre) <= reach:
            return Door(located.place, Point(*point), moved)
    return Door(located.place, centre, moved=True) if located.point else None


def _is_point(latitude: float, longitude: float) -> bool:
    whole = isfinite(latitude) and isfinite(longitude)
    return whole and abs(latitude) <= 90 and abs(longitude) <= 180  # noqa: PLR2004  degrees


def phone_of(written: Iterable[str], departement: str) -> str:
    """The first number that can be dialled at the price of a call, in E.164; empty where none.

    Short numbers are none: they belong to the register of lines, or to another country.
    """
    for text in written:
        for piece in SEVERAL.split(text.strip()[:120]):
            for number in _parsed(piece, departement):
                return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return ""


def _parsed(piece: str, departement: str) -> Iterator[phonenumbers.PhoneNumber]:
    for region in dict.fromkeys((REGIONS.get(departement, "FR"), *DIALLED)):
        try:
            number = phonenumbers.parse(piece, region)
        except phonenumbers.NumberParseException:
            continue
        known = number.country_code in COUNTRY_CODES and phonenumbers.is_valid_number(number)
        if known and phonenumbers.number_type(number) not in SURCHARGED:
            yield number
