"""Health reports, changes, benchmarks and the server's own figures, from whatever a server answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given

from lablink_dpg.model.health import Benchmark, HealthChange, HealthStatus, SystemFigure
from lablink_dpg.wire.health import (
    MAX_REPORTS,
    parse_benchmark,
    parse_change,
    parse_health,
    parse_progress,
    parse_report,
    parse_system,
)
from tests.support.anything import anything, objects

NOW_US = 7
RESULT = {
    "benchmark_id": "bench_1",
    "command_latency_ms": {"*IDN?": -1.0, "*OPC?": 2.5, "*STB?": None},
    "throughput_commands_per_sec": 400.0,
    "performance_score": 96.0,
}


def stamp(text: Any) -> int:
    return 1_000 if isinstance(text, str) else NOW_US


def report(**changes: Any) -> dict[str, Any]:
    return {
        "equipment_id": "ps_1",
        "timestamp": "2026-11-23T00:00:37.497959",
        "health_status": "warning",
        "health_score": 61.5,
        "connection_status": "pass",
        "communication_status": "fail",
        "connection_diagnostics": {"last_error": None, "uptime_seconds": 64.0},
        "communication_diagnostics": {"last_error": "timed out"},
        "active_issues": ["Slow"],
        "warnings": ["Hot"],
        "recommendations": ["Check the cable"],
        "test_results": [{"status": "fail", "message": "no answer", "error": "gone"}, {"status": "pass"}, "odd"],
        "passed_tests": 2,
        "failed_tests": 1,
        **changes,
    }


def test_a_report_is_read_whole() -> None:
    (found,) = parse_health({"equipment_health": {"ps_1": report()}}, stamp)
    assert (found.equipment_id, found.status, found.score) == ("ps_1", HealthStatus.WARNING, 61.5)
    assert found.at_us == 1_000
    assert found.checks == {"connection": "pass", "communication": "fail"}
    assert found.issues == ("Slow", "Hot")
    assert found.recommendations == ("Check the cable",)
    assert found.last_error == "timed out"
    assert (found.uptime_s, found.tests_passed, found.tests_failed) == (64.0, 2, 1)
    assert found.failures == ("no answer: gone",)
    assert parse_report({"health": report()}, stamp) == found


def test_odd_fields_cost_nothing_but_themselves() -> None:
    odd = report(health_score="high", active_issues=5, test_results=None, health_status="purring", timestamp=None)
    (found,) = parse_health({"equipment_health": {"ps_1": odd, "ps_2": [], "": {}}}, stamp)
    assert (found.status, found.score, found.issues, found.failures) == (HealthStatus.UNKNOWN, None, ("Hot",), ())
    assert found.at_us == NOW_US


def test_the_key_is_whose_report_it_is_where_the_report_does_not_say() -> None:
    (found,) = parse_health({"equipment_health": {"ps_9": report(equipment_id=None)}}, stamp)
    assert found.equipment_id == "ps_9"


def test_a_list_is_bounded() -> None:
    many = {f"d{number}": {} for number in range(MAX_REPORTS + 5)}
    assert len(parse_health({"equipment_health": many}, stamp)) == MAX_REPORTS


def test_a_change_is_read() -> None:
    data = {"equipment_id": "a", "health_status": "critical", "health_score": -5, "previous_score": 100.0}
    assert parse_change(data, stamp) == HealthChange("a", HealthStatus.CRITICAL, 0.0, 100.0, NOW_US)
    assert parse_change({}, stamp) is None


def test_progress_is_between_none_and_all() -> None:
    data = {"equipment_id": "a", "benchmark_id": "b", "progress": 7, "step": "*IDN?", "result": None}
    assert parse_progress(data, NOW_US) == Benchmark("a", "b", 1.0, "*IDN?", NOW_US)
    assert parse_progress({**data, "progress": "half"}, NOW_US) == Benchmark("a", "b", 0.0, "*IDN?", NOW_US)
    assert parse_progress({**data, "benchmark_id": None}, NOW_US) is None


def test_the_answer_and_the_last_event_are_the_same_run() -> None:
    last = parse_progress({"equipment_id": "a", "benchmark_id": "bench_1", "progress": 1, "result": RESULT}, NOW_US)
    assert last == parse_benchmark({"benchmark": RESULT}, "a", NOW_US)
    assert last is not None
    assert last.is_done
    assert last.latency_ms == {"*IDN?": None, "*OPC?": 2.5, "*STB?": None}
    assert (last.commands_per_s, last.score) == (400.0, 96.0)
    assert parse_benchmark({"success": True}, "a", NOW_US) is None


def test_a_server_that_tells_of_itself_is_read() -> None:
    body = {"diagnostics": {"server_cpu_percent": 12.34, "total_equipment": 3, "timestamp": "2026", "ok": True}}
    assert parse_system(body, stamp) == (SystemFigure("server cpu", "12.3 %"), SystemFigure("total equipment", "3"))


@given(anything)
def test_no_answer_raises(body: object) -> None:
    for found in parse_health(body, stamp):
        assert found.equipment_id
        assert found.score is None or 0 <= found.score <= 100
    parse_health({"equipment_health": body}, stamp)
    parse_report({"health": body}, stamp)
    parse_system(body, stamp)
    parse_benchmark(body, "a", NOW_US)
    parse_benchmark({"benchmark": body}, "a", NOW_US)


@given(objects)
def test_no_event_raises(data: dict[str, Any]) -> None:
    parse_change(data, stamp)
    run = parse_progress(data, NOW_US)
    assert run is None or 0 <= run.progress <= 1


def test_what_real_servers_answered_is_read(captures: Path) -> None:
    for path in sorted(captures.glob("*.jsonl")):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        bodies = {line["path"]: line["body"] for line in lines if line["kind"] == "rest"}
        assert len(parse_health(bodies["/api/diagnostics/health"], stamp)) == 3
        answer = next(body for name, body in bodies.items() if name.startswith("/api/diagnostics/benchmark/"))
        run = parse_benchmark(answer, "a", NOW_US)
        assert run is not None
        assert set(run.latency_ms.values()) == {None}
