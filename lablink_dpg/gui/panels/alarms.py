"""The panel of alarms: a list, gravest first; below it one of them, to be acknowledged with a name and a note.

Nothing moves under a hand: what is chosen stays chosen although the list changes, and buttons keep their places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lablink_dpg.books.lab import LabBook
from lablink_dpg.gui import alarm_rows, alarm_summary, layout, palette
from lablink_dpg.gui.alarm_rows import Details, Key, Line
from lablink_dpg.gui.cadence import Turn, next_us
from lablink_dpg.gui.label import Label, tooltip
from lablink_dpg.gui.lazy import Lazy
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.panel import Badge, Desk
from lablink_dpg.gui.panels.rows import Cell, Column, Row, Rows
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.toolkit import Item, dpg

SERVER = 4  # number of the column that there is only with several servers
COLUMNS = (  # in the order of importance: what does not fit is in the tip and in the details
    # All but the device fit the usual dock of a window of 1600.
    Column("severity", 84),
    Column("what", 100, 2.0),
    Column("since", 58, is_right=True),
    Column("state", 70, 0.8),
    Column("server", 82, 0.6),
    Column("value", 96, 0.6, is_right=True),
    Column("device", 84, 1.0),
)
TABS_PX = 28
LINE_PX = 22
FIELD_PX = 32
GAP_PX = 6
NAME_SHARE = 0.34  # of the width for the name, the rest for the note
TEXT_PX = 118  # five lines of details
LEAST_LIST_PX = 24 + 3 * 28  # titles and three rows: what is left beyond it goes to the details
NOTHING_CHOSEN = "Click an alarm to see it here."


def badge(books: Sequence[LabBook]) -> Badge | None:
    word = alarm_summary.badge(books)
    return None if word is None else Badge(word.text, word.tone)


def _row(line: Line, now_us: int) -> Row:
    return Row(line.key.text, tuple(Cell(*word) for word in alarm_rows.cells(line, now_us)), alarm_rows.tip(line))


class AlarmsPanel:
    """Main thread."""

    def __init__(self, parent: Item, desk: Desk) -> None:
        self._desk = desk
        self._parent = parent
        theme = desk.theme
        self.open_tab = self._button("Open", theme.fonts.small_bold, lambda: desk.actions.alarms.show_history(False))
        self.history_tab = self._button(
            "History", theme.fonts.small_bold, lambda: desk.actions.alarms.show_history(True)
        )
        tooltip(self.history_tab, theme, "Everything of this session, newest first, open or over")
        self._fresh = Label(parent, theme.fonts.small, Tone.MUTED)
        self.rows = Rows(parent, theme, COLUMNS, self._click, empty="")
        self._title = Label(parent, theme.fonts.small_bold)
        self._box: Item = dpg.add_child_window(parent=parent, border=False, pos=(0, 0))
        dpg.bind_item_theme(self._box, theme.canvas)
        self._text: Item = dpg.add_text("", parent=self._box, color=palette.now.tones[Tone.PLAIN])
        dpg.bind_item_font(self._text, theme.fonts.small)
        self.name = self._input("your name", desk.actions.alarms.person)
        tooltip(self.name, theme, "Who acknowledges; kept until the window is closed")
        self.note = self._input("note; Enter acknowledges")
        self.acknowledge = self._button("Acknowledge", theme.fonts.small_bold, self._acknowledge)
        dpg.bind_item_theme(self.acknowledge, theme.pressed)
        self.clear = self._button("Clear", theme.fonts.small_bold, self._clear)
        tooltip(self.clear, theme, "End this alarm on the server, for everybody; it opens again if its cause goes on")
        self._seen = Label(parent, theme.fonts.small, Tone.GOOD)
        self._size = (0, 0)
        self._lines: Sequence[Line] = ()
        self._list: Sequence[Row] = ()
        self._due_us = 0
        self._asked: object = None  # what the words on the screen were made of
        self._known: object = None  # what the lines were made of
        self._shown: Details | None = None
        self._shown_text = ""
        self._tabs: tuple[object, ...] = ()
        self._is_active: tuple[bool, bool] | None = None  # whether there is something to acknowledge, to clear

    def _button(self, label: str, font: Item, action: Callable[[], None]) -> Item:
        item: Item = dpg.add_button(parent=self._parent, label=label, height=px(TABS_PX), pos=(0, 0), callback=action)
        dpg.bind_item_font(item, font)
        return item

    def _input(self, hint: str, value: str = "") -> Item:
        item: Item = dpg.add_input_text(
            parent=self._parent,
            hint=hint,
            default_value=value,
            pos=(0, 0),
            on_enter=True,
            callback=self._acknowledge,
            show=False,
        )
        dpg.bind_item_font(item, self._desk.theme.fonts.small)
        return item

    @property
    def text_inputs(self) -> tuple[Item, ...]:
        return (self.name, self.note) if self._is_active is not None and self._is_active[0] else ()

    # ------------------------------------------------------------------ where

    def place(self, width: int, height: int) -> None:
        if (width, height) == self._size:
            return
        self._size = (width, height)
        pad = px(layout.DOCK_PAD_PX)
        tab = min(px(120), (width - px(GAP_PX)) // 2)
        dpg.configure_item(self.open_tab, pos=(pad, pad), width=tab)
        dpg.configure_item(self.history_tab, pos=(pad + tab + px(GAP_PX), pad), width=tab)
        y = pad + px(TABS_PX + GAP_PX)
        self._fresh.place(pad, y)
        y += px(LINE_PX)
        fixed = px(LINE_PX + GAP_PX + 2 * (FIELD_PX + GAP_PX))
        left = pad + height - y - fixed
        text = max(0, min(px(TEXT_PX), left - px(LEAST_LIST_PX)))
        listed = max(px(40), left - text)
        dpg.configure_item(self.rows.window, pos=(pad, y))
        self.rows.place(width, listed)
        y += listed + px(GAP_PX)
        self._title.place(pad, y)
        y += px(LINE_PX)
        dpg.configure_item(self._box, pos=(pad, y), width=width, height=max(1, text), show=text >= px(LINE_PX))
        dpg.configure_item(self._text, wrap=max(1, width - px(layout.SCROLLBAR_PX)))
        y += text
        name = round((width - px(GAP_PX)) * NAME_SHARE)
        dpg.configure_item(self.name, pos=(pad, y), width=name)
        dpg.configure_item(self.note, pos=(pad + name + px(GAP_PX), y), width=max(px(40), width - name - px(GAP_PX)))
        self._seen.place(pad, y + px(6))
        y += px(FIELD_PX + GAP_PX)
        dpg.configure_item(self.acknowledge, pos=(pad, y), width=px(122))
        dpg.configure_item(self.clear, pos=(pad + px(122 + GAP_PX), y), width=px(76))
        self._asked = None

    # ------------------------------------------------------------------ a frame

    def draw(self, now_us: int) -> None:
        source, view = self._desk.source, self._desk.actions.alarms.view
        books = source.books()
        asked = (view, tuple((book, book.alarms.revision) for book in books))
        if asked != self._asked or now_us >= self._due_us:
            self._asked = asked
            self._due_us = next_us(now_us, Turn.ALARMS)
            self._refresh(books, now_us)
        chosen = None if view.chosen is None else Key(*view.chosen).text
        self.rows.draw(self._list, chosen)

    def _refresh(self, books: Sequence[LabBook], now_us: int) -> None:
        links, view = self._desk.source.links(), self._desk.actions.alarms.view
        revisions = [(book, book.alarms.revision) for book in books]  # another server's may have the same number
        known = view.is_history, revisions, [link.equipment for link in links]
        if known != self._known:
            self._known = known
            find = alarm_rows.history_lines if view.is_history else alarm_rows.open_lines
            self._lines = find(books, links)
        self.rows.say_when_empty(alarm_rows.nothing(books, is_history=view.is_history))
        self._list = Lazy(self._lines, lambda line: _row(line, now_us))  # of a thousand, those on the screen
        self.rows.leave_out(frozenset() if len(books) > 1 else frozenset({SERVER}))
        self._draw_tabs(books, is_history=view.is_history)
        width = max(1, self._size[0])
        fresh = alarm_rows.freshness(books, links, now_us)
        self._fresh.set(fresh.text, fresh.tone, width)
        line = None
        if view.chosen is not None:
            line = alarm_rows.find(books, links, Key(*view.chosen))
        elif self._lines:
            self._desk.actions.alarms.choose(self._lines[0].key)  # once; then it stays until a person chooses
            line = self._lines[0]
        self._draw_details(None if line is None else alarm_rows.details(line, now_us))

    def _draw_tabs(self, books: Sequence[LabBook], *, is_history: bool) -> None:
        opened = sum(len(book.alarms.open) for book in books)
        over = sum(len(book.alarms.history) for book in books)
        tabs = (is_history, opened, opened + over)
        if tabs == self._tabs:
            return
        self._tabs = tabs
        theme = self._desk.theme
        for item, word, count, is_front in (
            (self.open_tab, "Open", opened, not is_history),
            (self.history_tab, "History", opened + over, is_history),
        ):
            dpg.configure_item(item, label=f"{word} {count}")
            dpg.bind_item_theme(item, theme.pressed if is_front else theme.quiet)

    def _draw_details(self, details: Details | None) -> None:
        self._shown = details
        width = max(1, self._size[0])
        if details is None:
            self._title.set(NOTHING_CHOSEN, Tone.MUTED, width)
        else:
            self._title.set(details.title.text, details.title.tone, width)
        text = "" if details is None else details.text
        if text != self._shown_text:
            self._shown_text = text
            dpg.set_value(self._text, text)
        seen = "" if details is None or details.can_acknowledge else details.seen
        self._seen.set(seen, Tone.GOOD if details is not None and details.is_open else Tone.MUTED, width)
        active = (details is not None and details.can_acknowledge, details is not None and bool(details.alarm_id))
        if active != self._is_active:
            self._is_active = active
            for item in (self.name, self.note, self.acknowledge):
                dpg.configure_item(item, show=active[0])
            dpg.configure_item(self.clear, show=active[1])

    # ------------------------------------------------------------------ hands

    def _click(self, key: str) -> None:
        for line in self._lines:
            if line.key.text == key:
                self._desk.actions.alarms.choose(line.key)
                return

    def _acknowledge(self) -> None:
        alarms, shown = self._desk.actions.alarms, self._shown
        alarms.name_person(dpg.get_value(self.name))
        dpg.set_value(self.name, alarms.person)
        if shown is not None and shown.can_acknowledge:
            alarms.acknowledge(shown.key, dpg.get_value(self.note))
            dpg.set_value(self.note, "")

    def _clear(self) -> None:
        shown = self._shown
        if shown is not None and shown.alarm_id:
            self._desk.actions.alarms.clear(shown.key.server, shown.alarm_id)
