"""A picture counts only when it is whole."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from lablink_dpg.gui import screenshot


def test_a_whole_png_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (40, 30)).save(path)
    assert screenshot.is_complete(path)


def test_half_a_png_and_no_png_are_not(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (40, 30)).save(path)
    path.write_bytes(path.read_bytes()[:-5])
    assert not screenshot.is_complete(path)
    assert not screenshot.is_complete(tmp_path / "missing.png")
