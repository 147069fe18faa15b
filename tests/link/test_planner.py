"""Tests of lablink_dpg.link.planner."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lablink_dpg.link.planner import (
    LEAST_SLACK_MS,
    MAX_INTERVAL_MS,
    MAX_MESSAGE_BYTES,
    MAX_MESSAGES_PER_S,
    MIN_INTERVAL_MS,
    MIN_SAMPLES,
    SLACK_BYTES,
    SLACK_MS,
    SLACK_SHARE,
    TIMESTAMP_BYTES,
    VALUE_BYTES,
    StreamPlan,
    enlarged,
    interval_among,
    plan_stream,
    slack_for,
    window_limit,
)

rates = st.floats(0.001, 10e6)
channel_counts = st.integers(0, 64)
intervals = st.integers(-5, 10**6)
buffers = st.integers(1, 10**7)


@given(rates, channel_counts, intervals, buffers)
def test_bounds_hold_for_anything(rate_hz: float, channels: int, interval_ms: int, buffer_size: int) -> None:
    plan = plan_stream(rate_hz, channels, interval_ms, buffer_size)
    assert MIN_INTERVAL_MS <= plan.interval_ms <= MAX_INTERVAL_MS
    assert 1 <= plan.num_samples <= buffer_size
    assert plan.num_samples * (TIMESTAMP_BYTES + VALUE_BYTES * channels) <= MAX_MESSAGE_BYTES


@given(st.floats(1e-6, 1), channel_counts, intervals, buffers)
def test_windows_overlap_by_the_slack_and_half_an_interval_wherever_the_limits_let_them(
    fraction: float, channels: int, interval_ms: int, buffer_size: int
) -> None:
    shortest_s = (MIN_INTERVAL_MS + SLACK_MS + 2) / 1000  # 2 ms: intervals are whole milliseconds
    rate_hz = fraction * window_limit(channels, buffer_size) / shortest_s
    plan = plan_stream(rate_hz, channels, interval_ms, buffer_size)
    overlap_s = plan.num_samples / rate_hz - plan.interval_ms / 1000
    assert overlap_s >= max(slack_for(rate_hz, channels), SLACK_SHARE * plan.interval_ms) / 1000 * (1 - 1e-9)


@given(rates, channel_counts)
def test_slack_is_as_long_as_it_is_cheap_within_its_bounds(rate_hz: float, channels: int) -> None:
    slack_ms = slack_for(rate_hz, channels)
    size_bytes = slack_ms / 1000 * rate_hz * (TIMESTAMP_BYTES + VALUE_BYTES * max(1, channels))
    assert LEAST_SLACK_MS <= slack_ms <= SLACK_MS
    assert size_bytes <= SLACK_BYTES * (1 + 1e-9) or slack_ms == LEAST_SLACK_MS
    assert size_bytes >= SLACK_BYTES * (1 - 1e-9) or slack_ms == SLACK_MS


@given(rates, channel_counts, intervals, buffers)
def test_the_interval_is_never_longer_than_wanted(
    rate_hz: float, channels: int, interval_ms: int, buffer_size: int
) -> None:
    assert plan_stream(rate_hz, channels, interval_ms, buffer_size).interval_ms <= max(interval_ms, MIN_INTERVAL_MS)


@pytest.mark.parametrize(("rate_hz", "span_ms"), [(100, 150), (1000, 150), (10_000, 100), (100_000, 100)])
def test_a_stream_at_50_ms_gets_100_ms_of_overlap_or_50_where_it_is_fast(rate_hz: float, span_ms: int) -> None:
    assert plan_stream(rate_hz, 1, 50, 100_000) == StreamPlan(50, max(MIN_SAMPLES, round(rate_hz * span_ms / 1000)))


def test_a_stream_slower_than_the_interval_gets_the_smallest_window() -> None:
    assert plan_stream(0.1, 2, 50, 10_000) == StreamPlan(50, MIN_SAMPLES)


def test_a_small_buffer_shortens_the_interval_instead_of_the_overlap() -> None:
    assert plan_stream(10_000, 1, 500, 3000) == StreamPlan(200, 3000)


def test_a_rate_that_nothing_can_carry_gets_the_most_at_the_shortest_interval() -> None:
    assert plan_stream(1e6, 4, 50, 10_000) == StreamPlan(MIN_INTERVAL_MS, 10_000)


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, math.nan, math.inf])
def test_a_server_that_names_no_rate_still_gets_a_window(rate_hz: float) -> None:
    assert plan_stream(rate_hz, 1, 50, 10_000) == StreamPlan(50, 1000)
    assert plan_stream(rate_hz, 1, 50, 100) == StreamPlan(50, 100)


@given(st.integers(1, 10**6), st.integers(0, 10**7), channel_counts, buffers)
def test_an_enlarged_window_is_never_smaller_and_is_enough_where_the_limits_let_it(
    num_samples: int, enough: int, channels: int, buffer_size: int
) -> None:
    limit = window_limit(channels, buffer_size)
    assume(num_samples <= limit)
    plan = enlarged(StreamPlan(50, num_samples), enough, channels, buffer_size)
    assert num_samples <= plan.num_samples <= limit
    assert plan.num_samples >= min(enough, limit)
    assert plan.interval_ms == 50


def test_a_window_at_its_limit_stays_as_it_is() -> None:
    assert enlarged(StreamPlan(50, 1000), 5000, 1, 1000) == StreamPlan(50, 1000)


@pytest.mark.parametrize(
    ("streams", "wanted_ms", "interval_ms"),
    [(1, 50, 50), (500, 50, 50), (501, 50, 100), (1000, 50, 100), (1000, 200, 200), (2000, 50, 200), (30, 1, 10)],
)
def test_streams_so_many_that_their_messages_would_be_too_many_come_more_rarely(
    streams: int, wanted_ms: int, interval_ms: int
) -> None:
    assert interval_among(streams, wanted_ms) == interval_ms
    assert streams * 1000 / interval_ms <= MAX_MESSAGES_PER_S
