"""What we know by hand and what the official directory says, put together: neither is lost."""

import random
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.referral.merging import changes, concealed, losses, together
from bot.referral.office import DOORS, KINDS, Office, OfficeKind, Point
from bot.referral.official.listings import Aside, Listing
from bot.referral.official.matching import adopted, unusable
from tests.ground import LAWS

CENTRES = {"94016": Point(48.79, 2.33), "92023": Point(48.80, 2.26), "75114": Point(48.83, 2.32)}
TOWNS = {"94": "94016", "92": "92023", "75": "75114"}
PHONES = ("+33145462121", "+33172165650", "+33146641010", "+33143220000")
DAYS = ("2021-06-01", "2022-06-15", "2024-02-29", "2026-11-22")


def office(id_: str, **changed: object) -> Office:
    """One that nobody has confirmed since 2022, as most of ours are."""
    told = {
        "id": id_, "kind": "cidff", "network": "cidff", "name": f"Lieu {id_}",
        "address": "1 rue des Essais", "postcode": "94230", "commune": "Cachan",
        "departement": "94", "latitude": 48.7951, "longitude": 2.3321, "phone": PHONES[0],
        "serves": frozenset({"94"}), "source_date": "2022-01", "confirmed_on": "",
        "status": "unconfirmed", "official_id": f"fiche-{id_}", "insee": "94016",
    }  # fmt: skip
    return Office(**told | changed)


def listed(id_: str, **changed: object) -> Office:
    """The same door as the official directory tells it in a newer file."""
    told = {
        "status": "official", "source_date": "2026-11-22", "modified": "2026-10-01",
        "phone": PHONES[1], "network": "", "name": f"LIEU {id_}", "address": "9 avenue Neuve",
        "latitude": 48.7961, "hours": "Mo-Fr 09:00-12:00", "website": "https://example.org/",
    }  # fmt: skip
    return office(id_, **told | changed)


def listing(id_: str, **changed: object) -> Listing:
    told = {
        "id": id_, "former_id": "", "kind": "cidff", "name": f"Lieu {id_}", "address": "",
        "postcode": "94230", "commune": "Cachan", "insee": "94016", "departement": "94",
        "latitude": 48.7951, "longitude": 2.3321, "phone": PHONES[1], "website": "",
        "serves": frozenset({"94"}), "hours": "", "modified": "2026-10-01",
    }  # fmt: skip
    return Listing(**told | changed)


def put_together(*ours: Office, official: tuple[Office, ...] = ()) -> dict[str, Office]:
    return {one.id: one for one in together(ours, official, CENTRES.get)}


kinds = st.sampled_from(DOORS)
departements = st.sampled_from(sorted(TOWNS))
areas = st.frozensets(departements, min_size=1)


@st.composite
def an_office(draw: st.DrawFn, id_: str, **fixed: object) -> Office:
    where = draw(departements)
    return office(
        id_, kind=draw(kinds), departement=where, insee=TOWNS[where], serves=draw(areas),
        phone=draw(st.sampled_from(PHONES)), hidden=draw(st.integers(0, 4)) == 0,
        name=draw(st.sampled_from(("Un lieu", "Autre maison", "Permanence du droit"))),
        **{name: draw(value) for name, value in fixed.items()},
    )  # fmt: skip


@st.composite
def both(draw: st.DrawFn) -> tuple[list[Office], list[Office]]:
    """Ours, and what one official file lists: some of ours, some others."""
    ours = [
        draw(
            an_office(
                f"nous-{number}", address=st.just("1 rue des Essais"),
                status=st.sampled_from(("unconfirmed", "confirmed", "changed", "conflicting")),
                official_id=st.sampled_from((f"fiche-{number}", f"fiche-{number}", "")),
                source_date=st.sampled_from(("2022-01", "2023-06-01")),
            )
        )
        for number in range(draw(st.integers(1, 6)))
    ]  # fmt: skip
    ours = [
        replace(one, confirmed_on=draw(st.sampled_from(("", "2023-05-02", "2024-08-30"))))
        if one.status in ("confirmed", "changed")
        else one
        for one in ours
    ]
    ours = [replace(one, address="") if one.hidden else one for one in ours]
    day = draw(st.sampled_from(DAYS))
    ids = [one.id for one in ours] + [f"dehors-{number}" for number in range(4)]
    official = [
        replace(
            draw(an_office(id_, official_id=st.just(f"v4-{id_}"), hours=st.just("Mo 09:00-12:00"))),
            status="official", source_date=day, modified=min(day, draw(st.sampled_from(DAYS))),
            network="", hidden=False, address="9 avenue Neuve",
        )
        for id_ in draw(st.lists(st.sampled_from(ids), unique=True))
    ]  # fmt: skip
    return ours, official


