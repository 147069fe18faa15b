"""The acquisitions of a server as the link sees them: what was asked for, when each was last heard of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lablink_dpg.link.planner import StreamPlan, plan_stream
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import StreamState, StreamStatus

MAX_STREAMS = 256  # four times what the display is built for; the rest of an overfull server is left out and said

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
    is_silent: bool = False  # found without messages; until one comes
    fetched_total: int = -1  # total_samples of the ended acquisition whose data were fetched over REST

    @property
    def is_live(self) -> bool:
        return self.info.state in LIVE_STATES


class Streams:
    """{acquisition id → Stream}, in the order in which the server listed them. Network thread only."""

    def __init__(self, wanted_interval_ms: int) -> None:
        self._wanted_interval_ms = wanted_interval_ms
        self._streams: dict[str, Stream] = {}
        self._frozen: Mapping[str, StreamStatus] | None = None  # None while it must be made anew

    def __iter__(self) -> Iterator[Stream]:
        return iter(tuple(self._streams.values()))

    def __len__(self) -> int:
        return len(self._streams)

    def get(self, acquisition_id: str) -> Stream | None:
        return self._streams.get(acquisition_id)

    def describe(self, info: AcquisitionInfo) -> Stream:
        """Add an acquisition or renew what is known of it; a window that was enlarged stays so."""
        stream = self._streams.get(info.acquisition_id)
        plan = plan_stream(info.sample_rate_hz, len(info.channels), self._wanted_interval_ms, info.buffer_size)
        if stream is None:
            stream = self._streams[info.acquisition_id] = Stream(info, plan)
        else:
            is_same = (info.sample_rate_hz, info.channels, info.buffer_size) == (
                stream.info.sample_rate_hz,
                stream.info.channels,
                stream.info.buffer_size,
            )
            stream.info = info
            if not is_same:
                stream.plan = plan
        self._frozen = None
        return stream

    def set_state(self, stream: Stream, state: StreamState) -> None:
        if stream.state is not state:
            stream.state = state
            self._frozen = None

    def set_plan(self, stream: Stream, plan: StreamPlan) -> None:
        stream.plan = plan
        self._frozen = None

    def disconnected(self) -> None:
        """The link is down: nothing was asked for any more, and what is shown is old."""
        for stream in self._streams.values():
            stream.asked_us = None
            stream.is_fresh = True
            stream.is_silent = False
            if stream.state is not StreamState.STOPPED:
                self.set_state(stream, StreamState.WAITING)

    def frozen(self) -> Mapping[str, StreamStatus]:
        if self._frozen is None:
            self._frozen = MappingProxyType(
                {
                    name: StreamStatus(stream.state, stream.plan.interval_ms, stream.plan.num_samples)
                    for name, stream in self._streams.items()
                }
            )
        return self._frozen
