"""Timestamps of full width, a table of 29 bytes a row, proved and parsed without a float.

Most rows of a window are of the same second. So a table of that second is subtracted from them, byte by byte: what is
left is 0, or up to 9 where a digit of the fraction belongs, which proves every byte of every row in three calls. The
eight bytes from the decimal point on are then one number, whose six digits three multiplications add up.

Nothing is refused here: None sends the caller the careful way (``timestamps.parse_rows``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import Int64Array
from lablink_dpg.wire.timestamps import CHUNK_ROWS, HIGHEST, LOWEST_CHUNK, ROW_BYTES, parse_rows

POINT_AT = 20  # the decimal point, in a row
HEAD_BYTES = POINT_AT + 1  # what the rows of one second have in common
MAX_RUNS = 4  # seconds a window; of more, each has few rows, and costs more calls than the careful way
_WORD = np.dtype("<u8")
BLOCK_ROWS = 64  # side by side: 2 KiB of columns stay in the nearest cache
_HIGHEST_BLOCK = np.tile(HIGHEST, BLOCK_ROWS)
_lowest, _highest = np.minimum.reduce, np.maximum.reduce
_SPAN = np.frombuffer((bytes(HEAD_BYTES) + b"\x09" * 6 + bytes(2)) * CHUNK_ROWS, np.uint8)


def _word(number: int) -> NDArray[np.uint64]:
    return np.array(number, np.uint64)


# Arrays without a dimension: numpy takes a Python number, or a scalar of its own, in nearly twice the time.
_TEN_AND_NEXT = _word((10 << 8) + 1)  # makes each byte ten times itself and the one after it
_PAIRS = _word(0x00FF_00FF_00FF_0000)  # three numbers of two digits, the first lowest
_HUNDRED_AND_NEXT = _word((100 << 16) + 1)
_LOWEST_16, _HUNDRED, _32, _48 = _word(0xFFFF), _word(100), _word(32), _word(48)


class _Second(NamedTuple):
    """What rows of one second are compared with, and its time of no dimension."""

    rows: NDArray[np.uint8]
    start_us: Int64Array


def parse_runs(raw: bytes, start: int, count: int, new: int) -> Int64Array | None:
    """The last ``new`` of ``count`` rows of ``"YYYY-MM-DDTHH:MM:SS.ffffff",`` at ``start``, to shape (new,), µs.

    All of them are proved; ``raw`` need not have a comma after the last one. None if a row is anything else, or if
    they are of more than MAX_RUNS seconds.
    """
    first_new = count - new
    parts: list[Int64Array] = []
    first = 0
    for _ in range(MAX_RUNS):
        if first == count:
            break
        at = start + first * ROW_BYTES
        head = raw[at : at + HEAD_BYTES]
        second = _second(head)
        if second is None:
            return None
        stop = _run_stop(raw, start, head, first, count)
        for begin in range(first, stop, CHUNK_ROWS):
            end = min(begin + CHUNK_ROWS, stop)
            digits = _digits(raw, start, second, begin, end, is_last=end == count)
            if digits is None:
                return None
            if end > first_new:
                part = _fractions(digits, max(first_new - begin, 0), end - begin)
                part += second.start_us
                parts.append(part)
        first = stop
    if first < count:
        return None
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def are_stamps(raw: bytes, start: int, count: int) -> bool:
    """Whether ``count`` rows lie in ``raw`` at ``start``, each with a comma; that their times exist nobody asks.

    The least and the greatest byte of each column are looked at: two ways through all of it that leave nothing behind.
    """
    if count == 0:
        return True
    width = min(count, BLOCK_ROWS) * ROW_BYTES
    cells = np.frombuffer(raw, np.uint8, count * ROW_BYTES, start)
    blocks = cells[: cells.shape[0] // width * width].reshape(-1, width)
    rest = cells[-width:]
    lowest = _lowest(blocks)
    np.minimum(lowest, rest, out=lowest)
    if np.count_nonzero(lowest < LOWEST_CHUNK[:width]):
        return False
    highest = _highest(blocks)
    np.maximum(highest, rest, out=highest)
    return not np.count_nonzero(highest > _HIGHEST_BLOCK[:width])


def _run_stop(raw: bytes, start: int, head: bytes, first: int, count: int) -> int:
    """Up to where rows begin with ``head``, if times do not fall; a wrong guess is noticed when the run is proved."""
    if raw.startswith(head, start + (count - 1) * ROW_BYTES):
        return count
    same, other = first, count - 1
    while other - same > 1:
        middle = (same + other) // 2
        if raw.startswith(head, start + middle * ROW_BYTES):
            same = middle
        else:
            other = middle
    return other


def _digits(
    raw: bytes, start: int, second: _Second, first: int, stop: int, *, is_last: bool
) -> NDArray[np.uint8] | None:
    """Rows first..stop-1 less the beginning of their second: 0, but in the digits of the fraction; or None."""
    size = (stop - first) * ROW_BYTES - is_last
    cells = np.frombuffer(raw, np.uint8, size, start + first * ROW_BYTES)
    digits: NDArray[np.uint8] = cells - second.rows[:size]  # wraps around for bytes that are too small
    return None if np.count_nonzero(digits > _SPAN[:size]) else digits


def _fractions(digits: NDArray[np.uint8], first: int, stop: int) -> Int64Array:
    """Microseconds of rows first..stop-1, whose digits are 0 before and after the fraction."""
    # From the decimal point to the closing quote: the digits are bytes 1 to 6.
    words = np.ndarray((stop - first,), _WORD, digits, first * ROW_BYTES + POINT_AT, (ROW_BYTES,))
    pairs = words * _TEN_AND_NEXT
    pairs &= _PAIRS
    fours = pairs * _HUNDRED_AND_NEXT
    fours >>= _32
    fours &= _LOWEST_16  # the first four digits
    fours *= _HUNDRED
    pairs >>= _48
    fours += pairs
    return fours.view(np.int64)


@lru_cache(maxsize=32)  # 58 KiB each; streams of a server are in the same second, give or take MAX_RUNS
def _second(head: bytes) -> _Second | None:
    """By ``"YYYY-MM-DDTHH:MM:SS.``; None if it is anything else."""
    row = head + b'000000",'
    times_us = parse_rows(row)
    return None if times_us is None else _Second(np.frombuffer(row * CHUNK_ROWS, np.uint8), times_us.reshape(()))
