"""The picture of one plot, from the columns of its streams: lines, value axis, gaps.

What rests from one frame to the next is made once: in most frames a plot's lines are those of the frame before, or a
column longer, and its value axis stays. With an empty memory the same picture comes out, slower.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from lablink_dpg.query.cache import AHEAD_SHARE, ColumnCache
from lablink_dpg.query.fit import fit, reach
from lablink_dpg.query.frame import GapMark, PlotFrame, Trace
from lablink_dpg.query.gaps import MAX_GAP_MARKS, gap_marks
from lablink_dpg.query.marks import Alarms, BookOf, MarkMemory, devices_of
from lablink_dpg.query.plot_memory import Line, PlotMemory, TimeAxis
from lablink_dpg.query.ticks import VALUE_TICK_PX, value_ticks
from lablink_dpg.query.view import PlotRequest, YRange
from lablink_dpg.store.ring import Overrun
from lablink_dpg.store.series import Series

ORIGIN_RATIO = 1000.0  # a value axis further from zero than this many heights is drawn relative to its middle
FEWEST_COLUMNS = 32  # of all that the ring holds: in a window many times as long not one of them would else be whole
OVERRUN_STEP = 16  # a window that leaves the ring while it is read is read again without its oldest 16th


def draw_plot(
    by_stream: Mapping[str, Series],
    request: PlotRequest,
    axis: TimeAxis,
    memory: PlotMemory,
    shown: dict[str, Series],
    alarms: Alarms,
    book_of: BookOf | None,
) -> PlotFrame:
    """One plot of a frame, without streams that are not there; adds its series that have an age to ``shown``."""
    if request is not memory.request:
        if request != memory.request:
            memory.remember(request)
        memory.request = request
    if book_of is not None:
        if memory.marks is None:
            memory.marks = MarkMemory()
        if memory.marks.learn(devices_of(memory.streams, by_stream, memory.channels, book_of, alarms)):
            memory.frame = memory.fitted = None
    elif memory.marks is not None:
        memory.marks = memory.frame = None
    frame = _plot(by_stream, request, axis, memory, shown)
    if memory.marks is None:
        return frame
    marks = memory.marks.in_view(axis.left_us, axis.right_us, axis.origin_us)
    lines = memory.marks.lines_in(frame.y_limits, frame.y_origin)
    return PlotFrame(*frame[:9], marks, lines) if marks or lines else frame


def timed(memory: PlotMemory, pairs: Sequence[tuple[Series, ColumnCache]]) -> dict[str, Series]:
    """Of the streams of a plot those that have an age; ``pairs`` are of all of its columns."""
    each = zip(memory.caches, pairs, strict=True)
    return {stream: series for stream, (series, _) in each if series.has_server_times}


def followed_plot(request: PlotRequest, axis: TimeAxis, memory: PlotMemory) -> PlotFrame | None:
    """What most frames of most plots need: the last frame, in which no more than the lines are other ones.

    Of the same request and the same series, in a live view. Without marks: None where there were any, and where more
    than the lines is another; who then draws all of it finds some streams up to date already.
    """
    return None if memory.marks is not None else _followed(request, axis, memory)


def _followed(request: PlotRequest, axis: TimeAxis, memory: PlotMemory) -> PlotFrame | None:
    kept, pairs = memory.frame, memory.pairs
    if kept is None or pairs is None:
        return None
    left_us, right_us, origin_us, _, limits, ticks = axis
    columns = request.width_px * request.columns_per_px
    versions = 0
    for series, cache in pairs:
        if not cache.follow(series, left_us, right_us, columns, origin_us):
            return None
        versions += cache.version
    key, _, y_origin, _, y_limits, _, y_ticks, traces, gaps, _, _, steady = kept
    if versions == memory.versions:
        return PlotFrame(key, origin_us, y_origin, limits, y_limits, ticks, y_ticks, traces, gaps, (), (), steady)
    lines = memory.lines
    if lines is None or not _rests(request, memory, lines):
        return None
    traces = (_trace(lines[0], y_origin, memory),) if len(lines) == 1 else _traces(lines, y_origin, memory)
    memory.versions = versions
    memory.frame = frame = PlotFrame(
        key, origin_us, y_origin, limits, y_limits, ticks, y_ticks, traces, gaps, (), (), steady
    )
    return frame


def _plot(
    by_stream: Mapping[str, Series], request: PlotRequest, axis: TimeAxis, memory: PlotMemory, shown: dict[str, Series]
) -> PlotFrame:
    """All of it but its marks."""
    kept = memory.frame
    if kept is not None and axis.is_following:
        pairs = memory.pair(by_stream)
        kept = _followed(request, axis, memory)
        if kept is not None:
            shown.update(timed(memory, pairs))
            return kept
    caches, columns, is_following = memory.caches, request.most_columns, axis.is_following
    gaps: list[GapMark] = []
    is_followed = True
    for stream in memory.streams:
        series = by_stream.get(stream)
        if series is None:
            if caches.pop(stream, None) is not None:
                memory.pairs = None
            is_followed = False
            continue
        cache = caches.get(stream)
        if cache is None:
            cache = caches[stream] = ColumnCache(stream)
            memory.pairs = None
        if series.has_server_times:
            shown[stream] = series
        if is_following and cache.follow(series, axis.left_us, axis.right_us, columns, axis.origin_us):
            gaps.extend(memory.gaps.get(stream, ()))
            continue
        is_followed = False
        first, last = refresh(series, columns, axis, cache)
        memory.gaps.pop(stream, None)
        if series.breaks:
            marks = gap_marks(series, first, last, axis.origin_us, cache)
            if marks:
                memory.gaps[stream] = marks
                gaps.extend(marks)
    if memory.lines is None or not is_followed:
        memory.lines = _lines(by_stream, request, memory)
    frame = _draw(request, axis, memory, memory.lines, gaps)
    # Setting a line's origin is a change of its version too.
    memory.versions = sum([cache.version for cache in caches.values()])
    memory.frame = None if len(caches) < len(memory.streams) else frame
    return frame


def _rests(request: PlotRequest, memory: PlotMemory, lines: list[Line]) -> bool:
    """Whether the value axis stays although there are other points."""
    if request.y_range is not None:
        return True
    if len(lines) == 1 and memory.fitted is not None:  # most plots; as ``_fit``, in a third of the time
        line = lines[0]
        extents, row = line.cache.extents, line.row
        low, high = memory.fitted
        if extents.lows[row] == low and extents.highs[row] == high:
            return True
    if _fit(lines, memory) is memory.y_range:
        return True
    memory.fitted = None  # to be fitted once more, for good
    return False


def _lines(by_stream: Mapping[str, Series], request: PlotRequest, memory: PlotMemory) -> list[Line]:
    """Those of what is asked for that there are."""
    lines = []
    for item in request.traces:
        cache = memory.caches.get(item.stream)
        if cache is not None:
            channels = by_stream[item.stream].channels[: cache.channels]
            if item.channel in channels:
                row = channels.index(item.channel)
                line = memory.known_lines.get(item)
                if line is None or line.cache is not cache or line.row != row:
                    line = Line(item, cache, row)
                lines.append(line)
    memory.known_lines = {line.request: line for line in lines}
    return lines


def _draw(
    request: PlotRequest, axis: TimeAxis, memory: PlotMemory, lines: list[Line], gaps: list[GapMark]
) -> PlotFrame:
    """The frame of columns that are up to date."""
    limits = request.y_range
    if limits is None:
        limits = _fit(lines, memory)
    else:
        memory.fitted = None
    memory.y_range = limits
    low, high = limits.low, limits.high
    middle = (low + high) / 2
    y_origin = middle if abs(middle) > ORIGIN_RATIO * (high - low) else 0.0
    traces = _traces(lines, y_origin, memory)
    label_key = (limits, y_origin, request.height_px, request.letters)
    if memory.label_key != label_key:
        wanted = max(2, int(request.height_px / request.letters) // VALUE_TICK_PX)
        memory.label_key = label_key
        memory.labels = tuple((label, at - y_origin) for label, at in value_ticks(low, high, wanted))
    frame = PlotFrame(
        request.key,
        axis.origin_us,
        y_origin,
        axis.limits,
        (low - y_origin, high - y_origin),
        axis.ticks,
        memory.labels,
        traces,
        tuple(gaps[-MAX_GAP_MARKS:]),
    )
    return frame._replace(steady=_steady(frame, memory.frame))


def _steady(frame: PlotFrame, before: PlotFrame | None) -> object:
    """As of the frame ``before``, where that differed no more than it may."""
    if frame.gaps or any(len(trace.x) == 0 for trace in frame.traces):
        return None
    if (
        before is not None
        and before.steady is not None
        and frame.y_origin == before.y_origin
        and frame.y_limits == before.y_limits
        and frame.y_ticks is before.y_ticks
        and [trace.request for trace in frame.traces] == [trace.request for trace in before.traces]
    ):
        return before.steady
    return object()


def refresh(series: Series, most_columns: int, axis: TimeAxis, cache: ColumnCache) -> tuple[int, int]:
    """Bring the stream's columns up to date for [left, right]; an overrun costs the window's oldest part, no more.

    Returns the range of samples in view.
    """
    ring = series.ring
    left_us, right_us = axis.left_us, axis.right_us
    first = max(ring.first_at_or_after(left_us, cache.near_left) - 1, 0)  # one more: the line reaches the edge
    last = ring.first_at_or_after(right_us + 1, cache.near_right)
    cache.near_left, cache.near_right = first, last - 1
    nominal = series.info.sample_rate_hz * (right_us - left_us) * 1e-6
    most = ring.capacity * most_columns / FEWEST_COLUMNS
    bucket = cache.steady.samples(min(nominal, most), last - first, most_columns)
    stop = (last // bucket + 2) * bucket
    if axis.is_following:  # what the edge has not reached yet it soon will: one step a message instead of two
        stop = max(stop, last + (last - first) // AHEAD_SHARE)
    stop = min(ring.head, stop)
    for _ in range(OVERRUN_STEP):
        try:
            cache.update(series, max(first, ring.oldest), stop, bucket, axis.origin_us)
            break
        except Overrun:
            first = ring.oldest + ring.capacity // OVERRUN_STEP
            stop = max(stop, min(first, ring.head))
    breaks = series.breaks
    if axis.is_following and (not breaks or breaks[-1].stop < last):
        cache.followed(series, left_us, right_us, most_columns)
    else:  # another gap is about to come into view: it has to be looked for in every frame
        cache.held()
    return first, last


def _fit(lines: list[Line], memory: PlotMemory) -> YRange:
    low, high = math.inf, -math.inf
    for line in lines:
        extents, row = line.cache.extents, line.row
        least, most = extents.lows[row], extents.highs[row]
        if least < low:
            low = least
        if most > high:
            high = most
    if memory.y_range is None or memory.fitted != (low, high):
        memory.fitted = (low, high)
        if memory.marks is not None and memory.marks.values:
            low, high = reach(memory.y_range, low, high, memory.marks.values)
        return fit(memory.y_range, low, high)
    return memory.y_range


def _traces(lines: list[Line], y_origin: float, memory: PlotMemory) -> tuple[Trace, ...]:
    return tuple([_trace(line, y_origin, memory) for line in lines])


def _trace(line: Line, y_origin: float, memory: PlotMemory) -> Trace:
    """The last frame's trace again if nothing about it changed: the window then has nothing to upload."""
    cache = line.cache
    if y_origin != cache.y_origin:
        cache.set_y_origin(y_origin)
    kept = line.trace
    if kept is not None and line.version == cache.version:
        return kept
    memory.revision += 1
    x, y, start, settled = cache.trace(line.row)
    line.version = cache.version
    line.trace = trace = Trace(line.request, x, y, memory.revision, cache.epoch, start, settled)
    return trace
