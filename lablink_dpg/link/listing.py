"""What is asked over REST again and again in every state: which acquisitions and which devices there are.

While the WebSocket is healthy this is all of REST: a slow pulse that finds what is new and tells whether REST is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NoReturn

from lablink_dpg.link.backfill import Backfiller
from lablink_dpg.link.board import Board
from lablink_dpg.link.loop import race, wait_at_most
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.pollers import Pollers
from lablink_dpg.link.rest import About, Rest, RestError
from lablink_dpg.link.roster import Roster
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.link.tally import Tally

RELIST_PAUSE_S = 0.25  # a listing because of unknown acquisitions waits for more of them
MAX_UNKNOWN = 1024  # ids remembered that no listing has explained


class Listing:
    """Network thread only."""

    def __init__(
        self,
        roster: Roster,
        streams: Streams,
        pollers: Pollers,
        backfiller: Backfiller,
        tally: Tally,
        board: Board,
        options: LinkOptions,
    ) -> None:
        self.is_secured = False  # as the server said last
        self._roster = roster
        self._streams = streams
        self._pollers = pollers
        self._backfiller = backfiller
        self._tally = tally
        self._board = board
        self._options = options
        self._relist = asyncio.Event()  # something is unknown
        self._unknown: set[str] = set()  # ids that asked for a listing once already

    async def run(self, rest: Rest, start: Callable[[Stream], None]) -> NoReturn:
        """Until cancelled; ``start`` is told of every acquisition there is, again and again."""
        listed = asyncio.Event()
        try:
            await race(
                self._keep_listing(rest, start, listed), self._keep_greeting(rest), self._start_known(start, listed)
            )
        finally:
            await self._roster.close()
        raise AssertionError("none of them ends")

    def on_unknown(self, acquisition_id: str) -> None:
        """List at once the first time; an id that no listing explains waits for the regular ones."""
        if acquisition_id not in self._unknown and len(self._unknown) < MAX_UNKNOWN:
            self._unknown.add(acquisition_id)
            self._relist.set()

    async def greet(self, rest: Rest) -> About:
        """What the server says of itself, shown. Raises RestError."""
        about = await rest.about()
        self.is_secured = about.is_secured
        self._board.show(server_version=about.version)
        return about

    async def _keep_greeting(self, rest: Rest) -> NoReturn:
        while True:
            try:
                await self.greet(rest)
                self._board.show(equipment=await rest.equipment())
            except RestError as error:
                self._failed("equipment not listed", error)
            await asyncio.sleep(self._options.greet_s)

    async def _keep_listing(self, rest: Rest, start: Callable[[Stream], None], listed: asyncio.Event) -> NoReturn:
        """List, start what is new, fetch what has ended, ask again for holes."""
        while True:
            # Listed first: a server that was restarted may have other acquisitions under the ids that we know.
            try:
                await self._roster.refresh(rest, on_described=start)
            except RestError as error:
                self._failed("acquisitions not listed", error)
            listed.set()
            for stream in self._streams:
                start(stream)
                self._backfiller.ask(stream)
            for stream in self._roster.unfetched_ended():
                self._pollers.fetch_once(stream)
            if await wait_at_most(self._relist, self._options.relist_s):
                await asyncio.sleep(RELIST_PAUSE_S)

    async def _start_known(self, start: Callable[[Stream], None], listed: asyncio.Event) -> None:
        """Where REST is slow, what is known already does not wait for it."""
        if not await wait_at_most(listed, self._options.list_first_s):
            for stream in self._streams:
                start(stream)
        await asyncio.get_running_loop().create_future()

    def _failed(self, what: str, error: RestError) -> None:
        self._tally.rest_failed(error)
        self._board.say(f"{what}: {error.detail}", is_warning=True)