def served(offices: list[Office]) -> set[tuple[OfficeKind, str]]:
    return {(one.kind, departement) for one in offices for departement in one.serves}


# What is known by hand is never lost


@LAWS
@given(both())
def test_our_names_networks_and_areas_survive_whatever_is_imported(
    known: tuple[list[Office], list[Office]],
):
    ours, official = known
    after = put_together(*ours, official=tuple(official))
    for one in ours:
        if one.id in after:
            kept = after[one.id]
            assert (kept.name, kept.network, kept.serves) == (one.name, one.network, one.serves)
            assert (kept.kind, kept.official_id) == (one.kind, one.official_id)


@LAWS
@given(both())
def test_no_departement_ever_loses_its_last_door_of_a_kind(
    known: tuple[list[Office], list[Office]],
):
    ours, official = known
    assert served(ours) <= served(together(ours, official, CENTRES.get))


@LAWS
@given(both())
def test_one_of_ours_goes_only_when_only_the_official_directory_knew_it_and_no_longer_does(
    known: tuple[list[Office], list[Office]],
):
    ours, official = known
    after = put_together(*ours, official=tuple(official))
    ids = {one.id for one in official}
    for one in ours:
        replaced = {(one.kind, area) for area in one.serves} <= served(
            [other for other in after.values() if other.id != one.id]
        )
        if one.id not in after:
            assert official
            assert one.official_id
            assert one.id not in ids
            assert one.status == "unconfirmed"
            assert replaced


@LAWS
@given(both())
def test_each_office_stands_once_and_whatever_is_listed_is_there(
    known: tuple[list[Office], list[Office]],
):
    ours, official = known
    found = [one.id for one in together(ours, official, CENTRES.get)]
    assert found == sorted(set(found))
    assert {one.id for one in official} <= set(found)


