"""Streams looked at together are as if each had been looked at alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lablink_dpg.model.acquisition import FloatArray
from lablink_dpg.query import together
from lablink_dpg.query.cache import ColumnCache
from lablink_dpg.query.plot import refresh
from lablink_dpg.query.plot_memory import TimeAxis
from lablink_dpg.query.together import MOST_SAMPLES, extend_together, widen_together
from lablink_dpg.store.breaks import Break, BreakKind
from lablink_dpg.store.ring import Ring
from lablink_dpg.store.store import Store
from tests.query.test_cache import Feed
from tests.support.query_oracle import START_US, Server

BUCKET = 300


def streams(count: int) -> tuple[dict[str, Feed], dict[str, ColumnCache]]:
    feeds = {f"a{number}": Feed(Ring(1 + number % 3, 4096)) for number in range(count)}
    return feeds, {key: ColumnCache(key) for key in feeds}


def arrive(feed: Feed, values: np.ndarray) -> None:
    first = feed.ring.head
    feed.ring.append((first + np.arange(values.shape[1])) * 1000, values)


def cover(feed: Feed, cache: ColumnCache) -> None:
    head = feed.ring.head
    cache.update(feed, max(0, head - 3000), head, BUCKET, 0)  # type: ignore[arg-type]


def pairs_of(feeds: dict[str, Feed], caches: dict[str, ColumnCache]) -> list[tuple[Any, ColumnCache]]:
    return [(feeds[key], cache) for key, cache in caches.items() if key in feeds]


def test_what_comes_of_them_all_is_what_a_cache_made_anew_has() -> None:
    """NaN, infinities and ring's ends included; what is left undone is done by the next update."""
    feeds, caches = streams(9)
    rng = np.random.default_rng(1)
    taken = 0
    for step in range(200):
        for feed in feeds.values():
            new = int(rng.integers(0, 60))
            values = rng.normal(size=(feed.ring.channels, new))
            values[:, rng.random(new) < 0.05] = np.nan
            if step % 11 == 5 and new:
                values[0, 0] = np.inf
            if step % 7 == 3:
                values[:] = np.nan
            arrive(feed, values)
        before = {key: cache.stop for key, cache in caches.items()}
        widen_together(pairs_of(feeds, caches))
        taken += sum(cache.stop > before[key] for key, cache in caches.items())
        for key, feed in feeds.items():
            cache, fresh = caches[key], ColumnCache()
            cover(feed, cache)
            cover(feed, fresh)
            for row in range(feed.ring.channels):
                np.testing.assert_array_equal(cache.line(row), fresh.line(row))
                assert cache.extents.lows[row] <= fresh.extents.lows[row]
                assert cache.extents.highs[row] >= fresh.extents.highs[row]
    assert taken > 1000, "or nothing was looked at together"


def test_samples_between_two_that_are_drawn_change_no_version() -> None:
    feeds, caches = streams(2)
    for key, feed in feeds.items():
        arrive(feed, np.tile([-1.0, 1.0], (feed.ring.channels, 5)))
        cover(feed, caches[key])
        arrive(feed, np.zeros((feed.ring.channels, 20)))
    versions = [cache.version for cache in caches.values()]
    widen_together(pairs_of(feeds, caches))
    assert [cache.stop for cache in caches.values()] == [30, 30]
    assert [cache.version for cache in caches.values()] == versions
    for feed in feeds.values():
        arrive(feed, np.full((feed.ring.channels, 1), 1.5))
    widen_together(pairs_of(feeds, caches))
    assert all(cache.version > version for cache, version in zip(caches.values(), versions, strict=True))


@pytest.mark.parametrize("trouble", ["a break", "a revision", "another ring", "a gone stream", "too many samples"])
def test_a_stream_that_is_more_than_longer_is_left_alone(trouble: str) -> None:
    feeds, caches = streams(3)
    for key, feed in feeds.items():
        arrive(feed, np.zeros((feed.ring.channels, 10)))
        cover(feed, caches[key])
        arrive(feed, np.ones((feed.ring.channels, 5)))
    match trouble:
        case "a break":
            feeds["a1"].breaks = (Break(10, 10, BreakKind.PAUSE, None, 0),)
        case "a revision":
            feeds["a1"].revision += 1
        case "another ring":
            feeds["a1"] = Feed(Ring(1, 4096))
            arrive(feeds["a1"], np.ones((1, 15)))
        case "a gone stream":
            del feeds["a1"]
        case "too many samples":
            arrive(feeds["a1"], np.ones((feeds["a1"].ring.channels, MOST_SAMPLES)))
    widen_together(pairs_of(feeds, caches))
    assert [cache.stop for cache in caches.values()] == [15, 10, 15]


