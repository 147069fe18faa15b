"""Puts stamps into ``Times``: gathers them in chunks, and finds out of each chunk whether it lies on a line.

What comes decides, chunk by chunk, so that stamps without any order cost little more than an array of them. A chunk's
array is never used for another chunk while its samples are in the ring, because a reader may still hold it although the
chunk is a stretch by now.
"""

from __future__ import annotations

from array import array

import numpy as np

from lablink_dpg.model.acquisition import Int64Array
from lablink_dpg.store.fitting import BEND_US, LEAST_US, MAX_PIECES, Pieces, divide
from lablink_dpg.store.stretch import MAX_CHUNK, Stretch
from lablink_dpg.store.times import Entry, Times, cost_of

EMPTY = array("q", bytes(8 * MAX_CHUNK))  # to be copied: quicker than to make one


class TimesWriter:
    """Belongs to the ring's writer."""

    def __init__(self, times: Times) -> None:
        self._times = times
        self._stop = 0  # samples that were put here
        self._first = 0  # of the newest chunk's samples, as far as they were put here
        self._stamps = EMPTY  # of the newest chunk
        self._newest: Int64Array = np.empty(0, np.int64)  # the same
        self._last: Stretch | None = None  # on which the newest complete chunk ended
        self._source: Times | None = None

    def take_over(self, source: Times | None) -> None:
        """What is put here until ``take_over(None)`` was read from ``source``; it stays exactly that."""
        if source is not None:
            self._times.patched_to = source.patched_to + self._times.size
        self._source = source

    def put(self, start: int, times_us: Int64Array) -> None:
        """Stamps of samples ``start`` and on, new ones or instead of others."""
        n: int = times_us.shape[0]
        size = self._times.size
        offset = start & self._times.mask
        if start == self._stop and 0 < offset < size - n:
            self._newest[offset : offset + n] = times_us
            self._stop = start + n
            return
        if start < self._stop:
            self._replace(start, times_us)
            return
        if n == 0:
            return
        if start > self._stop:  # what lies between has left the ring at once
            self._first = start
            self._last = None
        self._stop = start + n
        at = 0
        while at < n:
            offset = (start + at) & self._times.mask
            if offset == 0 and n - at >= size and (count := self._go_on(start + at, times_us[at : at + MAX_CHUNK])):
                at += count
                continue
            if offset == 0 or self._first == start + at:
                self._open(start + at)
            count = min(n - at, size - offset)
            self._newest[offset : offset + count] = times_us[at : at + count]
            at += count
            if offset + count == size:
                self._complete()

    def _go_on(self, index: int, times_us: Int64Array) -> int:
        """How many stamps are in whole chunks on the same stretch as those before: they need not be gathered."""
        times, last = self._times, self._last
        count: int = times_us.shape[0] & ~times.mask
        if last is None or self._source is not None or times.at(index - 1) > last.at(index):
            return 0
        if last.covers(times_us[:count], index, is_exact=not last.is_rounded) < count:
            return 0
        for chunk in range(index >> times.shift, (index + count) >> times.shift):
            self._enter(chunk, last)
        times.complete += count >> times.shift
        return count

    def _open(self, index: int) -> None:
        times = self._times
        chunk = index >> times.shift
        left = times.entries[chunk % times.count]  # every sample of it has left the ring
        stamps = left if type(left) is array else EMPTY[: times.size]
        self._first, self._stamps, self._newest = index, stamps, np.frombuffer(stamps, np.int64)
        if stamps is not left:
            self._enter(chunk, stamps)

    def _enter(self, chunk: int, entry: Entry) -> None:
        times = self._times
        slot = chunk % times.count
        left, after, before = (times.entries[(slot + step) % times.count] for step in (0, 1, -1))
        times.cost += (entry is not before) * cost_of(entry) - (left is not after) * cost_of(left)
        times.entries[slot] = entry

    def _complete(self) -> None:
        times, first, stamps = self._times, self._first, self._stamps
        offset = first & times.mask
        times.complete += 1
        # What most irregular stamps show at once, where nothing else is expected.
        if self._last is None and offset == 0 and abs(stamps[2] - 2 * stamps[1] + stamps[0]) > BEND_US:
            return
        # Where nothing was before, this is what nothing holds: no harm, for it can only be too late.
        least_us = times.at(first - 1) if first else LEAST_US
        source = self._source
        known = self._known if source is None else source.stretch_of
        # After stamps without order one attempt is enough: each costs as much as storing a chunk.
        most = 1 if self._last is None and first else MAX_PIECES
        pieces = divide(self._newest[offset:], first, known, least_us, is_exact=source is not None, most=most)
        self._last = None
        if pieces is not None:
            self._last = pieces[-1]
            self._enter(first >> times.shift, _entry(pieces))

    def _known(self, index: int) -> Stretch | None:
        """What most often goes on with the newest chunk."""
        return self._last if index == self._first else None

    def _replace(self, start: int, times_us: Int64Array) -> None:
        times = self._times
        n, at = times_us.shape[0], 0
        while at < n:
            chunk, offset = (start + at) >> times.shift, (start + at) & times.mask
            count = min(n - at, times.size - offset)
            new = times_us[at : at + count]
            at += count
            if chunk == self._stop >> times.shift:  # incomplete
                self._newest[offset : offset + count] = new
                continue
            first = chunk << times.shift
            stamps = array("q", times.read(first, first + times.size).tobytes())
            changed = np.frombuffer(stamps, np.int64)
            changed[offset : offset + count] = new
            pieces = divide(changed, first, _nothing, LEAST_US, is_exact=True)
            times.patched_to = max(times.patched_to, first + times.size)
            self._enter(chunk, stamps if pieces is None else _entry(pieces))


def _entry(pieces: Pieces) -> Entry:
    return pieces[0] if len(pieces) == 1 else pieces


def _nothing(_index: int) -> None:
    return None
