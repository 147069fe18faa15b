"""What is kept of one plot from frame to frame: its columns, its lines, and the last frame as long as it serves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lablink_dpg.query.cache import ColumnCache
from lablink_dpg.query.frame import GapMark, PlotFrame, Trace
from lablink_dpg.query.marks import MarkMemory
from lablink_dpg.query.view import PlotRequest, TraceRequest, YRange
from lablink_dpg.store.series import Series


class TimeAxis(NamedTuple):
    """The window that all plots of a frame share; those of one width share the labels too."""

    left_us: int  # this and the next two: Unix µs
    right_us: int
    origin_us: int
    is_following: bool
    limits: tuple[float, float]  # seconds after the origin
    ticks: tuple[tuple[str, float], ...]


class Line:
    """One channel of a plot, and its points as they were drawn last."""

    __slots__ = ("cache", "request", "row", "trace", "version")

    def __init__(self, request: TraceRequest, cache: ColumnCache, row: int) -> None:
        self.request = request
        self.cache = cache
        self.row = row  # of the channel
        self.trace: Trace | None = None
        self.version = -1  # of the columns, as they were then


class PlotMemory:
    """Of the thread that builds frames."""

    __slots__ = (
        *("request", "frame", "versions", "lines", "y_range", "fitted", "streams", "caches", "pairs", "known_lines"),
        *("revision", "label_key", "labels", "gaps", "channels", "marks"),
    )

    def __init__(self) -> None:
        self.request: PlotRequest | None = None  # that this is the memory of
        self.frame: PlotFrame | None = None  # the last one, if nothing but its time axis is bound to move …
        self.versions = 0  # … as long as those of the columns, which only ever rise, have this sum
        self.lines: list[Line] | None = None  # as long as the columns are of the same rings
        self.y_range: YRange | None = None
        self.fitted: tuple[float, float] | None = None  # the extremes that y_range was fitted to
        self.streams: tuple[str, ...] = ()  # of the request, each once
        self.caches: dict[str, ColumnCache] = {}  # by stream
        self.pairs: list[tuple[Series, ColumnCache]] | None = None  # of the caches; None: to be found
        self.known_lines: dict[TraceRequest, Line] = {}  # those that there were last
        self.revision = 0
        self.label_key: tuple[YRange, float, int, float] | None = None  # what the labels were made for
        self.labels: tuple[tuple[str, float], ...] = ()
        self.gaps: dict[str, list[GapMark]] = {}  # of streams that have some in view
        self.channels: dict[str, tuple[str, ...]] = {}  # of the request, by stream
        self.marks: MarkMemory | None = None  # None where no alarms are told of

    def remember(self, request: PlotRequest) -> None:
        """Of another request only what this one still asks for is kept."""
        self.request, self.frame, self.lines, self.pairs = request, None, None, None
        self.streams = tuple(dict.fromkeys(item.stream for item in request.traces))
        self.channels = {
            stream: tuple(item.channel for item in request.traces if item.stream == stream) for stream in self.streams
        }
        self.marks = None
        self.gaps.clear()
        wanted = set(request.traces)
        self.caches = {stream: cache for stream, cache in self.caches.items() if stream in self.streams}
        self.known_lines = {item: line for item, line in self.known_lines.items() if item in wanted}

    def pair(self, by_stream: Mapping[str, Series]) -> list[tuple[Series, ColumnCache]]:
        """Each of the columns with its series, of those that are there; kept until other columns are."""
        caches = self.caches.items()
        self.pairs = [(by_stream[stream], cache) for stream, cache in caches if stream in by_stream]
        if len(self.pairs) < len(caches):
            self.frame = None
        return self.pairs
