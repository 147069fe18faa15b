"""The window itself, on a display of its own, moved by a real pointer; each in its own process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lablink_dpg.gui import layout, palette
from lablink_dpg.gui.typefaces import TICK_PX
from tests.support.windows import drive, pixels

HANDS = (
    "buttons",
    "wheel_and_drag",
    "y_axis",
    "keys",
    "overlay",
    "scroll",
    "vanishing",
    "old_notes",
    "minimised",
    "quiet",
    "still",
    "servers",
    "pages",
    "pages_720",
    "eight",
    "palette",
    "asked_twice",
    "docks",
    "login",
    "login_beside",
    "login_locked",
)


@pytest.mark.parametrize("scenario", HANDS)
def test_hands_on_the_window(xvfb: str, scenario: str) -> None:
    done = drive(xvfb, scenario)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"
    assert done.stderr == ""


def test_the_end_of_the_run_is_heard_by_a_minimised_window(xvfb: str, tmp_path: Path) -> None:
    """And a picture of it is refused instead of waited for."""
    done = drive(xvfb, "ended_minimised", tmp_path / "none.png")
    assert done.returncode == 1
    assert "the window is minimised" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "none.png").exists()


def test_a_minimised_window_can_be_closed(xvfb: str) -> None:
    done = drive(xvfb, "closed_minimised")
    assert done.returncode == 0, done.stderr


def test_values_beyond_float32_do_no_harm_even_when_they_are_really_drawn(xvfb: str, tmp_path: Path) -> None:
    done = drive(xvfb, "infinite", tmp_path / "infinite.png")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_an_error_is_logged_once_and_the_window_lives_on(xvfb: str) -> None:
    done = drive(xvfb, "failing_source")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("a frame failed") == 1
    assert done.stderr.count("a callback of the window failed") == 1


def plot_rect(count: int, index: int) -> layout.Rect:
    """The plotting area of one card in a picture of the default size."""
    grid = layout.grid(count, 1600 - layout.RAIL_PX, 1000 - layout.TOOLBAR_PX - layout.STATUS_PX)
    cell = layout.cell(grid, index)
    area = layout.plot_area(layout.plot_item(cell.width, cell.height), TICK_PX)
    return layout.Rect(layout.RAIL_PX + cell.x + area.x, layout.TOOLBAR_PX + cell.y + area.y, area.width, area.height)


@pytest.fixture(scope="module")
def picture_of(xvfb: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], np.ndarray]:
    """The pixels of a scenario's picture, which is taken once: really drawing is the dearest thing in this suite."""
    directory = tmp_path_factory.mktemp("pictures")

    @cache
    def taken(scenario: str) -> np.ndarray:
        path = directory / f"{scenario}.png"
        done = drive(xvfb, scenario, path)
        assert done.returncode == 0, done.stderr
        return pixels(path)

    return taken


@pytest.mark.parametrize("scenario", ["grid_16", "held_16"])
def test_a_picture_of_sixteen_streams_shows_sixteen_lines(
    picture_of: Callable[[str], np.ndarray], scenario: str
) -> None:
    picture = picture_of(scenario)
    assert picture.shape == (1000, 1600, 3)
    for index in range(16):
        left, top, width, height = plot_rect(16, index)
        plot = picture[top : top + height, left : left + width]
        colour = np.array(palette.line_colour(index % palette.LINES))
        drawn = np.abs(plot - colour).sum(axis=2) < 90
        columns = drawn.any(axis=0).mean()
        assert columns > 0.35, f"card {index}: its line covers {columns:.0%} of the width"


def test_our_arithmetic_of_the_plotting_area_is_what_is_drawn(picture_of: Callable[[str], np.ndarray]) -> None:
    """Zooming around the mouse needs it right to a pixel or two; the library does not tell where the area is."""
    is_edge = np.abs(picture_of("grid_16") - np.array(palette.now.border)).sum(axis=2) < 30
    for index in (0, 5, 15):
        left, top, width, height = plot_rect(16, index)
        inner_rows, inner_columns = slice(top + 5, top + height - 5), slice(left + 5, left + width - 5)
        for x in (left, left + width - 1):
            assert is_edge[inner_rows, x - 2 : x + 3].any(axis=1).mean() > 0.9
        for y in (top, top + height - 1):
            assert is_edge[y - 2 : y + 3, inner_columns].any(axis=0).mean() > 0.9


def test_the_age_of_a_plot_can_be_read_whatever_is_drawn_there(xvfb: str, tmp_path: Path) -> None:
    path = tmp_path / "full.png"
    done = drive(xvfb, "full", path)
    assert done.returncode == 0, done.stderr
    picture = pixels(path)
    for index, is_old in enumerate((False, True)):
        left, top, width, height = plot_rect(2, index)
        bottom = top + height
        columns = slice(left + width - 100, left + width - 8)
        drawn = np.abs(picture[:, columns] - np.array(palette.line_colour(index))).sum(axis=2) < 90
        assert drawn[top + 40 : top + 60].mean() > 0.9, "the plot is full"
        assert bool(drawn[bottom - 22 : bottom - 10].mean() < 0.01) is is_old


def test_a_window_without_streams_says_something_in_its_middle(xvfb: str, tmp_path: Path) -> None:
    path = tmp_path / "empty.png"
    done = drive(xvfb, "empty", path)
    assert done.returncode == 0, done.stderr
    picture = pixels(path)
    middle = picture[400:600, 500:1100]
    assert (middle.max(axis=2) > 150).mean() > 0.005
    assert (picture[150:380, layout.RAIL_PX + 2 :] - np.array(palette.now.background)).any(axis=2).mean() < 0.01, (
        "nothing else is there"
    )
