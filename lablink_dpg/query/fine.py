"""The line of a view that stands still, so fine that its picture is the picture of all samples.

While a view moves, two points a pixel are what an eye can follow. One that is held is looked at: there a column's
extremes, drawn where the column begins, shift each edge by up to a pixel and make a saw of a flank. So columns are a
fraction of a pixel here, each extreme stands in the cell of the pyramid in which it occurred, and where neighbours
rise the lowest comes first. So many samples as columns have points are drawn themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import FloatArray, Int64Array
from lablink_dpg.query.columns import minmax, segments
from lablink_dpg.store.breaks import Break
from lablink_dpg.store.folding import FANOUT
from lablink_dpg.store.ring import Ring

POINTS_PER_COLUMN = 2
FEWEST_CELLS = 2  # an extreme is then half a column from its place at most, and a column half as wide again
FANOUT_LOG2 = FANOUT.bit_length() - 1


class Points(NamedTuple):
    """Sample numbers, ascending in each row, and values, both (rows, n); NaN where the line breaks."""

    places: Int64Array
    values: FloatArray


class Fineness(NamedTuple):
    """Columns of ``bucket`` samples, each looked at in cells of the pyramid's ``level``."""

    level: int
    bucket: int

    @property
    def are_samples(self) -> bool:
        """Whether there are no more samples than columns would have points: then they are drawn themselves."""
        return self.bucket <= POINTS_PER_COLUMN

    @property
    def cells_a_column(self) -> int:
        return self.bucket >> self.level * FANOUT_LOG2


