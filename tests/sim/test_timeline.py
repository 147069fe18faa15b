from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.sim.timeline import MAX_RATE_HZ, Timeline

START_US = 1_764_000_000_123_456
DAY_US = 86_400_000_000
rates_mhz = st.integers(1, int(MAX_RATE_HZ) * 1000)


def test_a_sample_exists_once_its_period_is_over() -> None:
    timeline = Timeline(1000.0, START_US)
    assert [timeline.total(START_US + us) for us in (-5, 0, 999, 1000, 1999, 2000)] == [0, 0, 0, 1, 1, 2]


@given(rates_mhz, st.integers(0, 40 * DAY_US))
def test_the_total_is_exact_for_any_rate_after_any_time(rate_mhz: int, elapsed_us: int) -> None:
    timeline = Timeline(rate_mhz / 1000, START_US)
    assert timeline.total(START_US + elapsed_us) == Fraction(elapsed_us * rate_mhz, 10**9) // 1


@given(rates_mhz, st.integers(0, 40 * 86_400), st.integers(1, 300))
def test_timestamps_are_exact_and_strictly_increasing(rate_mhz: int, after_s: int, count: int) -> None:
    first = after_s * rate_mhz // 1000
    times = Timeline(rate_mhz / 1000, START_US).times(first, first + count)
    truth = [START_US + Fraction(index * 10**9, rate_mhz) // 1 for index in range(first, first + count)]
    assert times.tolist() == truth
    assert (np.diff(times) > 0).all()


@given(
    rates_mhz,
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=6),
    st.integers(0, 10**6),
)
def test_after_pauses_samples_go_on_without_a_jump_and_later(
    rate_mhz: int, stretches: list[tuple[int, int]], last_us: int
) -> None:
    timeline = Timeline(rate_mhz / 1000, START_US)
    now_us, active_us = START_US, 0
    for running_us, paused_us in stretches:
        now_us += running_us
        active_us += running_us
        total = timeline.total(now_us)
        timeline.halt(now_us)
        assert timeline.total(now_us + paused_us) == total, "nothing is taken during a pause"
        now_us += paused_us
        timeline.resume(now_us)
    now_us += last_us
    total = timeline.total(now_us)
    assert total == (active_us + last_us) * rate_mhz // 10**9
    first = max(0, total - 500)
    times = timeline.times(first, total)
    assert (np.diff(times) > 0).all()
    assert total == 0 or times[-1] < now_us, "no sample is from the future"
    cut = (first + total) // 2
    pieces = [timeline.times(first, cut), timeline.times(cut, total)]
    assert np.concatenate(pieces).tolist() == times.tolist()


def test_a_pause_shifts_the_samples_after_it_by_its_length() -> None:
    timeline = Timeline(100.0, START_US)
    timeline.halt(START_US + 1_000_000)
    timeline.resume(START_US + 4_000_000)
    assert (timeline.times(98, 102) - START_US).tolist() == [980_000, 990_000, 4_000_000, 4_010_000]


def test_what_was_taken_keeps_its_timestamps_through_a_pause() -> None:
    timeline = Timeline(100.0, START_US)
    before = timeline.times(0, 100).tolist()
    revision = timeline.revision
    timeline.halt(START_US + 1_000_000)
    timeline.resume(START_US + 4_000_000)
    assert timeline.times(0, 100).tolist() == before
    assert timeline.revision != revision, "what was computed ahead is known to be stale"


def test_a_run_ends_at_its_limit() -> None:
    timeline = Timeline(1000.0, START_US, limit=10)
    assert not timeline.is_complete(START_US + 9_999)
    assert timeline.is_complete(START_US + 10_000)
    assert timeline.total(START_US + 10**9) == 10


def test_halting_and_resuming_twice_is_the_same_as_once() -> None:
    timeline = Timeline(1000.0, START_US)
    timeline.halt(START_US + 1000)
    timeline.halt(START_US + 5000)
    assert timeline.total(START_US + 9000) == 1
    assert not timeline.is_running
    timeline.resume(START_US + 9000)
    timeline.resume(START_US + 9500)
    assert timeline.total(START_US + 10_000) == 2
    assert timeline.is_running


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, 1_000_001.0, float("nan")])
def test_a_rate_out_of_bounds_is_refused(rate_hz: float) -> None:
    with pytest.raises(ValueError, match="sample rate"):
        Timeline(rate_hz, START_US)
