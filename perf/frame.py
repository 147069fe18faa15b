"""``build_frame`` for a screen of plots, against reducing the whole window of every stream anew.

``python -m perf frame``; a few seconds. The baseline does less than a frame: no search for the window's edges, no time
axis, no fit, no labels, no latency. A frame looks at what is new only, so it is far cheaper where windows are long.
"""

from __future__ import annotations

import statistics
import time

import numpy as np

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState
from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.columns import bucket_for
from lablink_dpg.query.frame import Frame
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View
from lablink_dpg.store.store import Store
from perf.result import Result, table

START_US = 1_790_000_000_000_000
LAG_US = 80_000
WIDTH_PX = 380
NEW = 333  # samples a frame and stream at 30 frames a second
RATE_HZ = 10_000
# Streams, seconds in view, and the largest ratio: about twice the measured one.
CASES = ((16, 10, 2.5), (64, 10, 2.5), (64, 100, 0.5))
POINTS_AT_MOST = 2.05  # a pixel: two a column, and a column beyond each edge
BLOCK = 10_000
FRAMES = 40


class Screen:
    def __init__(self, streams: int, span_s: int) -> None:
        self.visible = span_s * RATE_HZ
        self.store = Store(self.visible + 50_000)
        self.total = 0
        self.noise = np.random.default_rng(1).normal(size=(1, 2 * self.visible))
        self.names = [f"a{number}" for number in range(streams)]
        for name in self.names:
            info = AcquisitionInfo(name, "eq", name, AcquisitionState.ACQUIRING, ("CH1",), float(RATE_HZ))
            self.store.describe(info, "")
        plots = tuple(PlotRequest(name, (TraceRequest(name, "CH1"),), WIDTH_PX) for name in self.names)
        self.view = View(TimeView(span_s * 1_000_000), plots)
        self.memory = FrameMemory()
        while self.total < self.visible + 20_000:
            self.arrive(BLOCK)

    def arrive(self, count: int) -> None:
        times_us = START_US + np.arange(self.total, self.total + count) * (1_000_000 // RATE_HZ)
        self.total += count
        for number, name in enumerate(self.names):
            at = (self.total + 997 * number) % self.visible
            values = self.noise[:, at : at + count]
            block = AcquisitionBlock(name, AcquisitionState.ACQUIRING, self.total, count, times_us, ("CH1",), values)
            self.store.ingest(block, int(times_us[-1]) + 1000)

    def ours(self) -> Frame:
        now_us = START_US + self.total * 1_000_000 // RATE_HZ + 5000
        return build_frame(self.store, self.view, now_us, LAG_US, self.memory)

    def plain(self) -> None:
        bucket = bucket_for(self.visible, WIDTH_PX)
        cuts = np.arange(0, self.visible, bucket)
        for number in range(len(self.names)):
            window = self.noise[:, number : number + self.visible]
            np.minimum.reduceat(window, cuts, axis=1)
            np.maximum.reduceat(window, cuts, axis=1)


def run() -> list[Result]:
    """A frame's cost a stream for each case, then its points a pixel."""
    results = []
    for streams, span_s, at_most in CASES:
        screen = Screen(streams, span_s)
        ours_s, plain_s, points = _medians(screen)
        name = f"frame, {streams} × {screen.visible} in view"
        each = 1e6 / streams
        results.append(
            Result(name, ours_s * each, plain_s * each, "µs/stream", "reduceat, every window", at_most=at_most)
        )
    results.append(Result("points", points / streams, WIDTH_PX, "a plot", "pixels", at_most=POINTS_AT_MOST))
    return results


def _medians(screen: Screen) -> tuple[float, float, int]:
    """Seconds of a frame and of the plain way, measured in turns, and the points of the last frame."""
    ours: list[float] = []
    plain: list[float] = []
    frame = screen.ours()
    for number in range(FRAMES):
        screen.arrive(NEW)
        started = time.perf_counter()
        frame = screen.ours()
        ours.append(time.perf_counter() - started)
        if number % 4 == 0:  # the slow one, ten times
            started = time.perf_counter()
            screen.plain()
            plain.append(time.perf_counter() - started)
    return statistics.median(ours), statistics.median(plain), frame.points


if __name__ == "__main__":
    print(table(run()))
