"""The picture of a frame: a function of what is stored and asked, whatever was drawn before."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.cache import AHEAD_SHARE, ColumnCache
from lablink_dpg.query.frame import Frame, GapMark, PlotFrame
from lablink_dpg.query.plot_memory import PlotMemory
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View, YRange
from lablink_dpg.store.store import Store
from tests.query.test_marks import book_with, event
from tests.support.query_oracle import START_US, OvertakenRing, Server, lines_of_points

SECOND = 1_000_000
LAG_US = 80_000


def plot(key: str = "p", *traces: tuple[str, str], width: int = 380, y_range: YRange | None = None) -> PlotRequest:
    return PlotRequest(key, tuple(TraceRequest(*each) for each in traces or [("a", "CH1")]), width, 180, y_range)


def following(span_s: float, *plots: PlotRequest) -> View:
    return View(TimeView(round(span_s * SECOND)), plots or (plot(),))


def held(span_s: float, right_us: int, *plots: PlotRequest) -> View:
    return View(TimeView(round(span_s * SECOND), False, right_us), plots or (plot(),))


def picture(one: PlotFrame) -> list[tuple[object, list[list[tuple[int, float]]]]]:
    """Lines in µs and values, without the origins, which are the frame's own affair.

    Of what lies beside the window only the column counts from which a line comes in, and the one to which it goes: a
    used memory may know more.
    """
    out = []
    left_us, right_us = (round(one.x_origin_us + limit * 1e6) for limit in one.x_limits)
    for trace in one.traces:
        lines = lines_of_points(trace.x, trace.y[None])
        seen = [[(round(one.x_origin_us + x * 1e6), y) for x, y in line] for line in lines]
        out.append((trace.request, [near for line in seen if (near := _beside(line, left_us, right_us))]))
    return out


def _beside(line: list[tuple[int, float]], left_us: int, right_us: int) -> list[tuple[int, float]]:
    """A line without what is out of sight, but for a column on each side; empty if all of it is."""
    first = max((at_us for at_us, _ in line if at_us < left_us), default=left_us)
    last = min((at_us for at_us, _ in line if at_us > right_us), default=right_us)
    near = [(at_us, y) for at_us, y in line if first <= at_us <= last]
    return (
        near if any(left_us <= at_us <= right_us for at_us, _ in near) or (first < left_us and last > right_us) else []
    )


def gaps_in_view(one: PlotFrame) -> list[GapMark]:
    """A used memory forgets those that have left the view when it next looks for the view's edge."""
    return [gap for gap in one.gaps if gap.right_s >= one.x_limits[0]]


def copied(frame: Frame) -> list[list[tuple[object, bytes, bytes]]]:
    return [[(t.request, t.x.tobytes(), t.y.tobytes()) for t in each.traces] for each in frame.plots]


def used_and_fresh(store: Store, view: View, now_us: int, memory: FrameMemory) -> Iterator[tuple[PlotFrame, PlotFrame]]:
    """Each plot of a frame by ``memory``, beside the same one by an empty memory of the same origin and buckets.

    A bucket stays as long as it serves, so which one it is depends on what was seen before.
    """
    used = build_frame(store, view, now_us, LAG_US, memory)
    fresh_memory = FrameMemory()
    fresh_memory.x_origin_us = memory.x_origin_us
    for key, known in memory.plots.items():
        plot_memory = fresh_memory.plots[key] = PlotMemory()
        for stream, cache in known.caches.items():
            plot_memory.caches[stream] = ColumnCache()
            plot_memory.caches[stream].steady = copy(cache.steady)
    fresh = build_frame(store, view, now_us, LAG_US, fresh_memory)
    return zip(used.plots, fresh.plots, strict=True)


# -- which streams and edges ------------------------------------------------------------------------------------


def test_while_it_follows_the_right_edge_is_now_minus_the_lag():
    frame = build_frame(Store(256), following(10), START_US, LAG_US, FrameMemory())
    assert (frame.left_us, frame.right_us) == (START_US - LAG_US - 10 * SECOND, START_US - LAG_US)
    assert frame.plots[0].x_limits[1] - frame.plots[0].x_limits[0] == pytest.approx(10)


