"""Pieces of spans: joined they are the samples asked for, whatever was asked for before, and old ones are forgotten."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.sim.bench import channel_specs
from lablink_dpg.sim.sample_arrays import SPAN, SampleArrays
from lablink_dpg.sim.signals import expected

CHANNELS = ("CH1", "CH2")
SPECS = channel_specs(CHANNELS, 0, 1, 1000.0)
WINDOWS = st.lists(st.tuples(st.integers(0, 3 * SPAN), st.integers(1, 2 * SPAN)), min_size=1, max_size=5)


@given(WINDOWS)
def test_pieces_joined_are_the_samples(windows: list[tuple[int, int]]) -> None:
    arrays = SampleArrays(CHANNELS, SPECS)
    for first, count in windows:
        for name, pieces in arrays.pieces(first, first + count).items():
            np.testing.assert_array_equal(
                np.concatenate(pieces), expected(SPECS[name], np.arange(first, first + count))
            )


def test_what_lies_before_a_window_is_forgotten() -> None:
    arrays = SampleArrays(CHANNELS, SPECS)
    for first in range(0, 20 * SPAN, SPAN // 3):
        arrays.pieces(first, first + 10)
        assert len(arrays._spans) <= 2
