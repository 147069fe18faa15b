"""What ``query`` computes fast, computed slowly: sample by sample, in plain Python, by the words of its promise.

A picture is compared as *lines*: a line is a run of columns, a column is (first sample's index, its time, lows, highs).
Where all channels of a column are NaN there is nothing to draw, so that a line ends there, whatever the reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState, DataWindow
from lablink_dpg.query.columns import Columns
from lablink_dpg.store.breaks import Break, BreakKind
from lablink_dpg.store.ring import Ring
from lablink_dpg.store.series import Series
from lablink_dpg.store.store import Store

START_US = 1_790_000_000_000_000  # autumn 2026, a whole number of quarters of an hour: the store finds shift 0
Column: TypeAlias = tuple[int, int, tuple[float | None, ...], tuple[float | None, ...]]


def lines_by_hand(ring: Ring, breaks: tuple[Break, ...], start: int, stop: int, bucket: int) -> list[list[Column]]:
    """The lines over samples start..stop-1."""
    holes = {index for item in breaks for index in range(item.start, item.stop)}
    starts = {item.start for item in breaks}
    values = ring.read(start, stop).tolist()
    times = ring.read_times(start, stop).tolist()
    lines: list[list[Column]] = [[]]
    column: list[int] = []

    def close() -> None:
        if column:
            rows = [[row[index - start] for index in column if not math.isnan(row[index - start])] for row in values]
            low = tuple(min(row) if row else None for row in rows)
            high = tuple(max(row) if row else None for row in rows)
            if any(item is not None for item in low):
                lines[-1].append((column[0], times[column[0] - start], low, high))
            else:
                lines.append([])
            column.clear()

    for index in range(start, stop):
        if index in starts:
            close()
            lines.append([])
        if index in holes:
            continue
        if index % bucket == 0:
            close()
        column.append(index)
    close()
    return [line for line in lines if line]


def lines_of(found: Columns) -> list[list[Column]]:
    """The lines in what ``columns`` returned."""
    lines: list[list[Column]] = [[]]
    for number, (first, time_us) in enumerate(zip(found.first.tolist(), found.time_us.tolist(), strict=True)):
        low = tuple(None if math.isnan(each) else each for each in found.low[:, number].tolist())
        high = tuple(None if math.isnan(each) else each for each in found.high[:, number].tolist())
        assert [each is None for each in low] == [each is None for each in high]
        if any(each is not None for each in low):
            lines[-1].append((first, time_us, low, high))
        else:
            lines.append([])
    return [line for line in lines if line]


def lines_of_points(x: NDArray[np.floating], y: NDArray[np.floating]) -> list[list[tuple[float, ...]]]:
    """The lines in points: x of shape (n,), y of shape (channels, n). A point is (x, y of each channel or None)."""
    lines: list[list[tuple[float, ...]]] = [[]]
    for place, row in zip(x.tolist(), np.asarray(y, np.float64).T.tolist(), strict=True):
        if all(math.isnan(each) for each in row):
            lines.append([])
        else:
            lines[-1].append((place, *("nan" if math.isnan(each) else each for each in row)))
    return [line for line in lines if line]


def random_ring(
    seed: int, capacity: int, channels: int, steps: list[tuple[str, int]], nan_share: float
) -> tuple[Ring, tuple[Break, ...]]:
    """A ring after ``steps``: ("samples" | "lost" | "pause", count), with timestamps that may repeat."""
    rng = np.random.default_rng(seed)
    ring = Ring(channels, capacity)
    breaks: list[Break] = []
    now = START_US
    for kind, count in steps:
        if kind == "pause":
            now += 1_000_000
            breaks.append(Break(ring.head, ring.head, BreakKind.PAUSE, None, 0))
        elif kind == "lost":
            breaks.append(Break(ring.head, ring.head + count, BreakKind.LOST, None, 0))
            ring.append_missing(count, now, now + 100 * (count + 1))
            now += 100 * (count + 1)
        else:
            times = now + np.cumsum(rng.integers(0, 200, count))
            values = np.round(rng.normal(size=(channels, count)), 3)
            values[rng.random(values.shape) < nan_share] = np.nan
            ring.append(times, values)
            now = int(times[-1])
    return ring, tuple(breaks)


class OvertakenRing(Ring):
    """The writer laps the reader while it reads, always at the same place."""

    _reads_left = -1
    _by = 0

    def overtake(self, after_reads: int, by: int) -> None:
        """After so many more reads of samples or timestamps the writer claims ``by`` samples."""
        self._reads_left, self._by = after_reads, by

    def check(self, start: int) -> None:
        if self._reads_left == 0:
            self.claim = max(self.claim, self.head + self._by)
        self._reads_left -= 1
        super().check(start)


@dataclass
class Server:
    """Feeds one acquisition of a real store as a server would, and can lose, pause, restart and fill.

    Values are ``signal(sample number, channel)`` or a seeded noise; sample number i of an epoch is at its start plus
    i periods.
    """

    store: Store
    stream: str = "a"
    rate_hz: float = 1000.0
    channels: tuple[str, ...] = ("CH1",)
    seed: int = 0
    start_us: int = START_US
    nominal_hz: float | None = None  # what the server says of its rate; None says the truth
    total: int = 0
    arrival_us: int = 0  # of the newest message
    taken: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = field(default_factory=list)  # sent or not

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)
        rate = self.rate_hz if self.nominal_hz is None else self.nominal_hz
        self.store.describe(
            AcquisitionInfo(self.stream, "eq", self.stream, AcquisitionState.ACQUIRING, self.channels, rate), "server"
        )

    @property
    def series(self) -> Series:
        return self.store.series[self.stream]

    @property
    def period_us(self) -> float:
        return 1e6 / self.rate_hz

    def times(self, first: int, count: int) -> NDArray[np.int64]:
        # As a server counts them; in floats of this size they would be odd ones.
        return self.start_us + np.arange(first, first + count) * 10**9 // round(self.rate_hz * 1000)

    def send(self, count: int, values: NDArray[np.float64] | None = None) -> None:
        """``count`` more samples, shape (channels, count) or noise."""
        self._take(count, values)
        times, values = self.taken[-1]
        block = AcquisitionBlock(
            self.stream, AcquisitionState.ACQUIRING, self.total, count, times, self.channels, values
        )
        self.arrival_us = max(int(times[-1]) + 1000, self.arrival_us)
        self.store.ingest(block, self.arrival_us)

    def lose(self, count: int) -> None:
        """``count`` samples are taken and never sent; the next ``send`` shows the hole."""
        self._take(count, None)

    def pause(self, seconds: float) -> None:
        self.start_us += round(seconds * 1e6)

    def restart(self) -> None:
        """The server counts from zero again, going on in time. Seen if it counts less than before."""
        self.start_us = int(self.times(self.total, 1)[0])
        self.total = 0
        self.taken.clear()

    def fill(self) -> int:
        """REST answers everything since the channels were last changed; returns samples a channel filled."""
        same = [part for part in self.taken if part[1].shape[0] == len(self.channels)]
        if not same:
            return 0
        times = np.concatenate([times for times, _ in same])
        values = np.concatenate([values for _, values in same], axis=1)
        return self.store.backfill(DataWindow(self.stream, times, self.channels, values))

    def _take(self, count: int, values: NDArray[np.float64] | None) -> None:
        if values is None:
            values = self._rng.normal(size=(len(self.channels), count))
        self.taken.append((self.times(self.total, count), values))
        self.total += count
