"""The JSON Schema of the flow files, so that an editor helps while a volunteer types.

It says no more than the reader: what it refuses, the reader refuses. Draft 7, since the language
server that editors use for YAML knows no newer one. Key sets are the reader's own constants.

Our reader takes every scalar as it is typed, an editor reads `oui` as a text, `true` as a boolean
and 15 as a number; so a text may be any of them, and null too: an editor takes `null` for it.
"""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from bot.reading.fields import FLAGS
from bot.triage.flow import PLACE_SLOT
from bot.triage.flowfile import (
    FLOW_KEYS,
    FLOW_METADATA,
    NAME,
    ROOT_KEYS,
    SLOT_KEYS,
    SLOT_METADATA,
    SLOT_TYPES,
)
from bot.triage.flowsteps import STEP_KEYS, STEP_KINDS, STEP_METADATA
from bot.triage.responsefile import CALLED, NAMED, VARIANT_KEYS, VARIANT_METADATA

Schema = dict[str, Any]
SCALAR = ["string", "number", "boolean", "null"]
SOMETHING = r"\S"
# The ASCII part of these classes is that of the reader's \w; beyond ASCII they let more pass.
LETTERS = r"[^\s!-/:-@\[-^`{-~]"
VALUE = r"(\"[^\",()]*\"|'[^',()]*'|[^\s!-,./:-@\[-^`{-~]+)"
PAIR = rf"\s*[A-Za-z_]{LETTERS}*\s*=\s*{VALUE}\s*"
PAYLOAD = (
    rf"^\s*/(SetSlots\({PAIR}(,{PAIR})*\)"
    rf"|({'|'.join(CALLED)})\(\s*{NAMED.pattern}\s*\)"
    rf"|(?!(SetSlots|copier|site)\s*$)[A-Za-z_]{LETTERS}*)\s*$"
)
RESPONSE = r"^utter_[a-z0-9_]+$"
EXAMPLES = r"^(?!([\s\S]*\n)?[ \t]*[^\s-])"  # no line begins with anything but a dash

