"""Words beside the mouse about the alarm or threshold under it; nothing while there is none."""

from __future__ import annotations

from lablink_dpg.gui import mark_columns, mark_looks, mark_words, palette
from lablink_dpg.gui.hands import Hit
from lablink_dpg.gui.mark_words import Saying
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.query.frame import PlotFrame

AWAY_PX = 16  # from the mouse: never below it, or the plot would no longer be what it points at
WRAP_PX = 420
OUTSIDE = (-10_000, -10_000)


class MarkTip:
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
        self.saying: Saying | None = None  # what is shown

    def hide(self) -> None:
        if self.saying is not None:
            self.saying = None
            dpg.configure_item(self.item, show=False, pos=OUTSIDE)

    def draw(self, plot: PlotFrame, hit: Hit, at: tuple[float, float], now_us: int, window: tuple[int, int]) -> None:
        """``hit``: the plot under the mouse, which is ``at`` a point of the window; ``window``: its size."""
        area = hit.area
        share_x, share_y = (at[0] - area.x) / area.width, (at[1] - area.y) / area.height
        if not (0.0 <= share_x <= 1.0 and 0.0 <= share_y <= 1.0):
            self.hide()
            return
        found = mark_columns.pointed_at(plot, share_x, share_y, area.width, area.height)
        if found is None:
            self.hide()
            return
        saying = mark_words.say(found, now_us)
        if saying != self.saying:
            self.saying = saying
            dpg.set_value(self._heading, saying.heading)
            dpg.set_value(self._text, saying.text)
            tone = Tone.PLAIN if saying.tone is Tone.MUTED else saying.tone
            dpg.configure_item(self._heading, color=palette.now.tones[tone])
        width, height = dpg.get_item_rect_size(self.item)
        dpg.configure_item(self.item, show=True, pos=place(at, (int(width), int(height)), window))


def place(at: tuple[float, float], size: tuple[int, int], window: tuple[int, int]) -> tuple[int, int]:
    """Right of the mouse and above it; left or below where there is no room, never under the mouse."""
    away = px(AWAY_PX)
    x, y = int(at[0]) + away, int(at[1]) - away - size[1]
    if x + size[0] > window[0]:
        x = int(at[0]) - away - size[0]
    if y < 0:
        y = int(at[1]) + away
    return max(0, x), y
