"""The bar over all panels while a critical alarm is active that nobody has acknowledged.

It takes room of its own and covers nothing. Its buttons stand at its left end, at the same place whatever it says, and
clear of the pages that open at the right.
"""

from __future__ import annotations

from lablink_dpg.gui import alarm_summary, layout, palette
from lablink_dpg.gui.alarm_summary import Bar
from lablink_dpg.gui.label import Label, text_width, tooltip
from lablink_dpg.gui.panels.panel import Desk
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import SMALL_PX

HEIGHT_PX = 34
PAD_PX = 8
ACKNOWLEDGE_PX, SHOW_PX = 122, 66


class AlarmBar:
    """Main thread."""

    def __init__(self, parent: Item, desk: Desk) -> None:
        self._desk = desk
        theme = desk.theme
        self.window: Item = dpg.add_child_window(
            parent=parent,
            pos=(px(layout.RAIL_PX), px(layout.TOOLBAR_PX)),
            height=px(HEIGHT_PX),
            border=False,
            no_scrollbar=True,
            no_scroll_with_mouse=True,
            show=False,
        )
        dpg.bind_item_theme(self.window, theme.alarm)
        self.acknowledge = self._button("Acknowledge", PAD_PX, ACKNOWLEDGE_PX)
        dpg.configure_item(self.acknowledge, callback=self._acknowledge)
        tooltip(self.acknowledge, theme, "Say that you have seen it, under the name last used in the alarms' panel")
        self.show = self._button("Show", 2 * PAD_PX + ACKNOWLEDGE_PX, SHOW_PX)
        dpg.configure_item(self.show, callback=self._show)
        tooltip(self.show, theme, "Open the alarms at this one")
        self._text = Label(self.window, theme.fonts.small_bold)
        self._more = Label(self.window, theme.fonts.small_bold)
        self._bar: Bar | None = None
        self._width = 0
        self._revision: object = None
        self._drawn: object = None

    def _button(self, label: str, left: int, width: int) -> Item:
        item: Item = dpg.add_button(
            parent=self.window,
            label=label,
            pos=(px(left), px(4)),
            width=px(width),
            height=px(HEIGHT_PX) - 2 * px(4),
        )
        dpg.bind_item_font(item, self._desk.theme.fonts.small_bold)
        dpg.bind_item_theme(item, self._desk.theme.alarm_button)
        return item

    @property
    def height(self) -> int:
        """Of the room that it takes now."""
        return px(HEIGHT_PX) if self._bar is not None else 0

    def place(self, width: int) -> None:
        """Look for what it has to say, and take the room between the rail and the right edge of the window."""
        source = self._desk.source
        books = source.books()
        revision = (*(book.alarms.revision for book in books), len(books))
        if revision != self._revision:
            self._revision = revision
            self._bar = alarm_summary.bar(books, source.links())
        self._width = max(1, width - px(layout.RAIL_PX))
        self._draw()

    def _draw(self) -> None:
        looks = (self._bar, self._width)
        if looks == self._drawn:
            return
        self._drawn = looks
        bar = self._bar
        dpg.configure_item(self.window, show=bar is not None, width=self._width)
        if bar is None:
            return
        ink, y = palette.now.background, (px(HEIGHT_PX) - px(SMALL_PX)) // 2 + 1
        left = px(3 * PAD_PX + ACKNOWLEDGE_PX + SHOW_PX) + px(PAD_PX)
        more_px = int(text_width(bar.more, self._more.font)) + px(2 * PAD_PX) if bar.more else 0
        room = max(1, self._width - left - more_px - px(PAD_PX))
        self._text.set(bar.text, ink, room)
        self._text.place(left, y)
        self._more.show(bool(bar.more))
        self._more.set(bar.more, ink)
        self._more.right(self._width - px(PAD_PX), y)

    def _acknowledge(self) -> None:
        if self._bar is not None:
            self._desk.actions.alarms.acknowledge(self._bar.key)

    def _show(self) -> None:
        if self._bar is not None:
            self._desk.actions.alarms.show(self._bar.key)
