"""pyqtgraph: a plot a stream, without axes, mouse or menus, which spares it more than a program could.

The time axis is the number of the sample in the window, made once and always the same, so that no range changes.
"""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg

from perf.contenders import scene


class Raw:
    """``setData`` of the whole window."""

    def __init__(self, case: scene.Case, signal: scene.Signal) -> None:
        self._signal, self._window = signal, case.window
        self._stop = case.window
        self._x = np.arange(case.window, dtype=np.float64)
        self._app = pg.mkQApp()
        self._view = pg.GraphicsLayoutWidget()
        self._view.ci.setContentsMargins(0, 0, 0, 0)
        self._view.ci.setSpacing(scene.GAP_PX)
        self._plots, self._curves = [], []
        grid = scene.cells(case.streams)
        columns = len({cell.x for cell in grid})
        for number in range(case.streams):
            plot = self._view.addPlot(*divmod(number, columns), enableMenu=False)
            plot.setMouseEnabled(False, False)
            plot.hideButtons()
            plot.hideAxis("left")
            plot.hideAxis("bottom")
            plot.setXRange(0, case.window - 1, padding=0)
            plot.setYRange(-scene.LIMIT, scene.LIMIT, padding=0)
            self._plots.append(plot)
            self._curves.append(self._add_curve(plot))
        self._view.setGeometry(0, 0, scene.WIDTH_PX, scene.HEIGHT_PX)
        self._view.show()
        self.update()
        for _ in range(3):  # until the layout is settled
            self._app.processEvents()

    def _add_curve(self, plot: pg.PlotItem) -> pg.PlotDataItem:
        return plot.plot(pen=pg.mkPen("c"))

    def store(self, stop: int) -> None:
        self._stop = stop

    def update(self) -> None:
        x = self._x
        windows = self._signal.doubles[:, self._stop - self._window : self._stop]
        for curve, y in zip(self._curves, windows, strict=True):
            curve.setData(x, y)

    def paint(self) -> None:
        self._view.viewport().repaint()
        self._app.processEvents()

    def show_spike(self, stop: int) -> None:
        self._stop = stop
        self.update()
        self.paint()

    def plots(self) -> list[scene.Rect]:
        found = []
        for plot in self._plots:
            area = self._view.mapFromScene(plot.vb.sceneBoundingRect()).boundingRect()
            found.append(scene.Rect(area.x(), area.y(), area.width(), area.height()))
        return found


class Peak(Raw):
    """The same with the library's own reduction to peaks, of what is in view."""

    def _add_curve(self, plot: pg.PlotItem) -> pg.PlotDataItem:
        curve = super()._add_curve(plot)
        curve.setDownsampling(auto=True, method="peak")
        curve.setClipToView(True)
        return curve
