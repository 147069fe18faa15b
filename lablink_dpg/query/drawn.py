"""Numbers as they are drawn: float32 that is never infinite, lowest and highest of which NaN is no part."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

LARGEST = float(np.finfo(np.float32).max)


def drawn(value: float) -> float:
    """NaN instead of what float32 cannot say: the line breaks there."""
    return value if -LARGEST <= value <= LARGEST else math.nan


def break_at_infinity(y: NDArray[np.float32]) -> None:
    """As ``drawn``, of many that were made float32, in place."""
    infinite = np.isinf(y)
    if infinite.any():
        y[infinite] = math.nan


def wider(kept_low: float, kept_high: float, low: float, high: float) -> tuple[float, float]:
    """As fmin and fmax: NaN counts only against NaN."""
    return (
        kept_low if low != low or kept_low < low else low,
        kept_high if high != high or kept_high > high else high,
    )
