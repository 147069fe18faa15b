"""The columns of one stream in one plot, kept from frame to frame: only what is new is computed.

Closed columns never change (they are aligned to sample index), so a frame costs what arrived since the last one,
whatever the window's length. The last column is open until its samples are complete: what comes is added to it.
"""

from __future__ import annotations

from zlib import crc32

from lablink_dpg.model.acquisition import AcquisitionInfo, FloatArray
from lablink_dpg.query.bucket import SteadyBucket
from lablink_dpg.query.growing import GrowingColumns
from lablink_dpg.store.breaks import Break
from lablink_dpg.store.ring import Overrun, Ring
from lablink_dpg.store.series import Series

AHEAD_SHARE = 8  # of a live window: so much of what has come is taken although it is not on the screen yet
TRIM_SHARE = 16  # of a live window: columns so far left of it may stay, so that most frames need not look for its edge


class ColumnCache(GrowingColumns):
    """One reader: the thread that builds frames."""

    # Slots here and in what else a frame touches a thousand times: a dictionary each costs as much again to look into.
    __slots__ = (
        *("gap_times_us", "steady", "near_left", "near_right", "_ring", "_revision", "_breaks"),
        *("_info", "_span_us", "_width_px", "_searched_us", "_search_us", "_phase"),
    )

    def __init__(self, name: str = "") -> None:
        """``name`` of the stream; it only spreads work over frames."""
        super().__init__(name)
        self.gap_times_us: dict[Break, tuple[int, int]] = {}  # of breaks lately in view: where they begin and end
        self.steady = SteadyBucket()
        self.near_left = self.near_right = -1  # where the view's edges were found, a guess for the next search
        self._ring: Ring | None = None
        self._revision = -1
        self._breaks: tuple[Break, ...] | None = None  # all of them are in columns that are closed
        self._info: AcquisitionInfo | None = None  # this and the next two: what the bucket and the next time were for
        self._span_us = self._width_px = 0
        self._searched_us = self._search_us = 0  # a live window is followed while its left edge is between these
        self._phase = crc32(name.encode()) % TRIM_SHARE

    def follow(self, series: Series, left_us: int, right_us: int, width_px: int, x_origin_us: int) -> bool:
        """Add what has come to columns that are of this live window but for its left edge. False: not so, search anew.

        What most frames of most streams need: nothing is searched for, and where nothing came, nothing is done.
        """
        ring, span_us = series.ring, right_us - left_us
        head = ring.head  # before breaks are looked at: one that comes in between is before samples that come later
        if not self._goes_on(series, ring, left_us, span_us, width_px, x_origin_us):
            return False
        if head == self.stop:
            return True
        try:
            if head < self._open_until:  # most frames: the last column goes on
                extremes = ring.extremes(self.stop, head)
                if extremes is not None:
                    self.widen(extremes, head)
                    return True
            if self._is_too_much(ring, head, right_us, span_us):
                return False
            self._extend(series, ring, head)
        except Overrun:
            self._ring = None
            return False
        self._measure_if_stale()  # after many columns at once
        return True

    def _goes_on(self, series: Series, ring: Ring, left_us: int, span_us: int, width_px: int, x_origin_us: int) -> bool:
        """Whether these are the columns of a live window but for its left edge and what has come."""
        return (
            ring is self._ring
            and self._searched_us <= left_us < self._search_us
            and series.breaks is self._breaks
            and series.revision == self._revision
            and x_origin_us == self._x_origin_us
            and span_us == self._span_us
            and width_px == self._width_px
            and series.info is self._info
        )

    def _is_too_much(self, ring: Ring, head: int, right_us: int, span_us: int) -> bool:
        """Whether a search has to say how much of what has come is taken, or in which columns."""
        return ring.newest_us(head) > right_us + span_us // AHEAD_SHARE or head - self._from > self.steady.serves

    def news(self, series: Series, most: int) -> list[FloatArray] | None:
        """What has come, as it lies in the ring of ``series``, by channel.

        None where nothing has, where it is more than ``most`` samples, where the last column does not take in all of
        it or is complete with it, and where it lies across the ring's end.
        """
        ring, stop = series.ring, self.stop
        head = ring.head
        if (
            stop < head < self._open_until
            and head <= stop + most
            and ring is self._ring
            and series.revision == self._revision
            and series.breaks is self._breaks
        ):
            return ring.pieces(stop, head)
        return None

    def runs_ahead(
        self, series: Series, left_us: int, right_us: int, width_px: int, x_origin_us: int, most: int
    ) -> tuple[list[FloatArray], list[int]] | None:
        """What ``follow`` would add, as it lies in the ring, by channel, and where in it columns begin, or go on.

        None where that is nothing, more than a few columns or ``most`` samples, or where it lies across the ring's end.
        """
        ring, start, bucket = series.ring, self.stop, self.bucket
        head, span_us = ring.head, right_us - left_us
        if (
            not start < head <= start + most
            or bucket < 2
            or not self._goes_on(series, ring, left_us, span_us, width_px, x_origin_us)
        ):
            return None
        cuts = [0]
        if head >= self._open_until:
            if self._is_too_much(ring, head, right_us, span_us):
                return None
            cuts += range(bucket - start % bucket, head - start, bucket)
            if not self._has_room(len(cuts), ring.channels):
                return None
        rows = ring.pieces(start, head)
        return None if rows is None else (rows, cuts)

    def take_runs(self, cuts: list[int], lows: list[list[float]], highs: list[list[float]], count: int) -> None:
        """Add that many samples of which ``runs_ahead`` told, unless they have left the ring meanwhile.

        ``lows`` and ``highs``: by channel and run.
        """
        ring, start = self._ring, self.stop
        assert ring is not None, "asked for runs before"
        stop = start + count
        if stop < self._open_until:
            self.take_in([(low[0], high[0]) for low, high in zip(lows, highs, strict=True)], count)
            return
        begins_us = [ring.newest_us(start + cut + 1) for cut in cuts[self._is_open :]]
        try:
            ring.check(start)
        except Overrun:
            return  # as in take_in
        self._put_runs(cuts, begins_us, lows, highs, stop)
        self._measure_if_stale()

    def take_in(self, extremes: list[tuple[float, float]], count: int) -> None:
        """``widen`` by that many samples of which ``news`` told, unless they have left the ring meanwhile."""
        ring = self._ring
        assert ring is not None, "asked for news before"
        try:
            ring.check(self.stop)
        except Overrun:
            return  # nothing has changed: whoever asks next sees to it
        self.widen(extremes, self.stop + count)

    def followed(self, series: Series, left_us: int, right_us: int, width_px: int) -> None:
        """The columns are of this live window now: ``follow`` will do for a while, other streams' for another while."""
        period_us = max((right_us - left_us) // TRIM_SHARE, 1)
        phase_us = period_us * self._phase // TRIM_SHARE
        self._searched_us = left_us  # where the clock or the lag steps back, columns before it may have been dropped
        self._search_us = ((left_us - phase_us) // period_us + 1) * period_us + phase_us
        self._info, self._span_us, self._width_px = series.info, right_us - left_us, width_px

    def held(self) -> None:
        """The columns are of a window that stands still: the next live one is searched for, however soon it comes."""
        self._info = None

    def update(self, series: Series, start: int, stop: int, bucket: int, x_origin_us: int) -> None:
        """Cover samples start..stop-1 at least.

        Raises:
            Overrun: if samples left the ring meanwhile; the cache is then empty.
        """
        ring, revision, breaks = series.ring, series.revision, series.breaks
        start = max(start - start % bucket, min(-(-ring.oldest // bucket) * bucket, stop))
        is_same = ring is self._ring and revision == self._revision and bucket == self.bucket
        if is_same and self._from <= start <= self._closed_to and stop >= self.stop:
            if x_origin_us != self._x_origin_us:
                self._anchor(x_origin_us)
            if stop > self.stop:
                self._extend(series, ring, stop)
        else:
            self._ring = None  # stays so if the ring is overrun below
            self._begin_at(start, ring.channels, bucket, x_origin_us)
            self._extend(series, ring, stop)
            self._ring, self._revision = ring, revision
        self._breaks = breaks if not breaks or breaks[-1].stop < self.stop else None
        # Columns wholly left of the view are dropped lazily: moving an index is all it takes.
        at = self._begin + (start - self._from) // bucket
        self._from = start
        if at < self._closed_end and self._first[at] == start:
            self._begin = at  # without a break every column is as long as any other: no need to search
        else:
            self._begin += int(self._first[self._begin : self._closed_end].searchsorted(start))
        self._measure_if_stale()
