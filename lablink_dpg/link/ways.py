"""Both ways for samples to come, WebSocket and REST, and what each leaves to the other: that is the user's mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from lablink_dpg.link.history import History
from lablink_dpg.link.listing import Listing
from lablink_dpg.link.loop import race
from lablink_dpg.link.parts import Parts
from lablink_dpg.link.rest import Rest
from lablink_dpg.link.rest_side import RestSide
from lablink_dpg.link.socket_side import SocketSide
from lablink_dpg.link.streams import Stream
from lablink_dpg.link.websocket import Socket
from lablink_dpg.model.commands import SetHistory, WatchDevice, WatchTopics
from lablink_dpg.model.link import Mode
from lablink_dpg.model.orders import Order
from lablink_dpg.model.topic import Topic


class Ways:
    """Network thread only."""

    def __init__(self, parts: Parts, server: str, wait_turn: Callable[[], None]) -> None:
        """``server`` as shown to a person; ``wait_turn`` lets a frame that is being prepared go first."""
        self.mode = parts.options.mode  # changed by the user's commands; what runs goes on as it is
        self._streams = parts.streams
        self._devices = parts.devices
        self._history = History(parts.store, parts.board)
        self._rest_side = RestSide(parts, server, on_loss=self._on_loss, on_forgotten=self._on_forgotten)
        self._socket_side = SocketSide(
            parts,
            wait_turn=wait_turn,
            on_loss=self._rest_side.backfiller.ask,
            on_unknown=self._rest_side.listing.on_unknown,
            on_silent=self._on_silent,
            on_revived=self._rest_side.pollers.remove,
            on_uncertain=self._on_uncertain,
            on_event=self._rest_side.topics.heard,
        )

    @property
    def listing(self) -> Listing:
        return self._rest_side.listing

    async def poll(self, rest: Rest) -> NoReturn:
        """Everything over REST, until cancelled."""
        await self._rest_side.run_instead(rest)
        raise AssertionError("it does not end")

    async def stream(self, rest: Rest, socket: Socket) -> NoReturn:
        """Everything over the WebSocket, what does not come that way over REST if the mode allows.

        Raises:
            LinkDown: when the connection is lost.
        """
        self.disconnected()
        is_polling = self.mode is Mode.HYBRID
        await race(
            self._socket_side.run(socket),
            self._rest_side.run_beside(rest, self._socket_side.listed, is_polling=is_polling),
        )
        raise AssertionError("none of them ends without an error")

    async def take_orders(self, rest: Rest) -> NoReturn:
        """Whatever connections come and go meanwhile, until cancelled."""
        await self._rest_side.orders.run(rest)
        raise AssertionError("it does not end")

    def disconnected(self) -> None:
        """Nothing comes any way."""
        self._streams.disconnected()
        self._devices.disconnected()

    def do(self, command: WatchTopics | WatchDevice | SetHistory | Order) -> None:
        """What a person wants that leaves the link as it is."""
        match command:
            case WatchTopics():
                self._rest_side.topics.watch(command.topics)
                self._socket_side.hurry(Topic.READINGS in command.topics)
            case WatchDevice():
                self._devices.watch(command.equipment_id, command.is_on)
            case SetHistory():
                self._history.set(command.samples)
            case _:
                self._rest_side.orders.give(command)

    def pardon(self) -> None:
        """A person wants another try of everything."""
        self._socket_side.pardon()

    # -- what one side asks of the other -------------------------------------------------------------------------

    def _on_loss(self, stream: Stream, enough: int) -> None:
        self._socket_side.lost(stream, enough)

    def _on_forgotten(self, stream: Stream) -> None:
        self._socket_side.forget(stream)

    def _on_silent(self, stream: Stream) -> None:
        if self.mode is Mode.HYBRID:
            self._rest_side.pollers.add(stream)

    def _on_uncertain(self, stream: Stream) -> bool:
        if self.mode is Mode.HYBRID:
            self._rest_side.pollers.fetch_once(stream)
        return self.mode is Mode.HYBRID
