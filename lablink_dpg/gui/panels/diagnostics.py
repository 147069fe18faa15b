"""Health of devices: a list, the gravest first; of the selected one its trend, what is wrong, and a benchmark."""

from __future__ import annotations

from collections.abc import Sequence

from lablink_dpg.books.lab import UNKNOWN, LabBook
from lablink_dpg.gui import facts, health_rows, known, layout, palette
from lablink_dpg.gui.cadence import Turn, next_us
from lablink_dpg.gui.health_rows import Bar, Device
from lablink_dpg.gui.label import cut
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.lazy import Lazy
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.known import KnownLine
from lablink_dpg.gui.panels.panel import Desk
from lablink_dpg.gui.panels.rows import HEADER_PX, ROW_PX, Row, Rows
from lablink_dpg.gui.panels.sheet import Sheet
from lablink_dpg.gui.panels.trend import TrendPlot
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.link import LinkStatus
from lablink_dpg.model.orders import RunBenchmark
from lablink_dpg.model.topic import Topic

BUTTON_PX = 132
SWEEP_US = 1_500_000  # one way of a bar of which nothing is known but that it runs
LEAST_ROWS = 3  # a list of so many may grow without the rest moving
EMPTY = "No device has a health report."


class DiagnosticsPanel:
    """Main thread."""

    def __init__(self, parent: Item, desk: Desk) -> None:
        self._desk = desk
        theme = desk.theme
        self.text_inputs: tuple[Item, ...] = ()
        self.known = KnownLine(parent, theme)
        self.rows = Rows(parent, theme, health_rows.COLUMNS, self._select, empty="")
        self.details: Item = dpg.add_child_window(parent=parent, border=False, show=False)
        dpg.bind_item_theme(self.details, theme.canvas)
        self._title: Item = dpg.add_text("", parent=self.details, wrap=0)
        dpg.bind_item_font(self._title, theme.fonts.small_bold)
        with dpg.group(horizontal=True, parent=self.details):
            self.button: Item = dpg.add_button(label="Run benchmark", width=px(BUTTON_PX), callback=self._run)
            self.bar: Item = dpg.add_progress_bar(width=-1, overlay="")
        dpg.bind_item_theme(self.bar, theme.progress)
        for item in (self.button, self.bar):
            dpg.bind_item_font(item, theme.fonts.small)
        self.trend = TrendPlot(self.details, theme)
        self.sheet = Sheet(self.details, theme)
        self.selected = ""
        self._devices: Sequence[Device] = ()
        self._lines: Sequence[Row] = ()
        self._size = (0, 0, 0)  # width, height, rows
        self._known_of: object = None  # of what the list was made
        self._due_us = 0
        self._shown_title: tuple[str, Tone] = ("", Tone.PLAIN)
        self._shown_bar: Bar | None = None
        self._bar_px = 0  # room for its words
        self._has_details = False

    # -- hands ---------------------------------------------------------------------------------------------------

    def _select(self, key: str) -> None:
        self.selected = key
        self._due_us = 0

    def _run(self) -> None:
        device = self._chosen()
        if device is not None and not health_rows.bar(device.runs, self._desk.source.now_us()).is_running:
            self._desk.actions.order(RunBenchmark(device.report.equipment_id), device.server)
            self._due_us = 0

    # -- frames --------------------------------------------------------------------------------------------------

    def place(self, width: int, height: int) -> None:
        count = max(LEAST_ROWS, len(self._devices))
        if (width, height, count) == self._size:
            return
        self._size = (width, height, count)
        top = self.known.place(width)
        pad = px(layout.DOCK_PAD_PX)
        room = Rect(pad, pad + top, width, max(1, height - top))
        list_px = px(HEADER_PX) + count * px(ROW_PX) + px(facts.GAP_PX)
        above, below = facts.split(room, px(facts.WIDE_PX), list_px)
        dpg.configure_item(self.rows.window, pos=(above.x, above.y))
        self.rows.place(above.width, above.height)
        dpg.configure_item(self.details, pos=(below.x, below.y), width=below.width, height=below.height)
        self._bar_px = max(1, below.width - px(BUTTON_PX + layout.SCROLLBAR_PX + 2 * layout.FRAME_PAD_X_PX))
        self._shown_bar = None

    def draw(self, now_us: int) -> None:
        books, links = self._desk.source.books(), self._desk.source.links()
        known_of = [(book, book.health.revision) for book in books], [link.equipment for link in links]
        is_changed = known_of != self._known_of
        if is_changed:
            self._known_of = known_of
            self._devices = health_rows.devices(books, links)
        if is_changed or now_us >= self._due_us:
            self._due_us = next_us(now_us, Turn.DIAGNOSTICS)
            self._draw_words(books, links, now_us)
        self.rows.draw(self._lines, self.selected)
        bar = self._shown_bar
        if bar is not None and bar.share is None:
            dpg.set_value(self.bar, abs(now_us % (2 * SWEEP_US) / SWEEP_US - 1.0))

    def _draw_words(self, books: Sequence[LabBook], links: Sequence[LinkStatus], now_us: int) -> None:
        self.known.draw(known.line(books, links, Topic.HEALTH, now_us))
        self.rows.say_when_empty(known.nothing(books, Topic.HEALTH, EMPTY, "report"))
        self._lines = Lazy(self._devices, lambda device: health_rows.row(device, now_us))
        device = self._chosen()
        if device is None and self._devices:
            device = self._devices[0]
            self.selected = device.key
        if (device is not None) != self._has_details:
            self._has_details = device is not None
            dpg.configure_item(self.details, show=self._has_details)
        if device is None:
            return
        book = next((book for book in books if book.server == device.server), None)
        chip = health_rows.CHIPS[device.report.status]
        self._draw_title(f"{chip.symbol} {device.name}: {chip.word}", chip.tone)
        self._draw_bar(health_rows.bar(device.runs, now_us))
        link = next((link for link in links if link.server == device.server), None)
        status = book.topic(Topic.HEALTH) if book is not None else UNKNOWN
        self.trend.draw(device.trend, health_rows.known_until(device, status, link, now_us), now_us)
        self.sheet.draw(health_rows.facts(device, book, now_us))

    def _chosen(self) -> Device | None:
        return next((device for device in self._devices if device.key == self.selected), None)

    def _draw_title(self, text: str, tone: Tone) -> None:
        if (text, tone) != self._shown_title:
            self._shown_title = (text, tone)
            dpg.set_value(self._title, text)
            dpg.configure_item(self._title, color=palette.now.tones[tone])

    def _draw_bar(self, bar: Bar) -> None:
        if bar == self._shown_bar:
            return
        self._shown_bar = bar
        if bar.share is not None:
            dpg.set_value(self.bar, bar.share)
        dpg.configure_item(self.bar, overlay=cut(bar.text, self._bar_px, self._desk.theme.fonts.small))
        dpg.configure_item(self.button, label="Runs …" if bar.is_running else "Run benchmark")
