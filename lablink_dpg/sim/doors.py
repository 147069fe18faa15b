"""The ports and the connections of the server, for faults of the network: closed, cut, dark, and back again.

A port that is closed stays ours: a new socket is bound to it at once and only listens again later. Until then the
kernel refuses connections, and nobody else can take the port.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import struct
from collections.abc import Callable, Iterable
from typing import Any, Final

from lablink_dpg.sim.cable import Cable

RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time: closing sends RST
BACKLOG: Final = 128


class Door:
    """One listening port. ``connections``: uvicorn's live set of protocols, each with its ``transport``."""

    def __init__(
        self, factory: Callable[[], asyncio.Protocol], connections: set[Any], tls: ssl.SSLContext | None
    ) -> None:
        self.connections = connections
        self._factory = factory
        self._tls = tls
        self._server: asyncio.Server | None = None  # while it is open
        self._listening: socket.socket | None = None  # that of the server
        self._socket: socket.socket | None = None  # while it is closed: bound, not listening
        self._opening: asyncio.Task[None] | None = None
        self._closed = 0  # faults that want it closed
        self._is_over = False

    async def start(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._factory, sock=listening, ssl=self._tls, backlog=BACKLOG)
        self._server, self._listening = server, listening
        if self.is_closed:  # since it began to open
            self._shut(server, listening)

    @property
    def is_closed(self) -> bool:
        """Whether nobody is to come in, or for good."""
        return self._closed > 0 or self._is_over

    def close(self) -> None:
        """Refuse connections until as many ``open`` have followed; those that exist stay."""
        self._closed += 1
        if self._server is not None and self._listening is not None:
            self._shut(self._server, self._listening)

    def _shut(self, server: asyncio.Server, listening: socket.socket) -> None:
        family, address = listening.family, listening.getsockname()
        _end(server, listening)
        self._server = self._listening = None
        if not self._is_over:
            self._socket = bound(family, address)

    def open(self) -> None:
        """Nobody is refused any more, unless another fault wants it closed; served within a turn of the loop."""
        self._closed -= 1
        if not self._closed and self._socket is not None:
            sock, self._socket = self._socket, None
            sock.listen(BACKLOG)
            self._opening = asyncio.ensure_future(self.start(sock))

    def stop(self) -> None:
        """For good."""
        self._is_over = True
        if self._server is not None and self._listening is not None:
            self._shut(self._server, self._listening)
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask_to_end(self) -> None:
        """In order: WebSockets are closed with 1012, answers under way are completed."""
        for connection in list(self.connections):
            connection.shutdown()


def _end(server: asyncio.Server, listening: socket.socket) -> None:
    """Accept nothing any more.

    Not by the server's own ``close``: what it has accepted and not yet made a connection of, which takes two turns of
    the loop, would then fail an assertion in asyncio, and its socket be closed by nobody.
    """
    try:
        asyncio.get_running_loop().remove_reader(listening)
    except NotImplementedError:  # Windows' loop, which makes the connection in the turn in which it accepts
        server.close()
    else:
        listening.close()


def bound(family: int, address: Any) -> socket.socket:
    """A socket that does not listen yet.

    Raises:
        OSError: if the address cannot be had.
    """
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere the option means something else
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit it. asyncio sets it only where it made the socket itself; without it every answer of REST,
        # head and body written one after the other, waits 40 ms for the client's delayed acknowledgement.
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


def _nothing() -> None:
    pass


class Doors:
    """All ports: the WebSocket's is the last, and the only one where REST shares it. Event loop only."""

    def __init__(self) -> None:
        self.doors: list[Door] = []
        self.on_contact: Callable[[], None] = _nothing  # somebody has connected
        self._dark = 0  # faults that let nothing pass

    def plug(self, transport: asyncio.Transport) -> Cable:
        """For each new connection, before anything is read from it."""
        self.on_contact()
        cable = Cable(transport)
        if self._dark:
            cable.cut()
        return cable

    def close(self, doors: Iterable[Door] | None = None) -> None:
        for door in self.doors if doors is None else doors:
            door.close()

    def open(self, doors: Iterable[Door] | None = None) -> None:
        for door in self.doors if doors is None else doors:
            door.open()

    def darken(self) -> None:
        self._dark += 1
        for cable in self._cables():
            cable.cut()

    def lighten(self) -> None:
        self._dark -= 1
        if not self._dark:
            for cable in self._cables():
                cable.mend()

    def reset(self) -> None:
        """Every connection ends with RST."""
        for cable in self._cables():
            sock = cable.get_extra_info("socket")
            if sock is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            cable.sever()

    def drop_websockets(self) -> None:
        """TCP ends in order, WebSocket does not: no close frame."""
        for door in self.doors:
            for connection in list(door.connections):
                if hasattr(connection, "handshake_complete"):  # uvicorn's WebSocket protocol, not its HTTP one
                    connection.transport.close()

    def _cables(self) -> list[Cable]:
        return [connection.transport for door in self.doors for connection in list(door.connections)]
