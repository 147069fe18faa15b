"""Carrying a value or a card with the mouse from where it is shown to a plot.

The library's own drag and drop (2.3.1) begins only on texts and ends only on plots: a row, a button or the empty grid
cannot take part. So the mouse is followed each frame, as for every other drag, and the window is asked what lies there.

Whoever shows a value calls ``make_source`` for the item that shows it, again with another payload when the item comes
to show another value. It costs nothing until the mouse is pressed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from lablink_dpg.gui.pins import title
from lablink_dpg.gui.plot_choice import Dragged, Offer
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.state import ViewState
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg

START_PX = 6.0  # a hand that clicks moves less
BESIDE_PX = 16  # of the note to the mouse, which it must never be under

_sources: dict[Item, tuple[Dragged, str]] = {}  # one window a process, main thread only


def make_source(item: Item, payload: Dragged | None, name: str = "") -> None:
    """Let ``item``, of any kind, be dragged into plots as ``payload``, called ``name`` meanwhile; None ends it.

    A value without a name is called by its device's id and its field.
    """
    if payload is None:
        _sources.pop(item, None)
    else:
        if not name and not isinstance(payload, str):
            name = title(payload.equipment_id, payload.field)
        _sources[item] = payload, name


def source_under_mouse() -> tuple[Dragged, str] | None:
    for item, source in tuple(_sources.items()):
        if not dpg.does_item_exist(item):
            del _sources[item]
        elif dpg.is_item_hovered(item):
            return source
    return None


class _Load(NamedTuple):
    payload: Dragged
    name: str
    x: float  # where it was taken
    y: float
    is_moving: bool = False


class Carrier:
    """What the mouse carries, and the note beside it that says what a drop would do. Main thread."""

    def __init__(self, theme: Theme) -> None:
        self.window: Item = dpg.add_window(
            show=False,
            no_title_bar=True,
            no_move=True,
            no_resize=True,
            no_saved_settings=True,
            no_focus_on_appearing=True,
            no_scrollbar=True,
            autosize=True,
            min_size=(10, 10),
        )
        dpg.bind_item_theme(self.window, theme.page)
        self._text: Item = dpg.add_text("", parent=self.window)
        dpg.bind_item_font(self._text, theme.fonts.small)
        self._load: _Load | None = None
        self._offer: Offer | None = None

    def take(self, payload: Dragged, name: str, x: float, y: float) -> None:
        """The mouse was pressed on it: carried once it has moved, a click until then."""
        self._load = _Load(payload, name, x, y)
        self._offer = None

    @property
    def holds_something(self) -> bool:
        return self._load is not None

    @property
    def is_carrying(self) -> bool:
        return self._load is not None and self._load.is_moving

    @property
    def target(self) -> str:
        """Key of the card that a drop would change; "" where it would change none."""
        return self._offer.key if self._offer is not None else ""

    def follow(self, offer_at: Callable[[Dragged, float, float], Offer]) -> tuple[bool, ViewState | None]:
        """Called every frame while something is held. (True, None): let go, it was a click; else the state to take."""
        load = self._load
        if load is None:
            return False, None
        x, y = dpg.get_mouse_pos(local=False)
        if not load.is_moving and max(abs(x - load.x), abs(y - load.y)) >= px(START_PX):
            load = self._load = load._replace(is_moving=True)
        is_down = dpg.is_mouse_button_down(dpg.mvMouseButton_Left)
        if load.is_moving and (is_down or self._offer is None):
            self._offer = offer_at(load.payload, x, y)
        if is_down:
            if load.is_moving and self._offer is not None:
                self._show(load.name, self._offer, x, y)
            return False, None
        offer, self._load, self._offer = self._offer, None, None
        dpg.configure_item(self.window, show=False)
        return not load.is_moving, offer.after if offer is not None else None

    def _show(self, name: str, offer: Offer, x: float, y: float) -> None:
        mark = "+" if offer.after is not None else "–"
        dpg.set_value(self._text, f"{name}\n{mark} {offer.text}")
        beside = px(BESIDE_PX)
        width, height = dpg.get_item_rect_size(self.window)  # as last drawn
        room_x, room_y = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        left = x + beside if x + beside + width <= room_x else x - beside - width
        top = y + beside if y + beside + height <= room_y else y - beside - height
        dpg.configure_item(self.window, pos=(int(left), int(top)), show=True)
