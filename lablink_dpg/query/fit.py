"""Fitting the value axis to what is visible without trembling: it grows at once and shrinks only when worth it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lablink_dpg.query.ticks import value_step
from lablink_dpg.query.view import YRange

MARGIN = 0.08  # of the data's height, above and below
SHRINK_BELOW = 0.5  # of the axis: data that fill less make it fit anew
CONSTANT_HEIGHT = 0.2  # of the value: the axis of data that do not move
RELATIVE_FLOOR = 1e-12  # a range smaller than this part of the value is noise of float64, not a signal
SMALLEST = 1e-30  # height of an axis: float32, in which all is drawn, ends at 1e-38
LARGEST = 1e37  # end of an axis: float32 ends at 3e38, and an axis is higher than its data
# A threshold so near to the data is worth room on the axis: with one above and one below, and with the margins, half
# of the height is still the data's. What is on the axis already may be twice as far, or it would come and go while
# the data move a little; ``fit`` counts it among the data, and so does not shrink away from it.
NEAR = 0.25  # of the data's height
STAYS = 0.5
FIT_STEPS = 10  # limits are multiples of a tenth of the range, so that they rest while the data move a little


def fit(previous: YRange | None, low: float, high: float) -> YRange:
    """The range for data between ``low`` and ``high``: ``previous`` as long as it serves, or if there are no data."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return previous or YRange(-1.0, 1.0)
    low, high = max(-LARGEST, min(low, LARGEST)), max(-LARGEST, min(high, LARGEST))
    height = high - low
    noise = RELATIVE_FLOOR * max(abs(low), abs(high))
    if previous is not None and previous.low <= low and high <= previous.high:
        axis = previous.high - previous.low
        if axis <= max(noise, SMALLEST):
            pass  # set by hand; nothing could be read on it
        elif height >= SHRINK_BELOW * axis or (height <= noise and axis <= 2 * CONSTANT_HEIGHT * abs(low)):
            return previous
    if height <= max(noise, SMALLEST):
        half = CONSTANT_HEIGHT / 2 * max(abs(low), abs(high))
        return YRange(low - half, high + half) if half > SMALLEST else YRange(-1.0, 1.0)
    step = value_step(low, high, FIT_STEPS)
    return YRange(
        math.floor((low - MARGIN * height) / step) * step,
        math.ceil((high + MARGIN * height) / step) * step,
    )


def reach(previous: YRange | None, low: float, high: float, thresholds: Sequence[float]) -> tuple[float, float]:
    """The range to be fitted for data between ``low`` and ``high``: with those thresholds that are near."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return low, high
    height = high - low
    if height <= max(RELATIVE_FLOOR * max(abs(low), abs(high)), SMALLEST):
        height = CONSTANT_HEIGHT * max(abs(low), abs(high))  # that of the axis, as the data have none
    bottom, top = low, high
    for value in thresholds:
        is_shown = previous is not None and previous.low <= value <= previous.high
        share = STAYS if is_shown else NEAR
        if low - share * height <= value <= high + share * height:
            bottom, top = min(bottom, value), max(top, value)
    return bottom, top
