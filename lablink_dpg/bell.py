"""How a thread that rests is woken when another has something to tell: at once, where it would else look again later.

While nobody rests, ringing is one look at a flag: nothing is written, however many messages come.
"""

from __future__ import annotations

import contextlib
import select
import socket

SOME_BYTES = 64  # more than all rings that can meet between two rests


class Bell:
    """``ring`` on any thread, the rest on one."""

    def __init__(self) -> None:
        self._is_rung = False  # since the last rest
        self._ends: tuple[socket.socket, socket.socket] | None = None  # to listen at, to ring at

    def ring(self) -> None:
        """End a rest, or the next one, if none goes on; never waits. Whatever there is to see is seen afterwards."""
        if not self._is_rung:
            self._is_rung = True
            ends = self._ends
            if ends is not None:
                with contextlib.suppress(OSError):  # full, then it rings already; or closed meanwhile
                    ends[1].send(b"!")

    def rest(self, seconds: float, *descriptors: int) -> None:
        """Until it is rung, one of the file descriptors can be read, or the time is up."""
        if self._ends is None:
            self._ends = socket.socketpair()
            for end in self._ends:
                end.setblocking(False)
        listening = self._ends[0]
        if not self._is_rung:
            _wait([listening.fileno(), *descriptors], seconds)
        self._is_rung = False
        with contextlib.suppress(BlockingIOError):
            listening.recv(SOME_BYTES)

    def close(self) -> None:
        """No rest afterwards; ringing stays harmless."""
        if self._ends is not None:
            for end in self._ends:
                end.close()


def _wait(descriptors: list[int], seconds: float) -> None:
    """Until one of them can be read, or the time is up."""
    if not hasattr(select, "poll"):  # Windows; elsewhere select takes no descriptors from 1024 on
        select.select(descriptors, [], [], seconds)
        return
    poll = select.poll()
    for each in descriptors:
        poll.register(each, select.POLLIN)
    poll.poll(max(0.0, seconds) * 1000)
