"""``build_frame``: from what is stored and what the user wants to see to the picture of one frame.

It depends on its arguments only. The memory it is handed keeps columns that are settled, so that a frame costs what is
new; with an empty memory the same picture comes out, slower.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from lablink_dpg.query.frame import Frame, WallFrame
from lablink_dpg.query.lanes import LanesMemory, ticks_width
from lablink_dpg.query.latency import LatencyProbe
from lablink_dpg.query.marks import Alarms, BookOf
from lablink_dpg.query.plot import PlotMemory, TimeAxis, draw_plot, followed_plot
from lablink_dpg.query.refine import Refiner
from lablink_dpg.query.ticks import SteadyTicks
from lablink_dpg.query.together import widen_together
from lablink_dpg.query.view import PlotRequest, TimeView, View, WallRequest
from lablink_dpg.store.series import Series

MAX_WIDTHS = 8  # of plots on the screen; in a grid they have one
ORIGIN_SPANS = 64  # float32 has 24 bits: within 64 spans of its origin, x is finer than a 250,000th of the window


class Shelf(Protocol):
    """Where series are found by the keys that requests name: one server's store, or several of them together."""

    @property
    def series(self) -> Mapping[str, Series]: ...


class FrameMemory:
    """What is kept between frames; belongs to the thread that builds them. Bounded by the plots on the screen."""

    def __init__(self) -> None:
        self.plots: dict[str, PlotMemory] = {}
        self.latency = LatencyProbe()
        self.alarms = Alarms()
        self.refiner = Refiner()
        self.lanes: LanesMemory | None = None  # of the wall, while it is on the screen
        self.x_origin_us: int | None = None
        self._ticks: dict[int, SteadyTicks] = {}  # by width in px

    def ticks_of(self, width_px: int) -> SteadyTicks:
        if len(self._ticks) >= MAX_WIDTHS and width_px not in self._ticks:
            self._ticks.clear()  # a window that is being resized
        return self._ticks.setdefault(width_px, SteadyTicks())

    def keep_only(self, plots: tuple[PlotRequest, ...]) -> None:
        if len(self.plots) > len(plots):
            keys = {plot.key for plot in plots}
            self.plots = {key: memory for key, memory in self.plots.items() if key in keys}


def right_edge_us(time: TimeView, now_us: int, lag_us: int) -> int:
    """While it follows, the edge is a fixed lag behind now, so that samples that come in bursts scroll smoothly."""
    return now_us - lag_us if time.is_following else time.right_us


def build_frame(
    shelf: Shelf, view: View, now_us: int, lag_us: int, memory: FrameMemory, book_of: BookOf | None = None
) -> Frame:
    """The frame for ``now_us``. Reader thread only. Streams that the shelf does not have are left out.

    ``book_of`` knows the alarms of a stream's server; None where no server has told of any, which then costs nothing.
    """
    series = shelf.series
    right_us = right_edge_us(view.time, now_us, lag_us)
    left_us = right_us - view.time.span_us
    origin_us = _x_origin(memory, left_us, right_us)
    memory.keep_only(view.plots)
    x_limits = (left_us - origin_us) * 1e-6, (right_us - origin_us) * 1e-6

    def axis_of(width_px: int, letters: float) -> TimeAxis:
        ticks = memory.ticks_of(width_px).between(left_us, right_us, round(width_px / letters), origin_us)
        return TimeAxis(left_us, right_us, origin_us, view.time.is_following, x_limits, ticks)

    axes: dict[int, TimeAxis] = {}  # by width
    shown: dict[str, Series] = {}  # by stream
    plots = []
    with np.errstate(over="ignore", invalid="ignore"):  # of a value beyond float32, which breaks its line
        if view.time.is_following:
            widen_together(series, [each.caches for each in memory.plots.values()])
        for request in view.plots:
            axis = axes.get(request.width_px)
            if axis is None:
                axis = axes[request.width_px] = axis_of(request.width_px, request.letters)
            plot_memory = memory.plots.get(request.key)
            if plot_memory is None:
                plot_memory = memory.plots[request.key] = PlotMemory()
            plot = None
            if book_of is None and request is plot_memory.request and view.time.is_following:
                plot = followed_plot(series, request, axis, plot_memory, shown)
            if plot is None:
                plot = draw_plot(series, request, axis, plot_memory, shown, memory.alarms, book_of)
            plots.append(plot)
        if view.time.is_following:
            memory.refiner.rest()
        else:
            memory.refiner.refine(series, view.plots, plots, left_us, right_us)
        wall = None if view.wall is None else _wall(series, view.wall, axis_of, memory, now_us, book_of)
    probe = memory.latency
    if not view.time.is_following:
        latencies = probe.rest()
    elif wall is not None and memory.lanes is not None:
        ages = memory.lanes.ages
        latencies = probe.take(ages.streams, ages.counts, ages.ages_ms)
    else:
        latencies = probe.measure(shown, right_us, now_us)
    points = sum([trace.x.shape[0] for plot in plots for trace in plot.traces])
    if wall is None:
        memory.lanes = None
    elif memory.lanes is not None:
        points += memory.lanes.points
    return Frame(
        now_us,
        left_us,
        right_us,
        tuple(plots),
        latencies,
        points,
        probe.measured,
        probe.counts,
        memory.refiner.is_settled,
        wall,
    )


def _wall(
    series: Mapping[str, Series],
    request: WallRequest,
    axis_of: Callable[[int, float], TimeAxis],
    memory: FrameMemory,
    now_us: int,
    book_of: BookOf | None,
) -> WallFrame:
    if memory.lanes is None:
        memory.lanes = LanesMemory()
    return memory.lanes.draw(series, request, axis_of(ticks_width(request.width_px), request.letters), now_us, book_of)


def _x_origin(memory: FrameMemory, left_us: int, right_us: int) -> int:
    span_us = right_us - left_us
    origin = memory.x_origin_us
    if origin is None or abs(right_us - origin) > ORIGIN_SPANS * span_us:
        origin = memory.x_origin_us = right_us
    return origin
