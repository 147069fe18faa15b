"""The timestamps of a ring, by absolute index: a uniform timebase as a line, other stamps as they are.

Stamps are gathered in chunks. A chunk that is complete becomes the ``Stretch`` on which its samples lie, which is one
object for any number of chunks, or a few of them, or stays as it is: what comes decides, chunk by chunk, so that stamps
without any order cost no more than an array of them. The newest chunk is always as it came. A chunk's array is never
used for another chunk, because a reader may still hold it while its samples are elsewhere already.

Who reads what is overwritten meanwhile gets some number, never an exception; the ring looks at its claim afterwards.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from lablink_dpg.model.acquisition import Int64Array
from lablink_dpg.store.stretch import LEAST_US, MAX_CHUNK, STRETCH_BYTES, Pieces, Stretch, divide

MIN_CHUNK = 256  # samples: a smaller array costs too much beside its stamps
CHUNKS = 192  # of a ring, or more: the newest one is then 1 % of one channel in float32
SPARSE = 8  # of a chunk's stamps this many: it costs less to look them up one by one
ENTRY_BYTES = 8  # a chunk's place in the list
ARRAY_BYTES = 96  # of a chunk beside its stamps, as the interpreter keeps it

Entry: TypeAlias = "Stretch | Pieces | array[int]"
EMPTY = array("q", bytes(8 * MAX_CHUNK))  # to be copied: quicker than to make one
NOTHING = Stretch(0, 0, 0, 1)  # before the first sample


class Times:
    """One writer, one reader, guarded by the ring to which it belongs."""

    def __init__(self, capacity: int) -> None:
        size = MIN_CHUNK
        while size < MAX_CHUNK and 2 * size * CHUNKS <= capacity:
            size *= 2
        self.size = size
        self._shift, self._mask = size.bit_length() - 1, size - 1
        self._count = -(-capacity // size) + 1  # the oldest chunk and the newest one are both incomplete
        self._entries: list[Entry] = [NOTHING] * self._count
        self._patched_to = 0  # index: from here on a stretch that is in two chunks is in all between them
        # For the writer only.
        self._stop = 0  # samples that were put here
        self._first = 0  # of the newest chunk's samples, as far as they were put here
        self._newest: Int64Array = np.empty(0, np.int64)  # the newest chunk's stamps
        self._last: Stretch | None = None  # on which the newest complete chunk ended
        self._source: Times | None = None
        self._cost = 0  # bytes of all chunks
        self._chunks = 0  # complete ones

    # -- writer -------------------------------------------------------------------------------------------------

    def take_over(self, source: Times | None) -> None:
        """What is put here until ``take_over(None)`` was read from ``source``: its stretches are used again, exactly.

        Writer only.
        """
        if source is not None:
            self._patched_to = source._patched_to + self.size
        self._source = source

    def put(self, start: int, times_us: Int64Array) -> None:
        """Stamps of samples ``start`` and on, new ones or instead of others. Writer only."""
        n: int = times_us.shape[0]
        offset = start & self._mask
        if start == self._stop and 0 < offset < self.size - n:
            self._newest[offset : offset + n] = times_us
            self._stop = start + n
            return
        if start < self._stop:
            self._replace(start, times_us)
            return
        if start > self._stop:  # what lies between has left the ring at once
            self._first = start
            self._last = None
        at = 0
        self._stop = start + n
        while at < n:
            offset = (start + at) & self._mask
            if offset == 0 or self._first == start + at:
                self._first = start + at
                self._open(start + at)
            count = min(n - at, self.size - offset)
            self._newest[offset : offset + count] = times_us[at : at + count]
            at += count
            if offset + count == self.size:
                self._complete((start + at - 1) >> self._shift)

    def _open(self, index: int) -> None:
        chunk = index >> self._shift
        left = self._entries[chunk % self._count]  # every sample of it has left the ring
        stamps = left if type(left) is array else EMPTY[: self.size]
        self._newest = np.frombuffer(stamps, np.int64)
        self._enter(chunk, stamps)

    def _enter(self, chunk: int, entry: Entry) -> None:
        slot = chunk % self._count
        self._cost += _cost(entry) - _cost(self._entries[slot])
        self._entries[slot] = entry

    def _complete(self, chunk: int) -> None:
        first, source = self._first, self._source
        times_us = self._newest[first & self._mask :]
        # Where nothing was before, this is what nothing holds: no harm, for it can only be too late.
        least_us = self.at(first - 1) if first else LEAST_US
        known = self._known if source is None else source._stretch_of
        pieces = divide(times_us, first, known, least_us, is_exact=source is not None)
        if pieces is not None:
            self._enter(chunk, pieces[0] if len(pieces) == 1 else pieces)
        self._last = pieces[-1] if pieces is not None else None
        self._chunks += 1

    def _known(self, index: int) -> Stretch | None:
        """What most often goes on with the newest chunk."""
        return self._last if index == self._first else None

    def _replace(self, start: int, times_us: Int64Array) -> None:
        n, at = times_us.shape[0], 0
        while at < n:
            index = start + at
            chunk, offset = index >> self._shift, index & self._mask
            count = min(n - at, self.size - offset)
            new = times_us[at : at + count]
            at += count
            if chunk == (self._stop - 1) >> self._shift and self._stop & self._mask:
                self._newest[offset : offset + count] = new
                continue
            first = chunk << self._shift
            stamps = array("q", self.read(first, first + self.size).tobytes())
            both = np.frombuffer(stamps, np.int64)
            both[offset : offset + count] = new
            pieces = divide(both, first, lambda _: None, LEAST_US, is_exact=True)
            self._patched_to = max(self._patched_to, first + self.size)
            self._enter(chunk, stamps if pieces is None else pieces[0] if len(pieces) == 1 else pieces)

    def _stretch_of(self, index: int) -> Stretch | None:
        entry = self._entries[(index >> self._shift) % self._count]
        if type(entry) is Stretch:
            return entry
        return _piece(entry, index) if type(entry) is tuple else None

    # -- reader -------------------------------------------------------------------------------------------------

    def at(self, index: int) -> int:
        """Of one sample. A plain number, without a call of numpy: a frame asks for a few of each stream."""
        entry = self._entries[(index >> self._shift) % self._count]
        if type(entry) is array:
            return entry[index & self._mask]
        if type(entry) is tuple:
            entry = _piece(entry, index)
        assert type(entry) is Stretch
        return (entry.base + (index - entry.first) * entry.num) // entry.den

    def at_each(self, start: int, offsets: list[int]) -> list[int]:
        """Of the samples ``start`` + each of ``offsets``, which ascend."""
        shift, last = self._shift, start + offsets[-1]
        entry = self._entries[(start >> shift) % self._count]
        if start >> shift == last >> shift:
            if type(entry) is array:
                origin = start & self._mask
                return [entry[origin + offset] for offset in offsets]
            if type(entry) is Stretch:
                base, num, den = entry.base + (start - entry.first) * entry.num, entry.num, entry.den
                return [(base + offset * num) // den for offset in offsets]
        at = self.at
        return [at(start + offset) for offset in offsets]

    def read(self, start: int, stop: int) -> Int64Array:
        """Of samples start..stop-1, a copy."""
        return self._gathered(start, stop, 1)

    def every(self, start: int, stop: int, step: int) -> Int64Array:
        """Of ``start`` and of the multiples of ``step`` after it, below ``stop``; start < stop."""
        first = start + step - start % step if start % step else start
        if first == start:
            return self._gathered(start, stop, step)
        rest = self._gathered(first, stop, step)
        return np.concatenate((np.array([self.at(start)]), rest))

    def _gathered(self, start: int, stop: int, step: int) -> Int64Array:
        """Of ``start`` and every ``step``-th after it."""
        parts: list[Int64Array] = []
        mask, is_sparse = self._mask, step * SPARSE >= self.size
        at = start
        while at < stop:
            entry = self._entries[(at >> self._shift) % self._count]
            end = min(((at >> self._shift) + 1) << self._shift, stop)
            if type(entry) is Stretch:
                if end < stop:
                    end = min(self._end_of(entry, at, stop), stop)
                parts.append(entry.times(at, end, step))
            elif type(entry) is array and not is_sparse:
                parts.append(np.frombuffer(entry, np.int64)[at & mask : ((end - 1) & mask) + 1 : step])
            else:
                end = self._end_of_others(at, stop) if is_sparse else end
                parts.append(np.array([self.at(index) for index in range(at, end, step)], np.int64))
            at += -(-(end - at) // step) * step
        if len(parts) == 1:
            return parts[0] if parts[0].flags.owndata else parts[0].copy()
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def _end_of(self, stretch: Stretch, index: int, stop: int) -> int:
        """Where the chunks end that are all on ``stretch``: that of ``index`` and those after it, up to ``stop``."""
        entries, count, shift = self._entries, self._count, self._shift
        low, high = index >> shift, (stop - 1) >> shift
        if low << shift < self._patched_to:
            while low < high and entries[(low + 1) % count] is stretch:
                low += 1
            return (low + 1) << shift
        if entries[high % count] is stretch:
            return (high + 1) << shift
        mid = high - 1  # the newest chunk is not on it yet; most often it is the only one
        while high - low > 1:
            if entries[mid % count] is stretch:
                low = mid
            else:
                high = mid
            mid = (low + high) // 2
        return (low + 1) << shift

    def _end_of_others(self, index: int, stop: int) -> int:
        """Where the chunks end that are on no single stretch: that of ``index`` and those after it, up to ``stop``."""
        entries, count, shift = self._entries, self._count, self._shift
        chunk = (index >> shift) + 1
        while chunk << shift < stop and type(entries[chunk % count]) is not Stretch:
            chunk += 1
        return chunk << shift

    def search(self, time_us: int, low: int, high: int, near: int) -> int:
        """The first of samples low..high-1 not older than ``time_us``; ``high`` if there is none. low < high.

        ``near`` is a guess, one of them. Never raises, whatever is overwritten meanwhile.
        """
        entries, count, shift, at = self._entries, self._count, self._shift, self.at
        entry = entries[(near >> shift) % count]
        if type(entry) is Stretch and entry.num:
            near = entry.search(time_us, low, high)
            if low < near < high and entries[((near - 1) >> shift) % count] is entry:
                if entries[(near >> shift) % count] is entry:
                    return near
            elif near == high:
                near = high - 1
        # The last chunk that begins before time_us: the guess or the one after it, or else by halves.
        first, last, guess = low >> shift, (high - 1) >> shift, near >> shift
        for chunk in (guess + 1, guess):
            if first < chunk <= last:
                if at(chunk << shift) < time_us:
                    first = chunk
                else:
                    last = chunk - 1
        while first < last:
            chunk = (first + last + 1) // 2
            if at(chunk << shift) < time_us:
                first = chunk
            else:
                last = chunk - 1
        return self._search_chunk(first, time_us, max(low, first << shift), min(high, (first + 1) << shift))

    def _search_chunk(self, chunk: int, time_us: int, low: int, high: int) -> int:
        entry = self._entries[chunk % self._count]
        if type(entry) is array:
            origin = chunk << self._shift
            return origin + bisect_left(entry, time_us, low - origin, high - origin)
        if type(entry) is tuple:
            for piece, following in pairwise(entry):
                end = min(max(following.first, low), high)
                if low < end and piece.at(end - 1) >= time_us:
                    return piece.search(time_us, low, end)
                low = end
            entry = entry[-1]
        assert type(entry) is Stretch
        return entry.search(time_us, low, high)

    # -- both ---------------------------------------------------------------------------------------------------

    @property
    def held_bytes(self) -> int:
        """Of memory in use. Any thread."""
        return self._count * ENTRY_BYTES + self._cost

    @property
    def full_bytes(self) -> int:
        """As much as ``held_bytes`` will be with chunks all over, if they are like those that there are. Any thread."""
        chunks = self._chunks
        newest = self.size * 8 + ARRAY_BYTES
        if not 0 < chunks < self._count:
            return max(self.held_bytes, self._count * ENTRY_BYTES + newest)
        return self._count * ENTRY_BYTES + newest + max(self._cost - newest, 0) * (self._count - 1) // chunks


def _piece(pieces: Pieces, index: int) -> Stretch:
    for piece in reversed(pieces):
        if piece.first <= index:
            return piece
    return pieces[0]


def _cost(entry: Entry) -> int:
    """Bytes; a stretch is shared by many chunks."""
    if type(entry) is array:
        return len(entry) * 8 + ARRAY_BYTES
    return len(entry) * STRETCH_BYTES if type(entry) is tuple else 0
