"""Nothing that would leave a person without help passes `relais check`."""

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.outputs.checkup import read_content
from bot.reading.codes import CODES
from bot.reading.problem import errors
from bot.referral.signatures import NEAREST, SIGNATURES
from bot.triage.engine import Show, State
from bot.triage.flow import Bundle
from bot.triage.paths import every_state, explore
from bot.triage.screen import Copy, Link
from bot.triage.texts import PLACEHOLDER
from bot.triage.token import CALLBACK_LIMIT, Codebook, _key
from tests.material import (
    COMMON,
    GREETING,
    LAWS,
    NEUTRAL,
    ROOT,
    TOPIC,
    TUESDAY,
    bundle_of,
    codes_told,
    every_walk,
    keys,
    marked,
    question,
    questions,
    real,
    real_codes,
    renderer_of,
    rewritten,
    shown,
    told,
    walk,
    with_steps,
)
from tests.test_condition import REFUSED
from tests.test_flowfile import FORM


def flow(text: str) -> str:
    """A topic with one flow, `essai`, that says this."""
    return f"flows:\n  essai: {{description: x, steps: [{{action: utter_x}}]}}\nresponses:\n{text}"


def says(text: str, buttons: str = "[]") -> str:
    """A topic with one flow that says this text, beside enough help."""
    return flow(f'  utter_x: [{{text: "{text} {{tel_17}} {{tel_114}}", buttons: {buttons}}}]\n')


def test_the_least_that_the_program_needs_has_no_problem() -> None:
    assert codes_told("slots: {}\n") == []
    assert codes_told(says("Courage.")) == []
    assert codes_told(with_steps("- collect: age\n- action: utter_fin")) == []


def test_the_real_flows_have_no_problem() -> None:
    assert real().problems == []


# --- Names, texts, paths: the wrong text, the code, the place ---

