"""One turn of one conversation: what a person types or taps, and the screen that answers."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.catalogue import Catalogue, Language
from bot.conversation import NOWHERE, Conversation, Left, Reply, Shown
from bot.referral.actions import in_process
from bot.referral.directory import Directory, open_directory
from bot.triage import failsafe
from bot.triage.engine import Returned, Run, State, start
from bot.triage.flow import DANGER, LEAVING, RESPONSES, SetSlots
from bot.triage.screen import LEAVE, Copy, Link, Press, Screen, utf16_units
from bot.triage.translation import Entry
from bot.triage.understand import words_of
from tests.ground import (
    CACHAN,
    LAWS,
    bundle,
    communes,
    content,
    conversation,
    data_of,
    everything_in,
    ground,
    labels,
    never,
    offices,
    said,
    some_shows,
    some_states,
    tables,
)

EMERGENCY = ["utter_personne_n_a_lu", "utter_ask_urgence_besoin"]
ANSWER = ["utter_personne_n_a_lu", "utter_pas_compris"]
LOST = ["utter_personne_n_a_lu", "utter_lieu_inconnu"]
FOOT = ("17 · 112 · 114", "Retour", "✕ Sortir")
PLACE = State("fr", "lieu")
COUPLE = State("fr", "couple")
NIGHT = datetime(2026, 12, 25, 3, tzinfo=UTC)


@cache
def talk() -> Conversation:
    return conversation()


def text_of(response: str) -> str:
    return bundle().responses[response].variants[-1].text


def unread() -> str:
    """« Personne n'a lu votre message. »"""
    return text_of("utter_personne_n_a_lu").split(".", maxsplit=1)[0]


async def typed(text: str, state: State | None = None) -> Shown:
    reply = await talk().typed(text, state, "fr")
    assert isinstance(reply, Shown)
    return reply


async def tap(shown: Shown, label: str) -> Shown:
    return await talk().press(data_of(shown.screen, label))


def check_sane(screen: Screen) -> None:
    """What every screen owes to everybody, whatever led to it."""
    assert screen.text.startswith((text_of("utter_couverture"), failsafe.emergency_text("fr")))
    assert utf16_units(screen.text) <= 4096
    assert "{" not in screen.text
    keys = [key for row in screen.rows for key in row]
    assert all(key.label.strip() for key in keys)
    assert screen.rows[-1] == (Press("✕ Sortir", LEAVE),)
    foot = [row[0].label for row in screen.rows if row[0].label in FOOT]
    assert foot in ([*FOOT], [FOOT[0], FOOT[2]])
    assert [row[0].label for row in screen.rows][-len(foot) :] == foot
    for key in keys:
        match key:
            case Press(data=data):
                assert 1 <= len(data.encode()) <= 64
            case Copy(text=text):
                assert 1 <= len(text) <= 256
            case Link(url=url):
                assert url.startswith("https://")


def check_failsafe(reply: Reply) -> None:
    """The screen that needs no file: every number of it, and both ways on."""
    assert isinstance(reply, Shown)
    assert reply.show is None
    language = reply.state.language
    said = (failsafe.emergency_text(language), failsafe.listening_text(language))
    assert reply.screen.text == "\n\n".join(said)
    assert labels(reply.screen) == ["17 · 112 · 114", "✕ Sortir"]
    check_sane(reply.screen)


def check_answered(reply: Reply) -> None:
    """By a screen of the flows, or by the one that needs no file."""
    assert isinstance(reply, Shown)
    if reply.show is None:
        check_failsafe(reply)
    else:
        check_sane(reply.screen)


async def check_alarm(broken: Conversation, state: State | None) -> None:
    """Words of danger are answered with the numbers, whatever else is broken."""
    alarm = await broken.typed("il me frappe", state, "fr")
    assert isinstance(alarm, Shown)
    check_sane(alarm.screen)
    for number in ("17", "112", "114", "15"):
        assert number in alarm.screen.text


