"""The picture of one frame as plain arrays: everything the window draws, testable without a window.

Samples leave here as float32 offsets from a float64/integer origin, because the drawing library squeezes every array
through float32: offsets keep 1 µV on 5 V and 10 µs after a day; absolute values would not. What is made for each plot
and frame is a NamedTuple: a frozen dataclass takes four times as long to make.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import AcquisitionInfo
from lablink_dpg.model.alarm import AlarmEvent, Severity
from lablink_dpg.model.link import LinkStatus, StreamState
from lablink_dpg.query.view import TraceRequest


class Trace(NamedTuple):
    """Points of one line, NaN where it breaks, none infinite. Valid until the next build_frame: views of its cache.

    Points are numbered within an epoch. One that is settled stays as it is while the epoch is the same, and no other
    stream's line has that epoch.
    """

    request: TraceRequest
    x: NDArray[np.float32]  # seconds after the plot's x_origin_us
    y: NDArray[np.float32]  # value minus the plot's y_origin
    revision: int  # differs from the last frame's when x or y differ
    epoch: int = 0  # 0: nothing of it is settled
    start: int = 0  # number of the first point
    settled: int = 0  # number of the first point that may change, or is not there yet


class GapMark(NamedTuple):
    """A stretch without samples, to be shaded. ``lost`` is 0 for a pause or a restart."""

    left_s: float  # seconds after the plot's x_origin_us
    right_s: float
    lost: int  # samples a channel
    kind: str  # "lost" | "pause" | "restart"


class AlarmMark(NamedTuple):
    """An alarm on the time axis. It may have risen before the view, which it then reaches into."""

    event: AlarmEvent
    at_s: float  # seconds after the plot's x_origin_us
    until_s: float | None  # None while it is open


class ThresholdLine(NamedTuple):
    """A value at which an alarm rises, or has risen."""

    at: float  # minus the plot's y_origin
    value: float
    severity: Severity
    name: str
    is_open: bool


class LaneTrace(NamedTuple):
    """Points of one lane. Valid until the next build_frame: views of its cache."""

    x: NDArray[np.float32]  # seconds after x_origin_us, shape (n,)
    ys: tuple[NDArray[np.float32], ...]  # one a channel: value minus y_origin
    x_origin_us: int  # Unix µs; the wall's own, or that of some frames ago until the lane's next turn
    y_origin: float
    y_limits: tuple[float, float]  # minus y_origin; all points but infinite ones are inside
    extremes: tuple[float, float]  # lowest and highest value in view; (inf, -inf) without any


class WallFrame(NamedTuple):
    """``lanes`` and ``severities`` are in the request's order, the same lists in every frame."""

    x_origin_us: int  # Unix µs
    x_limits: tuple[float, float]  # seconds after x_origin_us
    x_ticks: tuple[tuple[str, float], ...]  # (wall-clock label, seconds after x_origin_us)
    lanes: list[LaneTrace | None]  # None where the stream, or its channels, are not there
    changed: tuple[int, ...]  # places in ``lanes`` that differ from the last frame's
    severities: list[Severity | None]  # of the gravest open alarm of the stream's device
    points: int  # of all lanes


class PlotFrame(NamedTuple):
    key: str
    x_origin_us: int  # Unix µs
    y_origin: float
    x_limits: tuple[float, float]  # seconds after x_origin_us
    y_limits: tuple[float, float]  # minus y_origin
    x_ticks: tuple[tuple[str, float], ...]  # (wall-clock label, seconds after x_origin_us)
    y_ticks: tuple[tuple[str, float], ...]  # (label, value minus y_origin)
    traces: tuple[Trace, ...]
    gaps: tuple[GapMark, ...] = ()
    marks: tuple[AlarmMark, ...] = ()  # oldest first, some just out of view; the same object while they stay the same
    thresholds: tuple[ThresholdLine, ...] = ()  # those within y_limits
    # The same object as in earlier frames while nothing has differed since but the time axis, and points of the lines
    # without coming to none; None where that may be otherwise.
    steady: object = None


@dataclass(frozen=True, slots=True)
class StreamLine:
    """The words beside a plot."""

    stream: str
    name: str
    channels: tuple[str, ...]
    rate_hz: float  # samples a second and channel, measured
    latency_ms: float | None  # age of the newest sample on the screen; None before the first
    lost: int  # channel samples
    received: int  # channel samples
    state: StreamState | None = None  # by which way samples come; None if the link does not know the stream
    age_ms: float | None = None  # of the newest sample there is; None before the first
    is_old: bool = False  # nothing new for longer than the stream's own pace explains
    note: str = ""  # why its data do not come over the WebSocket; "" where they do
    source: str = ""  # key of the series that it shows a part of; "" where it is ``stream`` itself

    @property
    def series(self) -> str:
        """Key of the series that its channels are of."""
        return self.source or self.stream


class ReadingLine(NamedTuple):
    """The readings of one device: ``line`` is of all of its values together."""

    server: str  # as LinkStatus.server
    equipment_id: str
    kind: str  # "readings", "measurements"
    line: StreamLine


class AcquisitionLine(NamedTuple):
    """Everything that is known of one acquisition besides its samples."""

    line: StreamLine
    server: str  # as LinkStatus.server
    info: AcquisitionInfo
    total: int  # samples a channel that the server counted, as far as is known
    backfilled: int  # channel samples
    jitter_ms: float | None  # as JitterMeter; None before it is known
    held: int  # samples a channel in memory
    capacity: int  # samples a channel that there is room for
    held_bytes: int  # memory in use
    full_bytes: int  # when the history is full

    @property
    def held_s(self) -> float | None:
        """Of sampling; None where the server does not say its rate."""
        return self.held / self.info.sample_rate_hz if self.info.sample_rate_hz > 0 else None

    @property
    def capacity_s(self) -> float | None:
        return self.capacity / self.info.sample_rate_hz if self.info.sample_rate_hz > 0 else None


@dataclass(frozen=True, slots=True)
class ServerLine:
    """The figures of one server."""

    status: LinkStatus
    rate_hz: float  # channel samples a second that arrive now
    received: int  # this and the next two: channel samples
    lost: int
    backfilled: int
    latency_p50_ms: float | None  # since the start; None before the first sample on the screen
    latency_p99_ms: float | None
    dropped_events: int


@dataclass(frozen=True, slots=True)
class Frame:
    now_us: int
    left_us: int
    right_us: int
    plots: tuple[PlotFrame, ...]
    latencies_ms: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))  # of samples newly on the screen
    measured: tuple[str, ...] = ()  # streams whose ages are in latencies_ms, in their order, equally many of each
    counts: tuple[int, ...] = ()  # samples newly on the screen that the ages of each of them stand for
    is_settled: bool = True  # False while a view that rests is still to be drawn more closely
    wall: WallFrame | None = None

    @property
    def points(self) -> int:
        """On the screen, of all lines."""
        lanes = 0 if self.wall is None else self.wall.points
        return lanes + sum(len(trace.x) for plot in self.plots for trace in plot.traces)
