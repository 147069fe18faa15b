"""Columns of a panel's list in the room that there is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui.panels.rows import Column, widths

COLUMNS = (Column("a", 80), Column("b", 100, 2.0), Column("c", 50), Column("d", 90, 1.0))


def test_what_is_left_over_goes_to_columns_with_a_weight() -> None:
    assert widths(COLUMNS, 350) == [80, 120, 50, 100]


def test_columns_at_the_right_give_way_and_leave_their_room_to_those_that_stay() -> None:
    assert widths(COLUMNS, 300) == [80, 170, 50, 0]
    assert widths(COLUMNS, 100) == [80, 0, 0, 0]


@given(st.integers(0, 4000))
def test_columns_never_take_more_than_there_is_but_for_the_first(width: int) -> None:
    found = widths(COLUMNS, width)
    assert sum(found) <= max(width, 80)
    assert found[0] >= 80
