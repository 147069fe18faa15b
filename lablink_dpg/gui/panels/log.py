"""The log of events, over the plots: when, which server, what; warnings coloured, the newest at the bottom."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from lablink_dpg.gui import palette
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.side import SidePage
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.link import LinkEvent

WIDTH_PX, HEIGHT_PX = 900, 460
TIME_PX, SERVER_PX = 74, 110
MAX_LINES = 200  # kept in the page, to be scrolled through; each is three items that cost even when out of sight
MARKS = {False: "·", True: "▲"}
TO_THE_END = -1.0  # as a scroll position


def line_of(event: LinkEvent, names: Mapping[str, str]) -> tuple[str, str, str]:
    """Time of day, server by its short name, and what happened. ``names`` is empty where there is one server."""
    at = time.strftime("%H:%M:%S", time.localtime(event.at_us // 1_000_000))
    return at, names.get(event.server, ""), f"{MARKS[event.is_warning]} {event.text}"


class LogPage:
    """Main thread."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._page = SidePage("Log of events", theme, px(WIDTH_PX), px(HEIGHT_PX))
        self._note: Item = dpg.add_text(
            "Nothing has happened yet.", parent=self._page.window, color=palette.now.tones[Tone.MUTED]
        )
        self._table: Item = dpg.add_table(
            parent=self._page.window, header_row=False, scrollY=True, policy=dpg.mvTable_SizingFixedFit
        )
        dpg.bind_item_font(self._table, theme.fonts.small)
        dpg.bind_item_theme(self._table, theme.dense)
        dpg.add_table_column(parent=self._table, width_fixed=True, init_width_or_weight=px(TIME_PX))
        self._server_column: Item = dpg.add_table_column(parent=self._table, width_fixed=True, show=False)
        dpg.add_table_column(parent=self._table, width_stretch=True)
        self._rows: list[tuple[Item, Item, Item]] = []
        self._shown: list[LinkEvent] = []
        self._names: Mapping[str, str] = {}
        self._is_at_end = True

    def draw(
        self,
        is_shown: bool,
        events: Sequence[LinkEvent],
        names: Mapping[str, str],
        dropped: int,
        window: tuple[int, int],
    ) -> None:
        """``names`` as in ``line_of``; ``dropped``: events that nobody could keep, for the line at the top."""
        if not self._page.show(is_shown, window):
            return
        newest = list(events[-MAX_LINES:])
        if newest == self._shown and names == self._names:
            return
        is_at_end = not self._shown or dpg.get_y_scroll(self._table) >= dpg.get_y_scroll_max(self._table) - 1
        self._shown = newest
        kept = f"the newest {MAX_LINES} of {len(events)}" if len(events) > MAX_LINES else f"{len(events)} lines"
        more = f", {dropped} events were dropped for want of room" if dropped else ""
        dpg.set_value(self._note, f"{kept}{more}")
        if bool(names) != bool(self._names):
            dpg.configure_item(self._server_column, show=bool(names), init_width_or_weight=px(SERVER_PX))
        self._names = names
        while len(self._rows) < len(newest):
            self._rows.append(self._new_row())
        for row, event in zip(self._rows, newest, strict=False):
            tone = palette.now.tones[Tone.WARN if event.is_warning else Tone.PLAIN]
            for cell, text in zip(row, line_of(event, names), strict=True):
                dpg.set_value(cell, text)
            dpg.configure_item(row[2], color=tone)
        if is_at_end:  # somebody who reads further up is left there
            dpg.set_y_scroll(self._table, TO_THE_END)

    def holds(self, x: float, y: float) -> bool:
        return self._page.holds(x, y)

    def _new_row(self) -> tuple[Item, Item, Item]:
        with dpg.table_row(parent=self._table):
            at: Item = dpg.add_text("", color=palette.now.tones[Tone.MUTED])
            server: Item = dpg.add_text("", color=palette.now.tones[Tone.MUTED])
            text: Item = dpg.add_text("", wrap=0)
        return at, server, text
