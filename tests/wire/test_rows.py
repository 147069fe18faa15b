"""Rows of timestamps against ``datetime`` and against the careful way, byte by byte."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.wire.rows import MIN_RUN, are_rows, parse_runs
from lablink_dpg.wire.timestamps import ROW_BYTES, parse_rows
from tests.support.wire_messages import stamps
from tests.support.wire_oracle import times

moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1))
START = datetime(2026, 12, 31, 23, 59, 59, 990_000)


def rows(texts: list[str]) -> bytes:
    return "".join(f'"{text}",' for text in texts).encode()


def full(moment: datetime, count: int, step_us: int) -> list[str]:
    """Timestamps of full width, also where the microseconds are zero."""
    return [(moment + timedelta(microseconds=k * step_us)).isoformat(timespec="microseconds") for k in range(count)]


@given(moments, st.integers(1, 300), st.integers(0, 3000))
def test_rows_of_up_to_a_second_are_parsed_as_datetime_does(moment: datetime, count: int, step_us: int) -> None:
    texts = full(moment, count, step_us)
    parsed = parse_runs(rows(texts))
    if parsed is None:  # left to the careful way: the first of two seconds has too few rows
        assert 0 < sum(text[:19] == texts[0][:19] for text in texts) < MIN_RUN
    else:
        assert parsed.tolist() == times(texts).tolist()


def test_rows_of_many_seconds_the_year_changes_among_them_join_without_a_seam() -> None:
    texts = full(START, 2000, 5003)
    texts = [text for text in texts if text[:19] != texts[0][:19]]
    parsed = parse_runs(rows(texts))
    assert parsed is not None
    assert parsed.tolist() == times(texts).tolist()


def test_seconds_of_few_rows_are_left_to_the_careful_way() -> None:
    assert parse_runs(rows(full(START, 100, 1_000_000))) is None


@given(moments, st.integers(1, 60), st.data())
def test_one_changed_byte_is_never_taken_for_what_it_is_not(moment: datetime, count: int, data: st.DataObject) -> None:
    table = bytearray(rows(full(moment, count, 17)))
    table[data.draw(st.integers(0, len(table) - 1))] = data.draw(st.integers(0, 255))
    parsed, careful = parse_runs(bytes(table)), parse_rows(bytes(table))
    if parsed is not None:
        assert careful is not None
        assert parsed.tolist() == careful.tolist()


@pytest.mark.parametrize("byte", range(256))
def test_a_fraction_has_digits_only(byte: int) -> None:
    for column in range(21, 27):
        table = bytearray(rows(full(START, 40, 1)))
        table[17 * ROW_BYTES + column] = byte
        assert (parse_runs(bytes(table)) is not None) == (chr(byte) in "0123456789")


def test_a_table_that_ends_within_a_row_is_left_to_the_careful_way() -> None:
    table = rows(full(START, 40, 1))
    assert parse_runs(table) is not None
    for size in range(1, ROW_BYTES):
        assert parse_runs(table[:-size]) is None
        assert parse_runs(table + table[:size]) is None


def test_no_rows_are_no_times() -> None:
    parsed = parse_runs(b"")
    assert parsed is not None
    assert parsed.shape == (0,)


def test_strings_of_full_width_are_rows_whatever_they_say() -> None:
    raw = b"[" + rows(["x" * 26, *stamps(30), "," * 26]) + b"]"
    assert are_rows(raw, 1, 32)
    assert are_rows(raw, 1 + ROW_BYTES, 31)
    assert are_rows(raw, 1, 0)
    assert not are_rows(raw, 2, 31)
    assert not are_rows(raw, 0, 32)


@given(st.integers(1, 8), st.lists(st.tuples(st.integers(0, 8 * ROW_BYTES - 1), st.sampled_from('",\\1 ')), max_size=6))
def test_what_are_rows_has_as_many_strings(count: int, changes: list[tuple[int, str]]) -> None:
    raw = bytearray(rows(["2026-11-23T00:00:30.184873"] * count))
    for at, byte in changes:
        raw[at % len(raw)] = ord(byte)
    if are_rows(bytes(raw), 0, count):
        listed = json.loads(b"[" + raw[:-1] + b"]")
        assert [type(each) for each in listed] == [str] * count
