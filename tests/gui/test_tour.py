"""The tour of the window, with a real window and real pictures."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from lablink_dpg.gui import palette
from tests.support.windows import pixels, play

NAMES = (
    *("live", "overlay", "paused", "equipment", "acquisitions", "alarm-active", "diagnostics", "scheduler", "settings"),
    *("all-panels", "commands", "help", "statistics", "log", "light-theme", "large-letters", "wall", "disconnected"),
)


def test_a_tour_takes_a_picture_of_every_panel_and_state(xvfb: str, tmp_path: Path) -> None:
    done = play(xvfb, "tests.gui.touring", tmp_path, is_seen=True, limit_s=100.0)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "alarm gone\n"
    assert done.stderr == ""
    taken = sorted(path.name for path in tmp_path.iterdir())
    assert taken == [f"{number:02d}-{name}.png" for number, name in enumerate(NAMES, 1)]
    pictures = {name: pixels(tmp_path / file) for name, file in zip(NAMES, taken, strict=True)}
    for before, after in pairwise(NAMES):
        changed = (pictures[before] != pictures[after]).any(axis=2).mean()
        assert changed > 0.02, f"{after} looks like {before}"
    page = np.array(palette.DARK.page)
    shares = {name: (picture == page).all(axis=2).mean() for name, picture in pictures.items()}
    assert shares["live"] < 0.01
    for name in ("commands", "help", "statistics", "log"):
        assert shares[name] > 0.05, f"the page of {name} is not in its picture"
    red = np.array(palette.DARK.tones[palette.Tone.BAD])
    bar = (np.abs(pictures["alarm-active"][58:88] - red).sum(axis=2) < 20).mean()
    assert bar > 0.5, "the bar of critical alarms"
    assert pictures["light-theme"].mean() > 200 > 80 > pictures["live"].mean()
