"""How long to wait before the next try: longer each time, and never the same for two clients.

Each delay is drawn between the first delay and a ceiling that doubles, instead of around the doubled value: while the
server is away for minutes some tries still come early, so that its return is noticed sooner, at half the mean load.
"""

from __future__ import annotations

import random

FIRST_S = 0.5  # short enough that a server restart is bridged within a second of its return
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
