"""Where panels are: rules and arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui import docking
from lablink_dpg.gui.docking import MIN_CENTRE, Docks, PanelName, Place
from lablink_dpg.gui.layout import Rect
from tests.gui.scaled import scaled

AREA = Rect(84, 56, 1516, 910)
ALL = Docks(opened=tuple(PanelName))

docks = st.builds(
    Docks,
    opened=st.lists(st.sampled_from(PanelName), unique=True).map(tuple),
    places=st.fixed_dictionaries({name: st.sampled_from(Place) for name in PanelName}),
    front=st.dictionaries(st.sampled_from(Place), st.sampled_from(PanelName)),
    left=st.floats(0.05, 0.6),
    right=st.floats(0.05, 0.6),
    bottom=st.floats(0.05, 0.8),
    left_split=st.floats(0.1, 0.9),
    right_split=st.floats(0.1, 0.9),
    bottom_split=st.floats(0.1, 0.9),
)


def overlap(a: Rect, b: Rect) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


def test_without_panels_the_plots_have_everything() -> None:
    assert docking.arrange(Docks(), AREA) == (AREA, {})


@given(docks, st.integers(900, 3756), st.integers(500, 2070))
def test_whatever_is_open_fills_the_area_without_overlap(docks: Docks, width: int, height: int) -> None:
    area = Rect(84, 56, width, height)
    centre, places = docking.arrange(docks, area)
    rects = [centre, *places.values()]
    assert sum(rect.width * rect.height for rect in rects) == width * height
    for index, one in enumerate(rects):
        assert one.width > 0
        assert one.height > 0
        assert one.x >= area.x
        assert one.y >= area.y
        assert one.x + one.width <= area.x + width
        assert one.y + one.height <= area.y + height
        assert not any(overlap(one, other) for other in rects[index + 1 :])
    assert centre.width >= MIN_CENTRE[0]
    assert centre.height >= min(height, MIN_CENTRE[1])
    assert set(places) == {docks.places[name] for name in docks.opened}


def test_a_button_shows_a_panel_and_closes_the_one_that_is_shown() -> None:
    state = docking.toggle_panel(Docks(), PanelName.ALARMS)
    assert docking.visible(state) == (PanelName.ALARMS,)
    assert docking.visible(docking.toggle_panel(state, PanelName.ALARMS)) == ()


def test_the_button_of_a_panel_behind_another_brings_it_to_the_front() -> None:
    state = docking.move_panel(docking.open_panel(Docks(), PanelName.ALARMS), PanelName.SCHEDULER, Place.RIGHT_TOP)
    assert state.shown(Place.RIGHT_TOP) is PanelName.SCHEDULER
    state = docking.toggle_panel(state, PanelName.ALARMS)
    assert state.shown(Place.RIGHT_TOP) is PanelName.ALARMS
    assert state.at(Place.RIGHT_TOP) == (PanelName.ALARMS, PanelName.SCHEDULER)


def test_closing_the_front_shows_the_one_opened_last_before() -> None:
    state = docking.move_panel(docking.open_panel(Docks(), PanelName.ALARMS), PanelName.SCHEDULER, Place.RIGHT_TOP)
    assert docking.close_panel(state, PanelName.SCHEDULER).shown(Place.RIGHT_TOP) is PanelName.ALARMS


@pytest.mark.parametrize(
    ("x", "y", "place"),
    [
        (0.05, 0.2, Place.LEFT_TOP),
        (0.05, 0.9, Place.LEFT_BOTTOM),
        (0.95, 0.2, Place.RIGHT_TOP),
        (0.95, 0.9, Place.RIGHT_BOTTOM),
        (0.4, 0.9, Place.BOTTOM_LEFT),
        (0.6, 0.9, Place.BOTTOM_RIGHT),
        (0.5, 0.4, None),
        (-0.2, 0.4, None),
    ],
)
def test_a_tab_is_dropped_at_the_side_where_it_is_let_go(x: float, y: float, place: Place | None) -> None:
    assert docking.place_at(AREA, AREA.x + x * AREA.width, AREA.y + y * AREA.height) is place


@given(docks, st.sampled_from(docking.Edge), st.floats(-500, 4000), st.floats(-500, 3000))
def test_an_edge_goes_where_it_is_dragged_within_bounds(docks: Docks, edge: docking.Edge, x: float, y: float) -> None:
    moved = docking.drag_edge(docks, AREA, edge, x, y)
    centre, places = docking.arrange(moved, AREA)
    assert centre.width >= MIN_CENTRE[0]
    assert all(rect.width > 0 and rect.height > 0 for rect in places.values())
    assert moved.opened == docks.opened


def test_the_edges_of_what_is_open_are_found_under_the_mouse_and_follow_it() -> None:
    edges = docking.edges(ALL, AREA)
    assert set(edges) == set(docking.Edge)
    for edge, rect in edges.items():
        x, y = rect.x + rect.width / 2, rect.y + rect.height / 2
        assert docking.edge_at(edges, x, y) is edge
    moved = docking.drag_edge(ALL, AREA, docking.Edge.LEFT, AREA.x + 350, 0)
    centre, _ = docking.arrange(moved, AREA)
    assert centre.x == pytest.approx(AREA.x + 350, abs=1)
    moved = docking.drag_edge(ALL, AREA, docking.Edge.BOTTOM, 0, AREA.y + 600)
    centre, _ = docking.arrange(moved, AREA)
    assert centre.height == pytest.approx(600, abs=1)
    assert docking.edges(Docks(), AREA) == {}


@pytest.mark.parametrize(("scale", "width", "height"), [(1.5, 1516, 865), (2.0, 1432, 820), (3.0, 3588, 1890)])
def test_with_large_letters_docks_can_still_be_read_and_plots_are_still_there(
    scale: float, width: int, height: int
) -> None:
    docks = Docks()
    for name in PanelName:
        docks = docking.open_panel(docks, name)
    with scaled(scale):
        centre, places = docking.arrange(docks, Rect(0, 0, width, height))
    assert centre.width >= docking.LEAST_CENTRE_PX * scale
    assert centre.height >= MIN_CENTRE[1] * scale
    for place in (*docking.LEFT, *docking.RIGHT):
        assert places[place].width >= docking.LEAST_SIDE_PX * scale
