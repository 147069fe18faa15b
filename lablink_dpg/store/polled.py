"""Windows that do not say their sample numbers, as REST answers them: placed by what is stored, or only within bounds.

The counts that the server told just before and just after an answer bound its numbers; each further answer narrows
them down. Until they are certain the line says so, and nothing is shown as certain that is not. Net thread only.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lablink_dpg.model.acquisition import AcquisitionBlock, DataWindow
from lablink_dpg.store.breaks import Break, BreakKind
from lablink_dpg.store.counters import Ingest
from lablink_dpg.store.line import Line
from lablink_dpg.store.numbered import ingest_numbered
from lablink_dpg.store.numbering import Bracket, Newest, position_of


def ingest_polled(
    line: Line, window: DataWindow, total_low: int, total_high: int, arrival_us: int, requested: int = 0
) -> Ingest:
    """Store what is new in an answer of REST.

    The answer does not say its sample numbers. They follow from the newest timestamp already stored; without one
    they are only known to lie within the counts read just before and just after, and narrowed down poll by poll.
    An answer shorter than ``requested``, and than the server's buffer, holds the run from its first sample on.
    """
    n = window.times_us.shape[0]
    low = max(total_low, n)
    if n < min(requested, line.info.buffer_size) and total_low <= n <= total_high:
        low = total_high = n
    if n == 0 or low > total_high:
        return Ingest()  # restarted between the calls: nothing says to which run the samples belong
    block = AcquisitionBlock(
        window.acquisition_id, line.info.state, low, n, window.times_us, window.channels, window.values
    )
    if low == total_high:
        return ingest_numbered(line, block, arrival_us)
    if line.is_other_run:
        return _bracketed(line, line.restart(block, arrival_us, is_exact=False), total_high, is_loss_estimated=True)
    if not line.epochs:
        out = line.begin(block, arrival_us, is_exact=False)
        return _bracketed(line, out, total_high, is_loss_estimated=False)
    least = line.total + (line.bracket.low if line.bracket is not None else 0)
    at = position_of(line.newest, window.times_us)
    if at is not None and total_high >= least:
        new = n - at - 1
        out = line.take(replace(block, total_samples=line.total + new), new, 0, arrival_us)
        if line.bracket is not None:
            _narrow(line, line.bracket.narrowed(low - line.total, total_high - line.total))
        return out
    if at is not None or line.is_late(window.times_us) or np.any(window.times_us == line.newest.naive_us):
        return line.count(0, n, 0)  # not certain where it goes on: the next answer will tell
    if total_high < least + n:  # fewer than ours and these together: counted anew
        out = line.restart(block, arrival_us, is_exact=False)
    elif low < least + n:
        return line.count(0, n, 0)  # may be either: the next answer will tell
    else:
        out = _ingest_beyond_hole(line, block, low - n - least, arrival_us)
    return _bracketed(line, out, total_high, is_loss_estimated=True)


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
