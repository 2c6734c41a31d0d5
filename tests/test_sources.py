"""Where each file of the data comes from, and how long somebody may rely on it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.referral.days import is_day, last_day, months_later
from bot.referral.sources import Source, by_file, expired, file_of, read_sources
from bot.referral.tables import COMMUNES, DEPARTEMENTS, LOCAL, OFFICES, OFFICIAL, OUTLINES
from tests.ground import DATA, LAWS, SOME_SOURCES, directory

FILE = "data/sources.yml"
GOOD = {"nom": '"Essai"', "licence": '"Licence Ouverte"', "valable_mois": "12"}
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


def written(**cells: str | None) -> str:
    """One good source, some of its cells replaced, added, or left out (None)."""
    row = {name: cell for name, cell in (GOOD | cells).items() if cell is not None}
    return "\n".join(["sources:", "  offices.csv:", *(f"    {k}: {v}" for k, v in row.items()), ""])


def source(months: int = 12, day: str = "") -> Source:
    return Source(OFFICES, "Essai", "Licence Ouverte", "", day, months)


# The file


def test_a_source_is_read_whole_and_what_it_does_not_tell_is_empty():
    sources, found = read_sources(written(version="6.0.0", date="2026-10"), FILE)
    assert found == []
    assert sources == {OFFICES: Source(OFFICES, "Essai", "Licence Ouverte", "6.0.0", "2026-10", 12)}
    sources, found = read_sources(written(), FILE)
    assert found == []
    assert sources == {OFFICES: Source(OFFICES, "Essai", "Licence Ouverte", "", "", 12)}


def test_our_own_are_without_a_fault_and_name_every_file_with_facts():
    sources, found = read_sources((DATA / "sources.yml").read_text(encoding="utf-8"), FILE)
    assert found == []
    assert set(sources) == {COMMUNES, DEPARTEMENTS, OUTLINES, OFFICES, OFFICIAL, LOCAL}
    assert all("Licence Ouverte" in one.licence for one in sources.values())
    assert directory().sources == sources
    assert read_sources(SOME_SOURCES, FILE)[1] == []


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        ({"nom": None}, 3),
        ({"licence": None}, 3),
        ({"valable_mois": None}, 3),
        ({"nom": "[a]"}, 3),
        ({"valable_mois": "0"}, 5),
        ({"valable_mois": "100"}, 5),
        ({"valable_mois": "un an"}, 5),
        ({"valable_mois": "1.5"}, 5),
        ({"valable_mois": "-3"}, 5),
        ({"date": '"hier"'}, 6),
        ({"date": '"2026-13"'}, 6),
        ({"date": '"2026-02-30"'}, 6),
        ({"date": '""'}, 6),
    ],
)
def test_a_fault_is_told_once_with_its_line_and_leaves_no_source(
    cells: dict[str, str | None], line: int
):
    sources, found = read_sources(written(**cells), FILE)
    assert [(one.span.file, one.span.line) for one in found] == [(FILE, line)]
    assert sources == {}
    assert found[0].sentence("fr") != found[0].sentence("en")


def test_a_key_that_nobody_knows_is_told_and_the_rest_is_read():
    sources, found = read_sources(written(license='"MIT"'), FILE)
    assert [(one.code, one.span.line) for one in found] == [("cle.inconnue", 6)]
    assert set(sources) == {OFFICES}


@pytest.mark.parametrize(
    "text",
    ["", "rien", "[]", "sources: []", "sources: {offices.csv: rien}", "source: {}", "sources: ["],
)
def test_a_file_of_another_shape_is_told(text: str):
    sources, found = read_sources(text, FILE)
    assert sources == {}
    assert {one.span.file for one in found} == {FILE}


@LAWS
@given(st.text(max_size=60))
def test_no_text_at_all_ends_in_anything_but_sources_or_problems(text: str):
    sources, found = read_sources(f"sources:\n  offices.csv: {text}", FILE)
    assert found or sources.keys() == {OFFICES}


# How long a fact may be relied on


@pytest.mark.parametrize(
    ("known_on", "until"),
    [
        ("2025-11-22", date(2026, 11, 22)),
        ("2025-11", date(2026, 11, 30)),
        ("2025", date(2026, 12, 31)),
        ("2024-02-29", date(2025, 2, 28)),
    ],
)
def test_a_fact_is_relied_on_until_the_day_before_so_many_months_later(known_on: str, until: date):
    assert source().expires(known_on) == until
    assert not source().expired(known_on, until - timedelta(days=1))
    assert source().expired(known_on, until)


def test_a_fact_without_a_date_must_always_be_checked():
    assert source().expires("") is None
    assert source().expired("", date.min)


def test_a_file_that_nobody_has_described_is_relied_on_for_no_time_at_all():
    found = by_file({}, OFFICES)
    assert found.file == OFFICES
    assert found.expired("2026-11-22", date(2026, 11, 22))
    assert by_file({OFFICES: source()}, OFFICES) == source()


def test_what_must_be_checked_is_whole_files_and_rows_of_others():
    sources = {
        COMMUNES: Source(COMMUNES, "Essai", "x", "", "2024", 12),
        DEPARTEMENTS: Source(DEPARTEMENTS, "Essai", "x", "", "2026-10", 12),
        OFFICES: source(),
    }
    every = list(directory().offices())
    today = date(2026, 11, 22)
    facts = [(file_of(one), one.known_on) for one in every]
    found = expired(facts, sources, today)
    old = [one for one in every if source().expired(one.known_on, today)]
    assert [(one.file, one.rows) for one in found] == [(COMMUNES, 0), (OFFICES, len(old))]
    assert 300 < len(old) < len(every)
    assert {file_of(one) for one in every} == {OFFICES}
    assert expired([], {OFFICES: source()}, today) == []


@LAWS
@given(DAYS, st.integers(1, 99), DAYS)
def test_once_old_a_fact_never_becomes_young_again(known_on: date, months: int, today: date):
    one = source(months)
    until = one.expires(known_on.isoformat())
    assert until is not None
    assert until > known_on
    assert one.expired(known_on.isoformat(), today) == (today >= until)


# Days as facts tell them


@pytest.mark.parametrize("text", ["2026", "2026-11", "2026-11-22", "2024-02-29", "1999-12-31"])
def test_a_day_a_month_and_a_year_are_days(text: str):
    assert is_day(text)


@pytest.mark.parametrize(
    "text",
    ["", "26", "20266", "2026-1", "2026-13", "2026-00", "2026-11-31", "2025-02-29", "2026-11-22T10",
     "2026/11/22", "22-11-2026", "3026", "1899", "２０２６", "2026-11-22\n", "2026-"],
)  # fmt: skip
def test_whatever_no_calendar_knows_is_none(text: str):
    assert not is_day(text)


@LAWS
@given(DAYS)
def test_the_last_day_is_the_last_that_a_text_may_mean(day: date):
    tomorrow = day + timedelta(days=1)
    assert last_day(day.isoformat()) == day
    assert (last_day(f"{day:%Y-%m}") == day) == (tomorrow.month != day.month)
    assert (last_day(f"{day:%Y}") == day) == (tomorrow.year != day.year)
    assert last_day("") is None


@LAWS
@given(DAYS, st.integers(0, 99))
def test_months_later_is_the_same_day_or_the_last_one_there_is(day: date, months: int):
    later = months_later(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (
        later.day < day.day and (later + timedelta(days=1)).month != later.month
    )
