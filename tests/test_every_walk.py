"""Every walk through every real flow: whatever a person presses, there is help and a way out.

Nothing here is sampled: each state that presses can reach is looked at. Along `urgence` the return
address is the one thing that is not multiplied out (`material.walk` says why).
"""

import re
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from functools import cache
from itertools import product

import pytest

from bot.referral.signatures import SIGNATURES
from bot.triage.engine import Part, Show, State, after, start
from bot.triage.flow import DETOURS, EMERGENCY, RESPONSES, START, GoBack, OpenSite, SetSlots
from bot.triage.paths import shows
from bot.triage.screen import (
    COVER,
    KEEP,
    LEAVE,
    Copy,
    Link,
    Press,
    Screen,
    shown_number,
    utf16_units,
)
from bot.triage.texts import CHOICES_LIMIT, LABEL_LIMIT, TEXT_LIMIT, placeholders
from tests.material import (
    CHRISTMAS_NIGHT,
    SUNDAY_NIGHT,
    TOKEN,
    TUESDAY,
    every_walk,
    keys,
    labels,
    names_shown,
    press,
    presses,
    real,
    real_codes,
    real_renderer,
    rewritten,
    shown,
)

MOMENTS = (TUESDAY, SUNDAY_NIGHT, CHRISTMAS_NIGHT)
COMFORTABLE = 900  # characters beside the cover
UNREAD = "utter_personne_n_a_lu"


@cache
def screens() -> tuple[tuple[Show, Screen], ...]:
    """Every screen that can be reached, as it looks on a Tuesday afternoon."""
    return tuple((show, real_renderer().render(show, TUESDAY)) for show in every_walk().seen)


@cache
def looks() -> tuple[tuple[Show, Screen], ...]:
    """One screen for each different content of a screen."""
    met: dict[object, tuple[Show, Screen]] = {}
    for show, screen in screens():
        key = (ends(show), tuple((p.response, p.variant.span, p.arguments) for p in show.parts))
        met.setdefault(key, (show, screen))
    return tuple(met.values())


def ends(show: Show) -> bool:
    """Whether a person may stop here: nothing is asked any more, or help has been shown already."""
    return show.asks is None or show.outcome


def numbers_in(text: str) -> set[str]:
    """The lines whose number stands in a text."""
    register = real().register
    return {
        line
        for line in register.lines
        if (number := register.number(line))
        and re.search(rf"(?<![\d+]){re.escape(shown_number(number))}(?!\d)", text)
    }


def help_on(show: Show, screen: Screen) -> set[str]:
    """The lines that a screen lets a person reach: a number to read, or a page to open."""
    pages = {one.payload.line for _, one in show.offers if isinstance(one.payload, OpenSite)}
    return numbers_in(screen.text) | pages


def said(show: Show) -> str:
    """What a screen is about, for the message of a failing test."""
    answers = ", ".join(f"{slot}={value}" for slot, value in show.state.answers)
    return f"{show.state.flow} ({answers}) : {' + '.join(names_shown(show))}"


# --- A way out, the emergency numbers and a next screen, everywhere ---


def test_every_screen_ends_with_the_same_ways_out() -> None:
    for show, screen in screens():
        assert screen.rows[-1] == (Press("✕ Sortir", LEAVE),)
        retour = show.previous is not None
        assert screen.rows[-2 - retour][0].label == "17 · 112 · 114"
        assert (screen.rows[-2][0].label == "Retour") is retour
        flat = labels(screen)
        assert flat.count("✕ Sortir") == flat.count("17 · 112 · 114") == 1
        assert flat.count("Retour") == retour


def test_the_emergency_numbers_are_one_tap_away_from_everywhere() -> None:
    for show, screen in screens():
        state = real_codes().decode(presses(screen)["17 · 112 · 114"])
        assert state is not None
        assert state.flow == EMERGENCY, said(show)
    first = shown(real().bundle, State("fr", EMERGENCY))
    text = real_renderer().render(first, TUESDAY).text
    assert {"17", "112", "114", "15"} <= numbers_in(text)


