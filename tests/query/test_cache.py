"""What is kept from frame to frame is what would be computed afresh, and what was settled never changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lablink_dpg.query import columns as columns_module
from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.cache import ColumnCache
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View
from lablink_dpg.store.breaks import Break
from lablink_dpg.store.folding import FANOUT
from lablink_dpg.store.ring import Overrun, Ring
from lablink_dpg.store.store import Store
from tests.support.query_oracle import START_US, OvertakenRing, Server, lines_by_hand, lines_of_points


@dataclass
class Feed:
    """As much of a series as a cache reads."""

    ring: Ring
    breaks: tuple[Break, ...] = ()
    revision: int = 0

    def add(self, count: int, value: float = 0.0) -> None:
        first = self.ring.head
        self.ring.append(np.arange(first, first + count) * 1000, np.full((self.ring.channels, count), value))


class UsedAndFresh(RuleBasedStateMachine):
    """One cache lives through everything; each look at it is compared with a new one and with the samples."""

    @initialize(
        capacity=st.sampled_from([256, 1024, 4096]),
        channels=st.integers(1, 2),
        seed=st.integers(0, 2**32 - 1),
        direct=st.sampled_from([64, columns_module.DIRECT_SAMPLES]),
    )
    def begin(self, capacity, channels, seed, direct):
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(columns_module, "DIRECT_SAMPLES", direct)
        names = tuple(f"CH{number}" for number in range(channels))
        self.server = Server(Store(capacity), channels=names, seed=seed)
        self.cache = ColumnCache()
        self.bucket, self.start, self.stop, self.origin_us = 1, 0, 0, START_US

    def teardown(self):
        if hasattr(self, "patch"):
            self.patch.undo()

    @rule(count=st.integers(1, 40) | st.integers(1, 1500))
    def samples_come(self, count):
        self.server.send(count)

    @rule(count=st.integers(1, 300), after=st.integers(1, 50))
    def samples_are_lost(self, count, after):
        self.server.lose(count)
        self.server.send(after)

    @rule(after=st.integers(1, 50))
    def it_pauses(self, after):
        self.server.pause(3.0)
        self.server.send(after)

    @precondition(lambda self: self.server.total > 60)
    @rule(after=st.integers(1, 50))
    def it_restarts(self, after):
        self.server.restart()
        self.server.send(after)

    @rule()
    def a_hole_is_filled(self):
        self.server.fill()

    @rule()
    def a_channel_appears(self):
        if len(self.server.channels) < 4:
            self.server.channels = (*self.server.channels, f"X{len(self.server.channels)}")

    @rule(bucket=st.sampled_from([1, 2, 3, 16, 48, 256, 512]))
    def zoom(self, bucket):
        self.bucket = bucket

    @rule(data=st.data())
    def pan(self, data):
        ring = self.server.series.ring
        self.start = data.draw(st.integers(ring.oldest, ring.head))
        self.stop = data.draw(st.integers(self.start, ring.head))

    @rule(behind=st.integers(0, 50), span=st.integers(1, 4000))
    def follow(self, behind, span):
        ring = self.server.series.ring
        self.stop = max(ring.oldest, ring.head - behind)
        self.start = max(ring.oldest, self.stop - span)

    @rule(step_s=st.integers(-5000, 5000))
    def the_origin_moves(self, step_s):
        self.origin_us += step_s * 1_000_000

    @invariant()
    def the_picture_is_that_of_a_fresh_cache_and_of_the_samples(self):
        if not hasattr(self, "server"):
            return
        series = self.server.series
        ring = series.ring
        self.start = min(max(self.start, ring.oldest), ring.head)
        self.stop = min(max(self.stop, self.start), ring.head)
        before = self.cache.version, *(part.copy() for part in self.cache.points())
        settled = self.settled_points()
        self.cache.update(series, self.start, self.stop, self.bucket, self.origin_us)
        fresh = ColumnCache()
        fresh.update(series, self.start, self.stop, self.bucket, self.origin_us)
        picture = lines_of_points(*self.cache.points())
        assert picture == lines_of_points(*fresh.points())
        assert picture == self.by_hand(ring, series.breaks)
        x, y = self.cache.points()
        if self.cache.version == before[0]:  # then no more than columns left of the view may be gone
            count = x.shape[0]
            assert np.array_equal(before[1][before[1].shape[0] - count :], x)
            assert np.array_equal(before[2][:, before[2].shape[1] - count :], y, equal_nan=True)

        self.settled_ones_are_as_they_were(*settled)

    def settled_points(self):
        """Epoch, number of the first point, and those points that are settled."""
        if not self.cache.channels:
            return self.cache.epoch, 0, np.empty(0), np.empty(0)
        x, y, start, settled = self.cache.trace(0)
        assert start <= settled <= start + x.size
        return self.cache.epoch, start, x[: settled - start].copy(), y[: settled - start].copy()

    def settled_ones_are_as_they_were(self, epoch, start, x, y):
        now_epoch, now_start, now_x, now_y = self.settled_points()
        if now_epoch == epoch:
            gone = now_start - start  # to the left
            assert gone >= 0
            left = max(x.size - gone, 0)
            assert now_x.size >= left
            np.testing.assert_array_equal(now_x[:left], x[x.size - left :])
            np.testing.assert_array_equal(now_y[:left], y[y.size - left :])

    def by_hand(self, ring, breaks):
        bucket = self.bucket
        start = max(self.start - self.start % bucket, min(-(-ring.oldest // bucket) * bucket, self.stop))
        lines = []
        for line in lines_by_hand(ring, breaks, start, self.stop, bucket):
            points = []
            for _, time_us, low, high in line:
                x = float(np.float32((time_us - self.origin_us) * 1e-6))
                for values in (low,) if bucket == 1 else (low, high):
                    points.append((x, *("nan" if value is None else value for value in values)))
            lines.append(points)
        return lines


UsedAndFresh.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestUsedAndFresh = UsedAndFresh.TestCase


class WatchedRing(Ring):
    """Notes how many samples each look takes in."""

    def __init__(self, channels: int, capacity: int) -> None:
        super().__init__(channels, capacity)
        self.looked_at: list[int] = []

    def read(self, start, stop):
        self.looked_at.append(stop - start)
        return super().read(start, stop)

    def minmax_cells(self, level, first, last):
        if level:
            self.looked_at.append((last - first) * FANOUT**level)
        return super().minmax_cells(level, first, last)

    def lying_cells(self, level, first, last):
        found = super().lying_cells(level, first, last)
        if found is not None:
            self.looked_at.append((last - first) * FANOUT**level)
        return found

    def runs(self, start, stop, cuts):
        found = super().runs(start, stop, cuts)
        if found is not None:
            self.looked_at.append(stop - start)
        return found

    def extremes(self, start, stop):
        found = super().extremes(start, stop)
        if found is not None:
            self.looked_at.append(stop - start)
        return found


@pytest.mark.parametrize("new", [33, 5000])
def test_closed_columns_are_never_computed_again(new):
    ring = WatchedRing(1, 2_000_000)
    feed = Feed(ring)
    cache = ColumnCache()
    feed.add(50_000)
    cache.update(feed, 0, 50_000, 48, 0)
    assert sum(ring.looked_at) == 50_000
    ring.looked_at.clear()
    for _ in range(200):
        feed.add(new)
        cache.update(feed, feed.ring.head - 50_000, feed.ring.head, 48, 0)
    assert sum(ring.looked_at) == 200 * new


@pytest.mark.parametrize("is_joined", [True, False])
def test_an_overrun_leaves_a_cache_that_answers_the_next_question(is_joined):
    feed = Feed(OvertakenRing(1, 256))
    cache = ColumnCache()
    feed.add(200)
    if is_joined:
        cache.update(feed, 0, 150, 16, 0)
    feed.ring.overtake(after_reads=0, by=400)
    with pytest.raises(Overrun):
        cache.update(feed, 0, 200, 16, 0)
    feed.add(400)
    cache.update(feed, 350, 600, 16, 0)
    fresh = ColumnCache()
    fresh.update(feed, 350, 600, 16, 0)
    assert lines_of_points(*cache.points()) == lines_of_points(*fresh.points())


def test_a_filled_hole_is_drawn():
    server = Server(Store(4096))
    server.send(100)
    server.lose(10)
    server.send(100)
    cache = ColumnCache()
    cache.update(server.series, 0, 210, 1, START_US)
    assert len(lines_of_points(*cache.points())) == 2
    assert server.fill() == 10
    cache.update(server.series, 0, 210, 1, START_US)
    assert [len(line) for line in lines_of_points(*cache.points())] == [210]


@pytest.mark.parametrize("phase", range(4))
def test_a_pause_that_comes_while_columns_are_followed_is_no_line(phase: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network thread adds it, with its first samples, between two looks of the frame at the stream."""
    store, memory = Store(60_000), FrameMemory()
    server = Server(store, "a", rate_hz=1000)
    view = View(TimeView(4_000_000), (PlotRequest("p", (TraceRequest("a", "CH1"),), 100),))
    now_us = START_US

    def frames(count: int, *, live: bool = True) -> None:
        nonlocal now_us
        for _ in range(count):
            now_us += 33_333
            due = int((now_us - server.start_us) * 1e-3) - server.total
            if live and due > 0:
                server.send(due)
            build_frame(store, view, now_us, 100_000, memory)

    frames(150 + phase)
    server.pause(0.215)
    frames(7, live=False)
    looked, hits = ColumnCache._goes_on, []

    def interrupted(self: ColumnCache, *of: Any) -> bool:
        answer = looked(self, *of)
        if answer and not hits:
            hits.append(server.send(3))
        return answer

    monkeypatch.setattr(ColumnCache, "_goes_on", interrupted)
    frames(1, live=False)
    monkeypatch.undo()
    assert hits
    frames(20)
    cache, series = memory.plots["p"].caches["a"], server.series
    start = int(cache._first[cache._begin])
    wanted = len(lines_by_hand(series.ring, series.breaks, start, cache.stop, cache.bucket))
    kept = cache._points[0, 2 * cache._begin : 2 * cache._end]
    assert int(np.isnan(kept).sum()) // 2 == wanted - 1
