"""The value axis shows all data, and moves only when there is a reason."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.query.fit import LARGEST, SHRINK_BELOW, fit
from lablink_dpg.query.view import YRange

VALUES = st.floats(-1e36, 1e36) | st.floats(-10, 10) | st.sampled_from([0.0, 1e-15, -1e-15, 5.0, 5.000001])
RANGES = st.none() | st.builds(lambda low, height: YRange(low, low + abs(height) + 1e-3), VALUES, VALUES)


@given(VALUES, VALUES, RANGES)
def test_data_are_never_cut(one, other, previous):
    low, high = min(one, other), max(one, other)
    limits = fit(previous, low, high)
    assert limits.low <= low
    assert high <= limits.high
    assert limits.low < limits.high


@given(VALUES, VALUES, RANGES)
def test_the_same_data_again_leave_the_axis_where_it_is(one, other, previous):
    low, high = min(one, other), max(one, other)
    limits = fit(previous, low, high)
    assert fit(limits, low, high) == limits


@given(st.floats(-1e6, 1e6), st.floats(-6, 6).map(lambda power: 10.0**power))
def test_data_fill_most_of_a_new_axis(low, height):
    limits = fit(None, low, low + height)
    assert height >= 0.6 * (limits.high - limits.low) or height <= 1e-9 * abs(low)


def test_noise_does_not_make_the_axis_tremble():
    rng = np.random.default_rng(1)
    limits, changes = None, 0
    for _ in range(2000):
        noise = rng.normal(size=1000)
        new = fit(limits, float(noise.min()), float(noise.max()))
        changes += new != limits
        limits = new
    assert changes <= 6  # each a new record


def test_it_grows_at_once_and_shrinks_only_when_the_data_fill_less_than_half():
    limits = fit(None, -1.0, 1.0)
    assert fit(limits, -1.0, 1.0 + 1e-3) == limits
    assert fit(limits, -5.0, 1.0).low <= -5.0
    height = limits.high - limits.low
    assert fit(limits, 0.0, (SHRINK_BELOW + 0.01) * height / 1.0 - 0.1) in (limits, fit(None, 0.0, 0.51 * height - 0.1))
    assert fit(limits, -0.26 * height, 0.25 * height) == limits
    assert fit(limits, -0.1, 0.1) == fit(None, -0.1, 0.1)


@pytest.mark.parametrize("value", [0.0, 5.0, -5.0, 1e-15, -1e-12, 1e36, 4.999999999])
def test_a_constant_is_in_the_middle_of_an_axis(value):
    limits = fit(None, value, value)
    assert limits.low < value < limits.high
    assert (limits.low + limits.high) / 2 == pytest.approx(value)
    assert math.isfinite(limits.high - limits.low)


def test_an_axis_without_height_set_by_hand_does_not_stay():
    assert fit(YRange(5.0, 5.0), 5.0, 5.0) == fit(None, 5.0, 5.0)


def test_a_signal_that_becomes_constant_does_not_keep_an_axis_of_another_size():
    assert fit(YRange(-1000.0, 1000.0), 5.0, 5.0) == fit(None, 5.0, 5.0)


@pytest.mark.parametrize("height", [3e-15, 1e-18, 1e-25])
def test_femto_and_less_is_a_signal(height):
    limits = fit(None, 0.0, height)
    assert limits.high - limits.low < 2 * height


@pytest.mark.parametrize("data", [(math.nan, math.nan), (math.inf, -math.inf), (-math.inf, math.inf)])
def test_without_data_the_axis_stays_or_is_a_plain_one(data):
    assert fit(None, *data) == YRange(-1.0, 1.0)
    assert fit(YRange(2.0, 3.0), *data) == YRange(2.0, 3.0)


@pytest.mark.parametrize("data", [(-1.7e308, 1.7e308), (0.0, 1e300), (-1e38, 0.0)])
def test_values_beyond_what_can_be_drawn_leave_an_axis_that_can(data):
    limits = fit(None, *data)
    assert np.isfinite(np.float32(limits.low))
    assert np.isfinite(np.float32(limits.high))
    assert limits.high - limits.low >= LARGEST


def test_a_microvolt_on_five_volts_fills_the_axis():
    limits = fit(None, 5.0 - 0.5e-6, 5.0 + 0.5e-6)
    assert limits.high - limits.low < 2e-6
