"""Times that rise evenly, kept as what a message says of them: where they begin, and their step.

As an array they would be written once and read twice on their way into a ring that keeps a uniform timebase as a line.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike, NDArray


class EvenTimes:
    """Looks like an int64 array of shape (n,) where it is sliced, measured, moved and read.

    numpy takes it for an array too, then it becomes one.
    """

    __slots__ = ("first_us", "shape", "step_us")
    __hash__ = None  # type: ignore[assignment]  # as of an array

    def __init__(self, first_us: int, step_us: int, n: int) -> None:
        self.first_us = first_us
        self.step_us = step_us
        self.shape = (n,)

    def item(self, index: int) -> int:
        """Index -n to n - 1; others are not asked for."""
        return self.first_us + (index if index >= 0 else index + self.shape[0]) * self.step_us

    def __getitem__(self, key: slice) -> EvenTimes:
        start, stop, step = key.indices(self.shape[0])
        return EvenTimes(self.first_us + start * self.step_us, step * self.step_us, len(range(start, stop, step)))

    def __add__(self, shift_us: int) -> EvenTimes:
        return EvenTimes(self.first_us + shift_us, self.step_us, self.shape[0])

    def __eq__(self, other: object) -> NDArray[np.bool_]:  # type: ignore[override]  # as of an array
        out: NDArray[np.bool_] = np.equal(np.asarray(self), other)  # type: ignore[call-overload]
        return out

    def __ne__(self, other: object) -> NDArray[np.bool_]:  # type: ignore[override]
        return ~(self == other)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[np.int64]:
        times_us = np.arange(self.shape[0])
        times_us *= self.step_us
        times_us += self.first_us
        return times_us if dtype is None else times_us.astype(dtype, copy=False)

    def tolist(self) -> list[int]:
        listed: list[int] = np.asarray(self).tolist()
        return listed