# 1. A number alone


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("17", "17"),
        (" 17 ", "17"),
        ("15", "15"),
        ("112", "112"),
        ("114", "114"),
        ("115", "115"),
        ("3919", "3919"),
        ("39 19", "3919"),
        ("116 006", "116006"),
        ("0 800 05 95 95", "cfcv"),
        ("08.00.05.95.95", "cfcv"),
        ("+33 1 80 52 33 76", "france_victimes_etranger"),
        ("01 80 52 33 76", "france_victimes_etranger"),
    ],
)
async def test_a_person_who_types_a_number_sees_whose_it_is(text: str, line: str):
    for state in (None, PLACE, COUPLE):
        shown = await typed(text, state)
        assert said(shown) == ["utter_personne_n_a_lu", "utter_ligne"]
        assert shown.show is not None
        assert shown.show.parts[-1].arguments == (("carte", line),)
        assert content().register.lines[line].name in shown.screen.text


@pytest.mark.parametrize("text", ["06 12 34 56 78", "3020", "99", "0000000000", "1", "+", "١٧"])
async def test_a_number_that_is_nobodys_is_no_line(text: str):
    assert "utter_ligne" not in said(await typed(text))


async def test_17_on_the_screen_for_a_place_is_the_police_first_and_a_departement_by_a_tap():
    shown = await typed("17", PLACE)
    assert said(shown)[-1] == "utter_ligne"
    assert labels(shown.screen) == [
        "Département 17", "Tchat police et gendarmerie", "Autre sujet", *FOOT,
    ]  # fmt: skip
    assert (await tap(shown, "Département 17")).state.answers == (("lieu", "D17"),)
    assert (await tap(shown, "Retour")).state == PLACE


@pytest.mark.parametrize("text", ["17!", "17 !", "le 17 ?", "3919.", "0 800 05 95 95 ?"])
async def test_a_number_said_aloud_is_the_same_number(text: str):
    assert said(await typed(text))[-1] == "utter_ligne"


async def test_an_everyday_word_is_a_commune_only_where_a_place_is_asked_for():
    assert "utter_lieux_titre" not in said(await typed("rue"))
    assert (await typed("rue", PLACE)).state.answers != ()
    assert (await typed("Rue", PLACE)).state.flow == "lieu"


async def test_sos_is_a_call_for_help_even_where_a_place_is_asked_for():
    assert said(await typed("SOS", PLACE)) == EMERGENCY


async def test_a_number_that_is_no_departement_offers_none():
    for text in ("112", "3919", "114"):
        assert not any(
            label.startswith("Département") for label in labels((await typed(text)).screen)
        )


async def test_whoever_cannot_speak_still_cannot_after_choosing_a_departement():
    """« Je ne peux pas parler » puts text first from then on: it must not be forgotten here."""
    silent = State("fr", "lieu", (("sans_voix", "oui"),))
    by_name = await typed("Charente-Maritime", silent)
    by_number = await tap(await typed("17", silent), "Département 17")
    assert by_name.show is not None
    assert by_number.show is not None
    assert by_name.show.slots["sans_voix"] == "oui"
    assert by_number.show.slots["sans_voix"] == "oui"


@pytest.mark.parametrize("text", ["le 17", "Le 15", "le 3919"])
async def test_a_number_with_its_article_is_no_departement(text: str):
    """As everybody says it; « le 15 » is not the Cantal."""
    assert "utter_lieux_titre" not in said(await typed(text))


# 2. Leaving


async def test_every_word_for_leaving_leaves_from_every_kind_of_screen():
    for word in bundle().intents[LEAVING].examples:
        for state in (None, PLACE, COUPLE, State("fr", "urgence")):
            assert await talk().typed(word, state, "fr") == Left()


async def test_a_sentence_with_such_a_word_stays():
    for text in ("je veux le quitter", "stop il me frappe", "comment quitter mon mari"):
        assert isinstance(await talk().typed(text, None, "fr"), Shown)


