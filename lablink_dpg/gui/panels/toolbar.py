"""The bar at the top: where the samples come from on its left, how they are looked at on its right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lablink_dpg.gui import layout, words
from lablink_dpg.gui.label import Label, tooltip
from lablink_dpg.gui.palette import ACCENT, Tone
from lablink_dpg.gui.state import SPANS_US, ViewState
from lablink_dpg.gui.theme import SMALL_PX, Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.link import LinkStatus, Mode, StreamState

COMING = (StreamState.STREAMING, StreamState.POLLED)  # following streams of which none comes is not "live"
BUTTON_PX = 32
PRODUCT = "LabLink"
PRODUCT_PX = 96
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
    def toggle_log(self) -> None: ...
    def toggle_help(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Control:
    item: Item
    width: int


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
        self._product.set(PRODUCT, ACCENT)
        self._product.place(14, (layout.TOOLBAR_PX - 26) // 2 - 1)
        self._server = Label(self.window, theme.fonts.small_bold)
        self._server.place(14 + PRODUCT_PX + 14, 9)
        self._reason = Label(self.window, theme.fonts.small, Tone.MUTED)
        self._reason.place(14 + PRODUCT_PX + 14, 11 + SMALL_PX + 3)
        self._full_reason = tooltip(self._reason.item, theme)

        self._mode = self._combo([m.value for m in Mode], 122, lambda _s, value: actions.set_mode(Mode(value)))
        self._tip(
            self._mode, "How samples come: by WebSocket, by REST polling, or WebSocket with polling as the fallback"
        )
        self._reconnect = self._button("Reconnect", 104, actions.reconnect)
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
        self._log = self._button("Log", 54, actions.toggle_log)
        self._help = self._button("?", 34, actions.toggle_help)
        self._tip(self._help, "Keys and mouse (F1)")
        dpg.bind_item_font(self._live, theme.fonts.bold)
        self.text_inputs: tuple[Item, ...] = (self._filter,)
        self._right = (
            _Control(self._mode, 122),
            _Control(self._reconnect, 104),
            _Control(self._filter, 150),
            _Control(self._span, 96),
            _Control(self._y, 96),
            _Control(self._overlay, 122),
            _Control(self._live, 176),
            _Control(self._log, 54),
            _Control(self._help, 34),
        )
        self._width = 0
        self._text_width = 100
        self._labels: dict[Item, str] = {}
        self._themes: dict[Item, Item] = {}
        self._values: dict[Item, str] = {}
        self._reason_text = ""

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
            x -= control.width
            dpg.configure_item(control.item, pos=(x, (layout.TOOLBAR_PX - BUTTON_PX) // 2))
            x -= 8
        self._text_width = max(40, x - 14 - PRODUCT_PX - 14 - 8)

    def draw(
        self, view: ViewState, links: Sequence[LinkStatus], now_us: int, behind_us: int, has_streams: bool
    ) -> None:
        self._draw_link(links, now_us)
        following = view.time.is_following
        is_live = has_streams and any(
            link.state in words.TRANSPORTS and any(stream.state in COMING for stream in link.streams.values())
            for link in links
        )
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
        self._set_theme(self._log, self._theme.pressed if view.is_log_open else self._theme.quiet)
        self._set_theme(self._help, self._theme.pressed if view.is_help_open else self._theme.quiet)

    def _draw_link(self, links: Sequence[LinkStatus], now_us: int) -> None:
        if not links:
            self._server.set("no server", Tone.MUTED, self._text_width)
            self._reason.set("", Tone.MUTED)
            return
        status = links[0]
        chip = words.LINK_CHIPS[status.state]
        more = f"  and {len(links) - 1} more" if len(links) > 1 else ""
        self._server.set(f"{chip.text} · {status.server}{more}", chip.tone, self._text_width)
        sentence = words.link_sentence(status, now_us)
        self._reason.set(sentence, Tone.MUTED, self._text_width)
        if sentence != self._reason_text:
            self._reason_text = sentence
            dpg.set_value(self._full_reason, sentence)
        self._set_value(self._mode, status.mode.value)

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
            "log": self._log,
            "help": self._help,
        }


def _plain(action: object) -> object:
    """A callback without Dear PyGui's arguments."""

    def call() -> None:
        assert callable(action)
        action()

    return call
