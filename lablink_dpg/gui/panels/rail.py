"""The strip at the left edge: a button a panel, with how many alarms there are and the like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lablink_dpg.books.lab import LabBook
from lablink_dpg.gui import layout, palette
from lablink_dpg.gui.calling import call
from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.label import Label, Plate, tooltip
from lablink_dpg.gui.panels.panel import Desk, PanelKind
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.toolkit import Item, dpg

BUTTON_PX = 62
TOP_PX = 8
PAD_PX = 4
SYMBOL_Y, WORD_Y, BADGE_Y = 9, 34, 6  # inside a button
SYMBOL_X, SYMBOL_PX = 6, 17  # where there is a badge beside it …
EDGE_PX = layout.RAIL_PX - PAD_PX - 2  # … which ends here
BADGE_PX = EDGE_PX - SYMBOL_X - SYMBOL_PX  # "△ 200" with a plate's padding


class Rail:
    """Main thread."""

    def __init__(self, parent: Item, desk: Desk, kinds: Mapping[PanelName, PanelKind]) -> None:
        self._desk = desk
        self._kinds = kinds
        theme = desk.theme
        self.window: Item = dpg.add_child_window(
            parent=parent,
            pos=(0, px(layout.TOOLBAR_PX)),
            width=px(layout.RAIL_PX),
            border=False,
            no_scrollbar=True,
            no_scroll_with_mouse=True,
        )
        dpg.bind_item_theme(self.window, theme.bar)
        self.buttons: dict[PanelName, Item] = {}
        self._words: dict[PanelName, tuple[Label, Label]] = {}  # symbol and word, over the button
        self._badges: dict[PanelName, Plate] = {}
        for index, (name, kind) in enumerate(kinds.items()):
            y = px(TOP_PX) + index * px(BUTTON_PX + 6)
            button: Item = dpg.add_button(
                parent=self.window,
                label="",
                pos=(px(PAD_PX), y),
                width=px(layout.RAIL_PX - 2 * PAD_PX),
                height=px(BUTTON_PX),
                callback=call(desk.actions.toggle_panel, name),
            )
            tooltip(button, theme, f"{kind.tip} (Ctrl+{kind.digit})")
            self.buttons[name] = button
            self._words[name] = Label(self.window, theme.fonts.body), Label(self.window, theme.fonts.small)
            self._badges[name] = Plate(self.window, theme)
        self._shown: tuple[PanelName, ...] | None = None
        self._height = 0
        self._revision = -1  # of the books whose badges are shown: what is new there is told at once

    def place(self, height: int) -> None:
        if height != self._height:
            self._height = height
            dpg.configure_item(self.window, height=height)

    def draw(self, visible: tuple[PanelName, ...], books: Sequence[LabBook], *, has_new_words: bool) -> None:
        if visible != self._shown:
            self._shown = visible
            for name, item in self.buttons.items():
                theme = self._desk.theme
                dpg.bind_item_theme(item, theme.pressed if name in visible else theme.quiet)
                self._write(name, is_pressed=name in visible)
        revision = sum([book.revision for book in books])
        if not has_new_words and revision == self._revision:
            return
        self._revision = revision
        for index, (name, kind) in enumerate(self._kinds.items()):
            badge = kind.badge(books)
            y = px(TOP_PX) + index * px(BUTTON_PX + 6)
            symbol, word = self._words[name]
            word.centre(0, px(layout.RAIL_PX), y + px(WORD_Y))
            if badge is None:
                self._badges[name].hide()
                symbol.centre(0, px(layout.RAIL_PX), y + px(SYMBOL_Y))
            else:
                symbol.place(px(SYMBOL_X), y + px(SYMBOL_Y))
                self._badges[name].show(badge.text, badge.tone, px(EDGE_PX), y + px(BADGE_Y), px(BADGE_PX))

    def _write(self, name: PanelName, *, is_pressed: bool) -> None:
        colour = palette.now.pressed.text if is_pressed else palette.now.text
        symbol, word = self._words[name]
        symbol.set(self._kinds[name].symbol, colour)
        word.set(self._kinds[name].word, colour)
