"""Timestamps of full width, a table of 29 bytes a row, proved and parsed eight bytes at a time.

Most rows of a window are of the same second, so all up to the decimal point is compared with the first row, as three
words, and only the six digits behind it are turned into a number: a fourth word, which ends in the quote and the comma.
A byte of that word may be 0…9 after the exclusive or with ``000000",`` (nothing but 0 in the last two); adding 6 to it
carries into its upper half if it is not. Of what is known already nothing is parsed, and no byte becomes a float.

Nothing is refused here: None sends the caller the careful way (``timestamps.parse_rows``).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import Int64Array
from lablink_dpg.wire.timestamps import ROW_BYTES, parse_rows

DIGITS_AT = 21  # of the fraction, in a row
WORD_BYTES = 8
_HEAD_WORDS = (0, 8, DIGITS_AT - WORD_BYTES)  # cover the first 21 bytes, up to the decimal point
_WORD = np.dtype("<u8")
_TAIL = np.dtype("<u2")


def _word(text: bytes) -> NDArray[np.uint64]:
    return np.array(int.from_bytes(text, "little"), np.uint64)


# Arrays without a dimension: numpy takes a Python number, or a scalar of its own, in nearly twice the time.
_PATTERN = _word(b'000000",')
_CARRY = _word(b"\x06" * 6)
_NOT_A_DIGIT = _word(b"\xf0" * 6 + b"\xff\xff")
_PAIRS = _word(b"\xff\0\xff\0\xff")
_LOWEST_16 = _word(b"\xff\xff")
_TEN, _HUNDRED, _EIGHT, _SIXTEEN = (np.array(number, np.uint64) for number in (10, 100, 8, 16))
_QUOTE = np.array(ord('"'), np.uint8)
_QUOTE_COMMA = np.array(int.from_bytes(b'",', "little"), np.uint16)
MIN_RUN = 24  # rows of one second; shorter runs cost more calls than the careful way


def parse_runs(table: bytes) -> Int64Array | None:
    """Rows of ``"YYYY-MM-DDTHH:MM:SS.ffffff",`` to shape (n,), µs.

    None if a row is anything else, or too few are of the same second.
    """
    rows, rest = divmod(len(table), ROW_BYTES)
    if rest:
        return None
    parts = []
    first = 0
    while first < rows:
        head = table[first * ROW_BYTES : first * ROW_BYTES + DIGITS_AT]
        stop = _run_stop(table, head, first, rows)
        second_us = _second_us(head) if stop - first >= MIN_RUN or stop == rows else None
        part = _parse_run(table, first, stop - first, head) if second_us is not None else None
        if part is None or second_us is None:
            return None
        part += second_us  # of no dimension
        parts.append(part)
        first = stop
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def are_rows(raw: bytes, start: int, count: int) -> bool:
    """Whether ``count`` strings of full width, whatever they say, lie in ``raw`` at ``start``, each before a comma."""
    if count == 0:
        return True
    stop = start + count * ROW_BYTES
    opens = np.ndarray((count,), np.uint8, raw, start, (ROW_BYTES,))
    closes = np.ndarray((count,), _TAIL, raw, start + ROW_BYTES - _TAIL.itemsize, (ROW_BYTES,))
    if np.count_nonzero(opens != _QUOTE) or np.count_nonzero(closes != _QUOTE_COMMA):
        return False
    cells = np.frombuffer(raw, np.uint8, stop - start, start)
    return np.count_nonzero(cells == _QUOTE) == 2 * count and raw.find(b"\\", start, stop) < 0


def _run_stop(table: bytes, head: bytes, first: int, rows: int) -> int:
    """Up to where rows begin with ``head``, if times do not fall; a wrong guess is noticed when the run is proved."""
    at = (rows - 1) * ROW_BYTES
    if table[at : at + DIGITS_AT] == head:
        return rows
    same, other = first, rows - 1
    while other - same > 1:
        middle = (same + other) // 2
        at = middle * ROW_BYTES
        if table[at : at + DIGITS_AT] == head:
            same = middle
        else:
            other = middle
    return other


def _parse_run(table: bytes, first: int, rows: int, head: bytes) -> Int64Array | None:
    """The fractions of rows that begin with ``head``, in µs; None if one does not, or is not six digits."""
    start = first * ROW_BYTES
    wrong: NDArray[np.uint64] | None = None
    for at in _HEAD_WORDS:
        word = np.ndarray((rows,), _WORD, table, start + at, (ROW_BYTES,))
        differs = word ^ _word(head[at : at + WORD_BYTES])
        wrong = differs if wrong is None else np.bitwise_or(wrong, differs, out=wrong)
    assert wrong is not None
    digits = np.ndarray((rows,), _WORD, table, start + DIGITS_AT, (ROW_BYTES,)) ^ _PATTERN
    lifted = digits + _CARRY
    lifted |= digits
    lifted &= _NOT_A_DIGIT
    lifted |= wrong
    if np.count_nonzero(lifted):
        return None
    pairs = digits * _TEN
    digits >>= _EIGHT
    pairs += digits
    pairs &= _PAIRS  # three numbers of two digits, 16 bits apart, the first lowest
    fours = pairs * _HUNDRED
    pairs >>= _SIXTEEN
    fours += pairs  # lowest 16 bits: the first four digits
    fours &= _LOWEST_16
    fours *= _HUNDRED
    pairs >>= _SIXTEEN
    fours += pairs
    return fours.view(np.int64)


@lru_cache(maxsize=256)  # all streams are in the same second
def _second_us(head: bytes) -> Int64Array | None:
    """µs of ``"YYYY-MM-DDTHH:MM:SS.``, of shape ()."""
    times_us = parse_rows(head + b'000000",')
    return None if times_us is None else times_us.reshape(())
