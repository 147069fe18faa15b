"""Which processors a stress run's client and its simulator run on, where there are so few that they would collide.

On two processors Linux lets a thread that wakes up wait behind another for milliseconds while the second one is idle:
it does not look for idle processors where, on the average, there are none. The threads of the client share one
interpreter lock, so that they lose nothing by sharing a processor, and one thread does the simulator's work. Apart,
frames of 64 streams at 10 kS/s took 3.6 ms at the 99th percentile instead of 7.1 (``python -m perf turns``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress

FEW = 3  # more, and one is idle often enough to be found


def split(usable: Set[int]) -> tuple[frozenset[int], frozenset[int]] | None:
    """Those of the client and that of the simulator; None if there are not two to choose from, or enough for all."""
    if not 2 <= len(usable) <= FEW:
        return None
    last = max(usable)
    return frozenset(usable) - {last}, frozenset({last})


@contextmanager
def apart_from(pid: int, *, is_drawing: bool) -> Iterator[None]:
    """Keep the process ``pid``, and this thread with those that it starts, on processors of their own for a ``with``.

    ``is_drawing``: this process may need more than one, to draw without a graphics card; then only ``pid`` is kept to
    its own. Linux only; elsewhere nothing happens.
    """
    if sys.platform != "linux":
        yield
        return
    usable = os.sched_getaffinity(0)
    parts = split(usable)
    with suppress(OSError):  # a sandbox may forbid it: frames are then a little less even
        if parts is not None:
            os.sched_setaffinity(pid, parts[1])
            os.sched_setaffinity(0, usable if is_drawing else parts[0])
    try:
        yield
    finally:
        with suppress(OSError):
            os.sched_setaffinity(0, usable)
