"""Names of servers that are as short as they can be and still differ: they stand before the name of every stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple


class _Parts(NamedTuple):
    host: str  # IPv6 in brackets
    port: str
    whole: str

    @property
    def label(self) -> str:
        """The host without its domain; an IP address has none."""
        is_address = self.host.startswith("[") or self.host.replace(".", "").isdigit()
        return self.host if is_address else self.host.partition(".")[0]


# From the shortest on; the first that tells all servers apart is taken for all of them.
_WAYS: tuple[Callable[[_Parts], str], ...] = (
    lambda parts: parts.label,
    lambda parts: parts.host,
    lambda parts: f"{parts.label}:{parts.port}",
    lambda parts: f"{parts.host}:{parts.port}",
)


@lru_cache(maxsize=8)
def short_names(servers: tuple[str, ...]) -> dict[str, str]:
    """{server as shown → short name}. On one host with several ports, the ports are the names."""
    parsed = [_parts(server) for server in servers]
    if len({parts.host for parts in parsed}) == 1 and len({parts.port for parts in parsed}) == len(parsed) > 1:
        return {parts.whole: f":{parts.port}" for parts in parsed}
    for way in _WAYS:
        names = {parts.whole: way(parts) for parts in parsed}
        if len(set(names.values())) == len(servers):
            return names
    return {server: server for server in servers}


def names_of_several(servers: Iterable[str]) -> dict[str, str]:
    """As ``short_names``; empty where there is but one server, whose name need not stand before anything."""
    all_of_them = tuple(servers)
    return short_names(all_of_them) if len(all_of_them) > 1 else {}


def _parts(server: str) -> _Parts:
    host, _, port = server.partition("://")[2].rpartition(":") if "://" in server else server.rpartition(":")
    return _Parts(host or port, port, server)
