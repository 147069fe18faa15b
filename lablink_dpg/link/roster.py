"""Which acquisitions a server has: listed over REST again and again, because no event tells of new or ended ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from lablink_dpg.link.board import Board
from lablink_dpg.link.rest import Rest, RestError, SessionLine
from lablink_dpg.link.streams import ENDED_STATES, MAX_STREAMS, Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import StreamState
from lablink_dpg.store.store import Store

MAX_AT_ONCE = 8  # questions for details when a server with many acquisitions is met


class Roster:
    """Network thread only."""

    def __init__(self, store: Store, streams: Streams, tally: Tally, board: Board, server: str) -> None:
        self._store = store
        self._streams = streams
        self._tally = tally
        self._board = board
        self._server = server  # as shown to a person

    async def refresh(self, rest: Rest, on_described: Callable[[], None] = lambda: None) -> None:
        """List the acquisitions and describe those that are new or have changed their state.

        ``on_described`` after each, so that the first of many need not wait for the last.

        Raises:
            RestError: if the list cannot be had. One acquisition's details that cannot are only counted and said.
        """
        lines = await rest.sessions()
        self._mark_unlisted({line.acquisition_id for line in lines})
        changed = [line for line in lines if self._has_changed(line)]
        room = MAX_STREAMS - sum(self._streams.get(line.acquisition_id) is not None for line in lines)
        new = [line for line in changed if self._streams.get(line.acquisition_id) is None]
        if len(new) > room:
            self._board.say(f"{len(lines)} acquisitions, {MAX_STREAMS} at most are shown", is_warning=True)
            left_out = {line.acquisition_id for line in new[max(0, room) :]}
            changed = [line for line in changed if line.acquisition_id not in left_out]
        turns = asyncio.Semaphore(MAX_AT_ONCE)

        async def ask(line: SessionLine) -> AcquisitionInfo | None:
            async with turns:
                return await self._details(rest, line.acquisition_id)

        answers = [asyncio.ensure_future(ask(line)) for line in changed]
        try:
            for answer in answers:  # in the order of the list, which is the order on the screen
                info = await answer
                if info is not None:
                    self._describe(info)
                    on_described()
        finally:
            for answer in answers:
                answer.cancel()
            await asyncio.gather(*answers, return_exceptions=True)

    def unfetched_ended(self) -> list[Stream]:
        """Ended acquisitions with samples that are not stored yet; each is named once for each count of samples."""
        found = []
        for stream in self._streams:
            info = stream.info
            if info.state not in ENDED_STATES or info.total_samples in (0, stream.fetched_total):
                continue
            stream.fetched_total = info.total_samples
            if self._store.last_totals.get(info.acquisition_id) != info.total_samples:
                found.append(stream)
        return found

    def _has_changed(self, line: SessionLine) -> bool:
        stream = self._streams.get(line.acquisition_id)
        if stream is None or line.state is not stream.info.state:
            return True
        return line.state in ENDED_STATES and line.total_samples != stream.info.total_samples

    async def _details(self, rest: Rest, name: str) -> AcquisitionInfo | None:
        try:
            return await rest.session_status(name)
        except RestError as error:
            self._tally.rest_errors += 1
            self._board.say(f"acquisition left out: {error.detail}", is_warning=True)
            return None

    def _describe(self, info: AcquisitionInfo) -> None:
        is_new = self._streams.get(info.acquisition_id) is None
        stream = self._streams.describe(info)
        self._store.describe(info, self._server)
        if is_new:
            self._board.say(f"acquisition {info.name}: {info.state.value}, {info.sample_rate_hz:g} Hz")
        if info.state in ENDED_STATES:
            self._streams.set_state(stream, StreamState.STOPPED)
        elif stream.state is StreamState.STOPPED:
            stream.asked_us = None  # it runs again: its stream has to be asked for again
            self._streams.set_state(stream, StreamState.WAITING)

    def _mark_unlisted(self, listed: set[str]) -> None:
        for stream in self._streams:
            info = stream.info
            if info.acquisition_id not in listed and stream.state is not StreamState.STOPPED:
                stream.info = replace(info, state=AcquisitionState.STOPPED)
                self._store.describe(stream.info, self._server)
                self._streams.set_state(stream, StreamState.STOPPED)
                self._board.say(f"acquisition {info.name} is no longer on the server")
