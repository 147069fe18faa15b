"""Fetching lost samples over REST: the server's buffer still has what fell between two windows.

Runs beside the receive loop, a few requests at a time, in turns: an acquisition that loses samples all the time waits
after each answer until all others had theirs. A hole that several answers in a row could not narrow has left
the server's buffer: it is given up and said so, because asking forever would not bring it back.
"""

from __future__ import annotations

import asyncio
import math
from typing import NoReturn

from lablink_dpg.link.board import Board
from lablink_dpg.link.loop import race
from lablink_dpg.link.planner import MIN_SAMPLES, window_limit
from lablink_dpg.link.rest import Rest, RestError
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.acquisition import DataWindow
from lablink_dpg.store.store import Store

MAX_AT_ONCE = 4  # requests; more would slow the server's streams, which caused the loss
MAX_WAITING = 16  # acquisitions that have their turn: most of it is waiting, between two tries
MARGIN_S = 0.5  # so much more is asked for than is missing: the server goes on sampling while the request travels …
MARGIN_CALLS = 2  # … and so many times what answers have taken lately
CALM = 0.8  # what is left of a slow answer after each that is quicker
MAX_TRIES = 3  # answers without any progress
MAX_ROUNDS = 10  # of tries, one a listing, for what the server must still have: its stamps may be wrong for a while
PAUSE_S = 0.2  # between two tries of one acquisition


class Backfiller:
    """Network thread only."""

    def __init__(self, store: Store, streams: Streams, tally: Tally, board: Board) -> None:
        self._store = store
        self._streams = streams
        self._tally = tally
        self._board = board
        self._waiting: asyncio.Queue[str] = asyncio.Queue()  # bounded by MAX_STREAMS: each id is in it once
        self._queued: set[str] = set()
        # By id: holes, and when the run began whose samples are counted so.
        self._given_up: dict[str, tuple[int | None, frozenset[tuple[int, int]]]] = {}
        self._rounds: dict[str, int] = {}  # in vain so far, by id
        self._requests = asyncio.Semaphore(MAX_AT_ONCE)
        self._slow_s = 0.0  # what answers have taken lately

    def ask(self, stream: Stream) -> None:
        """Fetch what this acquisition has lost, if anything, as soon as a request is free."""
        name = stream.info.acquisition_id
        if name not in self._queued:
            self._queued.add(name)
            self._waiting.put_nowait(name)

    def forget(self, stream: Stream) -> None:
        """It will not be asked for again."""
        self._given_up.pop(stream.info.acquisition_id, None)
        self._rounds.pop(stream.info.acquisition_id, None)

    async def run(self, rest: Rest) -> NoReturn:
        """Until cancelled."""
        await race(*(self._work(rest) for _ in range(MAX_WAITING)))

    async def _work(self, rest: Rest) -> NoReturn:
        while True:
            name = await self._waiting.get()
            stream = self._streams.get(name)
            is_whole = True
            try:
                is_whole = stream is None or await self._fill(rest, stream)
            finally:
                self._queued.discard(name)
            if stream is not None and not is_whole:
                self.ask(stream)

    async def _fill(self, rest: Rest, stream: Stream) -> bool:
        """Until something has come, or it is of no use; False if there is more to be had."""
        name = stream.info.acquisition_id
        tries = 0
        while holes := self._open_holes(name):
            if tries == MAX_TRIES:
                if not self._may_try_again(stream, holes[0][0]):
                    self._give_up(stream, holes)
                return True
            if tries:
                await asyncio.sleep(PAUSE_S)
            try:
                async with self._requests:
                    window, bounds = await self._ask(rest, stream, holes[0][0], tries)
            except RestError as error:
                # Not a try: the samples may still be there. The next listing asks again.
                self._tally.rest_failed(error)
                self._board.say_of_one(
                    f"lost samples of {stream.info.name} not fetched: {error.detail}",
                    f"lost samples of several acquisitions not fetched: {error.kind}",
                )
                return True
            if self._store.backfill(window, bounds):
                self._rounds.pop(name, None)
                if self._open_holes(name):
                    return False
                self._board.say_of_stream(stream.info.name, "lost samples fetched over REST", is_warning=False)
            tries += 1
        return True

    async def _ask(
        self, rest: Rest, stream: Stream, start: int, tries: int
    ) -> tuple[DataWindow, tuple[int, int] | None]:
        """An answer, and between which counts of the server it was: those are asked for where it did not do without.

        Raises:
            RestError: from any of the calls.
        """
        name = stream.info.acquisition_id
        before = await rest.session_status(name)
        is_our_run = before.started_us == self._store.last_starts.get(name, before.started_us)
        # Ours may be seconds old: a connection that is behind is one that loses samples.
        total = before.total_samples if is_our_run else self._store.last_totals.get(name, start)
        window = await self._data(rest, name, self._samples_to_ask(stream, start, tries, total))
        if not tries:
            return window, None
        after = await rest.session_status(name)
        is_one_run = before.total_samples <= after.total_samples and before.started_us == after.started_us
        return window, (before.total_samples, after.total_samples) if is_our_run and is_one_run else None

    async def _data(self, rest: Rest, name: str, wanted: int) -> DataWindow:
        clock = asyncio.get_running_loop().time
        began_s = clock()
        try:
            return await rest.session_data(name, wanted)
        finally:
            self._slow_s = max(clock() - began_s, self._slow_s * CALM)

    def _open_holes(self, name: str) -> list[tuple[int, int]]:
        """Holes worth asking for, the oldest first: [start, stop) as the server counts."""
        given_up = self._given_up_of(name)
        return [hole for hole in self._store.lost_ranges(name) if hole not in given_up]

    def _samples_to_ask(self, stream: Stream, start: int, tries: int, total: int) -> int:
        """Back to the hole's start; all that the server has where that was not enough."""
        info = stream.info
        limit = window_limit(len(info.channels), info.buffer_size)
        if tries:
            return limit
        margin = max(MIN_SAMPLES, math.ceil(info.sample_rate_hz * (MARGIN_S + MARGIN_CALLS * self._slow_s)))
        return min(max(total - start, 0) + margin, limit)

    def _may_try_again(self, stream: Stream, start: int) -> bool:
        """Whether the server should have the hole's start; the next listing asks again then."""
        name = stream.info.acquisition_id
        rounds = self._rounds[name] = self._rounds.get(name, 0) + 1
        return rounds < MAX_ROUNDS and self._store.last_totals.get(name, start) - start <= stream.info.buffer_size

    def _given_up_of(self, name: str) -> frozenset[tuple[int, int]]:
        started_us, holes = self._given_up.get(name, (None, frozenset()))
        return holes if started_us == self._store.last_starts.get(name) else frozenset()

    def _give_up(self, stream: Stream, holes: list[tuple[int, int]]) -> None:
        name = stream.info.acquisition_id
        left = frozenset(self._store.lost_ranges(name))  # what the ring has forgotten is forgotten here too
        given_up = (self._given_up_of(name) & left) | frozenset(holes)
        self._given_up[name] = self._store.last_starts.get(name), given_up
        self._rounds.pop(name, None)
        lost = sum(stop - start for start, stop in holes)
        self._board.say(f"{stream.info.name}: {lost} samples are lost for good", is_warning=True)
