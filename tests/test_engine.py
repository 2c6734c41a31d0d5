"""The answers are the state: where they lead is found again by replaying them."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.referral.signatures import SIGNATURES
from bot.triage.engine import (
    STEP_BUDGET,
    ReturnAddress,
    Returned,
    Run,
    Show,
    State,
    after,
    replay,
    sorted_answers,
    start,
)
from bot.triage.flow import (
    DETOURS,
    EMERGENCY,
    END,
    LANGUAGE_CHOICE,
    START,
    Branch,
    Bundle,
    Button,
    Call,
    Flow,
    GoBack,
    Noop,
    OpenSite,
    SetSlots,
    Start,
    Step,
)
from bot.triage.paths import PLACES, shows
from bot.triage.token import LANGUAGES
from tests.material import (
    AGE,
    LAWS,
    TUESDAY,
    bundle_of,
    button,
    names_shown,
    press,
    real,
    real_codes,
    real_renderer,
    shown,
    with_steps,
)

TWO = """\
slots:
  a: {type: categorical, values: [x, y]}
  b: {type: categorical, values: [x, y]}
  c: {type: categorical, values: [x, y]}
  nom: {type: categorical, values: [x, y], initial_value: x}
responses:
  utter_ask_a:
    - text: "A ? {tel_17} {tel_114}"
      buttons:
        - {title: AX, payload: "/SetSlots(a=x)"}
        - {title: AY, payload: "/SetSlots(a=y)"}
        - {title: AXBX, payload: "/SetSlots(a=x, b=x)"}
        - {title: Vers autre, payload: "/autre"}
  utter_ask_b:
    - text: "B ? {tel_17} {tel_114}"
      buttons: [{title: BX, payload: "/SetSlots(b=x)"}, {title: BY, payload: "/SetSlots(b=y)"}]
  utter_ask_c:
    - condition: [{type: slot, name: a, value: y}]
      text: "C sans X ? {tel_17} {tel_114}"
      buttons: [{title: CY, payload: "/SetSlots(c=y)"}]
    - text: "C ? {tel_17} {tel_114}"
      buttons: [{title: CX, payload: "/SetSlots(c=x)"}, {title: CY, payload: "/SetSlots(c=y)"}]
  utter_un: [{text: "Un. {tel_17} {tel_114}"}]
  utter_deux: [{text: "Deux. {tel_17} {tel_114}"}]
flows:
"""


def flows(text: str) -> Bundle:
    return bundle_of(TWO + text)


def flow(steps: str, more: str = "") -> Bundle:
    return flows(f"  essai: {{description: x, {more} steps: {steps}}}\n")


def at(bundle: Bundle, name: str = "essai", **answers: str) -> Show:
    return shown(bundle, State("fr", name, tuple(sorted(answers.items()))))


# --- One path, screen by screen ---


def test_a_question_waits_for_its_answer() -> None:
    bundle = flow("[{collect: a}, {action: utter_un}]")
    first = at(bundle)
    assert (names_shown(first), first.asks, first.outcome) == (["utter_ask_a"], "a", False)
    end = press(bundle, first, "AX")
    assert (names_shown(end), end.asks, end.outcome) == (["utter_un"], None, True)


def test_texts_add_up_to_one_screen_until_a_question() -> None:
    bundle = flow("[{action: utter_un}, {action: utter_deux}, {collect: a}, {action: utter_un}]")
    assert names_shown(at(bundle)) == ["utter_un", "utter_deux", "utter_ask_a"]
    assert names_shown(at(bundle, a="x")) == ["utter_un"]


def test_a_slot_that_is_filled_is_not_asked() -> None:
    bundle = flow("[{set_slots: [{a: x}]}, {collect: nom}, {collect: a}, {collect: b}]")
    assert at(bundle).asks == "b"


def test_the_same_question_is_not_asked_twice() -> None:
    bundle = flow("[{collect: a}, {collect: b}, {collect: a}, {action: utter_un}]")
    assert names_shown(press(bundle, press(bundle, at(bundle), "AX"), "BX")) == ["utter_un"]


def test_the_first_branch_that_holds_is_taken() -> None:
    bundle = flows(
        """\
  essai:
    description: x
    steps:
      - collect: a
        next:
          - if: slots.a
            then: un
          - if: slots.a is "x"
            then: deux
          - else: deux
      - {id: un, action: utter_un, next: END}
      - {id: deux, action: utter_deux}
