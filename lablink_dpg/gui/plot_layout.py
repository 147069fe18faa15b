"""Which values and channels are in which plot, as plain JSON and back; reading it never raises, whatever it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from lablink_dpg.gui.pins import PinnedReading
from lablink_dpg.gui.plot_choice import MAX_CHANGED, MAX_EXTRAS, MAX_PINNED
from lablink_dpg.gui.state import ViewState
from lablink_dpg.query.view import TraceRequest

MAX_TEXT = 500  # letters of a name; an address and an id need a tenth


class PlotLayout(NamedTuple):
    pinned: tuple[PinnedReading, ...] = ()
    extras: Mapping[str, tuple[TraceRequest, ...]] = {}


def layout_to_json(view: ViewState) -> dict[str, Any]:
    return {
        "pinned": [pin._asdict() for pin in view.pinned],
        "extras": {key: [trace._asdict() for trace in traces] for key, traces in view.extras.items()},
    }


def layout_from_json(value: Any) -> PlotLayout:
    """What of it can be used; the rest is left out. Never raises."""
    if not isinstance(value, Mapping):
        return PlotLayout()
    listed, by_plot = value.get("pinned"), value.get("extras")
    pinned = dict.fromkeys(
        PinnedReading(*texts)
        for each in (listed if isinstance(listed, list) else ())
        if (texts := _texts(each, PinnedReading._fields)) is not None
    )
    extras = {}
    for key, traces in by_plot.items() if isinstance(by_plot, Mapping) else ():
        usable = dict.fromkeys(
            TraceRequest(*texts)
            for each in (traces if isinstance(traces, list) else ())
            if (texts := _texts(each, TraceRequest._fields)) is not None
        )
        if usable and _is_name(key):
            extras[key] = tuple(usable)[:MAX_EXTRAS]
    return PlotLayout(tuple(pinned)[:MAX_PINNED], dict(list(extras.items())[:MAX_CHANGED]))


def _texts(value: Any, names: tuple[str, ...]) -> list[str] | None:
    if not isinstance(value, Mapping):
        return None
    texts: list[Any] = [value.get(name) for name in names]
    return texts if all(_is_name(text) for text in texts) else None


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT
