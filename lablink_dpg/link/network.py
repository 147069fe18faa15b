"""The link's thread, and the only object that other threads touch.

Everything else in this room runs on that thread. Samples cross by the store's rings, status by swapping one frozen
object, events by a bounded queue, commands by ``call_soon_threadsafe``; there is nothing else to cross by.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
from typing import NoReturn

from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.board import Board, Event
from lablink_dpg.link.loop import LinkLoop, next_beat, race
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.supervisor import Supervisor
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.commands import Command
from lablink_dpg.model.link import LinkState, LinkStatus
from lablink_dpg.store.store import Store
from lablink_dpg.turn import FrameTurn, work_in_the_background

# A person reads counters no faster; changes of state are published at once. It is the watchdog's pace as well: who
# beats with it wakes the processor once for both.
PUBLISH_S = 0.75 / 8
STOP_S = 2.0  # a user waits no longer for a program to close

_log = logging.getLogger(__name__)


class Network:
    """A link to one server. Made, started and stopped by one thread; used once."""

    def __init__(
        self,
        address: ServerAddress,
        options: LinkOptions,
        store: Store,
        clock: AxisClock,
        *,
        seed: int | None = None,
        turn: FrameTurn | None = None,
    ) -> None:
        """``store`` is written by the network thread from ``start`` to ``stop``. ``seed`` is that of the backoff.

        ``turn`` is shared with whoever prepares frames in this process, if anybody does.
        """
        self._tally = Tally()
        self._streams = Streams(options.interval_ms)
        self._board = Board(address.shown, options.mode, self._tally, self._streams, clock.now_us)
        self._board.hide(options.token)
        rng = random.Random(seed)
        self._supervisor = Supervisor(
            address,
            options,
            store,
            clock.now_us,
            self._tally,
            self._streams,
            self._board,
            rng,
            (turn or FrameTurn()).wait,
        )
        self._stopping = asyncio.Event()
        self._loop: LinkLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def status(self) -> LinkStatus:
        """How it stands: at most PUBLISH_S old, and never changed afterwards. Any thread."""
        return self._board.status

    @property
    def dropped_events(self) -> int:
        """Events that nobody drained in time."""
        return self._board.dropped_events

    @property
    def has_ended(self) -> bool:
        """Whether its thread runs no longer; before the start it has not ended."""
        return self.status.state is LinkState.CLOSED and not (self._thread and self._thread.is_alive())

    def drain_events(self) -> list[Event]:
        """What happened since the last call, oldest first: lines of the log, server events, readings. One reader."""
        return self._board.drain()

    def start(self) -> None:
        """Begin to connect; returns at once."""
        if self._thread is not None or self._board.status.state is LinkState.CLOSED:
            raise RuntimeError("a network is started once")
        self._loop = LinkLoop()
        # A daemon, so that a bug in here can never keep the program from ending.
        self._thread = threading.Thread(target=self._run, args=(self._loop,), name="lablink-net", daemon=True)
        self._thread.start()

    def send(self, command: Command) -> None:
        """Have the link do something soon; nothing happens where it is not running. Any thread."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # closed since
                loop.call_soon_threadsafe(self._supervisor.command, command)

    def stop_soon(self) -> None:
        """Begin to close the link and return at once; ``stop`` waits for it. Several links close at the same time."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # closed since
                self._loop.call_soon_threadsafe(self._stopping.set)

    def stop(self, timeout_s: float = STOP_S) -> bool:
        """Close the link; whether its thread ended in time. Again is harmless, and so is without a start."""
        if self._thread is None:
            if self._board.status.state is not LinkState.CLOSED:
                self._supervisor.stopped()
            return True
        self.stop_soon()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            _log.error("the network thread did not end within %g s and is left behind", timeout_s)
        return not self._thread.is_alive()

    def _run(self, loop: LinkLoop) -> None:
        work_in_the_background()
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._main())

    async def _main(self) -> None:
        try:
            await race(self._stopping.wait(), self._supervisor.run(), self._publish())
        except Exception:  # the supervisor survives faults of its parts; this one is in itself
            _log.exception("the link has ended by a fault of its own")
        self._supervisor.stopped()

    async def _publish(self) -> NoReturn:
        while True:
            await next_beat(PUBLISH_S)
            self._board.publish()
