"""``build_frame``: from what is stored and what the user wants to see to the picture of one frame.

It depends on its arguments only. The memory it is handed keeps columns that are settled, so that a frame costs what is
new; with an empty memory the same picture comes out, slower.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from lablink_dpg.query.cache import ColumnCache
from lablink_dpg.query.fit import fit
from lablink_dpg.query.frame import Frame, GapMark, PlotFrame, Trace
from lablink_dpg.query.latency import LatencyProbe
from lablink_dpg.query.ticks import VALUE_TICK_PX, time_ticks, value_ticks
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View, YRange
from lablink_dpg.store.breaks import within
from lablink_dpg.store.ring import Overrun
from lablink_dpg.store.series import Series

ORIGIN_SPANS = 64  # float32 has 24 bits: within 64 spans of its origin, x is finer than a 250,000th of the window
ORIGIN_RATIO = 1000.0  # a value axis further from zero than this many heights is drawn relative to its middle
AHEAD_SHARE = 8  # of a live window: so much of what has come is taken although it is not on the screen yet
MAX_GAP_MARKS = 32  # shaded per plot; more are a grey plot anyway, and the counters say how many
OVERRUN_STEP = 16  # a window that leaves the ring while it is read is read again without its oldest 16th


@dataclass(slots=True)
class _PlotMemory:
    caches: dict[str, ColumnCache] = field(default_factory=dict)  # by stream
    traces: dict[TraceRequest, tuple[tuple[object, ...], Trace]] = field(default_factory=dict)
    y_range: YRange | None = None
    fitted: tuple[float, float] | None = None  # the extremes that y_range was fitted to
    revision: int = 0
    label_key: tuple[YRange, float, int] | None = None  # what the labels were made for
    labels: tuple[tuple[str, float], ...] = ()

    def keep_only(self, traces: tuple[TraceRequest, ...]) -> None:
        streams = {item.stream for item in traces}
        self.caches = {stream: cache for stream, cache in self.caches.items() if stream in streams}
        self.traces = {item: trace for item, trace in self.traces.items() if item in traces}


class _Edges(NamedTuple):
    """Of the window, in Unix µs."""

    left_us: int
    right_us: int
    is_following: bool


class Shelf(Protocol):
    """Where series are found by the keys that requests name: one server's store, or several of them together."""

    @property
    def series(self) -> Mapping[str, Series]: ...


class FrameMemory:
    """What is kept between frames; belongs to the thread that builds them. Bounded by the plots on the screen."""

    def __init__(self) -> None:
        self.plots: dict[str, _PlotMemory] = {}
        self.latency = LatencyProbe()
        self.x_origin_us: int | None = None

    def keep_only(self, plots: tuple[PlotRequest, ...]) -> None:
        if len(self.plots) > len(plots):
            keys = {plot.key for plot in plots}
            self.plots = {key: memory for key, memory in self.plots.items() if key in keys}


def right_edge_us(time: TimeView, now_us: int, lag_us: int) -> int:
    """While it follows, the edge is a fixed lag behind now, so that samples that come in bursts scroll smoothly."""
    return now_us - lag_us if time.is_following else time.right_us


def build_frame(shelf: Shelf, view: View, now_us: int, lag_us: int, memory: FrameMemory) -> Frame:
    """The frame for ``now_us``. Reader thread only. Streams that the shelf does not have are left out."""
    series = shelf.series
    right_us = right_edge_us(view.time, now_us, lag_us)
    left_us = right_us - view.time.span_us
    origin_us = _x_origin(memory, left_us, right_us)
    memory.keep_only(view.plots)
    edges = _Edges(left_us, right_us, view.time.is_following)
    x_limits = (left_us - origin_us) * 1e-6, (right_us - origin_us) * 1e-6
    ticks: dict[int, tuple[tuple[str, float], ...]] = {}
    shown: dict[str, tuple[Series, int]] = {}  # by stream: with its first sample beyond the right edge
    plots = []
    with np.errstate(over="ignore"):  # a value beyond float32 is drawn as infinite
        for request in view.plots:
            x_ticks = ticks.get(request.width_px)
            if x_ticks is None:
                x_ticks = ticks[request.width_px] = tuple(
                    (label, (at - origin_us) * 1e-6) for label, at in time_ticks(left_us, right_us, request.width_px)
                )
            plot_memory = memory.plots.get(request.key)
            if plot_memory is None:
                plot_memory = memory.plots[request.key] = _PlotMemory()
            plots.append(_plot(series, request, edges, origin_us, x_limits, x_ticks, plot_memory, shown))
    probe = memory.latency
    latencies = probe.measure(shown, now_us) if view.time.is_following else probe.rest()
    points = sum(trace.x.shape[0] for plot in plots for trace in plot.traces)
    return Frame(now_us, left_us, right_us, tuple(plots), latencies, points, probe.measured)


def _x_origin(memory: FrameMemory, left_us: int, right_us: int) -> int:
    span_us = right_us - left_us
    origin = memory.x_origin_us
    if origin is None or abs(right_us - origin) > ORIGIN_SPANS * span_us:
        origin = memory.x_origin_us = right_us
    return origin


