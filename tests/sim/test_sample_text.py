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

CHANNELS = ("CH1", 'say "hi"')
SPECS = {channel: make_spec(kind, 4, 1000.0) for channel, kind in zip(CHANNELS, ("sine", "noise"), strict=True)}
START_US = 1_764_000_000_000_000  # a whole second: its first timestamp has no fraction


def plain(timeline: Timeline, first: int, stop: int) -> str:
    option = orjson.OPT_SERIALIZE_NUMPY
    times = orjson.dumps(timeline.times(first, stop).view("datetime64[us]"), option=option).decode()
    indices = np.arange(first, stop, dtype=np.int64)
    values = orjson.dumps({channel: expected(SPECS[channel], indices) for channel in CHANNELS}, option=option).decode()
    return f'"timestamps":{times},"values":{values}'


@given(
    st.integers(0, 3 * SPAN),
    st.lists(st.tuples(st.integers(1, 3 * BLOCK), st.integers(0, 700), st.booleans()), min_size=1, max_size=12),
)
def test_windows_equal_the_plain_text_in_any_order_and_through_pauses(
    total: int, steps: list[tuple[int, int, bool]]
) -> None:
    timeline = Timeline(1000.0, START_US)
    text = SampleText(timeline, CHANNELS, SPECS)
    now_us = START_US + total * 1000
    for size, more, is_pause in steps:
        now_us += more * 1000
        if is_pause:
            timeline.halt(now_us)
            now_us += 12_345_678
            timeline.resume(now_us)
        total = timeline.total(now_us)
        first = max(0, total - size)
        assert text.window(first, total) == plain(timeline, first, total)


def test_an_empty_window_is_empty_lists() -> None:
    text = SampleText(Timeline(1000.0, START_US), CHANNELS, SPECS).window(5, 5)
    assert json.loads(f"{{{text}}}") == {"timestamps": [], "values": {"CH1": [], 'say "hi"': []}}


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

    def count(array: np.ndarray) -> str:
        nonlocal written
        written += len(array)
        return write(array)

    monkeypatch.setattr(sample_text, "json_array_body", count)
    text = SampleText(Timeline(1000.0, START_US), CHANNELS, SPECS)
    windows = range(8 * BLOCK, 16 * BLOCK, size)
    for total in windows:
        text.window(total - 8 * BLOCK, total)
    columns = len(CHANNELS) + 1
    once = columns * (windows[-1])
    ragged = columns * 2 * BLOCK * len(windows)
    assert written <= once + ragged


def test_nothing_older_than_the_window_is_kept() -> None:
    text = SampleText(Timeline(1000.0, START_US), CHANNELS, SPECS)
    for total in range(SPAN, 20 * SPAN, 500):
        text.window(total - 1500, total)
        assert len(text._blocks) <= 1500 // BLOCK + 2
        assert len(text._spans) <= 3
