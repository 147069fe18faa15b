"""What a ring holds, and the reader's half of it: copies, looks where the samples lie, and questions about times.

The reader copies, then looks at ``claim`` again: what is older than ``claim - capacity`` may have been overwritten
under it and is an Overrun, never drawn.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import FloatArray, Int64Array
from lablink_dpg.model.storage import Storage
from lablink_dpg.store.folding import FANOUT
from lablink_dpg.store.pyramid import Pyramid
from lablink_dpg.store.times import Times

# A multiple of the fan-out, so that the end of the array is also the end of a pyramid cell and no cell wraps.
CAPACITY_STEP = FANOUT * FANOUT
MIN_CAPACITY = CAPACITY_STEP
_minimum, _maximum = np.minimum.reduce, np.maximum.reduce

# Of each run its first time in µs; then, by channel and run, the lows and the highs.
Runs: TypeAlias = tuple[list[int], list[list[float]], list[list[float]]]


class Overrun(Exception):
    """The samples asked for have left the ring, or left it while they were copied."""


class RingReads:
    """Timestamps (µs on the display's axis, never falling) and values of all channels of one acquisition."""

    def __init__(self, channels: int, capacity: int, storage: Storage = Storage.FLOAT64) -> None:
        """``capacity`` in samples a channel, rounded up to a multiple of CAPACITY_STEP; values are kept as ``storage``.

        Memory is touched only as samples arrive: an empty ring of any capacity costs nearly nothing.
        """
        self.capacity = max(MIN_CAPACITY, -(-capacity // CAPACITY_STEP) * CAPACITY_STEP)
        self.channels = channels
        self.claim = 0  # samples written or being written; stored by the writer only, before it copies
        self.head = 0  # samples completely written; stored by the writer only, after it copied
        self.first = 0  # what is older never was in here; stored by ``begin_at`` only
        self.storage = storage
        self._times = Times(self.capacity)
        self._values: FloatArray = np.empty((channels, self.capacity), storage.value)
        self._rows = list(self._values)  # views, one a channel
        self.pyramid = Pyramid(channels, self.capacity, storage)

    @property
    def oldest(self) -> int:
        """Index of the oldest sample that can be read now. Any thread."""
        oldest: int = self.claim - self.capacity
        return max(self.first, oldest)

    def check(self, start: int) -> None:
        """The second look, after a copy that began at ``start``.

        Raises:
            Overrun: if ``start`` has left the ring meanwhile.
        """
        if start < self.claim - self.capacity or start < self.first:
            raise Overrun(f"sample {start} asked for, oldest is {self.oldest}")

    def read(self, start: int, stop: int) -> FloatArray:
        """Copy samples start..stop-1, shape (channels, stop - start). Reader thread only.

        Raises:
            Overrun: if ``start`` has left the ring, or leaves it during the copy.
            IndexError: if ``stop`` is beyond ``head`` or before ``start``.
        """
        self._check_range(start, stop)
        slot, end = start % self.capacity, start % self.capacity + stop - start
        if end <= self.capacity:
            out = self._values[:, slot:end].copy()
        else:
            out = np.concatenate((self._values[:, slot:], self._values[:, : end - self.capacity]), axis=1)
        self.check(start)
        return out

    def runs(self, start: int, stop: int, cuts: list[int]) -> Runs | None:
        """Times, lows and highs of the runs that begin at ``start`` + each of ``cuts``, the last one up to ``stop``.

        ``cuts`` ascends from 0 and stays below stop - start. Numbers instead of arrays, for runs so few that a call
        costs more than its work; None where they lie across the array's end. Reader thread only; raises as ``read``.
        """
        if not 0 <= start <= stop <= self.head:
            self._check_range(start, stop)
        self.check(start)
        slot = start % self.capacity
        end = slot + stop - start
        if end > self.capacity:
            return None
        times_us = self._times.at_each(start, cuts)
        # Once, instead of twice a channel in the calls below.
        begins = np.array(cuts, np.intp) if self.channels > 1 else cuts
        lows, highs = [], []
        for row in self._rows:
            values = row[slot:end]
            low, high = np.minimum.reduceat(values, begins).tolist(), np.maximum.reduceat(values, begins).tolist()
            total = sum(low)
            if total != total:  # one NaN would erase its whole run; the careful form costs more
                low, high = np.fmin.reduceat(values, begins).tolist(), np.fmax.reduceat(values, begins).tolist()
            lows.append(low)
            highs.append(high)
        self.check(start)
        return times_us, lows, highs

    def pieces(self, start: int, stop: int) -> list[FloatArray] | None:
        """Samples start..stop-1 of each channel as they lie in the ring: no copies. Reader thread only.

        ``stop`` is at most ``head``. None where they lie across the array's end. They hold if ``check(start)`` says so
        after they were used.
        """
        slot = start % self.capacity
        end = slot + stop - start
        return None if end > self.capacity else [row[slot:end] for row in self._rows]

    def extremes(self, start: int, stop: int) -> list[tuple[float, float]] | None:
        """Lowest and highest of samples start..stop-1 of each channel, NaN where all are; start < stop.

        As ``runs`` of one run: numbers, and None where they lie across the array's end. Reader thread only; raises as
        ``read``.
        """
        self._check_range(start, stop)
        slot = start % self.capacity
        end = slot + stop - start
        if end > self.capacity:
            return None
        found = []
        for row in self._rows:
            values = row[slot:end]
            low, high = _minimum(values).item(), _maximum(values).item()
            if low != low:  # one NaN would erase all the others; the careful form costs more
                low, high = np.fmin.reduce(values).item(), np.fmax.reduce(values).item()
            found.append((low, high))
        self.check(start)
        return found

    def read_times(self, start: int, stop: int) -> Int64Array:
        """Copy the timestamps of samples start..stop-1, in µs. Reader thread only; raises as ``read``."""
        self._check_range(start, stop)
        out = self._times.read(start, stop)
        self.check(start)
        return out

    def times_at(self, indices: NDArray[np.int64]) -> Int64Array:
        """Timestamps of a few samples, ascending indices below ``head``. Reader thread only; raises as ``read``."""
        named: list[int] = indices.tolist()
        if not named:
            return np.empty(0, np.int64)
        self._check_range(named[0], named[-1] + 1)
        out = np.array(self._times.at_each(0, named), np.int64)
        self.check(named[0])
        return out

    def times_every(self, start: int, stop: int, step: int) -> Int64Array:
        """Timestamps of ``start`` and of the multiples of ``step`` after it, below ``stop``; start < stop.

        Reader thread only; raises as ``read``.
        """
        self._check_range(start, stop)
        out = self._times.every(start, stop, step)
        self.check(start)
        return out

    def newest_us(self, head: int) -> int:
        """Timestamp of sample head - 1, where ``head`` was just read. Reader thread only.

        Never raises: a ring that is written over meanwhile answers with some time, and its samples are an Overrun.
        """
        return self._times.at(head - 1)

    def time_at(self, index: int) -> int:
        """Timestamp of one sample in µs. Reader thread only; raises as ``read``."""
        self._check_range(index, index + 1)
        out = self._times.at(index)
        self.check(index)
        return out

    def first_at_or_after(self, time_us: int, near: int = -1) -> int:
        """Index of the first sample not older than ``time_us``; ``head`` if there is none. Reader thread only.

        ``near`` is a guess, such as the answer a frame ago: the search then begins there.
        Never raises: what leaves the ring meanwhile only makes the answer the oldest sample still there.
        """
        head, capacity = self.head, self.capacity
        low = self.claim - capacity
        if low < self.first:
            low = self.first
        if low < head:
            low = self._times.search(time_us, low, head, near if low <= near < head else head - 1)
        oldest = self.claim - capacity
        return low if low > oldest else min(oldest, head)

    def minmax_cells(self, level: int, first: int, last: int) -> tuple[FloatArray, FloatArray]:
        """Copies of the pyramid's cells first..last-1 of ``level`` (0: the samples themselves). Reader thread only.

        Raises:
            Overrun: if the samples under the first cell have left the ring.
        """
        if level == 0:
            values = self.read(first, last)
            return values, values
        self.check(first * FANOUT**level)
        low, high = self.pyramid.read(level, first, last)
        self.check(first * FANOUT**level)
        return low, high

    def lying_cells(self, level: int, first: int, last: int) -> tuple[FloatArray, FloatArray] | None:
        """As ``minmax_cells``, the cells as they lie in memory: no copies. Reader thread only.

        None where they lie across an array's end. They hold if ``check`` says so, of the first sample under the first
        cell, after they were used.
        """
        if level:
            return self.pyramid.lying(level, first, last)
        slot = first % self.capacity
        end = slot + last - first
        if end > self.capacity:
            return None
        values = self._values[:, slot:end]
        return values, values

    def _check_range(self, start: int, stop: int) -> None:
        if not 0 <= start <= stop <= self.head:
            raise IndexError(f"samples {start}..{stop} asked for, {self.head} written")
        self.check(start)

    @property
    def allocated_bytes(self) -> int:
        """Size when full: samples, pyramid and timestamps, if those to come are like those that came. Any thread."""
        return self._values.nbytes + self.pyramid.allocated_bytes + self._times.full_bytes

    @property
    def held_bytes(self) -> int:
        """Memory in use, as far as samples have come. Any thread."""
        held = min(self.head - self.first, self.capacity)
        return (self._values.nbytes + self.pyramid.allocated_bytes) * held // self.capacity + self._times.held_bytes
