"""Asking: 1000 columns over millions of samples from the pyramid, against a reduceat over the whole window.

``python -m perf pyramid``; a few seconds.
"""

from __future__ import annotations

import numpy as np

from lablink_dpg.model.acquisition import Float64Array
from lablink_dpg.store.folding import FANOUT
from lablink_dpg.store.ring import Ring
from perf.result import Result, interleaved_s, table

VISIBLE = (
    (1_000_000, 0.5),
    (10_000_000, 0.05),
)  # samples in view, and the largest ratio: 3 to 5 times the measured one
COLUMNS = 1000
FILL = 10_000  # samples a block while filling
BLOCK = 500  # 50 ms at 10 kS/s
ROUNDS = 30
FOLD_AT_MOST = 10.0  # times a write without folding


def run() -> list[Result]:
    """The query at two zooms; then what the pyramid adds to writing."""
    return [*(_columns(visible, at_most) for visible, at_most in VISIBLE), _fold()]


def _columns(visible: int, at_most: float) -> Result:
    values = np.random.default_rng(1).normal(size=(1, visible))
    ring = Ring(1, visible)
    times_us = np.zeros(FILL, np.int64)
    for start in range(0, visible, FILL):
        ring.append(times_us, values[:, start : start + FILL])
    ours_s, theirs_s = interleaved_s((lambda: from_pyramid(ring, visible), lambda: from_samples(values)), ROUNDS)
    name = f"{COLUMNS} columns over {visible} samples"
    return Result(name, ours_s * 1e6, theirs_s * 1e6, "µs", "reduceat over the window", at_most=at_most)


def from_pyramid(ring: Ring, visible: int) -> tuple[Float64Array, Float64Array]:
    """Low and high of COLUMNS whole columns that end with the newest folded cell, each of shape (1, COLUMNS)."""
    level = 0
    while visible // FANOUT ** (level + 1) >= COLUMNS:
        level += 1
    per_column = visible // FANOUT**level // COLUMNS
    last = ring.pyramid.folded(level)
    low, high = ring.minmax_cells(level, last - COLUMNS * per_column, last)
    cuts = np.arange(0, COLUMNS * per_column, per_column)
    return np.fmin.reduceat(low, cuts, axis=1), np.fmax.reduceat(high, cuts, axis=1)


def from_samples(values: Float64Array) -> tuple[Float64Array, Float64Array]:
    """The same from the samples themselves."""
    cuts = np.arange(COLUMNS) * (values.shape[1] // COLUMNS)
    return np.minimum.reduceat(values, cuts, axis=1), np.maximum.reduceat(values, cuts, axis=1)


def _fold() -> Result:
    values, times_us = np.random.default_rng(2).normal(size=(1, BLOCK)), np.zeros(BLOCK, np.int64)
    folding, plain = Ring(1, 1_000_000), Ring(1, 1_000_000)
    plain.pyramid.levels.clear()
    actions = (lambda: folding.append(times_us, values), lambda: plain.append(times_us, values))
    ours_s, theirs_s = interleaved_s(actions, ROUNDS, repeats=300)  # folds come every few blocks: not a single one
    name = f"append {BLOCK} with its pyramid"
    return Result(name, ours_s * 1e6, theirs_s * 1e6, "µs", "append without", at_most=FOLD_AT_MOST)


if __name__ == "__main__":
    print(table(run()))
