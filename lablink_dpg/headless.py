"""The frame loop without a window: the same questions at the same pace, with nobody to look at the answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from lablink_dpg.pace import Pace
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View
from lablink_dpg.session import Session
from lablink_dpg.store.series import Series
from lablink_dpg.times import FrameTimes

PLOT_WIDTH_PX = 400  # of one of four columns on a 1600 pixel wide window


def run(session: Session, should_stop: Callable[[], bool], fps: float, span_us: int, times: FrameTimes) -> None:
    """Build frames of all streams as a window would, ``fps`` a second, until ``should_stop()``. Main thread.

    ``should_stop`` is asked ten times a second at least, also while there is nothing new to make frames of.
    """
    pace = Pace(fps, is_watched=False)
    known: tuple[object, ...] = ()
    view = View(TimeView(span_us), ())
    while not should_stop():
        if pace.is_due(session.news()):
            streams = session.series
            shape = (streams, *(series.channels for series in streams.values()))
            if shape != known:  # quick: what did not change is the same object
                known, view = shape, _view(streams, span_us)
            started = time.perf_counter()
            with session.turn():
                session.frame(view)
            times.add(started, (time.perf_counter() - started) * 1000, 0.0)
        pace.wait()


def _view(streams: Mapping[str, Series], span_us: int) -> View:
    plots = tuple(
        PlotRequest(key, tuple(TraceRequest(key, channel) for channel in series.channels), PLOT_WIDTH_PX)
        for key, series in streams.items()
    )
    return View(TimeView(span_us), plots)
