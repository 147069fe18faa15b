"""Minimum and maximum of every screen column, from a ring and its pyramid, exact and in O(columns).

Columns are aligned to absolute sample index, not to the screen: a column's content is settled once its last sample is
there, so that what has scrolled in never changes. A break ends a column and puts a NaN between it and the next.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lablink_dpg.model.acquisition import FloatArray, Int64Array
from lablink_dpg.store.breaks import Break
from lablink_dpg.store.folding import FANOUT
from lablink_dpg.store.ring import Ring

HEADROOM = 1.1  # a bucket is chosen for this many more samples than expected, so that a jittering rate keeps it
MAX_MULTIPLE = 8 * FANOUT - 1  # buckets are 1..127 times a pyramid cell: at most an eighth coarser than wanted
DIRECT_SAMPLES = 4096  # up to here reading the samples is cheaper than walking the pyramid's levels
RAW_PER_PIXEL = 2  # as many points as columns would have: then the samples themselves are drawn


class Columns(NamedTuple):
    """``first`` (sample index) and ``time_us`` of shape (n,), ``low`` and ``high`` (channels, n); NaN columns break."""

    first: Int64Array
    time_us: Int64Array
    low: FloatArray
    high: FloatArray
    ends_in_break: bool = False  # nothing follows the last break yet


def bucket_for(samples: float, width_px: int) -> int:
    """Samples a column for ``samples`` in view on ``width_px``: at most one column a pixel. 1 means the raw samples.

    The result is m * 16**k, so that a column is always a whole number of pyramid cells.
    """
    width = max(1, width_px)
    if samples * HEADROOM <= RAW_PER_PIXEL * width:
        return 1
    wanted = max(2, math.ceil(samples * HEADROOM / width))
    cell = 1
    while wanted > MAX_MULTIPLE * cell:
        cell *= FANOUT
    return -(-wanted // cell) * cell


def columns(ring: Ring, breaks: tuple[Break, ...], start: int, stop: int, bucket: int) -> Columns:
    """Columns over samples start..stop-1, ``bucket`` samples each, cut at those of ``breaks`` (ascending) among them.

    Raises:
        Overrun: if ``start`` has left the ring.
    """
    parts = []
    ends_in_break = False
    if start < stop:
        for first, last in segments(breaks, start, stop):
            ends_in_break = first == last
            parts.append(_nothing(ring, min(last, stop - 1)) if ends_in_break else _run(ring, first, last, bucket))
    if len(parts) == 1 and not ends_in_break:
        return parts[0]
    if not parts:
        none = np.empty((ring.channels, 0))
        return Columns(np.empty(0, np.int64), np.empty(0, np.int64), none, none)
    return Columns(
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.time_us for part in parts]),
        np.concatenate([part.low for part in parts], axis=1),
        np.concatenate([part.high for part in parts], axis=1),
        ends_in_break,
    )


def _nothing(ring: Ring, at: int) -> Columns:
    """A break: one NaN column at sample ``at``, where the line goes on."""
    index = np.array([at])
    nan = np.full((ring.channels, 1), np.nan)
    return Columns(index, ring.times_at(index), nan, nan)


def _run(ring: Ring, start: int, stop: int, bucket: int) -> Columns:
    """Columns over start..stop-1, at least one sample and no break among them."""
    if bucket == 1:
        values = ring.read(start, stop)
        return Columns(np.arange(start, stop), ring.read_times(start, stop), values, values)
    index = np.arange(start - start % bucket, stop, bucket)
    index[0] = start
    low, high = _reduce(ring, index, start, stop, bucket)
    return Columns(index, ring.times_every(start, stop, bucket), low, high)


def segments(breaks: tuple[Break, ...], start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Ranges of samples without a break; an empty range (i, i) stands for a break before sample i."""
    at = start
    broken_at = -1
    for item in breaks:
        if item.stop < at or item.start >= stop:
            continue
        if item.start > at:
            yield at, item.start
        at = max(at, item.stop)
        if broken_at < item.start:
            yield min(at, stop), min(at, stop)
        broken_at = at
    if at < stop:
        yield at, stop


