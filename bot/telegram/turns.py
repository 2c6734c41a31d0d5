"""One thing at a time in a chat, in order of arrival, and many chats at once."""

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """A lock for each chat in which something is going on; none for any other chat."""

    def __init__(self) -> None:
        """Nobody has a turn yet."""
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def of(self, chat: int) -> asyncio.Lock:
        """The chat's turn, first come first served: `async with turns.of(chat):`.

        It lives as long as somebody holds or awaits it, since only they refer to it.
        """
        lock = self._locks.get(chat)
        if lock is None:
            self._locks[chat] = lock = asyncio.Lock()
        return lock

    async def over(self) -> None:
        """Wait until everything that had begun or was waiting is done."""
        await asyncio.sleep(0)
        for lock in list(self._locks.values()):
            async with lock:
                pass

    def __len__(self) -> int:
        """In how many chats something is going on."""
        return len(self._locks)
