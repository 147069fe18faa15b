"""Which servers a session watches: begun together, exchanged while it runs, ended together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from lablink_dpg.books.notices import Notices
from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import ServerAddress, parse_address
from lablink_dpg.link.bell import LinkBell
from lablink_dpg.link.network import STOP_S
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.commands import WatchTopics
from lablink_dpg.model.storage import Storage
from lablink_dpg.model.topic import Topic
from lablink_dpg.preferences import Server
from lablink_dpg.query.names import names_of_several
from lablink_dpg.session.former import Former
from lablink_dpg.session.server import ServerSession
from lablink_dpg.settings import MAX_SERVERS
from lablink_dpg.turn import FrameTurn

LEAVING_S = 5 * STOP_S  # a link that hangs for so long is left behind
MAX_LEAVING = 2 * MAX_SERVERS  # links that are being closed, each for STOP_S at most


class Roll:
    """Made, asked and closed on the main thread; each link has a thread of its own."""

    def __init__(
        self,
        addresses: Sequence[ServerAddress],
        options: LinkOptions,
        history: int,
        clock: AxisClock,
        storage: Storage = Storage.FLOAT64,
    ) -> None:
        """``history`` in samples a channel. No two ``addresses`` may be the same."""
        self._turn = FrameTurn()
        self._bell = LinkBell()
        self.notices = Notices()
        self._topics: frozenset[Topic] = frozenset()  # that somebody looks at: servers that come later are told, too
        self._clock = clock
        self._options = options
        self._history = history
        self._storage = storage
        self._trusted = frozenset(address.shown for address in addresses)
        self._is_started = False
        self._watches = 0  # times that the servers were changed
        self._leaving: dict[ServerSession, float] = {}  # links that are being closed, and until when that is awaited
        self.former = Former()
        self.servers: tuple[ServerSession, ...] = ()
        self._set_servers(addresses)

    def start(self) -> None:
        self._is_started = True
        for server in self.servers:
            server.network.start()

    def stop(self) -> None:
        """End the links, all at once; what is stored stays readable. Takes STOP_S at most."""
        self._is_started = False
        ends_s = time.monotonic() + STOP_S
        for server in self.servers:
            server.stop_soon()
        for server in (*self.servers, *self._leaving):
            server.network.stop(max(0.0, ends_s - time.monotonic()))
        self._leaving = dict.fromkeys(self._leaving, 0.0)
        self._bell.close()

    def watch(self, addresses: Sequence[ServerAddress]) -> None:
        """Watch these from now on. A server that is among them already stays as it is, with all of its samples; any
        other is let go: its link closes meanwhile, its samples are gone, its counts stay in the sums.

        Returns at once. A server that was not named when the session was made is not given its token or password.

        Raises:
            ValueError: in one line for a person; nothing is changed then.
        """
        if len(addresses) > MAX_SERVERS:
            raise ValueError(f"{len(addresses)} servers, at most {MAX_SERVERS} can be watched at once")
        before = self.servers
        if tuple(addresses) == tuple(server.address for server in before):
            return
        kept = {server.address for server in before} & set(addresses)
        if len(self._leaving) + len(before) - len(kept) > MAX_LEAVING:
            raise ValueError("too many links are still being closed; try again in some seconds")
        self._set_servers(addresses)
        gone = [server for server in before if server not in self.servers]
        for server in gone:
            server.stop_soon()
            if not self._is_started:
                server.network.stop()
        self._leaving.update(dict.fromkeys(gone, time.monotonic() + LEAVING_S))
        self._watches += 1
        if self._is_started:
            for server in self.servers:
                if server not in before:
                    server.network.start()
                    server.network.send(WatchTopics(self._topics))

    def _set_servers(self, addresses: Sequence[ServerAddress]) -> None:
        if not addresses or len({address.shown for address in addresses}) < len(addresses):
            raise ValueError("a session needs servers, and each of them once")
        names = names_of_several(address.shown for address in addresses)
        known = {server.address: server for server in self.servers}
        servers = []
        for address in addresses:
            server = known.get(address) or self._new_server(address, is_alone=len(addresses) == 1)
            server.short_name = names.get(address.shown, "")
            servers.append(server)
        self.servers = tuple(servers)

    def _new_server(self, address: ServerAddress, *, is_alone: bool) -> ServerSession:
        options = self._options
        if address.shown not in self._trusted:
            # Whatever answers where a hand has typed a name must not get the secrets that were meant for another.
            options = replace(options, token="", password="")
        history = self.servers[0].store.capacity if self.servers else self._history  # as it was last set
        return ServerSession(
            address,
            options,
            history,
            self._clock,
            self._turn,
            self.notices,
            bell=self._bell,
            is_alone=is_alone,
            storage=self._storage,
        )

    def _reap(self) -> None:
        """Forget the servers whose links have ended, but for their counts."""
        now_s = time.monotonic()
        for server, until_s in list(self._leaving.items()):
            if server.network.has_ended or now_s > until_s:
                del self._leaving[server]
                self.former.add(server)

    @property
    def watched(self) -> Sequence[Server]:
        """Servers as ``watch_typed`` would need them, in the order of ``links``."""
        return [
            Server(each.name, each.address.ws_port if each.address.ws_port != each.address.port else None)
            for each in self.servers
        ]

    def watch_typed(self, servers: Sequence[Server]) -> None:
        """As ``watch``, of what a person has typed."""
        self.watch([parse_address(address, ws_port) for address, ws_port in servers])

    @property
    def all_servers(self) -> tuple[ServerSession, ...]:
        """Those watched, and those whose links are being closed."""
        return (*self.servers, *self._leaving)
