"""The server's naive local timestamps, turned into one axis of Unix microseconds that never runs backwards.

A LabLink server writes local time without a zone, so its zone is found by comparison: the multiple of a quarter of an
hour that brings the newest sample closest to its arrival. What remains is transport delay, if it is small, or a clock
that is wrong: its error is then part of the shift and ``ServerClock.is_corrected`` is set, for whoever wants to know.
Clock changes (DST, a set clock) are seen as time that runs backwards or into the future, never as a large step forward:
a step forward is what a pause looks like. A clock that drifts is followed both ways: at once if its samples would be of
the future, slowly if even the fastest message of a minute comes later than the fastest of the beginning.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from lablink_dpg.model.acquisition import Int64Array, TimesUs
from lablink_dpg.store.numbering import SET_BACK_US

ZONE_STEP_US = 900_000_000  # time zones are multiples of 15 minutes
TRUSTED_DELAY_US = 2_000_000  # older than this and a sample period on arrival: the clocks differ, not the network
BACKWARD_TOLERANCE_US = 1_000_000  # unsorted stamps up to here are jitter, more is a clock set back
FALL_TOLERANCE_US = SET_BACK_US  # a whole block that ends before the newest sample by more …
FALL_BLOCKS = 2  # … so many times in a row is no jitter either; nor is a single step back by more, all else in order
FUTURE_TOLERANCE_US = 2_000_000  # newer than its arrival by more: a clock set forward
SLEW_TOLERANCE_US = 2_000  # newer than its arrival by less: drifting clocks, followed without a step

FLOOR_SPAN_US = 60_000_000  # a network that is busy has a fast moment in a minute …
FLOOR_ARRIVALS = 8  # … and in so many messages, where they are rare
FLOOR_GAP_US = 600_000_000  # after so long without a live message the least delay is learnt anew
DRIFT_TOLERANCE_US = 20_000  # a rise of the least delay that routes and sending intervals explain
DRIFT_US_PER_S = 500  # faster than any quartz drifts (100), too slow to be seen, or to hide a busy network soon
SLEW_EVERY_US = 100_000  # whole microseconds at that rate


class _DelayFloor:
    """The least delay of the last one to two spans: of the whole span before, and of the one that is running."""

    def __init__(self) -> None:
        self._before_us: int | None = None
        self._running_us = 0
        self._arrivals = 0
        self._start_us = self._seen_us = 0  # arrivals

    def add(self, delay_us: int, arrival_us: int) -> int | None:
        """The least delay with this one; None until one span is complete."""
        if self._arrivals == 0 or arrival_us - self._seen_us > FLOOR_GAP_US:
            self._before_us = None
            self._restart(delay_us, arrival_us)
        elif self._arrivals >= FLOOR_ARRIVALS and arrival_us - self._start_us >= FLOOR_SPAN_US:
            self._before_us = self._running_us
            self._restart(delay_us, arrival_us)
        elif delay_us < self._running_us:
            self._running_us = delay_us
        self._arrivals += 1
        self._seen_us = arrival_us
        return self._before_us if self._before_us is None else min(self._before_us, self._running_us)

    def _restart(self, delay_us: int, arrival_us: int) -> None:
        self._running_us, self._start_us, self._arrivals = delay_us, arrival_us, 0


class ServerClock:
    """Offset between a server's naive local time and Unix time, shared by all of its streams. Net thread only."""

    def __init__(self) -> None:
        self.shift_us: int | None = None  # added to naive µs
        self.is_corrected = False  # True: the clock was found off, not just drifting; latency is relative to the best
        self.jumps = 0  # times that the clock was seen to be set
        self._trusted_us = TRUSTED_DELAY_US  # what the shift was settled with
        self._credible_us = BACKWARD_TOLERANCE_US  # delay of a message that would show the clock to be right after all
        self._floor = _DelayFloor()  # of delays before the shift, so that following a drift does not disturb it
        self._base_us = 0  # least delay since the shift was settled, >= 0: what the network needs
        self._raised_us = 0  # >= 0, part of the shift that follows a clock that falls behind
        self._slewed_us = 0  # arrival up to which drift has been followed

    def shift_for(self, newest_us: int, arrival_us: int, *, is_live: bool, trusted_us: int = TRUSTED_DELAY_US) -> int:
        """The shift for samples of which the newest has naive time ``newest_us``.

        ``is_live``: the samples were taken just now, so that a large rest is the clock's fault; the window of a paused
        acquisition can be any age and settles nothing. ``trusted_us``: the age that live samples may have.
        """
        if self.shift_us is None:
            if not is_live:
                return _zone_shift(newest_us, arrival_us)
            self._settle(newest_us, arrival_us, trusted_us)
        elif newest_us + self.shift_us > arrival_us + FUTURE_TOLERANCE_US and is_live:
            self._settle(newest_us, arrival_us, trusted_us)
            self.jumps += 1
        elif is_live and trusted_us < self._trusted_us and arrival_us - newest_us - self.shift_us > trusted_us:
            # What a slow stream's period explained, a fast one shows to be the clock. Forward, so nothing falls.
            self._settle(newest_us, arrival_us, trusted_us)
        assert self.shift_us is not None
        return self.shift_us

    def shift_after_jump(self, newest_us: int, arrival_us: int, fall_us: int) -> int:
        """The shift once the time of a stream that knew of every jump so far ran backwards by ``fall_us``."""
        # A fall is no delay: less of the rest is trusted than at first, of a small fall no more than was usual before.
        if fall_us > BACKWARD_TOLERANCE_US:
            self._settle(newest_us, arrival_us, BACKWARD_TOLERANCE_US)
        else:
            credible_us = self._base_us + FALL_TOLERANCE_US
            self._settle(newest_us, arrival_us, credible_us, self._base_us)
            self._credible_us = credible_us
        self.jumps += 1
        assert self.shift_us is not None
        return self.shift_us

    def was_before_jump(self, own_us: int, newest_us: int, arrival_us: int, trusted_us: int = TRUSTED_DELAY_US) -> bool:
        """Whether samples fit a stream's own shift ``own_us``, and not the one that another stream has found."""
        assert self.shift_us is not None
        own_age_us, age_us = arrival_us - newest_us - own_us, arrival_us - newest_us - self.shift_us
        if own_age_us < -FUTURE_TOLERANCE_US:
            return False
        return (
            age_us < -FUTURE_TOLERANCE_US
            or age_us < -FALL_TOLERANCE_US <= own_age_us
            or own_age_us <= trusted_us < age_us
        )

    def follow(self, newest_us: int, arrival_us: int, *, is_live: bool) -> int:
        """The shift, after it has followed a drift of the clock. The far future is left to ``shift_for``."""
        assert self.shift_us is not None
        raw_us = arrival_us - newest_us
        delay_us = raw_us - self.shift_us
        if -FUTURE_TOLERANCE_US <= delay_us < -SLEW_TOLERANCE_US:
            zone_us = _zone_shift(newest_us, arrival_us)
            if is_live and self.is_corrected and -SLEW_TOLERANCE_US <= raw_us - zone_us <= self._credible_us:
                self._settle(newest_us, arrival_us, BACKWARD_TOLERANCE_US)  # corrected for a message that was late
                return self.shift_us
            self.shift_us = raw_us
            self._raised_us = max(0, self._raised_us + delay_us)
            delay_us = 0
        if is_live:
            if delay_us < self._base_us and self._raised_us == 0:
                self._base_us = max(0, delay_us)
            least_us = self._floor.add(raw_us, arrival_us)
            if least_us is not None and arrival_us - self._slewed_us >= SLEW_EVERY_US:
                self._slew(least_us - self.shift_us - self._base_us, arrival_us)
        return self.shift_us

    def _slew(self, over_us: int, arrival_us: int) -> None:
        """Follow a least delay that is ``over_us`` more than at first: up if it has grown, down what was too much.

        The limit counts the time without messages too: the clock has drifted then as well.
        """
        assert self.shift_us is not None
        limit_us = (arrival_us - self._slewed_us) * DRIFT_US_PER_S // 1_000_000
        self._slewed_us = arrival_us
        step_us = 0
        if over_us > DRIFT_TOLERANCE_US:
            step_us = min(over_us - DRIFT_TOLERANCE_US, limit_us)
        elif over_us < 0:
            step_us = -min(-over_us, limit_us, self._raised_us)
        self.shift_us += step_us
        self._raised_us += step_us

    def _settle(self, newest_us: int, arrival_us: int, trusted_us: int, usual_us: int = 0) -> None:
        """Anew, by a sample of now. ``usual_us``: the delay to assume where the clock turns out to be off."""
        shift = _zone_shift(newest_us, arrival_us)
        self.is_corrected = not -SLEW_TOLERANCE_US <= arrival_us - newest_us - shift <= trusted_us
        self.shift_us = arrival_us - newest_us - usual_us if self.is_corrected else shift
        self._trusted_us = trusted_us
        self._credible_us = BACKWARD_TOLERANCE_US
        self._floor = _DelayFloor()
        self._base_us = max(0, arrival_us - newest_us - self.shift_us)
        self._raised_us = 0
        self._slewed_us = arrival_us


