"""What the window asks for: only what is visible, bounded, with the user's Y ranges."""

from __future__ import annotations

import numpy as np

from lablink_dpg.gui import asking, state
from lablink_dpg.gui.density import Density
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.panels.plot import MAX_CHANNELS, MAX_TRACES
from lablink_dpg.query.frame import PlotFrame, StreamLine
from lablink_dpg.query.view import TraceRequest, YRange

AREA = Rect(70, 10, 300, 150)


def line(stream: str, channels: int = 1, name: str = "") -> StreamLine:
    names = tuple(f"CH{i}" for i in range(channels))
    return StreamLine(stream, name or stream, names, 1000.0, 30.0, 0, 0)


def test_each_visible_stream_is_one_plot_with_its_channels() -> None:
    view = asking.grid_view(state.initial(1_000_000), [line("a", 2), line("b")], AREA, Density())
    assert [plot.key for plot in view.plots] == ["a", "b"]
    assert view.plots[0].traces == (TraceRequest("a", "CH0"), TraceRequest("a", "CH1"))
    assert (view.plots[0].width_px, view.plots[0].height_px) == (300, 150)


def test_a_manual_y_range_belongs_to_its_plot_only() -> None:
    chosen = state.set_y(state.initial(1_000_000), "b", YRange(0, 1))
    view = asking.grid_view(chosen, [line("a"), line("b")], AREA, Density())
    assert [plot.y_range for plot in view.plots] == [None, YRange(0, 1)]


def test_channels_of_a_card_are_bounded() -> None:
    view = asking.grid_view(state.initial(1_000_000), [line("a", 100)], AREA, Density())
    assert len(view.plots[0].traces) == MAX_CHANNELS


def test_the_overlay_is_one_plot_and_its_bound_hides_no_stream() -> None:
    lines = [line(f"s{i}", 8) for i in range(16)]
    view = asking.overlay_view(state.initial(1_000_000), lines, AREA, Density())
    assert [plot.key for plot in view.plots] == [state.OVERLAY_KEY]
    traces = view.plots[0].traces
    assert len(traces) == MAX_TRACES
    assert {trace.stream for trace in traces} == {f"s{i}" for i in range(16)}


def test_the_y_range_of_a_plot_has_its_origin_added_back() -> None:
    plot = PlotFrame("a", 0, 5.0, (-1.0, 0.0), (-1e-6, 1e-6), (), (), ())
    shown = asking.absolute_y(plot)
    assert np.isclose(shown.high - shown.low, 2e-6, rtol=1e-6)
    assert np.isclose(shown.low, 5.0 - 1e-6, rtol=0, atol=1e-12)


def test_search_looks_at_names_and_ids_whatever_their_case() -> None:
    lines = [line("acq_1", name="Scope A"), line("acq_2", name="Supply"), line("SCOPE_9", name="x")]
    assert [item.stream for item in asking.matching(lines, " scope ")] == ["acq_1", "SCOPE_9"]
    assert len(asking.matching(lines, "")) == 3
