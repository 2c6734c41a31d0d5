"""A position lies in its own département, or nowhere: Kehl, Geneva and Monaco are not France."""

from functools import cache
from math import inf, nan

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.reading.problem import Problem
from bot.referral.office import Point
from bot.referral.outline import Outline, departement_at, read_outlines
from tests.ground import DATA, LAWS, communes, departements

HEADER = "departements,margin_m,corners"
# Two départements side by side, ten degrees by ten: 01 west of 02. Inside 02 lies an enclave that
# is in neither, and 01 has an island, whose margin is wider.
DRAWN = (
    "01,100,40 0;30 0;30 10",
    "01,100,40 0;40 10",
    "01 02,100,30 10;40 10",
    "02,100,40 10;40 20;30 20;30 10",
    "02,100,34 14;34 16;36 16;36 14;34 14",
    "01,5000,50 0;50 1;51 1;51 0;50 0",
)
# Known only by the constituencies or not at all: no outline of theirs is drawn.
WITHOUT = {"984", "989"}
# Town halls that stand, in the source, up to 200 metres beyond their département's border.
AT_THE_BORDER = {"24353", "24501", "54443", "62814", "65391", "78076", "81263"}
SPOTS = {
    "Cachan": ("94", 48.7946, 2.3339),
    "Paris, Bastille": ("75", 48.8532, 2.3692),
    "Strasbourg, at the foot of the bridge to Kehl": ("67", 48.5737, 7.7990),
    "Valréas, an enclave of the Vaucluse in the Drôme": ("84", 44.3850, 4.9910),
    "Luquet, an enclave of the Hautes-Pyrénées": ("65", 43.2652, -0.1198),
    "Île de Sein": ("29", 48.0370, -4.8500),
    "Porquerolles": ("83", 43.0010, 6.2040),
    "Nice, on the beach": ("06", 43.6947, 7.2655),
    "Beausoleil, over Monaco": ("06", 43.7425, 7.4236),
    "Bourg-Madame, before Llívia": ("66", 42.4345, 1.9447),
    "Ajaccio": ("2A", 41.9187, 8.7369),
    "Bastia": ("2B", 42.7021, 9.4515),
    "La Désirade": ("971", 16.3050, -61.0750),
    "Maripasoula": ("973", 3.6430, -54.0290),
    "the forest, 90 km from any town of Guyane": ("973", 3.2, -53.2),
    "Cilaos": ("974", -21.1350, 55.4710),
    "Mamoudzou": ("976", -12.7806, 45.2326),
    "Miquelon": ("975", 47.0970, -56.3800),
    "Gustavia": ("977", 17.8962, -62.8498),
    "Marigot": ("978", 18.0679, -63.0822),
    "Mata-Utu": ("986", -13.2825, -176.1736),
    "Rangiroa, in its lagoon": ("987", -15.1200, -147.6500),
    "Lifou": ("988", -20.9160, 167.2400),
}
NOT_FRANCE = {
    "Kehl, the station": (48.5757, 7.8083),
    "Geneva": (46.2044, 6.1432),
    "Monaco": (43.7384, 7.4246),
    "the casino of Monte-Carlo": (43.7392, 7.4279),
    "Andorra": (42.5063, 1.5218),
    "Irun": (43.3390, -1.7894),
    "Llívia, Spanish inside France": (42.4636, 1.9811),
    "Mouscron": (50.7443, 3.2139),
    "Basel": (47.5596, 7.5886),
    "London": (51.5074, -0.1278),
    "Brussels": (50.8467, 4.3525),
    "Jersey": (49.1868, -2.1066),
    "Philipsburg, on the island of Saint-Martin": (18.0260, -63.0458),
    "Oiapoque, across from Saint-Georges": (3.8430, -51.8350),
    "Fortune, across from Miquelon": (47.0700, -55.8300),
    "the Channel": (50.2, -0.8),
    "the Gulf of Lion": (42.8, 4.2),
    "between Nice and Calvi": (43.1, 8.0),
    "the Gulf of Guinea": (0.0, 0.0),
    "the South Pole": (-90.0, 0.0),
}