def _plot(
    by_stream: Mapping[str, Series],
    request: PlotRequest,
    edges: _Edges,
    origin_us: int,
    x_limits: tuple[float, float],
    x_ticks: tuple[tuple[str, float], ...],
    memory: _PlotMemory,
    shown: dict[str, tuple[Series, int]],
) -> PlotFrame:
    gaps: list[GapMark] = []
    lines: list[tuple[TraceRequest, ColumnCache, int]] = []  # with the row of the channel
    caches = memory.caches
    fresh: dict[str, tuple[str, ...]] = {}  # channels by stream, of those whose columns are up to date
    for item in request.traces:
        stream = item.stream
        channels = fresh.get(stream)
        if channels is None:
            series = by_stream.get(stream)
            if series is None:
                continue
            if stream not in caches:
                caches[stream] = ColumnCache(stream)
            cache = caches[stream]
            first, last = _refresh(series, request.width_px, edges, origin_us, cache)
            shown[stream] = (series, last)
            if series.breaks:
                gaps.extend(_gap_marks(series, first, last, origin_us, cache))
            channels = fresh[stream] = series.channels[: cache.channels]
        if item.channel in channels:
            lines.append((item, caches[stream], channels.index(item.channel)))
    limits = request.y_range
    if limits is None:
        limits = _fit(lines, memory)
    else:
        memory.fitted = None
    memory.y_range = limits
    low, high = limits.low, limits.high
    middle = (low + high) / 2
    y_origin = middle if abs(middle) > ORIGIN_RATIO * (high - low) else 0.0
    traces = tuple([_trace(item, cache, row, y_origin, memory) for item, cache, row in lines])
    if len(caches) > len(fresh) or len(memory.traces) > len(lines):
        memory.keep_only(request.traces)
    label_key = (limits, y_origin, request.height_px)
    if memory.label_key != label_key:
        wanted = max(2, request.height_px // VALUE_TICK_PX)
        memory.label_key = label_key
        memory.labels = tuple((label, at - y_origin) for label, at in value_ticks(low, high, wanted))
    return PlotFrame(
        request.key,
        origin_us,
        y_origin,
        x_limits,
        (low - y_origin, high - y_origin),
        x_ticks,
        memory.labels,
        traces,
        tuple(gaps[-MAX_GAP_MARKS:]),
    )


def _refresh(series: Series, width_px: int, edges: _Edges, origin_us: int, cache: ColumnCache) -> tuple[int, int]:
    """Bring the stream's columns up to date for [left, right]; an overrun costs the window's oldest part, no more.

    Returns the range of samples in view.
    """
    ring = series.ring
    left_us, right_us, is_following = edges
    first = max(ring.first_at_or_after(left_us, cache.near_left) - 1, 0)  # one more: the line reaches the edge
    last = ring.first_at_or_after(right_us + 1, cache.near_right)
    cache.near_left, cache.near_right = first, last - 1
    bucket = cache.steady.samples(series.info.sample_rate_hz * (right_us - left_us) * 1e-6, last - first, width_px)
    stop = (last // bucket + 2) * bucket
    if is_following:  # what the edge has not reached yet it soon will: one step a message instead of two
        stop = max(stop, last + (last - first) // AHEAD_SHARE)
    stop = min(ring.head, stop)
    for _ in range(OVERRUN_STEP):
        try:
            cache.update(series, max(first, ring.oldest), stop, bucket, origin_us)
            break
        except Overrun:
            first = ring.oldest + ring.capacity // OVERRUN_STEP
            stop = max(stop, min(first, ring.head))
    return first, last


def _fit(lines: list[tuple[TraceRequest, ColumnCache, int]], memory: _PlotMemory) -> YRange:
    low, high = math.inf, -math.inf
    for _, cache, row in lines:
        low, high = min(low, cache.extents.lows[row]), max(high, cache.extents.highs[row])
    if memory.y_range is None or memory.fitted != (low, high):
        memory.fitted = (low, high)
        return fit(memory.y_range, low, high)
    return memory.y_range


def _trace(item: TraceRequest, cache: ColumnCache, row: int, y_origin: float, memory: _PlotMemory) -> Trace:
    """The last frame's trace again if nothing about it changed: the window then has nothing to upload."""
    cache.set_y_origin(y_origin)
    key = (cache, cache.version, row)
    kept = memory.traces.get(item)
    if kept is not None and kept[0] == key:
        return kept[1]
    x, y = cache.line(row)
    memory.revision += 1
    trace = Trace(item, x, y, memory.revision)
    memory.traces[item] = (key, trace)
    return trace


def _gap_marks(series: Series, first: int, last: int, origin_us: int, cache: ColumnCache) -> list[GapMark]:
    """Marks of the newest breaks in view; where a break lies in time is looked up once and remembered."""
    ring, known = series.ring, cache.gap_times_us
    if len(known) > 2 * MAX_GAP_MARKS:
        known.clear()  # most have left the view
    marks = []
    for item in within(series.breaks, first, last + 1)[-MAX_GAP_MARKS:]:
        times = known.get(item)
        if times is None:
            try:
                times = known[item] = (ring.time_at(max(item.start - 1, ring.oldest)), ring.time_at(item.stop))
            except (Overrun, IndexError):
                continue  # its end has not come yet, or it has just left
        left_us, right_us = times
        marks.append(
            GapMark((left_us - origin_us) * 1e-6, (right_us - origin_us) * 1e-6, item.missing, item.kind.value)
        )
    return marks
