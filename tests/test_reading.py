"""Volunteers' files are read as they were typed, and every mistake in them is told at its place."""

import json
import re
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.reading.codes import CODES
from bot.reading.files import BYTES_LIMIT, read_text
from bot.reading.nodes import (
    DEPTH_LIMIT,
    SIZE_LIMIT,
    Mapping,
    Node,
    Scalar,
    Sequence,
    read_yaml,
)
from bot.reading.problem import Problem, Span, errors, problem, report
from bot.reading.rows import read_csv
from bot.reading.suggest import nearest
from tests.material import LAWS, ROOT

YAML_BITS = st.lists(
    st.sampled_from(
        ["a", "oui", ":", " ", "\n", "- ", "  ", "\t", '"', "'", "[", "]", "{", "}", ",", "#",
         "&a", "*a", "!x", "|", ">", "? ", "---", "...", "%", "@", "`", "é", "🆘",
         "\u2028", "\x85", "\x00", "\ufeff", "\r", "<<: "]
    ),
    max_size=40,
).map("".join)  # fmt: skip


def node_of(text: str) -> Node:
    root, found = read_yaml(text, "a.yml")
    assert root is not None
    assert not found
    return root


def only(text: str) -> Problem:
    """The one problem of a text."""
    [one] = read_yaml(text, "a.yml")[1]
    return one


def value_of(text: str) -> Scalar:
    root = node_of(f"cle: {text}\n")
    assert isinstance(root, Mapping)
    value = root.get("cle")
    assert isinstance(value, Scalar)
    return value


# --- What was typed stays as it was typed ---


@pytest.mark.parametrize(
    "typed",
    ["01000", "0611223344", "NO", "non", "1_000", "1e3", "0x1F", "12:30", "~", "null", "2025-01-01"]
)  # fmt: skip
def test_a_postcode_a_number_or_a_no_stays_as_it_was_typed(typed: str) -> None:
    value = value_of(typed)
    assert value.text == typed
    assert value.span == Span("a.yml", 1, 6)


def test_quotes_are_taken_off_and_remembered() -> None:
    assert (value_of('"3919"').text, value_of('"3919"').quoted) == ("3919", True)
    assert (value_of("'l''aide'").text, value_of("'l''aide'").quoted) == ("l'aide", True)
    assert not value_of("3919").quoted


def test_everything_knows_its_line_its_column_and_its_length() -> None:
    root = node_of('é🆘: ["œuf",\n  deux]\nfin: 3\n')
    assert isinstance(root, Mapping)
    listed = root.get("é🆘")
    assert isinstance(listed, Sequence)
    places = [(item.span.line, item.span.column, item.span.length) for item in listed.items]
    assert places == [(1, 6, 5), (2, 3, 4)]
    key = root.key("fin")
    assert key is not None
    assert (key.span.line, key.span.column, key.span.length) == (3, 1, 3)


