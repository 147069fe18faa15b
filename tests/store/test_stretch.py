"""A stretch is a line of whole microseconds: whichever way it is asked, the answer is that of plain integers."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.store.fitting import MAX_NUM
from lablink_dpg.store.stretch import MAX_CHUNK, Stretch, ramp_of

LINES = st.builds(
    Stretch,
    st.integers(0, 10**9),
    st.integers(0, 10**17),
    st.integers(0, MAX_NUM),
    st.sampled_from([1, 3, 441, MAX_CHUNK, MAX_CHUNK + 1, 1 << 26]),
).filter(lambda line: np.gcd(line.num, line.den) == 1)


@given(LINES, st.integers(0, 5000), st.integers(1, 6000), st.integers(1, 700))
def test_many_times_are_those_of_the_samples_one_by_one(line: Stretch, after: int, n: int, step: int) -> None:
    start = line.first + after
    wanted = [(line.base + (index - line.first) * line.num) // line.den for index in range(start, start + n, step)]
    assert line.times(start, start + n, step).tolist() == wanted
    assert [line.at(index) for index in range(start, start + n, step)] == wanted


@given(LINES, st.integers(0, 500), st.integers(1, 300), st.integers(-2, 302), st.integers(-2, 2))
def test_a_search_is_a_bisection(line: Stretch, after: int, n: int, place: int, off_us: int) -> None:
    start = line.first + after
    times = [line.at(index) for index in range(start, start + n)]
    time_us = line.at(start + place) + off_us
    assert line.search(time_us, start, start + n) == start + bisect_left(times, time_us)


@given(LINES, st.integers(1, 300), st.lists(st.tuples(st.integers(0, 299), st.integers(-1, 2)), max_size=3))
def test_a_line_covers_stamps_up_to_the_first_that_is_not_on_it(
    line: Stretch, n: int, errors: list[tuple[int, int]]
) -> None:
    stamps = line.times(line.first, line.first + n)
    for place, error_us in errors:
        stamps[place % n] = line.at(line.first + place % n) + error_us
    late = [stamp - line.at(line.first + i) for i, stamp in enumerate(stamps.tolist())]
    exactly = next((i for i, each in enumerate(late) if each), n)
    nearly = next((i for i, each in enumerate(late) if each not in (0, 1)), n)
    assert line.covers(stamps, line.first, is_exact=True) == exactly
    assert line.covers(stamps, line.first, is_exact=False) == nearly


def test_the_same_line_found_by_a_later_sample_gives_the_same_times() -> None:
    line = Stretch(10, 1_000_000, 1000, 3)
    assert line.from_(17).first == 17
    assert line.from_(17).times(17, 99).tolist() == line.times(17, 99).tolist()


def test_a_line_that_others_use_too_cannot_be_written() -> None:
    ramp, _ = ramp_of(1000, 3)
    with pytest.raises(ValueError, match="read-only"):
        ramp[0] = 1
