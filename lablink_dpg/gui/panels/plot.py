"""One plot: axes whose limits and ticks are set from a frame, a pool of lines that grows once and is re-used.

The library's own zooming is off (``no_inputs``): limits come from the view state every frame, so nothing can disagree
with what the user asked for. The Y axis carries one blank tick label of fixed width outside its limits; without it the
plotting area would change its width with every new label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from lablink_dpg.gui import layout, series
from lablink_dpg.gui.label import text_width
from lablink_dpg.gui.panels.line import PlotLine
from lablink_dpg.gui.panels.mark_layer import MarkLayer
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg, set_limits
from lablink_dpg.gui.typefaces import TICK_PX
from lablink_dpg.gui.words import FIGURE_SPACE
from lablink_dpg.query.frame import PlotFrame, Trace

MAX_CHANNELS = 8  # lines of one card: as many as there are colours to tell apart
MAX_TRACES = 64  # lines of one plot: sixteen overlaid streams of four channels
BLANK_LABEL = FIGURE_SPACE * 8  # Y_LABEL_PX wide in the tick font
FAR_OUTSIDE = 10.0  # heights of the plot below its lower limit, where no tick is drawn

LEGEND_MARK_PX, LEGEND_EDGE_PX = 27, 24  # coloured square and gap of a name; margins of the whole
TICK_LETTER_PX = 8  # of the tick font, rounded up

Ticks: TypeAlias = tuple[tuple[str, float], ...]
UNSET: Ticks = (("not yet", 0.0),)  # differs from whatever is wanted


class _TimeTicks:
    """``uncut_ticks`` for plots beside each other, which are drawn one after the other: made once for all of them."""

    def __init__(self) -> None:
        self._asked: tuple[object, ...] = ()
        self._ticks: Ticks = ()

    def of(self, plot: PlotFrame, width_px: int) -> Ticks:
        """The same object as long as they are the same."""
        ticks, limits, width = self._asked or (None, None, None)
        if plot.x_ticks is not ticks or plot.x_limits is not limits or width_px != width:
            self._asked = plot.x_ticks, plot.x_limits, width_px
            uncut = uncut_ticks(plot.x_ticks, plot.x_limits, width_px)
            if uncut != self._ticks:
                self._ticks = uncut
        return self._ticks


_time_ticks = _TimeTicks()


def uncut_ticks(
    ticks: tuple[tuple[str, float], ...], limits: tuple[float, float], width_px: int
) -> tuple[tuple[str, float], ...]:
    """Time ticks without the label of the last one where it would be cut off: the plot ends at its card's edge."""
    if not ticks:
        return ticks
    label, at = ticks[-1]
    room_px = (limits[1] - at) / (limits[1] - limits[0]) * width_px + px(layout.PLOT_PAD_PX)
    return ticks if room_px >= len(label) * px(TICK_LETTER_PX) / 2 else (*ticks[:-1], ("", at))


def clear_of_corner(
    ticks: tuple[tuple[str, float], ...], limits: tuple[float, float], height_px: int
) -> tuple[tuple[str, float], ...]:
    """Y ticks without the label of one at the lower edge, where it would touch the first label of the time axis."""
    if not ticks or (ticks[0][1] - limits[0]) / (limits[1] - limits[0]) * height_px >= px(TICK_LETTER_PX):
        return ticks
    return (("", ticks[0][1]), *ticks[1:])


def ends(trace: Trace) -> tuple[float, float]:
    """Where a trace that has points begins and ends, as ``x_limits``."""
    return trace.x.item(0), trace.x.item(-1)


def reaches(ends: tuple[float, float], limits: tuple[float, float]) -> bool:
    """Whether some of a trace can be seen: a point beyond each edge belongs to it, for the line to reach the edge."""
    return not (ends[1] < limits[0] or ends[0] > limits[1])  # true for NaN


