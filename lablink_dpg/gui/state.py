"""What the user has chosen to see, and every change of it as a function from state to state.

Nothing here knows the window library, so each rule of behaviour is a line that a test can ask. Times are whole
microseconds; zooming and panning never leave the integers, so that a held view holds *exactly* still.

The rules: the wheel zooms around the mouse and **unpins**, as a drag does; a held view stays where it is while samples
go on arriving. Choosing a span, or + and − on the keyboard, keeps following if it followed. End, Home and L return to
live.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from enum import StrEnum

from lablink_dpg.gui.docking import Docks
from lablink_dpg.gui.pins import PinnedReading
from lablink_dpg.query.fit import LARGEST, RELATIVE_FLOOR, SMALLEST
from lablink_dpg.query.view import TimeView, TraceRequest, YRange

MIN_SPAN_US = 100  # ten samples of a 100 kS/s acquisition fill the window
MAX_SPAN_US = 24 * 3_600_000_000  # a day: more than any ring holds at any useful rate
MAX_BACK_US = 30 * 24 * 3_600_000_000  # how far a drag may leave the present: never lost in 1970
ZOOM_NUMERATOR, ZOOM_DENOMINATOR = 4, 5  # one notch of the wheel shows four fifths
MAX_NOTCHES = 20  # of one event: a touch pad may report absurd sums
SPANS_US = (1_000_000, 5_000_000, 10_000_000, 30_000_000, 60_000_000, 600_000_000)
MAX_OVERLAY = 16  # streams drawn in one plot: as many as there are distinct line colours
FALLBACK_OVERLAY = 8  # streams shown when none is selected: the pure colours
MAX_Y_MIDDLE = LARGEST  # no drag gets lost beyond what samples can be fitted to
MAX_Y_SIZE = 2 * LARGEST
OVERLAY_KEY = "overlay"  # key of the large plot


class Page(StrEnum):
    """What lies over the plots; one at a time, so that none hides another."""

    NONE = "none"
    HELP = "help"
    LOG = "log"
    STATISTICS = "statistics"


@dataclass(frozen=True, slots=True)
class AlarmView:
    """What of the alarms is looked at."""

    chosen: tuple[str, str] | None = None  # server and event_id of the one whose details are shown
    is_history: bool = False  # of this session, instead of what is open


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything the user can change. ``y_ranges`` is by plot key; ``selected`` are streams in the order chosen.

    ``pinned`` are values of devices with a card of their own, ``extras`` by plot key what it shows beside its own.
    """

    time: TimeView
    y_ranges: Mapping[str, YRange] = field(default_factory=dict)
    selected: tuple[str, ...] = ()
    is_overlay: bool = False
    is_wall: bool = False  # all streams as small multiples, instead of the grid; below the overlay
    filter_text: str = ""
    page: Page = Page.NONE
    docks: Docks = field(default_factory=Docks)
    pinned: tuple[PinnedReading, ...] = ()
    extras: Mapping[str, tuple[TraceRequest, ...]] = field(default_factory=dict)
    alarms: AlarmView = AlarmView()


def initial(span_us: int) -> ViewState:
    return ViewState(TimeView(clamp_span(span_us)))


def clamp_span(span_us: int) -> int:
    return max(MIN_SPAN_US, min(MAX_SPAN_US, span_us))


def _hold(state: ViewState, span_us: int, right_us: int, now_us: int) -> ViewState:
    right_us = max(now_us - MAX_BACK_US, min(now_us, right_us))
    return replace(state, time=TimeView(clamp_span(span_us), is_following=False, right_us=right_us))


def right_edge(state: ViewState, live_right_us: int) -> int:
    """Unix µs of the right edge on the screen; ``live_right_us`` is where it is while it follows."""
    return live_right_us if state.time.is_following else state.time.right_us


