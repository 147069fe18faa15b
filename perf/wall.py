"""The wall: 1000 streams of 1000 samples a second on the screen at once, at 30 frames a second.

``python -m perf wall``; half a minute. A real window of 1600 × 1000 in a process of its own, with Mesa's driver that
fills no pixel in the place of a graphics card, and the real session behind it, fed between frames by blocks of a
hundred samples, as a server sends them: a third of all streams a frame. The clock of what is shown goes on by a
thirtieth of a second a frame, however long that took, so that each frame has the work of one at 30 frames a second.
The baseline is the CPU time that the library takes to be given the points of all lanes, one series a lane, measured in
turns: the least that a wall costs which hands over everything in every frame and computes nothing.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np

from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import LinkState, StreamState, StreamStatus
from lablink_dpg.query.latency import LatencyHistogram
from lablink_dpg.session import Session
from perf.events import display
from perf.result import Result, table

STREAMS, RATE_HZ, BLOCK = 1000, 1000, 100
INTERVAL_MS = 1000 * BLOCK // RATE_HZ  # between two messages of a stream
SPAN_S, HISTORY = 10, 20_000
FRAMES, WARM = 180, 40  # the first fill the wall
GOAL_MS = 16.0  # p50 of prepare
TIMES_AT_MOST = 3.9  # half as much again as was measured
UPLOADED_AT_MOST = 0.8  # of all points, in one frame: lanes whose turn it is, and those that share a series with them
FRAME_US = 33_333


class FrameClock(AxisClock):
    """Stands still during a frame."""

    def __init__(self) -> None:
        super().__init__()
        self.shown_us = super().now_us()

    def now_us(self) -> int:
        return self.shown_us


class Fed(Session):
    """A session whose link says that all is well, and whose samples come from here."""

    def __init__(self) -> None:
        self.clock = FrameClock()
        super().__init__([parse_address("fed:8000")], LinkOptions(interval_ms=INTERVAL_MS), HISTORY, self.clock)
        self.store = self.servers[0].store
        self.ids = [f"acq_{number:04d}" for number in range(STREAMS)]
        for number, key in enumerate(self.ids):
            state, channels = AcquisitionState.ACQUIRING, ("CH1",)
            info = AcquisitionInfo(key, f"eq_{number}", f"Scope {number + 1}", state, channels, float(RATE_HZ))
            self.store.describe(info, "fed:8000")
        status = StreamStatus(StreamState.STREAMING, INTERVAL_MS, BLOCK)
        board = self.servers[0].network._board
        board.status = replace(board.status, state=LinkState.STREAMING, streams=dict.fromkeys(self.ids, status))
        noise = np.random.default_rng(1).normal(0, 0.1, (1, 8 * HISTORY))
        self.wave = np.sin(np.arange(8 * HISTORY)[None] * 2 * np.pi / 2000) + noise
        self.start_us = self.now_us() - (SPAN_S + 2) * 1_000_000
        self.totals = [0] * STREAMS
        self.feed(self.now_us())

    def feed(self, now_us: int) -> None:
        """Whole blocks, each stream's at a time of its own, as far as they are due."""
        for number, key in enumerate(self.ids):
            phase = number * BLOCK // STREAMS
            due = ((now_us - self.start_us) * RATE_HZ // 1_000_000 - phase) // BLOCK * BLOCK + phase
            start = self.totals[number]
            if due <= start:
                continue
            times_us = self.start_us + np.arange(start, due) * (1_000_000 // RATE_HZ)
            at = (start + 97 * number) % (7 * HISTORY)
            values = self.wave[:, at : at + due - start]
            block = AcquisitionBlock(key, AcquisitionState.ACQUIRING, due, due - start, times_us, ("CH1",), values)
            self.store.ingest(block, now_us)
            self.totals[number] = due


def run() -> list[Result]:
    with display() as name:
        environment = {**os.environ, "DISPLAY": name, "GALLIUM_NOOP": "true"}
        done = subprocess.run(
            [sys.executable, "-m", "perf.wall", "--child"],
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
            timeout=120,
        )
    got: dict[str, Any] = json.loads(done.stdout)
    bare_ms = got["bare_ms"]
    return [
        Result("wall of 1000: prepare p50", got["p50_ms"], GOAL_MS, "ms", "the goal"),
        Result("wall of 1000: prepare p95", got["p95_ms"], GOAL_MS, "ms", "the goal of p50"),
        Result(
            "wall of 1000: CPU of prepare p50",
            got["cpu_ms"],
            bare_ms,
            "ms",
            "a thousand set_value",
            at_most=TIMES_AT_MOST,
        ),
        Result("wall of 1000: prepare and draw p50", got["frame_ms"], FRAME_US / 1000, "ms", "30 frames a second"),
        Result(
            "wall of 1000: sample to screen p99",
            got["latency_ms"],
            INTERVAL_MS + 2 * FRAME_US / 1000,
            "ms",
            "a message and two frames",
            at_most=1.0,
        ),
        Result(
            "wall of 1000: points handed over",
            got["uploaded"],
            got["points"],
            "a frame",
            "on the screen",
            at_most=UPLOADED_AT_MOST,
        ),
    ]


def _child() -> dict[str, float]:
    from lablink_dpg.gui import state
    from lablink_dpg.gui.toolkit import dpg
    from lablink_dpg.gui.window import Window
    from lablink_dpg.gui.window_options import WindowOptions

    cpu_ms: list[float] = []

    class Timed(Window):
        def _step(self) -> bool:
            began_s = time.thread_time()
            is_changed = super()._step()
            cpu_ms.append((time.thread_time() - began_s) * 1000)
            return is_changed

    session = Fed()
    window = Timed(session, WindowOptions(fps=1000, width=1600, height=1000))
    window.state = state.toggle_wall(window.state)
    uploaded: list[int] = []
    points: list[int] = []
    bare_ms: list[float] = []
    spare: list[int] = []  # series of the baseline, which nobody sees

    def should_stop() -> bool:
        session.clock.shown_us += FRAME_US
        session.feed(session.now_us())
        frame = window.frame
        if window.times.frames > WARM and frame is not None and frame.wall is not None:
            uploaded.append(window.wall.uploaded)
            points.append(frame.points)
            if window.times.frames % 4 == 0:
                began_s = time.thread_time()
                for number, trace in enumerate(frame.wall.lanes):
                    assert trace is not None  # every stream is there
                    dpg.set_value(spare[number], [trace.x, trace.ys[0]])
                bare_ms.append((time.thread_time() - began_s) * 1000)
        else:
            session.servers[0].latency = LatencyHistogram()
        if not spare and window.times.frames:
            with dpg.window(show=False), dpg.plot(), dpg.plot_axis(dpg.mvYAxis):
                spare.extend(dpg.add_line_series([0.0, 1.0], [0.0, 1.0]) for _ in range(STREAMS))
        return window.times.frames >= FRAMES

    gc.collect()
    gc.freeze()
    result = window.run(should_stop)
    prepare_ms = result.prepare_ms[WARM:]
    latency_ms = session.servers[0].latency.percentile(99)
    return {
        "p50_ms": float(np.percentile(prepare_ms, 50)),
        "cpu_ms": statistics.median(cpu_ms[WARM:]),
        "p95_ms": float(np.percentile(prepare_ms, 95)),
        "draw_ms": float(np.percentile(result.draw_ms[WARM:], 50)),
        "frame_ms": float(np.percentile(result.prepare_ms[WARM:] + result.draw_ms[WARM:], 50)),
        "latency_ms": latency_ms or 0.0,
        "uploaded": statistics.median(uploaded),
        "points": statistics.median(points),
        "bare_ms": statistics.median(bare_ms),
    }


if __name__ == "__main__":
    if "--child" in sys.argv:
        print(json.dumps(_child()))
    else:
        print(table(run()))
