"""Which listing of the official directory is which office of ours."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bot.referral.office import Office
from bot.referral.official.listings import Aside, Listing
from bot.referral.place import normalise

INCOMPLETE = ("phone", "place", "duplicate")  # reasons that say nothing against the door itself


Key = tuple[str, ...]


def adopted(listings: Sequence[Listing], known: Sequence[Office], day: str) -> list[Office]:
    """Each listing as an office; where it is one that we know, under the id that it has here.

    `day` is the day of the official file. One of ours is found by its id or its official id, else
    by its number, else by its name, within its kind and place; it is found once.
    """
    ours: dict[str, str] = {}
    for alike in (RECORD, NUMBER, NAME):
        _find(alike, [one for one in listings if one.id not in ours], known, ours)
    taken = {one.id for one in known}
    return [_office(one, ours.get(one.id) or _new_id(one, taken), day) for one in listings]


def _find(
    alike: "_Alike", listings: Iterable[Listing], known: Iterable[Office], ours: dict[str, str]
) -> None:
    """Add to `ours` (listing -> office) what is found in this way; none of ours twice."""
    taken = set(ours.values())
    index: dict[Key, list[str]] = {}
    for office in known:
        for key in alike.of_ours(office):
            index.setdefault(key, []).append(office.id)
    for one in listings:
        found = (id_ for key in alike.of_listing(one) for id_ in index.get(key, ()))
        free = next((id_ for id_ in found if id_ not in taken), None)
        if free:
            ours[one.id] = free
            taken.add(free)


def _new_id(one: Listing, taken: set[str]) -> str:
    """Its readable id where no other has it, else the one that is its own alone."""
    chosen = one.id if not one.former_id or one.former_id in taken else one.former_id
    taken.add(chosen)
    return chosen


@dataclass(frozen=True)
class _Alike:
    """A way to recognise an office of ours in a listing: one key of each is equal."""

    of_ours: Callable[[Office], Sequence[Key]]
    of_listing: Callable[[Listing], Sequence[Key]]


RECORD = _Alike(
    lambda one: [(id_,) for id_ in (one.official_id, one.id) if id_],
    lambda one: [(id_,) for id_ in (one.id, one.former_id) if id_],
)
NUMBER = _Alike(
    lambda one: [(one.kind, one.phone, one.insee)],
    lambda one: [(one.kind, one.phone, one.insee)],
)
NAME = _Alike(
    lambda one: [(one.kind, one.departement, normalise(one.name))],
    lambda one: [(one.kind, one.departement, normalise(one.name))],
)


def _office(one: Listing, id_: str, day: str) -> Office:
    return Office(
        id=id_, kind=one.kind, network="", name=one.name, address=one.address,
        postcode=one.postcode, commune=one.commune, departement=one.departement,
        latitude=one.latitude, longitude=one.longitude, phone=one.phone, serves=one.serves,
        source_date=day, confirmed_on="", status="official", official_id=one.id, insee=one.insee,
        hours=one.hours, website=one.website, modified=one.modified,
    )  # fmt: skip


def unusable(
    aside: Iterable[Aside], known: Sequence[Office], listed: Sequence[Office]
) -> list[Office]:
    """Those of ours whose record is there but says no number or no place: as we know them.

    They are not gone, and what we know of them is no younger than it was.
    """
    there = {id_ for one in aside if one.reason in INCOMPLETE for id_ in (one.id, one.former_id)}
    taken = {one.id for one in listed}
    return [
        replace(one, status="official")
        for one in known
        if one.official_id in there and one.official_id and one.id not in taken
    ]
