"""Where panels are: six places around the plots, each with tabs; as arithmetic and as rules from state to state.

A place without an open panel takes no room. The plots keep a least size: on a small window the docks give way, as
long as they can be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.scale import px

LEAST_SIDE_PX = 240  # no plot takes more room than leaves this, however large the letters
MIN_SIDE_PX, MIN_BOTTOM_PX = 300, 170  # below this a dock's table cannot be read
MIN_CENTRE = (420, 260)  # a plot with its axes
LEAST_CENTRE_PX = 180  # of the plots, where large letters leave too little for them and for docks that can be read
TAB_PX = 34  # the line of tabs at the top of a dock


class PanelName(StrEnum):
    EQUIPMENT = "equipment"
    ACQUISITIONS = "acquisitions"
    ALARMS = "alarms"
    DIAGNOSTICS = "diagnostics"
    SCHEDULER = "scheduler"
    SETTINGS = "settings"


class Place(StrEnum):
    LEFT_TOP = "left top"
    LEFT_BOTTOM = "left bottom"
    RIGHT_TOP = "right top"
    RIGHT_BOTTOM = "right bottom"
    BOTTOM_LEFT = "bottom left"
    BOTTOM_RIGHT = "bottom right"


LEFT = (Place.LEFT_TOP, Place.LEFT_BOTTOM)
RIGHT = (Place.RIGHT_TOP, Place.RIGHT_BOTTOM)
BOTTOM = (Place.BOTTOM_LEFT, Place.BOTTOM_RIGHT)

PLACES: Mapping[PanelName, Place] = {
    PanelName.EQUIPMENT: Place.LEFT_TOP,
    PanelName.ACQUISITIONS: Place.BOTTOM_LEFT,
    PanelName.ALARMS: Place.RIGHT_TOP,
    PanelName.DIAGNOSTICS: Place.RIGHT_BOTTOM,
    PanelName.SCHEDULER: Place.BOTTOM_RIGHT,
    PanelName.SETTINGS: Place.LEFT_BOTTOM,
}


@dataclass(frozen=True, slots=True)
class Docks:
    """``opened``: in the order of opening. Shares are of the room between the bars."""

    opened: tuple[PanelName, ...] = ()
    places: Mapping[PanelName, Place] = field(default_factory=lambda: dict(PLACES))
    front: Mapping[Place, PanelName] = field(default_factory=dict)  # which tab; the one opened last where not said
    left: float = 0.26  # width
    right: float = 0.28
    bottom: float = 0.32  # height
    left_split: float = 0.5  # height of the upper one of two
    right_split: float = 0.5
    bottom_split: float = 0.5  # width of the left one

    def at(self, place: Place) -> tuple[PanelName, ...]:
        """Tabs of a place, in the order of the panels."""
        return tuple(name for name in PanelName if name in self.opened and self.places[name] is place)

    def shown(self, place: Place) -> PanelName | None:
        """The panel whose tab is in front."""
        tabs = self.at(place)
        chosen = self.front.get(place)
        if chosen in tabs:
            return chosen
        return max(tabs, key=self.opened.index, default=None)


def open_panel(docks: Docks, name: PanelName) -> Docks:
    """Open it if need be, and bring its tab to the front."""
    opened = docks.opened if name in docks.opened else (*docks.opened, name)
    return replace(docks, opened=opened, front={**docks.front, docks.places[name]: name})


def close_panel(docks: Docks, name: PanelName) -> Docks:
    return replace(docks, opened=tuple(each for each in docks.opened if each is not name))


def toggle_panel(docks: Docks, name: PanelName) -> Docks:
    """What a panel's button does: show it; close it if it is shown already."""
    is_shown = name in docks.opened and docks.shown(docks.places[name]) is name
    return close_panel(docks, name) if is_shown else open_panel(docks, name)


def move_panel(docks: Docks, name: PanelName, place: Place) -> Docks:
    moved = replace(docks, places={**docks.places, name: place})
    return open_panel(moved, name)


def visible(docks: Docks) -> tuple[PanelName, ...]:
    return tuple(name for place in Place if (name := docks.shown(place)) is not None)


def arrange(docks: Docks, area: Rect) -> tuple[Rect, dict[Place, Rect]]:
    """The plots' part of ``area``, and each occupied place's; together they fill it."""
    left_px = _dock_px(docks, LEFT, docks.left, area.width, px(MIN_SIDE_PX))
    right_px = _dock_px(docks, RIGHT, docks.right, area.width, px(MIN_SIDE_PX))
    least_px = px(LEAST_SIDE_PX) * ((left_px > 0) + (right_px > 0))
    room_px = max(area.width - px(MIN_CENTRE[0]), min(least_px, area.width - px(LEAST_CENTRE_PX)))
    left_px, right_px = _give_way(left_px, right_px, room_px)
    bottom_px = _dock_px(docks, BOTTOM, docks.bottom, area.height, px(MIN_BOTTOM_PX))
    bottom_px = max(0, min(bottom_px, area.height - px(MIN_CENTRE[1])))
    centre = Rect(area.x + left_px, area.y, area.width - left_px - right_px, area.height - bottom_px)
    below = Rect(centre.x, area.y + centre.height, centre.width, bottom_px)
    places = {
        **_halves(docks, LEFT, Rect(area.x, area.y, left_px, area.height), docks.left_split, is_stacked=True),
        **_halves(
            docks,
            RIGHT,
            Rect(area.x + area.width - right_px, area.y, right_px, area.height),
            docks.right_split,
            is_stacked=True,
        ),
        **_halves(docks, BOTTOM, below, docks.bottom_split, is_stacked=False),
    }
    return centre, places


