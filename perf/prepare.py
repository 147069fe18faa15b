"""What the window does between two renders, for a screen full of streams: ``prepare``, as ``gui.loop`` times it.

``python -m perf prepare``; a minute. The real window on a display of its own, tall enough for 64 cards, over
a real session whose store is filled by this process: after each frame the clock goes on by a thirtieth of a second and
what was sampled in it arrives, of every stream at once, which no network would do. Mesa's driver that fills no pixel
takes the place of a graphics card. Beside it, measured in the same process between frames: ``reduceat`` over the window
of one stream, times the streams, which is what a client does that keeps nothing from frame to frame.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from typing import Any, NamedTuple

import numpy as np

from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState
from lablink_dpg.query.columns import bucket_for
from lablink_dpg.session import Session
from lablink_dpg.turn import short_turns
from perf.events import display
from perf.result import Result, table

WIDTH_PX, HEIGHT_PX = 1600, 2600  # 16 rows of cards of 146 px, and the bars
FPS = 30
START_US = 1_790_000_000_000_000
PAST = 20_000  # samples before the window
BLOCK = 100_000
WIDTH_OF_PLOT_PX = 292  # of one of four columns, without labels
CHANNELS = ("CH1",)
FRAMES, WARM_UP = 240, 40
COUNTED_EVERY = 4  # frames: in those between, nothing is in the way that would not be there otherwise
LIMIT_S = 240.0


class Case(NamedTuple):
    streams: int
    visible: int  # samples a stream
    new: int  # samples a stream and frame


TRICKLE = Case(64, 1_000_000, 10_000 // FPS)  # 10 kS/s
SHARE = Case(64, 1_000_000, 10_000)  # 1 % of the window a frame
SHORT, LONG = Case(16, 10_000, 100), Case(16, 10_000_000, 100)
# Milliseconds at the median, on two cores without a graphics card; and the largest ratio to reducing every window
# anew, half as much again as the measured one.
GOALS = {TRICKLE: (3.0, 0.048), SHARE: (6.0, 0.105)}
FLAT_AT_MOST = 1.3  # the goal; measured 0.8
# Points handed to the library by those on the screen, a frame: all of them would be 1.
UPLOADED_AT_MOST = {TRICKLE: 0.09, SHARE: 0.5}
UPLOADS_AT_MOST = 1.3  # in any one frame, by streams: the long part of a line is renewed now and then, never of all


class Measured(NamedTuple):
    """Medians and percentiles over frames."""

    p50_ms: float
    p99_ms: float
    cpu_ms: float  # p50 of the thread's own time
    plain_ms: float  # p50 of reducing every window anew
    shown: float  # plots on the screen
    points: float  # on the screen
    uploads: float  # series handed to the library a frame, mean
    uploaded: float  # points handed over a frame, mean
    most_uploads: float  # in one frame


class FrameClock(AxisClock):
    """Stands still while a frame is made."""

    def __init__(self) -> None:
        super().__init__()
        self.at_us = START_US

    def now_us(self) -> int:
        return self.at_us


class Lab:
    """A session that nothing feeds but this."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.clock = FrameClock()
        self.rate_hz = case.new * FPS
        history = case.visible + case.visible // 16 + FRAMES * case.new // 8 + 2 * PAST
        self.session = Session([parse_address("127.0.0.1:9")], LinkOptions(), history, self.clock)
        self.store = self.session.servers[0].store
        self.names = [f"acq_{number:04d}" for number in range(case.streams)]
        for number, name in enumerate(self.names):
            title = f"Scope {number + 1}"
            info = AcquisitionInfo(name, "eq", title, AcquisitionState.ACQUIRING, CHANNELS, float(self.rate_hz))
            self.store.describe(info, "127.0.0.1:9")
        generator = np.random.default_rng(1)
        turns = np.arange(1 << 20) * (2 * np.pi * 8 / (1 << 20))
        self.wave = np.sin(turns) + generator.normal(0, 0.02, 1 << 20)
        self.total = 0
        filled = case.visible + PAST
        while self.total < filled:
            self.arrive(min(BLOCK, filled - self.total))

    def arrive(self, count: int) -> None:
        """``count`` samples more of every stream; the clock stands at the newest."""
        start, self.total = self.total, self.total + count
        times_us = START_US + np.arange(start, self.total) * 1_000_000 // self.rate_hz
        self.clock.at_us = int(times_us[-1])
        at = np.arange(start, self.total)
        for number, name in enumerate(self.names):
            values = self.wave[(at * (1 + number % 3) + 997 * number) & ((1 << 20) - 1)][None]
            block = AcquisitionBlock(name, AcquisitionState.ACQUIRING, self.total, count, times_us, CHANNELS, values)
            self.store.ingest(block, self.clock.at_us)

    def plain_s(self, width_px: int) -> float:
        """Of reducing one stream's window anew."""
        ring = self.store.series[self.names[0]].ring
        window = ring.read(ring.head - self.case.visible, ring.head)
        cuts = np.arange(0, self.case.visible, bucket_for(self.case.visible, width_px))
        started = time.perf_counter()
        np.minimum.reduceat(window, cuts, axis=1)
        np.maximum.reduceat(window, cuts, axis=1)
        return time.perf_counter() - started


