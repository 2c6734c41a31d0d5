"""Translations: what is served, in which language, and French wherever a word is missing."""

from datetime import date
from pathlib import Path

import pytest

from bot.catalogue import Catalogue, Review, read_catalogue
from bot.reading.problem import Problem
from bot.triage.translation import check_entries
from tests.ground import ROOT

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
ENGLISH = (
    HEADER
    + """
msgctxt "interface"
msgid "Retour"
msgstr "Back"

msgctxt "utter_x"
msgid "Retour"
msgstr "Return"

#, fuzzy
msgctxt "interface"
msgid "Continuer"
msgstr "Continue"

msgctxt "interface"
msgid "Reprendre"
msgstr ""
"""
)


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    written(tmp_path, "en", ENGLISH)
    written(tmp_path, "ar", HEADER + entry("interface", "Retour", "رجوع"))
    return tmp_path


def entry(context: str, french: str, text: str, flags: str = "") -> str:
    flagged = f"#, {flags}\n" if flags else ""
    return f'\n{flagged}msgctxt "{context}"\nmsgid "{french}"\nmsgstr "{text}"\n'


def written(folder: Path, language: str, text: str) -> None:
    file = folder / language / "LC_MESSAGES" / "relais.po"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")


def read(folder: Path) -> Catalogue:
    catalogue, problems = read_catalogue(folder)
    assert problems == []
    return catalogue


def english(folder: Path, *entries: str, header: str = HEADER) -> Catalogue:
    written(folder, "en", header + "".join(entries))
    return read(folder)


def told(folder: Path, *entries: str) -> list[tuple[str, int]]:
    """The codes of what is wrong in English entries, and their lines."""
    found: list[Problem] = list(check_entries(english(folder, *entries).read["en"].entries))
    return [(one.code, one.span.line) for one in found]


# What is served


def test_french_is_served_without_any_catalogue(tmp_path: Path):
    catalogue = read(tmp_path)
    assert catalogue.languages == ("fr",)
    assert catalogue.find("fr", "interface", "Retour") == "Retour"
    assert catalogue.served("en") == "fr"


def test_a_folder_that_is_not_there_serves_french(tmp_path: Path):
    assert read(tmp_path / "nulle part").languages == ("fr",)


def test_a_catalogue_serves_its_language_after_french(locales: Path):
    catalogue = read(locales)
    assert catalogue.languages == ("fr", "ar", "en")
    assert catalogue.find("en", "interface", "Retour") == "Back"
    assert catalogue.find("ar", "interface", "Retour") == "رجوع"


def test_the_same_word_may_be_said_differently_elsewhere(locales: Path):
    assert read(locales).find("en", "utter_x", "Retour") == "Return"


@pytest.mark.parametrize("word", ["Reprendre", "Absent"])
def test_a_word_that_is_empty_or_missing_has_no_translation(locales: Path, word: str):
    assert read(locales).find("en", "interface", word) is None


def test_a_word_in_a_language_that_is_not_served_has_no_translation(locales: Path):
    assert read(locales).find("uk", "interface", "Retour") is None


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("EN", "en"),
        ("ar-MA", "ar"),
        ("fr-CA", "fr"),
        ("pt-br", "fr"),
        ("xx", "fr"),
        ("", "fr"),
        (None, "fr"),
    ],
)
def test_a_telephone_in_any_language_is_served_in_one_that_we_have(
    locales: Path, code: str | None, language: str
):
    assert read(locales).served(code) == language


# When the French has changed since


def test_a_translation_of_an_earlier_wording_still_serves(tmp_path: Path):
    catalogue = english(tmp_path, entry("utter_x", "Appelez le {tel_17}.", "Call {tel_17}."))
    assert catalogue.find("en", "utter_x", "Vous pouvez appeler le {tel_17}.") == "Call {tel_17}."
    assert catalogue.stale("en", "utter_x", "Vous pouvez appeler le {tel_17}.")
    assert not catalogue.stale("en", "utter_x", "Appelez le {tel_17}.")


@pytest.mark.parametrize(
    "today",
    ["Appelez le {tel_112}.", "Appelez le {tel_17} ou le {tel_112}.", "Appelez."],
)
def test_a_translation_that_names_other_numbers_than_the_french_is_not_shown(
    tmp_path: Path, today: str
):
    catalogue = english(tmp_path, entry("utter_x", "Appelez le {tel_17}.", "Call {tel_17}."))
    assert catalogue.find("en", "utter_x", today) is None


