"""Work that goes on after a press is answered: bounded in number, hurried along at a clean stop."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

AT_ONCE = 1000  # pieces of work; past that, what comes is given up rather than piled up
HURRIED = 3.0  # seconds that a clean stop leaves to a wait

log = logging.getLogger(__name__)


class Background:
    """The unfinished work of all chats."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        """Nothing to do yet."""
        self._at_once = at_once
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on with `work` while the person already has an answer."""
        if len(self._tasks) >= self._at_once:
            work.close()
            log.error("background.full count=%d", len(self._tasks))
            return
        task = asyncio.create_task(quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def pause(self, seconds: float) -> None:
        """Wait; a clean stop cuts the wait to three seconds at most."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
        await asyncio.sleep(min(seconds, HURRIED))

    def hurry(self) -> None:
        """From now on waits are short: the bot is stopping."""
        self._stopping.set()

    async def over(self) -> None:
        """Wait until all work is done."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def __len__(self) -> int:
        """How many pieces of work there are."""
        return len(self._tasks)


async def quietly(work: Coroutine[Any, Any, None]) -> None:
    """Do it; what goes wrong is logged and stops nothing else."""
    try:
        await work
    except Exception as error:
        log.error("background.failed", exc_info=error)
