"""Which values are in which plot survives a file, and no file does harm."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui import state
from lablink_dpg.gui.pins import PinnedReading
from lablink_dpg.gui.plot_choice import MAX_EXTRAS, MAX_PINNED
from lablink_dpg.gui.plot_layout import MAX_TEXT, PlotLayout, layout_from_json, layout_to_json
from lablink_dpg.query.view import TraceRequest

NAMES = st.text(min_size=1, max_size=8)
PINS = st.lists(st.builds(PinnedReading, NAMES, NAMES, NAMES, NAMES), max_size=6, unique=True).map(tuple)
TRACES = st.lists(st.builds(TraceRequest, NAMES, NAMES), min_size=1, max_size=MAX_EXTRAS, unique=True).map(tuple)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["pinned", "extras", "server", "equipment_id", "kind", "field", "stream", "channel", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(PINS, st.dictionaries(NAMES, TRACES, max_size=5))
def test_what_is_written_is_read(
    pinned: tuple[PinnedReading, ...], extras: dict[str, tuple[TraceRequest, ...]]
) -> None:
    view = replace(state.initial(1_000_000), pinned=pinned, extras=extras)
    assert layout_from_json(json.loads(json.dumps(layout_to_json(view)))) == PlotLayout(pinned, extras)


@given(JSON)
def test_whatever_a_file_says_it_is_a_layout_within_its_bounds(value: Any) -> None:
    read = layout_from_json(value)
    texts = [text for pin in read.pinned for text in pin]
    texts += [text for key, traces in read.extras.items() for text in (key, *(t for trace in traces for t in trace))]
    assert all(isinstance(text, str) and 0 < len(text) <= MAX_TEXT for text in texts)


def test_a_file_with_too_much_is_cut() -> None:
    pins = [PinnedReading("s", str(number), "readings", "volts")._asdict() for number in range(1000)]
    traces = [TraceRequest("a", str(number))._asdict() for number in range(1000)]
    read = layout_from_json({"pinned": pins, "extras": {"a": traces, "b" * 1000: traces, "c": []}})
    assert len(read.pinned) == MAX_PINNED
    assert {key: len(each) for key, each in read.extras.items()} == {"a": MAX_EXTRAS}
