"""The first frame after a zoom or a pan, anywhere in 10⁸ samples of history: nothing of it was ever looked at.

``python -m perf zoom``; half a minute and 2.5 GB. The ring has gone round once, so that views lie across its end;
before each frame half a gigabyte of other memory is written to, so that nothing of it is in the processor's caches.
Spans and places are random, from ten samples to all there are. The baseline is reducing, as coldly, as many numbers as
a plot has to look at where its columns are the finest for their level of the pyramid: 127 cells each.
"""

from __future__ import annotations

import math
import statistics
import time

import numpy as np

from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.columns import MAX_MULTIPLE
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View
from lablink_dpg.store.store import Store
from perf.result import Result, table

HISTORY = 100_000_000
PERIOD_US = 10  # 100 kS/s: a quarter of an hour
BLOCK = 1_000_000
START_US = 1_790_000_000_000_000
WIDTH_PX = 1400  # of one plot in a window of 1600
SMALL_PX, PLOTS = 370, 16
SHORTEST_US = 100
ROUNDS = 40
TRASH = 62_500_000  # numbers, half a gigabyte
GOAL_MS = 5.0  # a plot
P90_AT_MOST = 14.0  # twice the measured ratio, of one large plot


class History:
    def __init__(self) -> None:
        self.store = Store(HISTORY)
        info = AcquisitionInfo("a", "eq", "a", AcquisitionState.ACQUIRING, ("CH1",), 1e6 / PERIOD_US)
        self.store.describe(info, "")
        self.ring = self.store.series["a"].ring
        values = np.random.default_rng(1).normal(size=(1, BLOCK))
        while self.ring.head < 1.3 * HISTORY:
            first = self.ring.head
            self.ring.append(START_US + np.arange(first, first + BLOCK) * PERIOD_US, values)
        self.trash = np.zeros(TRASH)
        self.newest_us = START_US + self.ring.head * PERIOD_US
        self.oldest_us = START_US + self.ring.oldest * PERIOD_US

    def chill(self) -> None:
        self.trash += 1.0

    def frames_ms(self, plots: int, width_px: int, seed: int) -> list[float]:
        """Of each round, a plot."""
        rng = np.random.default_rng(seed)
        requests = tuple(PlotRequest(f"p{number}", (TraceRequest("a", "CH1"),), width_px) for number in range(plots))
        memory, took = FrameMemory(), []
        for _ in range(1 + ROUNDS):
            span_us = int(math.exp(rng.uniform(math.log(SHORTEST_US), math.log(self.newest_us - self.oldest_us))))
            right_us = int(rng.uniform(self.oldest_us + span_us, self.newest_us))
            self.chill()
            started = time.perf_counter()
            build_frame(self.store, View(TimeView(span_us, False, right_us), requests), self.newest_us, 0, memory)
            took.append((time.perf_counter() - started) * 1e3 / plots)
        return sorted(took[1:])  # the first one also makes its plots

    def plain_ms(self) -> float:
        numbers = self.trash[: MAX_MULTIPLE * WIDTH_PX]
        cuts = np.arange(0, numbers.shape[0], MAX_MULTIPLE)
        took = []
        for _ in range(9):
            self.trash[numbers.shape[0] :] += 1.0
            started = time.perf_counter()
            np.minimum.reduceat(numbers, cuts)
            np.maximum.reduceat(numbers, cuts)
            took.append((time.perf_counter() - started) * 1e3)
        return statistics.median(took)


def run() -> list[Result]:
    history = History()
    plain_ms = history.plain_ms()
    results = []
    for plots, width_px in ((1, WIDTH_PX), (PLOTS, SMALL_PX)):
        took = history.frames_ms(plots, width_px, plots)
        label = f"zoom in {HISTORY}, {plots} of {width_px} px"
        p90_ms = took[len(took) * 9 // 10]
        results += [
            Result(f"{label}: p90", p90_ms, plain_ms, "ms", "127 cells a column", at_most=P90_AT_MOST),
            Result(f"{label}: p90, again", p90_ms, GOAL_MS, "ms", "the goal"),
            Result(f"{label}: longest", took[-1], GOAL_MS, "ms", "the goal"),
        ]
    return results


if __name__ == "__main__":
    print(table(run()))