@cache
def france() -> tuple[Outline, ...]:
    outlines, problems = read_outlines(text_of_france(), "data/outlines.csv")
    assert problems == []
    return outlines


@cache
def text_of_france() -> str:
    return (DATA / "outlines.csv").read_text(encoding="utf-8")


def read(*lines: str) -> tuple[tuple[Outline, ...], list[Problem]]:
    return read_outlines("\n".join([HEADER, *lines, ""]), "contours.csv")


@cache
def drawn() -> tuple[Outline, ...]:
    outlines, problems = read(*DRAWN)
    assert problems == []
    return outlines


def told(*lines: str) -> list[tuple[int, str]]:
    """The line and the code of each problem."""
    return [(one.span.line, one.code) for one in read(*lines)[1]]


# A drawing of two départements


@LAWS
@given(st.floats(30.1, 39.9), st.floats(0.1, 9.9))
def test_inside_an_outline_is_its_departement(latitude: float, longitude: float):
    assert departement_at(Point(latitude, longitude), drawn()) == "01"


@LAWS
@given(st.floats(34.01, 35.99), st.floats(14.01, 15.99))
def test_an_enclave_is_not_of_the_departement_around_it(latitude: float, longitude: float):
    assert departement_at(Point(latitude, longitude), drawn()) is None


@LAWS
@given(
    st.floats(-90, 90, exclude_max=True),
    st.one_of(st.floats(-180, -0.1), st.floats(20.1, 180)),
)
def test_beyond_every_outline_is_nowhere(latitude: float, longitude: float):
    assert departement_at(Point(latitude, longitude), drawn()) is None


@pytest.mark.parametrize(
    ("longitude", "departement"),
    [(9.999, "01"), (10.001, "02"), (19.999, "02"), (20.0009, "02"), (20.002, None)],
)
def test_a_few_metres_outside_still_count(longitude: float, departement: str | None):
    """The margin is 100 metres, and a thousandth of a degree is 91 metres here."""
    assert departement_at(Point(35, longitude), drawn()) == departement


@pytest.mark.parametrize("latitude", [34.0, 36.0])
def test_a_position_level_with_a_corner_is_inside_all_the_same(latitude: float):
    """The line due east passes exactly through two corners of the enclave."""
    assert departement_at(Point(latitude, 12), drawn()) == "02"


@pytest.mark.parametrize(("longitude", "departement"), [(10.0006, "01"), (10.001, "02")])
def test_between_two_margins_the_nearer_departement_is_meant(longitude: float, departement: str):
    apart = read(
        "01,100,40 0;30 0;30 10;40 10;40 0",
        "02,100,40 10.0016;30 10.0016;30 20;40 20;40 10.0016",
    )
    assert apart[1] == []
    assert departement_at(Point(35, longitude), apart[0]) == departement


def test_each_stretch_has_its_own_margin():
    """Three kilometres are near the island, where the margin is five; from the mainland far."""
    assert departement_at(Point(49.97, 0.5), drawn()) == "01"
    assert departement_at(Point(40.03, 0.5), drawn()) is None


@LAWS
@given(st.permutations(DRAWN), st.floats(29, 52), st.floats(-2, 22))
@example([line.replace("40 0;40 10", "40 10;40 0") for line in DRAWN], 35.0, 5.0)
def test_neither_the_order_of_stretches_nor_their_direction_matters(
    lines: list[str], latitude: float, longitude: float
):
    point = Point(latitude, longitude)
    assert departement_at(point, read(*lines)[0]) == departement_at(point, drawn())


@pytest.mark.parametrize("number", [nan, inf, -inf, 1e300, 91.0, -91.0])
def test_what_is_no_position_is_nowhere(number: float):
    for outlines in (drawn(), france()):
        assert departement_at(Point(number, 2.3), outlines) is None
        assert departement_at(Point(48.8, number * 2), outlines) is None


