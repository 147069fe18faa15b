"""A connection that hands each message over where it was read.

The library keeps messages in a queue, from which a task takes them, one turn of the loop for each: for small messages
that costs more than decoding them. What is read here is taken at once, in the callback that read it, so that nothing is
ever waiting but in the socket, and a message that takes its time slows the server down as it should.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

Take: TypeAlias = Callable[[bytes], None]  # or a bytearray, as newer libraries read them: decoding takes both

_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class DirectConnection(ClientConnection):
    """Network thread only."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._take: Take | None = None
        self._fault: BaseException | None = None  # what ``take`` has raised
        self._is_over = False  # pumping has ended: nobody takes what still comes
        self._queued = 0  # messages in the library's queue, or on the way into it: those after them wait behind

    def process_event(self, event: Any) -> None:
        """Called by the library for each frame that it has read."""
        if isinstance(event, Frame) and event.opcode in _DATA:
            if self._is_over:  # in the queue it would stop reading, and the end of the connection with it
                return
            if event.fin and self._take is not None and not self._queued and event.opcode is not Opcode.CONT:
                self._hand_over(event.data)  # type: ignore[arg-type]
                return
            # In pieces, or before anybody takes: the queue puts it together and keeps it.
            self._queued += event.opcode is not Opcode.CONT
        super().process_event(event)

    def _hand_over(self, message: bytes) -> None:
        assert self._take is not None
        try:
            self._take(message)
        except BaseException as fault:  # this is the loop's callback: whoever pumps is to hear of it
            self._take, self._fault, self._is_over = None, fault, True
            self.transport.abort()

    async def pump(self, take: Take) -> None:
        """Hand every message to ``take`` until the connection is lost. What ``take`` raises ends the connection.

        Raises:
            ConnectionClosed: then, or what ``take`` has raised.
        """
        self._take = take
        try:
            while True:
                message = await self.recv(
                    decode=False
                )  # those that went into the queue; else it only waits for the end
                take(message)
                self._queued -= 1
        except ConnectionClosed:
            if self._fault is not None:
                raise self._fault from None
            raise
        finally:
            self._take, self._is_over = None, True
