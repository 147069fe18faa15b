"""The part of a panel that tells how each server stands, and where another one is typed.

Servers have their block of items, made when there are first so many; one that is gone hides the last.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from lablink_dpg.gui import palette, settings_words
from lablink_dpg.gui.label import cut, tooltip
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.panel import Desk
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.settings_words import Block
from lablink_dpg.gui.state import Page
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.link import LinkEvent, Mode
from lablink_dpg.preferences import Server
from lablink_dpg.query.frame import ServerLine
from lablink_dpg.query.names import short_names

PORT_PX = 84
BUTTON_PX = 28  # of the small ones, with padding
GAP_PX = 6


class _ServerBlock:
    """Items of one server."""

    def __init__(self, parent: Item, desk: Desk, actions: ConnectionPart) -> None:
        self._desk = desk
        self.server = ""
        self._shown: Block | None = None
        self._mode: Mode | None = None
        self._room = 0
        fonts = desk.theme.fonts
        self.group: Item = dpg.add_group(parent=parent)
        self._title: Item = dpg.add_text("", parent=self.group)
        dpg.bind_item_font(self._title, fonts.small_bold)
        self._why, self._login, self._figures = (
            dpg.add_text("", parent=self.group, color=palette.now.tones[Tone.MUTED]) for _ in range(3)
        )
        for item in (self._why, self._login, self._figures):
            dpg.bind_item_font(item, fonts.small)
        row = dpg.add_group(horizontal=True, parent=self.group)
        self.mode: Item = dpg.add_combo(
            [each.value for each in Mode],
            parent=row,
            callback=lambda _s, value: desk.actions.set_mode(Mode(value), self.server),
        )
        dpg.bind_item_theme(self.mode, desk.theme.popup)
        tooltip(self.mode, desk.theme, "How its samples come, for now")
        self.reconnect = self._button(row, "Reconnect", lambda: desk.actions.reconnect(self.server))
        row = dpg.add_group(horizontal=True, parent=self.group)
        self.log_out = self._button(row, "Log out", lambda: desk.actions.log_out(self.server))
        tooltip(self.log_out, desk.theme, "End the login, and forget what the system's keyring keeps of it")
        self.remove = self._button(row, "Stop watching", lambda: actions.remove(self.server))
        for item in (self.mode, self.reconnect, self.log_out, self.remove):
            dpg.bind_item_font(item, fonts.small)
        dpg.add_spacer(height=px(6), parent=self.group)

    def _button(self, parent: Item, label: str, action: Callable[[], None]) -> Item:
        button: Item = dpg.add_button(label=label, parent=parent, callback=action)
        return button

    def place(self, room: int) -> None:
        if room == self._room:
            return
        self._room = room
        half = (room - px(GAP_PX) - 2) // 2
        for item in (self.mode, self.reconnect, self.log_out, self.remove):
            dpg.configure_item(item, width=half)
        for item in (self._why, self._login):
            dpg.configure_item(item, wrap=room)
        self._shown = None

    def draw(self, line: ServerLine, now_us: int, *, is_alone: bool) -> None:
        self.server = line.status.server
        block = settings_words.block(line, now_us)
        before = self._shown
        if block != before:
            # Before the first frame the library cannot say how wide a text is: it is cut once more.
            self._shown = block if dpg.get_frame_count() > 1 else None
            tones = palette.now.tones
            dpg.set_value(self._title, cut(block.title, self._room, self._desk.theme.fonts.small_bold))
            dpg.configure_item(self._title, color=tones[block.tone])
            dpg.set_value(self._why, block.why)
            dpg.set_value(self._login, block.login)
            dpg.configure_item(self._login, show=bool(block.login), color=tones[block.login_tone])
            small = self._desk.theme.fonts.small
            dpg.set_value(self._figures, "\n".join(cut(each, self._room, small) for each in block.figures))
            dpg.configure_item(self._figures, color=tones[Tone.WARN if block.is_troubled else Tone.MUTED])
        if line.status.mode is not self._mode:
            self._mode = line.status.mode
            dpg.set_value(self.mode, line.status.mode.value)
        dpg.configure_item(self.remove, enabled=not is_alone, show=not is_alone)


class ConnectionPart:
    """Main thread."""

    def __init__(self, parent: Item, desk: Desk) -> None:
        self._desk = desk
        self._room = px(200)
        self.blocks: list[_ServerBlock] = []
        self._recent: tuple[Server, ...] | None = None
        self._told: tuple[list[LinkEvent], list[str]] = ([], [])
        fonts = desk.theme.fonts
        row = dpg.add_group(horizontal=True, parent=parent)
        self.address: Item = dpg.add_input_text(
            parent=row, hint="host:port or URL", on_enter=True, callback=lambda: self._connect(is_added=False)
        )
        tooltip(self.address, desk.theme, "A LabLink server: host, host:port or URL. Enter connects")
        self.port: Item = dpg.add_input_text(
            parent=row, hint="WS port", width=px(PORT_PX), on_enter=True, callback=lambda: self._connect(is_added=False)
        )
        tooltip(self.port, desk.theme, "Port of its WebSocket, where it is not that of REST")
        row = dpg.add_group(horizontal=True, parent=parent)
        self.connect: Item = dpg.add_button(label="Connect", parent=row, callback=lambda: self._connect(is_added=False))
        tooltip(self.connect, desk.theme, "Watch this server, and none of those below (Enter)")
        self.add: Item = dpg.add_button(label="Add", parent=row, callback=lambda: self._connect(is_added=True))
        tooltip(self.add, desk.theme, "Watch this server beside those below")
        self.problem: Item = dpg.add_text("", parent=parent, show=False, color=palette.now.tones[Tone.BAD])
        dpg.bind_item_theme(self.connect, desk.theme.pressed)
        self._recent_title: Item = dpg.add_text("Recent", parent=parent, show=False)
        dpg.configure_item(self._recent_title, color=palette.now.tones[Tone.MUTED])
        self.recent: list[Item] = [
            dpg.add_button(label="", parent=parent, show=False, callback=self._of_recent(number))
            for number in range(settings_words.MAX_RECENT)
        ]
        dpg.add_spacer(height=px(4), parent=parent)
        self._blocks: Item = dpg.add_group(parent=parent)
        row = dpg.add_group(horizontal=True, parent=parent)
        self.statistics: Item = dpg.add_button(
            label="Statistics (S)", parent=row, callback=lambda: desk.actions.toggle_page(Page.STATISTICS)
        )
        self.log: Item = dpg.add_button(
            label="Whole log (E)", parent=row, callback=lambda: desk.actions.toggle_page(Page.LOG)
        )
        self._lines: Item = dpg.add_text("", parent=parent, color=palette.now.tones[Tone.MUTED])
        smaller = (self.address, self.port, self.connect, self.add, self.problem, self._recent_title, *self.recent)
        for item in (*smaller, self.statistics, self.log, self._lines):
            dpg.bind_item_font(item, fonts.small)

    # ------------------------------------------------------------------ what a hand does

    def _connect(self, *, is_added: bool) -> None:
        source = self._desk.source
        try:
            typed = settings_words.typed_server(
                dpg.get_value(self.address), dpg.get_value(self.port), source.preferences
            )
        except ValueError as error:
            self._say(str(error))
            return
        self._watch((*source.watched, typed) if is_added else (typed,), has_typed=True)

    def _of_recent(self, number: int) -> Callable[[], None]:
        def connect() -> None:
            if self._recent is not None and number < len(self._recent):
                self._watch((self._recent[number],))

        return connect

    def remove(self, server: str) -> None:
        self._watch(tuple(each for each in self._desk.source.watched if each.address != server))

    def _watch(self, servers: Sequence[Server], *, has_typed: bool = False) -> None:
        problem = self._desk.actions.watch(servers)
        self._say(problem)
        if has_typed and not problem:
            dpg.set_value(self.address, "")
            dpg.set_value(self.port, "")

    def _say(self, problem: str) -> None:
        dpg.set_value(self.problem, f"▲ {problem}")
        dpg.configure_item(self.problem, show=bool(problem))

    # ------------------------------------------------------------------ a frame

    def place(self, room: int) -> None:
        self._room = room
        dpg.configure_item(self.address, width=max(px(80), room - px(PORT_PX) - px(GAP_PX) - 2))
        half = (room - px(GAP_PX) - 2) // 2
        for item in (self.connect, self.add, self.statistics, self.log):
            dpg.configure_item(item, width=half)
        for item in self.recent:
            dpg.configure_item(item, width=room)
        for item in (self.problem, self._lines):
            dpg.configure_item(item, wrap=room)
        for block in self.blocks:
            block.place(room)

    def draw(self, now_us: int) -> None:
        """Called a few times a second."""
        source = self._desk.source
        lines = source.server_lines()
        while len(self.blocks) < len(lines):
            self.blocks.append(_ServerBlock(self._blocks, self._desk, self))
        for number, block in enumerate(self.blocks):
            dpg.configure_item(block.group, show=number < len(lines))
            if number < len(lines):
                block.place(self._room)
                block.draw(lines[number], now_us, is_alone=len(lines) == 1)
        self._draw_recent()
        self._draw_log([line.status.server for line in lines])

    def _draw_recent(self) -> None:
        source = self._desk.source
        recent = settings_words.recent(source.preferences, source.watched)
        if recent == self._recent:
            return
        self._recent = recent
        dpg.configure_item(self._recent_title, show=bool(recent))
        for number, item in enumerate(self.recent):
            label = settings_words.recent_label(recent[number]) if number < len(recent) else ""
            dpg.configure_item(item, label=label, show=bool(label))

    def _draw_log(self, servers: list[str]) -> None:
        events = self._desk.source.events()[-settings_words.MAX_LOG_LINES :]
        if (list(events), servers) == self._told:
            return
        self._told = (list(events), servers)
        names = short_names(tuple(servers)) if len(servers) > 1 else dict.fromkeys(servers, "")
        seconds = {event.at_us // 1_000_000 for event in events}
        times = {second: time.strftime("%H:%M:%S", time.localtime(second)) for second in seconds}
        dpg.set_value(self._lines, "\n".join(settings_words.log_lines(events, names, times)))

    @property
    def text_inputs(self) -> tuple[Item, ...]:
        return self.address, self.port
