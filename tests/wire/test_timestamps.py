"""Timestamps against ``datetime``."""

from __future__ import annotations

from datetime import datetime, timedelta
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.even import EvenTimes
from lablink_dpg.wire import timestamps
from lablink_dpg.wire.timestamps import CHUNK_ROWS, EVEN_FROM, ROW_BYTES, as_even, parse_rows, parse_text, parse_texts
from tests.support.wire_messages import stamps
from tests.support.wire_oracle import time_us, times


def rows(texts: list[str]) -> bytes:
    return "".join(f'"{text}",' for text in texts).encode()


@given(st.lists(st.datetimes(), max_size=20))
def test_any_datetimes_are_parsed_as_datetime_does(moments: list[datetime]) -> None:
    texts = [moment.isoformat() for moment in moments]
    parsed = parse_texts(texts)
    assert parsed is not None
    assert parsed.dtype == np.int64
    assert parsed.tolist() == times(texts).tolist()


@given(st.lists(st.datetimes(), min_size=1, max_size=20))
def test_rows_of_fixed_width_are_parsed_as_datetime_does(moments: list[datetime]) -> None:
    texts = [moment.isoformat(timespec="microseconds") for moment in moments]
    parsed = parse_rows(rows(texts))
    assert parsed is not None
    assert parsed.tolist() == times(texts).tolist()


@given(st.text(alphabet="0123456789", min_size=20, max_size=20))
def test_digits_in_the_right_places_are_accepted_only_if_datetime_accepts_them(digits: str) -> None:
    text = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}T{digits[8:10]}:{digits[10:12]}:{digits[12:14]}.{digits[14:]}"
    try:
        expected: list[int] | None = [time_us(text)]
    except ValueError:
        expected = None
    for parsed in (parse_rows(rows([text])), parse_texts([text])):
        assert (None if parsed is None else parsed.tolist()) == expected


@given(st.datetimes(), st.integers(0, ROW_BYTES - 1), st.integers(0, 255))
def test_one_changed_byte_gives_another_valid_time_or_none(moment: datetime, column: int, byte: int) -> None:
    row = bytearray(rows([moment.isoformat(timespec="microseconds")]))
    row[column] = byte
    try:
        changed = datetime.fromisoformat(row[1:-2].decode("latin-1"))
        is_same_form = rows([changed.replace(tzinfo=None).isoformat(timespec="microseconds")]) == bytes(row)
    except ValueError:
        is_same_form = False
    parsed = parse_rows(bytes(row))
    assert (parsed is not None) == is_same_form
    if parsed is not None:
        assert parsed.tolist() == [time_us(row[1:-2].decode("ascii"))]


@pytest.mark.parametrize("count", [1, CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 1, 2 * CHUNK_ROWS + 7])
def test_chunks_of_rows_join_without_a_seam(count: int) -> None:
    texts = stamps(count, datetime(2026, 12, 31, 23, 59, 59, 900_001), 97)
    parsed = parse_texts(texts)
    assert parsed is not None
    assert parsed.tolist() == times(texts).tolist()


@pytest.mark.parametrize("new", [0, 1, 7, CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 1, 2 * CHUNK_ROWS + 7])
def test_the_last_rows_alone_are_the_end_of_all_rows(new: int) -> None:
    texts = stamps(2 * CHUNK_ROWS + 7)
    parsed = parse_rows(rows(texts)[(len(texts) - new) * ROW_BYTES :])
    assert parsed is not None
    assert parsed.tolist() == times(texts[len(texts) - new :]).tolist()


def test_a_bad_row_in_any_chunk_refuses_all() -> None:
    texts = stamps(2 * CHUNK_ROWS, step_us=3)
    for at in (0, CHUNK_ROWS, 2 * CHUNK_ROWS - 1):
        broken = [*texts[:at], "2026-02-30T00:00:00.000001", *texts[at + 1 :]]
        assert parse_texts(broken) is None


