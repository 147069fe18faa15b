"""Who is connected and which streams run: every message goes to every client, as on the real server.

Streams are global: they belong to the server, not to the connection that asked. A tick encodes its message once for
all clients that speak JSON and once for all that take typed messages, if there are such. A client that reads too
slowly loses stream messages (the oldest waiting first), which it can compute from ``total_samples``; it never holds up
the others. The real server waits for it instead and so loses them for all.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson

from lablink_dpg.sim.faults import Faults, Poison
from lablink_dpg.sim.garbage import Frame
from lablink_dpg.sim.pieces import Pieces
from lablink_dpg.sim.typed import Position

StreamKey: TypeAlias = tuple[str, str]  # (equipment or acquisition id, stream type)
Source: TypeAlias = Callable[[], str | Pieces | None]  # the next message, or None: the stream has ended, silently

QUEUE_BYTES: Final = 64 << 20  # waiting for one client: 0.7 s of the heaviest stress run, so no short stall loses data
QUEUE_EVENTS: Final = 10_000  # acknowledgements and events, which are never dropped: more means that nobody reads
MIN_INTERVAL_MS: Final = 1  # a stream asked for at 0 ms would leave the loop no time for anything else
GOLDEN: Final = 0.6180339887498949  # spreads the phases of any number of streams evenly over their interval


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of a stream; the defaults are the protocol's."""

    interval_ms: float = 100
    num_samples: int = 100


class Client:
    """One connection's queue. ``send`` writes one message and waits while the peer does not read."""

    def __init__(self, send: Callable[[Frame], Awaitable[None]], *, is_typed: bool = False) -> None:
        """``is_typed``: acquisitions are sent to it as typed messages."""
        self.is_typed = is_typed
        self._send = send
        self._streams: deque[tuple[int, Frame]] = deque()  # (order, message), may be dropped
        self._events: deque[tuple[int, Frame]] = deque()  # (order, message), never dropped
        self._stream_bytes = 0
        self._order = 0
        self._wake = asyncio.Event()
        self.dropped = 0  # stream messages this client was too slow for
        self.close_code: asyncio.Future[int] = asyncio.get_running_loop().create_future()  # the server wants it closed

    def offer(self, frame: Frame, *, is_event: bool = True) -> None:
        self._order += 1
        if is_event:
            self._events.append((self._order, frame))
        else:
            self._streams.append((self._order, frame))
            self._stream_bytes += len(frame)
            while self._stream_bytes > QUEUE_BYTES and len(self._streams) > 1:
                self._stream_bytes -= len(self._streams.popleft()[1])
                self.dropped += 1
        self._wake.set()

    async def pump(self) -> None:
        """Send what is offered, in order, until cancelled, the peer is gone or it stops reading altogether."""
        while len(self._events) <= QUEUE_EVENTS:
            frame = self._next()
            if frame is None:
                self._wake.clear()
                await self._wake.wait()
            else:
                await self._send(frame)

    def _next(self) -> Frame | None:
        streams, events = self._streams, self._events
        if streams and not (events and events[0][0] < streams[0][0]):
            frame = streams.popleft()[1]
            self._stream_bytes -= len(frame)
            return frame
        return events.popleft()[1] if events else None


