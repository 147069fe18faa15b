"""Tests of the session's readers of searches, captures and readings."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.books.notices import Notices
from lablink_dpg.model.messages import Reading, ServerEvent
from lablink_dpg.model.orders import CaptureWaveform, DisconnectDevice, Discover, Order, OrderDone
from lablink_dpg.model.waveform import Waveform
from lablink_dpg.session.bookkeeper import Bookkeeper
from lablink_dpg.store.timebase import ServerClock


def keeper() -> Bookkeeper:
    return Bookkeeper("s", ServerClock(), Notices())


def step(kind: str, **data: Any) -> ServerEvent:
    return ServerEvent("discovery_progress", {"event_type": kind, "data": data, "timestamp": "…"})


def done(order: Order, text: str = "done", *, is_done: bool = True, **data: Any) -> OrderDone:
    return OrderDone(order, is_done, text, 5, data)


def test_a_search_is_followed_by_its_events() -> None:
    books = keeper()
    discovery = books.book.discovery
    books.take(step("scan_started", scan_types=["mock"]), 1)
    assert discovery.is_running(2)
    books.take(step("device_found", resource_string="MOCK::0", type="oscilloscope", model="M"), 2)
    books.take(step("probing", bus="USB"), 3)
    assert list(discovery.found) == ["MOCK::0"]
    before = books.book.revision
    books.take(step("scan_completed", device_count=1), 4)
    assert not discovery.is_running(5)
    assert books.book.revision > before
    books.take(step("scan_started"), 5)
    books.take(step("scan_failed", error="no bus"), 6)
    assert discovery.problem == "no bus"


def test_the_outcome_of_a_search_tells_all_where_no_events_come() -> None:
    books = keeper()
    books.take(done(Discover(), devices=[{"resource_name": "USB::1"}, {"model": "without an address"}, 7]), 1)
    assert list(books.book.discovery.found) == ["USB::1"]
    books.take(done(Discover(), "nobody answers", is_done=False), 2)
    assert books.book.discovery.problem == "nobody answers"
    books.take(done(Discover(), devices="none"), 3)
    assert not books.book.discovery.found


def test_a_capture_is_kept_and_its_notice_is_short() -> None:
    notices = Notices()
    books = Bookkeeper("s", ServerClock(), notices)
    waveform = Waveform("scope", 1, np.arange(9) / 9, np.zeros(9))
    books.take(done(CaptureWaveform("scope"), "captured", waveform=waveform), 1)
    kept = books.book.captures.get("scope")
    assert kept is not None
    assert kept.waveform is waveform
    assert [notice.text for notice in notices.shown(1)] == ["captured"]
    books.take(done(CaptureWaveform("load"), "no", is_done=False), 2)
    assert books.book.captures.get("load") is None


def test_other_orders_are_a_notice_and_nothing_else() -> None:
    books = keeper()
    before = books.book.revision
    books.take(done(DisconnectDevice("x")), 1)
    assert books.book.revision == before


def test_readings_of_either_way_are_entered() -> None:
    books = keeper()
    books.take(Reading("psu", "readings", {"voltage": 5.0}), 9)
    got = books.book.readings.get("psu", "readings")
    assert got is not None
    assert (got.at_us, got.numbers) == (9, {"voltage": 5.0})


anything = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.dictionaries(st.text(max_size=5), st.text())
)


@given(st.dictionaries(st.sampled_from(("event_type", "data", "timestamp", "x")), anything), anything)
def test_whatever_an_event_holds_nothing_is_raised(data: dict[str, Any], outcome: Any) -> None:
    books = keeper()
    books.take(ServerEvent("discovery_progress", data), 1)
    books.take(ServerEvent("discovery_progress", {**data, "event_type": "device_found"}), 1)
    books.take(done(Discover(), devices=outcome), 1)
    books.take(done(CaptureWaveform("x"), waveform=outcome), 1)
