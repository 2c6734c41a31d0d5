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
    answer,
    exact,
    match,
    normalise,
)
from tests.ground import LAWS, communes, departements, departements_in, directory, places_in

NAMES = tuple(sorted({row["name"] for row in communes()}))
SAMPLE = NAMES[::400]


def answered(text: str) -> Match:
    return answer(text, directory().places)


def offered(text: str) -> list[str]:
    """What the first six buttons say, or the one place that is found."""
    found = answered(text)
    places = found.places if isinstance(found, Choices) else ()
    places = (found.place,) if isinstance(found, Found) else places
    return [f"{place.name} ({place.departement})" for place in places[:6]]


def read(text: str) -> set[str]:
    return places_in(match(text, directory().places))


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
        ("11e arrondissement de Paris", "C75111"),
        ("75011", "C75111"),
        ("75116", "C75116"),
        ("75011 Paris", "C75111"),
        ("Paris 75011", "C75111"),
        ("cachan 94230", "C94016"),
        ("94 Cachan", "C94016"),
        ("Cachan dans le 94", "C94016"),
        ("Cachan, Val-de-Marne", "C94016"),
        ("Vienne en Isère", "C38544"),
        ("Vitry s/ Seine", "C94081"),
        ("Vitry 94", "C94081"),
        ("Aix 13", "C13001"),
        ("Villers-lez-Nancy", "C54578"),
        ("Lez-Fontaine", "C59342"),
        ("2b", "D2B"),
        ("975", "D975"),
        ("977", "D977"),
        ("978", "D978"),
        ("984", "D984"),
        ("986", "D986"),
        ("987", "D987"),
        ("988", "D988"),
        *((str(code), f"D{code}") for code in range(971, 977)),
    ],
)
def test_a_person_is_understood_however_they_write_their_place(typed: str, code: str):
    assert read(typed) == {code}
    assert places_in(exact(typed, directory().places)) == {code}


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
        "je vis du côté de Cachan",
        "moi c'est Cachan",
        "near Cachan",
        "in Cachan",
        "I live in Cachan",
        "I'm in Cachan, France",
    ],
)
def test_a_person_may_say_it_in_a_few_words(typed: str):
    assert read(typed) == {"C94016"}
    assert exact(typed, directory().places) == NotFound()


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
        ("94235 CACHAN CEDEX 2", "C94016"),
        ("Cachan cedex", "C94016"),
        ("01200 Éloise", "C74109"),
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
    assert match(typed, directory().places) == NotFound()


def test_a_postcode_of_companies_leads_to_its_departement():
    """CEDEX: no commune has these five digits, but the first two tell the département."""
    assert read("94235") == {"D94"}
    assert read("75800") == {"D75"}
    assert read("97499") == {"D974"}
    assert read("97999") == set()


@pytest.mark.parametrize(
    ("postcode", "codes"),
    [
        ("20000", {"C2A004"}),
        ("20099", {"D2A"}),
        ("20190", {"C2A312"}),
        ("20199", {"D2A"}),
        ("20200", {"C2B033"}),
        ("20299", {"D2B"}),
        ("20620", {"C2B037"}),
        ("20699", {"D2B"}),
        ("20999", {"D2A", "D2B"}),
        ("20", {"D2A", "D2B"}),
        ("Corse", {"D2A", "D2B"}),
    ],
)
def test_a_corsican_postcode_leads_to_its_half_of_the_island(postcode: str, codes: set[str]):
    """Its third digit tells; only companies have others, and the number 20 is of before 1976."""
    assert read(postcode) == codes


def test_an_arrondissement_without_its_city_is_asked_for():
    assert read("11e") == {"C75111", "C13211"}
    assert read("dans le 3ème") == {"C75103", "C69383", "C13203"}
    assert read("20e") == {"C75120"}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Aix", ["Aix-en-Provence (13)", "Aix-les-Bains (73)", "Aix (19)"]),
        ("Bourg", ["Bourg-en-Bresse (01)", "Bourg-la-Reine (92)", "Bourg (33)"]),
        ("Clermont", ["Clermont-Ferrand (63)", "Clermont (60)"]),
        ("Châlons", ["Châlons-en-Champagne (51)"]),
        ("Villeneuve", ["Villeneuve-d'Ascq (59)", "Villeneuve-Saint-Georges (94)"]),
        ("Vitry", ["Vitry-sur-Seine (94)", "Vitry-le-François (51)"]),
        ("La Roche", ["La Roche-sur-Yon (85)", "La Roche-sur-Foron (74)"]),
        ("Saint-Denis", ["Saint-Denis (974)", "Saint-Denis (93)"]),
        ("Boulogne", ["Boulogne-Billancourt (92)", "Boulogne-sur-Mer (62)"]),
        ("Évry", ["Évry-Courcouronnes (91)", "Évry (89)"]),
        ("Clichy", ["Clichy (92)", "Clichy-sous-Bois (93)"]),
        ("Saint-Ouen", ["Saint-Ouen-sur-Seine (93)", "Saint-Ouen-l'Aumône (95)"]),
        ("Noisy 93", ["Noisy-le-Grand (93)", "Noisy-le-Sec (93)"]),
        ("Vienne", ["Vienne (86)", "Vienne (38)"]),
    ],
)
def test_a_village_never_hides_the_town_that_people_mean(typed: str, expected: list[str]):
    shown = offered(typed)
    assert [one for one in shown if one in expected] == expected
    assert shown[0] == expected[0]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Lyon", "C69123"),
        ("Nice", "C06088"),
        ("Paris", "C75056"),
        ("Lens", "C62498"),
        ("Marseille", "C13055"),
        ("Sens", "C89387"),
        ("Saint-Étienne", "C42218"),
        ("Loos", "C59360"),
        ("Brive", "C19031"),
        ("Thonon", "C74281"),
        ("Havre", "C76351"),
        ("Haÿ-les-Roses", "C94038"),
        ("le Cachan", "C94016"),
    ],
)
def test_a_name_that_everybody_means_is_no_question(typed: str, code: str):
    assert places_in(answered(typed)) == {code}


