"""The link's thread, and the only object that other threads touch.

Everything else in this room runs on that thread. Samples cross by the store's rings, status by swapping one frozen
object, events by a bounded queue, commands by another one; there is nothing else to cross by.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING

from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.bell import LinkBell
from lablink_dpg.link.board import Board, Event
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.commands import Command
from lablink_dpg.model.link import LinkState, LinkStatus
from lablink_dpg.store.store import Store
from lablink_dpg.turn import FrameTurn, work_in_the_background

if TYPE_CHECKING:
    from lablink_dpg.link.worker import Worker

STOP_S = 2.0  # a user waits no longer for a program to close
MAX_COMMANDS = 1024  # that the thread has not come to yet; a person gives one a second

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
        bell: LinkBell | None = None,
    ) -> None:
        """``store`` is written by the network thread from ``start`` to ``stop``. ``seed`` is that of the backoff.

        ``turn`` is shared with whoever prepares frames in this process, if anybody does; ``bell`` wakes it when
        there is something to see.

        Raises:
            OSError: if the ``ca_file`` of the options is needed and holds no certificate.
        """
        if options.ca_file is not None:
            from lablink_dpg.link.tls import tls_context  # here: few links need it, and ssl takes its time

            tls_context(address, is_insecure=options.is_insecure, ca_file=options.ca_file)
        self.options = options
        self._address = address
        self._store = store
        self._clock = clock
        self._seed = seed
        self._turn = turn or FrameTurn()
        self._tally = Tally()
        self._streams = Streams(options.interval_ms)
        self._board = Board(address.shown, options.mode, self._tally, self._streams, clock.now_us)
        self._board.hide(options.token)
        if bell is not None:
            store.on_change, self._board.on_post = bell.ring, bell.ring_for
        self._inbox: deque[Command | None] = deque(maxlen=MAX_COMMANDS)  # filled by any thread, emptied by the link's
        self._worker: Worker | None = None  # set by the link's thread before it first looks into the inbox
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
        # A daemon, so that a bug in here can never keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="lablink-net", daemon=True)
        self._thread.start()

    def send(self, command: Command) -> None:
        """Have the link do something soon; nothing happens where it is not running. Any thread."""
        if self._thread is not None and self._thread.is_alive():
            self._tell(command)

    def stop_soon(self) -> None:
        """Begin to close the link and return at once; ``stop`` waits for it. Several links close at the same time."""
        if self._thread is not None:
            self._tell(None)

    def _tell(self, what: Command | None) -> None:
        """A thread that is not that far yet looks into the inbox by itself."""
        self._inbox.append(what)
        worker = self._worker
        if worker is not None:
            worker.wake()

    def stop(self, timeout_s: float = STOP_S) -> bool:
        """Close the link; whether its thread ended in time. Again is harmless, and so is without a start."""
        if self._thread is None:
            if self._board.status.state is not LinkState.CLOSED:
                self._board.enter(LinkState.CLOSED, "")
            return True
        self.stop_soon()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            _log.error("the network thread did not end within %g s and is left behind", timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        work_in_the_background()
        try:
            from lablink_dpg.link.worker import Worker  # here: the window need not wait for it

            self._worker = Worker(
                self._address,
                self.options,
                self._store,
                self._clock.now_us,
                self._tally,
                self._streams,
                self._board,
                self._seed,
                self._turn.wait,
                self._inbox,
            )
        except Exception as error:  # an installation without one of its parts, say
            _log.exception("the link cannot begin")
            self._board.enter(LinkState.CLOSED, f"the link cannot begin: {error}", is_failure=True)
        else:
            self._worker.run()
