"""Why a server could not be reached, from whatever a library raised: one short cause and a line for a person.

Only the causes' own words are used, never the libraries' texts as they are: some of those repeat the URL,
and the URL of the WebSocket ends in the token.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from enum import StrEnum


class Cause(StrEnum):
    DNS = "unknown host"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    NETWORK = "network"
    TLS = "TLS"
    UNAUTHORIZED = "unauthorized"
    STATUS = "status"
    CONTENT = "content"

    @property
    def is_unreachable(self) -> bool:
        """Nobody answered at all; otherwise a server did, if not as wished."""
        return self in _UNREACHABLE


_UNREACHABLE = frozenset({Cause.DNS, Cause.REFUSED, Cause.TIMEOUT, Cause.NETWORK, Cause.TLS})


class CallFailed(Exception):
    """A call, or the opening of a WebSocket, came to nothing; the text is one line for a person, without any secret."""

    def __init__(self, cause: Cause, text: str) -> None:
        super().__init__(text)
        self.cause = cause
        self.is_repeated = False  # told once more without asking the server
        self.retry_s: float | None = None  # so long the server is not asked again; None where that is open


class LinkDown(Exception):
    """The link cannot go on and has to wait; the text is for a person."""

    def __init__(self, reason: str, retry_s: float | None = None, *, is_at_once: bool = False) -> None:
        """``retry_s``: wait at least so long. ``is_at_once``: it was us who ended it; do not wait at all."""
        super().__init__(reason)
        self.reason = reason
        self.retry_s = retry_s or 0.0
        self.is_at_once = is_at_once


def explain_network_error(error: BaseException, host: str, port: int) -> tuple[Cause, str]:
    """Cause and line for a person of anything that went wrong below HTTP."""
    for link in _chain(error):
        if isinstance(link, socket.gaierror):
            return Cause.DNS, f"host name {host!r} cannot be resolved"
        if isinstance(link, ssl.SSLCertVerificationError):
            return Cause.TLS, f"certificate of {host} is not trusted: {link.verify_message} (--ca-file or --insecure)"
        if isinstance(link, ssl.SSLError):
            return Cause.TLS, f"no TLS on {host} port {port} ({link.reason or 'handshake failed'})"
        if isinstance(link, ConnectionRefusedError):
            return Cause.REFUSED, f"connection refused: nothing listens on {host} port {port}"
        if isinstance(link, TimeoutError):
            return Cause.TIMEOUT, f"no answer from {host} port {port}"
        if isinstance(link, ConnectionError):
            return Cause.NETWORK, f"connection to {host} port {port} was reset"
        if isinstance(link, OSError) and link.errno is not None:
            name = errno.errorcode.get(link.errno, str(link.errno))
            return Cause.NETWORK, f"{host} cannot be reached ({name})"
    return Cause.NETWORK, f"connection to {host} port {port} failed ({type(error).__name__})"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, groups opened; innermost causes of a group come after the group's own cause."""
    seen: set[int] = set()
    queue: list[BaseException | None] = [error]
    while queue:
        link = queue.pop(0)
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        if isinstance(link, BaseExceptionGroup):
            queue.extend(link.exceptions)
        queue.extend((link.__cause__, link.__context__))
