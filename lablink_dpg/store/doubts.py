"""Counts that contradict ours: a server may be wrong once, and two messages that agree are believed.

A leap of ``total_samples`` that time does not explain would drive the history out of the ring, and a count that was too
great would keep out what comes after it. Of one line; network thread only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lablink_dpg.model.acquisition import AcquisitionBlock
from lablink_dpg.model.even import EvenTimes
from lablink_dpg.model.rows import Rows

EXPLAINED = 4  # times as many samples as the rate lets expect: some servers name too low a one …
LEAP_US = 1_000_000  # … and some stamp whole seconds only
ALIKE = 2  # times as far as the first leap the next may go: messages do not come quite evenly


@dataclass(slots=True)
class Doubts:
    """Begun anew with each run."""

    leap: AcquisitionBlock | None = None  # not stored yet: its count leaps …
    leap_arrival_us: int = 0
    has_leapt: bool = False  # and was right: this server counts faster than it says, no leap of this run is doubted
    lower: int | None = None  # a count below ours, of samples that are newer than ours
    hole: tuple[int, int] = (0, -1)  # the last one: the counts before it and of what came after it

    def is_leap(self, lost: int, count: int, rate_hz: float, passed_us: int) -> bool:
        """Whether so many samples missing before a message of ``count`` are more than that time explains."""
        if self.has_leapt or rate_hz <= 0 or passed_us < 0:  # clocks were set back: they explain nothing
            return False
        return lost > EXPLAINED * (rate_hz * 1e-6 * (passed_us + LEAP_US) + count)

    def keep(self, block: AcquisitionBlock, arrival_us: int) -> None:
        """Until the next message; with its samples copied, because the memory that they lie in is used again."""
        times_us = block.times_us if isinstance(block.times_us, EvenTimes) else np.array(block.times_us)
        rows = block.values.rows if isinstance(block.values, Rows) else tuple(block.values)
        values = Rows(tuple(np.array(row) for row in rows), block.values.shape[1])
        self.leap, self.leap_arrival_us = replace(block, times_us=times_us, values=values), arrival_us

    def confirmed(self, block: AcquisitionBlock, total: int) -> AcquisitionBlock | None:
        """The message that was kept, once, if this next one counts on from it; ``total`` is ours.

        One that counts less than ours is late and says nothing.
        """
        leap = self.leap
        if leap is None or block.total_samples < total:
            return None
        self.leap = None
        if block.started_us != leap.started_us:
            return None
        if not 0 <= block.total_samples - leap.total_samples <= ALIKE * (leap.total_samples - total):
            return None
        self.has_leapt = True
        return leap

    def is_lower_again(self, total: int) -> bool:
        """Whether a count below ours goes on from one that was."""
        lower, self.lower = self.lower, total
        return lower is not None and lower < total