@LAWS
@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=20
    ).filter(lambda text: "\ufeff" not in text and "\ufffe" not in text and "\uffff" not in text)
)
def test_any_text_between_quotes_is_read_back_whole(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    root, found = read_yaml(f"- {quoted}", "a.yml")
    if not found:  # some invisible characters are refused
        assert isinstance(root, Sequence)
        [item] = root.items
        assert isinstance(item, Scalar)
        assert item.text == text


# --- What is refused, and where ---


def test_two_equal_keys_are_told_with_both_lines_and_the_first_one_counts() -> None:
    root, found = read_yaml("a: 1\nb: 2\na: 3\n", "a.yml")
    [one] = found
    assert (one.code, one.span.line, one.span.column) == ("yaml.cle_double", 3, 1)
    assert "« a » est déjà écrit à la ligne 1" in one.sentence()
    assert isinstance(root, Mapping)
    kept = root.get("a")
    assert isinstance(kept, Scalar)
    assert kept.text == "1"


@pytest.mark.parametrize("opening", ["[", "{", "{a: ", "- ", "[[a, ", "? "])
def test_ten_thousand_brackets_are_a_problem_and_no_crash(opening: str) -> None:
    assert only(opening * 10_000).code == "yaml.profondeur"


def test_as_many_levels_as_are_allowed_are_read() -> None:
    assert isinstance(node_of("[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT), Sequence)
    assert only("[" * (DEPTH_LIMIT + 1) + "]" * (DEPTH_LIMIT + 1)).code == "yaml.profondeur"


def test_a_huge_file_is_refused_by_its_bytes() -> None:
    line = "- é\n"  # 5 bytes, 4 characters
    fits = line * (SIZE_LIMIT // 5)
    assert only(fits + line).code == "fichier.taille"
    assert len(fits) < SIZE_LIMIT


def test_a_tab_that_indents_is_told_where_it_stands() -> None:
    one = only("a:\n  b: 1\n\tc: 2\n")
    assert (one.code, one.span.line, one.span.column) == ("yaml.tabulation", 3, 1)


def test_a_colon_in_a_text_without_quotes_is_told_where_it_stands() -> None:
    one = only("a: 1\ntexte: Attention : danger\n")
    assert (one.code, one.span.line, one.span.column) == ("yaml.deux_points", 2, 18)
    assert "guillemets doubles" in one.sentence()


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: &x 1\n", "yaml.ancre", 1, 4),
        ("a: &x [1]\n", "yaml.ancre", 1, 4),
        ("a: *x\n", "yaml.ancre", 1, 4),
        ("a: 1\nb: !!int 2\n", "yaml.etiquette", 2, 4),
        ("a: !!python/object:os.system {}\n", "yaml.etiquette", 1, 4),
        ("a: 1\n---\nb: 2\n", "yaml.documents", 2, 1),
        ("? [a]\n: 1\n", "yaml.cle_simple", 1, 3),
        ("a: 1\nb: @ici\n", "yaml.caractere", 2, 4),
        ('a: 1\nb: "ouvert\nc: 3\n', "yaml.guillemet", 2, 4),
        ("a: 1\nb: [1, 2\nc: 3\n", "yaml.syntaxe", 3, 2),
        ("a: \x07\n", "yaml.illisible", 1, 1),
        ("", "fichier.vide", 1, 1),
        ("# rien\n", "fichier.vide", 1, 1),
    ],
)  # fmt: skip
def test_what_would_surprise_a_reader_is_refused(
    text: str, code: str, line: int, column: int
) -> None:
    told = [(one.code, one.span.line, one.span.column) for one in read_yaml(text, "a.yml")[1]]
    assert (code, line, column) in told


def test_an_alias_bomb_is_refused_without_being_opened() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{k}: &{k} [*a, *a]\n" for k in "bcdefgh")
    _, found = read_yaml(bomb, "a.yml")
    assert {one.code for one in found} == {"yaml.ancre"}
    assert [one.span.line for one in errors(found)][-1] == 8


def test_every_mistake_of_a_file_is_told_at_once() -> None:
    _, found = read_yaml("a: &x 1\na: 2\nb: !t 3\nb: *x\n", "a.yml")
    told = sorted((one.span.line, one.code) for one in found)
    assert told == [
        (1, "yaml.ancre"),
        (2, "yaml.cle_double"),
        (3, "yaml.etiquette"),
        (4, "yaml.ancre"),
        (4, "yaml.cle_double"),
    ]


# --- Whatever a file holds, reading it ends with problems, never with a traceback ---


@LAWS
@given(st.one_of(st.text(max_size=60), YAML_BITS))
@example("\x00")
@example("a: \u2028b")
@example("\ufeffa: 1")
@example('"\\ud800"')
def test_any_text_gives_nodes_or_problems(text: str) -> None:
    root, found = read_yaml(text, "a.yml")
    assert root is not None or found
    for one in found:
        assert one.sentence("fr")
        assert one.sentence("en")
        assert 1 <= one.span.line <= len(re.split("\r\n|[\n\r\x85\u2028\u2029]", text)) + 1
    assert bool(report(found, {"a.yml": text})) == bool(found)


@LAWS
@given(st.binary(max_size=60))
@example(b"\xff\xfe\x00")
@example(b"\xed\xa0\x80")
def test_any_bytes_give_nodes_or_problems(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "octets.yml"
    path.write_bytes(raw)
    text, unreadable = read_text(path, "octets.yml")
    root, found = read_yaml(text, "octets.yml")
    assert root is not None or found
    assert bool(unreadable) == (not _is_utf8(raw))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


# --- Files ---


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "vieux.yml"
    file.write_bytes(b"a: 1\nb: \xe9t\xe9\n")
    text, [one] = read_text(file, "flows/vieux.yml")
    assert text == ""
    assert (one.code, one.span) == ("fichier.encodage", Span("flows/vieux.yml", 2))


def test_a_file_that_is_not_there_is_a_problem_like_any_other(tmp_path: Path) -> None:
    assert read_text(tmp_path / "rien.yml", "rien.yml")[1][0].code == "fichier.introuvable"
    assert read_text(tmp_path, "dossier.yml")[1][0].code == "fichier.introuvable"


def test_a_byte_order_mark_is_taken_off(tmp_path: Path) -> None:
    file = tmp_path / "windows.yml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_text(file, "windows.yml") == ("a: 1\n", [])


def test_a_gigantic_file_is_not_even_decoded(tmp_path: Path) -> None:
    file = tmp_path / "trop.yml"
    file.write_bytes(b"\xff" * (BYTES_LIMIT + 1))
    assert read_text(file, "trop.yml")[1][0].code == "fichier.taille"


# --- Tables ---


def test_rows_know_their_line_even_after_a_cell_of_several_lines() -> None:
    text = 'nom,adresse\nA,"1 rue X\nbâtiment B\nétage 2"\nB, 2 rue Y \n\nC,"a ""b"", c"\n'
    rows, found = read_csv(text, "t.csv", ("nom", "adresse"))
    assert [(row.span.line, row["nom"]) for row in rows] == [(2, "A"), (5, "B"), (7, "C")]
    assert rows[0]["adresse"] == "1 rue X\nbâtiment B\nétage 2"
    assert rows[1]["adresse"] == "2 rue Y"
    assert rows[2]["adresse"] == 'a "b", c'
    assert [(one.code, one.span.line) for one in found] == [("csv.colonnes", 6)]


def test_a_postcode_in_a_table_keeps_its_zero() -> None:
    rows, _ = read_csv("cp\n01000\n", "t.csv", ("cp",))
    assert rows[0]["cp"] == "01000"


def test_a_row_with_a_cell_too_many_is_told_and_the_others_are_read() -> None:
    rows, found = read_csv("a,b\n1,2\n1,2,3\n4,5\n", "t.csv", ("a", "b"))
    assert [row["a"] for row in rows] == ["1", "4"]
    assert [(one.code, one.span.line) for one in found] == [("csv.colonnes", 3)]
    assert "a 3 cases ; il en faut 2" in found[0].sentence()


def test_columns_are_named_with_what_was_probably_meant() -> None:
    rows, found = read_csv("nom,telefone\nA,1\n", "t.csv", ("nom", "telephone"))
    assert rows == ()
    assert [one.code for one in found] == ["csv.colonne_inconnue", "csv.colonne_absente"]
    assert found[0].sentence().endswith("Vouliez-vous dire « telephone » ?")


def test_a_column_written_twice_is_told() -> None:
    _, found = read_csv("nom,nom\nA,B\n", "t.csv", ("nom",))
    assert found


def test_a_quote_that_is_never_closed_is_told_at_its_end() -> None:
    rows, found = read_csv('a,b\n1,2\n3,"4\n5,6\n', "t.csv", ("a", "b"))
    assert [row["a"] for row in rows] == ["1"]
    assert [one.code for one in found] == ["csv.illisible"]
    assert found[0].span.line >= 3


@LAWS
@given(st.one_of(st.text(max_size=60), st.text(alphabet='a,"\n\r\x00 é', max_size=40)))
@example("a,b\n1,2\r\r\n")
@example("a,b\n" + "x" * 200_000 + ",1\n")
def test_any_text_gives_rows_or_problems(text: str) -> None:
    rows, found = read_csv(text, "t.csv", ("a", "b"))
    assert all(set(row.cells) == {"a", "b"} for row in rows)
    assert rows or found or text.splitlines()[:1] in (["a,b"], ["b,a"])


@LAWS
@given(
    st.lists(
        st.tuples(*[st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]))] * 2),
        max_size=4,
    )
)
def test_every_cell_between_quotes_is_read_back(cells: list[tuple[str, str]]) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells]
    rows, found = read_csv("\n".join(["a,b", *quoted]), "t.csv", ("a", "b"))
    assert not found
    assert [(row["a"], row["b"]) for row in rows] == [(a.strip(), b.strip()) for a, b in cells]