def test_an_empty_store_gives_empty_plots_with_labels():
    frame = build_frame(Store(256), following(10), START_US, LAG_US, FrameMemory())
    assert frame.plots[0].traces == ()
    assert frame.plots[0].y_limits == (-1.0, 1.0)
    assert len(frame.plots[0].x_ticks) >= 2
    assert len(frame.plots[0].y_ticks) >= 2
    assert frame.points == 0


def test_a_series_without_samples_has_an_empty_trace_until_they_come():
    server, memory = Server(Store(4096)), FrameMemory()
    frame = build_frame(server.store, following(10), START_US, LAG_US, memory)
    assert frame.plots[0].traces[0].x.shape == (0,)
    server.send(500)
    assert build_frame(server.store, following(10), START_US + SECOND, LAG_US, memory).points > 20


@pytest.mark.parametrize("is_live", [True, False])
@pytest.mark.parametrize("history", [1000, 3000, 20_000])
def test_a_history_much_shorter_than_the_window_is_drawn_but_for_a_little_that_is_about_to_go(is_live, history):
    server, memory = Server(Store(history), rate_hz=10_000.0), FrameMemory()
    ring = server.series.ring
    for _ in range(90):
        server.send(333)
        now = server.arrival_us
        view = following(600) if is_live else held(600, now)
        trace = build_frame(server.store, view, now, 0, memory).plots[0].traces[0]
        assert trace.x.shape[0] > 0
    kept = ring.read(ring.oldest + ring.capacity // 16, ring.head)
    assert np.nanmin(trace.y) <= np.float32(kept.min())
    assert np.nanmax(trace.y) >= np.float32(kept.max())


def test_streams_and_channels_that_the_store_does_not_know_are_left_out():
    server = Server(Store(4096))
    server.send(500)
    request = plot("p", ("nobody", "CH1"), ("a", "CH1"), ("a", "CH9"))
    frame = build_frame(server.store, following(10, request), START_US + SECOND, 0, FrameMemory())
    assert [trace.request for trace in frame.plots[0].traces] == [TraceRequest("a", "CH1")]


def test_an_overlay_shows_streams_of_any_rate_each_with_its_own_samples():
    store = Store(100_000)
    for stream, rate in (("slow", 3.0), ("a", 1000.0), ("fast", 50_000.0)):
        server = Server(store, stream, rate, seed=len(stream))
        server.send(int(rate * 2))
    request = plot("p", ("slow", "CH1"), ("a", "CH1"), ("fast", "CH1"))
    frame = build_frame(store, held(1, START_US + 2 * SECOND, request), START_US + 2 * SECOND, 0, FrameMemory())
    slow, a, fast = frame.plots[0].traces
    assert slow.x.shape[0] == 4  # those in view and one more, so that the line reaches the edge
    for trace, rate in ((a, 1000), (fast, 50_000)):
        values = store.series[trace.request.stream].ring.read(rate, 2 * rate)
        assert np.isin(np.float32([values.min(), values.max()]), trace.y).all()
    assert frame.points == sum(trace.x.shape[0] for trace in frame.plots[0].traces)


def test_channels_of_a_stream_are_drawn_side_by_side_and_new_ones_from_when_they_come():
    server, memory = Server(Store(4096), channels=("A", "B")), FrameMemory()
    view = held(0.3, START_US + 250_000, plot("p", ("a", "A"), ("a", "B"), ("a", "C")))
    server.send(100, np.array([[1.0], [2.0]]) * np.ones(100))
    frame = build_frame(server.store, view, START_US + SECOND, 0, memory)
    assert [set(trace.y.tolist()) for trace in frame.plots[0].traces] == [{1.0}, {2.0}]
    server.channels = ("A", "B", "C")
    server.send(100, np.array([[1.0], [2.0], [3.0]]) * np.ones(100))
    frame = build_frame(server.store, view, START_US + SECOND, 0, memory)
    a, _, c = frame.plots[0].traces
    assert np.count_nonzero(a.y == 1.0) == 200
    assert np.count_nonzero(c.y == 3.0) == 100
    assert np.isnan(c.y[:100]).all()
    assert len(lines_of_points(a.x, a.y[None])) == 2


# -- pure: memory saves work and changes nothing ----------------------------------------------------------------


@settings(max_examples=40)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1), rate=st.sampled_from([50.0, 1000.0, 20_000.0]))
def test_a_used_memory_gives_the_picture_of_a_fresh_one(data, seed, rate):
    store, memory = Store(30_000), FrameMemory()
    servers = [Server(store, name, rate * factor, seed=seed) for name, factor in (("a", 1.0), ("b", 0.4))]
    now = START_US
    for _ in range(data.draw(st.integers(2, 12), "frames")):
        happened = data.draw(st.sampled_from(["send", "send", "send", "lose", "pause", "restart", "fill"]), "what")
        for server in servers:
            count = data.draw(st.integers(1, 3000), "count")
            if happened in ("lose", "pause"):
                server.lose(min(count, 500)) if happened == "lose" else server.pause(2.0)
            elif happened == "restart" and server.total > count:
                server.restart()
            elif happened == "fill":
                server.fill()
            server.send(count)
            now = max(now, server.arrival_us)
        span_s = data.draw(st.sampled_from([0.01, 0.3, 2.0, 60.0]), "span")
        time = TimeView(round(span_s * SECOND), data.draw(st.booleans()), now - data.draw(st.integers(0, 5 * SECOND)))
        request = plot("p", ("a", "CH1"), ("b", "CH1"), width=data.draw(st.sampled_from([50, 380])))
        view = View(time, (request, replace(request, key="q", y_range=YRange(-1, 1))))
        for one, other in used_and_fresh(store, view, now, memory):
            if one.y_origin == other.y_origin:
                assert picture(one) == picture(other)
            assert one.gaps == other.gaps
            assert (one.x_limits, one.x_ticks) == (other.x_limits, other.x_ticks)
            for trace in other.traces:
                drawn = trace.y[np.isfinite(trace.y)]
                assert np.all((drawn >= np.float32(one.y_limits[0])) & (drawn <= np.float32(one.y_limits[1]))) or (
                    one.key == "q"
                )


