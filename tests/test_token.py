"""A button carries a state in 64 bytes, and the state survives what volunteers do to flow files."""

import re
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.referral.signatures import SIGNATURES
from bot.triage.engine import ReturnAddress, State, start
from bot.triage.flow import EMERGENCY, START
from bot.triage.paths import shows
from bot.triage.screen import KEEP, LEAVE
from bot.triage.token import CALLBACK_LIMIT, LANGUAGES, Codebook, clashes
from tests.material import (
    LAWS,
    TOKEN,
    bundle_of,
    every_walk,
    question,
    questions,
    real,
    real_codes,
    shown,
)


def carried(before: str, after: str, state: State) -> State | None:
    """What a button made before an edit of the topic means after it."""
    return Codebook(bundle_of(after)).decode(Codebook(bundle_of(before)).encode(state))


# --- Every state that can be reached ---


@pytest.mark.long
def test_every_state_that_can_be_reached_comes_back_from_its_token() -> None:
    codes = real_codes()
    for show in every_walk().seen:
        token = codes.encode(show.state)
        assert codes.decode(token) == show.state
        assert re.fullmatch(TOKEN, token)


def test_every_state_comes_back_along_urgence_too() -> None:
    """From each screen, whatever was then answered in `urgence`, nothing is lost on the way."""
    bundle, codes = real().bundle, real_codes()
    deep = max(
        (show.state for show in every_walk().seen if show.state.flow == EMERGENCY),
        key=codes.size,
    )
    for show in every_walk().seen:
        if show.state.flow == EMERGENCY:
            continue
        entry = start(bundle, EMERGENCY, show.state, show.slots)
        back = ReturnAddress(show.state.flow, show.state.answers)
        for state in (entry, State("fr", EMERGENCY, deep.answers, back)):
            token = codes.encode(state)
            assert codes.decode(token) == state
            assert re.fullmatch(TOKEN, token)


def test_different_states_have_different_tokens() -> None:
    states = {show.state for show in every_walk().seen}
    assert len({real_codes().encode(state) for state in states}) == len(states)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_carried(language: str) -> None:
    state = State(language, "couple", (("couple_choix", "questions"),))
    assert real_codes().decode(real_codes().encode(state)) == state


@pytest.mark.parametrize("place", ["C94016", "C2A004", "C97411", "D94", "D2A", "D974", "F"])
def test_every_form_of_place_is_carried(place: str) -> None:
    state = State("fr", "lieu", (("lieu", place), ("lieu_suite", "pas_de_reponse")))
    assert real_codes().decode(real_codes().encode(state)) == state


def test_whatever_names_are_a_token_is_a_deep_link() -> None:
    values = [f"v{number}" for number in range(500)]
    codes = Codebook(bundle_of(TOPIC.replace("[mineur, majeur]", f"[{', '.join(values)}]")))
    for value in values:
        assert re.fullmatch(TOKEN, codes.encode(State("fr", "essai", (("age", value),))))


def test_a_token_is_never_taken_for_a_command_of_the_channel() -> None:
    assert not any(letter.startswith("_") for letter in LANGUAGES.values())
    assert real_codes().decode(LEAVE) is None
    assert real_codes().decode(KEEP) is None


# --- Any data at all ---

REAL_TOKENS = st.deferred(
    lambda: st.sampled_from(sorted({real_codes().encode(one.state) for one in every_walk().seen}))
)


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """A real token with characters lost, changed, doubled or added."""
    token = list(draw(REAL_TOKENS))
    for _ in range(draw(st.integers(0, 3))):
        where = draw(st.integers(0, len(token)))
        width = draw(st.integers(0, 3))
        token[where : where + width] = draw(st.text(alphabet="AZaz09_-é", max_size=3))
    return "".join(token)


@settings(LAWS, max_examples=80)
@given(st.one_of(st.text(max_size=70), spoilt(), st.from_regex(TOKEN, fullmatch=True)))
@example("")
@example("f")
@example("f" * 64)
@example("f" * 65)
@example("\ud800")
@example("fr\udfff-")
def test_any_data_gives_a_state_that_leads_to_a_screen_or_none(data: str) -> None:
    codes, bundle = real_codes(), real().bundle
    state = codes.decode(data)
    if state is None:
        return
    assert state.flow in bundle.flows
    assert all(bundle.slots[name].accepts(value) for name, value in state.answers)
    assert state.back is None or state.back.flow in bundle.flows
    assert codes.decode(codes.encode(state)) == state
    for show, _ in shows(bundle, state, SIGNATURES):
        assert re.fullmatch(TOKEN, codes.encode(show.state))


