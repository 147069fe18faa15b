"""What is on the screen of things below each other, without a window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui import stack


@given(st.lists(st.integers(1, 500), max_size=40), st.floats(0, 5000), st.integers(1, 900))
def test_cards_on_the_screen_are_those_of_which_a_pixel_may_be_seen(
    heights: list[int], scroll: float, height: int
) -> None:
    placed = stack.stacked(heights, 8)
    shown = stack.visible(placed, scroll, height, 100)
    for index, (top, size) in enumerate(zip(placed.tops, heights, strict=True)):
        if top < scroll + height and top + size > scroll:
            assert index in shown
    assert placed.height == sum(heights) + 8 * len(heights)
    assert len(stack.visible(placed, scroll, height, 2)) <= 2