def in_view(one: PlotFrame) -> list[tuple[object, list[list[tuple[int, float]]]]]:
    """As ``picture``, without what lies beside the plot."""
    left, right = (round(one.x_origin_us + limit * 1e6) for limit in one.x_limits)
    cut = [
        (request, [[each for each in line if left <= each[0] <= right] for line in lines])
        for request, lines in picture(one)
    ]
    return [(request, [line for line in lines if line]) for request, lines in cut]


@pytest.mark.parametrize("rate", [50.0, 1000.0, 20_000.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_live_view_followed_frame_by_frame_is_that_of_a_fresh_memory(seed: int, rate: float) -> None:
    """Steps of a fraction of a window, as frames are: the left edge is searched for in some frames only."""
    rng = np.random.default_rng(seed)
    store, memory = Store(100_000), FrameMemory()
    servers = [Server(store, name, rate * factor, seed=seed) for name, factor in (("a", 1.0), ("b", 0.4))]
    view = following(0.5, plot("p", ("a", "CH1"), ("b", "CH1"), width=100), plot("q", ("b", "CH1"), width=100))
    for server in servers:
        server.send(round(rate))
    now = max(server.arrival_us for server in servers)
    for step in range(120):
        now += int(rng.integers(0, SECOND // 40))
        for server in servers:
            due = round((now - server.arrival_us) * 1e-6 * server.rate_hz)
            if due < 2 or rng.random() < 0.3:
                continue
            if step % 40 == 39:
                server.lose(due // 2)
            elif step == 70:
                server.restart()
            server.send(due)
        for one, other in used_and_fresh(store, view, now, memory):
            if one.y_origin == other.y_origin:
                assert in_view(one) == in_view(other)
            assert gaps_in_view(one) == gaps_in_view(other)
            assert (one.x_limits, one.x_ticks) == (other.x_limits, other.x_ticks)


def test_a_plot_whose_samples_lie_between_two_that_are_drawn_is_the_last_one_in_all_but_its_time_axis() -> None:
    server, memory, now = Server(Store(100_000)), FrameMemory(), START_US + 40 * SECOND
    server.send(40_037)
    live = following(32)
    (before,) = build_frame(server.store, live, now, 0, memory).plots
    server.send(10, np.zeros((1, 10)))
    (between,) = build_frame(server.store, live, now + 10_000, 0, memory).plots
    assert between.traces is before.traces
    assert between.y_limits is before.y_limits
    assert between.y_ticks is before.y_ticks
    assert between.x_limits != before.x_limits


@pytest.mark.parametrize("seed", range(6))
def test_what_is_steady_differs_in_its_time_axis_and_in_points_only(seed: int) -> None:
    """Whatever happens to the streams of a plot."""
    rng = np.random.default_rng(seed)
    store, memory = Store(20_000), FrameMemory()
    server = Server(store, "a", 1000.0, ("CH1", "CH2"), seed=seed)
    view = following(2, plot("p", ("a", "CH1"), ("b", "CH1"), ("a", "CH2"), width=100))
    before, steady, now = None, 0, START_US
    late = Server(store, "b", 400.0, seed=seed, start_us=START_US + 3 * SECOND)
    for step in range(300):
        now += SECOND // 30
        for each in (server, late):
            due = round((now - each.start_us) * 1e-6 * each.rate_hz) - each.total
            if due < 2:
                continue
            if rng.random() < 0.004:
                each.lose(due // 2)
            elif rng.random() < 0.004:
                each.restart()
            each.send(due, (3.0 if step < 200 else 9000.0) + rng.choice([-0.1, 0.1], (len(each.channels), due)))
        (present,) = build_frame(store, view, now, LAG_US, memory).plots
        if before is not None and present.steady is not None and present.steady is before.steady:
            steady += 1
            assert not present.gaps
            assert present.y_ticks is before.y_ticks
            assert (present.y_origin, present.y_limits) == (before.y_origin, before.y_limits)
            assert [trace.request for trace in present.traces] == [trace.request for trace in before.traces]
            assert all(len(trace.x) for trace in present.traces)
        before = present
    assert steady > 5


def test_a_plot_is_steady_while_nothing_but_points_is_new_and_no_longer_when_its_values_need_another_axis() -> None:
    server, memory, now = Server(Store(100_000)), FrameMemory(), START_US + 20 * SECOND
    server.send(20_000, np.tile([-1.0, 1.0], 10_000)[None])
    live = following(8)
    first = build_frame(server.store, live, now, 0, memory).plots[0]
    for _ in range(30):
        now += SECOND // 30
        server.send(33, np.tile([-1.0, 1.0, 0.0], 11)[None])
        present = build_frame(server.store, live, now, 0, memory).plots[0]
        assert present.steady is first.steady is not None
    assert present.traces[0].revision != first.traces[0].revision
    server.send(33, np.full((1, 33), 50.0))
    higher = build_frame(server.store, live, now + SECOND // 30, 0, memory).plots[0]
    assert higher.steady is not first.steady
    wanted = replace(live.plots[0], y_range=YRange(-1.0, 1.0))
    other = build_frame(server.store, following(8, wanted), now + SECOND // 15, 0, memory).plots[0]
    assert other.steady is not higher.steady


def test_a_plot_from_which_a_line_goes_is_another_one() -> None:
    store, memory, now = Store(100_000), FrameMemory(), START_US + 20 * SECOND
    for name in ("a", "b"):
        Server(store, name).send(20_000)
    live = following(8, plot("p", ("a", "CH1"), ("b", "CH1"), y_range=YRange(-5.0, 5.0)))
    before = build_frame(store, live, now, 0, memory).plots[0]
    store.forget("b")
    after = build_frame(store, live, now + 1000, 0, memory).plots[0]
    assert (len(before.traces), len(after.traces)) == (2, 1)
    assert after.steady is not before.steady


def test_a_plot_that_is_marked_is_not_steady() -> None:
    server, memory, now = Server(Store(100_000)), FrameMemory(), START_US + 20 * SECOND
    server.send(20_000)
    book = book_with(event(1, now - SECOND, equipment_id=server.series.info.equipment_id))
    live = following(8)
    assert build_frame(server.store, live, now, 0, memory).plots[0].steady is not None
    marked = build_frame(server.store, live, now + 1000, 0, memory, lambda _: book).plots[0]
    assert marked.marks
    assert marked.steady is None


def test_a_view_that_goes_back_to_live_shows_all_of_its_window_however_briefly_it_was_held() -> None:
    """A held view may have looked at less of the past than the live one wants to see again."""
    server, memory, now = Server(Store(100_000)), FrameMemory(), START_US + 40 * SECOND
    server.send(40_000)
    live = following(32)
    build_frame(server.store, live, now, 0, memory)
    build_frame(server.store, held(4, now, plot()), now + 1000, 0, memory)
    used = build_frame(server.store, live, now + 2000, 0, memory).plots[0]
    fresh = build_frame(server.store, live, now + 2000, 0, FrameMemory()).plots[0]
    assert used.traces[0].x[0] <= used.x_limits[0]
    assert used.traces[0].x.shape == fresh.traces[0].x.shape


def test_a_lag_that_grows_brings_back_what_had_left_on_the_left() -> None:
    server, memory, now = Server(Store(100_000)), FrameMemory(), START_US + 20 * SECOND
    server.send(20_000)
    for lag_us in (0, SECOND):
        build_frame(server.store, following(8), now, lag_us, memory)
        frame = build_frame(server.store, following(8), now + 1000, lag_us, memory)
    x = frame.plots[0].traces[0].x
    assert x[0] <= frame.plots[0].x_limits[0]


def test_the_value_axis_fits_many_columns_that_come_at_once() -> None:
    server, memory = Server(Store(10_000), rate_hz=30), FrameMemory()
    view = following(60, plot(width=1500))
    server.send(900, np.zeros((1, 900)))
    now = START_US + 30 * SECOND
    build_frame(server.store, view, now, 0, memory)
    for value in range(1, 10):
        server.send(30, np.full((1, 30), 10.0**value))
        now += SECOND
        shown = build_frame(server.store, view, now, 0, memory).plots[0]
        assert shown.y_limits[1] + shown.y_origin >= 10**value


def test_a_stream_of_unknown_rate_gets_no_more_points_than_pixels_while_its_window_fills() -> None:
    server, memory = Server(Store(1_000_000), rate_hz=10_000, nominal_hz=0.0), FrameMemory()
    now = START_US
    for _ in range(200):
        server.send(333)
        now += 33_300
        frame = build_frame(server.store, following(600, plot(width=100)), now, 0, memory)
        assert frame.points <= 2 * (2 * 100)


def test_a_stream_that_takes_the_place_of_another_in_a_plot_is_drawn_at_once():
    store, memory = Store(20_000), FrameMemory()
    for name, value in (("a", 1.0), ("b", 2.0)):
        server = Server(store, name)
        server.channels = ("X", "Y")
        server.send(1000, np.array([[value], [-value]]) * np.ones(1000))
    for traces, values in (((("a", "X"),), {1.0}), ((("a", "Y"),), {-1.0}), ((("b", "Y"), ("a", "X")), {-2.0, 1.0})):
        frame = build_frame(store, View(TimeView(SECOND), (plot("p", *traces),)), server.arrival_us, 0, memory)
        assert {value for trace in frame.plots[0].traces for value in trace.y.tolist()} == values


def test_a_revision_is_new_when_points_are_and_only_then():
    server, memory = Server(Store(20_000)), FrameMemory()
    seen: dict[int, tuple[bytes, bytes]] = {}
    revision = -1
    for step in range(300):
        has_news = step % 3 == 0 or step in (150, 200)
        if step == 150:
            server.lose(30)
        if step % 3 == 0:
            server.send(40)
        if step == 200:
            assert server.fill() == 30
        trace = build_frame(server.store, following(1.0), server.arrival_us, 0, memory).plots[0].traces[0]
        content = trace.x.tobytes(), trace.y.tobytes()
        assert seen.setdefault(trace.revision, content) == content
        assert has_news or trace.revision == revision
        revision = trace.revision
    assert len(seen) == 101


def settled(store: Store, view: View, memory: FrameMemory) -> Frame:
    """Its frame once it is drawn as closely as it is going to be."""
    for _ in range(2):
        build_frame(store, view, START_US, 0, memory)
    frame = build_frame(store, view, START_US, 0, memory)
    assert frame.is_settled
    return frame


def test_a_held_view_without_news_in_it_has_nothing_to_upload():
    server, memory = Server(Store(20_000)), FrameMemory()
    server.send(5000)
    view = held(2, START_US + 3 * SECOND)
    frame = settled(server.store, view, memory)
    for _ in range(20):
        server.send(100)
        again = build_frame(server.store, view, server.arrival_us, 0, memory)
        assert again.plots[0].traces[0] is frame.plots[0].traces[0]
        assert again.plots[0].y_ticks is frame.plots[0].y_ticks


def test_a_stream_taken_off_an_overlay_leaves_nothing_behind():
    store, memory = Store(4096), FrameMemory()
    for name in "abcdef":
        Server(store, name).send(100)
        build_frame(store, following(10, plot("p", (name, "CH1"))), START_US, 0, memory)
    assert set(memory.plots["p"].caches) == {"f"}
    assert len(memory.plots["p"].known_lines) == 1
    build_frame(store, following(10, plot("other")), START_US, 0, memory)
    build_frame(store, following(10, plot("other")), START_US, 0, memory)
    assert set(memory.plots) == {"other"}


# -- held, in the past, overrun ---------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [1000.0, 100_000.0])
def test_a_held_view_holds_still_while_data_keep_arriving(rate):
    server, memory = Server(Store(1_000_000), rate_hz=rate), FrameMemory()
    server.send(int(3 * rate))
    view = held(1, START_US + 2 * SECOND)
    frame = settled(server.store, view, memory)
    before, limits = copied(frame), frame.plots[0].y_limits
    for _ in range(50):
        server.send(int(rate / 30), 100 * np.ones((1, int(rate / 30))))
        frame = build_frame(server.store, view, server.arrival_us, 0, memory)
        assert copied(frame) == before
        assert frame.plots[0].y_limits == limits
        assert frame.latencies_ms.shape == (0,)


@pytest.mark.parametrize("is_fresh", [True, False])
def test_what_has_left_the_ring_under_a_held_view_is_missing_and_nothing_else_happens(is_fresh):
    server, memory = Server(Store(5000)), FrameMemory()
    server.send(5000)
    view = held(2, START_US + 3 * SECOND)
    for _ in range(100):
        server.send(77)
        if is_fresh:
            memory = FrameMemory()
        shown = build_frame(server.store, view, server.arrival_us, 0, memory).plots[0]
        times = shown.x_origin_us + np.round(shown.traces[0].x.astype(np.float64) * 1e6)
        oldest_us = server.times(server.series.ring.oldest, 1)[0]
        if is_fresh and oldest_us > START_US + SECOND:
            assert times.shape[0] == 0 or times.min() >= oldest_us - 1
        if oldest_us < START_US + 2.9 * SECOND:
            assert times.max() >= START_US + 2.99 * SECOND
    assert server.series.ring.oldest > 4000


@pytest.mark.parametrize("after_reads", [0, 1, 2, 3])
@pytest.mark.parametrize("by", [100, 3000, 4096, 10_000])
@pytest.mark.parametrize("span_s", [0.2, 4.0])
def test_a_writer_that_laps_the_reader_costs_the_oldest_part_of_the_window(after_reads, by, span_s):
    store = Store(4096)
    server = Server(store)
    ring = server.series.ring = OvertakenRing(1, 4096)
    server.send(4096)
    now = server.arrival_us
    ring.overtake(after_reads, by)
    shown = build_frame(store, held(span_s, now), now, 0, FrameMemory()).plots[0].traces[0]
    if by < 2048:
        assert shown.x.shape[0] > 0
    assert np.isfinite(shown.x).all()
    server.send(by)
    now = server.arrival_us
    assert build_frame(store, held(span_s, now), now, 0, FrameMemory()).points > 0


def test_channels_that_change_while_a_frame_is_built_do_no_harm():
    """The writer swaps the ring between two looks of the reader."""
    server, memory = Server(Store(4096)), FrameMemory()
    server.send(100)
    view = following(10, plot("p", ("a", "CH1"), ("a", "CH2")))
    build_frame(server.store, view, START_US + SECOND, 0, memory)
    server.series.channels = ("CH1", "CH2")  # of a ring that is not there yet
    frame = build_frame(server.store, view, START_US + SECOND, 0, memory)
    assert [trace.request.channel for trace in frame.plots[0].traces] == ["CH1"]


# -- what a frame shows -----------------------------------------------------------------------------------------


def test_the_value_axis_fits_what_is_visible_and_ignores_overloads():
    server, memory = Server(Store(100_000)), FrameMemory()
    values = np.sin(np.arange(20_000) / 50)
    values[3000] = 80.0  # seen only by a view that holds it
    values[10_500] = np.inf
    server.send(20_000, values[None])
    wide = build_frame(server.store, held(20, START_US + 20 * SECOND), START_US, 0, memory).plots[0]
    assert 80 < wide.y_limits[1] < 100
    near = build_frame(server.store, held(1, START_US + 11 * SECOND), START_US, 0, memory).plots[0]
    assert 1 <= near.y_limits[1] < 1.5
    nearer = build_frame(server.store, held(0.01, START_US + 15 * SECOND), START_US, 0, memory).plots[0]
    assert nearer.y_limits[1] - nearer.y_limits[0] < 0.5


def test_a_range_set_by_hand_is_kept_to_the_digit():
    server = Server(Store(4096))
    server.send(500)
    request = plot("p", y_range=YRange(-0.125, 7.5))
    assert build_frame(server.store, following(10, request), START_US, 0, FrameMemory()).plots[0].y_limits == (
        -0.125,
        7.5,
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300, -1e300, 1e-300, 0.0])
def test_values_that_cannot_be_drawn_do_no_harm(value):
    server = Server(Store(4096))
    server.send(500, np.full((1, 500), value))
    frame = build_frame(server.store, following(1), START_US + SECOND, 0, FrameMemory())
    assert np.isfinite(frame.plots[0].y_limits).all()
    assert frame.points > 0


@pytest.mark.parametrize("span_s", [1.0, 3.0, 30.0, 300.0])
@pytest.mark.parametrize("what", ["lost", "pause", "restart"])
def test_a_break_breaks_the_line_at_every_zoom_and_is_marked(span_s, what):
    store = Store(400_000)
    server = Server(store)
    server.send(150_000)
    before_us = int(server.times(server.total - 1, 1)[0])
    if what == "lost":
        server.lose(400)
    elif what == "pause":
        server.pause(0.4)
    else:
        server.restart()
    server.send(100_000 if what == "restart" else 150_000)
    after_us = int(server.series.ring.read_times(150_000, 150_001)[0]) if what != "lost" else before_us + 401_000
    right_us = before_us + int(span_s * SECOND / 2)
    shown = build_frame(store, held(span_s, right_us), START_US, 0, FrameMemory()).plots[0]
    left, right = picture(shown)[0][1]  # two lines, no more
    hair_us = span_s * 2  # float32
    assert left[-1][0] <= before_us + hair_us
    assert right[0][0] >= after_us - hair_us
    (mark,) = shown.gaps
    assert mark.kind == what
    assert mark.lost == (400 if what == "lost" else 0)
    assert shown.x_origin_us + mark.left_s * 1e6 == pytest.approx(before_us, abs=1)
    assert shown.x_origin_us + mark.right_s * 1e6 == pytest.approx(after_us, abs=1)


@pytest.mark.parametrize("place", ["newest", "tail", "edge", "old"])
@pytest.mark.parametrize("span_s", [0.05, 1.0, 7.0, 40.0])
@pytest.mark.parametrize("width", [40, 380, 1920])
def test_a_spike_of_one_sample_is_drawn_at_any_zoom(place, span_s, width):
    server = Server(Store(1_000_000), rate_hz=20_000.0)
    total = 900_001
    at = {"newest": total - 1, "tail": total - 500, "edge": 256 * 3400 - 1, "old": 500_000}[place]
    values = np.zeros((1, total))
    values[0, at] = 7.0
    server.send(total, values)
    when_us = int(server.times(at, 1)[0])
    request = plot("p", width=width)
    for share in (0.0, 0.5, 1.0):  # at the left edge, in the middle, at the right edge
        right_us = when_us + int(share * span_s * SECOND)
        frame = build_frame(server.store, held(span_s, right_us, request), START_US, 0, FrameMemory())
        trace = frame.plots[0].traces[0]
        assert trace.y[np.isfinite(trace.y)].max() == 7.0
        assert frame.plots[0].y_limits[1] >= 7.0
        # One column left of the view and two right of it, so that the line reaches both edges.
        assert frame.points <= 2 * (width + 3)


@pytest.mark.parametrize(("rate", "span_s"), [(1000.0, 2.0), (1000.0, 0.3), (40_000.0, 1.0)])
def test_what_has_scrolled_in_never_flickers(rate, span_s):
    """Bursts come late and early, the rate wanders by 8 %, the origin moves: a settled point stays to the bit."""
    rng = np.random.default_rng(11)
    store, memory = Store(200_000), FrameMemory()
    server = Server(store, rate_hz=rate)
    settled: dict[int, tuple[float, ...]] = {}
    is_raw = rate * span_s < 380
    now, sent, steps = START_US, 0.0, set()
    period_us = server.period_us
    for frame_number in range(900):
        now += int(rng.uniform(20_000, 46_000))
        sent += rng.uniform(0.92, 1.08) * 0.033 * rate
        if rng.random() < 0.7 and int(sent) > server.total:  # else it comes with the next burst
            if frame_number % 300 == 299:
                server.lose(20)
            server.send(int(sent) - server.total + 1)
        shown = build_frame(store, following(span_s), now, LAG_US, memory).plots[0]
        x = shown.x_origin_us + shown.traces[0].x.astype(np.float64) * 1e6
        index = np.round((x - START_US) / period_us).astype(np.int64)
        # What has come but is not on the screen yet is there already, for the frames of the next interval.
        in_view = x <= shown.x_origin_us + shown.x_limits[1] * 1e6
        # Two points a pixel, a column left of the view, two at its right edge, and the NaN of a gap beginning there.
        assert np.count_nonzero(in_view) <= 2 * (380 + 4) + 2 * len(shown.gaps)
        assert np.count_nonzero(~in_view) <= 2 * (380 / AHEAD_SHARE + 3)
        y = shown.traces[0].y
        if is_raw:
            seen = dict(zip(index.tolist(), zip(y.tolist(), strict=True), strict=True))
        else:
            pairs = zip(y[::2].tolist(), y[1::2].tolist(), strict=True)
            seen = dict(zip(index[::2].tolist(), pairs, strict=True))
        newest = max(seen, default=0)
        for each, values in seen.items():
            if each != newest and not np.isnan(values[0]):  # all but the open column
                assert settled.setdefault(each, values) == values
        oldest = min(seen, default=0)
        vanished = {each for each in settled if oldest <= each < newest} - set(seen)
        assert not vanished
        steps |= set(np.diff(np.unique(index[in_view])).tolist()) if len(shown.gaps) == 0 else set()
    assert len(settled) > 300
    assert len(steps - {0}) == 1  # one bucket, from the first frame to the last