def test_every_press_on_every_screen_leads_to_a_screen() -> None:
    known = every_walk().at
    checked: set[str] = set()
    for show, screen in screens():
        for data in presses(screen).values():
            if data in (LEAVE, KEEP) or data in checked:
                continue
            checked.add(data)
            assert re.fullmatch(TOKEN, data), said(show)
            state = real_codes().decode(data)
            assert state is not None
            assert state in known or shown(real().bundle, state).parts, said(show)


def test_every_question_can_be_answered() -> None:
    for show, _ in screens():
        answered = {
            slot
            for _, one in show.offers
            if isinstance(one.payload, SetSlots)
            for slot, _ in one.payload.slots
        }
        assert show.asks is None or show.asks in answered, said(show)


def test_every_button_can_be_shown_by_telegram() -> None:
    for show, screen in screens():
        for key in keys(screen):
            assert 0 < len(key.label) <= LABEL_LIMIT, (key.label, said(show))
            match key:
                case Press(data=data):
                    assert 0 < len(data.encode()) <= 64
                case Copy(text=text):
                    assert 0 < len(text) <= 256
                case Link(url=url):
                    assert re.fullmatch(r"https://[^\s/]+\.[^\s/]+(/\S*)?", url), said(show)
        assert len({key.label for key in keys(screen)}) == len(keys(screen)), said(show)


def test_no_screen_offers_more_than_six_ways_on() -> None:
    for show, _ in looks():
        leading = [one for _, one in show.offers if after(real().bundle, show, one.payload)]
        assert len(leading) <= CHOICES_LIMIT, said(show)


# --- Retour ---


def test_retour_leads_to_the_very_screen_that_was_seen_before() -> None:
    """A press that answers, whatever it answers, is undone by Retour."""
    lost = [
        f"{said(show)} --{payload}--> Retour : {one.previous}"
        for show, payload, target in every_walk().pressed
        if payload is None or isinstance(payload, SetSlots)
        for one in every_walk().at.get(target, ())
        if one.previous != show.state
    ]
    assert not lost, f"{len(lost)} fois, par exemple {lost[0]}"


def test_an_answer_only_leads_on_from_where_it_was_given() -> None:
    """What was decided before an answer stays as it was: no press rewrites the way behind it."""
    assert [said(show) for show, _ in rewritten(every_walk())] == []


def test_two_screens_never_lead_to_one_state_by_answers() -> None:
    """Else nobody could say where Retour leads: the answers are all that is known.

    « Voir l'aide maintenant » must not leave the same answers as passing each question.
    """
    origins: dict[State, set[State]] = defaultdict(set)
    for show, payload, target in every_walk().pressed:
        if payload is None or isinstance(payload, SetSlots):
            origins[target].add(show.state)
    doubtful = [state for state, several in origins.items() if len(several) > 1]
    assert not doubtful, f"{len(doubtful)} états, par exemple {doubtful[0]}"


def test_leaving_urgence_restores_every_screen() -> None:
    bundle = real().bundle
    for show in every_walk().seen:
        if show.state.flow in DETOURS:  # one does not come back to a list of languages
            continue
        urgent = shown(bundle, start(bundle, EMERGENCY, show.state, show.slots))
        back = after(bundle, urgent, GoBack())
        assert back == urgent.previous
        assert back is not None
        if back != show.state:  # what `urgence` knew already may go along
            again = [one for one, _ in shows(bundle, back, SIGNATURES)]
            assert (show.parts, show.asks) in [(one.parts, one.asks) for one in again], said(show)


# --- Humans to turn to ---


def test_every_outcome_names_two_ways_to_reach_a_human_one_without_voice_at_any_hour() -> None:
    register = real().register
    for show, screen in looks():
        if ends(show):
            reached = help_on(show, screen)
            assert len(reached) >= 2, said(show)
            assert any(register.voiceless(line) for line in reached), said(show)


