"""Changing how much is kept of every acquisition, one after the other, so that messages are taken in between."""

from __future__ import annotations

import asyncio

from lablink_dpg.link.board import Board
from lablink_dpg.store.store import Store


class History:
    """Network thread only."""

    def __init__(self, store: Store, board: Board) -> None:
        self._store = store
        self._board = board
        self._before = store.capacity  # what all of them had
        self._is_busy = False

    def set(self, samples: int) -> None:
        """Keep ``samples`` a channel, soon."""
        if not self._is_busy:
            self._before = self._store.capacity
        self._store.capacity = samples
        self._board.say(f"history of {samples} samples a channel chosen", is_always=True)
        if not self._is_busy:
            self._is_busy = True
            self._go_on()

    def _go_on(self) -> None:
        try:
            has_more = self._store.resize_next()
        except MemoryError:
            self._board.say(f"no memory for {self._store.capacity} samples a channel", is_warning=True)
            self._store.capacity = self._before
            has_more = False
        self._is_busy = has_more
        if has_more:
            asyncio.get_running_loop().call_soon(self._go_on)
