"""The server's naive local time on one axis: it never falls, whatever its clock does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.acquisition import Int64Array
from lablink_dpg.store.timebase import ServerClock, Timebase

NOW_US = 1_795_123_456_789_000  # not on a quarter of an hour
S = 1_000_000
MINUTE = 60 * S
HOUR = 60 * MINUTE
DELAY_US = 4000


def block(end_us: int, n: int = 50, step_us: int = 1000) -> Int64Array:
    """Stamps of ``n`` samples of which the newest is at ``end_us``."""
    return end_us - np.arange(n - 1, -1, -1) * step_us


class Feed:
    """A stream of blocks of 50 ms, all stamped by a clock that is off by ``offset_us``."""

    def __init__(self, clock: ServerClock, offset_us: int, now_us: int = NOW_US) -> None:
        self.timebase = Timebase(clock)
        self.offset_us = offset_us
        self.now_us = now_us

    def next(self, delay_us: int = DELAY_US, *, is_live: bool = True) -> Int64Array:
        """Latency of each sample as the axis shows it: arrival minus placed time of samples that are true to now."""
        self.now_us += 50_000
        last = self.timebase.last_us
        out, _ = self.timebase.place(block(self.now_us + self.offset_us), self.now_us + delay_us, is_live=is_live)
        assert np.all(np.diff(out) >= 0)
        assert last is None or out[0] >= last
        return out


def error_us(feed: Feed, out: Int64Array) -> int:
    """How far the newest sample is from its true time."""
    return int(out[-1]) - feed.now_us


@pytest.mark.parametrize("zone_us", [0, 2 * HOUR, -9 * HOUR - 30 * MINUTE, 5 * HOUR + 45 * MINUTE, 14 * HOUR])
def test_when_the_clocks_agree_every_sample_is_at_its_true_time(zone_us: int) -> None:
    feed = Feed(ServerClock(), zone_us)
    for _ in range(5):
        np.testing.assert_array_equal(feed.next(), block(feed.now_us))
    assert feed.timebase.shift_us == -zone_us


@pytest.mark.parametrize(
    "jump_us", [HOUR, -HOUR, 17 * MINUTE, -17 * MINUTE, 3 * S, -3 * S, -1_500_000, 1_500_000, 400 * 24 * HOUR]
)
def test_a_clock_that_is_set_costs_neither_the_order_nor_the_latency(jump_us: int) -> None:
    """From the next message on the newest sample is shown as fresh as before, give or take one delay."""
    feed = Feed(ServerClock(), 2 * HOUR)
    for _ in range(10):
        feed.next()
    feed.offset_us += jump_us
    out = feed.next()
    assert -DELAY_US <= error_us(feed, out) <= DELAY_US
    for _ in range(20):
        out = feed.next()
        assert -DELAY_US <= error_us(feed, out) <= DELAY_US
        assert out[-1] - out[0] == 49_000


@pytest.mark.parametrize("jump_us", [HOUR, -HOUR])
def test_the_end_and_the_beginning_of_summer_time_leave_the_latency_exact(jump_us: int) -> None:
    feed = Feed(ServerClock(), 0)
    for _ in range(3):
        feed.next()
    feed.offset_us += jump_us
    for _ in range(3):
        np.testing.assert_array_equal(feed.next(), block(feed.now_us))


@pytest.mark.parametrize("jump_us", [HOUR, -HOUR, 17 * MINUTE, -17 * MINUTE])
@pytest.mark.parametrize("known", [True, False])
def test_a_jump_in_the_middle_of_a_block_leaves_both_halves_where_they_were(jump_us: int, known: bool) -> None:
    feed = Feed(ServerClock(), 0)
    if known:
        feed.next()
    feed.now_us += 50_000
    stamps = block(feed.now_us)
    stamps[20:] += jump_us
    out, jumped = feed.timebase.place(stamps, feed.now_us + DELAY_US)
    truth = block(feed.now_us)
    assert jumped or not known
    assert np.abs(out[20:] - truth[20:]).max() <= DELAY_US
    if known:
        np.testing.assert_array_equal(out[:20], truth[:20])
    assert np.all(np.diff(out) >= 0)


@pytest.mark.parametrize("jump_us", [HOUR, -HOUR, 17 * MINUTE, -17 * MINUTE])
def test_all_streams_of_a_server_agree_after_a_jump(jump_us: int) -> None:
    clock = ServerClock()
    feeds = [Feed(clock, 0) for _ in range(3)]
    for _ in range(3):
        for feed in feeds:
            feed.next()
    for feed in feeds:
        feed.offset_us += jump_us
    for _ in range(3):
        ends = {int(feed.next()[-1]) for feed in feeds}
        assert max(ends) - min(ends) <= DELAY_US
    assert clock.jumps == 1
    assert len({feed.timebase.shift_us for feed in feeds}) == 1


@pytest.mark.parametrize("jump_us", [HOUR, -HOUR])
def test_samples_of_before_a_jump_that_come_after_its_news_stay_at_their_time(jump_us: int) -> None:
    """A slow stream's last sample of summer time arrives when a fast stream has already reported winter time."""
    clock = ServerClock()
    fast, slow = Feed(clock, 0), Feed(clock, 0)
    fast.next()
    slow.next()
    fast.offset_us += jump_us
    fast.next()
    np.testing.assert_array_equal(slow.next(), block(slow.now_us))
    slow.offset_us += jump_us
    for _ in range(3):
        assert abs(error_us(slow, slow.next())) <= DELAY_US
        assert abs(error_us(fast, fast.next())) <= DELAY_US
    assert clock.jumps == 1