"""
    )
    assert names_shown(at(bundle, a="x")) == ["utter_un"]


def test_one_wording_is_chosen_by_its_condition_and_the_last_one_else() -> None:
    bundle = flow("[{collect: a}, {collect: c}]")
    assert [one.title for _, one in at(bundle, a="y").offers] == ["CY"]
    assert [one.title for _, one in at(bundle, a="x").offers] == ["CX", "CY"]


def test_a_choice_offered_twice_on_a_screen_stands_once() -> None:
    bundle = bundle_of(
        AGE
        + """\
  utter_avant:
    - text: A
      buttons: [{title: Début, payload: /accueil}, {title: Site, payload: "/site(3919)"}]
  utter_apres: [{text: B, buttons: [{title: Autre sujet, payload: /accueil}]}]
flows:
  essai: {description: x, steps: [{action: utter_avant}, {action: utter_apres}]}
"""
    )
    assert [one.title for _, one in at(bundle).offers] == ["Début", "Site"]


def test_a_link_goes_there_with_persisted_slots_only_and_never_comes_back() -> None:
    bundle = flows(
        "  essai:\n    description: x\n    persisted_slots: [a]\n"
        "    steps: [{collect: a}, {collect: b}, {link: autre}]\n"
        "  autre:\n    description: x\n    persisted_slots: [a]\n"
        "    steps: [{collect: b}, {collect: a}, {action: utter_un}]\n"
    )
    end = press(bundle, press(bundle, at(bundle), "AX"), "BX")
    assert end.state == State("fr", "autre", (("a", "x"),))
    assert end.asks == "b"
    assert names_shown(press(bundle, end, "BY")) == ["utter_un"]


def test_a_call_runs_another_flow_and_comes_back_with_its_answers() -> None:
    bundle = flows(
        "  essai:\n    description: x\n"
        "    steps: [{collect: a}, {call: autre}, {action: utter_deux}, {collect: b}]\n"
        "  autre: {description: x, steps: [{collect: c}, {action: utter_un}]}\n"
    )
    asked = press(bundle, at(bundle), "AX")
    assert (asked.asks, asked.state.flow) == ("c", "essai")
    back = press(bundle, asked, "CX")
    assert names_shown(back) == ["utter_un", "utter_deux", "utter_ask_b"]
    assert back.slots["c"] == "x"
    assert back.previous == asked.state


def test_a_question_marked_as_an_outcome_is_one() -> None:
    bundle = flow("[{collect: a, metadata: {issue: true}}]")
    assert at(bundle).outcome
    assert at(bundle).asks == "a"


def test_an_end_that_says_so_is_no_outcome_to_keep() -> None:
    bundle = flow("[{action: utter_un, metadata: {issue: false}}]")
    assert not at(bundle).outcome
    assert at(flow("[{action: utter_un}]")).outcome


def test_a_press_on_a_flow_starts_it_afresh_with_persisted_slots_only() -> None:
    bundle = flows(
        "  essai: {description: x, persisted_slots: [b], steps: [{collect: b}, {collect: a}]}\n"
        "  autre: {description: x, steps: [{collect: a}]}\n"
    )
    here = press(bundle, at(bundle), "BX")
    assert after(bundle, here, Start("autre")) == State("fr", "autre", (("b", "x"),))
    assert start(bundle, "autre", here.state) == State("fr", "autre", (("b", "x"),))


def test_a_flow_whose_guard_does_not_hold_is_not_begun() -> None:
    bundle = flow("[{collect: b}]", "persisted_slots: [a], if: 'slots.a is \"x\"',")
    here = shown(bundle, State("fr", START))
    assert after(bundle, here, Start("essai")) == State("fr", START)
    allowed = State("fr", START, (("a", "x"),))
    assert start(bundle, "essai", allowed) == State("fr", "essai", (("a", "x"),))


def test_a_button_may_still_name_a_flow_by_its_former_name() -> None:
    bundle = flow("[{collect: a}]", "metadata: {anciens_noms: [vieux]},")
    state = after(bundle, shown(bundle, State("fr", START)), Start("vieux"))
    assert state is not None
    assert shown(bundle, state).state == State("fr", "essai")


def test_a_copied_number_or_an_opened_page_leads_nowhere() -> None:
    here = shown(real().bundle, State("fr", EMERGENCY))
    assert after(real().bundle, here, button(here, "Copier le SMS d'urgence").payload) is None
    assert after(real().bundle, here, OpenSite("tchat_police")) is None


# --- Actions ---


def test_an_action_is_asked_for_with_the_slots_and_its_result_is_shown() -> None:
    bundle = bundle_of(
        "slots: {n: {type: categorical, values: [un, deux]}}\n"
        "responses: {utter_x: [{text: '{tel_17} {tel_114}'}]}\n"
        "flows:\n  essai:\n    description: x\n    steps:\n"
        "      - {collect: lieu, force_slot_filling: true}\n"
        "      - action: action_lieux_proches\n        next:\n"
        "          - {if: 'slots.n is \"deux\"', then: fin}\n          - {else: END}\n"
        "      - {id: fin, action: utter_x}\n"
    )
    state = State("fr", "essai", (("lieu", "C94016"),))
    wanted = replay(bundle, state)
    assert wanted == Run("action_lieux_proches", {"lieu": "C94016", "n": None})
    span = bundle.slots["lieu"].span
    choice = Button("Cachan", SetSlots((("lieu", "D94"),)), "/SetSlots(lieu=D94)", span, span)
    one = Returned((("n", "un"),), (("utter_bureau", (("nom", "CIDFF"),), (choice,)),))
    ended = replay(bundle, state, [one])
    assert isinstance(ended, Show)
    assert [(part.response, part.arguments) for part in ended.parts] == [
        ("utter_bureau", (("nom", "CIDFF"),))
    ]
    assert [offer.title for _, offer in ended.offers] == ["Cachan"]
    other = replay(bundle, state, [replace(one, slots=(("n", "deux"),))])
    assert isinstance(other, Show)
    assert names_shown(other) == ["utter_bureau", "utter_x"]


def test_each_action_gets_the_result_of_its_own() -> None:
    bundle = bundle_of(
        "flows:\n  essai: {description: x, steps: [{action: action_lieux_proches},"
        " {action: action_lieux_proches}]}\n"
    )
    state = State("fr", "essai")
    first = Returned((), (("utter_bureau", (("nom", "A"),), ()),))
    assert isinstance(replay(bundle, state, [first]), Run)
    both = replay(bundle, state, [first, replace(first, says=(("utter_ligne", (), ()),))])
    assert isinstance(both, Show)
    assert names_shown(both) == ["utter_bureau", "utter_ligne"]


# --- Retour ---


def test_retour_after_a_press_that_answers_two_questions_leads_before_both() -> None:
    bundle = flow("[{collect: a}, {collect: b}, {collect: c}]")
    first = at(bundle)
    both = press(bundle, first, "AXBX")
    assert both.asks == "c"
    assert both.previous == first.state


def test_retour_leads_to_the_question_even_where_another_button_would_answer_both() -> None:
    bundle = flow("[{collect: a}, {collect: b}, {collect: c}]")
    second = press(bundle, at(bundle), "AY")
    assert press(bundle, second, "BX").previous == second.state


def test_retour_all_the_way_shows_every_screen_again() -> None:
    bundle = real().bundle
    seen = [shown(bundle, State("fr", "couple"))]
    for title in ("Répondre à des questions", "Oui", "Non", "Je ne sais pas", "Oui", "Non"):
        seen.append(press(bundle, seen[-1], title))
    for before, show in pairwise(seen):
        assert show.previous is not None
        assert shown(bundle, show.previous) == before


def test_retour_from_the_first_screen_of_a_topic_leads_to_the_menu() -> None:
    bundle = flow("[{collect: a}]")
    assert at(bundle).previous == State("fr", START)
    assert shown(bundle, State("fr", START)).previous is None


def test_retour_after_a_link_leads_to_the_last_screen_of_the_flow_that_was_left() -> None:
    bundle = flows(
        "  essai: {description: x, steps: [{collect: a}, {link: autre}]}\n"
        "  autre: {description: x, steps: [{action: utter_un}, {link: bout}]}\n"
        "  bout: {description: x, steps: [{collect: b}]}\n"
    )
    first = at(bundle)
    assert press(bundle, first, "AX").previous == first.state


def test_a_link_to_urgence_comes_back_to_the_screen_it_was_pressed_on() -> None:
    bundle = flows("  essai: {description: x, steps: [{collect: a}, {link: urgence}]}\n")
    first = at(bundle)
    urgent = press(bundle, first, "AX")
    assert urgent.state == State("fr", EMERGENCY, (), ReturnAddress("essai", ()))
    assert press(bundle, urgent, "Ce n'est pas maintenant").state == first.state


def test_a_flow_that_links_at_once_to_urgence_has_no_screen_to_come_back_to() -> None:
    bundle = flows("  essai: {description: x, steps: [{link: urgence}]}\n")
    urgent = at(bundle)
    assert urgent.state == State("fr", EMERGENCY)
    assert after(bundle, urgent, GoBack()) == State("fr", START)


# --- Along urgence and back, on the real flows ---


def test_pressing_the_emergency_row_twice_still_comes_back_to_where_one_was() -> None:
    bundle = real().bundle
    here = press(bundle, shown(bundle, State("fr", "couple")), "Répondre à des questions")
    urgent = shown(bundle, start(bundle, EMERGENCY, here.state, here.slots))
    again = shown(bundle, start(bundle, EMERGENCY, urgent.state, urgent.slots))
    deeper = press(bundle, again, "Blessure ou étranglement")
    assert press(bundle, deeper, "Ce n'est pas maintenant") == here
    assert urgent.previous == here.state


def test_whoever_told_urgence_that_they_cannot_speak_is_not_asked_to_phone_afterwards() -> None:
    """`sans_voix` stays from one topic to the next, also along « Ce n'est pas maintenant »."""
    bundle = real().bundle
    here = shown(bundle, State("fr", "couple"))
    urgent = shown(bundle, start(bundle, EMERGENCY, here.state, here.slots))
    mute = press(bundle, urgent, "Je ne peux pas parler")
    assert press(bundle, mute, "Autre sujet").slots["sans_voix"] == "oui"
    assert press(bundle, mute, "Ce n'est pas maintenant").slots["sans_voix"] == "oui"


