"""Times that rise evenly answer as the array of them does."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.even import EvenTimes

FIRST = st.integers(-(10**17), 10**17)
STEP = st.integers(0, 10**9)


@given(FIRST, STEP, st.integers(1, 700), st.data())
def test_they_are_sliced_measured_moved_and_compared_as_an_array_of_them(
    first: int, step: int, n: int, data: st.DataObject
) -> None:
    even, array = EvenTimes(first, step, n), first + np.arange(n) * step
    start, stop = sorted(data.draw(st.tuples(st.integers(-n, n), st.integers(-n, n))))
    assert even.shape == array.shape
    assert even.tolist() == array.tolist()
    assert np.asarray(even).dtype == array.dtype
    np.testing.assert_array_equal(np.asarray(even[start:stop]), array[start:stop])
    np.testing.assert_array_equal(np.asarray(even[start:] + 17), array[start:] + 17)
    index = data.draw(st.integers(-n, n - 1))
    assert even.item(index) == array.item(index)
    np.testing.assert_array_equal(even == array.item(index), array == array.item(index))
    np.testing.assert_array_equal(even != array.item(index), array != array.item(index))
    np.testing.assert_array_equal(np.maximum(even, array.item(index)), np.maximum(array, array.item(index)))
