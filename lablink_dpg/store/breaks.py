"""Where the line of an acquisition must break: lost samples, pauses, restarts. Exact, in sample numbers.

A break is kept with the server's own timestamps beside it, because REST answers samples without their numbers: the
timestamps are what tells which of them belong into the hole.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum


class BreakKind(StrEnum):
    LOST = "lost"  # samples the server counted and did not send
    PAUSE = "pause"  # time went on, samples did not: nothing is missing
    RESTART = "restart"  # the server began to count anew, or its channels changed


# A break costs a point and a shade on the screen; more than this in one ring is a broken setup, shown by the counters.
MAX_BREAKS = 1024


MAX_DAMAGES = 16  # messages without a channel; one that stays away for longer than that is gone for good


@dataclass(frozen=True, slots=True)
class Damage:
    """Samples start..stop-1 of the ring lack some channels: their message was damaged. The line does not break."""

    start: int
    stop: int
    channels: int  # so many are missing
    last_naive_us: int  # server's timestamp of sample stop - 1

    @property
    def missing(self) -> int:
        """Channel samples."""
        return (self.stop - self.start) * self.channels


@dataclass(frozen=True, slots=True)
class Break:
    start: int  # index in the ring of the first missing sample
    stop: int  # index of the first sample after it; == start where nothing is missing
    kind: BreakKind
    before_naive_us: int | None  # server's timestamp of sample start - 1; None where that is not known
    after_naive_us: int | None  # server's timestamp of sample stop; None where stamps were out of order

    @property
    def missing(self) -> int:
        return self.stop - self.start


def within(breaks: tuple[Break, ...], start: int, stop: int) -> tuple[Break, ...]:
    """The breaks that touch samples start..stop-1, those at ``start`` itself left out if nothing is missing there."""
    first = bisect_right(breaks, start, key=lambda item: item.stop)
    out = []
    for item in breaks[first:]:
        if item.start >= stop:
            break
        out.append(item)
    return tuple(out)
