"""Opening the WebSocket: try after try until one succeeds, and a try that hangs does not hold up the next.

A handshake hangs where packets vanish or a server is frozen. It may take its whole time, because a busy server answers
late; but a server that comes back would be noticed as late as that too, so the next try begins beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from lablink_dpg.link.backoff import Pace
from lablink_dpg.link.websocket import Socket, SocketRefused

MAX_AT_ONCE = 8  # tries: a handshake's time over the overlap, with room


class Dialler:
    """Network thread only."""

    def __init__(self, dial: Callable[[], Awaitable[Socket]], pace: Pace, overlap_s: float) -> None:
        self._dial = dial
        self._pace = pace
        self._overlap_s = overlap_s
        self._opened: Socket | None = None  # the last that ``run`` came to

    async def run(self, delay_s: float, on_refused: Callable[[SocketRefused, float], None]) -> Socket:
        """The first connection to be had, tried for after ``delay_s``. ``on_refused`` gets the wait before the next."""
        clock = asyncio.get_running_loop().time
        due_s = clock() + delay_s
        tries: set[asyncio.Task[Socket]] = set()
        try:
            while True:
                ended = await _first_ended(tries, due_s - clock())
                for each in ended:
                    if each.exception() is None:
                        tries.discard(each)
                        self._opened = each.result()
                        return self._opened
                tries -= ended
                for each in ended:
                    refused = each.exception()
                    if not isinstance(refused, SocketRefused):
                        raise refused or AssertionError("neither a socket nor a refusal")
                    wait_s = max(self._pace.next_s(clock()), refused.retry_s or 0.0)
                    due_s = clock() + wait_s
                    on_refused(refused, wait_s)
                if not ended:
                    due_s = clock() + self._overlap_s
                    if len(tries) < MAX_AT_ONCE:
                        tries.add(asyncio.ensure_future(self._dial()))
        finally:
            await _abandon(tries)

    async def close(self) -> None:
        """Close the connection that ``run`` came to, whether it reached its caller or the caller was cancelled."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.close()


async def _first_ended(tries: set[asyncio.Task[Socket]], seconds: float) -> set[asyncio.Task[Socket]]:
    """Those that have ended when the first one does; empty when the time is over before."""
    if not tries:
        await asyncio.sleep(max(0.0, seconds))
        return set()
    ended, _ = await asyncio.wait(tries, timeout=max(0.0, seconds), return_when=asyncio.FIRST_COMPLETED)
    return ended


async def _abandon(tries: set[asyncio.Task[Socket]]) -> None:
    """End them; one that has just succeeded is closed, or the server would go on sending to it."""
    for each in tries:
        each.cancel()
    for result in await asyncio.gather(*tries, return_exceptions=True):
        if isinstance(result, Socket):
            await result.close()