def test_a_translation_that_says_another_duration_than_the_french_is_not_shown(tmp_path: Path):
    catalogue = english(tmp_path, entry("utter_x", "En 5 jours.", "In 5 days."))
    assert catalogue.find("en", "utter_x", "En 3 jours.") is None
    assert catalogue.find("en", "utter_x", "En 5 jours environ.") == "In 5 days."


def test_a_translation_of_another_sense_is_not_shown(tmp_path: Path):
    catalogue = english(tmp_path, entry("utter_x", "Gratuit.", "Free."))
    assert catalogue.find("en", "utter_x", "Payant.", new_sense=True) is None
    assert catalogue.find("en", "utter_x", "Gratuit.", new_sense=True) == "Free."


def test_a_doubtful_translation_is_treated_like_one_of_an_earlier_wording(tmp_path: Path):
    catalogue = english(tmp_path, entry("utter_x", "Le {tel_17}.", "The {tel_17}.", "fuzzy"))
    assert catalogue.find("en", "utter_x", "Le {tel_17}.") == "The {tel_17}."
    assert catalogue.find("en", "utter_x", "Le {tel_17}.", new_sense=True) is None
    assert catalogue.stale("en", "utter_x", "Le {tel_17}.")


def test_a_doubtful_translation_that_names_other_numbers_is_not_shown(tmp_path: Path):
    catalogue = english(tmp_path, entry("utter_x", "Le {tel_17}.", "The {tel_15}.", "fuzzy"))
    assert catalogue.find("en", "utter_x", "Le {tel_17}.") is None


def test_one_word_of_the_interface_is_never_taken_for_another(tmp_path: Path):
    catalogue = english(tmp_path, entry("interface", "Retour", "Back"))
    assert catalogue.find("en", "interface", "Sortir") is None


def test_two_titles_for_one_button_are_never_taken_for_each_other(tmp_path: Path):
    two = (entry("utter_x /lieu", "Un lieu", "A place"), entry("utter_x /lieu", "Aide", "Help"))
    catalogue = english(tmp_path, *two)
    assert catalogue.find("en", "utter_x /lieu", "Aide") == "Help"
    assert catalogue.find("en", "utter_x /lieu", "Un endroit") is None


# Who has read it


def test_a_language_is_reviewed_once_somebody_says_who_and_when(tmp_path: Path):
    header = f"# Relu par : Jane Doe, avocate\n# Relu le : 2026-11-22\n{HEADER}"
    catalogue = english(tmp_path, header=header)
    assert catalogue.reviewed("en")
    assert catalogue.read["en"].review == Review("Jane Doe, avocate", date(2026, 11, 22))


@pytest.mark.parametrize("lines", ["", "# Relu par :\n# Relu le :\n", "# Relu le : 2026-11-22\n"])
def test_a_language_that_nobody_has_read_is_not_reviewed(tmp_path: Path, lines: str):
    catalogue = english(tmp_path, header=lines + HEADER)
    assert not catalogue.reviewed("en")
    assert catalogue.reviewed("fr")
    assert not catalogue.reviewed("uk")


@pytest.mark.parametrize("day", ["", "hier", "2026-13-01", "22/11/2026"])
def test_a_review_without_a_day_is_told(tmp_path: Path, day: str):
    written(tmp_path, "en", f"# Relu par : Jane Doe\n# Relu le : {day}\n{HEADER}")
    catalogue, problems = read_catalogue(tmp_path)
    assert [one.code for one in problems] == ["catalogue.relecture"]
    assert not catalogue.reviewed("en")


# What is wrong in it


@pytest.mark.parametrize(
    ("french", "text", "code"),
    [
        ("Le {tel_17}.", "The number.", "traduction.accolades"),
        ("Le {tel_17}.", "The {tel_112}.", "traduction.accolades"),
        ("Le {tel_17}.", "The {tel_17} or {tel_17}.", "traduction.accolades"),
        ("Le {tel_17}.", "The {tel_17}{.", "traduction.accolades"),
        ("Rien.", "{tel_17}", "traduction.accolades"),
        ("Appelez.", "Call 911.", "traduction.chiffres"),
        ("En 5 jours.", "In 15 days.", "traduction.chiffres"),
        ("En 5 jours.", "خلال ٦ أيام.", "traduction.chiffres"),
    ],
)
def test_a_translation_that_would_mislead_is_told_at_its_line(
    tmp_path: Path, french: str, text: str, code: str
):
    assert told(tmp_path, entry("utter_x", french, text)) == [(code, 6)]


