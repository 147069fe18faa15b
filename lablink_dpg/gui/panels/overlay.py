"""The large plot: selected streams on one pair of axes, beside it a list that says which line is which."""

from __future__ import annotations

from collections.abc import Sequence

from lablink_dpg.gui import layout, palette, state, states, words
from lablink_dpg.gui.label import Label
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.plot import PlotView
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import SMALL_PX, TICK_PX
from lablink_dpg.query.frame import PlotFrame, StreamLine

SIDE_PX = 270
ROW_PX = 44
PLOT_TOP_PX = 36  # above the plot, for a line of advice
TOP_PX = 44  # above the first row of the list
NO_SELECTION = "Nothing is selected, so these are the first. Click names of cards in the grid (Esc) to choose."
SELECTION = "Click a name in the list to take it out; click names of cards in the grid to add more (Esc)."


class _Row:
    """Two lines of the list: mark and name; state, rate or age, and lost."""

    def __init__(self, parent: Item, theme: Theme) -> None:
        self.mark = Label(parent, theme.fonts.small)
        self.name = Label(parent, theme.fonts.small_bold)
        self.state = Label(parent, theme.fonts.small, Tone.MUTED)
        self.rate = Label(parent, theme.fonts.small, Tone.MUTED)
        self.lost = Label(parent, theme.fonts.small, Tone.MUTED)

    def place(self, left: int, y: int) -> None:
        below = y + px(SMALL_PX + 3)
        self.mark.place(left + px(14), y)
        self.name.place(left + px(34), y)
        self.state.place(left + px(34), below)
        self.rate.place(left + px(112), below)
        self.lost.place(left + px(190), below)

    def show(self, is_shown: bool) -> None:
        for label in (self.mark, self.name, self.state, self.rate, self.lost):
            label.show(is_shown)


class OverlayPanel:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme) -> None:
        self.window: Item = dpg.add_child_window(
            parent=parent,
            pos=(0, 0),
            border=True,
            no_scrollbar=True,
            no_scroll_with_mouse=True,
            show=False,
        )
        dpg.bind_item_theme(self.window, theme.card)
        self._hint = Label(self.window, theme.fonts.small, Tone.MUTED)
        self._hint.place(px(14), px(12))
        self.plot = PlotView(self.window, theme, is_large=True)
        self._title = Label(self.window, theme.fonts.small_bold, Tone.MUTED)
        self._rows = [_Row(self.window, theme) for _ in range(state.MAX_OVERLAY)]
        self.area = layout.Rect(0, 0, 0, 0)  # in the window
        self._is_shown = False
        self.item = layout.Rect(0, 0, 1, 1)  # the plot with its axes, inside the panel

    def show(self, is_shown: bool) -> None:
        if is_shown != self._is_shown:
            self._is_shown = is_shown
            self.plot.forget()
            dpg.configure_item(self.window, show=is_shown)

    @property
    def plot_area(self) -> layout.Rect:
        """The plotting area inside the panel."""
        return layout.plot_area(self.item, px(TICK_PX))

    def place(self, area: layout.Rect) -> None:
        """Take the middle of ``area``."""
        gap = px(layout.GAP_PX)
        area = layout.Rect(area.x + gap, area.y + gap, max(1, area.width - 2 * gap), max(1, area.height - 2 * gap))
        if area == self.area:
            return
        self.area = area
        _, _, width, height = area
        dpg.configure_item(self.window, pos=(area.x, area.y), width=width, height=height)
        pad, top = px(layout.CARD_PAD_PX), px(PLOT_TOP_PX)
        self.item = layout.Rect(pad, top, max(px(80), width - px(SIDE_PX) - 2 * pad), max(px(80), height - top - pad))
        self.plot.place(self.item)
        left = width - px(SIDE_PX)
        self._title.place(left + px(14), px(14))
        for index, row in enumerate(self._rows):
            row.place(left, px(TOP_PX) + index * px(ROW_PX))

    def draw(self, lines: Sequence[StreamLine], plot: PlotFrame | None, has_selection: bool) -> None:
        """Show ``lines``, the overlaid streams in the order of their colours."""
        self._hint.set(SELECTION if has_selection else NO_SELECTION, Tone.MUTED, self.item.width)
        self._title.set("1 stream" if len(lines) == 1 else f"{len(lines)} streams", Tone.MUTED)
        slots = {(line.series, channel): index for index, line in enumerate(lines) for channel in line.channels}
        if plot is not None:
            colours = [slots.get(trace.request, 0) for trace in plot.traces]
            self.plot.draw(plot, colours, [""] * len(colours), self.plot_area.width)
        for index, row in enumerate(self._rows):
            is_used = index < len(lines) and px(TOP_PX) + (index + 1) * px(ROW_PX) <= self.area.height
            row.show(is_used)
            if is_used:
                self._draw_row(row, index, lines[index])

    @staticmethod
    def _draw_row(row: _Row, index: int, line: StreamLine) -> None:
        chip = states.stream_chip(line)
        row.mark.set("●", palette.line_colour(index))
        row.name.set(line.name, Tone.PLAIN, px(SIDE_PX - 50))
        row.state.set(chip.text, chip.tone)
        age, tone = states.lateness(line)
        row.rate.set(*((f"{age} old", tone) if line.is_old else (words.rate(line.rate_hz), Tone.MUTED)))
        row.lost.set(words.lost(line.lost), Tone.BAD if line.lost else Tone.MUTED)

    def row_at(self, x: float, y: float) -> int | None:
        """The line of the list at a point of the panel; it may be beyond the last stream."""
        index = int(y - px(TOP_PX - 6)) // px(ROW_PX)
        is_inside = x >= self.area.width - px(SIDE_PX) and y >= px(TOP_PX - 6) and 0 <= index < state.MAX_OVERLAY
        return index if is_inside else None

    def is_hovered(self) -> bool:
        return bool(dpg.is_item_hovered(self.window))
