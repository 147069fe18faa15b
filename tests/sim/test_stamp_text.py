"""Timestamps by digits against orjson, whose bytes they must be."""

from __future__ import annotations

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.sim import stamp_text
from lablink_dpg.sim.stamp_text import FRACTION, MERGED_ROWS, MIN_RUN, ROW, StampText, write
from lablink_dpg.sim.timeline import Timeline

START_US = 1_764_000_000_000_000  # a whole second: its first timestamp has no fraction


def plain(times_us: np.ndarray) -> bytes:
    return orjson.dumps(times_us.astype(np.int64).view("datetime64[us]"), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]


def rows_of(text: bytes) -> list[bytes]:
    return text.split(b",")


def check(times_us: np.ndarray) -> None:
    written = write(times_us.astype(np.int64))
    assert bytes(written.text[:-1]) == plain(times_us)
    rows = rows_of(bytes(written.text))
    for row in range(0, len(times_us), 97):
        assert written.offset(row) == sum(len(each) + 1 for each in rows[:row])
    assert written.offset(len(times_us)) == len(written.text)


@given(
    st.integers(-2_000_000, 2_000_000),
    st.sampled_from([1, 2, 8, 10, 100, 1000, 7813, 100_000, 1_000_000, 3_000_000]),
    st.integers(1, 4 * MIN_RUN),
)
def test_evenly_spaced_times_are_written_as_orjson_does(shift_us: int, period_us: int, count: int) -> None:
    check(START_US + shift_us + period_us * np.arange(count))


@given(
    st.integers(-2_000_000, 2_000_000),
    st.lists(st.tuples(st.integers(1, 400), st.integers(-2_500_000, 2_500_000)), min_size=1, max_size=5),
    st.sampled_from([1, 10, 997, 2000, 5000]),
)
def test_times_that_pause_and_jump_either_way_are_written_as_orjson_does(
    at_us: int, stretches: list[tuple[int, int]], period_us: int
) -> None:
    times = []
    for count, jump_us in stretches:
        times.append(START_US + at_us + period_us * np.arange(count))
        at_us += count * period_us + jump_us
    check(np.concatenate(times))


def test_a_whole_second_is_written_without_fraction_in_the_middle_of_the_fast_way() -> None:
    written = write(START_US + 1000 * np.arange(-500, 500))
    rows = rows_of(bytes(written.text))
    assert written.short.tolist() == [500]
    assert len(rows[500]) + 1 == ROW - len(FRACTION)
    assert rows[501] == rows[500][:-1] + b'.001000"'


def test_many_rows_of_one_second_are_not_left_to_orjson(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamp_text, "_write_plainly", lambda times_us: pytest.fail("the slow way"))
    for period_us in (1, 10, 1000):
        write(START_US + 123 + period_us * np.arange(2500, dtype=np.int64))


def test_no_times_are_no_text() -> None:
    assert write(np.empty(0, np.int64)).text == b""


@given(
    st.sampled_from([250.0, 1000.0, 3000.0, 99_999.0, 100_000.0]),
    st.lists(
        st.tuples(st.integers(0, 3000), st.integers(0, 2000), st.sampled_from(["", "pause", "ahead", "back"])),
        min_size=1,
        max_size=10,
    ),
)
def test_windows_equal_the_plain_text_in_any_order_through_pauses_and_jumps(
    rate_hz: float, steps: list[tuple[int, int, str]]
) -> None:
    timeline = Timeline(rate_hz, START_US + 999_000)
    text = StampText(timeline)
    now_us = timeline.start_us
    for size, more, event in steps:
        now_us += round(more * 1e6 / rate_hz)
        if event == "pause":
            timeline.halt(now_us)
            now_us += 12_345_678
            timeline.resume(now_us)
        elif event:
            by_us = 3_000_000 if event == "ahead" else -3_000_000
            timeline.jump(by_us, now_us)
            now_us += by_us
        total = timeline.total(now_us)
        for first, stop in ((max(0, total - size), total), (total // 3, total // 2), (total // 2, total // 2)):
            joined = b"".join(text.pieces(first, stop))
            assert joined[:-1] == plain(timeline.times(first, stop))


def test_each_timestamp_is_written_once_although_windows_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    written = 0

    def count(times_us: np.ndarray) -> stamp_text.Rows:
        nonlocal written
        written += len(times_us)
        return write(times_us)

    monkeypatch.setattr(stamp_text, "write", count)
    text = StampText(Timeline(1000.0, START_US))
    for total in range(2000, 9000, 50):
        text.pieces(total - 2000, total)
    assert written == 8950


@pytest.mark.parametrize("step", [1, 50, 3000])
def test_what_is_kept_reaches_back_as_far_as_the_window_and_in_few_chunks(step: int) -> None:
    text, window = StampText(Timeline(1000.0, START_US)), 3000
    for total in range(window, 5 * window, step):
        text.pieces(total - window, total)
        assert text._chunks[-1].stop - text._chunks[0].first < window + max(step, window)
        assert len(text._chunks) <= 2 + window // MERGED_ROWS + 1
