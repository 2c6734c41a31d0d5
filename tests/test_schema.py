"""While a volunteer types, an editor underlines what `relais check` will refuse, and only that."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from bot.outputs.schema import EXAMPLES, PAYLOAD, flow_file_schema, write_schema
from bot.reading.codes import CODES
from bot.triage.flowfile import FLOW_KEYS, SLOT_KEYS, read_bundle
from bot.triage.flowsteps import STEP_KEYS
from bot.triage.responsefile import VARIANT_KEYS, parse_payload
from tests.ground import LAWS, ROOT
from tests.material import marked, read
from tests.test_flowfile import FORM

SCHEMA = ROOT / "flows" / ".schema" / "flows.schema.json"
MODELINE = "# yaml-language-server: $schema=.schema/flows.schema.json"
FILES = sorted((ROOT / "flows").glob("*.yml"))

# Where the YAML itself breaks: the editor's own reader of YAML tells it.
BROKEN = {
    "yaml.illisible", "yaml.syntaxe", "yaml.deux_points", "yaml.tabulation", "yaml.caractere",
    "yaml.guillemet", "yaml.cle_double", "yaml.documents",
}  # fmt: skip
# What the reader refuses and a schema cannot: each with its reason.
BEYOND = {
    **dict.fromkeys(
        ["yaml.ancre", "yaml.etiquette", "yaml.cle_simple", "yaml.profondeur"],
        "legal YAML, which is gone before a schema looks",
    ),
    **dict.fromkeys(
        ["nom.double", "slot.inconnu", "slot.valeur", "etape.double", "etape.inconnue",
         "etape.arriere"],
        "needs the names that stand elsewhere",
    ),
    **dict.fromkeys(
        [code for code in CODES if code.startswith("condition.")],
        "a condition has a grammar of its own",
    ),
    **dict.fromkeys(
        ["next.imbrique", "next.else_dernier", "next.sans_else", "link.dernier", "variante.defaut",
         "variante.masquee"],
        "depends on which item is the last of its list, which draft 7 cannot say",
    ),
    "nlu.exemple": "a line that is a bare dash, or has no space after it, is left to the reader",
    "forme.texte_vide": "an editor takes nothing for the word null, which the reader takes",
}  # fmt: skip
# Of these the schema says a part: what it can.
IN_PART = {
    "yaml.cle_simple", "yaml.profondeur", "slot.valeur", "next.sans_else", "link.dernier",
    "nlu.exemple", "forme.texte_vide",
}  # fmt: skip


class _Editor(yaml.SafeLoader):
    """YAML 1.2 as editors read it: `true` is a boolean, 15 a number, `oui` and `no` are texts."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  PyYAML's own name and shape


for _tag, _form, _first in (
    ("null", r"|~|null|Null|NULL", ["", "~", "n", "N"]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    _Editor.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"({_form})$"), _first)


def as_an_editor_reads(text: str) -> Any:
    return _plain(yaml.compose(text, _Editor))


def _plain(node: yaml.Node | None) -> Any:
    if isinstance(node, yaml.MappingNode):
        pairs = {_key(key): _plain(value) for key, value in node.value}
        if len(pairs) < len(node.value):
            raise yaml.YAMLError("two equal keys")
        return pairs
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return _scalar(node.tag.rpartition(":")[2], node.value) if node else None


def _scalar(kind: str, text: str) -> Any:
    match kind:
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int" | "float":
            return float(int(text, 0)) if text[:2] in ("0x", "0o") else float(text)
    return text


def _key(node: yaml.Node) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else repr(node.value)


@cache
def validator() -> Draft7Validator:
    return Draft7Validator(flow_file_schema())


def underlined(text: str) -> bool:
    """Whether an editor marks something in this topic; where YAML breaks it always does."""
    try:
        return not validator().is_valid(as_an_editor_reads(text))
    except yaml.YAMLError:
        return True


def told(text: str) -> list[str]:
    """The codes of form that the reader tells of this topic beside the common one."""
    return [one.code for one in read(text)[1]]


# --- The file that editors read ---


