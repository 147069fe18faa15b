"""Seconds, samples and megabytes of a history."""

from __future__ import annotations

import pytest

from lablink_dpg.gui.history_words import LARGE_BYTES, NO_RATE, answer, seconds_text
from lablink_dpg.gui.palette import Tone
from tests.gui.acquisition_lines import line

LINES = [line(), line(info={"sample_rate_hz": 100.0}, full_bytes=50_000_000)]


def test_seconds_are_meant_of_the_fastest() -> None:
    told = answer("600", LINES)
    assert told.samples == 600_000
    assert told.tone is Tone.MUTED
    assert told.text == (
        "600000 samples a channel, 600 s at 1000 S/s: 30.0 MB a stream at most, 45.0 MB in all when full"
    )


def test_what_is_kept_is_what_would_be_typed() -> None:
    text = seconds_text(250_000, LINES)
    assert text == "250"
    assert answer(text, LINES).samples == 250_000
    assert seconds_text(250_000, []) == ""


@pytest.mark.parametrize("text", ["", "long", "nan"])
def test_what_is_no_number_is_said(text: str) -> None:
    assert answer(text, LINES) == (None, "▲ History: a number of seconds is missing", Tone.WARN)


@pytest.mark.parametrize("text", ["0.5", "-3", "1M"])
def test_what_is_out_of_bounds_is_said_with_the_bounds(text: str) -> None:
    told = answer(text, LINES)
    assert told.samples is None
    assert told.text.endswith("s, must be from 1 to 1e+05 s at 1000 S/s")


def test_without_a_rate_there_are_no_seconds() -> None:
    assert answer("60", []) == (None, NO_RATE, Tone.MUTED)


def test_more_than_most_machines_have_is_marked_and_still_a_persons_choice() -> None:
    lines = [line()] * 64
    seconds = LARGE_BYTES / 25 / 64 / 1000 * 1.1
    told = answer(f"{seconds:.0f}", lines)
    assert told.samples is not None
    assert told.text.startswith("▲ ")
    assert told.tone is Tone.WARN
