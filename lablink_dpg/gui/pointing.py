"""What lies under a point of the window: a plot, a name, or nothing that a hand could mean."""

from __future__ import annotations

from collections.abc import Sequence

from lablink_dpg.gui import layout
from lablink_dpg.gui.hands import Hit
from lablink_dpg.gui.panels.grid import GridPanel
from lablink_dpg.gui.panels.overlay import OverlayPanel
from lablink_dpg.gui.panels.wall import WallPanel
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.state import OVERLAY_KEY
from lablink_dpg.gui.typefaces import TICK_PX
from lablink_dpg.query.frame import StreamLine


def in_overlay(
    overlay: OverlayPanel, lines: Sequence[StreamLine], x: float, y: float, *, is_carrying: bool = False
) -> Hit | None:
    """``lines``: the overlaid streams; ``x`` and ``y`` in pixels of the window.

    ``is_carrying``: the mouse was pressed elsewhere, and the library calls nothing hovered until it is let go.
    """
    if not (overlay.area.holds(x, y) if is_carrying else overlay.is_hovered()):
        return None
    corner = overlay.area.x, overlay.area.y
    item = _moved(overlay.item, *corner)
    if item.holds(x, y):
        return Hit("plot", OVERLAY_KEY, layout.plot_area(item, px(TICK_PX)))
    row = overlay.row_at(x - corner[0], y - corner[1])
    return Hit("header", lines[row].stream) if row is not None and row < len(lines) else None


def in_grid(
    cards: GridPanel,
    grid: layout.Grid,
    area: layout.Rect,
    lines: Sequence[StreamLine],
    x: float,
    y: float,
    *,
    is_carrying: bool = False,
) -> Hit | None:
    """``area``: of the grid; ``lines``: those in it, in its order; otherwise as ``in_overlay``."""
    inner_x, inner_y = x - area.x, y - area.y
    if not area.holds(x, y) or not (lines or is_carrying):
        return None
    scroll = cards.scroll_px
    index = layout.cell_at(grid, scroll, inner_x, inner_y)
    if index is None:
        return Hit("grid")
    if not is_carrying and not cards.is_hovered(index):
        return None
    cell = layout.cell(grid, index)
    stream = lines[index].stream
    top = round(cell.y - scroll) + area.y
    item = _moved(layout.plot_item(cell.width, cell.height), cell.x + area.x, top)
    if item.holds(x, y):
        return Hit("plot", stream, layout.plot_area(item, px(TICK_PX)))
    return Hit("header", stream) if y < item.y else Hit("grid")


def on_wall(
    wall: WallPanel, lines: Sequence[StreamLine], x: float, y: float, *, is_carrying: bool = False
) -> Hit | None:
    """``lines``: all of those on its pages; otherwise as ``in_overlay``."""
    if not (wall.area.holds(x, y) if is_carrying else wall.is_hovered()):
        return None
    index = wall.index_at(x, y)
    if index is None or index >= len(lines):
        return Hit("grid")
    return Hit("lane", lines[index].stream, wall.plot_of(index))


def _moved(area: layout.Rect, dx: int, dy: int) -> layout.Rect:
    return layout.Rect(area.x + dx, area.y + dy, area.width, area.height)
