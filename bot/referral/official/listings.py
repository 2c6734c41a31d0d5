"""The official directory of public services (DILA, format v4) to the doors that help.

Wanted: centres for women's rights (CIDFF), victim associations, court desks, police, gendarmerie
and places of legal access. Never a shelter, never a child-welfare centre (PMI), nothing whose
purpose the record does not show. What is left aside is told with its reason.

The councils that organise legal access (`cdad`) are not wanted: nobody is received there.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from bot.referral.days import is_day
from bot.referral.gazetteer import Gazetteer
from bot.referral.office import SAFETY, OfficeKind
from bot.referral.official.door import Door, Doors, phone_of, postcode_of
from bot.referral.official.file import OfficialFileError, records
from bot.referral.official.times import day_of, hours_of
from bot.referral.official.words import address_of, before_street, clean, name_of

__all__ = ["REASONS", "Aside", "Listing", "OfficialFileError", "Reading", "Reason", "read_official"]

KINDS: Mapping[str, OfficeKind] = {
    "cidf": "cidff", "cidff": "cidff",
    "aav": "victim_support", "association_aide_victimes": "victim_support",
    "bav": "court_desk", "bureau_aide_victimes": "court_desk",
    "commissariat_police": "police", "commissariat": "police", "police": "police",
    "bureau_police": "police", "police_nationale": "police",
    "gendarmerie": "gendarmerie", "brigade_gendarmerie": "gendarmerie",
    "mjd": "legal_access", "antenne_justice": "legal_access",
    "permanence_juridique": "legal_access", "point_justice": "legal_access",
    "point_acces_droit": "legal_access", "relais_acces_droit": "legal_access",
    "pad": "legal_access", "rad": "legal_access",
}  # fmt: skip
# Known types of the official directory that send nobody where this help is. Shelters and
# child-welfare centres are among them, for ever.
UNWANTED = frozenset(
    """
    accompagnement_personnes_agees accueil_jour adil adil_antenne afpa agefiph anah apec apecita
    ars ars_antenne aract banque_de_france bsn caa cada caf camsp cap_emploi carsat ccas cci
    cdad cdas cddp cdg centre_detention centre_impots_fonciers centre_maternel
    centre_penitentiaire centre_social cesr cg chambre_agriculture chambre_metier
    chambre_notaires chrs chu cicas cij cio cirfa civi clic cmp cms cnfpt cnra
    commission_conciliation conciliateur_fiscal conciliateur_justice conseil_departemental
    conseil_regional cour_appel cpam cr creps crc crfpn crib crous csl dac dd_femmes dd_fip ddcs
    ddcspp ddpp ddt ddtm ddets defenseur_droits did_routes dir_mer dir_meteo dir_pj direccte dml
    douane dr_femmes dr_fip dr_insee draaf drac drajes dreal dreets drihl driea drihl_ud
    dronisep dz_paf edas epci esm espe fdapp fdc fongecif france_services fs greta hebergement
    hopital hypotheque ien inpi inspection_academique laboratoire_departemental mairie
    mairie_com mairie_mobile maison_arret maison_centrale maison_emploi maison_handicapees mdph
    mission_locale msa msap ofii onac onac_ong ordre_avocats paris_mairie
    paris_mairie_arrondissement paris_ppp pcb pif plan pmi police_municipale pole_emploi
    pp_marseille ppsmj prefecture prefecture_greffe_associations prefecture_region prud_hommes
    rectorat rrc safer sdac sdis sdsei service_navigation sgami sgar sip sie sous_pref spip suio
    ta te tae tgi ti tj tribunal_commerce tribunal_judiciaire tribunal_proximite trav_social
    tresorerie uc_direccte udaf ud_drihl unaf urssaf
    """.split()  # noqa: SIM905  a list to be read
)
# A record that is one of these too is never taken, whatever else it is.
NEVER = frozenset({"chrs", "centre_maternel", "hebergement", "accueil_jour", "cada", "pmi"})
SHELTER = re.compile(  # in a name, or in what stands before the street
    r"\bchrs\b|h[ée]bergement|\bfoyers?\b(?! rural)|centres? maternel|maison maternelle"
    r"|centre parental|m[èe]re[ -]enfant|\brefuge\b|mise à l'abri|lieu d'accueil"
    r"|accueil (?:de (?:jour|nuit)|d'urgence)|halte de nuit|r[ée]sidence sociale"
    r"|\bpmi\b|protection maternelle",
    re.IGNORECASE,
)
WOMENS_HOUSE = re.compile(r"solidarit[ée] femmes|\bsos femmes", re.IGNORECASE)
ELSEWHERE = re.compile(  # legal access held for others, or behind the walls of a prison
    r"p[ée]nitentiaire|maison d'arr[êe]t|centre de d[ée]tention|\bd[ée]tenus?\b|\b[ée]trangers?\b"
    r"|demandeu\w+ d'asile|\bdroit (?:des )?jeunes\b|\bmineurs\b|droit de l'enfant"
    r"|protection de l'enfance|[ée]conomique|\b(?:huissier|notaire)s?\b",
    re.IGNORECASE,
)
VICTIMS = re.compile(
    r"victim|violences?\b|\bviols?\b|\babus\b|f[ée]min|\bfemmes?\b|\bvif\b", re.IGNORECASE
)
# Associations of women may run a shelter at their address: it is told to nobody.
DISCREET = re.compile(r"\bfemmes?\b|violences?\b|\bvif\b|\bviffil\b|\bagena\b", re.IGNORECASE)
CIDFF = re.compile(r"\bc(?:idff?|diff)\b|\bdroits des femmes\b", re.IGNORECASE)
SITE = re.compile(r"https?://[^\s/@]+\.[^\s/@]+(?:/[^\s@]*)?")
ID = re.compile(r"[\w-]{1,64}", re.ASCII)
SHOWN = 80  # characters of what a report shows of a record that could not be read

Reason = Literal[
    "shape", "duplicate", "inactive", "dropped", "shelter", "other_public", "not_victims", "place",
    "phone", "same_body",
]  # fmt: skip
REASONS: Mapping[Reason, str] = {
    "shape": "la fiche est illisible ou n'a pas d'identifiant",
    "duplicate": "une autre fiche a le même identifiant ; la première est gardée",
    "inactive": "la fiche n'est plus active ou plus diffusée",
    "dropped": "la fiche est écartée par data/dropped.csv",
    "shelter": "la fiche parle d'un hébergement, dont l'adresse ne se donne pas",
    "other_public": "ce lieu reçoit un autre public",
    "not_victims": "rien ne montre que cette association aide les victimes",
    "place": "la commune est introuvable",
    "phone": "aucun numéro utilisable",
    "same_body": "même numéro qu'un CIDFF : c'est le même organisme",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One door as the official directory tells it, cleaned.

    `former_id` is the id of the former format (cidf-94028-01), empty where there is none. `address`
    is empty where it is unknown, or may be that of a shelter: the point is then the commune's.
    `phone` is E.164 and no surcharged number. `serves` holds départements. `hours` is in
    OpenStreetMap's syntax and `modified` an ISO day; either is empty where unknown.
    """

    id: str
    former_id: str
    kind: OfficeKind
    name: str
    address: str
    postcode: str
    commune: str
    insee: str
    departement: str
    latitude: float
    longitude: float
    phone: str
    website: str
    serves: frozenset[str]
    hours: str
    modified: str


