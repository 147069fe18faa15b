"""The wall's lanes: all streams at once, so that a thousand cost a frame what came since the last one.

A lane at rest costs a look at its ring. Those to which something came are renewed, a bounded number a frame, in turns:
what is more waits for the next frame, and what has come is on the screen after two frames at the latest where a
thousand streams tell of themselves all at once. What is beyond the right edge is taken in too and comes on the screen
as the axis moves on. After a zoom or a jump lanes are searched anew, fewer a frame; until its turn a lane shows its old
columns, which are at their right place in time, only as fine as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from lablink_dpg.books.alarms import AlarmBook
from lablink_dpg.model.acquisition import AcquisitionInfo
from lablink_dpg.model.alarm import Severity
from lablink_dpg.query.fit import fit
from lablink_dpg.query.frame import LaneTrace, WallFrame
from lablink_dpg.query.lane_ages import LaneAges
from lablink_dpg.query.lane_cache import LaneCache
from lablink_dpg.query.marks import MAX_BOOKS, BookOf
from lablink_dpg.query.plot import ORIGIN_RATIO, refresh
from lablink_dpg.query.plot_memory import TimeAxis
from lablink_dpg.query.together import extend_together
from lablink_dpg.query.view import LaneRequest, WallRequest, YRange
from lablink_dpg.store.series import Series

# Work on lanes in one frame, in µs as they were measured; what is more waits. So each of a thousand lanes to which
# something comes all the time has its turn within 3 frames, 100 ms at 30 a second; after a zoom the last is there in 9.
WORK_A_FRAME = 11_000
LOOKED_AT, FOLLOWED, SEARCHED, MADE_ANEW = 2, 25, 45, 95
ALARM_TURNS = 8  # frames in which all lanes are asked once for their alarms

# A column is so narrow that a label fits in its middle only: ticks are so close that one always is there.
LABEL_PX, TICKS_PX = 76, 250


def ticks_width(width_px: int) -> int:
    """Width for which the labels of a lane's time axis are to be made; those that do not fit are left out."""
    return round(width_px * max(1.0, TICKS_PX / max(LABEL_PX / 4, width_px - LABEL_PX)))


class _Lane:
    __slots__ = (
        *("request", "cache", "rows", "ring", "version", "fitted", "y_range", "y_origin", "y_limits", "trace"),
        *("seen_head", "seen_revision", "is_full"),
    )

    def __init__(self, request: LaneRequest) -> None:
        self.request = request
        self.cache = LaneCache(request.stream)
        self.rows: tuple[int, ...] = ()  # of its channels in the ring
        self.ring: object = None  # for which they were looked up
        self.version = -1
        self.fitted: tuple[float, float] | None = None  # the extremes that y_range was fitted to
        self.y_range: YRange | None = None
        self.y_origin = 0.0
        self.y_limits = 0.0, 0.0  # the range, minus the origin
        self.trace: LaneTrace | None = None
        self.seen_head = self.seen_revision = -1  # of the series, when it was last looked at in this view
        self.is_full = False  # to the right edge of a view that stands still: what comes later is not in it


