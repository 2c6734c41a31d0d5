"""What the official directory says, put together with what is known by hand: pure.

`data/offices.csv` is kept by people: names as one would say them, numbers that somebody confirmed,
addresses that must stay hidden. `data/official.csv` is what the last import of the official
directory has left. Neither is ever lost in the other.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from bot.referral.days import surely_before
from bot.referral.localpack import Service
from bot.referral.office import DOORS, KINDS, LAW, Office, OfficeKind, Point
from bot.referral.place import normalise

ALIKE = 90  # of 100: the same words in any order; one of the two may say more
MOST_LOST = 0.2  # of a kind: an import that loses more is refused unless it is forced
Centre = Callable[[str], Point | None]  # the middle of a commune, by its INSEE code


def together(ours: Sequence[Office], official: Sequence[Office], centre: Centre) -> list[Office]:
    """Every office to propose from, hidden ones hidden, by id.

    One of ours that the official directory lists takes its facts, unless somebody has confirmed
    ours since that record was last changed. One that only an older state of that directory knew,
    and that it no longer lists, stays as long as its départements have no other of its kind.
    """
    listed = {one.id: one for one in official}
    known = {one.id for one in ours}
    kept = [_joined(one, listed.get(one.id)) for one in ours]
    added = [one for one in official if one.id not in known]
    current = [one for one in kept if not _gone(one, listed)] + added
    last = [one for one in kept if _gone(one, listed) and not _replaced(one, current)]
    return sorted(concealed(current + last, [*ours, *official], centre), key=lambda one: one.id)


def _joined(ours: Office, listed: Office | None) -> Office:
    if listed is None or _stands(ours, listed):
        return ours
    place = ours if ours.hidden or _same_address(ours, listed) else listed
    return replace(
        ours, status="official", phone=listed.phone, hours=listed.hours, modified=listed.modified,
        website=listed.website or ours.website, source_date=listed.source_date,
        address=place.address, latitude=place.latitude, longitude=place.longitude,
        postcode=place.postcode, commune=place.commune, insee=place.insee,
        departement=place.departement,
    )  # fmt: skip


def _stands(ours: Office, listed: Office) -> bool:
    """Whether what people know is younger than the file, or than the record's last change."""
    if any(surely_before(listed.source_date, day) for day in (ours.source_date, ours.confirmed_on)):
        return True
    return ours.status != "unconfirmed" and not surely_before(ours.known_on, listed.modified)


def _same_address(one: Office, other: Office) -> bool:
    """Whether two spellings name one door; ours is the one that reads well."""
    return normalise(one.address) == normalise(other.address)


def _gone(one: Office, listed: Mapping[str, Office]) -> bool:
    """Whether a younger state of the official directory, its only source, no longer holds it."""
    if one.id in listed or not listed or not one.official_id or one.status != "unconfirmed":
        return False
    day = max(other.source_date for other in listed.values())
    return not surely_before(day, one.source_date)


def _replaced(one: Office, current: Iterable[Office]) -> bool:
    served: set[str] = set()
    for other in current:
        if other.kind == one.kind:
            served |= other.serves
    return one.serves <= served


def concealed(offices: Iterable[Office], known: Iterable[Office], centre: Centre) -> list[Office]:
    """The same offices; each that is, or is alike, a hidden one of `known` without its address.

    It then stands in the middle of its commune, and its distance says no more. Alike is: the same
    id, official id or number, or a name that says the same in the same département; of names only
    those that people marked count, else one that an import hid would hide its namesakes. To hide
    one too many costs a phone call; to show one too many can cost a life.
    """
    hidden = [one for one in known if one.hidden]
    ids = {id_ for one in hidden for id_ in (one.id, one.official_id) if id_}
    phones = {one.phone for one in hidden}
    names: dict[str, list[str]] = {}
    for one in (one for one in hidden if one.status != "official"):
        names.setdefault(one.departement, []).extend(_names(one))

    def conceals(one: Office) -> bool:
        return (
            one.hidden
            or one.id in ids
            or one.official_id in ids
            or one.phone in phones
            or (one.kind in (*DOORS, *LAW) and _named_alike(one, names.get(one.departement, ())))
        )

    return [_without_address(one, centre) if conceals(one) else one for one in offices]


def discreet(service: Service, known: Iterable[Office]) -> Service:
    """The service without its address where it is, or is alike, a hidden office."""
    name = normalise(service.name)
    for one in known:
        if one.hidden and (one.phone == service.phone or _alike(name, _names(one))):
            return replace(service, address="")
    return service


def _alike(name: str, names: Iterable[str]) -> bool:
    return any(fuzz.token_set_ratio(name, other) >= ALIKE for other in names)


def _names(one: Office) -> list[str]:
    """What it is called, without the place in brackets that we add."""
    return [normalise(name.partition("(")[0]) for name in (one.name, one.organisation) if name]


def _named_alike(one: Office, names: Collection[str]) -> bool:
    return any(_alike(mine, names) for mine in _names(one))


def _without_address(one: Office, centre: Centre) -> Office:
    """In the middle of its commune; where that is not known, to a tenth of a degree."""
    middle = centre(one.insee) or Point(round(one.latitude, 1), round(one.longitude, 1))
    return replace(
        one, hidden=True, address="", postcode="", latitude=middle.latitude,
        longitude=middle.longitude,
    )  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What an import does to one kind of office, by id, for whoever is shown it."""

    kind: OfficeKind
    added: tuple[str, ...]
    changed: tuple[str, ...]
    dropped: tuple[str, ...]
    same: int


@dataclass(frozen=True)
class Loss:
    """Offices of one kind that the official directory listed when it was last read."""

    kind: OfficeKind
    before: int
    lost: int

    @property
    def too_many(self) -> bool:
        """Whether more than a fifth is gone."""
        return self.lost > MOST_LOST * self.before


def losses(ours: Sequence[Office], before: Sequence[Office], after: Sequence[Office]) -> list[Loss]:
    """What a new official file no longer lists, by kind: of the last one, else of ours from it."""
    listed = list(before) or [one for one in ours if one.official_id]
    there = {one.id for one in after}
    return [
        Loss(kind, len(ids), len([id_ for id_ in ids if id_ not in there]))
        for kind in KINDS
        if (ids := [one.id for one in listed if one.kind == kind])
    ]


def changes(before: Sequence[Office], after: Sequence[Office]) -> list[Change]:
    """What differs by kind, ids sorted; the day on which a source was read is no difference."""
    there = {one.kind for one in (*before, *after)}
    return [_change(kind, before, after) for kind in KINDS if kind in there]


def _change(kind: OfficeKind, before: Iterable[Office], after: Iterable[Office]) -> Change:
    old = {one.id: _undated(one) for one in before if one.kind == kind}
    new = {one.id: _undated(one) for one in after if one.kind == kind}
    changed = tuple(sorted(id_ for id_ in old.keys() & new.keys() if old[id_] != new[id_]))
    return Change(
        kind,
        tuple(sorted(new.keys() - old.keys())),
        changed,
        tuple(sorted(old.keys() - new.keys())),
        len(old.keys() & new.keys()) - len(changed),
    )


def _undated(one: Office) -> Office:
    return replace(
        one, source_date="", confirmed_on="", modified="", official_id="", status="official"
    )