@dataclass(frozen=True, slots=True)
class Aside:
    """A record of a wanted type that makes no listing; `kind` is empty where no type was read."""

    id: str
    former_id: str
    name: str
    kind: str
    reason: Reason


@dataclass(frozen=True)
class Reading:
    """A whole file: its listings by kind, then id; and what became of all else.

    `date` is the newest day of a record that is not after today, empty where none is dated.
    `unwanted` and `unrecognised` count records by type; `moved_points` counts listings whose point
    was missing, swapped or far from their commune.
    """

    listings: tuple[Listing, ...]
    date: str
    records: int
    unrecognised: Mapping[str, int]
    unwanted: Mapping[str, int]
    left_aside: tuple[Aside, ...]
    moved_points: int


def read_official(
    file: Path,
    places: Gazetteer,
    dropped: Mapping[str, str],
    today: date,
    known: Collection[str] = frozenset(),
) -> Reading:
    """The doors of a file as it is published, or as its API exports it.

    `dropped` holds ids, of either format, that are never taken; `known` those of associations that
    support victims whatever their name says.

    Raises:
        OfficialFileError: the file cannot be read; its `problem` says why.
    """
    reader = _Reader(Doors(places), dropped, known, today)
    for record in records(file):
        reader.take(record)
    return reader.reading()


