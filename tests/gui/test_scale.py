"""Tests of lablink_dpg.gui.scale."""

from __future__ import annotations

import pytest

from lablink_dpg.gui import scale
from lablink_dpg.gui.scale import px
from tests.gui.scaled import scaled


@pytest.mark.parametrize(("size", "wanted"), [(1.0, 34), (1.5, 51), (2.0, 68), (0.75, 26)])
def test_a_size_is_scaled_to_whole_pixels(size: float, wanted: int) -> None:
    with scaled(size):
        assert px(34) == wanted


@pytest.mark.parametrize(("asked", "used"), [(0.1, scale.SMALLEST), (9.0, scale.LARGEST), (1.25, 1.25)])
def test_a_scale_out_of_bounds_is_the_nearest_that_can_be_used(asked: float, used: float) -> None:
    with scaled(asked):
        assert scale.current() == used
