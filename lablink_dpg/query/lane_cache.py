"""The columns of one lane of the wall: as those of a plot, but looked for at their left edge more rarely."""

from __future__ import annotations

from lablink_dpg.query.cache import TRIM_SHARE, ColumnCache
from lablink_dpg.store.series import Series

LATE_TRIMS = 2  # times that the left edge is not looked for when a plot's would be: a sixth more points, unseen


class LaneCache(ColumnCache):
    """One reader: the thread that builds frames."""

    __slots__ = "is_made_anew"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.is_made_anew = False  # by the last ``update``: none of its columns was kept

    def followed(self, series: Series, left_us: int, right_us: int, width_px: int) -> None:
        super().followed(series, left_us, right_us, width_px)
        self._search_us += LATE_TRIMS * max((right_us - left_us) // TRIM_SHARE, 1)

    def update(self, series: Series, start: int, stop: int, bucket: int, x_origin_us: int) -> None:
        points = self._points
        super().update(series, start, stop, bucket, x_origin_us)
        self.is_made_anew = self._points is not points
