"""Typed messages from a socket into the rings, against a loop that receives the same messages and drops them.

The server is another process and sends the same messages to both, in turns, as fast as they are read, so that what the
library and the kernel need is in both figures alike. ``python -m perf typed``.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import numpy as np
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.board import Board
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.receiver import Receiver
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.tls import tls_context
from lablink_dpg.link.websocket import MAX_MESSAGE_BYTES, MAX_QUEUE_FRAMES, TYPED, dial
from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import Mode
from lablink_dpg.sim.typed import Head, Window
from lablink_dpg.store.store import Store
from lablink_dpg.wire.decoder import decode
from perf.result import Result, interleaved_s, table

ACQUISITION = "b3a64ccb-cd88-4f37-a9ae-8a924c6b567b"
START_US = 1_795_000_000_000_000
PERIOD_US = 5  # 10,000 samples a message are 50 ms then
HISTORY = 100_000  # samples a channel: the ring goes round while it is measured, as it does in the long run
ROUNDS = 9
# Samples a message, channels, messages a turn, and the least that is kept of a bare loop's rate: the goal itself for
# large ones. Of small messages the library's own price is half of the whole, so that figure is for reading.
CASES = ((10_000, 4, 96, 0.6), (50, 1, 3000, None))


def run() -> list[Result]:
    """Rates in values a second; then what one message costs by itself, beside its conversion with nothing known."""
    with subprocess.Popen(
        [sys.executable, "-m", "perf.typed", "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            port = int(server.stdout.readline())
            results = [asyncio.run(_compare(port, *case)) for case in CASES]
        finally:
            server.stdin.close()
    return [*results, *(_decode(n, channels) for n, channels, *_ in CASES)]


def messages(n: int, channels: int, count: int) -> list[bytes]:
    """So many messages in a row of one run."""
    names = [f"CH{number + 1}" for number in range(channels)]
    stats = {"total_samples": 0, "samples_per_channel": dict.fromkeys(names, 0), "start_time": "2026-11-23T00:00:30"}
    stats |= {"end_time": None, "duration_seconds": None, "buffer_overruns": 0, "min_values": {}, "max_values": {}}
    kind = "acquisition_stream"
    head = Head({"type": kind, "acquisition_id": ACQUISITION, "state": "acquiring", "stats": stats})
    random = np.random.default_rng(n)
    out = []
    for first in range(0, n * count, n):
        times = (START_US + PERIOD_US * first, START_US + PERIOD_US * (first + n - 1))
        columns = {name: [random.normal(size=n)] for name in names}
        out.append(Window(head.at(first + n), first, n, times, columns).encode())
    return out


async def _compare(port: int, n: int, channels: int, count: int, least: float | None) -> Result:
    ours_s, theirs_s = [], []
    for number in range(ROUNDS + 1):
        for measure, kept in ((_bare, theirs_s), (_stored, ours_s)):
            spent_s = await measure(port, n, channels, count)
            if number:  # pages and caches are warm in every round that counts
                kept.append(spent_s)
    values = n * channels * count
    # Each turn against its neighbour: the machine is another one from second to second.
    ratio = statistics.median(theirs / ours for theirs, ours in zip(theirs_s, ours_s, strict=True))
    bare = values / statistics.median(theirs_s)
    name = f"{n} × {channels} typed, socket to ring"
    return Result(name, ratio * bare, bare, "values/s", "received and dropped", at_least=least)


async def _bare(port: int, n: int, channels: int, count: int) -> float:
    async with connect(
        f"ws://127.0.0.1:{port}",
        compression=None,
        proxy=None,
        max_size=MAX_MESSAGE_BYTES,
        max_queue=MAX_QUEUE_FRAMES,
        subprotocols=[Subprotocol(TYPED)],
    ) as connection:
        await connection.send(f"{n} {channels} {count}")
        await connection.recv(decode=False)  # a sign that the messages are made
        await connection.send("go")
        began_s = time.perf_counter()
        for _ in range(count):
            await connection.recv(decode=False)
        return time.perf_counter() - began_s


class _Enough(Exception):
    pass


async def _stored(port: int, n: int, channels: int, count: int) -> float:
    """As the program does it: its socket, its receiver, its store."""
    store, tally, streams = Store(HISTORY), Tally(), Streams(50)
    board = Board("perf", Mode.HYBRID, tally, streams, lambda: START_US)
    names = tuple(f"CH{number + 1}" for number in range(channels))
    info = AcquisitionInfo(ACQUISITION, "e", "a", AcquisitionState.ACQUIRING, names, 1e6 / PERIOD_US)
    streams.describe(info)
    store.describe(info, "perf")
    lost: list[object] = []
    receiver = Receiver(
        store,
        streams,
        tally,
        board,
        lambda: START_US + tally.messages * n * PERIOD_US,
        on_loss=lambda *what: lost.append(what),
        on_revived=lambda _: None,
        on_unknown=lambda _: None,
        on_too_large=lambda: None,
        wait_turn=lambda: None,
    )
    address = parse_address(f"127.0.0.1:{port}", port)
    socket = await dial(address, LinkOptions(), tls_context(address), (TYPED,))
    assert socket.is_typed
    left = count

    def take(raw: bytes) -> None:
        nonlocal left
        receiver.take(raw)
        left -= 1
        if not left:
            raise _Enough

    def begin(raw: bytes) -> None:
        raise _Enough

    try:
        await socket.send(f"{n} {channels} {count}")
        with suppress(_Enough):
            await socket.pump(begin)
        await socket.send("go")
        began_s = time.perf_counter()
        with suppress(_Enough):
            await socket.pump(take)
        spent_s = time.perf_counter() - began_s
    finally:
        await socket.close()
    series = store.series[ACQUISITION]
    if lost or series.ring.head != n * count or tally.frozen(0, {}).invalid_messages:
        raise AssertionError(f"{series.ring.head} of {n * count} samples stored, {lost}: {tally.frozen(0, {})}")
    return spent_s


def _decode(n: int, channels: int) -> Result:
    (raw,) = messages(n, channels, 1)
    copies = [bytes(bytearray(raw)) for _ in range(max(1, 2_000_000 // len(raw)))]

    def ours() -> None:
        for copy in copies:
            assert isinstance(decode(copy, {}), AcquisitionBlock)

    def copied() -> None:
        for copy in copies:
            bytes(bytearray(copy))

    ours_s, copied_s = (each / len(copies) * 1e6 for each in interleaved_s((ours, copied), 31))
    return Result(f"{n} × {channels} typed, decode alone", ours_s, copied_s, "µs", "two copies of the bytes")


# -- the server ------------------------------------------------------------------------------------------------------


async def _send(connection: ServerConnection) -> None:
    n, channels, count = map(int, str(await connection.recv()).split())
    key = (n, channels, count)
    if key not in _made:
        _made[key] = messages(*key)
    await connection.send("made")
    await connection.recv()
    for each in _made[key]:
        await connection.send(each)
    await connection.wait_closed()


_made: dict[tuple[int, int, int], list[bytes]] = {}


async def _serve() -> None:
    chosen: Callable[[ServerConnection], Awaitable[None]] = _send
    async with serve(
        chosen, "127.0.0.1", 0, compression=None, subprotocols=[Subprotocol(TYPED)], max_size=None
    ) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        ended, loop = asyncio.Event(), asyncio.get_running_loop()

        def watch() -> None:
            sys.stdin.read()
            loop.call_soon_threadsafe(ended.set)

        threading.Thread(target=watch, daemon=True).start()
        await ended.wait()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(_serve())
    else:
        print(table(run()))
