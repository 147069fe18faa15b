"""One server of a run: its samples, its link on a thread of its own, and what both came to.

Nothing is shared between two servers but the clock and the frame's turn, so that one that fails, hangs or floods
leaves the others alone.
"""

from __future__ import annotations

from lablink_dpg.books.notices import Notices
from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.bell import LinkBell
from lablink_dpg.link.network import Network
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.link import LinkState, LinkStatus
from lablink_dpg.model.storage import Storage
from lablink_dpg.query.frame import ServerLine
from lablink_dpg.query.latency import LatencyHistogram
from lablink_dpg.session.bookkeeper import Bookkeeper
from lablink_dpg.session.readings import Readings
from lablink_dpg.store.counters import Counters
from lablink_dpg.store.store import Store
from lablink_dpg.turn import FrameTurn

MAX_LAG_US = 500_000  # slower streams end short of the edge instead of taking the whole display into the past


class ServerSession:
    """Made, asked and closed on the main thread."""

    def __init__(
        self,
        address: ServerAddress,
        options: LinkOptions,
        history: int,
        clock: AxisClock,
        turn: FrameTurn,
        notices: Notices | None = None,
        *,
        bell: LinkBell | None = None,
        short_name: str = "",
        is_alone: bool | None = None,
        storage: Storage = Storage.FLOAT64,
    ) -> None:
        """``history`` in samples a channel. ``short_name`` stands before streams' names; "" where there is but one.

        ``is_alone``: its streams have plain keys, for as long as it is watched; by default where it has no short name.
        """
        self.address = address
        self.name = address.shown  # unique in a session
        self.store = Store(history, storage)
        self.latency = LatencyHistogram()
        self.network = Network(address, options, self.store, clock, turn=turn, bell=bell)
        self.books = Bookkeeper(self.name, self.store.clock, notices or Notices(), self._device_name)
        self.last_status = self.network.status  # as it stood when the run ended, before the link was closed
        self.short_name = short_name  # changed by the session where servers come and go
        self.is_alone = not short_name if is_alone is None else is_alone
        self.readings = Readings(self.name, self.key)
        # An interval is how old the newest sample can be just before the next message: the edge waits that long.
        self._lag_us = min(options.interval_ms * 1000, MAX_LAG_US)
        self._polled_lag_us = min(max(options.interval_ms, options.poll_interval_ms) * 1000, MAX_LAG_US)

    def key(self, acquisition_id: str) -> str:
        """What the display calls a stream; unique in a session."""
        return acquisition_id if self.is_alone else f"{self.name}/{acquisition_id}"

    def shown(self, name: str) -> str:
        """A stream's name for a person, ``server/name`` where there are several servers."""
        return f"{self.short_name}/{name}" if self.short_name else name

    def _device_name(self, equipment_id: str) -> str:
        """A device's name for a person."""
        known = next((each for each in self.status.equipment if each.equipment_id == equipment_id), None)
        return self.shown(known.label if known is not None else equipment_id)

    def stop_soon(self) -> None:
        """Begin to close the link and return at once."""
        self.last_status = self.status
        self.network.stop_soon()

    @property
    def status(self) -> LinkStatus:
        return self.network.status

    @property
    def is_up(self) -> bool:
        """Whether samples can come now."""
        return self.status.state in (LinkState.STREAMING, LinkState.POLLING)

    @property
    def lag_us(self) -> int:
        """How far behind now the newest sample is for certain while all is well."""
        return self._polled_lag_us if self.status.state is LinkState.POLLING else self._lag_us

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

    def line(self, now_us: int) -> ServerLine:
        counters = self.counters()
        series = self.store.series.values()
        p50_ms, p99_ms = self.latency.percentiles(50, 99)
        return ServerLine(
            status=self.status,
            rate_hz=sum(each.rate.rate_hz(now_us) * len(each.channels) for each in series),
            received=counters.received,
            lost=counters.lost,
            backfilled=counters.backfilled,
            latency_p50_ms=p50_ms,
            latency_p99_ms=p99_ms,
            dropped_events=self.network.dropped_events,
        )
