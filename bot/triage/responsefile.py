"""Responses and their buttons, from nodes."""

import re
from collections.abc import Callable

from bot.reading import fields
from bot.reading.nodes import Node, Scalar
from bot.reading.problem import Problem, problem
from bot.reading.suggest import nearest
from bot.triage.flow import (
    Button,
    CopyFact,
    GoBack,
    OpenSite,
    Payload,
    Response,
    SetSlots,
    Speak,
    Start,
    Variant,
)

VARIANT_KEYS = ("text", "buttons", "condition", "metadata")
VARIANT_METADATA = ("change_de_sens",)
CALL = re.compile(r"/(?P<name>[A-Za-z_]\w*)(?:\((?P<inside>[^()]*)\))?")
PAIR = re.compile(r"\s*(?P<slot>[A-Za-z_]\w*)\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[\w\-]+)\s*")
NAMED = re.compile(r"[A-Za-z0-9_]+")
CALLED: dict[str, Callable[[str], Payload]] = {
    "copier": CopyFact, "site": OpenSite, "langue": Speak,
}  # fmt: skip


def read_response(name: Scalar, node: Node, found: list[Problem]) -> Response | None:
    """One response; its last variant holds always."""
    if not re.fullmatch(r"utter_[a-z0-9_]+", name.text):
        found.append(problem(name.span, "reponse.nom", nom=name.text))
    variants = [_variant(item, found) for item in fields.items(node, found)]
    whole = tuple(one for one in variants if one is not None)
    if not whole:
        found.append(problem(name.span, "reponse.vide", nom=name.text))
        return None
    if whole[-1].when:
        found.append(problem(whole[-1].span, "variante.defaut"))
    found.extend(problem(one.span, "variante.masquee") for one in whole[:-1] if not one.when)
    return Response(name.text, whole, name.span)


def _variant(node: Node, found: list[Problem]) -> Variant | None:
    body = fields.mapping(node, VARIANT_KEYS, found)
    text = fields.scalar(fields.required(body, "text", found), found) if body else None
    if body is None or text is None:
        return None
    listed = (_button(item, found) for item in fields.items(body.get("buttons"), found))
    tests = (_test(item, found) for item in fields.items(body.get("condition"), found))
    extra = fields.mapping(body.get("metadata"), VARIANT_METADATA, found)
    return Variant(
        text.text.strip(),
        tuple(one for one in listed if one is not None),
        tuple(one for one in tests if one is not None),
        text.span,
        fields.flag(extra.get("change_de_sens") if extra else None, found),
    )


def _test(node: Node, found: list[Problem]) -> tuple[str, str] | None:
    body = fields.mapping(node, ("type", "name", "value"), found)
    if body is None:
        return None
    kind = fields.scalar(fields.required(body, "type", found), found)
    if kind is not None and kind.text != "slot":
        found.append(problem(kind.span, "variante.type"))
    name = fields.scalar(fields.required(body, "name", found), found)
    value = fields.scalar(fields.required(body, "value", found), found)
    return (name.text, value.text) if name and value else None


def _button(node: Node, found: list[Problem]) -> Button | None:
    body = fields.mapping(node, ("title", "payload"), found)
    if body is None:
        return None
    title = fields.scalar(fields.required(body, "title", found), found)
    raw = fields.scalar(fields.required(body, "payload", found), found)
    if title is None or raw is None:
        return None
    payload = parse_payload(raw.text)
    if payload is None:
        called = CALL.match(raw.text)
        hint = (
            nearest(called["name"], ("SetSlots", *CALLED)) if called and "(" in raw.text else None
        )
        found.append(problem(raw.span, "payload.forme", hint, payload=raw.text))
        return None
    return Button(title.text, payload, raw.text, title.span, raw.span)


def parse_payload(raw: str) -> Payload | None:
    """What a payload asks for; None where it has none of the known forms."""
    call = CALL.fullmatch(raw.strip())
    if call is None:
        return None
    name, inside = call["name"], call["inside"]
    if inside is None:
        return _plain(name)
    if name == "SetSlots":
        return _set_slots(inside)
    made = CALLED.get(name)
    return made(inside.strip()) if made and NAMED.fullmatch(inside.strip()) else None


def _plain(name: str) -> Payload | None:
    if name in ("SetSlots", "copier", "site"):
        return None
    return GoBack() if name == "retour" else Start(name)


def _set_slots(inside: str) -> SetSlots | None:
    pairs = [PAIR.fullmatch(part) for part in inside.split(",")]
    if not all(pairs):
        return None
    return SetSlots(tuple((p["slot"], p["value"].strip("\"'")) for p in pairs if p))
