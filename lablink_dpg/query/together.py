"""The newest samples of many streams looked at in one call: numpy's cost a call is that of a thousand samples.

Between two frames most streams bring some hundred samples, all of which belong to the column that is open already.
What this leaves undone (a break, a ring's end, many columns) is done stream by stream, by ``ColumnCache.follow``.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

import numpy as np

from lablink_dpg.model.acquisition import Float64Array, FloatArray
from lablink_dpg.query.cache import ColumnCache
from lablink_dpg.store.series import Series

MOST_SAMPLES = 2048  # a stream: copying more side by side costs more than the calls that it saves


_buffer: Float64Array = np.empty(0)  # kept: memory that is given back costs page faults every frame


def _room(size: int) -> Float64Array:
    global _buffer  # noqa: PLW0603 - one thread builds frames
    if _buffer.shape[0] < size:
        _buffer = np.empty(2 * size)
    return _buffer[:size]


def widen_together(pairs: Iterable[tuple[Series, ColumnCache]]) -> None:
    """Add what has come to the open columns of caches, each of its series. Reader thread only."""
    pieces: list[FloatArray] = []
    found: list[tuple[ColumnCache, int, int]] = []  # with channels and samples a channel
    for series, cache in pairs:
        rows = cache.news(series, MOST_SAMPLES)
        if rows:
            pieces += rows
            found.append((cache, len(rows), len(rows[0])))
    if len(found) < 2:
        return
    cuts = list(accumulate(map(len, pieces), initial=0))
    samples = np.concatenate(pieces, out=_room(cuts.pop()))
    extremes = list(zip(*_extremes(samples, cuts), strict=True))
    at = 0
    for cache, channels, count in found:
        cache.take_in(extremes[at : at + channels], count)
        at += channels


def extend_together(
    pairs: Iterable[tuple[Series, ColumnCache]],
    window_us: tuple[int, int],
    width_px: int,
    x_origin_us: int,
) -> None:
    """As ``widen_together``, of caches of one live window, whose columns may end and new ones begin."""
    left_us, right_us = window_us
    pieces: list[FloatArray] = []
    cuts: list[int] = []
    found: list[
        tuple[ColumnCache, list[int], int, int]
    ] = []  # with where columns begin, channels and samples a channel
    size = 0
    for series, cache in pairs:
        ahead = cache.runs_ahead(series, left_us, right_us, width_px, x_origin_us, MOST_SAMPLES)
        if ahead is None:
            continue
        rows, begins = ahead
        count = len(rows[0])
        for row in rows:
            pieces.append(row)
            cuts += [size + begin for begin in begins]
            size += count
        found.append((cache, begins, len(rows), count))
    if len(found) < 2:
        return
    lows, highs = _extremes(np.concatenate(pieces, out=_room(size)), cuts)
    at = 0
    for cache, begins, channels, count in found:
        spans = [slice(at + row * len(begins), at + (row + 1) * len(begins)) for row in range(channels)]
        at += channels * len(begins)
        cache.take_runs(begins, [lows[span] for span in spans], [highs[span] for span in spans], count)


def _extremes(samples: Float64Array, cuts: list[int]) -> tuple[list[float], list[float]]:
    """Lowest and highest of each run; NaN where there is nothing else."""
    lows, highs = np.minimum.reduceat(samples, cuts), np.maximum.reduceat(samples, cuts)
    if np.isnan(lows).any():  # one NaN would erase all the others of its stream
        lows, highs = np.fmin.reduceat(samples, cuts), np.fmax.reduceat(samples, cuts)
    return lows.tolist(), highs.tolist()