def _zone_shift(newest_us: int, arrival_us: int) -> int:
    return round((arrival_us - newest_us) / ZONE_STEP_US) * ZONE_STEP_US


class Timebase:
    """One stream's way onto the axis. Net thread only."""

    def __init__(self, clock: ServerClock) -> None:
        self._clock = clock
        self._shift_us: int | None = None
        self._is_guessed = False  # the shift comes of a window of unknown age
        self._jumps_seen = 0  # of the clock, when the shift was taken from it
        self._high_us = 0  # naive time of the newest sample since the clock was last seen to be set
        self._falls = 0  # blocks in a row that ended before it
        self.was_sorted = True  # the block placed last, but perhaps for a step of a clock that was set
        self.last_us: int | None = None  # axis time of the newest sample placed

    @property
    def shift_us(self) -> int:
        return self._shift_us or 0

    def place(
        self,
        naive_us: TimesUs,
        arrival_us: int,
        *,
        is_live: bool = True,
        period_us: int | None = None,
        is_even: bool = False,
    ) -> tuple[TimesUs, bool]:
        """Axis times of a block's samples, shape (n,), n >= 1, and whether the server's clock was seen to jump.

        ``period_us``: from sample to sample, None if not known; the newest sample may be that old.
        ``is_even``: the times are known to rise evenly.
        The result never falls, within the block and from block to block.
        """
        cuts: list[int] = []
        is_sorted = True
        is_even = is_even and naive_us.item(-1) - naive_us.item(0) <= FUTURE_TOLERANCE_US  # then there is no leap in it
        if naive_us.shape[0] > 1 and not is_even:
            naive_us = np.asarray(naive_us)
            steps = naive_us[1:] - naive_us[:-1]
            # One look for both: unsigned, a step back is huge.
            if np.maximum.reduce(steps.view(np.uint64)) > FUTURE_TOLERANCE_US:
                is_sorted = bool(steps.min() >= 0)
                torn = (steps < -BACKWARD_TOLERANCE_US) | (steps > FUTURE_TOLERANCE_US)
                back = np.flatnonzero(steps < 0)
                if back.shape[0] == 1 and steps[back[0]] < -FALL_TOLERANCE_US:
                    torn[back[0]] = is_sorted = True  # but for that
                cuts = (np.flatnonzero(torn) + 1).tolist()
        trusted_us = TRUSTED_DELAY_US + (period_us or 0)
        last_us = self.last_us
        axis: TimesUs
        if cuts:
            axis, jumped = self._place_parts(np.asarray(naive_us), cuts, arrival_us, is_live, trusted_us, is_sorted)
        else:
            is_clean = is_sorted and self.was_sorted
            jumped = self._follow_clock(naive_us, arrival_us, is_live, trusted_us, is_clean)
            axis = naive_us + self.shift_us
        self.was_sorted = is_sorted
        if last_us is not None and axis.item(0) < last_us:
            axis = np.maximum(np.asarray(axis), last_us)
        if cuts or not is_sorted:
            axis = np.maximum.accumulate(np.asarray(axis))
        self.last_us = axis.item(-1)
        return axis, jumped

    def _place_parts(
        self, naive_us: Int64Array, cuts: list[int], arrival_us: int, is_live: bool, trusted_us: int, is_clean: bool
    ) -> tuple[Int64Array, bool]:
        """A block whose stamps leap, forth or back: by a pause, or by a clock that was set."""
        jumped = False
        parts: list[Int64Array] = []
        for start, stop in pairwise([0, *cuts, naive_us.shape[0]]):
            part = naive_us[start:stop]
            # Only the newest part is known to be of now; an older one inside the same block keeps the old shift.
            if stop == naive_us.shape[0] or self._shift_us is None:
                jumped |= self._follow_clock(part, arrival_us, is_live, trusted_us, is_clean)
            else:
                self._high_us = max(self._high_us, int(part.max()))
            parts.append(part + self.shift_us)
        return np.concatenate(parts), jumped

    def _follow_clock(self, naive_us: TimesUs, arrival_us: int, is_live: bool, trusted_us: int, is_clean: bool) -> bool:
        """Renew the shift for samples that end now; returns whether the clock was seen to be set.

        ``is_clean``: they and those before them are in order, but perhaps for the step from those to these.
        """
        clock = self._clock
        newest = naive_us.item(-1)
        old = self._shift_us
        if old is None or (self._is_guessed and (is_live or clock.shift_us is not None)):
            self._take(clock.shift_for(newest, arrival_us, is_live=is_live, trusted_us=trusted_us), newest)
            self._is_guessed = clock.shift_us is None
            return old is not None and old != self._shift_us
        if self._jumps_seen != clock.jumps:
            # Another stream of this server has seen the clock jump; what was sampled before may still come after.
            if clock.was_before_jump(old, newest, arrival_us, trusted_us):
                self._high_us = max(self._high_us, newest)
                return False
            self._take(clock.shift_for(newest, arrival_us, is_live=is_live, trusted_us=trusted_us), newest)
            return True
        if self._is_guessed:
            self._high_us = max(self._high_us, newest)
            return False
        # Naive against naive: how far the axis has been followed since makes no difference.
        fall_us = self._high_us - naive_us.item(0)
        if fall_us <= (FALL_TOLERANCE_US if is_clean else BACKWARD_TOLERANCE_US):
            fall_us = self._high_us - newest
            self._falls = self._falls + 1 if fall_us > FALL_TOLERANCE_US else 0
        else:
            self._falls = FALL_BLOCKS
        if is_live and self._falls >= FALL_BLOCKS:
            self._take(clock.shift_after_jump(newest, arrival_us, fall_us), newest)
            return True
        shift = clock.follow(newest, arrival_us, is_live=is_live)
        if is_live and newest + shift > arrival_us + FUTURE_TOLERANCE_US:
            self._take(clock.shift_for(newest, arrival_us, is_live=True, trusted_us=trusted_us), newest)
            return True
        self._shift_us = shift
        self._high_us = max(self._high_us, newest)
        return False

    def _take(self, shift_us: int, newest_us: int) -> None:
        self._shift_us = shift_us
        self._jumps_seen = self._clock.jumps
        self._high_us = newest_us
        self._falls = 0
