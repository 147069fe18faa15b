"""Tests of lablink_dpg.link.dialler: a real server on loopback that accepts, refuses or lets a handshake hang."""

from __future__ import annotations

import asyncio
import random

import pytest

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.backoff import Pace
from lablink_dpg.link.dialler import MAX_AT_ONCE, Dialler
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.tls import tls_context
from lablink_dpg.link.websocket import Socket, SocketLost, SocketRefused, dial
from tests.link.lab import Lab, until_soon

HOUR_S = 3600.0


class Setup:
    def __init__(self, lab: Lab, overlap_s: float = HOUR_S, options: LinkOptions | None = None) -> None:
        address = parse_address(lab.url)
        pace = Pace(random.Random(1), first_s=0.01, max_s=0.02)
        self.refused: list[SocketRefused] = []
        self.waits: list[float] = []
        self.tries = 0

        async def counted() -> Socket:
            self.tries += 1
            return await dial(address, options or LinkOptions(), tls_context(address))

        self.dialler = Dialler(counted, pace, overlap_s)

    async def run(self, delay_s: float = 0.0) -> Socket:
        return await self.dialler.run(delay_s, self._on_refused)

    def _on_refused(self, refused: SocketRefused, wait_s: float) -> None:
        self.refused.append(refused)
        self.waits.append(wait_s)


def test_the_first_try_succeeds_where_the_server_accepts() -> None:
    async def work(lab: Lab) -> None:
        setup = Setup(lab)
        socket = await setup.run()
        assert (setup.tries, setup.refused) == (1, [])
        await socket.close()

    with Lab() as lab:
        asyncio.run(work(lab))


def test_a_refusal_is_told_with_the_wait_and_tried_again_until_it_is_none() -> None:
    async def work(lab: Lab) -> None:
        lab.refuse_socket = 503
        setup = Setup(lab)
        dialling = asyncio.ensure_future(setup.run())
        await until_soon(lambda: len(setup.refused) >= 3)
        lab.refuse_socket = None
        await (await dialling).close()
        assert all("503" in refused.reason for refused in setup.refused)
        assert all(0.01 <= wait_s <= 0.02 for wait_s in setup.waits)
        assert setup.tries == len(setup.refused) + 1

    with Lab() as lab:
        asyncio.run(work(lab))


def test_a_handshake_that_hangs_does_not_hold_up_the_next_try() -> None:
    async def work(lab: Lab) -> None:
        lab.hangs.add("/ws")
        setup = Setup(lab, overlap_s=0.02)
        dialling = asyncio.ensure_future(setup.run())
        await until_soon(lambda: setup.tries >= 3)
        lab.hangs.clear()  # those that hang go on hanging
        socket = await dialling
        await until_soon(lambda: len(lab.sockets) == 1)
        assert not setup.refused
        await socket.close()

    with Lab() as lab:
        asyncio.run(work(lab))


def test_the_tries_that_hang_at_the_same_time_are_bounded_and_all_are_gone_afterwards() -> None:
    async def work(lab: Lab) -> None:
        lab.hangs.add("/ws")
        setup = Setup(lab, overlap_s=0.001)
        dialling = asyncio.ensure_future(setup.run())
        await until_soon(lambda: setup.tries == MAX_AT_ONCE)
        await asyncio.sleep(0.05)  # fifty times as long as until the next try would have begun
        assert setup.tries == MAX_AT_ONCE
        dialling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dialling
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with Lab() as lab:
        asyncio.run(work(lab))


def test_a_handshake_that_is_answered_late_is_taken() -> None:
    async def work(lab: Lab) -> None:
        lab.hangs.add("/ws")
        setup = Setup(lab)
        dialling = asyncio.ensure_future(setup.run())
        await until_soon(lambda: lab.requests)
        lab.hangs.clear()
        lab.release(accept=True)
        socket = await dialling
        assert setup.tries == 1
        await socket.close()

    with Lab() as lab:
        asyncio.run(work(lab))


def test_a_handshake_that_takes_its_whole_time_is_a_refusal() -> None:
    async def work(lab: Lab) -> None:
        lab.hangs.add("/ws")
        setup = Setup(lab, options=LinkOptions(handshake_timeout_s=0.05))
        dialling = asyncio.ensure_future(setup.run())
        await until_soon(lambda: setup.refused)
        assert "handshake" in setup.refused[0].reason
        dialling.cancel()

    with Lab() as lab:
        asyncio.run(work(lab))


def test_the_first_try_waits_as_long_as_it_was_told_to() -> None:
    async def work(lab: Lab) -> None:
        setup = Setup(lab)
        began_s = asyncio.get_running_loop().time()
        socket = await setup.run(0.05)
        assert asyncio.get_running_loop().time() - began_s >= 0.05
        await socket.close()

    with Lab() as lab:
        asyncio.run(work(lab))


def test_a_fault_of_our_own_is_not_taken_for_a_refusal() -> None:
    async def broken() -> Socket:
        raise ZeroDivisionError

    async def work() -> None:
        with pytest.raises(ZeroDivisionError):
            await Dialler(broken, Pace(random.Random(1)), HOUR_S).run(0.0, lambda *_: None)

    asyncio.run(work())


def test_a_connection_whose_caller_was_cancelled_just_then_is_closed_all_the_same() -> None:
    async def work(lab: Lab) -> None:
        setup = Setup(lab)
        socket = await setup.run()  # whoever raced against it has won: nobody takes the answer
        await setup.dialler.close()
        with pytest.raises(SocketLost):
            await socket.send("{}")
        await setup.dialler.close()  # again is harmless

    with Lab() as lab:
        asyncio.run(work(lab))
