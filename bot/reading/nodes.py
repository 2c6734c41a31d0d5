"""YAML text to nodes that know their place; every scalar stays as it was typed.

Only parser *events* are read, never a loaded document: loading turns 01000 into 512 and NO into
False, and lets the last of two equal keys win in silence. Composing is iterative, so no depth of
brackets can exhaust the stack.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import yaml
from yaml._yaml import CParser
from yaml._yaml import Mark as CMark

from bot.reading.problem import Problem, Span, problem

DEPTH_LIMIT = 64  # levels of nesting
QUOTES = ("'", '"')
SIZE_LIMIT = 1_000_000  # bytes of one file


@dataclass(frozen=True)
class Scalar:
    """A text, raw: `oui`, `01000` and `"3919"` are the characters typed, without their quotes."""

    span: Span
    text: str
    quoted: bool


@dataclass(frozen=True)
class Sequence:
    """A list of nodes, in order."""

    span: Span
    items: tuple["Node", ...]


@dataclass(frozen=True)
class Mapping:
    """Pairs of a scalar key and a node, in order; of two equal keys only the first is kept."""

    span: Span
    pairs: tuple[tuple[Scalar, "Node"], ...]

    def get(self, key: str) -> "Node | None":
        """The node under `key`, or None."""
        return next((node for name, node in self.pairs if name.text == key), None)

    def key(self, key: str) -> Scalar | None:
        """The key itself, for its place."""
        return next((name for name, _ in self.pairs if name.text == key), None)


Node = Scalar | Sequence | Mapping


@dataclass
class _Open:
    """A list or mapping being read."""

    span: Span
    mapping: bool
    children: list[Node]


def read_yaml(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """The document's root and every problem found; (None, problems) where nothing can be read."""
    if len(text.encode()) > SIZE_LIMIT:
        return None, [problem(Span(file), "fichier.taille", limite=SIZE_LIMIT)]
    found: list[Problem] = []
    try:
        root = _compose(CParser(text), file, found)
    except yaml.MarkedYAMLError as error:
        return None, [*found, _syntax(error, text, file)]
    except (yaml.YAMLError, ValueError):
        return None, [*found, problem(Span(file), "yaml.illisible")]
    if root is None and not found:
        found.append(problem(Span(file), "fichier.vide"))
    return root, found


def _compose(parser: CParser, file: str, found: list[Problem]) -> Node | None:
    stack: list[_Open] = []
    root: Node | None = None
    for event in _events(parser):
        span = _span(event, file)
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            found.append(problem(span, "yaml.documents"))
            return root
        if isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            _refuse_marks(event, span, found)
            if len(stack) >= DEPTH_LIMIT:
                found.append(problem(span, "yaml.profondeur", limite=DEPTH_LIMIT))
                return None
            stack.append(_Open(span, isinstance(event, yaml.MappingStartEvent), []))
            continue
        node = _closed(event, span, stack, found)
        if node is not None:
            if stack:
                stack[-1].children.append(node)
            else:
                root = node
    return root


def _events(parser: CParser) -> Iterator[yaml.Event]:
    while (event := parser.get_event()) is not None:
        yield event


def _closed(event: yaml.Event, span: Span, stack: list[_Open], found: list[Problem]) -> Node | None:
    if isinstance(event, yaml.ScalarEvent):
        _refuse_marks(event, span, found)
        return Scalar(span, event.value, quoted=event.style in QUOTES)
    if isinstance(event, yaml.AliasEvent):
        found.append(problem(span, "yaml.ancre"))
        return Scalar(span, "", quoted=False)
    if isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
        done = stack.pop()
        return _mapping(done, found) if done.mapping else Sequence(done.span, tuple(done.children))
    return None


def _mapping(done: _Open, found: list[Problem]) -> Mapping:
    pairs: dict[str, tuple[Scalar, Node]] = {}
    for key, value in zip(done.children[::2], done.children[1::2], strict=True):
        if not isinstance(key, Scalar):
            found.append(problem(key.span, "yaml.cle_simple"))
        elif key.text in pairs:
            first = pairs[key.text][0].span.line
            found.append(problem(key.span, "yaml.cle_double", cle=key.text, ligne=first))
        else:
            pairs[key.text] = (key, value)
    return Mapping(done.span, tuple(pairs.values()))


def _refuse_marks(event: yaml.NodeEvent, span: Span, found: list[Problem]) -> None:
    if event.anchor is not None:
        found.append(problem(span, "yaml.ancre"))
    if getattr(event, "tag", None) not in (None, "!"):
        found.append(problem(span, "yaml.etiquette"))


def _span(event: yaml.Event, file: str) -> Span:
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        return Span(file)
    length = end.column - start.column if end.line == start.line else 1
    return replace(_at(start, file), length=max(1, length))


def _at(mark: yaml.Mark | CMark, file: str) -> Span:
    return Span(file, mark.line + 1, mark.column + 1)


def _syntax(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return problem(Span(file), "yaml.illisible")
    span = _at(mark, file)
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "mapping values are not allowed" in (error.problem or ""):
        return problem(span, "yaml.deux_points")
    if line[: mark.column + 1].strip(" ").startswith("\t"):
        return problem(span, "yaml.tabulation")
    if "cannot start any token" in (error.problem or ""):
        return problem(span, "yaml.caractere", caractere=line[mark.column : mark.column + 1])
    context = error.context_mark
    if context is not None and "quoted scalar" in (error.context or ""):
        return problem(_at(context, file), "yaml.guillemet")
    return problem(span, "yaml.syntaxe")
