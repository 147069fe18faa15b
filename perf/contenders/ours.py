"""The real store, query and plots of this program, in a window with nothing else; drawn by the library as always.

The program's own window would scroll: it shows no more than four columns of cards, and a peer has to draw all streams.
Beside a peer's picture this one has axes with labels, fits its values, and measures the age of what is new; it is
asked for as many columns as a peer's cell has pixels, although its labels take some of them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lablink_dpg.gui import layout, looks, theme, typefaces
from lablink_dpg.gui.panels.plot import PlotView
from lablink_dpg.gui.toolkit import dpg
from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState
from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.frame import Frame
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View, YRange
from lablink_dpg.store.store import Store
from perf.contenders import scene

START_US = 1_790_000_000_000_000
SPAN_US = 10_000_000  # in view, whatever the number of samples; a frame brings a tenth of a second
LAG_US = 80_000
MARGIN_PX = 3  # right of the newest sample: the last pixel of a plot is its frame
BLOCK = 50_000  # samples of a message while the window is filled
COUNTED = 1 << 16  # that the ring may keep beside the window, its own rounding included


class Ours:
    def __init__(self, case: scene.Case, signal: scene.Signal) -> None:
        self._case, self._signal = case, signal
        self._period_us = SPAN_US // case.window
        self._store, self._memory = Store(case.window + 2 * case.new + COUNTED), FrameMemory()
        self._names = [f"a{number}" for number in range(case.streams)]
        for name in self._names:
            info = AcquisitionInfo(name, "eq", name, AcquisitionState.ACQUIRING, ("CH1",), 1e6 / self._period_us)
            self._store.describe(info, "")
        self._cells = scene.cells(case.streams)
        requests = [
            PlotRequest(name, (TraceRequest(name, "CH1"),), cell.width, cell.height)
            for name, cell in zip(self._names, self._cells, strict=True)
        ]
        self._view = View(TimeView(SPAN_US), tuple(requests))
        self._stored = 0
        while self._stored < case.window:
            self.store(min(self._stored + BLOCK, case.window))
        self._open()
        self.frame: Frame | None = None
        self.update()

    def _open(self) -> None:
        looks.use(looks.Looks())
        dpg.create_context()
        dpg.configure_app(manual_callback_management=True)
        dpg.create_viewport(
            title="ours", width=scene.WIDTH_PX, height=scene.HEIGHT_PX, x_pos=0, y_pos=0, vsync=False, decorated=False
        )
        made = theme.build(typefaces.load())
        root = dpg.add_window(no_scrollbar=True, no_background=True)
        dpg.set_primary_window(root, True)
        self._plots = [PlotView(root, made, is_large=False) for _ in self._cells]
        for plot, cell in zip(self._plots, self._cells, strict=True):
            plot.place(layout.Rect(*cell))
        dpg.setup_dearpygui()
        dpg.show_viewport()

    def store(self, stop: int) -> None:
        start, count = self._stored, stop - self._stored
        times_us = START_US + np.arange(start, stop) * self._period_us
        arrival_us = int(times_us[-1]) + 1000
        for number, name in enumerate(self._names):
            values = self._signal.doubles[number : number + 1, start:stop]
            block = AcquisitionBlock(name, AcquisitionState.ACQUIRING, stop, count, times_us, ("CH1",), values)
            self._store.ingest(block, arrival_us)
        self._stored = stop

    def update(self) -> None:
        newest_us = self._store.series[self._names[-1]].newest_us
        assert newest_us is not None
        # What is stored is seen in the same frame, as the peers show it: the right edge is just beyond it.
        now_us = newest_us + MARGIN_PX * SPAN_US // self._cells[0].width + LAG_US
        self.frame = build_frame(self._store, self._view, now_us, LAG_US, self._memory)
        for number, (drawn, shown) in enumerate(zip(self.frame.plots, self._plots, strict=True)):
            shown.draw(drawn, (number,), ("CH1",), self._cells[number].width)

    def paint(self) -> None:
        dpg.render_dearpygui_frame()

    def show_spike(self, stop: int) -> None:
        fixed = [replace(plot, y_range=YRange(-scene.LIMIT, scene.LIMIT)) for plot in self._view.plots]
        self._view = replace(self._view, plots=tuple(fixed))
        self.store(stop)
        self.update()
        self.paint()

    def plots(self) -> list[scene.Rect]:
        areas = [layout.plot_area(layout.Rect(*cell), typefaces.TICK_PX) for cell in self._cells]
        return [scene.Rect(*area) for area in areas]
