"""The network thread's event loop, and the one way in which its tasks run together.

Name resolution gets a daemon thread of its own instead of the loop's executor: a resolver can hang for half a minute,
cannot be cancelled, and both closing a loop and leaving Python wait for executor threads. And it knows its connections:
an HTTP client that is cancelled amid a TLS handshake forgets the one it was making.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import threading
import weakref
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
BEAT_GRAIN_S = 0.001  # a beat that is so near has just been: timers are as fine as that
REST_BEAT_S = 0.375  # of all that is done now and then: where nothing else goes on, each wake costs a millisecond


class LinkLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        super().__init__()
        self._made: weakref.WeakSet[asyncio.WriteTransport] = weakref.WeakSet()

    async def create_connection(self, *arguments: Any, **options: Any) -> tuple[Any, Any]:
        """As the base class."""
        transport, protocol = await super().create_connection(*arguments, **options)
        self._made.add(transport)
        return transport, protocol

    def hang_up(self) -> None:
        """End every connection that is still there; the sockets are closed in the loop's next turn."""
        for transport in list(self._made):
            transport.abort()

    async def getaddrinfo(
        self, host: Any, port: Any, *, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[tuple[Any, ...]]:
        """As the base class, but abandoned at once when the caller is cancelled."""
        answer: asyncio.Future[list[tuple[Any, ...]]] = self.create_future()

        def settle(result: list[tuple[Any, ...]] | OSError) -> None:
            if answer.done():  # cancelled in the meantime
                return
            if isinstance(result, OSError):
                answer.set_exception(result)
            else:
                answer.set_result(result)

        def resolve() -> None:
            result: list[tuple[Any, ...]] | OSError
            try:
                result = list(socket.getaddrinfo(host, port, family, type, proto, flags))
            except OSError as error:
                result = error
            except UnicodeError:  # a label over 63 letters cannot be encoded: no such name, then
                result = socket.gaierror(socket.EAI_NONAME, "not a host name")
            with contextlib.suppress(RuntimeError):  # the loop has closed while the resolver hung
                self.call_soon_threadsafe(settle, result)

        threading.Thread(target=resolve, name="lablink-resolver", daemon=True).start()
        return await answer


async def race(*contenders: Coroutine[Any, Any, T]) -> T:
    """Run all of them until the first one ends; the others are cancelled and have ended when this returns.

    Returns or raises what the first one did, the earliest in order where several ended together.
    """
    tasks = [asyncio.ensure_future(contender) for contender in contenders]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task.done()).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def next_beat(period_s: float) -> None:
    """Sleep until the loop's clock shows a multiple of ``period_s``: all with one period wake the processor once."""
    left_s = period_s - asyncio.get_running_loop().time() % period_s
    await asyncio.sleep(left_s if left_s > BEAT_GRAIN_S else left_s + period_s)


def about(seconds: float) -> float:
    """So many seconds, or as many as there are until the beat of all that rests that is next to them."""
    if not 2 * REST_BEAT_S <= seconds < math.inf:
        return seconds
    now_s = asyncio.get_running_loop().time()
    return round((now_s + seconds) / REST_BEAT_S) * REST_BEAT_S - now_s


async def wait_at_most(event: asyncio.Event, seconds: float, *, keep: bool = False) -> bool:
    """Whether the event came; it is cleared then, unless it is to be kept."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    if not keep:
        event.clear()
    return True
