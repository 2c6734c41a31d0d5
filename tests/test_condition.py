"""A condition means what a volunteer reads in it, or it is refused with what would be right."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reading.problem import Problem, Span
from bot.triage.condition import DEPTH_LIMIT, Condition, parse_condition
from tests.material import LAWS

VALUES = {"age": ("mineur", "majeur"), "seul": ("true", "false"), "lieu": ()}
PLACE = Span("flows/a.yml", 7, 10)
Slots = dict[str, str | None]
SLOTS = st.fixed_dictionaries(
    {
        "age": st.sampled_from([None, "mineur", "majeur"]),
        "seul": st.sampled_from([None, "true", "false"]),
        "lieu": st.sampled_from([None, "F", "D94"]),
    }
)


def condition(text: str) -> Condition:
    read, found = parse_condition(text, PLACE, VALUES)
    assert read is not None, [one.sentence() for one in found]
    assert not found
    return read


def refusal(text: str) -> Problem:
    read, found = parse_condition(text, PLACE, VALUES)
    assert read is None
    [one] = found
    return one


# --- An evaluator of its own: an expression is its text, its meaning, and how it binds ---

Meaning = Callable[[Mapping[str, str | None]], bool]
Expression = tuple[str, Meaning, str]  # kind: atom, not, and, or
LITERALS = {
    "age": [('"mineur"', "mineur"), ("'majeur'", "majeur"), ("null", None), ("empty", None)],
    "seul": [('"true"', "true"), ("true", "true"), ("false", "false"), ("None", None)],
    "lieu": [('"F"', "F"), ('"D94"', "D94"), ("undefined", None)],
}


@st.composite
def comparisons(draw: st.DrawFn) -> Expression:
    slot = draw(st.sampled_from(sorted(LITERALS)))
    written, value = draw(st.sampled_from(LITERALS[slot]))
    operator = draw(st.sampled_from(["=", "==", "is", "!=", "is not", "contains", "bare"]))
    if operator == "bare":
        return f"slots.{slot}", lambda slots: slots[slot] not in (None, "false"), "atom"
    if operator == "contains":
        other, also = draw(st.sampled_from(LITERALS[slot]))
        return (
            f"{{{written} {other}}} contains slots.{slot}",
            lambda slots: slots[slot] in (value, also),
            "atom",
        )
    if operator in ("!=", "is not"):
        return f"slots.{slot} {operator} {written}", lambda slots: slots[slot] != value, "atom"
    return f"slots.{slot} {operator} {written}", lambda slots: slots[slot] == value, "atom"


def negated(inner: Expression) -> Expression:
    text, meaning, kind = inner
    shown = text if kind in ("atom", "not") else f"({text})"
    return f"not {shown}", lambda slots: not meaning(slots), "not"


def joined(word: str, parts: list[Expression]) -> Expression:
    shown = [text if kind in ("atom", "not") else f"({text})" for text, _, kind in parts]
    join = all if word == "and" else any
    return f" {word} ".join(shown), lambda slots: join(m(slots) for _, m, _ in parts), word


EXPRESSIONS = st.recursive(
    comparisons()
    | st.sampled_from([("true", True), ("false", False)]).map(
        lambda pair: (pair[0], lambda _slots: pair[1], "atom")
    ),
    lambda inner: (
        inner.map(negated)
        | st.builds(joined, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3))
    ),
    max_leaves=6,
)


@settings(LAWS, max_examples=100)
@given(EXPRESSIONS, SLOTS)
def test_a_condition_is_true_where_its_reader_expects_it(
    expression: Expression, slots: Slots
) -> None:
    text, meaning, _ = expression
    assert condition(text).test(slots) == meaning(slots)


@settings(LAWS, max_examples=100)
@given(EXPRESSIONS, SLOTS, SLOTS)
def test_the_truth_of_a_condition_hangs_on_its_atoms_alone(
    expression: Expression, one: Slots, other: Slots
) -> None:
    """Walking every path leans on this: answers that give equal atoms lead to the same screens."""
    read = condition(expression[0])
    if all((one[slot] in values) == (other[slot] in values) for slot, values in read.atoms):
        assert read.test(one) == read.test(other)


@pytest.mark.parametrize(
    ("text", "slots", "truth"),
    [
        ('slots.age is "mineur"', {"age": "mineur"}, True),
        ('slots.age is not "mineur"', {"age": None}, True),
        ('not slots.age is "mineur"', {"age": "mineur"}, False),
        ('not slots.seul and slots.age is "mineur"', {"age": "majeur"}, False),
        ('{"mineur" "majeur"} contains slots.age', {"age": "majeur"}, True),
        ('{"mineur", "majeur"} contains slots.age', {"age": None}, False),
        ("slots.seul", {"seul": "false"}, False),
        ("slots.age", {"age": "mineur"}, True),
        ("slots.age", {}, False),
        ("slots.age is null", {}, True),
        ("false", {}, False),
    ],
)
def test_what_the_words_mean(text: str, slots: Slots, truth: bool) -> None:
    assert condition(text).test(slots) is truth


# --- Refusals, each with its code and its place ---

REFUSED = [
    ('slots.age is "mineur" and slots.seul or slots.lieu', "condition.and_or", 37, None),
    ('slots.age is "mineur" or slots.seul and slots.lieu', "condition.and_or", 36, None),
    ('(slots.age is "mineur" and slots.seul or slots.lieu)', "condition.and_or", 38, None),
    ('age is "mineur"', "condition.mot_nu", 0, "slots.age"),
    ('inconnu is "mineur"', "condition.mot_nu", 0, None),
    ('{"mineur"} contains age', "condition.mot_nu", 20, "slots.age"),
    ('slots.agge is "mineur"', "slot.inconnu", 0, "age"),
    ('{"mineur"} contains slots.agee', "slot.inconnu", 20, "age"),
    ('slots.age is "mineure"', "slot.valeur", 13, "mineur"),
    ('{"mineur" "majeure"} contains slots.age', "slot.valeur", 10, "majeur"),
    ("slots.age is mineur", "condition.guillemets", 13, None),
    ("slots.age is slots.seul", "condition.guillemets", 13, None),
    ("slots.age = 18", "condition.nombre", 12, None),
    ("slots.age > 18", "condition.operateur", 10, None),
    ("slots.age >= 18", "condition.operateur", 10, None),
    ("slots.age < 18", "condition.operateur", 10, None),
    ("slots.age <= 18", "condition.operateur", 10, None),
    ('slots.age matches "m.*"', "condition.operateur", 10, None),
    ('slots.age contians "mineur"', "condition.operateur", 10, "contains"),
    ("{{ slots.age }}", "condition.jinja", 0, None),
    ("{% if slots.age %}", "condition.jinja", 0, None),
    ('context.flow is "x"', "condition.contexte", 0, None),
    ('slots.age is "mineur" slots.seul', "condition.reste", 22, None),
    ('slots.age is "mineur")', "condition.reste", 21, None),
    ("slots.age ; slots.seul", "condition.reste", 10, None),
    ('(slots.age is "mineur"', "condition.attendu", 22, None),
    ('{"mineur" contains slots.age', "condition.attendu", 28, None),
    ('{"mineur"} slots.age', "condition.attendu", 11, None),
    ("slots.age is", "condition.incomplete", 12, None),
    ("slots.age and", "condition.incomplete", 13, None),
    ("not", "condition.incomplete", 3, None),
    ("", "condition.incomplete", 0, None),
    ("(" * 10_000, "condition.profondeur", DEPTH_LIMIT + 1, None),
    ("not " * 10_000, "condition.profondeur", None, None),
]


@pytest.mark.parametrize(("text", "code", "column", "meant"), REFUSED)
def test_what_could_surprise_is_refused(
    text: str, code: str, column: int | None, meant: str | None
) -> None:
    one = refusal(text)
    assert one.code == code
    assert one.suggestion == meant
    assert one.span.line == PLACE.line
    if column is not None:
        assert one.span.column == PLACE.column + column


def test_a_mix_is_accepted_once_parentheses_say_what_is_meant() -> None:
    mixed = '(slots.age is "mineur" and slots.seul) or slots.lieu'
    assert condition(mixed).test({"lieu": "F"})
    other = 'slots.age is "mineur" and (slots.seul or slots.lieu)'
    assert not condition(other).test({"lieu": "F"})


def test_as_many_parentheses_as_are_allowed_are_read() -> None:
    text = "(" * DEPTH_LIMIT + "slots.age" + ")" * DEPTH_LIMIT
    assert condition(text).test({"age": "mineur"})


def test_a_long_chain_is_no_deep_one() -> None:
    chain = " and ".join(['slots.age is "mineur"'] * 5_000)
    assert condition(chain).test({"age": "mineur"})


WORDS = ["slots.age", "slots.seul", "slots.x", "is", "not", "and", "or", "contains", "(", ")",
         "{", "}", '"mineur"', '"x"', "'", "true", "null", "=", "!=", ">", ",", "age", "18", "{{",
         "context.x", "é"]  # fmt: skip


@LAWS
@given(st.one_of(st.text(max_size=30), st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)))
def test_any_text_is_a_condition_or_one_problem_at_its_place(text: str) -> None:
    read, found = parse_condition(text, PLACE, VALUES)
    assert (read is None) == (len(found) == 1)
    for one in found:
        assert one.sentence("fr")
        assert one.sentence("en")
        assert PLACE.column <= one.span.column <= PLACE.column + len(text)
    if read is not None:
        assert read.test({}) in (True, False)
