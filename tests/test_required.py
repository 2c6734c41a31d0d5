"""What a run was asked to test, it has tested; a machine that lacks something says so."""

from pathlib import Path

import pytest

from tests.telegram_rules import specification

CONFTEST = Path(__file__).with_name("conftest.py")
NO_BROWSER = "there is no browser here"
SKIPPED = {
    "by a mark": """
        import pytest
        @pytest.mark.browser
        @pytest.mark.skipif(True, reason="there is no browser here")
        def test_a_person(): pass
        """,
    "in a fixture": """
        import pytest
        @pytest.fixture
        def browser(): pytest.skip("there is no browser here")
        @pytest.mark.browser
        def test_a_person(browser): pass
        """,
    "in its midst": """
        import pytest
        @pytest.mark.browser
        def test_a_person(): pytest.skip("there is no browser here")
        """,
    "with its whole module": """
        import pytest
        pytestmark = [
            pytest.mark.browser,
            pytest.mark.skipif(True, reason="there is no browser here"),
        ]
        def test_a_person(): pass
        """,
    "while its module is read": """
        import pytest
        pytestmark = pytest.mark.browser
        pytest.skip("there is no browser here", allow_module_level=True)
        def test_a_person(): pass
        """,
    "since a library is missing": """
        import pytest
        pytest.importorskip("nowhere_to_be_found", reason="there is no browser here")
        pytestmark = pytest.mark.browser
        def test_a_person(): pass
        """,
}
RUNS = """
    import pytest
    @pytest.mark.browser
    def test_a_person(): pass
    @pytest.mark.skip(reason="not today")
    def test_another(): pass
    """
ANOTHER_PROCESS = ("-p", "xdist", "-n1")


@pytest.fixture
def house(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder of tests with this one's conftest."""
    monkeypatch.delenv("RELAIS_REQUIRE", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makeini(
        "[pytest]\naddopts = --strict-markers\nmarkers =\n  browser\n  replicas\n  shared\n"
    )
    return pytester


@pytest.mark.parametrize("how", SKIPPED)
def test_a_machine_without_a_browser_skips_and_says_why(house: pytest.Pytester, how: str):
    house.makepyfile(SKIPPED[how])
    result = house.runpytest("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines([f"*{NO_BROWSER}*"])


@pytest.mark.parametrize(
    ("how", "processes"),
    [
        *((how, ()) for how in SKIPPED),
        ("in a fixture", ANOTHER_PROCESS),
        ("while its module is read", ANOTHER_PROCESS),
    ],
)
def test_where_a_browser_is_asked_for_a_skip_is_a_failure(
    house: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, how: str, processes: tuple[str, ...]
):
    monkeypatch.setenv("RELAIS_REQUIRE", "browser")
    house.makepyfile(SKIPPED[how], test_beside="def test_of_something_else(): pass")
    result = house.runpytest(*processes)
    assert result.ret != 0
    assert "skipped" not in result.parseoutcomes()
    result.stdout.fnmatch_lines([f"*RELAIS_REQUIRE asks for browser: *{NO_BROWSER}*"])


def test_a_module_that_cannot_be_read_is_a_failure(
    house: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("RELAIS_REQUIRE", "browser")
    house.makepyfile(f"import nowhere_to_be_found\n{RUNS.replace('    ', '', 1)}")
    assert house.runpytest().ret != 0


@pytest.mark.parametrize("processes", [(), ANOTHER_PROCESS])
def test_what_was_asked_for_and_ran_is_well_and_other_skips_are_left_alone(
    house: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, processes: tuple[str, ...]
):
    monkeypatch.setenv("RELAIS_REQUIRE", "browser")
    house.makepyfile(RUNS)
    result = house.runpytest(*processes)
    assert result.ret == 0
    result.assert_outcomes(passed=1, skipped=1)


def test_a_failure_that_is_expected_stays_one(
    house: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("RELAIS_REQUIRE", "browser")
    house.makepyfile(
        "import pytest\n@pytest.mark.browser\n@pytest.mark.xfail\ndef test_a(): assert False\n"
    )
    house.runpytest().assert_outcomes(xfailed=1)


@pytest.mark.parametrize(
    ("chosen", "processes"),
    [("", ()), ("not browser", ()), ("replicas", ()), ("", ANOTHER_PROCESS)],
)
def test_a_run_that_meets_no_test_of_what_was_asked_for_fails(
    house: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    chosen: str,
    processes: tuple[str, ...],
):
    monkeypatch.setenv("RELAIS_REQUIRE", "browser,shared")
    house.makepyfile(RUNS)
    result = house.runpytest("-m", chosen, *processes)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*No test that carries the marker shared has run*"])


def test_asking_for_what_nobody_knows_is_an_error(
    house: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("RELAIS_REQUIRE", "browser, browzer")
    house.makepyfile(RUNS)
    result = house.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*RELAIS_REQUIRE names browzer; what can be asked: *browser*"])


def test_nothing_asked_for_is_nothing_required(
    house: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("RELAIS_REQUIRE", " , ")
    house.makepyfile("def test_a_person(): pass")
    assert house.runpytest().ret == 0


@pytest.mark.shared
def test_the_description_of_the_bot_api_is_at_hand():
    """Without it the made-up Telegram of these tests checks requests by its own rules only."""
    described = specification()
    if described is None:
        pytest.skip("no description of the Bot API beside this checkout")
    assert len(described.methods) > 100
