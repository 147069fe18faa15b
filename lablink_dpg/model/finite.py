"""Infinities among samples, for which an axis has no place: looked for at little cost, and NaN instead of them."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FEW: Final = 128  # values that are added up one by one sooner than by numpy


def may_be_infinite(values: NDArray[Any]) -> bool:
    """One infinite value makes the sum infinite, or NaN: to add them up takes a third of asking each."""
    if values.size <= FEW:  # as numbers: numpy's warnings need not be switched off
        return not math.isfinite(sum(values.ravel().tolist()))
    with np.errstate(invalid="ignore", over="ignore"):
        return not math.isfinite(np.add.reduce(values, axis=None))


def without_infinities(values: NDArray[Any]) -> bool:
    """Put NaN in the place of each; whether there was one."""
    is_infinite = np.isinf(values)
    values[is_infinite] = np.nan
    return bool(is_infinite.any())
