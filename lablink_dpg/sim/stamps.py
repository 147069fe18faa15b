"""The server's time: naive local microseconds, and how LabLink writes them.

The whole simulator counts in *local µs*: microseconds since 1970-01-01T00:00 in the wall time of this machine's zone,
because that is what the protocol sends. The zone's offset is read once, so that no sample is ever older than the one
before it, not even in the night when the clocks go back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from lablink_dpg.clock import AxisClock

LocalClock: TypeAlias = Callable[[], int]  # returns local µs, never going back

EPOCH = datetime(1970, 1, 1)


def local_clock() -> LocalClock:
    """A clock of local µs, its offset from UTC fixed now."""
    axis = AxisClock()
    offset = datetime.now().astimezone().utcoffset() or timedelta(0)
    offset_us = offset // timedelta(microseconds=1)
    return lambda: axis.now_us() + offset_us


def iso(local_us: int) -> str:
    """As Python's naive ``isoformat``: ``2026-11-23T00:00:30.184873``, the fraction left out when it is zero."""
    return (EPOCH + timedelta(microseconds=local_us)).isoformat()


def iso_or_none(local_us: int | None) -> str | None:
    return None if local_us is None else iso(local_us)
