"""What a server says about the health of its devices and about benchmarks, from decoded JSON of whatever kind.

Nothing here raises: a line without an id is left out, a field that is not what it should be is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lablink_dpg.model.health import Benchmark, Health, HealthChange, HealthStatus, SystemFigure
from lablink_dpg.wire.fields import Stamp, finite, identity, line, lines, listing, mapping, number, whole
from lablink_dpg.wire.reasons import clip

MAX_REPORTS = 1000  # devices of one answer that are read
MAX_COMMANDS = 50  # of one benchmark
MAX_FIGURES = 40
CHECKS = ("connection", "communication", "performance", "functionality")
FULL_SCORE = 100.0
PERCENT, SECONDS, MILLISECONDS = "_percent", "_seconds", "_ms"


def parse_health(body: Any, stamp: Stamp) -> tuple[Health, ...]:
    """``GET /api/diagnostics/health``: one report a device, in the server's order."""
    reports = mapping(body, "equipment_health")
    found = (_report(name, report, stamp) for name, report in list(reports.items())[:MAX_REPORTS])
    return tuple(report for report in found if report is not None)


def parse_report(body: Any, stamp: Stamp) -> Health | None:
    """``GET /api/diagnostics/health/{id}``."""
    return _report("", mapping(body, "health"), stamp)


def _report(name: str, report: Any, stamp: Stamp) -> Health | None:
    """``name``: its key in the answer, for a report that does not say whose it is."""
    if not isinstance(report, dict):
        return None
    equipment_id = identity(report, "equipment_id") or identity({"name": name}, "name")
    if not equipment_id:
        return None
    connection = mapping(report, "connection_diagnostics")
    communication = mapping(report, "communication_diagnostics")
    return Health(
        equipment_id=equipment_id,
        status=_status(report),
        score=_score(report, "health_score"),
        at_us=stamp(report.get("timestamp")),
        checks={check: verdict for check in CHECKS if (verdict := line(report, f"{check}_status"))},
        issues=(*lines(report, "active_issues"), *lines(report, "warnings")),
        recommendations=lines(report, "recommendations"),
        last_error=line(connection, "last_error") or line(communication, "last_error"),
        uptime_s=number(connection, "uptime_seconds"),
        tests_passed=whole(report, "passed_tests"),
        tests_failed=whole(report, "failed_tests"),
        failures=_failures(report),
    )


def _status(data: Mapping[str, Any]) -> HealthStatus:
    return HealthStatus.parse(line(data, "health_status"))


def _score(data: Mapping[str, Any], name: str) -> float | None:
    score = number(data, name)
    return None if score is None else min(FULL_SCORE, max(0.0, score))


def _failures(report: Mapping[str, Any]) -> tuple[str, ...]:
    out = []
    for test in listing(report, "test_results")[:MAX_COMMANDS]:
        if isinstance(test, dict) and line(test, "status") in ("fail", "error"):
            said = [text for text in (line(test, "message") or line(test, "test_id"), line(test, "error")) if text]
            out.append(clip(": ".join(said)))
    return tuple(text for text in out if text)


def parse_change(data: Mapping[str, Any], stamp: Stamp) -> HealthChange | None:
    """``health_changed``."""
    equipment_id = identity(data, "equipment_id")
    if not equipment_id:
        return None
    score, previous = _score(data, "health_score"), _score(data, "previous_score")
    return HealthChange(equipment_id, _status(data), score, previous, stamp(data.get("timestamp")))


def parse_progress(data: Mapping[str, Any], now_us: int) -> Benchmark | None:
    """``benchmark_progress``; one with a result is done, whatever it says of its progress."""
    equipment_id, benchmark_id = identity(data, "equipment_id"), identity(data, "benchmark_id")
    if not equipment_id or not benchmark_id:
        return None
    result = data.get("result")
    if isinstance(result, dict):
        return _benchmark(equipment_id, benchmark_id, result, now_us)
    progress = min(1.0, max(0.0, number(data, "progress") or 0.0))
    return Benchmark(equipment_id, benchmark_id, progress, line(data, "step"), now_us)


def parse_benchmark(body: Any, equipment_id: str, now_us: int) -> Benchmark | None:
    """The answer of ``POST /api/diagnostics/benchmark/{id}``; None if there is no result in it."""
    result = mapping(body, "benchmark")
    if not result:
        return None
    return _benchmark(equipment_id, identity(result, "benchmark_id"), result, now_us)


def _benchmark(equipment_id: str, benchmark_id: str, result: Mapping[str, Any], now_us: int) -> Benchmark:
    return Benchmark(
        equipment_id=equipment_id,
        benchmark_id=benchmark_id,
        progress=1.0,
        step="done",
        at_us=now_us,
        score=_score(result, "performance_score"),
        latency_ms=_latencies(result),
        commands_per_s=number(result, "throughput_commands_per_sec"),
    )


def _latencies(result: Mapping[str, Any]) -> dict[str, float | None]:
    """By command; a negative one is how the server writes that no answer came."""
    out: dict[str, float | None] = {}
    for command, value in list(mapping(result, "command_latency_ms").items())[:MAX_COMMANDS]:
        latency_ms = finite(value)
        out[clip(command)] = None if latency_ms is None or latency_ms < 0 else latency_ms
    return out


def parse_system(body: Any, stamp: Stamp) -> tuple[SystemFigure, ...]:
    """``GET /api/diagnostics/system`` of a server where it works: its plain figures, whatever they are."""
    if not isinstance(body, dict):
        return ()
    figures = next((found for name in ("diagnostics", "system") if (found := mapping(body, name))), body)
    named = (_figure(name, value) for name, value in list(figures.items())[:MAX_FIGURES])
    return tuple(figure for figure in named if figure is not None)


def _figure(name: str, value: object) -> SystemFigure | None:
    size = finite(value)
    if size is None or not name:
        return None
    for ending, unit in ((PERCENT, " %"), (SECONDS, " s"), (MILLISECONDS, " ms")):
        if name.endswith(ending) and name != ending:
            return SystemFigure(_words(name.removesuffix(ending)), f"{size:.1f}{unit}")
    return SystemFigure(_words(name), f"{size:.10g}")


def _words(name: str) -> str:
    return clip(name.replace("_", " "))
