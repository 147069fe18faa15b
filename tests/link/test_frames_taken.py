"""Memory of large messages is used again, but not while somebody looks at it; and whoever takes may raise or end."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

from lablink_dpg.link.frames import APART_BYTES, MAX_KEPT_BYTES, RECEIVE_BYTES, Memory, Take
from tests.link.raw_frames import BINARY, OURS, Line, answer, body, close, frame, on_a_line


def taken_from(data: bytes, take: Take, line_of: type[Line] = Line) -> None:
    """Have ``take`` get what comes of ``data``, in one piece with the handshake's answer behind it."""

    async def run() -> None:
        connection, line, shaking = await on_a_line(OURS, line_of=line_of)
        line.deliver(answer(connection))
        await shaking
        taking = asyncio.ensure_future(connection.pump(take))  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        line.deliver(data)
        line.end()
        await asyncio.gather(taking, return_exceptions=True)

    asyncio.run(run())


@pytest.mark.parametrize("size", [100_000, RECEIVE_BYTES])
def test_a_message_that_somebody_looks_at_stays_as_it_is_and_the_memory_of_others_is_used_again(size: int) -> None:
    sent = [body(size + number, number) for number in range(30)]
    kept: list[tuple[int, np.ndarray]] = []
    places: set[int] = set()

    def take(message: bytes | bytearray) -> None:
        number = len(kept) + len(seen)
        places.add(id(message))
        if number % 10 == 0:
            kept.append((number, np.ndarray((50_000,), np.uint8, message, 50_000)[::-1]))
        else:
            seen.append(bytes(message))

    seen: list[bytes] = []
    taken_from(b"".join(frame(BINARY, each) for each in sent), take)
    assert seen == [each for number, each in enumerate(sent) if number % 10]
    assert [number for number, _ in kept] == [0, 10, 20]
    for number, view in kept:
        assert view.tobytes() == sent[number][50_000:100_000][::-1]
    assert len(places) <= 4


def test_a_transport_that_keeps_a_view_of_what_it_has_read_into_costs_a_copy_only() -> None:
    kept: list[memoryview] = []

    class Keeping(Line):
        def deliver(self, data: bytes) -> None:
            reader = self.protocol
            if hasattr(reader, "get_buffer"):
                lend = reader.get_buffer
                reader.get_buffer = lambda sizehint: (view := lend(sizehint), kept.append(view[:1]))[0]
            super().deliver(data)

    sent = [body(100_000, number) for number in range(3)]
    seen: list[bytes] = []
    taken_from(b"".join(frame(BINARY, each) for each in sent), lambda each: seen.append(bytes(each)), Keeping)
    assert seen == sent


@pytest.mark.parametrize(
    "hold",
    [
        lambda memory: memory,
        memoryview,
        lambda memory: memoryview(memory)[5:6],
        lambda memory: np.frombuffer(memory, np.uint8)[::2],
        lambda memory: np.ndarray((3,), np.float64, memory, 8)[1:].reshape(2, 1).T,
    ],
    ids=["itself", "a view", "a view of a part", "an array that locks it", "an array that does not"],
)
def test_memory_is_used_again_only_when_nobody_looks_at_it(hold: Any) -> None:
    memory = Memory()
    place = id(memory.of(1000))
    assert id(memory.of(1000)) == place
    held = hold(memory.of(1000))
    other = memory.of(1000)
    assert id(other) != place
    del held
    assert memory.of(1000) is not other, "that is held now"


def test_memory_is_as_long_as_asked_for_and_little_of_it_is_kept() -> None:
    memory = Memory()
    for size in (1, 600, 1000, 513, 1023, 1024, 100, 70_000, 1024):
        assert len(memory.of(size)) == size
    place = id(memory.of(1000))
    assert id(memory.of(513)) == place, "of one power of two"
    large = memory.of(MAX_KEPT_BYTES + 1)
    assert len(large) == MAX_KEPT_BYTES + 1
    assert all(each is not large for each in memory._kept.values())


# -- whoever takes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [10, APART_BYTES, 100_000])
def test_after_a_message_whose_taking_raises_no_other_is_taken(size: int) -> None:
    taken: list[int] = []

    def take(message: bytes | bytearray) -> None:
        taken.append(message[0])
        if len(taken) == 2:
            raise ValueError("enough")

    async def run() -> None:
        connection, line, shaking = await on_a_line(OURS)
        line.deliver(answer(connection))
        await shaking
        taking = asyncio.ensure_future(connection.pump(take))  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        line.deliver(b"".join(frame(BINARY, bytes([number]) * size) for number in range(5)))
        with pytest.raises(ValueError, match="enough"):
            await taking

    asyncio.run(run())
    assert taken == [0, 1]


def test_when_pumping_ends_amid_a_large_message_it_is_dropped_and_the_close_is_in_order() -> None:
    taken: list[bytes] = []

    async def run() -> int | None:
        connection, line, shaking = await on_a_line(OURS)
        line.deliver(answer(connection))
        await shaking
        taking = asyncio.ensure_future(connection.pump(lambda each: taken.append(bytes(each))))  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        data = frame(BINARY, b"first") + frame(BINARY, body(300_000)) + frame(BINARY, b"last") + close(1001)
        line.deliver(data[:100_000])
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        line.deliver(data[100_000:])
        line.end()
        await connection.wait_closed()
        return connection.close_code

    assert asyncio.run(run()) == 1001
    assert taken == [b"first"]


def test_other_tasks_have_their_turn_while_messages_wait() -> None:
    size, count = 700, 3000
    turns, taken_in = [0], []

    async def tick() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    async def run() -> None:
        async def flood(connection: ServerConnection) -> None:
            for _ in range(count):
                await connection.send(bytes(size))

        async with serve(flood, "127.0.0.1", 0, compression=None) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            connection = await connect(url, create_connection=OURS, compression=None)  # type: ignore[arg-type]
            ticking = asyncio.ensure_future(tick())
            with pytest.raises(ConnectionClosedOK):
                await connection.pump(lambda _: taken_in.append(turns[0]))  # type: ignore[attr-defined]
            ticking.cancel()

    asyncio.run(run())
    assert len(taken_in) == count
    assert max(Counter(taken_in).values()) <= RECEIVE_BYTES // size + 1


def test_pongs_amid_large_messages_reach_the_library() -> None:
    async def run() -> float:
        async def flood(connection: ServerConnection) -> None:
            with suppress(ConnectionClosed):
                while True:
                    await connection.send(bytes(200_000))

        async with serve(flood, "127.0.0.1", 0, compression=None) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            connection = await connect(url, create_connection=OURS, compression=None)  # type: ignore[arg-type]
            pumping = asyncio.ensure_future(connection.pump(lambda _: None))  # type: ignore[attr-defined]
            async with asyncio.timeout(10):
                latency_s = await (await connection.ping())
                pumping.cancel()
                await connection.close()
            return latency_s

    assert asyncio.run(run()) > 0
