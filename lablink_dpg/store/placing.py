"""Where our newest sample is in a window that came without numbers: by what the server counted, and by content.

The counts leave a few places only; of those the right one has our last samples before it. Timestamps decide where the
content cannot, because a signal stands still: they alone are not to be trusted, for they may repeat or be out of order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import AcquisitionBlock, DataWindow, FloatArray, Values
from lablink_dpg.store.line import Line
from lablink_dpg.store.numbering import position_of

COMPARED = 512  # samples: half a second at 1 kHz, in which a square wave changes


def place(line: Line, window: DataWindow | AcquisitionBlock, total_low: int, total_high: int) -> int | None:
    """Index in ``window`` of the newest stored sample; None if it is not there or not certain.

    The server's count at the end of the window was from ``total_low`` to ``total_high``.
    """
    n = window.times_us.shape[0]
    least, most = _totals(line)
    first, last = n - 1 - (total_high - least), n - 1 - (total_low - most)
    values = np.asarray(line.in_order(window.channels, window.values), np.float64)
    newest = line.ring.head - 1
    alike = _alike(line, newest, values, max(first, 0), min(last, n - 1))
    places = [at for at in alike if _agrees(line, newest, values, at)]
    if len(places) == 1 and first >= 0 and last < n:
        return places[0]
    by_stamp = position_of(line.newest, window.times_us)
    return by_stamp if by_stamp in places else None


def align(line: Line, window: DataWindow, total_low: int, total_high: int) -> int | None:
    """Index in the ring just after the last sample of ``window``; None where that is not certain.

    As ``place``, but our newest sample need not be in it: messages come on while an answer of REST is on its way.
    """
    n, head = window.times_us.shape[0], line.ring.head
    least, most = _totals(line)
    first, last = head + total_low - most, head + total_high - least
    stop = min(first, head)  # what is stored up to here is not after the window, wherever that ends
    start = max(line.run_from, line.epochs[-1].start, line.ring.oldest, last - n)  # … nor before it
    if first > last or start >= stop:
        return None
    came = np.flatnonzero(~np.isnan(line.ring.read(start, stop)).all(axis=0))
    if not came.shape[0]:
        return None
    newest = start + int(came[-1])
    values = np.asarray(line.in_order(window.channels, window.values), np.float64)
    alike = _alike(line, newest, values, n - (last - newest), n - (first - newest))
    ends = [newest + n - at for at in alike if _agrees(line, newest, values, at)]
    return ends[0] if len(ends) == 1 else None


def place_by_stamp(line: Line, window: DataWindow) -> int | None:
    """As ``place`` where no counts are known: by time, if the value is ours too."""
    at = position_of(line.newest, window.times_us)
    if at is None:
        return None
    return at if has(line, line.ring.head - 1, line.in_order(window.channels, window.values[:, at : at + 1])) else None


def has(line: Line, index: int, values: Values) -> bool:
    """Whether the sample stored at ``index`` may be the one of ``values``, shape (channels, 1)."""
    return not _differ(line.ring.read(index, index + 1), np.asarray(values, np.float64)).any()


def _totals(line: Line) -> tuple[int, int]:
    """The least and the most that the server had counted at our newest sample."""
    spread = line.bracket
    return (line.total, line.total) if spread is None else (line.total + spread.low, line.total + spread.high)


def _alike(line: Line, index: int, values: FloatArray, first: int, last: int) -> list[int]:
    """Which of the places first..last have a sample that may be the one stored at ``index``."""
    if first > last:
        return []
    differs = _differ(line.ring.read(index, index + 1), values[:, first : last + 1]).any(axis=0)
    return (first + np.flatnonzero(~differs)).tolist()


def _agrees(line: Line, index: int, values: FloatArray, at: int) -> bool:
    """Whether the samples up to ``at`` may be those stored up to ``index``."""
    # Not beyond the epoch: the hole before it may be longer than it is drawn.
    count = min(at + 1, COMPARED, index + 1 - max(line.run_from, line.epochs[-1].start, line.ring.oldest))
    return not _differ(line.ring.read(index + 1 - count, index + 1), values[:, at + 1 - count : at + 1]).any()


def _differ(stored: FloatArray, sent: FloatArray) -> NDArray[np.bool_]:
    """Where two samples are not the same; one that is missing, or could not be read, differs from none."""
    if sent.dtype != stored.dtype:
        with np.errstate(over="ignore", invalid="ignore"):  # as it was stored
            sent = sent.astype(stored.dtype)
    out: NDArray[np.bool_] = (stored != sent) & ~np.isnan(stored) & ~np.isnan(sent)
    return out
