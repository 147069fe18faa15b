"""Running the application on its ports until told to stop; orderly within two seconds, whoever is connected.

uvicorn raises a caught signal again after its shutdown, which would make SIGTERM an abnormal end; here a signal only
asks for the end, and the process exits with 0. The ports are opened by ``doors``, so that faults can close them.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import ssl
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import uvicorn
from starlette.applications import Starlette

from lablink_dpg.sim.app import make_app
from lablink_dpg.sim.director import Director
from lablink_dpg.sim.doors import BACKLOG, Door, Doors, bound
from lablink_dpg.sim.lab import Lab
from lablink_dpg.sim.life import Life
from lablink_dpg.sim.protocols import WebSocketProtocol, plugged
from lablink_dpg.sim.script import Fault

GRACE_S: Final = 1  # for connections to close after 1012, then they are cut
WS_MESSAGE_LIMIT: Final = 1 << 20  # bytes a client may send in one message


class Certificate(NamedTuple):
    """What a server shows for itself: PEM files."""

    file: Path
    key_file: Path | None = None  # None: the key is in the same file

    def check(self) -> None:
        """Raises OSError, as ssl does, for files that make no certificate with its key."""
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.file, self.key_file, password="")


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 lets the system choose.

    Raises:
        OSError: if the address cannot be had.
    """
    listening = bound(socket.AF_INET6 if ":" in host else socket.AF_INET, (host, port))
    listening.listen(BACKLOG)
    return listening


class _Server(uvicorn.Server):
    """Leaves signals to ``run`` and the port to a door, and tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config, doors: Doors) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()
        self.servers: list[asyncio.Server] = []  # none of uvicorn's own
        self._doors = doors
        self._protocol_class = plugged(doors, lambda: self._door.is_closed)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self.lifespan.startup()
        assert sockets is not None
        self._door = Door(self._protocol, self.server_state.connections, self.config.ssl)  # loaded by now
        await self._door.start(sockets[0])
        self._doors.doors.append(self._door)
        self.started = True
        self.is_up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._door.stop()
        await super().shutdown()

    def _protocol(self) -> asyncio.Protocol:
        return self._protocol_class(self.config, self.server_state, self.lifespan.state)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _server(app: Starlette, log_level: str, doors: Doors, certificate: Certificate | None) -> _Server:
    config = uvicorn.Config(
        app,
        ws=WebSocketProtocol,
        ws_per_message_deflate=False,
        ws_max_size=WS_MESSAGE_LIMIT,
        http="h11",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level=log_level,
        access_log=log_level in ("info", "debug", "trace"),
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=None if certificate is None else certificate.file,
        ssl_keyfile=None if certificate is None else certificate.key_file,
    )
    return _Server(config, doors)


async def run(
    lab: Lab,
    rest_socket: socket.socket,
    ws_socket: socket.socket | None = None,
    *,
    faults: Sequence[Fault] = (),
    certificate: Certificate | None = None,
    log_level: str = "warning",
    on_ready: Callable[[Callable[[], None]], None] | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT or a call of what ``on_ready`` is given (from the loop's thread).

    With ``ws_socket`` the WebSocket has that port to itself. ``certificate`` makes it https and wss. While it serves,
    ``lab.faults.begin`` begins faults.
    """
    doors = Doors()
    if ws_socket is None:
        servers = [(_server(make_app(lab), log_level, doors, certificate), rest_socket)]
    else:
        servers = [
            (_server(make_app(lab, has_websocket=False), log_level, doors, certificate), rest_socket),
            (_server(make_app(lab, has_rest=False), log_level, doors, certificate), ws_socket),
        ]

    director = Director(lab, doors)

    def stop() -> None:
        director.close()  # first: where nothing passes no connection ends in order
        for server, _ in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    previous = {
        number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    life = asyncio.ensure_future(Life(lab).run())
    tasks = []
    try:
        for server, sock in servers:
            tasks.append(asyncio.ensure_future(server.serve(sockets=[sock])))
            await server.is_up.wait()  # one after the other: the WebSocket's door is the last
        gc.freeze()  # what exists now lives to the end: the collector need not look at it again and pause the ticks
        director.play(faults)
        if on_ready is not None:
            on_ready(stop)
        done, _ = await asyncio.wait((*tasks, life), return_when=asyncio.FIRST_COMPLETED)
        stop()
        await asyncio.gather(*tasks, *done)  # raises if it was a bug of ours that ended it
    finally:
        director.close()
        life.cancel()
        lab.hub.stop_all()
        await asyncio.gather(life, return_exceptions=True)
        for door in doors.doors:
            door.stop()
        lab.close()
        for number, handler in previous.items():
            signal.signal(number, handler)
