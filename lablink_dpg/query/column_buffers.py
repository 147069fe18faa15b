"""Where the columns of one stream lie: a window of arrays that moves along in memory, so that nothing is shifted.

What is drawn of them lies beside them as float32, in order, so that a line is two slices and nothing is computed. The
last column may be open; it is the one that changes.
"""

from __future__ import annotations

from itertools import count as counting

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import Float64Array, Int64Array
from lablink_dpg.query.cells import cells_of
from lablink_dpg.query.columns import Columns
from lablink_dpg.query.drawn import break_at_infinity
from lablink_dpg.query.extents import Extents

GROWTH = 4  # buffers hold this many windows, so that the kept columns move to the front once in three windows
MIN_COLUMNS = 256
_epochs = counting(1)  # no two caches share one, so that who drew a stream's points knows them again


class ColumnBuffers:
    """Of the thread that builds frames."""

    __slots__ = (
        *("version", "epoch", "per_column", "y_origin", "extents", "_begin", "_closed_end", "_end", "_moved"),
        *("_first", "_time_us", "_points", "_x", "_x_origin_us", "_y", "_rows", "_cells"),
    )

    def __init__(self, name: str) -> None:
        """``name`` of the stream; it only spreads work over frames."""
        self.version = 0  # raised whenever the points change; most samples fall between two that are drawn already
        self.epoch = next(_epochs)  # another one when points change that were ``settled``
        self.per_column = 2  # points a column: one if the columns are the samples themselves
        self.y_origin = 0.0
        self.extents = Extents(name)  # of what is in view, or lately was
        self._begin = 0  # range of the buffers in use; the open column, if any, is the last
        self._closed_end = 0
        self._end = 0
        self._moved = 0  # columns that have left the buffers at their front, in this epoch
        self._x_origin_us = 0
        self._place(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 0)))

    def _place(self, first: Int64Array, time_us: Int64Array, points: Float64Array) -> None:
        """Use these arrays, and others beside them for what is drawn.

        ``points`` is of shape (channels, columns * per_column): low, high, low, high, …
        """
        self._first, self._time_us, self._points = first, time_us, points
        self._x: NDArray[np.float32] = np.empty(points.shape[1], np.float32)
        self._y: NDArray[np.float32] = np.empty(points.shape, np.float32)  # as points, minus y_origin
        self._rows: list[NDArray[np.float32]] = list(self._y)  # views, one a channel
        self._cells = cells_of(first, time_us, points, self._x, self._y)

    def _empty(self, channels: int, per_column: int, x_origin_us: int) -> None:
        """No columns, in a new epoch."""
        self.per_column = per_column
        self._begin = self._closed_end = self._end = self._moved = 0
        self.epoch = next(_epochs)
        self._x_origin_us = x_origin_us
        self._place(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((channels, 0)))

    @property
    def channels(self) -> int:
        return len(self._rows)

    @property
    def _is_open(self) -> bool:
        """Whether there is an open column."""
        return self._closed_end < self._end

    def trace(self, row: int) -> tuple[NDArray[np.float32], NDArray[np.float32], int, int]:
        """One channel: ``line``, the number of its first point in its epoch, and that of its first unsettled point.

        No point below that one will change in this epoch; it and what follows may, or are not there yet.
        """
        per, begin, moved = self.per_column, self._begin, self._moved
        start, stop = begin * per, self._end * per
        return (
            self._x[start:stop],
            self._rows[row][start:stop],
            start + moved * per,
            (moved + self._closed_end) * per,
        )

    def points(self) -> tuple[NDArray[np.float32], Float64Array]:
        """x in seconds after the origin, shape (n,), and y, shape (channels, n). Views, valid until ``update``."""
        span = slice(self._begin * self.per_column, self._end * self.per_column)
        return self._x[span], self._points[:, span]

    def line(self, row: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """x in seconds after the origin and y minus ``y_origin`` of one channel, each of shape (n,). Views likewise."""
        start, stop = self._begin * self.per_column, self._end * self.per_column
        return self._x[start:stop], self._rows[row][start:stop]

    def set_y_origin(self, y_origin: float) -> None:
        """Draw relative to another value, so that float32 keeps a ripple on a large offset."""
        if y_origin != self.y_origin:
            self.y_origin = y_origin
            span = slice(self._begin * self.per_column, self._end * self.per_column)
            np.subtract(self._points[:, span], y_origin, out=self._y[:, span], casting="same_kind")
            break_at_infinity(self._y[:, span])
            self.version += 1
            self.epoch = next(_epochs)

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
        per, old = self.per_column, slice(self._begin, self._closed_end)
        old_points, to_points = slice(old.start * per, old.stop * per), slice(0, kept * per)
        first, time_us, points = np.empty(size, np.int64), np.empty(size, np.int64), np.empty((channels, size * per))
        first[:kept], time_us[:kept] = self._first[old], self._time_us[old]
        points[:, to_points] = self._points[:, old_points]
        old_x, old_y = self._x[old_points], self._y[:, old_points]
        self._place(first, time_us, points)
        self._x[to_points], self._y[:, to_points] = old_x, old_y
        self._moved += self._begin
        self._begin, self._closed_end, self._end = 0, kept, kept
