"""How old samples are when a frame first shows them: from their server timestamp to now.

Measured on samples spread evenly over what each frame newly shows, oldest and newest included, so that the figure is
of all samples, not of the freshest of each burst.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.store.ring import Overrun
from lablink_dpg.store.series import Series

PROBES = 8  # a stream and frame: enough for a percentile over seconds, cheap enough for a thousand streams
_FRACTIONS = np.linspace(0.0, 1.0, PROBES)
SMOOTHING = 0.2  # of the figure shown as a number: a new mean counts a fifth


class LatencyProbe:
    """Remembers per stream what was already on the screen. Belongs to the thread that builds frames."""

    def __init__(self) -> None:
        self._shown: dict[str, tuple[object, int]] = {}  # stream → (ring, first index not shown yet)
        self.smoothed_ms: dict[str, float] = {}

    def rest(self) -> NDArray[np.float64]:
        """Nothing is measured while the view is held: what it shows was not meant to be new."""
        self._shown.clear()
        return np.empty(0)

    def measure(self, shown: Iterable[tuple[Series, int]], now_us: int) -> NDArray[np.float64]:
        """Ages in ms of probes of all samples that come on the screen with this frame.

        ``shown``: each series with the index of its first sample beyond the right edge.
        """
        ages = []
        remembered = self._shown
        self._shown = {}
        for series, stop in shown:
            ring, key = series.ring, series.info.acquisition_id
            known_ring, start = remembered.get(key, (None, stop))
            self._shown[key] = (ring, max(stop, start))
            if known_ring is not ring or start >= stop:
                continue
            start = max(start, ring.oldest)
            probes = (start + _FRACTIONS * (stop - 1 - start)).astype(np.int64)
            try:
                age = (now_us - ring.times_at(probes)) * 1e-3
            except Overrun:
                continue
            ages.append(age)
            mean = float(age[0] + age[-1]) / 2
            self.smoothed_ms[key] = mean + (self.smoothed_ms.get(key, mean) - mean) * (1 - SMOOTHING)
        return np.concatenate(ages) if ages else np.empty(0)


class LatencyHistogram:
    """Percentiles over any number of frames in constant memory. Belongs to the thread that builds frames."""

    BIN_MS = 0.1  # finer than any clock between two computers
    MAX_MS = 10_000.0  # what is older counts as this old in percentiles; ``max_ms`` is exact

    def __init__(self) -> None:
        self._bins = np.zeros(int(self.MAX_MS / self.BIN_MS) + 1, np.int64)
        self.max_ms = 0.0

    def add(self, ages_ms: NDArray[np.float64]) -> None:
        if ages_ms.shape[0]:
            bins = np.clip(ages_ms / self.BIN_MS, 0, self._bins.shape[0] - 1).astype(np.int64)
            np.add.at(self._bins, bins, 1)
            self.max_ms = max(self.max_ms, float(ages_ms.max()))

    def percentile(self, percent: float) -> float | None:
        """In ms, rounded up to a bin; None before the first sample."""
        total = int(self._bins.sum())
        if not total:
            return None
        index = int(np.searchsorted(np.cumsum(self._bins), total * percent / 100))
        return (index + 1) * self.BIN_MS
