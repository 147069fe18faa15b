"""Of each sixteen values in a row the lowest and the highest: in one pass where that is compiled, else by halves.

NaN (a sample that is missing or could not be read) does not erase its cell: fmin, not min.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

import numpy as np

from lablink_dpg.model.acquisition import FloatArray

# Lows, highs, the first slot of them that is read, lows and highs to be written, their first slot, cells a channel.
Fold: TypeAlias = Callable[[FloatArray, FloatArray, int, FloatArray, FloatArray, int, int], None]

WANTED_VERSION = 1
FANOUT = 16
MANY_CELLS = 512  # of all channels: halving them four times is then faster than reduceat, up to three times
LONG_ROW = 256  # cells: of so many, channels one by one, or halves of all of them drive other things out of L2
CUTS = np.arange(0, MANY_CELLS * FANOUT, FANOUT)


def fold_by_numpy(
    lows: FloatArray, highs: FloatArray, source_slot: int, low: FloatArray, high: FloatArray, slot: int, cells: int
) -> None:
    """Fill ``cells`` of ``low`` and ``high`` from ``slot`` on with the extremes of the sources from ``source_slot`` on.

    All of shape (channels, n), and of one type; no low is above its high, and where one is NaN both are.
    """
    span = slice(source_slot, source_slot + cells * FANOUT)
    _fold(np.fmin, lows[:, span], low[:, slot : slot + cells])
    _fold(np.fmax, highs[:, span], high[:, slot : slot + cells])


def _fold(of: np.ufunc, values: FloatArray, out: FloatArray) -> None:
    if out.size < MANY_CELLS:
        cuts = CUTS[: out.shape[1]]  # reduceat takes half of what a reduce over an axis of 16 does
        of.reduceat(values, cuts, axis=1, out=out)
    elif out.shape[1] < LONG_ROW:
        _halve(of, values, out)
    else:
        for row, cells in zip(values, out, strict=True):
            _halve(of, row, cells)


def _halve(of: np.ufunc, values: FloatArray, out: FloatArray) -> None:
    """Neighbours in pairs, until there is one a cell: loops over all at once, not one a cell."""
    while values.shape[-1] > 2 * out.shape[-1]:
        values = of(values[..., 0::2], values[..., 1::2])
    of(values[..., 0::2], values[..., 1::2], out=out)


fold: Fold = fold_by_numpy
with suppress(ImportError):  # there was no compiler where this was installed, or it was for another machine
    from lablink_dpg.store._fold import VERSION
    from lablink_dpg.store._fold import fold as compiled

    if VERSION == WANTED_VERSION:  # else it lies here from an earlier installation
        fold = compiled

IS_COMPILED = fold is not fold_by_numpy
