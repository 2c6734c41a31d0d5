"""People who read another language than French: words they type, detours, files that lag behind."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import product
from pathlib import Path
from types import MappingProxyType

import pytest

from bot.catalogue import Catalogue, Language
from bot.commands import EXITS, FLOWS, MENU
from bot.conversation import LANGUAGE_LABEL, Conversation, Left, Reply, Shown
from bot.outputs.extraction import everything
from bot.reading.problem import Span
from bot.referral.localpack import Service, read_packs
from bot.referral.tables import LOCAL
from bot.settings import read_settings
from bot.telegram.identity import announce
from bot.triage import failsafe, words
from bot.triage.engine import State, after
from bot.triage.flow import DETOURS, EMERGENCY, LANGUAGE_CHOICE, SetSlots, Start
from bot.triage.screen import Screen, utf16_units
from bot.triage.texts import TEXT_LIMIT, placeholders
from bot.triage.token import LANGUAGES
from bot.triage.translation import INTERFACE, Entry, button_context, check_entries
from tests.ground import (
    DATA,
    NOON,
    bundle,
    communes,
    content,
    conversation,
    data_of,
    departements,
    labels,
    never,
    offices,
    said,
    some_shows,
    some_states,
)
from tests.telegram_person import Person
from tests.test_conversation import lost_directory
from tests.test_telegram_support import new_bot, running, telegram

HERE = Span("essai")
COUPLE = State("en", "couple")
OPERATOR = dict.fromkeys(("exploitant", "hebergeur", "contact"), "Association Exemple")


@cache
def talk() -> Conversation:
    return conversation()


def shown(reply: Reply) -> Shown:
    assert isinstance(reply, Shown)
    return reply


async def typed(text: str, state: State) -> Shown:
    return shown(await talk().typed(text, state, state.language))


async def tap(on: Shown, *either: str) -> Shown:
    [label] = set(labels(on.screen)) & set(either)
    return await talk().press(data_of(on.screen, label))


async def seen(state: State) -> Shown:
    """What she sees who stands there, by way of a button."""
    return await talk().press(talk().codes.encode(state))


def english(*own: Entry, whole: bool = True) -> Catalogue:
    """This checkout's English with some entries instead of its own; not `whole`, only those."""
    names = {(one.context, one.source) for one in own}
    rest = content().catalogue.read["en"].entries if whole else ()
    return Catalogue(
        {"en": Language((*own, *(e for e in rest if (e.context, e.source) not in names)))}
    )


def in_english(context: str, text: str) -> str:
    found = content().catalogue.find("en", context, text)
    assert found is not None, text
    return found


def text_of(response: str) -> str:
    return bundle().responses[response].variants[-1].text


def button_in_english(response: str, raw: str, title: str) -> str:
    return in_english(f"{response} {raw}", title)


WEAPON = button_in_english(
    "utter_ask_urgence_besoin", "/SetSlots(urgence_besoin=arme)", "Il y a une arme"
)
FRENCH_NOT_NOW = "Ce n'est pas maintenant"
NOT_NOW = (FRENCH_NOT_NOW, button_in_english("utter_ask_urgence_besoin", "/retour", FRENCH_NOT_NOW))
BACK = (words.BACK, in_english(INTERFACE, words.BACK))
EXIT = in_english(INTERFACE, words.LEAVE)


# --- Every word ---


class Listening(Catalogue):
    """A language of which no letter is French; it notes what it is asked for."""

    def __init__(self) -> None:
        texts = {(one.context, one.text) for one in everything(content())}
        entries = tuple(Entry(context, text, foreign(text), HERE) for context, text in texts)
        super().__init__({"ru": Language(entries)})
        self.strange: set[str] = set()
        self.known = texts

    def find(
        self, language: str, context: str, text: str, *, new_sense: bool = False
    ) -> str | None:
        if (context, text) not in self.known:
            self.strange.add(f"{context}: {text}")
        return super().find(language, context, text, new_sense=new_sense)


def foreign(text: str) -> str:
    parts = re.split(r"(\{[a-z0-9_]+\})", text)
    return "".join(one if one.startswith("{") else re.sub(r"[^\W\d_]", "ж", one) for one in parts)


