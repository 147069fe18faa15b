"""The window as hands and commands see it: what lies where, what is being typed, what scrolls."""

from __future__ import annotations

from lablink_dpg.gui import asking, layout, plot_choice, pointing, state
from lablink_dpg.gui.dock_hands import DockHands
from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.dragging import Carrier
from lablink_dpg.gui.hands import Hit
from lablink_dpg.gui.lines import Lines
from lablink_dpg.gui.panels.command_palette import CommandPalette
from lablink_dpg.gui.panels.docks import DocksPanel
from lablink_dpg.gui.panels.grid import GridPanel
from lablink_dpg.gui.panels.login import LoginPanel
from lablink_dpg.gui.panels.notices import NoticesPanel
from lablink_dpg.gui.panels.overlay import OverlayPanel
from lablink_dpg.gui.panels.pages import Pages
from lablink_dpg.gui.panels.toolbar import Toolbar
from lablink_dpg.gui.panels.wall import WallPanel
from lablink_dpg.gui.plot_choice import Dragged, Offer
from lablink_dpg.gui.source import Source
from lablink_dpg.gui.state import ViewState
from lablink_dpg.gui.toolkit import dpg
from lablink_dpg.query.frame import Frame, StreamLine
from lablink_dpg.query.view import YRange


class Sight:
    """Main thread. What it looks at is made by the window, which is its only heir."""

    state: ViewState
    frame: Frame | None
    grid: layout.Grid
    visible: range  # numbers of the cards on the screen
    centre: layout.Rect  # of the plots
    toolbar: Toolbar
    cards: GridPanel
    overlay: OverlayPanel
    wall: WallPanel
    docks: DocksPanel
    notices: NoticesPanel
    pages: Pages
    palette: CommandPalette
    login: LoginPanel
    carrier: Carrier
    _source: Source
    _lines: Lines
    _dock_hands: DockHands
    _lag_us: int  # of the live edge behind now, as the last live frame had it

    @property
    def lines(self) -> list[StreamLine]:
        """Those that the search field lets through."""
        return self._lines.found

    def now_us(self) -> int:
        return self._source.now_us()

    def live_right_us(self) -> int:
        """Unix µs of the right edge if it followed."""
        if self.state.time.is_following and self.frame is not None:
            return self.frame.right_us
        return self._source.now_us() - self._lag_us

    def shown_y(self, key: str) -> YRange | None:
        for plot in self.frame.plots if self.frame else ():
            if plot.key == key:
                return asking.absolute_y(plot)
        return None

    def hit(self, x: float, y: float) -> Hit | None:
        """What is at a point of the window; None over the bars and over anything that lies on top."""
        is_carrying = self.carrier.is_carrying
        if self.is_covered(x, y) or self.docks.holds(x, y) or self._dock_hands.is_dragging:
            return None
        if self.state.is_overlay:
            lines = self._lines.overlaid(self.state)
            return pointing.in_overlay(self.overlay, lines, x, y, is_carrying=is_carrying)
        if self.state.is_wall:
            return pointing.on_wall(self.wall, self.lines, x, y, is_carrying=is_carrying)
        return pointing.in_grid(self.cards, self.grid, self.centre, self.lines, x, y, is_carrying=is_carrying)

    def offer(self, dragged: Dragged, x: float, y: float) -> Offer:
        """What dropping it at that point of the window would do."""
        hit = self.hit(x, y)
        kind, key = (hit.kind, hit.key) if hit is not None else (None, "")
        return plot_choice.offer(self.state, dragged, kind, key, self._lines.all, self._lines.fetch_readings())

    def open_menu(self, key: str) -> None:
        """Of the card of that key."""
        for index in self.visible:
            if self.lines[index].stream == key:
                self.cards.open_menu(index)

    def name_of(self, key: str) -> str:
        """What the card of that key is called."""
        return next((line.name for line in self.lines if line.stream == key), key)

    def is_covered(self, x: float, y: float) -> bool:
        """Whether something lies over plots and docks at that point."""
        return any(each.holds(x, y) for each in (self.login, self.pages, self.notices, self.palette))

    def tab_under_mouse(self) -> PanelName | None:
        return self.docks.tab_under_mouse()

    def scroll_grid(self, delta_px: float) -> None:
        if self.state.is_wall and not self.state.is_overlay:
            self.wall.turn_page(1 if delta_px > 0 else -1)
        elif not self.state.is_overlay:
            self.cards.scroll_by(delta_px)

    def scroll_page(self, pages: int) -> None:
        rows = max(1, self.grid.height // self.grid.pitch)
        self.scroll_grid(pages * rows * self.grid.pitch)

    def enlarge_pointed(self) -> None:
        hit = self.hit(*dpg.get_mouse_pos(local=False))
        if hit is not None and hit.kind == "lane":
            self.state = state.enlarge(self.state, hit.key)

    def is_typing(self) -> bool:
        holders = (self.toolbar, self.login, self.docks, self.palette)
        return any(dpg.is_item_active(item) for holder in holders for item in holder.text_inputs)

    def ask_for_login(self) -> None:
        self.login.reopen()

    def toggle_palette(self) -> None:
        self.palette.toggle()

    def toggle_fullscreen(self) -> None:
        dpg.toggle_viewport_fullscreen()

    def escape(self) -> None:
        if self.palette.is_shown:
            self.palette.close()
        elif not self.is_typing():  # Esc ends the writing then
            self.state = state.escape(self.state)

    def focus_filter(self) -> None:
        for item in self.toolbar.text_inputs:
            dpg.focus_item(item)
