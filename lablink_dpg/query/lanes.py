"""The wall's lanes: all streams at once, each looked at in turns, so that a thousand cost a frame what half of them do.

A lane of a hundred pixels gets a new column ten times a second, so a frame that looks at every lane mostly finds the
last column a sample longer. Lanes take turns instead: each is looked at again after REFRESH_US, by time and not by
frames, whatever the pace. What is beyond the right edge is taken in too and comes on the screen as the axis moves on.
After a zoom or a jump lanes are searched anew a bounded number a frame; until its turn a lane shows its old columns,
which are at their right place in time, only as fine as they were.
"""

from __future__ import annotations

from collections.abc import Mapping

from lablink_dpg.books.alarms import AlarmBook
from lablink_dpg.model.alarm import Severity
from lablink_dpg.query.cache import ColumnCache
from lablink_dpg.query.fit import fit
from lablink_dpg.query.frame import LaneTrace, WallFrame
from lablink_dpg.query.lane_ages import LaneAges
from lablink_dpg.query.marks import MAX_BOOKS, BookOf
from lablink_dpg.query.plot import ORIGIN_RATIO, TimeAxis, refresh
from lablink_dpg.query.view import LaneRequest, WallRequest, YRange
from lablink_dpg.store.series import Series

# Each lane is looked at again after so long: with a frame of 33 ms on top, what has come is on the screen within 100.
REFRESH_US = 66_000
ALWAYS = 100  # lanes looked at in every frame: a wall of so many needs no turns
SEARCHED_A_FRAME = 150  # lanes whose columns are made anew after a zoom: 15 ms; a thousand are there in 7 frames


# A column is so narrow that a label fits in its middle only: ticks are so close that one always is there.
LABEL_PX, TICKS_PX = 76, 250


def ticks_width(width_px: int) -> int:
    """Width for which the labels of a lane's time axis are to be made; those that do not fit are left out."""
    return round(width_px * max(1.0, TICKS_PX / max(LABEL_PX / 4, width_px - LABEL_PX)))


class _Lane:
    __slots__ = (
        *("request", "cache", "rows", "ring", "version", "fitted", "y_range", "y_origin", "trace"),
        *("seen_head", "seen_revision", "is_full"),
    )

    def __init__(self, request: LaneRequest) -> None:
        self.request = request
        self.cache = ColumnCache(request.stream)
        self.rows: tuple[int, ...] = ()  # of its channels in the ring
        self.ring: object = None  # for which they were looked up
        self.version = -1
        self.fitted: tuple[float, float] | None = None  # the extremes that y_range was fitted to
        self.y_range: YRange | None = None
        self.y_origin = 0.0
        self.trace: LaneTrace | None = None
        self.seen_head = self.seen_revision = -1  # of a view that stands still
        self.is_full = False  # to its right edge: what comes later is not in that view


