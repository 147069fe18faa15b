"""A window under test, in a process of its own: ``python -m tests.gui.driver SCENARIO [PNG]``.

The library survives one window a process. A scenario is a generator that lives between frames: it moves the real
pointer with xdotool, yields to let frames pass, and looks at what the window then shows. The process ends with 0 if no
assertion failed.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from lablink_dpg.gui import layout, state, typefaces
from lablink_dpg.gui.looks import Looks
from lablink_dpg.gui.state import Page
from lablink_dpg.gui.toolkit import dpg
from lablink_dpg.gui.window import Window
from lablink_dpg.gui.window_options import WindowOptions
from lablink_dpg.model.commands import ReconnectNow
from lablink_dpg.model.link import LinkNeed, LinkState
from lablink_dpg.pace import LINGER_S
from lablink_dpg.preferences import ThemeName
from lablink_dpg.query.frame import Frame, PlotFrame
from lablink_dpg.query.view import View
from tests.gui import (
    appearances,
    carrying,
    equipment,
    exchanged,
    labs,
    logins,
    marked,
    paletting,
    servers,
    trouble,
    walled,
)
from tests.gui.hands import middle_of
from tests.support.synthetic import SERVERS, SyntheticSource
from tests.support.synthetic_lab import SyntheticLab

Script = Generator[None, None, None]
FRAMES_LIMIT = 900  # a scenario that waits for ever fails instead


class Driver:
    """A window, its source, and hands that move the pointer."""

    limit = FRAMES_LIMIT

    def __init__(self, source: SyntheticSource, picture: Path | None, user: str = "") -> None:
        self.source = source
        self.window = Window(source, WindowOptions(fps=60, screenshot=picture, user=user))

    def run(self, script: Script) -> None:
        frames = 0

        def should_stop() -> bool:
            nonlocal frames
            frames += 1
            assert frames < self.limit, "the scenario did not end"
            if frames < 6:  # let the window appear and lay itself out
                return False
            return next(script, "ended") == "ended"

        result = self.window.run(should_stop)
        assert result.screenshot_problem is None, result.screenshot_problem
        assert result.frames == result.prepare_ms.size == result.draw_ms.size > 5

    # -- what it does

    def pass_frames(self, n: int = 8) -> Iterator[None]:
        for _ in range(n):
            yield

    def xdotool(self, *words: object) -> None:
        subprocess.run(["xdotool", *map(str, words)], check=True, timeout=20)

    def move(self, x: float, y: float) -> Iterator[None]:
        self.xdotool("mousemove", int(x), int(y))
        yield from self.pass_frames(4)

    def press_button(self, name: str) -> Iterator[None]:
        item = self.window.toolbar.controls[name]
        yield from self.click(*middle_of(item))

    def click(self, x: float, y: float) -> Iterator[None]:
        yield from self.move(x, y)
        self.xdotool("mousedown", 1)
        yield from self.pass_frames(4)
        self.xdotool("mouseup", 1)
        yield from self.pass_frames(6)

    def wheel(self, notches: int, *, x: float, y: float) -> Iterator[None]:
        yield from self.move(x, y)
        for _ in range(abs(notches)):
            self.xdotool("click", 4 if notches > 0 else 5)
            yield from self.pass_frames(4)

    def drag(self, x: float, y: float, dx: float, dy: float) -> Iterator[None]:
        yield from self.move(x, y)
        self.xdotool("mousedown", 1)
        yield from self.pass_frames(4)
        for step in (0.3, 0.6, 1.0):
            yield from self.move(x + dx * step, y + dy * step)
        self.xdotool("mouseup", 1)
        yield from self.pass_frames(6)

    def key(self, name: str) -> Iterator[None]:
        self.xdotool("key", name)
        yield from self.pass_frames(8)

    # -- what it sees

    def window_id(self) -> int:
        """Of the X server."""
        words = ["xdotool", "search", "--name", f"^{WindowOptions().title}$"]
        return int(subprocess.run(words, check=True, capture_output=True, text=True, timeout=20).stdout)

    def plot_area(self, index: int = 0) -> layout.Rect:
        """Plotting area of a card, in pixels of the window."""
        grid = self.window.grid
        cell = layout.cell(grid, index)
        item = layout.plot_item(cell.width, cell.height)
        centre = self.window.centre
        left, top = cell.x + centre.x, round(cell.y - self.window.cards.scroll_px) + centre.y
        return layout.plot_area(layout.Rect(item.x + left, item.y + top, item.width, item.height), typefaces.TICK_PX)

    def middle(self, index: int = 0) -> tuple[float, float]:
        area = self.plot_area(index)
        return area.x + area.width / 2, area.y + area.height / 2

    # Methods, because a type checker believes that an attribute once asserted stays so between frames.

    def is_live(self) -> bool:
        return self.window.state.time.is_following

    def is_overlaid(self) -> bool:
        return self.window.state.is_overlay

    def is_helping(self) -> bool:
        return self.window.state.page is Page.HELP

    def selected(self) -> tuple[str, ...]:
        return self.window.state.selected

    @property
    def frame(self) -> Frame:
        assert self.window.frame is not None
        return self.window.frame

    def plot(self, index: int = 0) -> PlotFrame:
        return self.frame.plots[index]


def buttons(driver: Driver) -> Script:
    """Every control of the toolbar does what it says."""
    window = driver.window
    yield from driver.press_button("live")
    assert not driver.is_live()
    held = driver.frame.right_us
    yield from driver.pass_frames(20)
    assert driver.frame.right_us == held
    assert driver.frame.now_us > held
    yield from driver.press_button("live")
    assert driver.is_live()
    yield from driver.press_button("reconnect")
    assert driver.source.sent == [ReconnectNow()]
    yield from driver.press_button("overlay")
    assert driver.is_overlaid()
    assert [plot.key for plot in driver.frame.plots] == [state.OVERLAY_KEY]
    yield from driver.press_button("overlay")
    assert not driver.is_overlaid()
    yield from driver.press_button("y")
    assert len(window.state.y_ranges) == 4
    yield from driver.press_button("y")
    assert not window.state.y_ranges
    yield from driver.press_button("help")
    assert driver.is_helping()
    yield from driver.press_button("help")
    assert not driver.is_helping()
    x, y = dpg.get_item_rect_min(window.toolbar.controls["span"])
    yield from driver.press_button("span")  # opens the list …
    yield from driver.click(x + 30, y + 32 + 18)  # … of which the first is one second
    assert window.state.time.span_us == 1_000_000
    assert driver.is_live(), "a click into a list that lies over a plot is not for the plot"


def wheel_and_drag(driver: Driver) -> Script:
    """Wheel and drag unpin, the view then holds still, keys return to live."""
    window = driver.window
    x, y = driver.middle(1)
    shown = driver.plot(1).x_limits
    yield from driver.wheel(1, x=x, y=y)
    assert not driver.is_live()
    assert window.state.time.span_us == 8_000_000
    held = window.state.time
    yield from driver.pass_frames(30)
    assert window.state.time == held
    assert driver.frame.right_us == held.right_us
    assert {plot.x_limits for plot in driver.frame.plots} == {driver.plot(0).x_limits}, "all plots share the time axis"
    assert driver.plot(1).x_limits != shown

    yield from driver.key("End")
    assert driver.is_live()
    before = driver.frame.right_us
    yield from driver.drag(x, y, 100, 0)
    assert not driver.is_live()
    width_us = 8_000_000 / driver.plot_area(1).width
    moved_us = window.state.time.right_us - before  # back by 100 px, forth by the time until the drag began
    assert -100 * width_us - 100_000 < moved_us < -100 * width_us + 3_000_000
    held = window.state.time
    yield from driver.pass_frames(20)
    assert window.state.time == held
    yield from driver.key("Home")
    assert driver.is_live()
    assert not window.state.y_ranges, "a drag along time leaves Y alone"


def y_axis(driver: Driver) -> Script:
    """Ctrl and wheel zooms Y of one plot, Shift and drag moves it, a double click fits it again."""
    window = driver.window
    x, y = driver.middle(0)
    low, high = driver.plot(0).y_limits
    driver.xdotool("keydown", "ctrl")
    yield from driver.wheel(1, x=x, y=y)
    driver.xdotool("keyup", "ctrl")
    yield from driver.pass_frames(4)
    assert driver.is_live(), "zooming Y does not unpin"
    assert list(window.state.y_ranges) == [driver.source.ids[0]]
    zoomed = driver.plot(0).y_limits
    assert abs((zoomed[1] - zoomed[0]) / (high - low) - 0.8) < 0.01
    driver.xdotool("keydown", "shift")
    yield from driver.drag(x, y, 0, 40)
    driver.xdotool("keyup", "shift")
    yield from driver.pass_frames(4)
    moved = driver.plot(0).y_limits
    assert moved[0] > zoomed[0], "dragging down shows higher values"
    assert abs((moved[1] - moved[0]) - (zoomed[1] - zoomed[0])) < 1e-6
    assert driver.is_live()
    driver.xdotool("click", "--repeat", 2, "--delay", 60, 1)
    yield from driver.pass_frames(10)
    assert not window.state.y_ranges


def keys(driver: Driver) -> Script:
    """Space, End, L, O, A, +, −, Esc, F1; and none of them while someone writes into the search field."""
    window = driver.window
    yield from driver.move(*driver.middle(0))
    yield from driver.key("space")
    assert not driver.is_live()
    held = driver.frame.right_us
    yield from driver.pass_frames(20)
    assert driver.frame.right_us == held
    yield from driver.key("l")
    assert driver.is_live()
    yield from driver.key("plus")
    assert window.state.time.span_us == 8_000_000
    yield from driver.key("minus")
    assert window.state.time.span_us == 10_000_000
    assert driver.is_live()
    yield from driver.key("bracketright")
    assert window.state.time.span_us == 8_000_000
    yield from driver.key("o")
    assert driver.is_overlaid()
    yield from driver.key("Escape")
    assert not driver.is_overlaid()
    yield from driver.key("F1")
    assert driver.is_helping()
    yield from driver.key("Escape")
    assert not driver.is_helping()
    yield from driver.press_button("filter")
    driver.xdotool("type", "scope 1")  # with a space and an o
    yield from driver.pass_frames(10)
    assert window.state.filter_text == "scope 1"
    assert driver.is_live()
    assert not driver.is_overlaid()
    assert [line.name for line in window.lines] == ["Scope 1"]


def overlay(driver: Driver) -> Script:
    """A click on a card's name selects it; the overlay draws what is selected in one plot; its list takes out."""
    window = driver.window
    for index in (1, 2):
        area = driver.plot_area(index)
        yield from driver.click(area.x - 20, area.y - 24)
    assert window.state.selected == tuple(driver.source.ids[1:3])
    assert driver.is_live(), "a click on a name is no drag"
    yield from driver.key("o")
    assert {trace.request.stream for trace in driver.plot().traces} == set(driver.source.ids[1:3])
    item = window.overlay.item
    area = window.overlay.area
    x, y = area.x + item.x + item.width / 2, area.y + item.y + item.height / 2
    yield from driver.wheel(1, x=x, y=y)
    assert not driver.is_live()
    yield from driver.key("End")
    yield from driver.click(area.x + item.x + item.width + 60, area.y + 55)
    assert window.state.selected == (driver.source.ids[2],)
    yield from driver.pass_frames(4)
    assert {trace.request.stream for trace in driver.plot().traces} == {driver.source.ids[2]}


