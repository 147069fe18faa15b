"""What is added at the end is what columns of all samples have, whichever way it comes in."""

from __future__ import annotations

import numpy as np
import pytest

from lablink_dpg.query.cache import ColumnCache
from lablink_dpg.store.breaks import Break, BreakKind
from lablink_dpg.store.ring import Ring
from tests.query.test_cache import Feed, WatchedRing
from tests.support.query_oracle import lines_of_points


@pytest.mark.parametrize(("bucket", "new"), [(48, 33), (275, 500), (16, 256), (2, 7), (300, 1)])
@pytest.mark.parametrize("channels", [1, 4])
def test_a_column_or_two_number_by_number_is_what_a_cache_made_anew_has(bucket, new, channels):
    """NaN, infinities and what float32 cannot hold included, across the ring's end and a moved y origin."""
    rng = np.random.default_rng(bucket * new + channels)
    ring = WatchedRing(channels, 4096)
    feed = Feed(ring)
    cache = ColumnCache()
    with np.errstate(over="ignore"):
        for step in range(120):
            values = rng.normal(size=(channels, new))
            values[:, rng.random(new) < 0.02] = np.nan
            if step % 10 == 3:
                values[0, 0], values[-1, -1] = np.inf, -1e300
            if step % 7 == 5:
                values[:] = np.nan
            times = 1_000_000 + (ring.head + np.arange(new)) * 100
            ring.append(times, values)
            start = max(0, ring.head - 3000)
            cache.update(feed, start, ring.head, bucket, 500_000)
            if step == 60:
                cache.set_y_origin(0.25)
            anew = ColumnCache()
            anew.set_y_origin(cache.y_origin)
            anew.update(feed, start, ring.head, bucket, 500_000)
            for row in range(channels):
                for used, made in zip(cache.line(row), anew.line(row), strict=True):
                    np.testing.assert_array_equal(used, made)


def test_a_break_at_the_open_column_ends_it():
    feed = Feed(Ring(1, 4096))
    feed.add(20)
    cache = ColumnCache()
    cache.update(feed, 0, 20, 16, 0)
    feed.breaks = (Break(24, 24, BreakKind.PAUSE, None, 0),)
    feed.add(20)
    cache.update(feed, 0, 40, 16, 0)
    assert [len(line) for line in lines_of_points(*cache.points())] == [4, 4]


def test_a_break_stays_one_column_however_often_the_open_column_grows():
    feed = Feed(Ring(1, 4096))
    feed.add(24)
    feed.breaks = (Break(24, 24, BreakKind.PAUSE, None, 0),)
    cache = ColumnCache()
    for _ in range(100):
        feed.add(1)
        cache.update(feed, 0, feed.ring.head, 256, 0)
    assert np.isnan(cache.points()[1]).sum() == 2
