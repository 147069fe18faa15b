"""``python -m tests.system.equipment_window PNG``: a real window, a real link, the simulator, and hands on its devices.

The server wants sessions and locks for what is done to devices. Numbers are read off the window's own texts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from lablink_dpg.clock import AxisClock
from lablink_dpg.gui.panels.device_card import DeviceCard
from lablink_dpg.gui.toolkit import dpg
from lablink_dpg.gui.window import Window
from lablink_dpg.gui.window_options import WindowOptions
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.link import StreamState
from lablink_dpg.session import Session
from tests.gui.driver import Driver, Script
from tests.gui.equipment import label, open_it, opened
from tests.gui.hands import click_item
from tests.support.secured import Secured


class EquipmentDriver(Driver):
    def __init__(self, session: Session, picture: Path | None) -> None:
        self.session = session
        self.window = Window(session, WindowOptions(fps=60, screenshot=picture))

    def until(self, condition: Callable[[], object]) -> Script:
        """The driver's limit of frames ends it."""
        while not condition():
            yield

    def card(self, equipment_id: str) -> DeviceCard:
        card = opened(self).card(equipment_id)
        assert card is not None, f"{equipment_id} is not on the screen"
        return card


def script(driver: EquipmentDriver, server: Secured) -> Script:
    session = driver.session
    scope, supply, load = (device.id for device in server.lab.devices.values())
    server.lab.devices[supply].is_on = True  # type: ignore[attr-defined]
    server.lab.devices[supply].voltage_set = 12.0  # type: ignore[attr-defined]
    yield from open_it(driver)
    panel = opened(driver)
    yield from driver.until(lambda: len(session.links()[0].readings) == 3)
    yield from driver.until(
        lambda: all(each.state is StreamState.STREAMING for each in session.links()[0].readings.values())
    )
    yield from driver.pass_frames(20)

    readings = session.books()[0].readings
    before = readings.taken
    yield from driver.pass_frames(60)
    assert readings.taken - before >= 12, "five a second of each, less what a busy machine takes"
    got = readings.get(supply, "readings")
    assert got is not None
    volts = driver.card(supply).values[0]
    shown = dpg.get_value(volts.number)
    assert abs(float(shown) - 12.0) < 0.01, shown

    # Switched off by a click, and on again.
    yield from click_item(driver, driver.card(supply).stream)
    yield from driver.until(lambda: not session.links()[0].readings[supply, "readings"].is_on)
    yield from driver.pass_frames(24)
    count = got.count
    yield from driver.pass_frames(30)
    assert got.count == count
    assert label(driver.card(supply).stream) == "▶ Stream"
    yield from click_item(driver, driver.card(supply).stream)
    yield from driver.until(lambda: got.count > count + 2)

    # The power, which the supply does not tell by itself, as a line among the others.
    yield from click_item(driver, driver.card(supply).values[2].button)
    (pin,) = driver.window.state.pinned
    assert pin.field == "power"
    yield from driver.until(lambda: any(plot.key == pin.key and plot.traces for plot in driver.frame.plots))
    yield from click_item(driver, driver.card(supply).values[2].button)
    assert not driver.window.state.pinned

    # A waveform, under its lock.
    yield from click_item(driver, driver.card(scope).capture)
    yield from driver.until(lambda: session.books()[0].captures.get(scope) is not None)
    yield from driver.pass_frames(10)
    wave = driver.card(scope).wave
    assert wave is not None
    assert wave.points > 100
    assert not server.lab.locks.is_locked(scope)

    # Disconnected by two clicks, gone at once, found again, connected again.
    dpg.set_y_scroll(panel.body, dpg.get_y_scroll_max(panel.body))
    yield from driver.pass_frames(10)
    card = driver.card(load)
    yield from click_item(driver, card.disconnect)
    yield from click_item(driver, card.disconnect)
    yield from driver.until(lambda: len(session.links()[0].equipment) == 2)
    yield from click_item(driver, panel.connect)
    yield from click_item(driver, panel.discover)
    discovery = session.books()[0].discovery
    yield from driver.until(lambda: discovery.ended and len(discovery.found) == 3)
    yield from driver.pass_frames(30)
    (x, y), (_, height) = dpg.get_item_rect_min(panel.form.found), dpg.get_item_rect_size(panel.form.found)
    yield from driver.click(x + 40, y + height / 2)
    yield from driver.pass_frames(6)
    yield from driver.click(x + 40, y + height + 20)
    assert panel.form.order().resource == "MOCK::LOAD::0"
    yield from click_item(driver, panel.form.connect)
    yield from driver.until(lambda: len(session.links()[0].equipment) == 3)
    assert [notice.text for notice in session.notices.shown(session.now_us()) if notice.is_problem] == []
    dpg.set_y_scroll(panel.body, 0.0)
    yield from driver.pass_frames(60)


def drained(session: Session, script: Script) -> Script:
    """What the application does once a turn."""
    for _ in script:
        session.drain()
        yield


def main() -> None:
    picture = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with (
        Secured(streams=2, token=None, has_strict_locks=True) as server,
        Session([parse_address(server.url)], LinkOptions(), 100_000, AxisClock()) as session,
    ):
        driver = EquipmentDriver(session, picture)
        driver.run(drained(session, script(driver, server)))
    sys.stdout.write("ok\n")


if __name__ == "__main__":
    main()
