"""Acquisitions over REST: those whose WebSocket stream does not come, and ended ones, whose data are fetched once.

One poll is status, data, status: the two counts of samples tell between which numbers the data lie, because the data
themselves carry none. A poll that finds nothing new ends after the first status.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from lablink_dpg.link.board import Board
from lablink_dpg.link.loop import race
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.planner import MIN_SAMPLES, window_limit
from lablink_dpg.link.rest import Rest, RestError
from lablink_dpg.link.streams import ENDED_STATES, Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import StreamState
from lablink_dpg.store.store import Store

MAX_AT_ONCE = 8  # polls; REST calls of a LabLink server wait for each other anyway
MARGIN_S = 0.5  # of overlap with what is stored: the numbers are found by matching it
FAILED_PAUSE_S = 1.0  # before an acquisition whose poll failed is asked again


@dataclass(order=True, slots=True)
class _Due:
    at_s: float  # of the loop's clock
    acquisition_id: str
    is_once: bool = field(compare=False)


class Pollers:
    """Network thread only. Which acquisitions are polled is told by add and remove, at any time."""

    def __init__(
        self,
        store: Store,
        streams: Streams,
        tally: Tally,
        board: Board,
        options: LinkOptions,
        now_us: Callable[[], int],
        *,
        on_loss: Callable[[Stream, int], None],
    ) -> None:
        self._store = store
        self._streams = streams
        self._tally = tally
        self._board = board
        self._options = options
        self._now_us = now_us
        self._on_loss = on_loss
        self._polled: set[str] = set()
        self._scheduled: set[str] = set()  # has an entry in the queue, or is being polled
        self._due: asyncio.PriorityQueue[_Due] = asyncio.PriorityQueue()  # bounded: at most one entry a stream

    def add(self, stream: Stream) -> None:
        """Poll it from now on."""
        self._polled.add(stream.info.acquisition_id)
        self._schedule(stream.info.acquisition_id)

    def remove(self, stream: Stream) -> None:
        """Poll it no more; a poll that is under way still ends."""
        self._polled.discard(stream.info.acquisition_id)

    def fetch_once(self, stream: Stream) -> None:
        """Fetch what an ended acquisition has."""
        self._schedule(stream.info.acquisition_id, is_once=True)

    async def run(self, rest: Rest) -> NoReturn:
        """Until cancelled, then nothing is polled any more."""
        try:
            await race(*(self._work(rest) for _ in range(MAX_AT_ONCE)))
        finally:
            self._polled.clear()
            self._scheduled.clear()
            while not self._due.empty():
                self._due.get_nowait()

    def _schedule(self, name: str, after_s: float = 0.0, *, is_once: bool = False) -> None:
        if name not in self._scheduled:
            self._scheduled.add(name)
            self._due.put_nowait(_Due(asyncio.get_running_loop().time() + after_s, name, is_once))

    async def _work(self, rest: Rest) -> NoReturn:
        clock = asyncio.get_running_loop().time
        while True:
            due = await self._due.get()
            await asyncio.sleep(due.at_s - clock())
            name = due.acquisition_id
            stream = self._streams.get(name)
            pause_s = 0.0
            if stream is not None and (due.is_once or name in self._polled):
                began_s = clock()
                is_good = await self._poll(rest, stream)
                interval_s = max(self._options.poll_interval_ms, stream.plan.interval_ms) / 1000
                pause_s = max(0.0, began_s + interval_s - clock()) if is_good else FAILED_PAUSE_S
            self._scheduled.discard(name)
            if name in self._polled:
                self._schedule(name, pause_s)

    async def _poll(self, rest: Rest, stream: Stream) -> bool:
        """Whether it went well."""
        name = stream.info.acquisition_id
        try:
            before = await rest.session_status(name)
            if before.total_samples == 0 or before.total_samples == self._store.last_totals.get(name):
                self._note_state(stream, before)
                return True
            requested = self._samples_to_ask(stream, before)
            window = await rest.session_data(name, requested)
            after = await rest.session_status(name)
        except RestError as error:
            self._tally.rest_errors += 1
            self._board.say(f"{stream.info.name} not polled: {error.detail}", is_warning=True)
            return False
        self._tally.messages += 1
        for problem in window.problems:
            self._tally.mended(problem)
        if after.total_samples < before.total_samples:
            return True  # restarted in between: nothing says which of the two the data belong to
        totals = before.total_samples, after.total_samples
        ingest = self._store.ingest_polled(window, *totals, self._now_us(), requested)
        if ingest.lost:
            self._on_loss(stream, 0)
        self._note_state(stream, after)
        return True

    def _samples_to_ask(self, stream: Stream, before: AcquisitionInfo) -> int:
        limit = window_limit(len(before.channels), before.buffer_size)
        last = self._store.last_totals.get(before.acquisition_id)
        if before.state in ENDED_STATES and last is None:
            return limit
        margin = max(MIN_SAMPLES, math.ceil(before.sample_rate_hz * MARGIN_S))
        if last is None or before.total_samples < last:
            return min(max(stream.plan.num_samples, margin), limit)
        return min(before.total_samples - last + margin, limit)

    def _note_state(self, stream: Stream, info: AcquisitionInfo) -> None:
        if info.acquisition_id not in self._polled and info.state not in ENDED_STATES:
            return  # its messages come again: the receiver says how it stands
        if info.state in ENDED_STATES:
            self._streams.set_state(stream, StreamState.STOPPED)
        elif info.state is AcquisitionState.PAUSED:
            self._streams.set_state(stream, StreamState.PAUSED)
        else:
            self._streams.set_state(stream, StreamState.POLLED)
