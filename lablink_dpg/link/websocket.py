"""One WebSocket connection to a server: opened with a clear refusal, pumped until it is lost, closed in bounded time.

Messages come as bytes, also the text ones: their UTF-8 is checked by the JSON parser anyway. The library's own log
is cut off below warnings, because at debug level it writes the handshake's URL, which ends in the token.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from ssl import SSLContext
from typing import NoReturn
from urllib.parse import quote

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI, NegotiationError
from websockets.typing import Subprotocol

from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.direct import DirectConnection
from lablink_dpg.link.errors import CallFailed, Cause, explain_network_error
from lablink_dpg.link.frames import Take
from lablink_dpg.link.options import LinkOptions

MAX_MESSAGE_BYTES = 64 * 2**20  # what the decoder takes; the largest windows that the planner asks for are 16 MiB
MAX_QUEUE_BYTES = 256 * 2**20  # then reading stops and TCP slows the server down: the backlog is not our memory
# The library counts frames, and stops reading after one too many; each may be as large as a message. What is small
# comes many in one read of the socket, so that so few do not slow it down.
MAX_QUEUE_FRAMES = MAX_QUEUE_BYTES // MAX_MESSAGE_BYTES - 1
TOO_BIG = 1009
TYPED = "lablink.cbor"  # subprotocol: see wire/PROTOCOL.md
# What a server may answer that takes an offer it does not know for a mistake: it is asked once more without.
MISTAKEN = frozenset({400, 406, 426, 501})

_quiet = logging.getLogger(f"{__name__}.library")
_quiet.setLevel(logging.WARNING)


class SocketRefused(CallFailed):
    """There is no WebSocket to be had now; ``reason`` is for a person."""

    def __init__(self, cause: Cause, reason: str) -> None:
        super().__init__(cause, reason)
        self.reason = reason


class SocketLost(Exception):
    """The connection is over, whoever ended it; ``code`` is None where nobody said why."""

    def __init__(self, reason: str, code: int | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class TooBig(SocketLost):
    """We have ended the connection, because of a message that is larger than we take."""


class Socket:
    """Network thread only."""

    def __init__(self, connection: DirectConnection) -> None:
        self._connection = connection

    @property
    def subprotocol(self) -> str | None:
        """What the server chose of what was offered."""
        return self._connection.subprotocol

    @property
    def is_typed(self) -> bool:
        """Whether samples may come as typed messages."""
        return self._connection.subprotocol == TYPED

    async def send(self, text: str) -> None:
        """Raises SocketLost."""
        try:
            await self._connection.send(text)
        except ConnectionClosed as closed:
            raise _lost(closed) from None

    async def pump(self, take: Take) -> NoReturn:
        """Hand every message to ``take`` until the connection is lost; raises SocketLost, never returns.

        What one read of the socket brought goes by between two turns of the loop's other tasks.
        """
        try:
            await self._connection.pump(take)
        except ConnectionClosed as closed:
            raise _lost(closed) from None
        raise AssertionError("a pump ends with its connection")

    def abandon(self) -> None:
        """The server does not answer: it would not answer a closing handshake either, so ``close`` makes none."""
        self._connection.transport.abort()

    async def close(self) -> None:
        """With a closing handshake if the server takes part in it in time, without one otherwise."""
        await self._connection.close()


async def dial(
    address: ServerAddress,
    options: LinkOptions,
    tls: SSLContext,
    subprotocols: Sequence[str] = (),
    token: str | None = None,
) -> Socket:
    """Open a connection, with the token of the options where no other is given.

    ``subprotocols`` are offered; where that is what the server does not like, none is.

    Raises:
        SocketRefused: with the reason.
    """
    token = options.token if token is None else token
    url = f"{address.ws_url}?token={quote(token, safe='')}" if token else address.ws_url
    try:
        connection = await connect(
            url,
            ssl=tls if address.is_secure else None,
            subprotocols=[Subprotocol(name) for name in subprotocols] or None,
            compression=None,  # costs far more CPU than a LAN's bandwidth is worth
            proxy=None,  # as for REST: a lab's server is not behind the proxy for browsing
            max_size=MAX_MESSAGE_BYTES,
            max_queue=MAX_QUEUE_FRAMES,
            open_timeout=options.handshake_timeout_s,
            close_timeout=options.close_timeout_s,
            ping_interval=options.ping_interval_s,
            ping_timeout=options.ping_timeout_s,
            logger=_quiet,
            create_connection=partial(DirectConnection, max_direct_bytes=MAX_MESSAGE_BYTES),  # type: ignore[arg-type]
        )
    except InvalidStatus as refused:
        if subprotocols and refused.response.status_code in MISTAKEN:
            return await dial(address, options, tls, (), token)
        raise _refused(refused.response.status_code, token) from None
    except (InvalidHandshake, InvalidURI) as refused:
        if subprotocols and isinstance(refused, NegotiationError):  # it has chosen what was not offered
            return await dial(address, options, tls, (), token)
        text = f"whatever listens on {address.host} port {address.ws_port} does not speak WebSocket"
        raise SocketRefused(Cause.CONTENT, text) from None
    except TimeoutError:
        text = f"no answer to the WebSocket handshake within {options.handshake_timeout_s:g} s"
        raise SocketRefused(Cause.TIMEOUT, text) from None
    except (OSError, EOFError) as error:
        raise SocketRefused(*explain_network_error(error, address.host, address.ws_port)) from None
    assert isinstance(connection, DirectConnection)
    return Socket(connection)


def _refused(status: int, token: str) -> SocketRefused:
    if status in (401, 403):  # servers mean close code 4001, but refuse before a WebSocket exists
        why = "token wrong or expired" if token else "no token was sent (--user, --token or LABLINK_TOKEN)"
        return SocketRefused(Cause.UNAUTHORIZED, f"WebSocket refused ({status}): {why}")
    return SocketRefused(Cause.STATUS, f"WebSocket refused ({status})")


def _lost(closed: ConnectionClosed) -> SocketLost:
    sent, received = closed.sent, closed.rcvd
    if received is not None and not (sent is not None and closed.rcvd_then_sent is False):
        words = f" {received.reason}" if received.reason else ""
        return SocketLost(f"closed by the server ({received.code}{words[:120]})", received.code)
    if sent is not None and sent.code == TOO_BIG:
        return TooBig(f"message of over {MAX_MESSAGE_BYTES >> 20} MiB refused", sent.code)
    if sent is not None and sent.reason == "keepalive ping timeout":
        return SocketLost("the server does not answer pings", None)
    if sent is not None:
        return SocketLost(f"closed because of what the server sent ({sent.code})", sent.code)
    return SocketLost("connection broke", None)
