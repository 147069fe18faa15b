"""The marks of one plot: a line where an alarm rises, its symbol and a strip on the time axis, thresholds across.

Items are made when a plot first needs them, a handful a severity, and kept. While marks stay the same nothing is handed
to the library, however the view moves, but the symbols of thresholds, which stay at the right edge.
"""

from __future__ import annotations

from collections.abc import Sequence

from lablink_dpg.gui import mark_columns, series
from lablink_dpg.gui.mark_looks import STRIP_PX, SYMBOL_PX, MarkLook
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.alarm import Severity
from lablink_dpg.query.frame import AlarmMark, PlotFrame, ThresholdLine

EDGE_PX = 2  # between a threshold's symbol and the right edge


class _Series:
    """The series of one severity in one plot."""

    def __init__(self, axis: Item, look: MarkLook, below: Item) -> None:
        """``below``: a series of the plot that, with all after it, is drawn over the lines."""
        blank = series.PLACEHOLDER
        hidden = {"parent": axis, "show": False}
        self.rises = self._bound(dpg.add_line_series(blank, blank, before=below, **hidden), look.rises)
        self.strips = self._bound(dpg.add_line_series(blank, blank, before=below, **hidden), look.strips)
        self.limits = self._bound(dpg.add_inf_line_series(blank, horizontal=True, before=below, **hidden), look.limits)
        self.symbols = self._bound(dpg.add_scatter_series(blank, blank, **hidden), look.symbols)
        self.limit_symbols = self._bound(dpg.add_scatter_series(blank, blank, **hidden), look.symbols)
        self.marks: list[AlarmMark] = []  # that are drawn
        self._is_shown: dict[Item, bool] = {}

    @staticmethod
    def _bound(item: Item, theme: Item) -> Item:
        dpg.bind_item_theme(item, theme)
        return item

    def push(self, item: Item, *columns: object) -> None:
        """Hand over columns and show the series; without values it is hidden."""
        is_shown = series.push(item, *columns)
        if is_shown is not self._is_shown.get(item, False):
            self._is_shown[item] = is_shown
            dpg.configure_item(item, show=is_shown)


class MarkLayer:
    """Main thread."""

    def __init__(self, axis: Item, theme: Theme, below: Item) -> None:
        """``axis``: the value axis of the plot; ``below``: its first series, which the lines lie under."""
        self._axis = axis
        self._below = below
        self._looks = theme.marks
        self._series: dict[Severity, _Series] = {}
        self._marks: tuple[AlarmMark, ...] = ()
        self._thresholds: tuple[ThresholdLine, ...] = ()
        self._foot: tuple[object, ...] = ()  # what the strips and symbols were placed for
        self._edge: tuple[object, ...] = ()  # what the thresholds' symbols were placed for

    def draw(self, plot: PlotFrame, width_px: int, height_px: int) -> None:
        """``width_px`` and ``height_px``: of the plotting area. Free while there is nothing to mark."""
        marks, thresholds = plot.marks, plot.thresholds
        if marks or self._marks:
            span_s = plot.x_limits[1] - plot.x_limits[0]
            is_crowded = len(marks) > mark_columns.CROWD
            foot = (plot.y_limits, height_px, is_crowded, f"{span_s:.4g}")  # a difference of two floats that move
            is_moved = foot != self._foot
            if is_moved or (marks is not self._marks and marks != self._marks):
                self._foot = foot
                self._draw_marks(plot, height_px, span_s, is_crowded=is_crowded, is_moved=is_moved)
            self._marks = marks
        if thresholds or self._thresholds:
            if thresholds is not self._thresholds and thresholds != self._thresholds:
                self._draw_limits(thresholds)
                self._thresholds, self._edge = thresholds, ()
            edge = (plot.x_limits, width_px)
            if edge != self._edge:
                self._edge = edge
                self._draw_limit_symbols(thresholds, plot.x_limits, width_px)

    def _of(self, severity: Severity, is_needed: bool) -> _Series | None:
        """The series of a severity, made if there is something to put into them."""
        if severity not in self._series and is_needed:
            self._series[severity] = _Series(self._axis, self._looks[severity], self._below)
        return self._series.get(severity)

    def _draw_marks(self, plot: PlotFrame, height_px: int, span_s: float, *, is_crowded: bool, is_moved: bool) -> None:
        low, high = plot.y_limits
        pixel = (high - low) / max(1, height_px)
        for severity in Severity:
            own = [mark for mark in plot.marks if mark.event.severity is severity]
            mine = self._of(severity, bool(own))
            if mine is not None and (is_moved or own != mine.marks):
                mine.marks = own
                mine.push(mine.rises, *mark_columns.rises(own, low, high, is_crowded=is_crowded))
                # A line on the limit itself lies outside for the library, however thick it is.
                mine.push(mine.strips, *mark_columns.strips(own, low + px(STRIP_PX) / 2 * pixel, span_s))
                mine.push(mine.symbols, [mark.at_s for mark in own], [low + px(SYMBOL_PX + 1) * pixel] * len(own))

    def _draw_limits(self, thresholds: Sequence[ThresholdLine]) -> None:
        for severity in Severity:
            y = [line.at for line in thresholds if line.severity is severity]
            mine = self._of(severity, bool(y))
            if mine is not None:
                mine.push(mine.limits, y)

    def _draw_limit_symbols(
        self, thresholds: Sequence[ThresholdLine], limits: tuple[float, float], width_px: int
    ) -> None:
        x = limits[1] - px(SYMBOL_PX + EDGE_PX) / max(1, width_px) * (limits[1] - limits[0])
        for severity, mine in self._series.items():
            y = [line.at for line in thresholds if line.severity is severity]
            mine.push(mine.limit_symbols, [x] * len(y), y)
