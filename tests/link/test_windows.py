"""Tests of lablink_dpg.link.windows, with a clock that only goes when it is told to."""

from __future__ import annotations

from itertools import pairwise

import pytest

from lablink_dpg.link.board import Board
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.planner import MAX_GROWN_BYTES_PER_S, StreamPlan, bytes_per_s
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.windows import MAX_PATIENCE, SHRINK_S, Windows
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import Mode

SECOND = 1_000_000


class Setup:
    """Every stream of 1000 Hz is wanted every 50 ms, and planned with windows of 150."""

    def __init__(self) -> None:
        self.now_us = SECOND
        self.streams = Streams(50)
        self.asked: list[str] = []
        self.board = Board("s", Mode.HYBRID, Tally(), self.streams, lambda: self.now_us)
        options = LinkOptions(rerequest_s=5.0)
        self.windows = Windows(self.streams, self.board, options, lambda: self.now_us, self._ask)

    def _ask(self, stream: Stream) -> None:
        self.asked.append(stream.info.acquisition_id)
        stream.asked_us = self.now_us

    def describe(self, name: str = "a", rate_hz: float = 1000.0) -> Stream:
        info = AcquisitionInfo(name, "scope", name, AcquisitionState.ACQUIRING, ("CH1",), rate_hz)
        stream = self.streams.describe(info)
        stream.asked_us = self.now_us
        self.windows.check(self.now_us)
        return stream

    def run(self, seconds: float, interval_ms: int, stream: Stream, window: int = 150) -> None:
        """Messages come, of 1000 samples a second, and somebody looks four times a second."""
        end_us = self.now_us + int(seconds * SECOND)
        next_check_us = self.now_us
        while self.now_us < end_us:
            self.now_us += interval_ms * 1000
            stream.messages += 1
            stream.window = window
            stream.reach = max(stream.reach, interval_ms)
            if self.now_us >= next_check_us:
                self.windows.check(self.now_us)
                next_check_us = self.now_us + SECOND // 4


@pytest.fixture
def setup() -> Setup:
    return Setup()


def test_a_window_grows_to_what_would_have_been_enough_and_more(setup: Setup) -> None:
    stream = setup.describe()
    setup.windows.lost(stream, 1000)
    assert stream.plan == StreamPlan(50, 1500)
    assert setup.asked == ["a"]


def test_a_window_is_not_asked_for_again_too_soon(setup: Setup) -> None:
    stream = setup.describe()
    setup.windows.lost(stream, 1000)
    setup.now_us = 6 * SECOND - 1
    setup.windows.lost(stream, 3000)
    assert stream.plan.num_samples == 1500
    setup.now_us = 6 * SECOND
    setup.windows.lost(stream, 3000)
    assert stream.plan.num_samples == 4500
    assert setup.asked == ["a", "a"]


def test_windows_do_not_grow_beyond_what_a_network_carries(setup: Setup) -> None:
    """A late server would become later still, and stay so."""
    streams = [setup.describe(str(number)) for number in range(64)]
    for stream in streams:
        setup.windows.lost(stream, 5000)
    grown = [stream for stream in streams if stream.plan.num_samples == 7500]
    assert 0 < len(grown) < len(streams)
    assert sum(bytes_per_s(stream.plan, 1) for stream in streams) <= MAX_GROWN_BYTES_PER_S
    assert setup.asked == [stream.info.acquisition_id for stream in grown]


def test_a_window_as_large_as_the_servers_buffer_is_left_alone(setup: Setup) -> None:
    stream = setup.describe()
    setup.windows.lost(stream, 50_000)
    assert stream.plan.num_samples == stream.info.buffer_size == 10_000
    setup.now_us = 60 * SECOND
    setup.windows.lost(stream, 50_000)
    assert setup.asked == ["a"]


def test_a_window_does_not_grow_beyond_what_the_connection_survives(setup: Setup) -> None:
    stream = setup.describe()
    stream.most = 400
    setup.windows.lost(stream, 1000)
    assert stream.plan.num_samples == 400


def test_a_window_that_grew_shrinks_by_halves_once_a_minute_without_loss(setup: Setup) -> None:
    stream = setup.describe()
    setup.windows.lost(stream, 800)
    sizes = []
    for _ in range(5):
        setup.run(SHRINK_S + 1, 50, stream, stream.plan.num_samples)
        sizes.append(stream.plan.num_samples)
    assert sizes == [600, 300, 150, 150, 150]
    assert setup.asked == ["a"] * 4  # once to grow, three times to shrink
    assert "window shrunk from 1200 to 600 samples" in str(setup.board.drain())


def test_a_loss_begins_the_minute_anew(setup: Setup) -> None:
    stream = setup.describe()
    setup.windows.lost(stream, 800)
    for _ in range(4):
        setup.run(SHRINK_S - 10, 50, stream, stream.plan.num_samples)
        setup.windows.lost(stream, 900)
    assert stream.plan.num_samples == 1200


