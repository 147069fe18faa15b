"""How old samples are when a lane first shows them, against a look at every sample."""

from __future__ import annotations

import numpy as np
import pytest

from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.lane_ages import FORGOTTEN_US, LaneAges
from lablink_dpg.query.latency import PROBES
from lablink_dpg.query.view import LaneRequest, TimeView, View, WallRequest
from lablink_dpg.store.store import Store
from tests.support.query_oracle import Server

RIGHT_BEHIND_US = 80_000


def test_ages_are_those_of_the_samples_that_came_on_the_screen_since_the_last_turn() -> None:
    server, ages = Server(Store(10_000)), LaneAges()
    server.send(1000)
    first_us = server.arrival_us
    ages.begin(first_us)
    head = server.series.ring.head
    ages.note("a", server.series, head, first_us - RIGHT_BEHIND_US, first_us)
    assert ages.streams == []
    server.send(200)
    now_us = first_us + 260_000
    ages.begin(now_us)
    right_us = now_us - RIGHT_BEHIND_US
    ages.note("a", server.series, server.series.ring.head, right_us, now_us)
    ring = server.series.ring
    times = ring.read_times(0, ring.head)
    new = times[(times > first_us - RIGHT_BEHIND_US) & (times <= right_us)]
    taken = times[head - 1]
    slow = np.where(new <= taken, RIGHT_BEHIND_US, now_us - new) / 1000
    assert ages.streams == ["a"]
    assert ages.counts == [len(new)]
    (found,) = ages.ages_ms
    assert found.shape == (PROBES,)
    assert found[0] == slow[0] == 80.0, "it was there before the edge reached it"
    assert found[-1] == slow[-1]
    assert found.max() == pytest.approx(slow.max(), rel=0.15)


def test_a_few_lanes_are_measured_and_others_the_next_time() -> None:
    store = Store(10_000)
    servers = [Server(store, f"s{number}") for number in range(40)]
    for server in servers:
        server.send(1000)
    view = View(TimeView(2_000_000), (), WallRequest(tuple(LaneRequest(each.stream, ("CH1",)) for each in servers), 90))
    memory, measured = FrameMemory(), []
    now_us = servers[0].arrival_us
    for _ in range(14):
        for server in servers:
            server.send(40)
        now_us += 40_000
        frame = build_frame(store, view, now_us, 0, memory)
        assert len(frame.measured) == len(frame.counts) <= 8
        assert frame.latencies_ms.shape == (PROBES * len(frame.measured),)
        measured += frame.measured
    assert set(measured) == {server.stream for server in servers}
    assert set(memory.latency.smoothed_ms) == set(measured)


def test_nothing_is_measured_over_a_held_view_or_a_long_silence() -> None:
    server, ages = Server(Store(10_000)), LaneAges()
    server.send(100)
    now_us = server.arrival_us
    for reset in (ages.rest, lambda: ages.begin(now_us + FORGOTTEN_US + 1)):
        ages.begin(now_us)
        ages.note("a", server.series, server.series.ring.head, now_us, now_us)
        reset()
        server.send(100)
        ages.note("a", server.series, server.series.ring.head, server.arrival_us, server.arrival_us)
        assert ages.streams == []
        ages.rest()
