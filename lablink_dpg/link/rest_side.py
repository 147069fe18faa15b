"""All that goes over REST beside or instead of the WebSocket: what there is, what is missing, what does not come."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from lablink_dpg.link.backfill import Backfiller
from lablink_dpg.link.listing import Listing
from lablink_dpg.link.loop import race
from lablink_dpg.link.orders import Orders
from lablink_dpg.link.parts import Parts
from lablink_dpg.link.pollers import Pollers
from lablink_dpg.link.rest import Rest
from lablink_dpg.link.roster import Roster
from lablink_dpg.link.streams import Stream
from lablink_dpg.link.topics import Topics
from lablink_dpg.model.orders import ControlAcquisition, Order


class RestSide:
    """Network thread only."""

    def __init__(
        self,
        parts: Parts,
        server: str,
        *,
        on_loss: Callable[[Stream, int], None],
        on_forgotten: Callable[[Stream], None],
    ) -> None:
        """``server`` as shown to a person; ``on_loss`` and ``on_forgotten`` are told of what was found here."""
        store, streams, tally, board, options = parts.store, parts.streams, parts.tally, parts.board, parts.options
        self._streams = streams
        self._devices = parts.devices
        self._on_forgotten = on_forgotten
        self.pollers = Pollers(store, streams, tally, board, options, parts.now_us, on_loss=on_loss)
        self.backfiller = Backfiller(store, streams, tally, board)
        self.topics = Topics(parts)
        self.orders = Orders(parts, self.topics, on_relist=self._ordered)
        roster = self._roster = Roster(store, streams, tally, board, server, on_forgotten=self._forget)
        self.listing = Listing(roster, streams, parts.devices, self.pollers, self.backfiller, tally, board, options)
        self.orders.on_devices = self.listing.want_devices

    async def run_beside(self, rest: Rest, on_listed: Callable[[], None], *, is_polling: bool) -> NoReturn:
        """While there is a WebSocket; ``is_polling``: what does not come over it is polled. Until cancelled."""
        devices = (self._devices.poll(rest),) if is_polling else ()
        await race(
            self.listing.run(rest, on_listed),
            self.pollers.run(rest),
            self.backfiller.run(rest),
            self.topics.run(rest),
            *devices,
        )
        raise AssertionError("none of them ends")

    async def run_instead(self, rest: Rest) -> NoReturn:
        """While there is none: everything is polled. Until cancelled."""
        await race(
            self.listing.run(rest, self._poll_all),
            self.pollers.run(rest),
            self.backfiller.run(rest),
            self.topics.run(rest),
            self._devices.poll(rest),
        )
        raise AssertionError("none of them ends")

    def _poll_all(self) -> None:
        for stream in self._streams:
            if stream.is_live:
                self.pollers.add(stream)
            else:
                self.pollers.remove(stream)

    def _ordered(self, order: Order, is_done: bool) -> None:
        if is_done and isinstance(order, ControlAcquisition) and order.action == "delete":
            self._roster.drop(order.acquisition_id)
        self.listing.relist()

    def _forget(self, stream: Stream) -> None:
        self.pollers.remove(stream)
        self.backfiller.forget(stream)
        self._on_forgotten(stream)
