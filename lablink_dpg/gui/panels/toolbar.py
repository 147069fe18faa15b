"""The bar at the top: where the samples come from on its left, how they are looked at on its right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lablink_dpg.gui import layout, palette, words
from lablink_dpg.gui.label import Label, tooltip
from lablink_dpg.gui.panels.servers import ServersLine
from lablink_dpg.gui.state import SPANS_US, Page, ViewState
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.link import LinkStatus, Mode

BUTTON_PX = 32
PRODUCT = "LabLink"
PRODUCT_PX = 96
WORDS_EVERY_US = 250_000  # between two looks at what only counts down
MIN_FILTER_WINDOW_PX = 1400  # a narrower window needs the room for the server's name


class Actions(Protocol):
    """What the bar's controls do; the window implements it."""

    def set_mode(self, mode: Mode) -> None: ...
    def reconnect(self) -> None: ...
    def filter_streams(self, text: str) -> None: ...
    def choose_span(self, span_us: int) -> None: ...
    def toggle_y(self) -> None: ...
    def toggle_overlay(self) -> None: ...
    def toggle_live(self) -> None: ...
    def toggle_page(self, page: Page) -> None: ...


@dataclass(frozen=True, slots=True)
class _Control:
    item: Item
    width: int
    narrow: int = 0  # in a window that has no room for the search field; 0: as wide as ever


