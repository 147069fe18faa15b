"""Sample lists with everything in them that is no sample."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.wire.plain import BareToken
from lablink_dpg.wire.reasons import Reason, Refused, in_order
from lablink_dpg.wire.samples import samples_of, samples_of_window
from tests.support.wire_messages import finite, stamps


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (BareToken("NaN"), Reason.NAN_TOKEN),
        (BareToken("-Infinity"), Reason.NAN_TOKEN),
        (None, Reason.NULL_SAMPLE),
        ("1.5", Reason.TEXT_SAMPLE),
        (True, Reason.NOT_A_NUMBER),
        (False, Reason.NOT_A_NUMBER),
        ([1.5], Reason.NOT_A_NUMBER),
        ({}, Reason.NOT_A_NUMBER),
        (math.inf, Reason.NOT_FINITE),
        (10**400, Reason.NOT_FINITE),
    ],
)
def test_what_is_no_finite_number_becomes_nan_and_is_named(value: object, reason: Reason) -> None:
    problems: set[Reason] = set()
    array = samples_of([1.0, value, -2, value], problems)
    assert problems == {reason}
    assert array[[0, 2]].tolist() == [1.0, -2.0]
    assert np.isnan(array[[1, 3]]).all()


@given(st.lists(finite | st.integers(-(2**70), 2**70)))
def test_numbers_are_taken_as_python_takes_them(values: list[float]) -> None:
    problems: set[Reason] = set()
    assert samples_of(values, problems).tolist() == [float(value) for value in values]
    assert not problems


def test_only_the_new_end_is_judged() -> None:
    samples = samples_of_window(["?", "?", *stamps(2)], {"A": [None, "x", 3.0, 4.0]}, 2)
    assert samples.values.tolist() == [[3.0, 4.0]]
    assert not samples.problems


def test_a_channel_of_another_length_is_left_out_and_the_good_ones_stay() -> None:
    samples = samples_of_window(stamps(3), {"A": [1.0, 2.0], "B": [4.0, 5.0, 6.0], "C": "x", "D": [1.0] * 4}, 2)
    assert samples.channels == ("B",)
    assert samples.values.tolist() == [[5.0, 6.0]]
    assert in_order(set(samples.problems)) == ("wrong_type", "unequal_lengths")


@pytest.mark.parametrize("by_channel", [{}, {"A": [1.0]}, {"A": None, "B": []}])
def test_a_window_without_any_usable_channel_is_refused(by_channel: dict[str, object]) -> None:
    with pytest.raises(Refused) as caught:
        samples_of_window(stamps(2), by_channel, 1)
    assert caught.value.reason is Reason.NO_SAMPLES_USABLE
    assert caught.value.detail.startswith("values ")


@pytest.mark.parametrize("text", [None, 5, "yesterday", "2026-02-30T00:00:00"])
def test_an_unreadable_new_timestamp_refuses_the_window(text: object) -> None:
    with pytest.raises(Refused, match="timestamps: new sample 1 ") as caught:
        samples_of_window([*stamps(2), text], {"A": [1.0, 2.0, 3.0]}, 2)
    assert caught.value.reason is Reason.BAD_TIMESTAMPS
