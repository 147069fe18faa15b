"""The hub over queues of our own: who gets what when somebody does not read. Real connections: test_websocket.py."""

from __future__ import annotations

import asyncio
import json
import selectors
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lablink_dpg.sim import hub as hub_module
from lablink_dpg.sim.faults import Faults
from lablink_dpg.sim.hub import Client, Hub
from lablink_dpg.sim.pieces import Pieces
from lablink_dpg.sim.typed import Position, Window

PATIENCE_S = 10.0


class Reader:
    """A peer that reads only while its gate is open."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.gate = asyncio.Event()
        self.client = Client(self._read)
        self._news = asyncio.Event()

    async def _read(self, text: str) -> None:
        await self.gate.wait()
        self.got.append(text)
        self._news.set()

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()


def counter(size: int = 0) -> Callable[[], str]:
    """A source of numbered messages of at least so many characters."""
    numbers = iter(range(10**9))
    return lambda: str(next(numbers)).ljust(size)


def test_a_client_that_does_not_read_loses_old_stream_messages_but_no_event_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_module, "QUEUE_BYTES", 1000)

    async def check() -> None:
        hub = Hub(Faults())
        slow, quick = Reader(), Reader()
        quick.gate.set()
        pumps = []
        for reader in (slow, quick):
            hub.join(reader.client)
            pumps.append(asyncio.ensure_future(reader.client.pump()))
        hub.publish({"type": "first"})
        hub.start(("a", "acquisition"), counter(100), 1)
        await quick.until(lambda: len(quick.got) > 50)
        hub.stop_all()
        hub.publish({"type": "last"})
        await quick.until(lambda: "last" in quick.got[-1])
        streamed = [int(text) for text in quick.got if not text.startswith("{")]
        assert streamed == list(range(len(streamed))), "the quick one got everything"
        slow.gate.set()
        await slow.until(lambda: slow.got and "last" in slow.got[-1])
        assert json.loads(slow.got[0]) == {"type": "first"}
        late = [int(text) for text in slow.got if not text.startswith("{")]
        # Ten messages fit into the queue; one more was already on its way.
        assert late[-10:] == streamed[-10:]
        assert len(late) <= 11
        assert slow.client.dropped == len(streamed) - len(late) > 0
        for pump in pumps:
            pump.cancel()

    asyncio.run(check())


def test_each_form_of_a_message_is_made_once_and_only_where_somebody_takes_it() -> None:
    class Counted(Position):
        def __init__(self) -> None:
            self.taken = self.rested = 0

        def take(self) -> list[Window]:
            self.taken += 1
            return [Window(b"\xa1", 0, 0, (0, 0), {})]

        def rest(self) -> None:
            self.rested += 1

    async def check(plain: int, typed: int) -> tuple[bool, bool, bool]:
        hub, position, made = Hub(Faults()), Counted(), counter()
        texts: list[str] = []

        def source() -> str:
            texts.append(made())
            return texts[-1]

        async def drop(frame: object) -> None:
            pass

        clients = [Client(drop, is_typed=number < typed) for number in range(plain + typed)]
        for client in clients:
            hub.join(client)
        hub.start(("a", "acquisition"), source, 3_600_000, 10, position)
        for _ in range(3):
            await asyncio.sleep(0)
        hub.stop_all()
        assert len(texts) <= 1
        assert position.taken <= 1
        kinds = {type(frame) for client in clients[typed:] for _, frame in client._streams}
        assert kinds <= {str}
        assert {type(frame) for client in clients[:typed] for _, frame in client._streams} <= {Pieces}
        assert all(len(client._streams) == 1 for client in clients)
        return bool(texts), position.taken > 0, position.rested > 0

    assert asyncio.run(check(2, 2)) == (True, True, False)
    assert asyncio.run(check(2, 0)) == (True, False, True)
    assert asyncio.run(check(0, 2)) == (False, True, False)


def test_a_client_that_reads_nothing_at_all_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "QUEUE_EVENTS", 10)

    async def check() -> None:
        stuck = Reader()
        for number in range(12):
            stuck.client.offer(str(number))
        stuck.gate.set()
        async with asyncio.timeout(PATIENCE_S):
            await stuck.client.pump()  # returns instead of waiting for more
        assert stuck.got == []

    asyncio.run(check())


def test_the_first_message_of_a_stream_comes_at_once_whatever_its_interval() -> None:
    async def check() -> None:
        hub, reader = Hub(Faults()), Reader()
        reader.gate.set()
        hub.join(reader.client)
        pump = asyncio.ensure_future(reader.client.pump())
        hub.start(("a", "acquisition"), counter(), 3_600_000)
        await reader.until(lambda: reader.got)
        hub.stop_all()
        pump.cancel()

    asyncio.run(check())


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer instead of waiting for it."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        selector = selectors.DefaultSelector()
        wait = selector.select

        def jump(timeout: float | None = None) -> Any:
            assert timeout is not None, "nothing left to wait for"
            self.now_s += max(0.0, timeout)
            return wait(0)

        selector.select = jump  # type: ignore[method-assign]
        super().__init__(selector)

    def time(self) -> float:
        return self.now_s


def tick_times(interval_s: float, work_s: list[float], streams: int = 1) -> list[list[float]]:
    """When each message of each stream was made, if making them takes so long."""
    made: list[list[float]] = [[] for _ in range(streams)]

    async def play() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        hub = Hub(Faults())

        def source_of(number: int) -> Callable[[], str | None]:
            def source() -> str | None:
                made[number].append(loop.now_s)
                if len(made[number]) > len(work_s):
                    return None
                loop.now_s += work_s[len(made[number]) - 1]
                return "x"

            return source

        for number in range(streams):
            hub.start((str(number), "acquisition"), source_of(number), interval_s * 1000)
        while hub.stream_keys:  # noqa: ASYNC110 - its time is virtual, too
            await asyncio.sleep(interval_s)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(play())
    return made


def test_a_late_tick_does_not_shift_those_after_it() -> None:
    (times,) = tick_times(0.05, [0.03] * 40)
    assert np.diff(times[1:]) == pytest.approx(0.05), "sleeping an interval after each message would make 0.08 of it"


def test_ticks_missed_altogether_are_left_out_and_the_grid_stays() -> None:
    (times,) = tick_times(0.05, [0.0, 0.0, 0.18, 0.0, 0.0])
    ticks = (np.array(times[1:]) - times[1]) / 0.05
    assert ticks == pytest.approx([0, 1, 4.6, 5, 6]), "one at once, late, instead of the three missed; then on the grid"


def test_streams_of_one_interval_tick_at_different_moments() -> None:
    made = tick_times(0.1, [0.0, 0.0], streams=8)
    phases = sorted(times[1] % 0.1 for times in made)
    assert np.diff(phases).min() > 0.1 / 8 / 3


def test_the_last_client_out_ends_all_streams() -> None:
    async def check() -> None:
        hub, one, two = Hub(Faults()), Reader().client, Reader().client
        hub.join(one)
        hub.join(two)
        hub.start(("a", "acquisition"), counter(), 10)
        hub.start(("b", "readings"), counter(), 10)
        hub.leave(one)
        assert hub.stream_keys == {("a", "acquisition"), ("b", "readings")}
        hub.leave(two)
        assert hub.stream_keys == frozenset()
        assert hub.client_count == 0

    asyncio.run(check())


def test_a_source_that_has_ended_takes_its_stream_away() -> None:
    async def check() -> None:
        hub = Hub(Faults())
        hub.start(("gone", "acquisition"), lambda: None, 10)
        assert hub.stream_keys
        await asyncio.sleep(0)  # the task runs and ends
        await asyncio.sleep(0)  # its end is noticed
        assert not hub.stream_keys

    asyncio.run(check())


def test_a_fault_can_change_or_lose_a_message() -> None:
    class Script(Faults):
        def outgoing(self, text: str) -> str | None:
            return None if "secret" in text else text.replace("1", "NaN")

    async def check() -> None:
        hub, reader = Hub(Script()), Reader()
        reader.gate.set()
        hub.join(reader.client)
        pump = asyncio.ensure_future(reader.client.pump())
        hub.publish({"secret": 1})
        hub.publish({"value": 1})
        await reader.until(lambda: reader.got)
        assert reader.got == ['{"value":NaN}']
        pump.cancel()

    asyncio.run(check())