class PlotView:
    """Handles of one plot and what was last handed to the library. Main thread."""

    __slots__ = (
        *("item", "_line_themes", "_tick_font", "_legend", "_x", "_y", "_shades", "_shade_state", "_lines"),
        *("_rest", "_traces", "_ends", "_x_limits", "_x_ticks", "_y_ticks", "_y_limits", "_size", "_legend_of"),
        *("_marks", "_height_px"),
    )

    def __init__(self, parent: Item, theme: Theme, is_large: bool) -> None:
        self._line_themes = theme.overlay_lines if is_large else theme.lines
        self.item: Item = dpg.add_plot(
            parent=parent,
            pos=(0, 0),
            no_inputs=True,
            no_menus=True,
            no_mouse_pos=True,
            no_box_select=True,
            no_title=True,
        )
        dpg.bind_item_font(self.item, theme.fonts.tick)
        self._tick_font = theme.fonts.tick
        self._legend: Item = dpg.add_plot_legend(
            parent=self.item, location=dpg.mvPlot_Location_NorthWest, horizontal=not is_large, no_buttons=True
        )
        self._x: Item = dpg.add_plot_axis(dpg.mvXAxis, parent=self.item, no_tick_marks=True, no_initial_fit=True)
        self._y: Item = dpg.add_plot_axis(dpg.mvYAxis, parent=self.item, no_tick_marks=True, no_initial_fit=True)
        self._shades = [self._add_shade(theme.lost), self._add_shade(theme.pause)]
        self._shade_state: list[object] = [None, None]
        self._lines: list[PlotLine] = []
        self._rest: tuple[Any, ...] | None = None  # all but time axis and lines, as drawn last; None where marked
        self._traces: tuple[Trace, ...] = ()
        self._ends: list[tuple[float, float]] = []  # of the traces drawn last
        self._x_limits = (0.0, 0.0)
        self._x_ticks = self._y_ticks = UNSET
        self._y_limits = (0.0, 0.0)
        self._size = (0, 0, 0, 0)
        self._legend_of: tuple[object, ...] = ()  # names and width that it was laid out for
        self._marks = MarkLayer(self._y, theme, self._shades[0])
        self._height_px = 1  # of the plotting area

    def forget(self) -> None:
        """Upload everything again next time: revisions begin anew after a plot was not asked for."""
        self._rest = None
        for line in self._lines:
            line.forget()

    def _add_shade(self, theme: Item) -> Item:
        blank = series.PLACEHOLDER
        item: Item = dpg.add_shade_series(blank, blank, y2=blank, parent=self._y, show=False)
        dpg.bind_item_theme(item, theme)
        return item

    def _grow(self, wanted: int) -> None:
        """Lines are made when a plot first needs them and kept: at most MAX_TRACES in a plot's life."""
        while len(self._lines) < min(wanted, MAX_TRACES):
            self._lines.append(PlotLine(self._y))

    def place(self, area: layout.Rect) -> None:
        if area != self._size:
            self._size = area
            self._height_px = layout.plot_area(area, px(TICK_PX)).height
            dpg.configure_item(self.item, pos=(area.x, area.y), width=area.width, height=area.height)

    def draw(self, plot: PlotFrame, colours: Sequence[int], names: Sequence[str], width_px: int) -> bool:
        """Show ``plot``; ``colours`` and ``names`` belong to its traces. True if any line has samples in its limits.

        Names are shown in a legend if there is more than one.
        """
        self._move(plot, width_px)
        if plot.gaps or plot.marks or plot.thresholds:
            self._rest = None
            self._draw_all(plot, colours, names, width_px)
        elif not self._rests(plot, colours, names, width_px):
            self._rest = plot.y_limits, plot.y_ticks, colours, names, width_px, self._height_px
            self._draw_all(plot, colours, names, width_px)
        elif plot.traces is not self._traces:
            self._draw_lines(plot, colours, names)
        return self._has_samples(plot.x_limits)

    def follow(self, plot: PlotFrame, width_px: int) -> bool:
        """As ``draw``, of a plot that is ``steady`` since that was called last: what most frames of most plots need."""
        self._move(plot, width_px)
        traces = plot.traces
        if traces is not self._traces:
            self._traces = traces
            found = self._ends = []
            for line, trace in zip(self._lines, traces, strict=False):  # no more than MAX_TRACES
                line.follow(trace)
                x = trace.x
                found.append((x.item(0), x.item(-1)))
        return self._has_samples(plot.x_limits)

    def _move(self, plot: PlotFrame, width_px: int) -> None:
        """The time axis goes on."""
        limits = plot.x_limits
        if limits is not self._x_limits and limits != self._x_limits:
            self._x_limits = limits
            set_limits(self._x, limits[0], limits[1])
        x_ticks = _time_ticks.of(plot, width_px)
        if x_ticks is not self._x_ticks and x_ticks != self._x_ticks:
            self._x_ticks = x_ticks
            dpg.set_axis_ticks(self._x, x_ticks or (("", limits[0]),))  # without any it would make its own

    def _has_samples(self, limits: tuple[float, float]) -> bool:
        for each in self._ends:  # noqa: SIM110 - no generator for the one line that most plots have
            if reaches(each, limits):
                return True
        return False

    def _rests(self, plot: PlotFrame, colours: Sequence[int], names: Sequence[str], width_px: int) -> bool:
        """Whether nothing differs from the last frame but time axis and lines: the very same objects."""
        if self._rest is None:
            return False
        limits, ticks, colours_then, names_then, width_then, height_then = self._rest
        return (
            plot.y_limits is limits
            and plot.y_ticks is ticks
            and colours is colours_then
            and names is names_then
            and width_px == width_then
            and self._height_px == height_then
        )

    def _draw_all(self, plot: PlotFrame, colours: Sequence[int], names: Sequence[str], width_px: int) -> None:
        """Everything but the time axis."""
        if plot.y_limits != self._y_limits:
            self._y_limits = plot.y_limits
            dpg.set_axis_limits(self._y, *plot.y_limits)
        y_ticks = clear_of_corner(plot.y_ticks, plot.y_limits, self._height_px)
        if y_ticks != self._y_ticks:
            self._y_ticks = y_ticks
            low, high = plot.y_limits
            dpg.set_axis_ticks(self._y, (*y_ticks, (BLANK_LABEL, low - FAR_OUTSIDE * (high - low))))
        self._grow(len(plot.traces))
        if len(plot.traces) > 1 and (*names, width_px) != self._legend_of:
            self._lay_out_legend(names, width_px)
        self._draw_lines(plot, colours, names)
        self._draw_gaps(plot, width_px)
        self._marks.draw(plot, width_px, self._height_px)

    def _draw_lines(self, plot: PlotFrame, colours: Sequence[int], names: Sequence[str]) -> None:
        traces = self._traces = plot.traces
        lines, themes, key, found = self._lines, self._line_themes, plot.key, []
        has_legend = len(traces) > 1  # a line without a name is not in the legend
        for index in range(min(len(traces), len(lines))):
            trace = traces[index]
            if lines[index].draw(key, trace, themes[colours[index] % len(themes)], names[index] if has_legend else ""):
                found.append(ends(trace))
        self._ends = found
        for index in range(len(traces), len(lines)):
            lines[index].hide()

    def _lay_out_legend(self, names: Sequence[str], width_px: int) -> None:
        """In a line where they fit, else below each other: no name is cut off."""
        self._legend_of = (*names, width_px)
        length = sum(text_width(name, self._tick_font) + px(LEGEND_MARK_PX) for name in names if name)
        dpg.configure_item(self._legend, horizontal=0 < length <= width_px - px(LEGEND_EDGE_PX))

    def _draw_gaps(self, plot: PlotFrame, width_px: int) -> None:
        if not plot.gaps and self._shade_state == [None, None]:
            return
        for index, is_loss in enumerate((True, False)):
            gaps = tuple(gap for gap in plot.gaps if (gap.kind == "lost") is is_loss)
            wanted = (gaps, plot.x_limits, plot.y_limits) if gaps else None
            if wanted == self._shade_state[index]:
                continue
            self._shade_state[index] = wanted
            columns = series.gap_columns(gaps, plot.x_limits, *plot.y_limits, width_px)
            is_shown = columns is not None and series.push(self._shades[index], *columns)
            dpg.configure_item(self._shades[index], show=is_shown)
