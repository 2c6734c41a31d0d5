"""Nothing about anybody comes out of a log, whoever writes it and at whatever level."""

import asyncio
import gc
import io
import logging
import re
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest

from bot import logs

CANARY = "Marie-7331000001"
FOREIGN = logging.getLogger("aiohttp.client")
OURS = logging.getLogger("bot.telegram.calls")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that is written, at DEBUG; afterwards logging is as it was."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logging.raiseExceptions, logging.lastResort)
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning)
    stream = io.StringIO()
    logs.install("DEBUG", stream)
    yield stream
    root.handlers[:], root.level, logging.raiseExceptions, logging.lastResort = before
    sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning = hooks
    logging.getLogger("aiogram.event").setLevel(logging.NOTSET)


def test_an_event_of_ours_is_written_with_its_fields(written: io.StringIO):
    OURS.warning("call.failed method=%s count=%d", "sendMessage", 2)
    assert written.getvalue() == (
        "WARNING bot.telegram.calls call.failed method=sendMessage count=2\n"
    )


@pytest.mark.parametrize(
    "message",
    [
        f"hello {CANARY}",
        f"call.failed {CANARY}",
        "call.failed for %s",
        "call.failed",
    ],
)
def test_any_other_text_of_ours_is_withheld(written: io.StringIO, message: str):
    OURS.warning(message, *([CANARY] if "%s" in message else []))
    assert CANARY not in written.getvalue()
    assert ("withheld" in written.getvalue()) == (message != "call.failed")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Marie"),
        ("method", "sendMessage to Marie"),
        ("method", CANARY),
        ("exc", ["Marie"]),
        ("count", 7331000001),
        ("count", "Marie"),
        ("seconds", "7331000001"),
    ],
)
def test_a_field_that_is_not_listed_or_not_simple_is_withheld(
    written: io.StringIO, field: str, value: object
):
    OURS.warning(f"call.failed {field}=%s", value)
    assert written.getvalue() == f"WARNING bot.telegram.calls call.failed {field}=?\n"


def test_of_a_librarys_record_only_the_place_is_written(written: io.StringIO):
    FOREIGN.error("chat %s", CANARY)
    assert written.getvalue().startswith("ERROR aiohttp.client test_logs:")
    assert CANARY not in written.getvalue()
    assert written.getvalue().count("\n") == 1


def test_a_librarys_debugging_is_reduced_too(written: io.StringIO):
    FOREIGN.debug(CANARY)
    assert written.getvalue().startswith("DEBUG aiohttp.client test_logs:")
    assert CANARY not in written.getvalue()


def test_of_an_exception_only_the_types_are_written(written: io.StringIO):
    def fail() -> None:
        try:
            int(CANARY)
        except ValueError as error:
            raise RuntimeError(CANARY) from error

    try:
        fail()
    except RuntimeError:
        FOREIGN.exception("failed for %s", CANARY)
    assert written.getvalue().endswith(" exc=RuntimeError<ValueError at=?\n")
    assert CANARY not in written.getvalue()
    assert "Traceback" not in written.getvalue()


def test_of_an_exception_in_the_bots_own_files_the_positions_are_written(written: io.StringIO):
    try:
        logs.guard(CANARY)  # type: ignore[arg-type]
    except AttributeError:
        OURS.exception("call.failed")
    assert re.search(
        r" call\.failed exc=AttributeError at=logs\.py:\d+:guard\n", written.getvalue()
    )
    assert CANARY not in written.getvalue()


def test_a_record_that_cannot_be_formatted_prints_nothing(
    written: io.StringIO, capsys: pytest.CaptureFixture[str]
):
    class Unprintable:
        def __str__(self) -> str:
            raise RuntimeError(CANARY)

    OURS.error("call.failed method=%s", Unprintable())
    FOREIGN.error("%d", CANARY)
    assert CANARY not in written.getvalue()
    assert capsys.readouterr() == ("", "")


def test_a_stream_that_breaks_prints_nothing(
    written: io.StringIO, capsys: pytest.CaptureFixture[str]
):
    written.close()
    FOREIGN.error(CANARY)
    assert capsys.readouterr() == ("", "")


def test_handlers_that_libraries_brought_along_are_gone():
    own = io.StringIO()
    FOREIGN.addHandler(logging.StreamHandler(own))
    FOREIGN.propagate = False
    before = logging.getLogger().handlers[:]
    stream = io.StringIO()
    try:
        logs.install("INFO", stream)
        FOREIGN.error(CANARY)
    finally:
        logging.getLogger().handlers[:] = before
    assert own.getvalue() == ""
    assert "ERROR aiohttp.client" in stream.getvalue()


def test_a_warning_is_reduced_to_its_kind_and_place(
    written: io.StringIO, capsys: pytest.CaptureFixture[str]
):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = logs._on_warning
        warnings.warn(CANARY, RuntimeWarning, stacklevel=1)
    assert "warning.shown kind=RuntimeWarning file=test_logs.py line=" in written.getvalue()
    assert CANARY not in written.getvalue()
    assert capsys.readouterr() == ("", "")


def test_what_nobody_caught_is_reduced(written: io.StringIO, capsys: pytest.CaptureFixture[str]):
    error = RuntimeError(CANARY)
    sys.excepthook(RuntimeError, error, None)
    assert "CRITICAL bot.logs process.failed exc=RuntimeError" in written.getvalue()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert written.getvalue().count("\n") == 1
    assert CANARY not in written.getvalue()
    assert capsys.readouterr() == ("", "")


def test_what_a_thread_did_not_catch_is_reduced(
    written: io.StringIO, capsys: pytest.CaptureFixture[str]
):
    def fail() -> None:
        raise RuntimeError(CANARY)

    thread = threading.Thread(target=fail, name=CANARY)
    thread.start()
    thread.join()
    assert "thread.failed exc=RuntimeError" in written.getvalue()
    assert CANARY not in written.getvalue()
    assert capsys.readouterr() == ("", "")


def test_what_a_finaliser_did_not_catch_is_reduced(
    written: io.StringIO, capsys: pytest.CaptureFixture[str]
):
    class Fragile:
        def __del__(self) -> None:
            raise RuntimeError(CANARY)

    fragile = Fragile()
    del fragile
    gc.collect()
    assert "finaliser.failed exc=RuntimeError" in written.getvalue()
    assert CANARY not in written.getvalue()
    assert capsys.readouterr() == ("", "")


def test_what_nobody_awaited_is_reduced(written: io.StringIO, capsys: pytest.CaptureFixture[str]):
    async def fail() -> None:
        raise RuntimeError(CANARY)

    async def forget() -> None:
        logs.guard(asyncio.get_running_loop())
        task = asyncio.create_task(fail(), name=CANARY)
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(forget(), debug=True)
    assert "loop.failed exc=RuntimeError" in written.getvalue()
    assert CANARY not in written.getvalue()
    assert capsys.readouterr() == ("", "")


def test_aiograms_note_of_every_update_is_not_written(written: io.StringIO):
    logging.getLogger("aiogram.event").info("Update id=%s", 810000001)
    assert written.getvalue() == ""
