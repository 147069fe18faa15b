"""How the window looks: theme, line colours and scale, as one value that the settings keep."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lablink_dpg.gui import palette, scale
from lablink_dpg.preferences import LinePalette, Preferences, ThemeName

# A step is seen at once and does not overshoot what somebody looks for.
SCALES = (0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)


@dataclass(frozen=True, slots=True)
class Looks:
    theme: ThemeName = ThemeName.DARK
    lines: LinePalette = LinePalette.COLOUR_BLIND
    scale: float = 1.0  # of everything, letters included


def of(preferences: Preferences) -> Looks:
    return Looks(preferences.theme, preferences.lines, preferences.font_scale)


def use(looks: Looks) -> None:
    """From now on; what is made already has to be made anew."""
    palette.use(palette.of(looks.theme, looks.lines))
    scale.use(looks.scale)


def larger(looks: Looks) -> Looks:
    return replace(looks, scale=next((each for each in SCALES if each > looks.scale), SCALES[-1]))


def smaller(looks: Looks) -> Looks:
    return replace(looks, scale=next((each for each in reversed(SCALES) if each < looks.scale), SCALES[0]))


def original(looks: Looks) -> Looks:
    """Everything at 100 %."""
    return replace(looks, scale=1.0)
