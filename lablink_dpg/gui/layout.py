"""Where things are, in pixels, as arithmetic: the grid, its rows on the screen, what lies under the mouse.

Sizes are written for 100 %; what is asked for and answered is in pixels of the screen.

Only rows on the screen have plots. Sixteen streams fit any window of 720 lines or more; what scrolls has rows whose
height divides the window, so that the last row is never cut at rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from lablink_dpg.gui.scale import px

TOOLBAR_PX = 56
STATUS_PX = 34
RAIL_PX = 84  # the strip of panels at the left edge
DOCK_PAD_PX = 8  # inside a panel of a dock
GAP_PX = 8  # between cards and around them
MIN_CELL_PX = 146  # four rows still fit a 720-line window
MIN_CELL_WIDTH_PX = 230  # a name of some letters and the lost samples; beside docks there are fewer columns
SCROLLBAR_PX = 14
HEADER_PX = 30  # of a card: the line with name and numbers
CARD_PAD_PX = 6
PLOT_PAD_PX = 6  # Dear PyGui's PlotPadding, set in the theme
FRAME_PAD_X_PX, FRAME_PAD_Y_PX = 10, 7  # inside buttons and fields, set in the theme
PLATE_PAD_X_PX, PLATE_PAD_Y_PX = 6, 1  # around words that lie over a plot, set in the theme
LABEL_PAD_PX = 4  # its LabelPadding, set in the theme
Y_LETTERS = 8  # room for tick labels left of the plotting area, equal in all plots so that they line up
FIGURE_SHARE = 0.54463  # width of a figure, and of a figure space, in sizes of the bundled font
MAX_COLUMNS = 4
MAX_VISIBLE_CELLS = 96  # 4 columns on a screen of 3840 lines; beyond, rows stay empty rather than the frame late


class Rect(NamedTuple):
    x: int
    y: int
    width: int
    height: int

    def holds(self, x: float, y: float) -> bool:
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@dataclass(frozen=True, slots=True)
class Grid:
    """``width`` and ``height`` are of the visible part; cells are numbered row by row."""

    count: int
    columns: int
    width: int
    height: int
    cell_width: int
    cell_height: int

    @property
    def rows(self) -> int:
        return -(-self.count // self.columns)

    @property
    def pitch(self) -> int:
        return self.cell_height + px(GAP_PX)

    @property
    def content_height(self) -> int:
        return self.rows * self.pitch + px(GAP_PX)

    @property
    def is_scrolling(self) -> bool:
        return self.content_height > self.height


def columns_for(count: int) -> int:
    """1 → 1, up to 4 → 2, up to 9 → 3, else 4: near square, wide rather than tall."""
    for columns in range(1, MAX_COLUMNS):
        if count <= columns * columns:
            return columns
    return MAX_COLUMNS


def grid(count: int, width: int, height: int) -> Grid:
    """Lay out ``count`` cells in an area of ``width`` × ``height`` px."""
    gap = px(GAP_PX)
    columns = min(columns_for(count), max(1, (width - gap) // (px(MIN_CELL_WIDTH_PX) + gap)))
    rows = max(1, -(-count // columns))
    fitting = max(1, (height - px(GAP_PX)) // (px(MIN_CELL_PX) + px(GAP_PX)))
    shown = min(rows, fitting)
    cell_height = max(px(MIN_CELL_PX), (height - px(GAP_PX)) // shown - px(GAP_PX))
    is_scrolling = rows * (cell_height + gap) + gap > height  # also where one row alone is higher than the room
    usable = width - (px(SCROLLBAR_PX) if is_scrolling else 0)
    cell_width = max(1, (usable - px(GAP_PX)) // columns - px(GAP_PX))
    return Grid(count, columns, width, height, cell_width, cell_height)


def visible(layout: Grid, scroll_px: float) -> range:
    """Numbers of the cells of which a pixel is on the screen, bounded."""
    if layout.count == 0:
        return range(0)
    first_row = max(0, int(scroll_px - px(GAP_PX)) // layout.pitch)
    last_row = max(first_row, math.ceil((scroll_px + layout.height - px(GAP_PX)) / layout.pitch) - 1)
    first = min(first_row * layout.columns, layout.count)
    stop = min((last_row + 1) * layout.columns, layout.count, first + MAX_VISIBLE_CELLS)
    return range(first, stop)


def pool_size(layout: Grid) -> int:
    """Cards that can be on the screen at once, at any scroll position: the rows that fit, one more that is cut."""
    rows = (layout.height + layout.pitch - 1) // layout.pitch + 1
    return min(MAX_VISIBLE_CELLS, rows * layout.columns)


def cell(layout: Grid, index: int) -> Rect:
    """Card ``index`` in the coordinates of the scrolled content."""
    row, column = divmod(index, layout.columns)
    x = px(GAP_PX) + column * (layout.cell_width + px(GAP_PX))
    return Rect(x, px(GAP_PX) + row * layout.pitch, layout.cell_width, layout.cell_height)


def plot_item(width: int, height: int) -> Rect:
    """The plot with its axes inside a card of that size."""
    return Rect(px(CARD_PAD_PX), px(HEADER_PX), width - 2 * px(CARD_PAD_PX), height - px(HEADER_PX) - px(CARD_PAD_PX))


def y_label(tick_font_px: int) -> int:
    """Width that the library gives to labels of Y_LETTERS figures: it rounds a text's width up."""
    return math.ceil(Y_LETTERS * FIGURE_SHARE * tick_font_px)


