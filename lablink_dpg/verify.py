"""Every stored sample against the simulator's known signal, by absolute index.

A simulator says in an acquisition's metadata which function of the sample number each channel is; the comparison is
exact, to the last bit of what is kept, because JSON carries float64 without loss. It runs between frames, a bounded
piece at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lablink_dpg.query.build import Shelf
from lablink_dpg.sim.loops import Loops
from lablink_dpg.store.counters import Epoch
from lablink_dpg.store.ring import Overrun, Ring
from lablink_dpg.store.series import Series

PIECE = 16_384  # samples a comparison: bounded work between two frames, and no numpy call too small to pay
WORTH_A_CALL = 8192  # samples: computing a signal costs 30 µs a call, and the caches that a frame has filled
LOOPED_FOR_ONE = 32  # samples of a looped signal at the price of one: 2 M in a frame if need be, which take 6 ms
MAX_HOLES = 100_000  # remembered for a second look at the end; those of more are counted as skipped


@dataclass(slots=True)
class _Progress:
    series: Series  # another one under the same name is compared from its beginning
    next: int = 0  # first index not compared yet
    holes: list[tuple[int, int]] = field(default_factory=list)  # missing when they were passed: perhaps filled since


class Verifier:
    """Reads rings, so it belongs to the thread that builds frames."""

    def __init__(self) -> None:
        self.verified = 0  # channel samples equal to the signal, bit for bit
        self.mismatched = 0
        self.skipped = 0  # overwritten before they were compared, or without a known signal
        self._progress: dict[str, _Progress] = {}
        self._loops = Loops()

    def step(self, shelf: Shelf, max_samples: int) -> None:
        """Compare up to about ``max_samples`` channel samples of what came since the last call.

        Samples of looped signals, which are only looked up, count as ``LOOPED_FOR_ONE`` times less.
        """
        left: float = max_samples
        for key, series in shelf.series.items():
            known = self._progress.get(key)
            if known is not None and known.series is not series:
                known = None
            worth_it = min(WORTH_A_CALL, series.ring.capacity // 8)  # a small ring must not lose them meanwhile
            if known is not None and series.ring.head - known.next < worth_it:
                continue
            price = max(1, len(series.channels)) / (LOOPED_FOR_ONE if _is_looped(series) else 1)
            left -= self._catch_up(key, series, max(1, int(left / price))) * price
            if left <= 0:
                return

    def finish(self, shelf: Shelf) -> None:
        """Compare the rest, and the holes that were filled meanwhile. After the links have ended."""
        for key, series in shelf.series.items():
            self._catch_up(key, series, series.ring.head + 1)
            progress = self._progress_of(key, series)
            rest = series.ring.head - max(progress.next, series.ring.oldest)
            self.skipped += rest * len(series.channels)  # polled, and to this moment without certain numbers
            open_holes = [(item.start, item.stop) for item in series.breaks if item.missing]
            for start, stop in progress.holes:
                for first, last in _outside(max(start, series.ring.oldest), stop, open_holes):
                    self._compare(series, first, last)
            progress.holes.clear()

    def _progress_of(self, key: str, series: Series) -> _Progress:
        known = self._progress.get(key)
        if known is None or known.series is not series:
            known = self._progress[key] = _Progress(series)
        return known

    def _catch_up(self, key: str, series: Series, max_samples: int) -> int:
        # head before breaks: what is below head and missing is then surely among the breaks.
        head, bracket = series.ring.head, series.bracket
        if bracket is not None or not series.epochs:
            return 0  # its sample numbers are not certain yet
        progress = self._progress_of(key, series)
        start = max(progress.next, series.ring.oldest)
        self.skipped += (start - progress.next) * len(series.channels)
        stop = max(start, min(head, start + max_samples))
        holes = [
            (max(item.start, start), min(item.stop, stop))
            for item in series.breaks
            if item.missing and item.start < stop and item.stop > start
        ]
        for hole in holes:
            if len(progress.holes) < MAX_HOLES:
                progress.holes.append(hole)
            else:
                self.skipped += (hole[1] - hole[0]) * len(series.channels)
        for first, last in _outside(start, stop, holes):
            for at in range(first, last, PIECE):
                self._compare(series, at, min(at + PIECE, last))
        progress.next = stop
        return stop - start

    def _compare(self, series: Series, start: int, stop: int) -> None:
        """Samples start..stop-1, none of them missing; an epoch may begin among them."""
        epochs = series.epochs
        forgotten = min(stop, epochs[0].start) - start  # of epochs so old that their numbers are no longer kept
        self.skipped += max(0, forgotten) * len(series.channels)
        for epoch, following in zip(epochs, (*epochs[1:], None), strict=True):
            first = max(start, epoch.start)
            last = stop if following is None else min(stop, following.start)
            if first < last and not epoch.is_exact:
                self.skipped += (last - first) * len(series.channels)  # polled, and never known for certain
            elif first < last:
                self._compare_epoch(series, series.ring, first, last, epoch)

    def _compare_epoch(self, series: Series, ring: Ring, start: int, stop: int, epoch: Epoch) -> None:
        channels = series.channels
        try:
            stored = ring.read(start, stop)
        except Overrun:
            self.skipped += (stop - start) * len(channels)
            return
        signals: Mapping[str, Any] = epoch.metadata.get("signals") or {}
        for row, channel in enumerate(channels):
            spec = signals.get(channel)
            if spec is None or row >= stored.shape[0]:  # the channels may have changed since they were listed
                self.skipped += stop - start
                continue
            absent = 0
            right = self._loops.values(spec, start - epoch.base, stop - epoch.base)
            wrong = int(np.count_nonzero(stored[row] != right.astype(stored.dtype, copy=False)))  # as it is kept
            if wrong:
                # A channel that the message did not carry is stored as NaN; the signals are finite.
                absent = int(np.count_nonzero(np.isnan(stored[row])))
                wrong -= absent
            self.skipped += absent
            self.mismatched += wrong
            self.verified += stop - start - wrong - absent


def _is_looped(series: Series) -> bool:
    """Whether its newest run is, by what the server says of its signals."""
    signals: Mapping[str, Any] = (series.epochs[-1].metadata.get("signals") or {}) if series.epochs else {}
    return bool(signals) and all("loop_log2" in spec for spec in signals.values())


def _outside(start: int, stop: int, holes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of start..stop-1 that are in none of the ascending ``holes``."""
    parts = []
    for first, last in holes:
        if last <= start or first >= stop:
            continue
        if first > start:
            parts.append((start, first))
        start = last
    if start < stop:
        parts.append((start, stop))
    return parts