def test_the_first_screen_of_every_topic_names_a_human_contact() -> None:
    for topic in real().bundle.flows:
        for show in every_walk().at[State("fr", topic)]:
            assert numbers_in(real_renderer().render(show, TUESDAY).text), said(show)


FAR = ("collectivite", "caledonie")  # where nobody has checked which national lines answer
UNVERIFIED = re.compile(r"Non vérifié ici : le 114\b")


def test_whoever_cannot_speak_is_told_114_wherever_17_or_112_is_named() -> None:
    """Outside the départements 114 is named too, and said not to be verified; only there."""
    for show, screen in looks():
        if names_shown(show)[0] == "utter_hors_de_france":  # 114 answers in France only
            continue
        numbers = numbers_in(screen.text)
        assert "114" in numbers or not numbers & {"17", "112"}, said(show)
        far = show.slots.get("lieu_zone") in FAR
        if "114" in numbers:
            assert bool(UNVERIFIED.search(screen.text)) is far, said(show)


def test_a_chat_that_a_screen_speaks_of_can_be_opened_from_an_outcome() -> None:
    chats = {"tchat de la police": {"tchat_police", "tchat_mineurs"}}
    for show, screen in looks():
        for words, lines in chats.items():
            if ends(show) and words in screen.text:
                pages = {o.payload.line for _, o in show.offers if isinstance(o.payload, OpenSite)}
                assert pages & lines, said(show)


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_the_first_line_that_is_named_answers_now(now: datetime) -> None:
    """A closed line never stands first: who reads one line only must reach somebody.

    Outside the départements what to do where an office does not answer is no line to read first:
    the one that serves from everywhere keeps office hours. The first below the offices answers now.
    """
    register = real().register
    for show, _ in looks():
        far = show.slots.get("lieu_zone") in FAR
        parts = [one for one in show.parts if not (far and one.response == "utter_numero_ancien")]
        text = real_renderer().render(replace(show, parts=tuple(parts)), now).text
        places = {text.find(shown_number(register.number(line))): line for line in numbers_in(text)}
        chat = text.casefold().find("tchat de la police")
        places |= {chat: "tchat_police"} if chat >= 0 else {}
        if places and ends(show):
            first = register.card(places[min(places)], now)
            assert first.opening.state in ("always", "open"), said(show)


def test_whoever_is_not_safe_is_shown_little_and_not_invited_to_go_on() -> None:
    bundle = real().bundle
    unsafe = press(bundle, shown(bundle, State("fr", START)), "Non")
    screen = real_renderer().render(unsafe, TUESDAY)
    choices = set(labels(screen)) - {"17 · 112 · 114", "Retour", "✕ Sortir", "Garder 1 heure"}
    assert choices == {"Danger maintenant"}
    assert "114" in numbers_in(screen.text)
    assert "violence" not in screen.text.casefold()


def test_the_emergency_screen_says_that_nobody_has_read_and_where_to_write() -> None:
    urgent = shown(real().bundle, State("fr", EMERGENCY))
    text = real_renderer().render(urgent, TUESDAY).text
    assert "Personne n'a lu votre message." in text
    assert "Ce programme ne peut pas prévenir les secours." in text
    assert "écrivez un SMS au numéro 114, dans l'application SMS, pas ici" in text


# --- An answer, a doubt or a skip only raises the help shown ---

HIGHER = {
    "non": ("passe", "ne_sait_pas", "oui"),
    "passe": ("ne_sait_pas", "oui"),
    "ne_sait_pas": ("oui",),
    "oui": (),
}
FLAGS = ("couple_presence", "couple_cou", "couple_menaces", "couple_arme", "couple_separation")


