"""When words are written anew: four times a second, each owner in a turn of its own: no frame writes them all."""

from __future__ import annotations

from enum import IntEnum

WORDS_EVERY_US = 250_000  # numbers that change more often cannot be read


class Turn(IntEnum):
    """Owners of words, in the order of their turns; a turn is about a frame at 30 a second."""

    PLOTS = 0
    EQUIPMENT = 1
    ACQUISITIONS = 2
    ALARMS = 3
    DIAGNOSTICS = 4
    SCHEDULER = 5
    SETTINGS = 6
    TOOLBAR = 7


def next_us(now_us: int, turn: Turn, periods: int = 1) -> int:
    """When that owner's turn comes next, for the first time after ``now_us``, or ``periods`` of them later."""
    offset_us = turn * WORDS_EVERY_US // len(Turn)
    passed = (now_us - offset_us) // WORDS_EVERY_US
    return (passed + periods) * WORDS_EVERY_US + offset_us