# --- Laws, on random walks through the real flows ---

TOPICS = st.deferred(lambda: st.sampled_from(sorted(real().bundle.flows)))
WALKS = st.tuples(TOPICS, st.lists(st.integers(0, 23), max_size=9))
Walk = tuple[str, list[int]]


def walked(walk: Walk) -> list[tuple[Show, object]]:
    """Screens in the order they were seen, each with what was pressed to see it.

    A walk is a topic, then for each screen the number of a button, whatever it holds.
    """
    topic, choices = walk
    seen: list[tuple[Show, object]] = [(again(State("fr", topic))[0], None)]
    for choice in choices:
        leads = _leads(seen[-1][0])
        payload, state = leads[choice % len(leads)]
        endings = again(state)
        seen.append((endings[choice % len(endings)], payload))
    return seen


def _leads(show: Show) -> list[tuple[object, State]]:
    bundle = real().bundle
    payloads = [one.payload for _, one in show.offers]
    if show.asks is not None and bundle.slots[show.asks].kind == "place":
        payloads += [SetSlots(((show.asks, place),)) for place in PLACES]
    leads: list[tuple[object, State]] = [
        (payload, state) for payload in payloads if (state := after(bundle, show, payload))
    ]
    leads.append(("17 · 112 · 114", start(bundle, EMERGENCY, show.state, show.slots)))
    return [*leads, ("Retour", show.previous)] if show.previous else leads