def zoomed(span_us: int, notches: int) -> int:
    """Span after ``notches`` of the wheel, inwards if positive; exact integers, rounded to the nearest."""
    notches = max(-MAX_NOTCHES, min(MAX_NOTCHES, notches))
    top, bottom = ZOOM_NUMERATOR ** abs(notches), ZOOM_DENOMINATOR ** abs(notches)
    if notches < 0:
        top, bottom = bottom, top
    return clamp_span((span_us * top + bottom // 2) // bottom)


def zoom_time(state: ViewState, notches: int, anchor_us: int, live_right_us: int, now_us: int) -> ViewState:
    """Wheel: what is under the mouse stays under the mouse, and the view is held from now on."""
    old_span, right = state.time.span_us, right_edge(state, live_right_us)
    span = zoomed(old_span, notches)
    offset = (right - anchor_us) * span
    return _hold(state, span, anchor_us + (offset + old_span // 2) // old_span, now_us)


def zoom_span(state: ViewState, notches: int) -> ViewState:
    """Keys + and −: the right edge stays, live or held."""
    return replace(state, time=replace(state.time, span_us=zoomed(state.time.span_us, notches)))


def set_span(state: ViewState, span_us: int) -> ViewState:
    return replace(state, time=replace(state.time, span_us=clamp_span(span_us)))


def pan_time(state: ViewState, start_right_us: int, delta_us: int, now_us: int) -> ViewState:
    """Drag by ``delta_us`` from where it began; positive brings older samples. It cannot pass the present."""
    return _hold(state, state.time.span_us, start_right_us - delta_us, now_us)


def hold(state: ViewState, live_right_us: int, now_us: int) -> ViewState:
    """Pause: freeze what is on the screen. Collection goes on."""
    return _hold(state, state.time.span_us, right_edge(state, live_right_us), now_us)


def go_live(state: ViewState) -> ViewState:
    return replace(state, time=replace(state.time, is_following=True, right_us=0))


def toggle_live(state: ViewState, live_right_us: int, now_us: int) -> ViewState:
    return hold(state, live_right_us, now_us) if state.time.is_following else go_live(state)


def behind_us(state: ViewState, live_right_us: int) -> int:
    """How far the view is behind the live edge; 0 while it follows."""
    return 0 if state.time.is_following else max(0, live_right_us - state.time.right_us)


def zoom_y(state: ViewState, key: str, current: YRange, notches: int, anchor: float) -> ViewState:
    """Ctrl and wheel: scale one plot's Y around the value under the mouse; from then on it is manual.

    At the smallest and largest size it stays as it is, instead of creeping sideways under the mouse.
    """
    notches = max(-MAX_NOTCHES, min(MAX_NOTCHES, notches))
    factor: float = (ZOOM_NUMERATOR / ZOOM_DENOMINATOR) ** notches
    size = (current.high - current.low) * factor
    if (notches > 0 and not size >= least_y_size(anchor)) or (notches < 0 and not size <= MAX_Y_SIZE):
        return state
    low = anchor - (anchor - current.low) * factor
    return set_y(state, key, YRange(low, low + size))


def pan_y(state: ViewState, key: str, start: YRange, delta: float) -> ViewState:
    """Shift and vertical drag by ``delta`` values from where it began; positive shows higher values."""
    return set_y(state, key, YRange(start.low + delta, start.high + delta))


def least_y_size(middle: float) -> float:
    """The smallest height around ``middle`` on which float64 still tells one tick from the next."""
    return max(SMALLEST, RELATIVE_FLOOR * abs(middle))


def drawable_y(y_range: YRange) -> YRange | None:
    """The nearest range that can be drawn: finite, low below high, neither flat nor endless. None if it is NaN."""
    low, high = min(y_range.low, y_range.high), max(y_range.low, y_range.high)
    middle, size = low / 2 + high / 2, high - low  # halved first: the sum of two large ones is infinite
    if math.isnan(middle):
        return None
    bounded = max(-MAX_Y_MIDDLE, min(MAX_Y_MIDDLE, middle))
    least = least_y_size(bounded)
    if bounded == middle and least <= size <= MAX_Y_SIZE:
        return YRange(low, high)  # as it is, to the last bit
    half = max(least, min(MAX_Y_SIZE, size)) / 2
    return YRange(bounded - half, bounded + half)


def set_y(state: ViewState, key: str, y_range: YRange) -> ViewState:
    """Set one plot's Y by hand, within what can be drawn; a range of NaN changes nothing."""
    drawable = drawable_y(y_range)
    return state if drawable is None else replace(state, y_ranges={**state.y_ranges, key: drawable})


def auto_y(state: ViewState, key: str) -> ViewState:
    """Double click: fit this plot again."""
    return replace(state, y_ranges={k: v for k, v in state.y_ranges.items() if k != key})


def auto_y_all(state: ViewState) -> ViewState:
    return replace(state, y_ranges={})


def freeze_y(state: ViewState, current: Mapping[str, YRange]) -> ViewState:
    """The button "Y auto" pressed: keep what every visible plot shows now."""
    for key, y_range in current.items():
        state = set_y(state, key, y_range)
    return state


def toggle_selected(state: ViewState, stream: str) -> ViewState:
    """Select or unselect. One more than can be overlaid drops the one chosen first."""
    if stream in state.selected:
        return replace(state, selected=tuple(s for s in state.selected if s != stream))
    return replace(state, selected=(*state.selected, stream)[-MAX_OVERLAY:])


def keep_known(state: ViewState, known: AbstractSet[str]) -> ViewState:
    """Forget what was chosen for streams that are gone; the same object if nothing was. Their number has no bound."""
    selected = tuple(s for s in state.selected if s in known)
    y_ranges = {key: y_range for key, y_range in state.y_ranges.items() if key in known or key == OVERLAY_KEY}
    if len(selected) == len(state.selected) and len(y_ranges) == len(state.y_ranges):
        return state
    return replace(state, selected=selected, y_ranges=y_ranges)


def clear_selection(state: ViewState) -> ViewState:
    return replace(state, selected=())


def toggle_overlay(state: ViewState) -> ViewState:
    return replace(state, is_overlay=not state.is_overlay)


def toggle_wall(state: ViewState) -> ViewState:
    """Grid or wall; from the overlay back to where the wall is."""
    return replace(state, is_wall=state.is_overlay or not state.is_wall, is_overlay=False)


def enlarge(state: ViewState, stream: str) -> ViewState:
    """Show it in the large plot, with those that are selected already."""
    if stream not in state.selected:
        state = toggle_selected(state, stream)
    return replace(state, is_overlay=True)


def escape(state: ViewState) -> ViewState:
    """Esc leaves one thing: first what lies on top, then the overlay, then the selection, then the wall."""
    if state.page is not Page.NONE:
        return replace(state, page=Page.NONE)
    if state.is_overlay:
        return replace(state, is_overlay=False)
    return clear_selection(state) if state.selected else replace(state, is_wall=False)


def overlay_streams(state: ViewState, known: tuple[str, ...]) -> tuple[str, ...]:
    """Streams of the large plot in display order; without a selection the first few."""
    chosen = tuple(s for s in known if s in state.selected)
    return chosen or known[:FALLBACK_OVERLAY]


def set_filter(state: ViewState, text: str) -> ViewState:
    return replace(state, filter_text=text)


def toggle_page(state: ViewState, page: Page) -> ViewState:
    return replace(state, page=Page.NONE if state.page is page else page)
