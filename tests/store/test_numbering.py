"""Where samples without numbers belong: only where it is the only place possible."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.store.numbering import Bracket, Newest, end_of_hole, position_of


def stamps(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


@pytest.mark.parametrize(
    ("stored", "newest"),
    [
        ([[1, 2, 3]], Newest(3, 1, True)),
        ([[3]], Newest(3, 1, False)),
        ([[3, 3]], Newest(3, 2, False)),
        ([[2, 3, 3]], Newest(3, 2, True)),
        ([[2, 3], [3, 3]], Newest(3, 3, True)),
        ([[3, 3], [3]], Newest(3, 3, False)),
        ([[2], [3, 3]], Newest(3, 2, True)),
        ([[3, 2], [4], [5]], Newest(5, 1, True)),
    ],
)
def test_the_newest_sample_is_known_by_its_stamp_and_how_often_it_came(stored: list[list[int]], newest: Newest) -> None:
    out = Newest()
    for block in stored:
        out = out.followed_by(stamps(*block))
    assert out == newest


@pytest.mark.parametrize(
    ("newest", "window", "position"),
    [
        (Newest(), [1, 2], None),
        (Newest(3, 1, True), [1, 2, 3, 4], 2),
        (Newest(3, 1, True), [1, 2], None),
        (Newest(3, 1, True), [3, 4], None),  # another 3 may have been before the window
        (Newest(3, 2, True), [1, 3, 4], None),
        (Newest(3, 2, True), [1, 3, 3, 3, 4], 2),
        (Newest(3, 2, False), [1, 3, 3, 3, 4], None),  # which two of the three?
        (Newest(3, 2, False), [1, 3, 3, 4], 2),
        (Newest(3, 2, False), [1, 3, 3], None),  # more may follow
        (Newest(3, 1, True), [1, 3, 4, 60_000, 3, 6], None),  # a clock set back
        (Newest(3, 1, True), [1, 3, 60_000, 5, 6], 1),
        (Newest(3, 1, True), [2, 1, 3, 4], None),  # out of order
        (Newest(3, 1, True, is_sure=False), [1, 3, 4], None),
    ],
)
def test_a_position_is_certain_or_none(newest: Newest, window: list[int], position: int | None) -> None:
    assert position_of(newest, stamps(*window)) == position


@given(
    runs=st.lists(st.integers(1, 5), min_size=1, max_size=12),
    ends=st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)),
)
def test_a_position_is_never_wrong(runs: list[int], ends: tuple[int, int, int, int]) -> None:
    """Samples a..b are stored, c..d are in the window, stamps repeat at will."""
    times = np.repeat(np.arange(len(runs)), runs)
    n = times.shape[0]
    a, b = sorted(end % n for end in ends[:2])
    c, d = sorted(end % n for end in ends[2:])
    newest = Newest().followed_by(times[a : b + 1])
    position = position_of(newest, times[c : d + 1])
    assert position is None or c + position == b


@pytest.mark.parametrize(
    ("window", "before", "after", "missing", "end"),
    [
        ([1, 2, 3, 4, 5], 1, 4, 2, 3),
        ([2, 3, 4, 5], 1, 4, 2, 2),  # the left neighbour is no longer there: not needed
        ([3, 4, 5], 1, 4, 2, 1),
        ([4, 5], 1, 4, 2, 0),
        ([1, 2, 3], 1, 4, 2, None),
        ([1, 2, 4, 4], 1, 4, 1, None),  # which of the two?
        ([60_000, 1, 2, 4], 1, 4, 2, None),  # fewer between them than are missing
        ([60_000, 1, 2, 4], None, 4, 2, 3),  # a clock that was set back before
        ([9, 1, 2, 4], None, 4, 2, None),  # out of order: stamps may be another's
        ([2, 3, 4, 5], 1, None, 2, None),
    ],
)
def test_the_end_of_a_hole_is_certain_or_none(
    window: list[int], before: int | None, after: int | None, missing: int, end: int | None
) -> None:
    assert end_of_hole(stamps(*window), before, after, missing) == end


def test_bounds_narrow_and_newer_ones_win_a_contradiction() -> None:
    bracket = Bracket(0, 10)
    assert bracket.narrowed(3, 20) == Bracket(3, 10)
    assert bracket.narrowed(-5, 4).narrowed(4, 8) == Bracket(4, 4)
    assert bracket.narrowed(4, 4).is_exact
    assert Bracket(0, 3).narrowed(7, 9) == Bracket(7, 9)
