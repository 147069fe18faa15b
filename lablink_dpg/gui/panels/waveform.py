"""A captured waveform as volts over time, drawn once for each capture and each width."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from lablink_dpg.books.captures import Capture
from lablink_dpg.gui import series, words
from lablink_dpg.gui.label import Label, tooltip
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.query.thin import thin

HEIGHT_PX = 200  # with its title
TITLE_PX = 28
Y_MARGIN = 0.08  # of the range, above and below
ZOOM = 4  # so far the wheel may zoom in before columns of several points are seen
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))  # of the time axis


def time_unit(span_s: float) -> tuple[float, str]:
    """The unit in which a span is some ones, tens or hundreds."""
    return next(((size, name) for size, name in UNITS if span_s >= size), UNITS[-1])


def title_of(capture: Capture) -> str:
    waveform = capture.waveform
    at = time.strftime("%H:%M:%S", time.localtime(capture.at_us // 1_000_000))
    points = f"{words.count(waveform.volts.size)} points"
    if waveform.left_out:
        points += f" of {words.count(waveform.volts.size + waveform.left_out)}"
    return f"CH{waveform.channel} at {at} · {points}"


class WaveformView:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme, on_close: Callable[[], None]) -> None:
        self._title = Label(parent, theme.fonts.small)
        self.close: Item = dpg.add_button(parent=parent, label="×", pos=(0, 0), callback=on_close)
        dpg.bind_item_font(self.close, theme.fonts.small)
        tooltip(self.close, theme, "Put this waveform away")
        self.plot: Item = dpg.add_plot(
            parent=parent, pos=(0, 0), no_menus=True, no_mouse_pos=True, no_box_select=True, no_title=True
        )
        dpg.bind_item_font(self.plot, theme.fonts.tick)
        self._x: Item = dpg.add_plot_axis(dpg.mvXAxis, parent=self.plot, label="µs")
        self._y: Item = dpg.add_plot_axis(dpg.mvYAxis, parent=self.plot, label="V")
        self.line: Item = dpg.add_line_series(series.PLACEHOLDER, series.PLACEHOLDER, parent=self._y)
        dpg.bind_item_theme(self.line, theme.lines[0])
        self.points = 0  # handed to the library, for who wants to know
        self._shown: Capture | None = None
        self._place = (0, 0, 0)
        self._is_visible = True
        self._freed_in = 0  # frames until the axes, set to fit, are left to the mouse

    def hide(self) -> None:
        if self._is_visible:
            self._is_visible = False
            self._shown = None
            self._title.show(False)
            for item in (self.close, self.plot):
                dpg.configure_item(item, show=False)

    def draw(self, capture: Capture, x: int, y: int, width: int) -> None:
        if not self._is_visible:
            self._is_visible = True
            self._title.show(True)
            for item in (self.close, self.plot):
                dpg.configure_item(item, show=True)
        place = (x, y, width)
        if place != self._place:
            is_other_width = width != self._place[2]
            self._place = place
            self._title.place(x, y + px(5))
            dpg.configure_item(self.close, pos=(x + width - px(28), y), width=px(28), height=px(TITLE_PX - 4))
            height = px(HEIGHT_PX - TITLE_PX)
            dpg.configure_item(self.plot, pos=(x, y + px(TITLE_PX)), width=width, height=height)
            self._shown = None if is_other_width else self._shown
        if self._freed_in:
            self._freed_in -= 1
            if not self._freed_in:
                dpg.set_axis_limits_auto(self._x)
                dpg.set_axis_limits_auto(self._y)
        if capture is not self._shown:
            self._shown = capture
            self._title.set(title_of(capture), Tone.MUTED, max(1, width - px(40)))
            self._upload(capture, width)

    def _upload(self, capture: Capture, width: int) -> None:
        waveform = capture.waveform
        begins_s = float(waveform.time_s[0])
        span_s = float(waveform.time_s[-1]) - begins_s
        size, unit = time_unit(span_s)
        x, y = thin((waveform.time_s - begins_s) / size, waveform.volts, ZOOM * width)
        self.points = int(x.size)
        series.push(self.line, x, y)
        dpg.configure_item(self._x, label=unit)
        known = y[np.isfinite(y)]
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
        margin = (high - low) * Y_MARGIN or abs(high) * Y_MARGIN or 1.0
        dpg.set_axis_limits(self._x, 0.0, span_s / size or 1.0)
        dpg.set_axis_limits(self._y, low - margin, high + margin)
        self._freed_in = 2
