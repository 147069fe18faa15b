"""One clock for the whole program: Unix time in microseconds that never jumps.

Wall time is read once; after that only the monotonic clock counts, so that a correction of this machine's clock
can neither tear the time axis nor make a latency negative.
"""

from __future__ import annotations

import time
from collections.abc import Callable


class AxisClock:
    """Safe from any thread: it only reads."""

    def __init__(
        self,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._monotonic_ns = monotonic_ns
        self._offset_ns = wall_ns() - monotonic_ns()

    def now_us(self) -> int:
        """Unix time in µs."""
        return (self._monotonic_ns() + self._offset_ns) // 1000