def test_without_outlines_nobody_is_anywhere():
    outlines, problems = read()
    assert (outlines, problems) == ((), [])
    assert departement_at(Point(48.8, 2.3), outlines) is None


# A file that is not as it should be


def test_every_bad_cell_is_told_with_its_line():
    assert told(
        "1,100,40 0;30 0;30 10;40 0",
        "01 02 03,100,40 0;30 0;30 10;40 0",
        "01,wide,40 0;30 0;30 10;40 0",
        "01,-5,40 0;30 0;30 10;40 0",
        "01,100,40 0;30 0;91 10;40 0",
        "01,100,40 0;30 181;30 10;40 0",
        "01,100,40 0;thirty 0;30 10;40 0",
        "01,100,40 0;nan 0;30 10;40 0",
        "01,100,40 0;30 0 0;30 10;40 0",
        "01,100,",
        "01,100,40 0",
        "01,100,40 0;30 0;30 10;40 0",
    ) == [(line, "csv.valeur") for line in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11, 12)]


def test_only_the_corner_that_is_wrong_is_quoted():
    """A stretch has hundreds of corners."""
    (found,) = read("01,100,40 0;30 0;trente 10;40 0")[1]
    assert dict(found.values)["valeur"] == "trente 10"
    assert len(found.sentence()) < 200


def test_a_missing_line_is_told_where_the_outline_stays_open():
    assert told(*DRAWN[:1], *DRAWN[2:]) == [(2, "contour.ouvert")] * 2
    sentences = [one.sentence() for one in read(*DRAWN[:1], *DRAWN[2:])[1]]
    assert ["40.0 0.0" in sentences[0], "40.0 10.0" in sentences[1]] == [True, True]


def test_a_corner_that_moved_is_told_for_both_neighbours():
    moved = [line.replace("01 02,100,30 10;", "01 02,100,30 11;") for line in DRAWN]
    codes = [dict(one.values).get("departement") for one in read(*moved)[1]]
    assert codes == ["01", "01", "02", "02"]


def test_a_line_cut_short_in_the_real_file_is_told():
    lines = text_of_france().splitlines()
    lines[40] = lines[40].rpartition(";")[0]
    _, problems = read_outlines("\n".join(lines), "data/outlines.csv")
    assert {one.code for one in problems} == {"contour.ouvert"}


# France


@pytest.mark.parametrize("spot", SPOTS)
def test_a_person_there_is_in_that_departement(spot: str):
    departement, latitude, longitude = SPOTS[spot]
    assert departement_at(Point(latitude, longitude), france()) == departement


@pytest.mark.parametrize("spot", NOT_FRANCE)
def test_a_person_there_is_not_in_france(spot: str):
    assert departement_at(Point(*NOT_FRANCE[spot]), france()) is None


def test_every_commune_lies_in_the_outline_of_its_own_departement():
    strays = {
        row["insee"]: found
        for row in communes()
        if row["latitude"]
        and (found := departement_at(_point(row), france())) != row["departement"]
    }
    assert set(strays) == AT_THE_BORDER
    assert None not in strays.values(), "the neighbour's, never nowhere"


def test_every_departement_and_every_inhabited_collectivity_has_an_outline():
    drawn_codes = [outline.departement for outline in france()]
    assert drawn_codes == sorted({row["code"] for row in departements()} - WITHOUT)


@LAWS
@given(st.floats(-90, 90), st.floats(-180, 180))
@example(48.5737, 7.8030)
def test_any_position_has_an_answer(latitude: float, longitude: float):
    codes = {outline.departement for outline in france()}
    assert departement_at(Point(latitude, longitude), france()) in codes | {None}


def test_the_file_stays_small_enough_to_be_read_at_each_start():
    assert len(text_of_france().encode()) < 600_000


def _point(row: dict[str, str]) -> Point:
    return Point(float(row["latitude"]), float(row["longitude"]))
