"""How large everything is: sizes are written for 100 % and pass through ``px`` where items are made and placed.

Changed only before the window's items are made, or made anew.
"""

from __future__ import annotations

SMALLEST, LARGEST = 0.75, 3.0  # below, letters cannot be read; above, the toolbar does not fit a screen of 3840
_scale = 1.0


def use(scale: float) -> None:
    global _scale  # noqa: PLW0603 - one window a process, one size
    _scale = max(SMALLEST, min(LARGEST, scale))


def px(size: float) -> int:
    """Pixels of a size written for 100 %."""
    return round(size * _scale)


def current() -> float:
    return _scale
