"""A link under test with its store, impatient, and what to ask of the two."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.board import Board
from lablink_dpg.link.devices import Devices
from lablink_dpg.link.network import Network
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.link import LinkEvent, LinkState, Mode, StreamState
from lablink_dpg.store.store import Store
from tests.link.lab import until

IMPATIENT = LinkOptions(
    interval_ms=20,
    backoff_first_s=0.02,
    backoff_max_s=0.1,
    relist_s=0.1,
    silence_s=0.3,
    silent_retry_s=0.5,
    rerequest_s=0.2,
    poll_interval_ms=20,
    rest_timeout_s=2.0,
    handshake_timeout_s=2.0,
    close_timeout_s=0.2,
    quiet_s=0.3,
    dead_s=2.0,
)


def no_devices() -> Devices:
    """Where only acquisitions matter."""
    tally = Tally()
    board = Board("s", Mode.HYBRID, tally, Streams(50), lambda: 0)
    return Devices(tally, board, IMPATIENT, lambda: 0)


class Running:
    def __init__(self, url: str, options: LinkOptions, ws_port: int | None = None) -> None:
        self.store = Store(100_000)
        self.network = Network(parse_address(url, ws_port), options, self.store, AxisClock(), seed=1)
        self._texts: list[str] = []

    @property
    def state(self) -> LinkState:
        return self.network.status.state

    @property
    def texts(self) -> list[str]:
        """Every line of the link's log so far."""
        self._texts += [event.text for event in self.network.drain_events() if isinstance(event, LinkEvent)]
        return self._texts

    def stream(self, name: str) -> StreamState | None:
        status = self.network.status.streams.get(name)
        return status.state if status is not None else None

    def received(self, name: str) -> int:
        """Samples of all channels, those fetched later included."""
        series = self.store.series.get(name)
        return series.counters.received + series.counters.backfilled if series is not None else 0

    def lost(self, name: str) -> int:
        return self.store.series[name].counters.lost

    def how_it_stands(self) -> str:
        return str(self.network.status)

    def until_state(self, state: LinkState) -> None:
        until(lambda: self.state is state, lambda: f"not {state}: {self.network.status}")

    def until_stream(self, name: str, state: StreamState) -> None:
        until(lambda: self.stream(name) is state, lambda: f"{name} not {state}: {self.network.status}")

    def until_more(self, name: str, count: int = 50) -> None:
        """Until ``count`` more samples have come, in the state in which they are wanted."""
        goal = self.received(name) + count
        until(
            lambda: self.received(name) >= goal,
            lambda: f"{self.received(name)} of {goal} samples: {self.network.status}",
        )

    def until_nothing_is_missing(self, name: str) -> None:
        """What a slow machine let pass between two windows is fetched from the server's buffer."""
        until(lambda: self.lost(name) == 0, lambda: f"{self.lost(name)} samples lost: {self.network.status}")

    def check_samples(self, name: str) -> int:
        """Every stored sample stands at its number (its value is its number). Only after stop; returns how many."""
        series = self.store.series[name]
        epoch = series.epochs[-1]
        start = max(series.ring.oldest, epoch.start)
        values = series.ring.read(start, series.ring.head)
        numbers = np.arange(start, series.ring.head) - epoch.base
        for row in values:
            missing = np.isnan(row)
            assert np.array_equal(row[~missing], numbers[~missing])
        assert int(np.isnan(values).sum()) == series.counters.lost
        return numbers.shape[0]


@contextmanager
def linked(
    url: str, options: LinkOptions = IMPATIENT, ws_port: int | None = None, **changes: object
) -> Iterator[Running]:
    """A started link; it is stopped in time, whatever the test did to its server."""
    run = Running(url, replace(options, **changes), ws_port)  # type: ignore[arg-type]
    run.network.start()
    try:
        yield run
    finally:
        began_s = time.monotonic()
        ended = run.network.stop()
        assert ended, "the network thread did not end"
        assert time.monotonic() - began_s < 2.0
        assert run.state is LinkState.CLOSED
