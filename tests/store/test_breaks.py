"""Which breaks a picture of some samples needs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.store.breaks import Break, BreakKind, within


def made(sizes: list[tuple[int, int]]) -> tuple[Break, ...]:
    """Breaks of (samples before it, missing samples)."""
    at = 0
    out = []
    for gap, missing in sizes:
        at += gap
        out.append(Break(at, at + missing, BreakKind.LOST, None, 0))
        at += missing
    return tuple(out)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 5)), max_size=20), st.integers(0, 99), st.integers(0, 99))
def test_breaks_within_are_those_that_a_walk_over_all_finds(
    sizes: list[tuple[int, int]], start: int, stop: int
) -> None:
    breaks = made(sizes)
    assert within(breaks, start, stop) == tuple(item for item in breaks if item.stop > start and item.start < stop)


def test_a_break_at_the_first_sample_breaks_nothing_in_view() -> None:
    pause = Break(10, 10, BreakKind.PAUSE, 0, 0)
    assert within((pause,), 10, 20) == ()
    assert within((pause,), 9, 20) == (pause,)
    assert within((pause,), 0, 10) == ()


def test_a_break_knows_how_much_is_missing() -> None:
    assert Break(10, 25, BreakKind.LOST, 0, 0).missing == 15
    assert Break(10, 10, BreakKind.RESTART, None, 0).missing == 0