def scroll(driver: Driver) -> Script:
    """200 streams: only those on the screen are asked for; scrolling binds the same cards to others."""
    window = driver.window
    first = [plot.key for plot in driver.frame.plots]
    assert first == driver.source.ids[: len(first)]
    assert len(first) <= 24
    items = len(dpg.get_all_items())
    assert items < 2500, "200 streams may not cost more items than those on the screen"
    yield from driver.move(*driver.middle(0))
    yield from driver.key("Next")
    yield from driver.key("Next")
    second = [plot.key for plot in driver.frame.plots]
    assert not set(first) & set(second)
    assert len(second) <= 28
    driver.xdotool("keydown", "shift")
    yield from driver.wheel(-1, x=800, y=500)
    driver.xdotool("keyup", "shift")
    assert window.cards.scroll_px > 0
    assert driver.is_live(), "scrolling the grid does not unpin"
    for _ in range(8):
        yield from driver.key("Next")
    last = [plot.key for plot in driver.frame.plots]
    assert last[-1] == driver.source.ids[-1]
    assert len(dpg.get_all_items()) - items < 200, "scrolling makes no items"
    for index in (len(driver.source.ids) - 1, len(driver.source.ids) - 5):
        x, y = driver.middle(index)
        hit = window.hit(x, y)
        yield from driver.move(x, y)
        hit = window.hit(x, y)
        assert hit is not None
        assert hit.key == driver.source.ids[index], "what is drawn there is what the mouse finds there"


