"""Things of different heights one below the other: where each begins, and which are on the screen. No window."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple


class Stack(NamedTuple):
    """Things of different heights one below the other, ``gap`` px between them: where each begins, and the end."""

    tops: tuple[int, ...]
    height: int


def stacked(heights: Sequence[int], gap: int) -> Stack:
    ends = tuple(accumulate(height + gap for height in heights))
    return Stack((0, *ends[:-1]) if ends else (), ends[-1] if ends else 0)


def visible(placed: Stack, scroll: float, height: int, most: int) -> range:
    """Numbers of those of which a pixel may be on the screen, ``most`` of them."""
    first = max(0, bisect_right(placed.tops, scroll) - 1)
    stop = bisect_left(placed.tops, scroll + height)
    return range(first, max(first, min(stop, first + most)))