async def test_a_commune_is_no_way_out_though_one_letter_away():
    """Guitté, in Côtes-d'Armor, is one letter from « quitte »."""
    for state in (None, PLACE):
        assert (await typed("Guitté", state)).state.answers == (("lieu", "C22071"),)
    assert await talk().typed("quitte", PLACE, "fr") == Left()


async def test_no_word_for_leaving_is_the_name_of_a_commune():
    for word in bundle().intents[LEAVING].examples:
        assert ground().directory.places.named(" ".join(words_of(word))) == []


# 3. A place, where one is asked for


@pytest.mark.parametrize(
    ("name", "code"),
    [("Dangers", "C28128"), ("Armes", "C58011"), ("Violès", "C84149"), ("Secourt", "C57643")],
)
async def test_a_village_with_an_alarming_name_is_a_place(name: str, code: str):
    assert (await typed(name, PLACE)).state == State("fr", "lieu", (("lieu", code),))
    assert (await typed(f"j'habite à {name}", PLACE)).state.answers == (("lieu", code),)
    if name != "Armes":  # said elsewhere, it more likely is what somebody holds
        assert (await typed(name)).state == State("fr", "lieu", (("lieu", code),))


@pytest.mark.parametrize(
    "text", ["armes", "des armes", "je vis dans la rue", "à l'hôpital", "dans la chambre", "marre"]
)
async def test_ordinary_words_of_a_life_are_no_village(text: str):
    assert "utter_lieux_titre" not in said(await typed(text))
    if text not in ("armes", "marre"):  # where a place is asked for, alone, these two name one
        assert "utter_lieux_titre" not in said(await typed(text, PLACE))


async def test_a_word_of_danger_that_is_a_place_too_is_a_place_only_where_one_is_asked_for(
    tmp_path,
):
    """No commune of France has such a name today; one that had would be found by its people."""
    named = CACHAN | {"name": "Au Secours", "insee": "94999", "postcodes": "94999", "aliases": "x"}
    folder = tables(tmp_path / "data", communes=[named], offices=[])
    other = conversation(directory=open_directory(folder, tmp_path / "cache"))
    found = await other.typed("Au secours", PLACE, "fr")
    assert isinstance(found, Shown)
    assert found.state.answers == (("lieu", "C94999"),)
    for state in (None, COUPLE):
        alarm = await other.typed("Au secours", state, "fr")
        assert isinstance(alarm, Shown)
        assert said(alarm) == EMERGENCY


async def test_homonyms_are_offered_and_a_tap_chooses():
    shown = await typed("Saint-Denis", PLACE)
    assert said(shown)[-1] == "utter_quel_lieu"
    assert labels(shown.screen)[:2] == ["Saint-Denis (974)", "Saint-Denis (93)"]
    assert (await tap(shown, "Saint-Denis (93)")).state.answers == (("lieu", "C93066"),)
    assert (await typed("Saint-Denis (93)", shown.state)).state.answers == (("lieu", "C93066"),)
    assert (await tap(shown, "Retour")).state == PLACE


# 4. Words of danger


@pytest.mark.parametrize("state", [None, PLACE, COUPLE, State("fr", "confidentialite")])
async def test_words_of_danger_show_the_numbers_at_once_and_lead_back(state: State | None):
    shown = await typed("il va me tuer", state)
    assert said(shown) == EMERGENCY
    for number in ("17", "112", "114", "15"):
        assert number in shown.screen.text
    assert any(isinstance(key, Copy) for row in shown.screen.rows for key in row)
    assert (await tap(shown, "Ce n'est pas maintenant")).state == (state or State("fr"))
    assert (await tap(shown, "Retour")).state == (state or State("fr"))


async def test_what_may_be_sent_in_danger_is_the_bare_numbers_and_nothing_else():
    """A message that is sent may light up on a locked phone."""
    shown = await typed("il me frappe")
    assert shown.bare is not None
    assert shown.bare.text == "17\n112\nSMS 114\n15"
    assert labels(shown.bare) == ["17 · 112 · 114", "✕ Sortir"]
    for text in ("17", "Cachan", "zzzz", "mon mari", "oui"):
        assert (await typed(text)).bare is None


