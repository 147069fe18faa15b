"""What is shown instead of the grid while there is no stream: why, and what happens next."""

from __future__ import annotations

from collections.abc import Sequence

from lablink_dpg.gui import layout, states
from lablink_dpg.gui.label import Label
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import TITLE_PX
from lablink_dpg.model.link import LinkStatus

MAX_LINES = 8  # servers told one by one, where there are several: as many as may be watched
LINE_PX = 26


class EmptyPage:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme) -> None:
        self.window: Item = dpg.add_child_window(parent=parent, pos=(0, 0), border=False, no_scrollbar=True, show=False)
        dpg.bind_item_theme(self.window, theme.canvas)
        self._symbol = Label(self.window, theme.fonts.title)
        self._title = Label(self.window, theme.fonts.title)
        self._why = Label(self.window, theme.fonts.body, Tone.MUTED)
        self._next = Label(self.window, theme.fonts.body)
        self._servers = [Label(self.window, theme.fonts.body) for _ in range(MAX_LINES)]
        self._area = layout.Rect(0, 0, 0, 0)
        self._is_shown = False

    def show(self, is_shown: bool) -> None:
        if is_shown != self._is_shown:
            self._is_shown = is_shown
            dpg.configure_item(self.window, show=is_shown)

    def place(self, area: layout.Rect) -> None:
        if area != self._area:
            self._area = area
            dpg.configure_item(self.window, pos=(area.x, area.y), width=area.width, height=area.height)

    def draw(self, links: Sequence[LinkStatus], now_us: int, is_filtered: bool) -> None:
        _, _, width, height = self._area
        chip, title, why, then = states.empty_page(links, now_us)
        told = links if len(links) > 1 and not is_filtered else ()
        if is_filtered:
            title, why, then = "No stream has that name", "Clear the search field to see all of them.", ""
        room = width - px(80)
        self._symbol.set(chip.symbol, chip.tone)
        self._title.set(title, Tone.PLAIN, room)
        self._why.set("" if told else why, Tone.MUTED, room)
        self._next.set("" if told else then, Tone.INFO, room)
        y = height // 2 - px(70)
        for label, step in (
            (self._symbol, px(TITLE_PX + 14)),
            (self._title, px(TITLE_PX + 12)),
            (self._why, px(30)),
            (self._next, 0),
        ):
            label.centre(0, width, y)
            y += step
        y -= px(30)
        for index, label in enumerate(self._servers):
            link = told[index] if index < len(told) else None
            label.show(link is not None)
            if link is not None:
                own = states.link_chip(link)
                label.set(f"{own.symbol} {link.server}: {states.link_sentence(link, now_us)}", own.tone, room)
                label.centre(0, width, y + index * px(LINE_PX))
