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
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.board import Board
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.receiver import Receiver
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.tls import tls_context
from lablink_dpg.link.websocket import TYPED, Socket, dial
from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import Mode
from lablink_dpg.sim.typed import Head, Window
from lablink_dpg.store.folding import IS_COMPILED
from lablink_dpg.store.store import Store
from lablink_dpg.wire.decoder import decode
from perf.result import Result, interleaved_s, table

ACQUISITION = "b3a64ccb-cd88-4f37-a9ae-8a924c6b567b"
START_US = 1_795_000_000_000_000
PERIOD_US = 5  # 10,000 samples a message are 50 ms then
HISTORY = 100_000  # samples a channel: the ring goes round while it is measured, as it does in the long run
ROUNDS = 60  # of a few milliseconds each, the two ways in turns: a slow moment of the machine hits both alike
# Samples a message, channels, messages a turn, and the least that is kept of a bare loop's rate: two thirds of what was
# measured, 0.73 to 0.9, and 0.44 to 0.67 where folding is numpy's. The goal is 0.6.
# Of small messages a fixed price of some 30 µs decides, so that figure is for reading.
CASES = ((10_000, 4, 16, 0.55 if IS_COMPILED else 0.4), (50, 1, 500, None))


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


def messages(n: int, channels: int, count: int, start: int = 0) -> list[bytes]:
    """So many messages in a row of one run, the first of them with sample ``start``."""
    names = [f"CH{number + 1}" for number in range(channels)]
    stats = {"total_samples": 0, "samples_per_channel": dict.fromkeys(names, 0), "start_time": "2026-11-23T00:00:30"}
    stats |= {"end_time": None, "duration_seconds": None, "buffer_overruns": 0, "min_values": {}, "max_values": {}}
    kind = "acquisition_stream"
    head = Head({"type": kind, "acquisition_id": ACQUISITION, "state": "acquiring", "stats": stats})
    values = np.random.default_rng(n).normal(size=(channels, n))
    out = []
    for first in range(start, start + n * count, n):
        times = (START_US + PERIOD_US * first, START_US + PERIOD_US * (first + n - 1))
        columns = {name: [row] for name, row in zip(names, values, strict=True)}
        out.append(Window(head.at(first + n), first, n, times, columns).encode())
    return out


class _Way(ABC):
    """One connection over which turns come, and what is done with their messages."""

    @abstractmethod
    async def say(self, text: str) -> None: ...

    @abstractmethod
    async def receive(self, count: int) -> None:
        """So many messages, as this way has it."""

    async def turn(self, n: int, channels: int, count: int, start: int) -> float:
        """Seconds from the word go to the last message."""
        await self.say(f"{n} {channels} {count} {start}")
        await self.receive(1)
        await self.say("go")
        began_s = time.perf_counter()
        await self.receive(count)
        return time.perf_counter() - began_s


class _Bare(_Way):
    """What one writes first: the library's loop, and nothing done with what it brings."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, text: str) -> None:
        await self.connection.send(text)

    async def receive(self, count: int) -> None:
        receive = self.connection.recv
        for _ in range(count):
            await receive(decode=False)

    async def close(self) -> None:
        await self.connection.close()


class _Stored(_Way):
    def __init__(self, socket: Socket, take: Callable[[bytes | bytearray], None]) -> None:
        self.socket = socket
        self._take = take
        self._left = 0
        self._is_enough = asyncio.Event()
        self._pumping = asyncio.ensure_future(socket.pump(self._counted))

    def _counted(self, raw: bytes | bytearray) -> None:
        if raw[:1] != b"m":  # the answer that all is made
            self._take(raw)
        self._left -= 1
        if not self._left:
            self._is_enough.set()

    async def say(self, text: str) -> None:
        self._left, self._is_enough = 0, asyncio.Event()
        await self.socket.send(text)

    async def receive(self, count: int) -> None:
        self._left += count
        if self._left:
            await self._is_enough.wait()

    async def close(self) -> None:
        self._pumping.cancel()
        await asyncio.gather(self._pumping, return_exceptions=True)
        await self.socket.close()


async def _compare(port: int, n: int, channels: int, count: int, least: float | None) -> Result:
    """The whole receive path of the program, its socket, receiver and store; and its socket alone."""
    store, tally, streams = Store(HISTORY), Tally(), Streams(50)
    board = Board("perf", Mode.HYBRID, tally, streams, lambda: START_US)
    names = tuple(f"CH{number + 1}" for number in range(channels))
    info = AcquisitionInfo(ACQUISITION, "e", "a", AcquisitionState.ACQUIRING, names, 1e6 / PERIOD_US)
    streams.describe(info)
    store.describe(info, "perf")
    receiver = Receiver(
        store,
        streams,
        tally,
        board,
        lambda: START_US + tally.messages * n * PERIOD_US,
        on_loss=lambda *what: None,
        on_revived=lambda _: None,
        on_unknown=lambda _: None,
        on_too_large=lambda: None,
        wait_turn=lambda: None,
    )
    address = parse_address(f"127.0.0.1:{port}", port)
    stored = _Stored(await dial(address, LinkOptions(), tls_context(address), (TYPED,)), receiver.take)
    plain = await connect(address.ws_url, subprotocols=[Subprotocol(TYPED)], compression=None, max_size=None)
    bare = _Bare(plain)
    bare_s: list[float] = []
    stored_s: list[float] = []
    for number in range(ROUNDS):
        for way, kept in ((bare, bare_s), (stored, stored_s)):
            kept.append(await way.turn(n, channels, count, number * n * count))
    await bare.close()
    await stored.close()
    series = store.series[ACQUISITION]
    if series.counters.received != n * channels * count * ROUNDS or series.counters.lost:
        raise AssertionError(f"not all of it was stored: {series.counters}, {tally.frozen(0, {})}")
    warm = HISTORY // (n * count) + 2  # rounds until the ring has gone round, and every page of it was touched
    pairs = list(zip(bare_s, stored_s, strict=True))[warm:]
    ratio = statistics.median(theirs / ours for theirs, ours in pairs)
    rate = n * channels * count / statistics.median(theirs for theirs, _ in pairs)
    name = f"{n} × {channels} typed, socket to ring"
    return Result(name, ratio * rate, rate, "values/s", "received and dropped", at_least=least)


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
    with suppress(ConnectionClosed):
        while True:
            made = messages(*map(int, str(await connection.recv()).split()))
            await connection.send("made")
            await connection.recv()
            for each in made:
                await connection.send(each)


async def _serve() -> None:
    async with serve(
        _send, "127.0.0.1", 0, compression=None, subprotocols=[Subprotocol(TYPED)], max_size=None
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
