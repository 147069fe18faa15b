"""How many columns a pixel plots are asked for: more than one where few lines are on the screen.

A column is drawn as one stroke from its lowest to its highest value, at the time of its first sample. With several a
pixel the picture is nearer to that of all samples; what limits them is how many points a frame may cost.
"""

from __future__ import annotations

POINTS = 64 * 1000  # on the screen, of all plots together: drawing them costs a processor 1.2 ms a frame
POINTS_A_COLUMN = 2
MOST = 4  # columns a pixel: beyond, no pixel differs any more
ROOM = 0.8  # of POINTS: more are asked for only where some are left, so that a row that scrolls in changes nothing


class Density:
    """Remembers the last answer: each change is a change of every column on the screen. Main thread."""

    def __init__(self) -> None:
        self._columns = 1

    def columns_per_px(self, lines: int, width_px: int) -> int:
        """1, 2 or 4 for so many lines in plotting areas of that width."""
        points = max(1, lines * width_px * POINTS_A_COLUMN)
        while self._columns > 1 and points * self._columns > POINTS:
            self._columns //= 2
        while self._columns < MOST and points * self._columns * 2 <= POINTS * ROOM:
            self._columns *= 2
        return self._columns