# --- How a problem is told ---

SOURCE = {"flows/a.yml": "flows:\n  x:\n\tcolect: y\n"}
WRONG = problem(Span("flows/a.yml", 3, 2, 6), "cle.inconnue", "collect", cle="colect")
WEAK = problem(Span("flows/a.yml", 2, 3), "boutons.nombreux", nombre=8, conseil=6)
ELSEWHERE = problem(Span("data/b.yml", 9), "fichier.vide")


def test_a_volunteer_sees_the_line_a_caret_and_what_was_meant() -> None:
    assert report([WRONG], SOURCE) == (
        "flows/a.yml:3:2: erreur [cle.inconnue]\n"
        "     3 |  colect: y\n"
        "       |  ^^^^^^\n"
        "  « colect » n'existe pas ici. Vouliez-vous dire « collect » ?"
    )


def test_an_english_reader_sees_the_same_in_english() -> None:
    told = report([WRONG, WEAK], SOURCE, "en")
    assert "flows/a.yml:2:3: warning [boutons.nombreux]" in told
    assert "flows/a.yml:3:2: error [cle.inconnue]" in told
    assert '"colect" does not exist here. Did you mean "collect"?' in told
    assert "erreur" not in told


def test_a_caret_never_runs_past_its_line() -> None:
    long = problem(Span("flows/a.yml", 2, 3, 500), "forme.texte")
    assert report([long], SOURCE).splitlines()[2] == "       |   ^^"


