"""Times taken one by one, and how they are printed.

What runs in this process is told in its processor time, which other programs do not lengthen; what
runs in a process of its own, by the clock on the wall.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TypeVar

T = TypeVar("T")
WIDTH = 58  # characters of the first column


@dataclass(frozen=True)
class Measured:
    """What was measured, and each time in seconds."""

    what: str
    seconds: Sequence[float]

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def p99(self) -> float | None:
        """Of a hundred, the one that is slowest; None where there are too few to tell."""
        return quantiles(self.seconds, n=100)[98] if len(self.seconds) >= 100 else None


def measure(
    what: str,
    act: Callable[[T], object],
    over: Iterable[T],
    clock: Callable[[], float] = time.thread_time,
) -> Measured:
    """The time of `act` on each of these."""
    seconds = []
    for one in over:
        begun = clock()
        act(one)
        seconds.append(clock() - begun)
    return Measured(what, seconds)


def printed(measured: Measured, unit: float) -> str:
    """One line: how many, the median, the slowest of a hundred, how many a second, in units."""
    rate = f"{1 / measured.median:,.0f}/s" if measured.median < 0.1 else ""
    cells = (
        f"{len(measured.seconds):,}",
        _shown(measured.median),
        _shown(measured.p99) if measured.p99 is not None else "",
        rate,
        f"{measured.median / unit:,.2f}",
    )
    return f"{measured.what:<{WIDTH}}" + "".join(f"{cell:>11}" for cell in cells)


def heading() -> str:
    cells = ("times", "median", "p99", "rate", "x no-op")
    line = f"{'':<{WIDTH}}" + "".join(f"{cell:>11}" for cell in cells)
    return f"{line}\n{'-' * len(line)}"


def _shown(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.3f} ms"
