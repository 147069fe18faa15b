"""fastplotlib: all lines in one subplot, placed in their cells by offset and scale; no axes.

It stands on WebGPU, which without a graphics card needs a Vulkan driver that works by software (Mesa's lavapipe).
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import wgpu

from perf.contenders import scene
from perf.contenders.problems import CannotRun

BACKEND = "Vulkan"


class FastPlot:
    """Every sample is a vertex; the buffers are filled anew in each frame."""

    def __init__(self, case: scene.Case, signal: scene.Signal) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")  # looked for on the way to an adapter, and complained about
        found = [adapter for adapter in wgpu.gpu.enumerate_adapters_sync() if adapter.info["backend_type"] == BACKEND]
        if not found:
            raise CannotRun(f"no {BACKEND} adapter")
        import fastplotlib as fpl
        from PyQt6 import QtWidgets

        fpl.select_adapter(found[0])
        self._case, self._signal, self._stop = case, signal, case.window
        self._cells = scene.cells(case.streams)
        self._app = QtWidgets.QApplication([])
        size, how = (scene.WIDTH_PX, scene.HEIGHT_PX), {"update_mode": "manual", "vsync": False}
        self._figure: Any = fpl.Figure(size=size, canvas="qt", canvas_kwargs=how)
        subplot = self._figure[0, 0]
        subplot.axes.visible = False
        subplot.toolbar = False
        self._lines = []
        points = np.zeros((case.window, 3), np.float32)
        points[:, 0] = np.arange(case.window)
        for cell in self._cells:
            line = subplot.add_line(points.copy(), thin=True, colors="cyan")
            line.world_object.local.scale = (cell.width / case.window, cell.height / (2 * scene.LIMIT), 1)
            line.offset = (cell.x, scene.HEIGHT_PX - cell.y - cell.height / 2, 0)
            self._lines.append(line)
        self._viewport = subplot.viewport
        self._widget = self._figure.show(autoscale=False, maintain_aspect=False)
        subplot.camera.maintain_aspect = False
        subplot.camera.zoom = 1
        subplot.camera.show_rect(0, scene.WIDTH_PX, 0, scene.HEIGHT_PX)
        self.update()
        for _ in range(3):
            self._app.processEvents()

    def store(self, stop: int) -> None:
        self._stop = stop

    def update(self) -> None:
        windows = self._signal.floats[:, self._stop - self._case.window : self._stop]
        for line, window in zip(self._lines, windows, strict=True):
            line.data[:, 1] = window

    def paint(self) -> None:
        self._figure.canvas.force_draw()
        self._app.processEvents()

    def show_spike(self, stop: int) -> None:
        self.store(stop)
        self.update()
        self.paint()

    def plots(self) -> list[scene.Rect]:
        """A title that cannot be done without takes some of the window's height."""
        x, y, width, height = self._viewport.rect
        across, down = width / scene.WIDTH_PX, height / scene.HEIGHT_PX
        return [
            scene.Rect(
                round(x + cell.x * across),
                round(y + cell.y * down),
                round(cell.width * across),
                round(cell.height * down),
            )
            for cell in self._cells
        ]