QUESTION = """\
slots: {mot: {type: text}, a: {type: categorical, values: [x]}, b: {type: categorical, values: [x]}}
responses:
  utter_ask_a: [{text: "A ? {tel_17} {tel_114}", buttons: [{title: X, payload: "/SetSlots(a=x)"}]}]
  utter_ask_b: [{text: "B ? {tel_17} {tel_114}", buttons: [{title: X, payload: "/SetSlots(b=x)"}]}]
  utter_fin: [{text: "{tel_17} {tel_114}"}]
flows:
"""
SEVEN = ", ".join(f"{{title: {n}, payload: /accueil}}" for n in "abcdefg")
WRONG = {
    "flow.inconnu": with_steps("- link: ▶urgense"),
    "flow.ferme": "flows:\n  ▶x: {description: x, if: false, nlu_trigger: [{intent: danger}],"
                  " steps: [{action: utter_accueil}]}\n  y: {description: x, steps: [{link: x}]}\n",
    "flow.ancien_nom": "flows:\n  ▶x: {description: x, metadata: {anciens_noms: [lieu]},"
                       " steps: [{action: utter_accueil}]}\n",
    "flow.ancien_nom_double": "flows:\n  a: {description: x, metadata: {anciens_noms: [vieux]},"
                              " steps: [{action: utter_accueil}]}\n  ▶b: {description: x, metadata:"
                              " {anciens_noms: [vieux]}, steps: [{action: utter_accueil}]}\n",
    "action.inconnue": with_steps("- action: ▶action_lieu_proches"),
    "intent.inconnu": "flows:\n  ▶x: {description: x, nlu_trigger: [{intent: dangers}],"
                      " steps: [{action: utter_accueil}]}\n",
    "intent.deux_flows": "flows:\n  w: {description: x, nlu_trigger: [{intent: danger}], steps:"
                         " [{action: utter_accueil}]}\n  ▶x: {description: x, nlu_trigger:"
                         " [{intent: danger}], steps: [{action: utter_accueil}]}\n",
    "call.boucle": QUESTION + "  x: {description: x, steps: [{call: ▶y}]}\n"
                              "  y: {description: x, steps: [{call: x}]}\n",
    "call.link": QUESTION + "  x: {description: x, steps: [{call: ▶y}]}\n"
                            "  y: {description: x, steps: [{link: urgence}]}\n",
    "slot.inconnu": with_steps("- collect: ▶agee"),
    "slot.valeur": with_steps("- set_slots: ▶[{age: vieux}]\n- action: utter_fin"),
    "slot.texte": QUESTION + "  x: {description: x, steps: [{collect: ▶mot, utter: utter_fin}]}\n",
    "slot.saisie_libre": QUESTION + "  x: {description: x, steps:"
                                    " [{collect: ▶a, force_slot_filling: true}]}\n",
    "slot.persistance": QUESTION + "  x: {description: x, steps: [{collect: ▶a}]}\n"
                                   "  y: {description: x, persisted_slots: [a],"
                                   " steps: [{collect: a}]}\n",
    "reponse.inconnue": with_steps("- action: ▶utter_fn"),
    "reponse.inutile": flow("  utter_x: [{text: '{tel_17} {tel_114}'}]\n  ▶utter_y: [{text: A}]\n"),
    "bouton.manquant": QUESTION.replace("values: [x]}, b", "values: [x, y]}, b").replace(
        "  utter_ask_a", "  ▶utter_ask_a") + "  x: {description: x, steps: [{collect: a}]}\n",
    "bouton.autre_slot": QUESTION.replace('"/SetSlots(a=x)"', '▶"/SetSlots(b=x)"')
                         + "  x: {description: x, steps: [{collect: a}, {collect: b}]}\n",
    "bouton.sans_question": says("A", '[{title: B, payload: ▶"/SetSlots(lieu=F)"}]'),
    "bouton.flow_ferme": says("A", '[{title: B, payload: ▶"/x"}]').replace(
        "flows:\n", "flows:\n  x: {description: x, if: false, steps: [{action: utter_accueil}]}\n"),
    "langue.inconnue": says("A", '[{title: B, payload: ▶"/langue(eng)"}]'),
    "bouton.deux_fois": with_steps("- collect: age").replace(
        '"/SetSlots(age=mineur)"', '▶"/SetSlots(age=mineur, age=majeur)"'),
    "bouton.ambigu": QUESTION.replace(
        '{title: X, payload: "/SetSlots(a=x)"}',
        '{title: X, payload: "/SetSlots(a=x)"}, {title: Y, payload: ▶"/SetSlots(a=x, b=x)"}')
                         + "  x: {description: x, steps: [{collect: a}]}\n",
    "bouton.long": says("A", '[{title: ▶"Vingt-neuf caractères, pas un.", payload: "/accueil"}]'),
    "boutons.nombreux": flow(
        f"  utter_x: [{{text: ▶'{{tel_17}} {{tel_114}}', buttons: [{SEVEN}]}}]\n"),
    "question.sans_bouton": QUESTION.replace(
        ', buttons: [{title: X, payload: "/SetSlots(a=x)"}]', "")
                            + "  x: {description: x, steps: [{collect: ▶a}]}\n",
    "texte.long": flow("  utter_x: [{text: '" + "mot " * 1100 + "{tel_17} {tel_114}'}]\n")
                  .replace("{action: utter_x}", "{action: ▶utter_x}"),
    "ecran.long": flow("  utter_x: [{text: ▶'" + "mot " * 230 + "{tel_17} {tel_114}'}]\n"),
    "fait.en_dur": says("Appelez le ▶3919."),
    "texte.accolade": says("Appelez le ▶{ tel_3919 }."),
    "fait.inconnu": flow("  utter_x: [{text: ▶'{tel_3929} {tel_17} {tel_114}'}]\n"),
    "site.inconnu": says("A", '[{title: B, payload: ▶"/site(115)"}]'),
    "impasse": flow("  utter_x: [{text: Courage.}]\n").replace("utter_x}]", "▶utter_x}]"),
    "contact.unique": flow("  utter_x: [{text: '{tel_114}'}]\n").replace("utter_x}]", "▶utter_x}]"),
    "contact.sans_voix": flow("  utter_x: [{text: '{tel_17} {tel_3919} {tel_3018}'}]\n").replace(
        "utter_x}]", "▶utter_x}]"),
    "etape.inaccessible": with_steps("- action: utter_fin\n  next: END\n- ▶collect: age"),
    "branche.inaccessible": with_steps(
        "- collect: age\n  next:\n    - if: not slots.age\n      then: ▶END\n    - else: fin\n"
        "- {id: fin, action: utter_fin}"),
}  # fmt: skip


