"""Arrays of columns are as long as a few windows, however long they are in use."""

from __future__ import annotations

from lablink_dpg.query.cache import ColumnCache
from lablink_dpg.query.column_buffers import GROWTH, MIN_COLUMNS
from lablink_dpg.store.ring import Ring
from tests.query.test_cache import Feed


def test_buffers_stay_within_a_few_windows_however_long_it_follows():
    feed = Feed(Ring(1, 100_000))
    cache = ColumnCache()
    for _ in range(3000):
        feed.add(100)
        cache.update(feed, max(0, feed.ring.head - 10_000), feed.ring.head, 16, 0)
    assert cache.points()[0].shape[0] <= 2 * (10_000 / 16 + 2)
    assert cache._first.shape[0] <= max(MIN_COLUMNS, GROWTH * (10_000 / 16 + 100))
