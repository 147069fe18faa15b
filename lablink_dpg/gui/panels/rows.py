"""A list with columns in a panel: as many rows as there are, as many items as are on the screen.

Rows have one height and columns a width of their own, so that nothing moves when a value changes its length. A thousand
rows cost what is visible of them, and a row that says the same again costs a comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import NamedTuple

from lablink_dpg.gui import layout
from lablink_dpg.gui.label import Label, set_tip, tooltip
from lablink_dpg.gui.palette import Rgb, Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import SMALL_PX

ROW_PX = 28
HEADER_PX = 24
MARK_PX = 4
PAD_PX = 8  # left and right of a cell's text
MAX_SHOWN = 150  # rows on the tallest screen; what is below is scrolled to


class Column(NamedTuple):
    title: str
    width_px: int  # at 100 %; least width, where it has a weight
    weight: float = 0.0  # share of what is left over
    is_right: bool = False  # numbers end at the right


class Cell(NamedTuple):
    text: str
    tone: Tone | Rgb = Tone.PLAIN


class Row(NamedTuple):
    key: str
    cells: tuple[Cell, ...]
    tip: str = ""


def widths(columns: Sequence[Column], width: int, left_out: Set[int] = frozenset()) -> list[int]:
    """Of each column in ``width`` px: 0 is not shown. Those ``left_out`` by number are not, and those at the right
    that do not fit.
    """
    used = 0
    shown: list[int] = []
    for number, column in enumerate(columns):
        if number in left_out:
            continue
        if shown and used + px(column.width_px) > width:
            break
        used += px(column.width_px)
        shown.append(number)
    total = sum(columns[number].weight for number in shown)
    extra = max(0, width - used)
    out = [0] * len(columns)
    for number in shown:
        column = columns[number]
        out[number] = px(column.width_px) + (int(extra * column.weight / total) if total else 0)
    return out


class _Line:
    """Items of one row on the screen."""

    def __init__(self, parent: Item, theme: Theme, columns: int, on_click: Callable[[], None]) -> None:
        self.ground: Item = dpg.add_selectable(parent=parent, label="", pos=(0, 0), show=False, callback=on_click)
        dpg.bind_item_theme(self.ground, theme.row)
        self.tip = tooltip(self.ground, theme)
        set_tip(self.tip, "")
        # At the left of the chosen row, over its ground: seen from afar, and by whoever sees no colours. A button,
        # because it is drawn in its turn.
        self.mark: Item = dpg.add_button(
            parent=parent, label="", pos=(0, 0), width=px(MARK_PX), height=px(ROW_PX - 4), show=False
        )
        dpg.bind_item_theme(self.mark, theme.mark)
        self.labels = [Label(parent, theme.fonts.small) for _ in range(columns)]
        self.row: Row | None = None
        self.look: tuple[object, ...] = ()
        self.tip_text = ""


class Rows:
    """Main thread. ``on_click`` gets the key of the row that was clicked."""

    def __init__(
        self, parent: Item, theme: Theme, columns: Sequence[Column], on_click: Callable[[str], None], *, empty: str
    ) -> None:
        """``empty``: what is said where there is no row."""
        self._theme = theme
        self._columns = tuple(columns)
        self._left_out: Set[int] = frozenset()
        self._on_click = on_click
        self.window: Item = dpg.add_child_window(parent=parent, border=False, no_scrollbar=True, height=100)
        dpg.bind_item_theme(self.window, theme.canvas)
        self._header: Item = dpg.add_child_window(
            parent=self.window, border=False, pos=(0, 0), height=px(HEADER_PX - 2), no_scrollbar=True
        )
        dpg.bind_item_theme(self._header, theme.header)
        self._titles = [Label(self._header, theme.fonts.small, Tone.MUTED) for _ in columns]
        self.body: Item = dpg.add_child_window(parent=self.window, border=False, pos=(0, px(HEADER_PX)))
        dpg.bind_item_theme(self.body, theme.canvas)
        self._spacer: Item = dpg.add_spacer(parent=self.body, height=1)
        self._empty = Label(self.body, theme.fonts.small, Tone.MUTED)
        self._empty_text = empty
        self._lines: list[_Line] = []
        self._size = (0, 0)
        self._is_measured = False  # before the library's first frame the widths of texts are guesses
        self._widths: list[int] = []
        self._content = -1
        self.shown = range(0)  # numbers of the rows on the screen

    def place(self, width: int, height: int) -> None:
        if (width, height) == self._size:
            return
        self._size = (width, height)
        dpg.configure_item(self.window, width=width, height=height)
        dpg.configure_item(self._header, width=width)
        dpg.configure_item(self.body, width=width, height=max(1, height - px(HEADER_PX)))
        self._widths = widths(self._columns, width - px(layout.SCROLLBAR_PX), self._left_out)
        x = 0
        for label, column, room in zip(self._titles, self._columns, self._widths, strict=True):
            label.show(room > 0)
            label.set(column.title, Tone.MUTED, max(1, room - 2 * px(PAD_PX)))
            if column.is_right:
                label.right(x + room - px(PAD_PX), px(3))
            else:
                label.place(x + px(PAD_PX), px(3))
            x += room

    def leave_out(self, numbers: Set[int]) -> None:
        """Show no columns of these numbers; the others have their room. Rows have cells for them all the same."""
        if numbers != self._left_out:
            self._left_out = numbers
            self._place_anew()

    def _place_anew(self) -> None:
        size, self._size = self._size, (0, 0)
        self.place(*size)
        for line in self._lines:
            line.look = ()

    def say_when_empty(self, text: str) -> None:
        self._empty_text = text

    def draw(self, rows: Sequence[Row], selected: str | None = None) -> None:
        if not self._is_measured and dpg.get_frame_count() > 1:
            self._is_measured = True
            self._place_anew()
        content = max(1, len(rows) * px(ROW_PX))
        if content != self._content:
            self._content = content
            dpg.configure_item(self._spacer, height=content)
        self._empty.show(not rows)
        if not rows:
            self._empty.set(self._empty_text, Tone.MUTED, max(1, self._size[0] - 20))
            self._empty.place(px(PAD_PX), px(8))
        body = max(1, self._size[1] - px(HEADER_PX))
        first = min(int(dpg.get_y_scroll(self.body)) // px(ROW_PX), max(0, len(rows) - 1))
        count = min(MAX_SHOWN, body // px(ROW_PX) + 2)
        self.shown = range(first, min(len(rows), first + count))
        while len(self._lines) < min(count, len(rows)):
            number = len(self._lines)
            self._lines.append(_Line(self.body, self._theme, len(self._columns), self._clicker(number)))
        used = set()
        for index in self.shown:
            slot = index % len(self._lines)
            used.add(slot)
            self._draw_line(self._lines[slot], index, rows[index], rows[index].key == selected)
        for slot, line in enumerate(self._lines):
            if slot not in used and line.row is not None:
                line.row, line.look = None, ()
                dpg.configure_item(line.ground, show=False)
                dpg.configure_item(line.mark, show=False)
                for label in line.labels:
                    label.show(False)

    def _draw_line(self, line: _Line, index: int, row: Row, is_selected: bool) -> None:
        look = (index, is_selected, self._size)
        if look != line.look:
            line.look = look
            width = self._size[0] - px(layout.SCROLLBAR_PX)
            dpg.configure_item(line.ground, pos=(0, index * px(ROW_PX)), width=width, height=px(ROW_PX - 4), show=True)
            dpg.set_value(line.ground, is_selected)
            dpg.configure_item(line.mark, pos=(0, index * px(ROW_PX)), show=is_selected)
            line.row = None
        if row == line.row:
            return
        # Most of what changes is a number or two.
        before = line.row.cells if line.row is not None else (None,) * len(row.cells)
        line.row = row
        x, y = 0, index * px(ROW_PX) + (px(ROW_PX) - px(SMALL_PX)) // 2 - 1
        for label, cell, old, column, room in zip(
            line.labels, row.cells, before, self._columns, self._widths, strict=True
        ):
            if cell != old:
                label.show(room > 0)
            if cell != old and room > 0:
                label.set(cell.text, cell.tone, max(1, room - 2 * px(PAD_PX)))
                if column.is_right:
                    label.right(x + room - px(PAD_PX), y)
                else:
                    label.place(x + px(PAD_PX), y)
            x += room
        if row.tip != line.tip_text:
            line.tip_text = row.tip
            set_tip(line.tip, row.tip)

    def _clicker(self, number: int) -> Callable[[], None]:
        return lambda: self._clicked(number)

    def _clicked(self, number: int) -> None:
        row = self._lines[number].row
        self._lines[number].look = ()  # the library has toggled it by itself
        if row is not None:
            self._on_click(row.key)

    def point(self, key: str) -> tuple[float, float] | None:
        """The middle of a row on the screen, in pixels of the window; for tests that click it."""
        for line in self._lines:
            if line.row is not None and line.row.key == key:
                (x, y), (width, height) = dpg.get_item_rect_min(line.ground), dpg.get_item_rect_size(line.ground)
                return x + min(60.0, width / 2), y + height / 2
        return None
