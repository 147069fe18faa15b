"""Counts and rates."""

from __future__ import annotations

import pytest

from lablink_dpg.store.counters import JITTER_MESSAGES, Counters, JitterMeter, RateMeter

S = 1_000_000


def fed(step_us: int, samples: int, times: int, meter: RateMeter | None = None, start_us: int = 0) -> RateMeter:
    meter = meter or RateMeter()
    for k in range(times):
        meter.add(samples, start_us + k * step_us)
    return meter


def test_counters_add_up_and_leave_the_old_ones_alone() -> None:
    old = Counters(received=5, lost=3)
    new = old.plus(received=2, lost=-3, backfilled=3, overlap_dropped=9)
    assert new == Counters(7, 0, 3, 9)
    assert old == Counters(received=5, lost=3)


@pytest.mark.parametrize(
    ("step_us", "samples", "rate"),
    [(50_000, 50, 1000.0), (50_000, 500, 10_000.0), (7_000, 7, 1000.0), (1 * S, 5, 5.0), (3 * S, 1, 1 / 3)],
)
def test_the_rate_is_what_came_a_second(step_us: int, samples: int, rate: float) -> None:
    meter = fed(step_us, samples, 400)
    now_us = 399 * step_us
    for later_us in (0, step_us // 2):
        assert meter.rate_hz(now_us + later_us) == pytest.approx(rate, rel=0.01)


def test_the_first_window_is_history_and_no_rate() -> None:
    meter = RateMeter()
    meter.add(10_000, 0)
    assert meter.rate_hz(0) == 0.0
    meter.add(250, 250_000)
    assert meter.rate_hz(250_000) == pytest.approx(1000.0)


def test_a_stalled_stream_sinks_to_nothing() -> None:
    meter = fed(50_000, 50, 100)
    end_us = 99 * 50_000
    rates = [meter.rate_hz(end_us + after_us) for after_us in range(0, 4 * S, 250_000)]
    assert rates[0] == pytest.approx(1000.0, rel=0.01)
    assert rates == sorted(rates, reverse=True)
    assert rates[6] < 800
    assert rates[-1] == 0.0


def test_a_stream_that_comes_back_after_an_hour_has_its_rate_within_a_second() -> None:
    meter = fed(50_000, 50, 100)
    fed(50_000, 50, 30, meter, 3600 * S)
    assert meter.rate_hz(3600 * S + 29 * 50_000) == pytest.approx(1000.0, rel=0.01)
    assert meter.rate_hz(3600 * S + 30 * S) == 0.0


def test_nothing_has_no_rate() -> None:
    assert RateMeter().rate_hz(5 * S) == 0.0


def test_jitter_is_unknown_until_two_messages_could_be_compared() -> None:
    meter = JitterMeter()
    assert meter.jitter_us is None
    meter.add(50_000)
    assert meter.jitter_us is None
    meter.add(52_000)
    assert meter.jitter_us == 2000


def test_messages_that_are_equally_late_have_no_jitter() -> None:
    meter = JitterMeter()
    for _ in range(50):
        meter.add(3_000_000)
    assert meter.jitter_us == 0


def test_jitter_settles_at_the_mean_difference() -> None:
    meter = JitterMeter()
    for number in range(20 * JITTER_MESSAGES):
        meter.add(50_000 + (number % 2) * 8000)
    assert meter.jitter_us == pytest.approx(8000, rel=0.01)


def test_one_late_message_is_forgotten_and_what_follows_a_break_is_not_compared() -> None:
    meter = JitterMeter()
    for age_us in (50_000, 50_000, 850_000, *[50_000] * (8 * JITTER_MESSAGES)):
        meter.add(age_us)
    assert meter.jitter_us is not None
    assert meter.jitter_us < 100
    before = meter.jitter_us
    meter.skip()
    meter.add(9_000_000)
    assert meter.jitter_us == before
