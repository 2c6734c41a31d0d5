"""What a person types for a place, read against every commune of France: never a wrong guess."""

import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.referral.place import (
    Choices,
    Found,
    Match,
    NotFound,
    Place,
    exact,
    match,
    normalise,
)
from tests.ground import LAWS, communes, departements, departements_in, directory, places_in

NAMES = tuple(sorted({row["name"] for row in communes()}))
SAMPLE = NAMES[::400]


def read(text: str) -> set[str]:
    return places_in(match(text, directory()))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("cachan", "C94016"),
        ("CACHAN !", "C94016"),
        ("Cachan.\n", "C94016"),
        ("94230", "C94016"),
        ("94 230", "C94016"),
        ("Cachan (94)", "C94016"),
        ("bourg la reine 92", "C92014"),
        ("st denis 93", "C93066"),
        ("Ste Marie 974", "C97418"),
        ("L’Haÿ-les-Roses", "C94038"),
        ("Oeting", "C57521"),
        ("Paris", "C75056"),
        ("Paris 11", "C75111"),
        ("paris 11e", "C75111"),
        ("Paris 11ème arrondissement", "C75111"),
        ("Paris 1er", "C75101"),
        ("lyon 3eme", "C69383"),
        ("Marseille 16", "C13216"),
        ("Ajaccio", "C2A004"),
        ("20000", "C2A004"),
        ("20200", "C2B033"),
        ("Bastia 2B", "C2B033"),
        ("97400", "C97411"),
        ("98800", "C98818"),
        ("Y", "C80829"),
        ("94", "D94"),
        ("val de marne", "D94"),
        ("2a", "D2A"),
        ("Corse-du-Sud", "D2A"),
        ("974", "D974"),
        ("mayotte", "D976"),
        ("toute la France", "F"),
    ],
)
def test_a_person_is_understood_however_they_write_their_place(typed: str, code: str):
    assert read(typed) == {code}
    assert places_in(exact(typed, directory())) == {code}


@pytest.mark.parametrize(
    "typed",
    [
        "j'habite à Cachan",
        "J’habite à Cachan !",
        "je suis à cachan",
        "je vis à Cachan",
        "je loge à Cachan",
        "c'est à Cachan",
        "près de Cachan",
        "vers Cachan",
        "à Cachan",
        "je suis à 94230",
    ],
)
def test_a_person_may_say_it_in_a_few_words(typed: str):
    assert read(typed) == {"C94016"}
    assert exact(typed, directory()) == NotFound()


@pytest.mark.parametrize(
    ("typed", "code"),
    [("j'habite au Havre", "C76351"), ("je suis au Mans", "C72181"), ("aux Lilas", "C93045")],
)
def test_a_person_may_say_au_where_the_name_says_le(typed: str, code: str):
    assert read(typed) == {code}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("94230 Cachan", "C94016"),
        ("94235 CEDEX", "D94"),
        ("94235 Cachan Cedex", "C94016"),
    ],
)
def test_a_person_may_write_what_stands_on_an_envelope(typed: str, code: str):
    assert code in read(typed)


@pytest.mark.parametrize(
    ("typed", "code"), [("Paris 75", "C75056"), ("Lyon 69", "C69123"), ("Cachan 94", "C94016")]
)
def test_the_number_of_a_departement_may_follow_any_town(typed: str, code: str):
    assert read(typed) == {code}


@pytest.mark.parametrize(
    "typed",
    [
        "zzzz",
        "98000",  # Monaco is not in France
        "Monaco",
        "99999",
        "00000",
        "97",
        "2C",
        "Paris 21",
        "Cachan 93",
        "",
        "   ",
        "à",
        "je suis",
        "j'habite à",
        "je suis perdue",
        "٩٤٢٣٠",
        "06 12 34 56 78",
    ],
)
def test_what_is_no_place_is_never_guessed(typed: str):
    assert match(typed, directory()) == NotFound()


def test_a_postcode_of_companies_leads_to_its_departement():
    """CEDEX: no commune has these five digits, but the first two tell the département."""
    assert read("94235") == {"D94"}
    assert read("75800") == {"D75"}
    assert read("97499") == {"D974"}
    assert read("97999") == set()


def test_an_unknown_corsican_postcode_offers_both_halves_of_the_island():
    """All of them begin with 20, which is no département."""
    assert read("20999") == {"D2A", "D2B"}
    assert read("20") == set()


