"""The wall in a window of its own, moved by a real pointer, and what its pictures show."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from lablink_dpg.gui import layout, palette, wall_layout
from lablink_dpg.gui.alarm_rows import LOOKS
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.lane_marks import ALARM_ALPHA
from lablink_dpg.preferences import LinePalette, ThemeName
from tests.gui.walled import ALARMED, shape_of
from tests.support.windows import LONG_S, drive, pixels, play

SILENT, LOSSY, WELL = 4, 1, 0


@pytest.mark.parametrize("scenario", ["wall_hands", "wall_changes", "wall_paged", "wall_recoloured"])
def test_hands_on_the_wall(xvfb: str, scenario: str) -> None:
    done = play(xvfb, "tests.gui.driver", scenario, limit_s=LONG_S)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"
    assert done.stderr == ""


@pytest.mark.parametrize("theme", list(ThemeName))
def test_lines_and_words_are_told_from_the_ground_of_an_alarm(theme: ThemeName) -> None:
    for lines in LinePalette:
        colours = palette.of(theme, lines)
        for look in LOOKS.values():
            pairs = zip(colours.tones[look.tone], colours.plot, strict=True)
            red, green, blue = (round((a * ALARM_ALPHA + b * (255 - ALARM_ALPHA)) / 255) for a, b in pairs)
            assert all(palette.contrast(line, (red, green, blue)) > 2.4 for line in colours.lines)
            words = (Tone.PLAIN, Tone.MUTED, Tone.BAD, look.tone)
            assert all(palette.contrast(colours.tones[tone], (red, green, blue)) > 4.5 for tone in words)


@pytest.fixture(scope="module")
def picture_of(xvfb: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], np.ndarray]:
    directory = tmp_path_factory.mktemp("walls")

    @cache
    def taken(scenario: str) -> np.ndarray:
        path = directory / f"{scenario}.png"
        done = drive(xvfb, scenario, path)
        assert done.returncode == 0, done.stderr
        return pixels(path)

    return taken


def cut(picture: np.ndarray, area: Rect) -> np.ndarray:
    """What lies at ``area`` of the wall."""
    left, top = layout.RAIL_PX + area.x, layout.TOOLBAR_PX + area.y
    return picture[top : top + area.height, left : left + area.width]


def share_of(part: np.ndarray, colour: tuple[int, int, int], tolerance: int = 60) -> np.ndarray:
    """Of each column of pixels whether one is of that colour."""
    return (np.abs(part - np.array(colour)).sum(axis=2) < tolerance).any(axis=0)


@pytest.mark.parametrize("count", [16, 200])
def test_every_stream_has_its_line_in_its_own_colour(picture_of: Callable[[str], np.ndarray], count: int) -> None:
    picture, shape = picture_of(f"wall_{count}"), shape_of(count, 1600, 1000)
    for index in range(count):
        if index % 5 == SILENT or index == ALARMED:
            continue
        part = cut(picture, wall_layout.lane_plot(shape, index))
        covered = share_of(part, palette.line_colour(index % palette.LINES), 110).mean()
        # A steep line is blended with the ground, by where it is at the moment; of most other colours there is none.
        assert covered > 0.15, f"lane {index}: its line covers {covered:.0%} of the width"


def test_a_gap_is_seen_as_a_gap(picture_of: Callable[[str], np.ndarray]) -> None:
    """A third of a second of the ten in view is lost."""
    picture, shape = picture_of("wall_16"), shape_of(16, 1600, 1000)
    for index, has_gap in ((LOSSY, True), (WELL, False)):
        part = cut(picture, wall_layout.lane_plot(shape, index))
        drawn = (np.abs(part - np.array(palette.line_colour(index))).sum(axis=2) < 250).any(axis=0)
        inner = np.flatnonzero(drawn)
        longest = int(np.diff(inner).max())
        assert (longest >= shape.plot_width // 40) is has_gap, f"lane {index}: {longest} px without a line"


def test_state_losses_and_alarms_have_their_places(picture_of: Callable[[str], np.ndarray]) -> None:
    picture, shape = picture_of("wall_16"), shape_of(16, 1600, 1000)
    bad = palette.DARK.tones[Tone.BAD]
    for index in range(16):
        lane = cut(picture, wall_layout.lane(shape, index))
        middle = lane[lane.shape[0] // 3 : -lane.shape[0] // 3]
        left, right = middle[:, : wall_layout.STATE_PX], middle[:, -wall_layout.LOST_PX :]
        is_silent = index == SILENT
        assert (np.abs(left - np.array(bad)).sum(axis=2) < 20).all() == is_silent, f"lane {index}"
        assert (np.abs(right - np.array(bad)).sum(axis=2) < 20).all() == (index % 4 == 1), f"lane {index}"
    grounds = [
        np.median(cut(picture, wall_layout.lane_plot(shape, index)).reshape(-1, 3), axis=0) for index in range(16)
    ]
    reds = [int(ground[0] - ground[2]) for ground in grounds]
    assert reds[ALARMED] > 8
    assert all(red < 2 for index, red in enumerate(reds) if index != ALARMED)


def test_what_no_longer_comes_is_drawn_without_colour(picture_of: Callable[[str], np.ndarray]) -> None:
    picture, shape = picture_of("wall_16"), shape_of(16, 1600, 1000)
    part = cut(picture, wall_layout.lane_plot(shape, SILENT))
    assert share_of(part, palette.DARK.muted).mean() > 0.3
    assert not share_of(part, palette.line_colour(SILENT)).any()


def test_words_stay_left_of_the_lines(picture_of: Callable[[str], np.ndarray]) -> None:
    """Between a name and its lane's plotting area lies a stretch of ground."""
    for count in (16, 200):
        picture, shape = picture_of(f"wall_{count}"), shape_of(count, 1600, 1000)
        for index in range(count):
            plot = wall_layout.lane_plot(shape, index)
            margin = cut(picture, plot._replace(x=plot.x - 3, width=3, y=plot.y + 2, height=plot.height - 4))
            assert (margin == margin[0, 0]).all(), f"{count} streams, lane {index}: letters reach into the lane"
