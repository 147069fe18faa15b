"""Finding the place of samples that come without their numbers, by the server's own timestamps. Pure functions.

Timestamps have microseconds and may repeat, so a match counts only where it is the only one possible; and only among
stamps that are in order, because those of a server that sends them out of order need not be the same the next time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lablink_dpg.model.acquisition import TimesUs

SET_BACK_US = 50_000  # a single step back by more, all else in order, is a clock that was set; less is disorder


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest stored sample: its timestamp, and how many stored samples in a row end with that timestamp."""

    naive_us: int | None = None
    repeats: int = 0
    is_whole: bool = False  # False: equal stamps before them may never have come
    is_sure: bool = True  # False: it came among stamps that were out of order

    def followed_by(self, naive_us: TimesUs, *, is_sure: bool = True) -> Newest:
        """``naive_us`` of shape (n,), n >= 1."""
        if not is_sure:
            return Newest(naive_us.item(-1), 1, is_sure=False)
        n = naive_us.shape[0]
        last = naive_us.item(n - 1)
        if n > 1 and naive_us.item(n - 2) != last:
            return Newest(last, 1, is_whole=True)
        different = np.flatnonzero(naive_us != last)
        if different.shape[0]:
            return Newest(last, n - 1 - int(different[-1]), is_whole=True)
        if last == self.naive_us:
            return Newest(last, self.repeats + n, self.is_whole)
        return Newest(last, n, is_whole=self.naive_us is not None)


def position_of(newest: Newest, times_us: TimesUs) -> int | None:
    """Index in ``times_us`` of the newest stored sample; None if it is not there or not certain."""
    if newest.naive_us is None or not newest.is_sure or not are_in_order(times_us):
        return None
    matches = np.flatnonzero(times_us == newest.naive_us)
    here = matches.shape[0]
    if here < newest.repeats:
        return None
    first, last = int(matches[0]), int(matches[-1])
    if first == 0 or last - first + 1 != here:
        # The window may have begun in the middle of a run of equal stamps, or a clock set back gave a stamp twice.
        return None
    if not newest.is_whole and (here > newest.repeats or last == times_us.shape[0] - 1):
        return None  # only as many as there are in all can be known to be the same
    return first + newest.repeats - 1


def are_in_order(times_us: TimesUs) -> bool:
    """Whether stamps rise, but perhaps for one step back by a clock that was set."""
    stamps = np.asarray(times_us)
    steps = stamps[1:] - stamps[:-1]
    back = np.flatnonzero(steps < 0)
    return back.shape[0] == 0 or (back.shape[0] == 1 and steps.item(back.item(0)) < -SET_BACK_US)


def end_of_hole(times_us: TimesUs, before_us: int | None, after_us: int | None, missing: int) -> int | None:
    """Index in ``times_us`` of the sample after a hole of ``missing`` samples, known by the stamps on both sides."""
    if after_us is None or not are_in_order(times_us):
        return None
    after = np.flatnonzero(times_us == after_us)
    if after.shape[0] != 1:
        return None
    last = int(after[0])
    before = last - missing - 1
    if before >= 0 and before_us is not None and times_us.item(before) != before_us:
        return None
    return last


@dataclass(frozen=True, slots=True)
class Bracket:
    """Bounds on how far the assumed count of samples is from the true one: low <= true - assumed <= high."""

    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        return self.low == self.high

    def narrowed(self, low: int, high: int) -> Bracket:
        """Both bounds hold; where they contradict (the server restarted), the newer ones do."""
        new = Bracket(max(self.low, low), min(self.high, high))
        return new if new.low <= new.high else Bracket(low, high)
