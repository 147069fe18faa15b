"""One column of the wall: a plot without decorations, whose lines are lanes above each other on one time axis.

The value axis counts lanes from below; a lane's own values are scaled into its unit of it. The library's axis limits
move with time, so that nothing is handed over for scrolling.
"""

from __future__ import annotations

from collections.abc import Sequence

from lablink_dpg.gui import series
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.panels.wall_theme import WallTheme
from lablink_dpg.gui.strands import Strands
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.query.drawn import break_at_infinity
from lablink_dpg.query.frame import LaneTrace, WallFrame

LANE_PAD = 0.04  # of a lane's height, above and below its axis: a stroke has a width
FIRST_POINTS = 64  # of a line, until it is known how many a lane has
UNSET: tuple[tuple[str, float], ...] = (("not yet", 0.0),)  # differs from whatever is wanted


class WallColumn:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme, looks: WallTheme) -> None:
        self._looks = looks
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
        dpg.bind_item_theme(self.item, looks.plot)
        self._x: Item = dpg.add_plot_axis(dpg.mvXAxis, parent=self.item, no_tick_marks=True, no_initial_fit=True)
        self._y: Item = dpg.add_plot_axis(
            dpg.mvYAxis,
            parent=self.item,
            no_tick_marks=True,
            no_tick_labels=True,
            no_gridlines=True,
            no_initial_fit=True,
        )
        self._strands = Strands(FIRST_POINTS)
        self._series: dict[int, Item] = {}  # by look; made once and kept
        self._shown: set[int] = set()  # looks whose series are shown
        self._rows = 0
        self._area = Rect(0, 0, 0, 0)
        self._ticks = UNSET
        self._is_shown = True

    def show(self, is_shown: bool) -> None:
        if is_shown != self._is_shown:
            self._is_shown = is_shown
            dpg.configure_item(self.item, show=is_shown)

    def place(self, area: Rect, rows: int) -> None:
        if area != self._area:
            self._area = area
            dpg.configure_item(self.item, pos=(area.x, area.y), width=area.width, height=area.height)
        if rows != self._rows:
            self._rows = rows
            dpg.set_axis_limits(self._y, 0.0, float(rows))

    def arrange(self, looks: Sequence[tuple[int, ...]]) -> bool:
        """Which lines there are, by row, and in which colours. Whether ``write`` has to be called for all of them."""
        return self._strands.arrange(looks)

    def fit(self, points: int) -> bool:
        """Make room for lines of so many points. Whether ``write`` has to be called for all of them."""
        return self._strands.fit(points)

    def write(self, row: int, trace: LaneTrace, x_origin_us: int) -> None:
        """A lane's lines, relative to the wall's origin of time."""
        low, high = trace.y_limits
        scale = (1.0 - 2 * LANE_PAD) / (high - low)
        offset = self._rows - 1 - row + LANE_PAD - low * scale
        later_s = (trace.x_origin_us - x_origin_us) * 1e-6
        for channel, y in enumerate(trace.ys):
            self._strands.write(row, channel, trace.x, y, later_s=later_s, scale=scale, offset=offset)

    def clear(self, row: int) -> None:
        """No lines in a lane."""
        self._strands.clear(row)

    def shift(self, later_s: float) -> None:
        self._strands.shift(later_s)

    def draw(self, frame: WallFrame, ticks: tuple[tuple[str, float], ...]) -> int:
        """Move the time axis, hand over what has changed; how many points that were."""
        dpg.set_axis_limits(self._x, *frame.x_limits)
        if ticks != self._ticks:
            self._ticks = ticks
            dpg.set_axis_ticks(self._x, ticks or (("", frame.x_limits[0]),))  # without any it would make its own
        points = 0
        by_look = self._strands.by_look
        for look, strand in by_look.items():
            if strand.is_dirty:
                strand.is_dirty = False
                item = self._series.get(look)
                if item is None:
                    item = self._series[look] = self._add(look)
                break_at_infinity(strand.y)  # of what is kept beside the view, and out of all proportion to it
                series.push_clean(item, strand.x, strand.y)
                points += len(strand.x)
                if look not in self._shown:
                    self._shown.add(look)
                    dpg.configure_item(item, show=True)
        if len(self._shown) > len(by_look):
            for look in self._shown - by_look.keys():
                dpg.configure_item(self._series[look], show=False)
            self._shown &= by_look.keys()
        return points

    def _add(self, look: int) -> Item:
        item: Item = dpg.add_line_series(series.PLACEHOLDER, series.PLACEHOLDER, parent=self._y, show=False)
        dpg.bind_item_theme(item, self._looks.lines[look])
        return item
