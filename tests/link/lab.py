"""A tiny LabLink server to misbehave with: REST and WebSocket on one real loopback port, on a thread of its own.

Sample i of every acquisition has the value i and was taken i / rate after it began, so that a test can check
every sample that the client stored by its place. What goes wrong is set by attributes, at any time.
"""

from __future__ import annotations

import asyncio
import contextlib
import http
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.support.accepting import settle_accepted

EPOCH = datetime(2026, 11, 23, 12, 0, 0, 1)  # one microsecond, so that most stamps have a fraction
_IMPORTED_S = time.monotonic()
ABNORMAL = 1006  # what a client calls a connection that broke
DEADLINE_S = 10.0  # for conditions: far beyond what a busy machine needs, short enough to fail soon


def until(condition: Callable[[], object], what: Callable[[], str] = str, within_s: float = DEADLINE_S) -> None:
    """Wait for a condition of another thread; ``what`` tells how things stood when it did not come."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, f"not within {within_s} s; {what()}"
        time.sleep(0.005)


async def until_soon(condition: Callable[[], object], within_s: float = DEADLINE_S) -> None:
    """The same for a test that is a coroutine itself."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.001)


@dataclass
class Acquisition:
    acquisition_id: str
    rate_hz: float = 1000.0
    channels: tuple[str, ...] = ("CH1",)
    state: str = "acquiring"
    buffer_size: int = 10_000
    frozen_total: int | None = None  # set: it does not run with the time
    began_s: float = field(default_factory=time.monotonic)
    before: Acquisition | None = None  # the run before, as far as it is still in the buffer
    clock_steps: list[tuple[int, float]] = field(default_factory=list)  # (first sample, seconds the clock was set by)
    jitter_s: float = 0.0  # the stamps of neighbours are out of order by as much
    is_whole_seconds: bool = False  # stamps without a fraction

    @property
    def total(self) -> int:
        if self.frozen_total is not None:
            return self.frozen_total
        return int((time.monotonic() - self.began_s) * self.rate_hz)

    @property
    def start(self) -> datetime:
        return EPOCH + timedelta(seconds=self.began_s - _IMPORTED_S)

    @property
    def stats(self) -> dict[str, Any]:
        return {"total_samples": self.total, "start_time": self.start.isoformat()}

    def set_clock(self, seconds: float) -> None:
        """As somebody sets the server's clock: the stamps of the samples from now on differ."""
        self.clock_steps = [*self.clock_steps, (self.total, seconds)]

    def stamp(self, number: int) -> str:
        step_s = sum(seconds for first, seconds in self.clock_steps if number >= first)
        jitter_s = self.jitter_s * (number * 7 % 5 - 2) / 2
        moment = self.start + timedelta(seconds=(number + 1) / self.rate_hz + step_s + jitter_s)
        return (moment.replace(microsecond=0) if self.is_whole_seconds else moment).isoformat()

    def restart(self, channels: tuple[str, ...] = (), *, outlives: bool = False) -> None:
        """Stop and start: counted anew. A real server's buffer outlives the run, if the channels stay the same."""
        self.before = replace(self, frozen_total=self.total, before=None) if outlives else None
        self.channels = channels or self.channels
        self.began_s = time.monotonic()
        self.clock_steps = []

    def window(self, total: int, num_samples: int) -> dict[str, Any]:
        wanted = min(num_samples, self.buffer_size)
        numbers = range(max(0, total - wanted), total)
        times = [self.stamp(number) for number in numbers]
        values = {channel: [float(i) for i in numbers] for channel in self.channels}
        if self.before is not None and len(numbers) < wanted:
            earlier = self.before.window(self.before.total, wanted - len(numbers))
            times = [*earlier["timestamps"], *times]
            values = {channel: [*earlier["values"][channel], *values[channel]] for channel in self.channels}
        return {"timestamps": times, "values": values, "count": len(times)}


Mangle: TypeAlias = Callable[[Acquisition, int, str], str | bytes | None]  # with the window asked for


