"""What translators work on: every French text is there, and no translation is ever lost."""

import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogue import read_catalogue
from bot.outputs.extraction import bring_up, brought_up, everything
from bot.outputs.languages import as_text, completeness
from bot.reading.problem import Span
from bot.triage.translation import Text
from tests.ground import LAWS, ROOT, content

CONTEXTUAL = {"pgettext": ((1, "c"), 2)}
Said = Mapping[tuple[str, str], str]


def text(context: str, french: str) -> Text:
    return Text(context, french, Span("flows/essai.yml", 7))


def catalogue(said: Said) -> Catalog:
    one = Catalog(locale="en", header_comment="# Relu par : Jane Doe\n# Relu le : 2026-11-22")
    for (context, french), english in said.items():
        one.add(french, english, context=context)
    return one


def after(said: Said, *texts: Text) -> Catalog:
    """The catalogue of these translations brought up to these texts, as its file is read again."""
    return again(brought_up(catalogue(said), texts, "en"))


def again(one: Catalog) -> Catalog:
    file = io.BytesIO()
    write_po(file, one, width=100)
    file.seek(0)
    return read_po(file)


def in_it(one: Catalog) -> dict[tuple[str, str], tuple[str, bool]]:
    return {(m.context, m.id): (m.string, bool(m.fuzzy)) for m in one if m.id}


def gone(one: Catalog) -> dict[tuple[str, str], str]:
    return {(m.context, m.id): m.string for m in one.obsolete.values()}


# --- What there is to translate ---


def test_everything_that_a_person_may_read_is_there_to_translate():
    texts = {(one.context, one.text) for one in everything(content())}
    bundle = content().bundle
    for response in bundle.responses.values():
        for variant in response.variants:
            assert variant.text in {french for _, french in texts}
            for button in variant.buttons:
                assert (f"{response.name} {button.raw}", button.title) in texts
    for line in content().register.lines.values():
        assert {("lignes", line.name), ("lignes", line.purpose)} <= texts
    assert ("interface", "Retour") in texts


def test_no_text_stands_twice_under_one_context():
    texts = [(one.context, one.text) for one in everything(content())]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("file", sorted((ROOT / "flows").glob("*.yml")), ids=lambda f: f.name)
def test_another_tool_reads_the_same_texts_with_babels_own_machinery(file: Path):
    with file.open("rb") as opened:
        found = list(extract("relais_flow", opened, keywords=CONTEXTUAL))
    lines = file.read_text(encoding="utf-8").splitlines()
    expected = {
        (one.context, one.text)
        for one in everything(content())
        if one.span.file == f"flows/{file.name}"
    }
    assert {(context, message) for _, message, _, context in found} == expected
    assert all(1 <= line <= len(lines) for line, *_ in found)


def test_a_translator_is_told_what_a_button_and_a_cover_must_keep_to():
    new = brought_up(
        Catalog(), [text("utter_x /lieu", "Un lieu"), text("utter_bonjour", "B")], "en"
    )
    notes = {message.context: message.auto_comments for message in new if message.id}
    assert notes == {
        "utter_x /lieu": ["bouton : 28 caractères si possible, 34 au plus"],
        "utter_bonjour": ["neutre, 120 caractères au moins"],
    }


# --- Bringing a catalogue up ---


def test_a_text_that_has_not_changed_keeps_its_translation():
    new = after({("utter_x", "Oui"): "Yes"}, text("utter_x", "Oui"))
    assert in_it(new) == {("utter_x", "Oui"): ("Yes", False)}
    assert gone(new) == {}


def test_a_reworded_text_keeps_its_translation_as_one_to_look_at_again():
    new = after({("utter_x", "Oui"): "Yes"}, text("utter_x", "Oui, bien sûr"))
    assert in_it(new) == {("utter_x", "Oui, bien sûr"): ("Yes", True)}
    assert new.get("Oui, bien sûr", "utter_x").auto_comments == ["avant : Oui"]
    assert gone(new) == {}


def test_a_text_reworded_twice_still_keeps_it():
    once = after({("utter_x", "A"): "Yes"}, text("utter_x", "B"))
    twice = again(brought_up(once, [text("utter_x", "C")], "en"))
    assert in_it(twice) == {("utter_x", "C"): ("Yes", True)}
    assert twice.get("C", "utter_x").auto_comments == ["avant : B"]


def test_the_french_of_before_stays_beside_a_translation_until_somebody_has_looked():
    once = after({("utter_x", "A"): "Yes"}, text("utter_x", "Une\nphrase"))
    long = again(brought_up(once, [text("utter_x", "Une autre")], "en"))
    for _ in range(2):
        long = again(brought_up(long, [text("utter_x", "Une autre")], "en"))
    message = long.get("Une autre", "utter_x")
    assert (message.auto_comments, message.user_comments) == (["avant : Une phrase"], [])
    message.flags.discard("fuzzy")
    done = again(brought_up(long, [text("utter_x", "Une autre")], "en"))
    assert done.get("Une autre", "utter_x").auto_comments == []


