"""The server's naive local time on one axis: it never falls, whatever its clock does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.acquisition import Int64Array
from lablink_dpg.store.timebase import (
    DRIFT_TOLERANCE_US,
    DRIFT_US_PER_S,
    FALL_TOLERANCE_US,
    SLEW_TOLERANCE_US,
    ServerClock,
    Timebase,
)

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


class Drifting:
    """Streams of a server whose clock runs ``ppm`` too fast, one message a second each, delayed at random."""

    def __init__(self, ppm: float, streams: int = 1, seed: int = 7) -> None:
        self.clock = ServerClock()
        self.streams = [Timebase(self.clock) for _ in range(streams)]
        self.ppm = ppm
        self.now_us = NOW_US
        self.error_us = 0.0
        self.random = np.random.default_rng(seed)

    def run(self, seconds: int, every: int = 1, least_us: int = DELAY_US) -> list[int]:
        """How far each stream's newest sample is from its true time, at the end; the axis has not fallen on the way."""
        delays = (least_us + self.random.exponential(5000, (seconds // every, len(self.streams)))).astype(int).tolist()
        out: list[int] = []
        for row in delays:
            self.now_us += every * S
            self.error_us += self.ppm * every
            out = []
            for stream, delay in zip(self.streams, row, strict=True):
                last = stream.last_us
                axis, jumped = stream.place(np.array([self.now_us + round(self.error_us)]), self.now_us + delay)
                assert not jumped
                assert last is None or axis[0] >= last
                out.append(int(axis[0]) - self.now_us)
        return out


@pytest.mark.parametrize("ppm", [-20, -100, 20, 100])
def test_after_a_day_of_drift_the_latency_is_as_at_first_and_the_streams_are_together(ppm: int) -> None:
    drifting = Drifting(ppm, streams=2)
    errors = drifting.run(86_400)
    assert abs(drifting.error_us) > 1_700_000
    assert all(-DRIFT_TOLERANCE_US - 20_000 <= error <= DELAY_US + 2 * SLEW_TOLERANCE_US + 20_000 for error in errors)
    assert len({stream.shift_us for stream in drifting.streams}) == 1
    assert drifting.clock.jumps == 0


def test_a_drift_that_turns_is_followed_back() -> None:
    drifting = Drifting(-50)
    drifting.run(20_000)
    drifting.ppm = 50
    errors = drifting.run(20_000)
    assert abs(drifting.error_us) < 10
    assert abs(errors[0]) <= DELAY_US + DRIFT_TOLERANCE_US + 20_000


def test_a_slow_stream_alone_is_enough_to_follow_a_drift() -> None:
    drifting = Drifting(-20)
    (error,) = drifting.run(7 * 86_400, every=100)
    assert drifting.error_us < -12 * S
    assert abs(error) <= DRIFT_TOLERANCE_US + 60_000


def test_after_a_week_without_messages_the_drift_of_the_week_is_followed_within_minutes() -> None:
    drifting = Drifting(-20)
    drifting.run(300)
    drifting.now_us += 7 * 86_400 * S
    drifting.error_us -= 20 * 7 * 86_400
    (error,) = drifting.run(1)
    assert error < -12 * S  # a single message may just be late
    (error,) = drifting.run(120)
    assert abs(error) <= DRIFT_TOLERANCE_US + 30_000


def test_clocks_that_agree_keep_the_true_latency_for_ever() -> None:
    drifting = Drifting(0)
    assert drifting.run(20_000) == [0]
    assert drifting.streams[0].shift_us == 0


def test_a_busy_network_is_not_taken_for_a_clock() -> None:
    """Half a minute without one fast message changes nothing; what is longer hides its delay only slowly."""
    drifting = Drifting(0)
    drifting.run(300)
    assert drifting.run(30, least_us=800_000) == [0]
    drifting.run(200)
    (error,) = drifting.run(300, least_us=800_000)
    assert 0 < error <= 300 * DRIFT_US_PER_S
    (error,) = drifting.run(1200)
    assert 0 <= error <= DELAY_US + SLEW_TOLERANCE_US + 10_000


def test_a_slew_is_bounded_from_second_to_second() -> None:
    drifting = Drifting(-400)
    drifting.run(300)
    for _ in range(300):
        before = drifting.clock.shift_us
        drifting.run(1)
        assert before is not None
        assert drifting.clock.shift_us is not None
        assert 0 <= drifting.clock.shift_us - before <= DRIFT_US_PER_S * 1.1


def one(timebase: Timebase, stamp_us: int, arrival_us: int, period_us: int | None = None) -> int:
    out, _ = timebase.place(np.array([stamp_us]), arrival_us, period_us=period_us)
    return int(out[0])


def test_a_sample_every_ten_seconds_may_be_nine_seconds_old() -> None:
    clock = ServerClock()
    slow = Timebase(clock)
    for i in range(5):
        t = NOW_US + i * 10 * S
        assert one(slow, t + HOUR, t + 9 * S, 10 * S) == t
    assert not clock.is_corrected
    assert clock.jumps == 0


def test_a_slow_stream_seen_first_keeps_its_early_samples_in_place_beside_a_fast_one() -> None:
    clock = ServerClock()
    slow, fast = Timebase(clock), Feed(clock, HOUR, NOW_US + 9 * S)
    assert one(slow, NOW_US + HOUR, NOW_US + 9 * S, 10 * S) == NOW_US
    np.testing.assert_array_equal(fast.next(), block(fast.now_us))
    assert one(slow, NOW_US + 10 * S + HOUR, NOW_US + 10 * S + DELAY_US, 10 * S) == NOW_US + 10 * S
    assert clock.jumps == 0


def test_a_fast_stream_shows_that_what_a_slow_ones_period_explained_was_the_clock() -> None:
    clock = ServerClock()
    slow, fast = Timebase(clock), Timebase(clock)
    assert one(slow, NOW_US - 8 * S, NOW_US + DELAY_US, 10 * S) == NOW_US - 8 * S
    assert abs(one(fast, NOW_US + 50_000 - 8 * S, NOW_US + 50_000 + DELAY_US, 1000) - NOW_US - 50_000) <= DELAY_US
    assert clock.is_corrected
    t = NOW_US + 10 * S
    assert abs(one(slow, t - 8 * S, t + DELAY_US, 10 * S) - t) <= DELAY_US
    assert clock.jumps == 0


def test_a_correction_for_a_late_first_message_is_taken_back_for_all_streams() -> None:
    """Less than the tolerance of the future after it: neither a jump, nor a clock that is off after all."""
    clock = ServerClock()
    first, second = Feed(clock, HOUR), Feed(clock, HOUR)
    assert error_us(first, first.next(delay_us=2_100_000)) == 2_100_000
    first.now_us += 2 * S
    second.now_us += 2 * S
    first.next(delay_us=300_000)
    for _ in range(10):
        np.testing.assert_array_equal(second.next(), block(second.now_us))
    assert not clock.is_corrected
    assert first.timebase.shift_us == second.timebase.shift_us == -HOUR
    for _ in range(10):
        out = first.next()
    np.testing.assert_array_equal(out, block(first.now_us))


@pytest.mark.parametrize("fall_us", [200_000, 300_000, 900_000, 999_000])
def test_a_clock_set_back_by_less_than_a_second_flattens_two_blocks_and_no_more(fall_us: int) -> None:
    clock = ServerClock()
    feed, other = Feed(clock, HOUR), Feed(clock, HOUR)
    for _ in range(10):
        feed.next()
        other.next()
    feed.offset_us -= fall_us
    other.offset_us -= fall_us
    feed.next()
    other.next()
    for _ in range(20):
        for each in (feed, other):
            out = each.next()
            if each.now_us > NOW_US + 12 * 50_000:
                np.testing.assert_array_equal(out, block(each.now_us))
    assert clock.jumps == 1


def test_one_block_that_ends_early_moves_no_other() -> None:
    """A clock that was set, and set back at once: what comes then is at its true time again."""
    clock = ServerClock()
    feed = Feed(clock, 0)
    feed.next()
    for _ in range(5):
        before = feed.timebase.last_us
        feed.timebase.place(block(feed.now_us - 500_000), feed.now_us + DELAY_US)
        assert feed.timebase.last_us == before
        np.testing.assert_array_equal(feed.next(), block(feed.now_us))
    assert not clock.is_corrected


@pytest.mark.parametrize("at", [0, 1, 200, 499])
@pytest.mark.parametrize("jump_us", [-60_000, -400_000, -900_000])
def test_a_single_step_back_is_a_clock_that_was_set_wherever_it_falls(jump_us: int, at: int) -> None:
    """Also of a stream that comes too rarely to end early twice in a row."""
    feed = Feed(ServerClock(), 0)
    for _ in range(5):
        feed.next()
    feed.now_us += 500_000
    feed.offset_us = jump_us
    stamps = block(feed.now_us, 500) + np.where(np.arange(500) < at, 0, jump_us)
    feed.timebase.place(stamps, feed.now_us + DELAY_US)
    for _ in range(3):
        out = feed.next()
        assert abs(error_us(feed, out)) <= FALL_TOLERANCE_US
    assert feed.timebase.shift_us == pytest.approx(-jump_us, abs=FALL_TOLERANCE_US)


@pytest.mark.parametrize("jump_us", [-200_000, -400_000, -900_000])
def test_a_small_step_back_is_not_forgotten_because_its_first_message_was_late(jump_us: int) -> None:
    """What comes faster afterwards does not show that the clock was right after all."""
    feed = Feed(ServerClock(), 0)
    for _ in range(20):
        feed.next()
    feed.offset_us = jump_us
    for delay_us in (35_000, 30_000, *[DELAY_US] * 20):
        out = feed.next(delay_us)
    assert abs(error_us(feed, out)) <= FALL_TOLERANCE_US


def test_stamps_that_end_a_little_early_again_and_again_are_jitter() -> None:
    clock = ServerClock()
    feed = Feed(clock, 0)
    feed.next()
    for _ in range(5):
        feed.timebase.place(block(feed.now_us - FALL_TOLERANCE_US, n=1), feed.now_us + DELAY_US)
    assert clock.jumps == 0
    assert feed.timebase.shift_us == 0


JUMPS = st.sampled_from(
    [0, 0, 0, 0, 0, HOUR, -HOUR, 17 * MINUTE, -17 * MINUTE, 2 * S, -2 * S, 900_000, -900_000, 300, -300]
)


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
