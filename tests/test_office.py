"""Which doors a person is shown: her own département first, then the nearest, never over a sea."""

import csv
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.referral.directory import Proposal
from bot.referral.office import (
    DOORS,
    FARTHEST,
    LAW,
    SAFETY,
    Near,
    Office,
    OfficeKind,
    Point,
    distance_km,
    nearest,
    proposed,
)
from bot.referral.tables import GAPS
from tests.ground import DATA, LAWS, communes, departements, directory, offices

PARIS, MARSEILLE, AJACCIO = Point(48.8566, 2.3522), Point(43.2965, 5.3698), Point(41.9192, 8.7386)
NICE, CRETEIL = Point(43.7102, 7.2620), Point(48.7904, 2.4556)
OVERSEAS = {
    "971",
    "972",
    "973",
    "974",
    "975",
    "976",
    "977",
    "978",
    "984",
    "986",
    "987",
    "988",
    "989",
}
CODES = ("2A", "2B", "06", "13", "75", "94", "971", "972", "974")
KINDS = st.sampled_from([*DOORS, *SAFETY, *LAW])
COLLECTIVITIES = ("975", "977", "978", "984", "986", "987", "988", "989")
OVERSEAS = ("971", "972", "973", "974", "976", *COLLECTIVITIES)
POINTS = st.builds(Point, st.floats(41, 49), st.floats(-4, 9))


def office(
    name: str = "Bureau",
    kind: str = "cidff",
    departement: str = "94",
    *,
    at: Point = CRETEIL,
    phone: str = "+33172165650",
    serves: str = "",
) -> Office:
    return Office(
        id=name, kind=kind, network="", name=name, address="", postcode="", commune="",
        departement=departement, latitude=at.latitude, longitude=at.longitude, phone=phone,
        serves=frozenset((serves or departement).split()), source_date="", confirmed_on="",
        status="confirmed",
    )  # type: ignore[arg-type]  # fmt: skip


