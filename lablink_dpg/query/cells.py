"""The arrays of a cache number by number: a memoryview stores one number in a third of numpy's time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import Float64Array, Int64Array


class Cells(NamedTuple):
    """The same memory as the arrays; ``points`` and ``y`` flat, one channel after the other."""

    first: memoryview[int]
    time_us: memoryview[int]
    points: memoryview[float]
    x: memoryview[float]
    y: memoryview[float]


def cells_of(
    first: Int64Array, time_us: Int64Array, points: Float64Array, x: NDArray[np.float32], y: NDArray[np.float32]
) -> Cells:
    """Of contiguous arrays; it holds as long as they are not replaced."""
    # Any, because numpy's stubs call every memoryview one of int.
    flat: list[Any] = [first, time_us, points.reshape(-1), x, y.reshape(-1)]
    return Cells(*(array.data for array in flat))
