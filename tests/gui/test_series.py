"""The door for samples: each array that would end the process is made harmless or refused before it gets there."""

from __future__ import annotations

import numpy as np
import pytest

from lablink_dpg.gui import series
from lablink_dpg.query.frame import GapMark


@pytest.mark.parametrize("dtype", ["i2", "u2", "?", "f2", ">f8", ">i4", "i8", "f8", "u1"])
def test_types_that_abort_the_library_become_float32(dtype: str) -> None:
    out = series.safe(np.ones(5).astype(dtype))
    assert out.dtype == np.float32
    assert out.dtype.isnative


def test_a_strided_view_becomes_contiguous() -> None:
    out = series.safe(np.arange(10, dtype=np.float32)[::2])
    assert out.flags.c_contiguous
    assert out.tolist() == [0, 2, 4, 6, 8]


def test_a_good_array_is_not_copied() -> None:
    good = np.arange(4, dtype=np.float32)
    assert series.safe(good) is good


@pytest.mark.parametrize("shape", [(2, 3), (1, 4), ()])
def test_other_than_one_dimension_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="one dimension"):
        series.safe(np.zeros(shape))


def test_empty_columns_are_nothing_to_draw() -> None:
    assert series.safe_columns([], []) is None
    assert not series.push(0, np.empty(0), np.empty(0))  # returns before the library is asked


def test_columns_of_different_lengths_are_refused_with_both_numbers() -> None:
    with pytest.raises(ValueError, match="3, 2"):
        series.safe_columns([1, 2, 3], [1, 2])


def test_an_absurd_number_of_points_is_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        series.safe(np.zeros(series.MAX_POINTS + 1, np.float32))


def test_nan_passes_because_it_breaks_the_line() -> None:
    assert np.isnan(series.safe([1.0, np.nan])[1])


def test_what_float32_cannot_hold_breaks_the_line_too() -> None:
    out = series.safe([1.0, 1e300, -1e39, np.inf, -np.inf, 9.9e37])
    assert np.isnan(out).tolist() == [False, True, True, True, True, False]


def test_the_caller_keeps_its_infinite_values() -> None:
    values = np.array([1.0, np.inf], np.float32)
    assert series.safe(values) is not values
    assert np.isinf(values[1])


def test_gaps_become_one_band_each_with_nothing_between_them() -> None:
    gaps = [GapMark(-8, -7, 10, "lost"), GapMark(-3, -2, 5, "lost")]
    columns = series.gap_columns(gaps, (-10.0, 0.0), -1.0, 1.0, 1000)
    assert columns is not None
    x, low, high = columns
    assert x.tolist() == [-8, -8, -7, -7, -3, -3, -2, -2]
    assert set(low) == {-1.0}
    assert high.tolist() == [-1, 1, 1, -1] * 2  # equal to low outside, so that nothing is shaded between


def test_a_gap_of_one_sample_is_still_seen() -> None:
    columns = series.gap_columns([GapMark(-5.0, -5.0 + 1e-6, 1, "lost")], (-10.0, 0.0), 0.0, 1.0, 1000)
    assert columns is not None
    assert np.ptp(columns[0]) == pytest.approx(series.MIN_GAP_PX * 10 / 1000, rel=1e-3)


def test_gaps_are_cut_at_the_window_and_those_outside_are_left_out() -> None:
    gaps = [GapMark(-30, -20, 1, "lost"), GapMark(-12, -9, 1, "lost")]
    columns = series.gap_columns(gaps, (-10.0, 0.0), 0.0, 1.0, 100)
    assert columns is not None
    assert columns[0].tolist() == [-10, -10, -9, -9]
    assert series.gap_columns(gaps[:1], (-10.0, 0.0), 0.0, 1.0, 100) is None


def test_the_number_of_bands_is_bounded_and_the_newest_stay() -> None:
    gaps = [GapMark(-9.0 + i * 0.01, -9.0 + i * 0.01 + 0.005, 1, "lost") for i in range(500)]
    columns = series.gap_columns(gaps, (-10.0, 0.0), 0.0, 1.0, 100_000)
    assert columns is not None
    assert columns[0].size == 4 * series.MAX_GAPS
    assert columns[0][-1] == np.float32(gaps[-1].right_s)