@pytest.mark.parametrize("code", WRONG)
def test_a_mistake_is_told_where_it_stands(code: str) -> None:
    clean, [place] = marked(WRONG[code])
    found = told(clean)
    assert (code, *place) in [(one.code, one.span.line, one.span.column) for one in found]
    for one in found:
        assert one.sentence("fr") != one.sentence("en")


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("flow.inconnu", "urgence"),
        ("action.inconnue", "action_lieux_proches"),
        ("intent.inconnu", "danger"),
        ("slot.inconnu", "age"),
        ("reponse.inconnue", "utter_fin"),
        ("fait.inconnu", "tel_3919"),
    ],
)
def test_an_unknown_name_comes_with_the_one_that_was_meant(code: str, meant: str) -> None:
    clean, _ = marked(WRONG[code])
    assert [one.suggestion for one in told(clean) if one.code == code] == [meant]


@pytest.mark.parametrize("name", ["urgence:", "lieu: {type", "intent: sortir", "utter_efface:"])
def test_a_name_that_the_program_needs_is_missed(name: str) -> None:
    word = name.removeprefix("intent: ").partition(":")[0]
    common = COMMON.replace(f" {name}", f" {name.replace(word, word + 'x')}")
    missed = [one for one in told("slots: {}\n", common) if one.code == "nom.obligatoire"]
    assert any(f"« {word} »" in one.sentence() for one in missed)


def test_the_place_slot_must_be_a_place() -> None:
    common = COMMON.replace("{type: text, metadata: {saisie: lieu}}", "{type: bool}")
    assert "slot.lieu" in [one.code for one in told("slots: {}\n", common)]


@pytest.mark.parametrize(("text", "least"), [(NEUTRAL, 80), (GREETING, 120)])
def test_a_cover_or_a_greeting_that_would_let_more_show_is_refused(text: str, least: int) -> None:
    for length, wrong in ((least - 1, True), (least, False)):
        common = COMMON.replace(f'"{text}"', f'"{"m" * length}"')
        found = [one.code for one in told("slots: {}\n", common)]
        assert ("texte.court" in found) is wrong


# --- Numbers only by the names of facts ---


@pytest.mark.parametrize(
    "text",
    [
        "Appelez le 17.",
        "3919",
        "(114)",
        "Le 3919, gratuit",
        "Le 39 19, gratuit",
        "116 006",
        "116\u00a0006",
        "116006",
        "01 72 16 56 50",
        "01.72.16.56.50",
        "01\u202f72\u202f16\u202f56\u202f50",
        "+33 1 72 16 56 50",
        "0172165650",
        "0 800 05 95 95",
        "12345678",
    ],
)
def test_a_number_typed_in_a_text_is_refused(text: str) -> None:
    assert "fait.en_dur" in codes_told(says(text))
    if len(text) <= 28:
        assert "fait.en_dur" in codes_told(says("A", f'[{{title: "{text}", payload: /accueil}}]'))


@pytest.mark.parametrize(
    "text",
    [
        "15 minutes",
        "15\u00a0jours",
        "à 17 h 30",
        "18 ans",
        "le 17 mai",
        "15 %",
        "115 €",
        "en 2026",
        "94230",
        "5 questions",
        "112e",
    ],
)
def test_an_hour_an_age_or_a_date_is_no_number(text: str) -> None:
    assert "fait.en_dur" not in codes_told(says(text))


