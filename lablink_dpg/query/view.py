"""What the user wants to see: frozen, changed by replacing it, no item ids, no pixels of a library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class TimeView:
    """The span of time that all plots share.

    ``right_us`` counts only while held; while it follows, the right edge is now minus a fixed lag.
    """

    span_us: int
    is_following: bool = True
    right_us: int = 0  # Unix time in µs


@dataclass(frozen=True, slots=True)
class YRange:
    low: float
    high: float


class TraceRequest(NamedTuple):
    stream: str  # key of a series in the store
    channel: str


@dataclass(frozen=True, slots=True)
class PlotRequest:
    """One visible plot. A plot that is not on the screen has no request and costs nothing."""

    key: str
    traces: tuple[TraceRequest, ...]
    width_px: int  # of the plotting area
    height_px: int = 180
    y_range: YRange | None = None  # set by hand; None fits it to what is visible
    letters: float = 1.0  # size of labels, 1 being what `ticks` reckons with; alike in all plots of a view
    columns_per_px: int = 1  # at most so many

    @property
    def most_columns(self) -> int:
        return self.width_px * self.columns_per_px


class LaneRequest(NamedTuple):
    """One stream of the wall: its channels share a lane."""

    stream: str  # key of a series in the store
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WallRequest:
    """All streams as small multiples. Whoever asks keeps the object while nothing changes."""

    lanes: tuple[LaneRequest, ...]
    width_px: int  # of a lane's plotting area
    letters: float = 1.0  # as in PlotRequest


@dataclass(frozen=True, slots=True)
class View:
    time: TimeView
    plots: tuple[PlotRequest, ...]
    wall: WallRequest | None = None  # one that is not on the screen costs nothing
