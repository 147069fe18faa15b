"""The newest samples of many streams looked at in one call: numpy's cost a call is that of a thousand samples.

Between two frames most streams bring some hundred samples, all of which belong to the column that is open already.
What this leaves undone (a column that ends, a break, a ring's end) is done stream by stream, by ``ColumnCache.follow``.
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
    lows, highs = np.minimum.reduceat(samples, cuts), np.maximum.reduceat(samples, cuts)
    if np.isnan(lows).any():  # one NaN would erase all the others of its stream
        lows, highs = np.fmin.reduceat(samples, cuts), np.fmax.reduceat(samples, cuts)
    extremes = list(zip(lows.tolist(), highs.tolist(), strict=True))
    at = 0
    for cache, channels, count in found:
        cache.take_in(extremes[at : at + channels], count)
        at += channels