def again(state: State) -> list[Show]:
    return [show for show, _ in shows(real().bundle, state, SIGNATURES)]


@LAWS
@given(WALKS)
def test_replaying_twice_shows_the_same(walk: Walk) -> None:
    for show, _ in walked(walk):
        assert again(show.state) == again(show.state)


@LAWS
@given(WALKS)
def test_the_state_of_a_screen_leads_to_that_very_screen(walk: Walk) -> None:
    for show, _ in walked(walk):
        assert seen_on(show) in [seen_on(one) for one in again(show.state)]


@LAWS
@given(WALKS)
def test_a_slot_that_is_filled_is_never_asked(walk: Walk) -> None:
    for show, _ in walked(walk):
        assert show.asks is None or show.slots[show.asks] is None


@settings(LAWS, max_examples=60)
@given(WALKS)
def test_retour_leads_to_the_screen_that_was_seen_before(walk: Walk) -> None:
    for (before, _), (show, payload) in pairwise(walked(walk)):
        if isinstance(payload, SetSlots):
            assert show.previous == before.state


@LAWS
@given(WALKS)
def test_leaving_urgence_restores_the_very_screen(walk: Walk) -> None:
    bundle = real().bundle
    for show, _ in walked(walk):
        if show.state.flow in DETOURS:
            continue
        urgent = shown(bundle, start(bundle, EMERGENCY, show.state, show.slots))
        back = after(bundle, urgent, button(urgent, "Ce n'est pas maintenant").payload)
        assert back == urgent.previous == carrying(show, "sans_voix")
        assert looked_at(show) in [looked_at(one) for one in again(back)]


@LAWS
@given(WALKS)
def test_changing_the_language_changes_nothing_else(walk: Walk) -> None:
    bundle = real().bundle
    for show, _ in walked(walk):
        if show.state.flow in DETOURS:
            continue
        choice = shown(bundle, start(bundle, LANGUAGE_CHOICE, show.state, show.slots))
        spoken = after(bundle, choice, button(choice, "English").payload)
        assert spoken == replace(show.state, language="en")


