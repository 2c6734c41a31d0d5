"""What the gazetteer keeps of the tables, on places that are made up."""

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from bot.reading.rows import Row, read_csv
from bot.referral.gazetteer import Gazetteer, TownHall, fill_places
from bot.referral.office import Point
from bot.referral.place import Choices, Found, NotFound, answer, match, normalise
from bot.referral.tables import COLUMNS, COMMUNES, DEPARTEMENTS
from tests.ground import LAWS, tables

COAST = {"code": "17", "name": "Côte-Neuve", "aliases": "Côte-Basse"}
HILLS = {"code": "2A", "name": "Les Monts", "aliases": ""}
# The coast lies west of the hills, ten degrees by ten each; the sea is all the rest.
OUTLINES = (
    "departements,margin_m,corners\n"
    "17,100,40 0;40 10;30 10;30 0;40 0\n"
    "2A,100,40 10;40 20;30 20;30 10;40 10\n"
)
PLACES = (
    {"insee": "17001", "name": "Port-Royal", "kind": "commune", "departement": "17",
     "postcodes": "17100 17110", "population": "60000", "phone": "+33546000001",
     "latitude": "35", "longitude": "9.9"},
    {"insee": "17002", "name": "Port", "kind": "commune", "departement": "17",
     "postcodes": "17110", "population": "300", "aliases": "Vieux-Port",
     "latitude": "35", "longitude": "9.8"},
    {"insee": "17003", "name": "Portail", "kind": "commune", "departement": "17",
     "postcodes": "17120", "population": "900"},
    {"insee": "17101", "name": "Port-Royal 1er Arrondissement", "kind": "arrondissement",
     "parent": "17001", "departement": "17", "postcodes": "17100", "population": "20000",
     "latitude": "35", "longitude": "9.95"},
    {"insee": "17102", "name": "Port-Royal 2e Arrondissement", "kind": "arrondissement",
     "parent": "17001", "departement": "17", "postcodes": "17110", "population": "40000",
     "phone": "+33546000002"},
    {"insee": "2A001", "name": "Sainte-Chèvre-sur-Mont", "kind": "commune", "departement": "2A",
     "postcodes": "20100", "population": "", "latitude": "35", "longitude": "10.3"},
)  # fmt: skip


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> Gazetteer:
    return gazetteer(tmp_path_factory.mktemp("made-up"), PLACES, (COAST, HILLS))


def gazetteer(
    folder: Path,
    communes: Iterable[Mapping[str, str]],
    departements: Iterable[Mapping[str, str]],
    outlines: str = OUTLINES,
) -> Gazetteer:
    tables(folder, communes, departements)
    database = Database(folder / "places.sqlite")
    fill_places(database, rows(folder, COMMUNES), rows(folder, DEPARTEMENTS), outlines)
    database.conn.close()
    read_only = f"file:{folder / 'places.sqlite'}?mode=ro"
    return Gazetteer(Database(sqlite3.connect(read_only, uri=True)))


def rows(folder: Path, table: str) -> tuple[Row, ...]:
    found, problems = read_csv((folder / table).read_text("utf-8"), table, COLUMNS[table])
    assert problems == []
    return found


def codes(found: Iterable) -> list[str]:
    return [place.code for place in found]


def test_a_beginning_gives_communes_by_population_and_no_more_than_asked(places: Gazetteer):
    assert codes(places.beginning("port", 9)) == ["C17001", "C17003", "C17002"]
    assert codes(places.beginning("port", 2)) == ["C17001", "C17003"]
    assert codes(places.beginning("port ", 9)) == ["C17001"]
    assert codes(places.beginning("zut", 9)) == []


def test_an_arrondissement_stands_before_its_city_under_its_postcode(places: Gazetteer):
    assert codes(places.with_postcode("17100")) == ["C17101", "C17001"]
    assert codes(places.with_postcode("17110")) == ["C17102", "C17001", "C17002"]


def test_people_live_in_a_departement_as_in_all_its_communes(places: Gazetteer):
    """An arrondissement's are its city's already."""
    departement = places.departement("17")
    assert departement is not None
    assert departement.inhabitants == 61_200


