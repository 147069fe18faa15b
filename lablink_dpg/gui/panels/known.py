"""The line at the top of a panel that says how what it shows is known."""

from __future__ import annotations

from lablink_dpg.gui import layout
from lablink_dpg.gui.known import Known
from lablink_dpg.gui.label import Label, tooltip
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg

LINE_PX = 24  # with the room below it


class KnownLine:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme) -> None:
        self._label = Label(parent, theme.fonts.small, Tone.MUTED)
        self._label.place(px(layout.DOCK_PAD_PX), px(layout.DOCK_PAD_PX))
        self._tip = tooltip(self._label.item, theme)
        self._tip_text = ""
        self.text = ""
        self._width = 1

    def place(self, width: int) -> int:
        """The height that it takes."""
        self._width = width
        return px(LINE_PX)

    def draw(self, known: Known) -> None:
        self.text = known.text
        self._label.set(known.text, known.tone, max(1, self._width))
        if known.tip != self._tip_text:
            self._tip_text = known.tip
            dpg.set_value(self._tip, known.tip)