def _dock_px(docks: Docks, places: tuple[Place, ...], share: float, room_px: int, least_px: int) -> int:
    if not any(docks.at(place) for place in places):
        return 0
    return max(least_px, min(round(share * room_px), room_px * 2 // 3))


def _give_way(left_px: int, right_px: int, room_px: int) -> tuple[int, int]:
    """Both, in proportion, within the room that the plots leave."""
    wanted = left_px + right_px
    if wanted <= room_px or not wanted:
        return left_px, right_px
    left = round(left_px * max(0, room_px) / wanted)
    return left, max(0, room_px) - left


def _halves(
    docks: Docks, places: tuple[Place, Place], area: Rect, split: float, *, is_stacked: bool
) -> dict[Place, Rect]:
    used = [place for place in places if docks.at(place)]
    if not used:
        return {}
    if len(used) == 1:
        return {used[0]: area}
    if is_stacked:
        upper = round(area.height * split)
        return {
            places[0]: Rect(area.x, area.y, area.width, upper),
            places[1]: Rect(area.x, area.y + upper, area.width, area.height - upper),
        }
    left = round(area.width * split)
    return {
        places[0]: Rect(area.x, area.y, left, area.height),
        places[1]: Rect(area.x + left, area.y, area.width - left, area.height),
    }


# -- moving panels and edges by hand ---------------------------------------------------------------------------------

SIDE_SHARE, BOTTOM_SHARE = 0.25, 0.4  # of the area, where a tab that is let go joins a side or the bottom
EDGE_PX = 6  # so wide is what a hand must hit
MIN_SHARE, MAX_SHARE = 0.12, 0.88  # of one of two that share a dock


class Edge(StrEnum):
    """What can be dragged to resize."""

    LEFT = "left"
    RIGHT = "right"
    BOTTOM = "bottom"
    LEFT_SPLIT = "left_split"
    RIGHT_SPLIT = "right_split"
    BOTTOM_SPLIT = "bottom_split"


def place_at(area: Rect, x: float, y: float) -> Place | None:
    """Where a tab goes that is let go there; None in the middle and outside: it stays where it was."""
    if not area.holds(x, y):
        return None
    across, down = (x - area.x) / area.width, (y - area.y) / area.height
    if across < SIDE_SHARE:
        return Place.LEFT_TOP if down < 0.5 else Place.LEFT_BOTTOM
    if across > 1 - SIDE_SHARE:
        return Place.RIGHT_TOP if down < 0.5 else Place.RIGHT_BOTTOM
    if down > 1 - BOTTOM_SHARE:
        return Place.BOTTOM_LEFT if across < 0.5 else Place.BOTTOM_RIGHT
    return None


def edges(docks: Docks, area: Rect) -> dict[Edge, Rect]:
    """Those that there are, as what a hand must hit; each lies inside the docks, beside the plots' own scroll bars."""
    centre, places = arrange(docks, area)
    width = px(EDGE_PX)
    found: dict[Edge, Rect] = {}
    if centre.x > area.x:
        found[Edge.LEFT] = Rect(centre.x - width, area.y, width, area.height)
    right = centre.x + centre.width
    if right < area.x + area.width:
        found[Edge.RIGHT] = Rect(right, area.y, width, area.height)
    bottom = centre.y + centre.height
    if bottom < area.y + area.height:
        found[Edge.BOTTOM] = Rect(centre.x, bottom, centre.width, width)
    for edge, (first, second) in ((Edge.LEFT_SPLIT, LEFT), (Edge.RIGHT_SPLIT, RIGHT)):
        if first in places and second in places:
            lower = places[second]
            found[edge] = Rect(lower.x + width, lower.y - width, max(1, lower.width - 2 * width), width)
    if all(place in places for place in BOTTOM):
        one = places[Place.BOTTOM_RIGHT]
        found[Edge.BOTTOM_SPLIT] = Rect(one.x - width, one.y + width, width, max(1, one.height - width))
    return found


def edge_at(found: Mapping[Edge, Rect], x: float, y: float) -> Edge | None:
    """Of what ``edges`` has found."""
    return next((edge for edge, rect in found.items() if rect.holds(x, y)), None)


def drag_edge(docks: Docks, area: Rect, edge: Edge, x: float, y: float) -> Docks:
    """The edge goes to the mouse, as far as it may."""
    across = min(1.0, max(0.0, (x - area.x) / area.width))
    down = min(1.0, max(0.0, (y - area.y) / area.height))
    centre, _ = arrange(docks, area)
    match edge:
        case Edge.LEFT:
            return replace(docks, left=across)
        case Edge.RIGHT:
            return replace(docks, right=1.0 - across)
        case Edge.BOTTOM:
            return replace(docks, bottom=1.0 - down)
        case Edge.LEFT_SPLIT:
            return replace(docks, left_split=_split(down))
        case Edge.RIGHT_SPLIT:
            return replace(docks, right_split=_split(down))
        case Edge.BOTTOM_SPLIT:
            return replace(docks, bottom_split=_split((x - centre.x) / max(1, centre.width)))


def _split(share: float) -> float:
    return min(MAX_SHARE, max(MIN_SHARE, share))
