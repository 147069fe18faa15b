"""The recent past of one acquisition: a lock-free ring, one writer, one reader, samples named by absolute index.

Sample ``i`` lives in slot ``i % capacity``. The writer stores ``claim``, copies, then stores ``head``; the reader
copies, then looks at ``claim`` again: what is older than ``claim - capacity`` may have been overwritten under it and
is an Overrun, never drawn. There is no lock because a lock would let a slow frame stall the network.
"""

from __future__ import annotations

from math import isfinite
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import FloatArray, Int64Array, TimesUs, Values
from lablink_dpg.model.rows import Rows
from lablink_dpg.model.storage import Storage
from lablink_dpg.store.pyramid import FANOUT, Pyramid
from lablink_dpg.store.times import Times
from lablink_dpg.store.times_writer import TimesWriter

# A multiple of the fan-out, so that the end of the array is also the end of a pyramid cell and no cell wraps.
CAPACITY_STEP = FANOUT * FANOUT
MIN_CAPACITY = CAPACITY_STEP
NAN = np.array(np.nan)
_minimum, _maximum = np.minimum.reduce, np.maximum.reduce

# Of each run its first time in µs; then, by channel and run, the lows and the highs.
Runs: TypeAlias = tuple[list[int], list[list[float]], list[list[float]]]


class Overrun(Exception):
    """The samples asked for have left the ring, or left it while they were copied."""


