"""Running the application on its ports until told to stop; orderly within two seconds, whoever is connected.

uvicorn raises a caught signal again after its shutdown, which would make SIGTERM an abnormal end; here a signal only
asks for the end, and the process exits with 0.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette

from lablink_dpg.sim.app import make_app
from lablink_dpg.sim.lab import Lab
from lablink_dpg.sim.life import Life

GRACE_S: Final = 1  # for connections to close after 1012, then they are cut
WS_MESSAGE_LIMIT: Final = 1 << 20  # bytes a client may send in one message


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 lets the system choose.

    Raises:
        OSError: if the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family)
    # Connections inherit it. asyncio sets it only where it made the socket itself; without it every answer of REST,
    # head and body written one after the other, waits 40 ms for the client's delayed acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


class _Server(uvicorn.Server):
    """Leaves signals to ``run``, and tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _server(app: Starlette, log_level: str) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            ws_max_size=WS_MESSAGE_LIMIT,
            http="h11",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level=log_level,
            access_log=log_level in ("info", "debug", "trace"),
            timeout_graceful_shutdown=GRACE_S,
            backlog=128,
        )
    )


async def run(
    lab: Lab,
    rest_socket: socket.socket,
    ws_socket: socket.socket | None = None,
    *,
    log_level: str = "warning",
    on_ready: Callable[[Callable[[], None]], None] | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT or a call of what ``on_ready`` is given (from the loop's thread).

    With ``ws_socket`` the WebSocket has that port to itself.
    """
    if ws_socket is None:
        servers = [(_server(make_app(lab), log_level), rest_socket)]
    else:
        servers = [
            (_server(make_app(lab, has_websocket=False), log_level), rest_socket),
            (_server(make_app(lab, has_rest=False), log_level), ws_socket),
        ]

    def stop() -> None:
        for server, _ in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    previous = {
        number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    life = asyncio.ensure_future(Life(lab).run())
    tasks = [asyncio.ensure_future(server.serve(sockets=[sock])) for server, sock in servers]
    try:
        for server, _ in servers:
            await server.is_up.wait()
        gc.freeze()  # what exists now lives to the end: the collector need not look at it again and pause the ticks
        if on_ready is not None:
            on_ready(stop)
        done, _ = await asyncio.wait((*tasks, life), return_when=asyncio.FIRST_COMPLETED)
        stop()
        await asyncio.gather(*tasks, *done)  # raises if it was a bug of ours that ended it
    finally:
        life.cancel()
        lab.hub.stop_all()
        await asyncio.gather(life, return_exceptions=True)
        lab.close()
        for number, handler in previous.items():
            signal.signal(number, handler)