def _reduce(ring: Ring, index: Int64Array, start: int, stop: int, bucket: int) -> tuple[FloatArray, FloatArray]:
    """Low and high of [start, next multiple of bucket), …, [last multiple, stop); ``index`` holds their starts."""
    if stop - start <= DIRECT_SAMPLES:
        values = ring.read(start, stop)
        return _least_and_greatest(values, values, index - start)
    first = min(-(-start // bucket) * bucket, stop)
    last = max(stop // bucket * bucket, first)
    parts = []
    if start < first:
        parts.append(minmax(ring, start, first))
    if first < last:
        parts.extend(_aligned(ring, first, last, bucket))
    if last < stop:
        parts.append(minmax(ring, last, stop))
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([low for low, _ in parts], axis=1), np.concatenate([high for _, high in parts], axis=1)


def _least_and_greatest(lows: FloatArray, highs: FloatArray, cuts: Int64Array) -> tuple[FloatArray, FloatArray]:
    low: FloatArray = np.minimum.reduceat(lows, cuts, axis=1)
    high: FloatArray = np.maximum.reduceat(highs, cuts, axis=1)
    if np.isnan(low).any():  # one NaN would erase its whole column; the careful form costs more
        low, high = np.fmin.reduceat(lows, cuts, axis=1), np.fmax.reduceat(highs, cuts, axis=1)
    return low, high


def _aligned(ring: Ring, start: int, stop: int, bucket: int) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Whole columns from the coarsest level whose cells divide them, then those not folded yet."""
    level, cell = 0, 1
    while level < ring.pyramid.top and bucket % (cell * FANOUT) == 0:
        level, cell = level + 1, cell * FANOUT
    per_column = bucket // cell
    folded = stop if level == 0 else min(stop, ring.pyramid.folded(level) * cell // bucket * bucket)
    if start < folded:
        yield _cells(ring, level, start // cell, folded // cell, per_column)
    start = max(start, folded)
    if start < stop <= start + DIRECT_SAMPLES:
        yield _reduce(ring, np.arange(start, stop, bucket), start, stop, bucket)
        return
    for at in range(start, stop, bucket):  # what waits for its fold: one or two columns
        yield minmax(ring, at, at + bucket)


def _cells(ring: Ring, level: int, first: int, last: int, per_column: int) -> tuple[FloatArray, FloatArray]:
    """Columns of ``per_column`` cells each, which are not copied before they are looked at if that can be helped."""
    lying = ring.lying_cells(level, first, last) if per_column > 1 else None
    low, high = lying or ring.minmax_cells(level, first, last)
    if per_column > 1:
        low, high = _least_and_greatest(low, high, np.arange(0, low.shape[1], per_column))
    ring.check(first * FANOUT**level)
    return low, high


def minmax(ring: Ring, start: int, stop: int) -> tuple[FloatArray, FloatArray]:
    """Low and high of samples start..stop-1, each of shape (channels, 1), NaN where all are NaN.

    Raises:
        Overrun: if ``start`` has left the ring.
    """
    lows: list[FloatArray] = []
    highs: list[FloatArray] = []
    _collect(ring, 0, start, stop, lows, highs)
    low: FloatArray = np.fmin.reduce(np.concatenate(lows, axis=1), axis=1, keepdims=True)
    high: FloatArray = np.fmax.reduce(np.concatenate(highs, axis=1), axis=1, keepdims=True)
    return low, high


def _collect(ring: Ring, level: int, first: int, last: int, lows: list[FloatArray], highs: list[FloatArray]) -> None:
    """Cells first..last-1 of ``level``: the ragged ends from this level, the middle from the level above."""
    up_first = -(-first // FANOUT)
    up_last = min(last // FANOUT, ring.pyramid.folded(level + 1)) if level < ring.pyramid.top else up_first
    if last - first <= 2 * FANOUT or up_last <= up_first:
        pieces = [(first, last)]
    else:
        pieces = [(first, up_first * FANOUT), (up_last * FANOUT, last)]
        _collect(ring, level + 1, up_first, up_last, lows, highs)
    for piece_first, piece_last in pieces:
        if piece_first < piece_last:
            low, high = ring.minmax_cells(level, piece_first, piece_last)
            lows.append(low)
            highs.append(high)
