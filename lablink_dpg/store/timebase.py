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
        """The shift once the time of a stream that knew of every jump so far ran backwards."""
        # A fall beyond the tolerance is no delay: less of the rest is trusted than at first.
        self._settle(newest_us, arrival_us, BACKWARD_TOLERANCE_US)
        self.jumps += 1
        assert self.shift_us is not None
        return self.shift_us

    def was_before_jump(self, own_us: int, newest_us: int, arrival_us: int) -> bool:
        """Whether samples fit a stream's own shift ``own_us``, and not the one that another stream has found."""
        assert self.shift_us is not None
        own_age_us, age_us = arrival_us - newest_us - own_us, arrival_us - newest_us - self.shift_us
        if own_age_us < -FUTURE_TOLERANCE_US:
            return False
        return age_us < -FUTURE_TOLERANCE_US or own_age_us <= TRUSTED_DELAY_US < age_us

    def _settle(self, newest_us: int, arrival_us: int, trusted_us: int = TRUSTED_DELAY_US) -> None:
        shift = _zone_shift(newest_us, arrival_us)
        self.is_corrected = not -SLEW_TOLERANCE_US <= arrival_us - newest_us - shift <= trusted_us
        self.shift_us = arrival_us - newest_us if self.is_corrected else shift


def _zone_shift(newest_us: int, arrival_us: int) -> int:
    return round((arrival_us - newest_us) / ZONE_STEP_US) * ZONE_STEP_US


class Timebase:
    """One stream's way onto the axis. Net thread only."""

    def __init__(self, clock: ServerClock) -> None:
        self._clock = clock
        self._shift_us: int | None = None
        self._is_guessed = False  # the shift comes of a window of unknown age
        self._jumps_seen = 0  # of the clock, when the shift was taken from it
        self.last_us: int | None = None  # axis time of the newest sample placed

    @property
    def shift_us(self) -> int:
        return self._shift_us or 0

    def place(self, naive_us: Int64Array, arrival_us: int, *, is_live: bool = True) -> tuple[Int64Array, bool]:
        """Axis times of a block's samples, shape (n,), n >= 1, and whether the server's clock was seen to jump.

        The result never falls, within the block and from block to block.
        """
        cuts: list[int] = []
        is_sorted = True
        if naive_us.shape[0] > 1:
            steps = naive_us[1:] - naive_us[:-1]
            if steps.view(np.uint64).max() > FUTURE_TOLERANCE_US:  # one look for both: unsigned, a step back is huge
                is_sorted = bool(steps.min() >= 0)
                torn = (steps < -BACKWARD_TOLERANCE_US) | (steps > FUTURE_TOLERANCE_US)
                cuts = (np.flatnonzero(torn) + 1).tolist()
        last_us = self.last_us
        if cuts:
            axis, jumped = self._place_parts(naive_us, cuts, arrival_us, is_live)
        else:
            jumped = self._follow_clock(naive_us, arrival_us, is_live, last_us)
            axis = naive_us + self.shift_us
        if last_us is not None and axis[0] < last_us:
            axis = np.maximum(axis, last_us)
        if cuts or not is_sorted:
            axis = np.maximum.accumulate(axis)
        self.last_us = axis.item(-1)
        return axis, jumped

    def _place_parts(
        self, naive_us: Int64Array, cuts: list[int], arrival_us: int, is_live: bool
    ) -> tuple[Int64Array, bool]:
        """A block whose stamps leap, forth or back: by a pause, or by a clock that was set."""
        jumped = False
        parts: list[Int64Array] = []
        last_us = self.last_us
        for start, stop in pairwise([0, *cuts, naive_us.shape[0]]):
            part = naive_us[start:stop]
            # Only the newest part is known to be of now; an older one inside the same block keeps the old shift.
            if stop == naive_us.shape[0] or self._shift_us is None:
                jumped |= self._follow_clock(part, arrival_us, is_live, last_us)
            parts.append(part + self.shift_us)
            last_us = int(parts[-1].max()) if last_us is None else max(last_us, int(parts[-1].max()))
        return np.concatenate(parts), jumped

    def _follow_clock(self, naive_us: Int64Array, arrival_us: int, is_live: bool, last_us: int | None) -> bool:
        """Renew the shift for samples that end now; ``last_us`` is the axis time of the sample before them."""
        clock = self._clock
        newest = naive_us.item(-1)
        old = self._shift_us
        if old is None or (self._is_guessed and (is_live or clock.shift_us is not None)):
            self._shift_us = clock.shift_for(newest, arrival_us, is_live=is_live)
            self._is_guessed = clock.shift_us is None
            self._jumps_seen = clock.jumps
            return old is not None and old != self._shift_us
        if self._jumps_seen != clock.jumps:
            # Another stream of this server has seen the clock jump; what was sampled before may still come after.
            if clock.was_before_jump(old, newest, arrival_us):
                return False
            self._shift_us = clock.shift_for(newest, arrival_us, is_live=is_live)
            self._jumps_seen = clock.jumps
            return True
        ahead_us = newest + old - arrival_us
        if is_live and last_us is not None and naive_us.item(0) + old < last_us - BACKWARD_TOLERANCE_US:
            self._shift_us = clock.shift_after_jump(newest, arrival_us)
        elif is_live and ahead_us > FUTURE_TOLERANCE_US:
            self._shift_us = clock.shift_for(newest, arrival_us, is_live=True)
        elif SLEW_TOLERANCE_US < ahead_us <= FUTURE_TOLERANCE_US:
            self._shift_us = old - ahead_us
            if clock.shift_us is not None:
                clock.shift_us = min(clock.shift_us, self._shift_us)
            return False
        else:
            return False
        self._jumps_seen = clock.jumps
        return True