def test_samples_that_leave_the_ring_meanwhile_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    feeds, caches = streams(3)
    for key, feed in feeds.items():
        arrive(feed, np.zeros((feed.ring.channels, 10)))
        cover(feed, caches[key])
        arrive(feed, np.ones((feed.ring.channels, 5)))
    room = together._room

    def overtaken(size: int) -> np.ndarray:
        feeds["a1"].ring.claim += 5000  # the writer has begun to write over them
        return room(size)

    monkeypatch.setattr(together, "_room", overtaken)
    widen_together(pairs_of(feeds, caches))
    assert [cache.stop for cache in caches.values()] == [15, 10, 15]


SPAN_US, WIDTH = 2_000_000, 40


def servers(count: int) -> list[Server]:
    """Of any rate and one to three channels, with two windows of samples each."""
    made = []
    for number in range(count):
        channels = ("CH1", "CH2", "CH3")[: 1 + number % 3]
        server = Server(Store(8192), f"a{number}", 300.0 + 170.0 * number, channels, seed=number)
        server.send(round(4 * server.rate_hz))
        made.append(server)
    return made


def extend(some: list[Server], caches: list[ColumnCache], right_us: int) -> None:
    pairs = [(server.series, cache) for server, cache in zip(some, caches, strict=True)]
    extend_together(pairs, (right_us - SPAN_US, right_us), WIDTH, START_US)


def renew(server: Server, cache: ColumnCache, right_us: int) -> None:
    """As a frame does with what was not looked at together."""
    if not cache.follow(server.series, right_us - SPAN_US, right_us, WIDTH, START_US):
        axis = TimeAxis(right_us - SPAN_US, right_us, START_US, True, (0.0, 1.0), ())
        refresh(server.series, WIDTH, axis, cache)


def line_of(cache: ColumnCache) -> list[FloatArray]:
    return [each for row in range(cache.channels) for each in cache.line(row)]


@pytest.mark.parametrize("seed", range(3))
def test_columns_that_are_extended_together_are_those_that_were_extended_alone(seed: int) -> None:
    """Losses, restarts, NaN and what float32 cannot hold included, with an origin of values or without one."""
    rng = np.random.default_rng(seed)
    some = servers(7)
    caches, alone = ([ColumnCache(server.stream) for server in some] for _ in range(2))
    right_us, taken = max(server.arrival_us for server in some), 0
    for step in range(150):
        right_us += 33_333
        for number, server in enumerate(some):
            due = round((right_us - server.arrival_us) * 1e-6 * server.rate_hz)
            if due < 1 or rng.random() < 0.4:
                continue
            if step % 50 == 20 + number and due > 1:
                server.lose(due // 2)
            elif step == 75 + number:
                server.restart()
            values = rng.normal(size=(len(server.channels), due))
            values[:, rng.random(due) < 0.05] = np.nan
            if step % 17 == number:
                values[0, 0] = -1e300
            with np.errstate(over="ignore"):
                server.send(due, values)
        before = [cache.stop for cache in caches]
        with np.errstate(over="ignore"):
            if step == 40:
                for cache in (*caches, *alone):
                    cache.set_y_origin(0.25)
            extend(some, caches, right_us)
            taken += sum(cache.stop > stop for cache, stop in zip(caches, before, strict=True))
            for server, cache, other in zip(some, caches, alone, strict=True):
                renew(server, cache, right_us)
                renew(server, other, right_us)
                assert (cache.stop, cache.bucket) == (other.stop, other.bucket)
                for found, wanted in zip(line_of(cache), line_of(other), strict=True):
                    np.testing.assert_array_equal(found, wanted)
                assert (cache.extents.lows, cache.extents.highs) == (other.extents.lows, other.extents.highs)
    assert taken > 300, "or nothing was looked at together"


@pytest.mark.parametrize(
    "trouble", ["a break", "a revision", "another run", "another view", "too many samples", "the future", "overrun"]
)
def test_columns_that_are_not_just_longer_are_left_to_a_search(trouble: str, monkeypatch: pytest.MonkeyPatch) -> None:
    some = servers(3)
    caches = [ColumnCache(server.stream) for server in some]
    right_us = max(server.arrival_us for server in some)
    for server, cache in zip(some, caches, strict=True):
        renew(server, cache, right_us)
    before = [cache.stop for cache in caches]
    odd, room = some[1], together._room
    match trouble:
        case "a break":
            odd.lose(5)
        case "a revision":
            odd.series.revision += 1
        case "another run":
            odd.restart()
        case "another view":
            caches[1].held()
        case "too many samples":
            odd.send(MOST_SAMPLES)
        case "the future":
            odd.send(round(odd.rate_hz))
        case "overrun":

            def overtaken(size: int) -> np.ndarray:
                odd.series.ring.claim += 10_000  # the writer has begun to write over them
                return room(size)

            monkeypatch.setattr(together, "_room", overtaken)
    for server in some:
        server.send(50)
    extend(some, caches, right_us + 1000)
    assert [cache.stop > stop for cache, stop in zip(caches, before, strict=True)] == [True, False, True]