@pytest.mark.parametrize("key", ["2A", "les monts"])
def test_a_departement_is_known_by_its_code_and_its_names(places: Gazetteer, key: str):
    departement = places.departement(key)
    assert departement is not None
    assert departement.code == "D2A"
    assert places.departement("cote basse") == places.departement("17")


def test_every_name_is_listed_by_its_length_so_that_errors_can_be_looked_for(places: Gazetteer):
    names = {"port royal", "port", "portail", "vieux port", "sainte chevre sur mont",
             "cote neuve", "cote basse", "les monts"}  # fmt: skip
    listed = {length: set(places.of_length(length)) for length in range(40)}
    assert set().union(*listed.values()) == names
    assert all(len(name) == length for length, some in listed.items() for name in some)


def test_a_person_is_given_the_number_of_their_own_town_hall(places: Gazetteer):
    assert places.town_hall("17001") == TownHall("Port-Royal", "+33546000001")
    assert places.town_hall("17102") == TownHall("Port-Royal 2e Arrondissement", "+33546000002")


def test_an_arrondissement_without_a_number_gives_its_citys(places: Gazetteer):
    assert places.town_hall("17101") == TownHall("Port-Royal", "+33546000001")
    assert places.parent("17101") == "17001"


def test_where_no_number_is_known_there_is_no_town_hall(places: Gazetteer):
    assert places.town_hall("17002") is None
    assert places.town_hall("99999") is None
    assert places.parent("17002") is None
    assert places.parent("99999") is None


def test_a_village_stands_beside_the_town_that_begins_with_its_name(places: Gazetteer):
    found = match("Port", places)
    assert isinstance(found, Choices)
    assert codes(found.places) == ["C17001", "C17002"]


def test_a_former_name_leads_to_the_commune_of_today(places: Gazetteer):
    found = match("Vieux-Port", places)
    assert isinstance(found, Found)
    assert found.place.code == "C17002"


def test_an_error_is_forgiven_where_a_place_was_asked_for_only(places: Gazetteer):
    assert match("Portial", places) == NotFound()
    found = answer("Portial", places)
    assert isinstance(found, Found)
    assert found.place.code == "C17003"


def here(places: Gazetteer, latitude: float, longitude: float) -> str | None:
    found = places.here(Point(latitude, longitude))
    return found.code if found else None


def test_a_position_is_the_commune_whose_point_is_nearest(places: Gazetteer):
    assert here(places, 35, 9.84) == "C17002"
    assert here(places, 35, 9.86) == "C17001"


def test_a_position_is_never_an_arrondissement(places: Gazetteer):
    assert here(places, 35, 9.95) == "C17001"


def test_a_position_near_a_border_stays_in_its_departement(places: Gazetteer):
    """The nearest point of all may stand on the other side of it."""
    assert here(places, 35, 10.08) == "C2A001"


def test_a_position_far_from_every_commune_is_its_departement(places: Gazetteer):
    assert here(places, 31, 2) == "D17"
    assert here(places, 35, 10.59) == "D2A", "26 km"


def test_a_position_at_sea_is_nowhere(places: Gazetteer):
    assert here(places, 35, 20.1) is None
    assert here(places, 45, 5) is None


def test_without_outlines_no_position_is_known_and_nothing_breaks(tmp_path: Path):
    bare = gazetteer(tmp_path, PLACES, (COAST, HILLS), "departements,margin_m,corners\n")
    assert here(bare, 35, 9.9) is None


@LAWS
@given(st.floats(30, 40, exclude_max=True), st.floats(0, 20, exclude_max=True))
def test_a_position_is_in_the_departement_whose_outline_holds_it(
    places: Gazetteer, latitude: float, longitude: float
):
    found = places.here(Point(latitude, longitude))
    assert found is not None
    assert found.departement == ("17" if longitude < 10 else "2A")


@LAWS
@given(st.text())
def test_whatever_begins_so_does_begin_so(places: Gazetteer, text: str):
    key = normalise(text)
    assert all(normalise(place.name).startswith(key) for place in places.beginning(key, 99))
