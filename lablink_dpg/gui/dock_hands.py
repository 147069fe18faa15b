"""Dragging panels by their tabs and docks by their edges; looked at each frame, as every drag is.

What would happen is drawn over everything while the button is down; the rules themselves are functions of ``docking``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from lablink_dpg.gui import docking, palette
from lablink_dpg.gui.actions import Actions
from lablink_dpg.gui.docking import Docks, Edge, PanelName
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.state import ViewState
from lablink_dpg.gui.toolkit import Item, dpg

DRAG_PX = 12.0  # a tab that is clicked may slip so far
FILL_ALPHA = 70  # of where a panel would go
OUT_OF_SIGHT = -100.0


class Desk(Protocol):
    """The window, as far as dragging has to know it."""

    state: ViewState

    @property
    def dock_area(self) -> Rect: ...
    def tab_under_mouse(self) -> PanelName | None: ...
    def is_covered(self, x: float, y: float) -> bool: ...


class DockHands:
    """Main thread."""

    def __init__(self, desk: Desk, actions: Actions) -> None:
        self._desk = desk
        self._actions = actions
        self._was_down = False
        self._edge: Edge | None = None
        self._tab: PanelName | None = None
        self._from = (0.0, 0.0)
        self.is_dragging = False
        self.layer: Item = dpg.add_viewport_drawlist(front=True)
        accent = palette.now.accent
        nowhere = (OUT_OF_SIGHT, OUT_OF_SIGHT)
        self._shape: Item = dpg.draw_rectangle(
            nowhere, nowhere, parent=self.layer, color=(*accent, 255), fill=(*accent, FILL_ALPHA), thickness=px(2)
        )
        self._shown: Rect | None = None
        self._edges_of: tuple[Docks, Rect] | None = None
        self._edges: Mapping[Edge, Rect] = {}

    def follow(self) -> None:
        """Called every frame."""
        docks = self._desk.state.docks
        is_down = dpg.is_mouse_button_down(dpg.mvMouseButton_Left)
        if not docks.opened:
            return
        x, y = dpg.get_mouse_pos(local=False)
        is_near = docking.edge_at(self._edges_now(docks), x, y) is not None
        if not (is_down or self._was_down or self._shown is not None or is_near):
            return
        if is_down and not self._was_down:
            self._press(docks, x, y)
        elif is_down:
            self._drag(docks, x, y)
        elif self._was_down:
            self._let_go(x, y)
        self._was_down = is_down
        if not is_down:
            self._show(self._edge_rect(docks, x, y))

    def _edges_now(self, docks: Docks) -> Mapping[Edge, Rect]:
        """Computed only when something has moved: it is asked for every frame."""
        area = self._desk.dock_area
        if self._edges_of is None or self._edges_of[0] is not docks or self._edges_of[1] != area:
            self._edges_of, self._edges = (docks, area), docking.edges(docks, area)
        return self._edges

    def _press(self, docks: Docks, x: float, y: float) -> None:
        self._from = (x, y)
        if self._desk.is_covered(x, y):
            return
        self._edge = docking.edge_at(self._edges_now(docks), x, y)
        self.is_dragging = self._edge is not None
        self._tab = None if self.is_dragging else self._desk.tab_under_mouse()

    def _drag(self, docks: Docks, x: float, y: float) -> None:
        area = self._desk.dock_area
        if self._edge is not None:
            moved = docking.drag_edge(docks, area, self._edge, x, y)
            if moved != docks:
                self._actions.change_docks(moved)
            self._show(docking.edges(moved, area).get(self._edge))
        elif self._tab is not None:
            if not self.is_dragging and max(abs(x - self._from[0]), abs(y - self._from[1])) >= px(DRAG_PX):
                self.is_dragging = True
            if self.is_dragging:
                self._show(self._target(docks, x, y))

    def _target(self, docks: Docks, x: float, y: float) -> Rect | None:
        """Where the dragged panel would be."""
        place = docking.place_at(self._desk.dock_area, x, y)
        if place is None or self._tab is None:
            return None
        return docking.arrange(docking.move_panel(docks, self._tab, place), self._desk.dock_area)[1].get(place)

    def _let_go(self, x: float, y: float) -> None:
        place = docking.place_at(self._desk.dock_area, x, y)
        if self.is_dragging and self._tab is not None and place is not None:
            self._actions.move_panel(self._tab, place)
        self._edge = self._tab = None
        self.is_dragging = False

    def _edge_rect(self, docks: Docks, x: float, y: float) -> Rect | None:
        """What the mouse could take hold of."""
        edge = None if self._desk.is_covered(x, y) else docking.edge_at(self._edges_now(docks), x, y)
        return None if edge is None else self._edges_now(docks)[edge]

    def _show(self, rect: Rect | None) -> None:
        if rect == self._shown:
            return
        self._shown = rect
        if rect is None:
            corners = (OUT_OF_SIGHT, OUT_OF_SIGHT), (OUT_OF_SIGHT, OUT_OF_SIGHT)
        else:
            corners = (float(rect.x), float(rect.y)), (float(rect.x + rect.width), float(rect.y + rect.height))
        dpg.configure_item(self._shape, pmin=corners[0], pmax=corners[1])