@LAWS
@given(both(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_of_no_matter(
    known: tuple[list[Office], list[Office]], chance: random.Random
):
    ours, official = known
    straight = together(ours, official, CENTRES.get)
    chance.shuffle(ours)
    chance.shuffle(official)
    assert together(ours, official, CENTRES.get) == straight


@LAWS
@given(both())
def test_a_number_that_somebody_confirmed_gives_way_to_a_later_record_only(
    known: tuple[list[Office], list[Office]],
):
    ours, official = known
    after = put_together(*ours, official=tuple(official))
    told = {one.id: one for one in official}
    for one in (one for one in ours if one.id in told):
        record, kept = told[one.id], after[one.id]
        if one.status != "unconfirmed" and record.modified <= one.known_on:
            assert kept.phone == one.phone
        if record.modified > one.known_on:
            assert kept.phone == record.phone


@LAWS
@given(both())
def test_a_row_that_nobody_confirmed_takes_the_facts_of_a_newer_file(
    known: tuple[list[Office], list[Office]],
):
    ours, official = known
    after = put_together(*ours, official=tuple(official))
    told = {one.id: one for one in official}
    for one in (one for one in ours if one.id in told and one.status == "unconfirmed"):
        record, kept = told[one.id], after[one.id]
        taken = (record.phone, record.hours, record.modified, record.source_date, "official")
        if record.source_date >= one.source_date:
            said = (kept.phone, kept.hours, kept.modified, kept.source_date, kept.status)
            assert said == taken
        else:
            assert (kept.phone, kept.source_date, kept.status) == (
                one.phone, one.source_date, one.status,
            )  # fmt: skip


def test_a_confirmed_number_that_the_record_shares_takes_its_newer_facts():
    ours = office("a", status="confirmed", confirmed_on="2024-08-30")
    now = put_together(ours, official=(listed("a", phone=ours.phone),))["a"]
    assert (now.hours, now.address, now.source_date) == (
        "Mo-Fr 09:00-12:00", "9 avenue Neuve", "2026-11-22",
    )  # fmt: skip
    assert now.confirmed_on == "2024-08-30"


def test_a_confirmation_later_than_the_whole_file_is_stronger_than_it():
    ours = office("a", status="confirmed", confirmed_on="2026-11-23")
    assert put_together(ours, official=(listed("a", phone=ours.phone),))["a"] == ours


@pytest.mark.parametrize("modified", ["2025-09-01", "2025-09-30"])
def test_a_number_confirmed_in_a_month_stays_when_the_record_changed_in_that_same_month(
    modified: str,
):
    ours = office("a", status="changed", confirmed_on="2025-09")
    assert put_together(ours, official=(listed("a", modified=modified),))["a"].phone == ours.phone


def test_an_older_official_file_changes_no_fact_of_ours():
    ours = office("a", source_date="2023-06-01")
    assert put_together(ours, official=(listed("a", source_date="2022-01-05"),))["a"] == ours


def test_an_older_official_file_that_did_not_yet_hold_a_row_does_not_drop_it():
    ours = office("a", source_date="2023-06-01")
    other = listed("b", source_date="2022-01-05")
    assert "a" in put_together(ours, official=(other,))


def test_a_door_that_is_no_longer_listed_goes_where_another_serves_its_people():
    gone, there = office("a"), listed("b")
    assert set(put_together(gone, official=(there,))) == {"b"}


@pytest.mark.parametrize(
    "other",
    [
        listed("b", serves=frozenset({"92"})),
        listed("b", kind="victim_support"),
        listed("b", serves=frozenset({"92", "75"})),
    ],
    ids=["elsewhere", "another kind", "others"],
)
def test_a_door_that_is_no_longer_listed_stays_where_no_other_does(other: Office):
    gone = office("a", serves=frozenset({"94", "92"}))
    assert put_together(gone, official=(other,))["a"] == gone


def test_two_doors_that_are_gone_do_not_replace_each_other():
    gone = office("a"), office("b")
    assert {"a", "b"} <= set(put_together(*gone, official=(listed("c", kind="police"),)))


@pytest.mark.parametrize(
    "kept",
    [
        office("a", official_id=""),
        office("a", status="confirmed", confirmed_on="2024-08-30"),
        office("a", status="changed", confirmed_on="2024-08-30"),
        office("a", status="conflicting"),
    ],
    ids=["never listed", "confirmed", "changed", "disputed"],
)
def test_a_door_that_does_not_hang_on_the_official_directory_alone_stays(kept: Office):
    assert put_together(kept, official=(listed("b"),))["a"] == kept


def test_without_an_import_everything_is_as_we_keep_it():
    ours = [office("a"), office("b", kind="court_desk", official_id="")]
    assert list(put_together(*ours).values()) == ours


def test_a_door_that_moved_is_told_where_it_is_and_two_spellings_are_one_door():
    ours = office("a", address="1, rue des Éssais")
    moved = put_together(ours, official=(listed("a"),))["a"]
    assert (moved.address, moved.latitude) == ("9 avenue Neuve", 48.7961)
    same = put_together(ours, official=(listed("a", address="1 RUE DES ESSAIS"),))["a"]
    assert (same.address, same.latitude) == ("1, rue des Éssais", 48.7951)


def test_a_page_of_ours_stays_where_the_record_has_none():
    ours = office("a", website="https://ours.example.org/")
    assert put_together(ours, official=(listed("a", website=""),))["a"].website == ours.website


# Which record is which office of ours


def only(*listings: Listing, known: tuple[Office, ...]) -> list[str]:
    return [one.id for one in adopted(listings, known, "2026-11-22")]


def test_a_record_is_recognised_by_its_id_then_its_number_then_its_name():
    known = (office("a", official_id="cidf-1", phone=PHONES[2]),)
    assert only(listing("uuid", former_id="cidf-1"), known=known) == ["a"]
    assert only(listing("cidf-1"), known=known) == ["a"]
    assert only(listing("uuid", phone=PHONES[2]), known=known) == ["a"]
    assert only(listing("uuid", name="LIEU À"), known=known) == ["a"]
    assert only(listing("uuid", name="Un autre"), known=known) == ["uuid"]
    by_number, by_id = listing("x", phone=PHONES[2]), listing("y", former_id="cidf-1")
    assert only(by_number, by_id, known=known) == ["x", "a"]


@pytest.mark.parametrize(
    "changed",
    [{"kind": "court_desk"}, {"kind": "police"}, {"departement": "92", "insee": "92023"}],
)
def test_neither_number_nor_name_makes_one_door_of_two_kinds_or_two_places(
    changed: dict[str, str],
):
    known = (office("a", phone=PHONES[1]),)
    assert only(listing("uuid", name="Lieu a", **changed), known=known) == ["uuid"]


@LAWS
@given(
    st.lists(st.tuples(kinds, st.sampled_from(PHONES), st.sampled_from("abc")), max_size=8),
    st.lists(st.tuples(kinds, st.sampled_from(PHONES), st.sampled_from("abc")), max_size=8),
)
def test_no_two_records_become_one_office(
    ours: list[tuple[OfficeKind, str, str]], fresh: list[tuple[OfficeKind, str, str]]
):
    known = [
        office(f"nous-{n}", kind=kind, phone=phone, name=name, official_id=f"fiche-{n * 2}")
        for n, (kind, phone, name) in enumerate(ours)
    ]
    listings = [
        listing(f"v4-{n}", kind=kind, phone=phone, name=name, former_id=f"fiche-{n}")
        for n, (kind, phone, name) in enumerate(fresh)
    ]
    found = adopted(listings, known, "2026-11-22")
    assert len({one.id for one in found}) == len(found) == len(listings)
    assert [one.official_id for one in found] == [one.id for one in listings]


def test_a_record_without_a_number_keeps_ours_and_makes_it_no_younger():
    ours = office("a", official_id="cidf-1")
    aside = [Aside("uuid", "cidf-1", "Lieu a", "cidff", "phone")]
    official = tuple(unusable(aside, [ours], []))
    now = put_together(ours, official=(*official, listed("b")))["a"]
    assert (now.phone, now.known_on) == (ours.phone, "2022-01")


@pytest.mark.parametrize("reason", ["inactive", "dropped", "shelter", "not_victims"])
def test_a_record_that_speaks_against_its_door_does_not_keep_it(reason: str):
    aside = [Aside("cidf-1", "", "Lieu a", "cidff", reason)]
    assert unusable(aside, [office("a", official_id="cidf-1")], []) == []


# What is hidden


HIDDEN = office("a", hidden=True, address="", name="Maison Claire (Cachan)", organisation="MC 94")
MIDDLE = CENTRES["94016"]


@pytest.mark.parametrize(
    "alike",
    [
        listed("a"),
        listed("b", official_id="fiche-a"),
        listed("fiche-a", official_id="v4"),
        listed("b", phone=HIDDEN.phone),
        listed("b", phone=HIDDEN.phone, kind="police", departement="75", insee="75114"),
        listed("b", name="MAISON CLAIRE - Villejuif"),
        listed("b", name="Claire, maison", kind="court_desk"),
        listed("b", name="maison claïre - Cachan", kind="legal_access"),
        listed("b", name="MC 94"),
    ],
    ids=["id", "record", "former", "number", "number of another kind", "suffix", "order",
         "accents", "organisation"],
)  # fmt: skip
def test_whatever_is_alike_a_hidden_door_is_hidden_with_it(alike: Office):
    (found,) = concealed([alike], [HIDDEN], CENTRES.get)
    middle = CENTRES[alike.insee]
    assert (found.hidden, found.address, found.point) == (True, "", middle)


@pytest.mark.parametrize(
    "other",
    [
        listed("b"),
        listed("b", name="Maison Claire", departement="92", insee="92023"),
        listed("b", name="Maison de la justice"),
        listed("b", name="Maison Claire", kind="police"),
    ],
    ids=["another", "another département", "another name", "a police station"],
)
def test_what_only_looks_a_little_alike_is_shown(other: Office):
    assert concealed([other], [HIDDEN], CENTRES.get) == [other]


def test_a_hidden_door_of_a_commune_without_a_middle_does_not_keep_its_exact_point():
    papeete = {"departement": "987", "insee": "98735"}
    ours = replace(HIDDEN, latitude=-17.54, longitude=-149.56, **papeete)
    exact = listed("a", latitude=-17.5391234, longitude=-149.5671234, **papeete)
    (found,) = concealed([exact], [ours], CENTRES.get)
    assert found.point != exact.point


@LAWS
@given(both())
def test_no_import_shows_a_door_that_was_hidden(known: tuple[list[Office], list[Office]]):
    ours, official = known
    after = put_together(*ours, official=tuple(official))
    for one in (one for one in ours if one.hidden and one.id in after):
        kept = after[one.id]
        assert (kept.hidden, kept.address, kept.point) == (True, "", CENTRES[kept.insee])


# What is told of an import


@LAWS
@given(both())
def test_a_file_of_another_day_that_says_the_same_changes_nothing(
    known: tuple[list[Office], list[Office]],
):
    ours, official = known
    first, later = (
        together(ours, [replace(one, source_date=day) for one in official], CENTRES.get)
        for day in ("2026-11-22", "2026-12-24")
    )
    for told in changes(first, later):
        assert (told.added, told.changed, told.dropped) == ((), (), ())


def test_what_an_import_does_is_told_by_kind_and_the_day_alone_is_no_change():
    was = [office("a"), office("b"), office("c", kind="court_desk")]
    now = [
        replace(was[0], source_date="2026-11-22", status="official", modified="2026-10-01"),
        replace(was[1], phone=PHONES[2]), office("d", kind="police"),
    ]  # fmt: skip
    told = {one.kind: (one.added, one.changed, one.dropped, one.same) for one in changes(was, now)}
    assert told == {
        "cidff": ((), ("b",), (), 1), "court_desk": ((), (), ("c",), 0),
        "police": (("d",), (), (), 0),
    }  # fmt: skip


def many(kind: OfficeKind, count: int) -> list[Office]:
    return [listed(f"{kind}-{number:03}", kind=kind) for number in range(count)]


@LAWS
@given(st.sampled_from(KINDS), st.integers(1, 400), st.data())
def test_a_kind_may_lose_a_fifth_and_not_one_more(
    kind: OfficeKind, count: int, data: st.DataObject
):
    gone = data.draw(st.integers(0, count))
    other = many("police" if kind != "police" else "cidff", 3)
    before = many(kind, count)
    told = {one.kind: one for one in losses([], before + other, before[gone:] + other)}
    assert (told[kind].before, told[kind].lost) == (count, gone)
    assert told[kind].too_many == (5 * gone > count)
    assert not any(one.too_many for name, one in told.items() if name != kind)


@pytest.mark.parametrize(("count", "gone"), [(5, 1), (10, 2), (35, 7), (100, 20), (105, 21)])
def test_exactly_a_fifth_is_not_too_many(count: int, gone: int):
    before = many("cidff", count)
    (told,) = losses([], before, before[gone:])
    assert not told.too_many


def test_the_first_import_is_held_against_those_of_ours_that_came_from_there():
    ours = [office("a"), office("b", official_id=""), office("c", kind="court_desk")]
    told = {one.kind: (one.before, one.lost) for one in losses(ours, [], [listed("a")])}
    assert told == {"cidff": (1, 0), "court_desk": (1, 1)}
    later = losses(ours, [listed("z", kind="police")], [listed("a")])
    assert [(one.kind, one.before, one.lost) for one in later] == [("police", 1, 1)]


def test_a_kind_that_was_never_there_cannot_be_lost():
    assert losses([], [], many("police", 3)) == []


def test_whoever_is_alike_in_every_way_is_found_in_every_kind():
    """The ways of `test_whatever_is_alike`, over every kind that a record may have."""
    for kind, way in product(KINDS, ({"phone": HIDDEN.phone}, {"official_id": "fiche-a"})):
        (found,) = concealed([listed("b", kind=kind, **way)], [HIDDEN], CENTRES.get)
        assert found.hidden


def test_an_address_that_somebody_corrected_outlives_a_record_that_was_not_changed_since():
    """The same number, so nothing seems to be in dispute: the record is old all the same."""
    ours = office("a", status="changed", confirmed_on="2026-07", phone=PHONES[1])
    old = listed("a", modified="2019-06-17")
    assert put_together(ours, official=(old,))["a"].address == "1 rue des Essais"
    newer = listed("a", modified="2026-08-01")
    assert put_together(ours, official=(newer,))["a"].address == "9 avenue Neuve"


def test_a_month_and_a_day_of_it_are_told_apart_by_no_more_than_is_known():
    """September 2025 may be before or after the 1st of September 2025: what people know stands."""
    ours = office("a", status="confirmed", confirmed_on="2025-09", phone=PHONES[0])
    same_month = listed("a", modified="2025-09-20")
    assert put_together(ours, official=(same_month,))["a"].phone == PHONES[0]
    month_after = listed("a", modified="2025-10-01")
    assert put_together(ours, official=(month_after,))["a"].phone == PHONES[1]
