"""The statistics of every server, over the plots, with the buttons that ask something of one server alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Protocol

from lablink_dpg.gui import figures, palette
from lablink_dpg.gui.calling import call
from lablink_dpg.gui.figures import Row
from lablink_dpg.gui.label import cut, tooltip
from lablink_dpg.gui.palette import Rgb, Tone
from lablink_dpg.gui.panels.side import SidePage
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.query.frame import ServerLine

NAME_PX = 170
MAX_ROWS = 56  # what figures may ever have to say, reasons included
PAD_PX = 60  # of the page and between columns


def column_px(servers: int) -> int:
    """Width of a server's column: eight of them and their sum fit the narrowest window; one has its whole name."""
    return px(230 if servers == 1 else 150 if servers <= 4 else 96)


class Actions(Protocol):
    def reconnect(self, server: str) -> None: ...
    def next_mode(self, server: str) -> None: ...


class StatisticsPage:
    """Main thread. Its columns are made when it is first shown, and anew for other servers."""

    def __init__(self, theme: Theme, actions: Actions) -> None:
        self._theme = theme
        self._actions = actions
        self._page: SidePage | None = None
        self._table: Item | None = None
        self._servers: tuple[str, ...] = ()  # that the columns are of
        self._cells: list[list[Item]] = []
        self._rows: list[Item] = []
        self._tips: list[Item] = []
        self._shown: list[Row] = []
        self.buttons: dict[str, Item] = {}  # "reconnect SERVER" and "next mode SERVER", for tests that press them

    def draw(self, is_shown: bool, servers: Sequence[ServerLine], now_us: int, window: tuple[int, int]) -> None:
        """``servers`` may be empty while it is hidden."""
        if self._page is None and not (is_shown and servers):
            return
        names = tuple(server.status.server for server in servers)
        if servers and names != self._servers:
            self._servers = names
            self._build(servers)
        assert self._page is not None
        if not self._page.show(is_shown, window) or not servers:
            return
        rows = figures.rows(servers, now_us)[:MAX_ROWS]
        for index, row in enumerate(rows):
            if index < len(self._shown) and self._shown[index] == row:
                continue
            for item, (text, tone) in zip(self._cells[index], ((row.name, Tone.MUTED), *row.cells), strict=True):
                dpg.set_value(item, text)
                dpg.configure_item(item, color=_rgb(tone))
            dpg.set_value(self._tips[index], row.tip or row.name)
            dpg.configure_item(self._rows[index], show=True)
        for index in range(len(rows), len(self._shown)):
            dpg.configure_item(self._rows[index], show=False)
        self._shown = rows

    @property
    def item(self) -> Item:
        """Its window; it must have been shown."""
        assert self._page is not None
        return self._page.window

    @property
    def is_shown(self) -> bool:
        return self._page is not None and self._page.is_shown

    def holds(self, x: float, y: float) -> bool:
        return self._page is not None and self._page.holds(x, y)

    def _build(self, servers: Sequence[ServerLine]) -> None:
        names = figures.columns(servers)
        width = column_px(len(servers))
        page_px = px(NAME_PX + PAD_PX) + (width + px(10)) * len(names)
        page = self._page = self._page or SidePage("Statistics", self._theme, page_px)
        if self._table is not None:
            dpg.delete_item(self._table)
            for each in (self._cells, self._rows, self._tips, self._shown, self.buttons):
                each.clear()
        with dpg.table(parent=page.window, header_row=False, policy=dpg.mvTable_SizingFixedFit) as table:
            self._table = table
            dpg.bind_item_theme(table, self._theme.dense)
            dpg.add_table_column(width_fixed=True, init_width_or_weight=px(NAME_PX))
            for _ in names:
                dpg.add_table_column(width_fixed=True, init_width_or_weight=width)
            dpg.bind_item_font(table, self._theme.fonts.small)
            with dpg.table_row():
                dpg.add_text("")
                for name, server in zip_longest(names, servers):
                    title = dpg.add_text(cut(name, width, self._theme.fonts.small_bold))
                    dpg.bind_item_font(title, self._theme.fonts.small_bold)
                    tooltip(title, self._theme, name if server is None else server.status.server)
            with dpg.table_row():  # above what may have to be scrolled
                dpg.add_text("")
                for server in servers:
                    self._add_buttons(server.status.server, width)
            for _ in range(MAX_ROWS):
                with dpg.table_row(show=False) as row:
                    cells = [dpg.add_text("") for _ in range(len(names) + 1)]
                self._rows.append(row)
                self._cells.append(cells)
                self._tips.append(tooltip(cells[0], self._theme))

    def _add_buttons(self, server: str, width: int) -> None:
        with dpg.group():
            for name, action in (("Reconnect", self._actions.reconnect), ("Next mode", self._actions.next_mode)):
                button = dpg.add_button(label=name, width=width - px(10), callback=call(action, server))
                self.buttons[f"{name.lower()} {server}"] = button


def _rgb(tone: Tone) -> Rgb:
    return palette.now.tones[tone]
