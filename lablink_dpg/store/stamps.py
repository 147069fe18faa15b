"""From the times that a server writes, naive and local, to the display's axis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lablink_dpg.store.timebase import ServerClock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_axis_us(naive_us: int | None, clock: ServerClock, now_us: int) -> int:
    """Unix µs of a naive time; ``now_us`` where there is none, and for what would lie in the future.

    While no samples have told how the server's clock goes, it is taken for one in this machine's zone.
    """
    if naive_us is None:
        return now_us
    shift_us = clock.shift_us
    if shift_us is None:
        try:
            local = (_EPOCH + timedelta(microseconds=naive_us)).replace(tzinfo=None)
            shift_us = round(local.timestamp() * 1e6) - naive_us
        except (OverflowError, ValueError, OSError):  # a year that this machine's calendar does not have
            return now_us
    return min(naive_us + shift_us, now_us)
