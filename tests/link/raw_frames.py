"""Frames as bytes, and what a connection makes of them: cut wherever one likes, or over a real socket."""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import pairwise
from ssl import SSLContext
from typing import Any, NamedTuple

from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.uri import parse_uri
from websockets.utils import accept_key

from lablink_dpg.link.direct import DirectConnection

TEXT, BINARY, CONT, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
LIMIT = 2**20  # bytes of a message that both ways take


def frame(
    kind: int, payload: bytes = b"", *, fin: bool = True, reserved: int = 0, mask: bool = False, wide: int = 0
) -> bytes:
    """As a server writes it, or may not write it; ``wide``: the length in so many bytes though it needs fewer."""
    size = len(payload)
    wide = max(wide, 0 if size < 126 else 2 if size < 65_536 else 8)
    head = bytes([fin << 7 | reserved << 4 | kind])
    form, code = {0: ("!B", size), 2: ("!BH", 126), 8: ("!BQ", 127)}[wide]
    length = struct.pack(form, mask << 7 | code, *([size] if wide else []))
    key = b"\0\0\0\0" if mask else b""  # which changes nothing
    return head + length + key + payload


def body(size: int, seed: int = 0) -> bytes:
    return random.Random(f"{size} {seed}").randbytes(size)


def close(code: int, reason: str = "") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason.encode())


class Outcome(NamedTuple):
    messages: list[bytes]
    received: int | None  # code of the close frame that came …
    sent: int | None  # … and that we sent
    written: list[tuple[int, bytes]]  # kinds and payloads of our frames, where they can be seen


Make = Callable[..., ClientConnection]
LIBRARY: Make = ClientConnection
OURS: Make = partial(DirectConnection, max_direct_bytes=LIMIT)


def answer(connection: ClientConnection) -> bytes:
    """To the handshake that it has begun."""
    assert connection.request is not None
    key = accept_key(connection.request.headers["Sec-WebSocket-Key"])
    return _switching(key)


def _switching(key: str) -> bytes:
    lines = ("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade")
    return "\r\n".join([*lines, f"Sec-WebSocket-Accept: {key}", "", ""]).encode()


async def take_all(connection: ClientConnection, messages: list[bytes]) -> tuple[int | None, int | None]:
    """Until the connection is over; the codes of both close frames."""
    try:
        if isinstance(connection, DirectConnection):
            await connection.pump(lambda message: messages.append(bytes(message)))
        while True:
            messages.append(await connection.recv(decode=False))
    except ConnectionClosed as closed:
        received, sent = closed.rcvd, closed.sent
        return received.code if received else None, sent.code if sent else None


class Line(asyncio.Transport):
    """A transport whose other end is the test. It reads as asyncio's own do, also into a buffer that is too small."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self.protocol: Any = protocol
        self.written = b""
        self.is_paused = False
        self.is_aborted = False
        protocol.connection_made(self)

    def deliver(self, data: bytes) -> None:
        while data and not self.is_aborted:
            if not isinstance(self.protocol, asyncio.BufferedProtocol):
                self.protocol.data_received(data)
                return
            into = self.protocol.get_buffer(-1)
            assert len(into)
            count = min(len(into), len(data))
            into[:count] = data[:count]
            self.protocol.buffer_updated(count)
            data = data[count:]

    def end(self) -> None:
        self.protocol.eof_received()
        self.protocol.connection_lost(None)

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def abort(self) -> None:
        self.is_aborted = True
        asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...
    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None: ...
    def is_closing(self) -> bool:
        return self.is_aborted


async def on_a_line(
    make: Make, limit: int = LIMIT, line_of: type[Line] = Line
) -> tuple[ClientConnection, Line, asyncio.Task[None]]:
    """A connection whose handshake has begun: it waits for ``answer`` with the task."""
    protocol = ClientProtocol(parse_uri("ws://127.0.0.1/"), max_size=limit)
    connection = make(protocol, ping_interval=None, close_timeout=0.1, max_queue=3)
    line = line_of(connection)
    shaking = asyncio.ensure_future(connection.handshake())
    await asyncio.sleep(0)
    line.written = b""
    return connection, line, shaking


def delivered(make: Make, data: bytes, cuts: Sequence[int], pump_at: int = 0, limit: int = LIMIT) -> Outcome:
    """What comes of the handshake's answer and ``data``, cut there; taken from the ``pump_at``-th piece on."""

    async def run() -> Outcome:
        connection, line, shaking = await on_a_line(make, limit)
        whole = answer(connection) + data
        edges = [0, *sorted(cut % (len(whole) + 1) for cut in cuts), len(whole)]
        messages: list[bytes] = []
        taking: asyncio.Task[Any] | None = None
        for number, (start, stop) in enumerate(pairwise(edges)):
            line.deliver(whole[start:stop])
            if taking is None and shaking.done() and (number >= pump_at or line.is_paused):
                taking = asyncio.ensure_future(take_all(connection, messages))
            for _ in range(8):  # turns of the loop: the queue is emptied by a task
                await asyncio.sleep(0)
            assert taking is None or not line.is_paused
        await shaking
        taking = taking or asyncio.ensure_future(take_all(connection, messages))
        await asyncio.sleep(0)
        line.end()
        return Outcome(messages, *await taking, _client_frames(line.written))

    return asyncio.run(run())


def _client_frames(data: bytes) -> list[tuple[int, bytes]]:
    """All short, all masked."""
    out, at = [], 0
    while at < len(data):
        size = data[at + 1] & 127
        key, start = data[at + 2 : at + 6], at + 6
        payload = bytes(byte ^ key[index % 4] for index, byte in enumerate(data[start : start + size]))
        out.append((data[at] & 15, payload))
        at = start + size
    return out


def over_a_socket(make: Make, pieces: Sequence[bytes], tls: tuple[SSLContext, SSLContext] | None = None) -> Outcome:
    """What comes of ``pieces``, each written by itself behind the handshake's answer, with the first one in one piece.

    ``tls``: the server's context and the client's.
    """

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            request = (await reader.readuntil(b"\r\n\r\n")).decode()
            key = next(
                line.split(": ")[1] for line in request.split("\r\n") if line.lower().startswith("sec-websocket-key")
            )
            writer.write(_switching(accept_key(key)) + pieces[0])
            for piece in pieces[1:]:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            heard = b""
            while b"\x88" not in heard:  # that begins its close frame, without which it waits for our end all the same
                heard += await asyncio.wait_for(reader.readexactly(1), 0.2)
        writer.close()

    async def run() -> Outcome:
        server_tls, client_tls = tls or (None, None)
        async with await asyncio.start_server(speak, "127.0.0.1", 0, ssl=server_tls) as server:
            port = server.sockets[0].getsockname()[1]
            url = f"{'wss' if tls else 'ws'}://127.0.0.1:{port}"
            connection = await connect(
                url,
                create_connection=make,
                ssl=client_tls,
                compression=None,
                max_size=LIMIT,
                max_queue=3,
                close_timeout=0.2,  # type: ignore[arg-type]
            )
            messages: list[bytes] = []
            taking = asyncio.ensure_future(take_all(connection, messages))
            async with asyncio.timeout(20):
                codes = await taking
        return Outcome(messages, *codes, [])

    return asyncio.run(run())
