"""Another length of history for all acquisitions, one after the other."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from lablink_dpg.link.board import Board
from lablink_dpg.link.history import History
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.link import LinkEvent, Mode
from lablink_dpg.model.storage import Storage
from lablink_dpg.store import line
from lablink_dpg.store.ring import Ring
from lablink_dpg.store.store import Store
from tests.support.store_oracle import Server


class Setup:
    def __init__(self, count: int) -> None:
        self.store = Store(1024)
        self.board = Board("s", Mode.HYBRID, Tally(), Streams(50), lambda: 0)
        for number in range(count):
            self.store.describe(replace(Server().info, acquisition_id=str(number)), "lab")
        self.history = History(self.store, self.board)

    def capacities(self) -> list[int]:
        return [series.ring.capacity for series in self.store.series.values()]

    def texts(self) -> list[str]:
        return [event.text for event in self.board.drain() if isinstance(event, LinkEvent)]


def test_one_acquisition_a_turn_of_the_loop_so_that_messages_come_in_between() -> None:
    setup = Setup(5)

    async def run() -> None:
        setup.history.set(2048)
        for done in range(1, 6):
            assert setup.capacities() == [2048] * done + [1024] * (5 - done)
            await asyncio.sleep(0)
        setup.history.set(512)
        await asyncio.sleep(0)
        setup.history.set(256)  # before it is done
        for _ in range(8):
            await asyncio.sleep(0)
        assert setup.capacities() == [256] * 5
        assert setup.store.capacity == 256

    asyncio.run(run())


def test_without_acquisitions_it_is_for_those_to_come() -> None:
    setup = Setup(0)
    setup.history.set(2048)
    setup.store.describe(Server().info, "lab")
    assert setup.capacities() == [2048]


def test_where_there_is_no_memory_it_is_said_and_what_comes_anew_is_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = Setup(3)

    def scarce(channels: int, capacity: int, storage: Storage) -> Ring:
        if setup.capacities().count(2048) == 2 and capacity == 2048:
            raise MemoryError
        return Ring(channels, capacity, storage)

    monkeypatch.setattr(line, "Ring", scarce)

    async def run() -> None:
        setup.history.set(2048)
        for _ in range(8):
            await asyncio.sleep(0)
        assert setup.capacities() == [2048, 2048, 1024]
        assert setup.store.capacity == 1024
        assert setup.texts()[-1] == "no memory for 2048 samples a channel"
        setup.history.set(512)  # and another try
        for _ in range(8):
            await asyncio.sleep(0)
        assert setup.capacities() == [512] * 3

    asyncio.run(run())
