"""A small line without axes: how one number went lately, the newest at the right edge.

A plot and no ``simple_plot``, whose range cannot be set (2.3.1 takes the keywords and ignores them): a level that
stands still would be noise from edge to edge.
"""

from __future__ import annotations

import numpy as np

from lablink_dpg.books.readings import PAST
from lablink_dpg.gui import palette, series
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.acquisition import Float64Array

LEAST_SPAN = 0.005  # of its level, half the height: what changes less stands still
LEAST = 1e-12  # half the height where the level is zero, in whatever unit
HUGE = 1e37  # beyond float32, nearly; no quantity of a bench
MARGIN = 1.15  # of the range, so that the line's edge is not cut
_TIMES = np.arange(1 - PAST, 1, dtype=np.float32)


def limits(values: Float64Array, least: float = LEAST) -> tuple[float, float] | None:
    """Lowest and highest of the axis for these values; None if none of them is a number, or one is huge.

    ``least``: half its height, at least.
    """
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    low, high = float(known.min()), float(known.max())
    middle = low / 2 + high / 2
    half = MARGIN * max(high / 2 - low / 2, abs(middle) * LEAST_SPAN, least)
    return (middle - half, middle + half) if abs(middle) + half < HUGE else None


def build_theme() -> Item:
    """Of all sparks of a panel: no ground of its own, no room between the edge and the line."""
    with dpg.theme() as theme, dpg.theme_component(dpg.mvPlot):
        for target, colour in ((dpg.mvPlotCol_PlotBg, palette.now.plot), (dpg.mvPlotCol_PlotBorder, palette.now.plot)):
            dpg.add_theme_color(target, colour, category=dpg.mvThemeCat_Plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_PlotPadding, 0, 0, category=dpg.mvThemeCat_Plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_PlotMinSize, 4, 4, category=dpg.mvThemeCat_Plots)
    return int(theme)


class Spark:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme, spark_theme: Item) -> None:
        self.item: Item = dpg.add_plot(
            parent=parent,
            pos=(0, 0),
            no_inputs=True,
            no_menus=True,
            no_mouse_pos=True,
            no_box_select=True,
            no_title=True,
            no_frame=True,
        )
        dpg.bind_item_theme(self.item, spark_theme)
        self._x: Item = dpg.add_plot_axis(dpg.mvXAxis, parent=self.item, no_initial_fit=True, **_BARE)
        self._y: Item = dpg.add_plot_axis(dpg.mvYAxis, parent=self.item, no_initial_fit=True, **_BARE)
        dpg.set_axis_limits(self._x, float(1 - PAST), 0.0)
        self._line: Item = dpg.add_line_series(series.PLACEHOLDER, series.PLACEHOLDER, parent=self._y, show=False)
        dpg.bind_item_theme(self._line, theme.lines[0])
        self._has_line = False

    def place(self, x: int, y: int, width: int, height: int) -> None:
        dpg.configure_item(self.item, pos=(x, y), width=width, height=height)

    def show(self, is_shown: bool) -> None:
        dpg.configure_item(self.item, show=is_shown)

    def draw(self, values: Float64Array | None, least: float = LEAST) -> None:
        """At most ``PAST`` values, oldest first; ``least`` as in ``limits``."""
        shown = None if values is None else limits(values, least)
        if (shown is not None) != self._has_line:
            self._has_line = shown is not None
            dpg.configure_item(self._line, show=self._has_line)
        if values is not None and shown is not None:
            # Less the middle: float32, which is all that the library takes, would make steps of 5.000001 V.
            middle = (shown[0] + shown[1]) / 2
            dpg.set_axis_limits(self._y, shown[0] - middle, shown[1] - middle)
            series.push(self._line, _TIMES[-values.size :], values - middle)


_BARE = {"no_gridlines": True, "no_tick_marks": True, "no_tick_labels": True, "no_label": True}
