"""Asking for streams over the WebSocket: once per connection, and again when somebody here has a reason to.

A stream is global to its server: asking again replaces interval and window for every client. So reasons come at most
every ``rerequest_s``, and no stream is told to stop: when the last connection closes the server ends all streams by
itself, and until then another client may be watching.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NoReturn

from lablink_dpg.link.planner import StreamPlan
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.link.websocket import Socket
from lablink_dpg.model.link import StreamState
from lablink_dpg.wire.encoder import start_acquisition_stream


class Requester:
    """Network thread only."""

    def __init__(self, streams: Streams, now_us: Callable[[], int]) -> None:
        self.plan_of: Callable[[Stream], StreamPlan] = lambda stream: stream.plan  # what to ask for; may be replaced
        self._streams = streams
        self._now_us = now_us
        self._pending: dict[str, None] = {}  # in the order of asking; bounded by MAX_STREAMS
        self._wake = asyncio.Event()

    def ask(self, stream: Stream) -> None:
        """Request it on the present connection, with the plan that it has when its turn comes."""
        self._pending[stream.info.acquisition_id] = None
        self._wake.set()

    def ask_for_missing(self) -> None:
        """Request every live acquisition that was not yet requested on this connection."""
        for stream in self._streams:
            self.ask_if_missing(stream)

    def ask_if_missing(self, stream: Stream) -> None:
        if stream.is_live and stream.asked_us is None:
            self.ask(stream)

    async def run(self, socket: Socket) -> NoReturn:
        """Send what is asked for until the connection is lost; raises SocketLost."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._pending:
                name = next(iter(self._pending))
                del self._pending[name]
                stream = self._streams.get(name)
                if stream is not None:
                    await self._request(stream, socket)

    def forget(self) -> None:
        """The connection is gone, and with it what was to be sent over it."""
        self._pending.clear()
        self._wake.clear()

    async def _request(self, stream: Stream, socket: Socket) -> None:
        plan = self.plan_of(stream)
        stream.asked_us = self._now_us()
        stream.is_fresh = True
        if stream.state is StreamState.WAITING:
            self._streams.set_state(stream, StreamState.STARTING)
        await socket.send(start_acquisition_stream(stream.info.acquisition_id, plan.interval_ms, plan.num_samples))
