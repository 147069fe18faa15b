"""Remembering: the ring against a plain array of the same history that is shifted for every block.

``python -m perf ring``; seconds in all.
"""

from __future__ import annotations

import itertools

import numpy as np

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState, Float64Array, Int64Array
from lablink_dpg.store.ring import Ring
from lablink_dpg.store.store import Store
from perf.result import Result, interleaved_s, table

HISTORY = 1_000_000  # samples a channel, as by default
BLOCKS = (50, 500)  # 50 ms at 1 kS/s and at 10 kS/s
READ = 10_000  # a window of 10 s at 1 kS/s
ROUNDS = 15
REPEATS = 20  # in a row: the plain way moves 16 MB and leaves nothing of ours in the caches
START_US = 1_795_000_000_000_000
AT_MOST = 0.1  # of the plain way: some 3 to 10 times what was measured


class Plain:
    """The obvious way: the newest ``HISTORY`` samples in order, so that any window is one slice."""

    def __init__(self) -> None:
        self.times_us: Int64Array = START_US + np.arange(HISTORY)
        self.values: Float64Array = np.random.default_rng(1).normal(size=(1, HISTORY))

    def append(self, times_us: Int64Array, values: Float64Array) -> None:
        n = times_us.shape[0]
        self.times_us = np.concatenate((self.times_us[n:], times_us))
        self.values = np.concatenate((self.values[:, n:], values), axis=1)

    def read(self) -> Float64Array:
        return self.values[:, -READ:].copy()


def run() -> list[Result]:
    """A block in and a window out; then a message on its whole way into the store."""
    return [*(_append_and_read(n) for n in BLOCKS), *(_ingest(n) for n in BLOCKS)]


def _append_and_read(n: int) -> Result:
    plain = Plain()
    ring = Ring(1, HISTORY)
    ring.append(plain.times_us, plain.values)
    values, times_us = np.random.default_rng(2).normal(size=(1, n)), np.full(n, START_US + HISTORY)

    def ours() -> None:
        ring.append(times_us, values)
        ring.read(ring.head - READ, ring.head)

    def theirs() -> None:
        plain.append(times_us, values)
        plain.read()

    return _result(f"append {n}, read {READ} of {HISTORY}", *interleaved_s((ours, theirs), ROUNDS, REPEATS))


def _ingest(n: int) -> Result:
    """De-duplicated, placed in time, counted, folded: all that a message costs the network thread after decoding."""
    plain = Plain()
    values = np.random.default_rng(3).normal(size=(1, n))
    store = Store(HISTORY)
    store.describe(AcquisitionInfo("a", "e", "a", AcquisitionState.ACQUIRING, ("C",), 1000.0), "")
    blocks = iter(
        [
            AcquisitionBlock(
                "a",
                AcquisitionState.ACQUIRING,
                (k + 1) * n,
                2 * n,
                START_US + np.arange(k * n, (k + 1) * n) * 1000,
                ("C",),
                values,
            )
            for k in range(ROUNDS * REPEATS + 1)
        ]
    )
    arrivals = itertools.count(START_US + n * 1000, n * 1000)
    times_us = np.full(n, START_US + HISTORY)
    actions = (lambda: store.ingest(next(blocks), next(arrivals)), lambda: plain.append(times_us, values))
    return _result(f"ingest a message of {n} new samples", *interleaved_s(actions, ROUNDS, REPEATS))


def _result(name: str, ours_s: float, theirs_s: float) -> Result:
    return Result(name, ours_s * 1e6, theirs_s * 1e6, "µs", "shifting a plain array", at_most=AT_MOST)


if __name__ == "__main__":
    print(table(run()))
