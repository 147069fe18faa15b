"""The kept text against the plain way: the whole window through the encoder at once."""

from __future__ import annotations

import json

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.sim.sample_text import BLOCK, SPAN, SampleText
from lablink_dpg.sim.signals import expected, make_spec
from lablink_dpg.sim.timeline import Timeline

CHANNELS = ("CH1", 'say "hi"', "again")
SPECS = {
    "CH1": make_spec("sine", 4, 1000.0),
    'say "hi"': make_spec("noise", 4, 1000.0),
    "again": make_spec("ramp", 4, 1000.0, loop_log2=8),
}
COMPUTED = 2  # of the channels
START_US = 1_764_000_000_000_000  # a whole second: its first timestamp has no fraction


def plain(timeline: Timeline, first: int, stop: int) -> str:
    option = orjson.OPT_SERIALIZE_NUMPY
    times = orjson.dumps(timeline.times(first, stop).view("datetime64[us]"), option=option).decode()
    indices = np.arange(first, stop, dtype=np.int64)
    values = orjson.dumps({channel: expected(SPECS[channel], indices) for channel in CHANNELS}, option=option).decode()
    return f'"timestamps":{times},"values":{values}'


@given(
    st.integers(0, 3 * SPAN),
    st.lists(
        st.tuples(st.integers(1, 3 * BLOCK), st.integers(0, 700), st.sampled_from(["", "pause", "ahead", "back"])),
        min_size=1,
        max_size=12,
    ),
)
def test_windows_equal_the_plain_text_in_any_order_and_through_pauses_and_jumps(
    total: int, steps: list[tuple[int, int, str]]
) -> None:
    timeline = Timeline(1000.0, START_US)
    text = SampleText(timeline, CHANNELS, SPECS)
    now_us = START_US + total * 1000
    for size, more, event in steps:
        now_us += more * 1000
        if event == "pause":
            timeline.halt(now_us)
            now_us += 12_345_678
            timeline.resume(now_us)
        elif event:
            by_us = 2_000_000 if event == "ahead" else -2_000_000
            timeline.jump(by_us, now_us)
            now_us += by_us
        total = timeline.total(now_us)
        first = max(0, total - size)
        assert text.window(first, total) == plain(timeline, first, total)


def test_an_empty_window_is_empty_lists() -> None:
    text = SampleText(Timeline(1000.0, START_US), CHANNELS, SPECS).window(5, 5)
    assert json.loads(f"{{{text}}}") == {"timestamps": [], "values": {channel: [] for channel in CHANNELS}}


def test_a_whole_second_is_written_without_fraction() -> None:
    text = SampleText(Timeline(1000.0, START_US), CHANNELS, SPECS).window(0, 2)
    first, second = json.loads(f"{{{text}}}")["timestamps"]
    assert len(first) == 19
    assert second == f"{first}.001000"


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK])
def test_values_are_written_once_although_windows_overlap(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from lablink_dpg.sim import sample_text

    written = 0
    write = sample_text.json_array_body

    def count(array: np.ndarray) -> bytes:
        nonlocal written
        written += len(array)
        return write(array)

    monkeypatch.setattr(sample_text, "json_array_body", count)
    text = SampleText(Timeline(1000.0, START_US), CHANNELS, SPECS)
    windows = range(8 * BLOCK, 16 * BLOCK, size)
    for total in windows:
        text.window(total - 8 * BLOCK, total)
    once = COMPUTED * (windows[-1])
    ragged = COMPUTED * 2 * BLOCK * len(windows)
    assert written <= once + ragged


def test_nothing_older_than_the_window_is_kept() -> None:
    text = SampleText(Timeline(1000.0, START_US), CHANNELS, SPECS)
    for total in range(SPAN, 20 * SPAN, 500):
        text.window(total - 1500, total)
        for column in text._columns[:COMPUTED]:
            assert len(column._blocks) <= 1500 // BLOCK + 2
            assert len(column._spans) <= 3


def test_values_are_those_of_the_text() -> None:
    text = SampleText(Timeline(1000.0, START_US), CHANNELS, SPECS)
    values = json.loads(f"{{{text.window(100, 900)}}}")["values"]
    assert [each.tolist() for each in text.values(100, 900)] == list(values.values())
