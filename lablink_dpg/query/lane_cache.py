"""The columns of one lane of the wall: as those of a plot, but cheaper to follow, because a lane has no marks of gaps.

A plot searches its window anew in every frame as long as its stream has breaks, to shade them. A lane only has to
break its line there, which the columns do by themselves: where no break was added, what came goes on from the last.
"""

from __future__ import annotations

from typing import cast

from lablink_dpg.model.acquisition import AcquisitionInfo
from lablink_dpg.query.cache import TRIM_SHARE, ColumnCache
from lablink_dpg.store.breaks import Break
from lablink_dpg.store.ring import Ring
from lablink_dpg.store.series import Series

LATE_TRIMS = 4  # times that the left edge is not looked for when a plot's would be: a sixth more points, unseen


class _Onward:
    """A series whose ``known`` breaks are over: none, until another is added, also in the middle of a frame."""

    __slots__ = ("_known", "_series")

    def __init__(self, series: Series, known: tuple[Break, ...]) -> None:
        self._series = series
        self._known = known

    @property
    def ring(self) -> Ring:
        return self._series.ring

    @property
    def revision(self) -> int:
        return self._series.revision

    @property
    def info(self) -> AcquisitionInfo:
        return self._series.info

    @property
    def breaks(self) -> tuple[Break, ...]:
        breaks = self._series.breaks
        return () if breaks is self._known else breaks


class LaneCache(ColumnCache):
    """One reader: the thread that builds frames."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.is_made_anew = False  # by the last ``update``: none of its columns was kept
        self._known: tuple[Break, ...] = ()  # breaks that the columns have

    def follow(self, series: Series, left_us: int, right_us: int, width_px: int, x_origin_us: int) -> bool:
        known = self._known
        if known and series.breaks is known and known[-1].stop <= self._stop:
            series = cast(Series, _Onward(series, known))
        return super().follow(series, left_us, right_us, width_px, x_origin_us)

    def followed(self, series: Series, left_us: int, right_us: int, width_px: int) -> None:
        super().followed(series, left_us, right_us, width_px)
        self._search_us += LATE_TRIMS * max((right_us - left_us) // TRIM_SHARE, 1)

    def update(self, series: Series, start: int, stop: int, bucket: int, x_origin_us: int) -> None:
        known, points = series.breaks, self._points
        super().update(series, start, stop, bucket, x_origin_us)
        self._known = known  # as they were before: one that was added meanwhile is another
        self.is_made_anew = self._points is not points
