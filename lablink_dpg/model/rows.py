"""Channels of equal length that lie where they came: each row a view of the message, used like an array of them all.

An array would need them evenly spaced and of one type; stacked into one they would be copied once more on their way.
"""

from __future__ import annotations

from typing import Any, overload

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Rows:
    """Looks like an array of shape (channels, n) where it is sliced, measured and read; rows may be of any number type.

    numpy takes it for an array too, then it is copied.
    """

    __slots__ = ("rows", "shape")

    def __init__(self, rows: tuple[NDArray[Any], ...], n: int) -> None:
        """``rows`` each of shape (n,)."""
        self.rows = rows
        self.shape = (len(rows), n)

    @overload
    def __getitem__(self, key: int) -> NDArray[Any]: ...
    @overload
    def __getitem__(self, key: tuple[slice, slice]) -> Rows: ...
    def __getitem__(self, key: int | tuple[slice, slice]) -> NDArray[Any] | Rows:
        """A row, or samples of rows: both as numpy has it."""
        if isinstance(key, int):
            return self.rows[key]
        which, when = key
        start, stop, step = when.indices(self.shape[1])
        return Rows(tuple(row[when] for row in self.rows[which]), len(range(start, stop, step)))

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        stacked = np.empty(self.shape, dtype or np.float64)
        for number, row in enumerate(self.rows):
            stacked[number] = row
        return stacked

    def tolist(self) -> list[list[Any]]:
        return [row.tolist() for row in self.rows]
