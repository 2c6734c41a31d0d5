"""`data/communes.csv` and `departements.csv`: complete, consistent, right where it is known."""

import re
from collections import Counter

import phonenumbers
import pytest

from bot.referral.office import Point, distance_km
from tests.ground import DATA, communes, departements

MEGABYTES = 1_000_000
OVERSEAS_DEPARTEMENTS = {"971", "972", "973", "974", "976"}
# No package gives a point for most of their communes.
FAR = {"984", "987", "988", "989"}
POINTS = {"mairie", "outline", "circonscription", "codepostal", ""}
# Degrees: south, north, west, east. None but these holds a commune's point.
PARTS = {
    "mainland and Corsica": (41.3, 51.2, -5.2, 9.7),
    "the Antilles": (14.3, 18.2, -63.2, -60.7),
    "Guyane": (2.1, 5.8, -54.7, -51.5),
    "La Réunion": (-21.5, -20.8, 55.1, 55.9),
    "Mayotte": (-13.1, -12.5, 44.9, 45.4),
    "Saint-Pierre-et-Miquelon": (46.7, 47.2, -56.5, -56.1),
    "Wallis-et-Futuna": (-14.4, -13.1, -178.3, -176.0),
    "Tahiti": (-17.9, -17.4, -149.7, -149.1),
    "Nouvelle-Calédonie": (-22.8, -19.5, 163.5, 168.2),
}
# INSEE: name, département, one of its postcodes, where it is known to be, and how near (km).
SPOTS = {
    "94016": ("Cachan", "94", "94230", (48.7920, 2.3320), 3),
    "75111": ("Paris 11e Arrondissement", "75", "75011", (48.8590, 2.3800), 2),
    "93066": ("Saint-Denis", "93", "93200", (48.9360, 2.3570), 3),
    "97411": ("Saint-Denis", "974", "97400", (-20.8800, 55.4500), 3),
    "97213": ("Le Lamentin", "972", "97232", (14.6150, -61.0020), 3),
    "97115": ("Lamentin", "971", "97129", (16.2710, -61.6310), 3),
    "97611": ("Mamoudzou", "976", "97600", (-12.7820, 45.2280), 3),
    "2A004": ("Ajaccio", "2A", "20000", (41.9190, 8.7390), 3),
    "2B033": ("Bastia", "2B", "20200", (42.7010, 9.4500), 3),
    "13055": ("Marseille", "13", "13001", (43.2960, 5.3700), 3),
    "98735": ("Papeete", "987", "98714", (-17.5390, -149.5690), 6),
    "97701": ("Saint-Barthélemy", "977", "97133", (17.8960, -62.8500), 4),
}


def whole() -> dict[str, dict[str, str]]:
    """The communes themselves, by code, without arrondissements."""
    return {row["insee"]: row for row in communes() if row["kind"] == "commune"}


def arrondissements() -> list[dict[str, str]]:
    return [row for row in communes() if row["kind"] == "arrondissement"]


def point(row: dict[str, str]) -> Point:
    return Point(float(row["latitude"]), float(row["longitude"]))


@pytest.mark.parametrize("insee", SPOTS)
def test_a_place_that_is_known_is_as_it_is_known(insee: str):
    name, departement, postcode, where, km = SPOTS[insee]
    (row,) = [row for row in communes() if row["insee"] == insee]
    assert (row["name"], row["departement"]) == (name, departement)
    assert postcode in row["postcodes"].split()
    assert distance_km(point(row), Point(*where)) < km


def test_every_commune_and_every_arrondissement_is_there_once():
    assert Counter(row["kind"] for row in communes()) == {"commune": 34_969, "arrondissement": 45}
    assert len({row["insee"] for row in communes()}) == 35_014


def test_the_101_departements_and_8_collectivities_are_there_once():
    codes = [row["code"] for row in departements()]
    mainland = {f"{number:02}" for number in range(1, 96)} - {"20"} | {"2A", "2B"}
    collectivities = {"975", "977", "978", "984", "986", "987", "988", "989"}
    assert codes == sorted(mainland | OVERSEAS_DEPARTEMENTS | collectivities)


