"""Durations of frames in a bounded memory: the newest are kept, the oldest forgotten."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

KEPT_FRAMES = 65_536  # 36 minutes at 30 fps; enough for any percentile of a test run
SETTLING_FRAMES = 60  # at the beginning, while streams start and windows of history come: of these no evenness is asked
RECENT_FRAMES = 30  # what the status bar averages over: about a second


class FrameTimes:
    """Prepare and draw durations in ms. Main thread."""

    def __init__(self, kept: int = KEPT_FRAMES) -> None:
        self._prepare = np.zeros(kept, np.float64)
        self._draw = np.zeros(kept, np.float64)
        self._started_s = np.zeros(kept, np.float64)
        self.frames = 0
        self._first_recent = 0  # number of the first frame after the last rest
        self.first_ended_s: float | None = None  # of the first frame of all, on the clock of ``add``

    def add(self, started_s: float, prepare_ms: float, draw_ms: float) -> None:
        if self.first_ended_s is None:
            self.first_ended_s = started_s + (prepare_ms + draw_ms) / 1000
        slot = self.frames % self._prepare.size
        self._prepare[slot], self._draw[slot], self._started_s[slot] = prepare_ms, draw_ms, started_s
        self.frames += 1

    def rested(self) -> None:
        """Frames are few because nothing changes: those until now say nothing of how many there could be."""
        self._first_recent = self.frames

    def _newest(self, ring: NDArray[np.float64], wanted: int) -> NDArray[np.float64]:
        """Copy of the last ``wanted`` values, oldest first."""
        stop, n = self.frames, min(wanted, self.frames, ring.size)
        return ring[np.arange(stop - n, stop) % ring.size]

    @property
    def prepare_ms(self) -> NDArray[np.float64]:
        """All that are kept, oldest first; a copy."""
        return self._newest(self._prepare, self._prepare.size)

    @property
    def draw_ms(self) -> NDArray[np.float64]:
        return self._newest(self._draw, self._draw.size)

    @property
    def started_s(self) -> NDArray[np.float64]:
        """When each began, by the clock that ``add`` was told."""
        return self._newest(self._started_s, self._started_s.size)

    @property
    def interval_ms(self) -> NDArray[np.float64]:
        """From the beginning of one frame to that of the next, without the first SETTLING_FRAMES, oldest first."""
        settled = max(0, self.frames - SETTLING_FRAMES)
        return np.diff(self._newest(self._started_s, min(settled, self._started_s.size))) * 1000

    def recent(self) -> tuple[float, float, float]:
        """(frames a second, mean prepare ms, mean draw ms) of about the last second; zeros before the second frame, of
        all or after a rest."""
        wanted = min(RECENT_FRAMES, self.frames - self._first_recent)
        started = self._newest(self._started_s, wanted)
        if started.size < 2:
            return 0.0, 0.0, 0.0
        elapsed_s = float(started[-1] - started[0])
        fps = (started.size - 1) / elapsed_s if elapsed_s > 0 else 0.0
        prepare, draw = self._newest(self._prepare, wanted), self._newest(self._draw, wanted)
        return fps, float(prepare.mean()), float(draw.mean())