class Hub:
    """All clients and all stream tasks of the server. Event loop only."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._connected: set[Client] = set()
        self._clients: set[Client] = set()  # the broadcast list: those connected that have not fallen off it
        self._requests: dict[StreamKey, Request] = {}  # of the streams
        self._positions: dict[StreamKey, Position] = {}  # of the same, where they can be typed
        self._streams: dict[StreamKey, asyncio.Task[None]] = {}
        self._started = 0  # streams ever started: gives each its own phase

    @property
    def stream_keys(self) -> frozenset[StreamKey]:
        return frozenset(self._streams)

    @property
    def client_count(self) -> int:
        return len(self._clients)

    def request(self, key: StreamKey) -> Request:
        """What was asked of a stream, or the defaults while it does not run."""
        return self._requests.get(key, Request())

    def join(self, client: Client) -> None:
        self._connected.add(client)
        self._clients.add(client)

    def leave(self, client: Client) -> None:
        """The last one out ends every stream; nothing is restarted for the next client."""
        self._connected.discard(client)
        self._drop(client)

    def close_all(self, code: int) -> None:
        """Close every connection in order."""
        for client in self._connected:
            if not client.close_code.done():
                client.close_code.set_result(code)

    def _drop(self, client: Client) -> None:
        """Off the broadcast list; the connection stays, which is the real server's defect."""
        self._clients.discard(client)
        if not self._clients:
            self.stop_all()

    def publish(self, message: dict[str, Any]) -> None:
        """Send an event to everybody."""
        changed = self._faults.outgoing(orjson.dumps(message).decode())
        if changed is not None:
            for client in self._clients:
                client.offer(changed)

    def start(
        self,
        key: StreamKey,
        source: Source,
        interval_ms: float,
        num_samples: int = 0,
        position: Position | None = None,
    ) -> None:
        """Replaces a stream of the same key, whoever started it. Without a ``position`` all of it is JSON."""
        before = self._positions.get(key)
        self.stop(key)
        if position is not None:
            self._positions[key] = position
            if before is not None:
                position.follow(before)
        request = Request(max(MIN_INTERVAL_MS, interval_ms), num_samples)
        phase = (self._started * GOLDEN) % 1.0
        self._started += 1
        task = asyncio.get_running_loop().create_task(self._run(key, source, position, request, phase))
        self._streams[key] = task
        self._requests[key] = request
        task.add_done_callback(lambda done: self._forget(key, done))

    def stop(self, key: StreamKey) -> None:
        task = self._streams.pop(key, None)
        self._requests.pop(key, None)
        self._positions.pop(key, None)
        if task is not None:
            task.cancel()

    def stop_all(self) -> None:
        for key in list(self._streams):
            self.stop(key)

    def _forget(self, key: StreamKey, task: asyncio.Task[None]) -> None:
        if self._streams.get(key) is task:
            del self._streams[key]
            del self._requests[key]
            self._positions.pop(key, None)
        if not task.cancelled() and (problem := task.exception()) is not None:
            raise problem  # our own bug: shown by the loop's exception handler, not lost with the task

    def _tick(self, key: StreamKey, source: Source, position: Position | None, num_samples: int, now_s: float) -> bool:
        """One message of a stream for everybody, or what becomes of it; False: the stream has ended, silently."""
        typed = [client for client in self._clients if client.is_typed] if position is not None else []
        plain = [client for client in self._clients if client not in typed] if typed else self._clients
        try:
            if plain or not typed:
                text = source()
                if text is None:
                    return False
                _offer(plain, self._faults.stream(key, text, num_samples, now_s))
            if position is None:
                return True
            if not typed:
                position.rest()
                return True
            windows = position.take()
            for window in windows or ():
                _offer(typed, self._faults.typed(key, window, num_samples, now_s))
            return windows is not None
        except Poison:
            for client in list(self._clients):
                self._drop(client)  # the last one ends every stream, this one as well
            return True

    async def _run(
        self, key: StreamKey, source: Source, position: Position | None, request: Request, phase: float
    ) -> None:
        """First message at once, then on a fixed grid: a late tick does not shift those after it.

        The grid's phase differs from stream to stream, so that many streams of one interval do not tick together.
        Ticks that were missed altogether are left out: the next window overlaps them.
        """
        loop = asyncio.get_running_loop()
        interval_s = request.interval_ms / 1000
        tick = math.floor(loop.time() / interval_s - phase)
        while True:
            stalled_s = self._faults.stalled_until_s - loop.time()
            if stalled_s > 0:
                await asyncio.sleep(stalled_s)
                tick = math.floor(loop.time() / interval_s - phase)  # what was missed is not made up for
            if not self._tick(key, source, position, request.num_samples, loop.time()):
                return
            if interval_s != request.interval_ms / 1000 / self._faults.flood:
                interval_s = request.interval_ms / 1000 / self._faults.flood
                tick = math.floor(loop.time() / interval_s - phase)  # of another grid
            tick = max(tick + 1, math.floor(loop.time() / interval_s - phase))
            await asyncio.sleep(max(0.0, (tick + phase) * interval_s - loop.time()))


def _offer(clients: Collection[Client], frames: Iterable[Frame]) -> None:
    for frame in frames:
        for client in clients:
            client.offer(frame, is_event=False)
