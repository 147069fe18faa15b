"""How old samples are when the wall first shows them: as ``latency`` measures it, of lanes that take turns.

A lane's samples come on the screen in two ways: with the lane's turn, or, where they were taken in before the right
edge had reached them, as the axis moves on; those are as old as the edge is behind now. A few lanes a turn are
measured, others each time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.query.latency import PROBED_STREAMS, probes_of
from lablink_dpg.store.ring import Overrun
from lablink_dpg.store.series import Series

FORGOTTEN_US = 1_000_000  # a lane that has not had its turn for so long is not waited for


class _Seen(NamedTuple):
    ring: object
    shown: int  # first sample not on the screen yet
    taken: int  # first sample not in the lane's columns yet
    at_us: int


class LaneAges:
    """Of the thread that builds frames."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}  # lanes to be measured at their next turn
        self.streams: list[str] = []  # measured in this frame …
        self.counts: list[int] = []  # … with the samples that came on the screen, and ages of PROBES of them
        self.ages_ms: list[NDArray[np.float64]] = []

    def begin(self, now_us: int) -> None:
        """A new frame."""
        self.streams, self.counts, self.ages_ms = [], [], []
        if self._seen and any(now_us - seen.at_us > FORGOTTEN_US for seen in self._seen.values()):
            self._seen.clear()

    def rest(self) -> None:
        """The view is held: what it shows was not meant to be new."""
        self._seen.clear()

    def note(self, stream: str, series: Series, head: int, right_us: int, now_us: int) -> None:
        """A lane has had its turn, in which all samples before ``head`` were taken in."""
        seen = self._seen.pop(stream, None)
        ring = series.ring
        if seen is None:
            if len(self._seen) < PROBED_STREAMS and head:
                shown = ring.first_at_or_after(right_us + 1, head - 1)
                self._seen[stream] = _Seen(ring, shown, head, now_us)
            return
        if seen.ring is not ring:
            return
        stop = ring.first_at_or_after(right_us + 1, seen.shown)
        count, probes = probes_of(series.breaks, max(seen.shown, ring.oldest), stop)
        if not count:
            return
        try:
            ages_us = now_us - ring.times_at(probes)
        except Overrun:
            return
        ages_us[probes < seen.taken] = now_us - right_us
        self.streams.append(stream)
        self.counts.append(count)
        self.ages_ms.append(np.multiply(ages_us, 1e-3))
