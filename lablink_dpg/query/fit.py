"""Fitting the value axis to what is visible without trembling: it grows at once and shrinks only when worth it."""

from __future__ import annotations

import math

from lablink_dpg.query.ticks import value_step
from lablink_dpg.query.view import YRange

MARGIN = 0.08  # of the data's height, above and below
SHRINK_BELOW = 0.5  # of the axis: data that fill less make it fit anew
RELATIVE_FLOOR = 1e-12  # a range smaller than this part of the value is noise of float64, not a signal
FIT_STEPS = 10  # limits are multiples of a tenth of the range, so that they rest while the data move a little


def fit(previous: YRange | None, low: float, high: float) -> YRange:
    """The range for data between ``low`` and ``high``: ``previous`` as long as it serves."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return previous or YRange(-1.0, 1.0)
    height = high - low
    if previous is not None and previous.low <= low and high <= previous.high:
        axis = previous.high - previous.low
        if height >= SHRINK_BELOW * axis or height <= RELATIVE_FLOOR * max(abs(low), abs(high)):
            return previous
    floor = max(RELATIVE_FLOOR * max(abs(low), abs(high)), 1e-15)
    if height <= floor:
        half = max(0.1 * abs(low), floor) or 1.0
        return YRange(low - half, high + half) if low else YRange(-1.0, 1.0)
    step = value_step(low, high, FIT_STEPS)
    return YRange(
        math.floor((low - MARGIN * height) / step) * step,
        math.ceil((high + MARGIN * height) / step) * step,
    )
