"""A view that rests is drawn more closely, a bounded piece a frame; one that moves is not."""

from __future__ import annotations

import numpy as np
import pytest

from lablink_dpg.query import refine
from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.frame import Frame
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View
from lablink_dpg.store.store import Store
from tests.support.query_oracle import START_US, Server

WIDTH = 200
SECOND = 1_000_000


def scene(streams: int, samples: int = 40_000) -> tuple[Store, View]:
    """``streams`` of noise at 10 kHz, held over their first 3 s."""
    store = Store(1_000_000)
    rng = np.random.default_rng(1)
    plots = []
    for number in range(streams):
        server = Server(store, f"a{number}", rate_hz=10_000.0)
        server.send(samples, rng.normal(size=(1, samples)))
        plots.append(PlotRequest(f"a{number}", (TraceRequest(f"a{number}", "CH1"),), WIDTH))
    return store, View(TimeView(3 * SECOND, False, START_US + 3 * SECOND), tuple(plots))


def frames(store: Store, view: View, memory: FrameMemory, count: int) -> list[Frame]:
    return [build_frame(store, view, START_US, 0, memory) for _ in range(count)]


def test_a_view_that_rests_gets_closer_lines_and_keeps_them():
    store, view = scene(1)
    moving, resting, after = frames(store, view, FrameMemory(), 3)
    assert not moving.is_settled
    assert resting.is_settled
    coarse, fine = moving.plots[0].traces[0], resting.plots[0].traces[0]
    assert coarse.x.size <= 2 * WIDTH + 4
    assert WIDTH * refine.COLUMNS_PER_PIXEL < fine.x.size <= 2 * WIDTH * refine.COLUMNS_PER_PIXEL + 6
    assert fine.revision != coarse.revision
    assert after.plots[0].traces[0] is fine
    in_view = store.series["a0"].ring.read(0, 30_001)  # the coarse line goes on to the end of its column
    assert fine.y.max() == np.float32(in_view.max()) <= coarse.y.max()
    assert fine.y.min() == np.float32(in_view.min()) >= coarse.y.min()


def test_a_view_that_follows_or_moves_is_drawn_by_its_columns():
    store, view = scene(1)
    memory = FrameMemory()
    for step in range(5):
        moved = View(TimeView(3 * SECOND, False, START_US + (3 * SECOND) - step * 10_000), view.plots)
        frame = build_frame(store, moved, START_US, 0, memory)
        assert frame.plots[0].traces[0].x.size <= 2 * WIDTH + 4
    following = View(TimeView(3 * SECOND), view.plots)
    frame = build_frame(store, following, START_US + 4 * SECOND, 0, memory)
    assert frame.is_settled
    assert frame.plots[0].traces[0].x.size <= 2 * WIDTH + 4


def test_the_work_of_many_plots_is_spread_over_frames():
    store, view = scene(30)
    memory = FrameMemory()
    before: set[int] = set()
    taken = 0
    for frame in frames(store, view, memory, 60):
        now = {index for index, plot in enumerate(frame.plots) if plot.traces[0].x.size > 2 * WIDTH + 4}
        made = sum(frame.plots[index].traces[0].x.size for index in now - before)
        assert made <= refine.WORK_A_FRAME + 2 * WIDTH * refine.COLUMNS_PER_PIXEL + 6
        before |= now
        taken += not frame.is_settled
    assert len(before) == 30
    assert 2 <= taken < 40


@pytest.mark.parametrize("streams", [40, 80])
def test_the_points_on_the_screen_are_bounded(streams):
    store, view = scene(streams)
    frame = frames(store, view, FrameMemory(), 150)[-1]
    assert frame.is_settled
    points = sum(trace.x.size for plot in frame.plots for trace in plot.traces)
    assert points <= refine.MAX_POINTS * 1.01


def test_the_work_of_one_plot_is_spread_over_frames_too(monkeypatch):
    store, view = scene(1)
    fine = frames(store, view, FrameMemory(), 3)[-1].plots[0].traces[0]
    monkeypatch.setattr(refine, "WORK_A_FRAME", 1)
    monkeypatch.setattr(refine, "PIECE", 64)
    memory = FrameMemory()
    taken = 0
    for frame in frames(store, view, memory, 400):
        taken += not frame.is_settled
    assert taken > 50
    pieced = frame.plots[0].traces[0]
    assert np.array_equal(np.sort(pieced.y), np.sort(fine.y))
    assert np.abs(pieced.x - fine.x).max() <= 3 / WIDTH / refine.COLUMNS_PER_PIXEL


@pytest.mark.parametrize("rate", [1000.0, 10_000.0, 100_000.0])
def test_points_lie_where_their_samples_do_also_beside_a_pause(rate):
    store = Store(1_000_000)
    server = Server(store, "a0", rate_hz=rate)
    server.send(int(rate), np.arange(rate)[np.newaxis])
    server.pause(1.5)
    server.send(int(rate), np.arange(rate, 2 * rate)[np.newaxis])
    view = View(
        TimeView(4 * SECOND, False, START_US + 4 * SECOND), (PlotRequest("a0", (TraceRequest("a0", "CH1"),), WIDTH),)
    )
    plot = frames(store, view, FrameMemory(), 5)[-1].plots[0]
    trace = plot.traces[0]
    assert np.count_nonzero(np.isnan(trace.y)) == 1
    is_sample = ~np.isnan(trace.y)
    times = plot.x_origin_us + trace.x[is_sample].astype(np.float64) * 1e6
    exact = server.series.ring.times_at(trace.y[is_sample].astype(np.int64))  # each value is its sample's number
    assert np.abs(times - exact).max() <= 4 * SECOND / WIDTH / refine.COLUMNS_PER_PIXEL + 2


def test_samples_that_come_into_a_held_view_are_drawn_in_the_frame_in_which_they_come():
    store, view = scene(1, samples=20_000)
    memory = FrameMemory()
    frames(store, view, memory, 3)
    server = Server(store, "a0", rate_hz=10_000.0, total=store.series["a0"].total)
    server.send(500, np.full((1, 500), 7.0))
    frame = build_frame(store, view, START_US, 0, memory)
    assert frame.plots[0].traces[0].y.max() == 7.0
    assert frame.plots[0].traces[0].x.size <= 2 * WIDTH + 4


def test_a_gap_breaks_the_closer_line_too():
    store = Store(100_000)
    server = Server(store, "a0", rate_hz=10_000.0)
    server.send(10_000)
    server.lose(5000)
    server.send(10_000)
    plots = (PlotRequest("a0", (TraceRequest("a0", "CH1"),), WIDTH),)
    view = View(TimeView(3 * SECOND, False, START_US + 3 * SECOND), plots)
    frame = frames(store, view, FrameMemory(), 3)[-1]
    trace = frame.plots[0].traces[0]
    assert trace.x.size > 2 * WIDTH + 4
    assert np.count_nonzero(np.isnan(trace.y)) == 1
