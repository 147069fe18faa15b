"""Where our newest sample is in a window that came without numbers: by what the server counted, and by content.

The counts leave a few places only; of those the right one has our last samples before it. Timestamps decide where the
content cannot, because a signal stands still: they alone are not to be trusted, for they may repeat or be out of order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import AcquisitionBlock, DataWindow, Float64Array
from lablink_dpg.store.line import Line
from lablink_dpg.store.numbering import position_of

COMPARED = 512  # samples: half a second at 1 kHz, in which a square wave changes


def place(line: Line, window: DataWindow | AcquisitionBlock, total_low: int, total_high: int) -> int | None:
    """Index in ``window`` of the newest stored sample; None if it is not there or not certain.

    The server's count at the end of the window was from ``total_low`` to ``total_high``.
    """
    n = window.times_us.shape[0]
    spread = line.bracket
    least, most = (line.total + spread.low, line.total + spread.high) if spread is not None else (line.total,) * 2
    first, last = n - 1 - (total_high - least), n - 1 - (total_low - most)
    values = line.in_order(window.channels, window.values)
    places = [at for at in _alike(line, values, max(first, 0), min(last, n - 1)) if _agrees(line, values, at)]
    if len(places) == 1 and first >= 0 and last < n:
        return places[0]
    by_stamp = position_of(line.newest, window.times_us)
    return by_stamp if by_stamp in places else None


def place_by_stamp(line: Line, window: DataWindow) -> int | None:
    """As ``place`` where no counts are known: by time, if the value is ours too."""
    at = position_of(line.newest, window.times_us)
    if at is None:
        return None
    return at if has(line, line.ring.head - 1, line.in_order(window.channels, window.values[:, at : at + 1])) else None


def has(line: Line, index: int, values: Float64Array) -> bool:
    """Whether the sample stored at ``index`` may be the one of ``values``, shape (channels, 1)."""
    return not _differ(line.ring.read(index, index + 1), values).any()


def _alike(line: Line, values: Float64Array, first: int, last: int) -> list[int]:
    """Which of the places first..last have a sample that may be our newest."""
    if first > last:
        return []
    newest = line.ring.read(line.ring.head - 1, line.ring.head)
    differs = _differ(newest, values[:, first : last + 1]).any(axis=0)
    return (first + np.flatnonzero(~differs)).tolist()


def _agrees(line: Line, values: Float64Array, at: int) -> bool:
    """Whether the samples up to ``at`` may be the last ones that are stored."""
    head = line.ring.head
    # Not beyond the epoch: the hole before it may be longer than it is drawn.
    count = min(at + 1, COMPARED, head - max(line.run_from, line.epochs[-1].start, line.ring.oldest))
    return not _differ(line.ring.read(head - count, head), values[:, at + 1 - count : at + 1]).any()


def _differ(stored: Float64Array, sent: Float64Array) -> NDArray[np.bool_]:
    """Where two samples are not the same; one that is missing, or could not be read, differs from none."""
    out: NDArray[np.bool_] = (stored != sent) & ~np.isnan(stored) & ~np.isnan(sent)
    return out