async def test_danger_stands_before_the_subject_the_choice_and_the_place():
    assert said(await typed("mon mari me frappe")) == EMERGENCY
    assert said(await typed("il va me tuer, j'habite à Cachan", PLACE)) == EMERGENCY
    menu = State("fr", "accueil", (("en_securite", "oui"), ("sujet", "autre_chose")))
    assert "J'ai envie de mourir" in labels((await talk().press(talk().codes.encode(menu))).screen)
    assert said(await typed("J'ai envie de mourir", menu)) == EMERGENCY


async def test_danger_said_twice_still_leads_back_to_where_it_began():
    first = await typed("il me frappe", COUPLE)
    again = await typed("au secours", first.state)
    assert said(again) == EMERGENCY
    assert (await tap(again, "Ce n'est pas maintenant")).state == COUPLE


async def test_every_phrase_of_danger_is_heard_on_a_screen_that_asks_for_a_place():
    for phrase in bundle().intents[DANGER].examples:
        assert said(await typed(phrase, PLACE)) == EMERGENCY, phrase


# 5. What the screen asks for


async def test_an_answer_may_be_typed_instead_of_tapped():
    assert (await typed("Oui.", State("fr"))).state.answers == (("en_securite", "oui"),)
    assert (await typed("je ne sais pas")).state.answers == (("en_securite", "ne_sait_pas"),)
    silent = await typed("JE NE PEUX PAS PARLER", State("fr", "urgence"))
    assert silent.show is not None
    assert silent.show.slots["sans_voix"] == "oui"


async def test_on_any_screen_the_words_of_an_answer_do_what_its_button_does():
    """Unless they are words of danger, which stand before."""
    met = set()
    for show in some_shows():
        for _, button in show.offers:
            if not isinstance(button.payload, SetSlots) or (show.asks, button.title) in met:
                continue
            met.add((show.asks, button.title))
            by_word = await typed(button.title, show.state)
            by_tap = await talk().press(
                data_of((await talk().press(talk().codes.encode(show.state))).screen, button.title)
            )
            if not talk().reader.understanding.dangerous(button.title):
                assert by_word.state == by_tap.state, button.title
    assert len(met) > 30


async def test_an_answer_of_another_screen_is_not_one_of_this():
    assert said(await typed("Il y a une arme", COUPLE)) == ANSWER


# 6. A place, anywhere


async def test_a_place_typed_anywhere_opens_the_doors_near_it():
    for text in ("Cachan", "94230", "j'habite à Cachan"):
        for state in (None, COUPLE):
            shown = await typed(text, state)
            assert shown.state == State("fr", "lieu", (("lieu", "C94016"),))
            assert "utter_lieux_titre" in said(shown)
            assert "Cachan" in shown.screen.text
            assert (await tap(shown, "Retour")).state == PLACE


async def test_a_place_where_one_was_already_given_is_the_next_one():
    first = await typed("Cachan")
    assert (await typed("Ajaccio", first.state)).state.answers == (("lieu", "C2A004"),)


async def test_all_of_france_is_a_place_too():
    assert (await typed("toute la France", PLACE)).state.answers == (("lieu", "F"),)


# 7. Another subject


@pytest.mark.parametrize(
    ("text", "flow"),
    [("mon mari me rabaisse", "couple"), ("bonjour", "accueil"), ("rgpd", "confidentialite"),
     ("où aller", "lieu")],
)  # fmt: skip
async def test_another_subject_is_opened_from_anywhere(text: str, flow: str):
    for state in (None, PLACE, COUPLE, State("fr", "urgence")):
        shown = await typed(text, state)
        assert shown.state.flow == flow
        assert said(shown)[0] == "utter_personne_n_a_lu"


