"""What the user can do with a button or a key: change the view, or ask something of the servers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from lablink_dpg.gui import asking, docking, state
from lablink_dpg.gui.docking import Docks, PanelName
from lablink_dpg.gui.source import Source
from lablink_dpg.gui.state import Page, ViewState
from lablink_dpg.model.commands import Login, ReconnectNow, SetMode, WatchDevice, WatchTopics
from lablink_dpg.model.link import LinkStatus, Mode
from lablink_dpg.model.orders import Order
from lablink_dpg.model.topic import Topic
from lablink_dpg.query.frame import Frame

MODES = tuple(Mode)


class Screen(Protocol):
    """The window, as far as an action has to know it."""

    state: ViewState
    frame: Frame | None
    links: Sequence[LinkStatus]

    def live_right_us(self) -> int: ...


class Actions:
    """Main thread; called between frames. ``server`` as in LinkStatus; without it, every server is meant."""

    def __init__(self, screen: Screen, source: Source) -> None:
        self._screen = screen
        self._source = source

    def reconnect(self, server: str = "") -> None:
        self._source.send(ReconnectNow(), server)

    def set_mode(self, mode: Mode, server: str = "") -> None:
        self._source.send(SetMode(mode), server)

    def next_mode(self, server: str = "") -> None:
        """The one after that of the (first) server meant; all of them are then alike."""
        meant = [link.mode for link in self._screen.links if server in ("", link.server)]
        if meant:
            self.set_mode(MODES[(MODES.index(meant[0]) + 1) % len(MODES)], server)

    def log_in(self, user: str, password: str, *, remember: bool, server: str) -> None:
        self._source.send(Login(user, password, remember), server)

    def filter_streams(self, text: str) -> None:
        self._screen.state = state.set_filter(self._screen.state, text)

    def choose_span(self, span_us: int) -> None:
        self._screen.state = state.set_span(self._screen.state, span_us)

    def toggle_y(self) -> None:
        screen = self._screen
        if screen.state.y_ranges:
            screen.state = state.auto_y_all(screen.state)
        elif screen.frame is not None:
            shown = {plot.key: asking.absolute_y(plot) for plot in screen.frame.plots}
            screen.state = state.freeze_y(screen.state, shown)

    def toggle_overlay(self) -> None:
        self._screen.state = state.toggle_overlay(self._screen.state)

    def toggle_live(self) -> None:
        screen = self._screen
        screen.state = state.toggle_live(screen.state, screen.live_right_us(), self._source.now_us())

    def toggle_panel(self, name: PanelName) -> None:
        self._change_docks(docking.toggle_panel(self._screen.state.docks, name))

    def open_panel(self, name: PanelName) -> None:
        self._change_docks(docking.open_panel(self._screen.state.docks, name))

    def close_panel(self, name: PanelName) -> None:
        self._change_docks(docking.close_panel(self._screen.state.docks, name))

    def _change_docks(self, docks: Docks) -> None:
        self._screen.state = replace(self._screen.state, docks=docks)

    def order(self, order: Order, server: str) -> None:
        """Have one server do it; what becomes of it is a notice."""
        self._source.send(order, server)

    def watch_device(self, equipment_id: str, is_on: bool, server: str) -> None:
        self._source.send(WatchDevice(equipment_id, is_on), server)

    def plot_reading(self, server: str, equipment_id: str, kind: str, field: str) -> None:
        """Have one number of a device's readings drawn as a line over time."""
        self._source.notices.say(f"{field} cannot be plotted yet", self._source.now_us(), is_problem=False)

    def watch_topics(self, topics: frozenset[Topic]) -> None:
        self._source.send(WatchTopics(topics))

    def toggle_page(self, page: Page) -> None:
        self._screen.state = state.toggle_page(self._screen.state, page)
