"""Acquisitions over REST: those whose WebSocket stream does not come, and ended ones, whose data are fetched once.

One poll is status, data, status: the two counts of samples tell between which numbers the data lie, because the data
themselves carry none. A poll that finds nothing new ends after the first status.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from collections.abc import Callable
from typing import NoReturn

from lablink_dpg.link.board import Board
from lablink_dpg.link.loop import race, wait_at_most
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.planner import MIN_SAMPLES, window_limit
from lablink_dpg.link.rest import Rest, RestError
from lablink_dpg.link.streams import ENDED_STATES, Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import StreamState
from lablink_dpg.store.store import Store

MAX_AT_ONCE = 8  # polls; REST calls of a LabLink server wait for each other anyway
MARGIN_S = 0.5  # of overlap with what is stored: the numbers are found by matching it …
MARGIN_CALLS = 3  # … after as many calls' time: two are to follow, and the data take the longest
YOUNG_RUN = 10_000  # samples, what a server keeps: so young a run is fetched whole, its numbers are certain then
NEVER = -1  # no run began then
FAILED_PAUSE_S = 1.0  # before an acquisition whose poll failed is asked again


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
        # All of these are bounded by the streams there are: an acquisition waits for its time, or for a worker, or is
        # being polled, and is in `_scheduled` all the while.
        self._polled: set[str] = set()
        self._once: set[str] = set()  # to be fetched whether polled or not; until that was tried
        self._scheduled: set[str] = set()
        self._in_vain: dict[str, int | None] = {}  # by when they began, runs whose last answer had nothing to store
        self._waiting: dict[str, float] = {}  # when it is due, in seconds of the loop's clock
        self._heap: list[tuple[float, str]] = []  # the same by time; what was moved forward leaves a void entry
        self._ready: asyncio.Queue[str] = asyncio.Queue()  # is due
        self._sooner = asyncio.Event()  # something is due sooner than what was first until now

    def add(self, stream: Stream) -> None:
        """Poll it from now on."""
        name = stream.info.acquisition_id
        if name not in self._polled:
            self._polled.add(name)
            self._schedule_now(name)

    def remove(self, stream: Stream) -> None:
        """Poll it no more; a poll that is under way still ends."""
        self._polled.discard(stream.info.acquisition_id)
        self._in_vain.pop(stream.info.acquisition_id, None)

    def fetch_once(self, stream: Stream) -> None:
        """Fetch what an ended acquisition has, however long its next poll would be away.

        ``fetched_total`` tells when that has come true; a failure is not repeated from here.
        """
        self._once.add(stream.info.acquisition_id)
        self._schedule_now(stream.info.acquisition_id)

    async def run(self, rest: Rest) -> NoReturn:
        """Until cancelled, then nothing is polled any more."""
        try:
            await race(self._call_when_due(), *(self._work(rest) for _ in range(MAX_AT_ONCE)))
        finally:
            for names in (self._polled, self._once, self._scheduled, self._in_vain, self._waiting, self._heap):
                names.clear()
            while not self._ready.empty():
                self._ready.get_nowait()

    def _schedule_now(self, name: str) -> None:
        """Unless it is due or being polled already: then whoever has it looks at `_polled` and `_once` itself."""
        if name not in self._scheduled or name in self._waiting:
            self._schedule(name, asyncio.get_running_loop().time())

    def _schedule(self, name: str, at_s: float) -> None:
        self._scheduled.add(name)
        if at_s < self._waiting.get(name, math.inf):
            self._waiting[name] = at_s
            heapq.heappush(self._heap, (at_s, name))
            if self._heap[0][1] == name:
                self._sooner.set()

    async def _call_when_due(self) -> NoReturn:
        """Nobody else waits for a time: a worker that did could not take what becomes due sooner."""
        clock = asyncio.get_running_loop().time
        while True:
            while self._heap and self._heap[0][0] <= clock():
                at_s, name = heapq.heappop(self._heap)
                if self._waiting.get(name) == at_s:
                    del self._waiting[name]
                    self._ready.put_nowait(name)
            # Without any, for as long as nothing comes.
            await wait_at_most(self._sooner, self._heap[0][0] - clock() if self._heap else math.inf)

    async def _work(self, rest: Rest) -> NoReturn:
        clock = asyncio.get_running_loop().time
        while True:
            name = await self._ready.get()
            stream = self._streams.get(name)
            is_once = name in self._once
            pause_s = 0.0
            if stream is not None and (is_once or name in self._polled):
                began_s = clock()
                is_good = await self._poll(rest, stream)
                interval_s = max(self._options.poll_interval_ms, stream.plan.interval_ms) / 1000
                pause_s = max(0.0, began_s + interval_s - clock()) if is_good else FAILED_PAUSE_S
                stream.failed_fetches += is_once and not is_good
                if stream.info.state in ENDED_STATES:
                    self._polled.discard(name)  # the listing tells when it runs again
            if is_once:
                self._once.discard(name)
            self._scheduled.discard(name)
            if name in self._once:  # wished for while an ordinary poll was under way
                self._schedule(name, clock())
            elif name in self._polled:
                self._schedule(name, clock() + pause_s)

    async def _poll(self, rest: Rest, stream: Stream) -> bool:
        """Whether it went well."""
        name = stream.info.acquisition_id
        clock = asyncio.get_running_loop().time
        try:
            began_s = clock()
            before = await rest.session_status(name)
            took_s = clock() - began_s
            if before.total_samples == 0 or self._has_all(before):
                self._note_state(stream, before)
                self._note_fetched(stream, before)
                return True
            requested = self._samples_to_ask(stream, before, took_s)
            window = await rest.session_data(name, requested)
            after = await rest.session_status(name)
        except RestError as error:
            self._tally.rest_failed(error)
            self._board.say_of_one(
                f"{stream.info.name} not polled: {error.detail}", f"several acquisitions not polled: {error.kind}"
            )
            return False
        if self._streams.get(name) is not stream:
            return True  # forgotten in between: to store this would bring it back
        self._tally.messages += 1
        for problem in window.problems:
            self._tally.mended(problem)
        if after.total_samples < before.total_samples or after.started_us != before.started_us:
            return True  # restarted in between: nothing says which of the two the data belong to
        totals = before.total_samples, after.total_samples
        ingest = self._store.ingest_polled(window, *totals, self._now_us(), requested, after.started_us)
        if ingest.new == 0:
            self._in_vain[name] = after.started_us
        if ingest.lost:
            self._on_loss(stream, 0)
        self._note_state(stream, after)
        if before.total_samples == after.total_samples:
            self._note_fetched(stream, before)
        return True

    def _has_all(self, info: AcquisitionInfo) -> bool:
        """Whether all samples of this run are stored."""
        start_us = self._store.last_starts.get(info.acquisition_id)
        is_same_run = start_us is None or info.started_us is None or start_us == info.started_us
        return is_same_run and info.total_samples == self._store.last_totals.get(info.acquisition_id)

    @staticmethod
    def _note_fetched(stream: Stream, before: AcquisitionInfo) -> None:
        """``before`` the data were asked for it stood so."""
        if before.state in ENDED_STATES:
            stream.fetched_total = before.total_samples
            stream.failed_fetches = 0

    def _samples_to_ask(self, stream: Stream, before: AcquisitionInfo, took_s: float) -> int:
        """``took_s``: what a call takes at present; sampling goes on meanwhile."""
        limit = window_limit(len(before.channels), before.buffer_size)
        series = self._store.series.get(before.acquisition_id)
        # Also where the numbers are only known within bounds: then it is the least that the server may have counted.
        last = series.total if series is not None and series.epochs else None
        if before.state in ENDED_STATES and last is None:
            return limit
        margin = max(MIN_SAMPLES, math.ceil(before.sample_rate_hz * (MARGIN_S + MARGIN_CALLS * took_s)))
        if last is None or before.total_samples < last:
            whole = before.total_samples + margin
            # Where it cannot be told from the run before, a shorter answer will soon be of this one alone.
            was_in_vain = self._in_vain.get(before.acquisition_id, NEVER) == before.started_us
            if whole <= min(YOUNG_RUN, limit) and not was_in_vain:
                return whole
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
