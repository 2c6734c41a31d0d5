"""A test that was asked for and did not run is a failure, not a dot that nobody sees.

Some tests need what a machine may lack: a browser, the description of the Bot API. They carry a
marker and are skipped there. `RELAIS_REQUIRE=browser,shared` says that this run has all it takes:
then a skip of such a test fails, and so does a run in which no test at all carries the marker.
"""

import os
import re
from collections.abc import Generator
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ASKED = "RELAIS_REQUIRE"
CAN_BE_ASKED = ("browser", "replicas", "shared")
REQUIRED = pytest.StashKey[frozenset[str]]()
NO_TESTS = pytest.ExitCode.NO_TESTS_COLLECTED


def pytest_configure(config: pytest.Config) -> None:
    names = {name.strip() for name in os.environ.get(ASKED, "").split(",")} - {""}
    if unknown := sorted(names - set(CAN_BE_ASKED)):
        raise pytest.UsageError(
            f"{ASKED} names {', '.join(unknown)}; what can be asked: {', '.join(CAN_BE_ASKED)}"
        )
    config.stash[REQUIRED] = frozenset(names)
    if not config.option.collectonly:
        config.pluginmanager.register(Met(config.stash[REQUIRED]))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    carried = {name for name in item.config.stash[REQUIRED] if item.get_closest_marker(name)}
    report.required = sorted(carried)  # goes along to the process that counts
    if carried and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} did not run, and {ASKED} asks for {', '.join(sorted(carried))}:"
            f" {_reason(report.longrepr)}"
        )
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A module that leaves as a whole takes its tests along before their markers are known."""
    report = yield
    if report.skipped and isinstance(collector, pytest.Module):
        named = sorted(_named_in(collector.path) & collector.config.stash[REQUIRED])
        if named:
            report.outcome = "failed"
            report.longrepr = (
                f"{collector.nodeid} was not read, and {ASKED} asks for {', '.join(named)}:"
                f" {_reason(report.longrepr)}"
            )
    return report


def _named_in(module: Path) -> set[str]:
    return set(re.findall(r"\bmark\.(\w+)", module.read_text(encoding="utf-8")))


def _reason(longrepr: object) -> str:
    """Why something was skipped, without the place where pytest says so."""
    return longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)


class Met:
    """Which of the required markers some test carried, counted where all reports come together."""

    def __init__(self, required: frozenset[str]) -> None:
        self.missing = set(required)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.missing -= set(getattr(report, "required", ()))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.missing and session.exitstatus in (pytest.ExitCode.OK, NO_TESTS):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for name in sorted(self.missing):
            terminalreporter.write_line(
                f"No test that carries the marker {name} has run, and {ASKED} asks for {name}.",
                red=True,
            )