@cache
def services() -> tuple[Service, ...]:
    """What communes say of their own services, which is theirs to translate."""
    codes = {row["insee"] for row in communes()}
    found, _, _ = read_packs(DATA / LOCAL, LOCAL, codes.__contains__)
    return found


@cache
def unnamed(line: str) -> str:
    """A line without the proper names that it begins with, of an office or of services."""
    known = sorted({one["name"] for one in offices()} | {one.name for one in services()})
    shown = [name for name in known if re.match(rf"{re.escape(name)}( :|,)", line)]
    return unnamed(line[len(max(shown, key=len)) :].lstrip(" :,")) if shown else line


def proper_names() -> tuple[set[str], set[str]]:
    """Lines that are an office's or a service's own, and names of places and of sources."""
    lines = {one.purpose for one in services()}
    for one in offices():
        lines |= {one["name"], f"{one['name']}, {one['commune']}"}
        lines.add(f"{foreign('Adresse')} : {one['address']}, {one['commune']}")
    towns = {name for row in communes() for name in (row["name"], *row["aliases"].split("|"))}
    sources = {one.source_name for one in services()}
    return lines, {LANGUAGE_LABEL, *sources, *towns, *(row["name"] for row in departements())}


async def many_screens(other: Conversation) -> list[Screen]:
    found = [other.greeting("ru").screen, other.pause(State("ru", "couple"), "ru")]
    found.append(Screen(other.erased("ru"), ()))
    foreigners = [replace(state, language="ru") for state in some_states()]
    found += [(await other.press(other.codes.encode(state))).screen for state in foreigners]
    for here in (State("ru", "couple"), State("ru", "lieu")):
        for text in (
            "zzzz",
            "Saint-Denis",
            "Vienne",
            "2A",
            "98800",
            "il me tape",
            *other.ground.register.numbers,
        ):
            found.append(shown(await other.typed(text, here, "ru")).screen)
        for notice in ("utter_photo_recue", "utter_position_directe"):
            choices = ((words.ERASE, "_e1"), (words.LEAVE_THERE, "_l1"))
            found.append((await other.notice(notice, here, "ru", choices)).screen)
        for latitude, longitude in ((0, 0), (48.79, 2.33)):
            found.append((await other.location(latitude, longitude, here, "ru")).screen)
    return found


@pytest.mark.parametrize(
    "later", [timedelta(), *(timedelta(hours=some) for some in (14, 120, 144))]
)
async def test_where_all_is_translated_no_french_is_left_but_names(later: timedelta):
    """On every screen, at noon, at night and on a week-end; and nothing untold is asked for."""
    catalogue = Listening()
    lines, names = proper_names()
    other = conversation(NOON + later, catalogue=catalogue, installation={})
    for screen in await many_screens(other):
        for line in (*screen.text.splitlines(), *labels(screen)):
            left = re.findall(r"[a-zA-ZÀ-ÿ](?:[a-zA-ZÀ-ÿ '·-]*[a-zA-ZÀ-ÿ])?", unnamed(line))
            assert line in lines or set(left) <= names, line
    assert all(re.match(r"utter_quel_lieu /SetSlots\(lieu=", one) for one in catalogue.strange)


async def test_no_two_buttons_of_a_screen_say_the_same_in_english():
    for state in some_states():
        twice = Counter(labels((await seen(replace(state, language="en"))).screen))
        assert max(twice.values()) == 1, (state, twice.most_common(1))


# --- Typed words ---


async def test_an_english_answer_may_be_typed_on_its_screen():
    """Unless it is words of danger, which stand before."""
    met = set()
    for show in some_shows():
        state = replace(show.state, language="en")
        for response, button in show.offers:
            title = in_english(button_context(response, button), button.title)
            if (response, title) in met or not isinstance(button.payload, SetSlots | Start):
                continue
            met.add((response, title))
            wanted = after(bundle(), replace(show, state=state), button.payload)
            found = (await typed(title, state)).state
            danger = talk().reader.understanding.dangerous(title)
            assert found == wanted or (danger and found.flow == EMERGENCY), title
    assert len(met) > 50


