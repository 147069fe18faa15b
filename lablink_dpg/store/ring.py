"""The recent past of one acquisition: a lock-free ring, one writer, one reader, samples named by absolute index.

Sample ``i`` lives in slot ``i % capacity``. The writer stores ``claim``, copies, then stores ``head``; how it is read
is in ``ring_reads``. There is no lock because a lock would let a slow frame stall the network.
"""

from __future__ import annotations

import numpy as np

from lablink_dpg.model.acquisition import FloatArray, Int64Array, TimesUs, Values
from lablink_dpg.model.finite import may_be_infinite, without_infinities
from lablink_dpg.model.rows import Rows
from lablink_dpg.model.storage import Storage
from lablink_dpg.store.folding import FANOUT
from lablink_dpg.store.ring_reads import CAPACITY_STEP, MIN_CAPACITY, Overrun, RingReads
from lablink_dpg.store.times_writer import TimesWriter

__all__ = ["CAPACITY_STEP", "MIN_CAPACITY", "Overrun", "Ring"]

NAN = np.array(np.nan)


class Ring(RingReads):
    """The writer's half: all of it on one thread."""

    def __init__(self, channels: int, capacity: int, storage: Storage = Storage.FLOAT64) -> None:
        """As of ``RingReads``."""
        super().__init__(channels, capacity, storage)
        self._times_writer = TimesWriter(self._times)

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
            with np.errstate(invalid="ignore"):
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
        if folded <= start or stop - start > self.capacity - FANOUT:  # where it is so long, no cell has its first ones
            shown = self._parts(start, stop)
        else:
            shown = self.pyramid.lying_parts(1, start // FANOUT, folded // FANOUT)
            if folded < stop:
                shown += self._parts(folded, stop)
        if not any(map(may_be_infinite, shown)):
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
        n = times_us.shape[0]
        slot = start % self.capacity
        until_end = min(n, self.capacity - slot)
        with np.errstate(over="ignore", invalid="ignore"):  # of a signalling NaN, which is as missing as others
            if self.storage is not Storage.FLOAT64:
                values = _narrowed(values)
            if not isinstance(values, Rows):
                self._values[:, slot : slot + until_end] = values[:, :until_end]
                if until_end < n:
                    self._values[:, : n - until_end] = values[:, until_end:]
                return
            for row, new in zip(self._rows, values.rows, strict=True):
                row[slot : slot + until_end] = new[:until_end]
                if until_end < n:
                    row[: n - until_end] = new[until_end:]


def _are_wide(values: Values) -> bool:
    rows = values.rows if isinstance(values, Rows) else (values,)
    return any(row.dtype.kind == "f" and row.dtype.itemsize > 4 for row in rows)


def _narrowed(values: Values) -> Values:
    """What is too large becomes infinite, as Storage says."""
    if isinstance(values, Rows):
        return Rows(tuple(row.astype(np.float32, copy=False) for row in values.rows), values.shape[1])
    return values.astype(np.float32, copy=False)


def _evenly(before_us: int, after_us: int, count: int, kept: int) -> Int64Array:
    """The last ``kept`` of ``count`` times between two others."""
    step = (after_us - before_us) / (count + 1)
    # Relative to the first: a time of the far future, from a damaged stamp, is more than a float tells apart.
    after = np.arange(count - kept + 1, count + 1) * step
    return before_us + np.minimum(after.astype(np.int64), after_us - before_us)
