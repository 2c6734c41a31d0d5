"""What is said of the doors near a place: which, in which order, and how old their numbers are."""

import re
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from bot.referral.directory import Proposal
from bot.referral.gazetteer import TownHall
from bot.referral.localpack import Service
from bot.referral.office import DOORS, Near, Office, OfficeKind, Point, land, proposed
from bot.referral.place import Place
from bot.referral.saying import Said, first_doors, other_doors, zone
from bot.referral.signatures import NEAREST, OTHERS, SIGNATURES, ZONE
from bot.referral.sources import Source
from tests.ground import bundle, communes, departements, directory

TODAY = date(2026, 11, 22)
SOURCES = {
    name: Source(name, "Essai", "Licence Ouverte", "", day, months)
    for name, day, months in (
        ("offices.csv", "", 12),
        ("official.csv", "", 3),
        ("communes.csv", "2026-10", 12),
        ("local", "", 12),
    )
}
CACHAN = Place("C94016", "Cachan", "94")
OPEN = "Mo-Fr 09:00-12:30"


def office(kind: OfficeKind = "cidff", **changes: object) -> Office:
    """One whose number was confirmed this month, with an address and hours."""
    one = Office(
        id=kind, kind=kind, network="", name=f"Bureau {kind}", address="1 rue des Essais",
        postcode="94230", commune="Cachan", departement="94", latitude=48.79, longitude=2.33,
        phone="+33172165650", serves=frozenset({"94"}), source_date="2022-01",
        confirmed_on="2026-11", status="confirmed", hours=OPEN,
    )  # fmt: skip
    return replace(one, **changes)  # type: ignore[arg-type]


def near(*offices: Office) -> tuple[Near, ...]:
    return tuple(Near(one, 1.0) for one in offices)


THREE = near(*(office(kind) for kind in DOORS))


def service(name: str = "Écoute", **changes: object) -> Service:
    one = Service(
        id=f"ville.{name}", name=name, purpose="Parler.", phone="+33189119494",
        through_town_hall=False, hours=OPEN, address="", communes=("94016",), departement_wide="",
        source="essai", source_name="la Ville", source_date="2026-10",
    )  # fmt: skip
    return replace(one, **changes)  # type: ignore[arg-type]


def at(place: Place = CACHAN, **parts: object) -> Proposal:
    return Proposal(place, **parts)  # type: ignore[arg-type]


def first(found: Proposal, today: date = TODAY) -> list[Said]:
    return first_doors(found, SOURCES, today)


def other(found: Proposal, today: date = TODAY) -> list[Said]:
    return other_doors(found, SOURCES, today)


def names(said: list[Said]) -> list[str]:
    return [response.removeprefix("utter_") for response, _ in said]


def who(said: list[Said]) -> list[str]:
    return [values["nom"] for _, values in said if "nom" in values]


def values(said: list[Said], response: str) -> dict[str, str]:
    (found,) = [values for name, values in said if name == response]
    return found


# The first screen


def test_the_three_doors_stand_under_the_name_of_the_place():
    said = first(at(doors=THREE))
    assert names(said) == ["lieux_titre", "bureau", "bureau", "bureau_tribunal"]
    assert said[0][1] == {"lieu": "Cachan"}
    assert who(said) == ["Bureau cidff", "Bureau victim_support", "Bureau court_desk"]


def test_where_nobody_is_known_it_is_said_with_the_name_of_the_place():
    assert first(at()) == [("utter_aucun_bureau", {"lieu": "Cachan"})]


def test_a_service_of_the_commune_stands_on_top_and_the_third_door_waits():
    found = at(services=(service(),), doors=THREE)
    assert names(first(found)) == ["lieux_titre", "service", "bureau", "bureau"]
    assert names(other(found)) == ["bureau_tribunal"]


def test_a_service_alone_is_somebody_to_turn_to():
    assert names(first(at(services=(service(),)))) == ["lieux_titre", "service"]


def test_two_services_with_a_number_come_first_and_the_others_on_the_second_screen():
    found = at(services=tuple(service(name) for name in "abc"), doors=THREE)
    assert who(first(found)) == ["a", "b", "Bureau cidff", "Bureau victim_support"]
    assert who(other(found)) == ["c", "Bureau court_desk"]


