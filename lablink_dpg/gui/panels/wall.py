"""The wall: all streams at once as small multiples, in columns of lanes; see ``wall_layout`` and ``strands``.

A frame writes the lanes that have changed, and looks at the words and marks of an eighth of them: those change four
times a second, and a thousand at once would cost a frame more than its lines do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lablink_dpg.gui import lane_looks, scale, wall_layout
from lablink_dpg.gui.label import Label
from lablink_dpg.gui.lane_looks import LaneLook
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels import wall_theme
from lablink_dpg.gui.panels.lane_marks import LaneMarks
from lablink_dpg.gui.panels.wall_column import WallColumn
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.state import ViewState
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.query.frame import LaneTrace, StreamLine, WallFrame
from lablink_dpg.query.view import LaneRequest, WallRequest

TICK_LETTER_PX = 8  # of the tick font, rounded up
TURNS = 8  # frames in which all lanes' words and marks are looked at once: 4 times a second at 30 fps
ALWAYS = 32  # of them in every frame


class WallPanel:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme) -> None:
        self._theme = theme
        self.window: Item = dpg.add_child_window(
            parent=parent, pos=(0, 0), border=False, no_scrollbar=True, no_scroll_with_mouse=True, show=False
        )
        dpg.bind_item_theme(self.window, theme.canvas)
        self._looks_of_lines = wall_theme.build()
        self._marks = LaneMarks(self.window, theme)
        self._columns: list[WallColumn] = []  # a pool
        self._banner = Label(self.window, theme.fonts.small, Tone.MUTED)
        self.shape = wall_layout.wall(0, 1, 1)
        self.area = Rect(0, 0, 0, 0)  # in the window
        self.page = 0  # that is wanted
        self.uploaded = 0  # points handed over by the last frame
        self._is_shown = False
        self._request: WallRequest | None = None
        self._lines: Sequence[StreamLine] = ()  # for which it was made …
        self._keys: tuple[object, ...] = ()  # … on a wall of this shape
        self._looks: list[LaneLook] = []  # by position on the page
        self._traces: list[LaneTrace | None] | None = None  # as written; None: nothing is
        self._x_origin_us = 0
        self._most_points = 0
        self._next = 0  # lane whose words are looked at next
        self._selected: tuple[str, ...] = ()

    def show(self, is_shown: bool) -> None:
        if is_shown != self._is_shown:
            self._is_shown = is_shown
            self._traces = None
            dpg.configure_item(self.window, show=is_shown)

    def place(self, count: int, area: Rect) -> None:
        """Follow the room there is and the number of streams."""
        shape = wall_layout.wall(count, area.width, area.height, self.page)
        self.page = shape.page
        if shape == self.shape and area == self.area:
            return
        if area != self.area:
            dpg.configure_item(self.window, pos=(area.x, area.y), width=area.width, height=area.height)
        if area != self.area or not shape.is_like(self.shape):
            self._traces = None
        self.shape, self.area = shape, area
        while len(self._columns) < shape.used_columns:
            self._columns.append(WallColumn(self.window, self._theme, self._looks_of_lines))
        for number, column in enumerate(self._columns):
            column.show(number < shape.used_columns)
            if number < shape.used_columns:
                column.place(wall_layout.plot_item(shape, number), shape.rows)
        self._marks.place(shape, area)
        is_paged = shape.pages > 1
        self._banner.show(is_paged)
        if is_paged:
            first, last = shape.shown.start + 1, shape.shown.stop
            text = f"streams {first} to {last} of {count} · page {shape.page + 1} of {shape.pages} (Page Up, Page Down)"
            self._banner.set(text, Tone.MUTED, area.width - 2 * px(wall_layout.COLUMN_GAP_PX))
            self._banner.place(px(wall_layout.COLUMN_GAP_PX), px(3))

    def turn_page(self, pages: int) -> None:
        self.page = max(0, min(self.shape.pages - 1, self.page + pages))

    def request(self, lines: Sequence[StreamLine]) -> WallRequest:
        """What to ask for, of ``lines``: the same object while nothing about it changes."""
        shape = self.shape
        if self._request is None or lines is not self._lines or self._keys != (shape,):
            self._lines, self._keys = lines, (shape,)
            lanes = tuple(
                LaneRequest(lines[at].series, lane_looks.channels_of(lines[at], len(shape.shown))) for at in shape.shown
            )
            wanted = WallRequest(lanes, shape.plot_width, scale.current())
            if wanted != self._request:
                self._request = wanted
        return self._request

    def draw(self, lines: Sequence[StreamLine], frame: WallFrame, view: ViewState) -> None:
        """``frame`` was made for ``request(lines)``."""
        shape = self.shape
        before = self._traces
        if before is None:
            self._x_origin_us = frame.x_origin_us
        elif frame.x_origin_us != self._x_origin_us:
            later_s = (self._x_origin_us - frame.x_origin_us) * 1e-6
            self._x_origin_us = frame.x_origin_us
            for column in self._columns[: shape.used_columns]:
                column.shift(later_s)
        positions: Iterable[int] = frame.changed
        if frame.lanes is not before:
            self._begin(frame, lines, view)
            kept = before or []
            positions = [
                position
                for position, trace in enumerate(frame.lanes)
                if position >= len(kept) or kept[position] is not trace
            ]
        for position in positions:
            self._write(position, frame)
        self._look(lines, frame, view)
        ticks = wall_layout.whole_ticks(frame.x_ticks, frame.x_limits, shape.plot_width, px(TICK_LETTER_PX))
        self.uploaded = sum([each.draw(frame, ticks) for each in self._columns[: shape.used_columns]])

    def _begin(self, frame: WallFrame, lines: Sequence[StreamLine], view: ViewState) -> None:
        """Other streams, or all of them elsewhere."""
        self._traces, self._next = frame.lanes, 0
        self._selected = view.selected
        self._looks = [
            lane_looks.look_of(lines[at], frame.severities[number], is_selected=lines[at].stream in view.selected)
            for number, at in enumerate(self.shape.shown)
        ]
        for number in range(self.shape.used_columns):
            self._arrange(number, frame)
        for position, look in enumerate(self._looks):
            self._mark(position, lines, look, frame)

    def _mark(self, position: int, lines: Sequence[StreamLine], look: LaneLook, frame: WallFrame) -> None:
        line, trace = lines[self.shape.first + position], frame.lanes[position]
        self._marks.draw(position, line, look, trace, is_empty=is_empty(frame, position))

    def _arrange(self, number: int, frame: WallFrame) -> None:
        """Give the lines of one column their colours; all of them are written again if one has another."""
        rows, first = self.shape.rows, number * self.shape.rows
        request = self._request
        assert request is not None, "drawn before it was asked for"
        colours = [
            lane_looks.colours(
                self.shape.first + position, len(request.lanes[position].channels), is_dim=self._looks[position].is_dim
            )
            for position in range(first, min(first + rows, len(self._looks)))
        ]
        if self._columns[number].arrange(colours):
            self._rewrite(number, frame)

    def _rewrite(self, number: int, frame: WallFrame) -> None:
        rows = self.shape.rows
        for position in range(number * rows, min((number + 1) * rows, len(frame.lanes))):
            self._write(position, frame)

    def _write(self, position: int, frame: WallFrame) -> None:
        trace = frame.lanes[position]
        number, row = divmod(position, self.shape.rows)
        column = self._columns[number]
        if trace is None:
            column.clear(row)
        elif column.fit(trace.x.shape[0]):
            self._rewrite(number, frame)
        else:
            column.write(row, trace, self._x_origin_us)

    def _look(self, lines: Sequence[StreamLine], frame: WallFrame, view: ViewState) -> None:
        """Words and marks of the lanes whose turn it is; of one that was just selected at once."""
        count = len(self._looks)
        shape, first = self.shape, self.shape.first
        touched: set[int] = set()
        turns = [(self._next + step) % count for step in range(min(count, max(ALWAYS, -(-count // TURNS))))]
        self._next += len(turns)
        if view.selected != self._selected:
            changed = set(view.selected) ^ set(self._selected)
            self._selected = view.selected
            turns += [position for position in range(count) if lines[first + position].stream in changed]
        for position in turns:
            line = lines[first + position]
            look = lane_looks.look_of(line, frame.severities[position], is_selected=line.stream in view.selected)
            if look.is_dim is not self._looks[position].is_dim:
                touched.add(position // shape.rows)
            self._looks[position] = look
            self._mark(position, lines, look, frame)
        for number in touched:
            self._arrange(number, frame)

    # ------------------------------------------------------------------ what is where

    def is_hovered(self) -> bool:
        return bool(dpg.is_item_hovered(self.window))

    def index_at(self, x: float, y: float) -> int | None:
        """Number of the stream whose lane is at a point of the window."""
        position = wall_layout.position_at(self.shape, x - self.area.x, y - self.area.y)
        return None if position is None else self.shape.first + position

    def plot_of(self, index: int) -> Rect:
        """The plotting area of a stream's lane, in the window."""
        plot = wall_layout.lane_plot(self.shape, index - self.shape.first)
        return plot._replace(x=plot.x + self.area.x, y=plot.y + self.area.y)


def is_empty(frame: WallFrame, position: int) -> bool:
    """Whether none of a lane's points is in view."""
    trace = frame.lanes[position]
    if trace is None or trace.x.size == 0:
        return True
    later_s = (trace.x_origin_us - frame.x_origin_us) * 1e-6
    return bool(trace.x[-1] + later_s < frame.x_limits[0] or trace.x[0] + later_s > frame.x_limits[1])
