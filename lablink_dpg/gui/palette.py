"""Colours and what they mean, as plain numbers: surfaces, text, tones of state, lines.

The default line colours begin with those of Okabe and Ito, moved until any two of them differ by much to people with
any common colour blindness, on a dark and on a light ground. Text reaches 4.5:1 on every surface it stands on (WCAG
AA), lines 3:1, those of high contrast 7:1; tests compute all of it. No meaning hangs on colour alone: every tone comes
with a symbol or a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from lablink_dpg.preferences import LinePalette, ThemeName

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


class Fill(NamedTuple):
    """A button that says something by its ground."""

    ground: Rgb
    hover: Rgb
    text: Rgb


@dataclass(frozen=True, slots=True)
class Palette:
    """Surfaces, then what stands on them."""

    background: Rgb
    bar: Rgb  # toolbar and status bar
    card: Rgb
    plot: Rgb
    page: Rgb  # of what lies over the plots
    selected: Rgb  # a chosen row of a list …
    row_hover: Rgb  # … and the one under the mouse
    control: Rgb
    control_hover: Rgb
    control_active: Rgb
    progress: Rgb  # the done part of a bar; words stand on it
    border: Rgb
    grid: Rgba
    scroll: Rgb  # the handle of a scroll bar
    scroll_hover: Rgb
    text: Rgb
    muted: Rgb
    accent: Rgb
    lost: Rgba
    pause: Rgba  # a pause or a restart: nothing was lost
    live: Fill
    held: Fill
    pressed: Fill
    tones: Mapping[Tone, Rgb]
    tint: Rgb  # what the second shade of a line colour is mixed with
    lines: tuple[Rgb, ...]

    @property
    def surfaces(self) -> tuple[Rgb, ...]:
        return self.background, self.bar, self.card, self.plot, self.page, self.selected, self.row_hover

    @property
    def fills(self) -> tuple[Fill, ...]:
        return self.live, self.held, self.pressed


# Of each set eight: blue, orange, green, purple, yellow, red, indigo, and what stands in for black or white.
LINE_COLOURS: Mapping[tuple[ThemeName, LinePalette], tuple[Rgb, ...]] = {
    (ThemeName.DARK, LinePalette.COLOUR_BLIND): (
        (38, 205, 255),
        (247, 147, 0),
        (60, 163, 107),
        (190, 105, 166),
        (255, 255, 115),
        (200, 84, 26),
        (98, 111, 215),
        (186, 216, 208),
    ),
    (ThemeName.LIGHT, LinePalette.COLOUR_BLIND): (
        (73, 143, 255),
        (182, 134, 0),
        (40, 110, 92),
        (125, 40, 140),
        (146, 143, 85),
        (120, 28, 0),
        (48, 4, 204),
        (23, 0, 28),
    ),
    (ThemeName.DARK, LinePalette.VIVID): (
        (0, 200, 255),
        (255, 160, 0),
        (60, 220, 60),
        (255, 80, 200),
        (255, 245, 60),
        (255, 75, 65),
        (120, 130, 255),
        (235, 240, 245),
    ),
    (ThemeName.LIGHT, LinePalette.VIVID): (
        (0, 130, 230),
        (220, 110, 0),
        (0, 145, 40),
        (215, 0, 150),
        (130, 120, 0),
        (215, 15, 30),
        (85, 50, 240),
        (20, 25, 35),
    ),
    (ThemeName.DARK, LinePalette.HIGH_CONTRAST): (
        (120, 215, 255),
        (255, 190, 80),
        (90, 235, 160),
        (255, 160, 215),
        (255, 250, 110),
        (255, 150, 110),
        (175, 185, 255),
        (235, 235, 235),
    ),
    (ThemeName.LIGHT, LinePalette.HIGH_CONTRAST): (
        (0, 80, 150),
        (130, 65, 0),
        (0, 95, 50),
        (140, 0, 110),
        (90, 80, 0),
        (150, 0, 0),
        (55, 0, 190),
        (38, 38, 38),
    ),
}
TINTS = 2  # shades of each line colour, so that sixteen overlaid streams differ
LINES = 8  # line colours that a palette has

_ACCENT: Rgb = (92, 184, 235)
DARK = Palette(
    background=(11, 14, 19),
    bar=(18, 22, 29),
    card=(21, 26, 34),
    plot=(14, 17, 23),
    page=(26, 32, 41),
    selected=(20, 53, 76),
    row_hover=(35, 42, 53),
    control=(35, 42, 53),
    control_hover=(48, 58, 73),
    control_active=(60, 73, 92),
    progress=(32, 88, 122),
    border=(41, 49, 61),
    grid=(148, 163, 184, 58),
    scroll=(66, 78, 95),
    scroll_hover=(90, 105, 126),
    text=(230, 236, 243),
    muted=(150, 162, 177),
    accent=_ACCENT,
    lost=(255, 104, 72, 70),
    pause=(150, 162, 177, 42),
    live=Fill((24, 110, 80), (30, 128, 94), (255, 255, 255)),
    held=Fill((240, 184, 74), (250, 200, 100), (24, 18, 4)),
    pressed=Fill((32, 88, 122), (40, 104, 142), (255, 255, 255)),
    tones={
        Tone.PLAIN: (230, 236, 243),
        Tone.MUTED: (150, 162, 177),
        Tone.GOOD: (70, 201, 152),
        Tone.INFO: _ACCENT,
        Tone.WARN: (240, 184, 74),
        Tone.BAD: (255, 128, 108),
    },
    tint=(255, 255, 255),
    lines=LINE_COLOURS[ThemeName.DARK, LinePalette.COLOUR_BLIND],
)
_LIGHT_ACCENT: Rgb = (0, 92, 153)
LIGHT = Palette(
    background=(230, 234, 240),
    bar=(246, 248, 251),
    card=(250, 251, 253),
    plot=(255, 255, 255),
    page=(255, 255, 255),
    selected=(204, 227, 245),
    row_hover=(232, 237, 243),
    control=(226, 231, 238),
    control_hover=(212, 220, 230),
    control_active=(196, 206, 219),
    progress=(150, 204, 240),
    border=(196, 204, 214),
    grid=(90, 105, 125, 56),
    scroll=(178, 188, 200),
    scroll_hover=(148, 160, 175),
    text=(22, 28, 36),
    muted=(80, 89, 102),
    accent=_LIGHT_ACCENT,
    lost=(240, 70, 30, 60),
    pause=(90, 105, 125, 46),
    live=Fill((20, 110, 76), (16, 96, 66), (255, 255, 255)),
    held=Fill((240, 184, 74), (250, 200, 100), (24, 18, 4)),
    pressed=Fill((20, 96, 148), (14, 82, 128), (255, 255, 255)),
    tones={
        Tone.PLAIN: (22, 28, 36),
        Tone.MUTED: (80, 89, 102),
        Tone.GOOD: (0, 97, 62),
        Tone.INFO: _LIGHT_ACCENT,
        Tone.WARN: (122, 73, 0),
        Tone.BAD: (170, 28, 16),
    },
    tint=(0, 0, 0),
    lines=LINE_COLOURS[ThemeName.LIGHT, LinePalette.COLOUR_BLIND],
)
THEMES: Mapping[ThemeName, Palette] = {ThemeName.DARK: DARK, ThemeName.LIGHT: LIGHT}

now: Palette = DARK  # the one in use; changed only before the window's items are made, or made anew


def of(theme: ThemeName, lines: LinePalette) -> Palette:
    return replace(THEMES[theme], lines=LINE_COLOURS[theme, lines])


def use(palette: Palette) -> None:
    global now  # noqa: PLW0603 - one window a process, one look
    now = palette


def line_colour(index: int) -> Rgb:
    """Colour of the index-th line: the pure ones, then the same again mixed with white, or black on a light ground."""
    own = now.lines[index % LINES]
    if (index // LINES) % TINTS == 0:
        return own
    red, green, blue = ((one + other) // 2 for one, other in zip(own, now.tint, strict=True))
    return red, green, blue


def luminance(colour: Rgb) -> float:
    """Relative luminance of an sRGB colour as WCAG 2 defines it, 0 to 1."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG contrast ratio, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