def test_services_without_a_number_are_asked_for_at_the_town_hall_all_in_one_line():
    ours = [
        service(name, phone="", through_town_hall=True, source_date=day)
        for name, day in (("APCE", "2020"), ("AERA", "2020"), ("PMI", "2021"))
    ]
    said = first(at(services=tuple(ours), town_hall=TownHall("Cachan", "+33149696969")))
    assert said[1:] == [
        ("utter_services_mairie", {"noms": "APCE, AERA", "source": "la Ville", "date": "2020",
                                   "telephone": "+33149696969"}),
        ("utter_services_mairie", {"noms": "PMI", "source": "la Ville", "date": "2021",
                                   "telephone": "+33149696969"}),
    ]  # fmt: skip


def test_a_town_hall_without_a_number_still_leads_to_them():
    one = service("APCE", phone="", through_town_hall=True, source_date="2020")
    said = first(at(services=(one,), town_hall=TownHall("Cachan", "")))
    assert said[1:] == [
        ("utter_services_mairie_sans_numero",
         {"noms": "APCE", "source": "la Ville", "date": "2020"}),
    ]  # fmt: skip


def test_a_service_says_its_address_only_where_there_is_one():
    said = first(at(services=(service(address="2 place de la Mairie"),)))
    assert names(said) == ["lieux_titre", "service", "service_adresse"]
    assert said[2][1] == {"adresse": "2 place de la Mairie"}


# What is missing


@pytest.mark.parametrize(
    ("kind", "response"), [("cidff", "sans_cidff"), ("victim_support", "sans_association")]
)
def test_a_kind_that_nobody_offers_here_is_said_and_takes_the_room_of_a_door(
    kind: OfficeKind, response: str
):
    left = tuple(one for one in THREE if one.office.kind != kind)
    assert names(first(at(doors=left, missing=(kind,))))[-1] == response
    assert names(first(at(doors=THREE, missing=(kind,))))[-1] == f"{response}_voisin"
    assert len(who(first(at(doors=THREE, missing=(kind,))))) == 2


def test_a_court_desk_that_is_missing_is_not_spoken_of():
    assert names(first(at(doors=THREE[:2], missing=("court_desk",)))) == [
        "lieux_titre", "bureau", "bureau",
    ]  # fmt: skip


def test_of_what_is_missing_nothing_is_said_where_no_office_at_all_is_known_nor_far_away():
    assert names(first(at(missing=DOORS))) == ["aucun_bureau"]
    far = Place("C97801", "Saint-Martin", "978")
    assert "sans_cidff" not in names(first(at(far, doors=THREE[1:], missing=("cidff",))))


# How old a number is


def test_a_number_that_was_never_confirmed_is_said_to_be_old_by_its_month():
    old = office(status="unconfirmed", confirmed_on="", source_date="2022-01-15")
    said = first(at(doors=near(old)))
    assert names(said) == ["lieux_titre", "bureau", "numero_ancien"]
    assert values(said, "utter_numero_ancien") == {"date": "2022-01"}
    assert values(said, "utter_bureau")["date"] == "2022-01-15"


def test_the_oldest_of_several_tells_its_date_once():
    old = [
        office(kind, status="unconfirmed", confirmed_on="", source_date=day)
        for kind, day in zip(DOORS, ("2022-03", "2021-12", "2022-01"), strict=True)
    ]
    said = first(at(doors=near(*old)))
    assert names(said).count("numero_ancien") == 1
    assert values(said, "utter_numero_ancien") == {"date": "2021-12"}


@pytest.mark.parametrize("status", ["confirmed", "changed"])
def test_a_number_that_somebody_confirmed_is_said_without_a_warning(status: str):
    said = first(at(doors=near(office(status=status))))
    assert names(said) == ["lieux_titre", "bureau"]
    assert values(said, "utter_bureau")["date"] == "2026-11"


def test_a_confirmation_is_worth_a_year_and_an_import_a_quarter():
    confirmed, listed = (
        office(confirmed_on="2025-11"),
        office(status="official", source_date="2026-08", confirmed_on=""),
    )
    for one, last in ((confirmed, date(2026, 11, 29)), (listed, date(2026, 11, 29))):
        assert names(first(at(doors=near(one)), last)) == ["lieux_titre", "bureau"]
        assert names(first(at(doors=near(one)), date(2026, 11, 30)))[-1] == "numero_ancien"


def test_a_file_that_nobody_described_is_not_relied_on():
    said = first_doors(at(doors=near(office(confirmed_on="2026-10"))), {}, TODAY)
    assert names(said)[-1] == "numero_ancien"


def test_numbers_that_two_sources_dispute_are_said_by_the_name_of_each_office():
    disputed = office("victim_support", status="conflicting")
    said = first(at(doors=near(office(), disputed)))
    assert names(said) == ["lieux_titre", "bureau", "bureau", "numero_dispute"]
    assert values(said, "utter_numero_dispute") == {"nom": "Bureau victim_support"}


