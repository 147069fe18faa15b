"""How old samples are when a frame first shows them: from their server timestamp to now.

Measured on samples spread evenly over what each frame newly shows, oldest and newest included, and counted as often as
there are samples that they stand for, so that the figure is of all samples: not of the freshest of each burst, nor of
frames, of which a burst after a silence is but one. Samples that never came have no age.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import Int64Array
from lablink_dpg.store.breaks import Break, within
from lablink_dpg.store.ring import Overrun
from lablink_dpg.store.series import Series

PROBES = 8  # a stream and frame: enough for a percentile over seconds
PROBED_STREAMS = 4  # a frame, in turns: more would cost a frame more than they add to a percentile
MAX_SMOOTHED = 16_384  # streams remembered, gone ones among them: twice what eight servers may have
SMOOTHING = 0.2  # of the figure shown as a number: a new mean counts a fifth


class LatencyProbe:
    """Remembers what was already on the screen of the streams whose turn is next. Of the thread that builds frames."""

    def __init__(self) -> None:
        self._shown: dict[str, tuple[object, int]] = {}  # stream → (ring, first index not shown yet)
        self.smoothed_ms: dict[str, float] = {}
        self.measured: tuple[str, ...] = ()  # streams in the last answer, in its order, PROBES ages of each
        self.counts: tuple[int, ...] = ()  # samples that the ages of each of them stand for
        self._frame = 0  # counts, so that streams take turns
        self._of: Mapping[str, Series] = {}  # what was asked for last …
        self._streams: list[tuple[str, Series]] = []  # … as a list

    def rest(self) -> NDArray[np.float64]:
        """Nothing is measured while the view is held: what it shows was not meant to be new."""
        self._shown.clear()
        self.measured = self.counts = ()
        return np.empty(0)

    def measure(self, shown: Mapping[str, Series], right_us: int, now_us: int) -> NDArray[np.float64]:
        """Ages in ms of probes of all samples that come on the screen with this frame.

        ``shown`` by stream: each series of which the samples up to ``right_us`` are on the screen. The same object may
        have more of them than the last time, no others.
        """
        keys, times, counts = [], [], []
        before, self._shown = self._shown, {}
        every = -(-len(shown) // PROBED_STREAMS)
        self._frame += 1
        if shown is not self._of or len(shown) != len(self._streams):
            self._of, self._streams = shown, list(shown.items())
        streams = self._streams
        for key, series in streams[-self._frame % every :: every] if every else ():
            ring = series.ring
            known_ring, start = before.get(key, (None, 0))
            if known_ring is not ring or start == 0:
                continue  # a stream's first window is history: it was not late
            stop = ring.first_at_or_after(right_us + 1, start)
            count, probes = probes_of(series.breaks, max(start, ring.oldest), stop)
            if not count:
                continue
            try:
                times.append(ring.times_at(probes))
            except Overrun:
                continue
            keys.append(key)
            counts.append(count)
        for key, series in streams[-(self._frame + 1) % every :: every] if every else ():
            ring = series.ring
            stop = ring.first_at_or_after(right_us + 1, ring.head - 1)
            known_ring, start = before.get(key, (None, 0))
            self._shown[key] = (ring, max(stop, start) if known_ring is ring else stop)
        return self.take(keys, counts, [np.multiply(now_us - np.concatenate(times), 1e-3)] if times else ())

    def take(
        self, keys: Sequence[str], counts: Sequence[int], ages_ms: Sequence[NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Ages of PROBES samples of each of the streams ``keys``, measured for this frame; one after the other.

        They may come in several arrays.
        """
        self.measured, self.counts = tuple(keys), tuple(counts)
        if not keys:
            return np.empty(0)
        ages = ages_ms[0] if len(ages_ms) == 1 else np.concatenate(ages_ms)
        if len(self.smoothed_ms) > MAX_SMOOTHED:
            self.smoothed_ms.clear()  # those that still come are back within a few frames
        each: list[float] = ages.tolist()
        for number, key in enumerate(keys):
            mean = (each[number * PROBES] + each[(number + 1) * PROBES - 1]) / 2  # of the oldest and the newest
            self.smoothed_ms[key] = mean + (self.smoothed_ms.get(key, mean) - mean) * (1 - SMOOTHING)
        return ages


def probes_of(breaks: tuple[Break, ...], start: int, stop: int) -> tuple[int, Int64Array]:
    """How many of the samples start..stop-1 did come, and PROBES indices spread over them; none if none did."""
    if start >= stop:
        return 0, np.empty(0, np.int64)
    holes = [item for item in within(breaks, start, stop) if item.missing] if breaks else []
    missing = sum([min(item.stop, stop) - max(item.start, start) for item in holes]) if holes else 0
    count = max(stop - start - missing, 0)
    last = count - 1
    probes = np.array([start + step * last // (PROBES - 1) for step in range(PROBES)], np.int64)
    for item in holes:
        probes[probes >= item.start] += item.stop - max(item.start, start)
    return count, probes


class LatencyHistogram:
    """Percentiles over any number of frames in constant memory. Belongs to the thread that builds frames."""

    BIN_MS = 0.1  # finer than any clock between two computers
    MAX_MS = 10_000.0  # what is older counts as this old in percentiles; ``max_ms`` is exact

    def __init__(self) -> None:
        self._bins = np.zeros(int(self.MAX_MS / self.BIN_MS) + 1, np.int64)
        self.max_ms = 0.0

    @classmethod
    def merged(cls, parts: Iterable[LatencyHistogram]) -> LatencyHistogram:
        """Of all that went into ``parts``; they stay as they are."""
        whole = cls()
        for part in parts:
            whole._bins += part._bins
            whole.max_ms = max(whole.max_ms, part.max_ms)
        return whole

    def add(self, ages_ms: NDArray[np.float64], counts: Sequence[int]) -> None:
        """Ages of shape (n * len(counts),): n of each stream, which stand for so many samples of it."""
        if not counts:
            return
        # Some dozens a frame: a loop over numbers costs a fifth of the calls into numpy.
        bins, last, ages = self._bins.data, self._bins.shape[0] - 1, ages_ms.tolist()
        each = len(ages) // len(counts)
        bin_ms, number = self.BIN_MS, 0
        for count in counts:
            for age_ms in ages[number : number + each]:
                index = int(age_ms / bin_ms)
                bins[0 if index < 0 else index if index < last else last] += count
            number += each
        self.max_ms = max(self.max_ms, *ages)

    def percentile(self, percent: float) -> float | None:
        """In ms, rounded up to a bin but never beyond the largest; None before the first sample."""
        return self.percentiles(percent)[0]

    def percentiles(self, *percents: float) -> tuple[float | None, ...]:
        """As ``percentile``, several for the price of one."""
        ranks = np.cumsum(self._bins)
        total = int(ranks[-1])
        if not total:
            return (None,) * len(percents)
        bins = [int(np.searchsorted(ranks, total * percent / 100)) for percent in percents]
        return tuple(min((index + 1) * self.BIN_MS, self.max_ms) for index in bins)