ROOT_DOC = {
    "version": "Accepté pour Rasa, sans effet ici.",
    "slots": "Les réponses que les questions remplissent, chacune sous son nom.",
    "flows": "Les chemins de ce sujet, chacun sous son nom.",
    "responses": "Ce qui est dit, chaque réponse sous un nom qui commence par `utter_`.",
    "nlu": "Les mots tapés qui ouvrent un flow : des règles locales, sans modèle.",
}
SLOT_DOC = {
    "type": "`bool` (oui ou non), `categorical` (une des `values`), ou `text` (un lieu).",
    "values": "La liste des valeurs possibles. Obligatoire pour `categorical`.",
    "initial_value": "La valeur de départ. Sans elle, le slot est vide.",
    "mappings": "Accepté pour Rasa, sans effet ici.",
    "metadata": "Les ajouts de Relais : `saisie`, `cle`, `cles`.",
}
SLOT_METADATA_DOC = {
    "saisie": "`lieu` : la personne peut taper une commune, un code postal, un département.",
    "cle": "L'ancien nom de ce slot, pour que les boutons déjà affichés marchent encore.",
    "cles": "L'ancien nom de chaque valeur renommée : `{nouvelle: ancienne}`.",
}
FLOW_DOC = {
    "name": "Le nom montré aux personnes. Sinon, l'id avec des espaces.",
    "description": "Ce que fait ce flow, pour qui lit le fichier. Obligatoire.",
    "steps": "Les étapes. La première est le départ. Obligatoire.",
    "if": "Quand des mots tapés peuvent ouvrir ce flow. `false` : par `call` ou `link` seulement.",
    "nlu_trigger": "Les mots tapés qui ouvrent ce flow : `[{intent: x}]`.",
    "persisted_slots": "Les slots gardés d'un flow à l'autre.",
    "metadata": "Les ajouts de Relais : `anciens_noms`, `cle`, `compter`.",
}
FLOW_METADATA_DOC = {
    "anciens_noms": "Les anciens ids de ce flow : les boutons déjà affichés marchent encore.",
    "compter": "`true` : les issues de ce flow peuvent être comptées.",
    "cle": "Un autre mot, si deux noms donnent la même clé courte.",
}
STEP_DOC = {
    "id": "Le nom de cette étape, pour qu'un `next` puisse y mener.",
    "next": "La suite : l'`id` d'une étape plus bas, `END`, ou une liste `if` / `then` et `else`.",
    "metadata": "`issue` : si cet écran est une fin de chemin.",
    "utter": "La réponse qui pose la question, si ce n'est pas `utter_ask_` et le nom du slot.",
    "force_slot_filling": "`true` : le prochain message tapé est la réponse. Pour un lieu.",
    "collect": "Pose la question de ce slot. Sautée si le slot est déjà rempli.",
    "action": "`utter_...` ajoute cette réponse à l'écran. `action_...` appelle le programme.",
    "set_slots": "Fixe des valeurs : `[{a: x}, {b: y}]`.",
    "call": "Passe par cet autre flow, puis revient ici.",
    "link": "Part dans cet autre flow, sans revenir. Toujours la dernière étape.",
    "noop": "`true` : ne fait que choisir la suite. `next` est obligatoire.",
}
STEP_METADATA_DOC = {
    "issue": "`true` : cette question est une issue, avec « Garder 1 heure ». `false` : pas elle.",
}
BRANCH_DOC = {
    "if": 'Une condition : `slots.age is "mineur"`. La première qui est vraie l\'emporte.',
    "then": "Où aller alors : un `id`, `END`, ou des étapes.",
    "else": "Où aller dans tous les autres cas : un `id`, `END`, ou des étapes. Obligatoire.",
}
VARIANT_DOC = {
    "text": "Ce que la personne lit. Un numéro s'écrit `{tel_3919}`, une fiche `{carte_3919}`.",
    "buttons": "Les boutons, dans l'ordre. Six au plus se lisent bien.",
    "condition": "Quand montrer cette variante. La dernière n'a pas de condition.",
    "metadata": "Les ajouts de Relais : `change_de_sens`.",
}
VARIANT_METADATA_DOC = {
    "change_de_sens": "`oui` : le texte a changé de sens, il faut le retraduire.",
}
CONDITION_DOC = {
    "type": "Toujours `slot`.",
    "name": "Le slot à regarder.",
    "value": "La valeur qu'il doit avoir.",
}
BUTTON_DOC = {
    "title": "Ce qui est écrit sur le bouton, en 28 caractères au plus.",
    "payload": "Ce qu'il fait : `/SetSlots(slot=valeur)`, `/nom_du_flow`, `/copier(tel_3919)`,"
    " `/site(3919)`, `/langue(en)` ou `/retour`.",
}
TRIGGER_DOC = {"intent": "Un intent de `nlu`. Un intent ouvre un seul flow."}
INTENT_DOC = {
    "intent": "Le nom de ces phrases, que `nlu_trigger` emploie.",
    "examples": "Ce que les personnes tapent, une phrase par ligne, après `- `.",
}


def flow_file_schema() -> Schema:
    """The whole schema, as values."""
    named = {"pattern": f"^{NAME.pattern}$"}
    root = _mapping(
        ROOT_KEYS,
        ROOT_DOC,
        {
            "slots": _table(named, _ref("slot")),
            "flows": _table(named, _ref("flow")),
            "responses": _table({"pattern": RESPONSE}, _ref("response")),
            "nlu": _list(_intent()),
            "version": {},
        },
    )
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Un fichier de flows de Relais",
        "description": "Un sujet : ses slots, ses flows, ses réponses et ses mots tapés."
        " Le format est dans docs/FORMAT.md.",
        **root,
        "definitions": {
            "slot": _slot(),
            "flow": _flow(),
            "step": _step(),
            "branch": _branch(),
            "response": _list(_variant(), minItems=1),
        },
    }