async def test_another_subject_keeps_what_is_kept_and_nothing_else():
    state = State("fr", "couple", (("couple_choix", "ecrire"), ("sans_voix", "oui")))
    assert (await typed("rgpd", state)).state.answers == (("sans_voix", "oui"),)


# 8. Not understood


@pytest.mark.parametrize(
    "text", ["zzzz", "", "   ", "\x00", "🛑🛑", "j'ai 17 ans", "recette de gâteau"]
)
async def test_what_is_not_understood_is_answered_kindly_with_people_to_turn_to(text: str):
    shown = await typed(text, COUPLE)
    assert said(shown) == ANSWER
    for number in ("3919", "17", "114"):
        assert number in shown.screen.text
    assert "rreur" not in shown.screen.text
    assert (await tap(shown, "Retour")).state == COUPLE
    assert shown.state == COUPLE


async def test_an_unknown_place_is_answered_with_another_way_to_say_it():
    shown = await typed("zzzz", PLACE)
    assert said(shown) == LOST
    assert (await tap(shown, "Toute la France")).state.answers == (("lieu", "F"),)
    assert (await typed("Cachan", shown.state)).state.answers == (("lieu", "C94016"),)


# On every answer


@pytest.mark.parametrize("text", ["17", "il me frappe", "mon mari", "zzzz", "rgpd", "bonjour"])
async def test_whoever_typed_is_told_once_that_nobody_has_read_it(text: str):
    for state in (None, PLACE, COUPLE):
        shown = await typed(text, state)
        cover, after, _ = shown.screen.text.split("\n\n", 2)
        assert cover == text_of("utter_couverture")
        assert after.startswith(unread())
        assert shown.screen.text.count(unread()) == 1


@pytest.mark.parametrize("text", ["Cachan", "94230", "Saint-Denis", "toute la France", "oui"])
async def test_whoever_typed_an_answer_or_a_place_is_told_so_too(text: str):
    """« Dit en premier sur tout écran qui répond à des mots écrits » : flows/_commun.yml."""
    shown = await typed(text, PLACE if text != "oui" else State("fr"))
    assert shown.screen.text.count(unread()) == 1


MARKER = "Zéphyrinette"
TYPED = st.one_of(
    st.text(max_size=200),
    st.text(st.characters(categories=("Cf", "So", "Cc", "Mn", "Lo")), max_size=60),
    st.sampled_from(["\u202ezzzz\u202c", "\u2066a\u2069", "👩‍👩‍👧", "a\u0300" * 50, "\ufdfa" * 30]),
    st.just("\x00"),
    st.sampled_from(["a", "é ", "17 ", "\n", "\u202e", "va me tuer "]).map(lambda one: one * 4096),
    st.sampled_from(["Cachan", "17", "il me frappe", "mon mari", "Saint-Denis", "{carte_3919}"]),
)  # fmt: skip


@cache
def alphabet() -> frozenset[str]:
    """Every character that our own texts and data are written with."""
    rows = [*communes(), *offices()]
    written = "".join(content().sources.values()) + "".join(row["name"] for row in rows)
    return frozenset(written + "".join(row["address"] + row["commune"] for row in offices()))


@LAWS
@given(TYPED, st.sampled_from(some_states()))
@example("\u202e" + "il me frappe", PLACE)
@example("x" * 4096, COUPLE)
def test_whatever_is_typed_wherever_the_screen_is_sane_and_echoes_nothing(text, state):
    reply = asyncio.run(talk().typed(text[:4096], state, "fr"))
    if isinstance(reply, Left):
        assert len(words_of(text)) <= 3
        return
    check_sane(reply.screen)
    assert reply.show is not None, "read without a fault"
    strange = set(text) - alphabet()
    assert not strange & set(everything_in(reply.screen))