async def test_whoever_types_the_words_of_the_last_button_leaves_in_every_language():
    for language in content().catalogue.languages:
        label = talk().say(words.LEAVE, language)
        assert await talk().typed(label, State(language, "lieu"), language) == Left()


@pytest.mark.parametrize(("typed_word", "language"), [("English", "en"), ("Français", "fr")])
async def test_whoever_types_her_language_on_the_list_of_languages_gets_it(
    typed_word: str, language: str
):
    for other in ("fr", "en"):
        choice = await talk().begin(LANGUAGE_CHOICE, State(other, "couple"), other)
        assert (await typed(typed_word, choice.state)).state == State(language, "couple")


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_whoever_types_that_it_is_not_now_is_back_where_she_was(language: str):
    urgent = await talk().begin(EMERGENCY, State(language, "couple"), language)
    [label] = set(labels(urgent.screen)) & set(NOT_NOW)
    assert (await typed(label, urgent.state)).state == State(language, "couple")


@pytest.mark.parametrize("word", ["SOS", "danger", "urgence", "police", "emergency", "/emergency"])
async def test_whoever_can_only_type_one_word_sees_the_numbers(word: str):
    assert (await typed(word, COUPLE)).state.flow == EMERGENCY


async def test_whoever_writes_a_language_that_is_not_understood_may_choose_another():
    assert LANGUAGE_LABEL in labels((await typed("nie rozumiem", State("fr", "couple"))).screen)


# --- Detours ---


async def test_from_any_screen_another_language_is_two_taps_away_and_nothing_is_lost():
    for state in some_states():
        if state.flow == LANGUAGE_CHOICE:
            continue
        there = await seen(replace(state, language="fr"))
        choice = await talk().typed("/langue", there.state, "fr")
        now = await tap(await seen(shown(choice).state), "English")  # so in 64 bytes too
        back = state.back if state.flow not in DETOURS else None
        assert now.state == replace(there.state, language="en", back=back), state


async def test_a_language_chosen_in_danger_leads_back_to_the_numbers():
    urgent = await talk().begin(EMERGENCY, State("fr", "couple"), "fr")
    choice = shown(await talk().typed("/langue", urgent.state, "fr"))
    now = await tap(choice, "English")
    assert said(now) == said(urgent)
    assert now.screen.text.startswith(in_english("utter_couverture", text_of("utter_couverture")))
    again = await tap(choice, "17 · 112 · 114")
    assert said(again) == said(urgent)
    assert (await tap(again, *NOT_NOW)).state == State("fr")


async def test_a_danger_in_the_middle_of_choosing_a_language_leads_back_before_both():
    """Nobody wants to come back to a list of languages."""
    choice = await talk().begin(LANGUAGE_CHOICE, COUPLE, "en")
    urgent = await tap(choice, "17 · 112 · 114")
    for again in (urgent, await tap(urgent, "17 · 112 · 114")):
        assert (await tap(again, *NOT_NOW)).state == COUPLE
        assert (await tap(again, *BACK)).state == COUPLE


@pytest.mark.parametrize("ways_out", [NOT_NOW, BACK])
async def test_whatever_detours_are_taken_one_gets_out_of_them(ways_out: tuple[str, str]):
    """Numbers, languages, a change of language, in any order: no two screens lead to each other."""
    for state, path in product(some_states()[::17], product((*DETOURS, "English"), repeat=3)):
        now = await seen(replace(state, language="en"))
        for way in path:
            flow = LANGUAGE_CHOICE if way == "English" else way
            now = await talk().begin(flow, now.state, now.state.language)
            now = await tap(now, way) if way == "English" else now
        for _ in range(10):
            if not set(labels(now.screen)) & set(ways_out):
                break
            now = await tap(now, *ways_out)
        else:
            pytest.fail(f"no way out: {state} {path}")
        assert ways_out == NOT_NOW or now.show is None or now.show.previous is None


async def test_every_command_leads_somewhere_in_english():
    for name in {*FLOWS, *(name for name, _ in MENU)} - EXITS:
        reply = shown(await talk().typed(f"/{name}", COUPLE, "en"))
        assert reply.state.language == "en"
        assert name == "start" or reply.state.flow == FLOWS[name]
        assert EXIT in labels(reply.screen)
    for name in EXITS:
        assert await talk().typed(f"/{name.upper()}", COUPLE, "en") == Left()


