"""Room for lists and details."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui.facts import split, thirds
from lablink_dpg.gui.layout import Rect

sizes = st.integers(100, 4000)


@given(sizes, sizes)
def test_parts_are_inside_and_do_not_overlap(width: int, height: int) -> None:
    room = Rect(8, 32, width, height)
    for parts in (split(room), thirds(room)):
        for part in parts:
            assert part.width >= 1
            assert part.height >= 1
            assert part.x >= room.x
            assert part.y >= room.y
            assert part.x + part.width <= room.x + width
            assert part.y + part.height <= room.y + height
        for one, other in pairwise(parts):
            assert one.x + one.width <= other.x or one.y + one.height <= other.y


def test_wide_rooms_are_split_side_by_side_and_narrow_ones_one_over_the_other() -> None:
    one, other = split(Rect(0, 0, 800, 200))
    assert one.y == other.y
    one, other = split(Rect(0, 0, 400, 800))
    assert one.x == other.x
