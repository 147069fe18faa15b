"""Mouse and keyboard, translated into changes of the view state; every rule itself is a function of ``gui.state``.

The library's handlers are global, so what lies under the mouse is asked of the window. A drag is followed by looking
at the mouse each frame instead of by drag events, which arrive in bursts and late.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from lablink_dpg.gui import dragging, state
from lablink_dpg.gui.commands import Command, Control
from lablink_dpg.gui.dragging import Carrier
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.plot_choice import Dragged, Offer
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.state import ViewState
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.query.view import YRange

DRAG_PX = 3.0  # a hand trembles that much in a click
CONTROLS = (dpg.mvKey_LControl, dpg.mvKey_RControl)
FRAMES_UP = 5  # without Ctrl, until it is believed although no release was told
SCROLL_PX = 80.0  # of the grid for one notch of the wheel
# mvKey_Prior, mvKey_Next and mvKey_Plus of Dear PyGui 2.3.1 are numbers of an older library: they fire by chance.
KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_EQUAL = 517, 518, 602  # of ImGui 1.92

KEYS: Mapping[str, int] = {
    "Space": dpg.mvKey_Spacebar,
    "End": dpg.mvKey_End,
    "Home": dpg.mvKey_Home,
    "Esc": dpg.mvKey_Escape,
    "Page Up": KEY_PAGE_UP,
    "Page Down": KEY_PAGE_DOWN,
    "=": KEY_EQUAL,
    "-": dpg.mvKey_Minus,
    "[": dpg.mvKey_Open_Brace,
    "]": dpg.mvKey_Close_Brace,
    "Keypad +": dpg.mvKey_Add,
    "Keypad -": dpg.mvKey_Subtract,
    "Keypad 0": dpg.mvKey_NumPad0,
    "Enter": dpg.mvKey_Return,
    "Keypad Enter": dpg.mvKey_NumPadEnter,
    "F1": dpg.mvKey_F1,
    "F11": dpg.mvKey_F11,
    **{letter: getattr(dpg, f"mvKey_{letter}") for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"},
}


TIMED = ("plot", "lane")  # kinds of what is drawn over time


class Hit(NamedTuple):
    """What is under the mouse. ``area`` is the plotting area, in pixels of the window."""

    kind: str  # "plot" | "lane" (of the wall) | "header" | "grid"
    key: str = ""  # of the plot; a header's stream
    area: Rect = Rect(0, 0, 1, 1)


class Palette(Protocol):
    @property
    def is_shown(self) -> bool: ...

    def step(self, by: int) -> None: ...
    def run_selected(self) -> None: ...


class Desk(Protocol):
    """The window, as the hands see it."""

    state: ViewState

    @property
    def palette(self) -> Palette: ...

    def hit(self, x: float, y: float) -> Hit | None: ...
    def offer(self, dragged: Dragged, x: float, y: float) -> Offer: ...
    def name_of(self, key: str) -> str: ...
    def open_menu(self, key: str) -> None: ...
    def live_right_us(self) -> int: ...
    def now_us(self) -> int: ...
    def shown_y(self, key: str) -> YRange | None: ...
    def scroll_grid(self, delta_px: float) -> None: ...
    def is_typing(self) -> bool: ...


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

    def __init__(self, desk: Desk, commands: Sequence[Command], carrier: Carrier) -> None:
        self._desk = desk
        self._carrier = carrier
        self._pressed = ""  # key of the card whose name the mouse went down on
        self._drag: _Drag | None = None
        self._is_control = False  # as the keys' callbacks tell it, in their order
        self._frames_up = 0
        self._held: set[tuple[int, str]] = set()  # keys seen pressed and not yet released, by command
        with dpg.handler_registry():
            dpg.add_mouse_wheel_handler(callback=lambda _s, notches: self._wheel(notches))
            dpg.add_mouse_click_handler(button=dpg.mvMouseButton_Left, callback=self._press)
            dpg.add_mouse_click_handler(button=dpg.mvMouseButton_Right, callback=self._menu)
            dpg.add_mouse_double_click_handler(button=dpg.mvMouseButton_Left, callback=self._double)
            for key in CONTROLS:  # first, as its release comes last: so both stand in the right order to all others
                dpg.add_key_press_handler(key, callback=self._control_pressed)
            for command in commands:
                for name in command.keys:
                    key = KEYS[name]
                    dpg.add_key_press_handler(key, callback=self._guarded(key, command))
                    dpg.add_key_release_handler(key, callback=self._released(key))
            for key, action in (
                (dpg.mvKey_Up, lambda: desk.palette.step(-1)),
                (dpg.mvKey_Down, lambda: desk.palette.step(1)),
                (dpg.mvKey_Return, desk.palette.run_selected),
                (dpg.mvKey_NumPadEnter, desk.palette.run_selected),
            ):
                dpg.add_key_press_handler(key, callback=self._in_palette(action))
            for key in CONTROLS:
                dpg.add_key_release_handler(key, callback=self._control_released)

    def _control_pressed(self) -> None:
        self._is_control, self._frames_up = True, 0

    def _control_released(self) -> None:
        self._is_control = False

    def _has_control(self) -> bool:
        """Whether Ctrl was down with the key of this callback, which comes a frame later: a quick hand has let go."""
        return self._is_control or _control()

    def _forget_control(self) -> None:
        """A release that went to another window is never told."""
        if not self._is_control:
            return
        self._frames_up = 0 if _control() else self._frames_up + 1
        if self._frames_up > FRAMES_UP:
            self._is_control = False

    def _in_palette(self, action: Callable[[], None]) -> Callable[[], None]:
        return lambda: action() if self._desk.palette.is_shown else None

    def _guarded(self, key: int, command: Command) -> Callable[[], None]:
        """A key means nothing to the view while someone writes; held down, only the keys that zoom or scroll repeat."""

        def call() -> None:
            press = key, command.title  # one key may belong to several, with Ctrl and without
            is_repeat = press in self._held and not command.repeats
            self._held.add(press)
            if command.control is not Control.EITHER and (command.control is Control.HELD) is not self._has_control():
                return
            if not is_repeat and (command.works_while_typing or not self._desk.is_typing()):
                command.run()

        return call

    def _release(self, key: int) -> None:
        self._held = {press for press in self._held if press[0] != key}

    def _released(self, key: int) -> Callable[[], None]:
        return lambda: self._release(key)

    def succeed(self, other: Hands) -> None:
        """Take the place of ``other``: a key held down meanwhile is no new press."""
        self._held = other._held

    def _under_mouse(self) -> tuple[Hit | None, float, float]:
        x, y = dpg.get_mouse_pos(local=False)
        return self._desk.hit(x, y), x, y

    def _wheel(self, notches: float) -> None:
        desk = self._desk
        hit, x, y = self._under_mouse()
        steps = int(notches) or (1 if notches > 0 else -1)
        if hit is None:
            return
        if hit.kind not in TIMED or _shift():
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
            source = dragging.source_under_mouse()
            if source is not None:
                self._pressed = ""
                self._carrier.take(*source, x, y)
            return
        if hit.kind == "header":
            self._pressed = hit.key
            self._carrier.take(hit.key, desk.name_of(hit.key), x, y)
        elif hit.kind in TIMED:
            right = state.right_edge(desk.state, desk.live_right_us())
            self._drag = _Drag(hit, x, y, right, desk.shown_y(hit.key))

    def _menu(self) -> None:
        hit, _, _ = self._under_mouse()
        if hit is not None and hit.kind != "lane" and not self._desk.state.is_overlay:
            self._desk.open_menu(hit.key)

    def _double(self) -> None:
        hit, _, _ = self._under_mouse()
        self._drag = None
        if hit is not None and hit.kind == "plot":
            self._desk.state = state.auto_y(self._desk.state, hit.key)
        elif hit is not None and hit.kind == "lane":
            self._desk.state = state.enlarge(self._desk.state, hit.key)

    def follow(self) -> None:
        """Carry a drag on; called every frame."""
        self._forget_control()
        self._carry()
        drag, desk = self._drag, self._desk
        if drag is None:
            return
        if not dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            self._drag = None
            if drag.hit.kind == "lane" and not drag.is_moving:  # that was a click
                desk.state = state.toggle_selected(desk.state, drag.hit.key)
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

    def _carry(self) -> None:
        desk, carrier = self._desk, self._carrier
        if not carrier.holds_something:
            return
        was_click, after = carrier.follow(desk.offer)
        if was_click and self._pressed:
            desk.state = state.toggle_selected(desk.state, self._pressed)
        elif after is not None:
            desk.state = after


def _share(at: float, start: int, size: int) -> float:
    """Where ``at`` lies in a stretch, 0 to 1."""
    return min(1.0, max(0.0, (at - start) / size))


def _control() -> bool:
    return _down(*CONTROLS)


def _shift() -> bool:
    return _down(dpg.mvKey_LShift, dpg.mvKey_RShift)


def _down(*keys: Item) -> bool:
    return any(dpg.is_key_down(key) for key in keys)
