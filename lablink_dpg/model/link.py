"""How the link to a server is: one frozen value, swapped whole by the network thread, read by every other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lablink_dpg.model.equipment import EquipmentInfo


class Mode(StrEnum):
    """The user's choice of transport."""

    HYBRID = "hybrid"
    WEBSOCKET = "websocket"
    POLLING = "polling"


class LinkState(StrEnum):
    """Where the link stands; the transitions are a table in ``link.machine``."""

    IDLE = "idle"  # not started
    CONNECTING = "connecting"  # asking REST, opening the WebSocket
    STREAMING = "streaming"  # WebSocket open
    POLLING = "polling"  # no WebSocket: everything over REST
    WAITING = "waiting"  # nothing reachable: next try at ``next_retry_us``
    CLOSED = "closed"  # ended by the user


class StreamState(StrEnum):
    """How the samples of one acquisition come."""

    STARTING = "starting"  # requested; acknowledged or not, no data yet
    STREAMING = "streaming"  # data come by WebSocket
    POLLED = "polled"  # data come over REST
    SILENT = "silent"  # acknowledged, but nothing comes
    PAUSED = "paused"  # the server says the acquisition is paused
    STOPPED = "stopped"  # the server says it has ended, or no longer lists it
    WAITING = "waiting"  # the link is down: what is shown is old


class LinkNeed(StrEnum):
    """What a server wants that only a person can give."""

    NOTHING = "nothing"
    PASSWORD = "password"  # nobody is logged in, and what was kept or given does not open the server
    TOKEN = "token"  # the fixed token that was given is refused
    LOCKED = "locked"  # the account is locked: no password helps before somebody unlocks it


@dataclass(frozen=True, slots=True)
class StreamStatus:
    state: StreamState
    interval_ms: int
    num_samples: int


@dataclass(frozen=True, slots=True)
class LinkCounters:
    """Totals since the link was started."""

    messages: int = 0
    bytes: int = 0
    invalid_messages: int = 0
    invalid_by_reason: Mapping[str, int] = field(default_factory=dict)
    reconnects: int = 0
    fallbacks: int = 0  # times the link went from WebSocket to polling
    silent_streams: int = 0  # times a stream was found silent
    rest_errors: int = 0


@dataclass(frozen=True, slots=True)
class LinkStatus:
    server: str  # as shown to a person, never with a token in it
    mode: Mode
    state: LinkState = LinkState.IDLE
    reason: str = ""  # why it is in this state, in one line for a person
    since_us: int = 0
    next_retry_us: int | None = None
    server_version: str = ""
    rest_reason: str = ""  # why REST does not answer, also while the WebSocket does; "" where it does
    equipment: tuple[EquipmentInfo, ...] = ()
    needs: LinkNeed = LinkNeed.NOTHING
    needs_why: str = ""  # one line for a person; "" where it needs nothing
    is_insecure: bool = False  # TLS, but whoever answers is believed to be the server
    streams: Mapping[str, StreamStatus] = field(default_factory=dict)  # by acquisition_id
    counters: LinkCounters = field(default_factory=LinkCounters)


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """One line of the link's log, for a person."""

    at_us: int
    text: str
    is_warning: bool = False
    server: str = ""  # as LinkStatus.server