def test_a_window_stays_as_large_as_the_last_minute_needed_and_half_as_much_more(setup: Setup) -> None:
    stream = setup.describe()
    setup.windows.lost(stream, 800)
    stream.reach = 700
    setup.run(SHRINK_S + 1, 50, stream, 1200)
    assert stream.plan.num_samples == 1050


def test_where_another_client_has_made_a_window_smaller_already_nothing_is_asked(setup: Setup) -> None:
    stream = setup.describe()
    setup.windows.lost(stream, 800)
    setup.run(SHRINK_S + 1, 50, stream, 150)
    assert stream.plan.num_samples == 600
    assert setup.asked == ["a"]


def test_a_window_that_another_client_made_too_small_is_asked_for_again_as_it_was(setup: Setup) -> None:
    stream = setup.describe()
    setup.run(10, 50, stream, 10)
    setup.windows.lost(stream, 50)
    assert stream.plan == StreamPlan(50, 150)
    assert setup.asked == ["a"]
    assert "windows of 10 samples, another client may have asked for that" in str(setup.board.drain())


def test_a_stream_that_another_client_made_slow_is_asked_for_again(setup: Setup) -> None:
    stream = setup.describe()
    setup.run(10, 50, stream)
    began_us = setup.now_us
    while not setup.asked:
        setup.run(1, 1000, stream, 1500)
    assert setup.now_us - began_us <= 3 * SECOND
    assert "a message every" in str(setup.board.drain())


def test_messages_a_little_late_are_nobodys_wish(setup: Setup) -> None:
    stream = setup.describe()
    setup.run(120, 90, stream)
    assert setup.asked == []


def test_who_changes_a_stream_again_and_again_is_asked_over_ever_more_rarely(setup: Setup) -> None:
    stream = setup.describe()
    asked_us: list[int] = []
    while setup.now_us < 600 * SECOND:
        setup.run(1, 1000, stream, 1500)  # whatever is asked for
        asked_us += [setup.now_us] * (len(setup.asked) - len(asked_us))
    pauses_s = [(later - earlier) / SECOND for earlier, later in pairwise(asked_us)]
    assert min(pauses_s) >= 5.0
    assert pauses_s == sorted(pauses_s)
    assert max(pauses_s) == pytest.approx(5 * MAX_PATIENCE, abs=5)


def test_patience_is_new_after_a_quiet_time(setup: Setup) -> None:
    stream = setup.describe()
    for _ in range(30):
        setup.run(1, 1000, stream, 1500)
    setup.run(300, 50, stream)
    before = len(setup.asked)
    for _ in range(9):
        setup.run(1, 1000, stream, 1500)
    assert len(setup.asked) - before == 2


def test_what_is_asked_for_is_never_slower_than_what_comes_already(setup: Setup) -> None:
    stream = setup.describe()
    assert setup.windows.to_request(stream) == StreamPlan(50, 150)
    setup.run(5, 19, stream)
    assert setup.windows.to_request(stream) == StreamPlan(20, 150)
    setup.run(5, 48, stream)
    assert setup.windows.to_request(stream) == StreamPlan(50, 150)  # it must not creep
    setup.run(5, 400, stream)
    assert setup.windows.to_request(stream) == StreamPlan(50, 150)


def test_of_an_earlier_connection_nothing_is_known(setup: Setup) -> None:
    stream = setup.describe()
    setup.run(5, 20, stream)
    setup.streams.disconnected()
    assert setup.windows.to_request(stream) == StreamPlan(50, 150)


def test_another_description_begins_anew(setup: Setup) -> None:
    stream = setup.describe()
    setup.windows.lost(stream, 1000)
    setup.describe(rate_hz=2000.0)
    assert stream.plan == StreamPlan(50, 300)
    setup.run(2 * SHRINK_S, 50, stream)
    assert stream.plan == StreamPlan(50, 300)


@pytest.mark.parametrize("is_alive", [True, False])
def test_a_stream_that_another_client_stopped_is_asked_for_again_if_others_still_come(
    setup: Setup, is_alive: bool
) -> None:
    stream, other = setup.describe("a"), setup.describe("b")
    setup.now_us = 10 * SECOND
    stream.heard_us = 9 * SECOND
    stream.is_silent = True
    other.heard_us = 10 * SECOND if is_alive else 9 * SECOND
    setup.windows.check(setup.now_us)
    assert setup.asked == (["a"] if is_alive else [])
    setup.now_us = other.heard_us = 20 * SECOND
    setup.windows.check(setup.now_us)  # nothing has come since: that is another matter
    assert setup.asked.count("a") <= 1


def test_silent_and_ended_streams_are_left_alone(setup: Setup) -> None:
    for name, changes in (("silent", {"is_silent": True}), ("unasked", {"asked_us": None})):
        stream = setup.describe(name)
        for field, value in changes.items():
            setattr(stream, field, value)
        setup.run(30, 1000, stream)
    assert setup.asked == []
