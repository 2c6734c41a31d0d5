"""Whether a message is too old to be answered: Telegram keeps what was not delivered for a day.

An answer hours later could light up in front of somebody else. Where our clock is wrong, on the
other hand, every message looks late: that is told by the first messages all being off by the same.
"""

import logging
from collections.abc import Callable
from datetime import datetime

TOO_LATE = 5 * 60.0  # seconds
FIRST = 20  # messages that tell a wrong clock

log = logging.getLogger(__name__)


class Lateness:
    """The age of messages, by a clock that may turn out to be wrong."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """`clock` gives the present moment, aware of its time zone."""
        self._clock = clock
        self._first: list[float] | None = []
        self.skewed = False

    def late(self, date: datetime) -> bool:
        """Whether a message of this date gets no answer."""
        age = (self._clock() - date).total_seconds()
        self._learn(age)
        return age > TOO_LATE and not self.skewed

    def _learn(self, age: float) -> None:
        """One message on time settles that the clock is right.

        After an outage the first messages are late too, but by minutes or hours of difference.
        """
        if abs(age) <= TOO_LATE:
            self._first, self.skewed = None, False
        if self._first is None:
            return
        self._first.append(age)
        if len(self._first) == FIRST:
            self.skewed = max(self._first) - min(self._first) <= TOO_LATE
            self._first = None
            if self.skewed:
                log.error("clock.skew")
