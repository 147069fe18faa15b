"""How many columns a pixel plots are asked for."""

from __future__ import annotations

import pytest

from lablink_dpg.gui.density import MOST, POINTS, POINTS_A_COLUMN, Density


@pytest.mark.parametrize(("lines", "width_px", "columns"), [(1, 1400, 4), (16, 380, 4), (32, 380, 2), (64, 292, 1)])
def test_few_lines_get_more_columns_a_pixel(lines: int, width_px: int, columns: int) -> None:
    assert Density().columns_per_px(lines, width_px) == columns


def test_more_than_one_a_pixel_never_cost_more_points_than_there_may_be() -> None:
    density = Density()
    for lines in (*range(1, 200), *range(200, 0, -1), 3, 150, 2, 90):
        columns = density.columns_per_px(lines, 380)
        assert columns in (1, 2, MOST)
        assert columns == 1 or columns * lines * 380 * POINTS_A_COLUMN <= POINTS


def test_a_row_that_scrolls_in_and_out_again_changes_them_once_at_most() -> None:
    for rows in range(1, 24):
        density = Density()
        density.columns_per_px(4 * rows, 292)
        seen = [density.columns_per_px(4 * (rows + step % 2), 292) for step in range(1, 20)]
        assert len(set(seen)) == 1


def test_no_line_and_no_width_are_no_trouble() -> None:
    assert Density().columns_per_px(0, 0) == MOST
