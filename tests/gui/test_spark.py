"""Tests of lablink_dpg.gui.panels.spark, without a window."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui.panels.spark import LEAST_SPAN, limits


def test_what_stands_still_is_in_the_middle_and_its_noise_is_small() -> None:
    low, high = limits(np.array([12.0, 12.002])) or (0.0, 0.0)
    assert high - low >= 2 * 12 * LEAST_SPAN
    assert abs((low + high) / 2 - 12.001) < 1e-9
    low, high = limits(np.array([0.0, 0.0003]), 0.005) or (0.0, 0.0)
    assert high - low >= 0.01


def test_nothing_has_no_limits() -> None:
    assert limits(np.empty(0)) is None
    assert limits(np.array([math.nan, math.inf])) is None


@given(st.lists(st.floats(), min_size=1, max_size=8))
def test_limits_hold_all_values_or_there_are_none(values: list[float]) -> None:
    got = limits(np.array(values))
    if got is not None:
        low, high = got
        assert math.isfinite(low)
        assert math.isfinite(high)
        assert low < high
        assert all(low <= value <= high for value in values if math.isfinite(value))
