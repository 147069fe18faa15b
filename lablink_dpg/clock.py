"""One clock for the whole program: Unix time in microseconds that never falls.

Wall time is read once; after that only a clock that nobody sets counts, so that a correction of this machine's clock
can neither tear the time axis nor make a latency negative. Where the system has one, as Linux does, it is the clock
that goes on while the machine is suspended: the time away is then a gap and the labels after it are true. Elsewhere it
is Python's monotonic clock, and whether that goes on in a suspend is the system's affair.
"""

from __future__ import annotations

import time
from collections.abc import Callable

_BOOTTIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def elapsed_ns() -> int:
    """Time since some moment in the past, with the time in suspend where the system can tell."""
    return time.monotonic_ns() if _BOOTTIME is None else time.clock_gettime_ns(_BOOTTIME)


class AxisClock:
    """Safe from any thread: it only reads."""

    def __init__(
        self,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = elapsed_ns,
    ) -> None:
        self._monotonic_ns = monotonic_ns
        self._offset_ns = wall_ns() - monotonic_ns()

    def now_us(self) -> int:
        """Unix time in µs."""
        return (self._monotonic_ns() + self._offset_ns) // 1000
