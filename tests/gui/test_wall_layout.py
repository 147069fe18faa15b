"""The wall as arithmetic: all streams are there once, nothing overlaps, a point finds the lane that is drawn there."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui import layout, wall_layout
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.wall_layout import Wall
from tests.gui.scaled import scaled

sizes = st.tuples(st.integers(0, 5000), st.integers(400, 4000), st.integers(300, 2200))
scales = st.sampled_from((0.75, 1.0, 1.5, 3.0))
WINDOWS = ((1600, 1000), (1920, 1080), (1280, 720))


def centre(width: int, height: int) -> tuple[int, int]:
    return width - layout.RAIL_PX, height - layout.TOOLBAR_PX - layout.STATUS_PX


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("count", [1, 16, 64, 200, 500])
def test_streams_fit_a_page_in_lanes_that_are_wide_rather_than_tall(window: tuple[int, int], count: int) -> None:
    shape = wall_layout.wall(count, *centre(*window))
    assert shape.pages == 1
    assert list(shape.shown) == list(range(count))
    assert shape.lane_height >= wall_layout.MIN_LANE_PX
    assert shape.column_width / shape.lane_height > 1.5
    if count > 8:
        assert shape.column_width / shape.lane_height > wall_layout.ASPECT / 2


@pytest.mark.parametrize("window", WINDOWS[:2])
def test_a_thousand_streams_are_on_one_page(window: tuple[int, int]) -> None:
    shape = wall_layout.wall(1000, *centre(*window))
    assert shape.pages == 1
    assert shape.plot_width >= 80


@given(sizes, scales, st.integers(-2, 9))
def test_pages_have_every_stream_once(size: tuple[int, int, int], scale: float, asked: int) -> None:
    count, width, height = size
    with scaled(scale):
        shape = wall_layout.wall(count, width, height, asked)
        assert shape.page_size <= wall_layout.MAX_LANES
        assert 0 <= shape.page < shape.pages
        pages = [wall_layout.wall(count, width, height, page) for page in range(shape.pages)]
    assert [at for page in pages for at in page.shown] == list(range(count))
    assert shape == pages[max(0, min(asked, shape.pages - 1))]


@given(sizes, scales)
def test_lanes_do_not_overlap_and_stay_inside(size: tuple[int, int, int], scale: float) -> None:
    count, width, height = size
    with scaled(scale):
        shape = wall_layout.wall(count, width, height)
        for position in range(len(shape.shown)):
            lane = wall_layout.lane(shape, position)
            assert lane.height > 0
            assert lane.x >= 0
            if shape.columns > 1:
                assert lane.x + lane.width <= width
            assert lane.y + lane.height <= height - px(wall_layout.AXIS_PX) + 1
            below, beside = position + 1, position + shape.rows
            if below % shape.rows and below < len(shape.shown):
                assert wall_layout.lane(shape, below).y == lane.y + lane.height, "lanes meet"
            if beside < len(shape.shown):
                assert wall_layout.lane(shape, beside).x >= lane.x + lane.width + px(wall_layout.COLUMN_GAP_PX)
            plot = wall_layout.lane_plot(shape, position)
            assert plot.x >= lane.x + px(wall_layout.STATE_PX) + shape.name_width
            assert plot.x + plot.width <= lane.x + max(lane.width, shape.plot_left + 1)


@given(sizes, st.floats(0, 1), st.floats(0, 1))
def test_a_point_finds_the_lane_that_a_look_at_all_of_them_finds(
    size: tuple[int, int, int], share_x: float, share_y: float
) -> None:
    count, width, height = size
    shape = wall_layout.wall(count, width, height)
    x, y = share_x * width, share_y * height
    slow = [at for at in range(len(shape.shown)) if wall_layout.lane(shape, at).holds(x, y)]
    assert wall_layout.position_at(shape, x, y) == (slow[0] if slow else None)


def test_names_have_room_or_are_not_there() -> None:
    with_names = wall_layout.wall(64, *centre(1600, 1000))
    assert with_names.lines >= 1
    assert with_names.name_width >= wall_layout.MIN_NAME_PX
    assert wall_layout.wall(1000, *centre(1600, 1000)).lines == 0


def test_a_columns_plot_holds_its_lanes_to_the_pixel() -> None:
    for count in (16, 200, 1000):
        shape = wall_layout.wall(count, *centre(1600, 1000))
        item = wall_layout.plot_item(shape, 1)
        first, last = wall_layout.lane_plot(shape, shape.rows), wall_layout.lane_plot(shape, 2 * shape.rows - 1)
        assert (item.x, item.y, item.width) == (first.x, first.y, first.width)
        assert item.y + item.height - px(wall_layout.AXIS_PX) == last.y + last.height


@given(st.integers(60, 800), st.lists(st.floats(0, 10), max_size=20).map(sorted))
def test_labels_of_the_time_axis_are_whole_and_apart(width: int, places: list[float]) -> None:
    ticks = tuple((f"{index:08d}", at) for index, at in enumerate(places))
    shown = wall_layout.whole_ticks(ticks, (0.0, 10.0), width, 8)
    assert [at for _, at in shown] == places, "lines of the grid stay"
    middles = [at / 10.0 * width for label, at in shown if label]
    assert all(32 <= middle <= width - 32 for middle in middles)
    assert all(after - before >= 64 for before, after in pairwise(middles))
    if not middles:
        assert not any(32 < at / 10.0 * width < width - 32 for at in places)


def test_a_wall_of_nothing_is_a_wall() -> None:
    shape: Wall = wall_layout.wall(0, 1, 1)
    assert list(shape.shown) == []
    assert wall_layout.position_at(shape, 0.0, 0.0) is None
