"""Which acquisitions a server has: listed over REST again and again, because no event tells of new or ended ones.

A server that runs for weeks lists thousands one after the other, so what it no longer lists is kept for a while only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace

from lablink_dpg.link.board import Board
from lablink_dpg.link.rest import Rest, RestError, SessionLine
from lablink_dpg.link.streams import ENDED_STATES, MAX_STREAMS, Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import StreamState
from lablink_dpg.store.store import Store

MAX_AT_ONCE = 8  # questions for details when a server with many acquisitions is met
PATIENCE_S = 0.3  # without any answer for so long, the next listing takes what comes late
MAX_UNLISTED = 64  # acquisitions that the server no longer has: as many as a display shows at once
UNLISTED = "no longer on the server"
MAX_FAILED_FETCHES = 5  # of an ended acquisition: one that always fails must not take the place of those that run


class Roster:
    """Network thread only."""

    def __init__(
        self,
        store: Store,
        streams: Streams,
        tally: Tally,
        board: Board,
        server: str,
        on_forgotten: Callable[[Stream], None] = lambda _: None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._store = store
        self._streams = streams
        self._tally = tally
        self._board = board
        self._server = server  # as shown to a person
        self._on_forgotten = on_forgotten
        self._patience_s = patience_s
        self._asking: dict[
            str, asyncio.Task[AcquisitionInfo | None]
        ] = {}  # slow answers, looked at by the next refresh
        self._unlisted: dict[str, None] = {}  # the longest gone first
        self._dropped: set[str] = set()  # while an older list is under way, in which they still are
        self.forgotten = 0  # acquisitions, since the link was started

    async def refresh(self, rest: Rest, on_described: Callable[[Stream], None] = lambda _: None) -> None:
        """List the acquisitions and describe those that are new or have changed their state.

        ``on_described`` after each, so that the first of many need not wait for the last.

        Raises:
            RestError: if the list cannot be had. One acquisition's details that cannot are only counted and said.
        """
        self._dropped.clear()
        lines = [line for line in await rest.sessions() if line.acquisition_id not in self._dropped]
        self._streams.expected = min(MAX_STREAMS, sum(line.state not in ENDED_STATES for line in lines))
        self._mark_unlisted({line.acquisition_id for line in lines})
        new = self._make_room([line for line in lines if self._streams.get(line.acquisition_id) is None], len(lines))
        changed = [line.acquisition_id for line in lines if line.acquisition_id in new or self._has_changed(line)]
        turns = asyncio.Semaphore(MAX_AT_ONCE)

        async def ask(name: str) -> AcquisitionInfo | None:
            async with turns:
                return await self._details(rest, name)

        # In the order of the list, which is the order on the screen; but one slow answer does not hold up the others.
        asking = self._asking
        self._asking = {
            name: asking.pop(name) if name in asking else asyncio.ensure_future(ask(name)) for name in changed
        }
        await _cancel(asking.values())
        while self._asking:
            first = next(iter(self._asking))
            ended, _ = await asyncio.wait({self._asking[first]}, timeout=self._patience_s)
            ready = [first] if ended else [name for name, answer in self._asking.items() if answer.done()]
            if not ready:
                break
            for name in ready:
                info = self._asking.pop(name).result()
                if info is not None and name not in self._dropped:
                    on_described(self._describe(info))

    def drop(self, name: str) -> None:
        """A person has deleted it on the server: nothing is kept, and what is under way does not bring it back."""
        self._dropped.add(name)
        stream = self._streams.get(name)
        if stream is not None:
            self._remove(stream)

    async def close(self) -> None:
        """Nothing is awaited any more; to be called when no refresh follows."""
        asking, self._asking = self._asking, {}
        await _cancel(asking.values())

    def unfetched_ended(self) -> list[Stream]:
        """Ended acquisitions with samples that are not stored yet; named until they are, or it has failed too often."""
        return [
            stream
            for stream in self._streams
            if stream.info.state in ENDED_STATES
            and stream.info.total_samples not in (0, stream.fetched_total)
            and stream.info.total_samples != self._store.last_totals.get(stream.info.acquisition_id)
            and stream.failed_fetches < MAX_FAILED_FETCHES
            and stream.info.acquisition_id not in self._unlisted
        ]

    def _make_room(self, new: list[SessionLine], listed: int) -> set[str]:
        """Forget what has to be forgotten; the ids of those that have room now.

        What the server no longer has goes first, then what has ended, for the sake of what runs.
        """
        unlisted = list(self._unlisted)
        surplus = max(len(unlisted) - MAX_UNLISTED, len(self._streams) + len(new) - MAX_STREAMS)
        for name in unlisted[: max(0, surplus)]:
            self._forget(name)
        if len(self._streams) + len(new) > MAX_STREAMS:
            self._board.say(f"{listed} acquisitions, {MAX_STREAMS} at most are shown", is_warning=True)
            new = sorted(new, key=lambda line: line.state in ENDED_STATES)
            running = sum(line.state not in ENDED_STATES for line in new)
            ended = [stream.info.acquisition_id for stream in self._streams if stream.info.state in ENDED_STATES]
            for name in ended[: max(0, len(self._streams) + running - MAX_STREAMS)]:
                self._forget(name)
            new = new[: max(0, MAX_STREAMS - len(self._streams))]
        return {line.acquisition_id for line in new}

    def _forget(self, name: str) -> None:
        stream = self._streams.get(name)
        if stream is None:
            return
        if not self.forgotten:
            self._board.say(
                f"{stream.info.name} has ended and makes room: {MAX_STREAMS} acquisitions are kept,"
                f" {MAX_UNLISTED} of those that are no longer on the server"
            )
        self.forgotten += 1
        self._remove(stream)

    def _remove(self, stream: Stream) -> None:
        name = stream.info.acquisition_id
        self._unlisted.pop(name, None)
        self._streams.forget(stream)
        self._store.forget(name)
        self._on_forgotten(stream)

    def _has_changed(self, line: SessionLine) -> bool:
        stream = self._streams.get(line.acquisition_id)
        if stream is None:
            return False  # there is no room for it
        known = stream.info.created_at
        if line.state is not stream.info.state or (line.created_at and known and line.created_at != known):
            return True
        # Begun anew between two lists: another run, perhaps of other channels, and the list does not tell.
        series = self._store.series.get(line.acquisition_id)
        if series is not None and series.started_us not in (None, stream.info.started_us):
            return True
        return line.state in ENDED_STATES and line.total_samples != stream.info.total_samples

    async def _details(self, rest: Rest, name: str) -> AcquisitionInfo | None:
        try:
            return await rest.session_status(name)
        except RestError as error:
            self._tally.rest_failed(error)
            self._board.say_of_one(
                f"acquisition left out: {error.detail}", f"several acquisitions left out: {error.kind}"
            )
            return None

    def _describe(self, info: AcquisitionInfo) -> Stream:
        is_new = self._streams.get(info.acquisition_id) is None
        stream = self._streams.describe(info)
        self._store.describe(info, self._server)
        if is_new:
            self._board.say(f"acquisition {info.name}: {info.state.value}, {info.sample_rate_hz:g} Hz")
        if info.state in ENDED_STATES or info.state is AcquisitionState.IDLE:
            self._streams.set_state(stream, StreamState.STOPPED)
        elif stream.state is StreamState.STOPPED:
            stream.asked_us = None  # it runs again: its stream has to be asked for again
            stream.is_silent = False
            self._streams.set_state(stream, StreamState.WAITING)
        return stream

    def _mark_unlisted(self, listed: set[str]) -> None:
        for stream in self._streams:
            info = stream.info
            if info.acquisition_id in listed:
                if stream.note == UNLISTED:
                    self._streams.set_note(stream, "")
                self._unlisted.pop(info.acquisition_id, None)
                continue
            self._unlisted.setdefault(info.acquisition_id)
            self._streams.set_note(stream, UNLISTED)
            if stream.state is not StreamState.STOPPED:
                stream.info = replace(info, state=AcquisitionState.STOPPED)
                self._store.describe(stream.info, self._server)
                self._streams.set_state(stream, StreamState.STOPPED)
                self._board.say(f"acquisition {info.name} is no longer on the server")


async def _cancel(tasks: Iterable[asyncio.Task[AcquisitionInfo | None]]) -> None:
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
