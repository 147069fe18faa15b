"""The timestamps of a ring, by absolute index: a uniform timebase as lines, other stamps as they are.

They are kept in chunks. A complete chunk is the ``Stretch`` on which its samples lie, one object for any number of
chunks, or a few of them, or an array of stamps; ``times_writer`` decides. A time read from a stretch is the stamp that
came, or where a server rounds by rules of its own at most 1 µs before it; it never falls.

Who reads what is overwritten meanwhile gets some number, never an exception; the ring looks at its claim afterwards.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from lablink_dpg.model.acquisition import Int64Array
from lablink_dpg.store.fitting import Pieces
from lablink_dpg.store.stretch import MAX_CHUNK, STRETCH_BYTES, Stretch

MIN_CHUNK = 256  # samples: a smaller array costs too much beside its stamps; a quarter more for a ring of 1000 samples
CHUNKS = 192  # of a ring, or more: the newest one is then 1 % of one channel in float32
ENTRY_BYTES = 8  # a chunk's place in the list
ARRAY_BYTES = 96  # of a chunk beside its stamps, as the interpreter keeps it

Entry: TypeAlias = "Stretch | Pieces | array[int]"
NOTHING = Stretch(0, 0, 0, 1)  # before the first sample


class Times:
    """One reader, and a ``TimesWriter``; guarded by the ring to which both belong."""

    def __init__(self, capacity: int) -> None:
        size = MIN_CHUNK
        while size < MAX_CHUNK and 2 * size * CHUNKS <= capacity:
            size *= 2
        self.size = size
        self.shift, self.mask = size.bit_length() - 1, size - 1
        self.count = -(-capacity // size) + 1  # the oldest chunk and the newest one are both incomplete
        self.entries: list[Entry] = [NOTHING] * self.count  # of chunk i in place i % count; replaced by the writer only
        self.patched_to = 0  # index: from here on a stretch that is in two chunks is in all between them
        self.cost = 0  # bytes of all chunks
        self.complete = 0  # chunks so far

    def stretch_of(self, index: int) -> Stretch | None:
        """On which a sample lies, if it lies on one."""
        entry = self.entries[(index >> self.shift) % self.count]
        if type(entry) is Stretch:
            return entry
        return _piece(entry, index) if type(entry) is tuple else None

    def at(self, index: int) -> int:
        """Of one sample. A plain number, without a call of numpy: a frame asks for a few of each stream."""
        entry = self.entries[(index >> self.shift) % self.count]
        if type(entry) is array:
            return entry[index & self.mask]
        if type(entry) is tuple:
            entry = _piece(entry, index)
        assert type(entry) is Stretch
        return (entry.base + (index - entry.first) * entry.num) // entry.den

    def at_each(self, start: int, offsets: list[int]) -> list[int]:
        """Of the samples ``start`` + each of ``offsets``, which ascend."""
        shift, last = self.shift, start + offsets[-1]
        entry = self.entries[(start >> shift) % self.count]
        if start >> shift == last >> shift:
            if type(entry) is array:
                origin = start & self.mask
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
        entries, count, shift, mask = self.entries, self.count, self.shift, self.mask
        at = start
        while at < stop:
            entry = entries[(at >> shift) % count]
            if type(entry) is Stretch:
                end = min(self._end_of(entry, at, stop), stop)
                parts.append(entry.times(at, end, step))
                at += -(-(end - at) // step) * step
                continue
            stamps = array("q")
            while at < stop and type(entry) is not Stretch:
                end = min((at | mask) + 1, stop)
                if type(entry) is array:
                    first = at & mask
                    stamps += entry[first : first + end - at : step]
                else:
                    stamps.extend([self.at(index) for index in range(at, end, step)])
                at += (end - at + step - 1) // step * step
                entry = entries[(at >> shift) % count]
            parts.append(np.frombuffer(stamps, np.int64))
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def _end_of(self, stretch: Stretch, index: int, stop: int) -> int:
        """Where the chunks end that are all on ``stretch``: that of ``index`` and those after it, up to ``stop``."""
        entries, count, shift = self.entries, self.count, self.shift
        low, high = index >> shift, (stop - 1) >> shift
        if low << shift < self.patched_to:
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

    def search(self, time_us: int, low: int, high: int, near: int) -> int:
        """The first of samples low..high-1 not older than ``time_us``; ``high`` if there is none. low < high.

        ``near`` is a guess, one of them. Never raises, whatever is overwritten meanwhile.
        """
        entries, count, shift, at = self.entries, self.count, self.shift, self.at
        entry = entries[(near >> shift) % count]
        if type(entry) is not Stretch:  # such as the newest chunk: the one before it may tell where to look
            entry = entries[((near >> shift) - 1) % count]
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
        entry = self.entries[chunk % self.count]
        if type(entry) is array:
            origin = chunk << self.shift
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

    @property
    def held_bytes(self) -> int:
        """Of memory in use. Any thread."""
        return self.count * ENTRY_BYTES + self.cost

    @property
    def full_bytes(self) -> int:
        """As much as ``held_bytes`` will be with chunks all over, if they are like those that there are. Any thread."""
        chunks = self.complete
        newest = self.size * 8 + ARRAY_BYTES
        if not 0 < chunks < self.count:
            return max(self.held_bytes, self.count * ENTRY_BYTES + newest)
        return self.count * ENTRY_BYTES + newest + max(self.cost - newest, 0) * (self.count - 1) // chunks


def _piece(pieces: Pieces, index: int) -> Stretch:
    for piece in reversed(pieces):
        if piece.first <= index:
            return piece
    return pieces[0]


def cost_of(entry: Entry) -> int:
    """Bytes; a stretch that many chunks share is counted by its first and last one."""
    if type(entry) is array:
        return len(entry) * 8 + ARRAY_BYTES
    if entry is NOTHING:
        return 0
    return (len(entry) if type(entry) is tuple else 1) * STRETCH_BYTES