# --- Tokens ---


async def test_a_button_of_any_language_leads_to_a_language_that_is_served():
    for letter in (*LANGUAGES.values(), "z", "-", "_", "é", "0"):
        reply = await talk().press(letter + talk().codes.encode(COUPLE)[1:])
        assert reply.state.language in content().catalogue.languages


async def test_the_row_of_a_fail_safe_screen_outlives_its_language():
    assert (await talk().press("ua")).state == (await talk().press("uf")).state


def test_a_link_in_a_language_that_is_not_served_speaks_that_of_the_phone():
    arabic = LANGUAGES["ar"] + talk().codes.encode(COUPLE)[1:]
    assert talk().greeting("en", arabic).state == COUPLE


# --- Files that lag behind ---


async def test_a_catalogue_with_three_words_hides_nothing():
    """French, announced as what it is; a screen stays a screen."""
    three = (
        Entry(INTERFACE, words.BACK, "Back", HERE),
        Entry(INTERFACE, words.LEAVE, "✕ Exit", HERE),
        Entry(INTERFACE, words.NOT_YET_TRANSLATED, "Not yet translated.", HERE),
    )
    other = conversation(catalogue=english(*three, whole=False))
    for state in some_states()[::3]:
        reply = await other.press(other.codes.encode(replace(state, language="en")))
        assert reply.show is not None
        assert reply.screen.text.count("Not yet translated.") == len(reply.show.parts)
        assert utf16_units(reply.screen.text) <= TEXT_LIMIT
        assert labels(reply.screen)[-1] == "✕ Exit"


LISTED = text_of("utter_lieux_france")
FITTING = " ".join(["Old.", *(f"{{{name}}}" for name in placeholders(LISTED))])


@pytest.mark.parametrize(
    ("new_sense", "english_says", "shown_is"),
    [
        (False, FITTING, "\n\nOld. "),
        (False, "Old. {tel_17}", "\n\nNot yet translated.\n"),
        (True, FITTING, "\n\nNot yet translated.\n"),
    ],
)
async def test_a_translation_that_lags_behind_shows_only_where_it_is_still_right(
    new_sense: bool, english_says: str, shown_is: str
):
    responses = dict(bundle().responses)
    one = responses["utter_lieux_france"]
    changed = replace(one.variants[-1], new_sense=new_sense)
    responses[one.name] = replace(one, variants=(changed,))
    old = Entry("utter_lieux_france", LISTED, english_says, HERE, fuzzy=True)
    said_so = Entry(INTERFACE, words.NOT_YET_TRANSLATED, "Not yet translated.", HERE)
    other = conversation(
        bundle=replace(bundle(), responses=MappingProxyType(responses)),
        catalogue=english(old, said_so),
    )
    everywhere = State("en", "lieu", (("lieu", "F"),))
    assert shown_is in (await other.press(other.codes.encode(everywhere))).screen.text


def test_a_first_message_of_another_sense_is_not_greeted_with_the_old_one():
    responses = dict(bundle().responses)
    one = responses["utter_bonjour"]
    changed = replace(one.variants[-1], text="Tout autre chose. " * 9, new_sense=True)
    responses[one.name] = replace(one, variants=(changed,))
    other = conversation(bundle=replace(bundle(), responses=MappingProxyType(responses)))
    assert other.greeting("en").screen.text != talk().greeting("en").screen.text


@pytest.mark.parametrize("doubtful", ["No. {numero} {", "No. {numero} }", "No. {numero} {A}"])
async def test_a_doubtful_word_with_stray_braces_keeps_nobody_from_help(doubtful: str):
    word = Entry(INTERFACE, words.DEPARTEMENT, doubtful, HERE, fuzzy=True)
    reply = await conversation(catalogue=english(word)).typed("17", COUPLE, "en")
    assert said(shown(reply))[-1:] == ["utter_ligne"]


