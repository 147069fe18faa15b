"""Rows of timestamps against ``datetime`` and against the careful way, byte by byte."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.wire.rows import CHUNK_ROWS, MAX_RUNS, parse_runs
from lablink_dpg.wire.timestamps import ROW_BYTES, parse_rows
from tests.support.wire_oracle import times

moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1))
TEMPLATE = rb'"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}",'
START = datetime(2026, 12, 31, 23, 59, 59, 990_000)


def rows(texts: list[str]) -> bytes:
    return "".join(f'"{text}",' for text in texts).encode()


def full(moment: datetime, count: int, step_us: int) -> list[str]:
    """Timestamps of full width, also where the microseconds are zero."""
    return [(moment + timedelta(microseconds=k * step_us)).isoformat(timespec="microseconds") for k in range(count)]


def parsed(table: bytes, new: int | None = None) -> list[int] | None:
    """By ``parse_runs``, between other bytes and without the last comma; the last ``new`` rows, by default all."""
    count = len(table) // ROW_BYTES
    new = count if new is None else new
    times_us = parse_runs(b"[" + table[:-1] + b"]", 1 + (count - new) * ROW_BYTES, new)
    return None if times_us is None else times_us.tolist()


@given(moments, st.integers(1, 300), st.integers(0, 3000), st.floats(0, 1))
def test_rows_of_up_to_two_seconds_are_parsed_as_datetime_does(
    moment: datetime, count: int, step_us: int, share: float
) -> None:
    texts = full(moment, count, step_us)
    new = round(share * count)
    assert parsed(rows(texts), new) == times(texts[count - new :]).tolist()


@pytest.mark.parametrize("count", [CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 1, 2 * CHUNK_ROWS, 2 * CHUNK_ROWS + 3])
@pytest.mark.parametrize("step_us", [3, 101])
def test_rows_of_many_chunks_join_without_a_seam(count: int, step_us: int) -> None:
    texts = full(START, count, step_us)
    for new in (0, 1, 2, CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 1, count):
        if new <= count:
            assert parsed(rows(texts), new) == times(texts[count - new :]).tolist()


def test_rows_of_many_seconds_the_year_changes_among_them_join_without_a_seam() -> None:
    texts = full(START, 400, 2_503 * MAX_RUNS)
    assert 2 < len({text[:19] for text in texts}) <= MAX_RUNS + 1
    texts = texts[sum(text[:19] == texts[0][:19] for text in texts) - 1 :]
    assert len({text[:19] for text in texts}) == MAX_RUNS + 1
    assert parsed(rows(texts)) is None
    texts = texts[1:]
    for new in (len(texts), len(texts) - 1, 150, 0):
        assert parsed(rows(texts), new) == times(texts[len(texts) - new :]).tolist()


def test_rows_that_step_back_to_an_earlier_second_are_right_or_left_to_the_careful_way() -> None:
    texts = full(START, 40, 401)
    for other in (texts[30:] + texts[:30], texts[:5] + texts[35:] + texts[5:35], texts[::-1]):
        assert parsed(rows(other)) in (None, times(other).tolist())


@given(moments, st.integers(1, 60), st.integers(0, 60), st.data())
def test_one_changed_byte_is_never_taken_for_what_it_is_not(
    moment: datetime, count: int, new: int, data: st.DataObject
) -> None:
    table, new = bytearray(rows(full(moment, count, 17))), min(new, count)
    first = (count - new) * ROW_BYTES if new else 0  # what is before is not read
    table[data.draw(st.integers(first, len(table) - 2))] = data.draw(st.integers(0, 255))
    fast, careful = parsed(bytes(table), new), parse_rows(bytes(table[(count - new) * ROW_BYTES :]))
    if fast is not None:
        assert careful is not None
        assert fast == careful.tolist()


@pytest.mark.parametrize("byte", range(256))
def test_a_fraction_has_digits_only(byte: int) -> None:
    for row in (0, 17, 39):
        for column in range(21, 27):
            table = bytearray(rows(full(START, 40, 1)))
            table[row * ROW_BYTES + column] = byte
            assert (parsed(bytes(table)) is not None) == (chr(byte) in "0123456789")


def test_fractions_of_all_digits_are_right() -> None:
    texts = full(datetime(2026, 11, 23), 142_857, 7)
    start_us = times(texts[:1]).item(0)
    assert parsed(rows(texts)) == list(range(start_us, start_us + 999_999, 7))


def test_no_rows_are_no_times() -> None:
    assert parsed(b"") == []


@given(moments, st.integers(1, 40), st.integers(0, 3000), st.data())
def test_of_a_bytearray_the_same_is_read(moment: datetime, count: int, step_us: int, data: st.DataObject) -> None:
    raw = bytearray(b"[" + rows(full(moment, count, step_us))[:-1] + b"]")
    new = data.draw(st.integers(0, count))
    times_us = parse_runs(raw, 1 + (count - new) * ROW_BYTES, new)
    assert times_us is not None
    raw.clear()  # nothing holds its memory
    assert times_us.tolist() == times(full(moment, count, step_us)[count - new :]).tolist()
