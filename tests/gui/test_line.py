"""One line in two series: together they are the line, and little of it is handed over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lablink_dpg.gui.panels import line as line_module
from lablink_dpg.gui.panels.line import TAIL_POINTS, PlotLine
from lablink_dpg.query.cache import ColumnCache
from lablink_dpg.query.frame import Trace
from lablink_dpg.query.view import TraceRequest
from lablink_dpg.store.ring import Ring
from tests.query.test_cache import Feed

REQUEST = TraceRequest("a", "CH1")


class Library:
    """What Dear PyGui would have: the points of each series, and whether it is shown."""

    def __init__(self) -> None:
        self.points: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self.shown: dict[int, bool] = {}
        self.handed_over = 0

    def add_line_series(self, *_: Any, **__: Any) -> int:
        self.shown[len(self.shown)] = False
        return len(self.shown) - 1

    def configure_item(self, item: int, **options: Any) -> None:
        self.shown[item] = options.get("show", self.shown[item])

    def bind_item_theme(self, item: int, theme: int) -> None:
        assert item in self.shown

    def push_clean(self, item: int, x: np.ndarray, y: np.ndarray) -> None:
        assert x.size == y.size > 0
        self.points[item] = x.copy(), y.copy()
        self.handed_over += x.size

    def picture(self, line: PlotLine) -> tuple[np.ndarray, np.ndarray]:
        """The points in the order in which they are connected."""
        assert self.shown[line.body]
        x, y = self.points[line.body]
        if not self.shown[line.tail]:
            return x, y
        tail_x, tail_y = self.points[line.tail]
        assert (x[-1], y[-1]) == (tail_x[0], tail_y[0]) or np.isnan(y[-1]), "they meet in a point"
        return np.concatenate((x, tail_x[1:])), np.concatenate((y, tail_y[1:]))


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library()
    monkeypatch.setattr(line_module, "dpg", library)
    monkeypatch.setattr(line_module, "series", library)
    library.PLACEHOLDER = np.zeros(2, np.float32)  # type: ignore[attr-defined]
    return library


class Stream:
    """Noise in a ring, followed by a cache, as traces."""

    def __init__(self, bucket: int) -> None:
        self.feed = Feed(Ring(1, 100_000))
        self.cache = ColumnCache()
        self.bucket = bucket
        self.rng = np.random.default_rng(bucket)

    def next(self, new: int, window: int = 20_000, origin_us: int = 0) -> Trace:
        ring = self.feed.ring
        values = self.rng.normal(size=(1, new))
        values[:, self.rng.random(new) < 0.01] = np.nan
        ring.append(np.arange(ring.head, ring.head + new) * 1000, values)
        self.cache.update(self.feed, max(0, ring.head - window), ring.head, self.bucket, origin_us)
        return self.trace()

    def trace(self) -> Trace:
        x, y, start, settled = self.cache.trace(0)
        return Trace(REQUEST, x, y, self.cache.version, self.cache.epoch, start, settled)


@pytest.mark.parametrize("bucket", [1, 7, 48, 300])
def test_body_and_tail_are_the_line_whatever_happens_to_it(library: Library, bucket: int) -> None:
    stream, line = Stream(bucket), PlotLine(0)
    key, origin_us = "a", 0
    for step in range(300):
        if step % 90 == 40:
            stream.cache.set_y_origin(step / 10)
        if step % 70 == 60:
            origin_us += 5_000_000
        if step % 110 == 100:
            line.forget()
        if step % 130 == 120:
            line.hide()
            assert not any(library.shown.values())
        if step % 150 == 140:
            key += "b"
        trace = stream.next(int(stream.rng.integers(1, 700)), origin_us=origin_us)
        if step % 3 == 1 and step % 130 != 120 and step % 150 != 140:  # neither hidden nor of another plot
            line.follow(trace)
        else:
            assert line.draw(key, trace, 0, "")
        x, y = library.picture(line)
        behind = x.size - trace.x.size  # points left of the view, which the plot cuts off
        assert behind >= 0
        np.testing.assert_array_equal(x[behind:], trace.x)
        np.testing.assert_array_equal(y[behind:], trace.y)
        assert behind <= 2 * TAIL_POINTS + trace.x.size


def test_a_line_that_has_not_changed_is_not_handed_over(library: Library) -> None:
    stream, line = Stream(48), PlotLine(0)
    line.draw("a", stream.next(20_000), 0, "")
    before = library.handed_over
    for _ in range(10):
        line.draw("a", stream.trace(), 0, "")
    assert library.handed_over == before


def test_of_a_line_that_scrolls_little_is_handed_over(library: Library) -> None:
    stream, line = Stream(48), PlotLine(0)
    points = line.draw("a", stream.next(20_000), 0, "") and stream.trace().x.size
    library.handed_over = 0
    frames = 500
    for _ in range(frames):
        line.draw("a", stream.next(33), 0, "")
    assert library.handed_over < 0.35 * frames * points


def test_a_line_without_settled_points_is_handed_over_whole(library: Library) -> None:
    line = PlotLine(0)
    x, y = np.arange(5, dtype=np.float32), np.ones(5, np.float32)
    for revision in (1, 2):
        assert line.draw("a", Trace(REQUEST, x, y * revision, revision), 0, "")
        np.testing.assert_array_equal(library.picture(line), (x, y * revision))
    assert not library.shown[line.tail]


def test_a_line_without_points_is_hidden_and_comes_back_whole(library: Library) -> None:
    stream, line = Stream(48), PlotLine(0)
    trace = stream.next(20_000)
    none = np.empty(0, np.float32)
    line.draw("a", trace, 0, "")
    assert not line.draw("a", Trace(REQUEST, none, none, 0), 0, "")
    assert not any(library.shown.values())
    line.draw("a", trace, 0, "")
    np.testing.assert_array_equal(library.picture(line), (trace.x, trace.y))


def test_lines_made_together_do_not_renew_their_bodies_together(library: Library) -> None:
    lines = [PlotLine(0) for _ in range(32)]
    streams = [Stream(48) for _ in lines]
    most = 0
    for step in range(200):
        renewed = 0
        for line, stream in zip(lines, streams, strict=True):
            library.points.pop(line.body, None)
            line.draw("a", stream.next(20_000 if step == 0 else 96), 0, "")
            renewed += line.body in library.points
        if step:
            most = max(most, renewed)
    assert 0 < most <= len(lines) // 4
