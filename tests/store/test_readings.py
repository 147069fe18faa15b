"""Readings as a line: what was sent is what is stored, at the time when it came."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View
from lablink_dpg.store.breaks import BreakKind
from lablink_dpg.store.readings import CAPACITY, MAX_FIELDS, ReadingSeries, numbers_of
from lablink_dpg.store.series import Series

START_US = 1_700_000_000_000_000
NAMES = st.sampled_from(["volts", "amps", "is_on", "mode", "late", "n" * 100])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


class Shelf:
    def __init__(self, **series: Series) -> None:
        self.series = series


def filled(readings: list[dict[str, Any]], step_us: int = 100_000) -> ReadingSeries:
    numbers = [numbers_of(each) for each in readings]
    series = ReadingSeries("psu_1", "readings", "server", numbers[0])
    for index, each in enumerate(numbers):
        series.add(each, START_US + index * step_us)
    return series


def column(series: ReadingSeries, name: str) -> list[float]:
    row: list[float] = series.ring.read(series.ring.oldest, series.ring.head)[series.channels.index(name)].tolist()
    return row


def same(one: list[float], other: list[float]) -> bool:
    return len(one) == len(other) and all(
        a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(one, other, strict=True)
    )


def test_values_stored_are_values_sent_at_the_times_they_came() -> None:
    sent = [{"volts": 5.0 + i / 8, "on": i % 2 == 0, "mode": "CC", "amps": i} for i in range(50)]
    series = filled(sent)
    assert series.channels == ("volts", "on", "amps")
    assert column(series, "volts") == [5.0 + i / 8 for i in range(50)]
    assert column(series, "on") == [float(i % 2 == 0) for i in range(50)]
    assert column(series, "amps") == list(range(50))
    assert series.ring.read_times(0, 50).tolist() == [START_US + i * 100_000 for i in range(50)]
    assert (series.total, series.newest_us, series.breaks) == (50, START_US + 49 * 100_000, ())
    assert series.counters.lost == 0


@given(st.lists(st.dictionaries(NAMES, JSON, max_size=5), min_size=1, max_size=40))
def test_whatever_is_sent_the_line_is_what_a_list_would_have_kept(sent: list[dict[str, Any]]) -> None:
    if not any(len(name) < 100 for name in numbers_of(sent[0])):
        sent = [{"volts": 1.0}, *sent]
    series = filled(sent)
    assert series.ring.head == len(sent)
    for name in series.channels:
        wanted = []
        for each in sent:
            value = each.get(name)
            is_number = type(value) in (int, float, bool) and (type(value) is not int or abs(value) < 1e300)
            wanted.append(float(value) if is_number else math.nan)  # type: ignore[arg-type]
        assert same(column(series, name), wanted)
    assert {name for each in sent for name in numbers_of(each) if len(name) < 100} <= set(series.channels)


def test_a_field_that_comes_later_widens_the_line_without_breaking_it() -> None:
    series = filled([{"volts": 1.0}, {"volts": 2.0, "amps": 7.0}, {"amps": 8.0}])
    assert same(column(series, "volts"), [1.0, 2.0, math.nan])
    assert same(column(series, "amps"), [math.nan, 7.0, 8.0])
    assert series.breaks == ()
    assert series.revision == 1, "what was readable has another shape"


def test_fields_are_bounded() -> None:
    series = filled([{f"f{i}": i for i in range(MAX_FIELDS - 1)}, {f"g{i}": i for i in range(100)}])
    assert len(series.channels) == MAX_FIELDS


def test_a_silence_is_a_break_and_no_loss() -> None:
    series = filled([{"volts": 1.0}] * 20)
    newest = series.newest_us or 0
    series.add({"volts": 2.0}, newest + 900_000)
    assert series.breaks == (), "a hiccup"
    series.add({"volts": 2.0}, newest + 3_000_000)
    assert [(item.start, item.stop, item.kind) for item in series.breaks] == [(21, 21, BreakKind.PAUSE)]
    assert series.counters.lost == 0


def test_a_device_that_becomes_slower_is_not_silent_for_ever() -> None:
    series = filled([{"volts": 1.0}] * 20)
    for i in range(1, 30):
        series.add({"volts": 1.0}, START_US + 2_000_000 + i * 5_000_000)
    assert 1 <= len(series.breaks) <= 5


def test_an_arrival_before_the_newest_is_laid_beside_it() -> None:
    series = filled([{"volts": 1.0}] * 2)
    series.add({"volts": 3.0}, START_US)
    times = series.ring.read_times(0, 3)
    assert np.all(np.diff(times) >= 0)


def test_the_oldest_leave_once_the_line_is_full() -> None:
    series = ReadingSeries("psu_1", "readings", "server", {"volts": 0.0})
    count = series.ring.capacity + 10
    for i in range(count):
        series.add({"volts": float(i)}, START_US + i * 100_000)
    assert CAPACITY <= series.ring.capacity < CAPACITY + 256
    assert column(series, "volts") == [float(i) for i in range(10, count)]


def test_a_frame_draws_it_and_measures_no_latency_on_it() -> None:
    series = filled([{"volts": float(i)} for i in range(100)])
    request = PlotRequest("card", (TraceRequest("psu", "volts"),), 300)
    memory = FrameMemory()
    for step in range(3):
        series.add({"volts": 100.0 + step}, START_US + (100 + step) * 100_000)
        frame = build_frame(
            Shelf(psu=series),
            View(TimeView(60_000_000), (request,)),
            START_US + (100 + step) * 100_000 + 1000,
            0,
            memory,
        )
        (trace,) = frame.plots[0].traces
        assert trace.y.tolist() == [float(i) for i in range(101 + step)]
        assert frame.latencies_ms.size == 0