@dataclass(frozen=True, slots=True)
class _Record:
    """A record of a wanted type; `serving` are its pivots of the wanted kind.

    A CIDFF that stands among the associations has the kind of the CIDFF it is.
    """

    fields: Mapping[str, object]
    type: str
    serving: list[dict[str, object]]
    id: str
    former_id: str
    title: str
    kind: OfficeKind

    @property
    def discreet(self) -> bool:
        return self.kind == "victim_support" and bool(DISCREET.search(self.title))

    @property
    def active(self) -> bool:
        status, shown = self.fields.get("statut"), self.fields.get("statut_de_diffusion")
        return status in (None, "", "active") and str(shown).lower() in ("none", "", "true")

    @property
    def insee(self) -> list[str]:
        """The commune of its creation, then those of the area it serves."""
        codes = [clean(self.fields.get("code_insee_commune"))]
        codes.extend(code for pivot in self.serving for code in _area(pivot))
        return [code for code in codes if code]

    def unfit(self, *, known: bool) -> Reason | None:
        """Why its purpose or its place is none to send a person to."""
        if self.kind not in SAFETY and SHELTER.search(self.title):
            return "shelter"
        if self.kind == "legal_access" and WOMENS_HOUSE.search(self.title):
            return "shelter"
        if self.kind == "legal_access" and ELSEWHERE.search(self.title):
            return "other_public"
        if self.kind == "victim_support" and not known and not VICTIMS.search(self.title):
            return "not_victims"
        return None


def _record(
    fields: Mapping[str, object], written: str, serving: list[dict[str, object]]
) -> _Record:
    title, kind = name_of(fields.get("nom"), "", ()), KINDS[written]
    if kind == "victim_support" and CIDFF.search(title):
        kind = "cidff"
    names = clean(fields.get("id")), clean(fields.get("ancien_code_pivot"))
    return _Record(fields, written, serving, *names, title, kind)


def _aside(record: _Record, reason: Reason) -> Aside:
    ids = record.id[:SHOWN], record.former_id[:SHOWN]
    return Aside(*ids, record.title, record.kind, reason)


class _Reader:
    """What has been read so far."""

    def __init__(
        self, doors: Doors, dropped: Mapping[str, str], known: Collection[str], today: date
    ) -> None:
        self._doors, self._dropped, self._known, self._today = doors, dropped, known, today
        self._count = 0
        self._newest = ""
        self._unwanted: Counter[str] = Counter()
        self._unrecognised: Counter[str] = Counter()
        self._ids: set[str] = set()
        self._listings: list[Listing] = []
        self._associations: set[str] = set()  # ids of the listings that stand among them
        self._aside: list[Aside] = []
        self._moved: set[str] = set()  # ids

    def take(self, fields: object) -> None:
        """Sort one record."""
        self._count += 1
        if not isinstance(fields, dict):
            self._aside.append(Aside("", "", "", "", "shape"))
            return
        self._newest = max(self._newest, self._day(fields))
        pivots = _entries(fields.get("pivot"))
        types = [_type(pivot) for pivot in pivots]
        wanted = next((one for one in types if one in KINDS), None)
        if wanted is None or not NEVER.isdisjoint(types):
            self._pass_over(types)
            return
        serving = [one for one in pivots if KINDS.get(_type(one)) == KINDS[wanted]]
        self._sort(_record(fields, wanted, serving))

    def reading(self) -> Reading:
        """All of it."""
        listings = self._without_doubles()
        return Reading(
            listings=tuple(sorted(listings, key=lambda one: (one.kind, one.id))),
            date=self._newest,
            records=self._count,
            unrecognised=dict(sorted(self._unrecognised.items())),
            unwanted=dict(sorted(self._unwanted.items())),
            left_aside=tuple(self._aside),
            moved_points=sum(one.id in self._moved for one in listings),
        )

    def _pass_over(self, types: list[str]) -> None:
        if known := next((one for one in types if one in UNWANTED), ""):
            self._unwanted[known] += 1
        else:
            self._unrecognised[next(iter(types), "")] += 1

    def _sort(self, record: _Record) -> None:
        told = self._reason(record) or self._listing(record)
        self._ids.add(record.id)
        if not isinstance(told, Listing):
            self._aside.append(_aside(record, told))
            return
        self._listings.append(told)
        if KINDS[record.type] == "victim_support":
            self._associations.add(told.id)

    def _reason(self, record: _Record) -> Reason | None:
        """Why a record is left aside by what it says of itself."""
        ids = {record.id, record.former_id}
        if not ID.fullmatch(record.id) or not ID.fullmatch(record.former_id or "-"):
            return "shape"
        if record.id in self._ids:
            return "duplicate"
        if not ids.isdisjoint(self._dropped):
            return "dropped"
        if not record.active:
            return "inactive"
        return record.unfit(known=not ids.isdisjoint(self._known))

    def _listing(self, record: _Record) -> Listing | Reason:
        written = _main_address(record.fields)
        if record.kind not in SAFETY and any(SHELTER.search(one) for one in before_street(written)):
            return "shelter"
        postcode = postcode_of(clean(written.get("code_postal")))
        town = clean(written.get("nom_commune"))
        own = None if record.discreet else (written.get("latitude"), written.get("longitude"))
        door = self._doors.find(postcode, town, record.insee, own)
        if door is None:
            return "place"
        phone = phone_of(_values(record.fields.get("telephone")), door.place.departement)
        if not phone:
            return "phone"
        if door.moved:
            self._moved.add(record.id)
        called = (door.place.departement, door.place.departement_name)
        return Listing(
            id=record.id,
            former_id=record.former_id,
            kind=record.kind,
            name=name_of(record.fields.get("nom"), door.place.name, called) or door.place.name,
            address="" if record.discreet else address_of(written),
            postcode=""
            if record.discreet or not self._doors.uses(postcode, door.place)
            else postcode,
            commune=door.place.name,
            insee=door.place.insee or "",
            departement=door.place.departement,
            latitude=door.point.latitude,
            longitude=door.point.longitude,
            phone=phone,
            website=_website(record.fields),
            serves=self._served(record, door),
            hours=_hours(record.fields),
            modified=self._day(record.fields),
        )

    def _served(self, record: _Record, door: Door) -> frozenset[str]:
        """The départements of the area served; one commune alone is that of the creation."""
        area = {code for one in record.serving for code in _area(one)}
        codes = {self._doors.departement(code) for code in area} - {""}
        return frozenset(codes if len(area) > 1 and codes else {door.place.departement})

    def _day(self, fields: Mapping[str, object]) -> str:
        """The day of a record's last change, in ISO; empty where unknown or still to come."""
        day = day_of(fields.get("date_modification"))
        known = day is not None and day <= self._today and is_day(day.isoformat())
        return day.isoformat() if day and known else ""

    def _without_doubles(self) -> list[Listing]:
        """Without the associations that are a CIDFF, by name or number, listed a second time."""
        ordered = sorted(self._listings, key=lambda one: (one.id in self._associations, one.id))
        centres = [one for one in ordered if one.kind == "cidff"]
        first: dict[str, str] = {}
        for centre in centres:
            first.setdefault(centre.phone, centre.id)
        kept = []
        for one in self._listings:
            again = one.id in self._associations and first.get(one.phone, one.id) != one.id
            if again:
                self._aside.append(Aside(one.id, one.former_id, one.name, one.kind, "same_body"))
            else:
                kept.append(one)
        return kept


