"""Flow files become flows as their author meant them, or every problem of form is told at once."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reading.problem import Problem, report
from bot.triage.engine import State
from bot.triage.flow import (
    END,
    Act,
    Bundle,
    Call,
    Collect,
    CopyFact,
    Flow,
    GoBack,
    Link,
    Noop,
    OpenSite,
    SetSlots,
    Speak,
    Start,
    is_place,
)
from bot.triage.flowfile import read_bundle
from bot.triage.responsefile import parse_payload
from tests.material import (
    COMMON,
    LAWS,
    TOPIC,
    bundle_of,
    marked,
    names_shown,
    real,
    shown,
    told,
    with_steps,
)

SAMPLE = """\
# yaml-language-server: $schema=.schema/flows.schema.json
slots:
  en_securite: {type: categorical, values: [oui, non, ne_sait_pas]}
  quartier:    {type: text, metadata: {saisie: lieu}}
  majeur:      {type: bool, initial_value: true, mappings: [{type: controlled}]}
flows:
  trouver_un_lieu:
    name: "Trouver un lieu d'aide"
    description: "Propose le CIDFF du département."
    nlu_trigger: [{intent: lieu}]
    persisted_slots: [en_securite]
    metadata: {compter: true, anciens_noms: [vieux, ancien]}
    steps:
      - collect: en_securite
        next:
          - if: slots.en_securite is "oui"
            then: q_lieu
          - if: slots.en_securite is "non" and slots.majeur
            then:
              - set_slots: [{majeur: false}]
              - call: rappel
                next: END
          - else:
              - link: urgence
      - id: q_lieu
        collect: quartier
        force_slot_filling: true
        utter: utter_ask_ou
      - noop: true
        next: fin
      - id: fin
        action: action_lieux_proches
  rappel:
    description: "Rappelle les numéros."
    if: false
    steps:
      - action: utter_rappel
        metadata: {issue: true}
responses:
  utter_ask_en_securite:
    - condition: [{type: slot, name: majeur, value: true}]
      text: "Pouvez-vous écrire sans danger ?"
      buttons:
        - {title: "Oui", payload: "/SetSlots(en_securite=oui)"}
        - {title: "Non", payload: "/SetSlots(en_securite='non', majeur=false)"}
    - text: "Tu peux écrire ?"
      buttons: [{title: "Je ne sais pas", payload: "/SetSlots(en_securite=ne_sait_pas)"}]
  utter_ask_ou: [{text: "Où ?"}]
  utter_rappel: [{text: "{tel_17} {tel_114}"}]
nlu:
  - intent: lieu
    examples: |
      - cidff
      - une association près de chez moi
