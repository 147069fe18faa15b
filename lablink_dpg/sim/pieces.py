"""A large message in pieces, which are joined once: with its frame's header, on the way to the socket.

As str a text would be joined, decoded, encoded and joined again to its header: each a copy of a megabyte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

Buffer = bytes | bytearray | memoryview


class Pieces:
    """UTF-8, or what is no text, in pieces of bytes. Nobody changes them any more: they may wait in several queues."""

    def __init__(self, parts: Sequence[Buffer], *, is_text: bool = True) -> None:
        self.parts: Final = parts
        self.is_text: Final = is_text
        self._size = sum(map(len, parts))

    def __len__(self) -> int:
        """In bytes."""
        return self._size

    def __str__(self) -> str:
        return self.joined().decode()

    def joined(self, header: bytes = b"") -> bytes:
        return b"".join((header, *self.parts))
