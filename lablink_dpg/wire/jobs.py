"""What a server says about scheduled jobs and their runs, from decoded JSON of whatever kind; never raises.

A line without an id is left out, a field that is not what it should be is not there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import orjson

from lablink_dpg.model.job import Execution, Job, RunState
from lablink_dpg.wire.fields import Stamp, finite, identity, line, lines, listing, number, whole
from lablink_dpg.wire.reasons import clip

MAX_LINES = 5000  # of one list that are read
MAX_VALUES = 12  # of a run's result that are put into its line
UNITS_S = (("interval_days", 86_400), ("interval_hours", 3600), ("interval_minutes", 60), ("interval_seconds", 1))
KNOWN_ANYWAY = ("equipment_id", "timestamp")  # of a result: the job says where, the run says when
LONG_S = 1e9  # thirty years: no interval, but a mistake
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def parse_jobs(body: Any, stamp: Stamp) -> tuple[Job, ...]:
    """``GET /api/scheduler/jobs``, in the server's order."""
    found = (_job(each, stamp) for each in listing(body, "jobs")[:MAX_LINES])
    return tuple(job for job in found if job is not None)


def parse_job(data: Mapping[str, Any]) -> Job | None:
    """``job_created`` and ``job_updated``: less than a line of the list."""
    return _job(data, lambda _: 0)


def _job(data: Any, stamp: Stamp) -> Job | None:
    if not isinstance(data, dict) or not (job_id := identity(data, "job_id")):
        return None
    return Job(
        job_id=job_id,
        name=line(data, "name") or job_id,
        kind=line(data, "schedule_type"),
        trigger=trigger_words(data),
        equipment_id=identity(data, "equipment_id"),
        is_enabled=data.get("enabled") is not False,
        description=line(data, "description"),
        created_us=_when(data, "created_at", stamp),
        created_by=line(data, "created_by"),
        tags=lines(data, "tags"),
        max_executions=whole(data, "max_executions"),
    )


def trigger_words(data: Mapping[str, Any]) -> str:
    """When it runs, for a person; the bare type where the rest is missing."""
    kind = line(data, "trigger_type")
    at = f" at {time}" if (time := line(data, "time_of_day")) else ""
    match kind:
        case "interval":
            seconds = sum(unit_s * (number(data, name) or 0.0) for name, unit_s in UNITS_S)
            return f"every {_span(seconds)}" if 0 < seconds <= LONG_S else kind
        case "cron":
            return f"cron {line(data, 'cron_expression')}".rstrip()
        case "date":
            return f"once, {date.replace('T', ' ')}" if (date := line(data, "run_date")) else "once"
        case "daily":
            return f"daily{at}"
        case "weekly":
            day = whole(data, "day_of_week")
            return f"{WEEKDAYS[day]}s{at}" if day is not None and day < len(WEEKDAYS) else f"weekly{at}"
        case "monthly":
            day = whole(data, "day_of_month")
            return f"monthly, day {day}{at}" if day is not None else f"monthly{at}"
    return kind


def _span(seconds: float) -> str:
    """5 s, 90 s as 1 min 30 s, 2 d: the units that are not zero."""
    if seconds < 60 or seconds != int(seconds):
        return f"{seconds:g} s"
    parts, left = [], int(seconds)
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts)


def parse_executions(body: Any, stamp: Stamp) -> tuple[Execution, ...]:
    """``GET /api/scheduler/executions``."""
    found = (_execution(each, stamp) for each in listing(body, "executions")[:MAX_LINES])
    return tuple(each for each in found if each is not None)


def _execution(data: Any, stamp: Stamp) -> Execution | None:
    if not isinstance(data, dict) or not (execution_id := identity(data, "execution_id")):
        return None
    return Execution(
        execution_id=execution_id,
        job_id=identity(data, "job_id"),
        state=RunState.parse(line(data, "status")),
        started_us=_when(data, "started_at", stamp),
        ended_us=_when(data, "completed_at", stamp),
        result=result_line(data.get("result")),
        error=line(data, "error"),
    )


def parse_started(data: Mapping[str, Any], stamp: Stamp) -> Execution | None:
    """``job_started``."""
    return _event(data, RunState.RUNNING, started_us=stamp(data.get("started_at")))


def parse_completed(data: Mapping[str, Any], stamp: Stamp) -> Execution | None:
    """``job_completed``."""
    ended_us = stamp(data.get("completed_at"))
    return _event(data, RunState.COMPLETED, ended_us=ended_us, result=result_line(data.get("result")))


def parse_failed(data: Mapping[str, Any], stamp: Stamp) -> Execution | None:
    """``job_failed``."""
    return _event(data, RunState.FAILED, ended_us=stamp(data.get("failed_at")), error=line(data, "error"))


def _event(data: Mapping[str, Any], state: RunState, **fields: Any) -> Execution | None:
    execution_id = identity(data, "execution_id")
    return Execution(execution_id, identity(data, "job_id"), state, **fields) if execution_id else None


def parse_deleted(data: Mapping[str, Any]) -> str:
    """``job_deleted``: whose; "" if that is not said."""
    return identity(data, "job_id")


def parse_run(data: Any) -> str:
    """The answer of ``POST /api/scheduler/jobs/{id}/run``: the run's id, "" if that is not said."""
    return identity(data, "execution_id") if isinstance(data, Mapping) else ""


def _when(data: Mapping[str, Any], name: str, stamp: Stamp) -> int | None:
    text = data.get(name)
    return stamp(text) if isinstance(text, str) and text else None


def result_line(result: Any) -> str:
    """What a run has brought, in one line: its values by name, what is nested as JSON."""
    if result is None:
        return ""
    if isinstance(result, dict):
        pairs = [(name, value) for name, value in result.items() if name not in KNOWN_ANYWAY][:MAX_VALUES]
        return clip(", ".join(f"{clip(str(name))} {_value(value)}" for name, value in pairs))
    return clip(_value(result))


def _value(value: Any) -> str:
    if isinstance(value, str):
        return clip(value)
    size = finite(value)
    if size is not None:
        return f"{size:.6g}" if math.isfinite(size) else ""
    if value is True or value is False:
        return "yes" if value else "no"
    if value is None:
        return "–"
    try:
        return clip(orjson.dumps(value).decode())
    except (TypeError, ValueError, RecursionError):  # an integer beyond 64 bits, or nested without end
        return "…"