class Ring:
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
        self._times_writer = TimesWriter(self._times)
        self._values: FloatArray = np.empty((channels, self.capacity), storage.value)
        self._rows = list(self._values)  # views, one a channel
        self.pyramid = Pyramid(channels, self.capacity, storage)

    # -- writer -------------------------------------------------------------------------------------------------

    def begin_at(self, index: int) -> None:
        """Name the first sample ``index`` instead of 0. Writer only, before the first sample and any reader."""
        self.claim = self.head = self.first = index
        self.pyramid.skip_to(index)

    def take_over(self, source: Ring | None) -> None:
        """What is put in here until ``take_over(None)`` was read from ``source``, which is no longer written.

        Its timestamps then stay exactly what they are, and as small. Writer only.
        """
        self._times_writer.take_over(None if source is None else source._times)

    def append(self, times_us: TimesUs, values: Values, *, is_even: bool = False, is_finite: bool = True) -> bool:
        """Add samples, shapes (n,) and (channels, n); ``is_even``: their times rise evenly. Writer thread only.

        A block longer than the ring leaves its newest ``capacity`` samples; the index still counts all of it.
        Where it may not be ``is_finite``, whether there were infinities, in whose place is NaN: an axis has none.
        """
        n: int = times_us.shape[0]
        if values.shape != (self.channels, n):
            raise ValueError(f"block of shape {values.shape}, ring of {self.channels} channels and {n} timestamps")
        stop = self.head + n
        self.claim = stop
        if n > self.capacity:
            times_us, values = times_us[-self.capacity :], values[:, n - self.capacity :]
        start = stop - times_us.shape[0]
        has_infinities = False
        if not is_finite and self.storage is not Storage.FLOAT64 and _are_wide(values):
            # Before they are narrowed: what is too large for it was no infinity.
            values = np.array(values, np.float64)
            has_infinities, is_finite = without_infinities(values), True
        self._store(start, times_us, values, is_even=is_even)
        self.pyramid.fold(self._values, stop)
        if not is_finite:
            has_infinities = self._erase_infinities(start, stop)
        self.head = stop
        return has_infinities

    def _erase_infinities(self, start: int, stop: int) -> bool:
        """Whether there were some among samples start..stop-1, whose cells are folded; nobody reads them yet.

        The cells show them as well as the samples, and are an eighth of them.
        """
        folded = self.pyramid.folded(1) * FANOUT if self.pyramid.top else 0
        shown = self._parts(max(start, folded), stop) if folded < stop else []
        if folded > start:
            shown += self.pyramid.lying_parts(1, start // FANOUT, folded // FANOUT)
        if not any(map(_may_be_infinite, shown)):
            return False
        found = [without_infinities(part) for part in self._parts(start, stop)]
        self.pyramid.refold(self._values, start, stop)
        return any(found)

    def _parts(self, start: int, stop: int) -> list[FloatArray]:
        """Samples start..stop-1 of all channels as they lie in the array; at most ``capacity``, at least one."""
        slot = start % self.capacity
        end = slot + stop - start
        if end <= self.capacity:
            return [self._values[:, slot:end]]
        return [self._values[:, slot:], self._values[:, : end - self.capacity]]

    def append_missing(self, count: int, before_us: int, after_us: int) -> None:
        """Skip ``count`` samples that never came: NaN, their times spread between the neighbours'. Writer only."""
        kept = min(count, self.capacity)
        stop = self.head + count
        self.claim = stop
        times = _evenly(before_us, after_us, count, kept)
        self._store(stop - kept, times, self._missing(kept))
        self.pyramid.fold(self._values, stop)
        self.head = stop

    def overwrite(self, start: int, times_us: Int64Array, values: Values) -> int:
        """Replace samples from ``start`` on, as far as they are still here; returns how many. Writer thread only.

        A reader may see old and new mixed; the series' revision, raised afterwards, makes it read again.
        """
        stop: int = min(start + times_us.shape[0], self.head)
        first = max(start, self.head - self.capacity)
        if first >= stop:
            return 0
        self._store(first, times_us[first - start : stop - start], values[:, first - start : stop - start])
        self.pyramid.refold(self._values, first, stop)
        return stop - first

    def spread(self, start: int, stop: int, before_us: int, after_us: int) -> None:
        """Lay missing samples start..stop-1 evenly between two times anew; ``start`` is still here. Writer only."""
        self._store(start, _evenly(before_us, after_us, stop - start, stop - start), self._missing(stop - start))

    def _missing(self, count: int) -> FloatArray:
        return np.broadcast_to(NAN, (self.channels, count))

    def _store(self, start: int, times_us: TimesUs, values: Values, *, is_even: bool = False) -> None:
        self._times_writer.put(start, times_us, is_even=is_even)
        if self.storage is not Storage.FLOAT64:
            values = _narrowed(values)
        n = times_us.shape[0]
        slot = start % self.capacity
        until_end = min(n, self.capacity - slot)
        if not isinstance(values, Rows):
            self._values[:, slot : slot + until_end] = values[:, :until_end]
            if until_end < n:
                self._values[:, : n - until_end] = values[:, until_end:]
            return
        for row, new in zip(self._rows, values.rows, strict=True):
            row[slot : slot + until_end] = new[:until_end]
            if until_end < n:
                row[: n - until_end] = new[until_end:]

    # -- reader -------------------------------------------------------------------------------------------------

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


def without_infinities(values: FloatArray) -> bool:
    """Put NaN in the place of each; whether there was one."""
    is_infinite = np.isinf(values)
    values[is_infinite] = np.nan
    return bool(is_infinite.any())


def _may_be_infinite(values: FloatArray) -> bool:
    """Of one infinite value the sum is infinite, or NaN: a third of asking each."""
    with np.errstate(invalid="ignore", over="ignore"):
        return not isfinite(np.add.reduce(values, axis=None))


def _are_wide(values: Values) -> bool:
    rows = values.rows if isinstance(values, Rows) else (values,)
    return any(row.dtype.kind == "f" and row.dtype.itemsize > 4 for row in rows)


def _narrowed(values: Values) -> Values:
    with np.errstate(over="ignore"):  # infinite, as Storage says
        if isinstance(values, Rows):
            return Rows(tuple(row.astype(np.float32, copy=False) for row in values.rows), values.shape[1])
        return values.astype(np.float32, copy=False)


def _evenly(before_us: int, after_us: int, count: int, kept: int) -> Int64Array:
    """The last ``kept`` of ``count`` times between two others."""
    step = (after_us - before_us) / (count + 1)
    # Relative to the first: a time of the far future, from a damaged stamp, is more than a float tells apart.
    after = np.arange(count - kept + 1, count + 1) * step
    return before_us + np.minimum(after.astype(np.int64), after_us - before_us)