"""


def flow_of(bundle: Bundle, name: str) -> Flow:
    return bundle.flows[name]


def targets(flow: Flow) -> list[list[int]]:
    return [[branch.target for branch in step.branches] for step in flow.steps]


# --- The format, as its page shows it ---


def test_a_flow_is_read_as_its_author_sees_it() -> None:
    bundle = bundle_of(SAMPLE)
    flow = flow_of(bundle, "trouver_un_lieu")
    assert flow.name == "Trouver un lieu d'aide"
    assert flow.triggers == ("lieu",)
    assert flow.persisted == ("en_securite",)
    assert flow.former_ids == ("vieux", "ancien")
    assert flow.counted
    assert [step.does for step in flow.steps] == [
        Collect("en_securite", "utter_ask_en_securite", typed=False),
        SetSlots((("majeur", "false"),)),
        Call("rappel"),
        Link("urgence"),
        Collect("quartier", "utter_ask_ou", typed=True),
        Noop(),
        Act("action_lieux_proches"),
    ]
    assert targets(flow) == [[4, 1, 3], [2], [END], [END], [5], [6], [END]]
    assert (flow.steps[4].span.line, flow.steps[4].span.column) == (25, 9)
    assert (flow.steps[4].at.line, flow.steps[4].at.column) == (26, 18)


def test_a_flow_without_a_name_is_called_by_its_id() -> None:
    bundle = bundle_of(SAMPLE)
    assert flow_of(bundle, "rappel").name == "rappel"
    assert flow_of(bundle, "rappel").guard is not None
    assert flow_of(bundle, "rappel").steps[0].outcome


def test_slots_are_read_with_their_values_as_typed() -> None:
    slots = bundle_of(SAMPLE).slots
    assert slots["en_securite"].values == ("oui", "non", "ne_sait_pas")
    assert (slots["majeur"].kind, slots["majeur"].initial) == ("bool", "true")
    assert (slots["quartier"].kind, slots["quartier"].values) == ("place", ())
    assert slots["quartier"].accepts("C94016")
    assert not slots["quartier"].accepts("94016")


def test_a_response_keeps_its_variants_and_buttons_in_order() -> None:
    [first, last] = bundle_of(SAMPLE).responses["utter_ask_en_securite"].variants
    assert first.when == (("majeur", "true"),)
    assert last.when == ()
    assert [button.title for button in first.buttons] == ["Oui", "Non"]
    assert first.buttons[1].payload == SetSlots((("en_securite", "non"), ("majeur", "false")))


def test_examples_of_an_intent_may_stand_in_several_files() -> None:
    more = 'nlu: [{intent: danger, examples: "- à moi\\n- vite"}]\n'
    assert bundle_of(more).intents["danger"].examples == ("au secours", "à moi", "vite")


def test_a_former_id_leads_to_the_flow_of_today() -> None:
    bundle = bundle_of(SAMPLE)
    assert bundle.flow_named("vieux") is bundle.flows["trouver_un_lieu"]
    assert bundle.flow_named("jamais_vu") is None


@pytest.mark.parametrize(
    ("raw", "payload"),
    [
        ("/SetSlots(a=x)", SetSlots((("a", "x"),))),
        (' /SetSlots( a = x , b="y z" ) ', SetSlots((("a", "x"), ("b", "y z")))),
        ("/couple", Start("couple")),
        ("/copier(tel_3919)", CopyFact("tel_3919")),
        ("/site( 3919 )", OpenSite("3919")),
        ("/retour", GoBack()),
        ("/langue", Start("langue")),
        ("/langue(en)", Speak("en")),
        ("/langue( fr_FALC )", Speak("fr_FALC")),
        ("/langue()", None),
        ("/langue(en, fr)", None),
        ("/copier()", None),
        ("/retour(accueil)", None),
        ("/SetSlots", None),
        ("/SetSlots()", None),
        ("/SetSlots(a)", None),
        ("/SetSlots(a=x,)", None),
        ("/couple()", None),
        ("/retour()", None),
        ("/copier", None),
        ("/site(https://x)", None),
        ("couple", None),
        ("", None),
    ],
)
def test_a_button_says_what_a_press_does(raw: str, payload: object) -> None:
    assert parse_payload(raw) == payload


@settings(LAWS, max_examples=60)
@given(st.text(max_size=30))
def test_any_payload_is_understood_or_refused(raw: str) -> None:
    parse_payload(raw)
    parse_payload(f"/SetSlots({raw})")


@pytest.mark.parametrize("code", ["F", "C94016", "C2A004", "C97411", "D94", "D2B", "D974", "D987"])
def test_a_place_is_a_letter_and_an_official_code(code: str) -> None:
    assert is_place(code)


@pytest.mark.parametrize(
    "code", ["", "f", "94", "94016", "C9401", "C940160", "D9", "D9745", "D2C", "E94", "D٩٤", "F\n"]
)
def test_anything_else_is_no_place(code: str) -> None:
    assert not is_place(code)


# --- The mistakes that the format's page shows, each at its place ---

QUESTION = """\
slots:
  age: {type: categorical, values: [mineur, majeur]}
  situation: {type: categorical, values: [autre, sante]}
responses:
  utter_ask_age:
    - text: "Votre âge ? {tel_3919}"
      buttons:
        - {title: "Moins", payload: "/SetSlots(age=mineur)"}
        - {title: "Plus", payload: "/SetSlots(age=majeur)"}
  ▶utter_ask_situation:
    - text: "Que se passe-t-il ? Appelez le ▶3919."
      buttons: [{title: "Autre", payload: "/SetSlots(situation=autre)"}]
  utter_fin: [{text: "{tel_3919} {tel_114}"}]
"""
UNMARKED = QUESTION.replace("▶", "").replace("3919.", "{tel_3919}.")


def seen(text: str) -> tuple[list[tuple[int, int]], list[Problem]]:
    """The marks of a text, and what is told of it, in the same order."""
    clean, places = marked(text)
    return places, told(clean)


def at(problems: Sequence[Problem]) -> list[tuple[int, int]]:
    return [(one.span.line, one.span.column) for one in problems]


def test_three_mistakes_of_form_are_told_at_once_in_the_order_of_the_file() -> None:
    places, found = seen(
        UNMARKED
        + """\
flows:
  couple:
    description: "Essai."
    steps:
      - id: debut
        ▶colect: situation
      - collect: age
        next:
          - if: slots.age is ▶"mineure"
            then: END
          - if: slots.age is "majeur" and slots.situation ▶or slots.age is "mineur"
            then: END
          - else: END
