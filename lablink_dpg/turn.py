"""Whose turn it is to hold the interpreter: a frame being prepared goes before messages being decoded.

Two threads that both compute share one interpreter lock, and each time the frame gives it away for a moment (a numpy
call on a large array, a call into the drawing library) it waits a switch interval to get it back: a frame of 4 ms then
takes 20. So the network thread asks before each message, and waits while a frame is being prepared; messages meanwhile
wait in the socket, a few milliseconds.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# Python's own 5 ms would be a sixth of a frame each time the interpreter is given away (measured: p99 of a frame 18 ms
# instead of 4), and a decoding thread does not become slower by a shorter one.
SWITCH_INTERVAL_S = 0.0001

# A frame that takes longer is in trouble itself; samples must not be lost on top of that.
MAX_WAIT_S = 0.020


class FrameTurn:
    """``frame`` on the main thread, ``wait`` on any other."""

    def __init__(self) -> None:
        self._is_free = threading.Event()
        self._is_free.set()
        self._ends_s = 0.0  # when the present frame's turn ends, whether it is prepared or not

    @contextmanager
    def frame(self) -> Iterator[None]:
        """The frame's turn, for the length of a ``with``."""
        self._ends_s = time.monotonic() + MAX_WAIT_S
        self._is_free.clear()
        try:
            yield
        finally:
            self._is_free.set()

    def wait(self) -> None:
        """Let a frame that is being prepared finish, until MAX_WAIT_S after it began; free while there is none.

        Once for a frame, not once for a message: a slow frame must not slow down the network with it.
        """
        if not self._is_free.is_set():
            left_s = self._ends_s - time.monotonic()
            if left_s > 0:
                self._is_free.wait(left_s)


def work_in_the_background(native_id: int = 0) -> None:
    """Tell the scheduler that a thread or process (0: this thread) is throughput work, as decoding and simulating are.

    It keeps its share of the processor but no longer interrupts others when it wakes, so that a frame that is due
    begins at once. Linux only; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may forbid it: frames are then a little less even
            os.sched_setscheduler(native_id, os.SCHED_BATCH, os.sched_param(0))


@contextmanager
def short_turns() -> Iterator[None]:
    """Make the interpreter change hands SWITCH_INTERVAL_S after it is asked for, for the length of a ``with``."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
