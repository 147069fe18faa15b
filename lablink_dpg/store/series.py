"""One acquisition in memory: a line of samples, and the three ways in which samples come into it."""

from __future__ import annotations

from dataclasses import replace

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, DataWindow
from lablink_dpg.model.storage import Storage
from lablink_dpg.store.counters import Ingest
from lablink_dpg.store.holes import backfill, lost_ranges
from lablink_dpg.store.line import Line
from lablink_dpg.store.numbered import ingest_numbered
from lablink_dpg.store.polled import ingest_polled
from lablink_dpg.store.timebase import ServerClock


class Series(Line):
    """The net thread alone calls its methods; the display reads what ``Line`` says it may."""

    def __init__(
        self,
        info: AcquisitionInfo,
        server: str,
        capacity: int,
        clock: ServerClock,
        storage: Storage = Storage.FLOAT64,
    ) -> None:
        super().__init__(info, capacity, clock, storage)
        self.server = server  # as shown to a person

    def describe(self, info: AcquisitionInfo, server: str) -> bool:
        """Renew what is known; whether the server has begun another run under the same id. Net thread only."""
        known = self.info.created_at
        self.is_other_run |= bool(self.epochs and known and info.created_at and info.created_at != known)
        self.info, self.server = info, server
        if info.started_us is not None and info.started_us == self.started_us:
            # The first samples of a run come before anybody could ask what it is.
            self.epochs = tuple(
                replace(epoch, metadata=info.metadata) if epoch.start >= self.run_from else epoch
                for epoch in self.epochs
            )
        return self.is_other_run

    def ingest(self, block: AcquisitionBlock, arrival_us: int) -> Ingest:
        """Store what is new in a message; it holds at least what is new since ``total``, all after a restart."""
        return ingest_numbered(self, block, arrival_us)

    def ingest_polled(
        self,
        window: DataWindow,
        total_low: int,
        total_high: int,
        arrival_us: int,
        requested: int = 0,
        started_us: int | None = None,
    ) -> Ingest:
        """Store what is new in a REST answer to ``requested`` samples, between the server's two counts."""
        return ingest_polled(self, window, total_low, total_high, arrival_us, requested, started_us)

    def lost_ranges(self) -> tuple[tuple[int, int], ...]:
        """Server sample numbers [start, stop) that are missing, still in the ring and of this run."""
        return lost_ranges(self)

    def backfill(self, window: DataWindow, bounds: tuple[int, int] | None = None) -> int:
        """Fill known holes from REST data; returns samples a channel filled."""
        return backfill(self, window, bounds)
