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
from lablink_dpg.query.plot import draw_plot, followed_plot
from lablink_dpg.query.plot_memory import PlotMemory, TimeAxis
from lablink_dpg.query.refine import Refiner
from lablink_dpg.query.steady import SteadyPlots
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
        self.steady: SteadyPlots | None = None  # as long as all plots are asked for again
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

    def settle(self, plots: tuple[PlotRequest, ...], by_stream: Mapping[str, Series]) -> SteadyPlots:
        """The memories of ``plots``, of which most frames ask for the same ones again."""
        steady = self.steady
        if steady is None or steady.requests is not plots or steady.by_stream is not by_stream:
            known = self.plots
            self.plots = {plot.key: known.get(plot.key) or PlotMemory() for plot in plots}
            steady = self.steady = SteadyPlots(plots, by_stream, self.plots)
        return steady


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
    is_following = view.time.is_following
    right_us = right_edge_us(view.time, now_us, lag_us)
    left_us = right_us - view.time.span_us
    origin_us = _x_origin(memory, left_us, right_us)
    steady = memory.settle(view.plots, series)
    x_limits = (left_us - origin_us) * 1e-6, (right_us - origin_us) * 1e-6

    def axis_of(width_px: int, letters: float) -> TimeAxis:
        ticks = memory.ticks_of(width_px).between(left_us, right_us, round(width_px / letters), origin_us)
        return TimeAxis(left_us, right_us, origin_us, is_following, x_limits, ticks)

    shown = steady.shown  # by stream
    plots = []
    with np.errstate(over="ignore", invalid="ignore"):  # of a value beyond float32, which breaks its line
        if is_following:
            widen_together(steady.pairs)
        axis, width_px = None, -1
        for request, plot_memory in steady.plots:
            if axis is None or request.width_px != width_px:
                width_px = request.width_px
                axis = axis_of(width_px, request.letters)
            plot = None
            if book_of is None and is_following and request is plot_memory.request:
                plot = followed_plot(request, axis, plot_memory)
            if plot is None:
                plot = draw_plot(series, request, axis, plot_memory, shown, memory.alarms, book_of)
                if plot_memory.pairs is None:
                    memory.steady = None  # other columns than before
            plots.append(plot)
        if is_following:
            memory.refiner.rest()
        else:
            memory.refiner.refine(series, view.plots, plots, left_us, right_us)
        wall = None if view.wall is None else _wall(series, view.wall, axis_of, memory, now_us, book_of)
    probe = memory.latency
    if not is_following:
        latencies = probe.rest()
    elif wall is not None and memory.lanes is not None:
        ages = memory.lanes.ages
        latencies = probe.take(ages.streams, ages.counts, ages.ages_ms)
    else:
        latencies = probe.measure(shown, right_us, now_us)
    if wall is None:
        memory.lanes = None
    return Frame(
        now_us,
        left_us,
        right_us,
        tuple(plots),
        latencies,
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