"""
    )
    expected = ["cle.inconnue", "slot.valeur", "condition.and_or"]
    found = [one for one in found if one.code in expected]
    assert [one.code for one in found] == expected
    assert at(found) == places
    assert [one.sentence() for one in found] == [
        "« colect » n'existe pas ici. Vouliez-vous dire « collect » ?",
        (
            "« mineure » n'est pas une valeur possible de « age » (mineur, majeur)."
            " Vouliez-vous dire « mineur » ?"
        ),
        "« and » et « or » sont mélangés : ajoutez des parenthèses.",
    ]
    assert {one.severity for one in found} == {"erreur"}


def test_a_misspelt_key_is_told_once() -> None:
    """To hear as well that the step does nothing, or lacks `next`, would lead astray."""
    text = with_steps("- colect: age\n- action: utter_fin")
    assert [one.code for one in told(text)] == ["cle.inconnue"]


def test_a_colon_in_a_text_without_quotes_is_told_at_the_colon() -> None:
    places, found = seen("responses:\n  utter_x:\n    - text: Danger ▶: appelez\n")
    assert [one.code for one in found] == ["yaml.deux_points"]
    assert at(found) == places
    assert found[0].sentence() == (
        "Il y a « : » dans un texte sans guillemets. Entourez le texte de guillemets doubles."
    )


def test_a_missing_button_and_a_typed_number_are_told_at_once() -> None:
    places, found = seen(
        QUESTION
        + """\
flows:
  couple:
    description: "Essai."
    steps:
      - collect: age
      - collect: situation
      - action: utter_fin
"""
    )
    assert [(one.severity, one.code) for one in found] == [
        ("attention", "bouton.manquant"),
        ("erreur", "fait.en_dur"),
    ]
    assert at(found) == places
    assert [one.sentence() for one in found] == [
        "Aucun bouton ne permet de répondre « sante » à « situation ».",
        (
            "Le numéro « 3919 » est écrit dans le texte. Écrivez {tel_3919} : il est tenu à jour"
            " dans data/helplines.yml."
        ),
    ]


def test_a_step_nobody_reaches_and_a_path_without_help_are_told_at_once() -> None:
    places, found = seen(
        UNMARKED.replace("{tel_3919} {tel_114}", "Courage.")
        + """\
flows:
  couple:
    description: "Essai."
    steps:
      - collect: age
        next: fin
      - ▶id: q_situation
        collect: situation
      - id: fin
        action: ▶utter_fin
