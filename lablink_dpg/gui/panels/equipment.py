"""The devices of all servers: live readings with their past, streams on and off, connections, searches, waveforms.

As many cards as are on the screen, however many devices there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lablink_dpg.books.lab import LabBook
from lablink_dpg.books.readings import Readings
from lablink_dpg.gui import device_rows, discovery_words, layout, stack
from lablink_dpg.gui.cadence import Turn, next_us
from lablink_dpg.gui.device_rows import DeviceLine
from lablink_dpg.gui.label import Label, tooltip
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels import connect_form, device_card, spark
from lablink_dpg.gui.panels.connect_form import ConnectForm
from lablink_dpg.gui.panels.device_card import DeviceCard
from lablink_dpg.gui.panels.panel import Desk
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.stack import Stack
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.link import LinkStatus
from lablink_dpg.model.orders import CaptureWaveform, ConnectDevice, DisconnectDevice, Discover
from lablink_dpg.query.names import names_of_several

TOP_PX = 36  # the line of buttons
SUMMARY_PX = 26
GAP_PX = 8  # between cards
ASKED_US = 4_000_000  # so long a second click disconnects
FOUND_US = 20_000_000  # so long it is said what a search has found; the form offers it after that
SEARCH_US = 125_000_000  # an order to search is answered by then, or never
MAX_CARDS = 48  # on the tallest screen


class EquipmentPanel:
    """Main thread."""

    def __init__(self, parent: Item, desk: Desk) -> None:
        self._desk = desk
        theme = desk.theme
        self.window: Item = dpg.add_child_window(
            parent=parent, border=False, no_scrollbar=True, no_scroll_with_mouse=True, height=100
        )
        dpg.bind_item_theme(self.window, theme.canvas)
        self.server: Item = dpg.add_combo(parent=self.window, items=(), pos=(0, 0), show=False)
        dpg.bind_item_theme(self.server, theme.popup)
        self.discover = self._button("Search", self._discover, "Have the server look for devices")
        self.connect = self._button("Connect…", self._toggle_form, "Open a device by its address")
        dpg.bind_item_font(self.server, theme.fonts.small)
        self._summary = Label(self.window, theme.fonts.small, Tone.MUTED)
        self.form = ConnectForm(self.window, theme, self._connect)
        self.body: Item = dpg.add_child_window(parent=self.window, border=False, pos=(0, 0))
        dpg.bind_item_theme(self.body, theme.canvas)
        self._spacer: Item = dpg.add_spacer(parent=self.body, height=1)
        self._empty = Label(self.body, theme.fonts.small, Tone.MUTED)
        self._spark_theme = spark.build_theme()
        self._cards: list[DeviceCard] = []
        self._size = (0, 0)
        self._body_height = 1
        self._links: Sequence[LinkStatus] = ()
        self._books: Mapping[str, LabBook] = {}
        self._known: list[object] = []  # of which the lines were made
        self._lines: tuple[DeviceLine, ...] = ()
        self._fields: list[tuple[str, ...]] = []
        self._heights: list[int] = []
        self._stack = Stack((), 0)
        self._shown_of: object = None  # for what the heights hold
        self._words_due_us = 0
        self._asked: dict[tuple[str, str], int] = {}  # devices to be disconnected by a second click, and until when
        self._searches: dict[str, tuple[int, int]] = {}  # by server: searches over when ordered, and until when to wait
        self._ended: dict[str, tuple[int, int]] = {}  # by server: searches over, and when that was first seen
        self._servers: tuple[str, ...] = ()
        self._by_name: dict[str, str] = {}  # servers by what the list of them says

    def _button(self, label: str, on_click: Callable[[], None], tip: str) -> Item:
        item: Item = dpg.add_button(parent=self.window, label=label, pos=(0, 0), callback=on_click)
        dpg.bind_item_font(item, self._desk.theme.fonts.small)
        tooltip(item, self._desk.theme, tip)
        return item

    @property
    def text_inputs(self) -> tuple[Item, ...]:
        return self.form.text_inputs

    # -- where things are ----------------------------------------------------------------------------------------

    def place(self, width: int, height: int) -> None:
        if (width, height) != self._size:
            self._size = (width, height)
            dpg.configure_item(self.window, width=width, height=height)
            self._arrange()

    def _arrange(self) -> None:
        width, height = self._size
        gap, high = px(6), px(TOP_PX - 6)
        has_several = len(self._servers) > 1
        parts = 3 if has_several else 2
        room = min(px(device_card.MOST_PX), max(1, (width - (parts - 1) * gap) // parts))
        x = 0
        dpg.configure_item(self.server, show=has_several, pos=(0, 0), width=room)
        if has_several:
            x += room + gap
        for item in (self.discover, self.connect):
            dpg.configure_item(item, pos=(x, 0), width=room, height=high)
            x += room + gap
        self._summary.place(px(4), px(TOP_PX + 3))
        y = px(TOP_PX + SUMMARY_PX)
        self.form.place(y, width)
        if self.form.is_shown:
            y += px(connect_form.HEIGHT_PX + 6)
        dpg.configure_item(self.body, pos=(0, y), width=width, height=max(1, height - y))
        self._body_height = max(1, height - y)
        self._shown_of = None

    # -- a frame -------------------------------------------------------------------------------------------------

    def draw(self, now_us: int) -> None:
        source = self._desk.source
        self._links = source.links()
        books = source.books()
        has_new_words = now_us >= self._words_due_us
        servers = tuple(link.server for link in self._links)
        known: list[object] = [link.equipment for link in self._links]
        # Servers without devices have one and the same empty tuple: they are told apart by their names.
        if servers != self._servers or any(a is not b for a, b in zip(known, self._known, strict=True)):
            self._known = known
            self._lines = device_rows.lines(self._links)
            self._take_servers(servers)
            self._shown_of = None
            has_new_words = True
        self._books = {book.server: book for book in books}
        if has_new_words:
            self._words_due_us = next_us(now_us, Turn.EQUIPMENT)
            self._draw_words(now_us)
        self._measure(has_new_words=has_new_words)
        self._draw_cards(now_us, has_new_words=has_new_words)
        for book in books:
            book.readings.look()

    def _take_servers(self, servers: tuple[str, ...]) -> None:
        if servers != self._servers:
            self._servers = servers
            chosen = self._chosen()
            names = names_of_several(servers)
            self._by_name = {names.get(server, server): server for server in servers}
            shown = next((name for name, server in self._by_name.items() if server == chosen), "")
            dpg.configure_item(self.server, items=list(self._by_name))
            dpg.set_value(self.server, shown or next(iter(self._by_name), ""))
            self._arrange()

    def _readings(self, line: DeviceLine) -> Readings | None:
        book = self._books.get(line.server)
        return book.readings.get(line.info.equipment_id, line.kind) if book is not None else None

    def _measure(self, *, has_new_words: bool) -> None:
        """Heights of all cards; a device has other numbers, or a waveform, only now and then."""
        shown_of = tuple(book.captures.revision for book in self._books.values())
        if shown_of == self._shown_of and not has_new_words:
            return
        fields = [device_rows.fields(line, self._readings(line)) for line in self._lines]
        if shown_of == self._shown_of and fields == self._fields:
            return
        self._shown_of, self._fields = shown_of, fields
        width = self._size[0] - layout.SCROLLBAR_PX
        self._heights = [
            device_card.height_of(line, len(names), width, has_waveform=self._has_waveform(line))
            for line, names in zip(self._lines, fields, strict=True)
        ]
        self._stack = stack.stacked(self._heights, px(GAP_PX))
        dpg.configure_item(self._spacer, height=max(1, self._stack.height))

    def _has_waveform(self, line: DeviceLine) -> bool:
        book = self._books.get(line.server)
        return book is not None and book.captures.get(line.info.equipment_id) is not None

    def _draw_cards(self, now_us: int, *, has_new_words: bool) -> None:
        scroll = float(dpg.get_y_scroll(self.body))
        shown = stack.visible(self._stack, scroll, self._body_height, MAX_CARDS)
        while len(self._cards) < len(shown):
            self._cards.append(DeviceCard(self.body, self._desk.theme, self._spark_theme, self))
        width = self._size[0] - layout.SCROLLBAR_PX
        links = {link.server: link for link in self._links}
        used = set()
        for index in shown:
            line = self._lines[index]
            card = self._cards[index % len(self._cards)]
            used.add(index % len(self._cards))
            book = self._books.get(line.server)
            card.draw(
                line,
                self._fields[index],
                links[line.server].readings.get((line.info.equipment_id, line.kind)),
                self._readings(line),
                book.captures.get(line.info.equipment_id) if book is not None else None,
                self._stack.tops[index],
                width,
                self._heights[index],
                now_us,
                has_new_words=has_new_words,
            )
        for slot, card in enumerate(self._cards):
            if slot not in used:
                card.hide()

    def _draw_words(self, now_us: int) -> None:
        self._asked = {key: until_us for key, until_us in self._asked.items() if until_us > now_us}
        room = max(1, self._size[0] - px(8))
        self._empty.show(not self._lines)
        if not self._lines:
            self._empty.set(device_rows.nothing(self._links), Tone.MUTED, max(1, self._size[0] - layout.SCROLLBAR_PX))
            self._empty.place(px(4), px(10))
        summary = device_rows.summary(self._lines, self._links)
        book = self._books.get(self._chosen())
        said = None
        if book is not None:
            is_ordered = self._is_searching(book, now_us)
            said = discovery_words.progress(
                book.discovery, now_us, is_ordered=is_ordered, is_new=self._is_new(book, now_us)
            )
            connected = frozenset(line.info.resource_string for line in self._lines if line.server == self._chosen())
            self.form.offer(book.discovery.found, connected)
        text, tone = said or (summary, Tone.MUTED)
        self._summary.set(f"{summary} · {text}" if said and summary else text, tone, room)

    def _chosen(self) -> str:
        """The server that searches and connects."""
        return self._by_name.get(dpg.get_value(self.server), next(iter(self._servers), ""))

    def _is_searching(self, book: LabBook, now_us: int) -> bool:
        ended, until_us = self._searches.get(book.server, (-1, 0))
        return ended == book.discovery.ended and now_us < until_us

    def _is_new(self, book: LabBook, now_us: int) -> bool:
        """Whether its last search has just ended."""
        ended, since_us = self._ended.get(book.server, (0, 0))
        if ended != book.discovery.ended:
            self._ended[book.server] = (book.discovery.ended, now_us)
            return True
        return now_us - since_us < FOUND_US

    # -- what the user does --------------------------------------------------------------------------------------

    def _discover(self) -> None:
        server = self._chosen()
        book = self._books.get(server)
        if book is not None:
            self._searches[server] = (book.discovery.ended, self._desk.source.now_us() + SEARCH_US)
            self._desk.actions.order(Discover(), server)
            self._words_due_us = 0

    def _toggle_form(self) -> None:
        self.form.show(not self.form.is_shown)
        dpg.bind_item_theme(self.connect, self._desk.theme.pressed if self.form.is_shown else self._desk.theme.quiet)
        self._arrange()

    def _connect(self, order: ConnectDevice) -> None:
        self._desk.actions.order(order, self._chosen())
        self._toggle_form()

    def stream(self, line: DeviceLine) -> None:
        links = {link.server: link for link in self._links}
        reading = links[line.server].readings.get((line.info.equipment_id, line.kind))
        self._desk.actions.watch_device(line.info.equipment_id, not device_rows.is_on(reading), line.server)
        self._words_due_us = 0

    def disconnect(self, line: DeviceLine) -> None:
        """The first click asks, the second one does it."""
        now_us = self._desk.source.now_us()
        if self._asked.pop(line.key, 0) > now_us:
            self._desk.actions.order(DisconnectDevice(line.info.equipment_id), line.server)
        else:
            self._asked[line.key] = now_us + ASKED_US
        self._words_due_us = 0

    def is_asked(self, line: DeviceLine) -> bool:
        return line.key in self._asked

    def capture(self, line: DeviceLine, channel: int) -> None:
        self._desk.actions.order(CaptureWaveform(line.info.equipment_id, channel), line.server)

    def put_away(self, line: DeviceLine) -> None:
        self._books[line.server].captures.dismiss(line.info.equipment_id)

    def plot(self, line: DeviceLine, field: str) -> None:
        self._desk.actions.plot_reading(line.server, line.info.equipment_id, line.kind, field)

    # -- for tests that click ------------------------------------------------------------------------------------

    def card(self, equipment_id: str, server: str = "") -> DeviceCard | None:
        """The card on the screen that shows a device."""
        for card in self._cards:
            line = card.line
            if line is not None and line.info.equipment_id == equipment_id and server in ("", line.server):
                return card
        return None

    @property
    def cards(self) -> int:
        """How many have been made."""
        return len(self._cards)
