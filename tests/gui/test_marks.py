"""Alarms in the plots of a real window: pixels where the times say, words under the mouse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lablink_dpg.gui import layout, palette
from lablink_dpg.gui.palette import Tone
from tests.gui.marked import LIMIT_SHARE, OPEN_SHARE, OVER_SHARES
from tests.gui.test_window import plot_rect
from tests.support.windows import drive, pixels


@pytest.mark.parametrize("scenario", ["marks_pointed_at", "marks_crowded"])
def test_hands_on_marks(xvfb: str, scenario: str) -> None:
    done = drive(xvfb, scenario)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.fixture(scope="module")
def picture(xvfb: str, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    path: Path = tmp_path_factory.mktemp("marks") / "marks.png"
    done = drive(xvfb, "marks", path)
    assert done.returncode == 0, done.stderr
    return pixels(path)


def share_of(picture: np.ndarray, area: layout.Rect, tone: Tone, axis: int) -> np.ndarray:
    """Of each column (axis 0) or row (axis 1) of a plotting area, how much has a tone's hue, lighter or darker."""
    plot = picture[area.y : area.y + area.height, area.x : area.x + area.width].astype(float)
    over, wanted = plot - palette.now.plot, np.subtract(palette.now.tones[tone], palette.now.plot, dtype=float)
    strength = over @ wanted / (wanted @ wanted)
    off = np.abs(over - strength[..., None] * wanted).sum(axis=2)
    return np.asarray(((strength > 0.25) & (off < 40)).mean(axis=axis))


def test_an_alarm_is_a_line_at_its_time(picture: np.ndarray) -> None:
    for index, tone, share in ((0, Tone.BAD, OPEN_SHARE), (1, Tone.INFO, OVER_SHARES[0])):
        area = plot_rect(4, index)
        columns = share_of(picture, area, tone, axis=0)
        at = round(share * area.width)
        assert columns[at - 2 : at + 3].max() > 0.7
        assert int(columns.argmax()) == pytest.approx(at, abs=2)
    rest = plot_rect(4, 2)  # which is smooth: a steep edge is thin, and may be blended into any hue
    assert share_of(picture, rest, Tone.BAD, axis=0).max() < 0.5, "another device's plot has none"


def test_an_open_alarm_lasts_to_the_edge_and_one_that_is_over_until_its_end(picture: np.ndarray) -> None:
    for index, tone, (begin, end) in ((0, Tone.BAD, (OPEN_SHARE, 1.0)), (1, Tone.INFO, OVER_SHARES)):
        area = plot_rect(4, index)
        foot = layout.Rect(area.x + 2, area.y + area.height - 5, area.width - 4, 3)
        is_lasting = share_of(picture, foot, tone, axis=0) > 0.5
        lasting = np.flatnonzero(is_lasting)
        assert lasting[0] == pytest.approx(begin * area.width, abs=9), "its symbol begins a little before it"
        assert lasting[-1] == pytest.approx(min(end * area.width, area.width - 5), abs=4)
        assert is_lasting[lasting[0] : lasting[-1] + 1].mean() > 0.9


def test_a_threshold_is_a_line_at_its_value(picture: np.ndarray) -> None:
    area = plot_rect(4, 0)
    rows = share_of(picture, area, Tone.WARN, axis=1)
    at = round(LIMIT_SHARE * area.height)
    assert rows[at - 2 : at + 3].max() > 0.7
    assert int(rows.argmax()) == pytest.approx(at, abs=2)