@st.composite
def some_offices(draw: st.DrawFn) -> list[Office]:
    """Offices anywhere, of any kind, some of which share a number."""
    return [
        office(
            f"bureau {number}",
            draw(KINDS),
            draw(st.sampled_from(CODES)),
            at=draw(POINTS),
            phone=draw(st.sampled_from(["+33100000001", "+33100000002", "+33100000003"])),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


def names(near: list[Near]) -> list[str]:
    return [one.office.name for one in near]


def test_distances_are_those_of_the_globe():
    assert distance_km(PARIS, MARSEILLE) == pytest.approx(661, abs=2)
    assert distance_km(Point(0, 179.9), Point(0, -179.9)) == pytest.approx(22.2, abs=0.1)
    assert distance_km(Point(90, 0), Point(-90, 120)) == pytest.approx(20015, abs=1)


@LAWS
@given(POINTS, POINTS, POINTS)
def test_a_distance_is_the_same_both_ways_and_never_longer_by_going_straight(one, two, three):
    assert distance_km(one, one) == 0
    assert distance_km(one, two) == pytest.approx(distance_km(two, one))
    assert distance_km(one, three) <= distance_km(one, two) + distance_km(two, three) + 1e-6


def test_her_own_departement_stands_before_a_nearer_door_across_the_border():
    own = office("à elle", departement="94", at=MARSEILLE)
    nearer = office("à côté", departement="75", at=PARIS)
    assert names(proposed([nearer, own], "94", PARIS)) == ["à elle"]


def test_of_two_doors_in_her_departement_the_nearer_is_shown():
    near, far = office("près", at=CRETEIL), office("loin", at=MARSEILLE)
    assert names(proposed([far, near], "94", PARIS)) == ["près"]


def test_an_office_that_serves_her_departement_from_another_one_is_hers():
    served = office("ailleurs", departement="75", serves="75 94", at=MARSEILLE)
    own = office("tout près, mais d'un autre", departement="92", at=PARIS)
    assert names(proposed([own, served], "94", PARIS)) == ["ailleurs"]


def test_where_her_departement_has_none_the_nearest_within_150_km_is_shown():
    near = office("près", departement="75", at=PARIS)
    far = office("loin", departement="13", at=MARSEILLE)
    assert names(proposed([far, near], "94", CRETEIL)) == ["près"]
    assert proposed([far], "94", CRETEIL) == []


def test_150_km_are_near_enough_and_a_step_more_is_not():
    degree = distance_km(Point(45, 0), Point(46, 0))
    within, beyond = Point(45 + 149.9 / degree, 0), Point(45 + 150.1 / degree, 0)
    assert names(proposed([office(at=within, departement="75")], "94", Point(45, 0))) == ["Bureau"]
    assert proposed([office(at=beyond, departement="75")], "94", Point(45, 0)) == []


def test_nobody_is_sent_across_a_sea_however_short():
    """Nice is 150 km from Calvi; Guadeloupe sees Dominica and then Martinique."""
    corsican = office("Corse", departement="2B", at=AJACCIO)
    guadeloupe = office("Guadeloupe", departement="971", at=Point(16.0, -61.7))
    assert proposed([corsican], "06", AJACCIO) == []
    assert proposed([office("Nice", departement="06", at=NICE)], "2B", NICE) == []
    assert proposed([guadeloupe], "972", Point(14.8, -61.2)) == []
    assert names(proposed([corsican], "2A", AJACCIO)) == ["Corse"]


def test_a_bare_departement_gives_only_what_serves_it():
    own, other = office("à elle"), office("à côté", kind="victim_support", departement="75")
    near = proposed([own, other], "94", None)
    assert [(one.office.name, one.distance_km) for one in near] == [("à elle", None)]


def test_the_same_number_is_not_shown_twice():
    twice = [office("une", kind="cidff"), office("autre", kind="court_desk")]
    assert names(proposed(twice, "94", PARIS)) == ["une"]


def test_of_two_as_near_it_is_always_the_same_one():
    one, other = office("a", phone="+33100000001"), office("b", phone="+33100000002")
    assert names(proposed([other, one], "94", PARIS)) == ["a"]
    assert names(proposed([one, other], "94", PARIS)) == ["a"]


def test_a_station_never_stands_among_the_doors():
    station = office(kind="police", at=PARIS)
    assert proposed([station], "94", PARIS) == []
    assert proposed([station], "94", None) == []


# Police or gendarmerie, legal advice: the plain nearest


def test_a_station_is_the_nearest_whichever_departement_it_stands_in():
    own, beside = (
        office("à elle", "police", "94", at=CRETEIL),
        office("à côté", "gendarmerie", "75", at=PARIS),
    )
    near = nearest([own, beside], SAFETY, "94", PARIS)
    assert near == Near(beside, 0.0)


def test_a_station_is_never_over_a_sea_nor_150_km_away():
    corsican = office("Corse", "gendarmerie", "2B", at=AJACCIO)
    far = office("loin", "police", "13", at=MARSEILLE)
    assert nearest([corsican, far], SAFETY, "06", AJACCIO) is None
    assert nearest([corsican, far], SAFETY, "2A", AJACCIO) == Near(corsican, 0.0)
    assert nearest([far], SAFETY, "94", PARIS) is None


def test_even_one_that_says_it_serves_her_is_not_over_a_sea():
    """A brigade across the water opens no door to somebody who must leave tonight."""
    brigade = office("Guadeloupe", "gendarmerie", "971", serves="971 977", at=Point(17.9, -62.8))
    assert nearest([brigade], SAFETY, "977", Point(17.9, -62.8)) is None


@LAWS
@given(some_offices(), st.sampled_from(CODES), POINTS)
def test_whatever_the_offices_no_station_stands_nearer_than_the_one_that_is_shown(
    offices, departement, point
):
    for kinds in (SAFETY, LAW):
        reachable = [
            distance_km(point, one.point)
            for one in offices
            if one.kind in kinds and land(one.departement) == land(departement)
        ]
        near = nearest(offices, kinds, departement, point)
        if near is None:
            assert min(reachable, default=FARTHEST + 1) > FARTHEST
        else:
            assert near.office.kind in kinds
            assert near.distance_km == min(reachable) <= FARTHEST
        assert nearest(reversed(offices), kinds, departement, point) == near


# The doors, whatever they are


@LAWS
@given(some_offices(), st.sampled_from(CODES), st.none() | POINTS)
def test_whatever_the_offices_what_is_proposed_keeps_its_promises(offices, departement, point):
    near = proposed(offices, departement, point)
    kinds = [one.office.kind for one in near]
    assert kinds == [kind for kind in DOORS if kind in kinds]
    assert len({one.office.phone for one in near}) == len(near)
    for one in near:
        served = departement in one.office.serves
        assert served or one.distance_km <= FARTHEST
        assert served or land(departement) == land(one.office.departement)
        better = [
            other
            for other in offices
            if other.kind == one.office.kind and departement in other.serves
        ]
        assert served or not better
    assert proposed(reversed(offices), departement, point) == near


def land(departement: str) -> str:
    if departement in OVERSEAS:
        return departement
    return "Corse" if departement in ("2A", "2B") else "continent"


# France as it is


def proposal(code: str) -> Proposal:
    found = directory().proposal(code)
    assert found is not None
    return found


@cache
def walked() -> list[Proposal]:
    """Every commune of every island, every hundredth of the continent, and every département."""
    codes = [
        f"C{row['insee']}"
        for number, row in enumerate(communes())
        if land(row["departement"]) != "continent" or number % 100 == 0
    ]
    return [proposal(code) for code in [*codes, *(f"D{row['code']}" for row in departements())]]


def test_nobody_in_france_is_sent_across_a_sea_or_further_than_150_km():
    """Guadeloupe's offices say themselves that they serve Saint-Barthélemy and Saint-Martin."""
    assert len(walked()) > 900
    for found in walked():
        home = found.place.departement
        for one in found.doors:
            over = land(one.office.departement) != land(home)
            assert not over or (home in one.office.serves and home in ("977", "978"))
            assert home in one.office.serves or one.distance_km <= FARTHEST
        for one in (found.safety, found.law):
            assert one is None or land(one.office.departement) == land(home)
            assert one is None or one.distance_km <= FARTHEST


def test_everybody_on_the_continent_is_shown_an_association_and_a_court_desk():
    for found in walked():
        if land(found.place.departement) == "continent" and found.place.insee:
            assert kinds(found)[-2:] == ["victim_support", "court_desk"]


def kinds(found: Proposal) -> list[OfficeKind]:
    return [one.office.kind for one in found.doors]


def test_a_person_in_cachan_gets_the_doors_of_the_val_de_marne():
    found = proposal("C94016")
    assert kinds(found) == ["cidff", "victim_support", "court_desk"]
    assert {one.office.departement for one in found.doors} == {"94"}
    first = found.doors[0]
    assert first.office.id == "cidff-94-1"
    assert first.distance_km == pytest.approx(9.8, abs=0.1)
    nearer = [
        one.name
        for one in directory().offices()
        if one.kind == "cidff"
        and distance_km(one.point, Point(48.7920, 2.3320)) < first.distance_km
    ]
    assert "CIDFF des Hauts-de-Seine (Clamart)" in nearer


def test_the_services_of_her_own_commune_are_given_beside_the_doors():
    found = proposal("C94016")
    assert found.services[0].name == "Un Premier pas"
    assert {one.through_town_hall for one in found.services} == {True, False}
    assert [one.name for one in proposal("C94038").services] == ["Un Premier pas"], "L'Haÿ"
    assert proposal("C75056").services == ()


def test_a_person_in_la_reunion_never_gets_ajaccio_or_the_continent():
    """The oldest of mistakes: 20000 kilometres away, the nearest of all that is left."""
    for code in ("C97411", "C97416", "D974"):
        assert {one.office.departement for one in proposal(code).doors} == {"974"}


def test_every_departement_alone_gives_only_its_own_doors():
    for row in departements():
        found = proposal(f"D{row['code']}")
        assert found.town_hall is None
        assert (found.safety, found.law) == (None, None)
        for one in found.doors:
            assert row["code"] in one.office.serves
            assert one.distance_km is None


# What is missing is known


@cache
def gaps() -> dict[tuple[str, str], dict[str, str]]:
    with (DATA / GAPS).open(encoding="utf-8", newline="") as opened:
        return {(row["departement"], row["kind"]): row for row in csv.DictReader(opened)}


@cache
def serving() -> dict[tuple[str, str], set[str]]:
    """The offices that serve each département, by kind."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in offices():
        for departement in row["serves"].split():
            found.setdefault((departement, row["kind"]), set()).add(row["id"])
    return found


def whole_departements() -> list[str]:
    """The 101, without the collectivities."""
    return [row["code"] for row in departements() if row["code"] not in COLLECTIVITIES]


def test_each_of_the_101_departements_has_a_cidff_that_serves_it_or_a_gap_that_is_explained():
    assert len(whole_departements()) == 101
    for home in whole_departements():
        for kind in DOORS:
            assert (home, kind) in serving() or (home, kind) in gaps(), (home, kind)


def test_each_of_the_101_departements_has_an_association_or_a_court_desk():
    for home in whole_departements():
        found = set(kinds(proposal(f"D{home}")))
        assert found & {"victim_support", "court_desk"}, home
        assert found | set(proposal(f"D{home}").missing) >= {"cidff"}, home


def test_a_gap_is_either_empty_or_names_each_office_that_fills_it():
    """A row that explains what somebody has found since would tell a person not to call."""
    known = {row["id"] for row in offices()}
    for (home, kind), row in gaps().items():
        assert home in whole_departements()
        instead = set(row["use_instead"].split())
        assert instead, home
        assert instead <= known, home
        assert serving().get((home, kind), set()) <= instead, (home, kind)


def test_what_is_missing_of_a_place_is_what_no_office_serves():
    for found in walked():
        home = found.place.departement
        assert set(found.missing) == {kind for kind in DOORS if (home, kind) not in serving()}
        for one in found.doors:
            assert one.office.kind not in found.missing or home not in one.office.serves


def test_the_point_of_a_hidden_address_is_the_middle_of_its_commune() -> None:
    """Else a map, or a distance, would tell where people who fled are sheltered."""
    points = {
        row["insee"]: Point(float(row["latitude"]), float(row["longitude"]))
        for row in communes()
        if row["latitude"]
    }
    hidden = [row for row in offices() if row["address_public"] == "masquee"]
    assert len(hidden) == 16
    for row in hidden:
        door = Point(float(row["latitude"]), float(row["longitude"]))
        assert not row["address"], row["id"]
        assert distance_km(door, points[row["insee"]]) < 0.5, row["id"]