@pytest.mark.parametrize(
    ("context", "french", "doubtful"),
    [
        ("utter_couverture", text_of("utter_couverture"), "Help."),  # what a chat list then shows!
        (INTERFACE, words.DESCRIPTION, "x" * 513),
        (INTERFACE, words.LEAVE, "x" * 100),
    ],
)
def test_a_doubtful_translation_that_shows_too_much_or_too_little_is_not_shown(
    context: str, french: str, doubtful: str
):
    one = Entry(context, french, doubtful, HERE, fuzzy=True)
    assert english(one).find("en", context, french) is None
    assert list(check_entries([one])) == []
    assert list(check_entries([replace(one, fuzzy=False)])) != []


async def test_whoever_comes_to_english_is_told_that_nobody_has_reviewed_it():
    """At the first message, by whatever link, and where a language is chosen; nowhere else."""
    unreviewed = in_english("utter_non_relu", text_of("utter_non_relu"))
    greeting = talk().greeting("en")
    poster = talk().greeting("fr", talk().codes.encode(replace(COUPLE, language="en")))
    choice = await talk().begin(LANGUAGE_CHOICE, State("fr", "couple"), "fr")
    for told in (greeting, poster, choice):
        assert told.screen.text.count(unreviewed) == 1
    for later in (await tap(choice, "English"), await talk().begin("accueil", None, "en")):
        assert unreviewed not in later.screen.text
    assert unreviewed not in talk().greeting("fr").screen.text


async def test_a_number_reads_the_same_in_the_middle_of_arabic():
    arabic = Entry("utter_lieux_titre", text_of("utter_lieux_titre"), "عناوين: {lieu}", HERE)
    other = conversation(catalogue=Catalogue({"ar": Language((arabic,))}))
    reply = shown(await other.typed("Cachan", State("ar", "lieu"), "ar"))
    assert "عناوين: \u2068Cachan\u2069" in reply.screen.text


# --- Whatever breaks ---


def broken_action(_: Path) -> Conversation:
    return conversation(run_action=never)


def no_directory(folder: Path) -> Conversation:
    return conversation(directory=lost_directory(folder))


def no_text(_: Path) -> Conversation:
    responses = {**bundle().responses}
    other = conversation(bundle=replace(bundle(), responses=MappingProxyType(responses)))
    for name in ("utter_pas_compris", "utter_couverture", "utter_personne_n_a_lu", "utter_bonjour"):
        del responses[name]
    return other


class Unreadable(Catalogue):
    """Translations that cannot be looked up any more."""

    def find(self, *_: object, **__: object) -> str | None:
        raise OSError


def no_catalogue(_: Path) -> Conversation:
    return conversation(catalogue=Unreadable(content().catalogue.read))


BROKEN: list[tuple[Callable[[Path], Conversation], str]] = [
    (broken_action, "94230"), (no_directory, "Cachan"), (no_directory, "zzzz"), (no_text, "17"),
    (no_text, "zzzz"), (no_text, "he hits me"), (no_catalogue, "17"), (no_catalogue, "zzzz"),
]  # fmt: skip


@pytest.mark.parametrize(("broken", "text"), BROKEN)
async def test_whatever_breaks_an_english_person_reads_english(
    broken: Callable[[Path], Conversation], text: str, tmp_path: Path
):
    other = broken(tmp_path)
    lost = shown(await other.typed(text, COUPLE, "en"))
    assert lost.show is None
    assert lost.screen == talk().emergency("en").screen
    assert other.emergency("en").screen.rows == lost.screen.rows


async def test_the_fail_safe_screen_says_what_the_catalogue_says_and_goes_on_in_english():
    lost = talk().emergency("en")
    assert lost.screen.text.startswith(in_english("utter_couverture", text_of("utter_couverture")))
    assert labels(lost.screen) == [failsafe.EMERGENCY_ROW, EXIT]
    said_so = f"{failsafe.EMERGENCY_TEXTS['en']}\n\n{failsafe.LISTENING_TEXTS['en']}"
    assert lost.screen.text == said_so
    assert not re.search(r"[à-ÿ]|Danger maintenant|quelqu'un", said_so)
    assert not set(re.findall(r"\d+", lost.screen.text)) ^ set(failsafe.NUMBERS.values())
    urgent = await tap(lost, failsafe.EMERGENCY_ROW)
    assert (urgent.state.language, urgent.state.flow) == ("en", EMERGENCY)


