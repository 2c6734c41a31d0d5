"""Volunteers' own conversation tests say what went otherwise, and none of them passes by chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outputs.checkup import read_scripts
from bot.reading.problem import Problem, errors
from bot.triage.engine import Returned, State
from bot.triage.screen import Press
from bot.triage.script import (
    Case,
    Failure,
    Heard,
    Says,
    Script,
    Sees,
    button_meant,
    judge,
    names_a_button,
    read_script,
)
from tests.material import (
    LAWS,
    ROOT,
    TUESDAY,
    keys,
    marked,
    presses,
    real,
    real_renderer,
    shown,
)

FILE = "tests/conversations/essai.yml"
WHOLE = """\
fixtures:
  - deja_en_securite:
      - en_securite: oui
      - sans_voix: non
stub_custom_actions:
  action_lieux_proches:
    events:
      - {event: slot, name: lieu, value: D94}
    responses:
      - {response: utter_bureau, nom: CIDFF, telephone: "+33172165650"}
test_cases:
  - test_case: "Une personne cherche un lieu"
    fixtures: [deja_en_securite]
    steps:
      - user: "/lieu"
      - utter: utter_ask_lieu
      - user: Cachan
      - bot: "CIDFF"
      - slot_was_set:
          - lieu: D94
          - sans_voix: non
      - assertions:
          - flow_started: lieu
          - slot_was_set: [{name: lieu, value: D94}]
          - bot_uttered:
              utter_name: utter_bureau
              text_matches: "CID+F"
              buttons: [{title: "Autre sujet", payload: "/accueil"}]
