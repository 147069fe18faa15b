"""What is asked over REST again and again in every state: which acquisitions and which devices there are.

While the WebSocket is healthy this is all of REST: a slow pulse that finds what is new and tells whether REST is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NoReturn

from lablink_dpg.link.backfill import Backfiller
from lablink_dpg.link.board import Board
from lablink_dpg.link.devices import Devices
from lablink_dpg.link.loop import about, race, wait_at_most
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.pollers import Pollers
from lablink_dpg.link.rest import About, Rest, RestError
from lablink_dpg.link.roster import Roster
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.tally import Tally

RELIST_PAUSE_S = 0.25  # a listing because of unknown acquisitions waits for more of them
MAX_UNKNOWN = 1024  # ids remembered that no listing has explained


class Listing:
    """Network thread only."""

    def __init__(
        self,
        roster: Roster,
        streams: Streams,
        devices: Devices,
        pollers: Pollers,
        backfiller: Backfiller,
        tally: Tally,
        board: Board,
        options: LinkOptions,
    ) -> None:
        self.is_secured = False  # as the server said last
        self._roster = roster
        self._streams = streams
        self._devices = devices
        self._pollers = pollers
        self._backfiller = backfiller
        self._tally = tally
        self._board = board
        self._options = options
        self._relist = asyncio.Event()  # something is unknown
        self._regreet = asyncio.Event()  # the devices are known to have changed
        self._is_urgent = False  # somebody waits for it
        self._unknown: set[str] = set()  # ids that asked for a listing once already

    async def run(self, rest: Rest, on_listed: Callable[[], None]) -> NoReturn:
        """Until cancelled. ``on_listed``: something may be new; called again and again, also when nothing is."""
        listed = asyncio.Event()
        try:
            await race(
                self._keep_listing(rest, on_listed, listed),
                self._keep_greeting(rest, on_listed),
                self._go_on_without(on_listed, listed),
            )
        finally:
            await self._roster.close()
        raise AssertionError("none of them ends")

    def on_unknown(self, acquisition_id: str) -> None:
        """List at once the first time; an id that no listing explains waits for the regular ones."""
        if acquisition_id not in self._unknown and len(self._unknown) < MAX_UNKNOWN:
            self._unknown.add(acquisition_id)
            self._relist.set()

    def want_devices(self) -> None:
        """List them at once: some were connected or disconnected."""
        self._regreet.set()

    def relist(self) -> None:
        """List at once: a person has changed something."""
        self._is_urgent = True
        self._relist.set()

    async def greet(self, rest: Rest) -> About:
        """What the server says of itself, shown. Raises RestError."""
        about = await rest.about()
        self.is_secured = about.is_secured
        self._board.show(server_version=about.version)
        return about

    async def _keep_greeting(self, rest: Rest, on_listed: Callable[[], None]) -> NoReturn:
        while True:
            try:
                await self.greet(rest)
                equipment = await rest.equipment()
                self._board.show(equipment=equipment, no_equipment="")
                if self._devices.update(equipment):
                    on_listed()
            except RestError as error:
                self._failed("equipment not listed", error)
                self._board.show(no_equipment=_unlisted(error))
            await wait_at_most(self._regreet, about(self._options.greet_s))

    async def _keep_listing(self, rest: Rest, on_listed: Callable[[], None], listed: asyncio.Event) -> NoReturn:
        """List, tell of what is new, fetch what has ended, ask again for holes."""
        while True:
            self._is_urgent = False
            # Listed first: a server that was restarted may have other acquisitions under the ids that we know.
            try:
                await self._roster.refresh(rest, on_described=lambda _: on_listed())
                self._board.show(no_acquisitions="")
            except RestError as error:
                self._failed("acquisitions not listed", error)
                self._board.show(no_acquisitions=_unlisted(error))
            listed.set()
            on_listed()
            for stream in self._streams:
                self._backfiller.ask(stream)
            for stream in self._roster.unfetched_ended():
                self._pollers.fetch_once(stream)
            if await wait_at_most(self._relist, about(self._options.relist_s)) and not self._is_urgent:
                await asyncio.sleep(RELIST_PAUSE_S)

    async def _go_on_without(self, on_listed: Callable[[], None], listed: asyncio.Event) -> None:
        """Where REST is slow, what is known already does not wait for it."""
        if not await wait_at_most(listed, self._options.list_first_s):
            on_listed()
        await asyncio.get_running_loop().create_future()

    def _failed(self, what: str, error: RestError) -> None:
        self._tally.rest_failed(error)
        self._board.say(f"{what}: {error.detail}", is_warning=True)


def _unlisted(error: RestError) -> str:
    """Said of a list: whether there is nothing to list is not known."""
    return f"cannot be had: {error.detail}"
