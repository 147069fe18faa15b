"""The list of keys and of what the mouse does, over the plots."""

from __future__ import annotations

from collections.abc import Sequence

from lablink_dpg.gui.commands import Command
from lablink_dpg.gui.panels.side import SidePage
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg

MOUSE: tuple[tuple[str, str], ...] = (
    ("wheel over a plot", "zoom time around the mouse; the view is held"),
    ("drag", "move through time; the view is held"),
    ("Ctrl + wheel", "zoom Y of one plot"),
    ("Shift + drag", "move Y of one plot"),
    ("double click", "fit Y of one plot again"),
    ("click a card's name", "select it for the overlay"),
    ("drag a card's name", "show it in another plot, too"),
    ("drag a value", "show it in a plot, or as a card"),
    ("right click a card", "take out what was added to it"),
    ("Shift + wheel", "scroll the plots, turn the wall's page"),
    ("click a lane", "select it; double click: see it large"),
    ("drag a panel's tab", "put the panel elsewhere"),
    ("drag a panel's edge", "make it wider or narrower"),
)
KEY_PX, MEANING_PX = 130, 335
COLUMNS = 2  # side by side: all of it is on a screen of 720 lines


class HelpPage:
    """Main thread."""

    def __init__(self, theme: Theme, commands: Sequence[Command]) -> None:
        """``commands``: of which those with a key are shown."""
        lines = [*((c.shown, c.title) for c in commands if c.shown), *MOUSE]
        self._page = SidePage("Keys and mouse", theme, px(COLUMNS * (KEY_PX + MEANING_PX) + 80))
        with dpg.table(parent=self._page.window, header_row=False, policy=dpg.mvTable_SizingFixedFit) as table:
            dpg.bind_item_theme(table, theme.dense)
            dpg.bind_item_font(table, theme.fonts.small)
            for _ in range(COLUMNS):
                dpg.add_table_column(width_fixed=True, init_width_or_weight=px(KEY_PX))
                dpg.add_table_column(width_fixed=True, init_width_or_weight=px(MEANING_PX))
            height = -(-len(lines) // COLUMNS)
            for number in range(height):
                with dpg.table_row():
                    for key, meaning in lines[number::height]:
                        dpg.bind_item_font(dpg.add_text(key), theme.fonts.small_bold)
                        dpg.add_text(meaning)

    @property
    def item(self) -> Item:
        """Its window."""
        return self._page.window

    def draw(self, is_shown: bool, window: tuple[int, int]) -> None:
        self._page.show(is_shown, window)

    def holds(self, x: float, y: float) -> bool:
        return self._page.holds(x, y)
