"""Tests of lablink_dpg.link.watchdog, with time as an argument."""

from __future__ import annotations

import pytest

from lablink_dpg.link.board import Board
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.watchdog import Watchdog
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import Mode, StreamState

SECOND = 1_000_000


def info(state: AcquisitionState = AcquisitionState.ACQUIRING) -> AcquisitionInfo:
    return AcquisitionInfo("a", "scope", "a", state, ("CH1",), 1000.0)


class Setup:
    def __init__(self, interval_ms: int = 50) -> None:
        self.streams = Streams(interval_ms)
        self.tally = Tally()
        self.silent: list[Stream] = []
        self.retried: list[Stream] = []
        board = Board("s", Mode.HYBRID, self.tally, self.streams, lambda: 0)
        self.dog = Watchdog(
            self.streams,
            self.tally,
            board,
            LinkOptions(silence_s=1.0, silent_retry_s=30.0),
            on_silent=self.silent.append,
            on_retry=self.retried.append,
        )

    def watch(self, until_us: int, from_us: int = 0) -> None:
        for now_us in range(from_us, until_us + 1, int(self.dog.period_s * SECOND)):
            self.dog.check(now_us)


@pytest.fixture
def setup() -> Setup:
    return Setup()


def test_a_stream_without_messages_is_silent_after_a_second(setup: Setup) -> None:
    stream = setup.streams.describe(info())
    stream.asked_us = 0
    setup.watch(SECOND)
    assert not setup.silent
    setup.watch(5 * SECOND, SECOND)
    assert setup.silent == [stream]
    assert (stream.state, setup.tally.silent_streams) == (StreamState.SILENT, 1)


def test_a_slow_stream_has_three_intervals() -> None:
    setup = Setup(interval_ms=2000)
    setup.streams.describe(info()).asked_us = 0
    setup.watch(6 * SECOND)
    assert not setup.silent
    setup.watch(7 * SECOND, 6 * SECOND)
    assert setup.silent


def test_a_message_starts_the_time_again(setup: Setup) -> None:
    stream = setup.streams.describe(info())
    stream.asked_us = 0
    setup.watch(SECOND)
    stream.heard_us = SECOND
    setup.watch(2 * SECOND, SECOND)
    assert not setup.silent


def test_what_was_not_requested_or_has_ended_is_not_watched(setup: Setup) -> None:
    stream = setup.streams.describe(info())
    setup.watch(10 * SECOND)
    setup.streams.describe(info(AcquisitionState.STOPPED))
    stream.asked_us = 0
    setup.watch(20 * SECOND, 10 * SECOND)
    assert not setup.silent


def test_silence_while_this_thread_was_held_up_is_not_concluded(setup: Setup) -> None:
    setup.streams.describe(info()).asked_us = 0
    setup.dog.check(0)
    setup.dog.check(10 * SECOND)
    assert not setup.silent
    setup.dog.check(10 * SECOND + SECOND // 4)
    assert setup.silent


def test_a_silent_stream_is_asked_for_again_now_and_then(setup: Setup) -> None:
    stream = setup.streams.describe(info())
    stream.asked_us = 0
    setup.watch(100 * SECOND)
    assert setup.retried == [stream] * 3
    assert setup.tally.silent_streams == 1


def test_a_new_connection_begins_without_a_past(setup: Setup) -> None:
    stream = setup.streams.describe(info())
    stream.asked_us = 0
    setup.dog.check(0)
    setup.dog.restart()
    setup.dog.check(SECOND // 4)
    assert setup.dog._checked_us == SECOND // 4
