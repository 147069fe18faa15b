"""Held views drawn more closely, piece by piece: what moves is drawn by its columns, what rests by ``fine``.

A plot is refined once its lines have been the same in two frames, so that a pan or a zoom costs nothing here, and
nothing is refined into whose window samples still come. The work is a generator, which goes on in the next frame where
a frame has had its share.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import FloatArray, Int64Array
from lablink_dpg.query.fine import POINTS_PER_COLUMN, fine_points, fineness
from lablink_dpg.query.frame import PlotFrame, Trace
from lablink_dpg.query.view import PlotRequest, TraceRequest
from lablink_dpg.store.breaks import Break, within
from lablink_dpg.store.ring import Overrun, Ring
from lablink_dpg.store.series import Series

COLUMNS_PER_PIXEL = 32  # 16 leave up to one pixel in a thousand wrong (``python -m perf exact``)
MAX_POINTS = 400_000  # on the screen: each costs the library 19 ns a frame, which a held view can spare
WORK_A_FRAME = 100_000  # cells looked at, and points made: three milliseconds
PIECE = 2048  # columns at a time, or as many points: so much more than that one frame may take at most


class _Kept(NamedTuple):
    of: tuple[object, ...]  # what the plot was when these were made, or was last seen to be
    work: Generator[int, None, tuple[Trace, ...]] | None  # under way; it tells what each piece has cost
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
        left = WORK_A_FRAME
        for number, (request, plot) in enumerate(zip(requests, plots, strict=True)):
            if not plot.traces or per_pixel < 2:
                continue
            width_px = request.width_px
            revisions = [each.revision for each in plot.traces]
            now = (plot.x_origin_us, plot.y_origin, left_us, right_us, per_pixel, width_px, *revisions)
            kept = before.get(plot.key)
            if kept is None or kept.of != now:
                kept = _Kept(now, _closer(by_stream, plot, width_px * per_pixel, left_us, right_us), None)
                self.is_settled = False
            elif kept.work is not None:
                left, traces = _go_on(kept.work, left)
                if traces is None:
                    self.is_settled = False
                else:
                    kept = _Kept(now, None, traces)
            self._kept[plot.key] = kept
            if kept.traces is not None:
                plots[number] = plot._replace(traces=kept.traces)


def _go_on(work: Generator[int, None, tuple[Trace, ...]], left: int) -> tuple[int, tuple[Trace, ...] | None]:
    """Work piece by piece as long as some of ``left`` is left; what then is, and the lines if they are made."""
    try:
        while left > 0:
            left -= next(work)
    except StopIteration as ended:
        return left, ended.value
    return left, None


def _closer(
    by_stream: Mapping[str, Series], plot: PlotFrame, columns: int, left_us: int, right_us: int
) -> Generator[int, None, tuple[Trace, ...]]:
    """The traces of a plot again, those as they are that cannot be had more closely."""
    by_name: dict[str, list[Trace]] = {}
    for trace in plot.traces:
        by_name.setdefault(trace.request.stream, []).append(trace)
    closer: dict[TraceRequest, Trace] = {}
    for stream, traces in by_name.items():
        series = by_stream.get(stream)
        if series is None:
            continue
        channels = series.channels[: series.ring.channels]
        known = [trace for trace in traces if trace.request.channel in channels]
        rows = [channels.index(trace.request.channel) for trace in known]
        found = yield from _points(series, rows, plot.x_origin_us, columns, left_us, right_us)
        if found is None:
            continue
        x, values = found
        for row, trace in enumerate(known):
            y = (values[row] - plot.y_origin).astype(np.float32)
            y[np.isinf(y)] = np.nan
            # Those of columns count up from 1: whoever has uploaded one of them uploads this one too, and back.
            closer[trace.request] = Trace(trace.request, x[row], y, -trace.revision)
    return tuple(closer.get(trace.request, trace) for trace in plot.traces)


def _points(
    series: Series, rows: list[int], x_origin_us: int, columns: int, left_us: int, right_us: int
) -> Generator[int, None, tuple[NDArray[np.float32], FloatArray] | None]:
    """x in seconds after the origin and values, both (rows, n); None where there are none, or no more."""
    ring, breaks = series.ring, series.breaks
    start = max(ring.first_at_or_after(left_us) - 1, ring.oldest, 0)  # one beyond each edge: the line reaches it
    stop = min(ring.first_at_or_after(right_us + 1) + 1, ring.head)
    if start >= stop or not rows:
        return None
    fine = fineness(ring, stop - start, columns)
    step = PIECE * fine.bucket
    parts = []
    try:
        for first in (start, *range(start - start % step + step, stop, step)):
            last = min(first - first % step + step, stop)
            points = fine_points(ring, breaks, first, last, fine, rows)
            parts.append((_x(ring, breaks, points.places, first, last, fine.bucket, x_origin_us), points.values))
            yield len(rows) * (PIECE if fine.are_samples else PIECE * (fine.cells_a_column + POINTS_PER_COLUMN))
    except Overrun:
        return None
    return np.concatenate([x for x, _ in parts], axis=1), np.concatenate([values for _, values in parts], axis=1)


def _x(
    ring: Ring, breaks: tuple[Break, ...], places: Int64Array, start: int, stop: int, step: int, origin_us: int
) -> NDArray[np.float32]:
    """Where samples lie, by the times of every ``step``-th and of those at breaks; in seconds after the origin.

    Between two of those a line is straight enough: they are a fraction of a pixel apart.
    """
    known = np.unique([start, *range(start - start % step + step, stop, step), stop - 1])
    times = ring.times_every(start, stop, step)
    if times.shape[0] < known.shape[0]:
        times = np.append(times, ring.time_at(stop - 1))
    edges = [at for item in within(breaks, start, stop) for at in (item.start - 1, item.stop) if start <= at < stop]
    if edges:  # time leaps there
        at = np.array(sorted(set(edges)), np.int64)
        known, which = np.unique(np.append(known, at), return_index=True)
        times = np.append(times, ring.times_at(at))[which]
    x: NDArray[np.float32] = np.interp(places, known, (times - origin_us) * 1e-6).astype(np.float32)
    return x
