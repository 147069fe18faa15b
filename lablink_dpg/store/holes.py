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


def backfill(line: Line, window: DataWindow) -> int:
    """Fill known holes from REST data; returns samples a channel filled."""
    if not line.epochs or set(window.channels) != set(line.sent_channels):
        return 0
    at = line.position_in(window.times_us, window.channels, window.values)
    oldest = line.ring.oldest
    filled = 0
    for item in line.breaks:
        if _is_open(line, item, oldest):
            filled += _fill(line, item, window, at)
    gained = filled * len(line.sent_channels)  # channel samples
    for damage in line.damages:
        mended = _mend(line, damage, window, at)
        filled += mended
        gained += mended * damage.channels
    if filled:
        line.counters = line.counters.plus(backfilled=gained, lost=-gained)
        line.revision += 1
    return filled


def _is_open(line: Line, item: Break, oldest: int) -> bool:
    return item.kind is BreakKind.LOST and item.start >= line.run_from and item.stop > max(oldest, item.start)


def _fill(line: Line, item: Break, window: DataWindow, at: int | None) -> int:
    """``at`` is where our newest sample is in the window: counting from it is exact also where stamps repeat."""
    if at is not None and item.start >= line.epochs[-1].start:
        last: int | None = at - (line.ring.head - 1 - item.stop)
    else:
        last = end_of_hole(window.times_us, item.before_naive_us, item.after_naive_us, item.missing)
    if last is None or last <= 0:
        return 0
    values = line.in_order(window.channels, window.values[:, : last + 1])
    if window.times_us.item(last) != item.after_naive_us or not line.has(item.stop, values[:, last : last + 1]):
        return 0
    first = max(0, last - item.missing)
    start = max(item.stop - (last - first), line.ring.oldest)
    first = last - (item.stop - start)
    # The neighbour tells how the timestamps of that time lie on the axis; the clock may have jumped since.
    high = line.ring.time_at(item.stop)
    low = line.ring.time_at(item.start - 1) if item.start > line.ring.oldest else None
    times = np.clip(window.times_us[first:last] + (high - item.after_naive_us), low, high)
    times = np.maximum.accumulate(times)
    filled = line.ring.overwrite(start, times, values[:, first:last])
    if low is not None:
        line.ring.spread(item.start, start, low, times.item(0))
    rest = replace(item, stop=start, after_naive_us=window.times_us.item(first))
    line.breaks = tuple(
        new for old in line.breaks for new in ((old,) if old is not item else (rest,) if rest.missing else ())
    )
    return filled


def _mend(line: Line, damage: Damage, window: DataWindow, at: int | None) -> int:
    """Put in the channels that are missing; the others are the same in the answer, or it is not the place."""
    if at is not None and damage.start >= line.epochs[-1].start:
        last = at - (line.ring.head - damage.stop)
    else:
        places = np.flatnonzero(window.times_us == damage.last_naive_us)
        last = int(places[0]) if places.shape[0] == 1 else -1
    start = max(damage.start, line.ring.oldest)
    first = last + 1 - (damage.stop - start)
    if start >= damage.stop or first < 0 or window.times_us.item(last) != damage.last_naive_us:
        return 0
    values = line.in_order(window.channels, window.values[:, first : last + 1])
    if not line.has(damage.stop - 1, values[:, -1:]):
        return 0
    line.damages = tuple(each for each in line.damages if each is not damage)
    return line.ring.overwrite(start, line.ring.read_times(start, damage.stop), values)
