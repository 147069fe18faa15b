"""A server, a series that listens to it, and what goes wrong between them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from lablink_dpg.model.acquisition import AcquisitionState, DataWindow
from lablink_dpg.store.counters import Ingest
from lablink_dpg.store.series import Series
from lablink_dpg.store.timebase import ServerClock
from tests.support.store_oracle import Sample, Server, number_in

CAPACITY = 256
DELAY_US = 3000


@dataclass(frozen=True)
class Poll:
    """A poll that is under way."""

    window: DataWindow
    total_low: int
    total_high: int
    requested: int
    started_us: int | None


@dataclass(frozen=True)
class Sent:
    """A message that is under way."""

    window: list[Sample]
    channels: tuple[str, ...]
    started_us: int | None


class Rig:
    def __init__(
        self,
        capacity: int = CAPACITY,
        buffer_size: int = 400,
        stamp_us: int = 1,
        channels: int = 2,
        zone_us: int = 0,
        **manners: Any,
    ) -> None:
        """``manners`` of the server: ``says_start``, ``outlives``, ``plateau``."""
        names = tuple(f"CH{number}" for number in range(1, channels + 1))
        self.server = Server(names, buffer_size=buffer_size, stamp_us=stamp_us, zone_us=zone_us, **manners)
        self.series = Series(self.server.info, "lab", capacity, ServerClock())
        self.under_way: deque[Sent] = deque()  # the WebSocket keeps the order
        self.polls: deque[Poll] = deque()

    def send(self, num_samples: int) -> Ingest:
        self.hold_message(num_samples)
        return self.release_messages()

    def hold_message(self, num_samples: int) -> None:
        self.under_way.append(Sent(self.server.newest(num_samples), self.server.channels, self.server.started_us))

    def release_messages(self) -> Ingest:
        """All messages under way arrive; the outcome of the last."""
        out = Ingest()
        while self.under_way:
            sent = self.under_way.popleft()
            last_total = self.series.total if self.series.bracket is None else None
            block = self.server.block_of(
                sent.window, last_total, sent.channels, started_us=sent.started_us, last_start=self.series.started_us
            )
            out = self.series.ingest(block, self.server.now_us + DELAY_US)
        return out

    def poll(self, num_samples: int, before: int = 0, after: int = 0) -> Ingest:
        """``before`` and ``after`` are sampled between the three calls."""
        self.hold_poll(num_samples, before, after)
        return self.release_poll()

    def hold_poll(self, num_samples: int, before: int = 0, after: int = 0) -> None:
        low = self.server.total
        self.server.sample(before)
        window = self.server.data(num_samples)
        self.server.sample(after)
        self.polls.append(Poll(window, low, self.server.total, num_samples, self.server.started_us))

    def release_poll(self) -> Ingest:
        poll = self.polls.popleft()
        arrival_us = self.server.now_us + DELAY_US
        return self.series.ingest_polled(
            poll.window, poll.total_low, poll.total_high, arrival_us, poll.requested, poll.started_us
        )

    def set_state(self, state: AcquisitionState) -> None:
        self.server.state = state

    @property
    def next_number(self) -> int:
        """Server number of the sample that would be appended next."""
        return self.series.ring.head - self.series.epochs[-1].base

    def numbers(self) -> list[int | None]:
        """Server numbers that the samples of the first channel tell, None for NaN."""
        ring = self.series.ring
        return [None if np.isnan(x) else number_in(x)[1] for x in ring.read(ring.oldest, ring.head)[0].tolist()]
