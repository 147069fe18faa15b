"""What a run came to, as JSON that scripts rely on. The names are an interface: add, never rename."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lablink_dpg import __version__
from lablink_dpg.model.link import LinkCounters, LinkState
from lablink_dpg.query.latency import LatencyHistogram
from lablink_dpg.session import Session
from lablink_dpg.session.former import Former
from lablink_dpg.session.server import ServerSession
from lablink_dpg.settings import STANDARD_OUTPUT
from lablink_dpg.store.counters import Counters
from lablink_dpg.store.folding import IS_COMPILED
from lablink_dpg.times import FrameTimes
from lablink_dpg.verify import Verifier

# From the worst to the best.
HEALTH = (
    LinkState.WAITING,
    LinkState.CONNECTING,
    LinkState.IDLE,
    LinkState.POLLING,
    LinkState.STREAMING,
    LinkState.CLOSED,
)
LINK_COUNTS = ("reconnects", "fallbacks", "silent_streams", "rest_errors", "zombies")  # of LinkCounters


def build(
    session: Session,
    verifier: Verifier | None,
    *,
    duration_s: float,
    times: FrameTimes,
    fps: float,
    cpu_s: float,
    first_frame_s: float | None = None,
) -> dict[str, Any]:
    """Samples are channel samples; ``bytes_per_sample`` is memory of what is stored, ``bytes`` what was received.

    Counts at the top are sums over ``servers`` and ``former``, those that were no longer watched at the end; ``mode``,
    ``wire`` (null without a WebSocket) and state are those of the server that was worst off when the run ended. A
    frame's ``interval`` is the time to the next one's beginning, of all but those at the start. In ``link``,
    ``state_s`` is the time spent in each state of the link, all of them by name, and ``active_streams`` how many
    streams came over the WebSocket at the end, devices' readings included. ``first_frame_s``: from the start of the
    process to the end of the first frame, None where there was none. ``compiled``: the store's innermost loop is.
    """
    worst = min((server.last_status for server in session.servers), key=lambda link: HEALTH.index(link.state))
    servers = [_server(server) for server in session.servers]
    former = _former(session.former)
    counted = [*servers, former]
    spent_s = [*(server.status.counters.state_s for server in session.servers), session.former.link.state_s]
    return {
        "version": __version__,
        "compiled": IS_COMPILED,
        "streams": len(session.series),
        "channels": sum(len(each.channels) for each in session.series.values()),
        "mode": worst.mode.value,
        "wire": worst.wire.value if worst.wire else None,
        "duration_s": round(duration_s, 3),
        "messages": _total(counted, "messages"),
        "bytes": _total(counted, "bytes"),
        "invalid_messages": _total(counted, "invalid_messages"),
        "invalid_by_reason": _added(each["invalid_by_reason"] for each in counted),
        "samples": _samples(session.counters()),
        "verify": {
            "verified": verifier.verified if verifier else 0,
            "mismatched": verifier.mismatched if verifier else 0,
            "skipped": verifier.skipped if verifier else 0,
        },
        "latency_ms": _latency(session.latency()),
        "frame_ms": {
            "prepare": _spread(times.prepare_ms),
            "draw": _spread(times.draw_ms),
            "interval": _spread(times.interval_ms),
        },
        "frames": times.frames,
        "fps": round(fps, 2),
        "first_frame_s": None if first_frame_s is None else round(first_frame_s, 3),
        "link": {
            "state": worst.state.value,
            "reason": worst.reason,
            "needs": worst.needs.value,
            "insecure": any(server.last_status.is_insecure for server in session.servers),
            **{name: sum(each["link"][name] for each in counted) for name in (*LINK_COUNTS, "active_streams")},
            "rest_errors_by_reason": _added(each["link"]["rest_errors_by_reason"] for each in counted),
            "state_s": {state.value: round(sum(each.get(state, 0.0) for each in spent_s), 3) for state in LinkState},
        },
        "events": {"dropped": session.dropped_events, "handler_failures": session.handlers.failures},
        "cpu_s": round(cpu_s, 3),
        "rss_mb": round(session.memory_mb(), 1),
        "bytes_per_sample": round(session.bytes_per_sample(), 3),
        "servers": servers,
        "former": former,
    }


def _server(server: ServerSession) -> dict[str, Any]:
    status = server.status
    last = server.last_status
    return {
        "server": server.name,
        "version": status.server_version,
        "mode": status.mode.value,
        "wire": last.wire.value if last.wire else None,
        "streams": len(server.store.series),
        "channels": sum(len(each.channels) for each in server.store.series.values()),
        **_counts(status.counters, server.counters(), server.latency),
        "link": {
            "state": last.state.value,
            "reason": last.reason,
            "needs": last.needs.value,
            "insecure": last.is_insecure,
            **_link_counts(status.counters),
            "active_streams": last.counters.active_streams,
        },
        "events": {"dropped": server.network.dropped_events},
    }


def _former(former: Former) -> dict[str, Any]:
    """All of them together."""
    return {
        "servers": former.servers,
        **_counts(former.link, former.counters, former.latency),
        "link": {**_link_counts(former.link), "active_streams": 0},
        "events": {"dropped": former.dropped_events},
    }


def _counts(link: LinkCounters, samples: Counters, latency: LatencyHistogram) -> dict[str, Any]:
    return {
        "messages": link.messages,
        "bytes": link.bytes,
        "invalid_messages": link.invalid_messages,
        "invalid_by_reason": dict(link.invalid_by_reason),
        "samples": _samples(samples),
        "latency_ms": _latency(latency),
    }


def _link_counts(link: LinkCounters) -> dict[str, Any]:
    return {
        **{name: getattr(link, name) for name in LINK_COUNTS},
        "rest_errors_by_reason": dict(link.rest_errors_by_reason),
        "state_s": {state.value: round(link.state_s.get(state, 0.0), 3) for state in LinkState},
    }


def _samples(counters: Counters) -> dict[str, int]:
    return {
        "received": counters.received,
        "lost": counters.lost,
        "backfilled": counters.backfilled,
        "overlap_dropped": counters.overlap_dropped,
    }


def _total(servers: Iterable[Mapping[str, int]], name: str) -> int:
    return sum(each[name] for each in servers)


def _added(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for name, count in part.items():
            total[name] = total.get(name, 0) + count
    return total


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
