"""The panel's parts in docks of all shapes: never over each other, never outside."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui.acquisition_places import LIST_PX, PageName, buttons, fields, flow, places
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.panels import rows


def overlap(one: Rect, other: Rect) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


@given(st.integers(200, 3800), st.integers(120, 2100), st.sampled_from(PageName))
def test_list_and_page_share_what_is_below_the_buttons(width: int, height: int, page: PageName) -> None:
    where = places(width, height, 30, page)
    rects = [rect for rect in where if rect is not None]
    assert rects
    assert (where.page is not None) == (page is not PageName.NONE)
    for rect in rects:
        assert rect.x >= 0
        assert rect.y >= 30
        assert rect.width > 0
        assert rect.height > 0
        assert rect.x + rect.width <= width
        assert rect.y + rect.height <= height
    assert not any(overlap(one, other) for one, other in combinations(rects, 2))


@pytest.mark.parametrize(
    ("width", "height", "page", "has_list", "is_beside"),
    [
        (1500, 240, PageName.DETAILS, True, True),
        (1500, 240, PageName.NEW, True, True),
        (1180, 150, PageName.NEW, False, False),  # in a low dock the form takes all of it
        (1180, 150, PageName.DETAILS, True, True),
        (380, 900, PageName.NEW, True, False),
        (600, 240, PageName.DETAILS, False, False),
    ],
)
def test_a_page_is_beside_the_list_below_it_or_in_its_place(
    width: int, height: int, page: PageName, has_list: bool, is_beside: bool
) -> None:
    where = places(width, height, 30, page)
    assert where.page is not None
    assert (where.list is not None) == has_list
    assert (where.page.x > 0) == is_beside


@given(st.lists(st.integers(20, 120), min_size=1, max_size=12), st.integers(130, 1600))
def test_buttons_flow_into_as_many_lines_as_they_need(sizes: list[int], width: int) -> None:
    corners, height = flow(sizes, width, 30)
    rects = [Rect(x, y, size, 30) for (x, y), size in zip(corners, sizes, strict=True)]
    assert not any(overlap(one, other) for one, other in combinations(rects, 2))
    assert all(rect.x + rect.width <= width and rect.y + rect.height <= height for rect in rects)


def test_nothing_flows_nowhere() -> None:
    assert flow([], 100, 30) == ([], 0)


@pytest.mark.parametrize(("width", "columns"), [(200, 1), (258, 1), (516, 2), (800, 3), (1180, 4)])
def test_fields_stand_in_as_many_columns_as_fit(width: int, columns: int) -> None:
    rects, height = fields(13, width)
    assert len({rect.x for rect in rects}) == columns
    assert not any(overlap(one, other) for one, other in combinations(rects, 2))
    assert max(rect.y + rect.height for rect in rects) <= height


WIDTHS = {
    **{"new": 62, "details": 78, "history": 80, "start": 62, "pause": 66},
    **{"resume": 80, "stop": 62, "delete": 76, "show": 62, "export": 162},
}


@pytest.mark.parametrize(("width", "height"), [(295, 265), (319, 265), (378, 405), (333, 241), (1180, 150)])
def test_in_docks_of_a_small_window_three_rows_of_the_list_remain(width: int, height: int) -> None:
    fit = buttons(WIDTHS, width, height, PageName.NONE)
    where = places(width, height, fit.height, PageName.NONE)
    assert where.list is not None
    assert where.list.height - 30 * fit.has_totals >= rows.HEADER_PX + 3 * rows.ROW_PX == LIST_PX
    assert {"new", "start", "pause", "resume", "stop", "delete"} <= set(fit.corners)


def test_where_there_is_room_no_button_is_gone() -> None:
    fit = buttons(WIDTHS, 378, 405, PageName.NONE)
    assert list(fit.corners) == list(WIDTHS)
    assert fit.has_totals


@pytest.mark.parametrize("page", [PageName.DETAILS, PageName.HISTORY])
def test_what_closes_the_open_page_stays(page: PageName) -> None:
    assert page in buttons(WIDTHS, 259, 100, page).corners


def test_in_the_smallest_dock_of_all_the_list_is_not_gone() -> None:
    fit = buttons(WIDTHS, 259, 152, PageName.NONE)
    where = places(259, 152, fit.height, PageName.NONE)
    assert where.list is not None
    assert where.list.height >= rows.HEADER_PX + 2 * rows.ROW_PX
