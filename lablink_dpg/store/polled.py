"""Windows that do not say their sample numbers, as REST answers them: placed by what is stored, or only within bounds.

The counts that the server told just before and just after an answer bound its numbers; each further answer narrows
them down. Until they are certain the line says so, and nothing is shown as certain that is not. Net thread only.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lablink_dpg.model.acquisition import AcquisitionBlock, DataWindow, Int64Array
from lablink_dpg.store.breaks import Break, BreakKind
from lablink_dpg.store.counters import Ingest
from lablink_dpg.store.line import Line, run_of
from lablink_dpg.store.numbered import ingest_numbered
from lablink_dpg.store.numbering import Bracket, Newest
from lablink_dpg.store.placing import place

SECOND_US = 1_000_000


def ingest_polled(
    line: Line,
    window: DataWindow,
    total_low: int,
    total_high: int,
    arrival_us: int,
    requested: int = 0,
    started_us: int | None = None,
) -> Ingest:
    """Store what is new in an answer of REST.

    The answer does not say its sample numbers. They follow from the newest timestamp already stored; without one
    they are only known to lie within the counts read just before and just after, and narrowed down poll by poll.
    An answer shorter than ``requested``, and than the server's buffer, holds the run from its first sample on; so does
    one that reaches back beyond ``started_us``, the time when the run began.
    """
    n = window.times_us.shape[0]
    earlier, is_certain = _of_earlier_run(window.times_us, started_us)
    low = total_low if total_low == total_high else max(total_low, n)
    if earlier and is_certain and total_low <= n - earlier <= total_high:
        low = total_high = n - earlier
        n = low
        window = replace(window, times_us=window.times_us[earlier:], values=window.values[:, earlier:])
    elif (earlier or not is_certain) and total_low < n and total_low < total_high:
        return line.count(0, n, 0)  # it may reach back into the run before: the next answer will tell
    elif n < min(requested, line.info.buffer_size) and total_low <= n <= total_high:
        low = total_high = n
    if n == 0 or low > total_high:
        return Ingest()  # restarted between the calls: nothing says to which run the samples belong
    block = AcquisitionBlock(
        window.acquisition_id,
        line.info.state,
        low,
        n,
        window.times_us,
        window.channels,
        window.values,
        started_us=started_us,
    )
    if low == total_high:
        return ingest_numbered(line, block, arrival_us, is_agreed=True)
    run_us = run_of(block)
    if line.is_other_start(run_us) and line.is_of_earlier_run(block.times_us, run_us, arrival_us):
        return line.count(0, n, 0)
    if line.is_other_run or line.is_other_start(run_us):
        return _bracketed(line, line.restart(block, arrival_us, is_exact=False), total_high, is_loss_estimated=True)
    if not line.epochs:
        out = line.begin(block, arrival_us, is_exact=False)
        return _bracketed(line, out, total_high, is_loss_estimated=False)
    least = line.total + (line.bracket.low if line.bracket is not None else 0)
    most = line.total + (line.bracket.high if line.bracket is not None else 0)
    at = place(line, window, low, total_high)
    if at is not None:
        new = n - at - 1
        out = line.take(replace(block, total_samples=line.total + new), new, 0, arrival_us)
        if line.bracket is not None:
            _narrow(line, line.bracket.narrowed(low - line.total, total_high - line.total))
        return out
    may_overlap = low < most + n
    if may_overlap and (line.is_late(window.times_us, arrival_us) or np.any(window.times_us == line.newest.naive_us)):
        return line.count(0, n, 0)  # not certain where it goes on: the next answer will tell
    if total_high < least + n:  # fewer than ours and these together: counted anew
        out = line.restart(block, arrival_us, is_exact=False)
    elif low < least + n:
        return line.count(0, n, 0)  # may be either: the next answer will tell
    else:
        out = _ingest_beyond_hole(line, block, low - n - least, arrival_us)
    return _bracketed(line, out, total_high, is_loss_estimated=True)


def _of_earlier_run(times_us: Int64Array, started_us: int | None) -> tuple[int, bool]:
    """How many samples at the beginning of a window were taken before the run began, and whether that is certain.

    A server's buffer outlives a run, and the answer of a run that has no sample yet is all of the run before. But a
    clock that was set back makes samples of this run look earlier.
    """
    if started_us is None or not times_us.shape[0]:
        return 0, True
    if not np.any(times_us % SECOND_US):
        started_us -= started_us % SECOND_US  # stamps without a fraction: those of its first second are this run's
    is_earlier = times_us < started_us
    first = int((~is_earlier).argmax())
    # A sample of the very moment of the start may be of either run.
    return first, int(np.count_nonzero(is_earlier)) == first and (first == 0 or times_us.item(first) != started_us)


def _ingest_beyond_hole(line: Line, block: AcquisitionBlock, lost: int, arrival_us: int) -> Ingest:
    """Nothing in common with what is stored: a hole of a size known only within bounds, taken as small as can be.

    The epoch before it keeps its numbers, whatever this one's turn out to be.
    """
    if line.bracket is not None:
        line.renumber(line.bracket.low, is_exact=False)
    if lost == 0:  # perhaps; the line breaks all the same
        head = line.ring.head
        line.add_break(Break(head, head, BreakKind.LOST, None, block.times_us.item(0)))
    line.open_epoch(line.total, is_exact=False)
    line.newest = Newest()  # the stamp before a hole of unknown size does not help to fill it
    return line.take(block, block.count, lost, arrival_us)


def _bracketed(line: Line, out: Ingest, total_high: int, *, is_loss_estimated: bool) -> Ingest:
    line.is_loss_estimated = is_loss_estimated
    _narrow(line, Bracket(0, total_high - line.total))
    return out


def _narrow(line: Line, bracket: Bracket) -> None:
    """Two polls bound the true count; a hundred leave one possibility, which is then the number."""
    line.bracket = bracket
    if bracket.is_exact:
        line.renumber(bracket.low)
