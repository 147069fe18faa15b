"""The list of keys and of what the mouse does, over the plots."""

from __future__ import annotations

from lablink_dpg.gui.panels.side import SidePage
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg

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
    ("R", "try every server again, now"),
    ("M", "next mode: hybrid, websocket, polling"),
    ("U", "log in, where a server asks for it"),
    ("S", "statistics of every server"),
    ("E", "log of events"),
    ("Ctrl and +  −  0", "larger, smaller, 100 %"),
    ("F11", "full screen"),
    ("Esc", "close this, leave the overlay, clear the selection"),
)
KEY_PX, MEANING_PX = 290, 400


class HelpPage:
    """Main thread."""

    def __init__(self, theme: Theme) -> None:
        self._page = SidePage("Keys and mouse", theme, px(KEY_PX + MEANING_PX + 60))
        with dpg.table(parent=self._page.window, header_row=False, policy=dpg.mvTable_SizingFixedFit) as table:
            dpg.bind_item_theme(table, theme.dense)  # all of it is on a screen of 720 lines
            dpg.add_table_column(width_fixed=True, init_width_or_weight=px(KEY_PX))
            dpg.add_table_column(width_fixed=True, init_width_or_weight=px(MEANING_PX))
            for key, meaning in KEYS:
                with dpg.table_row():
                    dpg.bind_item_font(dpg.add_text(key), theme.fonts.bold)
                    dpg.add_text(meaning)

    @property
    def item(self) -> Item:
        """Its window."""
        return self._page.window

    def draw(self, is_shown: bool, window: tuple[int, int]) -> None:
        self._page.show(is_shown, window)

    def holds(self, x: float, y: float) -> bool:
        return self._page.holds(x, y)
