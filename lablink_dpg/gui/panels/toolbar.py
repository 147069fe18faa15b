"""The bar at the top: where the samples come from on its left, how they are looked at on its right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import is_
from typing import Protocol

from lablink_dpg.gui import layout, palette, room, scale, words
from lablink_dpg.gui.cadence import Turn, next_us
from lablink_dpg.gui.label import Label, tooltip
from lablink_dpg.gui.panels.servers import ServersLine
from lablink_dpg.gui.room import CONTROLS, Form
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.state import SPANS_US, Page, ViewState
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import TITLE_PX
from lablink_dpg.model.link import LinkStatus, Mode

BUTTON_PX = 32
PRODUCT = "LabLink"


class Actions(Protocol):
    """What the bar's controls do; the window implements it."""

    def set_mode(self, mode: Mode) -> None: ...
    def reconnect(self) -> None: ...
    def filter_streams(self, text: str) -> None: ...
    def choose_span(self, span_us: int) -> None: ...
    def toggle_y(self) -> None: ...
    def toggle_overlay(self) -> None: ...
    def toggle_wall(self) -> None: ...
    def toggle_live(self) -> None: ...
    def toggle_page(self, page: Page) -> None: ...


class Toolbar:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme, actions: Actions) -> None:
        self._theme = theme
        self.window: Item = dpg.add_child_window(
            parent=parent,
            pos=(0, 0),
            height=px(layout.TOOLBAR_PX),
            border=False,
            no_scrollbar=True,
            no_scroll_with_mouse=True,
        )
        dpg.bind_item_theme(self.window, theme.bar)
        self._product = Label(self.window, theme.fonts.title)
        self._product.set(PRODUCT, palette.now.accent)
        self._product.place(px(room.PRODUCT_X_PX), px((layout.TOOLBAR_PX - TITLE_PX) // 2 - 1))
        self._servers = ServersLine(self.window, theme)

        self._mode = self._combo([m.value for m in Mode], lambda _s, value: actions.set_mode(Mode(value)))
        self._tip(
            self._mode,
            "How samples come: by WebSocket, by REST polling, or WebSocket with polling as the fallback (M).\n"
            "For every server; the statistics have it for one alone",
        )
        self._reconnect = self._button("Reconnect", actions.reconnect)
        self._tip(self._reconnect, "Try every server again, now (R); the statistics have it for one alone")
        self._filter = dpg.add_input_text(
            parent=self.window,
            pos=(0, 0),
            hint="find a stream",
            callback=lambda _s, v: actions.filter_streams(v),
        )
        spans = {words.span(s): s for s in SPANS_US}
        self._span = self._combo(list(spans), lambda _s, value: actions.choose_span(spans[value]))
        self._tip(self._span, "Length of the time axis. Wheel over a plot, or + and −, for any other")
        self._y = self._button("Y auto", actions.toggle_y)
        self._tip(
            self._y, "Y auto: each plot fits what is visible. Ctrl + wheel sets one by hand, double click resets it"
        )
        self._wall = self._button("Wall", actions.toggle_wall)
        self._tip(self._wall, "All streams at once, one small lane each (W)")
        self._overlay = self._button("Overlay", actions.toggle_overlay)
        self._tip(self._overlay, "Draw the selected streams in one large plot (O)")
        self._live = self._button("● LIVE", actions.toggle_live)
        self._tip(self._live, "Hold the view or return to live (Space). Collection goes on while it is held")
        self._statistics = self._button("Stats", lambda: actions.toggle_page(Page.STATISTICS))
        self._tip(self._statistics, "Messages, errors, reconnects and times of every server (S)")
        self._log = self._button("Log", lambda: actions.toggle_page(Page.LOG))
        self._tip(self._log, "What happened to the connections (E)")
        self._help = self._button("?", lambda: actions.toggle_page(Page.HELP))
        self._tip(self._help, "Keys and mouse (F1)")
        dpg.bind_item_font(self._live, theme.fonts.bold)
        self.text_inputs: tuple[Item, ...] = (self._filter,)
        self._width = 0
        self._forms: Mapping[str, Form] = dict.fromkeys(CONTROLS, Form.WIDE)
        self._links: Sequence[LinkStatus] = ()  # looked at last, for this width and until it is time again
        self._placed = -1
        self._due_us = 0
        self._links_shown: tuple[object, ...] = ()
        self._drawn: tuple[object, ...] = (None,) * 4  # what the controls were last drawn for
        self._labels: dict[Item, str] = {}
        self._themes: dict[Item, Item] = {}
        self._values: dict[Item, str] = {}

    def _button(self, label: str, action: object) -> Item:
        item: Item = dpg.add_button(
            parent=self.window, label=label, height=px(BUTTON_PX), pos=(0, 0), callback=_plain(action)
        )
        return item

    def _combo(self, items: list[str], callback: object) -> Item:
        item: Item = dpg.add_combo(items, parent=self.window, pos=(0, 0), callback=callback)
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
        fit = room.toolbar(width / scale.current())
        self._forms = fit.forms
        self._product.show("product" in fit.places)
        for name, item in self.controls.items():
            x, own = fit.places.get(name, (0, CONTROLS[name].wide))
            y = px((layout.TOOLBAR_PX - BUTTON_PX) // 2)
            dpg.configure_item(item, show=name in fit.places, pos=(px(x), y), width=px(own))
        self._servers.place(px(fit.text_x), px(fit.text_width))

    def draw(self, view: ViewState, links: Sequence[LinkStatus], now_us: int, behind_us: int, is_live: bool) -> None:
        """``is_live``: samples of some stream come, now."""
        if now_us >= self._due_us or self._width != self._placed or not _are_same(links, self._links):
            self._due_us, self._placed, self._links = next_us(now_us, Turn.TOOLBAR), self._width, links
            shown = (*((link.server, link.reason, link.state, link.mode) for link in links), self._due_us, self._width)
            if shown != self._links_shown:
                self._links_shown = shown
                self._servers.draw(links, now_us)
                self._draw_mode(links)
        drawn = view, behind_us, is_live, self._width
        if all(map(is_, drawn, self._drawn)):
            return
        self._drawn = drawn
        self._draw_live(view.time.is_following, behind_us, is_live)
        self._set_value(self._span, words.span(view.time.span_us))
        self._set_label(self._reconnect, "↻" if self._forms["reconnect"] is Form.SHORT else "Reconnect")
        self._set_label(self._y, "Y manual" if view.y_ranges else "Y auto")
        self._set_theme(self._y, self._theme.pressed if view.y_ranges else self._theme.quiet)
        chosen, word = len(view.selected), "Over" if self._forms["overlay"] is Form.SHORT else "Overlay"
        self._set_label(self._overlay, f"{word} ({chosen})" if chosen and word == "Overlay" else word)
        self._set_theme(self._overlay, self._theme.pressed if view.is_overlay else self._theme.quiet)
        is_wall = view.is_wall and not view.is_overlay
        self._set_theme(self._wall, self._theme.pressed if is_wall else self._theme.quiet)
        for item, page in ((self._statistics, Page.STATISTICS), (self._log, Page.LOG), (self._help, Page.HELP)):
            self._set_theme(item, self._theme.pressed if view.page is page else self._theme.quiet)

    def _draw_live(self, is_following: bool, behind_us: int, is_live: bool) -> None:
        if not is_following:
            word = "‖" if self._forms["live"] is Form.SHORT else "‖ HELD"
            self._set_label(self._live, f"{word} {words.MINUS}{words.duration(behind_us / 1e6)}")
            self._set_theme(self._live, self._theme.held)
        else:  # following a server that sends nothing is not "live"
            self._set_label(self._live, "● LIVE" if is_live else "○ NO DATA")
            self._set_theme(self._live, self._theme.live if is_live else self._theme.quiet)

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

    def set_filter(self, text: str) -> None:
        dpg.set_value(self._filter, text)

    @property
    def controls(self) -> dict[str, Item]:
        """Items by name."""
        return {
            "mode": self._mode,
            "reconnect": self._reconnect,
            "filter": self._filter,
            "span": self._span,
            "y": self._y,
            "wall": self._wall,
            "overlay": self._overlay,
            "live": self._live,
            "statistics": self._statistics,
            "log": self._log,
            "help": self._help,
        }


def _are_same(links: Sequence[LinkStatus], before: Sequence[LinkStatus]) -> bool:
    """The very same objects, which are replaced when anything changes."""
    return len(links) == len(before) and all(map(is_, links, before))


def _plain(action: object) -> object:
    """A callback without Dear PyGui's arguments."""

    def call() -> None:
        assert callable(action)
        action()

    return call
