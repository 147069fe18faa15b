"""The words beside a plot or in a list, from what is stored and what the link says.

They are rate, latency, losses, and how old it all is.
"""

from __future__ import annotations

from lablink_dpg.model.acquisition import AcquisitionState
from lablink_dpg.model.link import StreamStatus
from lablink_dpg.query.frame import AcquisitionLine, StreamLine
from lablink_dpg.session.server import ServerSession
from lablink_dpg.store.series import Series

STALE_US = 1_000_000  # without new samples for this long, what was measured before says nothing of now
OLD_STEPS = 3  # … or for so many steps of a stream whose samples or messages are rarer

_RESTING = (AcquisitionState.PAUSED, AcquisitionState.STOPPED)


def stream_line(
    server: ServerSession,
    key: str,
    series: Series,
    status: StreamStatus | None,
    smoothed_ms: float | None,
    now_us: int,
) -> StreamLine:
    """``status`` as the link has it, ``smoothed_ms`` the latency as lately measured."""
    info, counters, newest_us = series.info, series.counters, series.newest_us
    age_us = None if newest_us is None else max(0, now_us - newest_us)
    step_us = status.interval_ms * 1000 if status is not None else 0
    if info.sample_rate_hz > 0:
        step_us = max(step_us, round(1e6 / info.sample_rate_hz))
    latency_ms = smoothed_ms
    if info.state in _RESTING:
        latency_ms = None
    elif smoothed_ms is not None and age_us is not None and age_us >= STALE_US:
        latency_ms = max(smoothed_ms, age_us / 1000)
    return StreamLine(
        stream=key,
        name=server.shown(info.name or info.acquisition_id),
        channels=series.channels,
        rate_hz=series.rate.rate_hz(now_us),
        latency_ms=latency_ms,
        lost=counters.lost,
        received=counters.received,
        state=status.state if status is not None else None,
        age_ms=None if age_us is None else age_us / 1000,
        note=status.note if status is not None else "",
        is_old=age_us is not None and age_us >= max(STALE_US, OLD_STEPS * step_us),
    )


def acquisition_line(server: str, line: StreamLine, series: Series) -> AcquisitionLine:
    """``line``: of the same series. ``server`` as in LinkStatus."""
    info, ring, jitter_us = series.info, series.ring, series.jitter.jitter_us
    held = ring.head - ring.oldest
    return AcquisitionLine(
        line=line,
        server=server,
        info=info,
        total=info.total_samples if info.state is AcquisitionState.STOPPED else max(info.total_samples, series.total),
        backfilled=series.counters.backfilled,
        jitter_ms=None if jitter_us is None or info.state in _RESTING else jitter_us / 1000,
        held=held,
        capacity=ring.capacity,
        held_bytes=ring.held_bytes,
        full_bytes=ring.allocated_bytes,
    )
