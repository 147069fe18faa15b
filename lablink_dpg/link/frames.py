"""A connection's bytes cut into frames: whole messages go to whoever takes them, everything else to the library.

Context: the library moves each byte four times, and runs a parser made of generators for each frame; for typed samples
that was half of all work. Decision: once the handshake is done the transport reads into our memory, and only headers
are looked at. Small messages are copied out of it. One of a quarter megabyte or more that is still coming is received
into memory of its own, so that nothing is moved but by the kernel, and that memory is used again, still in the
processor's cache, if nobody looks at it any more. Consequence: what is not a whole message in one plain frame (control
frames, pieces, masks, reserved bits, what is too large, all that comes once the connection is closing) is handed to
the library byte by byte as it came, so that its rules stay the only ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from sys import getrefcount
from typing import Final, TypeAlias

from websockets.asyncio.client import ClientConnection
from websockets.protocol import State

Take: TypeAlias = Callable[[bytes | bytearray], None]

# Read at once, as far as no message has memory of its own. After it each other task of the loop has a turn: details of
# streams that are still to be begun, samples that are fetched later. With an eighth of it these took so much of a busy
# processor that samples of a thousand streams came 2.5 s late instead of 0.2, and at 3.3 M samples/s as JSON were lost.
RECEIVE_BYTES: Final = 512 * 2**10
APART_BYTES: Final = 256 * 2**10  # a message that has not come whole and is as large gets memory of its own …
COPIED_BYTES: Final = 32 * 2**10  # … and a whole one from here on, too: anew, its pages would often be new as well
MAX_KEPT_BYTES: Final = 4 * 2**20  # of that memory, to be used again; of each power of two once, so twice this in all
# Read with the end of such a message: all of the next one's header, so that it, too, is received where it stays.
HEADER_BYTES: Final = 10
WHOLE: Final = (0x81, 0x82)  # the final frame of a text, or of a binary message, that is also its first
SHORT, MASKED = 126, 128  # in a header's second byte: the length follows in 2 or 8 bytes; a mask does


class FrameReader(asyncio.BufferedProtocol):
    """Takes ``connection``'s place at its transport when the handshake is done. Network thread only."""

    def __init__(self, connection: ClientConnection, taker: Callable[[], Take | None], max_bytes: int) -> None:
        """``taker``: who takes a whole message that comes now; None if the library is to have it.

        ``max_bytes``: of a message; larger ones are the library's.
        """
        self._connection = connection
        self._taker = taker
        self._max_bytes = max_bytes
        self._buffer = bytearray(RECEIVE_BYTES)
        self._view = memoryview(self._buffer)
        self._held = 0  # bytes in it that are not the whole of a frame yet
        self._owed = 0  # bytes still to come of a frame that the library has the beginning of
        self._memory = Memory()
        self._message: bytearray | None = None  # one that is received into memory of its own
        self._size = 0  # of it; there is room for a header behind it
        self._filled = 0  # bytes that have come of it, and of what follows it
        self._lent: memoryview | None = None  # what the transport reads it into

    # -- asyncio's side --------------------------------------------------------------------------------------------

    def get_buffer(self, sizehint: int) -> memoryview:
        if self._message is None:
            return self._view[self._held :]
        self._lent = memoryview(self._message)[self._filled :]
        return self._lent

    def buffer_updated(self, nbytes: int) -> None:
        if self._message is None:
            self._held += nbytes
        else:
            self._filled += nbytes
            if self._filled < self._size:
                return
            self._finish(self._message)
        if self._held:
            self._split()

    def feed(self, data: bytes) -> None:
        """What came with the end of the handshake."""
        rest = memoryview(data)
        while rest:
            into = self.get_buffer(-1)
            count = min(len(into), len(rest))
            into[:count] = rest[:count]
            self.buffer_updated(count)
            rest = rest[count:]

    def eof_received(self) -> None:
        self._connection.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connection.connection_lost(exc)

    def pause_writing(self) -> None:
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        self._connection.resume_writing()

    # -- frames ----------------------------------------------------------------------------------------------------

    def _split(self) -> None:
        """Hand on what has come whole; what has not is held, or begins a message with memory of its own."""
        buffer, view, end = self._buffer, self._view, self._held
        at = self._give(0, min(self._owed, end))
        # Nothing but a frame of the library's changes these two while we are here.
        is_open, take = self._connection.state is State.OPEN, self._taker()
        while is_open and end - at >= 2:
            kind, size, start = buffer[at], buffer[at + 1], at + 2
            if size >= MASKED:
                kind = size = 0  # a server has no mask to set: the library ends the connection at the sight of it
            elif size >= SHORT:
                start += 2 if size == SHORT else 8
                if start > end:
                    break
                size = int.from_bytes(view[at + 2 : start])
            stop = start + size
            if take is None or kind not in WHOLE or size > self._max_bytes:
                self._owed = stop - at
                at = self._give(at, min(stop, end))
                is_open, take = self._connection.state is State.OPEN, self._taker()
            elif stop <= end:
                take(bytes(view[start:stop]) if size < COPIED_BYTES else self._memory.copy(view[start:stop]))
                at = stop
            elif size >= APART_BYTES:
                self._begin(size, start, end)
                at = end
            else:
                break
        if not is_open:
            self._owed = end - at
            at = self._give(at, end)
        self._held = end - at
        if self._held and at:
            view[: self._held] = view[at:end]

    def _give(self, start: int, stop: int) -> int:
        """To the library, what it is owed; returns ``stop``."""
        if start < stop:
            self._owed -= stop - start
            self._connection.data_received(bytes(self._view[start:stop]))
        return stop

    def _begin(self, size: int, start: int, end: int) -> None:
        self._message = self._memory.of(size + HEADER_BYTES)
        memoryview(self._message)[: end - start] = self._view[start:end]
        self._size, self._filled = size, end - start

    def _finish(self, message: bytearray) -> None:
        """It is all there, with the beginning of what follows."""
        assert self._lent is not None
        self._lent.release()  # the transport is done with it, but holds it yet: as long the memory keeps its size
        self._message = self._lent = None
        self._held = self._filled - self._size
        self._buffer[: self._held] = message[self._size : self._filled]
        try:
            del message[self._size :]
        except BufferError:  # asyncio's own transports hold no other views of it; who knows of others
            message = message[: self._size]
        take = self._taker()
        if take is not None:  # else nobody takes any more
            take(message)


