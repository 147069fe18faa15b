"""Marks of a plot as the columns that its series are handed, and which of them lies under the mouse: arithmetic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.gui.scale import px
from lablink_dpg.query.frame import AlarmMark, PlotFrame, ThresholdLine

FAR_SPANS = 256.0  # an alarm that is open ends beyond every view of this origin, which moves after 64 spans
CROWD = 12  # marks in view; more lines of full height are a fence before the signal …
CROWD_SHARE = 0.2  # … and so are of this share of it
GRASP_PX = 6  # so near to a line the mouse means it


def rises(
    marks: Sequence[AlarmMark], low: float, high: float, *, is_crowded: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each of ``marks`` begins, as x and y of one line broken between them; low ones where there is a crowd."""
    x = np.full(3 * len(marks), np.nan, np.float32)
    x[0::3] = x[1::3] = [mark.at_s for mark in marks]
    y = np.full(3 * len(marks), np.nan, np.float32)
    y[0::3], y[1::3] = low, low + (CROWD_SHARE if is_crowded else 1.0) * (high - low)
    return x, y


def strips(marks: Sequence[AlarmMark], y: float, span_s: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How long each of ``marks`` lasts, as x and y of one line that is broken between them, at the height ``y``."""
    x = np.full(3 * len(marks), np.nan, np.float32)
    x[0::3] = [mark.at_s for mark in marks]
    x[1::3] = [mark.at_s + FAR_SPANS * span_s if mark.until_s is None else mark.until_s for mark in marks]
    return x, np.where(np.isnan(x), np.float32(np.nan), np.float32(y))


def pointed_at(
    plot: PlotFrame, share_x: float, share_y: float, width_px: float, height_px: float
) -> AlarmMark | ThresholdLine | None:
    """What lies within GRASP_PX of a point, given in shares of the plotting area from its upper left corner.

    The newest of several alarms, and alarms before thresholds. At the foot of the plot an alarm is meant for as long as
    it lasts.
    """
    left, right = plot.x_limits
    low, high = plot.y_limits
    x_s, grasp_s = left + share_x * (right - left), px(GRASP_PX) / max(1.0, width_px) * (right - left)
    near = [mark for mark in plot.marks if abs(mark.at_s - x_s) <= grasp_s]
    if near:
        return min(reversed(near), key=lambda mark: abs(mark.at_s - x_s))
    if (1.0 - share_y) * height_px <= px(GRASP_PX):
        lasting = [m for m in plot.marks if m.at_s <= x_s and (m.until_s is None or m.until_s >= x_s)]
        if lasting:
            return lasting[-1]
    y, grasp = high - share_y * (high - low), px(GRASP_PX) / max(1.0, height_px) * (high - low)
    lines = [line for line in plot.thresholds if abs(line.at - y) <= grasp]
    return min(lines, key=lambda line: abs(line.at - y)) if lines else None