class Toolbar:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme, actions: Actions) -> None:
        self._theme = theme
        self.window: Item = dpg.add_child_window(
            parent=parent,
            pos=(0, 0),
            height=layout.TOOLBAR_PX,
            border=False,
            no_scrollbar=True,
            no_scroll_with_mouse=True,
        )
        dpg.bind_item_theme(self.window, theme.bar)
        self._product = Label(self.window, theme.fonts.title)
        self._product.set(PRODUCT, palette.now.accent)
        self._product.place(14, (layout.TOOLBAR_PX - 26) // 2 - 1)
        self._servers = ServersLine(self.window, theme, 14 + PRODUCT_PX + 14)

        self._mode = self._combo([m.value for m in Mode], 122, lambda _s, value: actions.set_mode(Mode(value)))
        self._tip(
            self._mode,
            "How samples come: by WebSocket, by REST polling, or WebSocket with polling as the fallback (M).\n"
            "For every server; the statistics have it for one alone",
        )
        self._reconnect = self._button("Reconnect", 104, actions.reconnect)
        self._tip(self._reconnect, "Try every server again, now (R); the statistics have it for one alone")
        self._filter = dpg.add_input_text(
            parent=self.window,
            pos=(0, 0),
            width=150,
            hint="find a stream",
            callback=lambda _s, v: actions.filter_streams(v),
        )
        spans = {words.span(s): s for s in SPANS_US}
        self._span = self._combo(list(spans), 96, lambda _s, value: actions.choose_span(spans[value]))
        self._tip(self._span, "Length of the time axis. Wheel over a plot, or + and −, for any other")
        self._y = self._button("Y auto", 96, actions.toggle_y)
        self._tip(
            self._y, "Y auto: each plot fits what is visible. Ctrl + wheel sets one by hand, double click resets it"
        )
        self._overlay = self._button("Overlay", 122, actions.toggle_overlay)
        self._tip(self._overlay, "Draw the selected streams in one large plot (O)")
        self._live = self._button("● LIVE", 176, actions.toggle_live)
        self._tip(self._live, "Hold the view or return to live (Space). Collection goes on while it is held")
        self._statistics = self._button("Stats", 64, lambda: actions.toggle_page(Page.STATISTICS))
        self._tip(self._statistics, "Messages, errors, reconnects and times of every server (S)")
        self._log = self._button("Log", 54, lambda: actions.toggle_page(Page.LOG))
        self._tip(self._log, "What happened to the connections (E)")
        self._help = self._button("?", 34, lambda: actions.toggle_page(Page.HELP))
        self._tip(self._help, "Keys and mouse (F1)")
        dpg.bind_item_font(self._live, theme.fonts.bold)
        self.text_inputs: tuple[Item, ...] = (self._filter,)
        self._right = (
            _Control(self._mode, 122, 112),
            _Control(self._reconnect, 104),
            _Control(self._filter, 150),
            _Control(self._span, 96, 88),
            _Control(self._y, 96, 88),
            _Control(self._overlay, 122, 104),
            _Control(self._live, 176),
            _Control(self._statistics, 64),
            _Control(self._log, 54),
            _Control(self._help, 34),
        )
        self._width = 0
        self._links_shown: tuple[object, ...] = ()
        self._text_width = 100
        self._labels: dict[Item, str] = {}
        self._themes: dict[Item, Item] = {}
        self._values: dict[Item, str] = {}

    def _button(self, label: str, width: int, action: object) -> Item:
        item: Item = dpg.add_button(
            parent=self.window, label=label, width=width, height=BUTTON_PX, pos=(0, 0), callback=_plain(action)
        )
        return item

    def _combo(self, items: list[str], width: int, callback: object) -> Item:
        item: Item = dpg.add_combo(items, parent=self.window, width=width, pos=(0, 0), callback=callback)
        dpg.bind_item_theme(item, self._theme.popup)
        return item

    def _tip(self, item: Item, text: str) -> None:
        tooltip(item, self._theme, text)

    def place(self, width: int) -> None:
        """Lay the controls out from the right edge; the words on the left take what remains."""
        if width == self._width:
            return
        self._width = width
        dpg.configure_item(self.window, width=width)
        has_filter = width >= MIN_FILTER_WINDOW_PX
        dpg.configure_item(self._filter, show=has_filter)
        x = width - 12
        for control in reversed(self._right):
            if control.item == self._filter and not has_filter:
                continue
            wide = control.width if has_filter or not control.narrow else control.narrow
            x -= wide
            dpg.configure_item(control.item, pos=(x, (layout.TOOLBAR_PX - BUTTON_PX) // 2), width=wide)
            x -= 8
        self._text_width = max(40, x - 14 - PRODUCT_PX - 14 - 8)

    def draw(self, view: ViewState, links: Sequence[LinkStatus], now_us: int, behind_us: int, is_live: bool) -> None:
        """``is_live``: samples of some stream come, now."""
        shown = (
            *((link.server, link.reason, link.state, link.mode) for link in links),
            now_us // WORDS_EVERY_US,
            self._width,
        )
        if shown != self._links_shown:
            self._links_shown = shown
            self._servers.draw(links, now_us, self._text_width)
            self._draw_mode(links)
        following = view.time.is_following
        if not following:
            self._set_label(self._live, f"‖ HELD {words.MINUS}{words.duration(behind_us / 1e6)}")
            self._set_theme(self._live, self._theme.held)
        else:  # following a server that sends nothing is not "live"
            self._set_label(self._live, "● LIVE" if is_live else "○ NO DATA")
            self._set_theme(self._live, self._theme.live if is_live else self._theme.quiet)
        self._set_value(self._span, words.span(view.time.span_us))
        self._set_label(self._y, "Y manual" if view.y_ranges else "Y auto")
        self._set_theme(self._y, self._theme.pressed if view.y_ranges else self._theme.quiet)
        chosen = len(view.selected)
        self._set_label(self._overlay, f"Overlay ({chosen})" if chosen else "Overlay")
        self._set_theme(self._overlay, self._theme.pressed if view.is_overlay else self._theme.quiet)
        for item, page in ((self._statistics, Page.STATISTICS), (self._log, Page.LOG), (self._help, Page.HELP)):
            self._set_theme(item, self._theme.pressed if view.page is page else self._theme.quiet)

    def _draw_mode(self, links: Sequence[LinkStatus]) -> None:
        modes = {link.mode.value for link in links}
        if modes:
            self._set_value(self._mode, modes.pop() if len(modes) == 1 else "mixed")

    def _set_label(self, item: Item, text: str) -> None:
        if self._labels.get(item) != text:
            self._labels[item] = text
            dpg.configure_item(item, label=text)

    def _set_theme(self, item: Item, theme: Item) -> None:
        if self._themes.get(item) != theme:
            self._themes[item] = theme
            dpg.bind_item_theme(item, theme)

    def _set_value(self, item: Item, text: str) -> None:
        """Only on a change of ours: a choice just made by hand is not undone before the link has heard of it."""
        if self._values.get(item) != text:
            self._values[item] = text
            dpg.set_value(item, text)

    @property
    def controls(self) -> dict[str, Item]:
        """Items by name, for tests that press them."""
        return {
            "mode": self._mode,
            "reconnect": self._reconnect,
            "filter": self._filter,
            "span": self._span,
            "y": self._y,
            "overlay": self._overlay,
            "live": self._live,
            "statistics": self._statistics,
            "log": self._log,
            "help": self._help,
        }


def _plain(action: object) -> object:
    """A callback without Dear PyGui's arguments."""

    def call() -> None:
        assert callable(action)
        action()

    return call
