"""Mappings read key by key: what is unknown, missing or of another shape becomes a problem."""

from collections.abc import Collection

from bot.reading.nodes import Mapping, Node, Scalar, Sequence
from bot.reading.problem import Problem, problem
from bot.reading.suggest import nearest

FLAGS = {"true": True, "false": False, "oui": True, "non": False}


def mapping(node: Node | None, known: Collection[str], found: list[Problem]) -> Mapping | None:
    """The node as a mapping; each key outside `known` is a problem with the nearest known one."""
    if not isinstance(node, Mapping):
        if node is not None:
            found.append(problem(node.span, "forme.dictionnaire"))
        return None
    for key, _ in node.pairs:
        if key.text not in known:
            found.append(problem(key.span, "cle.inconnue", nearest(key.text, known), cle=key.text))
    return node


def named(node: Node | None, found: list[Problem]) -> tuple[tuple[Scalar, Node], ...]:
    """The pairs of a mapping whose keys are names of the author's own; none where absent."""
    if node is None:
        return ()
    if not isinstance(node, Mapping):
        found.append(problem(node.span, "forme.dictionnaire"))
        return ()
    return node.pairs


def items(node: Node | None, found: list[Problem]) -> tuple[Node, ...]:
    """The items of a list; none where it is absent."""
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        found.append(problem(node.span, "forme.liste"))
        return ()
    return node.items


def scalar(node: Node | None, found: list[Problem]) -> Scalar | None:
    """The node as a text that is not empty; None where it is absent."""
    if node is None:
        return None
    if not isinstance(node, Scalar):
        found.append(problem(node.span, "forme.texte"))
        return None
    if not node.text.strip():
        found.append(problem(node.span, "forme.texte_vide"))
        return None
    return node


def required(parent: Mapping, key: str, found: list[Problem]) -> Node | None:
    """The node under `key`; its absence is a problem at the parent's place."""
    node = parent.get(key)
    if node is None:
        found.append(problem(parent.span, "cle.absente", cle=key))
    return node


def flag(node: Node | None, found: list[Problem]) -> bool:
    """True or false (also oui, non); false where it is absent."""
    text = scalar(node, found)
    if text is None:
        return False
    if text.text not in FLAGS:
        found.append(problem(text.span, "forme.oui_non", valeur=text.text))
    return FLAGS.get(text.text, False)
