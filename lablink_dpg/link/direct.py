"""A connection that hands each message over where it was read.

The library keeps messages in a queue, from which a task takes them, one turn of the loop for each: for small messages
that costs more than decoding them. What is read here is taken at once, in the callback that read it, so that nothing is
ever waiting but in the socket, and a message that takes its time slows the server down as it should. Only the handshake
is read by the library itself; from there on ``frames`` is what reads.
"""

from __future__ import annotations

from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from lablink_dpg.link.frames import FrameReader, Take

MAX_DIRECT_BYTES = 2**20  # what the library takes if it is not told otherwise
_HEAD_END = b"\r\n\r\n"  # of the answer to the handshake; what follows are frames
_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class DirectConnection(ClientConnection):
    """Network thread only."""

    def __init__(self, *arguments: Any, max_direct_bytes: int = MAX_DIRECT_BYTES, **options: Any) -> None:
        """``max_direct_bytes``: the library decides about larger frames; at most its own ``max_size``."""
        super().__init__(*arguments, **options)
        self._max_direct_bytes = max_direct_bytes
        self._is_answered = False  # the handshake
        self._head = b""  # the last bytes of its answer that came
        self._take: Take | None = None
        self._fault: BaseException | None = None  # what ``take`` has raised
        self._is_over = False  # pumping has ended: nobody takes what still comes
        self._queued = 0  # messages in the library's queue, or on the way into it: those after them wait behind

    def data_received(self, data: bytes) -> None:
        """Called by the transport until the handshake is answered, and then with what is the library's."""
        if self._is_answered:
            super().data_received(data)
            return
        known, whole = len(self._head), self._head + data
        found = whole.find(_HEAD_END)
        if found < 0:
            self._head = whole[1 - len(_HEAD_END) :]
            super().data_received(data)
            return
        self._is_answered = True
        end = found + len(_HEAD_END) - known
        super().data_received(data[:end])
        if self.state is State.OPEN:
            reader = FrameReader(self, self._taker, self._max_direct_bytes)
            self.transport.set_protocol(reader)
            reader.feed(data[end:])
        elif data[end:]:
            super().data_received(data[end:])

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

    def _taker(self) -> Take | None:
        return self._hand_over if self._take is not None and not self._queued else None

    def _hand_over(self, message: bytes | bytearray) -> None:
        if self._take is None:  # it has raised, a message ago
            return
        try:
            self._take(message)
        except BaseException as fault:  # this is the loop's callback: whoever pumps is to hear of it
            self._take, self._fault, self._is_over = None, fault, True
            self.transport.abort()

    async def pump(self, take: Take) -> None:
        """Hand every message to ``take`` until the connection is lost. What ``take`` raises ends the connection.

        A bytearray becomes another message once nobody refers to it, nor to a view of it.

        Raises:
            ConnectionClosed: then, or what ``take`` has raised.
        """
        self._take = take
        try:
            while True:
                # Those that went into the queue; else it only waits for the end.
                message = await self.recv(decode=False)
                take(message)
                self._queued -= 1
        except ConnectionClosed:
            if self._fault is not None:
                raise self._fault from None
            raise
        finally:
            self._take, self._is_over = None, True