def test_every_commune_stands_in_a_departement_of_the_list_and_its_region():
    regions = {row["code"]: row["region"] for row in departements()}
    assert {
        row["insee"] for row in communes() if regions.get(row["departement"]) != row["region"]
    } == set()
    assert {row["departement"] for row in communes()} == set(regions)


def test_a_code_begins_with_its_departement():
    assert [
        row["insee"] for row in communes() if not row["insee"].startswith(row["departement"])
    ] == []


def test_every_arrondissement_has_its_town_and_they_add_up():
    assert Counter(row["parent"] for row in arrondissements()) == {
        "75056": 20,
        "13055": 16,
        "69123": 9,
    }
    for town in ("75056", "13055", "69123"):
        parts = [row for row in arrondissements() if row["parent"] == town]
        assert sum(int(row["population"]) for row in parts) == int(whole()[town]["population"])
        assert {row["departement"] for row in parts} == {whole()[town]["departement"]}
    assert {row["parent"] for row in whole().values()} == {""}


def test_no_point_is_missing_but_in_the_far_collectivities():
    missing = Counter(row["departement"] for row in communes() if not row["latitude"])
    assert missing == {"984": 5, "987": 47, "988": 32, "989": 1}
    assert set(missing) <= FAR


def test_every_point_lies_in_a_part_of_france_and_says_where_it_comes_from():
    for row in communes():
        assert bool(row["latitude"]) == bool(row["longitude"]) == bool(row["point"]), row
        assert row["point"] in POINTS
        if row["latitude"]:
            at = point(row)
            assert any(
                south <= at.latitude <= north and west <= at.longitude <= east
                for south, north, west, east in PARTS.values()
            ), row


def test_every_commune_has_a_postcode_but_where_nobody_lives():
    """6,310 postcodes in all."""
    for row in communes():
        assert re.fullmatch(r"(\d{5}( \d{5})*)?", row["postcodes"]), row
        assert row["postcodes"] or row["departement"] == "984", row
    assert len({code for row in communes() for code in row["postcodes"].split()}) == 6_310


def test_the_inhabitants_add_up_to_those_of_france():
    """INSEE's populations of 2023: a little under 69 million."""
    total = sum(int(row["population"] or 0) for row in whole().values())
    assert 68_000_000 < total < 70_000_000
    assert [row["name"] for row in sorted(whole().values(), key=_inhabitants)[-3:]] == [
        "Lyon",
        "Marseille",
        "Paris",
    ]


def test_every_town_hall_is_called_by_a_valid_number_of_its_own_region():
    for row in communes():
        if row["phone"]:
            number = phonenumbers.parse(row["phone"])
            assert phonenumbers.is_valid_number(number), row
            assert row["phone"] == phonenumbers.format_number(
                number, phonenumbers.PhoneNumberFormat.E164
            )
    assert sum(not row["phone"] for row in communes()) == 183


def test_a_former_name_is_not_the_name_and_stands_once():
    for row in (*communes(), *departements()):
        aliases = row["aliases"].split("|") if row["aliases"] else []
        assert all(alias == alias.strip() and alias for alias in aliases), row
        assert len(set(aliases)) == len(aliases), row
        assert row["name"] not in aliases, row


def test_a_delegated_commune_is_still_found_by_its_name():
    assert "Pierrefitte-sur-Seine" in whole()["93066"]["aliases"].split("|")
    assert sum(bool(row["aliases"]) for row in communes()) == 944


@pytest.mark.parametrize(
    ("name", "insee"),
    [
        ("Évry", "91228"),
        ("Saint-Ouen", "93070"),
        ("Châlons-sur-Marne", "51108"),
        ("Cherbourg", "50129"),
    ],
)
def test_a_big_town_is_found_by_the_name_it_had_before(name: str, insee: str):
    """Without it, « Évry » would be a village of the Yonne and nothing else."""
    assert name in whole()[insee]["aliases"].split("|")


def test_the_list_stays_under_three_megabytes():
    assert (DATA / "communes.csv").stat().st_size <= 3 * MEGABYTES


def _inhabitants(row: dict[str, str]) -> int:
    return int(row["population"] or 0)