def test_a_typed_number_is_shown_where_it_stands_in_a_text_of_several_lines() -> None:
    clean, [place] = marked(
        flow("  utter_x:\n    - text: |\n        Courage.\n        Le ▶3919.\n")
    )
    [one] = [one for one in told(clean) if one.code == "fait.en_dur"]
    assert (one.span.line, one.span.column, one.span.length) == (*place, 4)
    assert "Écrivez {tel_3919}" in one.sentence()


def test_a_name_between_braces_is_filled_or_refused() -> None:
    """What passes the check must not reach a person as braces."""
    for text in ("{ tel_3919 }", "{tel_3919 }", "{TEL_3919}", "{}", "{tel-3919}"):
        topic = says(f"Appelez le {text}.")
        if not errors(told(topic)):
            bundle = bundle_of(topic)
            screen = renderer_of(bundle).render(shown(bundle, State("fr", "essai")), TUESDAY)
            assert "{" not in screen.text


def test_a_name_between_braces_in_a_label_is_filled_or_refused() -> None:
    topic = says("A", '[{title: "Le {tel_3919}", payload: "/accueil"}]')
    if not errors(told(topic)):
        bundle = bundle_of(topic)
        screen = renderer_of(bundle).render(shown(bundle, State("fr", "essai")), TUESDAY)
        assert not any(PLACEHOLDER.search(key.label) for key in keys(screen))


@pytest.mark.parametrize("text", [NEUTRAL, GREETING, "Écran fermé."])
def test_a_text_that_is_shown_as_it_stands_holds_no_braces(text: str) -> None:
    """The cover, the greeting and what stays of an erased screen are never filled."""
    common = COMMON.replace(f'"{text}"', f'"{text} {{tel_3919}}"')
    assert errors(told("slots: {}\n", common))


@pytest.mark.parametrize(
    "payload", ["/site(115)", "/site(18)", "/copier(sms_3919)", "/copier(tel_tchat_police)"]
)
def test_a_button_never_opens_or_copies_nothing(payload: str) -> None:
    """Telegram refuses a whole screen for one empty button: 115 has no site, a chat no number."""
    topic = says("A", f'[{{title: B, payload: "{payload}"}}]')
    if not errors(told(topic)):
        bundle = bundle_of(topic)
        screen = renderer_of(bundle).render(shown(bundle, State("fr", "essai")), TUESDAY)
        for key in keys(screen):
            assert not isinstance(key, Copy) or key.text
            assert not isinstance(key, Link) or key.url


def test_a_number_that_a_line_does_not_have_is_refused_in_a_text() -> None:
    """A chat has no number: the text would show a hole, and count it as help."""
    assert errors(told(says("Écrivez au {tel_tchat_police}.")))


@pytest.mark.parametrize("name", ["accueil", "urgence", "lieu", "confidentialite"])
def test_what_everybody_may_need_is_never_closed(name: str) -> None:
    for guard in ("false", 'slots.lieu is "F"'):
        common = COMMON.replace(f"  {name}:\n    desc", f"  {name}:\n    if: {guard}\n    desc")
        found = [one for one in told("slots: {}\n", common) if one.code == "flow.toujours_ouvert"]
        assert [one.span.file for one in found] == ["flows/_commun.yml"]


# --- Limits, to the very character ---


def test_a_label_of_28_characters_fits_and_one_of_29_does_not() -> None:
    for length, wrong in ((28, False), (29, True)):
        label = "m" * length
        found = codes_told(says("A", f"[{{title: {label}, payload: /accueil}}]"))
        assert ("bouton.long" in found) is wrong


def test_six_choices_are_enough_and_links_do_not_count() -> None:
    six = ", ".join(f"{{title: {n}, payload: /accueil}}" for n in "abcdef")
    assert codes_told(says("A", f'[{six}, {{title: g, payload: "/site(tchat_police)"}}]')) == []
    assert codes_told(says("A", f"[{six}, {{title: g, payload: /urgence}}]")) == [
        "boutons.nombreux"
    ]


