"""Tests of lablink_dpg.link.watchdog, with time as an argument."""

from __future__ import annotations

import pytest

from lablink_dpg.link.board import Board
from lablink_dpg.link.devices import Device, Devices
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.watchdog import QUIET_PERIODS, REST_PERIODS, SILENT_INTERVALS, Watchdog
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.link import LinkEvent, Mode

SECOND = 1_000_000
SILENCE_US = 750_000


def info(state: AcquisitionState = AcquisitionState.ACQUIRING, name: str = "a") -> AcquisitionInfo:
    return AcquisitionInfo(name, "scope", name, state, ("CH1",), 1000.0)


class Setup:
    """A server that answers each ping after ``lag_us``; without one it is known at once what it has not sent."""

    def __init__(self, interval_ms: int = 50) -> None:
        self.lag_us = 0
        self.streams = Streams(interval_ms)
        self.tally = Tally()
        self.found: list[Stream | Device] = []
        self.found_us: list[int] = []
        self.retried: list[Stream | Device] = []
        self.doubts = 0
        self.now_us = 0
        options = LinkOptions(silence_s=SILENCE_US / SECOND, silent_retry_s=30.0, readings_interval_ms=500)
        self.board = Board("s", Mode.HYBRID, self.tally, self.streams, lambda: 0)
        self.devices = Devices(self.tally, self.board, options, lambda: self.now_us)
        self.dog = Watchdog(
            self.streams,
            self.devices,
            self.tally,
            self.board,
            options,
            on_silent=self._on_silent,
            on_retry=self._on_retry,
        )

    def _on_silent(self, each: Stream | Device) -> None:
        self.found.append(each)
        self.found_us.append(self.now_us)

    def _on_retry(self, each: Stream | Device) -> None:
        self.retried.append(each)
        each.asked_us = self.now_us

    def stream(self, name: str = "a", state: AcquisitionState = AcquisitionState.ACQUIRING) -> Stream:
        stream = self.streams.describe(info(state, name))
        stream.asked_us = self.now_us
        return stream

    def watch(self, until_us: int) -> None:
        period_us = int(self.dog.period_s * SECOND)
        while self.now_us + period_us <= until_us:
            self.now_us += period_us
            self.doubts += self.dog.check(self.now_us, self.now_us - self.lag_us)


@pytest.fixture
def setup() -> Setup:
    return Setup()


def test_a_stream_without_messages_is_silent_within_a_second(setup: Setup) -> None:
    stream = setup.stream()
    setup.watch(SILENCE_US)
    assert not setup.found
    setup.watch(5 * SECOND)
    assert setup.found == [stream]
    assert setup.found_us[0] <= SECOND
    assert (stream.is_silent, setup.tally.silent_streams) == (True, 1)


def test_a_slow_stream_has_less_than_three_intervals() -> None:
    setup = Setup(interval_ms=2000)
    setup.stream()
    setup.watch(int(SILENT_INTERVALS * 2 * SECOND))
    assert not setup.found
    setup.watch(6 * SECOND)
    assert setup.found


def test_a_message_starts_the_time_again(setup: Setup) -> None:
    stream = setup.stream()
    setup.watch(SILENCE_US)
    stream.heard_us = setup.now_us
    setup.watch(setup.now_us + SILENCE_US)
    assert not setup.found


def test_what_was_not_requested_or_has_ended_is_not_watched(setup: Setup) -> None:
    setup.stream("unasked").asked_us = None
    setup.stream("ended", AcquisitionState.STOPPED)
    setup.watch(10 * SECOND)
    assert (setup.found, setup.doubts) == ([], 0)


def test_as_long_as_no_ping_is_answered_nothing_is_concluded_and_one_is_wanted(setup: Setup) -> None:
    """The server, the network or this program is behind: what is missing may be under way."""
    stream = setup.stream()
    setup.lag_us = 3600 * SECOND
    setup.watch(20 * SECOND)
    assert not setup.found
    assert setup.doubts > 100
    setup.lag_us = 0
    setup.watch(21 * SECOND)
    assert setup.found == [stream]


@pytest.mark.parametrize("count", [1, 64])
def test_streams_that_all_lag_are_not_silent_and_those_that_are_silent_together_are_found_at_once(count: int) -> None:
    setup = Setup()
    streams = [setup.stream(f"a{number}") for number in range(count)]
    setup.lag_us = 5 * SECOND  # each comes every 4 s, so far behind is the connection, and its pings as well
    for round_us in range(0, 40 * SECOND, 4 * SECOND):
        for stream in streams:
            stream.heard_us = round_us
        setup.watch(round_us + 4 * SECOND)
    assert not setup.found
    setup.lag_us = 0
    for stream in streams:
        stream.heard_us = setup.now_us
    silent_us = setup.now_us
    setup.watch(setup.now_us + SECOND)
    assert setup.found == streams
    assert setup.found_us[-1] - silent_us <= SECOND


def test_a_silent_stream_is_asked_for_again_now_and_then(setup: Setup) -> None:
    stream = setup.stream()
    setup.watch(100 * SECOND)
    assert setup.retried == [stream] * 3
    assert setup.tally.silent_streams == 1


def test_devices_are_watched_as_well_by_their_own_interval(setup: Setup) -> None:
    setup.devices.update((EquipmentInfo("psu", "power_supply", "", ""),))
    setup.devices.asked(("psu", "readings"), 0)
    setup.watch(int(SILENT_INTERVALS * 0.5 * SECOND))
    assert not setup.found
    setup.watch(2 * SECOND)
    assert [each.key for each in setup.found if isinstance(each, Device)] == [("psu", "readings")]
    (event,) = setup.board.drain()
    assert isinstance(event, LinkEvent)
    assert event.text.startswith("psu readings: requested")


def test_two_lines_tell_of_a_thousand_silent_streams(setup: Setup) -> None:
    for number in range(1000):
        setup.stream(f"run {number}")
    setup.watch(2 * SECOND)
    assert len(setup.found) == 1000
    lines = [event.text for event in setup.board.drain() if isinstance(event, LinkEvent)]
    what = "requested, but no data come over the WebSocket"
    assert lines == [f"run 0: {what}", f"several streams: {what}"]


def test_the_less_is_expected_the_more_rarely_it_looks(setup: Setup) -> None:
    period_s = setup.dog.period_s
    assert setup.dog.pause_s == REST_PERIODS * period_s
    setup.devices.update((EquipmentInfo("psu", "power_supply", "", ""),))
    assert setup.dog.pause_s == QUIET_PERIODS * period_s
    setup.stream()
    assert setup.dog.pause_s == period_s
