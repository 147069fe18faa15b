"""Tests of lablink_dpg.books.readings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.books.readings import MAX_NUMBERS, MAX_SOURCES, PAST, Past, ReadingBook, numbers_of

SUPPLY = {"channel": 1, "voltage_actual": 12.0, "current_actual": 0.5, "output_enabled": True, "timestamp": "…"}


def test_the_newest_is_kept_with_its_numbers_and_when_it_came() -> None:
    book = ReadingBook()
    book.take("psu", "readings", SUPPLY, 7)
    got = book.get("psu", "readings")
    assert got is not None
    assert (got.count, got.at_us, got.data) == (1, 7, SUPPLY)
    assert got.numbers == {"channel": 1.0, "voltage_actual": 12.0, "current_actual": 0.5, "power": 6.0}
    assert book.get("psu", "measurements") is None


def test_power_is_that_of_the_device_where_it_says_it() -> None:
    assert numbers_of({"voltage": 2.0, "current": 3.0, "power": 5.9})["power"] == 5.9
    assert numbers_of({"voltage": 2.0, "current": 3.0})["power"] == 6.0
    assert "power" not in numbers_of({"voltage": 2.0})
    assert "power" not in numbers_of({"voltage": 1e200, "current": 1e200})


def test_a_number_that_was_missing_once_leaves_a_hole_in_its_past() -> None:
    book = ReadingBook()
    for data in ({"a": 1, "b": 2}, {"a": 3}, {"a": None, "b": 4.0}):
        book.take("x", "readings", data, 0)
    got = book.get("x", "readings")
    assert got is not None
    np.testing.assert_array_equal(got.past["a"].values, [1, 3, np.nan])
    np.testing.assert_array_equal(got.past["b"].values, [2, np.nan, 4])


@given(st.lists(st.floats(allow_nan=False), max_size=3 * PAST))
def test_the_past_is_the_last_values_in_their_order(values: list[float]) -> None:
    past = Past()
    for value in values:
        past.add(value)
    assert past.values.tolist() == values[-PAST:]


@given(st.dictionaries(st.text(max_size=80), st.none() | st.booleans() | st.integers() | st.floats() | st.text()))
def test_whatever_a_reading_holds_its_numbers_are_finite_and_few(data: dict[str, Any]) -> None:
    numbers = numbers_of(data)
    assert len(numbers) <= MAX_NUMBERS + 1
    assert all(math.isfinite(value) for value in numbers.values())


def test_readings_are_news_only_to_somebody_who_looks() -> None:
    book = ReadingBook()
    book.take("psu", "readings", SUPPLY, 1)
    assert book.revision == 0
    book.look()
    book.take("psu", "readings", SUPPLY, 2)
    assert book.revision == 1
    book.take("psu", "readings", SUPPLY, 3)
    assert book.revision == 1, "nobody has seen the last one yet"
    book.look()
    assert book.revision == 1
    book.take("load", "readings", {}, 4)
    assert (book.revision, book.taken) == (2, 4)


def test_devices_are_bounded_and_the_one_heard_of_longest_ago_goes() -> None:
    book = ReadingBook()
    for number in range(MAX_SOURCES):
        book.take(str(number), "readings", {}, number)
    book.take("0", "readings", {}, 0)
    book.take("one more", "readings", {}, 0)
    assert book.get("0", "readings") is not None
    assert book.get("1", "readings") is None