class Lab:
    """``with Lab(Acquisition("a")) as lab: …``; ``stop`` and ``start`` again to restart it on the same port."""

    def __init__(self, *acquisitions: Acquisition) -> None:
        self.acquisitions = {each.acquisition_id: each for each in acquisitions}
        self.version = "1.2.5"
        self.is_secured = False
        self.subprotocols: tuple[str, ...] = ()  # known to it; one that is offered is chosen
        self.refuse_socket: int | None = None  # HTTP status instead of a WebSocket
        self.silent: set[str] = set()  # ids that are acknowledged, and then nothing
        self.poisonous: set[str] = set()  # ids whose messages make every connection fall off the list, silently
        self.is_deaf = False  # pings of whatever kind are not answered
        self.pings = 0  # messages of this type
        self.lag_s = 0.0  # whatever is sent over a WebSocket takes so long
        self.devices = {"scope_1": "oscilloscope"}  # id → type
        self.mangle: Mangle | None = None  # what becomes of the message of a window; None: it is not sent
        self.answers: dict[str, tuple[int, str, bytes]] = {}  # path → status, content type, body instead of the truth
        self.hangs: set[str] = set()  # paths that never answer, "/ws" among them
        self.requests: list[str] = []  # every REST path and "/ws" with its query, in order
        self.headers: list[Headers] = []  # of each of them
        self.started: list[dict[str, Any]] = []  # every start_acquisition_stream message
        self.stopped: list[str] = []  # every stop_acquisition_stream message
        self.started_devices: list[dict[str, Any]] = []  # every start_stream message
        self.sockets: list[ServerConnection] = []
        self.port = 0
        self._listeners: set[ServerConnection] = set()  # those that get the messages of streams
        self._streams: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._hanging: set[asyncio.Future[None]] = set()
        self._accepts_released = False
        self._server: Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Lab:
        # A daemon, so that a test that fails in its own clean-up does not keep the whole run from ending.
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-lab", daemon=True)
        self._thread.start()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._thread is not None
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._call(self._start())

    def stop(self, code: int = 1001) -> None:
        """As a server does that shuts down: every connection is closed in order, the port is free."""
        self._call(self._stop(code))

    def close_sockets(self, code: int) -> None:
        """Close every WebSocket, stay up otherwise. 1006: without a word."""
        self._call(self._close_sockets(code))

    def release(self, *, accept: bool = False) -> None:
        """What hangs is answered now: by what `answers` says by now, or as ever with ``accept``."""
        self._accepts_released = accept
        self._loop.call_soon_threadsafe(self._release)

    def end_streams(self) -> None:
        """As another client can: it stops them all."""
        self._loop.call_soon_threadsafe(self._end_streams)

    def say(self, message: str | bytes) -> None:
        """To every client, as it is."""
        self._loop.call_soon_threadsafe(self._send, message)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """As by SIGSTOP: connections are taken by the system, and nothing is answered."""
        thaw = threading.Event()
        self._loop.call_soon_threadsafe(thaw.wait)
        try:
            yield
        finally:
            thaw.set()

    def _send(self, message: str | bytes, only: ServerConnection | None = None) -> None:
        """To every client, after the lag; in order as long as that stays the same."""
        to = {only} if only is not None else self._listeners
        if self.lag_s:
            self._loop.call_later(self.lag_s, lambda: broadcast(to & set(self.sockets), message))
        else:
            broadcast(set(to), message)

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(DEADLINE_S)

    async def _start(self) -> None:
        self._server = await serve(
            self._serve_socket,
            "127.0.0.1",
            self.port,
            process_request=self._answer,
            select_subprotocol=lambda _, offered: next((each for each in offered if each in self.subprotocols), None),
            compression=None,
            ping_interval=None,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def _stop(self, code: int) -> None:
        if self._server is not None:
            await settle_accepted(self._server.sockets)
            self._server.close(code=code)
            self._end_streams()
            for hanging in self._hanging:
                hanging.cancel()
            await self._server.wait_closed()
            self._server = None

    async def _close_sockets(self, code: int) -> None:
        for socket in list(self.sockets):
            if code == ABNORMAL:
                socket.transport.abort()
            else:
                await socket.close(code)

    def _release(self) -> None:
        for hanging in self._hanging:
            hanging.cancel()

    async def _hang(self, connection: ServerConnection) -> None:
        """Until the client goes away or the server stops."""
        gone = asyncio.ensure_future(connection.wait_closed())
        self._hanging.add(gone)
        await asyncio.wait({gone})
        self._hanging.discard(gone)

    async def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request.path)
        self.headers.append(request.headers)
        parts = urlsplit(request.path)
        if parts.path in self.hangs:
            await self._hang(connection)
            if parts.path not in self.answers and not self._accepts_released:
                return _response(503, "text/plain", b"")
        if parts.path in self.answers:
            return _response(*self.answers[parts.path])
        if parts.path == "/ws":
            return _response(self.refuse_socket, "text/plain", b"") if self.refuse_socket else None
        return self._truth(parts.path, parse_qs(parts.query))

    def _truth(self, path: str, query: dict[str, list[str]]) -> Response:
        if path == "/api":
            return _json({"name": "LabLink Server", "version": self.version, "security_enabled": self.is_secured})
        if path == "/api/equipment/list":
            return _json(
                [
                    {"id": name, "type": kind, "manufacturer": "Mock", "model": "M", "nickname": None}
                    for name, kind in self.devices.items()
                ]
            )
        if path.startswith("/api/equipment/") and path.endswith("/readings"):
            return self._readings(path.split("/")[3])
        if path == "/api/acquisition/sessions":
            return _json({"sessions": [self._line(each) for each in self.acquisitions.values()]})
        name, _, what = path.removeprefix("/api/acquisition/session/").partition("/")
        acquisition = self.acquisitions.get(name)
        if acquisition is None:
            return _json({"detail": f"Acquisition {name} not found"}, 404)
        if what == "status":
            return _json(self.status(acquisition))
        data = acquisition.window(acquisition.total, int(query["num_samples"][0]))
        count = data.pop("count")
        return _json({"acquisition_id": name, "channels": list(acquisition.channels), "data": data, "count": count})

    def _readings(self, name: str) -> Response:
        if name not in self.devices:
            return _json({"detail": f"Device {name} not found"}, 404)
        if self.devices[name] == "oscilloscope":
            return _json({"detail": "Equipment type MockOscilloscope does not support readings"}, 501)
        return _json({"equipment_id": name, "voltage": time.monotonic()})

    @staticmethod
    def _line(acquisition: Acquisition) -> dict[str, Any]:
        return {
            "acquisition_id": acquisition.acquisition_id,
            "state": acquisition.state,
            "total_samples": acquisition.total,
        }

    @staticmethod
    def status(acquisition: Acquisition) -> dict[str, Any]:
        return {
            "acquisition_id": acquisition.acquisition_id,
            "equipment_id": "scope_1",
            "state": acquisition.state,
            "config": {
                "name": f"run {acquisition.acquisition_id}",
                "sample_rate": acquisition.rate_hz,
                "channels": list(acquisition.channels),
                "buffer_size": acquisition.buffer_size,
                "metadata": {"made": "by a test"},
            },
            "stats": acquisition.stats,
        }

    async def _serve_socket(self, socket: ServerConnection) -> None:
        self.sockets.append(socket)
        self._listeners.add(socket)
        try:
            async for raw in socket:
                message = json.loads(raw)
                match message["type"]:
                    case "start_acquisition_stream":
                        self.started.append(message)
                        name = message["acquisition_id"]
                        self._send(json.dumps({"type": "acquisition_stream_started", "acquisition_id": name}), socket)
                        self._stop_stream(name, "acquisition")
                        self._streams[name, "acquisition"] = asyncio.ensure_future(self._send_windows(**message))
                    case "stop_acquisition_stream":
                        self.stopped.append(message["acquisition_id"])
                        self._stop_stream(message["acquisition_id"], "acquisition")
                    case "start_stream":
                        self.started_devices.append(message)
                        name, kind = message["equipment_id"], message["stream_type"]
                        echo = {"type": "stream_started", "equipment_id": name, "stream_type": kind}
                        self._send(json.dumps(echo), socket)
                        self._stop_stream(name, kind)
                        self._streams[name, kind] = asyncio.ensure_future(self._send_readings(**message))
                    case "stop_stream":
                        self._stop_stream(message["equipment_id"], message["stream_type"])
                    case "ping":
                        self.pings += 1
                        if not self.is_deaf:
                            self._send('{"type":"pong"}', socket)
        except ConnectionClosed:
            pass
        finally:
            self.sockets.remove(socket)
            self._drop(socket)

    def _drop(self, socket: ServerConnection) -> None:
        """Off the list; the last one ends all streams."""
        self._listeners.discard(socket)
        if not self._listeners:
            self._end_streams()

    def _stop_stream(self, name: str, kind: str) -> None:
        if (name, kind) in self._streams:
            self._streams.pop((name, kind)).cancel()

    def _is_lost(self, name: str) -> bool:
        """Whether a message of this stream does not come, and what that does to the others."""
        if name in self.poisonous:
            for socket in list(self._listeners):
                self._drop(socket)
        return name in self.silent or name in self.poisonous

    def _end_streams(self) -> None:
        for task in self._streams.values():
            task.cancel()
        self._streams.clear()

    async def _send_windows(
        self, type: str, acquisition_id: str, interval_ms: int, num_samples: int, incremental: bool = False
    ) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                acquisition = self.acquisitions.get(acquisition_id)
                if acquisition is not None and not self._is_lost(acquisition_id):
                    text: str | bytes | None = window_message(acquisition, acquisition.total, num_samples)
                    if self.mangle is not None:
                        text = self.mangle(acquisition, num_samples, str(text))
                    if text is not None:
                        self._send(text)
                await asyncio.sleep(interval_ms / 1000)

    async def _send_readings(self, type: str, equipment_id: str, stream_type: str, interval_ms: int) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while equipment_id in self.devices:
                if not self._is_lost(equipment_id):
                    data = {"voltage": time.monotonic()}
                    head = {"type": "stream_data", "equipment_id": equipment_id, "stream_type": stream_type}
                    self._send(json.dumps({**head, "data": data}))
                await asyncio.sleep(interval_ms / 1000)


def window_message(acquisition: Acquisition, total: int, num_samples: int) -> str:
    return json.dumps(
        {
            "type": "acquisition_stream",
            "acquisition_id": acquisition.acquisition_id,
            "state": acquisition.state,
            "stats": {**acquisition.stats, "total_samples": total},
            "data": acquisition.window(total, num_samples) if total else None,
        }
    )


def _json(body: object, status: int = 200) -> Response:
    return _response(status, "application/json", json.dumps(body).encode())


def _response(status: int, content_type: str, body: bytes) -> Response:
    headers = Headers({"Content-Type": content_type, "Content-Length": str(len(body)), "Connection": "close"})
    return Response(status, http.HTTPStatus(status).phrase, headers, body)
