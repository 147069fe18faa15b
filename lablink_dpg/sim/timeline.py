"""Which samples exist at a moment and when each was taken, without doing anything per sample.

The rate is kept in mHz as an integer, so that the number of samples and their timestamps are exact after any
number of hours: floats would lose a microsecond at 2^53.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MAX_RATE_HZ: Final = 1_000_000.0  # timestamps have microseconds and must increase with each sample
MIN_RATE_HZ: Final = 0.001
_PERIOD_SCALE: Final = 1_000_000_000  # µs × mHz in one sample


class Timeline:
    """Samples of one run: from start, through pauses, to the end. All times in local µs."""

    def __init__(self, rate_hz: float, start_us: int, limit: int | None = None) -> None:
        """``limit``: the run ends by itself after so many samples.

        Raises:
            ValueError: for a rate out of bounds.
        """
        if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
            raise ValueError(f"sample rate of {rate_hz} Hz, must be {MIN_RATE_HZ} to {MAX_RATE_HZ:.0f}")
        self.rate_mhz = round(rate_hz * 1000)
        self.start_us = start_us
        self.limit = limit
        self._active_us = 0  # of all running stretches that have ended
        self._running_since_us: int | None = start_us
        self._shifts = [
            (0, start_us)
        ]  # (first sample, local µs that sample 0 would have had): one entry a pause or jump

    @property
    def is_running(self) -> bool:
        return self._running_since_us is not None

    @property
    def revision(self) -> int:
        """Changes when timestamps of samples that do not exist yet change: with each pause that ends and
        each jump of the clock."""
        return len(self._shifts)

    def active_us(self, now_us: int) -> int:
        """Time spent acquiring until now."""
        running = 0 if self._running_since_us is None else max(0, now_us - self._running_since_us)
        return self._active_us + running

    def total(self, now_us: int) -> int:
        """How many samples exist now."""
        total = self.active_us(now_us) * self.rate_mhz // _PERIOD_SCALE
        return total if self.limit is None else min(total, self.limit)

    def is_complete(self, now_us: int) -> bool:
        return self.limit is not None and self.total(now_us) >= self.limit

    def halt(self, now_us: int) -> None:
        """Pause or stop; no effect when halted already."""
        self._active_us = self.active_us(now_us)
        self._running_since_us = None

    def resume(self, now_us: int) -> None:
        """Go on with the next sample; its timestamp is later by the pause. No effect while running."""
        if self._running_since_us is None:
            self._running_since_us = now_us
            self._shifts.append((self.total(now_us), now_us - self._active_us))

    def jump(self, by_us: int, now_us: int) -> None:
        """The clock is set by so much: what is sampled from now on, before the jump, bears the new time."""
        if self._running_since_us is not None:
            self._shifts.append((self.total(now_us), self._shifts[-1][1] + by_us))
            self._running_since_us += by_us

    def even(self, first: int, stop: int) -> tuple[int, int] | None:
        """Timestamps of samples first and stop-1 if all between them are as far apart, first < stop; else None."""
        period_us, rest = divmod(_PERIOD_SCALE, self.rate_mhz)
        if rest or self._shifts[-1][0] > first:
            return None
        zero_us = self._shifts[-1][1]
        return zero_us + first * period_us, zero_us + (stop - 1) * period_us

    def times(self, first: int, stop: int) -> NDArray[np.int64]:
        """Timestamps of samples first..stop-1 as local µs, strictly increasing."""
        is_newest = self._shifts[-1][0] <= first
        zero_us = self._shifts[-1][1] if is_newest else 0
        if _PERIOD_SCALE % self.rate_mhz == 0:  # whole µs, as most rates have: the same in one step
            period_us = _PERIOD_SCALE // self.rate_mhz
            first_us = zero_us + first * period_us
            times = np.arange(first_us, first_us + (stop - first) * period_us, period_us, dtype=np.int64)
        else:
            whole, rest = divmod(first * _PERIOD_SCALE, self.rate_mhz)
            times = np.arange(stop - first, dtype=np.int64)
            times *= _PERIOD_SCALE
            times += rest
            times //= self.rate_mhz
            times += whole + zero_us
        if not is_newest:
            firsts = np.array([shift[0] for shift in self._shifts], dtype=np.int64)
            zeros = np.array([shift[1] for shift in self._shifts], dtype=np.int64)
            times += zeros[np.searchsorted(firsts, np.arange(first, stop), side="right") - 1]
        return times