class LanesMemory:
    """What is kept of the wall between frames; for the thread that builds them. Bounded by the lanes asked for."""

    def __init__(self) -> None:
        self._request: WallRequest | None = None
        self._lanes: list[_Lane] = []
        self._by_stream: Mapping[str, Series] = {}  # asked last, which is replaced when a stream comes or goes …
        self._found: list[tuple[int, _Lane, Series | None]] = []  # … and of each lane its place and series
        self._traces: list[LaneTrace | None] = []
        self._severities: list[Severity | None] = []
        self._next = 0  # lane whose turn is next
        self._next_asked = 0  # … to be asked for its alarms
        self._view: tuple[object, ...] = ()
        self._gravest: dict[int, tuple[AlarmBook, int, Mapping[str, Severity]]] = {}  # by book
        self.ages = LaneAges()
        self.points = 0  # of all lanes

    def draw(
        self,
        by_stream: Mapping[str, Series],
        request: WallRequest,
        axis: TimeAxis,
        now_us: int,
        book_of: BookOf | None,
    ) -> WallFrame:
        """The wall for ``now_us``. Most lanes are as they were, only ``changed`` differ."""
        if request is not self._request and request != self._request:
            self._remember(request)
        self._request = request
        self._note_view(axis, request.width_px)
        self.ages.begin(now_us)
        if not axis.is_following:
            self.ages.rest()
        changed: list[int] = []
        work = 0
        due = self._due(by_stream)
        if axis.is_following:
            first = due[: WORK_A_FRAME // FOLLOWED]
            pairs = [(series, lane.cache) for _, lane, series in first if series is not None]
            extend_together(pairs, (axis.left_us, axis.right_us), request.width_px, axis.origin_us)
        for index, lane, series in due:
            if series is None:
                self._lose(index)
                changed.append(index)
                continue
            ring, revision, cache = series.ring, series.revision, lane.cache
            head = ring.head
            if not (
                axis.is_following
                and cache.follow(series, axis.left_us, axis.right_us, request.width_px, axis.origin_us)
            ):
                refresh(series, request.width_px, axis, cache)
                work += MADE_ANEW if cache.is_made_anew else SEARCHED
            else:
                work += FOLLOWED if cache.version != lane.version else LOOKED_AT
            # What was not taken in yet, as it is far ahead, has to be looked for again, though nothing more may come.
            lane.seen_head, lane.seen_revision = head if cache.stop == head else -1, revision
            if axis.is_following:
                if series.has_server_times:
                    self.ages.note(lane.request.stream, series, head, axis.right_us, now_us)
            else:
                lane.is_full = head > 0 and ring.newest_us(head) > axis.right_us
            if cache.version != lane.version or ring is not lane.ring:
                self._renew(index, lane, series, axis.origin_us)
                changed.append(index)
            if work >= WORK_A_FRAME:
                self._next = index + 1
                break
        self._ask_for_alarms(by_stream, book_of)
        return WallFrame(
            axis.origin_us, axis.limits, axis.ticks, self._traces, tuple(changed), self._severities, self.points
        )

    def _due(self, by_stream: Mapping[str, Series]) -> list[tuple[int, _Lane, Series | None]]:
        """Lanes that may be other ones than when they were last looked at, in turns; with None those that are lost."""
        if by_stream is not self._by_stream:
            self._by_stream, self._found = by_stream, []
        if not self._found:
            self._found = [(at, lane, by_stream.get(lane.request.stream)) for at, lane in enumerate(self._lanes)]
        due = []
        for each in chain(self._found[self._next :], self._found[: self._next]):
            _, lane, series = each
            if series is None:
                if lane.trace is not None:
                    due.append(each)
                continue
            ring = series.ring
            if (
                (ring.head != lane.seen_head and not lane.is_full)
                or ring is not lane.ring
                or series.revision != lane.seen_revision
            ):
                due.append(each)
        return due

    def _remember(self, request: WallRequest) -> None:
        """Lanes that stay keep their columns, wherever they are now."""
        known = {lane.request: lane for lane in self._lanes}
        self._lanes, self._found = [known.get(each) or _Lane(each) for each in request.lanes], []
        self._traces = [lane.trace for lane in self._lanes]
        self._severities = [None] * len(self._lanes)
        self.points = sum(_points(trace) for trace in self._traces)
        if self._next >= len(self._lanes):  # else it stays: streams that come one by one leave everyone's turn alone
            self._next = 0
        self._next_asked = 0

    def _note_view(self, axis: TimeAxis, width_px: int) -> None:
        """In another view every lane has to be looked at."""
        span_us = axis.right_us - axis.left_us
        view = (span_us, width_px, -1 if axis.is_following else axis.right_us)
        if view != self._view:
            self._view = view
            for lane in self._lanes:
                lane.seen_revision, lane.is_full = -1, False

    def _lose(self, index: int) -> None:
        lane = self._lanes[index]
        self.points -= _points(lane.trace)
        self._lanes[index] = _Lane(lane.request)
        self._found = []
        self._traces[index] = None
        self._severities[index] = None

    def _renew(self, index: int, lane: _Lane, series: Series, origin_us: int) -> None:
        """Take in what the columns are now."""
        cache = lane.cache
        if series.ring is not lane.ring:
            channels = series.channels[: cache.channels]
            lane.ring = series.ring
            lane.rows = tuple([channels.index(each) for each in lane.request.channels if each in channels])
        before, rows = lane.trace, lane.rows
        if not rows:
            lane.version = cache.version
            self.points -= _points(before)
            lane.trace = self._traces[index] = None
            return
        lows, highs = cache.extents.lows, cache.extents.highs
        if len(rows) == 1:
            extremes = lows[rows[0]], highs[rows[0]]
        else:
            extremes = min([lows[row] for row in rows]), max([highs[row] for row in rows])
        if before is None or extremes != lane.fitted:
            lane.fitted = extremes
            limits = fit(lane.y_range, *extremes)
            if limits is not lane.y_range:
                lane.y_range = limits
                middle, height = (limits.low + limits.high) / 2, limits.high - limits.low
                lane.y_origin = origin = middle if abs(middle) > ORIGIN_RATIO * height else 0.0
                lane.y_limits = limits.low - origin, limits.high - origin
        if cache.y_origin != lane.y_origin:
            cache.set_y_origin(lane.y_origin)
        lane.version = cache.version
        x, y = cache.line(rows[0])
        ys = (y,) if len(rows) == 1 else (y, *[cache.line(row)[1] for row in rows[1:]])
        trace = lane.trace = LaneTrace(x, ys, origin_us, lane.y_origin, lane.y_limits, extremes)
        self.points += len(x) * len(ys) - _points(before)
        self._traces[index] = trace

    def _ask_for_alarms(self, by_stream: Mapping[str, Series], book_of: BookOf | None) -> None:
        """For the gravest that is open, of the lanes whose turn it is."""
        count = len(self._lanes)
        for _ in range(-(-count // ALARM_TURNS)):
            index = self._next_asked
            self._next_asked = index + 1 if index + 1 < count else 0
            stream = self._lanes[index].request.stream
            series = by_stream.get(stream)
            self._severities[index] = None if series is None else self._severity(stream, series.info, book_of)

    def _severity(self, stream: str, info: AcquisitionInfo, book_of: BookOf | None) -> Severity | None:
        book = None if book_of is None else book_of(stream)
        if book is None or not info.equipment_id:
            return None
        known = self._gravest.get(id(book))
        if known is None or known[0] is not book or known[1] != book.revision:
            gravest: dict[str, Severity] = {}
            for event in book.open:  # the gravest first
                gravest.setdefault(event.equipment_id, event.severity)
            if len(self._gravest) >= MAX_BOOKS:
                self._gravest.clear()  # those that are still asked for are back at once
            known = self._gravest[id(book)] = book, book.revision, gravest
        return known[2].get(info.equipment_id)


def _points(trace: LaneTrace | None) -> int:
    return 0 if trace is None else trace.x.shape[0] * len(trace.ys)
