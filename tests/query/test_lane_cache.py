"""A lane's columns are followed past breaks that they have, and searched anew where there is another."""

from __future__ import annotations

import numpy as np
import pytest

from lablink_dpg.query.cache import TRIM_SHARE
from lablink_dpg.query.lane_cache import LATE_TRIMS, LaneCache
from lablink_dpg.query.plot import refresh
from lablink_dpg.query.plot_memory import TimeAxis
from lablink_dpg.store.store import Store
from tests.support.query_oracle import START_US, Server

SPAN_US = 4_000_000
WIDTH = 100


def axis_at(right_us: int) -> TimeAxis:
    return TimeAxis(right_us - SPAN_US, right_us, START_US, True, (0.0, 1.0), ())


def is_followed(cache: LaneCache, server: Server, later_us: int = 0) -> bool:
    axis = axis_at(server.arrival_us + later_us)
    return cache.follow(server.series, axis.left_us, axis.right_us, WIDTH, axis.origin_us)


@pytest.fixture
def server() -> Server:
    server = Server(Store(50_000))
    server.send(3000)
    server.lose(50)
    server.send(100)
    return server


def test_what_goes_on_after_a_known_break_is_followed(server: Server) -> None:
    cache = LaneCache("a")
    refresh(server.series, WIDTH, axis_at(server.arrival_us), cache)
    server.send(10)
    assert is_followed(cache, server)
    x, y = cache.line(0)
    fresh = LaneCache("a")
    fresh.steady = cache.steady
    refresh(server.series, WIDTH, axis_at(server.arrival_us), fresh)
    for found, wanted in zip((x, y), fresh.line(0), strict=True):
        assert np.array_equal(found[-20:], wanted[-20:], equal_nan=True)


def test_another_break_is_searched_for(server: Server) -> None:
    cache = LaneCache("a")
    refresh(server.series, WIDTH, axis_at(server.arrival_us), cache)
    server.lose(50)
    server.send(10)
    assert not is_followed(cache, server)
    refresh(server.series, WIDTH, axis_at(server.arrival_us), cache)
    assert not cache.is_made_anew
    server.send(10)
    assert is_followed(cache, server)


def test_a_break_that_ends_beyond_the_columns_is_searched_for(server: Server) -> None:
    cache = LaneCache("a")
    hole = server.series.breaks[0]
    ring = server.series.ring
    cache.update(server.series, 0, hole.start, 40, START_US)
    axis = axis_at(int(ring.time_at(hole.start - 1)))
    cache.followed(server.series, axis.left_us, axis.right_us, WIDTH)
    assert not cache.follow(server.series, axis.left_us, axis.right_us, WIDTH, START_US)


def test_a_lanes_edge_is_looked_for_more_rarely_than_a_plots(server: Server) -> None:
    cache = LaneCache("a")
    refresh(server.series, WIDTH, axis_at(server.arrival_us), cache)
    assert is_followed(cache, server, LATE_TRIMS * SPAN_US // TRIM_SHARE - 1)
    assert not is_followed(cache, server, (LATE_TRIMS + 1) * SPAN_US // TRIM_SHARE + 1)


def test_columns_of_another_width_are_made_anew_and_longer_ones_are_not(server: Server) -> None:
    cache = LaneCache("a")
    refresh(server.series, WIDTH, axis_at(server.arrival_us), cache)
    assert cache.is_made_anew
    server.send(10)
    refresh(server.series, WIDTH, axis_at(server.arrival_us), cache)
    assert not cache.is_made_anew
    refresh(server.series, 2 * WIDTH, axis_at(server.arrival_us), cache)
    assert cache.is_made_anew