def test_a_new_text_waits_for_a_translation():
    assert in_it(after({}, text("utter_x", "Oui"))) == {("utter_x", "Oui"): ("", False)}


def test_a_text_that_is_gone_leaves_its_translation_at_the_end_and_gets_it_back():
    new = after({("utter_x", "Oui"): "Yes"}, text("utter_y", "Non"))
    assert in_it(new) == {("utter_y", "Non"): ("", False)}
    assert gone(new) == {("utter_x", "Oui"): "Yes"}
    back = again(brought_up(new, [text("utter_x", "Oui")], "en"))
    assert in_it(back) == {("utter_x", "Oui"): ("Yes", False)}


def test_a_word_of_the_interface_never_takes_another_words_translation():
    new = after({("interface", "Retour"): "Back"}, text("interface", "Sortir"))
    assert in_it(new) == {("interface", "Sortir"): ("", False)}
    assert gone(new) == {("interface", "Retour"): "Back"}


def test_two_buttons_of_one_payload_do_not_take_each_others_translation():
    said = {("utter_x /lieu", "A"): "a", ("utter_x /lieu", "B"): "b"}
    new = after(said, text("utter_x /lieu", "A"), text("utter_x /lieu", "C"))
    assert in_it(new)["utter_x /lieu", "A"] == ("a", False)
    assert "b" in {*gone(new).values(), *(said for said, _ in in_it(new).values())}


def test_who_has_reviewed_it_and_what_translators_noted_stays():
    old = catalogue({("utter_x", "Oui"): "Yes"})
    old.get("Oui", "utter_x").user_comments = ["said by a person"]
    new = again(brought_up(old, [text("utter_x", "Oui")], "en"))
    assert "Relu par : Jane Doe" in new.header_comment
    assert new.get("Oui", "utter_x").user_comments == ["said by a person"]


SOME = st.sampled_from(["utter_a", "utter_b", "utter_a /lieu", "interface", "lignes"])
FRENCH = st.sampled_from(["Oui", "Non", "Le {tel_17}."])


@settings(LAWS)
@given(
    st.dictionaries(st.tuples(SOME, FRENCH), st.text("abc", min_size=1, max_size=3)),
    st.lists(st.lists(st.tuples(SOME, FRENCH), unique=True), min_size=1, max_size=4),
)
def test_whatever_happens_to_the_french_no_translation_is_ever_lost(
    said: Said, versions: list[list[tuple[str, str]]]
):
    one = catalogue(said)
    for version in versions:
        one = again(brought_up(one, [text(*pair) for pair in version], "en"))
        kept = {*gone(one).values(), *(english for english, _ in in_it(one).values())}
        assert set(said.values()) <= kept
        assert set(in_it(one)) == set(version)


# --- Files ---


def test_a_new_language_begins_with_everything_to_do(tmp_path: Path):
    file = bring_up(content(), tmp_path, "es")
    assert file == tmp_path / "es" / "LC_MESSAGES" / "relais.po"
    read, problems = read_catalogue(tmp_path)
    assert problems == []
    [found] = completeness(read, list(everything(content())))
    assert (found.language, found.done, len(found.missing)) == ("es", 0, found.texts)
    assert not found.complete


def test_bringing_up_twice_changes_no_byte(tmp_path: Path):
    file = bring_up(content(), tmp_path, "es")
    first = file.read_bytes()
    assert bring_up(content(), tmp_path, "es").read_bytes() == first


def test_a_catalogue_that_cannot_be_read_is_left_as_it_is(tmp_path: Path):
    file = bring_up(content(), tmp_path, "es")
    file.write_text("ceci n'est pas un catalogue\n", encoding="utf-8")
    with pytest.raises(Exception, match=r".+"):
        bring_up(content(), tmp_path, "es")
    assert file.read_text(encoding="utf-8") == "ceci n'est pas un catalogue\n"
    assert [one.name for one in file.parent.iterdir()] == ["relais.po"]


def test_how_complete_a_language_is_counts_only_what_says_todays_french(tmp_path: Path):
    file = tmp_path / "en" / "LC_MESSAGES" / "relais.po"
    file.parent.mkdir(parents=True)
    with file.open("wb") as opened:
        write_po(opened, catalogue({("utter_x", "Oui"): "Yes", ("utter_y", "Avant"): "Before"}))
    read, _ = read_catalogue(tmp_path)
    texts = [text("utter_x", "Oui"), text("utter_y", "Après"), text("utter_z", "Neuf")]
    [found] = completeness(read, texts)
    assert (found.done, [t.text for t in found.stale], [t.text for t in found.missing]) == (
        1, ["Après"], ["Neuf"],
    )  # fmt: skip
    said = "\n".join(as_text(found, listed=True))
    assert "en : 1 textes sur 3 (33 %), relu par Jane Doe le 2026-11-22" in said
    assert "flows/essai.yml:7: utter_z : Neuf" in said


def test_every_language_of_this_checkout_is_complete():
    read, _ = read_catalogue(ROOT / "locales")
    for found in completeness(read, list(everything(content()))):
        assert found.complete, "\n".join(as_text(found, listed=True))
