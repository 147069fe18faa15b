"""A hypothesis strategy for whatever decoded JSON may be, often with the names of fields that a parser looks for."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = (
    *("equipment_health", "health", "equipment_id", "health_status", "health_score", "connection_status"),
    *("connection_diagnostics", "last_error", "active_issues", "recommendations", "test_results", "passed_tests"),
    *("benchmark", "benchmark_id", "command_latency_ms", "performance_score", "progress", "result", "timestamp"),
    *("jobs", "executions", "job_id", "execution_id", "name", "trigger_type", "interval_seconds", "day_of_week"),
    *("day_of_month", "run_date", "enabled", "tags", "status", "started_at", "completed_at", "failed_at", "error"),
    *("diagnostics", "server_cpu_percent", "_seconds", "x", ""),
)
WORDS = ("interval", "cron", "date", "daily", "weekly", "monthly", "running", "failed", "healthy", "critical", "fail")

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.text(max_size=20),
    st.text(min_size=300, max_size=320),
    st.sampled_from(WORDS),
    st.sampled_from(NAMES),
    st.just("2026-11-23T00:00:37.497959"),
)
keys = st.one_of(st.sampled_from(NAMES), st.text(max_size=5))
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=8)),
    max_leaves=30,
)
objects = st.dictionaries(keys, anything, max_size=10)  # what an event has for data
