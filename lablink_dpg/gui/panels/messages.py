"""What lies over or instead of the plots: the page without streams, the list of keys, the link's log."""

from __future__ import annotations

import time
from collections.abc import Sequence

from lablink_dpg.gui import layout, words
from lablink_dpg.gui.label import Label
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.theme import TITLE_PX, Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.link import LinkEvent, LinkState, LinkStatus

LOG_LINES = 16  # newest events shown: what fits a small window without scrolling
SIDE_PX = 640  # width of the log
KEYS: tuple[tuple[str, str], ...] = (
    ("wheel over a plot", "zoom time around the mouse; the view is held"),
    ("drag", "move through time; the view is held"),
    ("End, Home or L", "back to live"),
    ("Space", "hold the view or return to live"),
    ("+  −  or  [  ]", "zoom time, stay live"),
    ("Ctrl + wheel", "zoom Y of one plot"),
    ("Shift + drag", "move Y of one plot"),
    ("double click", "fit Y of one plot again"),
    ("A", "fit Y of all plots again"),
    ("click a card's name", "select it for the overlay"),
    ("O", "overlay of the selected streams"),
    ("Shift + wheel, Page Up, Page Down", "scroll the grid"),
    ("F11", "full screen"),
    ("Esc", "close this, leave the overlay, clear the selection"),
)


class EmptyPage:
    """Shown instead of the grid while there is no stream."""

    def __init__(self, parent: Item, theme: Theme) -> None:
        self.window: Item = dpg.add_child_window(
            parent=parent, pos=(0, layout.TOOLBAR_PX), border=False, no_scrollbar=True, show=False
        )
        dpg.bind_item_theme(self.window, theme.canvas)
        self._symbol = Label(self.window, theme.fonts.title)
        self._title = Label(self.window, theme.fonts.title)
        self._why = Label(self.window, theme.fonts.body, Tone.MUTED)
        self._next = Label(self.window, theme.fonts.body)
        self._size = (0, 0)
        self._is_shown = False

    def show(self, is_shown: bool) -> None:
        if is_shown != self._is_shown:
            self._is_shown = is_shown
            dpg.configure_item(self.window, show=is_shown)

    def place(self, width: int, height: int) -> None:
        if (width, height) != self._size:
            self._size = (width, height)
            dpg.configure_item(self.window, width=width, height=height)

    def draw(self, links: Sequence[LinkStatus], now_us: int, is_filtered: bool) -> None:
        width, height = self._size
        status = links[0] if links else None
        chip = words.LINK_CHIPS[status.state if status else LinkState.IDLE]
        title, why, then = words.empty_page(status, now_us)
        if is_filtered:
            title, why, then = "No stream has that name", "Clear the search field to see all of them.", ""
        room = width - 80
        self._symbol.set(chip.symbol, chip.tone)
        self._title.set(title, Tone.PLAIN, room)
        self._why.set(why, Tone.MUTED, room)
        self._next.set(then, Tone.INFO, room)
        y = height // 2 - 70
        for label, step in (
            (self._symbol, TITLE_PX + 14),
            (self._title, TITLE_PX + 12),
            (self._why, 30),
            (self._next, 0),
        ):
            label.centre(0, width, y)
            y += step


class HelpPage:
    """Keys and mouse, over the plots."""

    def __init__(self, theme: Theme) -> None:
        self.window: Item = dpg.add_window(
            label="Keys and mouse",
            show=False,
            no_resize=True,
            no_collapse=True,
            no_move=True,
            no_close=True,
            autosize=True,
        )
        with dpg.theme() as padded, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, 18, 14, category=dpg.mvThemeCat_Core)
            dpg.add_theme_color(dpg.mvThemeCol_WindowBg, (26, 32, 41), category=dpg.mvThemeCat_Core)
            dpg.add_theme_style(dpg.mvStyleVar_WindowBorderSize, 1, category=dpg.mvThemeCat_Core)
        dpg.bind_item_theme(self.window, padded)
        with dpg.table(parent=self.window, header_row=False, policy=dpg.mvTable_SizingFixedFit):
            dpg.add_table_column(width_fixed=True, init_width_or_weight=290)
            dpg.add_table_column(width_fixed=True, init_width_or_weight=400)
            for key, meaning in KEYS:
                with dpg.table_row():
                    dpg.bind_item_font(dpg.add_text(key), theme.fonts.bold)
                    dpg.add_text(meaning)
        self.padded: Item = padded
        self._is_shown = False

    def draw(self, is_shown: bool, width: int) -> None:
        if is_shown != self._is_shown:
            self._is_shown = is_shown
            dpg.configure_item(self.window, show=is_shown, pos=(max(0, width - 770), layout.TOOLBAR_PX + 8))
            if is_shown:
                dpg.focus_item(self.window)


class LogPage:
    """The link's newest events, over the plots."""

    def __init__(self, theme: Theme, padded: Item) -> None:
        self.window: Item = dpg.add_window(
            label="Link log",
            show=False,
            no_resize=True,
            no_collapse=True,
            no_move=True,
            no_close=True,
            width=SIDE_PX,
            height=430,
        )
        dpg.bind_item_theme(self.window, padded)
        self._lines = [Label(self.window, theme.fonts.small) for _ in range(LOG_LINES)]
        for index, line in enumerate(self._lines):
            line.place(18, 44 + index * 23)
        self._is_shown = False

    def draw(self, is_shown: bool, events: Sequence[LinkEvent], width: int) -> None:
        if is_shown != self._is_shown:
            self._is_shown = is_shown
            dpg.configure_item(self.window, show=is_shown, pos=(max(0, width - SIDE_PX - 12), layout.TOOLBAR_PX + 8))
            if is_shown:
                dpg.focus_item(self.window)
        if not is_shown:
            return
        newest = list(reversed(events[-LOG_LINES:]))
        for index, line in enumerate(self._lines):
            if index < len(newest):
                event = newest[index]
                at = time.strftime("%H:%M:%S", time.localtime(event.at_us // 1_000_000))
                mark = "▲" if event.is_warning else "·"
                line.set(f"{at}  {mark} {event.text}", Tone.WARN if event.is_warning else Tone.PLAIN, SIDE_PX - 36)
            else:
                line.set("Nothing has happened yet." if index == 0 else "", Tone.MUTED)
