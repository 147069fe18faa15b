"""What a run came to, as JSON that scripts rely on. The names are an interface: add, never rename."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lablink_dpg import __version__
from lablink_dpg.query.latency import LatencyHistogram
from lablink_dpg.session import Session
from lablink_dpg.settings import STANDARD_OUTPUT
from lablink_dpg.verify import Verifier


def build(
    session: Session,
    verifier: Verifier | None,
    *,
    duration_s: float,
    prepare_ms: NDArray[np.float64],
    draw_ms: NDArray[np.float64],
    frames: int,
    fps: float,
    cpu_s: float,
) -> dict[str, Any]:
    """Samples are channel samples; ``bytes_per_sample`` is memory of what is stored, ``bytes`` what was received."""
    status, counters = session.network.status, session.counters()
    series = session.store.series.values()
    return {
        "version": __version__,
        "streams": len(series),
        "channels": sum(len(each.channels) for each in series),
        "mode": status.mode.value,
        "duration_s": round(duration_s, 3),
        "messages": status.counters.messages,
        "bytes": status.counters.bytes,
        "invalid_messages": status.counters.invalid_messages,
        "invalid_by_reason": dict(status.counters.invalid_by_reason),
        "samples": {
            "received": counters.received,
            "lost": counters.lost,
            "backfilled": counters.backfilled,
            "overlap_dropped": counters.overlap_dropped,
        },
        "verify": {
            "verified": verifier.verified if verifier else 0,
            "mismatched": verifier.mismatched if verifier else 0,
            "skipped": verifier.skipped if verifier else 0,
        },
        "latency_ms": _latency(session.latency),
        "frame_ms": {"prepare": _spread(prepare_ms), "draw": _spread(draw_ms)},
        "frames": frames,
        "fps": round(fps, 2),
        "link": {
            "state": status.state.value,
            "reason": status.reason,
            "reconnects": status.counters.reconnects,
            "fallbacks": status.counters.fallbacks,
            "silent_streams": status.counters.silent_streams,
        },
        "cpu_s": round(cpu_s, 3),
        "rss_mb": round(session.memory_mb(), 1),
        "bytes_per_sample": round(session.bytes_per_sample(), 3),
    }


def write(report: dict[str, Any], path: Path) -> None:
    """To the file, or to standard output if ``path`` is "-".

    Raises:
        OSError: if the file cannot be written.
    """
    text = json.dumps(report, indent=2) + "\n"
    if path == STANDARD_OUTPUT:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        path.write_text(text, encoding="utf-8")


def _latency(histogram: LatencyHistogram) -> dict[str, float | None]:
    values = {f"p{percent}": histogram.percentile(percent) for percent in (50, 95, 99)}
    values["max"] = histogram.max_ms if values["p50"] is not None else None
    return {name: None if value is None else round(value, 2) for name, value in values.items()}


def _spread(times_ms: NDArray[np.float64]) -> dict[str, float]:
    if not times_ms.shape[0]:
        return {"p50": 0.0, "p99": 0.0, "max": 0.0}
    p50, p99, largest = np.percentile(times_ms, (50, 99, 100))
    return {"p50": round(float(p50), 3), "p99": round(float(p99), 3), "max": round(float(largest), 3)}