def test_a_place_that_is_no_more_in_the_file_is_still_told() -> None:
    assert report([ELSEWHERE], SOURCE) == (
        "data/b.yml:9:1: erreur [fichier.vide]\n"
        "  Ce fichier est vide. Ajoutez son contenu ou supprimez-le."
    )


def test_problems_come_sorted_by_file_then_line() -> None:
    heads = [line for line in report([WRONG, WEAK, ELSEWHERE], {}).splitlines() if "[" in line]
    assert [head.partition(": ")[0] for head in heads] == [
        "data/b.yml:9:1",
        "flows/a.yml:2:3",
        "flows/a.yml:3:2",
    ]


def test_only_errors_keep_a_file_out_of_service() -> None:
    assert errors([WRONG, WEAK]) == [WRONG]


def test_a_program_reads_problems_as_json() -> None:
    assert json.loads(report([WEAK, WRONG], SOURCE, form="json"))[1] == {
        "file": "flows/a.yml",
        "line": 3,
        "column": 2,
        "severity": "error",
        "code": "cle.inconnue",
        "message": "« colect » n'existe pas ici. Vouliez-vous dire « collect » ?",
    }
    assert json.loads(report([], SOURCE, form="json")) == []


def test_a_forge_shows_problems_beside_their_lines() -> None:
    broken = problem(Span("flows/a.yml", 3, 2), "payload.forme", payload="100 %\nfin")
    [line] = report([broken], SOURCE, form="github").splitlines()
    assert line.startswith(
        "::error file=flows/a.yml,line=3,col=2,title=payload.forme::« 100 %25%0A"
    )
    assert report([WEAK], SOURCE, form="github").startswith("::warning file=flows/a.yml,line=2,")


def test_no_problem_makes_no_noise() -> None:
    assert report([], {}) == ""
    assert report([], {}, form="github") == ""


# --- The nearest name ---


@pytest.mark.parametrize(
    ("typed", "meant"), [("colect", "collect"), ("mineure", "mineur"), ("zzz", None), ("", None)]
)
def test_a_name_is_proposed_only_where_it_is_close(typed: str, meant: str | None) -> None:
    assert nearest(typed, ["collect", "action", "mineur"]) == meant


def test_the_proposal_does_not_depend_on_the_order_of_names() -> None:
    assert nearest("ab", ["abc", "abd"]) == nearest("ab", ["abd", "abc"]) == "abc"


# --- Every code ---


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_the_same_in_french_and_in_english(code: str) -> None:
    french, english = CODES[code].fr, CODES[code].en
    assert french != english
    assert _holes(french) == _holes(english)
    filled = problem(Span("a.yml"), code, **dict.fromkeys(_holes(french), "x"))
    assert "{x}" not in filled.sentence("fr") + filled.sentence("en")


@pytest.mark.parametrize("code", CODES)
def test_every_sentence_tells_something_whole_and_blames_nobody(code: str) -> None:
    for sentence in (CODES[code].fr, CODES[code].en):
        assert sentence.rstrip()[-1] in ".?"
        assert "!" not in sentence.replace("« ! »", "").replace('"!"', "")


def _holes(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_no_code_is_documented_that_nothing_raises() -> None:
    written = "".join(
        file.read_text() for file in (ROOT / "bot").rglob("*.py") if file.name != "codes.py"
    )
    assert [code for code in CODES if f'"{code}"' not in written] == []
