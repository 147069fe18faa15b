"""Asking for streams over the WebSocket: once per connection, and again when somebody here has a reason to.

A stream is global to its server: asking again replaces interval and window for every client. So reasons come at most
every ``rerequest_s``, and no stream that sends is told to stop: when the last connection closes the server ends all
streams by itself, and until then another client may be watching. Only poisonous streams, of which nobody can have
anything, are told to stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NoReturn

from lablink_dpg.link.devices import Devices
from lablink_dpg.link.planner import StreamPlan
from lablink_dpg.link.streams import ACQUISITION, Stream, StreamKey, Streams, key_of
from lablink_dpg.link.websocket import Socket
from lablink_dpg.model.link import StreamState
from lablink_dpg.wire.encoder import start_acquisition_stream, start_stream, stop_acquisition_stream, stop_stream


class Requester:
    """Network thread only."""

    def __init__(self, streams: Streams, devices: Devices, now_us: Callable[[], int]) -> None:
        self.plan_of: Callable[[Stream], StreamPlan] = lambda stream: stream.plan  # what to ask for; may be replaced
        self.may_ask: Callable[[StreamKey], bool] = lambda _: True  # on the present connection; may be replaced
        self.sent_us = 0  # when something was last asked for
        self._streams = streams
        self._devices = devices
        self._now_us = now_us
        self._pending: dict[StreamKey, bool] = {}  # to be started or else stopped; bounded by MAX_STREAMS
        self._is_typed = False  # the present connection
        self._wake = asyncio.Event()

    @property
    def is_idle(self) -> bool:
        """Whether everything that was asked for has been sent."""
        return not self._pending

    def ask(self, stream: Stream) -> None:
        """Request it on the present connection, with the plan that it has when its turn comes."""
        self.start(key_of(stream))

    def start(self, key: StreamKey) -> None:
        """The same, of any stream."""
        if self.may_ask(key):
            self._pending[key] = True
            self._wake.set()

    def stop(self, key: StreamKey) -> None:
        """Have the server stop it, for every client."""
        self._pending[key] = False
        self._wake.set()

    async def run(self, socket: Socket) -> NoReturn:
        """Send what is asked for until the connection is lost; raises SocketLost."""
        self._is_typed = socket.is_typed
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._pending:
                key = next(iter(self._pending))
                message = self._message(key, is_start=self._pending.pop(key))
                if message:
                    self.sent_us = self._now_us()
                    await socket.send(message)

    def forget(self) -> None:
        """The connection is gone, and with it what was to be sent over it."""
        self._pending.clear()
        self._wake.clear()

    def _message(self, key: StreamKey, *, is_start: bool) -> str:
        """Empty for what is no more."""
        name, kind = key
        if not is_start:
            return stop_acquisition_stream(name) if kind == ACQUISITION else stop_stream(name, kind)
        if kind != ACQUISITION:
            device = self._devices.asked(key, self._now_us())
            return start_stream(name, kind, device.interval_ms) if device is not None else ""
        stream = self._streams.get(name)
        if stream is None:
            return ""
        plan = self.plan_of(stream)
        stream.asked_us = self._now_us()
        stream.is_fresh = True
        stream.is_proven = False
        if stream.state is StreamState.WAITING:
            self._streams.set_state(stream, StreamState.STARTING)
        return start_acquisition_stream(name, plan.interval_ms, plan.num_samples, is_incremental=self._is_typed)
