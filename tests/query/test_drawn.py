"""Numbers as they are drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lablink_dpg.query.drawn import LARGEST, break_at_infinity, drawn, wider


@pytest.mark.parametrize("value", [math.inf, -math.inf, 1e39, -1e39, math.nan])
def test_what_float32_cannot_say_breaks_the_line(value: float) -> None:
    assert math.isnan(drawn(value))
    with np.errstate(over="ignore"):
        values = np.array([1.0, value, -2.0]).astype(np.float32)
    break_at_infinity(values)
    np.testing.assert_array_equal(values, [1.0, math.nan, -2.0])


@pytest.mark.parametrize("value", [0.0, -1.5, LARGEST, -LARGEST])
def test_what_it_can_say_stays(value: float) -> None:
    assert drawn(value) == value


def test_nan_counts_only_against_nan() -> None:
    nan = math.nan
    assert wider(-1.0, 1.0, -2.0, 0.5) == (-2.0, 1.0)
    assert wider(nan, nan, -2.0, 0.5) == (-2.0, 0.5)
    assert wider(-1.0, 1.0, nan, nan) == (-1.0, 1.0)
    assert all(math.isnan(each) for each in wider(nan, nan, nan, nan))
