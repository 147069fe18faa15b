"""What the link's thread runs: an event loop, in it the supervisor, until somebody stops it.

This module, and with it everything that talks over a network, is imported by that thread itself: httpx, websockets and
TLS take a sixth of a second to come, in which a window can be built already.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import Callable
from typing import NoReturn

from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.board import Board
from lablink_dpg.link.loop import LinkLoop, next_beat, race
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.supervisor import Supervisor
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.commands import Command
from lablink_dpg.store.store import Store

# A person reads counters no faster; changes of state are published at once. It is the watchdog's pace as well: who
# beats with it wakes the processor once for both.
PUBLISH_S = 0.75 / 8
QUIET_BEATS = 4  # of these at a time while there are few counters to read, and no readings that somebody looks at

_log = logging.getLogger(__name__)


class Worker:
    """Made and run by the network thread; ``wake`` is for any thread."""

    def __init__(
        self,
        address: ServerAddress,
        options: LinkOptions,
        store: Store,
        now_us: Callable[[], int],
        tally: Tally,
        streams: Streams,
        board: Board,
        seed: int | None,
        wait_turn: Callable[[], None],
        inbox: deque[Command | None],
    ) -> None:
        """``inbox``: commands in their order; None asks for the end."""
        self._board = board
        self._streams = streams
        self._inbox = inbox
        rng = random.Random(seed)
        self.supervisor = Supervisor(address, options, store, now_us, tally, streams, board, rng, wait_turn)
        self.loop = LinkLoop()
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """There is something in the inbox."""
        with contextlib.suppress(RuntimeError):  # closed since
            self.loop.call_soon_threadsafe(self._empty)

    def run(self) -> None:
        """Until None comes by the inbox."""
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(self._main())

    def _empty(self) -> None:
        while self._inbox:
            command = self._inbox.popleft()
            if command is None:
                self._stopping.set()
            else:
                self.supervisor.command(command)

    async def _main(self) -> None:
        try:
            self._empty()
            await race(self._stopping.wait(), self.supervisor.run(), self._publish())
        except Exception:  # the supervisor survives faults of its parts; this one is in itself
            _log.exception("the link has ended by a fault of its own")
        self.supervisor.stopped()
        self.loop.hang_up()

    async def _publish(self) -> NoReturn:
        while True:
            is_busy = self._streams.active or self._board.is_watched
            await next_beat(PUBLISH_S if is_busy else QUIET_BEATS * PUBLISH_S)
            self._board.publish()
