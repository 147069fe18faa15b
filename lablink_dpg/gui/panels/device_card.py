"""One device on the screen: its name and state, its numbers large, its buttons, and the waveform it was asked for.

Cards are re-used as the list scrolls. Numbers are handed to the library when a reading came, words a few times a
second, and what stands still not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from lablink_dpg.books.captures import Capture
from lablink_dpg.books.readings import Readings
from lablink_dpg.gui import device_rows, pins
from lablink_dpg.gui.device_rows import DeviceLine
from lablink_dpg.gui.label import Label, tooltip
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels import device_value, waveform
from lablink_dpg.gui.panels.device_value import ValueView
from lablink_dpg.gui.panels.waveform import WaveformView
from lablink_dpg.gui.pins import PinnedReading
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.link import DeviceReading

HEAD_PX = 50  # two lines: the name, and what it is
OUTPUT_PX = 28
FOOT_PX, SECOND_PX = 38, 34  # buttons, and a second line of them
PAD_PX = 10
BUTTON_PX = 28  # high
MOST_PX = 200  # wide; a button across a wide screen looks like a bar
STATE_PX = 104  # the longest state's symbol and word
AGE_PX = 74
STREAM_TIP = (
    "Have its readings come, or not. Off: neither streamed nor polled here.\n"
    "A stream is the server's, so it ends for every other client, too."
)
CHANNELS = ("CH1", "CH2", "CH3", "CH4")


def columns(width: int) -> int:
    """Numbers side by side."""
    return max(1, (width - 2 * px(PAD_PX)) // px(device_value.LEAST_PX))


def height_of(line: DeviceLine, values: int, width: int, *, has_waveform: bool) -> int:
    rows = -(-values // columns(width))
    has_output = line.info.type in device_rows.WITH_OUTPUT
    foot = FOOT_PX + line.is_scope * SECOND_PX
    return px(HEAD_PX + has_output * OUTPUT_PX + rows * device_value.ROW_PX + foot + has_waveform * waveform.HEIGHT_PX)


class CardActions(Protocol):
    """What can be done to a device."""

    def stream(self, line: DeviceLine) -> None: ...
    def disconnect(self, line: DeviceLine) -> None: ...
    def capture(self, line: DeviceLine, channel: int) -> None: ...
    def put_away(self, line: DeviceLine) -> None: ...
    def plot(self, line: DeviceLine, field: str) -> None: ...
    def is_asked(self, line: DeviceLine) -> bool:
        """Whether a second click disconnects it."""
        ...


class DeviceCard:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme, spark_theme: Item, actions: CardActions) -> None:
        self._theme = theme
        self._spark_theme = spark_theme
        self._actions = actions
        self.window: Item = dpg.add_child_window(
            parent=parent, pos=(0, 0), border=True, no_scrollbar=True, no_scroll_with_mouse=True, show=False
        )
        dpg.bind_item_theme(self.window, theme.card)
        fonts = theme.fonts
        self._name = Label(self.window, fonts.bold)
        self._tip = tooltip(self._name.item, theme)
        self._tip_text = ""
        self._state = Label(self.window, fonts.small_bold)
        self._about = Label(self.window, fonts.small, Tone.MUTED)
        self._age = Label(self.window, fonts.small, Tone.MUTED)
        self._output_name = Label(self.window, fonts.small, Tone.MUTED)
        self._output = Label(self.window, fonts.bold)
        self.values: list[ValueView] = []
        self._wave: WaveformView | None = None
        self.stream = self._button(self._of(actions.stream), STREAM_TIP)
        self.disconnect = self._button(self._of(actions.disconnect), "Have the server let go of this device")
        self.capture = self._button(self._capture, "Read the waveform on the scope's screen")
        self.channel: Item = dpg.add_combo(
            parent=self.window, items=CHANNELS, default_value=CHANNELS[0], pos=(0, 0), width=100
        )
        dpg.bind_item_font(self.channel, fonts.small)
        dpg.bind_item_theme(self.channel, theme.popup)
        dpg.configure_item(self.capture, label="Capture")
        self.line: DeviceLine | None = None
        self._area = (0, 0, 0)  # top, width and height
        self._fields: tuple[str, ...] = ()
        self._count = -1
        self._words: object = None
        self._labels: tuple[str, str] = ("", "")
        self._is_asked = False

    def _button(self, on_click: Callable[[], None], tip: str) -> Item:
        item: Item = dpg.add_button(parent=self.window, label="", pos=(0, 0), callback=on_click)
        dpg.bind_item_font(item, self._theme.fonts.small)
        tooltip(item, self._theme, tip)
        return item

    def _of(self, action: Callable[[DeviceLine], None]) -> Callable[[], None]:
        def click() -> None:
            if self.line is not None:
                action(self.line)

        return click

    def _capture(self) -> None:
        if self.line is not None:
            self._actions.capture(self.line, CHANNELS.index(dpg.get_value(self.channel)) + 1)

    def _plot(self, field: str) -> None:
        if self.line is not None:
            self._actions.plot(self.line, field)

    def hide(self) -> None:
        if self.line is not None:
            self.line = None
            dpg.configure_item(self.window, show=False)

    def draw(
        self,
        line: DeviceLine,
        fields: tuple[str, ...],
        reading: DeviceReading | None,
        readings: Readings | None,
        capture: Capture | None,
        top: int,
        width: int,
        height: int,
        now_us: int,
        *,
        has_new_words: bool,
    ) -> None:
        is_other = line != self.line
        if is_other:
            if self.line is None:
                dpg.configure_item(self.window, show=True)
            if self.line is None or self.line.key != line.key:
                dpg.set_value(self.channel, CHANNELS[0])
            self.line = line
        if (top, width, height) != self._area or is_other or fields != self._fields:
            self._fields = fields
            self._place(line, top, width, height)
            has_new_words = True
        count = -1 if readings is None else readings.count
        if count != self._count or has_new_words:
            self._count = count
            is_old = device_rows.is_old(reading, readings, now_us)
            for view, field in zip(self.values, fields, strict=False):
                view.draw(field, readings, is_old=is_old)
            self._draw_output(line, readings, is_old=is_old)
        if has_new_words or self._actions.is_asked(line) != self._is_asked:
            self._draw_words(line, reading, readings, now_us)
        self._draw_wave(capture)

    def _place(self, line: DeviceLine, top: int, width: int, height: int) -> None:
        self._area = (top, width, height)
        dpg.configure_item(self.window, pos=(0, top), width=width, height=height)
        pad = px(PAD_PX)
        inner = width - 2 * pad
        y = px(HEAD_PX)
        has_output = line.info.type in device_rows.WITH_OUTPUT
        for label in (self._output_name, self._output):
            label.show(has_output)
        if has_output:
            self._output_name.place(pad, y + px(6))
            self._output.place(pad + px(device_value.NAME_PX), y + px(4))
            y += px(OUTPUT_PX)
        side_by_side = columns(width)
        each = inner // side_by_side
        while len(self.values) < len(self._fields):
            self.values.append(ValueView(self.window, self._theme, self._spark_theme, self._plot))
        for index, view in enumerate(self.values):
            is_used = index < len(self._fields)
            view.show(is_used)
            if is_used:
                field = self._fields[index]
                pin = PinnedReading(line.server, line.info.equipment_id, line.kind, field)
                view.carry(pin, pins.title(line.name, field))
            if is_used:
                row, column = divmod(index, side_by_side)
                room = each - (pad if column + 1 < side_by_side else 0)
                view.place(pad + column * each, y + row * px(device_value.ROW_PX), room)
        y += -(-len(self._fields) // side_by_side) * px(device_value.ROW_PX)
        self._place_buttons(line, y + px(4), inner)

    def _place_buttons(self, line: DeviceLine, y: int, inner: int) -> None:
        x, gap, height = px(PAD_PX), px(6), px(BUTTON_PX)
        for item in (self.capture, self.channel):
            dpg.configure_item(item, show=line.is_scope)
        room = min(px(MOST_PX), max(1, inner - gap) // 2)
        if line.is_scope:
            below = y + px(SECOND_PX)
            dpg.configure_item(self.channel, pos=(x, below), width=room)
            dpg.configure_item(self.capture, pos=(x + room + gap, below), width=room, height=height)
        dpg.configure_item(self.stream, pos=(x, y), width=room, height=height)
        dpg.configure_item(self.disconnect, pos=(x + room + gap, y), width=room, height=height)

    def _draw_output(self, line: DeviceLine, readings: Readings | None, *, is_old: bool) -> None:
        if line.info.type in device_rows.WITH_OUTPUT:
            said = device_rows.output(readings.data) if readings is not None else None
            text, tone = said or (device_rows.NO_VALUE, Tone.MUTED)
            self._output_name.set("output" if line.info.type == "power_supply" else "input", Tone.MUTED)
            self._output.set(text, Tone.MUTED if is_old else tone)

    def _draw_words(
        self, line: DeviceLine, reading: DeviceReading | None, readings: Readings | None, now_us: int
    ) -> None:
        _, width, _ = self._area
        chip = device_rows.chip(line, reading, readings, now_us)
        is_on, is_asked = device_rows.is_on(reading), self._actions.is_asked(line)
        words = (self._area, line, chip, device_rows.age(readings, now_us), is_on, is_asked, reading and reading.note)
        if words == self._words:
            return
        self._words, self._is_asked = words, is_asked
        pad = px(PAD_PX)
        self._name.place(pad, px(7))
        self._name.set(line.name, Tone.PLAIN, max(1, width - 2 * pad - px(STATE_PX)))
        self._state.place(width - pad - px(STATE_PX) + px(8), px(8))
        self._state.set(chip.text, chip.tone)
        self._about.place(pad, px(28))
        self._about.set(device_rows.about(line), Tone.MUTED, max(1, width - 2 * pad - px(AGE_PX)))
        self._age.set(words[3], Tone.BAD if chip is device_rows.OLD else Tone.MUTED)
        self._age.right(width - pad, px(28))
        labels = ("■ Stop" if is_on else "▶ Stream", "▲ Really?" if is_asked else "Disconnect")
        if labels != self._labels:
            self._labels = labels
            dpg.configure_item(self.stream, label=labels[0])
            dpg.configure_item(self.disconnect, label=labels[1])
            dpg.bind_item_theme(self.disconnect, self._theme.held if is_asked else self._theme.quiet)
        tip = device_rows.tip(line, reading)
        if tip != self._tip_text:
            self._tip_text = tip
            dpg.set_value(self._tip, tip)

    def _draw_wave(self, capture: Capture | None) -> None:
        if capture is None:
            if self._wave is not None:
                self._wave.hide()
            return
        if self._wave is None:
            self._wave = WaveformView(self.window, self._theme, self._of(self._actions.put_away))
        _, width, height = self._area
        self._wave.draw(capture, px(PAD_PX), height - px(waveform.HEIGHT_PX) - px(4), width - 2 * px(PAD_PX))

    @property
    def wave(self) -> WaveformView | None:
        """The waveform's view, once there was one."""
        return self._wave
