"""What each action reads, sets and says, as data: `relais check` needs no rasa_sdk for it.

The examples are the longest that the data gives: no place of France has a longer screen than the
one that is proved to fit (a test holds the examples to the data).
"""

from bot.triage.flow import Signature, SignatureCase

NEAREST = "action_lieux_proches"
OTHERS = "action_autres_lieux"
ZONE = "lieu_zone"

Values = tuple[tuple[str, str], ...]
Says = tuple[tuple[str, Values], ...]

_PHONE = "+33172165650"
_PLACE = "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson"
_DATE = "2022-01"


def _door(name: str, address: str, commune: str) -> Values:
    """An office whose number is young enough for its hours to be shown."""
    return (
        ("nom", name), ("telephone", _PHONE), ("adresse", address), ("commune", commune),
        ("date", _DATE), ("horaires", "Europe/Paris Mo-Fr 09:00-12:30,13:30-17:00"),
    )  # fmt: skip


def _without(values: Values, *names: str) -> Values:
    return tuple(pair for pair in values if pair[0] not in names)


def _closed(values: Values) -> Values:
    """The same without hours: they are not shown where the number is old."""
    return (*_without(values, "horaires"), ("horaires", ""))


_CIDFF = _door(
    "CIDFF de la Moselle (Sarreguemines)",
    "Mairie Annexe Welferding, 15 place du Chanoine-Kirch",
    "Sarreguemines",
)
_CIDFF_06 = _door("CIDFF des Alpes-Maritimes", "Bâtiment B, 33 avenue Jean-Médecin", "Nice")
_CIDFF_94 = _door("CIDFF du Val-de-Marne", "12 avenue François-Mitterrand", "Créteil")
_ASSOCIATION = _door(
    "ATAV, France Victimes 57 (Thionville)",
    "5 quai Pierre Marchal, Tribunal judiciaire",
    "Thionville",
)
_ASSOCIATION_06 = _door(
    "Montjoye, aide aux victimes (Nice)",
    "29 rue Pastorelli, Immeuble Nice Europe, Bloc B, 1er étage",
    "Nice",
)
_ASSOCIATION_978 = _door(
    "Trait d'Union, France Victimes 978 (Saint-Martin)",
    "Ancienne école, rue des écoles Grand Case",
    "Saint-Martin",
)
_COURT = _door(
    "Bureau d'aide aux victimes, tribunal judiciaire de Sarreguemines",
    "place du Général Sibille",
    "Sarreguemines",
)
_COURT_06 = _door(
    "Bureau d'aide aux victimes, tribunal judiciaire de Grasse",
    "37 avenue Pierre Semard",
    "Grasse",
)
_STATION = _door(
    "Commissariat de police de L'Haÿ-les-Roses",
    "15 bis boulevard de la République",
    "L'Haÿ-les-Roses",
)


