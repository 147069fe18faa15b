"""Columns of one stream that grow at their end: what has come is added, and nothing else is looked at.

Closed columns never change (they are aligned to sample index). The last one is open until its samples are complete:
what comes is added to it. There are three ways: into the open column alone, a few columns number by number, and many
as arrays.
"""

from __future__ import annotations

import math

from lablink_dpg.query.column_buffers import ColumnBuffers
from lablink_dpg.query.columns import columns
from lablink_dpg.query.drawn import LARGEST, drawn, wider
from lablink_dpg.query.extents import FEW_COLUMNS
from lablink_dpg.store.breaks import Break, within
from lablink_dpg.store.ring import Ring
from lablink_dpg.store.series import Series

FEW_SAMPLES = 32_768  # a channel: up to here the new samples themselves are looked at, as they are still in the cache


class GrowingColumns(ColumnBuffers):
    """One reader: the thread that builds frames."""

    __slots__ = ("_closed_to", "_from", "_open_until", "bucket", "stop")

    def __init__(self, name: str) -> None:
        """``name`` of the stream; it only spreads work over frames."""
        super().__init__(name)
        self.bucket = 0
        self.stop = 0  # first sample not covered
        self._from = 0  # first sample covered
        self._closed_to = 0  # first sample of the open column
        self._open_until = 0  # first sample after the open column once that is complete; 0 without one

    def _begin_at(self, start: int, channels: int, bucket: int, x_origin_us: int) -> None:
        """No columns, of samples from ``start`` on."""
        self.bucket = bucket
        self._from = self._closed_to = self.stop = start
        self._open_until = 0
        self._empty(channels, 1 if bucket == 1 else 2, x_origin_us)
        self.extents.clear(channels, start)

    def widen(self, extremes: list[tuple[float, float]], stop: int) -> None:
        """Take in the samples up to ``stop`` of which the open column is not complete yet.

        ``extremes``: of each channel, the lowest and the highest of them; NaN where there is nothing else.
        """
        self.stop = stop
        _, _, points, _, y = self._cells
        place, y_origin, extents = 2 * self._closed_end, self.y_origin, self.extents
        is_changed = False
        for row, (low, high) in enumerate(extremes):
            kept_low, kept_high = points[place], points[place + 1]
            if low < kept_low or (kept_low != kept_low and low == low):
                points[place], y[place] = low, drawn(low - y_origin)
                is_changed = True
                if -math.inf < low < extents.lows[row]:
                    extents.lows[row] = low
            if high > kept_high or (kept_high != kept_high and high == high):
                points[place + 1], y[place + 1] = high, drawn(high - y_origin)
                is_changed = True
                if extents.highs[row] < high < math.inf:
                    extents.highs[row] = high
            place += self._x.shape[0]
        if is_changed:
            self.version += 1

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
        elif self._is_open:
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
        start, bucket = self.stop, self.bucket
        if stop - start > FEW_SAMPLES:
            return False
        cuts = [0, *range(bucket - start % bucket, stop - start, bucket)]
        if not self._has_room(len(cuts), ring.channels):
            return False
        runs = ring.runs(start, stop, cuts)
        if runs is None:
            return False
        times_us, lows, highs = runs
        self._put_runs(cuts, times_us[self._is_open :], lows, highs, stop)
        return True

    def _has_room(self, columns: int, channels: int) -> bool:
        """For so few columns that they are put down number by number."""
        return columns * channels <= FEW_COLUMNS and self._closed_end + columns <= len(self._first)

    def _put_runs(
        self, cuts: list[int], begins_us: list[int], lows: list[list[float]], highs: list[list[float]], stop: int
    ) -> None:
        """Add columns that begin at the first new sample + each of ``cuts``; the first may belong to the open one.

        ``begins_us``: when the others begin.
        """
        start, bucket, at = self.stop, self.bucket, self._closed_end
        count, channels, size = len(cuts), len(lows), len(self._first)
        first, time_us, points, x, y = self._cells
        is_open = self._is_open  # its first sample and its time stay
        origin_us = self._x_origin_us
        for number, time in enumerate(begins_us, is_open):
            place = at + number
            first[place] = start + cuts[number]
            time_us[place] = time
            place *= 2
            x[place] = x[place + 1] = (time - origin_us) * 1e-6
        y_origin = self.y_origin
        extents_low, extents_high = self.extents.lows, self.extents.highs
        for row in range(channels):
            least, most = extents_low[row], extents_high[row]
            place = 2 * (row * size + at)
            row_lows, row_highs = lows[row], highs[row]
            if is_open:
                row_lows[0], row_highs[0] = wider(points[place], points[place + 1], row_lows[0], row_highs[0])
            for low, high in zip(row_lows, row_highs, strict=True):
                points[place], points[place + 1] = low, high
                low_y, high_y = low - y_origin, high - y_origin
                if low_y < -LARGEST or high_y > LARGEST:
                    low_y, high_y = drawn(low_y), drawn(high_y)
                y[place], y[place + 1] = low_y, high_y
                place += 2
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

    def _measure_if_stale(self) -> None:
        if self.extents.are_stale(self._from, self.stop):
            self.extents.measure(self.points()[1], self._from)
