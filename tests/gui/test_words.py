"""Words: short, of steady width, honest."""

from __future__ import annotations

import ast
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ImageFont

from lablink_dpg.gui import states, words
from lablink_dpg.gui.palette import Tone


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 S/s"),
        (7, "7 S/s"),
        (999, "999 S/s"),
        (999.7, "1.00 kS/s"),
        (1000, "1.00 kS/s"),
        (1234, "1.23 kS/s"),
        (9_999, "10.0 kS/s"),
        (10_000, "10.0 kS/s"),
        (640_000, "640 kS/s"),
        (999_600, "1.00 MS/s"),
        (1.5e9, "1.50 GS/s"),
        (0.25, "0.25 S/s"),
        (-1500, "−1.50 kS/s"),
        (float("nan"), "– S/s"),
    ],
)
def test_three_digits_and_a_prefix(value: float, text: str) -> None:
    assert words.si(value, "S/s") == text


def test_a_stream_that_stands_still_has_no_rate() -> None:
    assert words.rate(0.0) == "– S/s"


@pytest.mark.parametrize(
    ("ms", "text", "tone"),
    [
        (None, "– ms", Tone.MUTED),
        (31.4, "31 ms", Tone.MUTED),
        (251.0, "251 ms", Tone.WARN),
        (2500.0, "2.5 s", Tone.BAD),
        (15_000.0, "15.0 s", Tone.BAD),
    ],
)
def test_latency_says_when_it_is_late(ms: float | None, text: str, tone: Tone) -> None:
    assert words.latency(ms) == text
    assert words.latency_tone(ms) is tone


@pytest.mark.parametrize(
    ("fps", "is_idle", "text", "tone"),
    [(29.6, False, "30 fps", Tone.PLAIN), (12.0, False, "▼ 12 fps", Tone.WARN), (4.0, True, "idle", Tone.MUTED)],
)
def test_few_frames_are_a_warning_only_while_there_is_something_to_draw(
    fps: float, is_idle: bool, text: str, tone: Tone
) -> None:
    assert words.pace(fps, 30.0, is_idle) == (text, tone)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (12.34, "12.3 s"), (65, "1 min 05 s"), (12_000, "3 h 20 min")]
)
def test_durations_show_the_two_units_that_matter(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("span_us", "text"), [(500, "500 µs"), (20_000, "20 ms"), (1_000_000, "1 s"), (600_000_000, "10 min")]
)
def test_spans_are_named_as_the_selector_names_them(span_us: int, text: str) -> None:
    assert words.span(span_us) == text


@pytest.mark.parametrize(
    ("seconds", "whole", "short"),
    [
        (0.9, "0 s", "0 s"),
        (12.9, "12 s", "12 s"),
        (65, "1 min 05 s", "1 min"),
        (12_000, "3 h 20 min", "3 h"),
        (200_000, "55 h 33 min", "2 d"),
    ],
)
def test_an_age_that_runs_has_no_tenths_and_a_narrow_one_a_single_unit(seconds: float, whole: str, short: str) -> None:
    assert words.whole_duration(seconds) == whole
    assert words.short_duration(seconds) == short


@pytest.mark.parametrize("name", ["LabLinkSans-Medium.otf", "LabLinkSans-Bold.otf"])
def test_the_bundled_font_has_tabular_digits_and_every_symbol_we_write(name: str) -> None:
    data = (files("lablink_dpg.gui") / "fonts" / name).read_bytes()
    font = ImageFont.truetype(BytesIO(data), 200)
    assert len({font.getlength(digit) for digit in "0123456789" + words.FIGURE_SPACE}) == 1
    missing = bytes(font.getmask("\uffff"))
    written = {*"ΩΔµ°±≥●‖→…−×·▲▼○◆◇■", *"äöüßéñ", *"АБВабв"}
    chips = (*states.STREAM_CHIPS.values(), *states.LINK_CHIPS.values(), *states.OLD.values())
    for chip in (*chips, states.UNKNOWN_STREAM, states.STALLED_STREAM, states.OLD_UNKNOWN):
        written |= set(chip.text)
    for path in Path(str(files("lablink_dpg.gui"))).rglob("*.py"):  # every text that the window could show
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                written |= {letter for letter in node.value if letter.isprintable()}
    assert missing
    assert not {letter for letter in written if bytes(font.getmask(letter)) == missing}


def test_fonts_are_small_and_come_with_their_licence() -> None:
    folder = files("lablink_dpg.gui") / "fonts"
    size = sum(len(item.read_bytes()) for item in folder.iterdir() if item.name.endswith(".otf"))
    assert size < 700_000
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text()
