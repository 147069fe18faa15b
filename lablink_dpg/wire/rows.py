"""Timestamps of full width, a table of 29 bytes a row, proved and parsed without a float.

Most rows of a window are of the same second. Each row, with the comma before it, is read as four words of eight bytes
that overlap: three of them are the same in all rows of a second, and of the last one all but six digits is. So a few
steps over one number a row prove every byte of it, and three multiplications add up the digits.

Nothing is refused here: None sends the caller the careful way (``timestamps.parse_rows``).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import Int64Array
from lablink_dpg.wire.timestamps import ROW_BYTES, parse_rows

POINT_AT: Final = 20  # the decimal point, in a row
HEAD_BYTES: Final = POINT_AT + 1  # what the rows of one second have in common
MAX_RUNS: Final = 4  # seconds a window; of more, each has few rows, and costs more calls than the careful way
CHUNK_ROWS: Final = 8192  # proved at once: 232 KiB of text, four times looked at, stay in the L2 cache

Words: TypeAlias = NDArray[np.uint64]
_WORD = np.dtype("<u8")
_WORD_BYTES: Final = 8
_PLACES: Final = (-1, 7, POINT_AT - _WORD_BYTES + 1)  # of the three words, in a row
_any_bits = np.bitwise_or.reduce


def _word(number: int) -> Words:
    return np.array(number, np.uint64)


# Arrays without a dimension: numpy takes a Python number, or a scalar of its own, in nearly twice the time.
_ZEROS = _word(int.from_bytes(b'.000000"', "little"))
_NO_DIGIT: Final = 0xFF80_8080_8080_80FF  # bits that are set in a byte that was no digit, or not the point or quote …
_TO_NO_DIGIT = _word(0x0076_7676_7676_7600)  # … once this was added to what is 0 to 9 in each digit
_TEN_AND_NEXT = _word((10 << 8) + 1)  # makes each byte ten times itself and the one after it
_PAIRS = _word(0x00FF_00FF_00FF_0000)  # three numbers of two digits, the first lowest
_HUNDRED_AND_NEXT = _word((100 << 16) + 1)
_LOWEST_16, _HUNDRED, _32, _48 = _word(0xFFFF), _word(100), _word(32), _word(48)


class _Second(NamedTuple):
    """The words that rows of one second have in common, and its time of no dimension."""

    words: tuple[Words, ...]
    start_us: Int64Array


def parse_runs(raw: bytes | bytearray, start: int, count: int) -> Int64Array | None:
    """``count`` rows of ``"YYYY-MM-DDTHH:MM:SS.ffffff"`` at ``start``, to shape (count,), µs.

    All of them are proved, and the commas between them. None if there is anything else, or if they are of more than
    MAX_RUNS seconds. The message goes on behind them.
    """
    if count == 0:
        return np.empty(0, np.int64)
    edges = _edges(raw, start, count)
    if edges is None:
        return None
    parts: list[Int64Array] = []
    for first, stop in pairwise(edges):
        at = start + first * ROW_BYTES
        second = _second(bytes(raw[at : at + HEAD_BYTES]))
        if second is None:
            return None
        for begin in range(first, stop, CHUNK_ROWS):
            end = min(begin + CHUNK_ROWS, stop)
            digits = _digits(raw, start, second, begin, end)
            if digits is None:
                return None
            part = _fractions(digits)
            part += second.start_us
            parts.append(part)
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _edges(raw: bytes | bytearray, start: int, count: int) -> list[int] | None:
    """Where seconds begin and end, if times do not fall; a wrong guess is noticed when the run is proved."""
    edges = [0]
    while len(edges) <= MAX_RUNS:
        first = edges[-1]
        at = start + first * ROW_BYTES
        head = raw[at : at + HEAD_BYTES]
        if raw.startswith(head, start + (count - 1) * ROW_BYTES):
            edges.append(count)
            return edges
        same, other = first, count - 1
        while other - same > 1:
            middle = (same + other) // 2
            if raw.startswith(head, start + middle * ROW_BYTES):
                same = middle
            else:
                other = middle
        edges.append(other)
    return None


def _digits(raw: bytes | bytearray, start: int, second: _Second, first: int, stop: int) -> Words | None:
    """The last words of rows first..stop-1, in which only the digits of the fraction are not 0; None if it isn't so."""
    begin = start + first * ROW_BYTES
    shape, strides = (stop - first,), (ROW_BYTES,)
    before, middle, after = second.words
    at_before, at_middle, at_after = _PLACES
    others = np.ndarray(shape, _WORD, raw, begin + at_middle, strides) ^ middle
    others |= np.ndarray(shape, _WORD, raw, begin + at_after, strides) ^ after
    if first:
        others |= np.ndarray(shape, _WORD, raw, begin + at_before, strides) ^ before
    elif stop > 1:  # before the first of all rows is no comma, and its second is that of the words
        rest = np.ndarray((stop - 1,), _WORD, raw, begin + ROW_BYTES + at_before, strides)
        others[1:] |= rest ^ before
    if _any_bits(others):
        return None
    digits: Words = np.ndarray(shape, _WORD, raw, begin + POINT_AT, strides) ^ _ZEROS
    # Into the next byte is carried only from one that has its highest bit set, and that is seen.
    np.add(digits, _TO_NO_DIGIT, out=others)
    others |= digits
    return None if int(_any_bits(others)) & _NO_DIGIT else digits


def _fractions(digits: Words) -> Int64Array:
    """Microseconds of words whose bytes 1 to 6 are digits, the others 0."""
    pairs = digits * _TEN_AND_NEXT
    pairs &= _PAIRS
    fours = pairs * _HUNDRED_AND_NEXT
    fours >>= _32
    fours &= _LOWEST_16  # the first four digits
    fours *= _HUNDRED
    pairs >>= _48
    fours += pairs
    return fours.view(np.int64)


@lru_cache(maxsize=64)  # streams of a server are in the same second, give or take MAX_RUNS
def _second(head: bytes) -> _Second | None:
    """By ``"YYYY-MM-DDTHH:MM:SS.``; None if it is anything else."""
    times_us = parse_rows(head + b'000000",')
    if times_us is None:
        return None
    row = b"," + head
    words = tuple(_word(int.from_bytes(row[at + 1 : at + 1 + _WORD_BYTES], "little")) for at in _PLACES)
    return _Second(words, times_us.reshape(()))
