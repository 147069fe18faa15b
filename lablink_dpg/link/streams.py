"""The acquisitions of a server as the link sees them: what was asked for, when each was last heard of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lablink_dpg.link.planner import StreamPlan, bytes_per_s, plan_stream
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import StreamState, StreamStatus

MAX_STREAMS = 1024  # as many as may be asked for on the command line; of an overfull server the rest is left out

# Where the server or this program is behind, all streams are late together. To poll them would add to the load that
# made them late, so they get longer than one that is late alone; after that, late is silent.
MIN_LATE_TOGETHER = 8  # fewer are polled without harm: as many polls as run at once
LATE_INTERVALS = 2  # without a message …
LATE_SHARE = 0.5  # … and at least this much of the time after which one alone is silent: seen before it is silent
LATE_PATIENCE = 20  # times as long; however far behind, a connection that delivers at all brings each in that time

NO_LIMIT = 2**53

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
    failed_fetches: int = 0  # in a row, since its count of samples changed or the link was down
    planned: StreamPlan = field(init=False)  # by its description; ``plan`` may have grown since
    most: int = NO_LIMIT  # samples a window; a message that was too large may have shown that more is not to be had
    messages: int = 0  # of samples or without, over the WebSocket, ever
    window: int = 0  # samples in the newest of them
    reach: int = 0  # the most samples that the server took between two of them, since the last look

    def __post_init__(self) -> None:
        self.planned = self.plan

    @property
    def is_live(self) -> bool:
        return self.info.state in LIVE_STATES


class Streams:
    """{acquisition id → Stream}, in the order in which the server listed them. Network thread only."""

    def __init__(self, wanted_interval_ms: int) -> None:
        self._wanted_interval_ms = wanted_interval_ms
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
        plan = plan_stream(info.sample_rate_hz, len(info.channels), self._wanted_interval_ms, info.buffer_size)
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

    def set_plan(self, stream: Stream, plan: StreamPlan) -> None:
        stream.plan = plan
        self._frozen = self._bytes_per_s = None

    def are_late_together(self, now_us: int, silence_us: int) -> bool:
        """Whether most of those that should come are late while messages do come: then it is the connection that lags.

        ``silence_us`` is after how long one that is late alone is silent.
        """
        expected = late = 0
        newest_us = 0
        for stream in self._streams.values():
            if stream.asked_us is None or not stream.is_live or stream.is_silent:
                continue
            expected += 1
            newest_us = max(newest_us, stream.heard_us)
            late_us = max(LATE_INTERVALS * stream.plan.interval_ms * 1000, LATE_SHARE * silence_us)
            late += late_us < now_us - max(stream.asked_us, stream.heard_us) <= LATE_PATIENCE * late_us
        return late >= MIN_LATE_TOGETHER and 2 * late > expected and now_us - newest_us <= silence_us

    def disconnected(self) -> None:
        """The link is down: nothing was asked for any more, and what is shown is old."""
        for stream in self._streams.values():
            stream.asked_us = None
            stream.is_fresh = True
            stream.is_silent = False
            stream.failed_fetches = 0
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
