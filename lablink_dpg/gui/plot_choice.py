"""What is drawn where, beyond a card for each acquisition: rules from state to state, and what a drop would do.

A value of a device can have a card of its own, and any card can show values and channels of others beside its own. All
traces of a plot share one value axis: volts beside amps are drawn to one scale, and the legend tells the units.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from lablink_dpg.gui import pins, state
from lablink_dpg.gui.pins import PinnedReading
from lablink_dpg.gui.state import OVERLAY_KEY, ViewState
from lablink_dpg.query.frame import ReadingLine, StreamLine
from lablink_dpg.query.view import TraceRequest

MAX_PINNED = 64  # cards of single values: more than anybody tells apart
MAX_EXTRAS = 8  # traces that a plot shows beside its own: with those there are as many as distinct line colours
MAX_CHANGED = 256  # plots with such traces

Dragged: TypeAlias = PinnedReading | str  # a value, or the key of a card


class Offer(NamedTuple):
    """What a drop would do here: in words, and the state after it; None if it would do nothing."""

    text: str
    after: ViewState | None
    key: str = ""  # of the card that would change


def toggle_pinned(view: ViewState, pin: PinnedReading) -> ViewState:
    """Give a value a card, or take it away. Where there are too many, the oldest goes."""
    if pin in view.pinned:
        left = tuple(each for each in view.pinned if each != pin)
        return replace(view, pinned=left, extras=_with(view, pin.key, ()))
    return replace(view, pinned=(*view.pinned, pin)[-MAX_PINNED:])


def add_traces(view: ViewState, key: str, traces: Sequence[TraceRequest]) -> ViewState:
    """Show more in one plot; the same state if there is nothing to add or no room."""
    had = view.extras.get(key, ())
    more = tuple(dict.fromkeys((*had, *traces)))[:MAX_EXTRAS]
    if more == had or (key not in view.extras and len(view.extras) >= MAX_CHANGED):
        return view
    return replace(view, extras={**view.extras, key: more})


def remove_trace(view: ViewState, key: str, trace: TraceRequest) -> ViewState:
    left = tuple(each for each in view.extras.get(key, ()) if each != trace)
    return replace(view, extras=_with(view, key, left))


def clear_traces(view: ViewState, key: str) -> ViewState:
    return replace(view, extras=_with(view, key, ()))


def _with(view: ViewState, key: str, traces: tuple[TraceRequest, ...]) -> dict[str, tuple[TraceRequest, ...]]:
    others = {each: kept for each, kept in view.extras.items() if each != key}
    return {**others, key: traces} if traces else others


def forget(view: ViewState, gone: AbstractSet[str]) -> ViewState:
    """Drop what was chosen of series and cards that were there and are no more, by key."""
    if not gone:
        return view
    pinned = tuple(pin for pin in view.pinned if pin.key not in gone)
    extras = {
        key: left
        for key, traces in view.extras.items()
        if key not in gone and (left := tuple(each for each in traces if each.stream not in gone))
    }
    if pinned == view.pinned and extras == view.extras:
        return view
    return replace(view, pinned=pinned, extras=extras)


def offer(
    view: ViewState,
    dragged: Dragged,
    kind: str | None,
    key: str,
    lines: Sequence[StreamLine],
    readings: Sequence[ReadingLine],
) -> Offer:
    """What dropping ``dragged`` does: ``kind`` and ``key`` of what lies there, as in ``Hit``; None over bars and docks.

    ``lines``: those in the grid.
    """
    if kind is None:
        return Offer("drop it on a plot", None)
    names = {line.stream: line for line in lines}
    if key == OVERLAY_KEY or (view.is_overlay and kind != "grid"):
        return _into_overlay(view, dragged, lines)
    if kind == "lane":
        return Offer("the wall's lanes take no other lines; the grid's cards do", None)
    if kind == "grid":
        return _on_free_ground(view, dragged)
    target = names.get(key)
    if target is None or dragged == key:
        return Offer("drop it on another card", None)
    if isinstance(dragged, str):
        source = names.get(dragged)
        traces = [TraceRequest(source.series, channel) for channel in source.channels] if source is not None else []
    else:
        trace = pins.trace_of(dragged, readings)
        if trace is None:
            return Offer("no value of it has come yet", None)
        traces = [trace]
    own = {TraceRequest(target.series, channel) for channel in target.channels}
    after = add_traces(view, key, [trace for trace in traces if trace not in own])
    if after is not view:
        return Offer(f"add to {target.name}", after, key)
    is_full = len(view.extras.get(key, ())) >= MAX_EXTRAS
    return Offer(f"{target.name} has no room for more" if is_full else f"{target.name} shows it already", None)


def _on_free_ground(view: ViewState, dragged: Dragged) -> Offer:
    if isinstance(dragged, str):
        return Offer("drop it on another card", None)
    if dragged in view.pinned:
        return Offer("it has a card already", None)
    return Offer("a card of its own", toggle_pinned(view, dragged))


def _into_overlay(view: ViewState, dragged: Dragged, lines: Sequence[StreamLine]) -> Offer:
    if isinstance(dragged, str) or dragged.key in view.selected:
        return Offer("it is here already", None)
    pinned = view if dragged in view.pinned else toggle_pinned(view, dragged)
    # Without a selection it shows the first few: those stay, beside the new one.
    shown = state.overlay_streams(view, tuple(line.stream for line in lines))
    return Offer("add to the overlay", state.toggle_selected(replace(pinned, selected=shown), dragged.key))
