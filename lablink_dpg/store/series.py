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
from lablink_dpg.store.numbering import Bracket, Newest, end_of_hole, position_of
from lablink_dpg.store.ring import Ring
from lablink_dpg.store.timebase import ZONE_STEP_US, ServerClock, Timebase

PAUSE_PERIODS = 20  # a step of this many sample periods breaks the line …
PAUSE_MIN_US = 200_000  # … if it is also longer than the hiccups of a server that reads instruments one by one
PAUSE_UNKNOWN_RATE_US = 5_000_000  # where the server does not say its sample rate

# WebSocket and REST overtake each other: what ends before our newest sample is late, not a restart. More than this
# cannot be the network; it is a restart of a server whose clock was set back.
LATE_US = 60_000_000


class Series:
    """Written by the network thread only; the display reads ``ring``, ``breaks``, ``counters`` and ``revision``."""

    def __init__(self, info: AcquisitionInfo, server: str, capacity: int, clock: ServerClock) -> None:
        self.info = info  # frozen, replaced whole by the writer
        self.server = server
        self.ring = Ring(len(info.channels), capacity)  # replaced whole when the channels change
        self.channels = info.channels  # of the ring; replaced just after it
        self.breaks: tuple[Break, ...] = ()  # ascending, replaced whole by the writer
        self.revision = 0  # raised by the writer after samples that were already readable have changed
        self.counters = Counters()  # frozen, replaced whole by the writer
        self.epochs: tuple[Epoch, ...] = ()  # ascending by start, replaced whole by the writer
        self.rate = RateMeter()
        self.bracket: Bracket | None = None  # not None while the last epoch's numbers are only known within bounds
        self.total = 0  # server's count of samples at the end of the ring; the least it can be while bracketed
        self._capacity = capacity
        self._timebase = Timebase(clock)
        self._sent_channels = info.channels  # of this run of the server; the ring keeps those of earlier ones too
        self._run_from = 0  # index where this run began: older holes are no longer in the server's buffer
        self._run_from_us: int | None = None  # server's timestamp there; None for the first run
        self._newest = Newest()
        self._is_other_run = False  # the server says that what comes now was counted from 0, whatever its count
        self._is_loss_estimated = False  # the hole before the bracketed epoch grows with its numbers

    def describe(self, info: AcquisitionInfo, server: str) -> bool:
        """Renew what is known; whether the server has begun another run under the same id. Net thread only."""
        known = self.info.created_at
        self._is_other_run |= bool(self.epochs and known and info.created_at and info.created_at != known)
        self.info, self.server = info, server
        return self._is_other_run

    # -- numbered samples: WebSocket ----------------------------------------------------------------------------

    def ingest(self, block: AcquisitionBlock, arrival_us: int) -> Ingest:
        """Store the new samples of a message. Net thread only.

        ``block`` holds at least what is new since ``total``; all of its window after a restart.
        """
        if block.state is not self.info.state:
            self.info = replace(self.info, state=block.state)
        n = block.times_us.shape[0]
        if self._is_other_run and n:
            return self._restart(block, arrival_us)
        if block.total_samples == self.total and self.epochs and self.bracket is None:
            return self._count(0, block.count, 0)
        if n == 0:
            return Ingest()
        if not self.epochs:
            return self._begin(block, arrival_us)
        if self.bracket is not None:
            at = position_of(self._newest, block.times_us)
            if at is None:
                return self._ingest_unplaced(block, arrival_us)
            self._renumber(block.total_samples - (n - 1 - at) - self.total)
        step = block.total_samples - self.total
        if step < 0 and not self._is_late(block.times_us):
            return self._restart(block, arrival_us)
        if step <= 0 or self._is_of_earlier_run(block.times_us):
            return self._count(0, block.count, 0)
        new = min(n, step)
        return self._take(block, new, step - new, arrival_us)

    def _begin(self, block: AcquisitionBlock, arrival_us: int, *, is_exact: bool = True) -> Ingest:
        """The first samples: those before them are not lost, they were before our time."""
        if block.channels != self.channels:
            self.ring, self.channels = Ring(len(block.channels), self._capacity), block.channels
        self._sent_channels = block.channels
        new = min(block.times_us.shape[0], block.total_samples)
        if new <= 0:
            return Ingest()
        self._open_epoch(block.total_samples - new, is_exact=is_exact)
        return self._take(block, new, 0, arrival_us)

    def _restart(self, block: AcquisitionBlock, arrival_us: int, *, is_exact: bool = True) -> Ingest:
        """Another run: a new epoch. What the server counted before this window was never sent: lost."""
        self._is_other_run = False
        self.bracket = None
        self._widen(block.channels)
        self._sent_channels = block.channels
        head = self.ring.head
        self._run_from, self._run_from_us = head, block.times_us.item(0)
        self._add_break(Break(head, head, BreakKind.RESTART, None, self._run_from_us))
        self._open_epoch(0, is_exact=is_exact)
        self._newest = Newest()
        # A window can be longer than the count where the server's buffer outlives the run that filled it.
        new = min(block.times_us.shape[0], block.total_samples)
        self.total = 0
        if new <= 0:
            return Ingest(is_restart=True)
        return replace(self._take(block, new, block.total_samples - new, arrival_us), is_restart=True)

    def _ingest_unplaced(self, block: AcquisitionBlock, arrival_us: int) -> Ingest:
        """A numbered message while our numbers are bounds only, and our newest sample is not for certain in it.

        What is stored keeps its uncertain numbers for good; what comes now begins an epoch that has exact ones.
        """
        assert self.bracket is not None
        if self._is_late(block.times_us):
            return self._count(0, block.count, 0)
        n = block.times_us.shape[0]
        same = np.flatnonzero(block.times_us == self._newest.naive_us)
        new = n - 1 - int(same[-1]) if same.shape[0] else n  # after all that may be ours
        if new == 0:
            return self._count(0, block.count, 0)
        self._renumber(self.bracket.low, is_exact=False)
        lost = block.total_samples - new - self.total
        if lost < 0:  # our newest sample would have to be in it
            return self._restart(block, arrival_us)
        self._open_epoch(block.total_samples - new - lost)
        return self._take(block, new, lost, arrival_us)

    # -- samples without numbers: REST --------------------------------------------------------------------------

    def ingest_polled(
        self, window: DataWindow, total_low: int, total_high: int, arrival_us: int, requested: int = 0
    ) -> Ingest:
        """Store what is new in an answer of REST. Net thread only.

        The answer does not say its sample numbers. They follow from the newest timestamp already stored; without one
        they are only known to lie within the counts read just before and just after, and narrowed down poll by poll.
        An answer shorter than ``requested``, and than the server's buffer, holds the run from its first sample on.
        """
        n = window.times_us.shape[0]
        low = max(total_low, n)
        if n < min(requested, self.info.buffer_size) and total_low <= n <= total_high:
            low = total_high = n
        if n == 0 or low > total_high:
            return Ingest()  # restarted between the calls: nothing says to which run the samples belong
        block = AcquisitionBlock(
            window.acquisition_id, self.info.state, low, n, window.times_us, window.channels, window.values
        )
        if low == total_high:
            return self.ingest(block, arrival_us)
        if self._is_other_run:
            return self._bracketed(self._restart(block, arrival_us, is_exact=False), total_high, is_loss_estimated=True)
        if not self.epochs:
            out = self._begin(block, arrival_us, is_exact=False)
            return self._bracketed(out, total_high, is_loss_estimated=False)
        least = self.total + (self.bracket.low if self.bracket is not None else 0)
        at = position_of(self._newest, window.times_us)
        if at is not None and total_high >= least:
            new = n - at - 1
            out = self._take(replace(block, total_samples=self.total + new), new, 0, arrival_us)
            if self.bracket is not None:
                self._narrow(self.bracket.narrowed(low - self.total, total_high - self.total))
            return out
        if at is not None or self._is_late(window.times_us) or np.any(window.times_us == self._newest.naive_us):
            return self._count(0, n, 0)  # not certain where it goes on: the next answer will tell
        if total_high < least + n:  # fewer than ours and these together: counted anew
            out = self._restart(block, arrival_us, is_exact=False)
        elif low < least + n:
            return self._count(0, n, 0)  # may be either: the next answer will tell
        else:
            out = self._ingest_beyond_hole(block, low - n - least, arrival_us)
        return self._bracketed(out, total_high, is_loss_estimated=True)

    def _ingest_beyond_hole(self, block: AcquisitionBlock, lost: int, arrival_us: int) -> Ingest:
        """Nothing in common with what is stored: a hole of a size known only within bounds, taken as small as can be.

        The epoch before it keeps its numbers, whatever this one's turn out to be.
        """
        if self.bracket is not None:
            self._renumber(self.bracket.low, is_exact=False)
        if lost == 0:  # perhaps; the line breaks all the same
            head = self.ring.head
            self._add_break(Break(head, head, BreakKind.LOST, None, block.times_us.item(0)))
        self._open_epoch(self.total, is_exact=False)
        self._newest = Newest()  # the stamp before a hole of unknown size does not help to fill it
        return self._take(block, block.count, lost, arrival_us)

    def _bracketed(self, out: Ingest, total_high: int, *, is_loss_estimated: bool) -> Ingest:
        self._is_loss_estimated = is_loss_estimated
        self._narrow(Bracket(0, total_high - self.total))
        return out

    def _narrow(self, bracket: Bracket) -> None:
        """Two polls bound the true count; a hundred leave one possibility, which is then the number."""
        self.bracket = bracket
        if bracket.is_exact:
            self._renumber(bracket.low)

    def _renumber(self, offset: int, *, is_exact: bool = True) -> None:
        """The samples of the last epoch are ``offset`` further than assumed, and so many more were lost before it."""
        self.total += offset
        last = self.epochs[-1]
        self.epochs = (*self.epochs[:-1], replace(last, base=last.base - offset, is_exact=is_exact))
        self.bracket = None
        if self._is_loss_estimated and offset:
            self.counters = self.counters.plus(lost=offset * len(self._sent_channels))

    # -- holes --------------------------------------------------------------------------------------------------

    def lost_ranges(self) -> tuple[tuple[int, int], ...]:
        """Server sample numbers [start, stop) that are missing, still in the ring and of this run. Net thread only."""
        oldest = self.ring.oldest
        out = []
        for item in self.breaks:
            if self._is_open(item, oldest):
                base = next(epoch.base for epoch in reversed(self.epochs) if epoch.start <= item.start)
                out.append((item.start - base, item.stop - base))
        return tuple(out)

    def _is_open(self, item: Break, oldest: int) -> bool:
        return item.kind is BreakKind.LOST and item.start >= self._run_from and item.stop > max(oldest, item.start)

    def backfill(self, window: DataWindow) -> int:
        """Fill known holes from REST data. Net thread only.

        Returns samples a channel filled. A hole whose place is not certain is left as it is: better missing than wrong.
        """
        if not self.epochs or set(window.channels) != set(self._sent_channels):
            return 0
        at = position_of(self._newest, window.times_us)
        oldest = self.ring.oldest
        filled = 0
        for item in self.breaks:
            if self._is_open(item, oldest):
                filled += self._fill(item, window, at)
        if filled:
            channels = len(self._sent_channels)
            self.counters = self.counters.plus(backfilled=filled * channels, lost=-filled * channels)
            self.revision += 1
        return filled

    def _fill(self, item: Break, window: DataWindow, at: int | None) -> int:
        """``at`` is where our newest sample is in the window: counting from it is exact also where stamps repeat."""
        if at is not None and item.start >= self.epochs[-1].start:
            last: int | None = at - (self.ring.head - 1 - item.stop)
        else:
            last = end_of_hole(window.times_us, item.before_naive_us, item.after_naive_us, item.missing)
        if last is None or last <= 0:
            return 0
        values = self._in_order(window.channels, window.values[:, : last + 1])
        neighbour = self.ring.read(item.stop, item.stop + 1)[:, 0]
        if window.times_us.item(last) != item.after_naive_us or not np.array_equal(
            values[:, last], neighbour, equal_nan=True
        ):
            return 0
        first = max(0, last - item.missing)
        start = max(item.stop - (last - first), self.ring.oldest)
        first = last - (item.stop - start)
        # The neighbour tells how the timestamps of that time lie on the axis; the clock may have jumped since.
        high = self.ring.time_at(item.stop)
        low = self.ring.time_at(item.start - 1) if item.start > self.ring.oldest else None
        times = np.clip(window.times_us[first:last] + (high - item.after_naive_us), low, high)
        times = np.maximum.accumulate(times)
        filled = self.ring.overwrite(start, times, values[:, first:last])
        if low is not None:
            self.ring.spread(item.start, start, low, times.item(0))
        rest = replace(item, stop=start, after_naive_us=window.times_us.item(first))
        self.breaks = tuple(
            new for old in self.breaks for new in ((old,) if old is not item else (rest,) if rest.missing else ())
        )
        return filled

    @property
    def newest_us(self) -> int | None:
        """Axis time of the newest sample; None before the first. Any thread."""
        return self._timebase.last_us

    # -- shared -------------------------------------------------------------------------------------------------

    def _take(self, block: AcquisitionBlock, new: int, lost: int, arrival_us: int) -> Ingest:
        """Store the newest ``new`` samples of ``block``, after ``lost`` missing ones."""
        if new == 0:
            return self._count(0, block.count, 0)
        n = block.times_us.shape[0]
        if block.channels != self._sent_channels and not set(block.channels) <= set(self._sent_channels):
            self._widen(block.channels)
            self._sent_channels = tuple(dict.fromkeys((*self._sent_channels, *block.channels)))
            head = self._run_from = self.ring.head
            self._add_break(Break(head, head, BreakKind.RESTART, None, block.times_us.item(n - new)))
        self._append(
            block.times_us[n - new :], self._in_order(block.channels, block.values[:, n - new :]), lost, arrival_us
        )
        self.total = block.total_samples
        # A channel of this run that the message does not carry is missing for good: REST fills holes of all channels.
        absent = new * (len(self._sent_channels) - len(block.channels))
        if absent:
            self.counters = self.counters.plus(received=-absent, lost=absent)
        return self._count(new, block.count - new, lost)

    def _append(self, naive_us: Int64Array, values: np.ndarray, lost: int, arrival_us: int) -> None:
        previous_us = self._timebase.last_us
        is_live = self.info.state is AcquisitionState.ACQUIRING
        rate_hz = self.info.sample_rate_hz
        period_us = round(min(1e6 / rate_hz, ZONE_STEP_US)) if rate_hz > 0 else None
        times, _ = self._timebase.place(naive_us, arrival_us, is_live=is_live, period_us=period_us)
        first_us = times.item(0)
        if lost:
            head = self.ring.head
            # A hole at the very beginning has no neighbour before it in time to spread from.
            before_us = previous_us if previous_us is not None else first_us
            self._add_break(Break(head, head + lost, BreakKind.LOST, self._newest.naive_us, naive_us.item(0)))
            self.ring.append_missing(lost, before_us, first_us)
        elif previous_us is not None and self._newest.naive_us is not None and first_us - previous_us > self._pause_us:
            head = self.ring.head
            self._add_break(Break(head, head, BreakKind.PAUSE, self._newest.naive_us, naive_us.item(0)))
        if times.item(-1) - first_us > self._pause_us:
            self._add_inner_pauses(times, naive_us)
        self.ring.append(times, values)
        self._newest = self._newest.followed_by(naive_us) if not lost else Newest().followed_by(naive_us)
        self.rate.add(times.shape[0], arrival_us)

    def _is_late(self, naive_us: Int64Array) -> bool:
        """Whether samples end before our newest one by less than what the network can explain."""
        newest = self._newest.naive_us
        return newest is not None and 0 <= newest - naive_us.item(-1) <= LATE_US

    def _is_of_earlier_run(self, naive_us: Int64Array) -> bool:
        """Whether a message was overtaken by the answer that brought the news of a restart."""
        return self._run_from_us is not None and 0 < self._run_from_us - naive_us.item(-1) <= LATE_US

    @property
    def _pause_us(self) -> float:
        """A longer step from one sample to the next is a pause."""
        if self.info.sample_rate_hz <= 0:
            return PAUSE_UNKNOWN_RATE_US
        return max(PAUSE_MIN_US, PAUSE_PERIODS * 1e6 / self.info.sample_rate_hz)

    def _add_inner_pauses(self, times_us: Int64Array, naive_us: Int64Array) -> None:
        head = self.ring.head
        for at in (np.flatnonzero(np.diff(times_us) > self._pause_us) + 1)[-MAX_BREAKS:].tolist():
            self._add_break(Break(head + at, head + at, BreakKind.PAUSE, naive_us.item(at - 1), naive_us.item(at)))

    def _add_break(self, item: Break) -> None:
        oldest = self.ring.oldest
        self.breaks = (*(old for old in self.breaks[1 - MAX_BREAKS :] if old.stop > oldest), item)

    def _open_epoch(self, number: int, *, is_exact: bool = True) -> None:
        """The next sample, or the first missing one before it, is the server's ``number``."""
        head = self.ring.head
        self.epochs = (*self.epochs[1 - MAX_BREAKS :], Epoch(head, head - number, is_exact, self.info.metadata))

    def _widen(self, channels: tuple[str, ...]) -> None:
        """Go on in a ring with the new channels too; what the old one held stays visible, NaN where it has none."""
        merged = tuple(dict.fromkeys((*self.channels, *channels)))
        if merged == self.channels:
            return
        old = self.ring
        ring = Ring(len(merged), self._capacity)
        ring.claim = ring.head = old.oldest
        values = np.full((len(merged), old.head - old.oldest), np.nan)
        values[: old.channels] = old.read(old.oldest, old.head)
        ring.pyramid.skip_to(old.oldest)
        ring.append(old.read_times(old.oldest, old.head), values)
        self.ring, self.channels = ring, merged
        self.revision += 1

    def _in_order(self, channels: tuple[str, ...], values: np.ndarray) -> np.ndarray:
        """``values`` in the order of the ring's channels, NaN for a channel that did not come."""
        if channels == self.channels:
            return values
        out = np.full((len(self.channels), values.shape[1]), np.nan)
        for row, name in enumerate(channels):
            out[self.channels.index(name)] = values[row]
        return out

    def _count(self, new: int, overlap: int, lost: int) -> Ingest:
        channels = len(self._sent_channels)
        self.counters = self.counters.plus(
            received=new * channels, overlap_dropped=overlap * channels, lost=lost * channels
        )
        return Ingest(new, overlap, lost)
