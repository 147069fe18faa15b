"""Colours and what they mean, as plain numbers: surfaces, text, tones of state, lines.

The line colours are those of Okabe and Ito, told apart by people with any common colour blindness, with the two that
vanish on a dark ground (their blue and green) lightened. Text reaches 4.5:1 on every surface that it stands on (WCAG
AA), lines 3:1; a test computes both. No meaning hangs on colour alone: every tone comes with a symbol or a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Rgb: TypeAlias = tuple[int, int, int]
Rgba: TypeAlias = tuple[int, int, int, int]


class Tone(StrEnum):
    """What a word on the screen says about health."""

    PLAIN = "plain"
    MUTED = "muted"
    GOOD = "good"
    INFO = "info"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Palette:
    """Surfaces, then what stands on them."""

    background: Rgb
    bar: Rgb  # toolbar and status bar
    card: Rgb
    plot: Rgb
    page: Rgb  # of what lies over the plots
    control: Rgb
    control_hover: Rgb
    control_active: Rgb
    border: Rgb
    grid: Rgba
    text: Rgb
    muted: Rgb
    accent: Rgb
    lost: Rgba
    pause: Rgba  # a pause or a restart: nothing was lost
    tones: Mapping[Tone, Rgb]
    lines: tuple[Rgb, ...]

    @property
    def surfaces(self) -> tuple[Rgb, ...]:
        return self.background, self.bar, self.card, self.plot, self.page


_ACCENT: Rgb = (92, 184, 235)
DARK = Palette(
    background=(11, 14, 19),
    bar=(18, 22, 29),
    card=(21, 26, 34),
    plot=(14, 17, 23),
    page=(26, 32, 41),
    control=(35, 42, 53),
    control_hover=(48, 58, 73),
    control_active=(60, 73, 92),
    border=(41, 49, 61),
    grid=(148, 163, 184, 58),
    text=(230, 236, 243),
    muted=(150, 162, 177),
    accent=_ACCENT,
    lost=(255, 104, 72, 70),
    pause=(150, 162, 177, 42),
    tones={
        Tone.PLAIN: (230, 236, 243),
        Tone.MUTED: (150, 162, 177),
        Tone.GOOD: (70, 201, 152),
        Tone.INFO: _ACCENT,
        Tone.WARN: (240, 184, 74),
        Tone.BAD: (255, 128, 108),
    },
    lines=(
        (86, 180, 233),  # sky blue
        (240, 165, 20),  # orange
        (38, 190, 142),  # bluish green, lightened
        (221, 134, 182),  # reddish purple, lightened
        (240, 228, 66),  # yellow
        (240, 110, 50),  # vermillion, lightened
        (122, 146, 255),  # blue, lightened
        (205, 213, 222),  # stands in for black
    ),
)
TINTS = 2  # shades of each line colour, so that sixteen overlaid streams differ
LINES = len(DARK.lines)  # line colours that a palette has

now: Palette = DARK  # the one in use; changed only before the window's items are made, or made anew


def use(palette: Palette) -> None:
    global now  # noqa: PLW0603 - one window a process, one look
    now = palette


def line_colour(index: int) -> Rgb:
    """Colour of the index-th line: the pure ones, then the same again mixed with white."""
    red, green, blue = now.lines[index % LINES]
    if (index // LINES) % TINTS == 0:
        return red, green, blue
    return (red + 255) // 2, (green + 255) // 2, (blue + 255) // 2


def luminance(colour: Rgb) -> float:
    """Relative luminance of an sRGB colour as WCAG 2 defines it, 0 to 1."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG contrast ratio, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
