"""The frame loop without a window: the same questions at the same pace, with nobody to look at the answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TypeAlias

from lablink_dpg.pace import Pace
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View
from lablink_dpg.session import Session
from lablink_dpg.store.series import Series
from lablink_dpg.times import FrameTimes

_Plot: TypeAlias = tuple[tuple[str, ...], PlotRequest]  # and the channels that it is of

PLOT_WIDTH_PX = 400  # of one of four columns on a 1600 pixel wide window


def run(session: Session, should_stop: Callable[[], bool], fps: float, span_us: int, times: FrameTimes) -> None:
    """Build frames of all streams as a window would, ``fps`` a second, until ``should_stop()``. Main thread.

    ``should_stop`` is asked ten times a second at least, also while there is nothing new to make frames of.
    """
    pace = Pace(fps, is_watched=False)
    known: tuple[object, ...] = ()
    plots: dict[str, _Plot] = {}
    view = View(TimeView(span_us), ())
    while not should_stop():
        if pace.is_due(session.news()):
            streams = session.series
            shape = (streams, *(series.channels for series in streams.values()))
            if shape != known:  # quick: what did not change is the same object
                known, plots = shape, _plots(streams, plots)
                view = View(TimeView(span_us), tuple(request for _, request in plots.values()))
            started = time.perf_counter()
            with session.turn():
                session.frame(view)
            times.add(started, (time.perf_counter() - started) * 1000, 0.0)
        pace.wait()


def _plots(streams: Mapping[str, Series], before: Mapping[str, _Plot]) -> dict[str, _Plot]:
    """One a stream, as ``before`` where it has the same channels: a thousand streams come one by one."""
    plots = {}
    for key, series in streams.items():
        channels = series.channels
        found = before.get(key)
        if found is None or found[0] != channels:
            traces = tuple(TraceRequest(key, channel) for channel in channels)
            found = channels, PlotRequest(key, traces, PLOT_WIDTH_PX)
        plots[key] = found
    return plots