async def test_what_lights_up_in_danger_is_numbers_and_the_exit_in_her_language():
    bare = (await typed("he hits me", COUPLE)).bare
    assert bare is not None
    assert set(re.findall(r"[^\W\d]+", bare.text)) == {"SMS"}
    assert labels(bare) == ["17 · 112 · 114", EXIT]


# --- Who runs it ---


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_privacy_says_who_runs_it(language: str):
    odd = "L'Écoute & <b>Cie</b> 🕊, 12 % de … \\d \u2067x\u2069"
    other = conversation(installation=dict.fromkeys(OPERATOR, odd))
    first = shown(await other.typed("/privacy", State(language, "couple"), language))
    assert odd in first.screen.text
    who = State(language, "confidentialite", (("confidentialite_choix", "exploitant"),))
    assert (await other.press(other.codes.encode(who))).screen.text.count(odd) == len(OPERATOR)


@pytest.mark.parametrize("value", ["+0612345678", "+999999999", "2026-13", "2026-11-22"])
async def test_a_contact_that_looks_like_a_number_or_a_date_is_shown_as_it_is(value: str):
    other = conversation(installation=OPERATOR | {"exploitant": value})
    assert value in shown(await other.typed("/privacy", COUPLE, "en")).screen.text


@pytest.mark.parametrize("value", ["caf\udce9", "A\u2028B", "A\x0bB", "A\x00B"])
def test_a_name_that_no_screen_can_show_is_told_before_anybody_meets_it(value: str, tmp_path: Path):
    _, problems = read_settings(tmp_path, {"OPERATOR_NAME": value})
    assert [one.code for one in problems] == ["env.texte"]


# --- In Telegram ---


async def test_what_telegram_shows_of_the_bot_is_set_once_for_each_language():
    async with telegram() as server:
        bot = new_bot(server)
        await announce(bot, talk())
        changes = [one.method for one in server.calls if one.method.startswith("setMy")]
        await announce(bot, talk())
        assert [one.method for one in server.calls if one.method.startswith("setMy")] == changes
        assert len(changes) == 3 * len(content().catalogue.languages)
        for code in content().catalogue.languages:
            about = await bot.get_my_description(language_code="" if code == "fr" else code)
            listed = await bot.get_my_commands(language_code="" if code == "fr" else code)
            assert about.description == talk().say(words.DESCRIPTION, code)
            assert [one.description for one in listed] == [talk().say(w, code) for _, w in MENU]
        await bot.session.close()


async def english_on_a_french_phone(person: Person) -> None:
    await person.start()
    await person.tap(LANGUAGE_LABEL)
    await person.tap("English")
    await person.tap("17 · 112 · 114")
    await person.tap(WEAPON)


async def test_a_screen_kept_right_after_a_restart_goes_on_in_its_language():
    async with telegram() as server:
        jane = server.person("Jane", language_code="fr")
        async with running(server, talk()) as first:  # type: ignore[arg-type]
            await english_on_a_french_phone(jane)
            screen = jane.screen()
        await first.bot.edit_message_text(  # as a kill would have left it
            screen.text, chat_id=jane.id, message_id=screen.id, reply_markup=screen.markup
        )
        await first.bot.session.close()
        async with running(server, talk()):  # type: ignore[arg-type]
            await jane.tap(in_english(INTERFACE, words.KEEP))
            assert jane.toasts[-1] == in_english(INTERFACE, words.KEPT)
            await jane.type("zzzz")
            assert EXIT in jane.screen().labels
            assert words.LEAVE not in jane.sees


async def test_a_photo_erased_on_a_screen_that_telegram_no_longer_shows_us_stays_in_english():
    async with telegram() as server, running(server, talk()):  # type: ignore[arg-type]
        jane = server.person("Jane", language_code="fr")
        await english_on_a_french_phone(jane)
        photo = await jane.send_photo()
        await jane.tap_raw(jane.screen().id, f"_e{photo.id}", lost=True)
        assert photo not in jane.chat.visible
        assert EXIT in jane.sees
        assert words.LEAVE not in jane.sees