@LAWS
@given(TYPED, TYPED, st.sampled_from(some_states()))
def test_nobody_ever_sees_her_own_words_on_a_screen(before, after, state):
    text = f"{before[:2000]} {MARKER} {after[:2000]}"
    reply = asyncio.run(talk().typed(text, state, "fr"))
    if isinstance(reply, Shown):
        assert MARKER not in everything_in(reply.screen)
        assert MARKER not in repr(reply.state)


# A press


async def test_every_screen_of_the_real_flows_is_sane_day_and_night():
    for now in (conversation().clock(), NIGHT):
        other = conversation(now)
        for state in some_states():
            shown = await other.press(other.codes.encode(state))
            assert shown.show is not None
            check_sane(shown.screen)


async def test_a_press_leads_where_its_token_says():
    state = State("fr", "lieu", (("lieu", "C94016"),))
    assert (await talk().press(talk().codes.encode(state))).state == state


@LAWS
@given(st.text() | st.from_regex(r"f[A-Za-z0-9_-]{0,80}", fullmatch=True) | st.binary().map(str))
def test_any_data_at_all_leads_to_a_sane_screen(data: str):
    shown = asyncio.run(talk().press(data))
    check_sane(shown.screen)
    assert shown.show is not None


async def test_data_that_is_no_token_leads_to_the_first_screen():
    for data in ("", "_", "?", "x" * 65, "f"):
        assert (await talk().press(data)).state == State("fr")


# The first message


async def test_the_first_message_is_neutral_long_enough_and_leads_on():
    first = talk().greeting("fr")
    assert len(first.screen.text) >= 120
    for word in ("3919", "violence", "aide", "danger", "police", "urgence", "femme"):
        assert word not in first.screen.text.lower()
    assert labels(first.screen) == [
        "Continuer", "Langue · Language", "17 · 112 · 114", "✕ Sortir",
    ]  # fmt: skip
    assert said(await tap(first, "Continuer")) == ["utter_ask_en_securite"]
    assert said(await tap(first, "Langue · Language")) == ["utter_ask_langue_autre"]
    assert said(await tap(first, "17 · 112 · 114")) == EMERGENCY


async def test_a_poster_leads_to_its_screen_behind_the_neutral_message():
    state = State("fr", "lieu", (("lieu", "C94016"),))
    token = talk().codes.encode(state)
    first = talk().greeting("fr", token)
    assert first.screen.text == talk().greeting("fr").screen.text
    assert data_of(first.screen, "Continuer") == token
    assert (await tap(first, "Continuer")).state == state


@LAWS
@given(st.text(max_size=80))
def test_a_link_with_anything_behind_it_begins_at_the_start(payload: str):
    first = talk().greeting("fr", payload)
    assert first.screen.text == talk().greeting(first.state.language).screen.text
    assert len(data_of(first.screen, "Continuer").encode()) <= 64


def test_a_link_with_a_word_behind_it_still_speaks_a_language_that_is_served():
    """A town's own link: « école » is not English, though tokens in English begin with an e."""
    for payload in ("affiche", "expo", "ecole", "entraide", "site", "tract", "rue", "urgence"):
        assert talk().greeting("fr", payload).state.language == "fr", payload


# A location, a command, a photo, a stop


async def test_a_location_becomes_its_commune_and_goes_no_further():
    for state in (None, PLACE, COUPLE):
        shown = await talk().location(48.7917, 2.3319, state, "fr")
        assert shown.state == State("fr", "lieu", (("lieu", "C94016"),))
        assert "48" not in repr(shown.state)
        assert "48.79" not in everything_in(shown.screen)


async def test_a_location_abroad_is_told_whom_to_call_there():
    shown = await talk().location(51.5072, -0.1276, COUPLE, "fr")
    assert said(shown) == ["utter_personne_n_a_lu", "utter_hors_de_france"]
    assert (await tap(shown, "Retour")).state == COUPLE


@LAWS
@given(st.floats(), st.floats())
@example(float("nan"), float("inf"))
def test_any_coordinates_at_all_lead_to_a_sane_screen(latitude: float, longitude: float):
    shown = asyncio.run(talk().location(latitude, longitude, None, "fr"))
    check_sane(shown.screen)
    assert shown.show is not None


