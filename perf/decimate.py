"""Columns of a frame: only what is new since the last one, against a reduceat over the whole window.

``python -m perf decimate``; a few seconds. Cost must not grow with what is visible, so one figure is the cost at 10⁷
samples in view beside that at 10⁴; another is the first frame after a zoom, when nothing is kept.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from lablink_dpg.query.cache import ColumnCache
from lablink_dpg.store.breaks import Break
from lablink_dpg.store.ring import Ring
from perf.result import Result, table

# Samples in view, and the largest ratio: about three times the measured one.
VISIBLE = ((10_000, 4.0), (100_000, 1.5), (1_000_000, 0.3), (10_000_000, 0.02))
FLAT_AT_MOST = 3.0  # 10⁷ beside 10⁴ in view; measured 1.0 to 1.5
FIRST_AT_MOST = 0.5  # the first frame after a zoom, at 10⁷ in view
NEW = 333  # samples a frame: 10 kS/s at 30 frames a second
WIDTH_PX = 380
FILL = 100_000
ROUNDS = 20
FRAMES = 5


class Stream:
    """What a cache reads of a series: one channel of noise, and the same samples as one plain array."""

    breaks: tuple[Break, ...] = ()
    revision = 0

    def __init__(self, visible: int) -> None:
        self.visible = visible
        self.ring = Ring(1, visible + 100 * NEW)
        self.values = np.random.default_rng(1).normal(size=(1, visible + (ROUNDS * FRAMES + 1) * NEW))
        self.cache = ColumnCache()
        self.bucket = self.cache.steady.samples(visible, visible, WIDTH_PX)
        while self.ring.head < visible:
            self.append(min(FILL, visible - self.ring.head))

    def append(self, count: int) -> None:
        first = self.ring.head
        self.ring.append(np.arange(first, first + count) * 100, self.values[:, first : first + count])

    def ours(self, cache: ColumnCache) -> None:
        head = self.ring.head
        cache.update(self, head - self.visible, head, self.bucket, 0)  # type: ignore[arg-type]

    def plain(self) -> None:
        head = self.ring.head
        window = self.values[:, head - self.visible : head]
        cuts = np.arange(0, self.visible, self.bucket)
        np.minimum.reduceat(window, cuts, axis=1)
        np.maximum.reduceat(window, cuts, axis=1)


def run() -> list[Result]:
    """One figure for each number of samples in view, then how flat they are."""
    results, ours_s = [], {}
    for visible, at_most in VISIBLE:
        stream = Stream(visible)
        ours_s[visible], first_s, plain_s = _medians(stream)
        name = f"columns, {NEW} new of {visible}"
        results.append(Result(name, ours_s[visible] * 1e6, plain_s * 1e6, "µs", "reduceat, window", at_most=at_most))
    least, most = VISIBLE[0][0], VISIBLE[-1][0]
    results.append(
        Result(f"first frame, {most}", first_s * 1e6, plain_s * 1e6, "µs", "reduceat, window", at_most=FIRST_AT_MOST)
    )
    flat = Result(
        f"flatness, {most}", ours_s[most] * 1e6, ours_s[least] * 1e6, "µs", f"{least} in view", at_most=FLAT_AT_MOST
    )
    return [*results, flat]


def _medians(stream: Stream) -> tuple[float, float, float]:
    """Seconds of a frame, of a first frame and of the plain way, measured in turns; arrivals are not measured."""
    ours, first, plain = [], [], []
    stream.ours(stream.cache)
    for _ in range(ROUNDS):
        for _ in range(FRAMES):  # several, because the plain way leaves nothing in the processor's caches
            stream.append(NEW)
            ours.append(_seconds(stream.ours, stream.cache))
        first.append(_seconds(stream.ours, ColumnCache()))
        plain.append(_seconds(stream.plain))
    return statistics.median(ours), statistics.median(first), statistics.median(plain)


def _seconds(action: Callable[..., None], *arguments: object) -> float:
    started = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - started


if __name__ == "__main__":
    print(table(run()))
