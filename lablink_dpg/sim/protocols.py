"""uvicorn's two protocols, with what a server that is made to fail needs of them."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.protocol import OPEN

from lablink_dpg.sim.doors import Doors
from lablink_dpg.sim.pieces import Pieces

PIECES: Final = "pieces"  # where others have "text" or "bytes" in a message of theirs to the protocol
TEXT_FRAME: Final = 0x81  # a whole message: FIN and the opcode of text …
BINARY_FRAME: Final = 0x82  # … or of what is none


def plugged(doors: Doors, is_closed: Callable[[], bool]) -> type[H11Protocol]:
    """The one that every connection begins with: each hangs on a cable of ``doors``.

    ``is_closed`` is its door: who was accepted a turn of the loop before that is too late all the same.
    """

    class Plugged(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(doors.plug(transport))
            if is_closed():
                transport.abort()

    return Plugged


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Knows one more way of sending: ``PIECES``, a message as ``Pieces``."""

    def shutdown(self) -> None:
        try:
            super().shutdown()
        except InvalidState:  # the client has begun to close it; uvicorn's shutdown of all others would end here
            self.transport.close()

    async def send(self, message: Any) -> None:
        if PIECES in message:
            await self._send_pieces(message[PIECES])
            return
        await super().send(message)
        if message["type"] == "websocket.http.response.body":
            self.handshake_complete = True  # refused, but answered; else uvicorn logs an error

    async def _send_pieces(self, pieces: Pieces) -> None:
        """As ``send`` does, but header and pieces become one block of bytes at once."""
        await self.writable.wait()
        if self.transport.is_closing() or self.conn.state is not OPEN:
            raise ClientDisconnected
        # A view: what the socket doesn't take at once is then cut off without a copy of its own.
        self.transport.write(memoryview(pieces.joined(frame_header(len(pieces), is_text=pieces.is_text))))


def frame_header(size: int, *, is_text: bool = True) -> bytes:
    """Of a message of so many bytes, which is not masked, as those of servers (RFC 6455, 5.2)."""
    kind = TEXT_FRAME if is_text else BINARY_FRAME
    if size < 126:
        return struct.pack("!BB", kind, size)
    if size < 1 << 16:
        return struct.pack("!BBH", kind, 126, size)
    return struct.pack("!BBQ", kind, 127, size)