_TITLE = ("utter_lieux_titre", (("lieu", _PLACE),))
_TITLE_94 = ("utter_lieux_titre", (("lieu", "Cachan"),))
_OLD = ("utter_numero_ancien", (("date", _DATE),))
_DISPUTED = ("utter_numero_dispute", (("nom", "Tremplin 94, SOS Femmes (Val-de-Marne)"),))
_SERVICE = (
    "utter_service",
    (
        ("nom", "Un Premier pas"),
        (
            "pour",
            "Oriente les victimes de violences dans la famille, et leurs proches.",
        ),
        ("telephone", _PHONE),
        ("date", "2025-11"),
        ("horaires", "Europe/Paris Mo-Fr 09:00-12:30,13:30-17:00"),
    ),
)
_NETWORK = (
    ("noms", "Tremplin 94, APCE, AERA, PMI"),
    ("source", "la Ville"),
    ("date", "2020"),
)
_TOWN_HALL = ("commune", _PLACE), ("telephone", _PHONE), ("date", "2026-10")
_NOBODY = (("utter_aucun_bureau", (("lieu", _PLACE),)),)
_OLD_CIDFF = ("utter_bureau", _closed(_CIDFF))
_OLD_OFFICE = ("utter_bureau", _closed(_ASSOCIATION))
_OLD_DESK = ("utter_bureau_tribunal", _closed(_COURT))
_OLD_HIDDEN = ("utter_bureau_sans_adresse", _without(_ASSOCIATION, "adresse", "horaires"))
_FIRST: tuple[Says, ...] = (
    (_TITLE, _OLD_CIDFF, _OLD_OFFICE, _OLD_DESK, _OLD),
    (
        _TITLE,
        ("utter_bureau", _CIDFF),
        ("utter_bureau_sans_date", _without(_ASSOCIATION, "date", "horaires")),
        _OLD_HIDDEN,
    ),
    (_TITLE, _OLD_CIDFF, _OLD_OFFICE, _OLD, ("utter_sans_cidff_voisin", ())),
    (_TITLE, _OLD_CIDFF, _OLD_OFFICE, _OLD, ("utter_sans_association_voisin", ())),
    (_TITLE, _OLD_OFFICE, _OLD_DESK, _OLD, ("utter_sans_cidff", ())),
    (_TITLE, _OLD_CIDFF, _OLD_DESK, _OLD, ("utter_sans_association", ())),
)
_HIDDEN_94 = (
    "utter_bureau_sans_adresse",
    (
        ("nom", "Tremplin 94, SOS Femmes (Val-de-Marne)"),
        ("telephone", _PHONE),
        ("commune", "Maisons-Alfort"),
        ("date", _DATE),
    ),
)
_METROPOLE: tuple[Says, ...] = (
    (
        ("utter_lieux_titre", (("lieu", "Antibes"),)),
        ("utter_bureau", _closed(_CIDFF_06)),
        ("utter_bureau", _closed(_ASSOCIATION_06)),
        ("utter_bureau_tribunal", _closed(_COURT_06)),
        _OLD,
        ("utter_numero_dispute", _COURT_06[:1]),
    ),
    (
        _TITLE_94,
        _SERVICE,
        ("utter_services_mairie", (*_NETWORK, ("telephone", _PHONE))),
        ("utter_bureau", _closed(_CIDFF_94)),
        _HIDDEN_94,
        _OLD,
        _DISPUTED,
    ),
    (
        _TITLE_94,
        _SERVICE,
        ("utter_service_adresse", (("adresse", "12 rue de la République, Cachan"),)),
        ("utter_services_mairie_sans_numero", _NETWORK),
        ("utter_bureau", _closed(_CIDFF_94)),
    ),
)
_FAR: tuple[Says, ...] = (
    (
        ("utter_lieux_titre", (("lieu", "Saint-Martin"),)),
        ("utter_bureau", _closed(_ASSOCIATION_978)),
        _OLD_DESK,
        _OLD,
    ),
)
_ZONES: tuple[tuple[str, tuple[Says, ...]], ...] = (
    ("metropole", (*_FIRST, *_METROPOLE)),
    ("outremer", _FIRST),
    ("collectivite", _FAR),
    ("caledonie", ()),
)
_THEN: tuple[Says, ...] = (
    (
        _OLD_DESK,
        ("utter_mairie", _TOWN_HALL),
        ("utter_police", _closed(_STATION)),
        _OLD,
        _DISPUTED,
    ),
    (("utter_mairie", _TOWN_HALL), ("utter_police", _STATION), ("utter_acces_droit", _STATION)),
    (_SERVICE, _OLD_HIDDEN, ("utter_mairie_sans_numero", (("commune", _PLACE),))),
    (("utter_aucun_autre_lieu", (("lieu", _PLACE),)),),
)

SIGNATURES = {
    NEAREST: Signature(
        NEAREST,
        reads=("lieu",),
        cases=tuple(
            SignatureCase(slots=((ZONE, zone),), says=says, contact=says is not _NOBODY)
            for zone, said in _ZONES
            for says in (*said, _NOBODY)
        ),
    ),
    OTHERS: Signature(
        OTHERS,
        reads=("lieu",),
        cases=tuple(SignatureCase(slots=(), says=says, contact=True) for says in _THEN),
    ),
}
