"""Tests of lablink_dpg.link.websocket, against real servers on loopback."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from websockets.asyncio.server import ServerConnection, serve

from lablink_dpg.link import websocket
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.errors import Cause
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.tls import tls_context
from lablink_dpg.link.websocket import Socket, SocketLost, SocketRefused, dial
from lablink_dpg.wire.reasons import MAX_MESSAGE_BYTES
from tests.link.lab import Lab

QUICK = LinkOptions(handshake_timeout_s=0.2, close_timeout_s=0.2, ping_interval_s=0.05, ping_timeout_s=0.1)
TLS = tls_context(parse_address("127.0.0.1"))


def refused(url: str, options: LinkOptions = QUICK) -> SocketRefused:
    with pytest.raises(SocketRefused) as failed:
        asyncio.run(dial(parse_address(url), options, TLS))
    return failed.value


def lost_after(serve_one: Callable[[ServerConnection], Awaitable[None]]) -> tuple[list[bytes], SocketLost]:
    """What came until the connection was lost, and how it was lost."""

    async def run() -> tuple[list[bytes], SocketLost]:
        came: list[bytes] = []
        # The server's own close timeout is short, so that the test need not wait for a server that was made to freeze.
        async with serve(serve_one, "127.0.0.1", 0, ping_interval=None, close_timeout=0.1) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            socket = await dial(parse_address(f"127.0.0.1:{port}"), QUICK, TLS)
            with pytest.raises(SocketLost) as lost:
                await socket.pump(came.append)
            await socket.close()
        return came, lost.value

    return asyncio.run(run())


def test_text_and_binary_messages_come_as_bytes() -> None:
    async def send(connection: ServerConnection) -> None:
        await connection.send('{"type": "pong"}')
        await connection.send(b"g\x1f")

    came, _ = lost_after(send)
    assert came == [b'{"type": "pong"}', b"g\x1f"]


def test_a_message_in_fragments_comes_whole() -> None:
    async def send(connection: ServerConnection) -> None:
        await connection.send(["12", "34", "5"])

    assert lost_after(send)[0] == [b"12345"]


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 4001])
def test_an_orderly_close_is_a_loss_that_names_its_code(code: int) -> None:
    async def close(connection: ServerConnection) -> None:
        await connection.close(code, "bye")

    _, lost = lost_after(close)
    assert (lost.reason, lost.code) == (f"closed by the server ({code} bye)", code)


def test_a_connection_that_breaks_is_a_loss_without_a_code() -> None:
    async def cut(connection: ServerConnection) -> None:
        connection.transport.abort()

    _, lost = lost_after(cut)
    assert (lost.reason, lost.code) == ("connection broke", None)


def test_a_message_over_the_limit_is_a_loss_that_names_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "MAX_MESSAGE_BYTES", 2**20)

    async def send(connection: ServerConnection) -> None:
        await connection.send(b"x" * 2**20)
        await connection.send(b"x" * (2**20 + 1))
        await connection.wait_closed()

    came, lost = lost_after(send)
    assert [len(message) for message in came] == [2**20]
    assert (lost.reason, lost.code) == ("message of over 1 MiB refused", 1009)


def test_a_server_that_is_faster_than_we_are_keeps_its_backlog() -> None:
    size, count = 16 * 2**20, 12
    assert (websocket.MAX_QUEUE_FRAMES + 1) * websocket.MAX_MESSAGE_BYTES <= websocket.MAX_QUEUE_BYTES
    most = websocket.MAX_QUEUE_FRAMES + 1 + 1  # and what is on its way, in the kernel
    sent = 0

    async def send(connection: ServerConnection) -> None:
        nonlocal sent
        for number in range(count):
            await connection.send(bytes([number]) * size)
            sent += 1

    async def run() -> list[tuple[int, int]]:
        came: list[tuple[int, int]] = []
        async with serve(send, "127.0.0.1", 0, ping_interval=None, close_timeout=0.1) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            socket = await dial(parse_address(f"127.0.0.1:{port}"), LinkOptions(), TLS)
            before = 0
            while sent != before or not sent:
                before = sent
                await asyncio.sleep(0.3)
            assert 0 < sent <= most, "nobody took a message yet"
            with pytest.raises(SocketLost):
                await socket.pump(lambda raw: came.append((raw[0], len(raw))))
            await socket.close()
        return came

    assert asyncio.run(run()) == [(number, size) for number in range(count)]


def test_the_limit_takes_whatever_the_decoder_takes() -> None:
    assert websocket.MAX_MESSAGE_BYTES == MAX_MESSAGE_BYTES >= 64 * 2**20


def test_a_server_that_answers_no_pings_is_lost() -> None:
    async def freeze(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await asyncio.sleep(1.0)

    _, lost = lost_after(freeze)
    assert lost.reason == "the server does not answer pings"


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_refusal_names_its_status(status: int) -> None:
    with Lab() as lab:
        lab.refuse_socket = status
        failed = refused(lab.url)
    assert (failed.cause, failed.reason) == (Cause.STATUS, f"WebSocket refused ({status})")


def test_a_refusal_for_want_of_a_token_says_how_to_give_one() -> None:
    with Lab() as lab:
        lab.refuse_socket = 403
        failed = refused(lab.url)
    assert failed.cause is Cause.UNAUTHORIZED
    assert "--token" in failed.reason


def test_a_refused_token_is_called_wrong_or_expired_and_not_repeated() -> None:
    with Lab() as lab:
        lab.refuse_socket = 403
        failed = refused(lab.url, LinkOptions(token="geheim"))
    assert failed.reason == "WebSocket refused (403): token wrong or expired"


def test_the_token_travels_quoted_in_the_query() -> None:
    async def run(lab: Lab) -> None:
        socket = await dial(parse_address(lab.url), LinkOptions(token="a b&c"), TLS)
        await socket.close()

    with Lab() as lab:
        asyncio.run(run(lab))
        assert lab.requests == ["/ws?token=a%20b%26c"]


def test_the_token_is_in_no_log_at_debug_level(caplog: pytest.LogCaptureFixture) -> None:
    async def run(lab: Lab) -> None:
        socket = await dial(parse_address(lab.url), LinkOptions(token="geheim"), TLS)
        await socket.send('{"type": "ping"}')
        await socket.close()

    with caplog.at_level(logging.DEBUG), Lab() as lab:
        logging.getLogger("websockets.server").setLevel(logging.WARNING)  # the server's half is not ours
        asyncio.run(run(lab))
    assert "geheim" not in caplog.text


def test_a_port_where_nothing_listens_is_refused() -> None:
    with Lab() as lab:
        url = lab.url
    failed = refused(url)
    assert failed.cause is Cause.REFUSED
    assert "nothing listens" in failed.reason


def test_a_handshake_without_an_answer_is_a_timeout() -> None:
    with Lab() as lab:
        lab.hangs.add("/ws")
        failed = refused(lab.url)
    assert (failed.cause, failed.reason) == (Cause.TIMEOUT, "no answer to the WebSocket handshake within 0.2 s")


def test_a_port_of_something_else_does_not_speak_websocket() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    async def run() -> str:
        async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(SocketRefused) as failed:
                await dial(parse_address(f"127.0.0.1:{port}"), QUICK, TLS)
            return failed.value.reason

    assert "does not speak WebSocket" in asyncio.run(run())


def test_sending_over_a_lost_connection_is_a_loss() -> None:
    async def close(connection: ServerConnection) -> None:
        await connection.close(1001)

    async def run() -> SocketLost:
        async with serve(close, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            socket = await dial(parse_address(f"127.0.0.1:{port}"), QUICK, TLS)
            with pytest.raises(SocketLost):
                await socket.pump(lambda raw: None)
            with pytest.raises(SocketLost) as lost:
                await socket.send("{}")
            return lost.value

    assert asyncio.run(run()).code == 1001


@pytest.mark.parametrize("is_abandoned", [False, True])
def test_closing_ends_in_time_with_a_server_that_takes_no_part(is_abandoned: bool) -> None:
    """At once, where that is known of the server."""

    async def freeze(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await asyncio.sleep(1.0)

    async def run() -> float:
        async with serve(freeze, "127.0.0.1", 0, ping_interval=None, close_timeout=0.1) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            socket = await dial(parse_address(f"127.0.0.1:{port}"), QUICK, TLS)
            if is_abandoned:
                socket.abandon()
            began_s = asyncio.get_running_loop().time()
            await socket.close()
            return asyncio.get_running_loop().time() - began_s

    took_s = asyncio.run(run())
    assert took_s < (QUICK.close_timeout_s if is_abandoned else 0.8)


def test_a_subprotocol_can_be_offered() -> None:
    async def run() -> str | None:
        async def stay(connection: ServerConnection) -> None:
            await connection.wait_closed()

        async with serve(stay, "127.0.0.1", 0, subprotocols=["lablink.cbor"]) as server:  # type: ignore[list-item]
            port = next(iter(server.sockets)).getsockname()[1]
            socket: Socket = await dial(parse_address(f"127.0.0.1:{port}"), QUICK, TLS, ["lablink.cbor"])
            await socket.close()
            return socket.subprotocol

    assert asyncio.run(run()) == "lablink.cbor"