def idle(driver: Driver) -> Script:
    yield from driver.pass_frames(30)


def page_of(name: str) -> Callable[[Driver], Script]:
    def scenario(driver: Driver) -> Script:
        yield from driver.press_button(name)
        yield from driver.pass_frames(30)

    return scenario


def quiet(driver: Driver) -> Script:
    """Nothing comes: few frames, until somebody moves the mouse or something comes."""
    times = driver.window.times
    yield from driver.pass_frames(int(60 * (LINGER_S + 0.5)))
    before = times.frames
    yield from driver.pass_frames(20)
    assert 4 <= times.frames - before <= 12, "two seconds of four frames: the plots scroll"
    before = times.frames
    yield from driver.move(700, 500)
    yield from driver.pass_frames(20)
    assert times.frames - before >= 20, "from the next turn on"
    yield from driver.key("space")
    assert not driver.is_live(), "a key is heard as soon as ever"
    yield from driver.pass_frames(int(60 * (LINGER_S + 0.5)))
    before = times.frames
    driver.source.is_quiet = False
    yield from driver.pass_frames(40)
    assert times.frames - before >= 28


def still(driver: Driver) -> Script:
    """Nothing on the screen tells the time: nothing is drawn until a script or a person does something."""
    window = driver.window
    yield from driver.pass_frames(int(60 * (LINGER_S + 0.5)))
    before = window.times.frames
    yield from driver.pass_frames(20)
    assert window.times.frames - before <= 1, "two seconds"
    window.actions.toggle_page(Page.HELP)
    yield from driver.pass_frames(3)
    assert window.times.frames - before >= 2, "seen at once"
    yield from driver.pass_frames(int(60 * (LINGER_S + 0.5)))
    before = window.times.frames
    yield from driver.key("Escape")
    yield from driver.pass_frames(4)
    assert window.times.frames - before >= 8
    assert not driver.is_helping()