def write_schema(path: Path) -> None:
    """Write the schema as a file that may be read and compared line by line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(flow_file_schema(), ensure_ascii=False, indent=2)
    path.write_text(f"{text}\n", encoding="utf-8")


def _slot() -> Schema:
    metadata = _mapping(
        SLOT_METADATA,
        SLOT_METADATA_DOC,
        {"saisie": {"enum": [PLACE_SLOT]}, "cles": {"type": "object"} | _all(_text())},
    )
    body = _mapping(
        SLOT_KEYS,
        SLOT_DOC,
        {
            "type": {"enum": list(SLOT_TYPES)},
            "values": _list(_text()),
            "mappings": {},
            "metadata": metadata,
        },
        required=["type"],
    )
    return {
        **body,
        "allOf": [
            _if_type("categorical", {"values": {"minItems": 1}}, required=["values"]),
            _if_type("bool", {"initial_value": {"enum": _flags("true", "false")}}),
        ],
    }


def _if_type(kind: str, then: Schema, required: Collection[str] = ()) -> Schema:
    return {
        "if": {"required": ["type"], "properties": {"type": {"const": kind}}},
        "then": {"properties": then, "required": list(required)},
    }


def _flow() -> Schema:
    metadata = _mapping(
        FLOW_METADATA,
        FLOW_METADATA_DOC,
        {"anciens_noms": _list(_text()), "compter": _flag()},
    )
    trigger = _mapping(("intent",), TRIGGER_DOC, {}, required=["intent"])
    return _mapping(
        FLOW_KEYS,
        FLOW_DOC,
        {
            "steps": _list(_ref("step"), minItems=1),
            "nlu_trigger": _list(trigger),
            "persisted_slots": _list(_text()),
            "metadata": metadata,
        },
        required=["description", "steps"],
    )


def _step() -> Schema:
    body = _mapping(
        STEP_KEYS,
        STEP_DOC,
        {
            "next": {**_text("array"), "items": _ref("branch"), "contains": {"required": ["else"]}},
            "metadata": _mapping(STEP_METADATA, STEP_METADATA_DOC, {"issue": _flag()}),
            "set_slots": _list({"type": "object"} | _all(_text())),
            "force_slot_filling": _flag(),
            "noop": _flag(),
        },
    )
    return {**body, "oneOf": [_step_of(kind) for kind in STEP_KINDS]}


def _step_of(kind: str) -> Schema:
    """What one kind of step needs, and what it cannot have beside."""
    foreign = [other for other in STEP_KINDS if other != kind]
    if kind != "collect":
        foreign += ["utter", "force_slot_filling"]
    if kind == "link":
        foreign.append("next")
    needed = [kind, "next"] if kind == "noop" else [kind]
    return {"required": needed, "properties": dict.fromkeys(foreign, False)}


def _branch() -> Schema:
    target = {**_text("array"), "items": _ref("step"), "minItems": 1}
    body = _mapping(BRANCH_DOC, BRANCH_DOC, {"then": target, "else": target})
    return {
        **body,
        "oneOf": [
            {"required": ["if", "then"], "properties": {"else": False}},
            {"required": ["else"], "properties": {"if": False, "then": False}},
        ],
    }


def _variant() -> Schema:
    button = _mapping(
        BUTTON_DOC,
        BUTTON_DOC,
        {"payload": {"type": "string", "pattern": PAYLOAD}},
        required=["title", "payload"],
    )
    condition = _mapping(
        CONDITION_DOC, CONDITION_DOC, {"type": {"const": "slot"}}, required=list(CONDITION_DOC)
    )
    metadata = _mapping(VARIANT_METADATA, VARIANT_METADATA_DOC, {"change_de_sens": _flag()})
    return _mapping(
        VARIANT_KEYS,
        VARIANT_DOC,
        {"buttons": _list(button), "condition": _list(condition), "metadata": metadata},
        required=["text"],
    )


def _intent() -> Schema:
    examples = {"type": "string", "pattern": EXAMPLES}
    return _mapping(INTENT_DOC, INTENT_DOC, {"examples": examples}, required=list(INTENT_DOC))


def _mapping(
    keys: Collection[str],
    told: Mapping[str, str],
    shapes: Mapping[str, Schema],
    required: Collection[str] = (),
) -> Schema:
    """An object of these keys and no other; a key without a shape of its own is a text."""
    properties = {key: {**_told(told[key]), **shapes.get(key, _text())} for key in keys}
    needed = {"required": list(required)} if required else {}
    return {"type": "object", "additionalProperties": False, "properties": properties, **needed}


def _told(markdown: str) -> Schema:
    return {"description": markdown.replace("`", ""), "markdownDescription": markdown}


def _table(names: Schema, values: Schema) -> Schema:
    return {"type": "object", "propertyNames": names, **_all(values)}


def _all(values: Schema) -> Schema:
    return {"additionalProperties": values}


def _list(items: Schema, **limits: int) -> Schema:
    return {"type": "array", "items": items, **limits}


def _text(*more: str) -> Schema:
    return {"type": [*SCALAR, *more], "pattern": SOMETHING}


def _flag() -> Schema:
    return {"enum": _flags(*FLAGS)}


def _flags(*written: str) -> list[str | bool]:
    return [True, False, *written]


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}
