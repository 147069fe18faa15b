"""Every message is handed over once and in order, whole or in pieces, early or late."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

from lablink_dpg.link.direct import DirectConnection


def received(handler: Callable[[ServerConnection], Awaitable[None]], *, delay_s: float = 0.0) -> list[bytes]:
    """What a client takes of what ``handler`` sends until it closes; pumping begins so late."""
    taken: list[bytes] = []

    async def run() -> None:
        async with serve(handler, "127.0.0.1", 0, max_size=None) as server:
            port = server.sockets[0].getsockname()[1]
            connection = await connect(f"ws://127.0.0.1:{port}", create_connection=DirectConnection, compression=None)
            assert isinstance(connection, DirectConnection)
            await asyncio.sleep(delay_s)
            with pytest.raises(ConnectionClosedOK):
                await connection.pump(lambda message: taken.append(bytes(message)))

    asyncio.run(run())
    return taken


@pytest.mark.parametrize("delay_s", [0.0, 0.1])
@pytest.mark.parametrize("seed", range(5))
def test_messages_come_in_order_whole_and_in_pieces(seed: int, delay_s: float) -> None:
    rng = random.Random(seed)
    messages = [rng.randbytes(rng.choice([0, 1, 100, 70_000, 400_000])) for _ in range(60)]

    async def send(connection: ServerConnection) -> None:
        for message in messages:
            if rng.random() < 0.3:
                cut = rng.randrange(len(message) + 1)
                await connection.send([message[:cut], message[cut:]])
            else:
                await connection.send(message)
            if rng.random() < 0.1:
                await asyncio.sleep(0.001)
                await connection.ping()

    assert received(send, delay_s=delay_s) == messages


def test_text_comes_as_its_bytes() -> None:
    async def send(connection: ServerConnection) -> None:
        await connection.send("µV")

    assert received(send) == ["µV".encode()]


def test_whole_messages_pass_the_librarys_queue() -> None:
    """Else this module has no point: a newer library may have another way."""
    queued = []

    async def run() -> None:
        async def send(connection: ServerConnection) -> None:
            await asyncio.sleep(0.05)
            for number in range(100):
                await connection.send(str(number))

        async with serve(send, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            connection = await connect(f"ws://127.0.0.1:{port}", create_connection=DirectConnection)
            put = connection.recv_messages.put
            connection.recv_messages.put = lambda frame: (queued.append(frame), put(frame))  # type: ignore[assignment]
            taken: list[bytes] = []
            with pytest.raises(ConnectionClosed):
                await connection.pump(lambda message: taken.append(bytes(message)))
            assert taken == [str(number).encode() for number in range(100)]

    asyncio.run(run())
    assert queued == []


def test_once_pumping_has_ended_nothing_is_handed_over_and_a_flood_does_not_hold_up_the_close() -> None:
    taken: list[bytes] = []

    async def run() -> None:
        async def send(connection: ServerConnection) -> None:
            await connection.send("first")
            await connection.recv()
            with suppress(ConnectionClosed):
                while True:
                    await connection.send("x" * 10_000)
                    await asyncio.sleep(0)  # both ends share this loop

        async with serve(send, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            url = f"ws://127.0.0.1:{port}"
            connection = await connect(url, create_connection=DirectConnection, max_queue=3, close_timeout=30)
            has_come = asyncio.Event()

            def take(message: bytes | bytearray) -> None:
                taken.append(bytes(message))
                has_come.set()

            pumping = asyncio.ensure_future(connection.pump(take))
            await has_come.wait()
            pumping.cancel()
            await asyncio.gather(pumping, return_exceptions=True)
            await connection.send("go on")
            await asyncio.sleep(0.05)
            async with asyncio.timeout(10):
                await connection.close()

    asyncio.run(run())
    assert taken == [b"first"]


def test_what_taking_raises_ends_the_connection_and_reaches_whoever_pumps() -> None:
    async def run() -> None:
        async def send(connection: ServerConnection) -> None:
            await connection.send("first")
            await connection.wait_closed()

        def take(message: bytes) -> None:
            raise ValueError(bytes(message).decode())

        async with serve(send, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            connection = await connect(f"ws://127.0.0.1:{port}", create_connection=DirectConnection)
            assert isinstance(connection, DirectConnection)
            with pytest.raises(ValueError, match="first"):
                await connection.pump(take)

    asyncio.run(run())