def test_a_text_is_measured_as_telegram_does() -> None:
    """2,100 emoji are 2,100 characters, and 4,200 of what Telegram counts up to 4,096."""
    emoji = flow("  utter_x: [{text: '" + "🆘" * 2100 + " {tel_17} {tel_114}'}]\n")
    assert "texte.long" in codes_told(emoji)
    letters = flow("  utter_x: [{text: '" + "é" * 2100 + " {tel_17} {tel_114}'}]\n")
    assert "texte.long" not in codes_told(letters)


def test_warnings_keep_nothing_out_of_service() -> None:
    assert [one.severity for one in told(says("mot " * 230))] == ["attention"]


def test_a_question_that_is_an_outcome_must_name_help_too() -> None:
    lone = QUESTION.replace("A ? {tel_17} {tel_114}", "A ?")
    assert codes_told(
        lone + "  x: {description: x, steps: [{collect: a}, {action: utter_fin}]}\n"
    ) == ["reponse.inutile"]
    asked = "  x: {description: x, steps: [{collect: a, metadata: {issue: true}}]}\n"
    assert "impasse" in codes_told(lone + asked)


def test_an_end_that_nobody_needs_to_keep_must_name_help_too() -> None:
    end = flow("  utter_x: [{text: Courage.}]\n").replace(
        "utter_x}]", "utter_x, metadata: {issue: false}}]"
    )
    assert codes_told(end) == ["impasse"]


def test_a_site_button_is_a_way_to_reach_somebody() -> None:
    chat = "[{title: Tchat, payload: '/site(tchat_police)'}]"
    assert codes_told(flow(f"  utter_x: [{{text: '{{tel_17}}', buttons: {chat}}}]\n")) == []


def responses_of(action: str) -> str:
    """A topic's responses and slot for all that an action says and that `COMMON` has not."""
    says = {name: values for one in SIGNATURES[action].cases for name, values in one.says}
    texts = {name: " ".join(f"{{{key}}}" for key, _ in values) for name, values in says.items()}
    zones = {zone for one in SIGNATURES[action].cases for _, zone in one.slots}
    return (
        f"slots:\n  lieu_zone: {{type: categorical, values: [{', '.join(sorted(zones))}]}}\n"
        "responses:\n"
    ) + "".join(
        f"  {name}: [{{text: '{text or 'Rien.'}'}}]\n"
        for name, text in sorted(texts.items())
        if f"  {name}:" not in COMMON
    )


def test_an_action_that_may_find_no_office_needs_other_help_beside_it() -> None:
    alone = responses_of(NEAREST) + (
        "flows:\n  x:\n    description: x\n    steps:\n"
        "      - {collect: lieu, force_slot_filling: true}\n"
        "      - {action: action_lieux_proches}\n"
    )
    assert "impasse" in codes_told(alone)
    assert codes_told(alone + "      - {action: utter_accueil}\n") == []


# --- Tokens ---


def test_as_many_questions_as_64_bytes_hold_may_be_asked_and_not_one_more() -> None:
    """3 bytes for language and flow, 4 for each answer."""
    fits = (CALLBACK_LIMIT - 3) // 4
    assert codes_told(questions(fits)) == []
    [one] = told(questions(fits + 1))
    assert one.code == "jeton.long"
    assert f"demande {3 + 4 * (fits + 1)} octets" in one.sentence()
    assert (one.span.file, one.span.column) == (TOPIC, 3)


def clash(first: str) -> tuple[str, str]:
    """Two names whose short keys are equal."""
    met: dict[str, str] = {}
    for number in range(100_000):
        name = f"n{number}"
        key = _key(name, first)
        if key in met:
            return met[key], name
        met[key] = name
    raise AssertionError


