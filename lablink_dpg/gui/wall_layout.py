"""The wall as arithmetic: so many columns of lanes that all streams fit and a lane is wide rather than tall.

Sizes are written for 100 %; what is asked for and answered is in pixels of the screen. Lanes go down a column, then on
at the top of the next, as names in a list do. What fits no more is on further pages: a page is never scrolled by parts,
because a lane that is half a lane higher is another lane to the eye.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from lablink_dpg.gui import layout
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.typefaces import TICK_PX

ASPECT = 8.0  # of a lane, width to height, where the numbers let one choose
MIN_LANE_PX = 10  # of height: a wave still is a wave
MIN_COLUMN_PX = 84  # of width: a time of day fits below
ROOM_BITS = 3  # lanes come in eighths of a power of two: of a thousand, at most 63 stay empty
MAX_LANES = 2048  # on a page: beyond, a frame could not look at each of them in its turn
COLUMN_GAP_PX = 8
STATE_PX = 5  # the strip left of a lane that says how its stream stands …
LOST_PX = 4  # … and the one right of it that says that samples were lost
BANNER_PX = 24  # above the lanes, where there are several pages
AXIS_PX = TICK_PX + 6  # below the lanes: times of day
NAME_LANE_PX = 15  # a lower lane has no room for a name …
NAME_COLUMN_PX = 170  # … nor has a narrower column
NAME_SHARE = 0.36  # of a column, for names
MIN_NAME_PX, MAX_NAME_PX = 64, 150
LINE_PX = 17  # of words beside a lane


@dataclass(frozen=True, slots=True)
class Wall:
    """One page. Everything in px of the area that it was made for; ``count`` and ``first`` are of streams."""

    count: int
    first: int
    columns: int
    rows: int
    pages: int
    top: int
    lane_height: float
    column_width: int
    name_width: int  # left of a lane; 0: none

    def is_like(self, other: Wall) -> bool:
        """Whether lanes are where they are in ``other``, however many there are."""
        return replace(self, count=other.count) == other

    @property
    def page(self) -> int:
        return self.first // self.page_size

    @property
    def page_size(self) -> int:
        return self.columns * self.rows

    @property
    def shown(self) -> range:
        """Numbers of the streams on this page."""
        return range(self.first, min(self.count, self.first + self.page_size))

    @property
    def used_columns(self) -> int:
        return -(-len(self.shown) // self.rows)

    @property
    def bottom(self) -> float:
        """Of the lanes."""
        return self.top + self.rows * self.lane_height

    @property
    def plot_left(self) -> int:
        """Of a column's plotting area, in the column."""
        return px(STATE_PX) + self.name_width

    @property
    def plot_width(self) -> int:
        """Of a lane's plotting area."""
        return max(1, self.column_width - self.plot_left - px(LOST_PX))

    @property
    def lines(self) -> int:
        """Lines of words that fit beside a lane."""
        return int(self.lane_height // px(LINE_PX)) if self.name_width else 0


def roomy(count: int) -> int:
    """Of lanes there is room for so many: streams that come one by one seldom change the lanes of those before them."""
    step = 1 << max(0, count.bit_length() - 1 - ROOM_BITS)
    return -(-count // step) * step


def wall(count: int, width: int, height: int, page: int = 0) -> Wall:
    """Lay out ``count`` streams in ``width`` × ``height`` px; a page that is not there is the last one."""
    columns, rows = _shape(roomy(count), width, height)
    top = px(layout.GAP_PX)
    if is_paged := columns * rows < count:
        top = px(BANNER_PX)
        columns, rows = _most(width, height - top)
    pages = max(1, -(-count // (columns * rows)))
    lane_height = _lanes_height(height, top) / rows
    column_width = _column_width(width, columns)
    has_names = lane_height >= px(NAME_LANE_PX) and column_width >= px(NAME_COLUMN_PX) and not is_paged
    name_width = max(px(MIN_NAME_PX), min(px(MAX_NAME_PX), round(NAME_SHARE * column_width))) if has_names else 0
    first = max(0, min(page, pages - 1)) * columns * rows
    return Wall(count, first, columns, rows, pages, top, lane_height, column_width, name_width)


def _shape(count: int, width: int, height: int) -> tuple[int, int]:
    """Columns and rows for all of them, nearest to ASPECT; the most there can be where they do not fit."""
    room = _lanes_height(height, px(layout.GAP_PX))
    most_columns, most_rows = _most(width, height)
    best, shape = math.inf, (most_columns, most_rows)
    for columns in range(1, most_columns + 1):
        rows = max(1, -(-count // columns))
        if rows > most_rows or columns * rows > MAX_LANES:
            continue
        aspect = _column_width(width, columns) / (room / rows)
        badness = abs(math.log(aspect / ASPECT))
        if badness < best:
            best, shape = badness, (columns, rows)
    return shape


def _most(width: int, height: int) -> tuple[int, int]:
    """Columns and rows that there can be at most, at least one of each."""
    gap = px(COLUMN_GAP_PX)
    columns = max(1, (width - gap) // (px(MIN_COLUMN_PX) + gap))
    rows = max(1, int(_lanes_height(height, px(layout.GAP_PX)) // px(MIN_LANE_PX)))
    return columns, min(rows, max(1, MAX_LANES // columns))


def _lanes_height(height: int, top: int) -> int:
    return max(1, height - top - px(AXIS_PX))


def _column_width(width: int, columns: int) -> int:
    return max(1, (width - px(COLUMN_GAP_PX)) // columns - px(COLUMN_GAP_PX))


def column_left(shape: Wall, column: int) -> int:
    return px(COLUMN_GAP_PX) + column * (shape.column_width + px(COLUMN_GAP_PX))


def plot_item(shape: Wall, column: int) -> Rect:
    """The plot of a column: its lanes and, below them, the labels of its time axis."""
    height = round(shape.rows * shape.lane_height) + px(AXIS_PX)
    return Rect(column_left(shape, column) + shape.plot_left, shape.top, shape.plot_width, height)


def lane(shape: Wall, position: int) -> Rect:
    """All of a lane, with its name and both strips; ``position`` on the page. Neighbours meet, rounded."""
    column, row = divmod(position, shape.rows)
    top, bottom = (round(shape.top + at * shape.lane_height) for at in (row, row + 1))
    return Rect(column_left(shape, column), top, shape.column_width, bottom - top)


def lane_plot(shape: Wall, position: int) -> Rect:
    """The plotting area of a lane."""
    whole = lane(shape, position)
    return Rect(whole.x + shape.plot_left, whole.y, shape.plot_width, whole.height)


def position_at(shape: Wall, x: float, y: float) -> int | None:
    """The lane under a point, as its position on the page; None between columns and outside."""
    pitch = shape.column_width + px(COLUMN_GAP_PX)
    column, inside = divmod(x - px(COLUMN_GAP_PX), pitch)
    if not (0 <= column < shape.columns and inside < shape.column_width and shape.top <= y < shape.bottom):
        return None
    row = min(shape.rows - 1, int((y - shape.top) / shape.lane_height))
    while row and y < lane(shape, row).y:  # lanes begin at whole pixels
        row -= 1
    while row + 1 < shape.rows and y >= lane(shape, row + 1).y:
        row += 1
    position = int(column) * shape.rows + row
    return position if position < len(shape.shown) else None


def whole_ticks(
    ticks: tuple[tuple[str, float], ...], limits: tuple[float, float], width_px: int, letter_px: int
) -> tuple[tuple[str, float], ...]:
    """Time ticks with as many labels as there is room for: none is cut off at an edge, none touches the next."""
    span = limits[1] - limits[0]
    out, free = [], 0.0  # px from where on nothing is written yet
    for label, at in ticks:
        place, half = (at - limits[0]) / span * width_px, len(label) * letter_px / 2
        is_whole = place - half >= free and place + half <= width_px
        if is_whole:
            free = place + half + letter_px
        out.append((label if is_whole else "", at))
    return tuple(out)
