"""The window: puts panels, hands and loop together, asks the source once a frame, hands the answer to the panels.

It remembers what the user chose, what was shown last, and nothing of the samples. One window a process: the library
does not survive a second one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lablink_dpg.gui import (
    asking,
    bindings,
    docking,
    label,
    layout,
    looks,
    loop,
    palette,
    panel_commands,
    remaking,
    scale,
    screen,
    screenshot,
    state,
    theme,
    typefaces,
)
from lablink_dpg.gui.actions import Actions
from lablink_dpg.gui.density import Density
from lablink_dpg.gui.dock_hands import DockHands
from lablink_dpg.gui.docking import Docks, PanelName, Place
from lablink_dpg.gui.dragging import Carrier
from lablink_dpg.gui.hands import Hands
from lablink_dpg.gui.kept_layout import KeptLayout
from lablink_dpg.gui.lines import Lines
from lablink_dpg.gui.looks import Looks
from lablink_dpg.gui.panels.alarm_bar import AlarmBar
from lablink_dpg.gui.panels.command_palette import CommandPalette
from lablink_dpg.gui.panels.docks import DocksPanel
from lablink_dpg.gui.panels.empty import EmptyPage
from lablink_dpg.gui.panels.grid import GridPanel
from lablink_dpg.gui.panels.login import LoginPanel
from lablink_dpg.gui.panels.mark_tip import MarkTip
from lablink_dpg.gui.panels.notices import NoticesPanel
from lablink_dpg.gui.panels.overlay import OverlayPanel
from lablink_dpg.gui.panels.pages import Pages
from lablink_dpg.gui.panels.panel import Desk
from lablink_dpg.gui.panels.rail import Rail
from lablink_dpg.gui.panels.side import SidePage
from lablink_dpg.gui.panels.statusbar import StatusBar, Vitals
from lablink_dpg.gui.panels.table_of_panels import PANELS
from lablink_dpg.gui.panels.toolbar import Toolbar
from lablink_dpg.gui.panels.wall import WallPanel
from lablink_dpg.gui.panels.wall_tip import WallTip
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.sight import Sight
from lablink_dpg.gui.source import Source
from lablink_dpg.gui.state import ViewState
from lablink_dpg.gui.toolkit import changes, dpg
from lablink_dpg.gui.window_options import SERVERS_IN_TITLE, WindowOptions, WindowResult
from lablink_dpg.model.link import LinkStatus
from lablink_dpg.model.topic import Topic
from lablink_dpg.pace import Pace
from lablink_dpg.query.frame import Frame, PlotFrame, WallFrame
from lablink_dpg.query.view import View
from lablink_dpg.times import FrameTimes


class Window(Sight):
    """Main thread. Call ``run`` once."""

    def __init__(self, source: Source, options: WindowOptions | None = None) -> None:
        self._source = source
        self._options = options or WindowOptions()
        self._layout = KeptLayout(source)
        self.state: ViewState = self._layout.restored(state.initial(self._options.span_us))
        self.fps = self._options.fps
        self.times = FrameTimes()
        self._pace = Pace(self._options.fps)
        self.frame: Frame | None = None
        self.grid = layout.grid(0, 1, 1)
        self._grid_for: tuple[object, ...] = ()  # number of cards, room and size that it was laid out for
        self._plot_area = layout.Rect(0, 0, 1, 1)  # of each card, inside it
        self._asked = asking.GridView()
        self._overlay_density = Density()
        self._scrolled = self.grid, -1.0
        self.visible = range(0)
        self.links: Sequence[LinkStatus] = ()
        self._lines = Lines(source)
        self.centre = layout.Rect(0, 0, 1, 1)  # of the plots
        self.dock_area = layout.Rect(0, 0, 1, 1)  # of plots and docks together
        self._arranged = Docks(), self.dock_area, self.centre, dict[Place, layout.Rect]()
        self._visible_panels: tuple[PanelName, ...] = ()  # of the docks as arranged
        self._topics: frozenset[Topic] = frozenset()  # that somebody is known to look at …
        self._watched: tuple[tuple[PanelName, ...], bool] = (), False  # … because of these panels, and of values
        self._unsettled = 0  # frames after which there was more to draw, though nothing new had come
        self._lag_us = 0  # of the live edge behind now, as the last live frame had it
        self._size = (0, 0)
        self._named = [link.server for link in source.links()]  # in the title
        self.looks = self._options.looks or looks.of(source.preferences)
        self._wanted_looks = self.looks
        self._changes = -1  # of items, as of the last step
        self._rows_above = 0.0  # of the grid, to be scrolled to once it is there

    # ------------------------------------------------------------------ life

    def run(self, should_stop: Callable[[], bool]) -> WindowResult:
        """Show the window until it is closed or ``should_stop()``; asked once a frame.

        The caller has made sure that there is a display (``gui.display``): without one the library ends the process.
        """
        options = self._options
        looks.use(self.looks)
        dpg.create_context()
        try:
            dpg.configure_app(manual_callback_management=True)
            dpg.create_viewport(
                title=self._title(),
                width=options.width,
                height=options.height,
                x_pos=0,
                y_pos=0,
                min_width=1180,
                min_height=560,
            )
            self.fonts = typefaces.load()
            self.actions = Actions(self, self._source, self._options.user)
            self._build()
            dpg.setup_dearpygui()
            dpg.show_viewport()
            wanted = options.width, options.height
            if (size := screen.fitting(wanted, screen.screen_size())) != wanted:
                dpg.set_viewport_width(size[0])
                dpg.set_viewport_height(size[1])
            started_us = self._source.now_us()
            loop.run(self._step, should_stop, self._news, self._source.rest, self._pace, self.times)
            elapsed_s = (self._source.now_us() - started_us) / 1e6
            self._layout.keep(self.state)  # as the last click left it, drawn or not
            problem = self._take_screenshot()
        finally:
            dpg.destroy_context()
        return WindowResult(self.times.frames, elapsed_s, self.times.prepare_ms, self.times.draw_ms, problem)

    def _title(self) -> str:
        names = tuple(link.server for link in self.links or self._source.links())
        return self._options.title.replace(SERVERS_IN_TITLE, ", ".join(names))

    def _retitle(self) -> None:
        names = [link.server for link in self.links]
        if names != self._named:
            self._named = names
            dpg.set_viewport_title(self._title())

    def _take_screenshot(self) -> str | None:
        path = self._options.screenshot
        if path is None:
            return None
        if not dpg.is_dearpygui_running():
            return f"no picture at {path}: the window was closed before"
        try:
            screenshot.save(path)
        except OSError as error:
            return str(error)
        return None

    def _build(self) -> None:
        dpg.set_viewport_clear_color((*palette.now.background, 255))
        themes = theme.build(self.fonts)
        root = dpg.add_window(
            no_scrollbar=True, no_scroll_with_mouse=True, no_bring_to_front_on_focus=True, no_background=True
        )
        dpg.set_primary_window(root, True)
        # Beside a living viewport that resets them, and a second scroll bar would cover the right edge.
        dpg.configure_item(root, no_scrollbar=True, no_scroll_with_mouse=True, no_background=True)
        self.toolbar = Toolbar(root, themes, self.actions)
        self.cards = GridPanel(root, themes, self.actions)
        self.overlay = OverlayPanel(root, themes)
        self.wall = WallPanel(root, themes)
        self.empty = EmptyPage(root, themes)
        self.status = StatusBar(root, themes)
        self.desk = desk = Desk(themes, self._source, self.actions)
        self.rail = Rail(root, desk, PANELS)
        self.alarm_bar = AlarmBar(root, desk)
        self.docks = DocksPanel(root, desk, PANELS)
        self.notices = NoticesPanel(themes, self._source.notices)
        commands = bindings.commands(self, self.actions)
        self.pages = Pages(themes, self.actions, self._source, commands)
        self.palette: CommandPalette = CommandPalette(
            themes, lambda: (*commands, *panel_commands.commands(self._source, self.actions))
        )
        self.login = LoginPanel(themes, self.actions, self._options.user, remember=self._options.remember)
        self.carrier = Carrier(themes)
        self.mark_tip = MarkTip(themes)
        self.wall_tip = WallTip(themes)
        self._hands = Hands(self, commands, self.carrier)
        self._dock_hands = DockHands(self, self.actions)

    def set_looks(self, wanted: Looks) -> None:
        """From the next frame on: whoever asks may be an item that goes away with it."""
        self._wanted_looks = wanted

    def rebuild(self) -> None:
        """Make all items anew, in the looks that are wanted. What was chosen to see stays, and fonts do."""
        self.looks = self._wanted_looks
        rows = self.cards.scroll_px / self.grid.pitch
        put_off, hands, scrolls, before = self.login.put_off, self._hands, self.docks.scrolls, scale.current()
        others = remaking.delete_windows(set(remaking.roots()) - {self.fonts.registry})
        looks.use(self.looks)
        typefaces.resize(self.fonts)
        label.forget_cuts()
        self._build()
        remaking.delete(others)  # themes, after others are bound; handlers
        self._hands.succeed(hands)
        self.docks.scroll_to({name: at * scale.current() / before for name, at in scrolls.items()})
        self.login.put_off = put_off
        self.toolbar.set_filter(self.state.filter_text)
        self._lines.renew()
        self._rows_above = rows

    # ------------------------------------------------------------------ a frame

    def _news(self) -> object:
        """What the source has, and what was chosen by another way than the window's input: a script, a tour."""
        return self._source.news(), self._unsettled, id(self.state), id(self._wanted_looks)

    def _step(self) -> bool:
        """Whether there is something else to be seen than after the last one."""
        if self._wanted_looks != self.looks:
            self.rebuild()
        with self._source.turn():
            self._prepare()
        before, self._changes = self._changes, changes()
        is_scrolling = self.state.time.is_following and bool(self.frame and self.frame.plots)
        return is_scrolling or before != self._changes or self.is_typing()  # the caret blinks

    def _prepare(self) -> None:
        now_us = self._source.now_us()
        self.links = self._source.links()
        self._retitle()
        self._hands.follow()
        self._dock_hands.follow()
        self.state = self._lines.refresh(self.state, self.links, now_us)
        self._place()
        view = self._view()
        self.frame = frame = self._source.frame(view)
        self._unsettled += not frame.is_settled
        if self.state.time.is_following:
            self._lag_us = frame.now_us - frame.right_us
        self._draw(frame, now_us)
        self._layout.keep(self.state)

    def set_fps(self, fps: float) -> None:
        self.fps = fps
        self._pace.change(fps)

    def _place(self) -> None:
        """Follow the window's size."""
        width, height = screen.client_size()
        middle = max(200, height - px(layout.TOOLBAR_PX) - px(layout.STATUS_PX))
        self.alarm_bar.place(width)
        bar, left = self.alarm_bar.height, px(layout.RAIL_PX)
        SidePage.lowered_px = bar
        self.dock_area = room = layout.Rect(left, px(layout.TOOLBAR_PX) + bar, max(1, width - left), middle - bar)
        if self._arranged[0] is not self.state.docks or self._arranged[1] != room:
            self._arranged = self.state.docks, room, *docking.arrange(self.state.docks, room)
            self._visible_panels = docking.visible(self.state.docks)
        _, _, self.centre, places = self._arranged
        self._lay_out_grid(len(self.lines))
        self._size = (width, height)
        self.toolbar.place(width)
        self.status.place(width, height)
        self.empty.place(self.centre)
        self.overlay.place(self.centre)
        if self.state.is_wall:
            self.wall.place(len(self.lines), self.centre)
        self.cards.place(self.grid, self.centre)
        if self._rows_above and self.cards.has_room_to_scroll():
            self.cards.scroll_by(self._rows_above * self.grid.pitch - self.cards.scroll_px)
            self._rows_above = 0.0
        self.rail.place(middle)
        self.docks.place(self.state.docks, places)

    def _lay_out_grid(self, count: int) -> None:
        wanted = count, self.centre, scale.current()
        if wanted != self._grid_for:
            self._grid_for = wanted
            self.grid = layout.grid(count, self.centre.width, self.centre.height)
            item = layout.plot_item(self.grid.cell_width, self.grid.cell_height)
            self._plot_area = layout.plot_area(item, px(typefaces.TICK_PX))

    def _view(self) -> View:
        if self.state.is_overlay:
            return asking.overlay_view(
                self.state, self._lines.overlaid(self.state), self.overlay.plot_area, self._overlay_density
            )
        if self.state.is_wall:
            self.visible, self._scrolled = range(0), (self.grid, -1.0)
            return View(self.state.time, (), self.wall.request(self.lines) if self.lines else None)
        scrolled = self.grid, self.cards.scroll_px
        if scrolled != self._scrolled:
            self._scrolled, self.visible = scrolled, layout.visible(*scrolled)
        return self._asked.view(self.state, self.lines, self.visible, self._plot_area)

    def _draw(self, frame: Frame, now_us: int) -> None:
        plots = {plot.key: plot for plot in frame.plots}
        view = self.state
        has_overlay = view.is_overlay and bool(self._lines.all)
        has_wall = not has_overlay and view.is_wall and bool(self.lines)
        has_grid = not has_overlay and not has_wall and bool(self.lines)
        self.cards.show(has_grid)
        self.wall.show(has_wall)
        self.overlay.show(has_overlay)
        self.login.draw(self.links, self._size, has_plots=has_grid or has_overlay or has_wall)
        self.empty.show(not (has_grid or has_overlay or has_wall or self.login.is_shown))
        if has_grid:
            self.cards.draw(self.grid, self.visible, self.lines, plots, view, self._lines.names, self.carrier.target)
        elif has_wall and frame.wall is not None:
            self.wall.draw(self.lines, frame.wall, view)
        elif has_overlay:
            self.overlay.draw(self._lines.overlaid(self.state), plots.get(state.OVERLAY_KEY), bool(view.selected))
        else:
            self.empty.draw(self.links, now_us, bool(self._lines.all))
        behind_us = state.behind_us(view, self.live_right_us())
        self.toolbar.draw(view, self.links, now_us, behind_us, self._lines.is_live)
        self.docks.draw(now_us)
        self.rail.draw(self._visible_panels, self._source.books(), has_new_words=self._lines.are_new)
        # Over the plots' corner: at the window's it would lie on the buttons of a dock.
        corner = self.centre.x + self.centre.width, self.centre.y + self.centre.height + px(layout.STATUS_PX)
        self.notices.draw(now_us, corner)
        self._draw_mark_tip(plots, now_us)
        self._draw_wall_tip(frame.wall)
        self.palette.place(self._size)
        self._watch()
        self.pages.draw(view.page, self.links, self._size, has_new_words=self._lines.are_new)
        if self._lines.are_new:
            fps, prepare_ms, draw_ms = self.times.recent()
            rate_hz, memory_mb = self._source.total_rate(), self._source.memory_mb()
            vitals = Vitals(fps, self.fps, prepare_ms, draw_ms, memory_mb, rate_hz, self._pace.is_idle)
            self.status.draw(self.links, self._lines.streams, vitals)

    def _draw_mark_tip(self, plots: Mapping[str, PlotFrame], now_us: int) -> None:
        """What lies under the mouse is looked for only where there is something that it could be."""
        for plot in plots.values():  # no generator: most frames of most displays have no marks at all
            if plot.marks or plot.thresholds:
                break
        else:
            self.mark_tip.hide()
            return
        x, y = dpg.get_mouse_pos(local=False)
        hit = self.hit(x, y)
        if hit is not None and hit.kind == "plot" and hit.key in plots:
            self.mark_tip.draw(plots[hit.key], hit, (x, y), now_us, self._size)
        else:
            self.mark_tip.hide()

    def _draw_wall_tip(self, wall: WallFrame | None) -> None:
        if wall is None:
            self.wall_tip.hide()
            return
        x, y = dpg.get_mouse_pos(local=False)
        hit = self.hit(x, y) if self.centre.holds(x, y) else None
        index = self.wall.index_at(x, y) if hit is not None and hit.kind == "lane" else None
        if index is None:
            self.wall_tip.hide()
            return
        position = index - self.wall.shape.first
        self.wall_tip.draw(self.lines[index], wall.lanes[position], wall.severities[position], (x, y), self._size)

    def _watch(self) -> None:
        """Have what panels on the screen show asked for more often."""
        has_values = bool(self.state.pinned or self.state.extras)  # of devices, among the plots
        if self._watched == (self._visible_panels, has_values):
            return
        self._watched = self._visible_panels, has_values
        topics = frozenset(topic for name in self._visible_panels for topic in PANELS[name].topics)
        if has_values:
            topics |= {Topic.READINGS}
        if topics != self._topics:
            self._topics = topics
            self.actions.watch_topics(topics)