async def test_a_command_begins_its_flow_from_anywhere():
    for flow in bundle().flows:
        for state in (None, COUPLE):
            assert (await talk().begin(flow, state, "fr")).state.flow == flow


async def test_an_unknown_command_begins_at_the_start():
    assert (await talk().begin("nulle_part", COUPLE, "fr")).state.flow == "accueil"


async def test_the_emergency_command_leads_back_to_where_she_was():
    shown = await talk().begin("urgence", PLACE, "fr")
    assert (await tap(shown, "Ce n'est pas maintenant")).state == PLACE


async def test_a_photo_is_asked_about_over_the_screen_and_retour_goes_back_to_it():
    choices = (("Effacer", "_e12"), ("Laisser", "_l12"))
    shown = await talk().notice("utter_photo_recue", COUPLE, "fr", choices)
    assert labels(shown.screen) == ["Effacer", "Laisser", *FOOT]
    assert (data_of(shown.screen, "Effacer"), shown.state) == ("_e12", COUPLE)
    assert said(shown) == ["utter_photo_recue"]
    assert (await tap(shown, "Retour")).state == COUPLE
    check_sane(shown.screen)


async def test_a_notice_on_an_empty_chat_leads_to_the_start():
    shown = await talk().notice("utter_position_directe", None, "fr")
    assert (await tap(shown, "Retour")).state == State("fr")


async def test_a_stop_leaves_a_neutral_screen_from_which_she_goes_on():
    state = State("fr", "couple", (("couple_choix", "questions"),))
    screen = talk().pause(state, "fr")
    assert screen.text == text_of("utter_couverture")
    assert labels(screen) == ["Reprendre", "17 · 112 · 114", "✕ Sortir"]
    assert (await talk().press(data_of(screen, "Reprendre"))).state == state


def test_what_stays_of_a_message_that_cannot_be_deleted_tells_nothing():
    assert talk().erased("fr") == text_of("utter_efface")
    assert not set(words_of(talk().erased("fr"))) & {"aide", "violence", "urgence", "police"}


async def test_a_person_is_served_in_her_language_where_there_is_one():
    english = Language(
        (
            Entry("interface", "Retour", "Back", NOWHERE),
            Entry("utter_bonjour", text_of("utter_bonjour"), "Hello. " * 20, NOWHERE),
        )
    )
    other = conversation(catalogue=Catalogue({"en": english}))
    assert [other.language(code) for code in ("en", "en-GB", "pt-br", None)] == [
        "en", "en", "fr", "fr",
    ]  # fmt: skip
    first = other.greeting("en")
    assert first.screen.text.startswith("Hello. " * 20)
    shown = await other.press(data_of(first.screen, "Continuer"))
    assert shown.state.language == "en"
    assert "Back" in labels((await other.begin("couple", shown.state, "en")).screen)


# Whatever breaks


async def slow(wanted: Run) -> Returned:
    raise TimeoutError


async def unknown(wanted: Run) -> Returned:
    return Returned((), (("utter_qui_n_existe_pas", (), ()),))


@pytest.mark.parametrize("run", [never, slow, unknown])
async def test_whatever_an_action_does_nobody_meets_silence(run):
    other = conversation(run_action=run)
    broken = 0
    for state in some_states():
        shown = await other.press(other.codes.encode(state))
        check_sane(shown.screen)
        if shown.show is None:
            broken += 1
            check_failsafe(shown)
            check_failsafe(await other.typed("zzzz", state, "fr"))
            check_failsafe(await other.notice("utter_photo_recue", state, "fr"))
            await check_alarm(other, state)
    assert broken >= 3
    check_failsafe(await other.typed("Cachan", None, "fr"))
    check_failsafe(await other.location(48.7917, 2.3319, None, "fr"))


