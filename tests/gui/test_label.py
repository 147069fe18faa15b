"""Tests of lablink_dpg.gui.label, with letters of ten pixels each."""

from __future__ import annotations

import pytest

from lablink_dpg.gui import label


@pytest.fixture(autouse=True)
def _ten_px_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label, "text_width", lambda text, font: 10.0 * len(text))
    monkeypatch.setattr(label.dpg, "get_frame_count", lambda: 2)


@pytest.mark.parametrize(
    ("text", "width_px", "wanted"),
    [
        ("Gate drive 02", 130, "Gate drive 02"),
        ("Shaft vibration 01", 120, "Shaft vib…01"),
        ("Shaft vibration 117", 120, "Shaft vi…117"),
        ("connection refused", 100, "connectio…"),
        ("a-single-word-7", 50, "a-si…"),
        ("name 1234567", 60, "name…"),
        ("labserver/Scope 1", 200, "labserver/Scope 1"),
        ("labserver/Scope 1", 120, "lab…/Scope 1"),
        ("labserver/Shaft vibration 01", 120, "labserver…01"),
        ("MockPSU-3030 7743 @ :8000", 230, "MockPSU-3030 7743 @ :8…"),
        ("MockPSU-3030 7743 @ :8000", 200, "MockPSU-3030 7743"),
        ("MockPSU-3030 7743 @ :8000", 100, "MockP…7743"),
        ("https://labserver:8000", 120, "https://lab…"),
        ("https://labserver/Scope 1", 150, "https:…/Scope 1"),
        ("refused by http://lab:8000", 120, "refused by…"),
    ],
)
def test_a_name_that_is_too_long_keeps_the_number_that_tells_it_apart(text: str, width_px: int, wanted: str) -> None:
    assert label.cut(text, width_px, 1) == wanted
