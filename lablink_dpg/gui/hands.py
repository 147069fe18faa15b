"""Mouse and keyboard, translated into changes of the view state; every rule itself is a function of ``gui.state``.

The library's handlers are global, so what lies under the mouse is asked of the window. A drag is followed by looking
at the mouse each frame instead of by drag events, which arrive in bursts and late.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from lablink_dpg.gui import looks, state
from lablink_dpg.gui.actions import Actions
from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.panels.table_of_panels import PANELS
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.state import Page, ViewState
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.query.view import YRange

DRAG_PX = 3.0  # a hand trembles that much in a click
SCROLL_PX = 80.0  # of the grid for one notch of the wheel
# mvKey_Prior, mvKey_Next and mvKey_Plus of Dear PyGui 2.3.1 are numbers of an older library: they fire by chance.
KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_EQUAL = 517, 518, 602  # of ImGui 1.92

PLUS = (KEY_EQUAL, dpg.mvKey_Add)
MINUS = (dpg.mvKey_Minus, dpg.mvKey_Subtract)
ZERO = (dpg.mvKey_0, dpg.mvKey_NumPad0)
REPEATING = {
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    *PLUS,
    *MINUS,
    dpg.mvKey_Open_Brace,
    dpg.mvKey_Close_Brace,
}


class Hit(NamedTuple):
    """What is under the mouse. ``area`` is the plotting area, in pixels of the window."""

    kind: str  # "plot" | "header" | "grid"
    key: str = ""  # of the plot; a header's stream
    area: Rect = Rect(0, 0, 1, 1)


class Desk(Protocol):
    """The window, as the hands see it."""

    state: ViewState

    def hit(self, x: float, y: float) -> Hit | None: ...
    def live_right_us(self) -> int: ...
    def now_us(self) -> int: ...
    def shown_y(self, key: str) -> YRange | None: ...
    def scroll_grid(self, delta_px: float) -> None: ...
    def scroll_page(self, pages: int) -> None: ...
    def is_typing(self) -> bool: ...
    def focus_filter(self) -> None: ...
    def ask_for_login(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Drag:
    hit: Hit
    x: float
    y: float
    right_us: int  # right edge when it began
    y_range: YRange | None
    is_moving: bool = False


class Hands:
    """Main thread; callbacks run between frames."""

    def __init__(self, desk: Desk, actions: Actions) -> None:
        self._desk = desk
        self._actions = actions
        self._drag: _Drag | None = None
        self._held: set[int] = set()  # keys seen pressed and not yet released
        with dpg.handler_registry() as self.registry:
            dpg.add_mouse_wheel_handler(callback=lambda _s, notches: self._wheel(notches))
            dpg.add_mouse_click_handler(button=dpg.mvMouseButton_Left, callback=self._press)
            dpg.add_mouse_double_click_handler(button=dpg.mvMouseButton_Left, callback=self._double)
            for keys, action in self._keys():
                for key in keys:
                    dpg.add_key_press_handler(key, callback=self._guarded(key, action))
                    dpg.add_key_release_handler(key, callback=self._released(key))

    def _keys(self) -> tuple[tuple[tuple[int, ...], Callable[[], None]], ...]:
        desk, actions = self._desk, self._actions

        def change(rule: Callable[[ViewState], ViewState]) -> Callable[[], None]:
            def apply() -> None:
                desk.state = rule(desk.state)

            return apply

        def letter(key: int, action: Callable[[], None]) -> tuple[tuple[int, ...], Callable[[], None]]:
            return (key,), lambda: None if _control() else action()

        def either(plain: Callable[[], None], with_control: Callable[[], None]) -> Callable[[], None]:
            return lambda: with_control() if _control() else plain()

        return (
            ((dpg.mvKey_Spacebar,), actions.toggle_live),
            ((dpg.mvKey_End, dpg.mvKey_Home), change(state.go_live)),
            letter(dpg.mvKey_L, change(state.go_live)),
            letter(dpg.mvKey_O, change(state.toggle_overlay)),
            letter(dpg.mvKey_A, change(state.auto_y_all)),
            (PLUS, either(change(lambda s: state.zoom_span(s, 1)), lambda: actions.change_looks(looks.larger))),
            (MINUS, either(change(lambda s: state.zoom_span(s, -1)), lambda: actions.change_looks(looks.smaller))),
            (ZERO, either(lambda: None, lambda: actions.change_looks(looks.original))),
            ((dpg.mvKey_Close_Brace,), change(lambda s: state.zoom_span(s, 1))),
            ((dpg.mvKey_Open_Brace,), change(lambda s: state.zoom_span(s, -1))),
            ((dpg.mvKey_Escape,), change(state.escape)),
            letter(dpg.mvKey_R, actions.reconnect),
            letter(dpg.mvKey_M, actions.next_mode),
            letter(dpg.mvKey_U, desk.ask_for_login),
            letter(dpg.mvKey_S, lambda: actions.toggle_page(Page.STATISTICS)),
            letter(dpg.mvKey_E, lambda: actions.toggle_page(Page.LOG)),
            *(((getattr(dpg, f"mvKey_{kind.digit}"),), self._panel_key(name)) for name, kind in PANELS.items()),
            ((dpg.mvKey_F1,), lambda: actions.toggle_page(Page.HELP)),
            ((dpg.mvKey_F11,), dpg.toggle_viewport_fullscreen),
            ((KEY_PAGE_UP,), lambda: desk.scroll_page(-1)),
            ((KEY_PAGE_DOWN,), lambda: desk.scroll_page(1)),
            ((dpg.mvKey_F,), lambda: desk.focus_filter() if _control() else None),
        )

    def _panel_key(self, name: PanelName) -> Callable[[], None]:
        return lambda: self._actions.toggle_panel(name) if _control() else None

    def _guarded(self, key: int, action: Callable[[], None]) -> Callable[[], None]:
        """A key means nothing to the view while someone writes; held down, only the keys that zoom or scroll repeat."""

        def call() -> None:
            is_repeat = key in self._held and (key not in REPEATING or _control())
            self._held.add(key)
            if not is_repeat and not self._desk.is_typing():
                action()

        return call

    def _released(self, key: int) -> Callable[[], None]:
        return lambda: self._held.discard(key)

    def let_go(self) -> None:
        """End a drag: what it was on is not there any more."""
        self._drag = None

    def _under_mouse(self) -> tuple[Hit | None, float, float]:
        x, y = dpg.get_mouse_pos(local=False)
        return self._desk.hit(x, y), x, y

    def _wheel(self, notches: float) -> None:
        desk = self._desk
        hit, x, y = self._under_mouse()
        steps = int(notches) or (1 if notches > 0 else -1)
        if hit is None:
            return
        if hit.kind != "plot" or _shift():
            desk.scroll_grid(-px(SCROLL_PX) * notches)
        elif _control():
            shown = desk.shown_y(hit.key)
            if shown is not None:
                share = 1.0 - _share(y, hit.area.y, hit.area.height)
                anchor = shown.low + share * (shown.high - shown.low)
                desk.state = state.zoom_y(desk.state, hit.key, shown, steps, anchor)
        else:
            live, span = desk.live_right_us(), desk.state.time.span_us
            left = state.right_edge(desk.state, live) - span
            anchor_us = left + round(_share(x, hit.area.x, hit.area.width) * span)
            desk.state = state.zoom_time(desk.state, steps, anchor_us, live, desk.now_us())

    def _press(self) -> None:
        desk = self._desk
        hit, x, y = self._under_mouse()
        if hit is None:
            return
        if hit.kind == "header":
            desk.state = state.toggle_selected(desk.state, hit.key)
        elif hit.kind == "plot":
            right = state.right_edge(desk.state, desk.live_right_us())
            self._drag = _Drag(hit, x, y, right, desk.shown_y(hit.key))

    def _double(self) -> None:
        hit, _, _ = self._under_mouse()
        self._drag = None
        if hit is not None and hit.kind == "plot":
            self._desk.state = state.auto_y(self._desk.state, hit.key)

    def follow(self) -> None:
        """Carry a drag on; called every frame."""
        drag, desk = self._drag, self._desk
        if drag is None:
            return
        if not dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            self._drag = None
            return
        x, y = dpg.get_mouse_pos(local=False)
        if not drag.is_moving and max(abs(x - drag.x), abs(y - drag.y)) < px(DRAG_PX):
            return
        if not drag.is_moving:
            drag = self._drag = replace(drag, is_moving=True)
        area = drag.hit.area
        if _shift() or _control():
            if drag.y_range is not None:
                size = drag.y_range.high - drag.y_range.low
                desk.state = state.pan_y(desk.state, drag.hit.key, drag.y_range, (y - drag.y) / area.height * size)
            return
        delta_us = round((x - drag.x) / area.width * desk.state.time.span_us)
        desk.state = state.pan_time(desk.state, drag.right_us, delta_us, desk.now_us())


def _share(at: float, start: int, size: int) -> float:
    """Where ``at`` lies in a stretch, 0 to 1."""
    return min(1.0, max(0.0, (at - start) / size))


def _control() -> bool:
    return _down(dpg.mvKey_LControl, dpg.mvKey_RControl)


def _shift() -> bool:
    return _down(dpg.mvKey_LShift, dpg.mvKey_RShift)


def _down(*keys: Item) -> bool:
    return any(dpg.is_key_down(key) for key in keys)