def test_the_schema_that_editors_read_is_the_one_that_the_program_makes(tmp_path):
    write_schema(tmp_path / "schema.json")
    assert SCHEMA.read_text(encoding="utf-8") == (tmp_path / "schema.json").read_text(
        encoding="utf-8"
    ), "make docs writes it"


def test_the_schema_is_one():
    Draft7Validator.check_schema(flow_file_schema())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_of_flows_says_where_its_schema_is_and_nothing_in_it_is_underlined(file):
    text = file.read_text(encoding="utf-8")
    assert text.splitlines()[0] == MODELINE
    found = validator().iter_errors(as_an_editor_reads(text))
    assert [f"{'/'.join(map(str, one.path))}: {one.message}" for one in found] == []


def test_every_key_is_explained_to_whoever_points_at_it():
    keys = dict(_keys(flow_file_schema(), ""))
    assert len(keys) > 40
    for where, told_there in keys.items():
        assert re.search(r"[a-zé]{3,}.*\.$", told_there["description"]), where
        assert "`" not in told_there["description"]
        assert told_there["markdownDescription"].replace("`", "") == told_there["description"]


def _keys(schema: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Each key that may be written; rules about keys that are explained elsewhere are not."""
    if isinstance(schema, list):
        for one in schema:
            yield from _keys(one, where)
    elif isinstance(schema, dict):
        for key, value in schema.items():
            if key == "properties" and "additionalProperties" in schema:
                yield from ((f"{where}/{name}", told) for name, told in value.items())
            yield from _keys(value, f"{where}/{key}")


# --- Schema and reader agree: small files ---


@pytest.mark.parametrize("code", FORM)
def test_a_mistake_of_form_is_underlined_unless_a_schema_cannot_know(code: str):
    text, _ = marked(FORM[code])
    assert code in told(text)
    if code not in IN_PART:
        assert underlined(text) == (code not in BEYOND)


def test_what_a_schema_cannot_know_is_a_problem_that_exists():
    assert IN_PART <= set(BEYOND) <= set(CODES)
    assert set(CODES) >= BROKEN


SLOT = "slots: {essai: {type: text, %s}}\n"
FLOW = "flows: {essai: {description: x, steps: [{action: utter_x}], %s}}\n"
VARIANT = "responses: {utter_x: [{text: x, %s}]}\n"
BUTTON = "responses: {utter_x: [{text: x, buttons: [%s]}]}\n"
CONDITION = "responses: {utter_x: [{text: x, condition: [%s]}, {text: y}]}\n"
NEXT = "flows: {essai: {description: x, steps: [{collect: lieu, next: %s}]}}\n"
STEP = "flows: {essai: {description: x, steps: [%s]}}\n"
WRONG = [
    "texte\n",
    "[slots]\n",
    "slot: {}\n",
    "Flows: {}\n",
    "slots:\n",
    "slots: {essai: text}\n",
    "slots: {essai: {}}\n",
    "slots: {essai-1: {type: bool}}\n",
    "slots: {1er: {type: bool}}\n",
    "slots: {essai: {type: categorical}}\n",
    "slots: {essai: {type: categorical, values: []}}\n",
    "slots: {essai: {type: categorical, values: oui}}\n",
    "slots: {essai: {type: categorical, values: [[oui]]}}\n",
    "slots: {essai: {type: bool, initial_value: oui}}\n",
    SLOT % "value: [a]",
    SLOT % "initial_value: [a]",
    SLOT % 'initial_value: ""',
    SLOT % "metadata: lieu",
    SLOT % "metadata: [saisie]",
    SLOT % "metadata: {saisi: lieu}",
    SLOT % "metadata: {saisie: commune}",
    SLOT % "metadata: {cle: [a]}",
    SLOT % "metadata: {cles: [a]}",
    SLOT % "metadata: {cles: {a: [b]}}",
    "flows: []\n",
    "flows: {Essai: {description: x, steps: [{action: utter_x}]}}\n",
    "flows: {essai: {steps: [{action: utter_x}]}}\n",
    "flows: {essai: {description: x}}\n",
    "flows: {essai: {description: x, steps: []}}\n",
    "flows: {essai: {description: x, steps: {action: utter_x}}}\n",
    FLOW % "nam: x",
    FLOW % "name: {fr: x}",
    FLOW % "if: [a]",
    FLOW % "nlu_trigger: essai",
    FLOW % "nlu_trigger: [essai]",
    FLOW % "nlu_trigger: [{intents: essai}]",
    FLOW % "nlu_trigger: [{intent: essai, score: 1}]",
    FLOW % "nlu_trigger: [{}]",
    FLOW % "persisted_slots: lieu",
    FLOW % "persisted_slots: [{lieu: F}]",
    FLOW % "metadata: {compter: parfois}",
    FLOW % "metadata: {compter: 1}",
    FLOW % "metadata: {anciens_noms: vieux}",
    FLOW % "metadata: {ancien_nom: [vieux]}",
    STEP % "urgence",
    STEP % "[{action: utter_x}]",
    STEP % "{}",
    STEP % "{id: x}",
    STEP % "{id: [x], action: utter_x}",
    STEP % "{colect: lieu}",
    STEP % "{collect: lieu, action: utter_x}",
    STEP % "{call: lieu, link: lieu}",
    STEP % "{action: utter_x, link: lieu, next: END}",
    STEP % "{action: utter_x, noop: true}",
    STEP % "{collect: [lieu]}",
    STEP % "{action: {utter_x: y}}",
    STEP % "{action: utter_x, utter: utter_y}",
    STEP % "{action: utter_x, force_slot_filling: true}",
    STEP % "{collect: lieu, force_slot_filling: 1}",
    STEP % "{collect: lieu, metadata: issue}",
    STEP % "{collect: lieu, metadata: {isue: true}}",
    STEP % "{collect: lieu, metadata: {issue: peut-être}}",
    STEP % "{set_slots: {lieu: F}}",
    STEP % "{set_slots: [lieu]}",
    STEP % "{set_slots: [{lieu: [F]}]}",
    STEP % "{noop: true}",
    STEP % "{noop: 1, next: END}",
    STEP % "{link: lieu, next: END}",
    NEXT % "{if: slots.lieu}",
    NEXT % "[]",
    NEXT % '""',
    NEXT % "[END]",
    NEXT % "[{if: slots.lieu, then: END}]",
    NEXT % "[{si: slots.lieu, then: END}, {else: END}]",
    NEXT % "[{if: slots.lieu}, {else: END}]",
    NEXT % "[{then: END}, {else: END}]",
    NEXT % "[{if: slots.lieu, then: END, else: END}]",
    NEXT % "[{if: slots.lieu, then: []}, {else: END}]",
    NEXT % "[{if: slots.lieu, then: {link: urgence}}, {else: END}]",
    NEXT % "[{if: slots.lieu, then: [{lien: urgence}]}, {else: END}]",
    NEXT % "[{else: END, next: END}]",
    "responses: {accueil: [{text: x}]}\n",
    "responses: {utter_X: [{text: x}]}\n",
    "responses: {utter_x: {text: x}}\n",
    "responses: {utter_x: []}\n",
    "responses: {utter_x: [x]}\n",
    "responses: {utter_x: [{}]}\n",
    'responses: {utter_x: [{text: " "}]}\n',
    "responses: {utter_x: [{text: [x]}]}\n",
    VARIANT % "button: []",
    VARIANT % "buttons: {title: x, payload: /lieu}",
    VARIANT % "metadata: {changement: oui}",
    VARIANT % "metadata: {change_de_sens: un_peu}",
    VARIANT % "metadata: oui",
    BUTTON % "x",
    BUTTON % "{title: x}",
    BUTTON % "{payload: /lieu}",
    BUTTON % "{titre: x, title: x, payload: /lieu}",
    BUTTON % "{title: [x], payload: /lieu}",
    BUTTON % "{title: x, payload: lieu}",
    BUTTON % "{title: x, payload: 3919}",
    BUTTON % '{title: x, payload: "/SetSlots(lieu)"}',
    CONDITION % "{name: lieu, value: F}",
    CONDITION % "{type: slots, name: lieu, value: F}",
    CONDITION % "{type: slot, name: lieu}",
    CONDITION % "{type: slot, nom: lieu, value: F}",
    CONDITION % "slots.lieu",
    "nlu: {intent: danger}\n",
    "nlu: [danger]\n",
    "nlu: [{intent: danger}]\n",
    'nlu: [{examples: "- x"}]\n',
    'nlu: [{intent: danger, examples: "- x", lang: fr}]\n',
    "nlu: [{intent: danger, examples: [x]}]\n",
    "nlu: [{intent: danger, examples: 12}]\n",
    "nlu: [{intent: danger, examples: x}]\n",
    "nlu:\n  - intent: danger\n    examples: |\n      - x\n      y\n",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_the_reader_refuses_is_underlined(text: str):
    assert told(text) != []
    assert underlined(text)


RIGHT = [
    "version: '3.1'\n",
    "version: {a: [b]}\n",
    "slots: {essai: {type: categorical, values: [oui, no, 01000, 15, 1e3, true, ~, 2026-01-01]}}\n",
    "slots: {essai: {type: bool, initial_value: true}}\n",
    'slots: {essai: {type: "bool", initial_value: "false", values: [x]}}\n',
    SLOT % "mappings: [{type: controlled}]",
    SLOT % "mappings: rien",
    SLOT % "metadata: {saisie: lieu, cle: 12, cles: {15: 16, Été: oui}}",
    SLOT % "metadata: {}",
    FLOW % "if: false",
    FLOW % "if: 'false'",
    FLOW % "name: 3919",
    FLOW % "metadata: {compter: oui, anciens_noms: [1], cle: x}",
    FLOW % "metadata: {compter: 'non'}, persisted_slots: [], nlu_trigger: []",
    STEP % "{id: 1, collect: lieu, utter: utter_ask_lieu, force_slot_filling: oui, next: END}",
    STEP % "{id: L'étape, action: utter_x, metadata: {issue: non}}",
    STEP % "{noop: false, next: END}",
    STEP % "{set_slots: []}, {set_slots: [{}]}, {set_slots: [{lieu: 1, essai: true}]}",
    STEP % "{collect: lieu, next: 15}, {id: 15, link: urgence}",
    NEXT % "[{else: [{link: urgence}]}]",
    NEXT % "[{if: true, then: END}, {else: END}]",
    "responses: {utter_3919: [{text: 3919, buttons: [{title: 17, payload: /lieu}]}]}\n",
    VARIANT % "metadata: {change_de_sens: oui}, buttons: [], condition: []",
    BUTTON % "{title: x, payload: /langue}, {title: y, payload: /langue(en)}",
    CONDITION % "{type: slot, name: lieu, value: true}",
    'nlu: [{intent: 17, examples: "- x\\n\\n   - y"}]\n',
    "slots: {}\nflows: {}\nresponses: {}\nnlu: []\n",
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_the_reader_takes_is_not_underlined(text: str):
    assert told(text) == []
    assert not underlined(text)


def test_an_empty_text_is_left_to_the_reader_since_an_editor_takes_it_for_the_word_null():
    for text in ("responses: {utter_x: [{text: }]}\n", "responses: {utter_x: [{text: null}]}\n"):
        assert not underlined(text)
    assert told("responses: {utter_x: [{text: }]}\n") == ["forme.texte_vide", "reponse.vide"]
    assert told("responses: {utter_x: [{text: null}]}\n") == []


PAYLOADS = st.one_of(
    st.text(max_size=20),
    st.text(alphabet="/SetSlots(copierlangue)=\"', _-19é\n", max_size=30),
    st.from_regex(r" ?/(SetSlots|copier|site|langue|retour|[a-z_é]{1,9})(\([\w =]{0,9}\))?\n?"),
    st.from_regex(r"/SetSlots\([a-z]+ ?=['\"]?[\w -]{0,5}['\"]?(, ?[a-z]=[\w.-]+)?\)"),
)


@settings(LAWS, max_examples=150)
@given(PAYLOADS)
def test_a_payload_that_the_reader_understands_is_never_underlined(raw: str):
    if parse_payload(raw) is not None:
        assert re.search(PAYLOAD, raw)


@pytest.mark.parametrize(
    "raw",
    ["", "lieu", "/", "/SetSlots", "/SetSlots()", "/SetSlots(a)", "/SetSlots(a=)", "/copier",
     "/SetSlots(a=x,)", "/SetSlots(a=x y)", "/copier(té)", "/site(https://x)", "/lieu()",
     "/retour()", "/langue()", "/langue(e n)", "/SetSlot(a=x)", "/Set Slots(a=x)", "/li-eu"],
)  # fmt: skip
def test_a_payload_of_no_known_form_is_underlined(raw: str):
    assert parse_payload(raw) is None
    assert not re.search(PAYLOAD, raw)


@settings(LAWS, max_examples=150)
@given(st.text(alphabet="- \tab\n\r\u00a0\u2028é", max_size=20))
def test_examples_that_the_reader_takes_are_never_underlined(block: str):
    text = "nlu: " + json.dumps([{"intent": "essai", "examples": block}]) + "\n"
    if not told(text):
        assert re.search(EXAMPLES, block)


# --- Schema and reader agree: the real files, changed anywhere ---


@cache
def real() -> dict[str, Any]:
    """Each file as an editor reads it."""
    return {file.name: as_an_editor_reads(file.read_text(encoding="utf-8")) for file in FILES}


@cache
def slots_beside(name: str) -> str:
    """The slots of the other files, which conditions of this one may name."""
    others = (topic for other, topic in real().items() if other != name)
    return json.dumps(
        {"slots": {k: v for topic in others for k, v in topic.get("slots", {}).items()}}
    )


def codes_of(name: str, topic: Any) -> list[str]:
    """What the reader tells of a file; JSON is YAML, and keeps every scalar as it is."""
    written = json.dumps(topic, ensure_ascii=False)
    return [one.code for one in read_bundle({"autres": slots_beside(name), name: written})[1]]


VALUES = [
    "", " ", "oui", "END", "fin", "/lieu", "utter_x", "slot", True, False, 15, None,
    [], {}, [""], ["oui"], [15, True], {"text": "x"}, {"a": "x"}, [{"a": "x"}], [[]],
    [{"action": "utter_x"}], [{"if": "true", "then": "END"}], [{"else": "END"}],
    {"collect": "lieu"}, {"link": "urgence"}, {"title": "x", "payload": "/lieu"},
]  # fmt: skip
KEYS = [
    *sorted({*FLOW_KEYS, *SLOT_KEYS, *STEP_KEYS, *VARIANT_KEYS, "then", "else", "payload"}),
    "Flows", "colect", "nom_nouveau", "utter_nouveau", "Été", "15",
]  # fmt: skip


def parts_of(value: Any) -> Iterator[Any]:
    """Every list and mapping inside, the whole first."""
    if isinstance(value, dict | list):
        yield value
        for one in value.values() if isinstance(value, dict) else value:
            yield from parts_of(one)


def changed(data: st.DataObject, topic: Any) -> Any:
    """A file with one thing lost, misspelt, added or replaced, anywhere."""
    topic = json.loads(json.dumps(topic))
    part = data.draw(st.sampled_from([one for one in parts_of(topic) if one]))
    value = data.draw(st.sampled_from(VALUES))
    where = data.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
    match data.draw(st.sampled_from(["lost", "replaced", "added", "misspelt", "doubled"])):
        case "lost":
            del part[where]
        case "replaced":
            part[where] = value
        case "added" if isinstance(part, dict):
            part[data.draw(st.sampled_from(KEYS))] = value
        case "misspelt" if isinstance(part, dict):
            part[where[1:] + where[0]] = part.pop(where)
        case _ if isinstance(part, list):
            part.insert(where, data.draw(st.sampled_from([value, part[where]])))
    return topic


@settings(LAWS, max_examples=150)
@given(st.data())
def test_whatever_a_volunteer_changes_editor_and_check_agree(data: st.DataObject):
    name = data.draw(st.sampled_from(sorted(real())))
    topic = changed(data, real()[name])
    codes = codes_of(name, topic)
    told_by_editor = [one.message for one in validator().iter_errors(topic)]
    if told_by_editor:
        assert codes, f"a false alarm: {told_by_editor}"
    else:
        assert set(codes) <= set(BEYOND)


def test_the_real_files_are_right_before_they_are_changed():
    for name, topic in real().items():
        assert codes_of(name, topic) == [], name
