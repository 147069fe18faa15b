"""A finished curve in as few points as a screen can show: lowest and highest of every column, in their order."""

from __future__ import annotations

import numpy as np

from lablink_dpg.model.acquisition import Float64Array

POINTS_PER_PIXEL = 2  # as in ``columns``: up to here the points themselves are drawn


def thin(x: Float64Array, y: Float64Array, width_px: int) -> tuple[Float64Array, Float64Array]:
    """``x`` and ``y`` of shape (n,) as curves of at most 2 × ``width_px`` points; NaN only where all of a column is.

    Every extreme value stays, at the x of its own point.
    """
    width = max(1, width_px)
    if x.size <= POINTS_PER_PIXEL * width:
        return x, y
    starts = np.linspace(0, x.size, width, endpoint=False).astype(np.int64)
    ends = np.append(starts[1:], x.size)
    low, high = np.where(np.isnan(y), np.inf, y), np.where(np.isnan(y), -np.inf, y)
    picked = np.empty((width, 2), np.int64)
    for column, (start, end) in enumerate(zip(starts, ends, strict=True)):
        first, last = start + int(low[start:end].argmin()), start + int(high[start:end].argmax())
        picked[column] = min(first, last), max(first, last)
    index = picked.ravel()
    return x[index], y[index]
