"""vispy: all lines in one scene, placed in their cells; no axes, no clipping, no camera that moves.

A scene for each stream would cost it many times as much. Vertices are float32, as the card takes them, and so are the
samples that it is given.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vispy import app, gloo, scene, use
from vispy.visuals.transforms import STTransform

from perf.contenders import scene as given

COLOUR = (0.2, 0.8, 0.9, 1.0)


class _Canvas(ABC):
    def __init__(self, case: given.Case, signal: given.Signal) -> None:
        use("PyQt6")
        self._signal, self._case = signal, case
        self._stop = case.window
        self._cells = given.cells(case.streams)
        size = given.WIDTH_PX, given.HEIGHT_PX
        self._canvas = scene.SceneCanvas(size=size, position=(0, 0), decorate=False, vsync=False, show=True)
        self._lines: list[Any] = []
        self._build()
        self.update()
        for _ in range(3):
            app.process_events()

    @abstractmethod
    def _build(self) -> None: ...

    @abstractmethod
    def update(self) -> None: ...

    def _windows(self) -> NDArray[np.float32]:
        return self._signal.floats[:, self._stop - self._case.window : self._stop]

    def store(self, stop: int) -> None:
        self._stop = stop

    def paint(self) -> None:
        self._canvas.native.repaint()
        self._canvas.set_current()
        gloo.gl.glFinish()
        app.process_events()

    def show_spike(self, stop: int) -> None:
        self._stop = stop
        self.update()
        self.paint()

    def plots(self) -> list[given.Rect]:
        return self._cells


class AllSamples(_Canvas):
    """Every sample is a vertex; scaled and moved by the card."""

    def _build(self) -> None:
        self._points = np.zeros((self._case.streams, self._case.window, 2), np.float32)
        self._points[:, :, 0] = np.arange(self._case.window)
        for points, cell in zip(self._points, self._cells, strict=True):
            line = scene.visuals.Line(points, color=COLOUR, parent=self._canvas.scene, antialias=False)
            across, up = cell.width / self._case.window, -cell.height / (2 * given.LIMIT)
            line.transform = STTransform((across, up), (cell.x, cell.y + cell.height / 2))
            self._lines.append(line)

    def update(self) -> None:
        self._points[:, :, 1] = self._windows()
        for line, points in zip(self._lines, self._points, strict=True):
            line.set_data(pos=points)


class MinMax(_Canvas):
    """Fed with the lowest and the highest sample of each pixel of the whole window; one line object for all streams."""

    def _build(self) -> None:
        width, window = self._cells[0].width, self._case.window
        self._cuts = np.unique(np.arange(width) * window // width)
        count = self._cuts.size
        self._points = np.zeros((self._case.streams, count, 2, 2), np.float32)
        for points, cell in zip(self._points, self._cells, strict=True):
            points[:, :, 0] = (cell.x + (np.arange(count) + 0.5) * (cell.width / count))[:, np.newaxis]
        flat = self._points.reshape(-1, 2)
        connect = np.ones(len(flat), bool)
        connect[count * 2 - 1 :: count * 2] = False
        self._middles = [cell.y + cell.height / 2 for cell in self._cells]
        self._up = np.float32(-self._cells[0].height / (2 * given.LIMIT))
        self._line = scene.visuals.Line(flat, COLOUR, connect=connect, parent=self._canvas.scene, antialias=False)

    def update(self) -> None:
        for window, points, middle in zip(self._windows(), self._points, self._middles, strict=True):
            np.minimum.reduceat(window, self._cuts, out=points[:, 0, 1])
            np.maximum.reduceat(window, self._cuts, out=points[:, 1, 1])
            values = points[:, :, 1]
            values *= self._up
            values += np.float32(middle)
        self._line.set_data(pos=self._points.reshape(-1, 2))
