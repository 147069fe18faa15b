"""Frames of a real window on whatever draws here: 16, 64 and 256 streams of 1 kS/s at 1920×1080 and 3840×2160.

``python -m perf screen``; two minutes, on request: its figures say something only where a graphics card draws, which
is named in the output as the driver names itself. On the display of DISPLAY, where there is one. Each window is asked
for 60 frames a second, then for as many as it can; what does not fit the screen as cards is shown as a wall.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from lablink_dpg.sim.process import SimProcess
from perf.events import display
from perf.result import Result, table

SIZES = ((1920, 1080), (3840, 2160))
STREAMS = (16, 64, 256)
RATE_HZ = 1000.0
SETTLE_S, SECONDS = 4.0, 4.0  # until windows of history are there; of each pace
PACES = (60.0, 240.0)
RENDERER = 0x1F01  # GL_RENDERER


def run() -> list[Result]:
    results = []
    with _display() as name:
        for streams in STREAMS:
            with SimProcess(streams=streams, rate_hz=RATE_HZ) as simulator:
                for width, height in SIZES:
                    got = _window(name, simulator.url, width, height, streams)
                    results += _results(f"{streams} streams, {width} × {height}", got)
    return results


@contextlib.contextmanager
def _display() -> Iterator[str]:
    if os.environ.get("DISPLAY"):
        yield os.environ["DISPLAY"]
    else:
        with display() as name:
            yield name


def _results(case: str, got: dict[str, Any]) -> list[Result]:
    calm, full = got["paces"]
    against, frame_ms = got["renderer"], 1000 / PACES[0]
    return [
        Result(f"{case}: prepare p50", calm["prepare"][0], frame_ms, "ms", against),
        Result(f"{case}: prepare p99", calm["prepare"][1], frame_ms, "ms", against),
        Result(f"{case}: draw p50", calm["draw"][0], frame_ms, "ms", against),
        Result(f"{case}: draw p99", calm["draw"][1], frame_ms, "ms", against),
        Result(f"{case}: interval p99 at 60 frames/s", calm["interval"][1], frame_ms, "ms", against),
        Result(f"{case}: as many as it can", full["fps"], PACES[0], "frames/s", against),
    ]


def _window(display_name: str, url: str, width: int, height: int, streams: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "perf.screen", url, str(width), str(height), str(streams)]
    environment = {**os.environ, "DISPLAY": display_name}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=120)
    got: dict[str, Any] = json.loads(done.stdout)
    return got


def _renderer() -> str:
    """What draws, as it names itself. On the thread of the window, while there is one."""
    library = ctypes.util.find_library("GL")
    if library is None:
        return "unknown"
    get_string = ctypes.CDLL(library).glGetString
    get_string.restype = ctypes.c_char_p
    name: bytes | None = get_string(RENDERER)
    return "unknown" if name is None else name.decode(errors="replace")


def _measured(url: str, width: int, height: int, streams: int) -> dict[str, Any]:
    """In a process of its own: the library survives one window."""
    from lablink_dpg.gui import state
    from lablink_dpg.gui.window import Window
    from lablink_dpg.gui.window_options import WindowOptions
    from lablink_dpg.session import connect
    from lablink_dpg.turn import short_turns

    begins: list[int] = []  # of each pace, the first frame
    renderer = ""

    with connect(url) as session, short_turns():
        window = Window(session, WindowOptions(width=width, height=height, fps=PACES[0]))
        started_s = time.monotonic()

        def should_stop() -> bool:
            nonlocal renderer
            session.drain()
            renderer = renderer or _renderer()
            elapsed_s = time.monotonic() - started_s
            if not window.state.is_wall and len(window.visible) < len(session.series):
                window.state = state.toggle_wall(window.state)
            if len(begins) < len(PACES) and elapsed_s >= SETTLE_S + len(begins) * SECONDS:
                window.set_fps(PACES[len(begins)])
                begins.append(window.times.frames)
            return elapsed_s >= SETTLE_S + len(PACES) * SECONDS

        window.run(should_stop)
    times = window.times
    prepare, draw, starts = times.prepare_ms, times.draw_ms, times.started_s
    paces = []
    for first, stop in zip(begins, [*begins[1:], times.frames], strict=True):
        interval = np.diff(starts[first:stop]) * 1000
        spread = {
            name: np.percentile(values, (50, 99)).tolist()
            for name, values in (("prepare", prepare[first:stop]), ("draw", draw[first:stop]), ("interval", interval))
        }
        paces.append({**spread, "fps": 1000 / interval.mean()})
    return {"renderer": renderer, "paces": paces, "streams": streams}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(_measured(sys.argv[1], *(int(each) for each in sys.argv[2:5]))))
    else:
        print(table(run()))
