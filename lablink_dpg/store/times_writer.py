"""Puts stamps into ``Times``: gathers them in chunks, and finds out of each chunk whether it lies on a line.

Long blocks that go on as those before are not even gathered.

What comes decides, chunk by chunk, so that stamps without any order cost little more than an array of them. A chunk's
array is never used for another chunk while its samples are in the ring, because a reader may still hold it although the
chunk is a stretch by now.
"""

from __future__ import annotations

from array import array

import numpy as np

from lablink_dpg.model.acquisition import Int64Array, TimesUs
from lablink_dpg.model.even import EvenTimes
from lablink_dpg.store.fitting import BEND_US, LEAST_US, MAX_PIECES, MAX_REFITS, Pieces, divide
from lablink_dpg.store.stretch import MAX_CHUNK, Stretch
from lablink_dpg.store.times import Entry, Times, cost_of

LONG = 1000  # samples of a block: to gather so many costs more than to look whether they go on as those before
EXACT_PIECES = 3  # a pause or two among the stamps of a chunk; more, and it is how a server rounds
PART = 1024  # stamps compared at a time: what that takes stays in the processor's first cache
EMPTY = array("q", bytes(8 * MAX_CHUNK))  # to be copied: quicker than to make one


class TimesWriter:
    """Belongs to the ring's writer."""

    def __init__(self, times: Times) -> None:
        self._times = times
        self._stop = 0  # samples that were put here
        self._first = 0  # of the newest chunk's samples, as far as they were put here
        self._is_gathered = False  # the newest chunk is an array that is not complete, no stretch
        self._stamps = EMPTY  # that array
        self._newest: Int64Array = np.empty(0, np.int64)  # the same
        self._last: Stretch | None = None  # on which the newest complete chunk ended
        self._source: Times | None = None

    def take_over(self, source: Times | None) -> None:
        """What is put here until ``take_over(None)`` was read from ``source``; it stays exactly that."""
        if source is not None:
            self._times.patched_to = source.patched_to + self._times.size
        self._source = source

    def put(self, start: int, times_us: TimesUs, *, is_even: bool = False) -> None:
        """Stamps of samples ``start`` and on, new ones or instead of others; ``is_even``: known to rise evenly."""
        n: int = times_us.shape[0]
        size = self._times.size
        offset = start & self._times.mask
        if self._is_gathered and start == self._stop and 0 < offset < size - n:
            self._newest[offset : offset + n] = np.asarray(times_us)
            self._stop = start + n
            return
        if start < self._stop:
            self._replace(start, np.asarray(times_us))
            return
        if n == 0:
            return
        if start > self._stop:  # what lies between has left the ring at once
            self._last = None
            self._open(start)
        elif not (offset and self._is_gathered):
            if self._may_go_on(times_us) and self._go_on(start, times_us, is_even=is_even):
                self._stop = start + n
                return
            self._open(start)
        self._stop = start + n
        at = 0
        while at < n:
            offset = (start + at) & self._times.mask
            if not self._is_gathered:
                rest = times_us[at:]
                if type(rest) is EvenTimes and self._go_on(start + at, rest, is_even=True):
                    return
                self._open(start + at)
            count = min(n - at, size - offset)
            self._newest[offset : offset + count] = np.asarray(times_us[at : at + count])
            at += count
            if offset + count == size:
                self._complete()

    def _may_go_on(self, times_us: TimesUs) -> bool:
        """Whether it costs less to look than to gather them."""
        return type(times_us) is EvenTimes or times_us.shape[0] >= LONG

    def _go_on(self, index: int, times_us: TimesUs, *, is_even: bool) -> bool:
        """Whether all are on the same stretch as those before: they need not be gathered."""
        times, last, n = self._times, self._last, times_us.shape[0]
        if last is None or self._source is not None:
            return False
        if times.patched_to >= index and times.at(index - 1) > last.at(index):
            return False
        ends = times_us.item(0), times_us.item(-1)
        is_even &= last.den == 1 and ends == (last.at(index), last.at(index + n - 1))  # then so are all between
        for at in range(0, 0 if is_even else n, PART):
            part = np.asarray(times_us[at : at + PART])
            if last.covers(part, index + at, is_exact=not last.is_rounded) < part.shape[0]:
                return False
        times.complete += (index + n >> times.shift) - (index >> times.shift)
        for chunk in range(index + times.mask >> times.shift, index + n + times.mask >> times.shift):
            self._enter(chunk, last)
        self._first = max(self._first, (index + n) & ~times.mask)
        self._is_gathered = False
        return True

    def _open(self, index: int) -> None:
        """Gather stamps from sample ``index`` on, with those of its chunk that are on the stretch already."""
        times = self._times
        chunk, offset = index >> times.shift, index & times.mask
        left = times.entries[chunk % times.count]
        # What was here before has left the ring, but for a chunk that is under way.
        stamps = left if type(left) is array else EMPTY[: times.size]
        self._stamps, self._newest, self._is_gathered = stamps, np.frombuffer(stamps, np.int64), True
        if offset and index == self._stop and self._last is not None:
            self._newest[:offset] = self._last.times(index - offset, index)
        else:
            self._first = index
        if stamps is not left:
            self._enter(chunk, stamps)

    def _enter(self, chunk: int, entry: Entry) -> None:
        times = self._times
        entries, slot = times.entries, chunk % times.count
        left = entries[slot]
        if entry is not entries[slot - 1]:
            times.cost += cost_of(entry)
        if left is not entries[(chunk + 1) % times.count]:
            times.cost -= cost_of(left)
        entries[slot] = entry

    def _complete(self) -> None:
        times, first, stamps, last, source = self._times, self._first, self._stamps, self._last, self._source
        offset = first & times.mask
        times.complete += 1
        self._is_gathered = False
        # What most irregular stamps show at once, where nothing else is expected.
        if last is None and offset == 0 and abs(stamps[2] - 2 * stamps[1] + stamps[0]) > BEND_US:
            return
        # Where nothing was before, this is what nothing holds: no harm, for it can only be too late.
        least_us = times.at(first - 1) if first else LEAST_US
        known = self._known if source is None else source.stretch_of
        # After stamps without order one attempt is enough: each costs as much as storing a chunk.
        most = 1 if last is None and first else MAX_PIECES
        pieces = None
        if last is None or (not last.is_rounded and last.refits < MAX_REFITS):
            few = min(most, EXACT_PIECES) if source is None else MAX_PIECES
            pieces = divide(self._newest[offset:], first, known, least_us, is_exact=True, most=few)
        if pieces is None and source is None:
            pieces = divide(self._newest[offset:], first, known, least_us, most=most)
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
                if not self._is_gathered:
                    self._open(self._stop)
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