def fineness(ring: Ring, samples: int, columns: int) -> Fineness:
    """For so many samples in at most ``columns`` columns: in cells as large as may be, FEWEST_CELLS a column."""
    level, cell, bucket = 0, 1, max(1, math.ceil(samples / max(1, columns)))
    while bucket > POINTS_PER_COLUMN and level < ring.pyramid.top and cell * FANOUT * FEWEST_CELLS <= bucket:
        level, cell = level + 1, cell * FANOUT
    return Fineness(level, -(-bucket // cell) * cell)


class _Cells(NamedTuple):
    """For n columns: where the cells begin in which their extremes are, (rows, n), and how wide they are, (n,)."""

    low: FloatArray
    high: FloatArray
    low_at: Int64Array
    high_at: Int64Array
    width: Int64Array


def fine_points(
    ring: Ring, breaks: tuple[Break, ...], start: int, stop: int, fine: Fineness, rows: Sequence[int]
) -> Points:
    """Samples start..stop-1 of the channels ``rows``, every extreme of each column among them. Reader thread only.

    Raises:
        Overrun: if samples have left the ring.
    """
    parts = []
    for first, last in segments(breaks, start, stop):
        if first == last:
            at, shape = min(last, stop - 1), (len(rows), 1)
            parts.append(Points(np.full(shape, at, np.int64), np.full(shape, np.nan)))
        elif fine.are_samples or last - first <= POINTS_PER_COLUMN:
            values, _ = cells(ring, 0, first, last, rows)
            parts.append(Points(np.broadcast_to(np.arange(first, last), values.shape), values))
        else:
            parts.append(_ordered(_extremes(ring, fine, first, last, rows)))
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Points(np.empty((len(rows), 0), np.int64), np.empty((len(rows), 0)))
    return Points(
        np.concatenate([part.places for part in parts], axis=1), np.concatenate([part.values for part in parts], axis=1)
    )


def _extremes(ring: Ring, fine: Fineness, start: int, stop: int, rows: Sequence[int]) -> _Cells:
    """Columns aligned to multiples of the bucket, and the ragged ends before and after them."""
    first = min(-(-start // fine.bucket) * fine.bucket, stop)
    last = max(stop // fine.bucket * fine.bucket, first)
    parts = []
    if start < first:
        parts.append(_ragged(ring, start, first, rows))
    if first < last:
        parts.append(_whole(ring, fine, first, last, rows))
    if last < stop:
        parts.append(_ragged(ring, last, stop, rows))
    if len(parts) == 1:
        return parts[0]
    return _Cells(*(np.concatenate(each, axis=-1) for each in zip(*parts, strict=True)))


def _ragged(ring: Ring, start: int, stop: int, rows: Sequence[int]) -> _Cells:
    low, high = (each[rows] for each in minmax(ring, start, stop))
    at = np.full(low.shape, start, np.int64)
    return _Cells(low, high, at, at, np.array([stop - start]))


def _whole(ring: Ring, fine: Fineness, start: int, stop: int, rows: Sequence[int]) -> _Cells:
    cell = FANOUT**fine.level
    lows, highs = cells(ring, fine.level, start // cell, stop // cell, rows)
    shape = len(rows), (stop - start) // fine.bucket, fine.cells_a_column
    low, low_in = _outermost(lows.reshape(shape), np.argmin, np.inf)
    high, high_in = _outermost(highs.reshape(shape), np.argmax, -np.inf)
    begins = np.arange(start, stop, fine.bucket)
    return _Cells(low, high, begins + low_in * cell, begins + high_in * cell, np.full(begins.shape, cell))


def _outermost(values: FloatArray, find: Callable[..., Any], innermost: float) -> tuple[FloatArray, Int64Array]:
    """Along the last axis, and where; NaN counts only where all are NaN."""
    if values.shape[2] == 1:
        return values[:, :, 0], np.zeros(values.shape[:2], np.int64)
    at = find(values, axis=2)
    found = np.take_along_axis(values, at[:, :, np.newaxis], axis=2)[:, :, 0]
    if np.isnan(found).any():  # the first NaN of a column hides all the others in it
        at = find(np.where(np.isnan(values), innermost, values), axis=2)
        found = np.take_along_axis(values, at[:, :, np.newaxis], axis=2)[:, :, 0]
    return found, at


def cells(ring: Ring, level: int, first: int, last: int, rows: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """Low and high of cells first..last-1 of ``level``, each (rows, last - first), folded yet or not.

    Raises:
        Overrun: as ``Ring.read``.
    """
    size = FANOUT**level
    folded = last if level == 0 else max(min(last, ring.pyramid.folded(level)), first)
    parts = []
    if first < folded:
        ring.check(first * size)
        low, high = ring.lying_cells(level, first, folded) or ring.minmax_cells(level, first, folded)
        parts.append((low[rows], high[rows] if level else low[rows]))
        ring.check(first * size)
    if folded < last:  # what waits for its fold
        low, high = cells(ring, level - 1, folded * FANOUT, last * FANOUT, rows)
        shape = len(rows), last - folded, FANOUT
        parts.append((np.fmin.reduce(low.reshape(shape), axis=2), np.fmax.reduce(high.reshape(shape), axis=2)))
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([low for low, _ in parts], axis=1), np.concatenate([high for _, high in parts], axis=1)


def _ordered(found: _Cells) -> Points:
    """Both extremes of each column in the order of their cells; in one cell, and within each, as neighbours go."""
    is_rising = _is_rising(found.low + found.high)
    end = found.width - 1
    low_at = np.where(is_rising, found.low_at, found.low_at + end)
    high_at = np.where(is_rising, found.high_at + end, found.high_at)
    is_low_first = np.where(found.low_at == found.high_at, is_rising, found.low_at < found.high_at)
    rows, count = found.low.shape
    index = np.empty((rows, count, POINTS_PER_COLUMN), np.int64)
    values = np.empty((rows, count, POINTS_PER_COLUMN))
    index[:, :, 0], index[:, :, 1] = np.where(is_low_first, (low_at, high_at), (high_at, low_at))
    values[:, :, 0], values[:, :, 1] = np.where(is_low_first, (found.low, found.high), (found.high, found.low))
    return Points(index.reshape(rows, -1), values.reshape(rows, -1))


def _is_rising(middle: FloatArray) -> NDArray[np.bool_]:
    """Whether the column after is higher than the one before; at the ends, whether the only neighbour says so."""
    if middle.shape[1] < 2:
        return np.ones(middle.shape, np.bool_)
    padded = np.concatenate((middle[:, :1], middle, middle[:, -1:]), axis=1)
    with np.errstate(invalid="ignore"):  # infinite beside infinite
        rising: NDArray[np.bool_] = padded[:, 2:] >= padded[:, :-2]
    return rising