@LAWS
@given(st.binary(max_size=64))
def test_any_bytes_give_a_state_or_none(raw: bytes) -> None:
    state = real_codes().decode(raw.decode("latin-1"))
    assert state is None or state.flow in real().bundle.flows


@settings(LAWS, max_examples=40)
@given(REAL_TOKENS, st.integers(0, 64))
def test_a_token_cut_short_keeps_the_flow_and_whole_answers(token: str, length: int) -> None:
    whole, cut = real_codes().decode(token), real_codes().decode(token[:length])
    assert whole is not None
    if cut is not None:
        assert cut.flow == whole.flow
        assert cut.answers == whole.answers[: len(cut.answers)]


def test_an_unknown_flow_gives_the_first_screen_in_the_same_language() -> None:
    known = {real_codes().encode(State("fr", flow))[1:3] for flow in real().bundle.flows}
    unknown = next(f"e{a}{b}" for a in "ABC" for b in "abc" if a + b not in known)
    assert real_codes().decode(unknown) == State("en", START)


# --- What editing does to the buttons that people already have ---

TOPIC = """\
slots:
  age: {type: categorical, values: [mineur, majeur]}
  seul: {type: categorical, values: [oui, non]}
responses:
  utter_ask_age:
    - text: "Âge ? {tel_17} {tel_114}"
      buttons:
        - {title: Moins, payload: "/SetSlots(age=mineur)"}
        - {title: Plus, payload: "/SetSlots(age=majeur)"}
  utter_ask_seul:
    - text: "Seul ? {tel_17} {tel_114}"
      buttons:
        - {title: Oui, payload: "/SetSlots(seul=oui)"}
        - {title: Non, payload: "/SetSlots(seul=non)"}
flows:
  essai:
    description: x
    steps:
      - collect: age
      - collect: seul
      - action: utter_accueil
"""
STATE = State("fr", "essai", (("age", "mineur"), ("seul", "oui")))


def edited(*changes: tuple[str, str]) -> str:
    text = TOPIC
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def test_a_text_a_title_or_a_comment_changes_no_button() -> None:
    after = edited(("Âge ?", "Quel âge ?"), ("Moins", "Moins de 18 ans"), ("flows:", "# !\nflows:"))
    assert carried(TOPIC, after, STATE) == STATE


def test_an_option_more_or_in_another_order_changes_no_button() -> None:
    after = edited(("[mineur, majeur]", "[senior, majeur, mineur]"), ("[oui, non]", "[non, oui]"))
    assert carried(TOPIC, after, STATE) == STATE


@settings(LAWS, max_examples=20)
@given(st.lists(st.from_regex(r"[a-z][a-z_]{0,6}", fullmatch=True), max_size=5), st.randoms())
def test_whatever_options_come_an_answer_keeps_its_meaning(
    added: list[str], random: Random
) -> None:
    values = sorted({"mineur", "majeur", *added})
    random.shuffle(values)
    after = edited(("[mineur, majeur]", f"[{', '.join(values)}]"))
    if not list(clashes(bundle_of(after))):
        assert carried(TOPIC, after, STATE) == STATE


def test_a_question_more_before_or_between_keeps_the_answers_given() -> None:
    after = edited(
        ("slots:\n", "slots:\n  avant: {type: bool}\n"),
        ("responses:\n", f"responses:\n{question('avant', 'true', 'false')}"),
        ("      - collect: age\n", "      - collect: avant\n      - collect: age\n"),
    )
    assert carried(TOPIC, after, STATE) == STATE
    assert shown(bundle_of(after), STATE).asks == "avant"


def test_steps_in_another_order_keep_the_answers_given() -> None:
    after = edited(
        (
            "      - collect: age\n      - collect: seul\n",
            "      - collect: seul\n      - collect: age\n",
        )
    )
    assert carried(TOPIC, after, STATE) == STATE


