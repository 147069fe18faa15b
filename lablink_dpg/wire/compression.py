"""Binary frames of enhanced servers: one byte naming the compression, then the compressed message.

Inflation is bounded: a frame of a few KiB must not be able to take the client's memory.
"""

from __future__ import annotations

import zlib

from lablink_dpg.wire.reasons import MAX_DECOMPRESSED_BYTES, Reason, Refused

_WINDOW_BITS = {b"g": 16 + zlib.MAX_WBITS, b"z": zlib.MAX_WBITS}  # 16 + … is zlib's way to say "gzip header"


def decompress(frame: bytes, max_bytes: int = MAX_DECOMPRESSED_BYTES) -> bytes:
    """The message of a binary frame.

    Raises:
        Refused: if the first byte is neither ``g`` nor ``z``, the rest is damaged, cut short or followed by other
            bytes, or the message is larger than ``max_bytes``.
    """
    window_bits = _WINDOW_BITS.get(frame[:1])
    if window_bits is None:
        raise Refused(Reason.BAD_COMPRESSION, f"binary frame begins with {frame[:1]!r}, neither g nor z")
    stream = zlib.decompressobj(window_bits)
    try:
        message = stream.decompress(memoryview(frame)[1:], max_bytes + 1)
    except zlib.error as error:
        raise Refused(Reason.BAD_COMPRESSION, str(error)) from None
    if len(message) > max_bytes:
        raise Refused(Reason.TOO_LARGE, f"binary frame of {len(frame)} bytes inflates to more than {max_bytes}")
    if not stream.eof:
        raise Refused(Reason.BAD_COMPRESSION, f"binary frame of {len(frame)} bytes is cut short")
    if stream.unused_data:
        raise Refused(
            Reason.BAD_COMPRESSION, f"{len(stream.unused_data)} bytes after the end of the compressed message"
        )
    return message