def held(driver: Driver) -> Script:
    yield from driver.pass_frames(10)
    driver.window.actions.toggle_live()
    yield from driver.pass_frames(40)


def failing_source(driver: Driver) -> Script:
    """An error while a frame is made is logged and the window lives on; so does an error in a callback."""
    good = driver.source.frame
    frames_before = driver.window.times.frames

    def bad(view: View) -> Frame:
        raise RuntimeError("no frame today")

    driver.source.frame = bad  # type: ignore[method-assign]
    driver.source.send = bad  # type: ignore[method-assign, assignment]
    yield from driver.press_button("reconnect")
    yield from driver.pass_frames(20)
    driver.source.frame = good  # type: ignore[method-assign]
    yield from driver.pass_frames(5)
    assert driver.window.times.frames > frames_before + 20
    assert driver.frame.now_us > time.time_ns() // 1000 - 5_000_000


def source(**options: object) -> Callable[[], SyntheticSource]:
    return lambda: SyntheticSource(**options)  # type: ignore[arg-type]


def lab(**options: object) -> Callable[[], SyntheticSource]:
    return lambda: SyntheticLab(**options)  # type: ignore[arg-type]


SCENARIOS: dict[str, tuple[Callable[[Driver], Script], Callable[[], SyntheticSource]]] = {
    "buttons": (buttons, source(streams=4)),
    "wheel_and_drag": (wheel_and_drag, source(streams=4)),
    "y_axis": (y_axis, source(streams=4)),
    "keys": (keys, source(streams=4)),
    "overlay": (overlay, source(streams=4)),
    "scroll": (scroll, source(streams=200, rate_hz=50)),
    "exchanged_lines": (exchanged.lines, lambda: exchanged.source(devices=2)),
    "exchanged_search": (exchanged.search, lambda: exchanged.source(devices=0)),
    "vanishing": (trouble.vanishing, source(streams=4)),
    "old_notes": (trouble.old_notes, source(streams=8, channels=4, has_trouble=True)),
    "infinite": (trouble.infinite, source(streams=4)),
    "full": (trouble.full, source(streams=2, others=(LinkState.WAITING,))),
    "minimised": (trouble.minimised, source(streams=4)),
    "ended_minimised": (trouble.ended_minimised, source(streams=2)),
    "closed_minimised": (trouble.closed_minimised, source(streams=2)),
    "quiet": (quiet, source(streams=2, is_quiet=True)),
    "still": (still, source(streams=0, is_quiet=True)),
    "servers": (servers.both, source(streams=8, others=(LinkState.WAITING,))),
    "eight": (servers.eight, source(streams=16, has_trouble=True, others=(LinkState.STREAMING,) * 7)),
    "pages": (servers.pages, source(streams=4, others=(LinkState.POLLING,), more_events=40)),
    "pages_720": (servers.pages_720, source(streams=4, has_trouble=True)),
    "palette": (paletting.palette, source(streams=4)),
    "asked_twice": (paletting.asked_twice, source(streams=4)),
    "asked_shown": (paletting.asked_shown, source(streams=4)),
    "docks": (paletting.docks, source(streams=4)),
    "login": (logins.alone, source(streams=0, **logins.ASKED, link_state=LinkState.WAITING)),
    "login_beside": (
        logins.beside_plots,
        source(
            streams=8,
            others=(LinkState.WAITING,),
            questions={SERVERS[1]: (LinkNeed.PASSWORD, logins.WANTED)},
        ),
    ),
    "login_alone": (idle, source(streams=0, **logins.ASKED, link_state=LinkState.WAITING)),
    "login_locked": (
        logins.smallest,
        source(
            streams=16,
            has_trouble=True,
            others=(LinkState.WAITING,),
            questions={SERVERS[1]: (LinkNeed.LOCKED, "the account is locked")},
            insecure=frozenset(SERVERS[:2]),
        ),
    ),
    "log": (page_of("log"), source(streams=16, has_trouble=True, others=(LinkState.POLLING,), more_events=40)),
    "statistics": (page_of("statistics"), source(streams=16, has_trouble=True)),
    "statistics_3": (
        page_of("statistics"),
        source(streams=16, has_trouble=True, others=(LinkState.WAITING, LinkState.POLLING)),
    ),
    "help": (page_of("help"), source(streams=4)),
    "empty_3": (
        idle,
        source(streams=0, others=(LinkState.WAITING, LinkState.CONNECTING)),
    ),
    "scale_keys": (appearances.scale_keys, source(streams=4)),
    "looks_changing": (appearances.changing, source(streams=16, has_trouble=True)),
    "looks_scrolled": (appearances.scrolled, source(streams=200, rate_hz=50)),
    "docked": (appearances.docked, source(streams=4)),
    "rows": (appearances.listed, source(streams=2)),
    "looks_large": (appearances.looking(appearances.LARGE), source(streams=16)),
    "looks_720": (appearances.looking(Looks(), (1280, 720)), source(streams=16, has_trouble=True)),
    "looks_largest": (appearances.looking(Looks(ThemeName.LIGHT, scale=2.0)), source(streams=16, has_trouble=True)),
    "equipment_hands": (equipment.hands, source(streams=4, bench=3)),
    "equipment_waits": (equipment.waits, source(streams=1, bench=2)),
    "equipment_form": (equipment.form, source(streams=4, bench=3)),
    "equipment_waveform": (equipment.waveform, source(streams=1, bench=3)),
    "equipment_many": (equipment.many, source(streams=1, bench=500)),
    "equipment_hidden": (equipment.hidden, source(streams=1, bench=3)),
    "equipment_steady": (equipment.steady, source(streams=1, bench=3)),
    "equipment_several": (equipment.several, source(streams=2, bench=3, others=(LinkState.STREAMING,))),
    "equipment_none": (equipment.none, source(streams=1)),
    "equipment_seen": (equipment.seen, source(streams=1, bench=3)),
    "carrying": (carrying.values, source(streams=4, devices=3)),
    "carrying_cards": (carrying.cards, source(streams=4, devices=3)),
    "carrying_overlay": (carrying.overlay, source(streams=4, devices=3)),
    "carrying_panel": (carrying.from_panel, source(streams=4, bench=3)),
    "carrying_empty": (carrying.empty, source(streams=0, devices=1)),
    "carrying_menu": (carrying.menu, source(streams=7, devices=3)),
    "carrying_picture": (carrying.picture, source(streams=7, devices=3)),
    "diagnostics": (labs.diagnostics, lab(streams=4, devices=4)),
    "scheduler": (labs.scheduler, lab(streams=4, devices=4, jobs=3)),
    "labs_720": (labs.labs_720, lab(streams=4, devices=6, jobs=8, others=(LinkState.WAITING,))),
    "labs_500": (labs.labs_500, lab(streams=4, devices=500, jobs=500, runs=1)),
    "labs_0": (labs.labs_0, lab(streams=4)),
    "labs_shown": (labs.labs_shown, lab(streams=8, devices=8, jobs=6)),
    "marks": (marked.placed, source(streams=4)),
    "marks_pointed_at": (marked.pointed_at, source(streams=4)),
    "marks_crowded": (marked.crowded, source(streams=4)),
    "wall_hands": (walled.hands, source(streams=40)),
    "wall_changes": (walled.changes, source(streams=24)),
    "wall_paged": (walled.paged, source(streams=700, rate_hz=20)),
    "wall_recoloured": (walled.recoloured, source(streams=40, has_trouble=True)),
    "wall_16": (walled.seen, source(streams=16, has_trouble=True)),
    "wall_200": (walled.seen, source(streams=200, rate_hz=100, has_trouble=True)),
    "failing_source": (failing_source, source(streams=2)),
    "grid_16": (idle, source(streams=16, has_trouble=True)),
    "held_16": (held, source(streams=16)),
    "empty": (
        idle,
        source(streams=0, link_state=LinkState.WAITING, reason="Connection refused"),
    ),
}


def main() -> None:
    name, *rest = sys.argv[1:]
    scenario, make_source = SCENARIOS[name]
    driver = Driver(make_source(), Path(rest[0]) if rest else None)
    driver.run(scenario(driver))
    sys.stdout.write("ok\n")


if __name__ == "__main__":
    main()
