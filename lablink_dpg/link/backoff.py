"""How long to wait before the next try: longer each time, and never the same for two clients.

A server that was there a moment ago is most likely being restarted, so for half a minute it is tried twice a second.

Each delay is drawn between the first delay and a ceiling that doubles, instead of around the doubled value: while the
server is away for minutes some tries still come early, so that its return is noticed sooner, at half the mean load.
"""

from __future__ import annotations

import math
import random

FIRST_S = 0.5  # short enough that a server restart is bridged within a second of its return
QUICK_S = 0.5  # the longest wait while a server that was lost may come back: streaming within a second of its return
QUICK_FOR_S = 30.0  # longer than a LabLink server takes to start; after that it is gone rather than restarted
QUICK_SPREAD = 0.5  # shortest of these waits, over the longest
MAX_S = 30.0  # a person who repaired the server should not wait longer without pressing a key
FIRST_SPREAD = 1.5  # ceiling of the first delay over ``first_s``: clients of a restarted server do not come at once


class Backoff:
    """Delays of one link. ``rng`` is an argument so that a test can seed it."""

    def __init__(self, rng: random.Random, first_s: float = FIRST_S, max_s: float = MAX_S) -> None:
        if not 0 < first_s <= max_s:
            raise ValueError(f"backoff from {first_s} s to {max_s} s; it must be 0 < first <= max")
        self._rng = rng
        self._first_s = first_s
        self._max_s = max_s
        self._ceiling_s = first_s * FIRST_SPREAD

    def next_s(self) -> float:
        """Seconds to wait now, from ``first_s`` to ``max_s``."""
        ceiling_s = min(self._ceiling_s, self._max_s)
        self._ceiling_s = ceiling_s * 2
        return self._rng.uniform(self._first_s, ceiling_s)

    def reset(self) -> None:
        """The link was up, or the user wants no waiting: begin again."""
        self._ceiling_s = self._first_s * FIRST_SPREAD


class Pace:
    """When one link tries again: quickly after a loss, by the backoff else. Time is an argument, in seconds."""

    def __init__(
        self,
        rng: random.Random,
        first_s: float = FIRST_S,
        max_s: float = MAX_S,
        quick_s: float = QUICK_S,
        quick_for_s: float = QUICK_FOR_S,
    ) -> None:
        self._rng = rng
        self._backoff = Backoff(rng, first_s, max_s)
        self._quick_s = min(quick_s, max_s)
        self._quick_for_s = quick_for_s
        self._quick_until_s = -math.inf

    def lost(self, now_s: float, *, was_stable: bool) -> float:
        """A link that was up is lost; seconds to wait before the first try.

        One that was not stable does not get a second quick half minute: a server that ends each connection at once
        would be asked twice a second forever.
        """
        if was_stable or self._quick_until_s == -math.inf:
            self._backoff.reset()
            self._quick_until_s = now_s + self._quick_for_s
            return 0.0
        return self.next_s(now_s)

    def next_s(self, now_s: float) -> float:
        """Seconds to wait after a try that failed."""
        if now_s < self._quick_until_s:
            return self._rng.uniform(QUICK_SPREAD * self._quick_s, self._quick_s)
        return self._backoff.next_s()

    def reset(self) -> None:
        """The user wants no waiting: begin again."""
        self._backoff.reset()