def test_names_that_would_be_taken_for_each_other_are_told_with_the_remedy() -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    one, other = clash(letters + "0123456789")
    steps = "description: x, steps: [{action: utter_accueil}]"
    flows = f"flows:\n  {one}: {{{steps}}}\n  {other}: {{{steps}}}\n"
    [found] = told(flows)
    assert found.code == "cle.collision"
    assert "metadata: {cle: un_autre_mot}" in found.sentence()
    assert codes_told(flows.replace(f"{other}: {{", f"{other}: {{metadata: {{cle: neuf}}, ")) == []
    former = (
        f"flows:\n  {one}: {{{steps}}}\n  y: {{metadata: {{anciens_noms: [{other}]}}, {steps}}}\n"
    )
    assert codes_told(former) == ["cle.collision"]

    one, other = clash(letters)
    both = questions(2).replace("q00", one).replace("q01", other)
    assert codes_told(both) == ["cle.collision"]
    apart = both.replace(
        f"{other}: {{type: categorical,", f"{other}: {{metadata: {{cle: z}}, type: categorical,"
    )
    assert codes_told(apart) == []

    one, other = clash(letters + "0123456789_-")
    values = questions(1).replace("[x, y]", f"[{one}, {other}]")
    values = values.replace("=x)", f"={one})").replace("=y)", f"={other})")
    assert codes_told(values) == ["cle.collision"]
    apart = values.replace("type: cat", f"metadata: {{cles: {{{other}: z}}}}, type: cat")
    assert codes_told(apart) == []


def test_slots_of_flows_that_never_meet_may_have_equal_keys() -> None:
    one, other = clash("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    apart = questions(2).replace(
        "      - collect: q01\n",
        "      - action: utter_accueil\n"
        "  autre:\n    description: x\n    steps:\n      - collect: q01\n",
    )
    assert codes_told(apart.replace("q00", one).replace("q01", other)) == []


# --- What is proved on the graph is what walking everything shows ---


def what_explore_says(bundle: Bundle) -> object:
    found = explore(bundle, Codebook(bundle), {})
    screens = {what(show) for show, _ in found.screens}
    return set(found.visited), screens, found.longest_size


def what(show: Show) -> object:
    parts = tuple((part.response, part.variant.span) for part in show.parts)
    return (show.state.flow, show.asks, show.outcome, parts)


def what_walking_shows(bundle: Bundle) -> object:
    codes = Codebook(bundle)
    seen = list(every_state(bundle, {}))
    visited = {(v.flow, v.step, v.branch) for show in seen for v in show.visits}
    return visited, {what(show) for show in seen}, max(codes.size(show.state) for show in seen)


@pytest.mark.long
def test_the_proof_on_the_real_flows_is_what_walking_them_shows() -> None:
    found = explore(real().bundle, real_codes(), SIGNATURES)
    seen = every_walk().seen
    assert {what(show) for show, _ in found.screens} == {what(show) for show in seen}
    assert found.visited == {(v.flow, v.step, v.branch) for show in seen for v in show.visits}
    assert found.longest_size == max(real_codes().size(show.state) for show in seen)


NAMES = ("a", "b", "c", "d")


@st.composite
def topics(draw: st.DrawFn) -> str:
    """Small flows: questions, buttons that answer several, branches, calls, links, persistence."""
    persisted = draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True))
    slots = "".join(f"  {name}: {{type: categorical, values: [u, v]}}\n" for name in NAMES)
    asked = "".join(_drawn_question(draw, name) for name in NAMES)
    flows = "".join(_drawn_flow(draw, name, persisted) for name in ("x", "y", "z"))
    return f"slots:\n{slots}responses:\n{asked}flows:\n{flows}"


def _drawn_question(draw: st.DrawFn, name: str) -> str:
    others = st.sampled_from([other for other in NAMES if other != name])
    also = draw(st.lists(others, max_size=2, unique=True))
    pairs = ", ".join([f"{name}=u", *(f"{other}={draw(st.sampled_from('uv'))}" for other in also)])
    away = draw(st.sampled_from(["", "      - {title: y, payload: /y}\n"]))
    several = f'      - {{title: several, payload: "/SetSlots({pairs})"}}\n'
    return question(name, "u", "v") + several + away


