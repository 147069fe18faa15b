"""Widths of columns."""

from __future__ import annotations

from lablink_dpg.gui.panels.rows import Column, widths

COLUMNS = (Column("a", 100), Column("b", 100, 1.0), Column("c", 60), Column("d", 60, 1.0))


def test_what_is_left_over_goes_to_the_weights() -> None:
    assert widths(COLUMNS, 420) == [100, 150, 60, 110]


def test_columns_that_do_not_fit_are_cut_off_at_the_right_and_their_room_is_used() -> None:
    assert widths(COLUMNS, 270) == [100, 110, 60, 0]
    assert widths(COLUMNS, 210) == [100, 110, 0, 0]
    assert widths(COLUMNS, 420, {3}) == [100, 260, 60, 0]
    assert widths(COLUMNS, 420, {1}) == [100, 0, 60, 260]
    assert widths(COLUMNS, 50, {0})[1] > 0, "the first of those that are left"
    assert widths(COLUMNS, 50) == [100, 0, 0, 0], "the first is always there"
