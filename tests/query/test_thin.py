"""Tests of lablink_dpg.query.thin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.query.thin import POINTS_PER_PIXEL, thin


@given(st.integers(1, 3000), st.integers(1, 400), st.integers(0, 2**32 - 1))
def test_points_are_of_the_curve_in_order_and_few_and_no_extreme_is_lost(size: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = np.arange(size) * 0.5, rng.normal(size=size)
    y[rng.random(size) < 0.1] = np.nan
    got_x, got_y = thin(x, y, width)
    assert got_x.size == got_y.size <= POINTS_PER_PIXEL * width
    assert (np.diff(got_x) >= 0).all()
    np.testing.assert_array_equal(y[(got_x * 2).astype(int)], got_y)
    if not np.isnan(y).all():
        assert (np.nanmin(got_y), np.nanmax(got_y)) == (np.nanmin(y), np.nanmax(y))


def test_few_points_are_drawn_as_they_are() -> None:
    x, y = np.arange(10.0), np.arange(10.0)
    got_x, got_y = thin(x, y, 5)
    assert got_x is x
    assert got_y is y


@pytest.mark.parametrize("size", [0, 1])
def test_nothing_and_one_point_are_curves(size: int) -> None:
    x, y = thin(np.zeros(size), np.ones(size), 0)
    assert x.size == y.size == size