def _drawn_flow(draw: st.DrawFn, name: str, persisted: list[str]) -> str:
    asked = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
    steps = [_drawn_step(draw, asked, index) for index in range(len(asked))]
    ends = ["action: utter_accueil", "link: y"] if name == "x" else ["action: utter_accueil"]
    calls = ["", "      - {call: z}\n"] if name != "z" else [""]
    return (
        f"  {name}:\n    description: x\n    persisted_slots: [{', '.join(persisted)}]\n"
        f"    steps:\n{''.join(steps)}{draw(st.sampled_from(calls))}"
        f"      - {{id: fin, {draw(st.sampled_from(ends))}}}\n"
    )


def _drawn_step(draw: st.DrawFn, asked: list[str], index: int) -> str:
    """A question, perhaps with a branch by what has been asked so far."""
    step = f"      - id: s{index}\n        collect: {asked[index]}\n"
    if draw(st.booleans()):
        return step
    ahead = st.sampled_from([*(f"s{later}" for later in range(index + 1, len(asked))), "fin"])
    tested, value = draw(st.sampled_from(asked[: index + 1])), draw(st.sampled_from("uv"))
    return (
        f'{step}        next:\n          - if: slots.{tested} is "{value}"\n'
        f"            then: {draw(ahead)}\n          - else: {draw(ahead)}\n"
    )


@settings(LAWS, max_examples=30)
@given(topics())
def test_the_proof_on_any_flows_is_what_walking_them_shows(topic: str) -> None:
    """Screens, steps and branches reached, the longest token: the proof misses nothing."""
    found = errors(told(topic))
    if {one.code for one in found} <= {"etape.inaccessible"}:
        bundle = bundle_of(topic)
        if not rewritten(walk(bundle, {})):  # such a flow is refused, see below
            assert what_explore_says(bundle) == what_walking_shows(bundle)


def test_an_answer_that_a_called_flow_will_read_is_followed_until_there() -> None:
    bundle = bundle_of(f"""\
slots: {{a: {{type: bool}}, b: {{type: bool}}}}
responses:
{question("a", "true", "false")}{question("b", "true", "false")}
flows:
  essai: {{description: x, steps: [{{collect: a}}, {{collect: b}}, {{call: suite}}]}}
  suite:
    description: x
    steps:
      - noop: true
        next:
          - if: slots.a
            then:
              - action: utter_urgence
                next: END
          - else: fin
      - {{id: fin, action: utter_accueil}}
""")
    assert what_explore_says(bundle) == what_walking_shows(bundle)


def test_an_answer_that_is_only_carried_along_is_measured_too() -> None:
    """Those for whom `a` is set arrive in `y` with 4 bytes more, though nothing there reads `a`."""
    topic = questions(18).replace("slots:\n", "slots:\n  a: {type: categorical, values: [v]}\n")
    topic = topic.replace("  essai:\n    description: x\n    steps:\n", """\
  x:
    description: x
    persisted_slots: [a]
    steps:
      - collect: q00
        next:
          - if: slots.q00 is "x"
            then:
              - {set_slots: [{a: v}], next: fin}
          - else: deux
      - {id: deux, collect: q01}
      - {id: fin, collect: q02}
      - link: y
  y:
    description: x
    steps:
""").replace("      - collect: q00\n      - collect: q01\n      - collect: q02\n", "")  # fmt: skip
    for written in (topic, topic.replace('q00 is "x"', 'q00 is "y"')):  # whichever is walked first
        bundle = bundle_of(written)
        codes = Codebook(bundle)
        all_answers = (("a", "v"), *((f"q{n:02}", "x") for n in range(3, 18)))
        end = shown(bundle, State("fr", "y", tuple(sorted(all_answers))))
        assert codes.size(end.state) == 3 + 4 * 16
        assert explore(bundle, codes, {}).longest_size == 3 + 4 * 16


