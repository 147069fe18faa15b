"""Windows that say their sample numbers, as the WebSocket brings them: what of one is new, late or of another run.

Windows overlap, so what is new is computed from ``total_samples`` and taken from the end: counting is exact where
comparing timestamps, which may repeat, is not. Counts that contradict ours have to be said twice: see ``doubts``. Net
thread only.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lablink_dpg.model.acquisition import AcquisitionBlock
from lablink_dpg.store.counters import Ingest
from lablink_dpg.store.line import Line, run_of
from lablink_dpg.store.placing import place


def ingest_numbered(line: Line, block: AcquisitionBlock, arrival_us: int, *, is_agreed: bool = False) -> Ingest:
    """Store the new samples of a message: it holds at least what is new since ``total``, all of it after a restart.

    ``is_agreed``: its count was said twice already.
    """
    if line.doubts.leap is not None:
        leap = None if line.is_other_run else line.doubts.confirmed(block, line.total)
        if leap is not None:
            first = _ingest(line, leap, line.doubts.leap_arrival_us, is_agreed=True)
            return first.followed_by(_ingest(line, block, arrival_us, is_agreed=is_agreed))
    return _ingest(line, block, arrival_us, is_agreed=is_agreed)


def _ingest(line: Line, block: AcquisitionBlock, arrival_us: int, *, is_agreed: bool) -> Ingest:
    if block.state is not line.info.state:
        line.info = replace(line.info, state=block.state)
    n = block.times_us.shape[0]
    run_us = run_of(block)
    if run_us is None and block.total_samples < line.total and line.is_other_start(block.started_us):
        run_us = block.started_us  # a count of that run, though its stamps are earlier: the clock was set back
    if n and line.is_other_start(run_us):
        is_late = line.is_of_earlier_run(block.times_us, run_us, arrival_us)
        return line.count(0, block.count, 0) if is_late else line.restart(block, arrival_us)
    if n and line.is_other_run:
        return line.restart(block, arrival_us)
    if block.total_samples == line.total and line.epochs and line.bracket is None:
        return line.count(0, block.count, 0)
    if n == 0:
        return Ingest()
    if not line.epochs:
        return line.begin(block, arrival_us)
    if line.bracket is not None:
        at = place(line, block, block.total_samples, block.total_samples)
        if at is None:
            return _ingest_unplaced(line, block, arrival_us)
        line.renumber(block.total_samples - (n - 1 - at) - line.total)
    step = block.total_samples - line.total
    is_same_run = run_us is not None and run_us == line.started_us  # whatever its stamps are: they may be out of order
    if step < 0 and is_same_run and line.is_newer(block.times_us, arrival_us):
        is_believed = line.doubts.is_lower_again(block.total_samples)
        return line.recount(block, arrival_us) if is_believed else line.count(0, block.count, 0)
    if step < 0 and not is_same_run and not line.is_late(block.times_us, arrival_us):
        return line.restart(block, arrival_us)
    if step <= 0 or line.is_of_earlier_run(block.times_us, run_us, arrival_us):
        return line.count(0, block.count, 0)
    new = min(n, step)
    if step > n and not is_agreed:
        passed_us = max(arrival_us - line.newest_arrival_us, block.times_us.item(0) - (line.newest.naive_us or 0))
        rate_hz = line.info.sample_rate_hz
        if line.doubts.is_leap(step - n, block.count, rate_hz, passed_us):
            line.doubts.keep(block, arrival_us)
            return Ingest(is_doubtful=True)
    return line.take(block, new, step - new, arrival_us)


def _ingest_unplaced(line: Line, block: AcquisitionBlock, arrival_us: int) -> Ingest:
    """A numbered message while our numbers are bounds only, and our newest sample is not for certain in it.

    What is stored keeps its uncertain numbers for good; what comes now begins an epoch that has exact ones.
    """
    assert line.bracket is not None
    n = block.times_us.shape[0]
    most = line.total + line.bracket.high
    if line.is_late(block.times_us, arrival_us) and block.total_samples <= most:
        return line.count(0, block.count, 0)
    ours = max(0, most - (block.total_samples - n))  # so many at its beginning may be stored already
    same = np.flatnonzero(block.times_us[:ours] == line.newest.naive_us)
    new = n - 1 - int(same[-1]) if same.shape[0] else n  # after all that may be ours
    if new == 0:
        return line.count(0, block.count, 0)
    line.renumber(line.bracket.low, is_exact=False)
    lost = block.total_samples - new - line.total
    if lost < 0:  # our newest sample would have to be in it
        return line.restart(block, arrival_us)
    line.open_epoch(block.total_samples - new - lost)
    return line.take(block, new, lost, arrival_us)