def measure(case: Case) -> Measured:
    """In a process of its own: the library survives one window."""
    from lablink_dpg.gui import series
    from lablink_dpg.gui.window import Window
    from lablink_dpg.gui.window_options import WindowOptions

    lab = Lab(case)
    options = WindowOptions(FPS, case.visible * 1_000_000 // lab.rate_hz, width=WIDTH_PX, height=HEIGHT_PX)
    window = Window(lab.session, options)
    cpu_s: list[float] = []
    plain_s: list[float] = []
    uploads: list[int] = []
    uploaded: list[int] = []
    prepare = window._step
    push = series.push_clean

    def timed() -> bool:
        is_counted = window.times.frames % COUNTED_EVERY == 0
        vars(series)["push_clean"] = counted if is_counted else push
        if is_counted:
            uploads.append(0)
            uploaded.append(0)
        started_s = time.thread_time()
        is_changed = prepare()
        cpu_s.append(time.thread_time() - started_s)
        return is_changed

    def counted(item: int, *columns: Any) -> None:
        uploads[-1] += 1
        uploaded[-1] += len(columns[0])
        push(item, *columns)

    window._step = timed  # type: ignore[method-assign]

    def should_stop() -> bool:
        lab.session.drain()
        frames = window.times.frames
        if frames >= WARM_UP and frames % 8 == 0:
            plain_s.append(lab.plain_s(WIDTH_OF_PLOT_PX))
        lab.arrive(case.new)
        return frames >= FRAMES

    gc.collect()
    gc.freeze()
    with short_turns():
        window.run(should_stop)
    frame = window.frame
    assert frame is not None
    first = WARM_UP // COUNTED_EVERY
    counts = np.array(uploads[first:]), np.array(uploaded[first:])
    is_timed = np.arange(FRAMES) % COUNTED_EVERY > 0
    is_timed[:WARM_UP] = False
    prepare_ms = window.times.prepare_ms[is_timed]
    return Measured(
        float(np.percentile(prepare_ms, 50)),
        float(np.percentile(prepare_ms, 99)),
        float(np.percentile(np.array(cpu_s)[is_timed], 50)) * 1e3,
        float(np.percentile(plain_s, 50)) * 1e3 * case.streams,
        len(frame.plots),
        frame.points,
        float(counts[0].mean()),
        float(counts[1].mean()),
        float(counts[0].max()),
    )


def run() -> list[Result]:
    results = []
    with display(f"{WIDTH_PX}x{HEIGHT_PX}x24") as name:
        for case, (goal_ms, at_most) in GOALS.items():
            got = _child(name, case)
            label = f"prepare, {case.streams} × {case.visible}, {case.new} new"
            results += [
                Result(f"{label}: p50", got.p50_ms, got.plain_ms, "ms", "reduceat, every window", at_most=at_most),
                Result(f"{label}: p50, again", got.p50_ms, goal_ms, "ms", "the goal"),
                Result(f"{label}: p99", got.p99_ms, goal_ms, "ms", "the goal of the median"),
                Result(
                    f"{label}: points handed over",
                    got.uploaded,
                    got.points,
                    "a frame",
                    "on the screen",
                    at_most=UPLOADED_AT_MOST[case],
                ),
                Result(
                    f"{label}: series handed over",
                    got.most_uploads,
                    case.streams,
                    "in one frame",
                    "streams",
                    at_most=UPLOADS_AT_MOST,
                ),
                Result(f"{label}: plots on the screen", got.shown, case.streams, "", "streams", at_least=1.0),
            ]
        short, long = _child(name, SHORT), _child(name, LONG)
    flat = f"prepare, {LONG.streams} × {LONG.visible}: p50"
    return [
        *results,
        Result(flat, long.cpu_ms, short.cpu_ms, "ms", f"{SHORT.visible} in view", at_most=FLAT_AT_MOST),
    ]


def _child(display_name: str, case: Case) -> Measured:
    environment = {**os.environ, "DISPLAY": display_name, "GALLIUM_NOOP": "true"}
    command = [sys.executable, "-m", "perf.prepare", *map(str, case)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=LIMIT_S)
    return Measured(*json.loads(done.stdout))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(Case(*map(int, sys.argv[1:4])))))
    else:
        print(table(run()))
