"""A panel that is still to be built. To be deleted with the last of them."""

from __future__ import annotations

from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.panel import Desk
from lablink_dpg.gui.panels.rows import Cell, Column, Row, Rows
from lablink_dpg.gui.toolkit import Item

COLUMNS = (Column("what", 90, 1.0), Column("number", 80, is_right=True))


class WaitingPanel:
    def __init__(self, parent: Item, desk: Desk) -> None:
        self._rows = Rows(parent, desk.theme, COLUMNS, self._click, empty="nothing yet")
        self._selected = ""
        self.text_inputs: tuple[Item, ...] = ()

    def _click(self, key: str) -> None:
        self._selected = key

    def place(self, width: int, height: int) -> None:
        self._rows.place(width, height)

    def draw(self, now_us: int) -> None:
        rows = [Row(str(n), (Cell(f"row {n}", Tone.WARN), Cell(str(n * n)))) for n in range(40)]
        self._rows.draw(rows, self._selected)
