"""Alarms and thresholds of a plot: of the right device and server, where their times say, no more than fit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.books.alarms import AlarmBook
from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState
from lablink_dpg.model.alarm import AlarmEvent, AlarmRule, AlarmState, Severity
from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.frame import PlotFrame
from lablink_dpg.query.marks import (
    LINGER_SHARE,
    MAX_BOOKS,
    MAX_MARKS,
    MAX_THRESHOLDS,
    Alarms,
    MarkMemory,
    Told,
    chosen,
    end_us,
    has_told,
    thresholds_of,
)
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View, YRange
from lablink_dpg.store.store import Store
from tests.support.query_oracle import START_US

SECOND_US = 1_000_000
NOW_US = START_US + 60 * SECOND_US


def event(number: int, at_us: int, cleared_us: int | None = None, **fields: object) -> AlarmEvent:
    state = AlarmState.ACTIVE if cleared_us is None else AlarmState.CLEARED
    plain = AlarmEvent(
        event_id=f"event_{number}",
        alarm_id=f"alarm_{number}",
        name=f"Alarm {number}",
        severity=Severity.WARNING,
        state=state,
        equipment_id="psu",
        parameter="voltage",
        value=5.3,
        threshold=None,
        message="",
        triggered_us=at_us,
        cleared_us=cleared_us,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def rule(alarm_id: str, *thresholds: float, **fields: object) -> AlarmRule:
    plain = AlarmRule(alarm_id, alarm_id, "psu", "voltage", "greater_than", Severity.ERROR, True, thresholds)
    return replace(plain, **fields)  # type: ignore[arg-type]


def book_with(*events: AlarmEvent, rules: tuple[AlarmRule, ...] = ()) -> AlarmBook:
    """As a book holds them: open ones gravest first, others newest first."""

    class Filled(AlarmBook):
        open = tuple(sorted((each for each in events if each.is_open), key=lambda each: -each.triggered_us))
        history = tuple(sorted((each for each in events if not each.is_open), key=lambda each: -each.triggered_us))

        def __init__(self) -> None:
            self.revision = 1
            self.rules = {each.alarm_id: each for each in rules}

    return Filled()


def store_of(values: dict[str, tuple[str, str, np.ndarray]]) -> Store:
    """A minute at 10 Hz of each stream: {key → (equipment, channel, values)}."""
    store = Store(10_000)
    for key, (equipment, channel, rows) in values.items():
        store.describe(AcquisitionInfo(key, equipment, key, AcquisitionState.ACQUIRING, (channel,), 10.0), "")
        times = START_US + np.arange(600) * 100_000
        block = AcquisitionBlock(key, AcquisitionState.ACQUIRING, 600, 600, times, (channel,), rows[None])
        store.ingest(block, int(times[-1]))
    return store


WAVE = 5.0 + np.sin(np.arange(600) / 20)
STORE = store_of({"a": ("psu", "voltage", WAVE), "b": ("load", "current", WAVE), "c": ("", "voltage", WAVE)})


def plot(
    book: AlarmBook | None,
    *streams: str,
    right_us: int = NOW_US,
    span_us: int = 10 * SECOND_US,
    memory: FrameMemory | None = None,
    y_range: YRange | None = None,
    store: Store = STORE,
) -> PlotFrame:
    traces = tuple(TraceRequest(key, store.series[key].channels[0]) for key in streams or ("a",))
    view = View(TimeView(span_us, False, right_us), (PlotRequest("p", traces, 300, 200, y_range),))
    return build_frame(store, view, NOW_US, 0, memory or FrameMemory(), None if book is None else lambda _: book).plots[
        0
    ]


def ids(frame: PlotFrame) -> list[str]:
    return [mark.event.event_id for mark in frame.marks]


# -- times ---------------------------------------------------------------------------------------------------------


def test_an_alarm_stands_where_it_rose_and_ends_where_it_was_cleared() -> None:
    frame = plot(book_with(event(1, NOW_US - 4_250_000, NOW_US - 1_750_000), event(2, NOW_US - SECOND_US)))
    first, second = frame.marks
    assert frame.x_origin_us + first.at_s * 1e6 == pytest.approx(NOW_US - 4_250_000, abs=1)
    assert first.until_s is not None
    assert frame.x_origin_us + first.until_s * 1e6 == pytest.approx(NOW_US - 1_750_000, abs=1)
    assert second.until_s is None, "still open"
    assert frame.x_limits[0] < first.at_s < second.at_s < frame.x_limits[1]


def test_only_what_touches_the_view_is_marked() -> None:
    left_us = NOW_US - 10 * SECOND_US
    book = book_with(
        event(1, left_us - 5, left_us - 1),
        event(2, left_us - 5, left_us),
        event(3, left_us - 5),
        event(4, NOW_US),
        event(5, NOW_US + 1),
        event(6, NOW_US - 9, NOW_US - 99),  # cleared before it rose: a clock that was set
        event(7, left_us - 50, state=AlarmState.CLEARED),  # nobody saw it end
    )
    assert ids(plot(book)) == ["event_2", "event_3", "event_6", "event_4"]


def test_other_devices_alarms_and_those_of_none_are_not_marked() -> None:
    at_us = NOW_US - SECOND_US
    book = book_with(event(1, at_us, equipment_id="load"), event(2, at_us, equipment_id=""), event(3, at_us))
    assert ids(plot(book, "a")) == ["event_3"]
    assert ids(plot(book, "b")) == ["event_1"]
    assert ids(plot(book, "c")) == [], "a stream of no known device"
    assert sorted(ids(plot(book, "a", "b", "c"))) == ["event_1", "event_3"]


def test_two_streams_of_one_device_mark_its_alarms_once() -> None:
    store = store_of({"a": ("psu", "voltage", WAVE), "d": ("psu", "current", WAVE)})
    assert ids(plot(book_with(event(1, NOW_US - 5)), "a", "d", store=store)) == ["event_1"]


def test_a_device_of_the_same_name_on_another_server_is_another_device() -> None:
    here, there = book_with(event(1, NOW_US - 5)), book_with(event(2, NOW_US - 5))
    view = View(
        TimeView(SECOND_US, False, NOW_US),
        tuple(PlotRequest(key, (TraceRequest(key, "voltage"),), 300) for key in ("x/a", "y/a", "z/a")),
    )

    class Shelf:
        series = dict.fromkeys(("x/a", "y/a", "z/a"), STORE.series["a"])

    books = {"x/a": here, "y/a": there}
    frame = build_frame(Shelf(), view, NOW_US, 0, FrameMemory(), books.get)
    assert [ids(each) for each in frame.plots] == [["event_1"], ["event_2"], []]


def test_the_number_of_marks_is_bounded_and_the_newest_stay() -> None:
    book = book_with(*(event(i, NOW_US - 9_000_000 + i * 1000, NOW_US) for i in range(200)))
    assert ids(plot(book)) == [f"event_{i}" for i in range(200 - MAX_MARKS, 200)]


@given(
    spans=st.lists(st.tuples(st.integers(0, 60), st.one_of(st.none(), st.integers(0, 60))), max_size=12),
    views=st.lists(st.tuples(st.integers(0, 70), st.integers(1, 20), st.booleans()), min_size=1, max_size=12),
)
def test_what_is_kept_between_views_changes_nothing(
    spans: list[tuple[int, int | None]], views: list[tuple[int, int, bool]]
) -> None:
    """Against looking at every alarm for every view."""
    events = [
        event(i, at, None if lasts is None else at + lasts, equipment_id="psu") for i, (at, lasts) in enumerate(spans)
    ]
    told = Alarms().of(book_with(*events), "psu")
    memory = MarkMemory()
    for right, span, is_other_origin in views:
        memory.learn([(told, ("voltage",))])
        found = memory.in_view(right - span, right, 7 if is_other_origin else 0)
        expected = [
            each
            for each in sorted(events, key=lambda each: each.triggered_us)
            if each.triggered_us <= right and (each.cleared_us is None or each.cleared_us >= right - span)
        ]
        assert {each.event_id for each in expected} <= {mark.event.event_id for mark in found}
        assert all(mark.event.triggered_us <= right for mark in found)
        assert all(end_us(mark.event) >= right - span - span / LINGER_SHARE for mark in found), "just out of view"
        times = [mark.event.triggered_us for mark in found]
        assert times == sorted(times)
        for mark in found:
            assert mark.at_s == (mark.event.triggered_us - memory.origin_us) * 1e-6


def test_marks_are_the_same_object_until_something_about_them_changes() -> None:
    memory, book = FrameMemory(), book_with(event(1, NOW_US - 4 * SECOND_US), event(2, NOW_US - SECOND_US // 2))
    first = plot(book, right_us=NOW_US - SECOND_US, memory=memory).marks
    assert plot(book, right_us=NOW_US - SECOND_US + 300, memory=memory).marks is first
    assert len(plot(book, right_us=NOW_US, memory=memory).marks) == 2
    book.revision += 1  # of something else
    assert len(plot(book, right_us=NOW_US, memory=memory).marks) == 2


def test_what_a_book_says_anew_is_in_the_next_frame_and_what_it_takes_back_is_not() -> None:
    memory, book = FrameMemory(), book_with(event(1, NOW_US - SECOND_US))
    assert ids(plot(book, memory=memory)) == ["event_1"]
    assert ids(plot(book_with(), memory=memory)) == []
    assert ids(plot(book, memory=memory)) == ["event_1"]
    bare = plot(None, memory=memory)
    assert (bare.marks, bare.thresholds) == ((), ())


def test_an_empty_book_has_nothing_to_mark() -> None:
    assert not has_told(AlarmBook())
    assert has_told(book_with(event(1, 0)))
    assert has_told(book_with(event(1, 0, 1)))
    assert has_told(book_with(rules=(rule("r", 1.0),)))


# -- thresholds ----------------------------------------------------------------------------------------------------


def values(frame: PlotFrame) -> list[float]:
    return [line.value for line in frame.thresholds]


def test_thresholds_of_open_alarms_and_of_rules_are_lines_of_the_axis_that_shows_their_quantity() -> None:
    book = book_with(
        event(1, NOW_US - 5, threshold=5.5),
        event(2, NOW_US - 5, parameter="current", threshold=5.4),
        event(3, NOW_US - 5, NOW_US - 4, threshold=5.3),  # over
        rules=(rule("r", 4.5, 5.6), rule("off", 5.2, is_enabled=False), rule("amps", 5.1, parameter="current")),
    )
    frame = plot(book)
    assert values(frame) == [5.5, 4.5, 5.6]
    assert [line.is_open for line in frame.thresholds] == [True, False, False]
    for line in frame.thresholds:
        assert line.at + frame.y_origin == pytest.approx(line.value)


def test_a_rule_tells_the_thresholds_of_an_alarm_that_does_not() -> None:
    book = book_with(event(1, NOW_US - 5, alarm_id="r"), rules=(rule("r", 4.5, 5.5),))
    assert [(line.value, line.is_open) for line in plot(book).thresholds] == [(4.5, True), (5.5, True)]


def test_one_line_a_value_and_a_bounded_number_of_them() -> None:
    book = book_with(
        event(1, NOW_US - 5, threshold=5.0, severity=Severity.INFO),
        rules=(rule("same", 5.0), *(rule(f"r{i}", 4.5 + i / 100) for i in range(40))),
    )
    found = plot(book).thresholds
    assert len(found) == MAX_THRESHOLDS
    assert [(line.severity, line.is_open) for line in found if line.value == 5.0] == [(Severity.INFO, True)]


def test_the_gravest_thresholds_stay() -> None:
    grave = Told((), (rule("grave", 9.0, severity=Severity.CRITICAL),))
    many = Told((), tuple(rule(f"r{i}", float(i)) for i in range(20)))
    assert chosen((*thresholds_of(many, ("voltage",)), *thresholds_of(grave, ("voltage",))))[0].name == "grave"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_threshold_that_is_no_number_is_no_line(value: float) -> None:
    frame = plot(book_with(event(1, NOW_US - 5, threshold=value), rules=(rule("r", value),)))
    assert frame.thresholds == ()
    assert frame.marks


def test_a_threshold_far_from_the_signal_does_not_squeeze_it() -> None:
    bare, far = plot(None), plot(book_with(rules=(rule("r", 60.0, -40.0),)))
    assert far.y_limits == bare.y_limits
    assert far.thresholds == ()


def test_a_threshold_just_outside_is_given_room_and_the_signal_keeps_half_of_the_height() -> None:
    bare, near = plot(None), plot(book_with(rules=(rule("r", 6.4, 3.6),)))
    assert values(near) == [3.6, 6.4]
    assert near.y_limits[0] < bare.y_limits[0]
    assert near.y_limits[1] > bare.y_limits[1]
    assert 0.5 * (near.y_limits[1] - near.y_limits[0]) <= 2.0


def test_the_axis_of_a_steady_value_reaches_to_a_threshold_near_it() -> None:
    store = store_of({"a": ("psu", "voltage", np.full(600, 5.0))})
    assert values(plot(book_with(rules=(rule("r", 5.2),)), store=store)) == [5.2]
    assert values(plot(book_with(rules=(rule("r", 8.0),)), store=store)) == []


def test_limits_that_were_set_by_hand_stay() -> None:
    frame = plot(book_with(rules=(rule("r", 6.4, 5.0),)), y_range=YRange(4.0, 6.0))
    assert (frame.y_limits[0] + frame.y_origin, frame.y_limits[1] + frame.y_origin) == (4.0, 6.0)
    assert values(frame) == [5.0]


def test_thresholds_do_not_make_the_axis_tremble() -> None:
    """The signal's extremes move all the time; with thresholds at the end of reach the axis does not go to and fro."""
    rng = np.random.default_rng(5)
    rows = 5.0 + np.sin(np.arange(600) / 3) * (1.0 + 0.1 * rng.random(600))
    store = store_of({"a": ("psu", "voltage", rows)})
    memory = FrameMemory()
    book = book_with(rules=(rule("r", 6.5, 6.6, 3.5, 3.4, 3.2),))
    seen = [
        plot(book, store=store, memory=memory, right_us=START_US + at * 100_000, span_us=3 * SECOND_US).y_limits
        for at in range(60, 600)
    ]
    changes = [limits for limits, before in zip(seen[1:], seen, strict=False) if limits != before]
    assert len(changes) <= 3
    assert len(set(changes)) == len(changes), "no limits come back"


def test_books_of_servers_that_are_watched_no_more_are_let_go() -> None:
    alarms, books = Alarms(), [AlarmBook() for _ in range(50)]
    for book in books:
        book.take_open([event(1, NOW_US)], NOW_US)
        assert alarms.of(book, "x") is alarms.of(book, "x")
    assert len(alarms._by_book) <= MAX_BOOKS
