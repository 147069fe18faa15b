"""Connection and settings: which servers are watched and how each of them stands, and what a person has chosen.

Typing changes nothing before Enter, or before the field is left; what cannot be used is said below it, and stays to be
corrected.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from lablink_dpg.gui import layout, palette, settings_words
from lablink_dpg.gui.cadence import Turn, next_us
from lablink_dpg.gui.label import tooltip
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.connection import ConnectionPart
from lablink_dpg.gui.panels.panel import Desk
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.link import Mode, Wire
from lablink_dpg.preferences import Preferences

LABEL_PX = 152
# Name of the preference, label, tooltip.
NUMBERS = (
    ("fps", "Frames a second", "How often the plots are drawn, at once; fewer leave the processor to others"),
    ("window_s", "Time window, s", "What a plot shows, at once and at the next start"),
    ("history", "History, samples", "What stays in memory of each channel, at once and at the next start"),
    ("font_scale", "Size of letters, %", "Of everything in the window: 100 is as it was made"),
)


class SettingsPanel:
    """Main thread."""

    def __init__(self, parent: Item, desk: Desk) -> None:
        self._desk = desk
        self._words_due_us = 0
        self._width = 0
        self._shown: Preferences | None = None
        self.fields: dict[str, Item] = {}  # by name of the preference
        self._problems: dict[str, Item] = {}
        with dpg.item_handler_registry() as self._left:
            dpg.add_item_deactivated_after_edit_handler(callback=self._on_left)
        self.body: Item = dpg.add_group(parent=parent)
        self._title("Connection")
        self.connection = ConnectionPart(self.body, desk)
        dpg.add_spacer(height=px(10), parent=self.body)
        self._title("Settings")
        for name, label, tip in NUMBERS:
            self._text(name, label, tip)
        self._choice("mode", "Mode at start", [each.value for each in Mode], "How samples come; M changes it for now")
        self._choice(
            "wire", "Samples at start", [each.value for each in Wire], "Typed arrays where the server has them"
        )
        self._choice("theme", "Theme", list(settings_words.THEMES), "Dark, or light for a bright room")
        self._choice("lines", "Line colours", list(settings_words.PALETTES), "Colours of the lines in plots")
        self._text("ws_port", "WebSocket port", "Of servers for which no other is given; empty: that of REST")
        self._text("acknowledged_by", "Your name", "Who acknowledges alarms, until another name is typed")
        self.fields["notifications"] = box = dpg.add_checkbox(
            label="Desktop notifications of alarms",
            parent=self.body,
            callback=lambda _s, value: self._change("notifications", value),
        )
        dpg.bind_item_font(box, desk.theme.fonts.small)
        self._add_problem("notifications")
        self.reset: Item = dpg.add_button(label="Reset layout", parent=self.body, callback=desk.actions.reset_layout)
        tooltip(self.reset, desk.theme, "Places and sizes of the panels as at the first start")
        self._place_text: Item = dpg.add_text(
            settings_words.place_text(desk.source.preferences_place), parent=self.body
        )
        dpg.configure_item(self._place_text, color=palette.now.tones[Tone.MUTED])
        dpg.bind_item_font(self._place_text, desk.theme.fonts.small)

    # ------------------------------------------------------------------ making

    def _title(self, text: str) -> None:
        item = dpg.add_text(text, parent=self.body)
        dpg.bind_item_font(item, self._desk.theme.fonts.bold)

    def _row(self, name: str, label: str) -> Item:
        group: Item = dpg.add_group(horizontal=True, horizontal_spacing=0, xoffset=px(LABEL_PX), parent=self.body)
        text = dpg.add_text(label, parent=group)
        dpg.bind_item_font(text, self._desk.theme.fonts.small)
        self._add_problem(name)
        return group

    def _add_problem(self, name: str) -> None:
        item: Item = dpg.add_text("", parent=self.body, show=False, color=palette.now.tones[Tone.BAD])
        dpg.bind_item_font(item, self._desk.theme.fonts.small)
        self._problems[name] = item

    def _text(self, name: str, label: str, tip: str) -> None:
        self.fields[name] = item = dpg.add_input_text(parent=self._row(name, label), user_data=name)
        dpg.bind_item_font(item, self._desk.theme.fonts.small)
        dpg.bind_item_handler_registry(item, self._left)
        tooltip(item, self._desk.theme, tip)  # last in its row: it counts as an item of it

    def _choice(self, name: str, label: str, items: list[str], tip: str) -> None:
        self.fields[name] = item = dpg.add_combo(
            items,
            parent=self._row(name, label),
            callback=lambda _s, value: self._change(name, _CHOICES[name](value)),
        )
        dpg.bind_item_font(item, self._desk.theme.fonts.small)
        dpg.bind_item_theme(item, self._desk.theme.popup)
        tooltip(item, self._desk.theme, tip)

    # ------------------------------------------------------------------ what a hand does

    def _on_left(self, _sender: Item, item: Any) -> None:
        """A field was left, or Enter was pressed in it, and it is another text than before."""
        name = dpg.get_item_user_data(item)
        text = dpg.get_value(item)
        try:
            if name == "acknowledged_by":
                value: Any = text.strip()
            elif name == "ws_port":
                value = settings_words.typed_port(text)
            else:
                value = settings_words.typed_number(name, text)
        except ValueError as error:
            self._say(name, str(error))
            return
        self._change(name, value)

    def _change(self, name: str, value: Any) -> None:
        self._say(name, self._desk.actions.change_preferences(**{name: value}))

    def _say(self, name: str, problem: str) -> None:
        dpg.set_value(self._problems[name], f"▲ {problem}")
        dpg.configure_item(self._problems[name], show=bool(problem))

    # ------------------------------------------------------------------ a frame

    def place(self, width: int, height: int) -> None:
        if width == self._width:
            return
        self._width = width
        room = width - px(layout.SCROLLBAR_PX)  # it scrolls, sooner or later
        for name, item in self.fields.items():
            if name != "notifications":
                dpg.configure_item(item, width=max(px(60), room - px(LABEL_PX)))
        for item in (*self._problems.values(), self._place_text):
            dpg.configure_item(item, wrap=room)
        self.connection.place(room)

    def draw(self, now_us: int) -> None:
        preferences = self._desk.source.preferences
        if preferences is not self._shown:
            self._draw_values(preferences)
        if now_us >= self._words_due_us:
            self._words_due_us = next_us(now_us, Turn.SETTINGS)
            self.connection.draw(now_us)

    def _draw_values(self, preferences: Preferences) -> None:
        """What has changed: a field that somebody is writing into is left alone."""
        before, self._shown = self._shown, preferences
        for name, item in self.fields.items():
            value = getattr(preferences, name)
            if before is not None and getattr(before, name) == value:
                continue
            dpg.set_value(item, _shown(preferences, name, value))
            self._say(name, "")

    @property
    def text_inputs(self) -> tuple[Item, ...]:
        own = (item for name, item in self.fields.items() if name not in (*_CHOICES, "notifications"))
        return (*self.connection.text_inputs, *own)


_CHOICES: dict[str, Callable[[str], StrEnum]] = {
    "mode": Mode,
    "wire": Wire,
    "theme": settings_words.THEMES.__getitem__,
    "lines": settings_words.PALETTES.__getitem__,
}


def _shown(preferences: Preferences, name: str, value: Any) -> Any:
    if name in ("theme", "lines"):
        known = settings_words.THEMES if name == "theme" else settings_words.PALETTES
        return next((label for label, each in known.items() if each == value), "")
    if name in ("notifications", "acknowledged_by"):
        return value
    if name in ("mode", "wire"):
        return value.value
    return "" if value is None else settings_words.number(preferences, name)