class Memory:
    """Of messages that were taken, to be used for others; one for each power of two, so that none has to be moved."""

    def __init__(self) -> None:
        self._kept: dict[int, bytearray] = {}

    def of(self, size: int) -> bytearray:
        """So many bytes, of any value, that nobody looks at."""
        if size > MAX_KEPT_BYTES:
            return bytearray(size)
        power = size.bit_length()
        if not self._is_free(power):
            self._kept[power] = bytearray(1 << power)
        memory = self._kept[power]
        if len(memory) < size:
            memory.extend(bytes(size - len(memory)))
        else:
            del memory[size:]
        return memory

    def copy(self, message: memoryview) -> bytearray:
        memory = self.of(len(message))
        memoryview(memory)[:] = message  # without it bytearray makes a copy first
        return memory

    def _is_free(self, power: int) -> bool:
        return power in self._kept and self._references(power) <= _ALONE

    def _references(self, power: int) -> int:
        """Arrays that look at memory hold it, too, and each other: who looks at it is counted, however it does."""
        return getrefcount(self._kept[power])

    @classmethod
    def references_alone(cls) -> int:
        """What is counted of memory that nobody else holds; it differs between versions of Python."""
        memory = cls()
        memory._kept[0] = bytearray()
        return memory._references(0)


_ALONE: Final = Memory.references_alone()
