"""A score over time as a small plot: how well a device was until now."""

from __future__ import annotations

from collections.abc import Sequence

from lablink_dpg.books.health import Point
from lablink_dpg.gui import health_rows, series
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg

HEIGHT_PX = 104
SCORES = (("0", 0.0), ("50", 50.0), ("100", 100.0))
RIGHT_SHARE = 0.06  # of the width right of now, for its label
MARGIN = 6.0  # points above and below, so that the line of a full score is seen


class TrendPlot:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme) -> None:
        self.item: Item = dpg.add_plot(
            parent=parent,
            height=px(HEIGHT_PX),
            width=-1,
            no_inputs=True,
            no_menus=True,
            no_mouse_pos=True,
            no_box_select=True,
            no_title=True,
        )
        dpg.bind_item_font(self.item, theme.fonts.tick)
        self._x: Item = dpg.add_plot_axis(dpg.mvXAxis, parent=self.item, no_tick_marks=True, no_initial_fit=True)
        self._y: Item = dpg.add_plot_axis(dpg.mvYAxis, parent=self.item, no_tick_marks=True, no_initial_fit=True)
        dpg.set_axis_limits(self._y, -MARGIN, health_rows.FULL_SCORE + MARGIN)
        dpg.set_axis_ticks(self._y, SCORES)
        blank = series.PLACEHOLDER
        self._line: Item = dpg.add_line_series(blank, blank, parent=self._y, show=False)
        dpg.bind_item_theme(self._line, theme.overlay_lines[0])
        self._span_s = 0

    def draw(self, trend: Sequence[Point], until_us: int, now_us: int) -> None:
        """``until_us``: the last score is known to have held until then."""
        span_s = health_rows.span_s(trend, now_us)
        if span_s != self._span_s:
            self._span_s = span_s
            dpg.set_axis_limits(self._x, -float(span_s), RIGHT_SHARE * span_s)
            dpg.set_axis_ticks(self._x, health_rows.ticks(span_s))
        x, y = health_rows.stairs(trend, until_us, now_us, span_s)
        dpg.configure_item(self._line, show=series.push(self._line, x, y))
