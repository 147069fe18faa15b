"""Columns of marks are what the library takes, and the mouse means what is nearest to it."""

from __future__ import annotations

import numpy as np
import pytest

from lablink_dpg.gui import mark_columns, series
from lablink_dpg.model.alarm import Severity
from lablink_dpg.query.frame import AlarmMark, PlotFrame, ThresholdLine
from tests.support.marked import alarm

WIDTH_PX, HEIGHT_PX = 1000, 200


def mark(number: int, at_s: float, until_s: float | None = None) -> AlarmMark:
    cleared_us = None if until_s is None else round(until_s * 1e6)
    return AlarmMark(alarm(number, round(at_s * 1e6), cleared_us), at_s, until_s)


def plot(*marks: AlarmMark, thresholds: tuple[ThresholdLine, ...] = ()) -> PlotFrame:
    return PlotFrame("p", 0, 0.0, (0.0, 10.0), (-1.0, 1.0), (), (), (), (), marks, thresholds)


def limit(at: float) -> ThresholdLine:
    return ThresholdLine(at, at, Severity.ERROR, "limit", False)


def found(frame: PlotFrame, x_s: float, y: float) -> object:
    return mark_columns.pointed_at(frame, x_s / 10.0, (1.0 - y) / 2.0, WIDTH_PX, HEIGHT_PX)


def test_lines_where_alarms_rise_break_between_them() -> None:
    x, y = mark_columns.rises([mark(1, 2.0), mark(2, 3.0)], -1.0, 1.0, is_crowded=False)
    assert x.tolist() == pytest.approx([2, 2, np.nan, 3, 3, np.nan], nan_ok=True)
    assert y.tolist() == pytest.approx([-1, 1, np.nan, -1, 1, np.nan], nan_ok=True)


def test_a_crowd_is_low_so_that_the_signal_is_seen() -> None:
    _, y = mark_columns.rises([mark(1, 2.0)], -1.0, 1.0, is_crowded=True)
    assert y[1] == pytest.approx(-1.0 + 2.0 * mark_columns.CROWD_SHARE)


def test_a_strip_lasts_as_long_as_its_alarm_and_an_open_one_beyond_the_view() -> None:
    x, y = mark_columns.strips([mark(1, 2.0, 4.5), mark(2, 3.0)], -1.0, 10.0)
    assert x[:2].tolist() == [2.0, 4.5]
    assert np.isnan(x[2])
    assert np.isnan(y[2])
    assert x[3] == 3.0
    assert x[4] > 10.0 * 64
    assert set(y[[0, 1, 3, 4]].tolist()) == {-1.0}


def test_no_marks_are_no_columns() -> None:
    assert series.safe_columns(*mark_columns.strips([], -1.0, 10.0)) is None
    assert series.safe_columns(*mark_columns.rises([], -1.0, 1.0, is_crowded=False)) is None


def test_the_mouse_on_a_line_means_its_alarm() -> None:
    first, second = mark(1, 2.0, 2.5), mark(2, 5.0)
    frame = plot(first, second, thresholds=(limit(0.5),))
    assert found(frame, 2.03, 0.0) is first
    assert found(frame, 4.95, 0.5) is second, "an alarm before a threshold"
    assert found(frame, 3.0, 0.0) is None


def test_of_two_lines_the_nearer_is_meant_and_of_two_alike_the_newer() -> None:
    first, second, third = mark(1, 2.0), mark(2, 2.04), mark(3, 2.04)
    assert found(plot(first, second, third), 2.01, 0.0) is first
    assert found(plot(first, second, third), 2.05, 0.0) is third


def test_the_mouse_on_the_strip_means_the_newest_alarm_of_that_time() -> None:
    first, second = mark(1, -5.0), mark(2, 2.0, 4.0)
    frame = plot(first, second)
    assert found(frame, 3.0, -0.99) is second
    assert found(frame, 6.0, -0.99) is first, "open, and risen before the view"
    assert found(frame, 6.0, -0.5) is None


def test_the_mouse_on_a_threshold_means_the_nearest() -> None:
    low, high = limit(0.50), limit(0.52)
    frame = plot(thresholds=(low, high))
    assert found(frame, 6.0, 0.505) is low
    assert found(frame, 6.0, 0.53) is high
    assert found(frame, 6.0, 0.9) is None


def test_a_plot_of_no_size_has_nothing_under_the_mouse_that_could_raise() -> None:
    assert mark_columns.pointed_at(plot(mark(1, 2.0)), 0.5, 0.5, 0, 0) is not None
