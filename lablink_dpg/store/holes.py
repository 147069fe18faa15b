"""Holes in a line: which samples are missing, and putting in what REST still has of them.

A hole whose place in an answer is not certain is left as it is: better missing than wrong. Net thread only.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lablink_dpg.model.acquisition import DataWindow
from lablink_dpg.store.breaks import Break, BreakKind, Damage
from lablink_dpg.store.line import Line
from lablink_dpg.store.numbering import end_of_hole
from lablink_dpg.store.placing import align, has, place_by_stamp


def lost_ranges(line: Line) -> tuple[tuple[int, int], ...]:
    """Server sample numbers [start, stop) that are missing, still in the ring and of this run."""
    oldest = line.ring.oldest
    holes = [(item.start, item.stop) for item in line.breaks if _is_open(line, item, oldest)]
    holes += [(item.start, item.stop) for item in line.damages if item.stop > oldest]
    out = []
    for start, stop in sorted(holes):
        base = next(epoch.base for epoch in reversed(line.epochs) if epoch.start <= start)
        out.append((start - base, stop - base))
    return tuple(out)


def backfill(line: Line, window: DataWindow, bounds: tuple[int, int] | None = None) -> int:
    """Fill known holes from REST data; returns samples a channel filled.

    ``bounds`` of the server's count at the end of the window, where they are known, help where timestamps do not.
    """
    if not line.epochs or set(window.channels) != set(line.sent_channels):
        return 0
    end = align(line, window, *bounds) if bounds is not None else None
    if end is None:
        end = _end_by_stamp(line, window, bounds)
    oldest = line.ring.oldest
    filled = 0
    for item in line.breaks:
        if _is_open(line, item, oldest):
            filled += _fill(line, item, window, end)
    gained = filled * len(line.sent_channels)  # channel samples
    for damage in line.damages:
        mended = _mend(line, damage, window, end)
        filled += mended
        gained += mended * damage.channels
    if filled:
        line.counters = line.counters.plus(backfilled=gained, lost=-gained)
        line.revision += 1
    return filled


def _end_by_stamp(line: Line, window: DataWindow, bounds: tuple[int, int] | None) -> int | None:
    """Index in the ring just after the last sample, by the stamp of our newest one, if the counts allow it."""
    at = place_by_stamp(line, window)
    if at is None:
        return None
    after: int = window.times_us.shape[0] - 1 - at  # samples
    if bounds is not None and line.bracket is None and not bounds[0] <= line.total + after <= bounds[1]:
        return None
    return line.ring.head + after


def _is_open(line: Line, item: Break, oldest: int) -> bool:
    return item.kind is BreakKind.LOST and item.start >= line.run_from and item.stop > max(oldest, item.start)


def _fill(line: Line, item: Break, window: DataWindow, end: int | None) -> int:
    """``end`` is where the window ends in the ring: counting from there is exact also where stamps repeat."""
    is_counted = end is not None and item.start >= line.epochs[-1].start
    if end is not None and is_counted:
        last: int | None = window.times_us.shape[0] - (end - item.stop)
    else:
        last = end_of_hole(window.times_us, item.before_naive_us, item.after_naive_us, item.missing)
    if last is None or not 0 < last < window.times_us.shape[0]:
        return 0
    values = line.in_order(window.channels, window.values[:, : last + 1])
    is_stamped = window.times_us.item(last) == item.after_naive_us  # or they are out of order, or were
    if not (is_counted or is_stamped) or not has(line, item.stop, values[:, last : last + 1]):
        return 0
    first = max(0, last - item.missing)
    start = max(item.stop - (last - first), line.ring.oldest)
    first = last - (item.stop - start)
    # The neighbour tells how the timestamps of that time lie on the axis; the clock may have jumped since.
    high = line.ring.time_at(item.stop)
    low = line.ring.time_at(item.start - 1) if item.start > line.ring.oldest else None
    times = np.clip(window.times_us[first:last] + (high - window.times_us.item(last)), low, high)
    times = np.maximum.accumulate(times)
    filled = line.ring.overwrite(start, times, values[:, first:last])
    missing_from = max(item.start, line.ring.oldest)
    if missing_from < start:  # what is still missing lies before it, whatever the pause in between
        before_us = low if low is not None else min(line.ring.time_at(missing_from), times.item(0))
        line.ring.spread(missing_from, start, before_us, times.item(0))
    rest = replace(item, stop=start, after_naive_us=window.times_us.item(first) if is_stamped else None)
    line.breaks = tuple(
        new for old in line.breaks for new in ((old,) if old is not item else (rest,) if rest.missing else ())
    )
    return filled


def _mend(line: Line, damage: Damage, window: DataWindow, end: int | None) -> int:
    """Put in the channels that are missing; the others are the same in the answer, or it is not the place."""
    is_counted = end is not None and damage.start >= line.epochs[-1].start
    if end is not None and is_counted:
        last = window.times_us.shape[0] - 1 - (end - damage.stop)
    else:
        places = np.flatnonzero(window.times_us == damage.last_naive_us)
        last = int(places[0]) if places.shape[0] == 1 else -1
    start = max(damage.start, line.ring.oldest)
    first = last + 1 - (damage.stop - start)
    if start >= damage.stop or first < 0 or last >= window.times_us.shape[0]:
        return 0
    if not is_counted and window.times_us.item(last) != damage.last_naive_us:
        return 0
    values = line.in_order(window.channels, window.values[:, first : last + 1])
    if not has(line, damage.stop - 1, values[:, -1:]):
        return 0
    line.damages = tuple(each for each in line.damages if each is not damage)
    return line.ring.overwrite(start, line.ring.read_times(start, damage.stop), values)
