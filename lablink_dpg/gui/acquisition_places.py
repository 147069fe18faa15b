"""Where the parts of the acquisitions' panel are: buttons above, the list, beside or below it one page; as arithmetic.

A dock can be wide and low as at the bottom, or narrow and high as at the side, or neither: then the page takes the
list's place. Sizes are written for 100 %; what is asked for and answered is in pixels of the screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.scale import px

BUTTON_PX = 30  # height
GAP_PX = 6
TOTALS_PX = 30
WIDE_PX = 860  # from here on a page stands beside the list
HIGH_PX = 480  # from here on it stands below it
LOW_PX = 190  # below, a form beside the list would show a line or two of its fields
FIELD_PX = 258  # of a form, label included
LABEL_PX = 88
LINE_PX = 36  # from one field to the next


LIST_PX = 24 + 3 * 28  # its heads and three rows: with less one would not see that it is a list


class PageName(StrEnum):
    """What is beside the list; one at a time."""

    NONE = ""
    DETAILS = "details"
    NEW = "new"
    HISTORY = "history"


PAGE_PX = {PageName.DETAILS: 380, PageName.NEW: 3 * FIELD_PX + 20, PageName.HISTORY: 380}
PAGE_SHARE = 0.58  # of the width at most


TOTALS = "totals"
# In this order, until the list has its rows. All of it is also in the command palette or in the rows' tooltips.
GIVES_WAY: tuple[str, ...] = ("export", "show", TOTALS, PageName.HISTORY, PageName.DETAILS)


class Buttons(NamedTuple):
    corners: Mapping[str, tuple[int, int]]  # left upper; only of those that are shown
    height: int  # of all lines of them
    has_totals: bool


class Places(NamedTuple):
    list: Rect | None  # with the line of totals below it
    page: Rect | None


def flow(widths: Sequence[int], width: int, height: int) -> tuple[list[tuple[int, int]], int]:
    """Left upper corners of items in lines that are no longer than ``width``, and the height of all lines."""
    gap = px(GAP_PX)
    corners, x, y = [], 0, 0
    for each in widths:
        if x and x + each > width:
            x, y = 0, y + height + gap
        corners.append((x, y))
        x += each + gap
    return corners, y + height if corners else 0


def buttons(widths: Mapping[str, int], width: int, height: int, page: PageName) -> Buttons:
    """In a panel of that size; where it is small what matters least is gone, but not what closes the open page."""
    shown, has_totals = list(widths), True
    steps = iter(GIVES_WAY)
    while True:
        corners, top = flow([widths[name] for name in shown], width, px(BUTTON_PX))
        left = height - top - px(GAP_PX) - px(TOTALS_PX) * has_totals
        step = next(steps, None) if left < px(LIST_PX) else None
        if step is None:
            return Buttons(dict(zip(shown, corners, strict=True)), top, has_totals)
        if step == TOTALS:
            has_totals = False
        elif step != page:
            shown.remove(step)


def places(width: int, height: int, top: int, page: PageName) -> Places:
    """``top``: where the buttons end."""
    gap = px(GAP_PX)
    y = top + gap
    left = max(1, height - y)
    whole = Rect(0, y, width, left)
    if page is PageName.NONE:
        return Places(whole, None)
    if page is PageName.NEW and left < px(LOW_PX):
        return Places(None, whole)  # as many fields in a line as ever fit
    if width >= px(WIDE_PX):
        beside = min(px(PAGE_PX[page]), int(width * PAGE_SHARE))
        return Places(Rect(0, y, width - beside - gap, left), Rect(width - beside, y, beside, left))
    if height >= px(HIGH_PX):
        upper = left * 2 // 5
        return Places(Rect(0, y, width, upper), Rect(0, y + upper + gap, width, left - upper - gap))
    return Places(None, whole)


def fields(count: int, width: int) -> tuple[list[Rect], int]:
    """Fields of a form in as many columns as fit, column by line; and the height of all of them."""
    columns = max(1, width // px(FIELD_PX))
    each = width // columns
    rects = [
        Rect(each * (index % columns), px(LINE_PX) * (index // columns), each - px(GAP_PX), px(BUTTON_PX))
        for index in range(count)
    ]
    return rects, px(LINE_PX) * -(-count // columns)
