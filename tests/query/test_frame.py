"""A frame keeps, in float32, what the eye is to see: 1 µV on 5 V, and 10 µs after a day.

The drawing library squeezes every array through float32; limits and places of labels are squeezed here too.
"""

from __future__ import annotations

import numpy as np
import pytest

from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.frame import PlotFrame
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View, YRange
from lablink_dpg.store.store import Store
from tests.support.query_oracle import START_US, Server

WIDTH_PX, HEIGHT_PX = 3840, 2160
DAY_US = 86_400_000_000
QUARTER_PX = 0.25


def view(span_us: int, right_us: int | None = None, y_range: YRange | None = None) -> View:
    plot = PlotRequest("p", (TraceRequest("a", "CH1"),), WIDTH_PX, HEIGHT_PX, y_range)
    return View(TimeView(span_us, right_us is None, right_us or 0), (plot,))


def squeezed(value: float) -> float:
    return float(np.float32(value))


def pixels(plot: PlotFrame) -> tuple[np.ndarray, np.ndarray]:
    """Where the drawing library puts the points of the first trace, from what it is handed."""
    (left, right), (low, high) = (tuple(map(squeezed, limits)) for limits in (plot.x_limits, plot.y_limits))
    trace = plot.traces[0]
    assert trace.x.dtype == trace.y.dtype == np.float32
    x, y = trace.x.astype(np.float64), trace.y.astype(np.float64)
    return (x - left) / (right - left) * WIDTH_PX, (y - low) / (high - low) * HEIGHT_PX


def true_pixels(times_us: np.ndarray, values: np.ndarray, left_us: int, span_us: int, y_range: YRange):
    height = y_range.high - y_range.low
    return (times_us - left_us) / span_us * WIDTH_PX, (values - y_range.low) / height * HEIGHT_PX


@pytest.mark.parametrize("offset", [5.0, -5.0, 230.0, 0.0])
def test_a_microvolt_of_ripple_is_drawn_where_it_is(offset):
    server = Server(Store(10_000))
    values = offset + 0.5e-6 * np.sin(np.arange(1000) / 7)
    server.send(1000, values[None])
    right_us = int(server.times(999, 1)[0])
    span_us = right_us - START_US
    plot = build_frame(server.store, view(span_us, right_us), right_us, 0, FrameMemory()).plots[0]
    limits = YRange(plot.y_limits[0] + plot.y_origin, plot.y_limits[1] + plot.y_origin)
    assert 1e-6 <= limits.high - limits.low < 2e-6  # fitted to the ripple, not to the volts
    x, y = pixels(plot)
    true_x, true_y = true_pixels(server.times(0, 1000), values, START_US, span_us, limits)
    assert np.abs(x - true_x).max() < QUARTER_PX
    # float64 itself knows 230 V to 3e-14 V only
    assert np.abs(y - true_y).max() < QUARTER_PX
    assert np.unique(plot.traces[0].y).shape[0] > 900


@pytest.mark.parametrize("age_us", [100_000_000_000, DAY_US, 30 * DAY_US])
@pytest.mark.parametrize("span_us", [300, 1000, 100_000])
def test_ten_microsecond_steps_a_day_after_the_start_are_drawn_where_they_are(age_us, span_us):
    """The program has followed since the start, so that its origin is where following left it."""
    store, memory = Store(100_000), FrameMemory()
    server = Server(store, rate_hz=100_000.0)
    server.send(100)
    build_frame(store, view(10_000_000), START_US, 0, memory)
    server.pause(age_us * 1e-6)
    values = np.arange(20_000) % 2.0
    server.send(20_000, values[None])
    now_us = int(server.times(server.total - 1, 1)[0])
    build_frame(store, view(10_000_000), now_us, 0, memory)  # still wide: the origin is chosen for ten seconds
    for back_us in (0, 12_345, 100_000):
        right_us = now_us - back_us
        plot = build_frame(store, view(span_us, right_us, YRange(-1.0, 2.0)), now_us, 0, memory).plots[0]
        x, y = pixels(plot)
        times = store.series["a"].ring.read_times(0, store.series["a"].ring.head)
        shown = np.flatnonzero((times >= right_us - span_us) & (times <= right_us))
        true_x, true_y = true_pixels(times[shown], shown % 2.0, right_us - span_us, span_us, YRange(-1.0, 2.0))
        inside = (x > -QUARTER_PX) & (x < WIDTH_PX + QUARTER_PX)
        if shown.shape[0] <= WIDTH_PX:  # each sample is a point of its own
            assert np.abs(x[inside] - true_x).max() < QUARTER_PX
            assert np.abs(y[inside] - true_y).max() < QUARTER_PX
        assert np.diff(x[inside]).min() >= 0


@pytest.mark.parametrize("span_us", [200, 5000, 1_000_000, 10_000_000, 600_000_000])
def test_labels_stand_where_they_say_for_as_long_as_it_follows(span_us):
    """Following leaves the origin behind; it moves before float32 shows it."""
    memory, store = FrameMemory(), Store(256)
    for spans in np.linspace(0, 300, 61):
        now_us = START_US + DAY_US + int(spans * span_us)
        frame = build_frame(store, view(span_us), now_us, 0, memory)
        plot = frame.plots[0]
        left, right = map(squeezed, plot.x_limits)
        assert plot.x_ticks
        for label, place in plot.x_ticks:
            at_us = plot.x_origin_us + round(place * 1e6)
            assert at_us % 1_000_000 == int(f"{label[9:]:0<6}")
            true = (at_us - frame.left_us) / span_us * WIDTH_PX
            assert abs((squeezed(place) - left) / (right - left) * WIDTH_PX - true) < QUARTER_PX


@pytest.mark.parametrize(("low", "high"), [(4.9999995, 5.0000005), (-1e-9, 1e-9), (999.0, 1001.0), (-1e7, 1e7)])
def test_value_labels_stand_at_their_value(low, high):
    plot = build_frame(Store(256), view(1_000_000, START_US, YRange(low, high)), START_US, 0, FrameMemory()).plots[0]
    bottom, top = map(squeezed, plot.y_limits)
    step = plot.y_ticks[1][1] - plot.y_ticks[0][1]
    for number, (_, place) in enumerate(plot.y_ticks):
        assert place == pytest.approx(plot.y_ticks[0][1] + number * step, abs=1e-3 * step)
        true = (place + plot.y_origin - low) / (high - low) * HEIGHT_PX
        assert abs((squeezed(place) - bottom) / (top - bottom) * HEIGHT_PX - true) < QUARTER_PX


@pytest.mark.parametrize("span_us", [50_000, 19_000_000])
def test_a_signalling_nan_breaks_the_line_and_nothing_else(span_us):
    server = Server(Store(100_000))
    values = np.ones((1, 20_000))
    values.view(np.uint64)[0, 19_990] = 0x7FF0_0000_0000_0001
    for start in range(0, 20_000, 1000):
        server.send(1000, values[:, start : start + 1000])
    right_us = int(server.times(19_999, 1)[0])
    trace = build_frame(server.store, view(span_us, right_us), right_us, 0, FrameMemory()).plots[0].traces[0]
    assert np.nanmin(trace.y) == np.nanmax(trace.y)
    assert np.isnan(trace.y).any() == (span_us == 50_000), "among samples, not in a column of them"