class LanesMemory:
    """What is kept of the wall between frames; for the thread that builds them. Bounded by the lanes asked for."""

    def __init__(self) -> None:
        self._request: WallRequest | None = None
        self._lanes: list[_Lane] = []
        self._traces: list[LaneTrace | None] = []
        self._severities: list[Severity | None] = []
        self._next = 0  # lane whose turn is next
        self._waiting = 0  # lanes that have not been looked at since the view changed
        self._view: tuple[object, ...] = ()
        self._now_us: int | None = None
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
        count, is_following = len(self._lanes), axis.is_following
        self._note_view(axis, request.width_px)
        turns = self._turns(now_us)
        left = SEARCHED_A_FRAME if self._waiting else count
        self.ages.begin(now_us)
        if not is_following:
            self.ages.rest()
        changed: list[int] = []
        looked = 0
        while looked < turns and left > 0:
            index = self._next
            lane = self._lanes[index]
            self._next = index + 1 if index + 1 < count else 0
            looked += 1
            series = by_stream.get(lane.request.stream)
            if series is None:
                if lane.trace is not None:
                    self._lose(index)
                    changed.append(index)
                continue
            if book_of is not None or self._severities[index] is not None:
                self._severities[index] = self._severity(lane.request.stream, series, book_of)
            cache, head = lane.cache, series.ring.head
            if not (
                is_following and cache.follow(series, axis.left_us, axis.right_us, request.width_px, axis.origin_us)
            ):
                if not is_following and self._rests(lane, series, axis):
                    continue
                refresh(series, request.width_px, axis, cache)
                left -= 1
            if is_following and series.has_server_times:
                self.ages.note(lane.request.stream, series, head, axis.right_us, now_us)
            if cache.version != lane.version or series.ring is not lane.ring:
                self._renew(index, lane, series, axis.origin_us)
                changed.append(index)
        self._waiting = max(0, self._waiting - looked)
        return WallFrame(axis.origin_us, axis.limits, axis.ticks, self._traces, tuple(changed), self._severities)

    def _remember(self, request: WallRequest) -> None:
        """Lanes that stay keep their columns, wherever they are now."""
        known = {lane.request: lane for lane in self._lanes}
        self._lanes = [known.get(each) or _Lane(each) for each in request.lanes]
        self._traces = [lane.trace for lane in self._lanes]
        self._severities = [None] * len(self._lanes)
        self.points = sum(_points(trace) for trace in self._traces)
        self._next, self._waiting = 0, len(self._lanes)

    def _note_view(self, axis: TimeAxis, width_px: int) -> None:
        span_us = axis.right_us - axis.left_us
        view = (span_us, width_px, -1 if axis.is_following else axis.right_us)
        if view != self._view:
            self._view = view
            self._waiting = len(self._lanes)
            for lane in self._lanes:
                lane.seen_head = -1

    def _turns(self, now_us: int) -> int:
        """How many lanes this frame looks at: those that wait, or as many as keep each one's turn at REFRESH_US."""
        count, before = len(self._lanes), self._now_us
        self._now_us = now_us
        passed_us = REFRESH_US if before is None else max(0, now_us - before)
        return min(count, max(self._waiting, ALWAYS, -(-count * passed_us // REFRESH_US)))

    def _rests(self, lane: _Lane, series: Series, axis: TimeAxis) -> bool:
        """Whether nothing has come into a view that stands still; if so much has, it is noted what was seen."""
        head, revision = series.ring.head, series.revision
        is_seen = lane.seen_head >= 0 and series.ring is lane.ring and revision == lane.seen_revision
        if is_seen and (lane.is_full or head == lane.seen_head):
            return True
        lane.seen_head, lane.seen_revision = head, revision
        lane.is_full = head > 0 and series.ring.newest_us(head) > axis.right_us
        return False

    def _lose(self, index: int) -> None:
        lane = self._lanes[index]
        self.points -= _points(lane.trace)
        self._lanes[index] = _Lane(lane.request)
        self._traces[index] = None
        self._severities[index] = None

    def _renew(self, index: int, lane: _Lane, series: Series, origin_us: int) -> None:
        """Take in what the columns are now."""
        cache = lane.cache
        if series.ring is not lane.ring:
            channels = series.channels[: cache.channels]
            lane.ring = series.ring
            lane.rows = tuple(channels.index(each) for each in lane.request.channels if each in channels)
        lows, highs = cache.extents.lows, cache.extents.highs
        if len(lane.rows) == 1:
            (row,) = lane.rows
            low, high = lows[row], highs[row]
        else:
            low = min([lows[row] for row in lane.rows], default=0.0)
            high = max([highs[row] for row in lane.rows], default=0.0)
        if (low, high) != lane.fitted or lane.y_range is None:
            lane.fitted = low, high
            limits = lane.y_range = fit(lane.y_range, low, high)
            middle = (limits.low + limits.high) / 2
            lane.y_origin = middle if abs(middle) > ORIGIN_RATIO * (limits.high - limits.low) else 0.0
        cache.set_y_origin(lane.y_origin)
        lane.version = cache.version
        self.points -= _points(lane.trace)
        limits, origin = lane.y_range, lane.y_origin
        lines = [cache.line(row) for row in lane.rows]
        trace = None
        if lines:
            ys = tuple([y for _, y in lines])
            trace = LaneTrace(
                lines[0][0], ys, origin_us, origin, (limits.low - origin, limits.high - origin), (low, high)
            )
        lane.trace = self._traces[index] = trace
        self.points += _points(trace)

    def _severity(self, stream: str, series: Series, book_of: BookOf | None) -> Severity | None:
        book = None if book_of is None else book_of(stream)
        if book is None or not series.info.equipment_id:
            return None
        known = self._gravest.get(id(book))
        if known is None or known[0] is not book or known[1] != book.revision:
            gravest: dict[str, Severity] = {}
            for event in book.open:  # the gravest first
                gravest.setdefault(event.equipment_id, event.severity)
            if len(self._gravest) >= MAX_BOOKS:
                self._gravest.clear()  # those that are still asked for are back at once
            known = self._gravest[id(book)] = book, book.revision, gravest
        return known[2].get(series.info.equipment_id)


def _points(trace: LaneTrace | None) -> int:
    return 0 if trace is None else trace.x.shape[0] * len(trace.ys)