"""


def script_of(text: str) -> Script:
    script, found = read_script(text, FILE)
    assert not found, [one.sentence() for one in found]
    return script


def problems(text: str) -> list[Problem]:
    return read_script(text, FILE)[1]


def steps(text: str) -> str:
    return f"test_cases:\n  - test_case: essai\n    steps:\n{text}"


def only_case(text: str) -> Case:
    [case] = script_of(text).cases
    return case


# --- Reading ---


def test_every_step_is_read_in_its_order() -> None:
    case = only_case(WHOLE)
    assert case.name == "Une personne cherche un lieu"
    assert case.given == (("en_securite", "oui"), ("sans_voix", "non"))
    told = [
        (one.text,) if isinstance(one, Says) else (one.kind, one.name, one.value)
        for one in case.steps
    ]
    assert told == [
        ("/lieu",),
        ("utter", "utter", "utter_ask_lieu"),
        ("Cachan",),
        ("bot", "bot", "CIDFF"),
        ("slot", "lieu", "D94"),
        ("slot", "sans_voix", "non"),
        ("flow", "flow", "lieu"),
        ("slot", "lieu", "D94"),
        ("utter", "utter_name", "utter_bureau"),
        ("matches", "text_matches", "CID+F"),
        ("button", "title", "Autre sujet /accueil"),
    ]
    assert (case.steps[0].span.line, case.steps[0].span.column) == (15, 15)


def test_a_stub_stands_for_what_an_action_would_give_back() -> None:
    assert script_of(WHOLE).stubs == {
        "action_lieux_proches": Returned(
            (("lieu", "D94"),),
            (("utter_bureau", (("nom", "CIDFF"), ("telephone", "+33172165650")), ()),),
        )
    }


def test_the_conversations_of_this_house_are_read_without_a_problem() -> None:
    scripts, found = read_scripts(ROOT / "tests" / "conversations", {})
    assert not found
    assert all(script.cases for script in scripts)


WRONG = {
    "test.vide": "test_cases:\n  - test_case: ▶essai\n    steps: []\n",
    "test.pas": steps("      - ▶user: a\n        bot: b\n"),
    "cle.inconnue": steps("      - ▶utterr: a\n"),
    "cle.absente": "▶fixtures: []\n",
    "forme.liste": "test_cases: ▶essai\n",
    "forme.texte": steps("      - user: ▶[a]\n"),
    "forme.texte_vide": steps('      - user: ▶""\n'),
    "forme.dictionnaire": steps("      - ▶salut\n"),
}


@pytest.mark.parametrize("code", WRONG)
def test_a_mistake_is_told_where_it_stands(code: str) -> None:
    clean, [place] = marked(WRONG[code])
    found = problems(clean)
    assert (code, *place) in [(one.code, one.span.line, one.span.column) for one in found]
    assert all(one.sentence("fr") != one.sentence("en") for one in found)


def test_a_fixture_that_does_not_exist_is_told() -> None:
    clean, [place] = marked(WHOLE.replace("fixtures: [deja", "fixtures: [▶deya"))
    [one] = problems(clean)
    assert (one.span.line, one.span.column) == place


def test_a_key_that_rasa_knows_and_we_do_not_is_never_passed_over() -> None:
    assert errors(problems(steps("      - assertions: [{slot_was_not_set: [a]}]\n")))
    assert errors(problems(steps("      - assertions: [{bot_uttered: {text_match: a}}]\n")))
    assert errors(problems(steps("      - slot_was_not_set: [a]\n")))


def test_a_pattern_that_is_none_is_told() -> None:
    """Else the whole run would end in a traceback."""
    text = steps('      - assertions: [{bot_uttered: {text_matches: "(ici"}}]\n')
    assert errors(problems(text))


@LAWS
@given(st.text(max_size=60))
def test_any_text_is_cases_or_problems(text: str) -> None:
    script, found = read_script(text, FILE)
    assert script.cases or found


@LAWS
@given(st.data())
def test_a_file_broken_anywhere_is_cases_or_problems(data: st.DataObject) -> None:
    lines = WHOLE.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        where = data.draw(st.integers(0, len(lines) - 1))
        lines[where] = data.draw(st.sampled_from(["", *lines, " " + lines[where], "- a: [b]"]))
    for one in problems("\n".join(lines)):
        assert one.sentence("fr")
        assert one.sentence("en")


# --- Judging what was seen ---


def heard(flow: str = "couple", **answers: str) -> Heard:
    show = shown(real().bundle, State("fr", flow, tuple(sorted(answers.items()))))
    return Heard(real_renderer().render(show, TUESDAY), show)


def judged(step: str, seen: Heard) -> Failure | None:
    """What is told of one expectation before this screen."""
    [wanted] = only_case(steps(f"      - {step}\n")).steps
    assert isinstance(wanted, Sees)
    return judge("essai", wanted, seen)


@pytest.mark.parametrize(
    "step",
    [
        "utter: utter_ask_couple_choix",
        'bot: "Ce n\'est pas de votre faute."',
        "slot_was_set: [{couple_choix: None}]",
        "assertions: [{flow_started: couple}]",
        'assertions: [{bot_uttered: {text_matches: "3919, .* Info"}}]',
        'assertions: [{bot_uttered: {buttons: [{title: "Je suis un homme"}]}}]',
    ],
)
def test_what_is_on_the_screen_passes(step: str) -> None:
    assert judged(step, heard()) is None


@pytest.mark.parametrize(
    ("step", "came"),
    [
        ("utter: utter_couple_ecrit", "utter_ask_couple_choix"),
        ('bot: "Bonne nuit"', "Informations pratiques"),
        ("slot_was_set: [{couple_choix: ecrire}]", "None"),
        ("assertions: [{flow_started: lieu}]", "couple"),
        ('assertions: [{bot_uttered: {text_matches: "^3919"}}]', "Informations pratiques"),
        ('assertions: [{bot_uttered: {buttons: [{title: "Elle"}]}}]', "Je suis un homme"),
    ],
)  # fmt: skip
def test_what_is_not_on_the_screen_fails_and_tells_what_came(step: str, came: str) -> None:
    failure = judged(step, heard())
    assert failure is not None
    assert came in failure.came
    assert failure.span.file == FILE
    assert failure.span.line == 4


def test_an_answer_is_told_with_its_slot() -> None:
    failure = judged("slot_was_set: [{couple_choix: ecrire}]", heard())
    assert failure is not None
    assert failure.expected == "couple_choix=ecrire"
    assert judged("slot_was_set: [{couple_choix: ecrire}]", heard(couple_choix="ecrire")) is None


def test_a_button_is_judged_by_what_it_does_too() -> None:
    """`payload` is part of Rasa's form: never looked at, it would make tests that cannot fail."""
    step = 'assertions: [{bot_uttered: {buttons: [{title: "Je suis un homme", payload: "/lieu"}]}}]'
    expected = only_case(steps(f"      - {step}\n")).steps
    assert any(isinstance(one, Sees) and judge("x", one, heard()) for one in expected)


def test_whoever_has_left_sees_nothing_more() -> None:
    failure = judged("utter: utter_ask_couple_choix", Heard(None, None))
    assert failure is not None
    assert failure.came == "(la conversation est fermée)"


# --- Which button a step means ---


def test_a_button_is_meant_by_its_title_or_by_its_payload() -> None:
    here = heard()
    assert here.screen is not None
    data = presses(here.screen)["Je suis un homme"]
    assert button_meant("Je suis un homme", here.screen, here.show) == data
    assert button_meant("/SetSlots(couple_choix=homme)", here.screen, here.show) == data
    assert button_meant("✕ Sortir", here.screen, here.show) == "_s"
    assert button_meant("17 · 112 · 114", here.screen, None) is not None


def test_a_button_that_is_not_on_the_screen_is_none() -> None:
    here = heard()
    assert here.screen is not None
    assert button_meant("Au travail", here.screen, here.show) is None
    assert button_meant("/SetSlots(couple_choix=inconnu)", here.screen, here.show) is None
    assert names_a_button("Au travail", real().bundle)
    assert names_a_button("/SetSlots(rien=x)", real().bundle)
    assert not names_a_button("je ne sais plus quoi faire", real().bundle)


def test_each_button_of_a_screen_can_be_meant_by_its_title() -> None:
    here = heard()
    assert here.screen is not None
    for key in keys(here.screen):
        if isinstance(key, Press):
            assert button_meant(key.label, here.screen, here.show) == key.data
