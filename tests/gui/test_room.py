"""What gives way in a bar, and that nothing overlaps at any width."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui import room
from lablink_dpg.gui.room import CONTROLS, Form


@given(st.floats(300, 4000))
def test_nothing_in_the_toolbar_overlaps(width: float) -> None:
    fit = room.toolbar(width)
    spans = sorted((x, x + own) for x, own in fit.places.values())
    if fit.text_width:
        spans.append((fit.text_x, fit.text_x + fit.text_width))
    spans.sort()
    assert spans[0][0] >= 0
    assert spans[-1][1] <= width
    for (_, right), (left, _) in pairwise(spans):
        assert right <= left


@given(st.floats(300, 4000))
def test_live_and_the_span_are_told_at_any_width(width: float) -> None:
    assert {"live", "span"} <= set(room.toolbar(width).places)


@given(st.floats(300, 4000), st.floats(0, 500))
def test_a_wider_bar_never_shows_less(width: float, more: float) -> None:
    narrow, wide = room.toolbar(width), room.toolbar(width + more)
    assert set(narrow.places) <= set(wide.places)
    assert all(wide.forms[name] <= narrow.forms[name] for name in CONTROLS)


def test_what_a_bar_shows_in_windows_that_people_have() -> None:
    assert all(form is Form.WIDE for form in room.toolbar(1600).forms.values())
    assert room.toolbar(1440).forms["filter"] is Form.NARROW
    laptop = room.toolbar(1280)
    assert set(CONTROLS) - set(laptop.places) == {"filter"}
    assert laptop.text_width >= room.LEAST_TEXT_PX
    large_letters = room.toolbar(1600 / 1.5)
    assert set(CONTROLS) - set(large_letters.places) == {"filter", "y", "product"}


@given(st.lists(st.integers(40, 250), min_size=1, max_size=12), st.floats(0, 2000))
def test_fields_give_way_by_rank(widths: list[int], width: float) -> None:
    ranks = sorted(range(len(widths)), key=lambda index: (index * 5 % 7, index))  # some order
    places = room.fields(widths, ranks, width)
    shown = [index for index, x in enumerate(places) if x is not None]
    gone = [index for index in range(len(widths)) if index not in shown]
    assert sum(widths[index] for index in shown) <= width
    x = 0
    for index in shown:
        assert places[index] == x
        x += widths[index]
    if gone and shown:
        assert max(ranks[index] for index in shown) <= min(ranks[index] for index in gone)
    if gone:
        first_back = min(gone, key=lambda index: ranks[index])
        assert x + widths[first_back] > width
