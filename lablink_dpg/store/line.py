"""Samples one after the other on one axis: the ring, where the line breaks, the numbers of its samples, what was lost.

Index i of the ring is the server's sample i - base of the present epoch. What came is judged by ``numbered`` and
``polled``, holes are closed by ``holes``; all three change the line only from the network thread, the display reads it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lablink_dpg.model.acquisition import (
    AcquisitionBlock,
    AcquisitionInfo,
    AcquisitionState,
    Int64Array,
    TimesUs,
    Values,
)
from lablink_dpg.model.storage import Storage
from lablink_dpg.store.breaks import MAX_BREAKS, MAX_DAMAGES, Break, BreakKind, Damage
from lablink_dpg.store.counters import Counters, Epoch, Ingest, JitterMeter, RateMeter
from lablink_dpg.store.doubts import Doubts
from lablink_dpg.store.numbering import Bracket, Newest
from lablink_dpg.store.ring import Ring
from lablink_dpg.store.timebase import ZONE_STEP_US, ServerClock, Timebase

PAUSE_PERIODS = 20  # a step of this many sample periods breaks the line …
PAUSE_MIN_US = 200_000  # … if it is also longer than the hiccups of a server that reads instruments one by one
PAUSE_UNKNOWN_RATE_US = 5_000_000  # where the server does not say its sample rate

# WebSocket and REST overtake each other: what ends before our newest sample is late, not a restart. More than this
# cannot be the network; it is a restart of a server whose clock was set back.
LATE_US = 60_000_000
COPIED = 65_536  # samples a channel at a time from one ring to the next: no second copy of all of them is needed
LATE_ARRIVAL_US = 5_000_000  # after what overtook them; nothing is under way for longer


class Line:
    """Written by the network thread only; the display reads ``ring``, ``breaks``, ``counters`` and ``revision``."""

    has_server_times = True  # False: a sample's time is that of its arrival, which says nothing of latency

    def __init__(
        self, info: AcquisitionInfo, capacity: int, clock: ServerClock, storage: Storage = Storage.FLOAT64
    ) -> None:
        self.info = info  # frozen, replaced whole by the writer
        self.ring = Ring(len(info.channels), capacity, storage)  # replaced whole when the channels change
        self.channels = info.channels  # of the ring; replaced just after it
        self.breaks: tuple[Break, ...] = ()  # ascending, replaced whole by the writer
        self.damages: tuple[Damage, ...] = ()  # of this run, ascending; for the writer only
        self.revision = 0  # raised by the writer after samples that were already readable have changed
        self.counters = Counters()  # frozen, replaced whole by the writer
        self.epochs: tuple[Epoch, ...] = ()  # ascending by start, replaced whole by the writer
        self.rate = RateMeter()
        self.jitter = JitterMeter()
        # From here on for the network thread only.
        self.bracket: Bracket | None = None  # not None while the last epoch's numbers are only known within bounds
        self.is_loss_estimated = False  # the hole before the bracketed epoch grows with its numbers
        self.total = 0  # server's count of samples at the end of the ring; the least it can be while bracketed
        self.newest = Newest()
        self.sent_channels = info.channels  # of this run of the server; the ring keeps those of earlier ones too
        self.is_other_run = False  # the server says that what comes now was counted from 0, whatever its count
        self.run_from = 0  # index where this run began: older holes are no longer in the server's buffer
        self.run_from_us: int | None = None  # server's timestamp there; None for the first run
        self.started_us: int | None = None  # when the server says that this run began, naive; None if it does not
        self.newest_arrival_us = 0
        self.doubts = Doubts()  # about what the server counts
        self._run_arrival_us = 0  # of its first samples
        self._capacity = capacity
        self._timebase = Timebase(clock)

    @property
    def capacity(self) -> int:
        """As it was asked for, in samples a channel. Net thread only."""
        return self._capacity

    def resize(self, capacity: int) -> None:
        """Go on in a ring of another capacity, in samples a channel; what fits of the old one stays. Net thread only.

        Raises:
            MemoryError: if there is no room for it; then all is as before.
        """
        self.ring = _copied(self.ring, self.ring.channels, capacity)
        self._capacity = capacity
        self.revision += 1

    @property
    def newest_us(self) -> int | None:
        """Axis time of the newest sample; None before the first. Any thread."""
        return self._timebase.last_us

    def begin(self, block: AcquisitionBlock, arrival_us: int, *, is_exact: bool = True) -> Ingest:
        """The first samples: those before them are not lost, they were before our time."""
        # A first message that lacks a channel is damaged; one with others than described shows what there is.
        channels = self.channels if set(block.channels) < set(self.channels) else block.channels
        if channels != self.channels:
            self.ring, self.channels = Ring(len(channels), self._capacity, self.ring.storage), channels
        self.sent_channels = channels
        self.started_us, self._run_arrival_us = run_of(block), arrival_us
        new = min(block.times_us.shape[0], block.total_samples)
        if new <= 0:
            return Ingest()
        self.open_epoch(block.total_samples - new, is_exact=is_exact)
        return self.take(block, new, 0, arrival_us)

    def restart(self, block: AcquisitionBlock, arrival_us: int, *, is_exact: bool = True) -> Ingest:
        """Another run: a new epoch. What the server counted before this window was never sent: lost."""
        self.is_other_run = False
        self.bracket = None
        self.doubts = Doubts()
        self.started_us, self._run_arrival_us = block.started_us, arrival_us
        self._widen(block.channels)
        self.sent_channels = block.channels
        head = self.ring.head
        self.run_from, self.run_from_us = head, block.times_us.item(0)
        self.add_break(Break(head, head, BreakKind.RESTART, None, self.run_from_us))
        self.open_epoch(0, is_exact=is_exact)
        self.newest = Newest()
        self.damages = ()
        # A window can be longer than the count where the server's buffer outlives the run that filled it.
        new = min(block.times_us.shape[0], block.total_samples)
        self.total = 0
        if new <= 0:
            return Ingest(is_restart=True)
        return self.take(block, new, block.total_samples - new, arrival_us)._replace(is_restart=True)

    def recount(self, block: AcquisitionBlock, arrival_us: int) -> Ingest:
        """Our count was too great: the message's is right.

        What is stored keeps its numbers, for good or ill. What came since the wrong one is missing.
        """
        head, newest_us = self.ring.head, self.newest.naive_us
        assert newest_us is not None, "asked whether it is newer before"
        new = min(int(np.count_nonzero(np.asarray(block.times_us) > newest_us)), block.total_samples)
        before, after = self.doubts.hole
        # Nothing came after the hole: then it is the wrong count that made it.
        missing = max(block.total_samples - new - before, 0) if after == self.total else 0
        self.doubts = Doubts()
        self.total = block.total_samples - new - missing
        self.run_from, self.newest, self.damages = head, Newest(), ()
        self.add_break(Break(head, head, BreakKind.RESTART, None, block.times_us.item(-new)))
        self.open_epoch(self.total)
        return self.take(block, new, missing, arrival_us)._replace(is_restart=True)

    def take(self, block: AcquisitionBlock, new: int, lost: int, arrival_us: int) -> Ingest:
        """Store the newest ``new`` samples of ``block``, after ``lost`` missing ones."""
        if new == 0:
            return self.count(0, block.count, 0)
        n = block.times_us.shape[0]
        if block.channels != self.sent_channels and not set(block.channels) <= set(self.sent_channels):
            self._widen(block.channels)
            self.sent_channels = tuple(dict.fromkeys((*self.sent_channels, *block.channels)))
            head = self.run_from = self.ring.head
            self.add_break(Break(head, head, BreakKind.RESTART, None, block.times_us.item(n - new)))
        has_infinities = self._append(
            block.times_us[n - new :],
            self.in_order(block.channels, block.values[:, n - new :]),
            lost,
            arrival_us,
            is_even=block.is_even,
            is_finite=block.is_finite,
        )
        if lost:
            self.doubts.hole = self.total, block.total_samples
        self.total, self.doubts.lower = block.total_samples, None
        if self.started_us is None:
            self.started_us = run_of(block)
        out = self.count(new, block.count - new, lost)
        if has_infinities:
            out = out._replace(has_infinities=True)
        absent = len(self.sent_channels) - len(block.channels)
        if absent:
            self.counters = self.counters.plus(received=-absent * new, lost=absent * new)
            head, oldest = self.ring.head, self.ring.oldest
            self.damages = tuple(damage for damage in self.damages if damage.stop > oldest)
            if len(self.damages) < MAX_DAMAGES:
                self.damages = (*self.damages, Damage(head - new, head, absent, block.times_us.item(-1)))
                return out._replace(is_damaged=True)
        return out

    def _append(
        self, naive_us: TimesUs, values: Values, lost: int, arrival_us: int, *, is_even: bool, is_finite: bool
    ) -> bool:
        """Whether there were infinities among the values."""
        previous_us = self._timebase.last_us
        is_live = self.info.state is AcquisitionState.ACQUIRING
        rate_hz = self.info.sample_rate_hz
        period_us = round(min(1e6 / rate_hz, ZONE_STEP_US)) if rate_hz > 0 else None
        times, _ = self._timebase.place(naive_us, arrival_us, is_live=is_live, period_us=period_us, is_even=is_even)
        first_us = times.item(0)
        pause_us = self._pause_us
        if lost or previous_us is None or first_us - previous_us > pause_us:
            self.jitter.skip()
        else:
            self.jitter.add(arrival_us - first_us)
        if lost:
            head = self.ring.head
            # A hole at the very beginning has no neighbour before it in time to spread from.
            before_us = previous_us if previous_us is not None else first_us
            before_stamp_us = self.newest.naive_us if self.newest.is_sure else None
            after_stamp_us = naive_us.item(0) if self._timebase.was_sorted else None
            self.add_break(Break(head, head + lost, BreakKind.LOST, before_stamp_us, after_stamp_us))
            self.ring.append_missing(lost, before_us, first_us)
        elif previous_us is not None and self.newest.naive_us is not None and first_us - previous_us > pause_us:
            head = self.ring.head
            self.add_break(Break(head, head, BreakKind.PAUSE, self.newest.naive_us, naive_us.item(0)))
        if times.item(-1) - first_us > pause_us:
            self._add_inner_pauses(np.asarray(times), naive_us)
        has_infinities = self.ring.append(times, values, is_even=is_even, is_finite=is_finite)
        before = Newest() if lost else self.newest
        self.newest = before.followed_by(naive_us, is_sure=self._timebase.was_sorted)
        self.newest_arrival_us = arrival_us
        self.rate.add(times.shape[0], arrival_us)
        return has_infinities

    def open_epoch(self, number: int, *, is_exact: bool = True) -> None:
        """The next sample, or the first missing one before it, is the server's ``number``."""
        head = self.ring.head
        self.epochs = (*self.epochs[1 - MAX_BREAKS :], Epoch(head, head - number, is_exact, self.info.metadata))

    def renumber(self, offset: int, *, is_exact: bool = True) -> None:
        """The samples of the last epoch are ``offset`` further than assumed, and so many more were lost before it."""
        self.total += offset
        last = self.epochs[-1]
        self.epochs = (*self.epochs[:-1], replace(last, base=last.base - offset, is_exact=is_exact))
        self.bracket = None
        if self.is_loss_estimated and offset:
            self.counters = self.counters.plus(lost=offset * len(self.sent_channels))

    def add_break(self, item: Break) -> None:
        oldest = self.ring.oldest
        self.breaks = (*(old for old in self.breaks[1 - MAX_BREAKS :] if old.stop > oldest), item)

    @property
    def _pause_us(self) -> float:
        """A longer step from one sample to the next is a pause."""
        if self.info.sample_rate_hz <= 0:
            return PAUSE_UNKNOWN_RATE_US
        return max(PAUSE_MIN_US, PAUSE_PERIODS * 1e6 / self.info.sample_rate_hz)

    def _add_inner_pauses(self, times_us: Int64Array, naive_us: TimesUs) -> None:
        head, pause_us = self.ring.head, self._pause_us
        steps = times_us[1:] - times_us[:-1]
        if np.maximum.reduce(steps) <= pause_us:  # nearly always, and at a third of the price of the next line
            return
        for at in (np.flatnonzero(steps > pause_us) + 1)[-MAX_BREAKS:].tolist():
            self.add_break(Break(head + at, head + at, BreakKind.PAUSE, naive_us.item(at - 1), naive_us.item(at)))

    def is_other_start(self, started_us: int | None) -> bool:
        """Whether samples of the run that began then are of another run than this one."""
        return started_us is not None and self.started_us is not None and started_us != self.started_us

    def is_late(self, naive_us: TimesUs, arrival_us: int) -> bool:
        """Whether samples end before our newest one by less than what the network can explain."""
        newest = self.newest.naive_us
        if arrival_us - self.newest_arrival_us > LATE_ARRIVAL_US:
            return False
        return newest is not None and 0 <= newest - naive_us.item(-1) <= LATE_US

    def is_newer(self, naive_us: TimesUs, arrival_us: int) -> bool:
        """Whether samples end after our newest one, by stamps in order, and nothing can be late any more."""
        newest, passed_us = self.newest, arrival_us - self.newest_arrival_us
        if newest.naive_us is None or not newest.is_sure or passed_us <= LATE_ARRIVAL_US:
            return False
        # By more than passed here: it is from before the server's clock was set back.
        return 0 < naive_us.item(-1) - newest.naive_us <= passed_us + LATE_ARRIVAL_US

    def is_of_earlier_run(self, naive_us: TimesUs, started_us: int | None, arrival_us: int) -> bool:
        """Whether samples of the run that began then were overtaken by the answer that brought the news of this run."""
        if arrival_us - self._run_arrival_us > LATE_ARRIVAL_US:
            return False
        newest_us = naive_us.item(-1)
        if started_us is not None and self.started_us is not None:
            return started_us < self.started_us and 0 <= self.started_us - newest_us <= LATE_US
        return self.run_from_us is not None and 0 < self.run_from_us - newest_us <= LATE_US

    def _widen(self, channels: tuple[str, ...]) -> None:
        """Go on in a ring with the new channels too; what the old one held stays visible, NaN where it has none."""
        merged = tuple(dict.fromkeys((*self.channels, *channels)))
        if merged == self.channels:
            return
        self.ring, self.channels = _copied(self.ring, len(merged), self._capacity), merged
        self.revision += 1

    def in_order(self, channels: tuple[str, ...], values: Values) -> Values:
        """``values`` in the order of the ring's channels, NaN for one that did not come, without those it has not."""
        if channels == self.channels:
            return values
        out = np.full((len(self.channels), values.shape[1]), np.nan)
        for row, name in enumerate(channels):
            if name in self.channels:  # until samples of another are taken it is not among them
                out[self.channels.index(name)] = values[row]
        return out

    def count(self, new: int, overlap: int, lost: int) -> Ingest:
        channels = len(self.sent_channels)
        self.counters = self.counters.plus(
            received=new * channels, overlap_dropped=overlap * channels, lost=lost * channels
        )
        return Ingest(new, overlap, lost)


def _copied(old: Ring, channels: int, capacity: int) -> Ring:
    """A ring with the newest samples of ``old``, as many as fit, at their numbers; NaN in channels that it lacks."""
    ring = Ring(channels, capacity, old.storage)
    start = max(old.oldest, old.head - ring.capacity)
    ring.begin_at(start)
    ring.take_over(old)
    for first in range(start, old.head, COPIED):
        stop = min(first + COPIED, old.head)
        values = np.full((channels, stop - first), np.nan, old.storage.value)
        values[: old.channels] = old.read(first, stop)
        ring.append(old.read_times(first, stop), values)
    ring.take_over(None)
    return ring


def run_of(block: AcquisitionBlock) -> int | None:
    """When the run began that a block's newest sample belongs to; None where that is not known.

    A server tells of the new start at once, and sends samples of the run before until there are new ones. A sample of
    that very moment may be of either.
    """
    started_us, times_us = block.started_us, block.times_us
    return started_us if started_us is not None and times_us.shape[0] and times_us.item(-1) > started_us else None