def test_midnight_within_a_window_changes_the_day() -> None:
    texts = stamps(50, datetime(2024, 2, 28, 23, 59, 59, 999_000), 100)
    parsed = parse_texts(texts)
    assert parsed is not None
    assert np.diff(parsed).tolist() == [100] * 49


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("2026-11-23T00:00:31", "2026-11-23T00:00:31.000000"),
        ("2026-11-23 00:00:31.5", "2026-11-23T00:00:31.500000"),
        ("2026-11-23T00:00:31.123456789", "2026-11-23T00:00:31.123456"),
        ("2026-11-23T00:00:31.123456Z", "2026-11-23T00:00:31.123456"),
        ("2026-11-23T00:00:31+02:00", "2026-11-23T00:00:31.000000"),
        ("2026-11-23T00:00:31.25-0730", "2026-11-23T00:00:31.250000"),
        ("1969-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999"),
    ],
)
def test_tolerated_forms_keep_what_the_wall_clock_showed(text: str, same_as: str) -> None:
    assert parse_text(text) == time_us(same_as)
    parsed = parse_texts([text, same_as])
    assert parsed is not None
    assert parsed.tolist() == [time_us(same_as)] * 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-13-01T00:00:00",
        "2026-00-10T00:00:00",
        "2026-02-30T00:00:00",
        "2025-02-29T00:00:00.000000",
        "2026-11-23T24:00:00",
        "2026-11-23T25:00:00.000000",
        "2026-11-23T00:60:00",
        "2026-11-23T00:00:60.000000",
        "0000-01-01T00:00:00",
        "2026-11-23",
        "2026-11-23T00:00",
        "2026-11-23T00:00:31.",
        "2026-11-23T00:00:31,5",
        "2026-11-23T00:00:3a.123456",
        "2026-11-23T00:00:30.1-5176",
        "2026-11-23T00:00:30+24:00",
        "٢٠٢٦-11-23T00:00:31.123456",
        " 2026-11-23T00:00:31",
        "2026-11-23T00:00:31\n",
        '2026-11-23T00:00:31","2026',
        "NaT",
        "now",
    ],
)
def test_what_is_no_existing_time_is_refused(text: str) -> None:
    assert parse_text(text) is None
    assert parse_texts([text]) is None
    assert parse_texts(["2026-11-23T00:00:31.000000", text]) is None


@pytest.mark.parametrize("value", [None, 5, 1.5, True, ["2026-11-23T00:00:31"], {}])
def test_what_is_no_string_is_refused(value: object) -> None:
    assert parse_texts([value]) is None


def test_tables_of_odd_size_are_refused() -> None:
    table = rows(stamps(3))
    assert parse_rows(table[:-1]) is None
    assert parse_rows(table[1:]) is None


def test_no_timestamps_are_an_empty_array() -> None:
    for parsed in (parse_rows(b""), parse_texts([])):
        assert parsed is not None
        assert parsed.shape == (0,)


def test_every_day_from_1900_to_2100_begins_where_datetime_says() -> None:
    days = [datetime(1900, 1, 1) + timedelta(days=index) for index in range(73_049)]
    parsed = parse_texts([day.isoformat() for day in days])
    assert parsed is not None
    expected = np.arange(len(days), dtype=np.int64) * 86_400_000_000 - 2_208_988_800_000_000
    assert np.array_equal(parsed, expected)


@given(st.lists(st.integers(-2, 3), max_size=12), st.integers(0, 400), st.sampled_from([1, 2, EVEN_FROM]))
def test_even_times_are_those_whose_steps_differ_by_a_microsecond_at_most(
    deviations: list[int], period_us: int, even_from: int
) -> None:
    steps = [period_us + deviation for deviation in deviations]
    times_us = np.cumsum([10**15, *steps])
    with patch.object(timestamps, "EVEN_FROM", even_from):
        same, is_even = as_even(times_us)
    assert is_even == (bool(steps) and min(steps) >= 0 and max(steps) - min(steps) <= 1)
    assert isinstance(same, EvenTimes) == (len(set(steps)) == 1 and min(steps) >= 0 and len(steps) + 1 >= even_from)
    assert np.asarray(same).tolist() == times_us.tolist()
