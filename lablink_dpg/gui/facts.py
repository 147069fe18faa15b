"""A thing described in lines: what, and what of it. Plain values; ``panels.sheet`` shows them."""

from __future__ import annotations

from typing import NamedTuple

from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.scale import px

WIDE_PX = 620  # from here on a list and what is told of its selected line stand side by side
VERY_WIDE_PX = 780  # and two lists beside the details
LOW_PX = 330  # below it, and where it is not wide, one list at a time is shown
LIST_SHARE = 0.46  # of the room
GAP_PX = 8


class Fact(NamedTuple):
    name: str
    text: str
    tone: Tone = Tone.PLAIN


def thirds(room: Rect) -> tuple[Rect, Rect, Rect]:
    """Three columns, for where there is more width than height; the last, of details, is the narrowest."""
    first, second = round(room.width * 0.4), round(room.width * 0.34)
    third = max(1, room.width - first - second - 2 * px(GAP_PX))
    return (
        Rect(room.x, room.y, first, room.height),
        Rect(room.x + first + px(GAP_PX), room.y, second, room.height),
        Rect(room.x + first + second + 2 * px(GAP_PX), room.y, third, room.height),
    )


def split(room: Rect, wide_px: int = WIDE_PX) -> tuple[Rect, Rect]:
    """Room for a list and for the details of a line of it: side by side where that is wide, else one over the other."""
    if room.width >= wide_px and room.width > room.height:
        left = round(room.width * LIST_SHARE)
        return (
            Rect(room.x, room.y, left, room.height),
            Rect(room.x + left + px(GAP_PX), room.y, max(1, room.width - left - px(GAP_PX)), room.height),
        )
    upper = round(room.height * LIST_SHARE)
    return (
        Rect(room.x, room.y, room.width, upper),
        Rect(room.x, room.y + upper + px(GAP_PX), room.width, max(1, room.height - upper - px(GAP_PX))),
    )
