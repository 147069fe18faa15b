"""Where a server is: what a person types, checked once, as the URLs that the rest of the link needs.

An address never carries a secret. ``http://user:password@host`` and ``?token=`` are refused instead of quietly
dropped, and the refusal does not repeat them: it may end in a log.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

DEFAULT_PORT = 8000  # of a LabLink server
DEFAULT_TLS_PORT = 443  # https in front of a LabLink server is a reverse proxy's, and that is where those listen

_SECURE_SCHEMES = {"http": False, "ws": False, "https": True, "wss": True}
_HOST_NAME = re.compile(r"[\w-]+(\.[\w-]+)*\.?")  # \w: an international name is encoded by the resolver
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class ServerAddress:
    host: str  # name or IP address, IPv6 without brackets
    port: int
    ws_port: int  # the same as ``port`` on most servers
    is_secure: bool = False

    @property
    def rest_url(self) -> str:
        return f"{'https' if self.is_secure else 'http'}://{self._bracketed_host}:{self.port}"

    @property
    def ws_url(self) -> str:
        """Without the token, which is added where the connection is made."""
        return f"{'wss' if self.is_secure else 'ws'}://{self._bracketed_host}:{self.ws_port}/ws"

    @property
    def shown(self) -> str:
        """For people: window title, log, report."""
        plain = f"{self._bracketed_host}:{self.port}"
        return f"https://{plain}" if self.is_secure else plain

    @property
    def _bracketed_host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def parse_address(text: str, ws_port: int | None = None) -> ServerAddress:
    """Read ``host``, ``host:port``, an IPv6 address or an http, https, ws or wss URL.

    Raises:
        ValueError: in one line for a person, saying what is wrong and never repeating a secret.
    """
    text = text.strip()
    if not text:
        raise ValueError("the server address is empty; write host, host:port or a URL")
    if "@" in text:
        raise ValueError("a user name or password does not belong into the server address; use --token")
    if "://" not in text:
        text = f"http://{_bracket_if_bare_ipv6(text)}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"the server address cannot be read: {_blame(text, error)}") from None
    if parts.scheme not in _SECURE_SCHEMES:
        raise ValueError(f"the server address begins with {parts.scheme!r}; only http, https, ws and wss are known")
    if parts.query or parts.fragment:
        raise ValueError("the server address ends in '?…' or '#…'; leave that away, and give a token by --token")
    _refuse_path(parts)
    is_secure = _SECURE_SCHEMES[parts.scheme]
    host = _checked_host(parts.hostname)
    if port is None:
        port = DEFAULT_TLS_PORT if is_secure else DEFAULT_PORT
    return ServerAddress(
        host=host,
        port=_checked_port(port, "port"),
        ws_port=_checked_port(port if ws_port is None else ws_port, "WebSocket port"),
        is_secure=is_secure,
    )


def _bracket_if_bare_ipv6(text: str) -> str:
    return f"[{text}]" if text.count(":") > 1 and not text.startswith("[") else text


def _blame(text: str, error: ValueError) -> str:
    """urllib says "Port could not be cast…"; a person needs to know what a port is."""
    if "ort" in str(error):
        return f"the port must be a number from 1 to {_MAX_PORT}"
    return "an IPv6 address looks like ::1 or [::1]:8000" if "[" in text or text.count(":") > 2 else str(error)


def _refuse_path(parts: SplitResult) -> None:
    allowed = {"", "/", "/ws", "/ws/"}  # people copy ws://host:8000/ws from a configuration
    if parts.path not in allowed:
        raise ValueError(f"the server address has a path, {parts.path!r}; LabLink answers at the root of a port")


def _checked_host(host: str | None) -> str:
    if not host:
        raise ValueError("the server address has no host name")
    if ":" in host:
        try:
            address = ipaddress.IPv6Address(host)
        except ValueError:
            raise ValueError(f"{host!r} is not an IPv6 address; with a port it looks like [::1]:8000") from None
        if address.scope_id is not None:
            raise ValueError(f"{host!r} has a zone (%…), which URLs cannot carry; use another address of the server")
        return str(address)
    if not _HOST_NAME.fullmatch(host):
        raise ValueError(f"{host!r} is not a host name")
    return host


def _checked_port(port: int, name: str) -> int:
    if not 1 <= port <= _MAX_PORT:
        raise ValueError(f"{name} {port} is not a number from 1 to {_MAX_PORT}")
    return port