@pytest.mark.parametrize("frozen_us", [5 * S, 10 * MINUTE])
def test_a_late_flood_is_no_jump(frozen_us: int) -> None:
    clock = ServerClock()
    feed = Feed(clock, HOUR)
    feed.next()
    start_us, arrival_us = feed.now_us, feed.now_us + frozen_us
    while feed.now_us < arrival_us - 50_000:
        feed.now_us += 50_000
        out, jumped = feed.timebase.place(block(feed.now_us + HOUR), arrival_us)
        assert not jumped
        np.testing.assert_array_equal(out, block(feed.now_us))
    assert feed.now_us > start_us
    assert clock.jumps == 0


def test_a_late_first_message_is_put_right_by_the_next() -> None:
    """Five seconds late looks like a clock that is slow, until a sample comes that would be of the future."""
    feed = Feed(ServerClock(), HOUR)
    feed.next(delay_us=5 * S)
    feed.now_us += 5 * S
    for _ in range(3):
        np.testing.assert_array_equal(feed.next(), block(feed.now_us))


def test_the_old_window_of_a_paused_acquisition_settles_nothing() -> None:
    clock = ServerClock()
    paused = Timebase(clock)
    old = block(NOW_US - 3 * HOUR - 20 * MINUTE)
    paused.place(old, NOW_US, is_live=False)
    assert clock.shift_us is None
    live = Feed(clock, 0)
    np.testing.assert_array_equal(live.next(), block(live.now_us))
    # Resumed, it follows the clock that the other stream has settled.
    out, _ = paused.place(block(live.now_us), live.now_us + DELAY_US)
    np.testing.assert_array_equal(out, block(live.now_us))


def test_a_paused_window_is_placed_by_what_live_streams_have_settled() -> None:
    clock = ServerClock()
    live = Feed(clock, HOUR)
    live.next()
    out, _ = Timebase(clock).place(block(NOW_US - 3 * HOUR + HOUR), NOW_US, is_live=False)
    np.testing.assert_array_equal(out, block(NOW_US - 3 * HOUR))


def test_a_guess_made_while_paused_is_dropped_once_the_stream_is_live() -> None:
    """The server's clock is five minutes slow: only a live sample can tell."""
    clock = ServerClock()
    feed = Feed(clock, -5 * MINUTE)
    feed.next(is_live=False)
    assert not clock.is_corrected
    for _ in range(3):
        assert abs(error_us(feed, feed.next())) <= DELAY_US
    assert clock.is_corrected


@pytest.mark.parametrize("offset_us", [-20 * S, 30 * S, -7 * MINUTE])
def test_a_wrong_clock_is_corrected_and_said(offset_us: int) -> None:
    clock = ServerClock()
    feed = Feed(clock, HOUR + offset_us)
    for _ in range(3):
        assert 0 <= error_us(feed, feed.next()) <= DELAY_US
    assert clock.is_corrected


def test_clocks_that_drift_apart_are_followed_without_a_step() -> None:
    clock = ServerClock()
    feed = Feed(clock, 0)
    for _ in range(2000):
        feed.offset_us += 5  # 100 ppm fast
        out = feed.next()
        assert out[-1] <= feed.now_us + DELAY_US + 2000
    assert clock.jumps == 0
    assert not clock.is_corrected


def test_a_sample_slightly_of_the_future_moves_the_shift_not_the_picture() -> None:
    feed = Feed(ServerClock(), 0)
    before = feed.next()
    out, jumped = feed.timebase.place(block(feed.now_us + 80_000), feed.now_us + 50_000)
    assert not jumped
    assert out[-1] == feed.now_us + 50_000
    assert out[0] >= before[-1]


def test_stamps_that_are_not_sorted_become_so() -> None:
    timebase = Timebase(ServerClock())
    stamps = block(NOW_US)
    stamps[[10, 11, 30, 40]] = stamps[[11, 10, 28, 35]]
    out, jumped = timebase.place(stamps, NOW_US + DELAY_US)
    assert not jumped
    np.testing.assert_array_equal(out, np.maximum.accumulate(stamps))


JUMPS = st.sampled_from([0, 0, 0, 0, 0, HOUR, -HOUR, 17 * MINUTE, -17 * MINUTE, 2 * S, -2 * S, 300, -300])


@given(
    st.lists(st.tuples(JUMPS, st.integers(0, 6 * S), st.booleans(), st.integers(1, 30)), min_size=1, max_size=40),
    st.integers(0, 2**32 - 1),
)
def test_the_axis_never_falls(messages: list[tuple[int, int, bool, int]], seed: int) -> None:
    random = np.random.default_rng(seed)
    clock = ServerClock()
    streams = [Timebase(clock), Timebase(clock)]
    now_us, offset_us = NOW_US, 0
    for jump_us, wait_us, is_live, n in messages:
        now_us += wait_us
        stamps = block(now_us, n) + offset_us
        offset_us += jump_us
        stamps[int(random.integers(0, n)) :] += jump_us
        random.shuffle(stamps[-5:])
        stream = streams[int(random.integers(0, 2))]
        last_us = stream.last_us
        out, _ = stream.place(stamps, now_us + int(random.integers(0, S)), is_live=is_live)
        assert out.shape == (n,)
        assert out.dtype == np.int64
        assert np.all(np.diff(out) >= 0)
        assert last_us is None or out[0] >= last_us
        assert stream.last_us == out[-1]