@cache
def after_answers(given: tuple[str, ...], voice: str) -> tuple[Show, Screen]:
    """The screen after so many of the five questions were answered so."""
    answers = {"couple_choix": "questions", **dict(zip(FLAGS, given, strict=False))}
    if voice:
        answers["sans_voix"] = voice
    show = shown(real().bundle, State("fr", "couple", tuple(sorted(answers.items()))))
    return show, real_renderer().render(show, TUESDAY)


@cache
def help_after(given: tuple[str, ...], voice: str) -> set[str]:
    return help_on(*after_answers(given, voice))


def every_answers(count: int) -> list[tuple[str, ...]]:
    return list(product(HIGHER, repeat=count))


def test_the_five_questions_are_asked_in_any_case_and_each_can_be_passed() -> None:
    for count, slot in enumerate(FLAGS):
        for given in every_answers(count):
            show, screen = after_answers(given, "")
            assert show.asks == slot
            expected = {"Oui", "Non", "Je ne sais pas", "Je préfère ne pas répondre"}
            assert expected <= set(labels(screen))


@pytest.mark.parametrize("voice", ["", "oui"])
@pytest.mark.parametrize("count", range(1, len(FLAGS) + 1))
def test_a_higher_answer_takes_no_help_away(count: int, voice: str) -> None:
    for given in every_answers(count):
        reached = help_after(given, voice)
        for place, value in enumerate(given):
            for higher in HIGHER[value]:
                raised = (*given[:place], higher, *given[place + 1 :])
                missing = reached - help_after(raised, voice)
                assert not missing, f"{given} -> {raised} : {missing}"


@pytest.mark.parametrize("voice", ["", "oui"])
def test_a_throat_that_was_squeezed_always_leads_to_the_samu(voice: str) -> None:
    for given in every_answers(len(FLAGS)):
        show, screen = after_answers(given, voice)
        assert show.outcome
        if given[FLAGS.index("couple_cou")] != "non":
            assert "15" in numbers_in(screen.text), given
            assert "même sans marque" in screen.text, given


@pytest.mark.parametrize("count", range(len(FLAGS) - 1))
def test_stopping_the_questions_shows_all_the_help_that_any_answers_left_would(count: int) -> None:
    for given in every_answers(count):
        asked, _ = after_answers(given, "")
        stopped = press(real().bundle, asked, "Voir l'aide maintenant")
        shown_then = help_on(stopped, real_renderer().render(stopped, TUESDAY))
        assert stopped.outcome
        for left in every_answers(len(FLAGS) - count):
            missing = help_after((*given, *left), "") - shown_then
            assert not missing, f"{given} puis {left} : {missing}"


def test_a_yes_or_a_doubt_is_answered_at_once() -> None:
    for doubt in ("oui", "ne_sait_pas"):
        assert {"17", "112", "114"} <= numbers_in(after_answers((doubt,), "")[1].text)
        assert {"15", "114"} <= numbers_in(after_answers(("non", doubt), "")[1].text)


def test_no_answer_at_all_still_shows_everything() -> None:
    show, screen = after_answers(("passe",) * 5, "")
    assert {"17", "112", "114", "15", "3919"} <= numbers_in(screen.text), said(show)


def test_whatever_was_answered_fear_is_enough_and_nobody_is_scored() -> None:
    for given in every_answers(len(FLAGS)):
        text = after_answers(given, "")[1].text
        assert "Votre peur suffit." in text
        assert "3919" in numbers_in(text)
        assert not re.search(r"faible|score|niveau|risque", text, re.IGNORECASE)


# --- What stands on a screen ---


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_every_screen_is_covered_whole_and_short(now: datetime) -> None:
    renderer = real_renderer()
    cover = renderer.text_of(COVER, "fr")
    for show, _ in looks():
        text = renderer.render(show, now).text
        assert text.startswith(f"{cover}\n\n")
        assert len(text) - len(cover) <= COMFORTABLE, said(show)
        assert utf16_units(text) <= TEXT_LIMIT
        assert not re.search(r"[{}!]|  |\n\n\n| \n|None", text), said(show)