def test_homonyms_are_offered_by_departement_and_never_chosen():
    found = match("Saint-Denis", directory())
    assert isinstance(found, Choices)
    assert [place.departement for place in found.places][:2] == ["974", "93"]
    assert len({place.departement for place in found.places}) == len(found.places)


def test_a_postcode_across_a_border_offers_both_sides():
    across = {code: several for code, several in postcodes().items() if len(several) > 1}
    assert across
    for postcode, several in across.items():
        assert departements_in(match(postcode, directory())) == several


@cache
def postcodes() -> dict[str, set[str]]:
    """The départements of each postcode's communes."""
    found: dict[str, set[str]] = {}
    for row in communes():
        for postcode in row["postcodes"].split():
            found.setdefault(postcode, set()).add(row["departement"])
    return found


def test_the_largest_town_of_a_name_stands_first():
    found = match("La Rochelle", directory())
    assert isinstance(found, Choices)
    assert found.places[0] == Place("C17300", "La Rochelle", "17", "Charente-Maritime")


def test_everybody_is_found_by_the_name_and_the_number_of_their_departement():
    """« La Réunion » is also a village of 524 people in Lot-et-Garonne, Vienne a town in Isère."""
    names = {row["name"]: row["code"] for row in departements()}
    assert [name for name, code in names.items() if code not in departements_in(whole(name))] == []
    assert [code for code in names.values() if read(code) != {f"D{code}"}] == []


def test_everybody_is_found_by_the_usual_name_of_their_departement():
    """As `data/departements.csv` lists them: Tahiti, Réunion, Grand Lyon."""
    usual = [(alias, row["code"]) for row in departements() for alias in aliases_of(row)]
    assert [alias for alias, code in usual if code not in departements_in(whole(alias))] == []


def aliases_of(row: dict[str, str]) -> list[str]:
    return [alias for alias in row["aliases"].split("|") if alias]


def whole(typed: str) -> Match:
    return exact(typed, directory())


@pytest.mark.long
def test_every_person_of_every_commune_is_found_by_its_name_and_its_postcodes():
    """All 34,969 communes and 45 arrondissements; each text is read once."""
    found: dict[str, set[str]] = {}
    lost: list[tuple[str, str]] = []
    for row in communes():
        for typed in (row["name"], *row["postcodes"].split()):
            if typed not in found:
                found[typed] = departements_in(exact(typed, directory()))
            if row["departement"] not in found[typed]:
                lost.append((typed, row["departement"]))
    assert len(communes()) == 34_969 + 45
    assert lost == []


def test_everybody_whose_town_has_homonyms_is_found_with_the_number_of_their_departement():
    several: dict[str, set[str]] = {}
    for row in communes():
        several.setdefault(normalise(row["name"]), set()).add(row["departement"])
    shared = {name: codes for name, codes in several.items() if len(codes) > 1}
    assert len(shared) > 1000
    for name, codes in shared.items():
        for code in codes:
            assert departements_in(whole(f"{name} {code}")) == {code}


def test_people_of_a_former_commune_are_found_where_it_lies_now():
    """Never sent to a namesake elsewhere, as from Larche in the Alps to Larche in Corrèze."""
    former = [(alias, row["departement"]) for row in communes() for alias in aliases_of(row)]
    assert len(former) > 2000
    assert [one for one in former if one[1] not in departements_in(whole(one[0]))] == []


@LAWS
@given(st.sampled_from(SAMPLE), st.randoms(use_true_random=False))
def test_case_accents_and_hyphens_never_matter(name: str, random):
    unaccented = normalise(name)
    dressed = "".join(random.choice((c.upper(), c)) for c in re.sub(r"[- ]", " - ", name))
    expected = match(name, directory())
    assert match(unaccented, directory()) == expected
    assert match(dressed, directory()) == expected


@LAWS
@given(st.text())
def test_any_text_at_all_is_read_without_a_hitch(text: str):
    assert normalise(normalise(text)) == normalise(text)
    assert isinstance(match(text, directory()), Found | Choices | NotFound)


@LAWS
@given(st.from_regex(r"[0-9]{1,6}", fullmatch=True) | st.sampled_from(sorted(postcodes())))
def test_digits_never_lead_to_another_departement(digits: str):
    """Either a commune uses them, or they begin with its number; Corsica's begin with 20."""
    for departement in departements_in(match(digits, directory())):
        corsican = digits.startswith("20") and departement in ("2A", "2B")
        used = departement in postcodes().get(digits, ())
        assert used or corsican or digits.startswith(departement)
