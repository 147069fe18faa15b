"""The readings of one device as a line of samples: its numbers as they came, at the time at which they came.

A reading has no number of its own and often no time, so a sample's number is how many there were and its time is that
of its arrival. Nothing can be lost in this sense; a silence is a break of the line, not a hole in it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from statistics import median_high
from typing import Any

import numpy as np

from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.power import POWER, power_of
from lablink_dpg.store.breaks import Break, BreakKind
from lablink_dpg.store.series import Series
from lablink_dpg.store.timebase import ServerClock

# Half an hour at ten a second, two hours and a half at two. Full, a ring is 17 bytes a sample of one value, 26 of two:
# its stamps are those of arrivals, no uniform timebase, and cost 8 and a half.
CAPACITY = 18_000
MAX_FIELDS = 32  # of one device: a power supply sends eight
MAX_NAME = 64  # letters of a field's name; a longer one is no name of a value
SILENT_PERIODS = 4  # a step of this many usual ones breaks the line …
SILENT_MIN_US = 1_000_000  # … if it is also longer than the hiccups of a server that reads instruments one by one
SILENT_UNKNOWN_US = 5_000_000  # before there is anything usual
STEPS = 8  # of which the middle one is the usual: a device that becomes slower breaks its line four times, no more
BIGGEST = 1e300  # a whole number of any length can be sent; what does not fit is no value


def numbers_of(data: Mapping[str, Any]) -> dict[str, float]:
    """The numeric values of a reading, and its power; booleans as 0 and 1. Never raises, whatever JSON it was."""
    out: dict[str, float] = {}
    for name, value in data.items():
        if type(value) is float or type(value) is bool:
            out[name] = float(value)
        elif type(value) is int:
            out[name] = float(value) if abs(value) < BIGGEST else np.nan
    power = power_of(out)
    if power is not None:
        out[POWER] = power
    return out


class ReadingSeries(Series):
    """Written and read by the main thread. ``add`` is the only way in: nothing here has a number to be placed by."""

    has_server_times = False

    def __init__(self, equipment_id: str, kind: str, server: str, first: Mapping[str, float]) -> None:
        """``first``: of the first reading, which is still to be added; not empty."""
        fields = tuple(name for name in first if len(name) <= MAX_NAME)[:MAX_FIELDS]
        info = AcquisitionInfo(kind, equipment_id, equipment_id, AcquisitionState.ACQUIRING, fields, 0.0)
        super().__init__(info, server, CAPACITY, ServerClock())
        self.heard_us: int | None = None  # time of the newest one
        self._steps: deque[int] = deque(maxlen=STEPS)

    @property
    def newest_us(self) -> int | None:
        return self.heard_us

    @property
    def usual_us(self) -> int | None:
        """From one reading to the next; None before the second."""
        return median_high(self._steps) if self._steps else None

    def add(self, values: Mapping[str, float], at_us: int) -> None:
        """One more; NaN for a field that it lacks. A field that was never seen before widens the line."""
        if any(name not in self.channels for name in values):
            fresh = [name for name in values if name not in self.channels and len(name) <= MAX_NAME]
            self._widen((*self.channels, *fresh[: MAX_FIELDS - len(self.channels)]))
            self.sent_channels = self.channels
        before_us, ring = self.heard_us, self.ring
        if before_us is not None:
            at_us = max(at_us, before_us)
            if at_us - before_us > self._longest_us:
                self.add_break(Break(ring.head, ring.head, BreakKind.PAUSE, None, None))
            self._steps.append(at_us - before_us)
        row = [values.get(name, np.nan) for name in self.channels]
        ring.append(np.array((at_us,), np.int64), np.array(row).reshape(-1, 1))
        self.heard_us = at_us
        self.total += 1
        self.rate.add(1, at_us)
        self.counters = self.counters.plus(received=len(values))

    @property
    def _longest_us(self) -> int:
        """A longer step is a silence."""
        if not self._steps:
            return SILENT_UNKNOWN_US
        return max(SILENT_MIN_US, SILENT_PERIODS * median_high(self._steps))