TESTED_TOO_EARLY = f"""\
slots: {{a: {{type: bool}}, b: {{type: bool}}}}
responses:
{question("a", "true", "false")}{question("b", "true", "false")}
flows:
  essai:
    description: x
    persisted_slots: [b]
    steps:
      - collect: a
        next:
          - if: slots.b
            then: fin
          - else: q_b
      - {{id: q_b, collect: b, next: fin}}
      - {{id: fin, action: utter_accueil}}
"""
ONE_BY_ONE_OR_AT_ONCE = f"""\
slots: {{a: {{type: bool}}, b: {{type: bool}}, c: {{type: bool}}}}
responses:
{question("a", "true", "false")}      - {{title: T, payload: "/SetSlots(a=true, b=true, c=true)"}}
{question("b", "true", "false")}{question("c", "true", "false")}
flows:
  essai:
    description: x
    steps:
      - collect: a
        next:
          - if: slots.b
            then: fin
          - else: q_b
      - {{id: q_b, collect: b}}
      - collect: c
      - {{id: fin, action: utter_accueil}}
"""


@pytest.mark.parametrize("topic", [TESTED_TOO_EARLY, ONE_BY_ONE_OR_AT_ONCE])
def test_a_flow_where_an_answer_would_change_what_was_decided_before_it_is_refused(
    topic: str,
) -> None:
    """A state says what was answered, not when: `b` would be tested as if it had come before.

    Retour would then lead elsewhere, and the proof that every token fits would not hold.
    """
    if not errors(told(topic)):
        assert not rewritten(walk(bundle_of(topic), {}))


# --- Every code is raised by something ---

ELSEWHERE = {
    "fichier.introuvable", "fichier.encodage", "fichier.taille",  # test_reading
    "dossier.vide", "forme.choix",  # the checkout, the lines
    "nom.obligatoire", "flow.toujours_ouvert", "slot.lieu",  # above
    "texte.court", "texte.fixe", "cle.collision", "jeton.long",
}  # fmt: skip
OTHER_ROOMS = (
    "annuaire.", "catalogue.", "contour.", "csv.", "env.", "ligne.", "local.", "source.",
    "test.", "traduction.",
)  # fmt: skip


def test_every_mistake_that_can_be_told_of_a_flow_has_a_text_that_makes_it() -> None:
    core = {code for code in CODES if not code.startswith(OTHER_ROOMS)}
    conditions = {code for _, code, _, _ in REFUSED}
    assert core - set(FORM) - set(WRONG) - conditions == ELSEWHERE


# --- The whole checkout ---


def checkout(folder: Path, **files: str) -> Path:
    flows = folder / "flows"
    flows.mkdir()
    for name, text in files.items():
        (flows / f"{name}.yml").write_text(text)
    return flows


def test_a_misspelt_key_hides_no_number_typed_elsewhere(tmp_path: Path) -> None:
    """A volunteer who corrects one mistake and then hears of the next one gives up."""
    wrong = with_steps("- colect: age\n- action: utter_fin")
    flows = checkout(
        tmp_path, _commun=COMMON, a=wrong, b=says("Appelez le 3919.").replace("essai", "b")
    )
    found = read_content(flows, ROOT / "data", ROOT / "locales", TUESDAY).problems
    assert {"cle.inconnue", "fait.en_dur"} <= {one.code for one in found}


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    found = read_content(checkout(tmp_path), ROOT / "data", ROOT / "locales", TUESDAY).problems
    assert "dossier.vide" in [one.code for one in found]


PAIRS = list(combinations(["slot.inconnu", "fait.en_dur", "bouton.long"], 2))


def test_mistakes_of_form_and_of_name_are_told_together() -> None:
    """A volunteer who corrects one mistake and then hears of the next one gives up."""
    text = with_steps("- colect: age\n- collect: agee\n- action: utter_fin")
    assert {"cle.inconnue", "slot.inconnu"} == set(codes_told(text))


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_mistakes_of_name_and_of_text_are_told_together(tmp_path: Path, a: str, b: str) -> None:
    one, other = marked(WRONG[a])[0], marked(WRONG[b])[0]
    other = other.replace("essai", "autre").replace("utter_x", "utter_w")
    flows = checkout(tmp_path, _commun=COMMON, a=one, b=other)
    found = read_content(flows, ROOT / "data", ROOT / "locales", TUESDAY).problems
    assert {a, b} <= {problem.code for problem in found}
