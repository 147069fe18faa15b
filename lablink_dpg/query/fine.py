"""The line of a view that stands still, so fine that its picture is the picture of all samples.

While a view moves, two points a pixel are what an eye can follow. One that is held is looked at: there a column's
extremes, drawn where the column begins, shift each edge by up to a pixel and make a saw of a flank. So columns are a
fraction of a pixel here, each extreme stands in the cell of the pyramid in which it occurred, and where neighbours
rise the lowest comes first. So many samples as columns have points are drawn themselves.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import FloatArray, Int64Array
from lablink_dpg.query.columns import minmax, segments
from lablink_dpg.store.breaks import Break
from lablink_dpg.store.pyramid import FANOUT
from lablink_dpg.store.ring import Ring

POINTS_PER_COLUMN = 2
LEAST_CELLS = 4  # a column, at least: an extreme is then a quarter of a column from its place at most


class Points(NamedTuple):
    """Sample numbers, ascending in each row, and values, both (channels, n); NaN where the line breaks."""

    places: Int64Array
    values: FloatArray


class _Cells(NamedTuple):
    """For n columns: where the cells begin in which their extremes are, (channels, n), and how wide they are, (n,)."""

    low: FloatArray
    high: FloatArray
    low_at: Int64Array
    high_at: Int64Array
    width: Int64Array


def fine_points(ring: Ring, breaks: tuple[Break, ...], start: int, stop: int, columns: int) -> Points:
    """Samples start..stop-1 in about ``columns`` columns, every extreme of each among them. Reader thread only.

    Raises:
        Overrun: if samples have left the ring.
    """
    count = stop - start
    level, cell, bucket = 0, 1, max(1, math.ceil(count / max(1, columns)))
    are_samples = bucket <= POINTS_PER_COLUMN
    while not are_samples and level < ring.pyramid.top and cell * FANOUT * LEAST_CELLS <= bucket:
        level, cell = level + 1, cell * FANOUT
    bucket = bucket // cell * cell
    parts = []
    for first, last in segments(breaks, start, stop):
        if first == last:
            parts.append(_nothing(ring, min(last, stop - 1)))
        elif are_samples or last - first <= POINTS_PER_COLUMN:
            values = ring.read(first, last)
            parts.append(Points(np.broadcast_to(np.arange(first, last), values.shape), values))
        else:
            parts.append(_ordered(_extremes(ring, level, bucket, first, last)))
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Points(np.empty((ring.channels, 0), np.int64), np.empty((ring.channels, 0)))
    return Points(
        np.concatenate([part.places for part in parts], axis=1), np.concatenate([part.values for part in parts], axis=1)
    )


def _nothing(ring: Ring, at: int) -> Points:
    return Points(np.full((ring.channels, 1), at, np.int64), np.full((ring.channels, 1), np.nan))


def _extremes(ring: Ring, level: int, bucket: int, start: int, stop: int) -> _Cells:
    """Columns of ``bucket`` samples, aligned to their multiples, and the ragged ends before and after them."""
    first = min(-(-start // bucket) * bucket, stop)
    last = max(stop // bucket * bucket, first)
    parts = []
    if start < first:
        parts.append(_ragged(ring, start, first))
    if first < last:
        parts.append(_whole(ring, level, bucket, first, last))
    if last < stop:
        parts.append(_ragged(ring, last, stop))
    if len(parts) == 1:
        return parts[0]
    return _Cells(*(np.concatenate(each, axis=-1) for each in zip(*parts, strict=True)))


def _ragged(ring: Ring, start: int, stop: int) -> _Cells:
    low, high = minmax(ring, start, stop)
    at = np.full(low.shape, start, np.int64)
    return _Cells(low, high, at, at, np.array([stop - start]))


def _whole(ring: Ring, level: int, bucket: int, start: int, stop: int) -> _Cells:
    cell = FANOUT**level
    lows, highs = cells(ring, level, start // cell, stop // cell)
    count = (stop - start) // bucket
    shape = ring.channels, count, bucket // cell
    low, low_in = _least(lows.reshape(shape))
    high, high_in = _least(-highs.reshape(shape))
    begins = np.arange(start, stop, bucket)
    return _Cells(low, -high, begins + low_in * cell, begins + high_in * cell, np.full(count, cell))


def _least(values: FloatArray) -> tuple[FloatArray, Int64Array]:
    """Along the last axis, and where; NaN counts only where all are NaN."""
    known = values if not np.isnan(values.min()) else np.where(np.isnan(values), np.inf, values)
    at = known.argmin(axis=2)
    return np.take_along_axis(values, at[:, :, np.newaxis], axis=2)[:, :, 0], at


def cells(ring: Ring, level: int, first: int, last: int) -> tuple[FloatArray, FloatArray]:
    """Low and high of cells first..last-1 of ``level``, each (channels, last - first), folded yet or not.

    Raises:
        Overrun: as ``Ring.read``.
    """
    if level == 0:
        return ring.minmax_cells(0, first, last)
    folded = max(min(last, ring.pyramid.folded(level)), first)
    parts = [ring.minmax_cells(level, first, folded)] if first < folded else []
    if folded < last:  # what waits for its fold
        low, high = cells(ring, level - 1, folded * FANOUT, last * FANOUT)
        shape = ring.channels, last - folded, FANOUT
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
    channels, count = found.low.shape
    index = np.empty((channels, count, POINTS_PER_COLUMN), np.int64)
    values = np.empty((channels, count, POINTS_PER_COLUMN))
    index[:, :, 0], index[:, :, 1] = np.where(is_low_first, (low_at, high_at), (high_at, low_at))
    values[:, :, 0], values[:, :, 1] = np.where(is_low_first, (found.low, found.high), (found.high, found.low))
    return Points(index.reshape(channels, -1), values.reshape(channels, -1))


def _is_rising(middle: FloatArray) -> NDArray[np.bool_]:
    """Whether the column after is higher than the one before; at the ends, whether the only neighbour says so."""
    if middle.shape[1] < 2:
        return np.ones(middle.shape, np.bool_)
    padded = np.concatenate((middle[:, :1], middle, middle[:, -1:]), axis=1)
    with np.errstate(invalid="ignore"):  # infinite beside infinite
        rising: NDArray[np.bool_] = padded[:, 2:] >= padded[:, :-2]
    return rising