def plot_area(item: Rect, tick_font_px: int) -> Rect:
    """The plotting area inside a plot item: what is left of it beside the axes' labels."""
    left = px(PLOT_PAD_PX) + y_label(tick_font_px) + px(LABEL_PAD_PX)
    bottom = px(PLOT_PAD_PX) + tick_font_px + px(LABEL_PAD_PX)
    return Rect(
        item.x + left,
        item.y + px(PLOT_PAD_PX),
        max(1, item.width - left - px(PLOT_PAD_PX)),
        max(1, item.height - px(PLOT_PAD_PX) - bottom),
    )


def cell_at(layout: Grid, scroll_px: float, x: float, y: float) -> int | None:
    """The card under a point of the visible part, or None between cards."""
    for index in visible(layout, scroll_px):
        if cell(layout, index).holds(x, y + scroll_px):
            return index
    return None


class HeaderColumns(NamedTuple):
    """Left edges in a card's header; a narrow card goes without what matters least (None)."""

    name: int
    name_width: int
    state: int
    has_state_word: bool
    rate: int | None
    latency: int | None
    lost: int


STATE_PX, STATE_SYMBOL_PX, RATE_PX, LATENCY_PX, LOST_PX = 76, 20, 66, 56, 64
MIN_NAME_PX = 76  # about nine letters
CLOSE_COLUMN_PX = 28
NAME_X_PX = 27  # right of the colour mark


def header_columns(width: int, *, is_value: bool = False) -> HeaderColumns:
    """Fixed columns from the right; the name takes what is left. Lost samples are always told.

    What does not fit is still in the tooltip of the name. ``is_value``: of a device's value, which has a long name, a
    button instead of losses, and the pace of its device.
    """
    has_word, has_rate, has_latency = True, not is_value, not is_value
    last_px = CLOSE_COLUMN_PX if is_value else LOST_PX

    def name_width() -> int:
        taken = px(last_px) + (px(STATE_PX) if has_word else px(STATE_SYMBOL_PX))
        return width - px(NAME_X_PX) - px(CARD_PAD_PX) - taken - px(RATE_PX) * has_rate - px(LATENCY_PX) * has_latency

    if name_width() < px(MIN_NAME_PX):
        has_latency = False
    if name_width() < px(MIN_NAME_PX):
        has_word = False
    if name_width() < px(MIN_NAME_PX):
        has_rate = False
    left = px(NAME_X_PX) + max(0, name_width())
    state = left
    left += px(STATE_PX) if has_word else px(STATE_SYMBOL_PX)
    rate = left if has_rate else None
    left += px(RATE_PX) * has_rate
    latency = left if has_latency else None
    left += px(LATENCY_PX) * has_latency
    return HeaderColumns(px(NAME_X_PX), max(0, name_width() - px(6)), state, has_word, rate, latency, left)