def test_a_number_without_any_date_says_so():
    undated = office(source_date="", confirmed_on="")
    said = first(at(doors=near(undated)))
    assert names(said) == ["lieux_titre", "bureau_sans_date"]
    assert "date" not in said[1][1]
    assert "horaires" not in said[1][1]


def test_an_office_without_an_address_gives_none():
    said = first(at(doors=near(office(address="", hidden=True))))
    assert names(said) == ["lieux_titre", "bureau_sans_adresse"]
    assert "adresse" not in said[1][1]


# When a door is open


def test_hours_are_said_on_the_clock_of_the_office_while_its_number_is_young():
    young = first(at(doors=near(office(), office("court_desk", departement="974"))))
    assert values(young, "utter_bureau")["horaires"] == f"Europe/Paris {OPEN}"
    assert values(young, "utter_bureau_tribunal")["horaires"] == f"Indian/Reunion {OPEN}"


@pytest.mark.parametrize(
    "changes", [{"confirmed_on": "2024"}, {"status": "unconfirmed"}, {"hours": ""}]
)
def test_old_hours_and_unknown_ones_are_not_said(changes: dict[str, str]):
    assert values(first(at(doors=near(office(**changes)))), "utter_bureau")["horaires"] == ""


def test_the_hours_of_a_service_are_said_for_a_year_on_the_clock_of_the_place():
    young, old = service(), service(source_date="2025-10")
    said = first(at(services=(young,)))
    assert values(said, "utter_service")["horaires"] == f"Europe/Paris {OPEN}"
    assert values(first(at(services=(old,))), "utter_service")["horaires"] == ""
    overseas = first(at(Place("C97411", "Saint-Denis", "974"), services=(young,)))
    assert values(overseas, "utter_service")["horaires"] == f"Indian/Reunion {OPEN}"


# The second screen

HALL = TownHall("Cachan", "+33149696969")
STATION, ADVICE = near(office("police"), office("legal_access"))


def test_the_second_screen_gives_the_town_hall_then_a_station_then_legal_advice():
    said = other(at(doors=THREE, town_hall=HALL, safety=STATION, law=ADVICE))
    assert names(said) == ["mairie", "police", "acces_droit"]
    assert said[0][1] == {"commune": "Cachan", "telephone": "+33149696969", "date": "2026-10"}


def test_a_door_that_waited_comes_before_them_and_legal_advice_leaves_it_the_room():
    found = at(services=(service(),), doors=THREE, town_hall=HALL, safety=STATION, law=ADVICE)
    assert names(other(found)) == ["bureau_tribunal", "mairie", "police"]


def test_what_is_to_be_known_of_their_numbers_stands_at_the_end():
    old = office("court_desk", status="unconfirmed", confirmed_on="", source_date="2022-01")
    station = near(office("gendarmerie", status="official", source_date="2021", confirmed_on=""))
    doors = (*THREE[:2], *near(old))
    found = at(services=(service(),), doors=doors, town_hall=HALL, safety=station[0])
    said = other(found)
    assert names(said) == ["bureau_tribunal", "mairie", "police", "numero_ancien"]
    assert said[-1][1] == {"date": "2021"}


def test_a_commune_whose_town_hall_has_no_number_is_named_all_the_same():
    assert other(at(town_hall=TownHall("Cachan", ""))) == [
        ("utter_mairie_sans_numero", {"commune": "Cachan"})
    ]


def test_a_bare_departement_has_no_town_hall_and_says_what_to_do():
    found = at(Place("D94", "Val-de-Marne", "94"), doors=THREE)
    assert other(found) == [("utter_aucun_autre_lieu", {"lieu": "Val-de-Marne"})]


# Which national lines are known to answer


def test_each_departement_and_collectivity_lies_in_one_zone():
    zones: dict[str, list[str]] = {}
    for row in departements():
        zones.setdefault(zone(row["code"]), []).append(row["code"])
    assert len(zones.pop("metropole")) == 96
    assert zones == {
        "outremer": ["971", "972", "973", "974", "976"],
        "collectivite": ["975", "977", "978", "984", "986", "987", "989"],
        "caledonie": ["988"],
    }
    assert zone("") == "metropole", "nowhere, and all of France"


# France as it is


@cache
def beside(departement: str) -> tuple[Office, ...]:
    """The offices that a person there may be proposed: those that serve it, by kind, else all.

    So that a walk of France looks at a dozen offices a place; `test_directory` holds the
    directory to the choice among all of them.
    """
    every = [one for one in directory().offices() if one.kind in DOORS]
    walked = [one for one in every if land(one.departement) == land(departement)]
    found: list[Office] = []
    for kind in DOORS:
        serving = [one for one in every if one.kind == kind and departement in one.serves]
        found.extend(serving or (one for one in walked if one.kind == kind))
    return tuple(found)


