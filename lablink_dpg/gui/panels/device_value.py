"""One number of a device on the screen: its name, the number large, its unit, how it went, and a way into a plot.

Each part has a place of its own, and the number ends where its unit begins, so that nothing moves when it changes.
"""

from __future__ import annotations

from collections.abc import Callable

from lablink_dpg.books.readings import Readings
from lablink_dpg.gui import device_rows
from lablink_dpg.gui.dragging import make_source
from lablink_dpg.gui.label import Label, tooltip
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.spark import Spark
from lablink_dpg.gui.pins import PinnedReading
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import SMALL_PX, TITLE_PX

ROW_PX = 34
NAME_PX, NUMBER_PX, UNIT_PX, BUTTON_PX = 78, 96, 36, 26
LEAST_PX = NAME_PX + NUMBER_PX + UNIT_PX + BUTTON_PX + 60  # with a spark that says something
SPARK_PX = 24  # high
LEAST_SPARK_PX = 16  # wide; below it says nothing


class ValueView:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme, spark_theme: Item, on_plot: Callable[[str], None]) -> None:
        """``on_plot`` gets the field's name."""
        self.field = ""  # that is shown
        self._name = Label(parent, theme.fonts.small, Tone.MUTED)
        self._number = Label(parent, theme.fonts.title)
        self._unit = Label(parent, theme.fonts.body, Tone.MUTED)
        self._spark = Spark(parent, theme, spark_theme)
        self._has_spark = True
        self.button: Item = dpg.add_button(parent=parent, label="+", pos=(0, 0), callback=lambda: on_plot(self.field))
        dpg.bind_item_font(self.button, theme.fonts.small)
        tooltip(self.button, theme, "Plot it like a channel: click for a card of its own, or drag it onto a plot")
        self._place = (0, 0, 0)
        self._count = -1
        self._is_old = False
        self._is_shown = True

    def show(self, is_shown: bool) -> None:
        if is_shown != self._is_shown:
            self._is_shown = is_shown
            self._count = -1
            for label in (self._name, self._number, self._unit):
                label.show(is_shown)
            self._spark.show(is_shown and self._has_spark)
            dpg.configure_item(self.button, show=is_shown)

    def place(self, x: int, y: int, width: int) -> None:
        if (x, y, width) == self._place:
            return
        self._place = (x, y, width)
        self._count = -1
        small_y = y + px((ROW_PX - SMALL_PX) // 2)
        self._name.place(x, small_y)
        left = x + px(NAME_PX + NUMBER_PX + UNIT_PX)
        spark = max(0, width - px(NAME_PX + NUMBER_PX + UNIT_PX + BUTTON_PX + 6))
        spark_y = y + px((ROW_PX - SPARK_PX) // 2)
        self._has_spark = spark >= px(LEAST_SPARK_PX)
        self._spark.show(self._has_spark and self._is_shown)
        self._spark.place(left, spark_y, max(1, spark), px(SPARK_PX))
        edge = x + width - px(BUTTON_PX)
        dpg.configure_item(self.button, pos=(edge, spark_y), width=px(BUTTON_PX), height=px(SPARK_PX))

    def carry(self, pin: PinnedReading, name: str) -> None:
        """Let it be dragged into plots by its name, its number or its button."""
        for item in (self._name.item, self._number.item, self.button):
            make_source(item, pin, name)

    def draw(self, field: str, readings: Readings | None, *, is_old: bool) -> None:
        count = 0 if readings is None else readings.count
        if (field, count, is_old) == (self.field, self._count, self._is_old):
            return
        if field != self.field:
            self.field = field
            self._name.set(device_rows.label_of(field), Tone.MUTED, px(NAME_PX - 4))
        self._count, self._is_old = count, is_old
        number, unit = device_rows.value_of(field, readings)
        x, y, _ = self._place
        self._number.set(number, Tone.MUTED if is_old else Tone.PLAIN, px(NUMBER_PX - 2))
        self._number.right(x + px(NAME_PX + NUMBER_PX - 6), y + px((ROW_PX - TITLE_PX) // 2))
        self._unit.set(unit, Tone.MUTED)
        self._unit.place(x + px(NAME_PX + NUMBER_PX), y + px((ROW_PX - TITLE_PX) // 2 + 5))
        past = None if readings is None else readings.past.get(field)
        if self._has_spark:
            self._spark.draw(past.values if past is not None else None, device_rows.resolution(field))

    @property
    def number(self) -> Item:
        """The text of the number, for who wants to read it."""
        return self._number.item
