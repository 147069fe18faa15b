"""Tests of lablink_dpg.books.discovery."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.books.discovery import MAX_FOUND, STALLED_US, DiscoveryBook, FoundDevice, found_device


def test_servers_of_different_age_name_the_same_fields_differently() -> None:
    wanted = FoundDevice("USB::1", "power_supply", "P", "M")
    words = {"manufacturer": "M", "model": "P"}
    assert found_device({**words, "resource_string": "USB::1", "type": "power_supply"}) == wanted
    assert found_device({**words, "resource_name": "USB::1", "device_type": "power_supply"}) == wanted
    assert found_device(words) is None, "without an address nothing can be done with it"


@given(st.dictionaries(st.sampled_from(("resource_name", "model", "type", "is_connected")), st.integers() | st.text()))
def test_whatever_a_line_holds_it_is_a_device_or_none(data: dict[str, Any]) -> None:
    device = found_device(data)
    assert device is None or device.resource


def test_a_search_goes_from_start_over_what_it_finds_to_its_end() -> None:
    book = DiscoveryBook()
    book.started(1)
    book.heard(FoundDevice("a"), 2)
    book.heard(FoundDevice("a", model="known better"), 3)
    book.heard(None, 4)
    assert book.is_running(5)
    assert [device.model for device in book.found.values()] == ["known better"]
    book.finished()
    assert not book.is_running(6)
    assert (book.ended, book.problem, len(book.found)) == (1, "", 1)
    book.finished([FoundDevice("b")])
    assert list(book.found) == ["b"]
    book.started(7)
    assert not book.found
    book.finished(problem="no bus")
    assert book.problem == "no bus"
    assert book.revision == 8


def test_a_search_that_says_nothing_any_more_is_over() -> None:
    book = DiscoveryBook()
    book.started(0)
    book.heard(None, STALLED_US)
    assert book.is_running(STALLED_US + 1)
    assert not book.is_running(2 * STALLED_US)


def test_what_is_found_is_bounded() -> None:
    book = DiscoveryBook()
    book.started(0)
    for number in range(MAX_FOUND + 3):
        book.heard(FoundDevice(str(number)), 0)
    assert len(book.found) == MAX_FOUND
