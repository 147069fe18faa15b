"""The size of the screen, and of a window that fits it."""

from __future__ import annotations

from pathlib import Path

from lablink_dpg.gui.screen import fitting, screen_size


def test_a_window_is_no_larger_than_the_screen() -> None:
    assert fitting((1600, 1000), (1280, 720)) == (1280, 720)
    assert fitting((1600, 1000), (3840, 2160)) == (1600, 1000)
    assert fitting((1600, 1000), None) == (1600, 1000)


def test_a_library_that_cannot_be_asked_means_an_unknown_size(tmp_path: Path) -> None:
    assert screen_size(str(tmp_path / "none.so")) is None
