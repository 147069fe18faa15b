"""The baseline of ``perf memory``: a ring's timestamps in one array, 8 bytes a sample."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from lablink_dpg.model.acquisition import Int64Array
from lablink_dpg.store.ring import Ring


class ExplicitTimes:
    """As ``Times`` and ``TimesWriter`` together."""

    def __init__(self, capacity: int) -> None:
        self._all = np.empty(capacity, np.int64)
        self._view = self._all.data  # numpy's own search and its scalars are slower
        self._capacity = capacity

    def put(self, start: int, times_us: Int64Array, *, is_even: bool = False) -> None:
        n, slot = times_us.shape[0], start % self._capacity
        until_end = min(n, self._capacity - slot)
        self._all[slot : slot + until_end] = times_us[:until_end]
        if until_end < n:
            self._all[: n - until_end] = times_us[until_end:]

    def at(self, index: int) -> int:
        return self._view[index % self._capacity]

    def at_each(self, start: int, offsets: list[int]) -> list[int]:
        view, slot = self._view, start % self._capacity
        return [view[slot + offset] for offset in offsets]

    def read(self, start: int, stop: int) -> Int64Array:
        slot = start % self._capacity
        until_end = min(stop - start, self._capacity - slot)
        return np.concatenate((self._all[slot : slot + until_end], self._all[: stop - start - until_end]))

    def every(self, start: int, stop: int, step: int) -> Int64Array:
        out = self._all[np.arange(start - start % step, stop, step) % self._capacity]
        out[0] = self._view[start % self._capacity]
        return out

    def search(self, time_us: int, low: int, high: int, near: int) -> int:
        """Not across the array's end."""
        slot = low % self._capacity
        return low + bisect_left(self._view, time_us, slot, slot + high - low) - slot

    @property
    def held_bytes(self) -> int:
        return self._all.nbytes

    full_bytes = held_bytes


def explicit(ring: Ring) -> Ring:
    """The same, with such timestamps; before the first sample."""
    times = ExplicitTimes(ring.capacity)
    ring._times = times  # type: ignore[assignment]
    ring._times_writer = times  # type: ignore[assignment]
    return ring