"""
    )
    found = [one for one in found if one.code != "bouton.manquant"]
    assert [one.code for one in found] == ["etape.inaccessible", "impasse"]
    assert at(found) == places
    assert found[0].sentence().startswith("Personne ne peut arriver à cette étape « q_situation ».")
    assert (
        found[1]
        .sentence()
        .startswith("Ce chemin se termine sans nommer une ligne ni un lieu : couple, age=")
    )


def test_the_same_mistakes_are_told_in_english() -> None:
    text, _ = marked(with_steps("- colect: age\n  next: END"))
    shown_in_english = report(told(text), {TOPIC: text}, "en")
    assert "error [cle.inconnue]" in shown_in_english
    assert '"colect" does not exist here. Did you mean "collect"?' in shown_in_english
    assert "  - colect: age" in shown_in_english


def test_a_mistake_in_one_file_hides_none_in_another() -> None:
    sources = {
        "flows/a.yml": "responses:\n  utter_a: [{txt: A}]\n",
        "flows/b.yml": "slots:\n  b: {type: tex}\n",
        "flows/c.yml": "a: : b",
    }
    found = sorted(read_bundle(sources)[1])
    assert {one.span.file for one in found} == set(sources)


# --- Every mistake of form: the wrong text, the code, the place ---

FORM = {
    "yaml.illisible": "▶slots:\n  a: \x07\n",
    "yaml.syntaxe": "slots: [a\nflows▶: b\n",
    "yaml.deux_points": "responses:\n  utter_a: Danger ▶: 17\n",
    "yaml.tabulation": "slots:\n▶\ta: 1\n",
    "yaml.caractere": "responses:\n  utter_a: [{text: ▶@ici}]\n",
    "yaml.guillemet": 'responses:\n  utter_a: [{text: ▶"ici}]\n',
    "yaml.cle_double": "slots:\n  age: {type: bool}\n  ▶age: {type: bool}\n",
    "yaml.cle_simple": "slots:\n  ? ▶[a]\n  : 1\n",
    "yaml.ancre": "slots:\n  age: ▶&a {type: bool}\n",
    "yaml.etiquette": "slots:\n  age: ▶!x {type: bool}\n",
    "yaml.documents": "slots: {age: {type: bool}}\n▶---\nslots: {}\n",
    "yaml.profondeur": "slots: " + "[" * 63 + "▶[\n",
    "fichier.vide": "▶# rien\n",
    "forme.dictionnaire": "slots: ▶[age]\n",
    "forme.liste": "nlu: ▶danger\n",
    "forme.texte": "slots: {age: {type: ▶[bool]}}\n",
    "forme.texte_vide": 'slots: {age: {type: ▶""}}\n',
    "forme.oui_non": with_steps("- action: utter_fin\n  metadata: {issue: ▶souvent}"),
    "cle.inconnue": "slots: {age: {▶tipe: bool, type: bool}}\n",
    "cle.absente": "slots: {age: ▶{values: [a]}}\n",
    "nom.forme": "slots: {▶Âge: {type: bool}}\n",
    "nom.double": "slots: {▶lieu: {type: bool}}\n",
    "flow.vide": "flows: {▶x: {description: x, steps: []}}\n",
    "etape.vide": with_steps("- ▶id: x\n  next: END"),
    "etape.deux_fois": with_steps("- ▶collect: age\n  action: utter_fin"),
    "etape.cle_collect": with_steps("- action: utter_fin\n  ▶utter: utter_fin"),
    "etape.double": with_steps("- id: a\n  action: utter_fin\n- id: ▶a\n  action: utter_fin"),
    "etape.inconnue": with_steps("- action: utter_fin\n  next: ▶fini\n- {id: fin, collect: age}"),
    "etape.arriere": with_steps("- {id: a, action: utter_fin}\n- action: utter_fin\n  next: ▶a"),
    "next.forme": with_steps("- action: utter_fin\n  next: ▶{si: oui}"),
    "next.imbrique": with_steps("- collect: age\n  next:\n    - if: slots.age\n      then:\n"
                                "        - ▶action: utter_fin\n    - else: END"),
    "next.sans_else": with_steps("- collect: age\n  next:\n    ▶- if: slots.age\n      then: END"),
    "next.else_dernier": with_steps("- collect: age\n  next:\n    - else: ▶END\n"
                                    "    - if: slots.age\n      then: END\n    - else: END"),
    "next.if_else": with_steps("- collect: age\n  next:\n    - ▶if: slots.age\n      then: END\n"
                               "      else: END"),
    "noop.next": with_steps("- ▶noop: true\n- action: utter_fin"),
    "link.dernier": with_steps("- ▶link: urgence\n- action: utter_fin"),
    "nlu.exemple": "nlu:\n  - intent: danger\n    examples: |\n▶      sans tiret\n",
    "slot.type": "slots: {age: {type: ▶number}}\n",
    "slot.sans_valeurs": "slots: {age: {type: ▶categorical}}\n",
    "slot.saisie": "slots: {ou: {type: text, metadata: {saisie: ▶lieux}}}\n",
    "slot.valeur": "slots: {age: {type: bool, initial_value: ▶oui}}\n",
    "slot.inconnu": with_steps("- collect: age\n  next:\n    - if: ▶slots.agee\n      then: END\n"
                               "    - else: END"),
    "condition.and_or": with_steps("- noop: true\n  next:\n"
                                   "    - if: slots.age and slots.lieu ▶or slots.age\n"
                                   "      then: END\n    - else: END"),
    "reponse.nom": "responses: {▶accueil: [{text: A}]}\n",
    "reponse.vide": "responses: {▶utter_a: []}\n",
    "variante.defaut": "responses:\n  utter_a:\n"
                       "    - {condition: [{type: slot, name: lieu, value: F}], text: ▶A}\n",
    "variante.masquee": "responses:\n  utter_a:\n    - {text: ▶A}\n    - {text: B}\n",
    "variante.type": "responses:\n  utter_a:\n"
                     "    - {condition: [{type: ▶lieu, name: lieu, value: F}], text: A}\n"
                     "    - {text: B}\n",
    "payload.forme": "responses:\n  utter_a:\n    - text: A\n"
                     '      buttons: [{title: B, payload: ▶"/SetSlot(a=b)"}]\n',
}  # fmt: skip


@pytest.mark.parametrize("code", FORM)
def test_a_mistake_of_form_is_told_where_it_stands(code: str) -> None:
    places, found = seen(FORM[code])
    assert (code, *places[0]) in [(one.code, one.span.line, one.span.column) for one in found]
    for one in found:
        assert one.sentence("fr") != one.sentence("en")


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("cle.inconnue", "type"),
        ("etape.inconnue", "fin"),
        ("slot.inconnu", "age"),
        ("slot.saisie", "lieu"),
        ("payload.forme", "SetSlots"),
    ],
)
def test_a_name_that_is_close_is_proposed(code: str, meant: str) -> None:
    _, found = seen(FORM[code])
    assert meant in [one.suggestion for one in found if one.code == code]


def test_a_name_defined_twice_tells_both_places() -> None:
    _, found = seen(FORM["nom.double"])
    [one] = [one for one in found if one.code == "nom.double"]
    assert one.span.file == TOPIC
    assert "déjà défini dans flows/_commun.yml:2" in one.sentence()


def test_the_column_of_a_condition_does_not_depend_on_its_quotes() -> None:
    for written in ("slots.lieu is ▶lyon", "'slots.lieu is ▶lyon'", '"slots.lieu is ▶lyon"'):
        text = with_steps(
            f"- noop: true\n  next:\n    - if: {written}\n      then: END\n    - else: END"
        )
        places, [one] = seen(text)
        assert [(one.span.line, one.span.column)] == places


@pytest.mark.parametrize("quote", ["", '"'])
def test_the_column_of_a_guard_does_not_depend_on_its_quotes(quote: str) -> None:
    places, found = seen(
        f"flows:\n  x:\n    description: x\n    if: {quote}slots.lieu is ▶lyon{quote}\n"
        "    steps: [{action: utter_accueil}]\n"
    )
    assert at(found) == places


def test_a_step_cannot_lead_to_itself() -> None:
    places, [one] = seen(with_steps("- {id: a, action: utter_fin, next: ▶a}"))
    assert (one.code, [(one.span.line, one.span.column)]) == ("etape.arriere", places)


def test_a_nested_list_goes_on_where_it_says() -> None:
    bundle = bundle_of(
        with_steps(
            """\
