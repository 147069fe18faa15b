"""The shipped simulator with security on, in this process on a real loopback port, every request of it written down.

Its access control is at hand (``lab.access``), so a test can expire tokens or lock accounts between two requests.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import uvicorn
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from lablink_dpg.sim.app import make_app
from lablink_dpg.sim.bench import BenchOptions
from lablink_dpg.sim.lab import Lab
from lablink_dpg.sim.protocols import WebSocketProtocol
from tests.support.accepting import settle_accepted

USER, PASSWORD, TOKEN = "ada.lovelace", "analytical-engine-1843", "fixed-token-of-the-bench"
LOGIN, REFRESH = "/api/security/login", "/api/security/refresh"
START_S = 20.0
Answer = Callable[[Mapping[str, Any]], Response]


class Call(NamedTuple):
    method: str  # "WS" for a handshake
    path: str
    token: str  # "" where none was sent


class _Server(uvicorn.Server):
    """Knows of all connections when it closes them."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            await settle_accepted(server.sockets)
        await super().shutdown(sockets)


class Secured:
    """``with Secured() as server: …``"""

    def __init__(
        self,
        *,
        streams: int = 2,
        token: str | None = TOKEN,
        token_life_s: float = 1800,
        certificate: Path | None = None,
        has_strict_locks: bool = False,
    ) -> None:
        """``certificate``: PEM with key and certificate, for https."""
        self.lab = Lab(
            BenchOptions(streams=streams),
            token=token,
            password=PASSWORD,
            token_life_s=token_life_s,
            has_strict_locks=has_strict_locks,
        )
        self.calls: list[Call] = []
        self.instead: dict[str, Callable[[], Response]] = {}  # by path: answered instead of the truth
        self.given: list[str] = []  # every token given out, access and refresh
        self._app = make_app(self.lab)
        self._tls = certificate
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name="secured-sim")
        self._is_up = threading.Event()
        self._server: uvicorn.Server | None = None
        self._loop = asyncio.new_event_loop()

    @property
    def url(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}"

    def count(self, path: str) -> int:
        return sum(call.path == path for call in list(self.calls))

    @property
    def logins(self) -> tuple[int, int]:
        """Calls of login and of refresh so far."""
        return self.count(LOGIN), self.count(REFRESH)

    @property
    def secrets(self) -> list[str]:
        """What no output of a client may contain."""
        return [USER, PASSWORD, TOKEN, *self.given]

    def cut(self) -> None:
        """Every WebSocket ends without a word."""
        assert self._server is not None
        for connection in list(self._server.server_state.connections):
            if hasattr(connection, "handshake_complete"):  # uvicorn's WebSocket protocol, not its HTTP one
                self._loop.call_soon_threadsafe(connection.transport.abort)

    def __enter__(self) -> Secured:
        self._thread.start()
        assert self._is_up.wait(START_S)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join(START_S)
        self._socket.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        config = uvicorn.Config(
            self._ask,
            ws=WebSocketProtocol,
            interface="asgi3",
            lifespan="off",
            log_config=None,
            log_level="error",
            timeout_graceful_shutdown=1,
            ssl_certfile=self._tls,
        )
        self._server = _Server(config)
        serving = asyncio.ensure_future(self._server.serve(sockets=[self._socket]))
        while not self._server.started and not serving.done():  # noqa: ASYNC110 - uvicorn sets no event
            await asyncio.sleep(0.001)
        self._is_up.set()
        try:
            await serving
        finally:
            self.lab.hub.stop_all()
            await asyncio.sleep(0)
            self.lab.close()

    async def _ask(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            token = headers.get(b"authorization", b"").decode().removeprefix("Bearer ")
            self.calls.append(Call(scope["method"], scope["path"], token))
        else:
            self.calls.append(Call("WS", scope["path"], scope["query_string"].decode().removeprefix("token=")))
        if scope["path"] in self.instead:
            await self.instead[scope["path"]]()(scope, receive, send)
            return

        async def noting(message: Message) -> None:
            if scope["path"] in (LOGIN, REFRESH) and message["type"] == "http.response.body":
                answer = orjson.loads(message["body"])
                self.given += [answer[name] for name in ("access_token", "refresh_token") if name in answer]
            await send(message)

        await self._app(scope, receive, noting)


def says(status: int, content: Any = None) -> Callable[[], Response]:
    """For ``instead``."""
    return lambda: Response(orjson.dumps(content), status, media_type="application/json")
