"""A running bot's directory follows its data: what an import writes serves a moment later."""

import asyncio
import logging
from pathlib import Path

from watchfiles import awatch

from bot.reading.problem import errors
from bot.referral.contents import DirectoryUnreadableError
from bot.referral.directory import Directory, open_store

PAUSE = 30.0  # seconds before watching again

log = logging.getLogger(__name__)


async def follow(directory: Directory, data: Path, cache: Path) -> None:
    """Turn a directory to newer data at each change in `data`, until cancelled.

    The file is built beside the loop, and taken in one step: nobody meets half of it. Data with
    errors is told in the log, and what serves goes on serving.
    """
    while True:
        try:
            async for _ in awatch(data):
                await _renew(directory, data, cache)
        except Exception:  # the folder is gone or cannot be watched: it may come back
            log.exception("data.unwatched")
        await asyncio.sleep(PAUSE)


async def _renew(directory: Directory, data: Path, cache: Path) -> None:
    try:
        directory.turn_to(await asyncio.to_thread(open_store, data, cache))
    except DirectoryUnreadableError as unreadable:
        for one in errors(unreadable.problems):
            span = one.span
            log.error("data.refused file=%s line=%s code=%s", span.file, span.line, one.code)
    except Exception:  # the disk, a file in the middle of being written: the next change tells
        log.exception("data.failed")
    else:
        log.info("directory.renewed")