def test_every_name_between_braces_has_a_value() -> None:
    """Or stands alone on its line, which then is not shown: when a door is open is not known."""
    renderer = real_renderer()
    for show, _ in looks():
        for part in show.parts:
            values = {name: value for name, value in show.slots.items() if value}
            values |= {**renderer.installation, **dict(part.arguments)}
            for line in part.variant.text.split("\n"):
                for name in () if line == "{horaires}" else placeholders(line):
                    assert renderer._value(name, values, "fr", TUESDAY), (name, said(show))


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_what_answers_typed_words_is_short_too(now: datetime) -> None:
    """« Personne n'a lu » comes first there: before a topic's first screen, before fixed texts."""
    bundle, renderer = real().bundle, real_renderer()
    cover = renderer.text_of(COVER, "fr")
    unread = Part(UNREAD, bundle.responses[UNREAD].variants[-1])
    firsts = [
        shown(bundle, State("fr", flow.id)) for flow in bundle.flows.values() if flow.triggers
    ]
    here = firsts[0]
    fixed = set(RESPONSES) - {UNREAD, COVER, "utter_bonjour", "utter_efface", "utter_ligne"}
    parts = [Part(name, bundle.responses[name].variants[-1]) for name in sorted(fixed)]
    card = bundle.responses["utter_ligne"].variants[-1]
    parts += [Part("utter_ligne", card, (("carte", line),)) for line in real().register.lines]
    for content in (*(show.parts for show in firsts), *((part,) for part in parts)):
        unread_once = (
            content if UNREAD in [part.response for part in content] else (unread, *content)
        )
        show = Show(here.state, unread_once, None, False, None, {}, here.visits, False)
        text = renderer.render(show, now).text
        assert len(text) - len(cover) <= COMFORTABLE, f"{len(text) - len(cover)} {said(show)}"


# --- What texts never say ---


def every_text() -> list[tuple[str, str]]:
    """Every text and every label of the real flows, with where it stands."""
    texts = []
    for response in real().bundle.responses.values():
        for variant in response.variants:
            texts.append((f"{response.name} l. {variant.span.line}", variant.text))
            texts += [(f"{response.name} bouton", one.title) for one in variant.buttons]
    for flow in real().bundle.flows.values():
        texts += [(flow.id, flow.name), (flow.id, flow.description)]
    return texts


NOT_NUMBERS = re.compile(r"\d+[ \u00A0](?:ans|jours|minutes)\b|« 94230 »")


def test_no_number_is_written_that_is_not_a_fact() -> None:
    """Only ages, durations and one example of a postcode: digits are filled in from the data.

    The licences of the data ask for their versions and dates, so one response says them.
    """
    for where, text in every_text():
        if where.startswith("utter_a_propos_sources"):
            continue
        written = NOT_NUMBERS.sub("", re.sub(r"\{[^{}]*\}", "", text))
        assert not re.search(r"\d", written), (where, text)


def test_nobody_is_shouted_at_or_asked_why() -> None:
    for where, text in every_text():
        assert "!" not in text, where
        assert "·" not in text or where.endswith("bouton"), where  # « Langue · Language »
        assert "pourquoi" not in text.casefold(), where


UNTRUE = ("rien n'est enregistré", "anonym", "confidentiel", "sécurisé", "s'efface automatiquement",
          "08victimes", "08 victimes", "3020", "sms au 112", "sms au {tel_112}")  # fmt: skip


def test_nothing_untrue_or_dangerous_is_promised() -> None:
    for where, text in every_text():
        for claim in UNTRUE:
            assert claim not in text.casefold(), (where, claim)


def test_advice_is_never_given_to_leave_stay_confront_or_complain() -> None:
    advice = re.compile(
        r"\b(il faut|vous devez|vous devriez|partez|quittez|restez|portez plainte)\b"
    )
    for where, text in every_text():
        assert not advice.search(text.casefold()), (where, text)
