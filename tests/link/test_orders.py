"""Orders: each is answered once, whatever becomes of it, and none takes another with it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from lablink_dpg.link.board import Board
from lablink_dpg.link.devices import Devices
from lablink_dpg.link.errors import Cause
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.order_calls import CALLS, Call
from lablink_dpg.link.orders import MAX_AT_ONCE, MAX_WAITING, Orders
from lablink_dpg.link.parts import Parts
from lablink_dpg.link.rest import Rest, RestError
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.topics import Topics
from lablink_dpg.model.link import LinkState, Mode
from lablink_dpg.model.orders import AcknowledgeAlarm, ClearAlarm, OrderDone, RunBenchmark
from lablink_dpg.store.store import Store
from tests.link.lab import Lab, until
from tests.link.running import linked

NO_REST = cast(Rest, None)  # the calls here ask for nothing


async def good(_rest: Rest, order: Any) -> tuple[str, Mapping[str, Any]]:
    return f"{type(order).__name__} done", {"of": order}


async def refused(_rest: Rest, _order: Any) -> tuple[str, Mapping[str, Any]]:
    raise RestError(Cause.STATUS, "no such thing", 404)


async def broken(_rest: Rest, _order: Any) -> tuple[str, Mapping[str, Any]]:
    raise TypeError("half a letter")


async def endless(_rest: Rest, _order: Any) -> tuple[str, Mapping[str, Any]]:
    await asyncio.get_running_loop().create_future()
    raise AssertionError


def told(calls: Mapping[type, Call], *orders: Any, is_up: bool = True, rounds: int = 20) -> list[OrderDone]:
    """What is posted of ``orders``, given all at once, until nothing happens any more, and when the link is closed."""
    tally, streams, options = Tally(), Streams(50), LinkOptions()
    board = Board("s", Mode.HYBRID, tally, streams, lambda: 7)
    if is_up:
        board.enter(LinkState.STREAMING, "")
    devices = Devices(tally, board, options, lambda: 7)
    parts = Parts(Store(100), streams, devices, tally, board, options, lambda: 7)

    async def work() -> None:
        here = Orders(parts, Topics(parts, {}), calls)
        running = asyncio.ensure_future(here.run(NO_REST))
        await asyncio.sleep(0)
        for order in orders:
            here.give(order)
        for _ in range(rounds):
            await asyncio.sleep(0)
        assert not running.done(), "no order ends the others"
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running

    asyncio.run(work())
    return [event for event in board.drain() if isinstance(event, OrderDone)]


ACK, CLEAR = AcknowledgeAlarm("e", "me"), ClearAlarm("a")


@pytest.mark.parametrize(
    ("call", "is_done", "words"),
    [(good, True, "AcknowledgeAlarm done"), (refused, False, "no such thing"), (broken, False, "TypeError")],
)
def test_an_order_is_told_once_and_those_after_it_are_done(
    call: Callable[..., Any], is_done: bool, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = told({AcknowledgeAlarm: Call(call), ClearAlarm: Call(good)}, ACK, CLEAR)
    assert (first.order, first.is_done, first.at_us) == (ACK, is_done, 7)
    assert words in first.text
    assert (second.order, second.is_done) == (CLEAR, True)
    assert ("fault of its own" in caplog.text) is (call is broken)


def test_without_a_server_nothing_is_done_and_that_is_said() -> None:
    (answer,) = told({AcknowledgeAlarm: Call(good)}, ACK, is_up=False)
    assert not answer.is_done
    assert "not connected" in answer.text


def test_what_nobody_knows_how_to_do_is_said() -> None:
    (answer,) = told({}, ACK)
    assert not answer.is_done


def test_orders_that_take_long_leave_room_for_others_and_are_told_when_the_link_is_closed() -> None:
    slow = [RunBenchmark(str(number)) for number in range(MAX_AT_ONCE - 1)]
    answers = told({RunBenchmark: Call(endless), ClearAlarm: Call(good)}, *slow, CLEAR)
    assert answers[0].order == CLEAR
    assert {each.order for each in answers[1:]} == set(slow)
    assert not any(each.is_done for each in answers[1:])


def test_too_many_orders_are_refused_each_with_a_word() -> None:
    many = [RunBenchmark(str(number)) for number in range(MAX_WAITING + MAX_AT_ONCE + 5)]
    answers = told({RunBenchmark: Call(endless)}, *many)
    assert {each.order for each in answers} == set(many)
    assert len(answers) == len(many)
    assert sum("wait already" in each.text for each in answers) >= 5


def test_an_order_under_way_outlives_the_connections_of_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_rest: Rest, _order: Any) -> tuple[str, Mapping[str, Any]]:
        begun.set()
        await go_on.wait()
        return "done at last", {}

    monkeypatch.setitem(cast(dict[type, Call], CALLS), RunBenchmark, Call(slow))
    with Lab() as lab, linked(lab.url) as run:
        until(lambda: run.state is LinkState.STREAMING)
        run.network.send(RunBenchmark("scope"))
        until(begun.is_set)
        before = run.network.status.counters.reconnects
        lab.close_sockets(1012)
        until(lambda: run.network.status.counters.reconnects > before and run.state is LinkState.STREAMING)
        worker = run.network._worker
        assert worker is not None
        worker.loop.call_soon_threadsafe(go_on.set)
        answers: list[OrderDone] = []

        def is_answered() -> bool:
            answers.extend(event for event in run.network.drain_events() if isinstance(event, OrderDone))
            return bool(answers)

        until(is_answered)
        assert [(each.is_done, each.text) for each in answers] == [(True, "done at last")]