def _entries(value: object) -> list[dict[str, object]]:
    """The mappings of a list that may be written as JSON in a text, as the API exports it."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    listed = value if isinstance(value, list) else [value]
    return [one for one in listed if isinstance(one, dict)]


def _type(pivot: Mapping[str, object]) -> str:
    """The type of a service: lower case, words joined by an underscore."""
    written = clean(pivot.get("type_service_local")).lower()
    return re.sub(r"[\s-]+", "_", written)[:SHOWN]


def _area(pivot: Mapping[str, object]) -> list[str]:
    """The INSEE codes of the area served: one, or a list of them."""
    codes = pivot.get("code_insee_commune")
    listed = codes if isinstance(codes, list) else [codes]
    return [code for one in listed if (code := clean(one))]


def _main_address(fields: Mapping[str, object]) -> Mapping[str, object]:
    """Where people come: the first address with a town that is not for letters only."""
    written = _entries(fields.get("adresse"))
    towns = [
        one for one in written if clean(one.get("nom_commune")) or clean(one.get("code_postal"))
    ]
    doors = [one for one in towns if "postale" not in clean(one.get("type_adresse")).lower()]
    return next(iter(doors or towns), {})


def _values(value: object) -> list[str]:
    return [
        said for one in _entries(value) if (said := one.get("valeur")) and isinstance(said, str)
    ]


def _website(fields: Mapping[str, object]) -> str:
    """The first page; an address with an « @ » in it may be somebody's."""
    pages = (clean(page) for page in _values(fields.get("site_internet")))
    return next((page for page in pages if SITE.fullmatch(page)), "")


def _hours(fields: Mapping[str, object]) -> str:
    """The week, unless a remark goes with it that could say otherwise."""
    remark = clean(fields.get("commentaire_plage_ouverture"))
    return "" if remark else hours_of(_entries(fields.get("plage_ouverture")))