- collect: age
  next:
    - if: slots.age is "mineur"
      then:
        - action: utter_accueil
        - action: utter_fin
          next: fin
    - else:
        - link: urgence
- action: utter_urgence
- id: fin
  action: utter_fin
"""
        )
    )
    assert targets(bundle.flows["essai"]) == [[1, 3], [2], [5], [END], [5], [END]]
    minor = shown(bundle, State("fr", "essai", (("age", "mineur"),)))
    assert names_shown(minor) == ["utter_accueil", "utter_fin", "utter_fin"]


# --- No file, however broken, ends in a traceback ---


@settings(LAWS, max_examples=40)
@given(st.text(max_size=80))
def test_any_text_is_a_topic_or_problems(text: str) -> None:
    assert all(one.sentence("fr") and one.sentence("en") for one in told(text))


@settings(LAWS, max_examples=50)
@given(st.data())
def test_a_topic_broken_anywhere_gives_problems_and_no_crash(data: st.DataObject) -> None:
    """Lines lost, doubled or swapped, words replaced by others: what editing does to files."""
    common, topic = COMMON, data.draw(st.sampled_from([SAMPLE, with_steps("- collect: age")]))
    for _ in range(data.draw(st.integers(1, 3))):
        if data.draw(st.booleans()):
            topic = broken(data, topic)
        else:
            common = broken(data, common)
    for one in told(topic, common):
        assert one.sentence("fr")
        assert one.sentence("en")


def broken(data: st.DataObject, text: str) -> str:
    lines = text.splitlines()
    where = data.draw(st.integers(0, len(lines) - 1))
    other = data.draw(st.integers(0, len(lines) - 1))
    match data.draw(st.sampled_from(["lost", "doubled", "swapped", "word", "indent", "cut"])):
        case "lost":
            del lines[where]
        case "doubled":
            lines.insert(other, lines[where])
        case "swapped":
            lines[where], lines[other] = lines[other], lines[where]
        case "word":
            words = [word for line in lines for word in line.split()]
            word = data.draw(st.sampled_from(sorted(set(words))))
            parts = lines[where].split(" ")
            at_word = data.draw(st.integers(0, len(parts) - 1))
            lines[where] = " ".join([*parts[:at_word], word, *parts[at_word + 1 :]])
        case "indent":
            lines[where] = " " + lines[where]
        case _:
            lines[where] = lines[where][: len(lines[where]) // 2]
    return "\n".join(lines) + "\n"


def test_the_real_files_have_no_problem_of_form() -> None:
    assert len(real().bundle.flows) >= 5
    assert real().problems == []
