"""What is said of the doors near a place: names of responses with their values, never a sentence.

Pure: the day is given, since an old number is shown as one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from bot.referral.days import last_day, months_later
from bot.referral.directory import Proposal
from bot.referral.hours import clock_of
from bot.referral.localpack import Service
from bot.referral.office import Near, Office, OfficeKind
from bot.referral.place import Place
from bot.referral.sources import Source, by_file, file_of
from bot.referral.tables import COMMUNES, LOCAL

ROOM = 3  # offices on the first screen; one less where there is more to say
SERVICES_ROOM = 2  # of these, with a number, on the first screen
HOURS_MONTHS = 12
MONTH = 7  # characters of an ISO month: « relevé en janvier 2022 »
CALEDONIA = "988"
COLLECTIVITIES = ("975", "977", "978", "984", "986", "987", "989")
RESPONSES: Mapping[OfficeKind, str] = {
    "cidff": "utter_bureau", "victim_support": "utter_bureau",
    "court_desk": "utter_bureau_tribunal", "police": "utter_police",
    "gendarmerie": "utter_police", "legal_access": "utter_acces_droit",
}  # fmt: skip
KNOWN = ("metropole", "outremer")  # where each département should have one of each kind
MISSING: Mapping[OfficeKind, str] = {
    "cidff": "utter_sans_cidff", "victim_support": "utter_sans_association",
}  # fmt: skip
Said = tuple[str, dict[str, str]]  # a response and its values


def zone(departement: str) -> str:
    """Which national lines are known to answer in a département or collectivity."""
    if departement == CALEDONIA:
        return "caledonie"
    if departement in COLLECTIVITIES:
        return "collectivite"
    return "outremer" if departement.startswith("97") else "metropole"


def first_doors(found: Proposal, sources: Mapping[str, Source], today: date) -> list[Said]:
    """A title, the commune's own services, two or three offices, and what is missing."""
    known = found.services or found.doors
    title = "utter_lieux_titre" if known else "utter_aucun_bureau"
    numbers = _Numbers(sources, today)
    return [
        (title, {"lieu": found.place.name}),
        *numbers.services(_with_number(found)[:SERVICES_ROOM], found.place),
        *_through_town_hall(found),
        *numbers.offices(_first(found)),
        *_missing(found),
    ]


def other_doors(found: Proposal, sources: Mapping[str, Source], today: date) -> list[Said]:
    """The doors that the first screen had no room for, or that none other is known."""
    beyond = found.doors[len(_first(found)) :]
    last = (found.safety,) if beyond else (found.safety, found.law)
    near = [one for one in last if one]
    numbers = _Numbers(sources, today)
    said = [
        *numbers.services(_with_number(found)[SERVICES_ROOM:], found.place),
        *numbers.offices(beyond, told=False),
        *_town_hall(found, by_file(sources, COMMUNES).day),
        *numbers.offices(near, told=False),
        *numbers.remarks([*beyond, *near]),
    ]
    return said or [("utter_aucun_autre_lieu", {"lieu": found.place.name})]


def _first(found: Proposal) -> Sequence[Near]:
    return found.doors[: ROOM - bool(found.services or _missing(found))]


def _with_number(found: Proposal) -> list[Service]:
    return [one for one in found.services if one.phone]


def _through_town_hall(found: Proposal) -> Iterator[Said]:
    """The commune's own that have none: asked for at the town hall, those of a source together."""
    through = [one for one in found.services if one.through_town_hall]
    hall = found.town_hall
    for (source, day), group in groupby(through, lambda one: (one.source_name, one.source_date)):
        values = {"noms": ", ".join(one.name for one in group), "source": source, "date": day}
        if hall and hall.phone:
            yield "utter_services_mairie", values | {"telephone": hall.phone}
        else:
            yield "utter_services_mairie_sans_numero", values


def _hours(hours: str, departement: str) -> str:
    """When the door is open, with its clock; empty where that is not known."""
    return f"{clock_of(departement).key} {hours}" if hours else ""


def _missing(found: Proposal) -> list[Said]:
    """What nobody is known to offer in the département, and whether a neighbour is shown."""
    shown = {near.office.kind for near in found.doors}
    return [
        (f"{response}_voisin" if kind in shown else response, {})
        for kind, response in MISSING.items()
        if kind in found.missing and found.doors and zone(found.place.departement) in KNOWN
    ]


def _town_hall(found: Proposal, day: str) -> Iterator[Said]:
    """The person's own; for a whole département there is none."""
    hall = found.town_hall
    if hall and hall.phone:
        yield "utter_mairie", {"commune": hall.name, "telephone": hall.phone, "date": day}
    elif hall:
        yield "utter_mairie_sans_numero", {"commune": hall.name}


@dataclass(frozen=True)
class _Numbers:
    """Says offices and services with the age of their numbers; hours only while that is young."""

    sources: Mapping[str, Source]
    today: date

    def services(self, services: Sequence[Service], place: Place) -> Iterator[Said]:
        """Each of the commune's own that has a number."""
        for one in services:
            old = by_file(self.sources, LOCAL).expired(one.source_date, self.today)
            hours = "" if old else _hours(one.hours, place.departement)
            values = {
                "nom": one.name, "pour": one.purpose, "telephone": one.phone,
                "date": one.source_date, "horaires": hours,
            }  # fmt: skip
            yield "utter_service", values
            if one.address:
                yield "utter_service_adresse", {"adresse": one.address}

    def offices(self, offices: Sequence[Near], *, told: bool = True) -> Iterator[Said]:
        """Each office, then, where `told`, what is to be known of their numbers."""
        for near in offices:
            yield from self._office(near.office)
        if told:
            yield from self.remarks(offices)

    def remarks(self, offices: Sequence[Near]) -> Iterator[Said]:
        """Once for all of them that a number is old; of each that two sources disagree."""
        old = [near.office.known_on for near in offices if self._is_old(near.office)]
        if any(old):
            yield "utter_numero_ancien", {"date": min(filter(None, old))[:MONTH]}
        for near in offices:
            if near.office.status == "conflicting":
                yield "utter_numero_dispute", {"nom": near.office.name}

    def _hours_hold(self, office: Office) -> bool:
        """Hours change oftener than numbers: a year after the record they are not shown."""
        said = last_day(office.modified or office.known_on)
        young = said is not None and self.today < months_later(said, HOURS_MONTHS)
        return young and not self._is_old(office)

    def _is_old(self, office: Office) -> bool:
        source = by_file(self.sources, file_of(office))
        return office.status == "unconfirmed" or source.expired(office.known_on, self.today)

    def _office(self, one: Office) -> Iterator[Said]:
        values = {
            "nom": one.name, "telephone": one.phone, "commune": one.commune, "date": one.known_on,
        }  # fmt: skip
        if not one.address:
            yield "utter_bureau_sans_adresse", values
        elif not one.known_on:
            del values["date"]
            yield "utter_bureau_sans_date", values | {"adresse": one.address}
        else:
            hours = _hours(one.hours, one.departement) if self._hours_hold(one) else ""
            yield RESPONSES[one.kind], values | {"adresse": one.address, "horaires": hours}
