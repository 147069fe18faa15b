"""Who is connected and which streams run: every message goes to every client, as on the real server.

Streams are global: they belong to the server, not to the connection that asked. A tick encodes its message once for
all clients. A client that reads too slowly loses stream messages (the oldest waiting first), which it can compute
from ``total_samples``; it never holds up the others. The real server waits for it instead and so loses them for all.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import orjson

from lablink_dpg.sim.faults import Faults

StreamKey: TypeAlias = tuple[str, str]  # (equipment or acquisition id, stream type)
Source: TypeAlias = Callable[[], str | None]  # the next message, or None: the stream has ended, silently

QUEUE_BYTES: Final = 64 << 20  # waiting for one client: 0.7 s of the heaviest stress run, so no short stall loses data
QUEUE_EVENTS: Final = 10_000  # acknowledgements and events, which are never dropped: more means that nobody reads
MIN_INTERVAL_MS: Final = 1  # a stream asked for at 0 ms would leave the loop no time for anything else
GOLDEN: Final = 0.6180339887498949  # spreads the phases of any number of streams evenly over their interval


class Client:
    """One connection's queue. ``send`` writes one text message and waits while the peer does not read."""

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send
        self._streams: deque[tuple[int, str]] = deque()  # (order, message), may be dropped
        self._events: deque[tuple[int, str]] = deque()  # (order, message), never dropped
        self._stream_bytes = 0
        self._order = 0
        self._wake = asyncio.Event()
        self.dropped = 0  # stream messages this client was too slow for

    def offer(self, text: str, *, is_event: bool = True) -> None:
        self._order += 1
        if is_event:
            self._events.append((self._order, text))
        else:
            self._streams.append((self._order, text))
            self._stream_bytes += len(text)
            while self._stream_bytes > QUEUE_BYTES:
                self._stream_bytes -= len(self._streams.popleft()[1])
                self.dropped += 1
        self._wake.set()

    async def pump(self) -> None:
        """Send what is offered, in order, until cancelled, the peer is gone or it stops reading altogether."""
        while len(self._events) <= QUEUE_EVENTS:
            text = self._next()
            if text is None:
                self._wake.clear()
                await self._wake.wait()
            else:
                await self._send(text)

    def _next(self) -> str | None:
        streams, events = self._streams, self._events
        if streams and not (events and events[0][0] < streams[0][0]):
            text = streams.popleft()[1]
            self._stream_bytes -= len(text)
            return text
        return events.popleft()[1] if events else None


class Hub:
    """All clients and all stream tasks of the server. Event loop only."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._clients: set[Client] = set()
        self._streams: dict[StreamKey, asyncio.Task[None]] = {}
        self._started = 0  # streams ever started: gives each its own phase

    @property
    def stream_keys(self) -> frozenset[StreamKey]:
        return frozenset(self._streams)

    @property
    def client_count(self) -> int:
        return len(self._clients)

    def join(self, client: Client) -> None:
        self._clients.add(client)

    def leave(self, client: Client) -> None:
        """The last one out ends every stream; nothing is restarted for the next client."""
        self._clients.discard(client)
        if not self._clients:
            self.stop_all()

    def publish(self, message: dict[str, Any]) -> None:
        """Send an event to everybody."""
        self._broadcast(orjson.dumps(message).decode(), is_event=True)

    def start(self, key: StreamKey, source: Source, interval_ms: float) -> None:
        """Replaces a stream of the same key, whoever started it."""
        self.stop(key)
        interval_s = max(MIN_INTERVAL_MS, interval_ms) / 1000
        phase = (self._started * GOLDEN) % 1.0
        self._started += 1
        task = asyncio.get_running_loop().create_task(self._run(source, interval_s, phase))
        self._streams[key] = task
        task.add_done_callback(lambda done: self._forget(key, done))

    def stop(self, key: StreamKey) -> None:
        task = self._streams.pop(key, None)
        if task is not None:
            task.cancel()

    def stop_all(self) -> None:
        for key in list(self._streams):
            self.stop(key)

    def _forget(self, key: StreamKey, task: asyncio.Task[None]) -> None:
        if self._streams.get(key) is task:
            del self._streams[key]
        if not task.cancelled() and (problem := task.exception()) is not None:
            raise problem  # our own bug: shown by the loop's exception handler, not lost with the task

    def _broadcast(self, text: str, *, is_event: bool) -> None:
        changed = self._faults.outgoing(text)
        if changed is not None:
            for client in self._clients:
                client.offer(changed, is_event=is_event)

    async def _run(self, source: Source, interval_s: float, phase: float) -> None:
        """First message at once, then on a fixed grid: a late tick does not shift those after it.

        The grid's phase differs from stream to stream, so that many streams of one interval do not tick together.
        Ticks that were missed altogether are left out: the next window overlaps them.
        """
        loop = asyncio.get_running_loop()
        tick = math.floor(loop.time() / interval_s - phase)
        while True:
            text = source()
            if text is None:
                return
            self._broadcast(text, is_event=False)
            tick = max(tick + 1, math.floor(loop.time() / interval_s - phase))
            await asyncio.sleep(max(0.0, (tick + phase) * interval_s - loop.time()))
