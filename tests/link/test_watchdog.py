"""Tests of lablink_dpg.link.watchdog, with time as an argument."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from lablink_dpg.link.board import Board
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.streams import LATE_PATIENCE, LATE_SHARE, MIN_LATE_TOGETHER, Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.watchdog import Watchdog
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import Mode, StreamState

SECOND = 1_000_000


def info(state: AcquisitionState = AcquisitionState.ACQUIRING, name: str = "a") -> AcquisitionInfo:
    return AcquisitionInfo(name, "scope", name, state, ("CH1",), 1000.0)


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


class Crowd(Setup):
    """Many streams, watched as the supervisor watches them: not while they are late together."""

    COUNT = 64
    SILENCE_US = SECOND

    def __init__(self) -> None:
        super().__init__()
        self.all = [self.streams.describe(info(name=f"a{number}")) for number in range(self.COUNT)]
        for stream in self.all:
            stream.asked_us = stream.heard_us = 0

    def pass_time(self, until_us: int, hear: Callable[[int], Iterable[Stream]], from_us: int = 0) -> None:
        period_us = int(self.dog.period_s * SECOND)
        for now_us in range(from_us + period_us, until_us + 1, period_us):
            for stream in hear(now_us):
                stream.heard_us = now_us
            if not self.streams.are_late_together(now_us, self.SILENCE_US):
                self.dog.check(now_us)


@pytest.mark.parametrize("round_s", [2, 4, 9])
def test_streams_that_are_all_late_because_the_connection_is_behind_are_not_silent(round_s: int) -> None:
    crowd = Crowd()

    def in_turn(now_us: int) -> list[Stream]:
        """Each is heard once in ``round_s``: the messages come one after the other, but far too slowly."""
        place = now_us * crowd.COUNT // (round_s * SECOND)
        count = crowd.COUNT // (round_s * 4) + 1
        return [crowd.all[(place + offset) % crowd.COUNT] for offset in range(count)]

    crowd.pass_time(60 * SECOND, in_turn)
    assert not crowd.silent


def test_streams_that_stop_together_and_do_not_come_back_are_silent_in_the_end() -> None:
    crowd = Crowd()
    patience_us = int(LATE_PATIENCE * LATE_SHARE * SECOND)
    crowd.pass_time(patience_us, lambda _: crowd.all[:10])
    assert not crowd.silent
    crowd.pass_time(patience_us + 2 * SECOND, lambda _: crowd.all[:10], patience_us)
    assert crowd.silent == crowd.all[10:]


def test_streams_that_come_again_after_a_hold_up_were_never_silent() -> None:
    crowd = Crowd()
    crowd.pass_time(5 * SECOND, lambda _: crowd.all[:1])
    crowd.pass_time(20 * SECOND, lambda _: crowd.all, 5 * SECOND)
    assert not crowd.silent
    crowd.pass_time(25 * SECOND, lambda _: crowd.all[1:], 20 * SECOND)
    assert crowd.silent == crowd.all[:1], "one alone is found as soon as ever"


def test_where_no_message_comes_at_all_silence_is_concluded_at_once() -> None:
    crowd = Crowd()
    crowd.pass_time(2 * SECOND, lambda _: ())
    assert crowd.silent == crowd.all


@pytest.mark.parametrize("late", [MIN_LATE_TOGETHER - 1, Crowd.COUNT // 2])
def test_a_few_streams_or_less_than_most_are_silent_as_soon_as_one(late: int) -> None:
    crowd = Crowd()
    crowd.pass_time(2 * SECOND, lambda _: crowd.all[late:])
    assert crowd.silent == crowd.all[:late]
