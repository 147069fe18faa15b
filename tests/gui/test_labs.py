"""Health and jobs in a real window: clicked, scrolled, small, and with nothing to show; each in its own process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lablink_dpg.gui import palette
from lablink_dpg.gui.palette import Tone
from tests.support.windows import drive, pixels


@pytest.mark.parametrize("scenario", ["diagnostics", "scheduler", "labs_720", "labs_500", "labs_0"])
def test_hands_on_the_panels(xvfb: str, scenario: str) -> None:
    done = drive(xvfb, scenario)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"
    assert done.stderr == ""


def test_a_picture_shows_what_is_ill_and_what_failed(xvfb: str, tmp_path: Path) -> None:
    path = tmp_path / "labs.png"
    done = drive(xvfb, "labs_shown", path)
    assert done.returncode == 0, done.stderr
    picture = pixels(path)
    bad = np.abs(picture - np.array(palette.now.tones[Tone.BAD])).sum(axis=2) < 60
    assert bad[60:500, 1180:].sum() > 150, "critical devices in the list at the right"
    assert bad[680:960, 90:1170].sum() > 100, "failed runs in the lists at the bottom"
