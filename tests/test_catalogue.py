"""Translations: what is served, in which language, and French wherever a word is missing."""

from pathlib import Path

import pytest

from bot.catalogue import Catalogue, read_catalogue
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
    written(tmp_path, "ar", HEADER + '\nmsgctxt "interface"\nmsgid "Retour"\nmsgstr "رجوع"\n')
    return tmp_path


def written(folder: Path, language: str, text: str) -> None:
    file = folder / language / "LC_MESSAGES" / "relais.po"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")


def read(folder: Path) -> Catalogue:
    catalogue, problems = read_catalogue(folder)
    assert problems == []
    return catalogue


def test_french_is_served_without_any_catalogue(tmp_path: Path):
    catalogue = read(tmp_path)
    assert catalogue.languages == ("fr",)
    assert catalogue.translate("fr", "interface", "Retour") == "Retour"
    assert catalogue.served("en") == "fr"


def test_a_folder_that_is_not_there_serves_french(tmp_path: Path):
    assert read(tmp_path / "nulle part").languages == ("fr",)


def test_a_catalogue_serves_its_language_after_french(locales: Path):
    catalogue = read(locales)
    assert catalogue.languages == ("fr", "ar", "en")
    assert catalogue.translate("en", "interface", "Retour") == "Back"
    assert catalogue.translate("ar", "interface", "Retour") == "رجوع"


def test_the_same_word_may_be_said_differently_elsewhere(locales: Path):
    assert read(locales).translate("en", "utter_x", "Retour") == "Return"


@pytest.mark.parametrize("word", ["Continuer", "Reprendre", "Absent"])
def test_a_word_that_is_doubtful_empty_or_missing_is_shown_in_french(locales: Path, word: str):
    assert read(locales).translate("en", "interface", word) == word


def test_a_word_in_a_language_that_is_not_served_is_shown_in_french(locales: Path):
    assert read(locales).translate("uk", "interface", "Retour") == "Retour"


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


def test_a_catalogue_in_a_language_that_no_button_can_carry_is_told(tmp_path: Path):
    written(tmp_path / "locales", "en_US", ENGLISH)
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


def test_every_catalogue_of_this_checkout_can_be_read():
    assert read_catalogue(ROOT / "locales")[1] == []
