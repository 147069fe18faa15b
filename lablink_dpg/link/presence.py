"""Whether a server's REST is there, told by how all calls end: who asks has heard of it from every other call.

One call that fails means little: a connection that was kept open may have been cut, one answer may be slow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lablink_dpg.link.errors import Cause, LinkDown
from lablink_dpg.link.rest import RestError

MAX_UNREACHABLE = 2  # calls in a row that nobody takes: then the server is gone


class Presence:
    """Network thread only. Time is an argument, in seconds."""

    def __init__(self, silence_s: float, on_change: Callable[[str], None] = lambda _: None) -> None:
        """``on_change`` is told why REST is not there, or "" when it is there again."""
        self.reason = ""  # why it is not there; "" while it is, as far as is known
        self._silence_s = silence_s
        self._on_change = on_change
        self._answered_s: float | None = None
        self._unreachable = 0
        self._gone = asyncio.Event()

    def note(self, error: RestError | None, now_s: float) -> None:
        """A call has ended."""
        if error is None or not error.cause.is_unreachable:
            self._answered_s = now_s
            self._unreachable = 0
            self._turn("")
        elif error.cause is Cause.TIMEOUT:
            # Where nothing was ever answered, the first call that took its whole time says it.
            if self._answered_s is None or now_s - self._answered_s >= self._silence_s:
                self._turn(error.detail)
        else:
            self._unreachable += 1
            if self._unreachable >= MAX_UNREACHABLE:
                self._turn(error.detail)

    async def raise_when_gone(self) -> None:
        """Raises LinkDown as soon as REST is not there."""
        await self._gone.wait()
        raise LinkDown(self.reason)

    def forget(self) -> None:
        """A new attempt: what failed in the last one says nothing."""
        self._unreachable = 0
        self._gone.clear()

    def _turn(self, reason: str) -> None:
        if bool(reason) != bool(self.reason):
            self._on_change(reason)
        self.reason = reason
        if reason:
            self._gone.set()
        else:
            self._gone.clear()