def lost_directory(folder: Path) -> Directory:
    """A directory whose file breaks, and that cannot be built anew: its data are broken too."""
    data = tables(folder / "data")
    directory = open_directory(data, folder / "cache")
    (data / "communes.csv").write_text("rien", encoding="utf-8")
    directory.close()
    return directory


async def test_with_the_file_of_the_directory_gone_it_is_built_anew_and_nobody_is_sent_away(
    tmp_path,
):
    directory = open_directory(tables(tmp_path / "data"), tmp_path / "cache")
    directory.close()
    for file in (tmp_path / "cache").iterdir():
        file.unlink()
    other = conversation(directory=directory, run_action=in_process(directory))
    shown = await other.typed("Cachan", PLACE, "fr")
    assert isinstance(shown, Shown)
    assert shown.state.answers == (("lieu", "C94016"),)
    assert "CIDFF du Val-de-Marne" in shown.screen.text


async def test_with_the_directory_gone_and_its_data_too_nobody_meets_silence(tmp_path):
    other = conversation(directory=lost_directory(tmp_path))
    for state in (None, *some_states()[::5]):
        for text in ("Cachan", "zzzz", "17"):
            check_failsafe(await other.typed(text, state, "fr"))
        assert await other.typed("sortir", state, "fr") == Left()
        await check_alarm(other, state)
        check_failsafe(await other.location(48.8, 2.3, state, "fr"))


@pytest.mark.parametrize("missing", sorted({*RESPONSES, "utter_ask_lieu", "utter_lieux_titre"}))
async def test_with_a_text_gone_nobody_meets_silence(missing: str):
    broken = without(missing)
    for state in (None, *some_states()[::40]):
        for text in ("17", "Cachan", "Saint-Denis", "zzzz", "il me frappe", "mon mari"):
            reply = await broken.typed(text, state, "fr")
            check_answered(reply)
        for shown in (
            await broken.begin("lieu", state, "fr"),
            await broken.location(0, 0, state, "fr"),
            await broken.notice("utter_photo_recue", state, "fr"),
        ):
            check_answered(shown)


async def test_a_screen_that_needs_the_missing_text_is_the_fail_safe_one():
    check_failsafe(await without("utter_pas_compris").typed("zzzz", None, "fr"))
    check_failsafe(await without("utter_couverture").press("f"))
    check_failsafe(await without("utter_ask_lieu").begin("lieu", None, "fr"))
    check_failsafe(await without("utter_photo_recue").notice("utter_photo_recue", None, "fr"))
    check_failsafe(await without("utter_personne_n_a_lu").typed("il me frappe", None, "fr"))


def without(response: str) -> Conversation:
    """A conversation whose bundle has lost a text since it was loaded."""
    responses = dict(bundle().responses)
    whole = replace(bundle(), responses=MappingProxyType(responses))
    broken = conversation(bundle=whole)
    del responses[response]
    return broken


async def test_the_fail_safe_screen_leads_on_and_out():
    lost = talk().emergency("fr")
    check_failsafe(lost)
    assert data_of(lost.screen, "✕ Sortir") == LEAVE
    assert said(await tap(lost, "17 · 112 · 114")) == EMERGENCY
    assert lost.state == State("fr")


async def test_a_clock_that_fails_is_no_reason_for_silence():
    def stopped() -> datetime:
        raise OSError("no clock")

    other = Conversation(ground(), stopped)
    check_failsafe(await other.typed("zzzz", None, "fr"))
    check_failsafe(await other.begin("lieu", None, "fr"))


async def test_an_action_that_keeps_asking_for_itself_ends():
    endless = start(bundle(), "lieu", State("fr"))
    seen = []

    async def once(wanted: Run) -> Returned:
        seen.append(wanted)
        return Returned((), (("utter_aucun_bureau", (("lieu", "x"),), ()),))

    other = conversation(run_action=once)
    shown = await other.typed("Cachan", endless, "fr")
    assert isinstance(shown, Shown)
    assert "utter_aucun_bureau" in said(shown)
    assert len(seen) < 8
