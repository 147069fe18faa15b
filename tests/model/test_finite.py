"""No infinity is overlooked, whatever stands beside it, and only infinities become NaN."""

from __future__ import annotations

import numpy as np
import pytest

from lablink_dpg.model.finite import FEW, may_be_infinite, without_infinities

SHAPES = [(1,), (FEW,), (FEW + 1,), (2, 3), (2, FEW), (2, 3, 4), (2, 3, FEW)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["<f2", ">f4", "<f8", ">f8"])
@pytest.mark.parametrize("infinite", [[np.inf], [-np.inf], [np.inf, -np.inf], [np.inf, np.nan]])
def test_infinities_are_found_and_become_nan(shape: tuple[int, ...], dtype: str, infinite: list[float]) -> None:
    values = np.random.default_rng(len(shape)).normal(size=shape).astype(dtype)
    expected = values.copy()
    for at, value in zip((0, -1), infinite, strict=False):
        values.flat[at] = value
        expected.flat[at] = np.nan
    if not np.isinf(values).any():  # NaN took the place of the only one
        values.flat[0], expected.flat[0] = np.inf, np.nan
    assert may_be_infinite(values)
    assert without_infinities(values)
    np.testing.assert_array_equal(values, expected)


@pytest.mark.parametrize("shape", SHAPES)
def test_of_finite_values_nothing_is_changed(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(1).normal(size=shape)
    before = values.copy()
    assert not may_be_infinite(values)
    assert not without_infinities(values)
    np.testing.assert_array_equal(values, before)
