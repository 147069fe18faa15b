"""A page over the plots, at the top right below the toolbar: shown and hidden, never in the way of the next click."""

from __future__ import annotations

from lablink_dpg.gui import layout
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg

MARGIN_PX = 12  # to the window's right edge
TOP_PX = layout.TOOLBAR_PX + 8


class SidePage:
    """The frame of a page; what is in it is its owner's. Main thread."""

    lowered_px = 0  # by what lies below the toolbar and has to stay in sight; of all pages, set by the window

    def __init__(self, title: str, theme: Theme, width: int, height: int | None = None) -> None:
        """``height`` None: as high as what is in it."""
        self.width = width
        self.window: Item = dpg.add_window(
            label=title,
            show=False,
            no_resize=True,
            no_collapse=True,
            no_move=True,
            no_close=True,
            no_saved_settings=True,
            horizontal_scrollbar=True,  # large letters in a narrow window
            width=width,
            **({"autosize": True} if height is None else {"height": height}),
        )
        dpg.bind_item_theme(self.window, theme.page)
        self._has_height = height is not None
        self.is_shown = False
        self._place = (0, 0)  # left edge and greatest height

    def show(self, is_shown: bool, window: tuple[int, int]) -> bool:
        """Show or hide it, at the right edge; whether there is something to draw. ``window``: its width and height.

        Where it is higher than the window it scrolls.
        """
        if not is_shown and not self.is_shown:
            return False
        width = int(dpg.get_item_rect_size(self.window)[0]) or self.width  # known once it was drawn
        if self._has_height:
            width = min(self.width, window[0] - 2 * px(MARGIN_PX))
        most = max(px(100), window[1] - self.top_px - px(layout.STATUS_PX) - px(MARGIN_PX))
        place = (max(0, window[0] - width - px(MARGIN_PX)), most)
        if is_shown != self.is_shown or place != self._place:
            if is_shown and not self.is_shown:
                dpg.focus_item(self.window)
            self.is_shown, self._place = is_shown, place
            pos, size = (place[0], self.top_px), (window[0], most)
            own = {"width": width} if self._has_height else {}
            dpg.configure_item(self.window, show=is_shown, pos=pos, max_size=size, **own)
        return is_shown

    @property
    def top_px(self) -> int:
        return px(TOP_PX) + self.lowered_px

    def holds(self, x: float, y: float) -> bool:
        """Whether a point of the window is on it."""
        if not self.is_shown:
            return False
        width, height = dpg.get_item_rect_size(self.window)
        return bool(self._place[0] <= x < self._place[0] + width and self.top_px <= y < self.top_px + height)
