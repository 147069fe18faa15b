"""The columns of one stream in one plot, kept from frame to frame: only what is new is computed.

Closed columns never change (they are aligned to sample index), so a frame costs what arrived since the last one,
whatever the window's length. The last column is open until its samples are complete: what comes is added to it.
"""

from __future__ import annotations

import math
from itertools import count as counting
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import AcquisitionInfo, Float64Array, Int64Array
from lablink_dpg.query.bucket import SteadyBucket
from lablink_dpg.query.cells import cells_of
from lablink_dpg.query.columns import Columns, columns
from lablink_dpg.query.drawn import break_at_infinity, drawn, wider
from lablink_dpg.query.extents import FEW_COLUMNS, Extents
from lablink_dpg.store.breaks import Break, within
from lablink_dpg.store.ring import Overrun, Ring
from lablink_dpg.store.series import Series

AHEAD_SHARE = 8  # of a live window: so much of what has come is taken although it is not on the screen yet
TRIM_SHARE = 16  # of a live window: columns so far left of it may stay, so that most frames need not look for its edge
GROWTH = 4  # buffers hold this many windows, so that the kept columns move to the front once in three windows
MIN_COLUMNS = 256
FEW_SAMPLES = 32_768  # a channel: up to here the new samples themselves are looked at, as they are still in the cache
_epochs = counting(1)  # no two caches share one, so that who drew a stream's points knows them again


