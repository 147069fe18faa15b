"""Contrast is computed, not felt; so is what people with colour blindness can tell apart."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TypeAlias

import pytest

from lablink_dpg.gui import palette
from lablink_dpg.gui.palette import Palette, Rgb, Tone
from lablink_dpg.preferences import LinePalette, ThemeName

TEXT_RATIO, LINE_RATIO = 4.5, 3.0  # WCAG 2 AA for text and for graphics
HIGH_RATIO = 7.0  # WCAG 2 AAA
APART = 20.0  # CIE 1976 difference; about 2 is just noticed side by side
NAMED = tuple(itertools.product(ThemeName, LinePalette))
Three: TypeAlias = tuple[float, float, float]
# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
SIMULATIONS: dict[str, tuple[Three, Three, Three]] = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


@pytest.fixture(params=NAMED, ids=" ".join)
def used(request: pytest.FixtureRequest) -> Iterator[Palette]:
    """Each theme with each set of lines, in use."""
    palette.use(palette.of(*request.param))
    yield palette.now
    palette.use(palette.DARK)


def test_contrast_of_black_and_white_is_21() -> None:
    assert round(palette.contrast((0, 0, 0), (255, 255, 255)), 3) == 21.0


def test_every_tone_is_readable_on_every_surface(used: Palette) -> None:
    for tone, surface in itertools.product((*used.tones.values(), used.text, used.muted, used.accent), used.surfaces):
        assert palette.contrast(tone, surface) >= TEXT_RATIO, (tone, surface)


def test_text_is_readable_on_controls(used: Palette) -> None:
    for surface in (used.control, used.control_hover, used.control_active, used.progress):
        assert palette.contrast(used.text, surface) >= TEXT_RATIO, surface


def test_words_of_a_button_that_is_filled_are_readable(used: Palette) -> None:
    for fill in used.fills:
        assert palette.contrast(fill.text, fill.ground) >= TEXT_RATIO, fill
        assert palette.contrast(fill.text, fill.hover) >= TEXT_RATIO, fill


def test_words_on_the_bar_of_a_critical_alarm_are_readable(used: Palette) -> None:
    assert palette.contrast(used.background, used.tones[Tone.BAD]) >= TEXT_RATIO


def test_every_line_stands_out_from_the_plot(used: Palette) -> None:
    for index in range(16):
        assert palette.contrast(palette.line_colour(index), used.plot) >= LINE_RATIO, index


def test_marks_in_the_colour_of_a_line_stand_out_from_a_card(used: Palette) -> None:
    for index in range(16):
        assert palette.contrast(palette.line_colour(index), used.card) >= LINE_RATIO, index


def test_sixteen_lines_have_sixteen_colours(used: Palette) -> None:
    assert len({palette.line_colour(index) for index in range(16)}) == 16
    assert len(used.lines) == palette.LINES


@pytest.mark.parametrize("theme", ThemeName)
def test_lines_of_high_contrast_are_of_high_contrast(theme: ThemeName) -> None:
    used = palette.of(theme, LinePalette.HIGH_CONTRAST)
    assert min(palette.contrast(line, used.plot) for line in used.lines) >= HIGH_RATIO


@pytest.mark.parametrize("blindness", SIMULATIONS)
@pytest.mark.parametrize("theme", ThemeName)
def test_default_lines_differ_whatever_colours_somebody_sees(theme: ThemeName, blindness: str) -> None:
    seen = [_seen(line, SIMULATIONS[blindness]) for line in palette.of(theme, LinePalette.COLOUR_BLIND).lines]
    for one, other in itertools.combinations(range(len(seen)), 2):
        assert _difference(seen[one], seen[other]) >= APART, (one, other)


def test_the_default_is_dark_with_lines_for_everybody() -> None:
    assert palette.of(ThemeName.DARK, LinePalette.COLOUR_BLIND) == palette.DARK


def _seen(colour: Rgb, simulation: tuple[Three, Three, Three]) -> Three:
    """CIE L*a*b* of what is left of a colour."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    red, green, blue = (
        min(1.0, max(0.0, sum(share * each for share, each in zip(row, linear, strict=True)))) for row in simulation
    )
    x = _cube((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505)
    y = _cube(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    z = _cube((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _cube(value: float) -> float:
    return value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116


def _difference(one: Three, other: Three) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5  # type: ignore[no-any-return]
