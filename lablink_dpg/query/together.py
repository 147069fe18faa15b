"""The newest samples of many streams looked at in one call: numpy's cost a call is that of a thousand samples.

Between two frames most streams bring some hundred samples, all of which belong to the column that is open already.
What this leaves undone (a column that ends, a break, a ring's end) is done stream by stream, by ``ColumnCache.follow``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from lablink_dpg.model.acquisition import Float64Array, FloatArray
from lablink_dpg.query.cache import ColumnCache
from lablink_dpg.store.ring import Overrun, Ring
from lablink_dpg.store.series import Series

MOST_SAMPLES = 2048  # a stream: copying more side by side costs more than the calls that it saves


_buffer: Float64Array = np.empty(0)  # kept: memory that is given back costs page faults every frame


def _room(size: int) -> Float64Array:
    global _buffer  # noqa: PLW0603 - one thread builds frames
    if _buffer.shape[0] < size:
        _buffer = np.empty(2 * size)
    return _buffer[:size]


def widen_together(by_stream: Mapping[str, Series], kept: Iterable[Mapping[str, ColumnCache]]) -> None:
    """Add what has come to the open columns of caches, by stream. Reader thread only."""
    pieces: list[FloatArray] = []
    found: list[tuple[ColumnCache, Ring, int, int]] = []
    for caches in kept:
        for stream, cache in caches.items():
            series = by_stream.get(stream)
            if series is None:
                continue
            ring, start = series.ring, cache.stop
            head = ring.head
            if start < head <= start + MOST_SAMPLES and cache.is_open_for(series, ring, head):
                rows = ring.pieces(start, head)
                if rows is not None:
                    pieces += rows
                    found.append((cache, ring, start, head))
    if len(found) < 2:
        return
    cuts, stop = [], 0
    for piece in pieces:
        cuts.append(stop)
        stop += piece.shape[0]
    samples = np.concatenate(pieces, out=_room(stop))
    lows, highs = np.minimum.reduceat(samples, cuts), np.maximum.reduceat(samples, cuts)
    if np.isnan(lows).any():  # one NaN would erase all the others of its stream
        lows, highs = np.fmin.reduceat(samples, cuts), np.fmax.reduceat(samples, cuts)
    extremes = list(zip(lows.tolist(), highs.tolist(), strict=True))
    at = 0
    for cache, ring, start, head in found:
        rows_of_it = extremes[at : at + ring.channels]
        at += ring.channels
        try:
            ring.check(start)
        except Overrun:
            continue  # the cache has not changed: whoever asks it next sees to it
        cache.widen(rows_of_it, head)
