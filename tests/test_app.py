"""What a stress run asks of its simulator."""

from __future__ import annotations

import pytest

from lablink_dpg.app import simulator_words
from lablink_dpg.settings import Settings


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(streams=16, headless=True), []),
        (Settings(streams=16), ["--lively"]),
        (Settings(streams=16, channels=4, rate_hz=100_000.0, headless=True), ["--loop"]),
        (Settings(streams=1, rate_hz=1_000_000.0, headless=True), []),
        (Settings(streams=1, channels=2, rate_hz=1_000_000.0), ["--lively", "--loop"]),
    ],
)
def test_signals_are_looped_where_each_sample_cannot_be_computed(settings: Settings, words: list[str]) -> None:
    assert simulator_words(settings) == words