@pytest.mark.parametrize(
    ("french", "text"),
    [
        ("Le {tel_17} ou {tel_112}.", "{tel_112} or {tel_17}."),
        ("En 5 jours.", "خلال ٥ أيام."),
        ("En 5 jours.", "In a few days."),
        ("Le {tel_17}.", ""),
    ],
)
def test_a_translation_that_says_the_same_is_without_a_fault(
    tmp_path: Path, french: str, text: str
):
    assert told(tmp_path, entry("utter_x", french, text)) == []


def test_the_emergency_numbers_of_an_empty_chat_are_there_in_every_language(tmp_path: Path):
    french = "Urgences : 17, 112, SMS 114, 15."
    short = entry("interface", french, "Emergencies: 17, 112, 15.")
    assert told(tmp_path / "a", short) == [("traduction.chiffres_perdus", 6)]
    whole = entry("interface", french, "Emergencies: 17, 112, SMS 114, 15.")
    assert told(tmp_path / "b", whole) == []


def test_a_doubtful_translation_is_not_told_since_it_shows_only_where_it_fits(tmp_path: Path):
    assert told(tmp_path, entry("utter_x", "Le {tel_17}.", "Call 911.", "fuzzy")) == []


@pytest.mark.parametrize(("context", "least"), [("utter_couverture", 80), ("utter_bonjour", 120)])
def test_what_a_chat_list_shows_is_long_enough_in_every_language(
    tmp_path: Path, context: str, least: int
):
    assert told(tmp_path / "a", entry(context, "x", "y" * (least - 1))) == [
        ("traduction.courte", 6)
    ]
    assert told(tmp_path / "b", entry(context, "x", "y" * least)) == []


@pytest.mark.parametrize(
    ("context", "french", "most"),
    [
        ("utter_x /lieu", "Un lieu", 34),
        ("utter_x /SetSlots(a=x)", "Un", 34),
        ("interface", "Retour", 34),
        ("interface", "Gratuit. N'apparaît pas sur la facture.", 160),
    ],
)
def test_what_stands_on_a_button_fits_a_phone_in_every_language(
    tmp_path: Path, context: str, french: str, most: int
):
    long = entry(context, french, "y" * (most + 1))
    assert told(tmp_path / "a", long) == [("traduction.longue", 6)]
    assert told(tmp_path / "b", entry(context, french, "y" * most)) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEADER + '\nmsgid "Retour"\nrien\n', 6),
        ("ceci n'est pas un catalogue\n", 1),
    ],
)
def test_a_malformed_catalogue_is_told_with_its_line_and_not_half_read(
    tmp_path: Path, text: str, line: int
):
    written(tmp_path / "locales", "en", text)
    catalogue, problems = read_catalogue(tmp_path / "locales")
    assert [(one.code, one.span.file, one.span.line) for one in problems] == [
        ("catalogue.illisible", "locales/en/LC_MESSAGES/relais.po", line)
    ]
    assert catalogue.languages == ("fr",)


@pytest.mark.parametrize("code", ["en_US", "fr"])
def test_a_catalogue_in_a_language_that_needs_none_or_that_no_button_can_carry_is_told(
    tmp_path: Path, code: str
):
    written(tmp_path / "locales", code, ENGLISH)
    catalogue, problems = read_catalogue(tmp_path / "locales")
    assert [one.code for one in problems] == ["catalogue.langue"]
    assert catalogue.languages == ("fr",)


def test_a_catalogue_that_is_not_utf_8_is_told(tmp_path: Path):
    written(tmp_path / "locales", "en", ENGLISH)
    file = tmp_path / "locales" / "en" / "LC_MESSAGES" / "relais.po"
    file.write_bytes(ENGLISH.encode().replace(b"Back", b"R\xe9"))
    assert [one.code for one in read_catalogue(tmp_path / "locales")[1]] == ["fichier.encodage"]


def test_one_bad_catalogue_does_not_take_the_others_away(locales: Path):
    written(locales, "tr", "yok\n")
    catalogue, problems = read_catalogue(locales)
    assert [one.code for one in problems] == ["catalogue.illisible"]
    assert catalogue.languages == ("fr", "ar", "en")


def test_every_catalogue_of_this_checkout_is_without_a_fault():
    catalogue, problems = read_catalogue(ROOT / "locales")
    assert problems == []
    for language in catalogue.read.values():
        assert list(check_entries(language.entries)) == []