def test_choices_are_by_population_and_keep_places_of_that_very_name_among_the_first():
    for typed in ("Aix", "Bourg", "Villeneuve", "Fontenay", "Saint-Martin", "Beaumont"):
        found = match(typed, directory().places)
        assert isinstance(found, Choices)
        sizes = [place.inhabitants for place in found.places]
        assert sizes[:6] == sorted(sizes[:6], reverse=True)
        assert any(normalise(place.name) == normalise(typed) for place in found.places[:6])


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Cachann", "C94016"),
        ("j'habite à Cachann", "C94016"),
        ("Cachann 94", "C94016"),
        ("Cachann 94230", "C94016"),
        ("Toulose", "C31555"),
        ("Parsi", "C75056"),
        ("Monpellier", "C34172"),
        ("vitry sur seinne", "C94081"),
        ("aixenprovence", "C13001"),
        ("fort de franse", "C97209"),
        ("au Havr", "C76351"),
        ("saint denise 93", "C93066"),
        ("saint denise la réunion", "C97411"),
        ("Bezons 59", None),
        ("val de marnne", "D94"),
        ("haute savoi", "D74"),
        ("aute savoie", "D74"),
        ("sene et marne", "D77"),
        ("guadeloup", "D971"),
    ],
)
def test_a_typing_error_is_forgiven_where_one_place_alone_is_near(typed: str, code: str | None):
    assert match(typed, directory().places) == NotFound() or "94230" in typed
    assert places_in(answered(typed)) == ({code} if code else set())


@pytest.mark.parametrize(
    ("typed", "code"),
    [("Marselle", "C13055"), ("Creteuil", "C94028"), ("Monpelier", "C34172"), ("nante", "C44109")],
)
def test_a_typing_error_near_several_places_is_a_question(typed: str, code: str):
    found = answered(typed)
    assert isinstance(found, Choices)
    assert code in places_in(found)
    assert len(found.places) <= 6


def test_a_typing_error_never_leads_to_a_village_far_off():
    """Martinet in Vendée is two letters from « martinik », Martinique three."""
    assert answered("martinik") == NotFound()
    assert answered("Marselle 94") == NotFound()


@pytest.mark.parametrize(
    "typed",
    ["bonjour", "merci beaucoup", "merci", "j'ai peur", "mon mari", "je ne sais pas", "au secours",
     "lile", "secours", "je suis en danger", "violée", "je suis perdue", "saint", "la", "le",
     "Île-de-France", "zzzz", "98000", "00000", "99999", "Cachan" + " " * 115],
)  # fmt: skip
def test_words_that_are_no_place_stay_words_even_where_a_place_is_asked_for(typed: str):
    assert answered(typed) == NotFound()


def test_homonyms_are_offered_by_departement_and_never_chosen():
    found = match("Saint-Denis", directory().places)
    assert isinstance(found, Choices)
    assert [place.departement for place in found.places][:2] == ["974", "93"]
    assert len({place.departement for place in found.places}) == len(found.places)


def test_a_postcode_across_a_border_offers_both_sides():
    across = {code: several for code, several in postcodes().items() if len(several) > 1}
    assert len(across) == 16
    for postcode, several in across.items():
        found = match(postcode, directory().places)
        assert isinstance(found, Choices)
        assert [place.departement for place in found.places] == list(
            dict.fromkeys(place.departement for place in found.places)
        )
        assert departements_in(found) == several


def test_a_postcode_of_one_departement_is_no_question():
    """Its most populous commune stands for it; an arrondissement for its city."""
    largest: dict[str, dict[str, str]] = {}
    for row in sorted(communes(), key=lambda row: (row["kind"], -int(row["population"] or 0))):
        for postcode in row["postcodes"].split():
            largest.setdefault(postcode, row)
    for postcode in [code for code, several in postcodes().items() if len(several) == 1][::7]:
        row = largest[postcode]
        assert read(postcode) == {f"C{row['insee']}"}


