"""The one door through which samples reach Dear PyGui, which ends the process over arrays that it does not like.

Measured on 2.3.1: unsupported types abort, a two-dimensional array or empty values crash at the next frame, a strided
view raises, x longer than y reads beyond y. So everything that passes is float32, one-dimensional, contiguous, of equal
lengths and never empty; a series without samples is hidden instead of emptied. An infinite value, which is also what
float32 makes of 1e39, becomes NaN: the line breaks there, where its corners would be at no pixel at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.gui.scale import px
from lablink_dpg.gui.toolkit import Item, dpg, set_points
from lablink_dpg.query.frame import GapMark

MAX_POINTS = 1_000_000  # of one series: far beyond two a pixel; more is a bug of the caller, not a picture
MAX_GAPS = 128  # shaded stretches a plot and kind; the oldest go first, the newest are what is looked at
MIN_GAP_PX = 2.0  # a gap of one sample must still be seen
_FLOAT32 = np.dtype(np.float32)
_IN_A_ROW = (_FLOAT32.itemsize,)  # strides of one dimension without gaps
PLACEHOLDER: NDArray[np.float32] = np.zeros(2, np.float32)  # what a series holds before it is first shown


def safe(values: Any) -> NDArray[np.float32]:
    """Float32, one-dimensional, contiguous, NaN instead of infinite. No copy if it is already.

    Raises:
        ValueError: if it has not one dimension, or more than MAX_POINTS values.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # beyond float32: infinite, seen to below
        array = np.ascontiguousarray(values, dtype=np.float32)
    if array.ndim != 1 or np.ndim(values) != 1:
        raise ValueError(f"a series takes one dimension, got {np.ndim(values)}")
    if array.size > MAX_POINTS:
        raise ValueError(f"{array.size} points for one series, at most {MAX_POINTS}")
    infinite = np.isinf(array)
    return np.where(infinite, np.float32(np.nan), array) if infinite.any() else array


def safe_columns(*columns: Any) -> tuple[NDArray[np.float32], ...] | None:
    """Columns of one series, ready to be handed over; None if there is nothing to draw.

    Raises:
        ValueError: if their lengths differ.
    """
    arrays = tuple(safe(column) for column in columns)
    sizes = {array.size for array in arrays}
    if len(sizes) != 1:
        raise ValueError(f"columns of {', '.join(str(array.size) for array in arrays)} values")
    return arrays if arrays[0].size else None


def push(series: Item, *columns: Any) -> bool:
    """Hand columns (x, y or x, y1, y2) to a series; False, and nothing done, if they are empty. Main thread."""
    arrays = safe_columns(*columns)
    if arrays is None:
        return False
    dpg.set_value(series, list(arrays))
    return True


def push_clean(series: Item, x: NDArray[np.float32], y: NDArray[np.float32]) -> None:
    """Hand over one line of a frame, which is float32 and never infinite: no look at the values. Main thread.

    Raises:
        ValueError: if they are anything else, or empty.
    """
    if not (
        x.strides == y.strides == _IN_A_ROW and x.dtype is y.dtype is _FLOAT32 and 0 < len(x) == len(y) <= MAX_POINTS
    ):
        raise ValueError(f"x of shape {x.shape} {x.dtype} and y of shape {y.shape} {y.dtype} are no line of a frame")
    set_points(series, x, y)


def gap_columns(
    gaps: Sequence[GapMark], limits: tuple[float, float], low: float, high: float, width_px: int
) -> tuple[NDArray[np.float32], ...] | None:
    """Gaps inside ``limits`` as x, y1, y2 of one shade series; None if there are none.

    Between gaps the two edges coincide, so that one series draws them all: breaking it by NaN would need the library's
    shading to know about NaN. A gap narrower than MIN_GAP_PX is widened to it.
    """
    left, right = limits
    least = (right - left) / max(1, width_px) * px(MIN_GAP_PX)
    x: list[float] = []
    for gap in [g for g in gaps if g.right_s >= left and g.left_s <= right][-MAX_GAPS:]:
        start, stop = gap.left_s, gap.right_s
        if stop - start < least:
            middle = (start + stop) / 2
            start, stop = middle - least / 2, middle + least / 2
        start, stop = max(start, left), min(stop, right)
        if stop > start:
            x += [start, start, stop, stop]
    if not x:
        return None
    top = np.tile(np.array([low, high, high, low], np.float32), len(x) // 4)
    return np.array(x, np.float32), np.full(len(x), low, np.float32), top
