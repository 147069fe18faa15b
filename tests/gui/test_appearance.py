"""The window in other colours and sizes, on a display of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lablink_dpg.gui import layout, palette
from lablink_dpg.gui.palette import Palette
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.typefaces import TICK_PX
from tests.gui.appearances import LARGE
from tests.gui.scaled import scaled
from tests.support.windows import drive, pixels

LIGHT: Palette = palette.of(LARGE.theme, LARGE.lines)


@pytest.mark.parametrize("scenario", ["scale_keys", "looks_scrolled", "looks_720", "looks_largest", "rows", "docked"])
def test_hands_on_a_window_that_looks_otherwise(xvfb: str, scenario: str) -> None:
    done = drive(xvfb, scenario)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"
    assert done.stderr == ""


def test_changes_of_looks_leave_nothing_behind(xvfb: str, tmp_path: Path) -> None:
    """Really drawn, because the driver that draws nothing leaks by itself."""
    done = drive(xvfb, "looks_changing", tmp_path / "changed.png")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.fixture(scope="module")
def large(xvfb: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], np.ndarray]:
    @cache
    def taken() -> np.ndarray:
        path = tmp_path_factory.mktemp("pictures") / "large.png"
        done = drive(xvfb, "looks_large", path)
        assert done.returncode == 0, done.stderr
        return pixels(path)

    return taken


def large_plot(index: int) -> layout.Rect:
    """The plotting area of one of sixteen cards in that picture."""
    with scaled(LARGE.scale):
        left, top = px(layout.RAIL_PX), px(layout.TOOLBAR_PX)
        grid = layout.grid(16, 1600 - left, 1000 - top - px(layout.STATUS_PX))
        cell = layout.cell(grid, index)
        area = layout.plot_area(layout.plot_item(cell.width, cell.height), px(TICK_PX))
        return layout.Rect(left + cell.x + area.x, top + cell.y + area.y, area.width, area.height)


def test_large_letters_leave_the_arithmetic_of_the_plotting_area_right(large: Callable[[], np.ndarray]) -> None:
    """To the pixel."""
    is_edge = np.abs(large() - np.array(LIGHT.border)).sum(axis=2) < 30
    for index in (0, 5, 11):
        left, top, width, height = large_plot(index)
        inner_rows, inner_columns = slice(top + 5, top + height - 5), slice(left + 5, left + width - 5)
        for x in (left, left + width):
            assert is_edge[inner_rows, x - 1 : x + 2].any(axis=1).mean() > 0.9
        for y in (top, top + height):
            assert is_edge[y - 1 : y + 2, inner_columns].any(axis=0).mean() > 0.9


def test_a_light_window_has_dark_lines_on_a_light_ground(large: Callable[[], np.ndarray]) -> None:
    picture = large()
    for index in range(12):
        left, top, width, height = large_plot(index)
        plot = picture[top : top + height, left : left + width]
        colour = np.array(LIGHT.lines[index % palette.LINES])
        assert (np.abs(plot - colour).sum(axis=2) < 90).any(axis=0).mean() > 0.35, index
        assert (np.abs(plot - np.array(LIGHT.plot)).sum(axis=2) < 12).mean() > 0.7
    dark = (picture.max(axis=2) < 40).mean()
    assert dark < 0.05, "nothing of the dark theme is left"