@cache
def postcodes() -> dict[str, set[str]]:
    """The départements of each postcode's communes."""
    found: dict[str, set[str]] = {}
    for row in communes():
        for postcode in row["postcodes"].split():
            found.setdefault(postcode, set()).add(row["departement"])
    return found


def test_the_largest_town_of_a_name_stands_first():
    found = match("La Rochelle", directory().places)
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
    return exact(typed, directory().places)


@pytest.mark.long
def test_every_person_of_every_commune_is_found_by_its_name_and_its_postcodes():
    """All 34,969 communes and 45 arrondissements; each text is read once."""
    assert len(communes()) == 34_969 + 45
    assert lost_among(communes()) == []


def test_the_people_of_one_commune_in_ten_are_found_by_its_name_and_its_postcodes():
    assert lost_among(communes()[::10]) == []


def lost_among(some: tuple[dict[str, str], ...]) -> list[tuple[str, str]]:
    """What does not lead to its département, as (text, département)."""
    found: dict[str, set[str]] = {}
    lost: list[tuple[str, str]] = []
    for row in some:
        for typed in (row["name"], *row["postcodes"].split()):
            if typed not in found:
                found[typed] = departements_in(whole(typed))
            if row["departement"] not in found[typed]:
                lost.append((typed, row["departement"]))
    return lost


def test_every_commune_is_the_same_place_without_accents_and_in_capitals():
    """What is looked up is the same, so that what is found is."""
    for row in communes():
        key = normalise(row["name"])
        assert normalise(row["name"].upper()) == key
        assert normalise(key) == key


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
    expected = match(name, directory().places)
    assert match(unaccented, directory().places) == expected
    assert match(dressed, directory().places) == expected


@LAWS
@given(st.text(st.characters()) | st.text("0123456789 abeC\ud800-'’²", max_size=12))
def test_any_text_at_all_is_read_without_a_hitch(text: str):
    assert normalise(normalise(text)) == normalise(text)
    for way in (exact, match, answer):
        assert isinstance(way(text, directory().places), Found | Choices | NotFound)


@LAWS
@given(st.from_regex(r"[0-9]{1,6}", fullmatch=True) | st.sampled_from(sorted(postcodes())))
def test_digits_never_lead_to_another_departement(digits: str):
    """Either a commune uses them, or they begin with its number; Corsica's begin with 20."""
    for departement in departements_in(match(digits, directory().places)):
        corsican = digits.startswith("20") and departement in ("2A", "2B")
        used = departement in postcodes().get(digits, ())
        assert used or corsican or digits.startswith(departement)


@LAWS
@given(
    st.sampled_from(SAMPLE),
    st.sampled_from([row["code"] for row in departements()]),
    st.randoms(use_true_random=False),
)
def test_a_typing_error_never_leaves_the_departement_told(name: str, code: str, random):
    at = random.randrange(len(name))
    typed = f"{name[:at]}{random.choice('aeinorst')}{name[at + random.choice((0, 1)) :]} {code}"
    assert departements_in(answered(typed)) <= {code}


@LAWS
@given(st.sampled_from([row["name"] for row in communes() if row["kind"] == "commune"]))
def test_a_letter_typed_twice_never_loses_a_town(name: str):
    """What is found is the town, or places that are spelt exactly so or as near."""
    letters = normalise(name)
    if len(letters.replace(" ", "")) < 6:
        return
    typed = letters + letters[-1]
    found = answered(typed)
    assert not isinstance(found, NotFound)


@pytest.mark.parametrize(
    ("typed", "first", "beside"),
    [
        ("lamentin", "Le Lamentin", "Lamentin"),
        ("cannet", "Le Cannet", "Riscle"),
        ("mont-dore", "Le Mont-Dore", "Mont-Dore"),
        ("françois", "Le François", "François"),
    ],
)
def test_a_town_whose_article_is_left_out_stands_beside_its_smaller_namesake(
    typed: str, first: str, beside: str
):
    found = match(typed, directory().places)
    assert isinstance(found, Choices)
    assert [place.name for place in found.places][:2] == [first, beside]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12 rue de la République, 94230 Cachan", "C94016"),
        ("4 avenue Victor Hugo 75016 Paris", "C75116"),
        ("le 93", "D93"),
        ("j'habite à Armes", "C58011"),
    ],
)
def test_a_place_that_was_asked_for_is_found_in_an_address_and_by_its_number(typed: str, code: str):
    assert places_in(answer(typed, directory().places)) == {code}


@pytest.mark.parametrize(
    "typed",
    ["à l'hôpital", "dans la chambre", "je suis à la rue", "au village", "je suis mariée", "le 17",
     "genève", "londres", "bruxelles", "je suis au maroc", "monaco", "connard", "la haine"],
)  # fmt: skip
def test_words_of_a_life_and_towns_abroad_are_no_village(typed: str):
    assert isinstance(answer(typed, directory().places), NotFound)
