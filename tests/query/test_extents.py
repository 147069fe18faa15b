"""Extremes of what is in view: never too narrow, too wide only for a while."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lablink_dpg.query.columns import Columns
from lablink_dpg.query.extents import FEW_COLUMNS, PHASES, SHARE, Extents


def columns_of(*values: float) -> Columns:
    low = np.array([values])
    return Columns(np.arange(len(values)), np.arange(len(values)), low, low + 1.0, ends_in_break=False)


def test_without_samples_there_are_none():
    extents = Extents("a")
    extents.clear(2, 0)
    assert (extents.lows, extents.highs) == ([math.inf] * 2, [-math.inf] * 2)


def test_what_comes_widens_them_and_what_cannot_be_drawn_does_not():
    extents = Extents("a")
    extents.clear(1, 0)
    extents.widen(columns_of(2.0, math.nan, -3.0))
    extents.widen(columns_of(math.inf, -math.inf))
    assert (extents.lows, extents.highs) == ([-3.0], [3.0])


def test_many_columns_at_once_are_left_to_the_next_measurement():
    extents = Extents("a")
    extents.clear(1, 0)
    extents.widen(columns_of(*range(FEW_COLUMNS + 1)))
    assert extents.are_stale(0, 1000)
    extents.measure(np.arange(FEW_COLUMNS + 1.0).reshape(1, -1), 0)
    assert (extents.lows, extents.highs) == ([0.0], [float(FEW_COLUMNS)])
    assert not extents.are_stale(0, 1000)


def test_a_measurement_leaves_out_overloads_and_missing_samples():
    extents = Extents("a")
    extents.measure(np.array([[1.0, math.nan, math.inf, 4.0], [math.nan, -math.inf, math.nan, math.nan]]), 0)
    assert extents.lows == [1.0, math.inf]
    assert extents.highs == [4.0, -math.inf]


@pytest.mark.parametrize("name", ["a", "b", "stream 7"])
def test_they_are_stale_before_a_quarter_of_the_window_has_left(name):
    extents = Extents(name)
    extents.clear(1, 0)
    assert not extents.are_stale(1000 // SHARE, 1000 + 1000 // SHARE)
    assert extents.are_stale(250, 1250)


def test_streams_that_began_together_are_measured_in_different_frames():
    ages = set()
    for number in range(4 * PHASES):
        extents = Extents(f"stream {number}")
        extents.clear(1, 0)
        assert extents.are_stale(250, 1250)  # the first time together, from then on in turns
        extents.measure(np.zeros((1, 1)), 250)
        ages.add(next(step for step in range(1000) if extents.are_stale(250 + step, 1250 + step)))
    assert len(ages) > PHASES // 2
    assert max(ages) <= 250
