"""Timestamps as JSON text, each written once although windows overlap.

Rows of one second differ in six digits only: the first row is repeated and the digits are laid over it, eight bytes at
a time (``wire.rows`` backwards), which costs a fifth of what orjson takes and gives the same bytes. That includes what
LabLink is feared for: a whole second is written without fraction, a row of 22 bytes among those of 29.
"""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from lablink_dpg.sim.pieces import Buffer
from lablink_dpg.sim.stamps import iso
from lablink_dpg.sim.timeline import Timeline

ROW: Final = 29  # bytes of ``"YYYY-MM-DDTHH:MM:SS.ffffff",``
FRACTION: Final = b".000000"  # what a row of a whole second lacks
FRACTION_AT: Final = 20  # in a row
SECOND_US: Final = 1_000_000
MIN_RUN: Final = 128  # rows of one second; orjson is faster with fewer
MERGED_ROWS: Final = 512  # chunks that are smaller grow: a long window of short ticks is not joined from thousands

_WORD: Final = np.dtype("<u8")
# The three digits of each half of a fraction, where they stand in the word that ends a row.
_HIGH: Final = np.array([int.from_bytes(b"%03d" % number, "little") for number in range(1000)], np.uint64)
_LOW: Final = np.array([int.from_bytes(b'\0\0\0%03d",' % number, "little") for number in range(1000)], np.uint64)
_THOUSAND: Final = np.array(1000, np.uint64)

IntArray = NDArray[np.int64]


class Rows(NamedTuple):
    """Some timestamps as text, each with a comma after it."""

    text: bytes | bytearray
    short: IntArray  # which rows are whole seconds, ascending

    def offset(self, row: int) -> int:
        if not len(self.short):
            return row * ROW
        return row * ROW - len(FRACTION) * int(np.searchsorted(self.short, row))


_NONE: Final = np.empty(0, np.int64)


def write(times_us: IntArray) -> Rows:
    """Shape (n,), local µs, in any order; fast where many that follow each other are of one second."""
    count = len(times_us)
    seconds = 1 + abs(int(times_us[-1]) - int(times_us[0])) // SECOND_US if count else 1
    if count < MIN_RUN * seconds:
        return _write_plainly(times_us)
    texts: list[bytes | bytearray] = []
    shorts: list[IntArray] = []
    at = 0
    while at < count:
        second_us = int(times_us[at]) // SECOND_US * SECOND_US
        stop = at + int(np.searchsorted(times_us[at:], second_us + SECOND_US))
        if stop == at:  # times have fallen, so that the search has not found what it seeks
            return _write_plainly(times_us)
        fractions = (times_us[at:stop] - second_us).view(np.uint64)
        if int(fractions.max()) >= SECOND_US:
            return _write_plainly(times_us)
        short = _NONE if np.count_nonzero(fractions) == stop - at else np.flatnonzero(fractions == 0)
        texts.append(_of_one_second(second_us, fractions, short))
        shorts.append(short + at)
        at = stop
    if len(texts) == 1:
        return Rows(texts[0], shorts[0])
    return Rows(b"".join(texts), np.concatenate(shorts))


def _of_one_second(second_us: int, fractions: NDArray[np.uint64], short: IntArray) -> bytearray:
    """``fractions`` is used up."""
    row = b'"%s%s",' % (iso(second_us).encode(), FRACTION)
    text = bytearray(row * len(fractions))
    high = fractions // _THOUSAND
    fractions -= high * _THOUSAND
    words = _HIGH.take(high.view(np.int64))
    words |= _LOW.take(fractions.view(np.int64))
    np.ndarray(len(words), _WORD, text, ROW - _WORD.itemsize, (ROW,))[:] = words
    for number in short[::-1].tolist():  # from behind, so that places before stay right
        at = number * ROW + FRACTION_AT
        del text[at : at + len(FRACTION)]
    return text


def _write_plainly(times_us: IntArray) -> Rows:
    if not len(times_us):
        return Rows(b"", _NONE)
    text = orjson.dumps(times_us.view("datetime64[us]"), option=orjson.OPT_SERIALIZE_NUMPY)
    return Rows(text[1:-1] + b",", np.flatnonzero(times_us % SECOND_US == 0))


class _Chunk(NamedTuple):
    first: int
    stop: int
    rows: Rows

    def text(self, first: int, stop: int) -> Buffer:
        if first == self.first and stop == self.stop:
            return self.rows.text
        start, end = self.rows.offset(first - self.first), self.rows.offset(stop - self.first)
        return memoryview(self.rows.text)[start:end]


class StampText:
    """The timestamps of one run. Not shared between threads; what is kept reaches back as far as the last window."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._chunks: deque[_Chunk] = deque()  # each begins where the one before it stops

    def pieces(self, first: int, stop: int) -> list[Buffer]:
        """Of samples first..stop-1, which must exist already; a comma after each."""
        chunks = self._chunks
        while chunks and chunks[0].stop <= first:
            chunks.popleft()
        if chunks and stop < chunks[0].first:
            chunks.clear()  # of another time altogether: nothing between is written only to be complete
        if first < stop and not chunks:
            chunks.append(self._write(first, stop))
        elif first < stop:
            if first < chunks[0].first:
                chunks.appendleft(self._write(first, chunks[0].first))
            if chunks[-1].stop < stop:
                self._append(self._write(chunks[-1].stop, stop))
        return [
            chunk.text(max(first, chunk.first), min(stop, chunk.stop)) for chunk in chunks if chunk.first < stop > first
        ]

    def _write(self, first: int, stop: int) -> _Chunk:
        return _Chunk(first, stop, write(self._timeline.times(first, stop)))

    def _append(self, new: _Chunk) -> None:
        last = self._chunks[-1]
        if last.stop - last.first < MERGED_ROWS:
            self._chunks.pop()
            short = last.rows.short
            if len(new.rows.short):
                short = np.concatenate((short, new.rows.short + (last.stop - last.first)))
            new = _Chunk(last.first, new.stop, Rows(last.rows.text + new.rows.text, short))
        self._chunks.append(new)
