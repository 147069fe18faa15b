"""The equipment panel in a real window, under a real pointer; each scenario in its own process."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from lablink_dpg.gui import palette
from lablink_dpg.gui.palette import Tone
from tests.support.windows import drive

SCENARIOS = (
    "equipment_hands",
    "equipment_waits",
    "equipment_form",
    "equipment_waveform",
    "equipment_many",
    "equipment_hidden",
    "equipment_steady",
    "equipment_several",
    "equipment_none",
)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_hands_on_the_equipment(xvfb: str, scenario: str) -> None:
    done = drive(xvfb, scenario)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"
    assert done.stderr == ""


def test_states_and_sparks_are_seen(xvfb: str, tmp_path: Path) -> None:
    done = drive(xvfb, "equipment_seen", tmp_path / "picture.png")
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "picture.png") as picture:
        panel = picture.convert("RGB").crop((84, 56, 480, 960))
    colours = {colour for _, colour in panel.getcolors(1 << 20) or ()}
    for tone in (Tone.GOOD, Tone.PLAIN, Tone.MUTED):
        assert palette.now.tones[tone] in colours
    spark = palette.line_colour(0)
    assert any(max(abs(a - b) for a, b in zip(each, spark, strict=True)) < 24 for each in colours), "a spark"
