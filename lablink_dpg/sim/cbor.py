"""Plain values as CBOR (RFC 8949), and the heads of typed arrays (RFC 8746): what a typed message is put together from.

Not the client's reader turned round, so that neither can hide a mistake of the other.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

FLOAT64: Final = b"\xd8\x56"  # tag 86: little-endian float64
SINT64: Final = b"\xd8\x4f"  # tag 79: little-endian sint64
NULL: Final = b"\xf6"
_WIDTHS: Final = ((24, 1 << 8, "B"), (25, 1 << 16, "H"), (26, 1 << 32, "I"), (27, 1 << 64, "Q"))


def head(major: int, argument: int) -> bytes:
    """The first bytes of an item, as short as can be."""
    if argument < 24:
        return bytes([major << 5 | argument])
    for short, limit, code in _WIDTHS:
        if argument < limit:
            return struct.pack(f">B{code}", major << 5 | short, argument)
    raise ValueError(f"{argument} does not fit into 64 bits")


def text(value: str) -> bytes:
    raw = value.encode()
    return head(3, len(raw)) + raw


def encode(value: Any) -> bytes:
    """None, booleans, numbers, texts, and maps and lists of such; bytes are taken for an item that is encoded already.

    Raises:
        TypeError: for anything else.
    """
    if value is None:
        return NULL
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return struct.pack(">Bd", 0xFB, value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        return head(5, len(value)) + b"".join(text(key) + encode(inner) for key, inner in value.items())
    if isinstance(value, Sequence):
        return head(4, len(value)) + b"".join(map(encode, value))
    raise TypeError(f"{type(value).__name__} is not for the wire")
