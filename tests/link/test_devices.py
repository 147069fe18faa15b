"""Tests of lablink_dpg.link.devices: readings by message, and over a real REST server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import pytest

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.board import Board
from lablink_dpg.link.devices import MAX_DEVICES, Devices
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.rest import Rest
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.tls import tls_context
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.link import DeviceReading, LinkState, Mode, StreamState, Way
from lablink_dpg.model.messages import Reading
from tests.link.lab import Lab, until_soon

PSU, SCOPE = ("psu", "readings"), ("scope", "measurements")
BENCH = (EquipmentInfo("psu", "power_supply", "", ""), EquipmentInfo("scope", "oscilloscope", "", ""))


class Setup:
    def __init__(self, **changes: object) -> None:
        self.now_us = 5
        self.tally = Tally()
        self.board = Board("s", Mode.HYBRID, self.tally, Streams(50), lambda: self.now_us)
        options = LinkOptions(readings_interval_ms=20, readings_poll_ms=20, **changes)  # type: ignore[arg-type]
        self.devices = Devices(self.tally, self.board, options, lambda: self.now_us)

    @property
    def psu(self) -> DeviceReading:
        return self.devices.frozen()[PSU]

    def poll(self, lab: Lab, until: Callable[[], object]) -> None:
        async def work() -> None:
            address = parse_address(lab.url)
            async with Rest(address, LinkOptions(), tls_context(address)) as rest:
                polling = asyncio.ensure_future(self.devices.poll(rest))
                await until_soon(until)
                polling.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await polling

        asyncio.run(work())


@pytest.fixture
def setup() -> Setup:
    setup = Setup()
    assert setup.devices.update(BENCH)
    return setup


def test_each_device_has_the_stream_of_its_type(setup: Setup) -> None:
    assert list(setup.devices.frozen()) == [PSU, SCOPE]
    assert setup.psu == DeviceReading("psu", "readings", StreamState.WAITING)


def test_a_message_is_shown_with_when_and_how_it_came(setup: Setup) -> None:
    setup.devices.asked(PSU, 7)
    assert setup.psu.state is StreamState.STARTING
    setup.now_us = 9
    device = setup.devices.heard(Reading("psu", "readings", {"voltage_actual": 5.0}))
    assert device is not None
    assert (device.asked_us, device.heard_us) == (7, 9)
    shown = setup.psu
    assert (shown.state, shown.data, shown.at_us, shown.way) == (
        StreamState.STREAMING,
        {"voltage_actual": 5.0},
        9,
        Way.WEBSOCKET,
    )


def test_what_is_frozen_is_made_anew_only_after_a_change(setup: Setup) -> None:
    first = setup.devices.frozen()
    assert setup.devices.frozen() is first
    setup.devices.heard(Reading("scope", "measurements", {}))
    assert setup.devices.frozen() is not first
    assert first[SCOPE].state is StreamState.WAITING


def test_streams_of_others_are_none_of_ours(setup: Setup) -> None:
    assert setup.devices.heard(Reading("scope", "waveform", {})) is None
    assert setup.devices.heard(Reading("stranger", "readings", {})) is None


def test_a_device_that_goes_is_forgotten_and_one_that_stays_keeps_its_values(setup: Setup) -> None:
    setup.devices.heard(Reading("psu", "readings", {"voltage_actual": 5.0}))
    assert setup.devices.update(BENCH[:1])
    assert list(setup.devices.frozen()) == [PSU]
    assert setup.psu.data
    assert not setup.devices.update(BENCH[:1])
    assert setup.devices.asked(SCOPE, 1) is None


def test_when_the_link_is_down_the_values_stay_and_are_old(setup: Setup) -> None:
    setup.devices.asked(PSU, 1)
    setup.devices.heard(Reading("psu", "readings", {"voltage_actual": 5.0}))
    setup.devices.disconnected()
    assert (setup.psu.state, setup.psu.data, setup.psu.at_us) == (StreamState.WAITING, {"voltage_actual": 5.0}, 5)
    device = setup.devices.get(PSU)
    assert device is not None
    assert device.asked_us is None


def test_without_readings_and_beyond_the_bound_no_device_is_known() -> None:
    off = Setup(readings=False)
    assert not off.devices.update(BENCH)
    many = Setup()
    many.devices.update(tuple(EquipmentInfo(str(number), "", "", "") for number in range(MAX_DEVICES + 5)))
    assert len(many.devices.frozen()) == MAX_DEVICES


def test_what_does_not_come_by_message_is_read_over_rest(setup: Setup) -> None:
    with Lab() as lab:
        lab.devices = {"psu": "power_supply", "scope": "oscilloscope"}
        setup.poll(lab, lambda: sum("/readings" in request for request in lab.requests) >= 3)
        assert {request for request in lab.requests if "/readings" in request} == {"/api/equipment/psu/readings"}
    assert (setup.psu.state, setup.psu.way) == (StreamState.POLLED, Way.REST)
    assert setup.psu.data["equipment_id"] == "psu"
    assert [event for event in setup.board.drain() if isinstance(event, Reading)], "handlers hear of it as well"


def test_what_comes_by_message_is_not_read_over_rest(setup: Setup) -> None:
    setup.devices.heard(Reading("psu", "readings", {"voltage_actual": 5.0}))
    setup.devices.update((*BENCH, EquipmentInfo("load", "electronic_load", "", "")))
    with Lab() as lab:
        lab.devices = {"psu": "power_supply", "load": "electronic_load"}
        setup.poll(lab, lambda: sum("/load/readings" in request for request in lab.requests) >= 3)
        assert not any("/psu/" in request for request in lab.requests)


def test_a_device_without_readings_is_not_asked_again() -> None:
    setup = Setup()
    setup.devices.update((EquipmentInfo("odd", "multimeter", "", ""), *BENCH[:1]))
    with Lab() as lab:
        lab.devices = {"psu": "power_supply"}
        setup.poll(lab, lambda: sum("/psu/readings" in request for request in lab.requests) >= 5)
        assert sum("/odd/readings" in request for request in lab.requests) == 1
    assert setup.tally.rest_errors == 0


def test_a_call_that_fails_is_said_and_left_alone_for_a_while(setup: Setup) -> None:
    setup.devices.update((*BENCH, EquipmentInfo("load", "electronic_load", "", "")))
    with Lab() as lab:
        lab.devices = {"psu": "power_supply", "load": "electronic_load"}
        lab.answers["/api/equipment/psu/readings"] = (500, "text/html", b"<html>")
        setup.poll(lab, lambda: sum("/load/readings" in request for request in lab.requests) >= 5)
        assert lab.requests.count("/api/equipment/psu/readings") == 1
    assert setup.tally.rest_errors == 1


def test_a_device_that_nobody_wants_is_shown_as_off_with_its_last_values(setup: Setup) -> None:
    stopped = []
    setup.devices.on_off = lambda device: stopped.append(device.key)
    setup.devices.heard(Reading("psu", "readings", {"voltage_actual": 5.0}))
    setup.devices.watch("psu", False)
    setup.devices.watch("psu", False)
    assert stopped == [PSU], "once"
    assert (setup.psu.is_on, setup.psu.state, setup.psu.data) == (False, StreamState.STOPPED, {"voltage_actual": 5.0})
    assert [device.key for device in setup.devices] == [SCOPE]
    assert setup.devices.asked(PSU, 1) is None
    assert setup.devices.heard(Reading("psu", "readings", {"voltage_actual": 6.0})) is None, "for another client"
    setup.devices.disconnected()
    assert setup.psu.state is StreamState.STOPPED
    setup.devices.watch("psu", True)
    assert (setup.psu.is_on, setup.psu.state) == (True, StreamState.WAITING)


def test_one_that_is_not_there_may_be_switched_off_before_it_comes_and_not_without_bound() -> None:
    setup = Setup()
    for number in range(MAX_DEVICES + 1):
        setup.devices.watch(str(number), False)
    setup.devices.update((EquipmentInfo("0", "", "", ""), EquipmentInfo("1", "", "", "")))
    first, second = setup.devices.frozen().values()
    assert (first.is_on, second.is_on) == (True, False)


def test_what_rest_does_not_have_is_said_while_polling_and_only_then(setup: Setup) -> None:
    def scope() -> StreamState:
        return setup.devices.frozen()[SCOPE].state

    with Lab() as lab:
        lab.devices = {"psu": "power_supply", "scope": "oscilloscope"}
        setup.poll(lab, lambda: setup.psu.state is StreamState.POLLED)
        assert scope() is StreamState.WAITING, "beside a WebSocket"
        setup.board.enter(LinkState.POLLING, "")
        setup.poll(lab, lambda: scope() is StreamState.UNPOLLED)
        assert scope() is StreamState.WAITING, "nobody polls any more"
    setup.devices.set_state(setup.devices.get(SCOPE), StreamState.UNPOLLED)  # type: ignore[arg-type]
    setup.devices.asked(SCOPE, 1)
    assert scope() is StreamState.STARTING
