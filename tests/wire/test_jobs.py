"""Jobs and their runs, from whatever a server answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from lablink_dpg.model.job import Execution, RunState
from lablink_dpg.wire.jobs import (
    parse_completed,
    parse_deleted,
    parse_executions,
    parse_failed,
    parse_job,
    parse_jobs,
    parse_run,
    parse_started,
    result_line,
    trigger_words,
)
from tests.support.anything import anything, objects

NOW_US = 7


def stamp(text: Any) -> int:
    return 1_000 if isinstance(text, str) else NOW_US


LINE = {
    "job_id": "job_1",
    "name": "Log the load",
    "description": None,
    "schedule_type": "measurement",
    "equipment_id": "load_1",
    "trigger_type": "interval",
    "interval_seconds": 5,
    "interval_minutes": None,
    "enabled": True,
    "created_at": "2026-11-23T00:00:34.455069",
    "tags": ["night"],
    "max_executions": 10,
}


def test_a_job_is_read_whole() -> None:
    (job,) = parse_jobs({"jobs": [LINE]}, stamp)
    assert (job.job_id, job.name, job.kind, job.trigger) == ("job_1", "Log the load", "measurement", "every 5 s")
    assert (job.equipment_id, job.is_enabled, job.created_us) == ("load_1", True, 1_000)
    assert (job.tags, job.max_executions) == (("night",), 10)


def test_lines_without_an_id_are_left_out() -> None:
    assert parse_jobs({"jobs": [5, {}, {"job_id": None}, {"job_id": "a"}]}, stamp)[0].name == "a"
    assert len(parse_jobs({"jobs": [5, {}, {"job_id": None}, {"job_id": "a"}]}, stamp)) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"trigger_type": "interval", "interval_hours": 1, "interval_minutes": 30}, "every 1 h 30 min"),
        ({"trigger_type": "interval", "interval_days": 2}, "every 2 d"),
        ({"trigger_type": "interval", "interval_seconds": 0.5}, "every 0.5 s"),
        ({"trigger_type": "interval"}, "interval"),
        ({"trigger_type": "interval", "interval_days": 10**300}, "interval"),
        ({"trigger_type": "cron", "cron_expression": "0 8 * * *"}, "cron 0 8 * * *"),
        ({"trigger_type": "date", "run_date": "2026-11-24T08:00:00"}, "once, 2026-11-24 08:00:00"),
        ({"trigger_type": "daily", "time_of_day": "08:00"}, "daily at 08:00"),
        ({"trigger_type": "weekly", "day_of_week": 0, "time_of_day": "08:00"}, "Mondays at 08:00"),
        ({"trigger_type": "weekly", "day_of_week": 9}, "weekly"),
        ({"trigger_type": "monthly", "day_of_month": 3}, "monthly, day 3"),
        ({"trigger_type": "on a whim"}, "on a whim"),
        ({}, ""),
    ],
)
def test_a_trigger_in_words(fields: dict[str, Any], words: str) -> None:
    assert trigger_words(fields) == words


def test_runs_are_read_from_list_and_events_alike() -> None:
    ended = {"execution_id": "e", "job_id": "j", "status": "completed", "started_at": "t", "completed_at": "t"}
    (listed,) = parse_executions({"executions": [{**ended, "result": {"voltage": 12.0}, "error": None}]}, stamp)
    assert listed == Execution("e", "j", RunState.COMPLETED, 1_000, 1_000, "voltage 12")
    ids = {"execution_id": "e", "job_id": "j"}
    assert parse_started({**ids, "started_at": "t"}, stamp) == Execution("e", "j", RunState.RUNNING, 1_000)
    done = parse_completed({**ids, "completed_at": "t", "result": {"voltage": 12.0}}, stamp)
    assert done == Execution("e", "j", RunState.COMPLETED, None, 1_000, "voltage 12")
    failed = parse_failed({**ids, "failed_at": "t", "error": "gone"}, stamp)
    assert failed == Execution("e", "j", RunState.FAILED, None, 1_000, "", "gone")
    assert parse_started({}, stamp) is None


def test_a_result_is_one_line() -> None:
    result = {"mode": "CV", "on": True, "nothing": None, "volts": 1.23456789, "more": {"a": [1, 2]}, "big": 10**30}
    assert result_line(result) == 'mode CV, on yes, nothing –, volts 1.23457, more {"a":[1,2]}, big 1e+30'
    assert result_line({"equipment_id": "load_1", "timestamp": "2026", "mode": "CC"}) == "mode CC"
    assert len(result_line({"x": "y" * 1000})) <= 200
    assert [result_line(each) for each in (None, [1], "ok\n", 5)] == ["", "[1]", "ok?", "5"]
    assert result_line({"big": [10**400]}) == "big …"


@given(anything)
def test_no_answer_raises(body: object) -> None:
    for job in (*parse_jobs(body, stamp), *parse_jobs({"jobs": [body]}, stamp)):
        assert job.job_id
    for execution in (*parse_executions(body, stamp), *parse_executions({"executions": [body]}, stamp)):
        assert execution.execution_id
    parse_run(body)
    assert len(result_line(body)) <= 200


@given(objects)
def test_no_event_raises(data: dict[str, Any]) -> None:
    parse_job(data)
    parse_started(data, stamp)
    parse_completed(data, stamp)
    parse_failed(data, stamp)
    parse_deleted(data)
    assert trigger_words(data).isprintable()


def test_what_real_servers_answered_is_read(captures: Path) -> None:
    for path in sorted(captures.glob("*.jsonl")):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        bodies = {line["path"]: line["body"] for line in lines if line["kind"] == "rest"}
        (job,) = parse_jobs(bodies["/api/scheduler/jobs"], stamp)
        assert job.trigger == "every 1 s"
        assert parse_executions(bodies["/api/scheduler/executions"], stamp) == ()
        answer = next(body for name, body in bodies.items() if name.endswith("/run"))
        assert parse_run(answer).startswith("exec_")
