"""The wall's lanes: lines as every sample says, whoever's turn it is; what is at rest is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lablink_dpg.model.alarm import Severity
from lablink_dpg.query import lanes
from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.columns import bucket_for
from lablink_dpg.query.frame import Frame, LaneTrace, WallFrame
from lablink_dpg.query.view import LaneRequest, TimeView, View, WallRequest
from lablink_dpg.store.store import Store
from tests.query.test_marks import book_with, event
from tests.support.query_oracle import START_US, Server, lines_by_hand, lines_of_points

SECOND = 1_000_000
LAG_US = 100_000
WIDTH = 100
EDGE_US = 50  # float32 puts what lies at an edge on either side of it


def asked(*streams: str, channels: tuple[str, ...] = ("CH1",), width: int = WIDTH) -> WallRequest:
    return WallRequest(tuple(LaneRequest(each, channels) for each in streams), width)


def following(span_s: float, request: WallRequest) -> View:
    return View(TimeView(round(span_s * SECOND)), (), request)


def held(span_s: float, right_us: int, request: WallRequest) -> View:
    return View(TimeView(round(span_s * SECOND), False, right_us), (), request)


def wall_of(frame: Frame) -> WallFrame:
    assert frame.wall is not None
    return frame.wall


def trace_of(frame: Frame, place: int = 0) -> LaneTrace:
    trace = wall_of(frame).lanes[place]
    assert trace is not None
    return trace


def in_view(frame: Frame, trace: LaneTrace, channel: int = 0) -> list[list[tuple[float, ...]]]:
    """The lines of a lane in absolute time and values, those points that lie in the view."""
    x = trace.x.astype(np.float64) * 1e6 + trace.x_origin_us
    y = trace.ys[channel].astype(np.float64) + trace.y_origin
    inside = (x >= frame.left_us + EDGE_US) & (x <= frame.right_us - EDGE_US)
    lines = lines_of_points(np.where(inside, x, np.nan), np.where(inside, y, np.nan)[None])
    return [[(round(at / 10), value) for at, value in line] for line in lines]


def by_hand(server: Server, frame: Frame) -> list[list[tuple[float, ...]]]:
    """As ``in_view``, from every sample."""
    series, span_us = server.series, frame.right_us - frame.left_us
    bucket = bucket_for(series.info.sample_rate_hz * span_us * 1e-6, WIDTH)
    ring = series.ring
    found = []
    for line in lines_by_hand(ring, series.breaks, ring.oldest, ring.head, bucket):
        points: list[tuple[float, ...]] = []
        for _, time_us, low, high in line:
            inside = frame.left_us + EDGE_US <= time_us <= frame.right_us - EDGE_US
            for value in (low[0],) if bucket == 1 else (low[0], high[0]):
                if inside and value is not None:
                    points.append((round(time_us / 10), float(np.float32(value))))
        if points:
            found.append(points)
    return found


def same(found: list[list[tuple[float, ...]]], wanted: list[list[tuple[float, ...]]]) -> bool:
    """But for the last column, which may have been taken in before its last sample was there, and rounding of times."""
    if len(found) != len(wanted):
        return False
    for one, other in zip(found, wanted, strict=True):
        if len(one) != len(other) or not np.allclose(one[:-2], other[:-2], rtol=1e-6, atol=2.0):
            return False
    return True


# -- what a lane shows --------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(("send", "send", "send", "lose", "pause", "fill", "restart")), st.integers(1, 400)),
        min_size=5,
        max_size=30,
    ),
    st.sampled_from((0.15, 2.0, 30.0)),
)
def test_a_lane_shows_what_every_sample_says_whatever_has_happened(steps: list[tuple[str, int]], span_s: float) -> None:
    """Frame by frame as it comes, with losses, pauses, restarts and holes that are filled later."""
    server, memory = Server(Store(50_000)), FrameMemory()
    server.send(500)
    request = asked("a")
    for what, count in steps:
        if what == "send":
            server.send(count)
        elif what == "lose":
            server.lose(count)
            server.send(10)
        elif what == "pause":
            server.pause(count / 100 + 0.3)
            server.send(10)
        elif what == "fill":
            server.fill()
        else:
            server.restart()
            server.send(20)
        frame = build_frame(server.store, following(span_s, request), server.arrival_us, 0, memory)
        assert same(in_view(frame, trace_of(frame)), by_hand(server, frame))


@pytest.mark.parametrize("span_s", [0.1, 3.0, 20.0])
def test_a_held_lane_shows_what_every_sample_says(span_s: float) -> None:
    server, memory = Server(Store(50_000)), FrameMemory()
    for _ in range(10):
        server.send(1500)
        server.lose(40)
    server.send(100)
    for right_us in (START_US + 9 * SECOND, START_US + 4 * SECOND, START_US + 12 * SECOND):
        frame = build_frame(server.store, held(span_s, right_us, asked("a")), server.arrival_us, 0, memory)
        assert same(in_view(frame, trace_of(frame)), by_hand(server, frame))


def test_all_points_lie_inside_the_lanes_limits_and_a_spike_widens_them() -> None:
    server, memory = Server(Store(50_000)), FrameMemory()
    request = asked("a")
    rng = np.random.default_rng(3)
    for number in range(60):
        values = rng.normal(1000.0, 0.001, (1, 100))
        values[0, 50] += 0.5 * (number == 20)
        server.send(100, values)
        trace = trace_of(build_frame(server.store, following(2.0, request), server.arrival_us, 0, memory))
        assert trace.y_limits[0] <= trace.ys[0].min()
        assert trace.ys[0].max() <= trace.y_limits[1]
        if number == 20:
            assert trace.extremes[1] > 1000.4
    assert trace.extremes[1] < 1000.1, "it has left the view"
    assert trace.y_limits[1] - trace.y_limits[0] < 0.05


def test_channels_of_a_lane_share_its_limits() -> None:
    server = Server(Store(5000), channels=("A", "B"))
    server.send(1000, np.stack([np.full(1000, -3.0), np.full(1000, 8.0)]))
    request = asked("a", channels=("B", "A", "gone"))
    trace = trace_of(build_frame(server.store, following(2.0, request), server.arrival_us, 0, FrameMemory()))
    assert [float(y[0] + trace.y_origin) for y in trace.ys] == [8.0, -3.0]
    assert trace.extremes == (-3.0, 8.0)


def test_streams_that_are_not_there_have_no_lane_until_they_come_and_when_they_are_gone() -> None:
    store, memory = Store(5000), FrameMemory()
    view = following(2.0, asked("a", "b"))
    assert wall_of(build_frame(store, view, START_US, 0, memory)).lanes == [None, None]
    server = Server(store, "b")
    server.send(500)
    frame = build_frame(store, view, server.arrival_us, 0, memory)
    assert wall_of(frame).changed == (1,)
    assert frame.points == trace_of(frame, 1).x.size > 0
    store.forget("b")
    frame = build_frame(store, view, server.arrival_us, 0, memory)
    assert wall_of(frame).lanes == [None, None]
    assert wall_of(frame).changed == (1,)
    assert frame.points == 0


# -- turns --------------------------------------------------------------------------------------------------------


def many(count: int) -> tuple[Store, list[Server]]:
    store = Store(20_000)
    servers = [Server(store, f"s{number}", seed=number) for number in range(count)]
    for server in servers:
        server.send(3000)
    return store, servers


def test_a_history_much_shorter_than_the_window_is_drawn() -> None:
    server, memory = Server(Store(1000), rate_hz=10_000.0), FrameMemory()
    for _ in range(40):
        server.send(333)
        frame = build_frame(server.store, following(600, asked("a")), server.arrival_us, 0, memory)
        assert trace_of(frame).x.shape[0] > 0


def test_what_is_at_rest_is_not_looked_at() -> None:
    store, servers = many(20)
    memory = FrameMemory()
    view = following(10.0, asked(*(server.stream for server in servers)))
    now_us = servers[0].arrival_us
    assert len(wall_of(build_frame(store, view, now_us, 0, memory)).changed) == 20
    before = [trace_of(build_frame(store, view, now_us, 0, memory), place) for place in range(20)]
    servers[7].send(100)
    frame = build_frame(store, view, now_us + 33_000, 0, memory)
    assert wall_of(frame).changed == (7,)
    assert all(trace_of(frame, place) is before[place] for place in range(20) if place != 7)


def test_a_held_view_takes_in_what_comes_into_it_and_nothing_beyond() -> None:
    store, servers = many(2)
    memory, now_us = FrameMemory(), servers[0].arrival_us
    view = held(2.0, now_us + 50_000, asked("s0", "s1"))
    build_frame(store, view, now_us, 0, memory)
    servers[0].send(30)
    assert wall_of(build_frame(store, view, now_us, 0, memory)).changed == (0,)
    servers[0].send(100)
    build_frame(store, view, now_us, 0, memory)  # beyond the edge from now on
    servers[0].send(100)
    assert wall_of(build_frame(store, view, now_us, 0, memory)).changed == ()


def test_lanes_take_turns_when_more_comes_than_a_frame_may_take_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "WORK_A_FRAME", 4 * lanes.FOLLOWED)
    store, servers = many(10)
    memory, now_us = FrameMemory(), servers[0].arrival_us
    view = following(10.0, asked(*(server.stream for server in servers)))
    seen: set[int] = set()
    for _ in range(10):
        seen |= set(wall_of(build_frame(store, view, now_us, 0, memory)).changed)
    assert seen == set(range(10))
    turns = []
    for number in range(1, 7):
        for server in servers:
            server.send(40)
        turns.append(wall_of(build_frame(store, view, now_us + number * 33_000, 0, memory)).changed)
    assert all(len(each) <= 4 for each in turns)
    for start in range(4):
        assert set().union(*turns[start : start + 3]) == set(range(10)), "each within three frames"


def test_after_a_zoom_lanes_keep_their_old_columns_until_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "WORK_A_FRAME", 3 * lanes.MADE_ANEW)
    store, servers = many(7)
    memory, now_us = FrameMemory(), servers[0].arrival_us
    request = asked(*(server.stream for server in servers))
    for _ in range(4):
        frame = build_frame(store, following(3.0, request), now_us, 0, memory)
    before = [trace_of(frame, place) for place in range(7)]
    frame = build_frame(store, following(0.5, request), now_us, 0, memory)
    changed = wall_of(frame).changed
    assert len(changed) == 3
    for place in set(range(7)) - set(changed):
        assert trace_of(frame, place) is before[place]
    for _ in range(3):
        frame = build_frame(store, following(0.5, request), now_us, 0, memory)
    for place, server in enumerate(servers):
        assert same(in_view(frame, trace_of(frame, place)), by_hand(server, frame))


def test_an_older_origin_of_time_is_told_with_the_lane() -> None:
    store, servers = many(1)
    memory, request = FrameMemory(), asked("s0")
    now_us = servers[0].arrival_us
    build_frame(store, held(1.0, now_us, request), now_us, 0, memory)
    far = build_frame(store, held(0.001, now_us - 2 * SECOND, request), now_us, 0, memory)
    assert wall_of(far).x_origin_us != now_us
    assert same(in_view(far, trace_of(far)), by_hand(servers[0], far))


def test_lanes_that_stay_keep_their_columns_when_others_go() -> None:
    store, servers = many(3)
    memory, now_us = FrameMemory(), servers[0].arrival_us
    frame = build_frame(store, following(10.0, asked("s0", "s1", "s2")), now_us, 0, memory)
    kept, lists = trace_of(frame, 2), wall_of(frame).lanes
    frame = build_frame(store, following(10.0, asked("s2", "s0")), now_us, 0, memory)
    assert wall_of(frame).lanes is not lists, "whoever draws them sees that they are others"
    assert np.array_equal(trace_of(frame, 0).x, kept.x)
    assert frame.points == sum(trace_of(frame, place).x.size for place in range(2))


def test_lanes_that_change_places_go_on_where_they_are_now() -> None:
    store, servers = many(2)
    memory, now_us = FrameMemory(), servers[0].arrival_us
    build_frame(store, following(10.0, asked("s0", "s1")), now_us, 0, memory)
    swapped = following(10.0, asked("s1", "s0"))
    for server in servers:
        server.send(300)
    build_frame(store, swapped, servers[0].arrival_us, 0, memory)
    servers[0].send(300)
    frame = build_frame(store, swapped, servers[0].arrival_us, 0, memory)
    for place, server in enumerate(reversed(servers)):
        assert same(in_view(frame, trace_of(frame, place)), by_hand(server, frame))


def test_what_lies_far_ahead_of_the_edge_is_taken_in_when_the_edge_comes_near_though_nothing_more_comes() -> None:
    store, servers = many(2)
    memory, view = FrameMemory(), following(2.0, asked("s0", "s1"))
    now_us = servers[0].arrival_us
    build_frame(store, view, now_us, 0, memory)
    servers[0].send(4000)
    for _ in range(100):
        now_us += 33_000
        frame = build_frame(store, view, now_us, 0, memory)
    assert same(in_view(frame, trace_of(frame)), by_hand(servers[0], frame))


def test_a_wall_that_is_not_shown_keeps_nothing() -> None:
    store, servers = many(1)
    memory = FrameMemory()
    build_frame(store, following(10.0, asked("s0")), servers[0].arrival_us, 0, memory)
    assert memory.lanes is not None
    frame = build_frame(store, View(TimeView(SECOND), ()), servers[0].arrival_us, 0, memory)
    assert memory.lanes is None
    assert frame.wall is None


@pytest.mark.parametrize(
    ("rate_hz", "span_s", "burst"), [(1000, 4, 100), (5000, 4, 500), (10_000, 2, 1000), (100, 4, 10)]
)
def test_a_burst_after_a_silence_is_drawn_to_its_end(rate_hz: int, span_s: int, burst: int) -> None:
    """Of few samples in view few are taken in ahead of it; what is left is looked for again, though nothing comes."""
    store, memory = Store(60_000), FrameMemory()
    server = Server(store, "s0", rate_hz=rate_hz)
    view = following(span_s, asked("s0", width=250))
    now_us = START_US

    def frames(count: int, *, live: bool = False) -> None:
        nonlocal now_us
        for _ in range(count):
            now_us += 33_333
            if live:
                server.send(int((now_us - START_US) * 1e-6 * rate_hz) - server.total)
            build_frame(store, view, now_us, LAG_US, memory)

    frames(60, live=True)
    frames(150)
    server.start_us = now_us - burst * SECOND // rate_hz - server.total * SECOND // rate_hz
    server.send(burst)
    frames(60)
    (lane,) = memory.lanes._lanes
    assert lane.cache.stop == store.series["s0"].ring.head


# -- alarms and labels --------------------------------------------------------------------------------------------


def test_the_gravest_open_alarm_of_a_lanes_device_is_told() -> None:
    store, servers = many(2)  # both of the device "eq"
    now_us = servers[0].arrival_us
    minor = event(1, now_us - SECOND, severity=Severity.INFO, equipment_id="eq")
    grave = event(2, now_us - 2 * SECOND, severity=Severity.ERROR, equipment_id="eq")
    other = event(3, now_us - 2 * SECOND, severity=Severity.CRITICAL, equipment_id="other")
    over = event(4, now_us - 3 * SECOND, now_us, severity=Severity.CRITICAL, equipment_id="eq")
    memory = FrameMemory()

    def severities(*events: object) -> list[Severity | None]:
        book = book_with(*events)  # type: ignore[arg-type]
        book.open = tuple(sorted(book.open, key=lambda each: -each.severity.rank))  # type: ignore[misc]
        for _ in range(lanes.ALARM_TURNS):
            frame = build_frame(store, following(10.0, asked("s0", "s1")), now_us, 0, memory, lambda _: book)
        return list(wall_of(frame).severities)

    assert severities(minor, grave, other, over) == [Severity.ERROR] * 2
    assert severities(minor, other) == [Severity.INFO] * 2
    assert severities(other) == [None] * 2


@pytest.mark.parametrize("width", [80, 95, 120, 200, 700])
def test_the_axis_of_a_narrow_lane_has_a_tick_in_its_middle(width: int) -> None:
    store, servers = many(1)
    now_us = servers[0].arrival_us
    for number in range(60):
        frame = build_frame(
            store, following(10.0, asked("s0", width=width)), now_us + number * 170_000, 0, FrameMemory()
        )
        wall = wall_of(frame)
        span = wall.x_limits[1] - wall.x_limits[0]
        places = [(at - wall.x_limits[0]) / span * width for _, at in wall.x_ticks]
        half = min(width / 2 - 5, 36)
        assert any(half <= place <= width - half for place in places)
