"""A run without a window: the link fills the store, and everything the display asks of the rest is answered here.

Headless runs, tests and the window all use the same object, so that nothing is true only where there are pixels.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager

import psutil

from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.network import Network
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.acquisition import AcquisitionState
from lablink_dpg.model.commands import Command
from lablink_dpg.model.link import LinkEvent, LinkState, LinkStatus
from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.frame import Frame, StreamLine
from lablink_dpg.query.latency import LatencyHistogram
from lablink_dpg.query.view import View
from lablink_dpg.store.counters import Counters
from lablink_dpg.store.series import Series
from lablink_dpg.store.store import Store
from lablink_dpg.turn import FrameTurn

KEPT_EVENTS = 500  # lines of the link's log that a person may want to scroll back through
MAX_LAG_US = 500_000  # slower streams end short of the edge instead of taking the whole display into the past
STALE_US = 1_000_000  # without new samples for this long, what was measured before says nothing of now
MEMORY_EVERY_US = 1_000_000  # asking the operating system costs a tenth of a millisecond


class Session:
    """One server. Made, asked and closed on the main thread; the link has a thread of its own."""

    def __init__(self, address: ServerAddress, options: LinkOptions, history: int, clock: AxisClock) -> None:
        """``history`` in samples a channel."""
        self.address = address
        self.store = Store(history)
        self.latency = LatencyHistogram()
        self._turn = FrameTurn()
        self.network = Network(address, options, self.store, clock, turn=self._turn)
        self._clock = clock
        # An interval is how old the newest sample can be just before the next message: the edge waits that long.
        self._lag_us = min(options.interval_ms * 1000, MAX_LAG_US)
        self._polled_lag_us = min(max(options.interval_ms, options.poll_interval_ms) * 1000, MAX_LAG_US)
        self._memory = FrameMemory()
        self._events: deque[LinkEvent] = deque(maxlen=KEPT_EVENTS)
        self._process = psutil.Process()
        self._memory_mb = 0.0
        self._memory_due_us = 0

    def start(self) -> None:
        self.network.start()

    def stop(self) -> None:
        """End the link; what is stored stays readable."""
        self.network.stop()
        self._drain()

    # -- what a window asks (gui.source.Source) ------------------------------------------------------------------

    def now_us(self) -> int:
        return self._clock.now_us()

    def turn(self) -> AbstractContextManager[None]:
        return self._turn.frame()

    def frame(self, view: View) -> Frame:
        is_polling = self.network.status.state is LinkState.POLLING
        lag_us = self._polled_lag_us if is_polling else self._lag_us
        frame = build_frame(self.store, view, self._clock.now_us(), lag_us, self._memory)
        self.latency.add(frame.latencies_ms)
        return frame

    def stream_lines(self) -> Sequence[StreamLine]:
        now_us = self._clock.now_us()
        return [self._line(series, now_us) for series in self.store.series.values()]

    def _line(self, series: Series, now_us: int) -> StreamLine:
        info, counters = series.info, series.counters
        return StreamLine(
            stream=info.acquisition_id,
            name=info.name or info.acquisition_id,
            channels=series.channels,
            rate_hz=series.rate.rate_hz(now_us),
            latency_ms=self._latency_ms(series, now_us),
            lost=counters.lost,
            received=counters.received,
        )

    def _latency_ms(self, series: Series, now_us: int) -> float | None:
        """As lately measured, or the age of the newest sample where nothing has come for long; None where none will."""
        if series.info.state in (AcquisitionState.PAUSED, AcquisitionState.STOPPED):
            return None
        smoothed_ms = self._memory.latency.smoothed_ms.get(series.info.acquisition_id)
        newest_us = series.newest_us
        if smoothed_ms is None or newest_us is None or now_us - newest_us < STALE_US:
            return smoothed_ms
        return max(smoothed_ms, (now_us - newest_us) / 1000)

    def links(self) -> Sequence[LinkStatus]:
        self._drain()
        return (self.network.status,)

    def memory_mb(self) -> float:
        """Resident memory of the process, at most a second old."""
        now_us = self._clock.now_us()
        if now_us >= self._memory_due_us:
            self._memory_due_us = now_us + MEMORY_EVERY_US
            self._memory_mb = self._process.memory_info().rss / 1e6
        return self._memory_mb

    def total_rate(self) -> float:
        now_us = self._clock.now_us()
        return sum(series.rate.rate_hz(now_us) * len(series.channels) for series in self.store.series.values())

    def send(self, command: Command) -> None:
        self.network.send(command)

    def events(self) -> Sequence[LinkEvent]:
        self._drain()
        return tuple(self._events)

    def _drain(self) -> None:
        self._events.extend(event for event in self.network.drain_events() if isinstance(event, LinkEvent))

    # -- what a report asks --------------------------------------------------------------------------------------

    def counters(self) -> Counters:
        """Channel samples of all streams together, those included that are no longer shown."""
        total = self.store.forgotten
        for series in self.store.series.values():
            each = series.counters
            total = total.plus(
                received=each.received,
                lost=each.lost,
                backfilled=each.backfilled,
                overlap_dropped=each.overlap_dropped,
            )
        return total

    def bytes_per_sample(self) -> float:
        """Memory of what is stored, timestamps and pyramids included, by channel sample stored."""
        rings = [series.ring for series in self.store.series.values()]
        stored = sum(min(ring.head, ring.capacity) * ring.channels for ring in rings)
        used = sum(ring.allocated_bytes * min(ring.head, ring.capacity) / ring.capacity for ring in rings)
        return used / stored if stored else 0.0
