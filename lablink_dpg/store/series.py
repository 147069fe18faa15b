"""One acquisition in memory: its ring, where its line breaks, what was received and what was lost.

Index i of the ring is the server's sample i - base of the present epoch. Windows overlap, so what is new is computed
from ``total_samples`` and taken from the end: counting is exact where comparing timestamps, which may repeat, is not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState, DataWindow, Int64Array
from lablink_dpg.store.breaks import MAX_BREAKS, Break, BreakKind
from lablink_dpg.store.counters import Counters, Epoch, Ingest, RateMeter
from lablink_dpg.store.numbering import Bracket, Newest, hole_in, position_of
from lablink_dpg.store.ring import Ring
from lablink_dpg.store.timebase import ServerClock, Timebase

PAUSE_PERIODS = 20  # a step of this many sample periods breaks the line …
PAUSE_MIN_US = 200_000  # … if it is also longer than the hiccups of a server that reads instruments one by one
PAUSE_UNKNOWN_RATE_US = 5_000_000  # where the server does not say its sample rate


class Series:
    """Written by the network thread only; the display reads ``ring``, ``breaks``, ``counters`` and ``revision``."""

    def __init__(self, info: AcquisitionInfo, server: str, capacity: int, clock: ServerClock) -> None:
        self.info = info  # frozen, replaced whole by the writer
        self.server = server
        self.ring = Ring(len(info.channels), capacity)  # replaced whole when the channels change
        self.channels = info.channels  # of the ring; replaced together with it
        self.breaks: tuple[Break, ...] = ()  # ascending, replaced whole by the writer
        self.revision = 0  # raised by the writer after samples that were already readable have changed
        self.counters = Counters()  # frozen, replaced whole by the writer
        self.epochs: tuple[Epoch, ...] = ()  # ascending by start, replaced whole by the writer
        self.rate = RateMeter()
        self.bracket: Bracket | None = None  # not None while the sample numbers are only known within bounds
        self.total = 0  # server's count of samples at the end of the ring
        self._capacity = capacity
        self._timebase = Timebase(clock)
        self._sent_channels = info.channels  # of the newest message; the ring keeps those of earlier ones too
        self._newest = Newest()

    # -- numbered samples: WebSocket ----------------------------------------------------------------------------

    def ingest(self, block: AcquisitionBlock, arrival_us: int) -> Ingest:
        """Store the new samples of a message. Net thread only.

        ``block`` holds at least what is new since ``total``; all of its window after a restart.
        """
        is_live = block.state is AcquisitionState.ACQUIRING
        if block.state is not self.info.state:
            self.info = replace(self.info, state=block.state)
        n = block.times_us.shape[0]
        if block.total_samples == self.total and self.epochs and self.bracket is None:
            return self._count(0, block.count, 0)
        if n == 0:
            return Ingest()
        if not self.epochs:
            return self._begin(block, arrival_us, is_live)
        if self.bracket is not None:
            self._settle_numbers(block)
        if block.total_samples < self.total:
            return self._restart(block, arrival_us, is_live)
        if block.channels != self._sent_channels:
            self._change_channels(block.channels, int(block.times_us[0]))
        step = block.total_samples - self.total
        new = min(n, step)
        lost = step - new
        times = block.times_us[n - new :]
        values = self._in_order(block.channels, block.values[:, n - new :])
        self._append(times, values, lost, arrival_us, is_live)
        self.total = block.total_samples
        return self._count(new, block.count - new, lost)

    def _begin(self, block: AcquisitionBlock, arrival_us: int, is_live: bool) -> Ingest:
        """The first samples: those before them are not lost, they were before our time."""
        if block.channels != self.channels:
            self.ring, self.channels = Ring(len(block.channels), self._capacity), block.channels
        self._sent_channels = block.channels
        n = block.times_us.shape[0]
        self.epochs = (Epoch(start=0, base=n - block.total_samples),)
        self._append(block.times_us, block.values, 0, arrival_us, is_live)
        self.total = block.total_samples
        return self._count(n, block.count - n, 0)

    def _restart(self, block: AcquisitionBlock, arrival_us: int, is_live: bool) -> Ingest:
        """``total_samples`` fell: a new epoch. What the server counted before this window was never sent: lost."""
        if block.channels != self._sent_channels:
            self._change_channels(block.channels, int(block.times_us[0]))
        n = block.times_us.shape[0]
        lost = block.total_samples - n
        head = self.ring.head
        self._add_break(Break(head, head, BreakKind.RESTART, None, int(block.times_us[0])))
        self.epochs = (*self.epochs[-MAX_BREAKS:], Epoch(start=head, base=head))
        self._newest = Newest()
        self._append(block.times_us, self._in_order(block.channels, block.values), lost, arrival_us, is_live)
        self.total = block.total_samples
        return self._count(n, block.count - n, lost, is_restart=True)

    # -- samples without numbers: REST --------------------------------------------------------------------------

    def ingest_polled(self, window: DataWindow, total_low: int, total_high: int, arrival_us: int) -> Ingest:
        """Store what is new in an answer of REST. Net thread only.

        The answer does not say its sample numbers. They follow from the newest timestamp already stored; without one
        they are only known to lie within the counts read just before and just after, and narrowed down poll by poll.
        """
        n = window.times_us.shape[0]
        if n == 0:
            return Ingest()
        is_live = self.info.state is AcquisitionState.ACQUIRING
        at = position_of(self._newest, window.times_us) if self.epochs else None
        if at is not None and total_high >= self.total and window.channels == self._sent_channels:
            new = n - at - 1
            if new:
                values = self._in_order(window.channels, window.values[:, at + 1 :])
                self._append(window.times_us[at + 1 :], values, 0, arrival_us, is_live)
                self.total += new
            if self.bracket is not None:
                self._narrow(total_low, total_high)
            return self._count(new, at + 1, 0)
        total = max(total_low, n)
        self.bracket = None
        if self.epochs and total_high >= self.total:
            # Nothing in common with what is stored: a hole of a size known only within bounds.
            total = max(total, self.total + n)
        block = AcquisitionBlock(
            window.acquisition_id, self.info.state, total, n, window.times_us, window.channels, window.values
        )
        out = self.ingest(block, arrival_us)
        self.bracket = Bracket(total_low - self.total, total_high - self.total)
        self._narrow(total_low, total_high)
        return out

    def _narrow(self, total_low: int, total_high: int) -> None:
        """Two polls bound the true count; a hundred leave one possibility, which is then the number."""
        assert self.bracket is not None
        self.bracket = self.bracket.narrowed(total_low - self.total, total_high - self.total)
        if self.bracket.is_exact:
            self._renumber(self.bracket.low)

    def _settle_numbers(self, block: AcquisitionBlock) -> None:
        """A numbered message while the numbers are bounds only: find our newest sample in it, by its timestamp."""
        at = position_of(self._newest, block.times_us)
        if at is not None:
            n = block.times_us.shape[0]
            self._renumber(block.total_samples - (n - 1 - at) - self.total)
        self.bracket = None

    def _renumber(self, offset: int) -> None:
        self.total += offset
        last = self.epochs[-1]
        self.epochs = (*self.epochs[:-1], Epoch(last.start, last.base - offset))
        self.bracket = None

    def backfill(self, window: DataWindow) -> int:
        """Fill known holes from REST data, matched by the timestamps beside each hole. Net thread only.

        Returns samples a channel filled. A hole that does not fit exactly is left as it is: better missing than wrong.
        """
        if window.channels != self._sent_channels:
            return 0
        filled = 0
        for item in self.breaks:
            if item.kind is BreakKind.LOST and item.missing:
                filled += self._fill(item, window)
        if filled:
            channels = len(self._sent_channels)
            self.counters = self.counters.plus(backfilled=filled * channels, lost=-filled * channels)
            self.revision += 1
        return filled

    def _fill(self, item: Break, window: DataWindow) -> int:
        found = hole_in(window.times_us, item.before_naive_us, item.after_naive_us, item.missing)
        if found is None:
            return 0
        first, last = found
        start = item.stop - (last - first)
        low = self.ring.time_at(item.start - 1) if item.start > self.ring.oldest else None
        high = self.ring.time_at(item.stop)
        times = np.clip(window.times_us[first:last] + self._timebase.shift_us, low, high)
        values = self._in_order(window.channels, window.values[:, first:last])
        self.ring.overwrite(start, np.maximum.accumulate(times), values)
        rest = (
            ()
            if start == item.start
            else (Break(item.start, start, item.kind, item.before_naive_us, int(window.times_us[first])),)
        )
        self.breaks = tuple(new for old in self.breaks for new in (rest if old is item else (old,)))
        return last - first

    # -- shared -------------------------------------------------------------------------------------------------

    def _append(self, naive_us: Int64Array, values: np.ndarray, lost: int, arrival_us: int, is_live: bool) -> None:
        previous_us = self._timebase.last_us
        times, _ = self._timebase.place(naive_us, arrival_us, is_live=is_live)
        head = self.ring.head
        first_us = int(times[0])
        if lost:
            # A hole at the very beginning of an epoch has no neighbour before it in time to spread from.
            before_us = previous_us if previous_us is not None else first_us
            self._add_break(Break(head, head + lost, BreakKind.LOST, self._newest.naive_us, int(naive_us[0])))
            self.ring.append_missing(lost, before_us, first_us)
        elif previous_us is not None and self._newest.naive_us is not None and self._is_pause(first_us - previous_us):
            self._add_break(Break(head, head, BreakKind.PAUSE, self._newest.naive_us, int(naive_us[0])))
        self.ring.append(times, values)
        self._newest = self._newest.followed_by(naive_us)
        self.rate.add(times.shape[0], arrival_us)

    def _is_pause(self, step_us: int) -> bool:
        if self.info.sample_rate_hz <= 0:
            return step_us > PAUSE_UNKNOWN_RATE_US
        return step_us > max(PAUSE_MIN_US, PAUSE_PERIODS * 1e6 / self.info.sample_rate_hz)

    def _add_break(self, item: Break) -> None:
        oldest = self.ring.oldest
        self.breaks = (*(old for old in self.breaks[1 - MAX_BREAKS :] if old.stop > oldest), item)

    def _change_channels(self, channels: tuple[str, ...], naive_us: int) -> None:
        """Go on in a ring with the new channels too; what the old one held stays visible, NaN where it has none."""
        self._sent_channels = channels
        merged = (*self.channels, *(name for name in channels if name not in self.channels))
        if merged != self.channels:
            old = self.ring
            ring = Ring(len(merged), self._capacity)
            ring.claim = ring.head = old.oldest
            values = np.full((len(merged), old.head - old.oldest), np.nan)
            values[: old.channels] = old.read(old.oldest, old.head)
            ring.pyramid.skip_to(old.oldest)
            ring.append(old.read_times(old.oldest, old.head), values)
            self.ring, self.channels = ring, merged
            self.revision += 1
        self._add_break(Break(self.ring.head, self.ring.head, BreakKind.RESTART, None, naive_us))

    def _in_order(self, channels: tuple[str, ...], values: np.ndarray) -> np.ndarray:
        """``values`` in the order of the ring's channels, NaN for a channel that did not come."""
        if channels == self.channels:
            return values
        out = np.full((len(self.channels), values.shape[1]), np.nan)
        for row, name in enumerate(channels):
            out[self.channels.index(name)] = values[row]
        return out

    def _count(self, new: int, overlap: int, lost: int, *, is_restart: bool = False) -> Ingest:
        channels = len(self._sent_channels)
        self.counters = self.counters.plus(
            received=new * channels, overlap_dropped=overlap * channels, lost=lost * channels
        )
        return Ingest(new, overlap, lost, is_restart)
