"""Alarms in a real window: ``python -m tests.gui.alarm_window SCENARIO [PNG]``.

``hands`` has a real simulator behind it, so that what a click does is seen by what the server then says.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from lablink_dpg.gui import docking
from lablink_dpg.gui.alarm_rows import Key
from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.panels.alarms import AlarmsPanel
from lablink_dpg.gui.toolkit import dpg
from lablink_dpg.model.alarm import AlarmEvent, AlarmState, Severity
from lablink_dpg.model.orders import AcknowledgeAlarm
from lablink_dpg.model.topic import Topic
from lablink_dpg.session import Session, connect
from lablink_dpg.sim.process import SimProcess
from tests.gui.driver import Driver, Script
from tests.gui.hands import click_item
from tests.support import alarming
from tests.support.alarming import make_rule, trip
from tests.support.synthetic import SyntheticSource

WAIT_FRAMES = 400  # for what a simulator does at once, or a list tells that is asked for every two seconds


def until(condition: Callable[[], object]) -> Iterator[None]:
    for _ in range(WAIT_FRAMES):
        if condition():
            return
        yield
    raise AssertionError("not in time")


def panel(driver: Driver) -> AlarmsPanel:
    made = driver.window.docks.panels[PanelName.ALARMS]
    assert isinstance(made, AlarmsPanel)
    return made


def is_open(driver: Driver) -> bool:
    return PanelName.ALARMS in docking.visible(driver.window.state.docks)


def chosen(driver: Driver) -> tuple[str, str] | None:
    return driver.window.state.alarms.chosen


def hands(driver: Driver, session: Session, rest: httpx.Client) -> Script:
    """An alarm comes, is shown, acknowledged with name and note, another from the bar, and both are cleared."""
    window, book = driver.window, session.books()[0].alarms

    def state_of(event_id: str) -> AlarmState | None:
        event = book.find(event_id)
        return None if event is None else event.state

    def found(event_id: str) -> AlarmEvent:
        event = book.find(event_id)
        assert event is not None
        return event

    yield from until(lambda: session.books()[0].topic(Topic.ALARMS).listed_us)
    yield from driver.pass_frames(5)
    centre, server = window.centre, session.books()[0].server
    assert window.alarm_bar.height == 0
    first_rule, second_rule = (make_rule(rest, name=name, severity="critical") for name in ("First", "Second"))
    first = trip(rest, first_rule)
    yield from until(lambda: state_of(first))
    yield from driver.pass_frames(2)
    height = window.alarm_bar.height
    assert height > 0
    assert window.centre == centre._replace(y=centre.y + height, height=centre.height - height), "it takes room"
    assert dpg.get_item_rect_size(window.alarm_bar.window)[1] == height
    assert not is_open(driver)

    yield from click_item(driver, window.alarm_bar.show)
    assert is_open(driver)
    assert chosen(driver) == Key(server, first)
    yield from driver.pass_frames(10)
    shown = panel(driver)
    yield from click_item(driver, shown.name)
    yield from driver.key("ctrl+a")
    driver.xdotool("type", "bea")
    yield from driver.pass_frames(8)
    yield from click_item(driver, shown.note)
    driver.xdotool("type", "on my way")  # with spaces, and an o
    yield from driver.pass_frames(8)
    assert driver.is_live()
    assert not driver.is_overlaid()
    yield from driver.key("Return")
    yield from until(lambda: state_of(first) is AlarmState.ACKNOWLEDGED)
    yield from until(lambda: found(first).note)
    assert (found(first).acknowledged_by, found(first).note) == ("bea", "on my way")
    yield from driver.pass_frames(3)
    assert window.alarm_bar.height == 0
    assert window.centre.y == centre.y
    assert not dpg.is_item_shown(shown.acknowledge), "there is nothing left to acknowledge"

    second = trip(rest, second_rule)
    yield from until(lambda: window.alarm_bar.height)
    yield from driver.pass_frames(4)
    assert chosen(driver) == Key(server, first), "what is chosen stays chosen"
    yield from click_item(driver, window.alarm_bar.acknowledge)
    yield from until(lambda: state_of(second) is AlarmState.ACKNOWLEDGED)
    assert found(second).acknowledged_by == "bea", "the name is remembered"

    for event_id in (first, second):
        point = shown.rows.point(Key(server, event_id).text)
        assert point is not None
        yield from driver.click(*point)
        assert chosen(driver) == Key(server, event_id)
        yield from click_item(driver, shown.clear)
        yield from until(lambda event_id=event_id: state_of(event_id) is AlarmState.CLEARED)
        yield from driver.pass_frames(3)
        assert shown.rows.point(Key(server, event_id).text) is None
    yield from click_item(driver, shown.history_tab)
    yield from driver.pass_frames(20)
    assert shown.rows.point(Key(server, first).text) is not None
    yield from click_item(driver, shown.open_tab)
    assert not window.state.alarms.is_history


def draining(session: Session, script: Script) -> Script:
    """A turn of the script after each time that was told is taken in, as a run of the program does it."""
    session.drain()
    for _ in script:
        yield
        session.drain()


def steady(driver: Driver) -> Script:
    """200 alarms: what is chosen and where things are stays, whatever comes; only rows on the screen have items."""
    window, source = driver.window, driver.source
    window.actions.open_panel(PanelName.ALARMS)
    yield from driver.pass_frames(10)
    shown = panel(driver)
    first, key = len(dpg.get_all_items()), chosen(driver)
    assert key == (source.labs[0].server, "event_critical"), "the gravest, until somebody chooses"
    places = [dpg.get_item_pos(item) for item in (shown.acknowledge, shown.note, shown.rows.window)]
    alarming.fill(source.labs[0], source.now_us(), 200)
    late = alarming.event("late", Severity.CRITICAL, source.now_us())
    source.labs[0].alarms.take_told(late, source.now_us())
    yield from driver.pass_frames(10)
    assert chosen(driver) == key
    assert places == [dpg.get_item_pos(item) for item in (shown.acknowledge, shown.note, shown.rows.window)]
    assert len(shown.rows.shown) < 60
    assert len(dpg.get_all_items()) - first < 500
    yield from click_item(driver, window.alarm_bar.acknowledge)
    assert source.sent[-1] == AcknowledgeAlarm("event_critical", "anna"), "the oldest one: nothing slips under a hand"
    yield from click_item(driver, shown.acknowledge)
    assert source.sent[-1] == AcknowledgeAlarm("event_critical", "anna")
    dpg.set_viewport_width(1280)
    dpg.set_viewport_height(720)
    window.actions.open_panel(PanelName.DIAGNOSTICS)
    yield from driver.pass_frames(20)
    (left, top), (width, height) = dpg.get_item_pos(shown.clear), dpg.get_item_rect_size(shown.clear)
    area = dpg.get_item_rect_size(window.docks.windows[PanelName.ALARMS])
    assert top + height <= area[1], "in half a dock of the smallest usual screen the buttons are still there"
    assert left + width <= area[0]


def prompt(driver: Driver) -> Script:
    """A window in which nothing moves makes a frame on the next turn after an alarm has come."""
    window, source = driver.window, driver.source
    yield from until(lambda: window._pace.is_idle)
    yield from driver.pass_frames(3)
    frames = window.times.frames
    yield from driver.pass_frames(6)
    assert window.times.frames - frames <= 2, "it idles"
    source.labs[0].alarms.take_told(alarming.event("a", Severity.CRITICAL, source.now_us()), source.now_us())
    yield
    assert window.alarm_bar.height > 0
    assert dpg.is_item_shown(window.alarm_bar.window)


def run_hands(picture: Path | None) -> None:
    with (
        SimProcess(streams=1, rate_hz=200.0) as simulator,
        httpx.Client(base_url=simulator.url, trust_env=False) as rest,
        connect(simulator.url) as session,
    ):
        source: Any = session
        driver = Driver(source, picture)
        driver.run(draining(session, hands(driver, session, rest)))


def run_synthetic(scenario: Callable[[Driver], Script], source: SyntheticSource, picture: Path | None) -> None:
    driver = Driver(source, picture, user="anna")
    driver.run(scenario(driver))


def main() -> None:
    name, *rest = sys.argv[1:]
    picture = Path(rest[0]) if rest else None
    if name == "hands":
        run_hands(picture)
    elif name == "steady":
        source = SyntheticSource(streams=4, equipment=alarming.DEVICES)
        alarming.fill(source.labs[0], source.now_us())
        run_synthetic(steady, source, picture)
    else:
        run_synthetic(prompt, SyntheticSource(streams=1, is_quiet=True), picture)
    sys.stdout.write("ok\n")


if __name__ == "__main__":
    main()
