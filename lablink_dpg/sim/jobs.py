"""Scheduled jobs: measurements of a device, run by hand or at their interval, told to every client."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lablink_dpg.sim.alarms import Publish
from lablink_dpg.sim.rest import Refusal
from lablink_dpg.sim.stamps import LocalClock, iso, iso_or_none

KEPT_EXECUTIONS: Final = 200  # the oldest are forgotten
RUN_TIME_US: Final = 200_000  # how long a measurement takes
INTERVAL_UNITS_S: Final = {
    "interval_seconds": 1,
    "interval_minutes": 60,
    "interval_hours": 3600,
    "interval_days": 86_400,
}
FIELDS: Final = (
    "job_id",
    "name",
    "description",
    "schedule_type",
    "equipment_id",
    "trigger_type",
    "cron_expression",
    *INTERVAL_UNITS_S,
    "run_date",
    "time_of_day",
    "day_of_week",
    "day_of_month",
    "parameters",
    "enabled",
    "max_instances",
    "misfire_grace_time",
    "coalesce",
    "start_date",
    "end_date",
    "max_executions",
    "created_at",
    "created_by",
    "tags",
    "profile_id",
    "on_failure_alarm",
    "conflict_policy",
)  # of a job as the server lists it; null where neither the client nor we gave one


@dataclass(slots=True)
class Job:
    job_id: str
    fields: Mapping[str, Any]  # as created
    created_us: int
    is_enabled: bool = True
    next_run_us: int | None = None

    @property
    def interval_us(self) -> int | None:
        given = [(self.fields.get(name), unit_s) for name, unit_s in INTERVAL_UNITS_S.items()]
        seconds = sum(count * unit_s for count, unit_s in given if isinstance(count, int))
        return seconds * 1_000_000 if seconds > 0 else None

    def as_json(self) -> dict[str, Any]:
        ours: dict[str, Any] = {
            "job_id": self.job_id,
            "parameters": self.fields.get("parameters") or {},
            "enabled": self.is_enabled,
            "max_instances": 1,
            "misfire_grace_time": 300,
            "coalesce": True,
            "created_at": iso(self.created_us),
            "tags": [],
            "on_failure_alarm": False,
            "conflict_policy": "skip",
        }
        return {name: ours.get(name, self.fields.get(name)) for name in FIELDS}

    def headline(self) -> dict[str, Any]:
        """The ``data`` of ``job_created`` and ``job_updated``."""
        return {
            "job_id": self.job_id,
            "name": self.fields["name"],
            "schedule_type": self.fields["schedule_type"],
            "trigger_type": self.fields["trigger_type"],
            "enabled": self.is_enabled,
        }


@dataclass(slots=True)
class Execution:
    execution_id: str
    job_id: str
    started_us: int
    status: str = "running"  # then "completed" or "failed"
    completed_us: int | None = field(default=None)
    result: Any = field(default=None)
    error: str | None = field(default=None)

    def as_json(self) -> dict[str, Any]:
        ended = self.completed_us
        return {
            "execution_id": self.execution_id,
            "job_id": self.job_id,
            "status": self.status,
            "started_at": iso(self.started_us),
            "completed_at": iso_or_none(ended),
            "duration_seconds": None if ended is None else (ended - self.started_us) / 1e6,
            "result": self.result,
            "error": self.error,
        }


class Jobs:
    """Nothing runs by itself: ``step`` starts what is due and ends what is done. Event loop only."""

    def __init__(
        self,
        clock: LocalClock,
        new_id: Callable[[str], str],
        publish: Publish,
        measure: Callable[[str], Any],
    ) -> None:
        """``measure``: what a job does with its equipment id; its ``Refusal`` fails the run."""
        self._clock = clock
        self._new_id = new_id
        self._publish = publish
        self._measure = measure
        self.jobs: dict[str, Job] = {}
        self.executions: deque[Execution] = deque(maxlen=KEPT_EXECUTIONS)
        self._running: list[Execution] = []

    def job(self, job_id: str) -> Job:
        """Raises:
        Refusal: 404.
        """
        job = self.jobs.get(job_id)
        if job is None:
            raise Refusal(404, f"Job {job_id} not found")
        return job

    def create(self, fields: Mapping[str, Any]) -> Job:
        """``fields`` need ``name``, ``schedule_type``, ``trigger_type``; see ``FIELDS`` for the others."""
        now_us = self._clock()
        job = Job(self._new_id("job"), dict(fields), now_us)
        if job.interval_us is not None:
            job.next_run_us = now_us + job.interval_us
        self.jobs[job.job_id] = job
        self._publish({"type": "job_created", "data": job.headline()})
        return job

    def enable(self, job_id: str, is_enabled: bool) -> None:
        job = self.job(job_id)
        job.is_enabled = is_enabled
        if is_enabled and job.interval_us is not None:
            job.next_run_us = self._clock() + job.interval_us
        self._publish({"type": "job_updated", "data": job.headline()})

    def delete(self, job_id: str) -> None:
        self.job(job_id)
        del self.jobs[job_id]
        self._publish({"type": "job_deleted", "data": {"job_id": job_id}})

    def run(self, job_id: str) -> Execution:
        """Start it now, also a paused one; it ends at a ``step`` after ``RUN_TIME_US``."""
        job = self.job(job_id)
        execution = Execution(self._new_id("exec"), job.job_id, self._clock())
        self.executions.append(execution)
        self._running.append(execution)
        started_at = iso(execution.started_us)
        data = {"job_id": job_id, "execution_id": execution.execution_id, "started_at": started_at}
        self._publish({"type": "job_started", "data": data})
        return execution

    def step(self) -> None:
        now_us = self._clock()
        for execution in [run for run in self._running if now_us >= run.started_us + RUN_TIME_US]:
            self._running.remove(execution)
            self._finish(execution, now_us)
        for job in self.jobs.values():
            if job.is_enabled and job.next_run_us is not None and now_us >= job.next_run_us:
                job.next_run_us = now_us + (job.interval_us or 0)
                self.run(job.job_id)

    def _finish(self, execution: Execution, now_us: int) -> None:
        execution.completed_us = now_us
        data: dict[str, Any] = {"job_id": execution.job_id, "execution_id": execution.execution_id}
        try:
            equipment_id = self.job(execution.job_id).fields.get("equipment_id")
            execution.result = None if equipment_id is None else self._measure(str(equipment_id))
        except Refusal as problem:
            execution.status, execution.error = "failed", str(problem.detail)
            data |= {"failed_at": iso(now_us), "error": execution.error}
        else:
            execution.status = "completed"
            data |= {"completed_at": iso(now_us), "result": execution.result}
        self._publish({"type": f"job_{execution.status}", "data": data})

    def statistics(self) -> dict[str, Any]:
        enabled = sum(job.is_enabled for job in self.jobs.values())
        kinds = [str(job.fields["schedule_type"]) for job in self.jobs.values()]
        states = [execution.status for execution in self.executions]
        return {
            "total_jobs": len(self.jobs),
            "active_jobs": enabled,
            "disabled_jobs": len(self.jobs) - enabled,
            "running_executions": states.count("running"),
            "total_executions_today": len(states),
            "successful_today": states.count("completed"),
            "failed_today": states.count("failed"),
            "by_type": {kind: kinds.count(kind) for kind in kinds},
            "upcoming_jobs": [],
        }
