"""Tests of lablink_dpg.wire.waveform: answers as servers write them, and anything else that JSON can hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.waveform import Waveform
from lablink_dpg.wire import waveform
from lablink_dpg.wire.waveform import parse_waveform

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=8,
)
numbers = st.lists(st.none() | st.integers(-(10**320), 10**320) | st.floats(), max_size=6)


def parsed(body: Any) -> Waveform:
    answer = parse_waveform(body, "scope_1", 2)
    assert isinstance(answer, Waveform), answer
    return answer


def test_volts_and_times_are_those_of_the_server() -> None:
    got = parsed({"sample_rate": 1e9, "time_data": [0, 1e-9, 2e-9], "voltage_data": [1, None, -0.5]})
    assert (got.equipment_id, got.channel, got.sample_rate_hz, got.left_out) == ("scope_1", 2, 1e9, 0)
    assert got.time_s.tolist() == [0, 1e-9, 2e-9]
    np.testing.assert_array_equal(got.volts, [1, np.nan, -0.5])


def test_times_that_are_not_told_follow_from_the_rate() -> None:
    assert parsed({"sample_rate": 100, "voltage_data": [1.0, 2.0]}).time_s.tolist() == [0, 0.01]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (None, "no waveform"),
        ({}, "no voltages"),
        ({"voltage_data": []}, "no voltages"),
        ({"voltage_data": [1.0]}, "neither times nor a sample rate"),
        ({"voltage_data": [1.0], "sample_rate": -1}, "neither times nor a sample rate"),
        ({"voltage_data": [True], "sample_rate": 1}, "not all numbers"),
        ({"voltage_data": ["1"], "sample_rate": 1}, "not all numbers"),
        ({"voltage_data": [10**400], "sample_rate": 1}, "not all numbers"),
        ({"voltage_data": [1, 2], "time_data": [1]}, "2 voltages and 1 times"),
        ({"voltage_data": [1, 2], "time_data": [1, 0]}, "do not ascend"),
        ({"voltage_data": [1, 2], "time_data": [1, None]}, "do not ascend"),
    ],
)
def test_what_is_none_is_told_why(body: Any, why: str) -> None:
    answer = parse_waveform(body, "x", 1)
    assert isinstance(answer, str)
    assert why in answer


def test_a_long_one_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waveform, "MAX_POINTS", 3)
    got = parsed({"voltage_data": [1, 2, 3, 4, 5], "time_data": [1, 2, 3, 4, 5]})
    assert (got.volts.size, got.time_s.size, got.left_out) == (3, 3, 2)


@given(
    json_values
    | st.fixed_dictionaries(
        {"voltage_data": numbers | json_values},
        optional={"time_data": numbers | json_values, "sample_rate": json_values | st.integers()},
    )
)
def test_whatever_comes_nothing_is_raised_and_arrays_fit(body: Any) -> None:
    got = parse_waveform(body, "x", 1)
    if isinstance(got, Waveform):
        assert got.volts.shape == got.time_s.shape == (got.volts.size,)
        assert got.volts.size
        assert got.volts.dtype == got.time_s.dtype == np.float64
        assert np.isfinite(got.time_s).all()
    else:
        assert got
