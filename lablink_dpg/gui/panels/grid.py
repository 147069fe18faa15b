"""The grid of cards in a scrolling area: a pool of cards for the rows on the screen, bound to other streams on scroll.

A card is found by stream number modulo pool size, so that scrolling by one row re-binds one row and no other; a
thousand streams cost what is visible of them. New words of the same streams go to some cards a frame, in turns: all of
them at once would be the longest frame of a second.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence

from lablink_dpg.gui import layout
from lablink_dpg.gui.actions import Actions
from lablink_dpg.gui.panels.card import Card
from lablink_dpg.gui.panels.card_menu import CardMenu
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.state import ViewState
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import TICK_PX
from lablink_dpg.query.frame import PlotFrame, StreamLine
from lablink_dpg.query.view import TraceRequest

WORDS_WITHIN_S = 0.2  # new words are on all cards by then: before the next ones come


class GridPanel:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme, actions: Actions) -> None:
        self._theme = theme
        self._actions = actions
        self.menu = CardMenu(theme, actions)
        self.window: Item = dpg.add_child_window(
            parent=parent, pos=(0, 0), border=False, no_scroll_with_mouse=True, show=False
        )
        dpg.bind_item_theme(self.window, theme.canvas)
        self._spacer: Item = dpg.add_spacer(parent=self.window, height=1)
        self._cards: list[Card] = []
        self._area = layout.Rect(0, 0, 0, 0)
        self._content_height = 0
        self._is_shown = False
        self._asked: tuple[object, ...] = ()  # what cards show besides pictures and words
        self._lines: Sequence[StreamLine] = ()  # whose words …
        self._words_due = 0  # … are not yet on so many cards, the last ones
        self._bound: list[tuple[int, str, Card]] = []  # those on the screen: line number, stream
        self._drawn_s = 0.0  # when they were last drawn

    def show(self, is_shown: bool) -> None:
        if is_shown != self._is_shown:
            self._is_shown = is_shown
            self._asked = ()
            for card in self._cards:
                card.plot.forget()
            dpg.configure_item(self.window, show=is_shown)

    @property
    def scroll_px(self) -> float:
        return float(dpg.get_y_scroll(self.window)) if self._content_height > 1 else 0.0

    def has_room_to_scroll(self) -> bool:
        """Known once its content was drawn."""
        return float(dpg.get_y_scroll_max(self.window)) > 0

    def scroll_by(self, delta_px: float) -> None:
        """Move the content; the library clamps nothing, so we do."""
        top = float(dpg.get_y_scroll_max(self.window))
        dpg.set_y_scroll(self.window, max(0.0, min(top, self.scroll_px + delta_px)))

    def place(self, grid: layout.Grid, area: layout.Rect) -> None:
        """Follow the room there is and the number of streams; makes cards only if more fit than ever before."""
        if area != self._area:
            self._area = area
            dpg.configure_item(self.window, pos=(area.x, area.y), width=area.width, height=area.height)
        content = grid.content_height if grid.is_scrolling else 1
        if content != self._content_height:
            self._content_height = content
            dpg.configure_item(self._spacer, height=content)
        wanted = min(layout.pool_size(grid), grid.count)
        while len(self._cards) < wanted:
            self._cards.append(Card(self.window, self._theme, self._actions, self.menu))

    def draw(
        self,
        grid: layout.Grid,
        cells: range,
        lines: Sequence[StreamLine],
        plots: Mapping[str, PlotFrame],
        view: ViewState,
        names: Mapping[TraceRequest, str],
        target: str = "",
    ) -> None:
        """Show ``cells`` of ``lines``; every other card is hidden.

        ``names`` of traces that are shown beside a card's own; ``target``: key of the card that a drop would change.
        """
        if not self._cards:
            return
        now_s = time.monotonic()
        elapsed_s, self._drawn_s = now_s - self._drawn_s, now_s
        asked = grid, cells, view.selected, view.extras, names, target
        if lines is not self._lines:
            self._lines, self._words_due = lines, len(cells)
            if [lines[index].stream for index in cells] != [stream for _, stream, _ in self._bound]:
                self._asked = ()
        if asked != self._asked:
            self._asked = asked
            self._bind(grid, cells)
            for index, stream, card in self._bound:
                card.draw(
                    index,
                    lines[index],
                    plots.get(stream),
                    is_selected=stream in view.selected,
                    is_target=stream == target,
                    extras=view.extras.get(stream, ()),
                    names=names,
                )
                card.show(True)
            return
        if self._words_due:
            self._tell_some(math.ceil(len(cells) * elapsed_s / WORDS_WITHIN_S))
        for _, stream, card in self._bound:
            card.follow(plots.get(stream))

    def _tell_some(self, wanted: int) -> None:
        """New words for so many of those cards that do not have them yet."""
        first = len(self._bound) - self._words_due
        for index, _, card in self._bound[first : first + wanted]:
            card.tell(self._lines[index])
        self._words_due = max(0, self._words_due - wanted)

    def _bind(self, grid: layout.Grid, cells: range) -> None:
        """Have a card for each of ``cells`` where it belongs; every other card is hidden."""
        self._bound = [(index, self._lines[index].stream, self.card(index)) for index in cells]
        self._words_due = 0
        for index, _, card in self._bound:
            card.place(layout.cell(grid, index), px(TICK_PX))
        used = {id(card) for _, _, card in self._bound}
        for card in self._cards:
            if id(card) not in used:
                card.show(False)

    def card(self, index: int) -> Card:
        """That shows line number ``index``, while it is on the screen."""
        return self._cards[index % len(self._cards)]

    def open_menu(self, index: int) -> None:
        if self._cards:
            self.card(index).open_menu()

    def is_hovered(self, index: int) -> bool:
        """Whether the mouse is really over that card, not over something on top of it or a button of its own."""
        if not self._cards:
            return False
        card = self.card(index)
        return bool(dpg.is_item_hovered(card.window)) and not card.is_on_button()
