"""uvicorn's two protocols, with what a server that is made to fail needs of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from lablink_dpg.sim.doors import Doors


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
    def shutdown(self) -> None:
        try:
            super().shutdown()
        except InvalidState:  # the client has begun to close it; uvicorn's shutdown of all others would end here
            self.transport.close()

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body":
            self.handshake_complete = True  # refused, but answered; else uvicorn logs an error
