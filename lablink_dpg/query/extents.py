"""Lowest and highest value of each channel in view, for a plot to fit: widened by what comes, measured in turns."""

from __future__ import annotations

import math
from zlib import crc32

import numpy as np

from lablink_dpg.model.acquisition import Float64Array
from lablink_dpg.query.columns import Columns

SHARE = 8  # they are measured anew once an eighth of the window has left, or up to a quarter …
PHASES = 16  # … so that streams which began together are not all measured in the same frame, again and again
FEW_COLUMNS = 16  # up to here a loop over numbers costs less than a call into numpy


class Extents:
    """One reader: the thread that builds frames."""

    __slots__ = ("_from", "_patience", "_turn", "highs", "lows")

    def __init__(self, name: str) -> None:
        """``name`` of the stream; it only spreads work over frames."""
        self.lows: list[float] = []  # finite extremes by channel; (inf, -inf) without any
        self.highs: list[float] = []
        self._from = 0.0  # first sample covered when they were measured
        self._turn = crc32(name.encode()) % PHASES
        self._patience = 1.0  # how much longer than the shortest time they may stand

    def clear(self, channels: int, start: int) -> None:
        """None yet, of what begins at sample ``start``."""
        self.lows, self.highs = [math.inf] * channels, [-math.inf] * channels
        self._from = start

    def widen(self, new: Columns) -> None:
        """By columns that were added; many of them are left to the next measurement."""
        if new.first.shape[0] > FEW_COLUMNS:
            self._from = -math.inf  # measured anew when this update is through
            return
        lows, highs = self.lows, self.highs
        for row, values in enumerate(new.low.tolist()):
            for low in values:
                if -math.inf < low < lows[row]:  # false for NaN too
                    lows[row] = low
        for row, values in enumerate(new.high.tolist()):
            for high in values:
                if highs[row] < high < math.inf:
                    highs[row] = high

    def are_stale(self, start: int, stop: int) -> bool:
        """Whether so much has left the view, which is samples start..stop-1 now, that they may be too wide."""
        return (start - self._from) * SHARE > (stop - start) * self._patience

    def measure(self, points: Float64Array, start: int) -> None:
        """Those of what is kept, shape (channels, n), from sample ``start`` on.

        An overload is left out: the axis is for what can be drawn on one.
        """
        self._from = start
        self._patience = 1 + self._turn / PHASES
        lows: list[float] = np.fmin.reduce(points, axis=1, initial=math.inf).tolist()
        highs: list[float] = np.fmax.reduce(points, axis=1, initial=-math.inf).tolist()
        if -math.inf in lows or math.inf in highs:  # the masked form costs five times as much
            lows = np.fmin.reduce(points, axis=1, initial=math.inf, where=points > -math.inf).tolist()
            highs = np.fmax.reduce(points, axis=1, initial=-math.inf, where=points < math.inf).tolist()
        self.lows, self.highs = lows, highs
