"""The grid as arithmetic: nothing overlaps, nothing visible is missed, everything fits that should."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui import layout
from tests.gui.scaled import scaled

sizes = st.tuples(st.integers(0, 300), st.integers(900, 4000), st.integers(400, 2200))


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4), (16, 4), (1000, 4)])
def test_columns_follow_the_number_of_streams(count: int, columns: int) -> None:
    assert layout.columns_for(count) == columns


@pytest.mark.parametrize(("width", "height"), [(1600, 1000), (1280, 720), (1920, 1080)])
def test_sixteen_streams_fit_without_scrolling(width: int, height: int) -> None:
    grid = layout.grid(16, width, height - layout.TOOLBAR_PX - layout.STATUS_PX)
    assert not grid.is_scrolling
    assert list(layout.visible(grid, 0.0)) == list(range(16))


def test_seventeen_streams_scroll_in_a_small_window() -> None:
    assert layout.grid(17, 1280, 630).is_scrolling


def test_without_streams_nothing_is_visible() -> None:
    assert layout.visible(layout.grid(0, 1600, 900), 0.0) == range(0)


@given(sizes)
def test_cells_do_not_overlap_and_stay_inside(size: tuple[int, int, int]) -> None:
    count, width, height = size
    grid = layout.grid(count, width, height)
    usable = width - (layout.SCROLLBAR_PX if grid.is_scrolling else 0)
    for index in range(min(count, 12)):
        cell = layout.cell(grid, index)
        assert cell.x + cell.width <= usable
        assert cell.y + cell.height <= grid.content_height
        below = layout.cell(grid, index + grid.columns)
        assert cell.y + cell.height < below.y
        if (index + 1) % grid.columns:
            assert cell.x + cell.width < layout.cell(grid, index + 1).x


@given(sizes, st.floats(0, 1))
def test_visible_rows_are_exactly_those_that_a_slow_look_at_every_cell_finds(
    size: tuple[int, int, int], share: float
) -> None:
    count, width, height = size
    grid = layout.grid(count, width, height)
    scroll = share * max(0, grid.content_height - grid.height)
    cells = layout.visible(grid, scroll)
    slow = {
        index
        for index in range(count)
        if layout.cell(grid, index).y < scroll + height
        and layout.cell(grid, index).y + layout.cell(grid, index).height > scroll
    }
    assert slow <= set(cells) or len(cells) == layout.MAX_VISIBLE_CELLS
    assert len(cells) <= layout.pool_size(grid)


def test_a_thousand_streams_need_no_more_cards_than_the_window_shows() -> None:
    grid = layout.grid(1000, 1600, 910)
    assert layout.pool_size(grid) <= 28
    assert max(len(layout.visible(grid, s)) for s in range(0, 3000, 7)) <= layout.pool_size(grid)


def test_the_card_under_a_point_is_found_while_scrolled() -> None:
    grid = layout.grid(200, 1600, 910)
    cell = layout.cell(grid, 101)
    scroll = 3000.0
    assert layout.cell_at(grid, scroll, cell.x + 5, cell.y + 5 - scroll) == (
        101 if 101 in layout.visible(grid, scroll) else None
    )
    scroll = cell.y - 100.0
    assert layout.cell_at(grid, scroll, cell.x + 5, 105) == 101
    assert layout.cell_at(grid, scroll, cell.x - layout.GAP_PX / 2, 105) is None


@pytest.mark.parametrize("width", [200, 250, 306, 340, 390, 500, 1580])
def test_columns_of_a_header_never_overlap_and_the_lost_count_is_always_there(width: int) -> None:
    columns = layout.header_columns(width)
    edges = [columns.name + columns.name_width, columns.state]
    edges += [x for x in (columns.rate, columns.latency) if x is not None]
    edges.append(columns.lost)
    assert edges == sorted(edges)
    assert columns.lost + layout.LOST_PX <= max(width, columns.lost + layout.LOST_PX if width < 210 else width)


@pytest.mark.parametrize("width", [200, 306, 390, 1580])
def test_the_header_of_a_value_gives_its_room_to_the_name_and_leaves_some_for_its_button(width: int) -> None:
    columns, others = layout.header_columns(width, is_value=True), layout.header_columns(width)
    assert columns.name_width >= others.name_width
    assert (columns.rate, columns.latency) == (None, None)
    assert columns.name + columns.name_width <= columns.state < columns.lost == width - 34


def test_at_the_default_size_a_card_says_everything() -> None:
    grid = layout.grid(16, 1600, 910)
    columns = layout.header_columns(grid.cell_width)
    assert columns.has_state_word
    assert columns.rate is not None
    assert columns.latency is not None


def test_the_plotting_area_lies_inside_its_card() -> None:
    item = layout.plot_item(390, 216)
    area = layout.plot_area(item, 14)
    assert item.x < area.x
    assert area.x + area.width < item.x + item.width <= 390
    assert area.y + area.height < item.y + item.height <= 216


def test_a_narrow_room_has_fewer_columns_rather_than_plots_that_cannot_be_read() -> None:
    for width in (420, 700, 1000, 1516, 3756):
        grid = layout.grid(16, width, 700)
        assert grid.columns == 1 or grid.cell_width >= layout.MIN_CELL_WIDTH_PX - layout.SCROLLBAR_PX
        assert grid.columns * (grid.cell_width + layout.GAP_PX) <= width
    assert layout.grid(16, 1096, 630).columns == 4, "the smallest window without docks"


SCALES = (0.75, 1.5, 2.0, 3.0)


@pytest.mark.parametrize("scale", SCALES)
@given(sizes)
def test_cells_keep_their_distance_at_every_scale(scale: float, size: tuple[int, int, int]) -> None:
    with scaled(scale):
        count, width, height = size
        grid = layout.grid(count, width, height)
        gap = round(layout.GAP_PX * scale)
        usable = width - (round(layout.SCROLLBAR_PX * scale) if grid.is_scrolling else 0)
        for index in range(min(count, 12)):
            cell = layout.cell(grid, index)
            assert cell.height >= round(layout.MIN_CELL_PX * scale)
            assert cell.x + cell.width <= usable
            assert layout.cell(grid, index + grid.columns).y - cell.y - cell.height == gap


@pytest.mark.parametrize("scale", SCALES)
def test_the_card_under_a_point_is_found_at_every_scale(scale: float) -> None:
    with scaled(scale):
        grid = layout.grid(40, 3840, 1980)
        cell = layout.cell(grid, 9)
        assert layout.cell_at(grid, 0.0, cell.x, cell.y) == 9
        assert layout.cell_at(grid, 0.0, cell.x + cell.width - 1, cell.y + cell.height - 1) == 9
        assert layout.cell_at(grid, 0.0, cell.x - 1, cell.y) is None


@pytest.mark.parametrize("scale", SCALES)
def test_the_plotting_area_lies_inside_its_card_at_every_scale(scale: float) -> None:
    with scaled(scale):
        width, height = round(390 * scale), round(216 * scale)
        item = layout.plot_item(width, height)
        area = layout.plot_area(item, round(14 * scale))
        assert item.x < area.x
        assert area.x + area.width < item.x + item.width <= width
        assert area.y + area.height < item.y + item.height <= height


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("width", [200, 250, 306, 390, 780, 1580])
def test_columns_of_a_header_never_overlap_at_every_scale(scale: float, width: int) -> None:
    with scaled(scale):
        columns = layout.header_columns(width)
        edges = [columns.name + columns.name_width, columns.state]
        edges += [x for x in (columns.rate, columns.latency) if x is not None]
        edges.append(columns.lost)
        assert edges == sorted(edges)