class ColumnCache:
    """One reader: the thread that builds frames."""

    def __init__(self, name: str = "") -> None:
        """``name`` of the stream; it only spreads work over frames."""
        self.version = 0  # raised whenever the points change; most samples fall between two that are drawn already
        self.epoch = next(_epochs)  # another one when points change that were ``settled``
        self.bucket = 0
        self.per_column = 2  # points a column: one if the columns are the samples themselves
        self.stop = 0  # first sample not covered
        self.gap_times_us: dict[Break, tuple[int, int]] = {}  # of breaks lately in view: where they begin and end
        self.steady = SteadyBucket()
        self.near_left = self.near_right = -1  # where the view's edges were found, a guess for the next search
        self._ring: Ring | None = None
        self._revision = -1
        self._breaks: tuple[Break, ...] | None = None  # all of them are in columns that are closed
        self._info: AcquisitionInfo | None = None  # this and the next two: what the bucket and the next time were for
        self._span_us = self._width_px = 0
        self._searched_us = self._search_us = 0  # a live window is followed while its left edge is between these
        self._phase = crc32(name.encode()) % TRIM_SHARE
        self._from = 0  # first sample covered
        self._closed_to = 0  # first sample of the open column
        self._open_until = 0  # first sample after the open column once that is complete; 0 without one
        self._begin = 0  # range of the buffers in use; the open column, if any, is the last
        self._closed_end = 0
        self._end = 0
        self._moved = 0  # columns that have left the buffers at their front, in this epoch
        self._first: Int64Array = np.empty(0, np.int64)
        self._time_us: Int64Array = np.empty(0, np.int64)
        self._points: Float64Array = np.empty((0, 0))  # (channels, columns * per_column): low, high, low, high, …
        self._x: NDArray[np.float32] = np.empty(0, np.float32)
        self._x_origin_us = 0
        self._y: NDArray[np.float32] = np.empty((0, 0), np.float32)  # as _points, minus y_origin
        self.y_origin = 0.0
        self.extents = Extents(name)  # of what is in view, or lately was

    @property
    def channels(self) -> int:
        return len(self._points)

    def trace(self, row: int) -> tuple[NDArray[np.float32], NDArray[np.float32], int, int]:
        """One channel: ``line``, the number of its first point in its epoch, and that of its first unsettled point.

        No point below that one will change in this epoch; it and what follows may, or are not there yet.
        """
        per, begin = self.per_column, self._begin
        span = slice(begin * per, self._end * per)
        return self._x[span], self._y[row, span], (self._moved + begin) * per, (self._moved + self._closed_end) * per

    def follow(self, series: Series, left_us: int, right_us: int, width_px: int, x_origin_us: int) -> bool:
        """Add what has come to columns that are of this live window but for its left edge. False: not so, search anew.

        What most frames of most streams need: nothing is searched for, and where nothing came, nothing is done.
        """
        ring, span_us = series.ring, right_us - left_us
        if (
            ring is not self._ring
            or not self._searched_us <= left_us < self._search_us
            or series.breaks is not self._breaks
            or series.revision != self._revision
            or x_origin_us != self._x_origin_us
            or span_us != self._span_us
            or width_px != self._width_px
            or series.info is not self._info
        ):
            return False
        head = ring.head
        if head == self.stop:
            return True
        try:
            if head < self._open_until:  # most frames: the last column goes on
                extremes = ring.extremes(self.stop, head)
                if extremes is not None:
                    self.widen(extremes, head)
                    return True
            if ring.newest_us(head) > right_us + span_us // AHEAD_SHARE or head - self._from > self.steady.serves:
                return False
            self._extend(series, ring, head)
        except Overrun:
            self._ring = None
            return False
        self._measure_if_stale()  # after many columns at once
        return True

    def is_open_for(self, series: Series, ring: Ring, head: int) -> bool:
        """Whether the last column takes in all samples from ``stop`` to ``head``, and is not complete with them."""
        return (
            head < self._open_until
            and ring is self._ring
            and series.revision == self._revision
            and series.breaks is self._breaks
        )

    def widen(self, extremes: list[tuple[float, float]], stop: int) -> None:
        """Take in the samples up to ``stop`` of which the open column is not complete yet.

        ``extremes``: of each channel, the lowest and the highest of them; NaN where there is nothing else.
        """
        self.stop = stop
        points, y = self._cells.points, self._cells.y
        place, step, y_origin = 2 * self._closed_end, 2 * self._first.shape[0], self.y_origin
        is_changed = False
        for row, (low, high) in enumerate(extremes):
            kept_low, kept_high = points[place], points[place + 1]
            if low < kept_low or (kept_low != kept_low and low == low):
                points[place], y[place] = low, drawn(low - y_origin)
                is_changed = True
                if -math.inf < low < self.extents.lows[row]:
                    self.extents.lows[row] = low
            if high > kept_high or (kept_high != kept_high and high == high):
                points[place + 1], y[place + 1] = high, drawn(high - y_origin)
                is_changed = True
                if self.extents.highs[row] < high < math.inf:
                    self.extents.highs[row] = high
            place += step
        self.version += is_changed

    def followed(self, series: Series, left_us: int, right_us: int, width_px: int) -> None:
        """The columns are of this live window now: ``follow`` will do for a while, other streams' for another while."""
        period_us = max((right_us - left_us) // TRIM_SHARE, 1)
        phase_us = period_us * self._phase // TRIM_SHARE
        self._searched_us = left_us  # where the clock or the lag steps back, columns before it may have been dropped
        self._search_us = ((left_us - phase_us) // period_us + 1) * period_us + phase_us
        self._info, self._span_us, self._width_px = series.info, right_us - left_us, width_px

    def held(self) -> None:
        """The columns are of a window that stands still: the next live one is searched for, however soon it comes."""
        self._info = None

    def update(self, series: Series, start: int, stop: int, bucket: int, x_origin_us: int) -> None:
        """Cover samples start..stop-1 at least.

        Raises:
            Overrun: if samples left the ring meanwhile; the cache is then empty.
        """
        ring, revision, breaks = series.ring, series.revision, series.breaks
        start = max(start - start % bucket, min(-(-ring.oldest // bucket) * bucket, stop))
        is_same = ring is self._ring and revision == self._revision and bucket == self.bucket
        if is_same and self._from <= start <= self._closed_to and stop >= self.stop:
            if x_origin_us != self._x_origin_us:
                self._anchor(x_origin_us)
            if stop > self.stop:
                self._extend(series, ring, stop)
        else:
            self._ring = None  # stays so if the ring is overrun below
            self.bucket, self.per_column = bucket, 1 if bucket == 1 else 2
            self._from = self._closed_to = self.stop = start
            self._begin = self._closed_end = self._end = self._moved = self._open_until = 0
            self.epoch = next(_epochs)
            self._x_origin_us = x_origin_us
            self._points = np.empty((ring.channels, 0))
            self._y = np.empty((ring.channels, 0), np.float32)
            self._first = np.empty(0, np.int64)
            self.extents.clear(ring.channels, start)
            self._extend(series, ring, stop)
            self._ring, self._revision = ring, revision
        self._breaks = breaks if not breaks or breaks[-1].stop < self.stop else None
        # Columns wholly left of the view are dropped lazily: moving an index is all it takes.
        at = self._begin + (start - self._from) // bucket
        self._from = start
        if at < self._closed_end and self._first[at] == start:
            self._begin = at  # without a break every column is as long as any other: no need to search
        else:
            self._begin += int(self._first[self._begin : self._closed_end].searchsorted(start))
        self._measure_if_stale()

    def points(self) -> tuple[NDArray[np.float32], Float64Array]:
        """x in seconds after the origin, shape (n,), and y, shape (channels, n). Views, valid until ``update``."""
        span = slice(self._begin * self.per_column, self._end * self.per_column)
        return self._x[span], self._points[:, span]

    def line(self, row: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """x in seconds after the origin and y minus ``y_origin`` of one channel, each of shape (n,). Views likewise."""
        span = slice(self._begin * self.per_column, self._end * self.per_column)
        return self._x[span], self._y[row, span]

    def set_y_origin(self, y_origin: float) -> None:
        """Draw relative to another value, so that float32 keeps a ripple on a large offset."""
        if y_origin != self.y_origin:
            self.y_origin = y_origin
            span = slice(self._begin * self.per_column, self._end * self.per_column)
            np.subtract(self._points[:, span], y_origin, out=self._y[:, span], casting="same_kind")
            break_at_infinity(self._y[:, span])
            self.version += 1
            self.epoch = next(_epochs)

    def _measure_if_stale(self) -> None:
        if self.extents.are_stale(self._from, self.stop):
            self.extents.measure(self.points()[1], self._from)

    def _extend(self, series: Series, ring: Ring, stop: int) -> None:
        """Add the columns of samples up to ``stop``; raises as Ring.read."""
        is_whole = not series.breaks or series.breaks[-1].stop < self.stop
        if is_whole and self.bucket > 1 and self._extend_by_few(ring, stop):
            return
        breaks: tuple[Break, ...] = ()
        if series.breaks:  # those in what is new, and the rest of a hole in which the view ended
            found = within(series.breaks, self.stop - 1, stop)
            breaks = tuple(item for item in found if item.start >= self.stop or item.stop > self.stop)
        new = columns(ring, breaks, self.stop, stop, self.bucket)
        count = new.first.shape[0]
        if breaks and breaks[0].start <= self.stop:
            self._closed_end = self._end
        elif self._closed_end < self._end:
            self._merge_open(new)
        self._reserve(count, ring.channels)
        self._put(self._closed_end, new)
        self._end = self._closed_end + count
        self.stop = stop
        self.version += 1
        if count and not new.ends_in_break and stop % self.bucket:
            # The last column is open: it starts at the last bucket, or at the break inside it.
            self._closed_to = int(new.first[-1])
            self._closed_end = self._end - 1
            self._open_until = stop - stop % self.bucket + self.bucket
        else:
            self._closed_to = stop
            self._closed_end = self._end
            self._open_until = 0

    def _extend_by_few(self, ring: Ring, stop: int) -> bool:
        """As ``_extend`` for what an ordinary frame brings: a column or two, put down number by number.

        Arrays of two numbers cost as many calls into numpy as long ones, and there would be 25 a stream and frame.
        False, with nothing done, where it is more than that, or memory has to be moved first.
        """
        start, bucket, at = self.stop, self.bucket, self._closed_end
        aligned = start - start % bucket
        cuts = [0, *range(aligned + bucket - start, stop - start, bucket)]
        count, channels = len(cuts), ring.channels
        size = self._first.shape[0]
        if count * channels > FEW_COLUMNS or stop - start > FEW_SAMPLES or at + count > size:
            return False
        runs = ring.runs(start, stop, cuts)
        if runs is None:
            return False
        times_us, lows, highs = runs
        first, time_us, points, x, y = self._cells
        is_open = at < self._end  # its first sample and its time stay
        origin_us = self._x_origin_us
        for number in range(is_open, count):
            begins_us, place = times_us[number], at + number
            first[place] = start + cuts[number]
            time_us[place] = begins_us
            place *= 2
            x[place] = x[place + 1] = (begins_us - origin_us) * 1e-6
        y_origin = self.y_origin
        extents_low, extents_high = self.extents.lows, self.extents.highs
        for row in range(channels):
            least, most = extents_low[row], extents_high[row]
            place = 2 * (row * size + at)
            row_lows, row_highs = lows[row], highs[row]
            if is_open:
                row_lows[0], row_highs[0] = wider(points[place], points[place + 1], row_lows[0], row_highs[0])
            for low, high in zip(row_lows, row_highs, strict=True):
                points[place] = low
                y[place] = drawn(low - y_origin)
                place += 1
                points[place] = high
                y[place] = drawn(high - y_origin)
                place += 1
                if -math.inf < low < least:  # false for NaN too
                    least = low
                if most < high < math.inf:
                    most = high
            extents_low[row], extents_high[row] = least, most
        self._end = at + count
        self.stop = stop
        self.version += 1
        is_left_open = stop % bucket != 0
        self._closed_end = self._end - is_left_open
        self._closed_to = int(first[self._end - 1]) if is_left_open else stop
        self._open_until = stop - stop % bucket + bucket if is_left_open else 0
        return True

    def _merge_open(self, new: Columns) -> None:
        """The open column becomes part of the first new one, so that none of its samples is looked at twice."""
        at = self._closed_end
        new.first[0], new.time_us[0] = self._first[at], self._time_us[at]
        low, high = self._points[:, 2 * at], self._points[:, 2 * at + 1]
        new.low[:, 0], new.high[:, 0] = np.fmin(low, new.low[:, 0]), np.fmax(high, new.high[:, 0])

    def _put(self, at: int, new: Columns) -> None:
        count = new.first.shape[0]
        self._first[at : at + count] = new.first
        self._time_us[at : at + count] = new.time_us
        per = self.per_column
        span = slice(at * per, (at + count) * per)
        points = self._points[:, span]
        points[:, ::per] = new.low
        if per == 2:
            points[:, 1::2] = new.high
        y = self._y[:, span]
        y[:] = points - self.y_origin if self.y_origin else points
        break_at_infinity(y)
        self._x[span].reshape(count, per).T[:] = (new.time_us - self._x_origin_us) * 1e-6
        self.extents.widen(new)

    def _anchor(self, x_origin_us: int) -> None:
        """Move the origin of x, so that float32 stays finer than a pixel."""
        self._x_origin_us = x_origin_us
        x = (self._time_us[self._begin : self._end] - x_origin_us) * 1e-6
        self._x[self._begin * self.per_column : self._end * self.per_column] = np.repeat(x, self.per_column)
        self.version += 1
        self.epoch = next(_epochs)

    def _reserve(self, count: int, channels: int) -> None:
        """Room for ``count`` columns after the closed ones; what is kept moves to the front of the buffers."""
        if self._closed_end + count <= self._first.shape[0]:
            return
        kept = self._closed_end - self._begin
        size = max(MIN_COLUMNS, GROWTH * (kept + count))
        per, old, to = self.per_column, slice(self._begin, self._closed_end), slice(0, kept)
        old_points, to_points = slice(old.start * per, old.stop * per), slice(0, kept * per)
        first, time_us = np.empty(size, np.int64), np.empty(size, np.int64)
        points, x = np.empty((channels, size * per)), np.empty(size * per, np.float32)
        y = np.empty((channels, size * per), np.float32)
        if kept:
            first[to], time_us[to] = self._first[old], self._time_us[old]
            points[:, to_points], x[to_points] = self._points[:, old_points], self._x[old_points]
            y[:, to_points] = self._y[:, old_points]
        self._first, self._time_us, self._points, self._x, self._y = first, time_us, points, x, y
        self._cells = cells_of(first, time_us, points, x, y)
        self._moved += self._begin
        self._begin, self._closed_end, self._end = 0, kept, kept
