"""Held views drawn more closely, a few plots a frame: what moves is drawn by its columns, what rests by ``fine``.

A plot is refined once its lines have been the same in two frames, so that a pan or a zoom costs nothing here, and
nothing is refined into whose window samples still come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.query.fine import POINTS_PER_COLUMN, Points, fine_points
from lablink_dpg.query.frame import PlotFrame, Trace
from lablink_dpg.query.view import PlotRequest
from lablink_dpg.store.ring import Overrun
from lablink_dpg.store.series import Series

COLUMNS_PER_PIXEL = 32  # 16 leave up to one pixel in a thousand wrong (``python -m perf exact``)
MAX_POINTS = 400_000  # on the screen: each costs the library 19 ns a frame, which a held view can spare
POINTS_A_FRAME = 50_000  # made and uploaded: 2 ms


class _Kept(NamedTuple):
    of: tuple[object, ...]  # what the plot was when these were made, or was last seen to be
    traces: tuple[Trace, ...] | None  # None: not made, or not to be had


class Refiner:
    """What was refined of the plots of the last frame. Of the thread that builds frames."""

    def __init__(self) -> None:
        self.is_settled = True  # nothing is left to refine of what rests
        self._kept: dict[str, _Kept] = {}  # by plot key; bounded by the plots on the screen

    def rest(self) -> None:
        """The view moves."""
        self._kept.clear()
        self.is_settled = True

    def refine(
        self,
        by_stream: Mapping[str, Series],
        requests: Sequence[PlotRequest],
        plots: list[PlotFrame],
        left_us: int,
        right_us: int,
    ) -> None:
        """Put closer lines in place of those of ``plots``, which belong to ``requests`` and are of a held view."""
        wanted = sum(request.width_px * len(plot.traces) for request, plot in zip(requests, plots, strict=True))
        per_pixel = min(COLUMNS_PER_PIXEL, MAX_POINTS // (POINTS_PER_COLUMN * max(1, wanted)))
        before, self._kept = self._kept, {}
        self.is_settled = True
        left = POINTS_A_FRAME
        for number, (request, plot) in enumerate(zip(requests, plots, strict=True)):
            if not plot.traces or per_pixel < 2:
                continue
            now = (
                plot.x_origin_us,
                plot.y_origin,
                left_us,
                right_us,
                per_pixel,
                request.width_px,
                *(each.revision for each in plot.traces),
            )
            kept = before.get(plot.key)
            if kept is None or kept.of != now:
                kept = _Kept(now, None)
                self.is_settled = False
            elif kept.traces is None and left > 0:
                traces = _closer(by_stream, plot, request.width_px * per_pixel, left_us, right_us)
                left -= sum(each.x.size for each in traces)
                kept = _Kept(now, traces)
            elif kept.traces is None:
                self.is_settled = False
            self._kept[plot.key] = kept
            if kept.traces is not None:
                plots[number] = plot._replace(traces=kept.traces)


def _closer(
    by_stream: Mapping[str, Series], plot: PlotFrame, columns: int, left_us: int, right_us: int
) -> tuple[Trace, ...]:
    """The traces of a plot again, those as they are that cannot be had more closely."""
    found: dict[str, tuple[NDArray[np.float32], Points] | None] = {}
    traces = []
    for trace in plot.traces:
        stream = trace.request.stream
        series = by_stream.get(stream)
        if stream not in found:
            found[stream] = None if series is None else _points(series, plot.x_origin_us, columns, left_us, right_us)
        points = found[stream]
        if points is None or series is None or trace.request.channel not in series.channels[: len(points[0])]:
            traces.append(trace)
            continue
        row = series.channels.index(trace.request.channel)
        y = (points[1].values[row] - plot.y_origin).astype(np.float32)
        y[np.isinf(y)] = np.nan
        # Those of columns count up from 1: whoever has uploaded one of them uploads this one too, and back.
        traces.append(Trace(trace.request, points[0][row], y, -trace.revision))
    return tuple(traces)


def _points(
    series: Series, x_origin_us: int, columns: int, left_us: int, right_us: int
) -> tuple[NDArray[np.float32], Points] | None:
    """x in seconds after the origin, (channels, n), with the points; None where there are none, or no more."""
    ring = series.ring
    start = max(ring.first_at_or_after(left_us) - 1, ring.oldest, 0)  # one beyond each edge: the line reaches it
    stop = min(ring.first_at_or_after(right_us + 1) + 1, ring.head)
    if start >= stop:
        return None
    try:
        points = fine_points(ring, series.breaks, start, stop, columns)
        x = np.empty(points.places.shape, np.float32)
        for row, index in enumerate(points.places):
            x[row] = (ring.times_at(index) - x_origin_us) * 1e-6
    except Overrun:
        return None
    return x, points
