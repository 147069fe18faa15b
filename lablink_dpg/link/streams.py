"""The acquisitions of a server as the link sees them: what was asked for, when each was last heard of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from lablink_dpg.link.planner import StreamPlan, bytes_per_s, interval_among, plan_stream
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import StreamState, StreamStatus

MAX_STREAMS = 1024  # as many as may be asked for on the command line; of an overfull server the rest is left out

NO_LIMIT = 2**53

StreamKey: TypeAlias = tuple[str, str]  # id of an acquisition or a device, and the kind of stream
ACQUISITION = "acquisition"  # the kind of an acquisition's stream; those of devices are named by the protocol

LIVE_STATES = frozenset({AcquisitionState.ACQUIRING, AcquisitionState.PAUSED, AcquisitionState.WAITING_TRIGGER})
ENDED_STATES = frozenset({AcquisitionState.STOPPED, AcquisitionState.ERROR})


def state_while_heard(state: AcquisitionState) -> StreamState:
    """How a stream stands whose messages come by WebSocket."""
    if state is AcquisitionState.PAUSED:
        return StreamState.PAUSED
    return StreamState.STOPPED if state in ENDED_STATES else StreamState.STREAMING


@dataclass(slots=True)
class Stream:
    """Network thread only."""

    info: AcquisitionInfo
    plan: StreamPlan
    state: StreamState = StreamState.WAITING  # changed through Streams.set_state only
    asked_us: int | None = None  # when it was requested on the present connection
    heard_us: int = 0  # when its last message came, on any connection
    is_fresh: bool = True  # no message since it was requested: what is missing then was lost before, not by the window
    rerequested_us: int | None = None  # when it was last requested again with another plan, or because it was silent
    is_proven: bool = False  # a message came since it was last requested on the present connection
    is_silent: bool = False  # no messages of it are to be had on this connection, as far as is known; until one comes
    held_us: int | None = None  # since when its messages wait for an answer of REST
    note: str = ""  # why it does not come over the WebSocket, for a person; "" where it does
    fetched_total: int = -1  # total_samples of the ended acquisition whose data were fetched over REST
    failed_fetches: int = 0  # in a row, since its count of samples changed or the link was down
    planned: StreamPlan = field(init=False)  # by its description; ``plan`` may have grown since
    most: int = NO_LIMIT  # samples a window; a message that was too large may have shown that more is not to be had
    messages: int = 0  # of samples or without, over the WebSocket, ever
    window: int = 0  # samples in the newest of them
    is_incremental: bool = False  # that said that each sample is sent once: larger windows would bring no more
    reach: int = 0  # the most samples that the server took between two of them, since the last look

    def __post_init__(self) -> None:
        self.planned = self.plan

    @property
    def is_live(self) -> bool:
        return self.info.state in LIVE_STATES


def key_of(stream: Stream) -> StreamKey:
    return stream.info.acquisition_id, ACQUISITION


class Streams:
    """{acquisition id → Stream}, in the order in which the server listed them. Network thread only."""

    def __init__(self, wanted_interval_ms: int) -> None:
        self._wanted_interval_ms = wanted_interval_ms
        self.expected = 0  # that run on the server, by its list: their details come one by one
        self._streams: dict[str, Stream] = {}
        self._frozen: Mapping[str, StreamStatus] | None = None  # None while it must be made anew
        self._bytes_per_s: float | None = None  # as _frozen

    def __iter__(self) -> Iterator[Stream]:
        return iter(tuple(self._streams.values()))

    def __len__(self) -> int:
        return len(self._streams)

    def get(self, acquisition_id: str) -> Stream | None:
        return self._streams.get(acquisition_id)

    @property
    def bytes_per_s(self) -> float:
        """What all of them together cost the network, at most. Cheap: it is asked for at every loss."""
        if self._bytes_per_s is None:
            self._bytes_per_s = sum(bytes_per_s(each.plan, len(each.info.channels)) for each in self._streams.values())
        return self._bytes_per_s

    def describe(self, info: AcquisitionInfo) -> Stream:
        """Add an acquisition or renew what is known of it; a window that was enlarged stays so."""
        stream = self._streams.get(info.acquisition_id)
        interval_ms = interval_among(max(self.expected, len(self._streams)), self._wanted_interval_ms)
        plan = plan_stream(info.sample_rate_hz, len(info.channels), interval_ms, info.buffer_size)
        if stream is None:
            stream = self._streams[info.acquisition_id] = Stream(info, plan)
        else:
            is_same = (info.sample_rate_hz, info.channels, info.buffer_size) == (
                stream.info.sample_rate_hz,
                stream.info.channels,
                stream.info.buffer_size,
            )
            if info.total_samples != stream.info.total_samples:
                stream.failed_fetches = 0
            stream.info = info
            if not is_same:
                stream.plan = stream.planned = plan
                stream.most = NO_LIMIT
        self._frozen = self._bytes_per_s = None
        return stream

    def forget(self, stream: Stream) -> None:
        del self._streams[stream.info.acquisition_id]
        self._frozen = self._bytes_per_s = None

    def set_state(self, stream: Stream, state: StreamState) -> None:
        if stream.state is not state:
            stream.state = state
            self._frozen = None

    def set_note(self, stream: Stream, note: str) -> None:
        if stream.note != note:
            stream.note = note
            self._frozen = None

    def set_plan(self, stream: Stream, plan: StreamPlan) -> None:
        stream.plan = plan
        self._frozen = self._bytes_per_s = None

    @property
    def active(self) -> int:
        """How many come over the WebSocket now."""
        return sum(
            each.asked_us is not None
            and not each.is_silent
            and each.state in (StreamState.STREAMING, StreamState.PAUSED)
            for each in self._streams.values()
        )

    def disconnected(self) -> None:
        """The link is down: nothing was asked for any more, and what is shown is old."""
        for stream in self._streams.values():
            stream.asked_us = None
            stream.is_fresh = True
            stream.is_silent = stream.is_proven = False
            self.set_note(stream, "")
            stream.failed_fetches = 0
            if stream.state is not StreamState.STOPPED:
                self.set_state(stream, StreamState.WAITING)

    def frozen(self) -> Mapping[str, StreamStatus]:
        if self._frozen is None:
            self._frozen = MappingProxyType(
                {
                    name: StreamStatus(stream.state, stream.plan.interval_ms, stream.plan.num_samples, stream.note)
                    for name, stream in self._streams.items()
                }
            )
        return self._frozen
