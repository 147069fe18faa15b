"""Steps over the items of a typed message: where each ends, and what the short ones say. Nothing is copied.

Whoever asks for an item beyond the end gets an IndexError, or sees at what follows that there is less than was said.
"""

from __future__ import annotations

from typing import Final


class Unusual(Exception):
    """Not written as expected: the careful way is to look at it."""


def short_text(letters: str) -> bytes:
    """The item, of fewer than 24."""
    return bytes([0x60 + len(letters)]) + letters.encode()


def _size(byte: int) -> int:
    """How long an item is whose first byte says it, with that byte; 0 for others."""
    major, short = byte >> 5, byte & 31
    if major < 2:
        return 1 if short < 24 else 1 + (1 << (short - 24)) if short < 28 else 0
    if major == 3:
        return 1 + short if short < 24 else 0
    if major in (4, 5):
        return 1 if short == 0 else 0  # an empty list or map
    return {0xF4: 1, 0xF5: 1, 0xF6: 1, 0xF7: 1, 0xF9: 3, 0xFA: 5, 0xFB: 9}.get(byte, 0)


SIZES: Final = tuple(map(_size, range(256)))


def after(raw: bytes, at: int, expected: bytes) -> int:
    stop = at + len(expected)
    if raw[at:stop] != expected:
        raise Unusual
    return stop


def text_at(raw: bytes, at: int) -> tuple[int, int]:
    """Where the letters of a text begin and end; that the message is long enough is seen at what follows."""
    size = raw[at] - 0x60
    if 0 <= size < 24:
        return at + 1, at + 1 + size
    if size == 24:  # one byte more says the size
        return at + 2, at + 2 + raw[at + 1]
    raise Unusual


def bytes_at(raw: bytes, at: int) -> tuple[int, int]:
    """Where the bytes of a byte string begin and end."""
    size = raw[at] - 0x40
    start = at + 1
    if not 0 <= size < 24:
        if not 24 <= size < 28:
            raise Unusual
        start += 1 << (size - 24)
        size = int.from_bytes(raw[at + 1 : start])
    if start + size > len(raw):
        raise Unusual
    return start, start + size


def whole(raw: bytes, at: int) -> tuple[int, int]:
    """A whole number from 0 on, and where it ends."""
    short = raw[at]
    if short < 24:
        return short, at + 1
    if short > 27:
        raise Unusual
    stop = at + 1 + (1 << (short - 24))
    return int.from_bytes(raw[at + 1 : stop]), stop  # that it is all there is seen at what follows


def moment(raw: bytes, at: int) -> tuple[int, int]:
    """A time, before or after 1970, of eight bytes as all times are that are not very near to it."""
    number = int.from_bytes(raw[at + 1 : at + 9])
    if raw[at] == 0x1B:
        return number, at + 9
    if raw[at] == 0x3B:
        return -1 - number, at + 9
    raise Unusual


def pass_over(raw: bytes, at: int, numbers: list[slice], depth: int = 0) -> int:
    """Where the item ends that begins at ``at``: a number, a text, or a list or map of such; notes whole numbers."""
    head = raw[at]
    size = SIZES[head]
    if size:
        if 24 <= head < 28:
            numbers.append(slice(at + 1, at + size))
        return at + size
    if head == 0x78:
        return text_at(raw, at)[1]
    is_map = 0xA0 < head < 0xB8
    inside = 2 * (head - 0xA0) if is_map else head - 0x80 if 0x80 < head < 0x98 else 0
    if not inside or depth:
        raise Unusual
    at += 1
    for index in range(inside):
        if is_map and index % 2 == 0 and raw[at] >> 5 != 3:
            raise Unusual
        at = pass_over(raw, at, numbers, depth + 1)
    return at
