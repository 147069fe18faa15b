"""Lanes of a column as few long lines: those of one colour lie one after the other in one series, NaN between them.

Handing a series over costs as much as a thousand points of it, and a thousand series would cost a frame four
milliseconds before a single point is drawn. So a column has one series a colour, and each line a place in it; a line
that changes is written into its place, and the series goes to the library as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

GROWTH = 1.25  # places are that much longer than the longest line so far


class Strand:
    """One series: x and y of shape (n,), NaN in y wherever no line is."""

    __slots__ = ("is_dirty", "used", "x", "y")

    def __init__(self, places: int, size: int) -> None:
        self.x: NDArray[np.float32] = np.zeros(places * (size + 1), np.float32)
        self.y: NDArray[np.float32] = np.full(places * (size + 1), np.nan, np.float32)
        self.used: list[int] = [0] * places  # points of each line
        self.is_dirty = True  # differs from what the library was last given


class Strands:
    """The lines of one column, named by row and channel. ``size``: points that each may have until all move."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.by_look: dict[int, Strand] = {}
        self._looks: tuple[tuple[int, ...], ...] = ()
        self._places: list[list[tuple[Strand, int]]] = []  # by row and channel: where, and the number of the place

    def arrange(self, looks: Sequence[tuple[int, ...]]) -> bool:
        """``looks``: of each row the colour of each channel's line. Whether all lines have to be written again."""
        wanted = tuple(looks)
        if wanted == self._looks:
            return False
        self._looks = wanted
        self._lay_out()
        return True

    def fit(self, points: int) -> bool:
        """Make room for lines of so many points. Whether all have to be written again."""
        if points <= self.size:
            return False
        self.size = int(points * GROWTH)
        self._lay_out()
        return True

    def _lay_out(self) -> None:
        counts: dict[int, int] = {}
        for colours in self._looks:
            for look in colours:
                counts[look] = counts.get(look, 0) + 1
        self.by_look = {look: Strand(count, self.size) for look, count in counts.items()}
        free = {look: iter(range(count)) for look, count in counts.items()}
        self._places = [[(self.by_look[look], next(free[look])) for look in colours] for colours in self._looks]

    def write(
        self,
        row: int,
        channel: int,
        x: NDArray[np.float32],
        y: NDArray[np.float32],
        *,
        later_s: float = 0.0,
        scale: float = 1.0,
        offset: float = 0.0,
    ) -> None:
        """A line of at most ``size`` points at x + ``later_s`` and y · ``scale`` + ``offset``, instead of what was."""
        strand, number = self._places[row][channel]
        begin, count, before = number * (self.size + 1), x.shape[0], strand.used[number]
        end = begin + count
        if later_s:
            np.add(x, np.float32(later_s), out=strand.x[begin:end])
        else:
            strand.x[begin:end] = x
        own = strand.y[begin:end]
        np.multiply(y, np.float32(scale), own)
        own += np.float32(offset)
        if before > count:
            strand.y[end : begin + before] = np.nan
        strand.used[number] = count
        strand.is_dirty = True

    def clear(self, row: int) -> None:
        """No lines in a row."""
        for strand, number in self._places[row]:
            if strand.used[number]:
                begin = number * (self.size + 1)
                strand.y[begin : begin + strand.used[number]] = np.nan
                strand.used[number] = 0
                strand.is_dirty = True

    def shift(self, later_s: float) -> None:
        """All lines so much later: the origin of time has moved the other way."""
        for strand in self.by_look.values():
            strand.x += np.float32(later_s)
            strand.is_dirty = True
