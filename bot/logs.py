"""The one logging set-up: it cannot tell anything about anybody, at any level.

- A record of our own (`bot.*`) is an event type and fields that are listed here, of a simple shape:
  `log.error("call.failed method=%s exc=%s", ...)`. Any other text or value is withheld.
- Of a record of a library, only its level, logger and place are written. aiogram's flood-control
  error holds the chat's id, pydantic's holds the person's words, aiohttp's may hold the token.
- Of an exception, its type and the positions in our own files.

The same holds for warnings, and for exceptions that nobody caught: in the event loop, a thread, a
finaliser or the main program.
"""

import asyncio
import logging
import re
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

OURS = "bot"
HOUSE = Path(__file__).parent
DEEPEST = 6  # positions of one exception, the innermost ones
CAUSES = 3  # exceptions of one chain

EVENT = re.compile(r"[a-z]+(\.[a-z_]+)+( [a-z_]+=%[sd])*")
FIELD = re.compile(r" ([a-z_]+)=%")
NUMBER = re.compile(r"-?\d{1,6}(\.\d{1,6})?")
NAME = re.compile(r"(?!.*\d{5})[A-Za-z][\w./<>:-]{0,79}", re.ASCII)  # no long number hides in it
FIELDS = {
    "count": NUMBER,
    "line": NUMBER,
    "port": NUMBER,
    "seconds": NUMBER,
    "status": NUMBER,
    "action": NAME,
    "code": NAME,
    "exc": NAME,
    "file": NAME,
    "flow": NAME,
    "kind": NAME,
    "language": NAME,
    "method": NAME,
    "what": NAME,
}

log = logging.getLogger(__name__)


def install(level: int | str = logging.INFO, stream: TextIO | None = None) -> None:
    """Write every record of the process to one stream, standard error by default, reduced.

    Handlers that were there, of any logger, are removed.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Reduced())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for logger in _loggers():
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger("aiogram.event").setLevel(logging.WARNING)
    logging.raiseExceptions = False  # else a bad record is printed as it is
    warnings.showwarning = _on_warning
    sys.excepthook = _on_uncaught
    threading.excepthook = _on_thread
    sys.unraisablehook = _on_unraisable


def guard(loop: asyncio.AbstractEventLoop) -> None:
    """Reduce what the event loop says of exceptions that nobody awaited."""
    loop.set_exception_handler(_on_loop)


class Reduced(logging.Formatter):
    """A record in one line that holds nothing personal."""

    def format(self, record: logging.LogRecord) -> str:
        """Level, logger, event or place, exception."""
        ours = record.name == OURS or record.name.startswith(f"{OURS}.")
        said = _event(record) if ours else _place(record)
        error = record.exc_info[1] if record.exc_info else None
        return " ".join([record.levelname, record.name, said, *([reduced(error)] if error else [])])


def reduced(error: BaseException) -> str:
    """An exception's types, from the last to the first cause, and its positions in our files."""
    types = "<".join(type(one).__name__ for one in _chain(error))
    positions = "<".join(_positions(error.__traceback__))
    return f"exc={types} at={positions or '?'}"


def _event(record: logging.LogRecord) -> str:
    """Our own record, or only its place where it is not of the shape that this page asks for."""
    values = record.args if isinstance(record.args, tuple) else ()
    if not isinstance(record.msg, str) or not EVENT.fullmatch(record.msg):
        return f"{_place(record)} withheld"
    names = FIELD.findall(record.msg)
    shown = [f"{name}={_shown(name, value)}" for name, value in zip(names, values, strict=False)]
    return " ".join([record.msg.split(" ")[0], *shown])


def _shown(name: str, value: object) -> str:
    shape = FIELDS.get(name)
    simple = isinstance(value, str | int | float) and shape and shape.fullmatch(str(value))
    return str(value) if simple else "?"


def _place(record: logging.LogRecord) -> str:
    return f"{record.module}:{record.lineno}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    following: BaseException | None = error
    for _ in range(CAUSES):
        if following is None:
            return
        yield following
        following = following.__cause__ or following.__context__


def _positions(traceback: TracebackType | None) -> list[str]:
    """`file:line:function`, the innermost first."""
    found = []
    while traceback:
        code = traceback.tb_frame.f_code
        path = Path(code.co_filename)
        if path.is_relative_to(HOUSE):
            found.append(f"{path.relative_to(HOUSE)}:{traceback.tb_lineno}:{code.co_name}")
        traceback = traceback.tb_next
    return found[: -DEEPEST - 1 : -1]


def _loggers() -> list[logging.Logger]:
    known = logging.Logger.manager.loggerDict.values()
    return [logger for logger in known if isinstance(logger, logging.Logger)]


def _on_warning(
    message: Warning | str,  # noqa: ARG001 -- not written: it may quote a whole update
    category: type[Warning],
    filename: str,
    lineno: int,
    *_: object,
    **__: object,
) -> None:
    kind, where = category.__name__, Path(filename).name
    log.warning("warning.shown kind=%s file=%s line=%d", kind, where, lineno)


def _on_uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        log.critical("process.failed", exc_info=(kind, error, traceback))


def _on_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value and not issubclass(failed.exc_type, SystemExit):
        log.error("thread.failed", exc_info=failed.exc_value)


def _on_unraisable(failed: "sys.UnraisableHookArgs") -> None:
    log.error("finaliser.failed", exc_info=failed.exc_value)


def _on_loop(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    log.error("loop.failed", exc_info=context.get("exception"))
