"""A real link and its store, with a simulator that is told at run time what goes wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.link import LinkState, StreamState, Way
from lablink_dpg.sim.process import SimProcess
from lablink_dpg.store.counters import Counters
from lablink_dpg.verify import Verifier
from tests.link.lab import until
from tests.link.running import Running, linked

WARM = 500  # samples of each stream before anything goes wrong


class Bench:
    """Streams of 1000 Hz, all of which have brought WARM samples a channel."""

    def __init__(self, sim: SimProcess, run: Running, streams: int, channels: int) -> None:
        self.sim = sim
        self.run = run
        self._channels = channels
        until(lambda: len(run.store.series) == streams, lambda: str(run.network.status))
        self.names = tuple(run.store.series)
        self.until_more(WARM)

    def fault(self, text: str) -> float:
        """Begin a fault; when, in seconds of the monotonic clock."""
        began_s = time.monotonic()
        self.sim.fault(text)
        return began_s

    def until_more(self, samples: int, within_s: float = 10.0) -> None:
        """Until every stream has brought so many more samples a channel."""
        goals = {name: self.run.received(name) + samples * self._channels for name in self.names}
        until(
            lambda: all(self.run.received(name) >= goal for name, goal in goals.items()),
            lambda: f"{ {name: self.run.received(name) for name in goals} } of {goals}: {self.run.network.status}",
            within_s,
        )

    def until_whole(self, within_s: float = 10.0) -> None:
        """Until nothing is missing."""
        until(lambda: self.counters.lost == 0, lambda: f"{self.counters}: {self.run.texts}", within_s)

    def is_streaming(self, count: int) -> bool:
        """Whether exactly so many acquisitions, and all devices, come over the WebSocket now."""
        status = self.run.network.status
        states = [each.state for each in status.streams.values()]
        return (
            status.state is LinkState.STREAMING
            and states.count(StreamState.STREAMING) == count
            and all(
                each.way is Way.WEBSOCKET and each.state is StreamState.STREAMING for each in status.readings.values()
            )
        )

    @property
    def counters(self) -> Counters:
        """Of all streams together."""
        total = Counters()
        for series in self.run.store.series.values():
            each = series.counters
            total = total.plus(
                received=each.received,
                lost=each.lost,
                backfilled=each.backfilled,
                overlap_dropped=each.overlap_dropped,
            )
        return total

    @property
    def reasons(self) -> dict[str, int]:
        return dict(self.run.network.status.counters.invalid_by_reason)

    def end(self, unreadable: int = 0) -> Verifier:
        """Stop, and compare every sample with the signal it is known to be; ``unreadable`` are NaN, no more."""
        series = self.run.store.series
        # Of polled samples each answer narrows down which numbers they have: few do not suffice on a slow machine.
        until(lambda: all(each.bracket is None for each in series.values()), lambda: "numbers are not certain")
        self.run.network.stop()
        verifier = Verifier()
        verifier.finish(self.run.store)
        counters = self.counters
        assert verifier.mismatched == 0
        assert verifier.skipped == unreadable
        assert verifier.verified + unreadable == counters.received + counters.backfilled
        return verifier

    def end_whole(self) -> None:
        """The same, and every sample that the servers counted since the first is there."""
        self.until_whole()
        self.end()
        for series in self.run.store.series.values():
            counters = series.counters
            assert counters.lost == 0
            assert counters.received + counters.backfilled == series.ring.head * len(series.channels)
            assert all(epoch.is_exact for epoch in series.epochs)


@contextmanager
def bench(streams: int = 2, channels: int = 1, sim: Sequence[str] = (), **options: Any) -> Iterator[Bench]:
    """``sim``: more arguments of the simulator; ``options`` of the link that differ from what users have."""
    process = SimProcess(streams=streams, channels=channels, seed=5, extra_arguments=sim)
    with process, linked(process.url, replace(LinkOptions(), **options), process.ws_port) as run:
        yield Bench(process, run, streams, channels)
