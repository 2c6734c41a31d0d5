"""The condition language: a checked subset of Rasa's (pypred), parsed to a closure.

pypred reads `a and b or c` as `a and (b or c)`, which nobody expects: a mix without parentheses
is refused. So is everything that could surprise a volunteer: bare words, order comparisons,
patterns, Jinja, context.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.reading.problem import Problem, Span, problem
from bot.reading.suggest import nearest

Slots = Mapping[str, str | None]
Test = Callable[[Slots], bool]
Atom = tuple[str, frozenset[str | None]]  # (slot, values): is the slot's value one of these?

DEPTH_LIMIT = 32  # parentheses within parentheses
TOKEN = re.compile(
    r"""\s*(?:(?P<string>"[^"]*"|'[^']*')|(?P<jinja>\{\{|\{%)|(?P<mark>!=|==|<=|>=|[=<>(){},])
    |(?P<word>[A-Za-z_\u00C0-\u017F0-9.\-]+)|(?P<other>\S))""",
    re.VERBOSE,
)
EQUAL = frozenset({"=", "==", "is"})
DIFFERENT = frozenset({"!=", "is not"})
REFUSED = frozenset({"<", ">", "<=", ">=", "matches", "not_in", "in"})
KEYWORDS = ("and", "or", "not", "is", "contains")
EMPTY = frozenset({"null", "undefined", "empty", "None"})


@dataclass(frozen=True)
class Condition:
    """A checked condition, and the questions about slots that its truth is made of."""

    text: str
    atoms: frozenset[Atom]
    test: Test = field(compare=False, repr=False)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


class _Refused(Exception):  # noqa: N818  not an error of the program: how the parser stops
    def __init__(self, found: Problem) -> None:
        self.found = found


def parse_condition(
    text: str, span: Span, values: Mapping[str, tuple[str, ...]]
) -> tuple[Condition | None, list[Problem]]:
    """The condition, or the first problem found in it.

    `values` gives each known slot's possible values; an empty tuple for a slot that takes any.
    """
    try:
        parser = _Parser(text, span, values)
        test = parser.whole()
    except _Refused as refused:
        return None, [refused.found]
    return Condition(text, frozenset(parser.atoms), test), []


class _Parser:
    """Recursive descent over: or/and chains, not, parentheses, comparisons."""

    def __init__(self, text: str, span: Span, values: Mapping[str, tuple[str, ...]]) -> None:
        self.text = text
        self.span = span
        self.values = values
        self.atoms: set[Atom] = set()
        self.tokens = self._tokens()
        self.index = 0
        self.depth = 0

    def whole(self) -> Test:
        test = self._chain()
        rest = self._peek()
        if rest is not None:
            raise self._refuse(rest, "condition.reste", mot=rest.text)
        return test

    def _chain(self) -> Test:
        tests = [self._negation()]
        word: str | None = None
        while (token := self._peek()) is not None and token.text in ("and", "or"):
            if word not in (None, token.text):
                raise self._refuse(token, "condition.and_or")
            word = token.text
            self.index += 1
            tests.append(self._negation())
        if word == "or":
            return lambda slots: any(test(slots) for test in tests)
        return lambda slots: all(test(slots) for test in tests)

    def _negation(self) -> Test:
        token = self._peek()
        if token is not None and token.text == "not":
            self.index += 1
            with_not = self._guarded(self._negation)
            return lambda slots: not with_not(slots)
        if token is not None and token.text == "(":
            self.index += 1
            inner = self._guarded(self._chain)
            self._expect(")")
            return inner
        return self._comparison()

    def _guarded(self, inner: Callable[[], Test]) -> Test:
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise self._refuse(self._peek(), "condition.profondeur", limite=DEPTH_LIMIT)
        test = inner()
        self.depth -= 1
        return test

    def _comparison(self) -> Test:
        token = self._next("condition.incomplete")
        if token.text == "{":
            return self._membership()
        if token.text in ("true", "false"):
            always = token.text == "true"
            return lambda _: always
        if token.kind == "word" and token.text.startswith("slots."):
            return self._about(token, token.text.removeprefix("slots."))
        if token.text.startswith("context."):
            raise self._refuse(token, "condition.contexte")
        if token.kind == "word" and token.text in self.values:
            raise self._refuse(token, "condition.mot_nu", f"slots.{token.text}", mot=token.text)
        raise self._refuse(token, "condition.mot_nu", mot=token.text)

    def _about(self, token: _Token, slot: str) -> Test:
        if slot not in self.values:
            raise self._refuse(token, "slot.inconnu", nearest(slot, self.values), slot=slot)
        operator = self._peek()
        if operator is None or operator.text in ("and", "or", ")"):
            empty = self._atom(slot, None, "false")
            return lambda slots: not empty(slots)
        self.index += 1
        return self._compared(slot, operator)

    def _compared(self, slot: str, operator: _Token) -> Test:
        if operator.text == "is" and (after := self._peek()) is not None and after.text == "not":
            self.index += 1
            operator = _Token("word", "is not", operator.at)
        if operator.text in REFUSED:
            raise self._refuse(operator, "condition.operateur", mot=operator.text)
        if operator.text not in EQUAL | DIFFERENT:
            hint = nearest(operator.text, KEYWORDS)
            raise self._refuse(operator, "condition.operateur", hint, mot=operator.text)
        equal = self._atom(slot, self._literal(self._next("condition.incomplete"), slot))
        return equal if operator.text in EQUAL else lambda slots: not equal(slots)

    def _atom(self, slot: str, *values: str | None) -> Test:
        wanted = frozenset(values)
        self.atoms.add((slot, wanted))
        return lambda slots: slots.get(slot) in wanted

    def _membership(self) -> Test:
        literals: list[_Token] = []
        while (token := self._peek()) is not None and token.text != "}":
            if token.text != ",":
                literals.append(token)
            self.index += 1
        self._expect("}")
        self._expect("contains")
        token = self._next("condition.incomplete")
        slot = token.text.removeprefix("slots.")
        if slot == token.text:
            raise self._refuse(token, "condition.mot_nu", f"slots.{slot}", mot=slot)
        if slot not in self.values:
            raise self._refuse(token, "slot.inconnu", nearest(slot, self.values), slot=slot)
        return self._atom(slot, *(self._literal(literal, slot) for literal in literals))

    def _literal(self, token: _Token, slot: str) -> str | None:
        possible = self.values[slot]
        if token.kind == "word" and token.text in EMPTY:
            return None
        if token.kind == "word" and token.text in ("true", "false"):
            literal = token.text
        elif token.kind == "string":
            literal = token.text[1:-1]
        elif token.kind == "word" and token.text.replace(".", "").isdigit():
            raise self._refuse(token, "condition.nombre", mot=token.text)
        else:
            raise self._refuse(token, "condition.guillemets", mot=token.text)
        if possible and literal not in possible:
            choice = ", ".join(possible)
            raise self._refuse(
                token, "slot.valeur", nearest(literal, possible),
                valeur=literal, slot=slot, valeurs=choice,
            )  # fmt: skip
        return literal

    def _tokens(self) -> list[_Token]:
        tokens = []
        for match in TOKEN.finditer(self.text):
            kind = match.lastgroup or "other"
            token = _Token(kind, match.group(kind), match.start(kind))
            if kind == "jinja":
                raise self._refuse(token, "condition.jinja")
            if kind == "other":
                raise self._refuse(token, "condition.reste", mot=token.text)
            tokens.append(token)
        return tokens

    def _peek(self) -> _Token | None:
        return self.tokens[self.index] if self.index < len(self.tokens) else None

    def _next(self, code: str) -> _Token:
        token = self._peek()
        if token is None:
            raise self._refuse(None, code)
        self.index += 1
        return token

    def _expect(self, mark: str) -> None:
        token = self._peek()
        if token is None or token.text != mark:
            raise self._refuse(token, "condition.attendu", marque=mark)
        self.index += 1

    def _refuse(
        self, token: _Token | None, code: str, suggestion: str | None = None, **values: object
    ) -> _Refused:
        at = token.at if token else len(self.text)
        length = len(token.text) if token else 1
        span = Span(self.span.file, self.span.line, self.span.column + at, length)
        return _Refused(problem(span, code, suggestion, **values))
