"""All acquisitions of one server in memory: {acquisition id → series}.

The mapping is replaced, never changed, so that the frame loop can walk it while the network thread adds a stream or
forgets one. How many there may be is the link's matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState, DataWindow
from lablink_dpg.model.storage import Storage
from lablink_dpg.store.counters import Counters, Ingest
from lablink_dpg.store.series import Series
from lablink_dpg.store.timebase import ServerClock


class Store:
    """Written by the network thread only; ``series`` may be read by any thread."""

    def __init__(self, capacity: int, storage: Storage = Storage.FLOAT64) -> None:
        """``capacity`` in samples a channel, for every acquisition."""
        self.storage = storage
        self.capacity = capacity  # of what comes anew; for the net thread to change, ``resize_next`` follows
        self.series: Mapping[str, Series] = {}
        self.last_totals: dict[str, int] = {}  # what the decoder need not convert again …
        self.last_starts: dict[str, int] = {}  # … of the run that began then; where the server says so
        self.forgotten = Counters()  # what the acquisitions that were dropped had counted; swapped by the writer
        self.clock = ServerClock()
        self.changes = 0  # raised by the writer whenever there is something else to see …
        self.on_change: Callable[[], object] = int  # … and this is called by it afterwards

    def _changed(self) -> None:
        self.changes += 1
        self.on_change()

    def resize_next(self) -> bool:
        """Give one acquisition the store's present capacity; False if all have it. Net thread only.

        Raises:
            MemoryError: if there is no room for it; it keeps what it had.
        """
        for series in self.series.values():
            if series.capacity != self.capacity:
                series.resize(self.capacity)
                self._changed()
                return True
        return False

    def describe(self, info: AcquisitionInfo, server: str) -> None:
        """Register an acquisition, or renew what is known of it. ``server`` as shown to a person. Net thread only."""
        known = self.series.get(info.acquisition_id)
        if known is None:
            self.series = {
                **self.series,
                info.acquisition_id: Series(info, server, self.capacity, self.clock, self.storage),
            }
            self._changed()
        else:
            if known.describe(info, server):
                self.last_totals.pop(info.acquisition_id, None)  # whole windows: none of it is stored

    def forget(self, acquisition_id: str) -> None:
        """Drop an acquisition with all of its samples; a reader that holds the series keeps it. Net thread only."""
        series = self.series.get(acquisition_id)
        if series is None:
            return
        gone = series.counters
        self.forgotten = self.forgotten.plus(
            received=gone.received, lost=gone.lost, backfilled=gone.backfilled, overlap_dropped=gone.overlap_dropped
        )
        self.series = {key: each for key, each in self.series.items() if key != acquisition_id}
        self.last_totals.pop(acquisition_id, None)
        self.last_starts.pop(acquisition_id, None)
        self._changed()

    def ingest(self, block: AcquisitionBlock, arrival_us: int) -> Ingest:
        """Store what is new in a message. Net thread only. A block can bring an acquisition nobody described."""
        series = self._series_of(block.acquisition_id, block.channels, block.state)
        out = series.ingest(block, arrival_us)
        self._note(series, out)
        return out

    def ingest_polled(
        self,
        window: DataWindow,
        total_low: int,
        total_high: int,
        arrival_us: int,
        requested: int = 0,
        started_us: int | None = None,
    ) -> Ingest:
        """Store what is new in a REST answer; the server's count was ``total_low`` before it and ``total_high`` after.

        ``started_us``: when the run began that both counts are of, naive. Net thread only.
        """
        series = self._series_of(window.acquisition_id, window.channels, AcquisitionState.UNKNOWN)
        out = series.ingest_polled(window, total_low, total_high, arrival_us, requested, started_us)
        self._note(series, out)
        return out

    def backfill(self, window: DataWindow, bounds: tuple[int, int] | None = None) -> int:
        """Fill holes from a REST answer; returns samples a channel filled. Net thread only.

        ``bounds``: the server's count just before and just after it, where they were asked.
        """
        series = self.series.get(window.acquisition_id)
        filled = series.backfill(window, bounds) if series is not None else 0
        if filled:
            self._changed()
        return filled

    def lost_ranges(self, acquisition_id: str) -> tuple[tuple[int, int], ...]:
        """Server sample numbers [start, stop) that are missing and can still be filled. Net thread only."""
        series = self.series.get(acquisition_id)
        return series.lost_ranges() if series is not None else ()

    def _series_of(self, acquisition_id: str, channels: tuple[str, ...], state: AcquisitionState) -> Series:
        if acquisition_id not in self.series:
            # Streams are global to a LabLink server: messages come of acquisitions that others started.
            self.describe(AcquisitionInfo(acquisition_id, "", acquisition_id, state, channels, 0.0), "")
        return self.series[acquisition_id]

    def _note(self, series: Series, out: Ingest) -> None:
        if out.new or out.lost or out.is_restart:  # a paused acquisition sends the same window for ever
            self._changed()
        if series.started_us is not None:
            self.last_starts[series.info.acquisition_id] = series.started_us
        if series.bracket is None:
            self.last_totals[series.info.acquisition_id] = series.total
        else:
            # The numbers are not certain yet: the decoder must hand over whole windows until they are.
            self.last_totals.pop(series.info.acquisition_id, None)