@cache
def local(departement: str) -> Proposal:
    """What the directory says of a whole département: its services, and what it lacks."""
    found = directory().proposal(f"D{departement}")
    assert found is not None
    return found


def proposal(row: dict[str, str]) -> Proposal:
    """That of a commune; those of a département with a local pack are the directory's own."""
    home = row["departement"]
    if local(home).services:
        found = directory().proposal(f"C{row['insee']}")
        assert found is not None
        return found
    point = Point(float(row["latitude"]), float(row["longitude"])) if row["latitude"] else None
    city = cities()[row["parent"]] if row["parent"] and not row["phone"] else row
    return Proposal(
        Place(f"C{row['insee']}", row["name"], home), (),
        tuple(proposed(beside(home), home, point)), local(home).missing,
        TownHall(city["name"], city["phone"]),
    )  # fmt: skip


@cache
def cities() -> dict[str, dict[str, str]]:
    return {row["insee"]: row for row in communes()}


@cache
def france() -> tuple[Proposal, ...]:
    """Every commune, every arrondissement, every département."""
    whole = (local(row["code"]) for row in departements())
    return (*map(proposal, communes()), *whole)


@cache
def template(response: str) -> str:
    """Its longest wording; what the program fills in by itself counts as a number."""
    return max((one.text for one in bundle().responses[response].variants), key=len)


def characters(said: list[Said]) -> int:
    """What a screen's responses come to, whoever reads them."""
    return sum(
        len(re.sub(r"\{(\w+)\}", lambda name, told=told: told.get(name[1], "01 23 45 67 89"), text))
        for response, told in said
        for text in [template(response)]
    )


def test_the_walk_of_france_meets_what_the_directory_itself_proposes():
    for row in communes()[::997]:
        ours, theirs = proposal(row), directory().proposal(f"C{row['insee']}")
        assert theirs is not None
        assert (ours.doors, ours.missing, ours.services) == (
            theirs.doors, theirs.missing, theirs.services,
        )  # fmt: skip
        assert (ours.place.code, ours.town_hall) == (theirs.place.code, theirs.town_hall)


def test_no_place_of_france_has_a_longer_first_screen_than_its_signatures_examples():
    longest: dict[str, int] = {}
    for case in SIGNATURES[NEAREST].cases:
        home = dict(case.slots)[ZONE]
        said = [(name, dict(told)) for name, told in case.says]
        longest[home] = max(longest.get(home, 0), characters(said))
    over = {}
    for found in france():
        home = zone(found.place.departement)
        length = characters(first_doors(found, directory().sources, TODAY))
        if length > longest[home]:
            over[found.place.code] = (home, length, longest[home])
    assert over == {}


def test_no_place_of_france_has_a_longer_second_screen_than_its_signatures_examples():
    cases = SIGNATURES[OTHERS].cases
    longest = max(characters([(name, dict(told)) for name, told in one.says]) for one in cases)
    for found in france():
        said = other_doors(found, directory().sources, TODAY)
        assert characters(said) <= longest, found.place.code


def test_wherever_a_person_is_the_screen_names_somebody_or_says_that_nobody_is_known():
    """Nobody is known in the Pacific alone, and in the lands without inhabitants."""
    empty = {
        found.place.departement
        for found in france()
        if "aucun_bureau" in names(first_doors(found, directory().sources, TODAY))
    }
    assert empty == {"984", "986", "987", "988", "989"}


def test_every_departement_without_a_cidff_or_an_association_says_so_wherever_one_is():
    lacking = {"cidff": "sans_cidff", "victim_support": "sans_association"}
    for found in france():
        if zone(found.place.departement) not in ("metropole", "outremer"):
            continue
        said = {name.removesuffix("_voisin") for name in names(first(found))}
        for kind, response in lacking.items():
            assert (response in said) == (kind in found.missing), found.place.code


def test_hours_of_a_record_that_was_not_changed_for_a_year_are_not_shown():
    """The file is of this month; the hours in it may be years old."""
    told = {"status": "official", "source_date": "2026-11-20", "confirmed_on": ""}
    young = near(office("cidff", modified="2026-01-10", **told))
    old = near(office("cidff", modified="2025-10-10", **told))
    assert values(first(at(doors=young)), "utter_bureau")["horaires"]
    assert values(first(at(doors=old)), "utter_bureau")["horaires"] == ""
