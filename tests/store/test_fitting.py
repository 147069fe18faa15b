"""Lines are found where servers count samples evenly, and nowhere else; a time is a stamp, or 1 µs before it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.acquisition import Int64Array
from lablink_dpg.store.fitting import LEAST_US, MAX_PIECES, MIN_STRETCH, Pieces, divide, simplest

START_US = 1_790_000_000_000_000
RATES = [1, 7, 50, 97, 333, 1000, 3000, 4096, 44_100, 48_000, 51_200, 65_536, 1_000_000, 3_000_000]


def even(n: int, rate_hz: int, start_us: int = START_US) -> Int64Array:
    """Whole microseconds, rounded down, as exact as can be."""
    return start_us + np.arange(n) * 10**6 // rate_hz


def times_of(pieces: Pieces, index: int, n: int) -> Int64Array:
    firsts = [index, *(piece.first for piece in pieces[1:]), index + n]
    return np.concatenate([piece.times(*span) for piece, span in zip(pieces, pairwise(firsts), strict=True)])


def nothing(_index: int) -> None:
    return None


@pytest.mark.parametrize("rate_hz", RATES)
def test_the_stamps_of_any_usual_rate_are_one_line_exactly(rate_hz: int) -> None:
    stamps = even(512, rate_hz)
    pieces = divide(stamps, 7, nothing, LEAST_US)
    assert pieces is not None
    assert len(pieces) == 1
    assert pieces[0].times(7, 519).tolist() == stamps.tolist()


@given(
    st.floats(0.1, 2e6),
    st.sampled_from([np.floor, np.rint, np.ceil]),
    st.integers(-(10**15), 10**17),
    st.integers(1, 1500),
    st.booleans(),
)
def test_a_time_is_the_stamp_or_a_microsecond_before_it_and_never_falls(
    rate_hz: float, rounded: Callable[[Int64Array], Int64Array], start_us: int, n: int, is_big: bool
) -> None:
    """Big: counted in floats of the size of Unix time, which are quarters of a microsecond."""
    exact = np.arange(n) * (1e6 / rate_hz)
    stamps = rounded(start_us + exact).astype(np.int64) if is_big else start_us + rounded(exact).astype(np.int64)
    pieces = divide(stamps, 100, nothing, LEAST_US)
    if pieces is not None:
        times = times_of(pieces, 100, n)
        assert set((stamps - times).tolist()) <= {0, 1}
        assert np.all(np.diff(times) >= 0)


@given(st.sampled_from(RATES), st.integers(0, 511), st.integers(1, 10**9))
def test_a_pause_divides_a_line_in_two(rate_hz: int, place: int, pause_us: int) -> None:
    stamps = even(512, rate_hz)
    stamps[place:] += pause_us
    pieces = divide(stamps, 0, nothing, LEAST_US)
    if pieces is not None:
        assert set((stamps - times_of(pieces, 0, 512)).tolist()) <= {0, 1}
    is_seen = pause_us > 2 + 2 * 10**6 / rate_hz  # else one line may do for both, to a microsecond
    if MIN_STRETCH <= place <= 512 - MIN_STRETCH and is_seen:
        assert pieces is not None
        assert len(pieces) == 2


@pytest.mark.parametrize("spread_us", [4, 50, 100_000])
def test_stamps_that_are_read_from_a_clock_are_no_line(spread_us: int) -> None:
    random = np.random.default_rng(spread_us)
    for _ in range(50):
        stamps = np.maximum.accumulate(even(512, 1000) + random.integers(0, spread_us + 1, 512))
        assert divide(stamps, 0, nothing, LEAST_US) is None


def test_many_pieces_are_no_uniform_timebase() -> None:
    for count in (MAX_PIECES, MAX_PIECES + 1):
        stamps = np.concatenate([even(100, 1000, START_US + i * 10**7) for i in range(count)])
        pieces = divide(stamps, 0, nothing, LEAST_US)
        assert (pieces is not None) == (count == MAX_PIECES)


def test_a_time_is_never_before_those_that_were_stored() -> None:
    """Stamps that are no exact line would be 1 µs early, and one of those before was not."""
    stamps = START_US + np.rint(np.arange(512) * (10**6 / 48_000)).astype(np.int64)
    pieces = divide(stamps, 0, nothing, LEAST_US)
    assert pieces is not None
    assert pieces[0].at(0) == START_US - 1
    pieces = divide(stamps, 0, nothing, START_US)
    assert pieces is None or pieces[0].at(0) == START_US


@pytest.mark.parametrize("stamps", [[0, 2**62], [0, 1, 2**61], [-(2**62), 0, 2**62], [0] * 5, [0, 2**40] * 1])
def test_stamps_of_a_broken_clock_raise_nothing(stamps: list[int]) -> None:
    pieces = divide(np.array(stamps), 0, nothing, LEAST_US)
    assert pieces is None or set((np.array(stamps) - times_of(pieces, 0, len(stamps))).tolist()) <= {0, 1}


@given(st.fractions(0, 100, max_denominator=60), st.fractions(0, 100, max_denominator=60))
def test_the_simplest_fraction_is_that_of_the_least_denominator(one: Fraction, other: Fraction) -> None:
    low, high = sorted((one, other))
    if low == high:
        return
    num, den = simplest(*low.as_integer_ratio(), *high.as_integer_ratio())
    assert low < Fraction(num, den) < high
    assert not any(
        low < Fraction(top, below) < high
        for below in range(1, den)
        for top in range(int(low * below), int(high * below) + 2)
    )
