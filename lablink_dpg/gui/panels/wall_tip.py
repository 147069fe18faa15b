"""Words beside the mouse about the lane under it: what there is no room for in a lane of ten pixels."""

from __future__ import annotations

from lablink_dpg.gui import lane_looks, mark_looks, palette
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.mark_tip import OUTSIDE, WRAP_PX, place
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.alarm import Severity
from lablink_dpg.query.frame import LaneTrace, StreamLine


class WallTip:
    """Main thread."""

    def __init__(self, theme: Theme) -> None:
        self.item: Item = dpg.add_window(
            show=False,
            autosize=True,
            min_size=(1, 1),
            pos=OUTSIDE,
            no_title_bar=True,
            no_resize=True,
            no_move=True,
            no_scrollbar=True,
            no_saved_settings=True,
            no_focus_on_appearing=True,
        )
        dpg.bind_item_theme(self.item, mark_looks.tip())
        self._heading: Item = dpg.add_text("", parent=self.item, wrap=px(WRAP_PX))
        self._text: Item = dpg.add_text("", parent=self.item, wrap=px(WRAP_PX))
        dpg.bind_item_font(self._heading, theme.fonts.small_bold)
        dpg.bind_item_font(self._text, theme.fonts.small)
        self._said: tuple[object, ...] = ()  # for what it was written
        self.text = ""  # what is shown; "" while nothing is

    def hide(self) -> None:
        if self.text:
            self.text, self._said = "", ()
            dpg.configure_item(self.item, show=False, pos=OUTSIDE)

    def draw(
        self,
        line: StreamLine,
        trace: LaneTrace | None,
        severity: Severity | None,
        at: tuple[float, float],
        window: tuple[int, int],
    ) -> None:
        """Of the lane under the mouse, which is ``at`` a point of the window; ``window``: its size."""
        said = (line, severity)  # a line is made anew a few times a second: numbers that change faster cannot be read
        if said != self._said:
            self._said = said
            self.text = f"{line.name}\n{lane_looks.tip(line, trace, severity)}"
            tone = lane_looks.name(line, severity)[1]
            dpg.set_value(self._heading, line.name)
            dpg.set_value(self._text, self.text.partition("\n")[2])
            dpg.configure_item(self._heading, color=palette.now.tones[Tone.PLAIN if tone is Tone.MUTED else tone])
        width, height = dpg.get_item_rect_size(self.item)
        dpg.configure_item(self.item, show=True, pos=place(at, (int(width), int(height)), window))
