"""Doing what a person has ordered over REST, one order after the other, and telling what became of each.

An order is tried once: what a person wants now may be wrong in ten seconds. While no server is there it fails at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from lablink_dpg.link.board import UP, Board
from lablink_dpg.link.order_calls import CALLS, Call
from lablink_dpg.link.parts import Parts
from lablink_dpg.link.rest import Rest, RestError
from lablink_dpg.link.topics import Topics
from lablink_dpg.model.orders import Order, OrderDone

MAX_WAITING = 64  # orders; more is somebody leaning on a key
MAX_AT_ONCE = 4  # a benchmark or a capture takes seconds, and an alarm is to be acknowledged meanwhile

_log = logging.getLogger(__name__)


class Orders:
    """Network thread only."""

    def __init__(
        self,
        parts: Parts,
        topics: Topics,
        calls: Mapping[type, Call] = CALLS,
        *,
        on_relist: Callable[[Order, bool], None] = lambda order, is_done: None,
    ) -> None:
        """``on_relist``: an order about acquisitions came to an end; whether it was done."""
        self._on_relist = on_relist
        self._board: Board = parts.board
        self._now_us = parts.now_us
        self._topics = topics
        self._calls = calls
        self.on_devices: Callable[[], None] = lambda: None  # there may be others now; may be replaced
        self._waiting: asyncio.Queue[Order] = asyncio.Queue(MAX_WAITING)

    def give(self, order: Order) -> None:
        """Have it done soon; what becomes of it is posted in any case."""
        if self._board.status.state not in UP:
            self._tell(order, "not connected: nothing was done")
            return
        try:
            self._waiting.put_nowait(order)
        except asyncio.QueueFull:
            self._tell(order, f"{MAX_WAITING} orders wait already: nothing was done")

    async def run(self, rest: Rest) -> NoReturn:
        """Until cancelled, which is the end of the link; what waits then is told to have failed.

        Connections come and go meanwhile: an order under way goes on as long as REST answers it.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(MAX_AT_ONCE):
                    group.create_task(self._work(rest))
        finally:
            while not self._waiting.empty():
                self._tell(self._waiting.get_nowait(), "the link was closed: nothing was done")
        raise AssertionError("no worker ends")

    async def _work(self, rest: Rest) -> NoReturn:
        while True:
            order = await self._waiting.get()
            call = self._calls.get(type(order))
            if call is None:
                self._tell(order, "this cannot be done here")
                continue
            is_done = False
            try:
                text, data = await call.run(rest, order)
            except RestError as error:
                self._tell(order, error.detail)
            except asyncio.CancelledError:
                self._tell(order, "the link was closed: whether it was done is not known")
                raise
            except Exception as fault:  # ours: the others must not end with it
                _log.exception("an order failed by a fault of its own")
                self._tell(order, f"internal fault: {type(fault).__name__}")
            else:
                is_done = True
                self._tell(order, text, data, is_done=True)
            if call.relists:
                self._on_relist(order, is_done)
            for topic in call.changes:
                self._topics.want(topic)
            if call.changes_devices:
                self.on_devices()

    def _tell(self, order: Order, text: str, data: Mapping[str, Any] | None = None, *, is_done: bool = False) -> None:
        self._board.post(OrderDone(order, is_done, text, self._now_us(), data or {}))
