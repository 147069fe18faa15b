"""Scenarios of the driver about the equipment panel: a bench of synthetic devices, and hands on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lablink_dpg.books.discovery import FoundDevice
from lablink_dpg.gui import layout
from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.panels.device_card import DeviceCard
from lablink_dpg.gui.panels.equipment import EquipmentPanel
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.commands import WatchDevice, WatchTopics
from lablink_dpg.model.link import StreamState
from lablink_dpg.model.orders import CaptureWaveform, ConnectDevice, DisconnectDevice, Discover
from lablink_dpg.model.waveform import Waveform
from tests.gui.hands import click_item
from tests.support.synthetic import SERVERS, SyntheticSource

if TYPE_CHECKING:  # the driver is the program that runs these
    from tests.gui.driver import Driver, Script

SCOPE, SUPPLY, LOAD = "dev_000", "dev_001", "dev_002"


def opened(driver: Driver) -> EquipmentPanel:
    """Call it once a frame has passed after ``open_panel``."""
    panel = driver.window.docks.panels[PanelName.EQUIPMENT]
    assert isinstance(panel, EquipmentPanel)
    return panel


def open_it(driver: Driver) -> Script:
    yield from driver.key("ctrl+1")
    yield from driver.pass_frames(12)
    assert PanelName.EQUIPMENT in driver.window.docks.panels


def card_of(driver: Driver, equipment_id: str, server: str = "") -> DeviceCard:
    card = opened(driver).card(equipment_id, server)
    assert card is not None, f"{equipment_id} is not on the screen"
    return card


def label(item: Item) -> str:
    return str(dpg.get_item_label(item))


def orders(source: SyntheticSource) -> list[object]:
    """What was sent, but for who looks at what."""
    return [each for each in source.sent if not isinstance(each, WatchTopics)]


def hands(driver: Driver) -> Script:
    """Stream off and on, disconnect by a second click, capture another channel, a number into a plot."""
    source = driver.source
    yield from open_it(driver)
    supply = card_of(driver, SUPPLY)
    assert label(supply.stream) == "■ Stop"
    yield from click_item(driver, supply.stream)
    assert source.sent[-1] == WatchDevice(SUPPLY, False)
    assert source.sent_to[-1] == SERVERS[0]
    source.benches[0].off.add(SUPPLY)
    yield from driver.pass_frames(30)
    assert label(supply.stream) == "▶ Stream"
    yield from click_item(driver, supply.stream)
    assert source.sent[-1] == WatchDevice(SUPPLY, True)

    scope = card_of(driver, SCOPE)
    before = len(source.sent)
    yield from click_item(driver, scope.disconnect)
    assert len(source.sent) == before, "the first click asks"
    assert label(scope.disconnect) == "▲ Really?"
    assert label(supply.disconnect) == "Disconnect"
    yield from click_item(driver, scope.disconnect)
    assert source.sent[-1] == DisconnectDevice(SCOPE)
    yield from driver.pass_frames(4)
    assert label(scope.disconnect) == "Disconnect"

    dpg.set_value(scope.channel, "CH3")
    yield from click_item(driver, scope.capture)
    assert source.sent[-1] == CaptureWaveform(SCOPE, 3)
    asked: list[tuple[str, str, str, str]] = []
    driver.window.actions.plot_reading = lambda *words: asked.append(words)  # type: ignore[method-assign]
    yield from click_item(driver, supply.values[0].button)
    assert asked == [(SERVERS[0], SUPPLY, "readings", "voltage_actual")]
    assert driver.is_live(), "nothing of it was for the plots"


def waits(driver: Driver) -> Script:
    """A question that nobody answers is taken back after a while."""
    yield from open_it(driver)
    card = card_of(driver, SUPPLY)
    yield from click_item(driver, card.disconnect)
    assert label(card.disconnect) == "▲ Really?"
    yield from driver.pass_frames(60 * 5)
    assert label(card.disconnect) == "Disconnect"
    assert not orders(driver.source)


def form(driver: Driver) -> Script:
    """Search, choose what was found, connect it; a form that lacks something says what."""
    source = driver.source
    yield from open_it(driver)
    panel = opened(driver)
    yield from click_item(driver, panel.connect)
    assert panel.form.is_shown
    yield from click_item(driver, panel.form.connect)
    assert not orders(source), "there is nothing in it yet"
    yield from click_item(driver, panel.discover)
    assert source.sent[-1] == Discover()
    book = source.books()[0].discovery
    book.started(source.now_us())
    book.heard(FoundDevice("MOCK::LOAD::7", "electronic_load", "MockLoad-300"), source.now_us())
    book.heard(FoundDevice("MOCK::0", "oscilloscope", "connected already"), source.now_us())
    book.finished()
    yield from driver.pass_frames(30)
    (x, y), (width, height) = dpg.get_item_rect_min(panel.form.found), dpg.get_item_rect_size(panel.form.found)
    yield from driver.click(x + width / 2, y + height / 2)  # opens the list …
    yield from driver.pass_frames(6)
    yield from driver.click(x + 40, y + height + 20)  # … of one
    assert panel.form.order() == ConnectDevice("MOCK::LOAD::7", "electronic_load", "MockLoad-300")
    yield from click_item(driver, panel.form.model)
    yield from driver.key("End")
    driver.xdotool("type", "l 1")  # keys that would do something to the plots
    yield from driver.pass_frames(20)
    assert driver.is_live()
    yield from click_item(driver, panel.form.connect)
    assert source.sent[-1] == ConnectDevice("MOCK::LOAD::7", "electronic_load", "MockLoad-300l 1")
    assert not panel.form.is_shown


def waveform(driver: Driver) -> Script:
    """A capture appears under its scope in as many points as there are pixels, and is put away by a click."""
    yield from open_it(driver)
    panel = opened(driver)
    times = np.arange(200_000) / 1e9
    volts = np.sin(times * 1e5)
    volts[77_777] = 9.0
    driver.source.books()[0].captures.take(Waveform(SCOPE, 1, times, volts, 1e9), driver.source.now_us())
    yield from driver.pass_frames(20)
    wave = card_of(driver, SCOPE).wave
    assert wave is not None
    assert 100 < wave.points < 4000
    assert max(dpg.get_value(wave.line)[1]) == 9.0, "the one point that matters is there"
    left, right = dpg.get_axis_limits(dpg.get_item_children(wave.plot, 1)[0])
    assert abs(right - 200) < 1, "µs"
    assert left == 0
    yield from click_item(driver, wave.close)
    assert driver.source.books()[0].captures.get(SCOPE) is None
    yield from driver.pass_frames(4)
    assert panel.card(LOAD) is not None, "the others have moved up"


def many(driver: Driver) -> Script:
    """500 devices cost what is on the screen, whichever that is."""
    yield from open_it(driver)
    panel = opened(driver)
    items = len(dpg.get_all_items())
    assert panel.cards <= 8
    x, y = dpg.get_item_rect_min(panel.connect)
    yield from driver.wheel(-8, x=x + 100, y=y + 300)
    assert panel.card(SCOPE) is None
    assert driver.is_live(), "the wheel is for the list"
    for share in (0.3, 0.6, 1.0):
        dpg.set_y_scroll(panel.body, share * dpg.get_y_scroll_max(panel.body))
        yield from driver.pass_frames(8)
    card = card_of(driver, "dev_499")
    assert card.line is not None
    assert panel.cards <= 9
    assert len(dpg.get_all_items()) - items < 400, "scrolling makes few items, and not again and again"
    (_, top), (_, size) = dpg.get_item_rect_min(card.stream), dpg.get_item_rect_size(card.stream)
    assert top + size <= dpg.get_viewport_client_height() - layout.STATUS_PX, "the last one is seen whole"


def hidden(driver: Driver) -> Script:
    """A panel that nobody sees does not look at readings, so that they make no frames."""
    source = driver.source
    yield from open_it(driver)
    book = source.books()[0]
    before = book.revision
    yield from driver.pass_frames(60)
    assert book.revision > before + 3, "readings are news while they are shown"
    yield from driver.key("ctrl+1")
    yield from driver.pass_frames(10)
    source.books()
    before, taken = book.revision, book.readings.taken
    yield from driver.pass_frames(60)
    source.books()
    assert book.readings.taken > taken
    assert book.revision <= before + 1


def steady(driver: Driver) -> Script:
    """No part of a card moves while its numbers change, whatever their length."""
    yield from open_it(driver)
    card = card_of(driver, LOAD)
    places = []
    for _ in range(12):
        yield from driver.pass_frames(7)
        view = card.values[1]
        places.append([tuple(dpg.get_item_pos(item)) for item in (card.window, view.button, card.stream)])
    assert all(place == places[0] for place in places)


def several(driver: Driver) -> Script:
    """The same ids on two servers: buttons reach the server that they belong to; one that is silent says so."""
    source = driver.source
    source.benches[1].states[SCOPE] = StreamState.SILENT
    yield from open_it(driver)
    panel = opened(driver)
    dpg.set_y_scroll(panel.body, dpg.get_y_scroll_max(panel.body))
    yield from driver.pass_frames(20)
    card = card_of(driver, LOAD, SERVERS[1])
    yield from click_item(driver, card.stream)
    assert (source.sent[-1], source.sent_to[-1]) == (WatchDevice(LOAD, False), SERVERS[1])
    yield from click_item(driver, panel.discover)
    assert (source.sent[-1], source.sent_to[-1]) == (Discover(), SERVERS[0])


def none(driver: Driver) -> Script:
    yield from open_it(driver)
    assert opened(driver).cards == 0


def seen(driver: Driver) -> Script:
    """For a picture."""
    yield from open_it(driver)
    yield from driver.pass_frames(60)
