"""Tests of lablink_dpg.link.calls: whenever a call is given up, it leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.calls import MAX_CONNECTIONS, Answer, Caller
from lablink_dpg.link.tls import tls_context

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue"
TIMEOUT_S = 5.0
TURNS = 60  # of the loop: more than a call takes whose server is on the same one


class Answerer(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(ANSWER * data.count(b"\r\n\r\n"))


@asynccontextmanager
async def caller() -> AsyncIterator[Caller]:
    """Of a server on the same loop, so that each turn of the loop is one step of both, every time the same."""
    async with await asyncio.get_running_loop().create_server(Answerer, "127.0.0.1", 0) as server:
        address = parse_address(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with Caller(address, tls_context(address)) as made:
            yield made
        await turn(5)  # for the server to see that its connections are closed


async def turn(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


def ask(it: Caller) -> asyncio.Task[Answer]:
    return asyncio.ensure_future(it.call("GET", "/api", timeout_s=TIMEOUT_S))


@pytest.mark.parametrize("cancels", [1, 2])
def test_a_call_that_is_cancelled_at_any_moment_keeps_no_connection(cancels: int) -> None:
    async def run() -> None:
        async with caller() as it:
            outcomes: list[object] = []
            for turns in range(TURNS):
                for _ in range(MAX_CONNECTIONS // 2):  # if two moments cost one each, none is left
                    task = ask(it)
                    await turn(turns)
                    for _ in range(cancels):
                        task.cancel()
                        await turn(1)
                    outcomes += await asyncio.gather(task, return_exceptions=True)
            answers = await asyncio.gather(*(ask(it) for _ in range(MAX_CONNECTIONS)))
            assert {answer.body for answer in answers} == {b"true"}
            assert any(isinstance(each, asyncio.CancelledError) for each in outcomes)
            assert isinstance(outcomes[-1], Answer)  # every moment was among them
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())
