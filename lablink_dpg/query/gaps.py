"""Stretches of a plot without samples, from the breaks of its streams."""

from __future__ import annotations

from lablink_dpg.query.cache import ColumnCache
from lablink_dpg.query.frame import GapMark
from lablink_dpg.store.breaks import within
from lablink_dpg.store.ring import Overrun
from lablink_dpg.store.series import Series

MAX_GAP_MARKS = 32  # shaded per plot; more are a grey plot anyway, and the counters say how many


def gap_marks(series: Series, first: int, last: int, origin_us: int, cache: ColumnCache) -> list[GapMark]:
    """Marks of the newest breaks in view; where a break lies in time is looked up once and remembered."""
    ring, known = series.ring, cache.gap_times_us
    if len(known) > 2 * MAX_GAP_MARKS:
        known.clear()  # most have left the view
    marks = []
    for item in within(series.breaks, first, last + 1)[-MAX_GAP_MARKS:]:
        times = known.get(item)
        if times is None:
            try:
                times = known[item] = (ring.time_at(max(item.start - 1, ring.oldest)), ring.time_at(item.stop))
            except (Overrun, IndexError):
                continue  # its end has not come yet, or it has just left
        left_us, right_us = times
        marks.append(
            GapMark((left_us - origin_us) * 1e-6, (right_us - origin_us) * 1e-6, item.missing, item.kind.value)
        )
    return marks
