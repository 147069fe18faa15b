"""Samples without numbers, and WebSocket and REST that overtake each other: perhaps less, never wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lablink_dpg.store.breaks import BreakKind
from lablink_dpg.store.counters import Ingest
from tests.store.rig import Rig
from tests.support.store_oracle import assert_no_wrong_sample, shown_breaks, value

FEW, SOME, MANY = st.integers(0, 6), st.integers(1, 40), st.integers(1, 150)
MIXED = st.one_of(
    st.tuples(st.just("poll"), MANY, FEW, FEW),
    st.tuples(st.just("hold poll"), MANY, FEW, FEW),
    st.tuples(st.just("release poll"), FEW, FEW, FEW),
    st.tuples(st.just("send"), SOME, MANY, FEW),
    st.tuples(st.just("hold message"), SOME, MANY, FEW),
    st.tuples(st.just("release messages"), FEW, FEW, FEW),
    st.tuples(st.just("sample"), MANY, FEW, FEW),
    st.tuples(st.just("pause"), SOME, FEW, FEW),
    st.tuples(st.just("backfill"), MANY, FEW, FEW),
    st.tuples(st.just("restart"), SOME, FEW, FEW),
    st.tuples(st.just("clock"), st.integers(-70_000, 70_000), FEW, FEW),
    st.tuples(st.just("order"), FEW, FEW, FEW),
    st.tuples(st.just("channels"), st.integers(1, 4), FEW, FEW),
)


def step(rig: Rig, op: str, a: int, b: int, c: int) -> None:
    if op == "poll":
        rig.poll(a, b, c)
    elif op == "hold poll":
        if not rig.polls:  # the link has at most one under way for a stream
            rig.hold_poll(a, b, c)
    elif op == "release poll":
        if rig.polls:
            rig.release_poll()
    elif op == "send":
        rig.server.sample(a)
        rig.send(b)
    elif op == "hold message":
        rig.server.sample(a)
        rig.hold_message(b)
    elif op == "release messages":
        rig.release_messages()
    elif op == "sample":
        rig.server.sample(a)
    elif op == "pause":
        rig.server.wait(a * 50_000)
    elif op == "backfill":
        total = rig.server.total
        bounds = (total - b, total + c) if b % 2 else None  # the counts asked for, or not
        rig.series.backfill(rig.server.data(a), bounds)
    elif op == "clock":
        # It is set, by up to a minute. Where the server does not say when a run began, that may look like another run.
        rig.server.zone_us += a * 1000 if rig.server.says_start else 0
    elif op == "order":
        # Of a signal that stands still, with stamps that differ from answer to answer, nobody knows anything.
        rig.server.is_unsorted = not rig.server.is_unsorted and rig.server.plateau == 1
    elif op == "channels":
        rig.server.channels = tuple(f"CH{number}" for number in range(1, a + 1))
    elif op == "restart":
        rig.server.wait(1_000_000)
        rig.server.restart()
        rig.server.sample(a)


@given(
    ops=st.lists(MIXED, max_size=30),
    stamp_us=st.sampled_from([1, 1, 5000, 16_000, 1_000_000]),
    buffer=st.sampled_from([60, 400]),
    first=st.booleans(),
    says_start=st.booleans(),
    outlives=st.booleans(),
    plateau=st.sampled_from([1, 1, 16, 64, 10**6]),
)
def test_whatever_overtakes_whatever_no_sample_gets_a_wrong_number(
    ops: list[tuple[str, int, int, int]],
    stamp_us: int,
    buffer: int,
    first: bool,
    says_start: bool,
    outlives: bool,
    plateau: int,
) -> None:
    # A server whose buffer outlives a run says when the next one began.
    manners = {"says_start": says_start, "outlives": outlives and says_start, "plateau": plateau}
    rig = Rig(stamp_us=stamp_us, buffer_size=buffer, **manners)
    rig.server.sample(10)
    if first:
        rig.send(10)
    for op in ops:
        step(rig, *op)
        assert_no_wrong_sample(rig.series, plateau)
    rig.release_messages()
    rig.polls.clear()
    rig.server.wait(6_000_000)  # nothing is under way any more
    for count in (200, 50):  # whatever one message leaves open, by a count or a stamp that happens to be ours too
        rig.server.sample(count)
        rig.send(60)
    assert_no_wrong_sample(rig.series, plateau)
    assert rig.series.bracket is None
    assert rig.series.total == rig.next_number == rig.server.total
    assert rig.series.epochs[-1].is_exact
    assert rig.series.counters.lost >= 0


def test_a_young_run_is_numbered_at_once_though_its_stamps_of_whole_seconds_are_before_its_start() -> None:
    rig = Rig(stamp_us=1_000_000, says_start=True)
    rig.server.wait(250_000)
    rig.server.restart()
    rig.server.sample(30)
    rig.poll(100, 5, 5)
    assert (rig.series.counters.received, rig.series.bracket) == (70, None)
    assert rig.numbers() == [None if math.isnan(value(1, number, 1)) else number for number in range(35)]


@given(
    polls=st.lists(st.tuples(MANY, FEW, FEW, st.integers(0, 120)), min_size=1, max_size=20),
    stamp_us=st.sampled_from([1, 5000]),
)
@example(  # a hole that is longer than it is drawn, and an answer whose newest sample could not be read
    polls=[
        (1, 0, 0, 0),
        (1, 0, 6, 47),
        (1, 2, 0, 86),
        (1, 6, 6, 81),
        (2, 3, 0, 18),
        (88, 4, 3, 82),
        (87, 6, 0, 75),
        (1, 0, 1, 38),
        (45, 2, 0, 0),
    ],
    stamp_us=5000,
)
def test_in_one_run_every_sample_is_received_lost_or_still_to_come(
    polls: list[tuple[int, int, int, int]], stamp_us: int
) -> None:
    rig = Rig(stamp_us=stamp_us, channels=1)
    rig.server.sample(30)
    rig.send(10)
    for num_samples, before, after, count in polls:
        rig.server.sample(count)
        rig.poll(num_samples, before, after)
        rig.series.backfill(rig.server.data(100))
    rig.server.wait(100_000)
    rig.server.sample(100)
    rig.send(60)
    counters = rig.series.counters
    assert counters.received + counters.backfilled + counters.lost == rig.server.total - 20
    assert_no_wrong_sample(rig.series)


def test_polls_that_overlap_lose_nothing_and_stay_exact_after_the_websocket() -> None:
    rig = Rig(capacity=2048)
    rig.server.sample(50)
    rig.send(50)
    for _ in range(20):
        rig.server.sample(30)
        rig.poll(60, before=2, after=3)
    assert rig.series.bracket is None
    assert rig.series.counters.lost == 0
    assert rig.series.total == rig.server.total - 3
    assert_no_wrong_sample(rig.series)


def test_bounds_narrow_poll_by_poll_until_one_number_is_left() -> None:
    rig = Rig(capacity=2048)
    rig.server.sample(300)
    rig.poll(50, before=4, after=5)
    assert rig.series.bracket is not None
    assert not rig.series.epochs[-1].is_exact
    widths = []
    for before, after in ((3, 2), (5, 1), (0, 4), (4, 0)):
        rig.server.sample(20)
        rig.poll(50, before, after)
        bracket = rig.series.bracket
        widths.append(0 if bracket is None else bracket.high - bracket.low)
    assert widths == sorted(widths, reverse=True)
    assert rig.series.bracket is None
    assert rig.series.epochs[-1].is_exact
    assert rig.next_number == rig.server.total
    assert rig.series.counters.lost == 0
    assert_no_wrong_sample(rig.series)


def test_a_count_that_stands_still_is_the_number() -> None:
    rig = Rig()
    rig.server.sample(300)
    assert rig.poll(50) == Ingest(new=50)
    assert rig.series.bracket is None
    assert rig.poll(50) == Ingest(overlap=50)
    assert rig.next_number == 300


def test_a_numbered_message_settles_the_numbers_of_polled_samples() -> None:
    rig = Rig()
    rig.server.sample(300)
    rig.poll(50, before=4, after=5)
    rig.server.sample(10)
    assert rig.send(60) == Ingest(new=15, overlap=45)
    assert rig.series.epochs[-1].is_exact
    assert rig.numbers()[0] == 254
    assert_no_wrong_sample(rig.series)


def test_a_numbered_message_that_does_not_reach_back_begins_an_epoch_and_leaves_the_old_numbers_open() -> None:
    rig = Rig()
    rig.server.sample(300)
    rig.poll(50, before=4, after=5)
    rig.server.sample(100)
    out = rig.send(60)
    assert out.new == 60
    assert not out.is_restart
    assert [epoch.is_exact for epoch in rig.series.epochs] == [False, True]
    assert rig.next_number == rig.server.total
    assert [kind for *_, kind in shown_breaks(rig.series)] == [BreakKind.LOST]
    assert_no_wrong_sample(rig.series)


def test_a_hole_between_polls_leaves_the_numbers_before_it_alone() -> None:
    """The bounds after the hole are narrowed later; what was exact before must not move with them."""
    rig = Rig(capacity=2048)
    rig.server.sample(50)
    rig.send(50)
    rig.server.sample(100)
    rig.poll(40, before=5, after=7)
    assert rig.series.bracket is not None
    for _ in range(2):
        rig.server.sample(20)
        rig.poll(60, before=0, after=3)
        rig.server.sample(20)
        rig.poll(60, before=3, after=0)
    assert rig.series.bracket is None
    assert all(epoch.is_exact for epoch in rig.series.epochs)
    assert rig.numbers()[20] == 20
    assert rig.next_number == rig.server.total
    counters = rig.series.counters
    assert counters.received + counters.lost == 2 * rig.server.total
    assert_no_wrong_sample(rig.series)


def test_a_hole_of_unknown_size_breaks_the_line_even_if_it_may_be_none() -> None:
    rig = Rig()
    rig.server.sample(50)
    rig.send(50)
    rig.server.sample(5)
    rig.poll(5, before=5, after=4)
    assert [kind for *_, kind in shown_breaks(rig.series)] == [BreakKind.LOST]
    assert rig.series.lost_ranges() == ()


def test_a_poll_that_the_websocket_overtook_changes_nothing() -> None:
    rig = Rig()
    rig.server.sample(50)
    rig.send(50)
    rig.server.sample(10)
    rig.hold_poll(30, before=2, after=3)
    rig.server.sample(40)
    rig.send(60)
    head, breaks = rig.series.ring.head, rig.series.breaks
    assert rig.release_poll() == Ingest(overlap=30)
    assert (rig.series.ring.head, rig.series.breaks, rig.series.total) == (head, breaks, 105)


def test_messages_that_a_poll_overtook_are_no_restart() -> None:
    rig = Rig()
    rig.server.sample(50)
    rig.send(50)
    for _ in range(4):
        rig.server.sample(10)
        rig.hold_message(30)
    rig.server.sample(5)
    rig.poll(100)
    assert rig.series.total == 95
    assert rig.release_messages() == Ingest(overlap=30)
    assert rig.series.breaks == ()
    assert len(rig.series.epochs) == 1
    assert_no_wrong_sample(rig.series)


def test_a_message_of_the_run_before_is_not_taken_for_the_new_one() -> None:
    rig = Rig()
    rig.server.sample(500)
    rig.send(50)
    rig.server.sample(20)
    rig.hold_message(50)
    rig.server.wait(300_000)
    rig.server.restart()
    rig.server.sample(30)
    assert rig.poll(100).is_restart
    assert rig.release_messages() == Ingest(overlap=50)
    assert rig.series.total == 30
    assert_no_wrong_sample(rig.series)


def test_a_restart_seen_by_polling_is_a_new_epoch() -> None:
    rig = Rig(capacity=2048)
    rig.server.sample(500)
    rig.poll(50)
    rig.server.wait(1_000_000)
    rig.server.restart()
    rig.server.sample(40)
    out = rig.poll(100, before=3, after=4)
    assert out.is_restart
    assert out.new == 43
    rig.server.sample(10)
    rig.poll(100)
    assert rig.series.bracket is None
    assert [epoch.start for epoch in rig.series.epochs] == [0, 50]
    assert rig.next_number == rig.server.total
    assert_no_wrong_sample(rig.series)


def test_an_answer_that_reaches_back_beyond_the_start_holds_the_run_from_its_first_sample_on() -> None:
    rig = Rig(capacity=2048, says_start=True, outlives=True)
    rig.server.sample(500)
    rig.poll(50)
    rig.server.wait(1_000_000)
    rig.server.restart()
    rig.server.sample(40)
    assert rig.poll(100, before=3, after=4) == Ingest(new=43, is_restart=True)
    assert rig.series.bracket is None
    assert rig.next_number == 43
    assert rig.series.counters.lost == 0
    assert_no_wrong_sample(rig.series)


def test_a_sample_with_our_newest_stamp_and_another_value_is_not_taken_for_it() -> None:
    rig = Rig()
    rig.server.sample(50)
    rig.send(50)
    stranger = Rig().server  # same stamps, other samples
    stranger.run = 7
    stranger.sample(70)
    assert rig.series.ingest_polled(stranger.data(60), 68, 72, stranger.now_us) == Ingest(overlap=60)
    assert rig.series.total == 50


def test_a_restart_between_the_calls_of_one_poll_is_left_to_the_next() -> None:
    rig = Rig()
    rig.server.sample(100)
    rig.send(50)
    window = rig.server.data(50)
    assert rig.series.ingest_polled(window, 100, 7, rig.server.now_us) == Ingest()
    assert rig.series.total == 100


def test_polled_channels_in_another_order_are_the_same_channels() -> None:
    rig = Rig()
    rig.server.sample(50)
    rig.send(50)
    rig.server.sample(10)
    rig.server.channels = ("CH2", "CH1")
    assert rig.poll(40, before=1, after=1).new == 11
    assert rig.series.breaks == ()
    assert rig.series.channels == ("CH1", "CH2")
    assert_no_wrong_sample(rig.series)


@pytest.mark.parametrize("others_us", [0, 3000])
def test_a_channel_that_only_an_answer_has_joins_the_others(others_us: int) -> None:
    rig = Rig()
    rig.server.sample(50)
    rig.send(50)
    rig.server.channels = ("CH1", "CH2", "CH3")
    rig.server.wait(others_us)
    rig.server.sample(10)
    assert rig.poll(40, before=1, after=1).new == 11
    assert rig.series.channels == ("CH1", "CH2", "CH3")
    assert np.isnan(rig.series.ring.read(0, 50)[2]).all()
    assert rig.series.ring.read(50, 61)[2].tolist() == [value(0, number, 3) for number in range(50, 61)]
    assert_no_wrong_sample(rig.series)


def test_a_run_of_equal_stamps_at_the_start_of_a_window_is_waited_out() -> None:
    """The window may begin in the middle of the run: nothing says which of them is our newest."""
    rig = Rig(stamp_us=10_000)
    rig.server.sample(45)
    rig.send(45)  # ends in the middle of ten equal stamps
    head = rig.series.ring.head
    rig.server.sample(2)
    assert rig.poll(3, before=0, after=1) == Ingest(overlap=3)
    assert rig.series.ring.head == head
    rig.server.sample(20)
    assert rig.poll(60, before=1, after=1).new == 24
    assert rig.series.bracket is None
    assert_no_wrong_sample(rig.series)


def test_samples_of_one_microsecond_are_told_apart_by_counting() -> None:
    rig = Rig(stamp_us=16_000, capacity=2048)
    rig.server.sample(100)
    rig.send(100)
    for count in (7, 1, 16, 33, 2, 5):
        rig.server.sample(count)
        assert rig.poll(100, before=1, after=2).new >= count
    rig.server.wait(100_000)
    rig.server.sample(80)
    rig.send(40)
    hole = rig.series.lost_ranges()
    assert len(hole) == 1
    assert rig.series.backfill(rig.server.data(200)) == hole[0][1] - hole[0][0]
    assert_no_wrong_sample(rig.series)
