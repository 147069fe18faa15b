"""Labels say what is true at their place, no two say the same, and there are as many as fit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lablink_dpg.query.ticks import (
    CHARACTER_PX,
    DATED_FROM_US,
    LABEL_GAP_PX,
    TIME_STEPS_US,
    SteadyTicks,
    clock_label,
    time_ticks,
    value_step,
    value_ticks,
)

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
SECOND = 1_000_000
DAY = 86_400 * SECOND


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield ZoneInfo(request.param)
    monkeypatch.undo()
    time.tzset()


def us(text: str, zone: ZoneInfo | None = None) -> int:
    """Unix µs of a moment in ``zone``; without one, in this machine's."""
    moment = datetime.fromisoformat(text)
    whole = moment.replace(microsecond=0, tzinfo=zone) if zone else moment.replace(microsecond=0)
    return int(whole.timestamp()) * SECOND + moment.microsecond


def true_label(at_us: int, length: int, zone: ZoneInfo) -> str:
    """Wall-clock text by way of zoneinfo, which knows nothing of the C library's local time."""
    moment = datetime.fromtimestamp(at_us // SECOND, UTC).astimezone(zone)
    return f"{moment:%H:%M:%S}.{at_us % SECOND:06d}"[:length]


MOMENTS = st.integers(us("2024-01-01", ZoneInfo("UTC")), us("2031-01-01", ZoneInfo("UTC")))
SPANS = st.floats(0, 16).map(lambda power: int(10**power))


@settings(max_examples=60)
@given(left=MOMENTS, span=SPANS, width=st.integers(1, 4000))
def test_time_labels_are_unique_true_and_as_many_as_fit(left, span, width):
    ticks = time_ticks(left, left + span, width)
    places = [at for _, at in ticks]
    labels = [label for label, _ in ticks]
    assert all(left <= at <= left + span for at in places)
    assert places == sorted(set(places))
    if span > DATED_FROM_US or span < 1800 * SECOND:  # an hour in autumn comes twice
        assert len(set(labels)) == len(labels)
    shortest = CHARACTER_PX * max(map(len, labels), default=1) + LABEL_GAP_PX
    # Change of clocks may move a tick by an hour.
    assert len(ticks) <= width / shortest * (1 if span < DATED_FROM_US else 1.2) + 1


@pytest.mark.parametrize("width", [380, 800, 1920, 3840])
def test_there_is_more_than_one_time_label_at_any_usual_zoom(width):
    left = us("2026-11-23T12:34:56.789012")
    for power in range(2, 13):
        for span in (10**power, 3 * 10**power, 7 * 10**power):
            assert len(time_ticks(left, left + span, width)) >= (1 if width < 400 else 2), span


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize("step", [step for step in TIME_STEPS_US if step < SECOND] + [SECOND])
def test_labels_are_right_to_the_step_long_after_the_start(step, zone):
    """10⁵ s and more after whatever began, in steps down to a microsecond."""
    left = us("2026-11-24T13:46:40.123457") + 100_000 * SECOND
    width = 1600
    ticks = time_ticks(left, left + step * 8, width)
    assert len(ticks) >= 4
    for label, at in ticks:
        assert label == true_label(at, len(label), zone)
        assert int(f"{label[9:]:<06s}".replace(" ", "0") or 0) == at % SECOND  # nothing was cut off


@pytest.mark.parametrize("change", ["2026-03-29T00:59:30", "2026-10-25T00:59:30", "2026-03-08T06:59:30"])
@pytest.mark.parametrize("span_s", [0.001, 60, 3600, 6 * 3600])
def test_labels_are_wall_clock_time_on_both_sides_of_a_change_of_clocks(zone, change, span_s):
    middle = us(change, ZoneInfo("UTC")) + 30 * SECOND
    ticks = time_ticks(middle - int(span_s * 5e5), middle + int(span_s * 5e5), 1200)
    assert len(ticks) >= 3
    for label, at in ticks:
        assert label == true_label(at, len(label), zone)


def test_labels_pass_midnight(zone):
    middle = us("2026-11-24T00:00:00", zone)
    labels = [label for label, _ in time_ticks(middle - 5 * SECOND, middle + 5 * SECOND, 1600)]
    assert labels[labels.index("23:59:59") + 1] == "00:00:00"


@pytest.mark.parametrize("around", ["2026-03-29", "2026-10-25", "2026-07-01"])
def test_days_begin_at_midnight_and_carry_their_date_whenever_clocks_change(zone, around):
    middle = us(around, zone)
    ticks = time_ticks(middle - 4 * DAY, middle + 4 * DAY, 1600)
    assert len(ticks) >= 4
    for label, at in ticks:
        assert true_label(at, 8, zone) == "00:00:00"
        assert label == f"{datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone):%m-%d %H:%M}"[: len(label)] or (
            label == f"{datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone):%Y-%m-%d}"
        )


def test_spans_longer_than_a_day_have_dated_labels():
    left = us("2026-11-23T12:00:00")
    assert time_ticks(left, left + DAY, 1200)[0][0].startswith("11-23 ")
    assert [label for label, _ in time_ticks(left, left + 3 * DAY, 700)] == ["2026-11-24", "2026-11-25", "2026-11-26"]


@pytest.mark.parametrize("view", [(-1, SECOND), (0, 10**18), (us("9998-01-01"), us("9999-06-01"))])
def test_a_view_beyond_the_calendar_has_no_labels(view):
    assert time_ticks(*view, 1000) == ()


def test_a_single_label_has_the_decimals_its_step_needs():
    at = us("2026-11-23T12:34:56.000007")
    assert clock_label(at, SECOND) == "12:34:56"
    assert clock_label(at, 1000) == "12:34:56.000"
    assert clock_label(at, 1) == "12:34:56.000007"


FINITE = st.floats(-1e37, 1e37, allow_nan=False)
HEIGHTS = st.floats(-29, 37).map(lambda power: 10.0**power)


@settings(max_examples=300)
@given(low=FINITE | st.floats(-10, 10), height=HEIGHTS, wanted=st.integers(1, 40))
def test_value_labels_are_unique_in_range_and_bounded(low, height, wanted):
    high = low + height
    if height <= 1e-12 * max(abs(low), abs(high)):
        return  # finer than fit() ever shows
    ticks = value_ticks(low, high, wanted)
    step = value_step(low, high, wanted)
    assert 1 <= len(ticks) <= wanted + 1 or height < step
    hair = 1e-6 * step + 1e-15 * max(abs(low), abs(high))
    assert all(low - hair <= at <= high + hair for _, at in ticks)
    labels = [label for label, _ in ticks]
    assert len(set(labels)) == len(labels)
    assert all(len(label) <= 24 for label in labels)


@settings(max_examples=300)
@given(low=st.floats(-1e6, 1e6), height=st.floats(-9, 7).map(lambda power: 10.0**power), wanted=st.integers(2, 20))
def test_value_labels_say_the_value_to_a_fraction_of_the_step(low, height, wanted):
    if height <= 1e-12 * abs(low):
        return
    ticks = value_ticks(low, low + height, wanted)
    step = value_step(low, low + height, wanted)
    near = 0.01 * step + 1e-12 * (abs(low) + height)
    said = [(float(label), at) for label, at in ticks]
    base = [at for value, at in said if abs(value - at) <= near]
    assert len(base) == len(ticks) or len(base) == 1
    for value, at in said:
        assert abs(value - at) <= near or abs(base[0] + value - at) <= near


@pytest.mark.parametrize(
    ("low", "high", "wanted", "labels"),
    [
        (0.0, 1.0, 4, ["0.0", "0.5", "1.0"]),
        (-1e-9, 1e-9, 4, ["-1e-09", "-5e-10", "0", "5e-10", "1e-09"]),
        (-0.3, 0.3, 6, ["-0.3", "-0.2", "-0.1", "0.0", "0.1", "0.2", "0.3"]),
        (4.9999990, 5.000001, 4, ["4.9999990", "4.9999995", "5.0000000", "5.0000005", "5.0000010"]),
        (4.99999998, 5.00000002, 4, ["-2e-08", "-1e-08", "5", "+1e-08", "+2e-08"]),
        (1e9, 1.0003e9, 3, ["1e+09", "+1e+05", "+2e+05", "+3e+05"]),
        (0.0, 0.0, 4, ["0"]),
    ],
)
def test_value_labels_are_readable(low, high, wanted, labels):
    assert [label for label, _ in value_ticks(low, high, wanted)] == labels


@pytest.mark.parametrize("limits", [(5.0, 5.0), (1.0, -1.0), (1e20, 1e20), (0.0, 5e-324), (-1.7e308, 1.7e308)])
def test_a_range_that_is_none_or_beyond_floats_does_no_harm(limits):
    assert len(value_ticks(*limits, 4)) <= 17


@pytest.mark.parametrize("span_us", [700, 10_000_000, 47_000_000, 3_600_000_000, 30 * DAY])
def test_steady_ticks_are_those_made_anew_and_the_same_object_between_two_labels(span_us: int) -> None:
    steady, origin_us = SteadyTicks(), 1_790_000_123_456_789 - 5_000_000
    made = set()
    for frame in range(400):
        if frame == 200:
            origin_us += 1_000_000
        right_us = 1_790_000_123_456_789 + frame * span_us // 300
        ticks = steady.between(right_us - span_us, right_us, 400, origin_us)
        labels = time_ticks(right_us - span_us, right_us, 400)
        assert ticks == tuple((label, (at - origin_us) * 1e-6) for label, at in labels)
        made.add(id(ticks))
    assert len(made) < 40


def test_steady_ticks_follow_the_width_and_a_view_that_goes_back() -> None:
    steady = SteadyTicks()
    for right_us, width_px in (
        (1_790_000_123_456_789, 400),
        (1_790_000_123_456_789, 900),
        (1_790_000_123_456_789 - 60_000_000, 900),
        (1_790_000_123_456_789, 50),
    ):
        left_us = right_us - 10_000_000
        ticks = steady.between(left_us, right_us, width_px, 0)
        assert ticks == tuple((label, at * 1e-6) for label, at in time_ticks(left_us, right_us, width_px))
