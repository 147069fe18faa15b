"""What the user can do with a button or a key: change the view, or ask something of the servers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from lablink_dpg.gui import asking, docking, plot_choice, state
from lablink_dpg.gui import looks as looks_rules
from lablink_dpg.gui.alarm_actions import AlarmActions
from lablink_dpg.gui.docking import Docks, PanelName, Place
from lablink_dpg.gui.looks import Looks
from lablink_dpg.gui.pins import PinnedReading
from lablink_dpg.gui.source import Source
from lablink_dpg.gui.state import Page, ViewState
from lablink_dpg.model.commands import Forget, Login, ReconnectNow, SetHistory, SetMode, WatchDevice, WatchTopics
from lablink_dpg.model.link import LinkStatus, Mode
from lablink_dpg.model.orders import Order
from lablink_dpg.model.topic import Topic
from lablink_dpg.preferences import Server
from lablink_dpg.query.frame import Frame
from lablink_dpg.query.view import TraceRequest

MODES = tuple(Mode)


class Screen(Protocol):
    """The window, as far as an action has to know it."""

    state: ViewState
    frame: Frame | None
    links: Sequence[LinkStatus]

    @property
    def looks(self) -> Looks: ...

    def live_right_us(self) -> int: ...
    def set_looks(self, looks: Looks) -> None: ...
    def set_fps(self, fps: float) -> None: ...


class Actions:
    """Main thread; called between frames. ``server`` as in LinkStatus; without it, every server is meant."""

    def __init__(self, screen: Screen, source: Source, user: str = "") -> None:
        """``user``: who acts, until another name is typed; "" takes the system's."""
        self._screen = screen
        self._source = source
        self.alarms = AlarmActions(screen, source, user)

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

    def log_out(self, server: str) -> None:
        self._source.send(Forget(), server)

    def watch(self, servers: Sequence[Server]) -> str:
        """These servers and no others; what is wrong with them, in one line, or ""."""
        try:
            self._source.watch_typed(servers)
        except ValueError as error:
            return str(error)
        return ""

    def change_preferences(self, **changes: Any) -> str:
        """Fields of Preferences; what can be seen is seen at once. What is wrong with them, in one line, or ""."""
        try:
            self._source.change_preferences(replace(self._source.preferences, **changes))
        except ValueError as error:
            return str(error)
        if changes.keys() & {"theme", "lines", "font_scale"}:
            self._screen.set_looks(looks_rules.of(self._source.preferences))
        if "fps" in changes:
            self._screen.set_fps(changes["fps"])
        if "window_s" in changes:
            self.choose_span(round(changes["window_s"] * 1e6))
        if "history" in changes:
            self.set_history(changes["history"])
        return ""

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

    def toggle_wall(self) -> None:
        self._screen.state = state.toggle_wall(self._screen.state)

    def toggle_live(self) -> None:
        screen = self._screen
        screen.state = state.toggle_live(screen.state, screen.live_right_us(), self._source.now_us())

    def toggle_panel(self, name: PanelName) -> None:
        self.change_docks(docking.toggle_panel(self._screen.state.docks, name))

    def open_panel(self, name: PanelName) -> None:
        self.change_docks(docking.open_panel(self._screen.state.docks, name))

    def close_panel(self, name: PanelName) -> None:
        self.change_docks(docking.close_panel(self._screen.state.docks, name))

    def move_panel(self, name: PanelName, place: Place) -> None:
        self.change_docks(docking.move_panel(self._screen.state.docks, name, place))

    def close_panels(self) -> None:
        self.change_docks(replace(self._screen.state.docks, opened=()))

    def reset_layout(self) -> None:
        """Places and sizes as at the first start, each stream in its own plot; what is open stays open."""
        docks = Docks(opened=self._screen.state.docks.opened)
        self._screen.state = replace(self._screen.state, docks=docks, pinned=(), extras={})

    def dismiss_notices(self) -> None:
        self._source.notices.dismiss_all()

    def change_docks(self, docks: Docks) -> None:
        self._screen.state = replace(self._screen.state, docks=docks)

    def order(self, order: Order, server: str) -> None:
        """Have one server do it; what becomes of it is a notice."""
        self._source.send(order, server)

    def watch_device(self, equipment_id: str, is_on: bool, server: str) -> None:
        self._source.send(WatchDevice(equipment_id, is_on), server)

    def set_history(self, samples: int) -> None:
        """A channel, of every acquisition of every server."""
        self._source.send(SetHistory(samples))

    def show_stream(self, stream: str) -> None:
        """In the large plot, with those that are selected already."""
        self._screen.state = state.enlarge(self._screen.state, stream)

    def watch_topics(self, topics: frozenset[Topic]) -> None:
        self._source.send(WatchTopics(topics))

    def change_scale(self, change: Callable[[Looks], Looks]) -> None:
        """Larger, smaller, as it was made; kept as a preference."""
        looks = change(self._screen.looks)
        self._screen.set_looks(looks)
        self.change_preferences(font_scale=looks.scale)

    def plot_reading(self, server: str, equipment_id: str, kind: str, field: str) -> None:
        """Give a value of a device a card of its own in the grid, or take it away."""
        pin = PinnedReading(server, equipment_id, kind, field)
        self._screen.state = plot_choice.toggle_pinned(self._screen.state, pin)

    def unpin(self, key: str) -> None:
        """Take a value's card away."""
        for pin in self._screen.state.pinned:
            if pin.key == key:
                self._screen.state = plot_choice.toggle_pinned(self._screen.state, pin)

    def remove_trace(self, key: str, trace: TraceRequest) -> None:
        """No longer show in one plot what was added to it."""
        self._screen.state = plot_choice.remove_trace(self._screen.state, key, trace)

    def clear_traces(self, key: str) -> None:
        self._screen.state = plot_choice.clear_traces(self._screen.state, key)

    def toggle_page(self, page: Page) -> None:
        self._screen.state = state.toggle_page(self._screen.state, page)
