"""``python -m tests.gui.settings_window SCENARIO [PNG]``: the panel of settings in a real window, with real servers.

What is chosen is kept where LABLINK_DPG_CONFIG_DIR says, as by the program itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from lablink_dpg.clock import AxisClock
from lablink_dpg.gui.docking import Docks, PanelName
from lablink_dpg.gui.panels.settings import SettingsPanel
from lablink_dpg.gui.state import Page
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.window import Window
from lablink_dpg.gui.window_options import SERVERS_IN_TITLE, WindowOptions
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.link import LinkState
from lablink_dpg.notify.herald import Herald
from lablink_dpg.preferences import Server, ThemeName, file
from lablink_dpg.preferences.keeper import Keeper
from lablink_dpg.run import _Run
from lablink_dpg.session import Session
from lablink_dpg.settings import Settings
from lablink_dpg.sim.process import SimProcess
from tests.gui.driver import Driver, Script
from tests.gui.hands import click_item
from tests.gui.logins import write

NOBODY = "127.0.0.1:9"  # nothing listens there


class SettingsDriver(Driver):
    limit = 3000  # it waits for servers

    def __init__(self, server: str, picture: Path | None) -> None:
        keeper = Keeper(file.load().preferences, file.save, str(file.place()))
        self.session = Session([parse_address(server)], LinkOptions(), 100_000, AxisClock(), keeper)
        self.program = _Run(Settings(servers=(server,)), self.session, Herald(lambda _: None, is_on=False))
        self.window = Window(
            self.session, WindowOptions(fps=60, screenshot=picture, title=f"LabLink {SERVERS_IN_TITLE}")
        )

    @property
    def panel(self) -> SettingsPanel:
        panel = self.window.docks.panels[PanelName.SETTINGS]
        assert isinstance(panel, SettingsPanel)
        return panel

    def watched(self) -> list[str]:
        return [link.server for link in self.session.links()]

    def pass_frames(self, n: int = 8) -> Iterator[None]:
        for _ in range(n):
            self.program.should_stop()
            yield

    def until(self, condition: Callable[[], bool]) -> Script:
        """Within ten seconds or so."""
        for _ in range(600):
            if condition():
                return
            self.program.should_stop()
            yield
        raise AssertionError("what was waited for does not come")

    def reach(self, item: Item) -> Script:
        """Scroll the panel until the item can be clicked."""
        window = self.window.docks.windows[PanelName.SETTINGS]
        for _ in range(20):
            top = dpg.get_item_pos(window)[1]
            y, height = dpg.get_item_rect_min(item)[1], dpg.get_item_rect_size(item)[1]
            bottom = top + dpg.get_item_rect_size(window)[1]
            if top <= y and y + height <= bottom:
                return
            dpg.set_y_scroll(window, max(0.0, dpg.get_y_scroll(window) + (y - top - 100)))
            yield from self.pass_frames(10)
        raise AssertionError(f"an item at {y} cannot be scrolled to between {top} and {bottom}")

    def press(self, item: Item) -> Script:
        yield from self.reach(item)
        yield from click_item(self, item)

    def type_into(self, item: Item, text: str) -> Script:
        yield from self.press(item)
        yield from self.key("ctrl+a")
        yield from self.key("BackSpace")
        yield from write(self, text)

    def leave(self, item: Item, text: str) -> Script:
        """Type, and go on to the next field."""
        yield from self.type_into(item, text)
        yield from self.key("Tab")
        yield from self.pass_frames(6)

    def insist(self, action: Callable[[], Script], condition: Callable[[], bool]) -> Script:
        """Do it again where a loaded machine was too slow for the hand."""
        for _ in range(3):
            yield from action()
            for _ in range(60):
                if condition():
                    return
                yield from self.pass_frames(1)
        raise AssertionError("three times in vain")

    def enter(self, item: Item, text: str) -> Script:
        yield from self.type_into(item, text)
        yield from self.key("Return")
        yield from self.pass_frames(6)


def light(driver: SettingsDriver) -> Script:
    """The second of the themes, chosen from their list."""
    combo = driver.panel.fields["theme"]
    yield from driver.press(combo)
    yield from driver.pass_frames(15)
    (x, y), height = dpg.get_item_rect_min(combo), dpg.get_item_rect_size(combo)[1]
    yield from driver.click(x + 30, y + height + 9 + 1.5 * 20)


def connect(driver: SettingsDriver, first: str, second: str) -> Script:
    """Another server by hand, one beside it, one that is none, and back by a click."""
    session, state = driver.session, driver.window.state
    yield from driver.key("ctrl+6")
    yield from driver.until(lambda: session.links()[0].state is LinkState.STREAMING)
    part = driver.panel.connection
    yield from driver.enter(part.address, "ada:moles@lab")
    yield from driver.until(lambda: "does not belong into the server address" in dpg.get_value(part.problem))
    yield from driver.pass_frames(4)
    assert dpg.is_item_visible(part.problem)
    assert dpg.get_value(part.address) == "ada:moles@lab", "to be corrected"
    assert driver.watched() == [first]
    assert driver.window.state.page is Page.NONE, "its letters are keys of the view as well"
    assert driver.window.state.time == state.time
    assert driver.window.state.is_overlay is state.is_overlay
    yield from driver.enter(part.port, "many")
    yield from driver.until(lambda: "must be a whole number from 1 to 65535" in dpg.get_value(part.problem))

    yield from driver.type_into(part.port, "")
    yield from driver.enter(part.address, second)
    yield from driver.until(lambda: driver.watched() == [second])
    yield from driver.pass_frames(4)
    assert not dpg.is_item_visible(part.problem)
    yield from driver.until(lambda: session.links()[0].state is LinkState.STREAMING)
    yield from driver.until(lambda: session.counters().received > 100 and len(driver.window.lines) == 2)
    assert dpg.get_viewport_title() == f"LabLink {second}"
    yield from driver.until(lambda: session.preferences.last_servers == (Server(second),))
    assert [each.address for each in session.preferences.recent_servers] == [second, first]

    yield from driver.type_into(part.address, NOBODY)
    yield from driver.press(part.add)
    yield from driver.until(lambda: driver.watched() == [second, NOBODY])
    yield from driver.until(lambda: session.links()[1].state is LinkState.WAITING)
    yield from driver.pass_frames(20)
    driver.window.state = replace(driver.window.state, page=Page.STATISTICS)
    yield from driver.pass_frames(20)
    assert set(driver.window.pages.statistics.buttons) == {
        f"{what} {server}" for server in (second, NOBODY) for what in ("reconnect", "next mode")
    }
    yield from driver.key("Escape")
    yield from driver.press(part.blocks[1].reconnect)
    yield from driver.until(lambda: any("reconnect asked for" in event.text for event in session.events()))
    yield from driver.press(part.blocks[1].remove)
    yield from driver.until(lambda: driver.watched() == [second])
    yield from driver.pass_frames(30)
    yield from driver.press(part.recent[0])
    yield from driver.until(lambda: driver.watched() == [first])
    yield from driver.until(lambda: session.links()[0].state is LinkState.STREAMING)
    yield from driver.press(part.statistics)
    yield from driver.until(lambda: driver.window.state.page is Page.STATISTICS)
    yield from driver.until(lambda: session.former.servers >= 2)
    yield from driver.pass_frames(20)


def choose(driver: SettingsDriver, _first: str, _second: str) -> Script:
    """Values typed and chosen count at once and are kept; wrong ones are said and change nothing."""
    session, window = driver.session, driver.window
    yield from driver.key("ctrl+6")
    yield from driver.pass_frames(20)
    fields, problems = driver.panel.fields, driver.panel._problems
    yield from driver.enter(fields["fps"], "500")
    yield from driver.until(lambda: "must be a number from 1 to 240" in dpg.get_value(problems["fps"]))
    yield from driver.pass_frames(4)
    assert dpg.is_item_visible(problems["fps"])
    assert session.preferences.fps == 30
    yield from driver.insist(
        lambda: driver.enter(fields["fps"], "45"), lambda: session.preferences.fps == window.fps == 45
    )
    yield from driver.pass_frames(4)
    assert not dpg.is_item_visible(problems["fps"])
    yield from driver.insist(
        lambda: driver.leave(fields["window_s"], "2,5"), lambda: session.preferences.window_s == 2.5
    )
    assert window.state.time.span_us == 2_500_000
    assert dpg.is_item_focused(fields["history"]), "Tab goes on to the next field"
    yield from driver.insist(
        lambda: driver.enter(fields["history"], "50000"), lambda: session.servers[0].store.capacity == 50_000
    )
    yield from driver.insist(
        lambda: driver.enter(fields["acknowledged_by"], "Grete Hermann"),
        lambda: session.preferences.acknowledged_by == "Grete Hermann",
    )
    assert dpg.get_item_configuration(fields["wire"])["items"] == ["auto", "json", "typed"]
    yield from driver.press(fields["notifications"])
    yield from driver.until(lambda: session.preferences.notifications is False)
    yield from driver.insist(lambda: light(driver), lambda: session.preferences.theme is ThemeName.LIGHT)
    yield from driver.pass_frames(30)
    assert window.looks.theme.value == "light", "at once"
    dock = window.docks.windows[PanelName.SETTINGS]
    yield from driver.until(lambda: dpg.get_y_scroll(dock) > 0)  # where it was, though all is made anew
    window.state = replace(window.state, docks=replace(window.state.docks, left=0.4))
    yield from driver.pass_frames(10)
    yield from driver.press(driver.panel.reset)
    yield from driver.until(lambda: window.state.docks.left == Docks().left)
    window.state = replace(window.state, docks=replace(window.state.docks, left=0.35))
    yield from driver.until(lambda: session.keeper.saved > 0)
    assert driver.is_live(), "no letter was for the view"


def again(driver: SettingsDriver, _first: str, _second: str) -> Script:
    """The next start, after ``choose``."""
    window = driver.window
    assert window.state.docks.opened == (PanelName.SETTINGS,)
    assert window.state.docks.left == 0.35
    assert driver.session.preferences.acknowledged_by == "Grete Hermann"
    yield from driver.pass_frames(40)
    fields = driver.panel.fields
    assert [dpg.get_value(fields[name]) for name in ("fps", "window_s", "theme", "notifications")] == [
        "45",
        "2.5",
        "light",
        False,
    ]


def small(driver: SettingsDriver, _first: str, _second: str) -> Script:
    """In the smallest window all of it can be scrolled to, with eight servers."""
    dpg.set_viewport_width(1180)
    dpg.set_viewport_height(560)
    driver.session.watch_typed([Server(f"127.0.0.1:{port}") for port in range(2, 10)])
    yield from driver.key("ctrl+6")
    yield from driver.pass_frames(40)
    part = driver.panel.connection
    assert len(part.blocks) == 8
    for item in (part.blocks[7].remove, part.statistics, driver.panel.reset):
        yield from driver.reach(item)
    window = driver.window.docks.windows[PanelName.SETTINGS]
    assert dpg.get_x_scroll_max(window) == 0, "nothing is cut at the right"


SCENARIOS = {"connect": connect, "choose": choose, "again": again, "small": small}


def main() -> None:
    name, *rest = sys.argv[1:]
    with SimProcess(streams=2, rate_hz=500.0) as first, SimProcess(streams=2, rate_hz=500.0) as second:
        driver = SettingsDriver(first.url, Path(rest[0]) if rest else None)
        with driver.session:
            names = [parse_address(each.url).shown for each in (first, second)]
            driver.run(SCENARIOS[name](driver, *names))
        assert driver.session.keeper.close() == ()
    sys.stdout.write("ok\n")


if __name__ == "__main__":
    main()
