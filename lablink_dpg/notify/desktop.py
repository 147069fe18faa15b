"""Messages on the desktop, by a thread of its own: asking a desktop can take seconds, and a display must not wait.

Most runs have nothing to say, so library, event loop and thread begin with the first message. A desktop that
shows none, or a library that is not there, is a line in the log, once.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from lablink_dpg.notify.message import Message

if TYPE_CHECKING:
    import asyncio

log = logging.getLogger(__name__)

MAX_WAITING = 8  # messages that the desktop has not taken yet: two minutes of them
SEND_S = 5.0  # a desktop that takes longer is not going to show anything
STOP_S = 1.0  # the end of the program waits so long at most


class Backend(Protocol):
    """A desktop; used by one thread, in its loop."""

    async def send(self, message: Message) -> None:
        """Raises whatever goes wrong."""
        ...

    def close(self) -> None: ...


Connect = Callable[[], Awaitable[Backend]]


async def this_desktop() -> Backend:
    """Raises ImportError, or whatever the library raises."""
    from lablink_dpg.notify.library import LibraryBackend

    return LibraryBackend()


class Desktop:
    """``send`` and ``stop`` on the main thread; neither raises."""

    def __init__(self, connect: Connect = this_desktop) -> None:
        self.dropped = 0  # messages for which there was no room
        self._connect = connect
        self._waiting: deque[Message] = deque()  # filled by ``send``, emptied by the thread
        self._thread: threading.Thread | None = None
        self._wake: asyncio.Event | None = None  # this and the next two: set by the thread, before it looks …
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # … at what waits and at ``_is_stopped``
        self._is_stopped = False
        self._has_complained = False  # by the thread only

    def send(self, message: Message) -> bool:
        """Have it shown; False if it never will. Returns at once."""
        if self._is_stopped:
            return False
        if len(self._waiting) >= MAX_WAITING:
            self.dropped += 1
            return False
        self._waiting.append(message)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="notify", daemon=True)  # none holds the exit
            self._thread.start()
        else:
            self._call(self._rouse)
        return True

    def stop(self, within_s: float = STOP_S) -> bool:
        """End the thread, and what it is waiting for; whether it has ended in time. What still waits is not shown."""
        self._is_stopped = True
        if self._thread is None:
            return True
        self._call(self._end)
        self._thread.join(within_s)
        return not self._thread.is_alive()

    def _call(self, what: Callable[[], object]) -> None:
        """In the thread's loop. One that has not begun will look for itself."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended
                loop.call_soon_threadsafe(what)

    # -- the thread ------------------------------------------------------------------------------------------------

    def _rouse(self) -> None:
        if self._wake is not None:
            self._wake.set()

    def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _run(self) -> None:
        import asyncio

        try:
            asyncio.run(self._serve())
        except asyncio.CancelledError:
            pass
        except Exception as error:
            self._complain(error)

    async def _serve(self) -> None:
        """Show what waits, for as long as the program runs: some desktops take messages away when their sender goes."""
        import asyncio

        self._wake = asyncio.Event()
        self._task, self._loop = asyncio.current_task(), asyncio.get_running_loop()
        backend: Backend | None = None
        try:
            while not self._is_stopped:
                while self._waiting:
                    try:
                        async with asyncio.timeout(SEND_S):
                            backend = backend or await self._connect()
                            await backend.send(self._waiting[0])
                    except Exception as error:
                        self._complain(error)
                        self._close(backend)
                        backend = None  # it may have gone, and come again before the next message
                    self._waiting.popleft()
                await self._wake.wait()
                self._wake.clear()
        finally:
            self._close(backend)

    @staticmethod
    def _close(backend: Backend | None) -> None:
        if backend is not None:
            with contextlib.suppress(Exception):
                backend.close()

    def _complain(self, error: Exception) -> None:
        if not self._has_complained:
            self._has_complained = True
            why = str(error) or type(error).__name__
            log.warning("this desktop shows no notifications: %s", " ".join(why.split())[:200])
