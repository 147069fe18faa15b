"""CBOR to plain Python values, or one reason why not: what ``plain`` is to JSON, bounded in depth, items and bytes.

A map becomes a dict with text keys, an array a list, a typed array (RFC 8746) a numpy view of the message itself. What
JSON has no word for is no reason to lose a message: ``undefined`` and a byte string that is no typed array are None,
unknown tags are looked through. Nothing is allocated by what a length claims, only by what is there.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from lablink_dpg.wire.reasons import MAX_MESSAGE_BYTES, Reason, Refused

MAX_DEPTH: Final = 32  # of maps, arrays and tags in each other; an honest message has four
MAX_ITEMS: Final = 2**18  # of one message: six times the largest honest window as plain lists, and 25 MB of objects
TYPED_ITEMS: Final = 4  # that a typed array counts as: so much more its object costs
MAX_BIGNUM_BYTES: Final = 166  # 400 digits, as of JSON

INDEFINITE: Final = 31  # in place of a length: up to the break
BREAK: Final = 0xFF
BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = 2, 3, 4, 5, 6, 7  # major types; 0 and 1 are integers

# The tags of RFC 8746 that numpy has a type for: all but floats of 128 bits.
TYPES: Final[Mapping[int, np.dtype[Any]]] = {
    64: np.dtype("u1"),
    65: np.dtype(">u2"),
    66: np.dtype(">u4"),
    67: np.dtype(">u8"),
    68: np.dtype("u1"),  # "clamped": a matter of arithmetic, not of reading
    69: np.dtype("<u2"),
    70: np.dtype("<u4"),
    71: np.dtype("<u8"),
    72: np.dtype("i1"),
    73: np.dtype(">i2"),
    74: np.dtype(">i4"),
    75: np.dtype(">i8"),
    77: np.dtype("<i2"),
    78: np.dtype("<i4"),
    79: np.dtype("<i8"),
    80: np.dtype(">f2"),
    81: np.dtype(">f4"),
    82: np.dtype(">f8"),
    84: np.dtype("<f2"),
    85: np.dtype("<f4"),
    86: np.dtype("<f8"),
}
_FLOATS: Final = {25: struct.Struct(">e"), 26: struct.Struct(">f"), 27: struct.Struct(">d")}
_SIMPLES: Final[Mapping[int, Any]] = {20: False, 21: True, 22: None, 23: None}  # the last is undefined


def load(raw: bytes) -> Any:
    """Decode one item that is the whole of ``raw``; of repeated keys the last counts.

    Raises:
        Refused: if it is too large, not CBOR, cut short, followed by other bytes, or has more in it than is read.
    """
    if len(raw) > MAX_MESSAGE_BYTES:
        raise Refused(Reason.TOO_LARGE, f"message of {len(raw)} bytes, at most {MAX_MESSAGE_BYTES} are read")
    reader = _Reader(raw)
    try:
        value = reader.item(0)
    except UnicodeDecodeError as error:
        raise Refused(Reason.INVALID_UTF8, str(error)) from None
    except (IndexError, struct.error):
        raise Refused(Reason.INVALID_CBOR, f"cut short after {len(raw)} bytes") from None
    if reader.at != len(raw):
        raise Refused(Reason.INVALID_CBOR, f"{len(raw) - reader.at} bytes after the end of the message")
    return value


def as_plain(value: Any) -> Any:
    """The same with a list in place of each typed array, for whoever expects what JSON has.

    Raises:
        Refused: if those are more than ``MAX_ITEMS`` numbers.
    """
    left = MAX_ITEMS

    def plain(each: Any) -> Any:
        nonlocal left
        if isinstance(each, dict):
            return {key: plain(inner) for key, inner in each.items()}
        if isinstance(each, list):
            return [plain(inner) for inner in each]
        if not isinstance(each, np.ndarray):
            return each
        left -= each.size
        if left < 0:
            raise Refused(Reason.TOO_LARGE, f"more than {MAX_ITEMS} numbers where none are expected")
        return each.tolist()

    return plain(value)


class _Reader:
    """Where in the message we are, and how much more may come."""

    __slots__ = ("at", "left", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.at = 0
        self.left = MAX_ITEMS

    def item(self, depth: int) -> Any:
        """The item that begins here; afterwards we are behind it. Raises IndexError where the message ends in it."""
        self.left -= 1
        if self.left < 0:
            raise Refused(Reason.TOO_LARGE, f"more than {MAX_ITEMS} items in one message")
        if depth > MAX_DEPTH:
            raise Refused(Reason.INVALID_CBOR, "nested too deeply")
        first = self.raw[self.at]
        major, short = first >> 5, first & 31
        if major == SIMPLE:
            return self._simple(short)
        argument = self._argument(short)
        if argument is None and major not in (BYTES, TEXT, ARRAY, MAP):
            raise Refused(Reason.INVALID_CBOR, f"byte {first:#04x} at {self.at - 1} begins nothing")
        if major == MAP:
            return self._map(argument, depth + 1)
        if major == ARRAY:
            return self._array(argument, depth + 1)
        if major == TEXT:
            return str(self._string(argument, major), "utf-8")
        if major == BYTES:
            self._string(argument, major)
            return None
        assert argument is not None
        if major == TAG:
            return self._tagged(argument, depth + 1)
        return argument if major == 0 else -1 - argument

    def _argument(self, short: int) -> int | None:
        """The number that a head carries; None for an indefinite length."""
        at = self.at + 1
        if short < 24:
            self.at = at
            return short
        if short == INDEFINITE:
            self.at = at
            return None
        if short > 27:
            raise Refused(Reason.INVALID_CBOR, f"byte {self.raw[self.at]:#04x} at {self.at} begins nothing")
        stop = at + (1 << (short - 24))
        if stop > len(self.raw):
            raise IndexError
        self.at = stop
        return int.from_bytes(self.raw[at:stop])

    def _simple(self, short: int) -> Any:
        self.at += 1
        if short in _SIMPLES:
            return _SIMPLES[short]
        number = _FLOATS.get(short)
        if number is None:
            raise Refused(Reason.INVALID_CBOR, f"simple value {short} at {self.at - 1} has no meaning")
        (value,) = number.unpack_from(self.raw, self.at)
        self.at += number.size
        return value

    def _is_over(self, left: int | None) -> bool:
        """Whether a collection ends here, of which ``left`` items are still to come, or as many as there are."""
        if left is not None:
            return left == 0
        if self.raw[self.at] != BREAK:
            return False
        self.at += 1
        return True

    def _map(self, size: int | None, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not self._is_over(size):
            key = self.item(depth)
            if not isinstance(key, str):
                raise Refused(Reason.INVALID_CBOR, f"a key before byte {self.at} is no text")
            found[key] = self.item(depth)
            size = None if size is None else size - 1
        return found

    def _array(self, size: int | None, depth: int) -> list[Any]:
        found = []
        while not self._is_over(size):
            found.append(self.item(depth))
            size = None if size is None else size - 1
        return found

    def _string(self, size: int | None, major: int) -> bytes:
        """Of a text, or of bytes: for those nothing but their end matters."""
        if size is not None:
            start, stop = self.at, self.at + size
            if stop > len(self.raw):
                raise IndexError
            self.at = stop
            return self.raw[start:stop] if major == TEXT else b""
        pieces = []
        while not self._is_over(None):
            self.left -= 1
            first = self.raw[self.at]
            argument = self._argument(first & 31) if first >> 5 == major else None
            if argument is None or self.left < 0:
                raise Refused(Reason.INVALID_CBOR, f"the string before byte {self.at} has a piece that is none")
            piece = self._string(argument, major)
            str(piece, "utf-8")  # each piece is text by itself
            pieces.append(piece)
        return b"".join(pieces)

    def _tagged(self, tag: int, depth: int) -> Any:
        dtype = TYPES.get(tag)
        is_number = tag in (2, 3)
        if (dtype is None and not is_number) or self.raw[self.at] >> 5 != BYTES:
            return self.item(depth)
        size = self._argument(self.raw[self.at] & 31)
        if size is None:
            raise Refused(Reason.INVALID_CBOR, f"typed array before byte {self.at} of indefinite length")
        start = self.at
        self._string(size, BYTES)
        if dtype is not None:
            n, rest = divmod(size, dtype.itemsize)
            if rest:
                raise Refused(Reason.INVALID_CBOR, f"{size} bytes of samples of {dtype.itemsize} bytes each")
            self.left -= TYPED_ITEMS
            return np.ndarray((n,), dtype, self.raw, start)
        if size > MAX_BIGNUM_BYTES:
            raise Refused(Reason.TOO_LARGE, f"number of {size} bytes, at most {MAX_BIGNUM_BYTES} are read")
        number = int.from_bytes(self.raw[start : self.at])
        return number if tag == 2 else -1 - number
