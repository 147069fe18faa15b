"""A slow, obvious store, and the server that it and the real one listen to.

The server knows every sample by run and number, and the value of a sample says both, so that a wrong one gives itself
away. The oracle keeps one Python object a sample and counts by walking over them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState, DataWindow
from lablink_dpg.store.breaks import BreakKind
from lablink_dpg.store.series import Series

START_US = 1_795_000_000_000_000  # on a quarter of an hour
RATE_HZ = 1000.0
PERIOD_US = 1000
PAUSE_US = 200_000  # a longer step breaks the line at this rate
RUN = 2**32  # value = run * RUN + number + channel / 8: exact in float64


def value(run: int, number: int, channel: int) -> float:
    """The signal; now and then the instrument could not be read."""
    return math.nan if (number + 3 * channel) % 97 == 13 else run * RUN + number + channel / 8


def number_in(sample: float) -> tuple[int, int, int]:
    """(run, number, channel) of a sample that is not NaN."""
    run, rest = divmod(sample, RUN)
    number = math.floor(rest)
    return int(run), number, round((rest - number) * 8)


@dataclass(frozen=True)
class Sample:
    run: int
    number: int
    naive_us: int


@dataclass
class Server:
    """One acquisition of a LabLink server: a clock, a count, and a buffer of the newest samples."""

    channels: tuple[str, ...] = ("CH1", "CH2")
    buffer_size: int = 400
    now_us: int = START_US
    zone_us: int = 0  # added to the time by the server's local clock
    stamp_us: int = 1  # the resolution of its timestamps
    run: int = 0
    state: AcquisitionState = AcquisitionState.ACQUIRING
    samples: list[Sample] = field(default_factory=list)  # of this run, all
    says_start: bool = False  # when the run began
    outlives: bool = False  # the buffer keeps what the run before has left in it
    earlier: list[Sample] = field(default_factory=list)  # of the runs before, all
    began_us: int = field(init=False)  # by its clock then
    plateau: int = 1  # samples for which the signal stands still
    is_unsorted: bool = False  # in a window the stamps of neighbours are exchanged

    def __post_init__(self) -> None:
        self.began_us = self.now_us + self.zone_us

    @property
    def total(self) -> int:
        return len(self.samples)

    @property
    def info(self) -> AcquisitionInfo:
        return AcquisitionInfo("acq", "eq", "name", self.state, self.channels, RATE_HZ, self.buffer_size)

    def sample(self, count: int) -> None:
        for _ in range(count):
            self.now_us += PERIOD_US
            stamp = (self.now_us + self.zone_us) // self.stamp_us * self.stamp_us
            self.samples.append(Sample(self.run, self.total, stamp))

    def wait(self, span_us: int) -> None:
        self.now_us += span_us

    @property
    def started_us(self) -> int | None:
        # Of whole seconds only the stamps are.
        step_us = self.stamp_us if self.stamp_us < 1_000_000 else 1
        return self.began_us // step_us * step_us if self.says_start else None

    def restart(self, channels: tuple[str, ...] | None = None) -> None:
        self.run += 1
        self.began_us = self.now_us + self.zone_us
        self.earlier = [*self.earlier, *self.samples] if self.outlives and not channels else []
        self.samples = []
        self.channels = channels or self.channels

    def newest(self, count: int) -> list[Sample]:
        return [*self.earlier, *self.samples][-min(count, self.buffer_size) :] if count else []

    def block(self, num_samples: int, last_total: int | None) -> AcquisitionBlock:
        """A message as the decoder hands it over: only what is new since ``last_total``."""
        return self.block_of(self.newest(num_samples), last_total, started_us=self.started_us)

    def block_of(
        self,
        window: list[Sample],
        last_total: int | None,
        channels: tuple[str, ...] = (),
        *,
        started_us: int | None = None,
        last_start: int | None = None,
    ) -> AcquisitionBlock:
        channels = channels or self.channels
        total = window[-1].number + 1
        is_other = last_start is not None and started_us is not None and started_us != last_start
        known = 0 if last_total is None or total < last_total or is_other else last_total
        new = min(len(window), total - known)
        times, values = self.arrays(window[len(window) - new :], channels)
        return AcquisitionBlock("acq", self.state, total, len(window), times, channels, values, started_us=started_us)

    def data(self, num_samples: int) -> DataWindow:
        times, values = self.arrays(self.newest(num_samples), self.channels)
        return DataWindow("acq", times, self.channels, values)

    def arrays(self, window: list[Sample], channels: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        times = np.array([item.naive_us for item in window], np.int64)
        if self.is_unsorted:
            even = len(window) // 2 * 2
            times[0:even:2], times[1:even:2] = times[1:even:2].copy(), times[0:even:2].copy()
        numbers = [item.number // self.plateau * self.plateau for item in window]
        rows = [
            [value(item.run, number, int(name[2:])) for item, number in zip(window, numbers, strict=True)]
            for name in channels
        ]
        return times, np.array(rows, np.float64).reshape(len(channels), len(window))


@dataclass
class _Slot:
    run: int
    number: int
    naive_us: int | None  # None: never came
    channels: tuple[str, ...]


class Oracle:
    """What the store has to hold after numbered windows and exact backfills."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.slots: list[_Slot] = []  # every index since the beginning
        self.points: list[tuple[int, BreakKind]] = []  # breaks where nothing is missing
        self.first = 0  # what is older was dropped by a smaller capacity
        self.run = -1
        self.channels: tuple[str, ...] = ()
        self.received = self.lost = self.backfilled = self.overlap = 0

    @property
    def oldest(self) -> int:
        return max(self.first, len(self.slots) - self.capacity)

    def resize(self, capacity: int) -> None:
        self.first = max(self.oldest, len(self.slots) - capacity)
        self.capacity = capacity

    def window(self, window: list[Sample], channels: tuple[str, ...]) -> None:
        self.channels = channels
        last = window[-1]
        if not self.slots:
            self.run = last.run
            known = next(item.number for item in window if item.run == self.run)
        elif last.run != self.run:
            known = 0
            self.run = last.run
            self.points.append((len(self.slots), BreakKind.RESTART))
        else:
            known = self.slots[-1].number + 1
        came = {item.number: item for item in window if item.run == self.run}
        for number in range(known, last.number + 1):
            item = came.get(number)
            if item is None:
                self.slots.append(_Slot(self.run, number, None, channels))
                self.lost += len(channels)
                continue
            before = self.slots[-1] if self.slots else None
            is_next = before is not None and before.naive_us is not None and before.run == self.run
            if is_next and item.naive_us - before.naive_us > PAUSE_US:
                self.points.append((len(self.slots), BreakKind.PAUSE))
            self.slots.append(_Slot(self.run, number, item.naive_us, channels))
            self.received += len(channels)
        self.overlap += len(channels) * sum(item.number < known or item.run != self.run for item in window)

    def backfill(self, window: list[Sample]) -> int:
        """Whatever of a hole touches its end is filled; a piece from the middle could not be placed by stamps."""
        came = {item.number: item for item in window if item.run == self.run}
        filled = 0
        for index in reversed(range(self.oldest, len(self.slots) - 1)):
            slot, after = self.slots[index], self.slots[index + 1]
            item = came.get(slot.number)
            is_gap = slot.naive_us is None and slot.run == self.run and after.naive_us is not None
            if is_gap and item is not None and after.number in came:
                slot.naive_us = item.naive_us
                filled += 1
        self.backfilled += filled * len(self.channels)
        self.lost -= filled * len(self.channels)
        return filled

    def breaks(self) -> list[tuple[int, int, BreakKind]]:
        """Those that the ring still shows."""
        out = [(at, at, kind) for at, kind in self.points]
        start = None
        for index, slot in enumerate(self.slots):
            if slot.naive_us is None and start is None:
                start = index
            elif slot.naive_us is not None and start is not None:
                out.append((start, index, BreakKind.LOST))
                start = None
        order = {BreakKind.RESTART: 0, BreakKind.LOST: 1, BreakKind.PAUSE: 2}
        return sorted((item for item in out if item[1] > self.oldest), key=lambda item: (item[0], order[item[2]]))

    def lost_ranges(self) -> list[tuple[int, int]]:
        return [
            (self.slots[start].number, self.slots[stop - 1].number + 1)
            for start, stop, kind in self.breaks()
            if kind is BreakKind.LOST and self.slots[start].run == self.run
        ]

    def values(self, names: tuple[str, ...]) -> np.ndarray:
        """Samples oldest.. of the ring, shape (channels, n)."""
        rows = [
            [
                math.nan
                if slot.naive_us is None or name not in slot.channels
                else value(slot.run, slot.number, int(name[2:]))
                for slot in self.slots[self.oldest :]
            ]
            for name in names
        ]
        return np.array(rows, np.float64).reshape(len(names), -1)

    def times(self) -> np.ndarray:
        """Server time of the same samples, -1 where none came."""
        return np.array([-1 if slot.naive_us is None else slot.naive_us for slot in self.slots[self.oldest :]])


def shown_breaks(series: Series) -> list[tuple[int, int, BreakKind]]:
    oldest = series.ring.oldest
    return [(item.start, item.stop, item.kind) for item in series.breaks if item.stop > oldest]


def assert_no_wrong_sample(series: Series, plateau: int = 1) -> None:
    """Every sample with an exact number is what the server had under that number; times never fall."""
    ring = series.ring
    values = ring.read(ring.oldest, ring.head)
    for epoch, following in zip_longest(series.epochs, series.epochs[1:]):
        stop = ring.head if following is None else following.start
        if not epoch.is_exact:
            continue
        for index in range(max(epoch.start, ring.oldest), stop):
            for row, name in enumerate(series.channels):
                sample = values[row, index - ring.oldest]
                if not math.isnan(sample):
                    _, number, channel = number_in(sample)
                    assert (number, channel) == ((index - epoch.base) // plateau * plateau, int(name[2:]))
    assert np.all(np.diff(ring.read_times(ring.oldest, ring.head)) >= 0)
