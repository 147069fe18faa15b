"""Tests of lablink_dpg.books.captures."""

from __future__ import annotations

import numpy as np
import pytest

from lablink_dpg.books import captures
from lablink_dpg.books.captures import CaptureBook
from lablink_dpg.model.waveform import Waveform


def waveform(name: str, points: int = 10, channel: int = 1) -> Waveform:
    return Waveform(name, channel, np.arange(points) / 10, np.zeros(points))


def test_the_newest_of_each_device_is_kept_until_it_is_dismissed() -> None:
    book = CaptureBook()
    book.take(waveform("a"), 1)
    book.take(waveform("a", channel=2), 2)
    book.take(waveform("b"), 3)
    kept = book.get("a")
    assert kept is not None
    assert (kept.waveform.channel, kept.at_us, book.revision) == (2, 2, 3)
    book.dismiss("a")
    book.dismiss("a")
    assert book.get("a") is None
    assert book.get("b") is not None
    assert book.revision == 4


def test_what_they_take_in_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captures, "MAX_BYTES", 16 * 100)
    book = CaptureBook()
    for name in ("a", "b", "c"):
        book.take(waveform(name, 40), 0)
    assert book.get("a") is None
    assert book.get("b") is not None
    book.take(waveform("huge", 1000), 0)
    assert book.get("huge") is not None, "the one that was just asked for is shown, however large"
    assert book.get("c") is None
