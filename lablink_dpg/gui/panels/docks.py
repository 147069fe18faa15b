"""The docks around the plots: a line of tabs each, below it the panel whose tab is in front.

A panel is made when it is first opened. One that is not in front is hidden, is not drawn and asks for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from lablink_dpg.gui import layout
from lablink_dpg.gui.calling import call
from lablink_dpg.gui.docking import TAB_PX, Docks, PanelName, Place
from lablink_dpg.gui.label import cut
from lablink_dpg.gui.panels.panel import Desk, DockPanel, PanelKind
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.toolkit import Item, dpg

TAB_GAP_PX = 4
CLOSE_PX = 28

MADE_A_FRAME = 1  # panels: making one takes milliseconds, and a layout may open with all of them


class _Bar:
    """The line of tabs of one place."""

    def __init__(self, parent: Item, desk: Desk, kinds: Mapping[PanelName, PanelKind]) -> None:
        self._desk = desk
        self._kinds = kinds
        self.window: Item = dpg.add_child_window(
            parent=parent, height=px(TAB_PX), border=False, no_scrollbar=True, no_scroll_with_mouse=True, show=False
        )
        dpg.bind_item_theme(self.window, desk.theme.bar)
        self.tabs: dict[PanelName, Item] = {}
        for name, kind in kinds.items():
            self.tabs[name] = dpg.add_button(
                parent=self.window,
                label=kind.title,
                pos=(0, 0),
                height=px(TAB_PX - 6),
                show=False,
                callback=call(desk.actions.open_panel, name),
            )
            dpg.bind_item_font(self.tabs[name], desk.theme.fonts.small_bold)
        self.close: Item = dpg.add_button(
            parent=self.window, label="×", width=px(CLOSE_PX), height=px(TAB_PX - 6), pos=(0, 0)
        )
        self._shown: object = None

    def draw(self, rect: layout.Rect, tabs: tuple[PanelName, ...], front: PanelName | None) -> None:
        shown = (rect, tabs, front, dpg.get_frame_count() > 1)  # before, widths of words are guesses
        if self._shown == shown:
            return
        self._shown = shown
        dpg.configure_item(self.window, show=bool(tabs), pos=(rect.x, rect.y), width=max(1, rect.width))
        if front is None:
            return
        width = (rect.width - px(CLOSE_PX) - 3 * px(TAB_GAP_PX)) // len(tabs) - px(TAB_GAP_PX)
        x = px(TAB_GAP_PX)
        for name, item in self.tabs.items():
            is_used = name in tabs
            own, theme = max(px(20), min(px(220), width)), self._desk.theme
            label = cut(self._kinds[name].title, own - 2 * px(layout.FRAME_PAD_X_PX), theme.fonts.small_bold)
            dpg.configure_item(item, show=is_used, pos=(x, px(3)), width=own, label=label)
            if is_used:
                x += own + px(TAB_GAP_PX)
                dpg.bind_item_theme(item, theme.pressed if name is front else theme.quiet)
        dpg.configure_item(
            self.close,
            pos=(rect.width - px(CLOSE_PX) - px(TAB_GAP_PX), px(3)),
            callback=call(self._desk.actions.close_panel, front),
        )


class DocksPanel:
    """Main thread."""

    def __init__(self, parent: Item, desk: Desk, kinds: Mapping[PanelName, PanelKind]) -> None:
        self._parent = parent
        self._desk = desk
        self._kinds = kinds
        self.bars = {place: _Bar(parent, desk, kinds) for place in Place}
        self.windows: dict[PanelName, Item] = {}
        self.panels: dict[PanelName, DockPanel] = {}
        self._rects: dict[PanelName, layout.Rect | None] = {}
        self.areas: Mapping[Place, layout.Rect] = {}
        self._docks: Docks | None = None  # that were placed last
        self._front: tuple[PanelName, ...] = ()
        self._scroll_to: dict[PanelName, float] = {}  # px, once there is so much to scroll

    def place(self, docks: Docks, areas: Mapping[Place, layout.Rect]) -> None:
        if docks is self._docks and areas is self.areas and not self._front and dpg.get_frame_count() > 1:
            return  # the bars' words had a width then
        self._docks, self.areas = docks, areas
        shown: dict[PanelName, layout.Rect] = {}
        for place, bar in self.bars.items():
            rect = areas.get(place, layout.Rect(0, 0, 0, 0))
            front = docks.shown(place)
            bar.draw(rect, docks.at(place), front)
            if front is not None:
                shown[front] = layout.Rect(rect.x, rect.y + px(TAB_PX), rect.width, max(1, rect.height - px(TAB_PX)))
        for name in [name for name in shown if name not in self.windows][MADE_A_FRAME:]:
            del shown[name]  # its turn comes with the next frames
        self._front = tuple(shown)
        for name in {*self.windows, *shown}:
            self._put(name, shown.get(name))

    def _put(self, name: PanelName, rect: layout.Rect | None) -> None:
        """Show it there, or hide it."""
        if name not in self.windows:
            window: Item = dpg.add_child_window(
                parent=self._parent, border=False, always_use_window_padding=True, show=False, pos=(0, 0)
            )
            dpg.bind_item_theme(window, self._desk.theme.dock)
            self.windows[name] = window
            self.panels[name] = self._kinds[name].make(window, self._desk)
        if rect != self._rects.get(name):
            self._rects[name] = rect
            if rect is None:
                dpg.configure_item(self.windows[name], show=False)
            else:
                dpg.configure_item(
                    self.windows[name], show=True, pos=(rect.x, rect.y), width=rect.width, height=rect.height
                )
        if rect is not None:
            self.panels[name].place(rect.width - 2 * px(layout.DOCK_PAD_PX), rect.height - 2 * px(layout.DOCK_PAD_PX))

    def draw(self, now_us: int) -> None:
        for name in self._front:
            self.panels[name].draw(now_us)
            if name in self._scroll_to and dpg.get_y_scroll_max(self.windows[name]) > 0:
                dpg.set_y_scroll(self.windows[name], self._scroll_to.pop(name))

    @property
    def scrolls(self) -> dict[PanelName, float]:
        """How far down each panel is scrolled."""
        return {name: dpg.get_y_scroll(window) for name, window in self.windows.items()}

    def scroll_to(self, scrolls: Mapping[PanelName, float]) -> None:
        """As ``scrolls`` of the docks that were there before these."""
        self._scroll_to = {name: at for name, at in scrolls.items() if at > 0}

    def tab_under_mouse(self) -> PanelName | None:
        """The panel by whose tab the mouse could drag it."""
        tabs = ((name, item) for bar in self.bars.values() for name, item in bar.tabs.items())
        return next((name for name, item in tabs if dpg.is_item_hovered(item)), None)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point of the window is in a dock."""
        return any(rect.holds(x, y) for rect in self.areas.values())

    @property
    def text_inputs(self) -> tuple[Item, ...]:
        return tuple(item for name in self._front for item in self.panels[name].text_inputs)
