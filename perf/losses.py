"""What is missing, to the sample, and whether the server could still give it: the accounts of the soak.

A loss is explained by a fault that took the samples away from the server too: an acquisition that was renewed or begun
anew takes with it what was not fetched by then, and a buffer what it has overwritten. Both are counted, not estimated:
of each acquisition no more is explained than it lost of the run that ended, and nothing of a run that goes on as long
as the server's buffer reaches back to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lablink_dpg.store.breaks import BreakKind
from lablink_dpg.store.series import Series


@dataclass(frozen=True, slots=True)
class Hole:
    number: int  # the server's, of its first sample
    count: int  # samples
    stop: int  # index just after it
    channels: int  # that are missing

    @property
    def missing(self) -> int:
        """Channel samples."""
        return self.count * self.channels

    def missing_before(self, number: int) -> int:
        return max(0, min(self.count, number - self.number)) * self.channels


@dataclass(frozen=True, slots=True)
class Look:
    """One acquisition at one moment."""

    head: int
    run_from: int  # index where the present run began
    channels: int
    lost: int  # channel samples that are missing now, ever
    holes: tuple[Hole, ...]  # of the present run, damaged messages included

    @property
    def open(self) -> int:
        """Channel samples that may yet come."""
        return sum(hole.missing for hole in self.holes)


NOTHING = Look(0, 0, 0, 0, ())


def look(series: Series) -> Look:
    """Network thread only: it alone sees holes and counters that belong together."""
    bases = [(epoch.start, epoch.base) for epoch in series.epochs]
    channels = len(series.sent_channels)
    gaps = [
        (item.start, item.stop, channels)
        for item in series.breaks
        if item.kind is BreakKind.LOST and item.missing and item.start >= series.run_from
    ]
    gaps += [(item.start, item.stop, item.channels) for item in series.damages]
    holes = tuple(
        Hole(start - next((base for first, base in reversed(bases) if first <= start), 0), stop - start, stop, missing)
        for start, stop, missing in gaps
    )
    return Look(series.ring.head, series.run_from, channels, series.counters.lost, holes)


class Ledger:
    """From round to round. ``looks`` are of all acquisitions that are remembered, {id → look}."""

    def __init__(self) -> None:
        self.destroyed = 0  # channel samples that ended with their run or acquisition
        self.overwritten = 0  # … that the server's buffer no longer had
        self._before: Mapping[str, Look] = {}
        self._judged: dict[str, int] = {}  # holes up to this index are a matter of earlier rounds
        self._settled: dict[str, int] = {}  # channel samples that are lost for good, by the end of the last round
        self._told: dict[str, int] = {}  # … in holes that are in the accounts already

    @property
    def explained(self) -> int:
        return self.destroyed + self.overwritten

    def begin(self, looks: Mapping[str, Look]) -> None:
        """Before the faults of a round."""
        self._before = looks

    def late(self, looks: Mapping[str, Look], below: Mapping[str, int], kept_from: Mapping[str, int]) -> int:
        """Channel samples of this round that are missing, and that the server must have had.

        ``below`` names the acquisitions that there are, and the index up to which all of each should be there; the
        server had the numbers from ``kept_from`` on.
        """
        return sum(self._late(key, looks[key], index, kept_from[key])[0] for key, index in below.items())

    def close(
        self, looks: Mapping[str, Look], below: Mapping[str, int], kept_from: Mapping[str, int], *, is_destructive: bool
    ) -> int:
        """After a round; channel samples that are late, or in no hole any more, lost all the same and not explained."""
        unexplained = 0
        for key, now in looks.items():
            before = self._before.get(key, NOTHING)
            is_gone = key not in below
            settled = now.lost if is_gone else now.lost - now.open
            growth = settled - self._settled.get(key, 0)
            told = min(max(0, growth), self._told.get(key, 0))  # late in an earlier round, and now out of the ring
            could_be = max(0, (now.head if is_gone else now.run_from) - before.head) * now.channels + before.open
            explained = min(max(0, growth - told), could_be) if is_destructive else 0
            self.destroyed += explained
            unexplained += max(0, growth - told - explained)
            self._settled[key] = settled
            self._told[key] = self._told.get(key, 0) - told
            if not is_gone:
                late, overwritten = self._late(key, now, below[key], kept_from[key])
                self.overwritten += overwritten
                unexplained += late
                self._told[key] += late + overwritten
                self._judged[key] = below[key]
        return unexplained

    def _late(self, key: str, now: Look, below: int, kept_from: int) -> tuple[int, int]:
        """Channel samples that the server must have had, and those that it had overwritten."""
        holes = [hole for hole in now.holes if self._judged.get(key, 0) < hole.stop <= below]
        overwritten = sum(hole.missing_before(kept_from) for hole in holes)
        return sum(hole.missing for hole in holes) - overwritten, overwritten
