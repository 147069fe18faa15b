"""How the link to a server is: one frozen value, swapped whole by the network thread, read by every other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lablink_dpg.model.equipment import EquipmentInfo


class Mode(StrEnum):
    """The user's choice of transport."""

    HYBRID = "hybrid"
    WEBSOCKET = "websocket"
    POLLING = "polling"


class Wire(StrEnum):
    """How messages are written: the user's choice, and, but for AUTO, what is in use."""

    AUTO = "auto"  # typed where the server knows it
    JSON = "json"
    TYPED = "typed"  # CBOR with typed arrays; JSON where the server does not know it, with a warning


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
    STOPPED = "stopped"  # the server says it has ended or not begun, or no longer lists it
    WAITING = "waiting"  # the link is down: what is shown is old
    UNPOLLED = "unpolled"  # the link polls, and this is not to be had over REST
    GONE = "gone"  # of a device: the link is up, and its server does not list it any more


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
    note: str = ""  # why its data do not come over the WebSocket, in a few words for a person; "" where they do


class Way(StrEnum):
    """How something came."""

    WEBSOCKET = "WebSocket"
    REST = "REST"


@dataclass(frozen=True, slots=True)
class DeviceReading:
    """The newest values of one device, and how they come."""

    equipment_id: str
    kind: str  # "readings" or "measurements"
    state: StreamState
    data: Mapping[str, Any] = field(default_factory=dict)  # as the server sent them; empty before the first
    at_us: int | None = None  # when they came; None before the first
    way: Way | None = None
    note: str = ""  # as in StreamStatus
    is_on: bool = True  # False: a person has switched it off, it is neither streamed nor polled


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
    rest_errors_by_reason: Mapping[str, int] = field(default_factory=dict)
    zombies: int = 0  # connections over which nothing came any more, though the server answered
    active_streams: int = 0  # whose data come over the WebSocket now, devices included
    state_s: Mapping[LinkState, float] = field(default_factory=dict)  # time spent in each state until now


NOT_HAD_YET = "has not been had yet"  # of a list that was not asked for, or not answered


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
    no_equipment: str = NOT_HAD_YET  # what is to be said of the list of devices instead; "" where it is known
    no_acquisitions: str = NOT_HAD_YET  # … and of that of acquisitions
    needs: LinkNeed = LinkNeed.NOTHING
    needs_why: str = ""  # one line for a person; "" where it needs nothing
    wire: Wire | None = None  # what the server has chosen for the present WebSocket; None while there is none
    is_insecure: bool = False  # TLS, but whoever answers is believed to be the server
    streams: Mapping[str, StreamStatus] = field(default_factory=dict)  # by acquisition_id
    counters: LinkCounters = field(default_factory=LinkCounters)
    readings: Mapping[tuple[str, str], DeviceReading] = field(default_factory=dict)  # by equipment_id and kind


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """One line of the link's log, for a person."""

    at_us: int
    text: str
    is_warning: bool = False
    server: str = ""  # as LinkStatus.server