def carrying(show: Show, *persisted: str) -> State:
    """The screen's state with what its own flow has set for good."""
    known = {name: show.slots[name] for name in persisted if show.slots.get(name)}
    return replace(show.state, answers=sorted_answers({**dict(show.state.answers), **known}))


@LAWS
@given(WALKS)
def test_a_new_topic_takes_only_persisted_slots_along(walk: Walk) -> None:
    bundle = real().bundle
    for show, _ in walked(walk):
        for topic in bundle.flows:
            begun = start(bundle, topic, show.state, show.slots)
            assert {name for name, _ in begun.answers} <= set(bundle.persisted)
            assert dict(begun.answers).items() <= show.slots.items()
            assert topic in DETOURS or begun.back is None
            assert begun.back is None or begun.back.flow not in (topic, LANGUAGE_CHOICE)


@LAWS
@given(WALKS)
def test_a_screen_does_not_depend_on_the_language_it_is_told_in(
    walk: Walk,
) -> None:
    for show, _ in walked(walk):
        other = again(replace(show.state, language="ar"))
        assert seen_on(show) in [seen_on(one) for one in other]
        assert all(one.state.language == "ar" for one in other)


def seen_on(show: Show) -> object:
    return (looked_at(show), show.state.answers)


def looked_at(show: Show) -> object:
    parts = tuple((part.response, part.variant.span, part.arguments) for part in show.parts)
    return (show.asks, show.outcome, parts)


# --- Whatever a button claims, there is a screen ---

WORDS = st.one_of(
    TOPICS,
    st.deferred(lambda: st.sampled_from(sorted(real().bundle.slots))),
    st.sampled_from(["oui", "non", "passe", "C94016", "F", "D974"]),
    st.text(max_size=6),
)
ANSWERS = st.dictionaries(WORDS, WORDS, max_size=8).map(lambda pairs: tuple(sorted(pairs.items())))
STATES = st.builds(
    State,
    st.sampled_from(sorted(LANGUAGES)),
    WORDS,
    ANSWERS,
    st.none() | st.builds(ReturnAddress, WORDS, ANSWERS),
)


@settings(LAWS, max_examples=60)
@given(STATES)
def test_a_forged_state_leads_to_a_screen_with_known_answers_only(state: State) -> None:
    bundle = real().bundle
    for show, _ in shows(bundle, state, SIGNATURES):
        assert show.state.flow in bundle.flows
        for name, value in show.state.answers:
            assert bundle.slots[name].accepts(value)
        assert show.parts


@settings(LAWS, max_examples=30)
@given(STATES)
def test_a_forged_state_can_be_rendered_and_carried_by_buttons(state: State) -> None:
    """Also one that names a flow which a reload has just taken away, as where to come back to."""
    for show, _ in shows(real().bundle, state, SIGNATURES):
        assert real_renderer().render(show, TUESDAY).text
        assert len(real_codes().encode(show.state)) <= 64


@pytest.mark.parametrize("answers", [{"a": "z"}, {"zz": "x"}, {"a": ""}, {"b": "x"}])
def test_an_answer_that_is_no_longer_known_is_asked_again(answers: Mapping[str, str]) -> None:
    bundle = flow("[{collect: a}, {collect: b}]")
    assert at(bundle, **answers).asks == "a"


def test_an_unknown_flow_gives_the_first_screen() -> None:
    bundle = flow("[{collect: a}]")
    assert at(bundle, "jamais_vu").state == State("fr", START)


def test_a_former_flow_gives_the_flow_of_today() -> None:
    bundle = flow("[{collect: a}]", "metadata: {anciens_noms: [vieux]},")
    assert at(bundle, "vieux", a="x").state == State("fr", "essai", (("a", "x"),))


def test_a_loop_that_slipped_through_ends_in_a_screen() -> None:
    """No bundle that passed its checks has one; the budget holds whatever was loaded."""
    bundle = bundle_of(with_steps("- action: utter_fin"))
    span = bundle.flows["essai"].span
    turning = Step("a", Noop(), (Branch(None, 0, span),), span, span)
    calling = Step("b", Call("essai"), (Branch(None, END, span),), span, span)
    for step in (turning, calling):
        looped = {**bundle.flows, "essai": Flow("essai", "x", "x", (step,), span)}
        show = shown(replace(bundle, flows=looped), State("fr", "essai"))
        assert len(show.visits) == STEP_BUDGET


def test_real_paths_stay_far_below_the_budget() -> None:
    for flow_id in real().bundle.flows:
        for show, _ in shows(real().bundle, State("fr", flow_id), SIGNATURES):
            assert len(show.visits) < STEP_BUDGET / 10
