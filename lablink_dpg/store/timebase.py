"""The server's naive local timestamps, turned into one axis of Unix microseconds that never runs backwards.

A LabLink server writes local time without a zone, so its zone is found by comparison: the multiple of a quarter of an
hour that brings the newest sample closest to its arrival. What remains is transport delay, if it is small, or a clock
that is wrong, which is then corrected and said. Clock changes (DST, a set clock) are seen as time that runs backwards
or into the future, never as a large step forward: a step forward is what a pause looks like.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from lablink_dpg.model.acquisition import Int64Array

ZONE_STEP_US = 900_000_000  # time zones are multiples of 15 minutes
TRUSTED_DELAY_US = 2_000_000  # older than this on arrival: the clocks differ, it is not the network
BACKWARD_TOLERANCE_US = 1_000_000  # unsorted stamps up to here are jitter, more is a clock set back
FUTURE_TOLERANCE_US = 2_000_000  # newer than its arrival by more: a clock set forward
SLEW_TOLERANCE_US = 2_000  # newer than its arrival by less: drifting clocks, followed without a step


class ServerClock:
    """Offset between a server's naive local time and Unix time, shared by all of its streams. Net thread only."""

    def __init__(self) -> None:
        self.shift_us: int | None = None  # added to naive µs
        self.is_corrected = False  # True: the server's clock is off; latency is then relative to the best seen
        self.jumps = 0

    def shift_for(self, newest_us: int, arrival_us: int, *, is_live: bool) -> int:
        """The shift for samples of which the newest has naive time ``newest_us``.

        ``is_live``: the samples were taken just now, so that a large rest is the clock's fault; the window of a paused
        acquisition can be any age and settles nothing.
        """
        if self.shift_us is None:
            if not is_live:
                return _zone_shift(newest_us, arrival_us)
            self._settle(newest_us, arrival_us)
        elif newest_us + self.shift_us > arrival_us + FUTURE_TOLERANCE_US and is_live:
            self._settle(newest_us, arrival_us)
            self.jumps += 1
        assert self.shift_us is not None
        return self.shift_us

    def shift_after_jump(self, newest_us: int, arrival_us: int) -> int:
        """The shift once a stream's time ran backwards; the same for every stream that reports the same jump."""
        if self.shift_us is None or not 0 <= arrival_us - newest_us - self.shift_us <= TRUSTED_DELAY_US:
            self._settle(newest_us, arrival_us)
            self.jumps += 1
        assert self.shift_us is not None
        return self.shift_us

    def _settle(self, newest_us: int, arrival_us: int) -> None:
        shift = _zone_shift(newest_us, arrival_us)
        self.is_corrected = not -SLEW_TOLERANCE_US <= arrival_us - newest_us - shift <= TRUSTED_DELAY_US
        self.shift_us = arrival_us - newest_us if self.is_corrected else shift


def _zone_shift(newest_us: int, arrival_us: int) -> int:
    return round((arrival_us - newest_us) / ZONE_STEP_US) * ZONE_STEP_US


class Timebase:
    """One stream's way onto the axis. Net thread only."""

    def __init__(self, clock: ServerClock) -> None:
        self._clock = clock
        self._shift_us: int | None = None
        self._jumps_seen = 0  # of the clock, when the shift was taken from it
        self.last_us: int | None = None  # axis time of the newest sample placed

    @property
    def shift_us(self) -> int:
        return self._shift_us or 0

    def place(self, naive_us: Int64Array, arrival_us: int, *, is_live: bool = True) -> tuple[Int64Array, bool]:
        """Axis times of a block's samples, shape (n,), n >= 1, and whether the server's clock was seen to jump.

        The result never falls, within the block and from block to block.
        """
        jumped = False
        steps = np.diff(naive_us)
        cuts = [0, *(np.flatnonzero(steps < -BACKWARD_TOLERANCE_US) + 1).tolist(), naive_us.shape[0]]
        parts = []
        for start, stop in pairwise(cuts):
            part = naive_us[start:stop]
            # Only the newest part is known to be of now; an older one inside the same block keeps the old shift.
            if stop == naive_us.shape[0] or self._shift_us is None:
                jumped |= self._follow_clock(part, arrival_us, is_live)
            parts.append(part + self.shift_us)
        axis = np.concatenate(parts) if len(parts) > 1 else parts[0]
        if self.last_us is not None and axis[0] < self.last_us:
            axis = np.maximum(axis, self.last_us)
        if np.any(steps < 0):
            axis = np.maximum.accumulate(axis)
        self.last_us = int(axis[-1])
        return axis, jumped

    def _follow_clock(self, naive_us: Int64Array, arrival_us: int, is_live: bool) -> bool:
        newest = int(naive_us[-1])
        if self._shift_us is None or self._jumps_seen != self._clock.jumps:
            # A new stream, or another stream of this server has seen the clock jump before this one did.
            has_jumped = self._shift_us is not None
            self._shift_us = self._clock.shift_for(newest, arrival_us, is_live=is_live)
            self._jumps_seen = self._clock.jumps
            return has_jumped
        ahead_us = newest + self._shift_us - arrival_us
        fell = self.last_us is not None and int(naive_us[0]) + self._shift_us < self.last_us - BACKWARD_TOLERANCE_US
        if fell and is_live:
            self._shift_us = self._clock.shift_after_jump(newest, arrival_us)
        elif ahead_us > FUTURE_TOLERANCE_US:
            self._shift_us = self._clock.shift_for(newest, arrival_us, is_live=is_live)
        elif ahead_us > SLEW_TOLERANCE_US:
            self._shift_us -= ahead_us
            if self._clock.shift_us is not None:
                self._clock.shift_us = min(self._clock.shift_us, self._shift_us)
            return False
        else:
            return False
        self._jumps_seen = self._clock.jumps
        return True
