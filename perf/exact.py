"""Is the picture of the columns the picture of the samples? Twenty random signals and zooms, drawn both ways.

``python -m perf exact``; half a minute. A real plot in a real window, filled by the processor: once with the lines of a
held view, once with all samples of it, the same axes around them. A pixel that differs in any colour differs.

The library smooths the edges of lines by drawing a faint border along each. Of a thousand lines in one pixel the
borders add up to a thicker line, so that a smoothed picture of all samples is bolder than the signal, and differs from
any of fewer points. The budget is therefore kept without smoothing; with it the figure is there to be read, a pixel
counting if it has changed sides between line and background.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState
from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.frame import PlotFrame
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View
from lablink_dpg.store.store import Store
from perf.events import display
from perf.result import Result, table

CASES, SEED = 20, 7
SMOOTHED = 8  # of them drawn with smoothed edges too: one of each kind
WIDTH, HEIGHT = 1200, 500  # of the window; the plot fills it but for its labels
FEWEST, MOST = 10_000, 1_000_000  # samples of a signal: the library draws at most so many in one line
SPIKES = 12  # of one sample, in each signal
WIDEST_PX = 1.25  # a column: an eighth coarser than a pixel at most
RATE_HZ = 100_000
START_US = 1_790_000_000_000_000
AT_MOST = 0.001  # of the pixels of the plot: the goal
KINDS = ("noise", "sine", "noisy sine", "walk", "square", "chirp", "fast sine", "steps")


def signal(rng: np.random.Generator, kind: str, count: int) -> NDArray[np.float64]:
    turn = 2 * np.pi * np.arange(count) / count
    if kind == "noise":
        return rng.normal(size=count)
    if kind == "sine":
        return np.sin(turn * rng.uniform(1, 20))
    if kind == "noisy sine":
        return np.sin(turn * rng.uniform(1, 20)) + rng.uniform(0.01, 0.2) * rng.normal(size=count)
    if kind == "walk":
        return np.cumsum(rng.normal(size=count))
    if kind == "square":
        return np.sign(np.sin(turn * rng.uniform(3, 60)))
    if kind == "chirp":
        return np.sin(turn**2 * rng.uniform(5, 60))
    if kind == "fast sine":
        return np.sin(turn * rng.uniform(100, 3000))
    return np.repeat(rng.normal(size=count // 500 + 1), 500)[:count]


class Case:
    """A signal with spikes in a store, and a view of a part of it."""

    def __init__(self, number: int) -> None:
        rng = np.random.default_rng((SEED, number))
        self.kind = KINDS[number % len(KINDS)]
        self.count = int(np.exp(rng.uniform(np.log(FEWEST), np.log(MOST))))
        self.values = signal(rng, self.kind, self.count)
        self.spikes = np.sort(rng.choice(self.count - 2, SPIKES, replace=False) + 1)
        reach = float(np.ptp(self.values)) or 1.0
        edge = np.where(rng.random(SPIKES) < 0.5, self.values.min(), self.values.max())
        self.values[self.spikes] = edge + np.sign(edge - self.values.mean()) * reach * rng.uniform(0.1, 0.6, SPIKES)
        share = rng.uniform(0.05, 1.0)
        first = int(rng.uniform(0, 1 - share) * self.count)
        self.first, self.stop = first, first + max(2, int(share * self.count))  # in view
        self.store = Store(MOST + 100_000)
        info = AcquisitionInfo("a", "e", "a", AcquisitionState.ACQUIRING, ("CH1",), float(RATE_HZ))
        self.store.describe(info, "")
        for at in range(0, self.count, 50_000):
            self._send(at, min(at + 50_000, self.count))

    def times_us(self, first: int, stop: int) -> NDArray[np.int64]:
        return START_US + np.arange(first, stop) * (1_000_000 // RATE_HZ)

    def _send(self, first: int, stop: int) -> None:
        times_us, values = self.times_us(first, stop), self.values[np.newaxis, first:stop]
        block = AcquisitionBlock("a", AcquisitionState.ACQUIRING, stop, stop - first, times_us, ("CH1",), values)
        self.store.ingest(block, int(times_us[-1]) + 1000)

    def plots(self, width_px: int, height_px: int) -> tuple[PlotFrame, PlotFrame, PlotFrame]:
        """As it is drawn while it moves, while it rests, and with all samples."""
        left_us, right_us = self.times_us(self.first, self.first + 1).item(), self.times_us(self.stop, self.stop + 1)
        request = PlotRequest("p", (TraceRequest("a", "CH1"),), width_px, height_px)
        view = View(TimeView(right_us.item() - left_us, False, right_us.item()), (request,))
        memory = FrameMemory()
        moving = build_frame(self.store, view, right_us.item(), 0, memory).plots[0]
        while not (frame := build_frame(self.store, view, right_us.item(), 0, memory)).is_settled:
            pass
        resting = frame.plots[0]
        first, stop = max(0, self.first - 1), min(self.stop + 2, self.count)  # the line reaches both edges
        x = ((self.times_us(first, stop) - resting.x_origin_us) * 1e-6).astype(np.float32)
        y = (self.values[first:stop] - resting.y_origin).astype(np.float32)
        trace = resting.traces[0]._replace(x=x, y=y, revision=1 << 40)
        return moving, resting, resting._replace(traces=(trace,))

    def lost_spikes(self, plot: PlotFrame, width_px: int) -> int:
        """Those in view that are not among its points within a column."""
        pixel_s = WIDEST_PX * (plot.x_limits[1] - plot.x_limits[0]) / width_px
        trace, lost = plot.traces[0], 0
        for at in self.spikes[(self.spikes >= self.first) & (self.spikes < self.stop)].tolist():
            x = (self.times_us(at, at + 1).item() - plot.x_origin_us) * 1e-6
            near = trace.y[np.abs(trace.x - x) <= pixel_s]
            lost += np.float32(self.values[at] - plot.y_origin) not in near
        return lost


def run() -> list[Result]:
    with display() as name:
        smooth, plain = (_drawn(name, is_smooth) for is_smooth in (True, False))
    worst = max(plain, key=lambda case: case["resting"])
    shares = [case["resting"] for case in plain]
    lost = sum(case["lost"] for case in plain)
    spikes = sum(case["spikes"] for case in plain)
    return [
        Result(
            f"pixels that differ, worst of {CASES} ({worst['kind']}, {worst['samples']} samples)",
            worst["resting"],
            1.0,
            "",
            "all",
            at_most=AT_MOST,
        ),
        Result("pixels that differ, mean", float(np.mean(shares)), 1.0, "", "all", at_most=AT_MOST / 2),
        Result("… while the view moves, mean", float(np.mean([case["moving"] for case in plain])), 1.0, "", "all"),
        Result("… smoothed, on the other side", float(np.mean([case["sides"] for case in smooth])), 1.0, "", "all"),
        Result("spikes drawn", spikes - lost, spikes, "", "spikes of one sample in view", at_least=1.0),
    ]


def _drawn(display_name: str, is_smooth: bool) -> list[dict[str, Any]]:
    environment = {**os.environ, "DISPLAY": display_name}
    environment.pop("GALLIUM_NOOP", None)
    command = [sys.executable, "-m", "perf.exact", "smooth" if is_smooth else "plain"]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=300)
    cases: list[dict[str, Any]] = json.loads(done.stdout)
    return cases


# -- in the window's process ----------------------------------------------------------------------------------------


def _leave_edges_rough() -> None:
    """Switch the library's smoothing of lines off: three flags after the mouse cursor's scale, which is 1."""
    import dearpygui._dearpygui as library

    get_style = ctypes.CDLL(library.__file__)._ZN5ImGui8GetStyleEv
    get_style.restype = ctypes.c_void_p
    style = (ctypes.c_ubyte * 1024).from_address(get_style())
    at = bytes(style).find(np.float32(1.0).tobytes() + b"\x01\x01\x01")
    if at < 0:
        raise RuntimeError("the library's style has another layout than expected")
    style[at + 4] = 0


def _pictures(is_smooth: bool) -> Iterator[dict[str, Any]]:
    from PIL import Image

    from lablink_dpg.gui import layout, looks, palette, screenshot, theme, typefaces
    from lablink_dpg.gui.panels.plot import PlotView
    from lablink_dpg.gui.scale import px
    from lablink_dpg.gui.toolkit import dpg

    looks.use(looks.Looks())
    dpg.create_context()
    dpg.create_viewport(width=WIDTH, height=HEIGHT, x_pos=0, y_pos=0)
    themes = theme.build(typefaces.load())
    root = dpg.add_window(no_scrollbar=True)
    dpg.set_primary_window(root, True)
    view = PlotView(root, themes, is_large=False)
    dpg.setup_dearpygui()
    dpg.show_viewport()
    dpg.render_dearpygui_frame()
    if not is_smooth:
        _leave_edges_rough()
    place = layout.Rect(0, 0, WIDTH, HEIGHT)
    area = layout.plot_area(place, px(typefaces.TICK_PX))
    view.place(place)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"

        def taken(plot: PlotFrame) -> NDArray[np.int16]:
            view.draw(plot, [0], [""], area.width)
            for _ in range(2):
                dpg.render_dearpygui_frame()
            screenshot.save(path)
            with Image.open(path) as image:
                pixels = np.asarray(image.convert("RGB"), np.int16)
            return pixels[area.y : area.y + area.height, area.x : area.x + area.width]

        for number in range(SMOOTHED if is_smooth else CASES):
            case = Case(number)
            moving, resting, whole = case.plots(area.width, area.height)
            blank = taken(whole._replace(traces=()))
            truth, drawn, coarse = taken(whole), taken(resting), taken(moving)
            colour = np.array(palette.now.lines[0], np.int16)
            sides = [np.abs(each - colour).sum(axis=2) < np.abs(each - blank).sum(axis=2) for each in (truth, drawn)]
            seen = (case.spikes >= case.first) & (case.spikes < case.stop)
            yield {
                "kind": case.kind,
                "samples": case.stop - case.first,
                "resting": float((truth != drawn).any(axis=2).mean()),
                "moving": float((truth != coarse).any(axis=2).mean()),
                "sides": float((sides[0] != sides[1]).mean()),
                "covered": float((truth != blank).any(axis=2).mean()),
                "spikes": int(seen.sum()),
                "lost": max(case.lost_spikes(plot, area.width) for plot in (moving, resting)),
            }
    dpg.destroy_context()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(list(_pictures(sys.argv[1] == "smooth"))))
    else:
        print(table(run()))
