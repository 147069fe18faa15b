"""Notices at the lower right, above everything and in nobody's way: a click dismisses one."""

from __future__ import annotations

from collections.abc import Callable

from lablink_dpg.books.notices import MAX_NOTICES, Notices
from lablink_dpg.gui import layout, palette
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg

WIDTH_PX = 460
GAP_PX = 8
SYMBOLS = {True: "▲", False: "✓"}


class NoticesPanel:
    """Main thread."""

    def __init__(self, theme: Theme, notices: Notices) -> None:
        self._notices = notices
        self._windows: list[tuple[Item, Item]] = []
        for _ in range(MAX_NOTICES):
            window: Item = dpg.add_window(
                show=False,
                width=px(WIDTH_PX),
                min_size=(px(60), px(20)),  # the library's own least size leaves a line of words half empty
                autosize=True,
                no_title_bar=True,
                no_resize=True,
                no_move=True,
                no_saved_settings=True,
                no_focus_on_appearing=True,
            )
            dpg.bind_item_theme(window, theme.page)
            with dpg.group(horizontal=True, parent=window):
                text: Item = dpg.add_text("", wrap=px(WIDTH_PX - 90))
                dpg.add_button(label="×", width=px(28), callback=self._dismisser(len(self._windows)))
            self._windows.append((window, text))
        self._numbers: list[int] = []
        self._shown: object = None

    def _dismisser(self, index: int) -> Callable[[], None]:
        def dismiss() -> None:
            if index < len(self._numbers):
                self._notices.dismiss(self._numbers[index])

        return dismiss

    def draw(self, now_us: int, window: tuple[int, int]) -> None:
        """``window``: width and height of what they stand at the lower right of, status bar included."""
        shown = self._notices.shown(now_us)
        if not shown and not self._numbers:
            return
        self._numbers = [notice.number for notice in shown]
        y = window[1] - px(layout.STATUS_PX) - px(GAP_PX)
        for index, (item, text) in enumerate(self._windows):
            if index >= len(shown):
                dpg.configure_item(item, show=False)
                continue
            notice = shown[index]
            times = f"  ({notice.times}×)" if notice.times > 1 else ""
            dpg.set_value(text, f"{SYMBOLS[notice.is_problem]} {notice.text}{times}")
            dpg.configure_item(text, color=palette.now.tones[Tone.WARN if notice.is_problem else Tone.GOOD])
            width, height = (int(size) for size in dpg.get_item_rect_size(item))  # known once it was drawn
            width, height = width or px(WIDTH_PX), height or px(50)
            y -= height + px(GAP_PX)
            dpg.configure_item(item, show=True, pos=(window[0] - width - px(GAP_PX), y))

    def holds(self, x: float, y: float) -> bool:
        return any(_is_on(item, x, y) for item, _ in self._windows[: len(self._numbers)])


def _is_on(item: Item, x: float, y: float) -> bool:
    left, top = dpg.get_item_pos(item)
    width, height = dpg.get_item_rect_size(item)
    return bool(left <= x < left + width and top <= y < top + height)