def test_a_slot_that_is_gone_is_skipped_and_the_others_are_kept() -> None:
    after = edited(
        ("  age: {type: categorical, values: [mineur, majeur]}\n", ""),
        ("      - collect: age\n", ""),
        (TOPIC[TOPIC.index("  utter_ask_age") : TOPIC.index("  utter_ask_seul")], ""),
    )
    assert carried(TOPIC, after, STATE) == State("fr", "essai", (("seul", "oui"),))


def test_a_value_that_is_gone_is_asked_again() -> None:
    after = edited(
        ("[mineur, majeur]", "[majeur]"), ("/SetSlots(age=mineur)", "/SetSlots(age=majeur)")
    )
    state = carried(TOPIC, after, STATE)
    assert state == State("fr", "essai", (("seul", "oui"),))
    assert shown(bundle_of(after), state).asks == "age"


def test_a_flow_that_was_renamed_is_found_by_its_former_name() -> None:
    renamed = edited(("  essai:\n", "  nouveau:\n    metadata: {anciens_noms: [essai]}\n"))
    assert carried(TOPIC, renamed, STATE) == State("fr", "nouveau", STATE.answers)
    keyed = edited(("  essai:\n", "  nouveau:\n    metadata: {cle: essai}\n"))
    assert carried(TOPIC, keyed, STATE) == State("fr", "nouveau", STATE.answers)


def test_a_slot_that_was_renamed_keeps_its_key() -> None:
    renamed = edited(("age", "tranche")).replace(
        "tranche: {type: categorical,", "tranche: {metadata: {cle: age}, type: categorical,"
    )
    kept = carried(TOPIC, renamed, STATE)
    assert kept == State("fr", "essai", (("seul", "oui"), ("tranche", "mineur")))


def test_a_value_that_was_renamed_keeps_its_key() -> None:
    renamed = edited(("mineur", "enfant")).replace(
        "age: {type: categorical,", "age: {metadata: {cles: {enfant: mineur}}, type: categorical,"
    )
    kept = carried(TOPIC, renamed, STATE)
    assert kept == State("fr", "essai", (("age", "enfant"), ("seul", "oui")))


def test_without_its_key_a_renamed_flow_begins_again_and_never_goes_astray() -> None:
    assert carried(TOPIC, edited(("  essai:\n", "  nouveau:\n")), STATE) == State("fr", START)


def test_a_renamed_flow_is_still_where_urgence_comes_back_to() -> None:
    renamed = edited(("  essai:\n", "  nouveau:\n    metadata: {anciens_noms: [essai]}\n"))
    state = State("fr", EMERGENCY, (), ReturnAddress("essai", STATE.answers))
    assert carried(TOPIC, renamed, state) == State(
        "fr", EMERGENCY, (), ReturnAddress("nouveau", STATE.answers)
    )


# --- When 64 bytes are full ---


def answered(count: int) -> tuple[tuple[str, str], ...]:
    return tuple((f"q{n:02}", "x") for n in range(count))


def test_the_return_address_goes_first_where_64_bytes_are_full() -> None:
    """Language and flow 3, « - » and flow 3, 4 for each answer: 14 answers behind it fit."""
    codes = Codebook(bundle_of(questions(15)))
    fits = State("fr", EMERGENCY, (), ReturnAddress("essai", answered(14)))
    assert len(codes.encode(fits)) == 62
    assert codes.decode(codes.encode(fits)) == fits
    full = State("fr", EMERGENCY, (), ReturnAddress("essai", answered(15)))
    assert codes.decode(codes.encode(full)) == State("fr", EMERGENCY)
    assert codes.size(full) == 3


def test_an_answer_is_only_lost_after_the_return_address() -> None:
    codes = Codebook(bundle_of(questions(20)))
    whole = State("fr", "essai", answered(15), ReturnAddress("lieu", ()))
    assert codes.decode(codes.encode(whole)) == State("fr", "essai", answered(15))
    over = State("fr", "essai", answered(20))
    assert codes.size(over) > CALLBACK_LIMIT
    assert codes.decode(codes.encode(over)) == State("fr", "essai", answered(15))


def test_a_button_without_a_return_address_leads_back_to_the_start() -> None:
    bundle = bundle_of(questions(15))
    codes = Codebook(bundle)
    token = codes.encode(State("fr", EMERGENCY, (), ReturnAddress("essai", answered(15))))
    state = codes.decode(token)
    assert state is not None
    assert shown(bundle, state).previous == State("fr", START)
