"""The transport of one connection, which can be pulled out for a while: nothing passes, and nobody is told.

What is written meanwhile is held back, as the kernel holds what it cannot deliver, and what the peer sends stays
unread; closing has to wait as well, for a FIN is a packet too.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

HELD_BYTES: Final = 256 << 10  # of one connection: about what a kernel keeps for sending; then the writer has to wait


class Cable(asyncio.Transport):
    """Passes everything on to the real transport. Event loop only."""

    def __init__(self, inner: asyncio.Transport) -> None:
        super().__init__()
        self._inner = inner
        self._is_cut = False
        self._is_read = True  # whether the protocol wants to read
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._has_paused = False
        self._ending = ""  # what the protocol asked for while nothing passed: "close", "abort" or nothing

    def cut(self) -> None:
        self._is_cut = True
        self._inner.pause_reading()

    def mend(self) -> None:
        """Everything that was held back comes at once."""
        if not self._is_cut:
            return
        self._is_cut = False
        if self._has_paused:
            self._has_paused = False
            self._protocol.resume_writing()  # before the writing, which may pause it again
        held, self._held, self._held_bytes = self._held, [], 0
        for data in held:
            self._inner.write(data)
        if self._ending == "abort":
            self._inner.abort()
        elif self._ending == "close":
            self._inner.close()
        if self._is_read and not self._inner.is_closing():
            self._inner.resume_reading()

    def sever(self) -> None:
        """End it at once, also while nothing passes."""
        self._inner.abort()

    @property
    def _protocol(self) -> asyncio.Protocol:
        protocol = self._inner.get_protocol()
        assert isinstance(protocol, asyncio.Protocol)
        return protocol

    # -- asyncio.Transport ---------------------------------------------------------------------------------------

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._is_cut:
            self._inner.write(data)
            return
        self._held.append(bytes(data))
        self._held_bytes += len(data)
        if self._held_bytes > HELD_BYTES:
            self._has_paused = True
            self._protocol.pause_writing()

    def pause_reading(self) -> None:
        self._is_read = False
        if not self._is_cut:
            self._inner.pause_reading()

    def resume_reading(self) -> None:
        self._is_read = True
        if not self._is_cut:
            self._inner.resume_reading()

    def is_reading(self) -> bool:
        return self._is_read

    def close(self) -> None:
        if self._is_cut:
            self._ending = self._ending or "close"
        else:
            self._inner.close()

    def abort(self) -> None:
        if self._is_cut:
            self._ending = "abort"
        else:
            self._inner.abort()

    def is_closing(self) -> bool:
        return bool(self._ending) or self._inner.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._inner.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._inner.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._inner.get_protocol()

    def get_write_buffer_size(self) -> int:
        return self._inner.get_write_buffer_size() + self._held_bytes

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._inner.get_write_buffer_limits()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._inner.set_write_buffer_limits(high, low)
