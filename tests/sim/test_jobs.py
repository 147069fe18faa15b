from __future__ import annotations

import itertools
from typing import Any

import pytest

from lablink_dpg.sim.jobs import KEPT_EXECUTIONS, RUN_TIME_US, Job, Jobs
from lablink_dpg.sim.rest import Refusal
from tests.sim.shapes import JOB, JOB_COMPLETED, JOB_FAILED, JOB_STARTED, JOBS, event, mismatch
from tests.sim.talk import FakeClock

RUN_S = RUN_TIME_US / 1e6


class Office:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.told: list[dict[str, Any]] = []
        numbers = itertools.count()
        self.jobs = Jobs(self.clock, lambda prefix: f"{prefix}_{next(numbers)}", self.told.append, self.measure)

    def measure(self, equipment_id: str) -> dict[str, Any]:
        if equipment_id != "ps_1":
            raise Refusal(404, f"Device {equipment_id} not found")
        return {"voltage": 12.0}

    def create(self, **changes: Any) -> Job:
        fields = {"name": "m", "schedule_type": "measurement", "trigger_type": "interval", "equipment_id": "ps_1"}
        job = self.jobs.create({**fields, **changes})
        self.told.clear()
        return job

    def types(self) -> list[str]:
        return [message["type"] for message in self.told]


def test_a_run_starts_takes_its_time_and_completes_with_its_result() -> None:
    office = Office()
    execution = office.jobs.run(office.create().job_id)
    office.clock.forward(RUN_S - 0.001)
    office.jobs.step()
    assert office.types() == ["job_started"]
    assert execution.status == "running"
    office.clock.forward(0.001)
    office.jobs.step()
    started, completed = office.told
    assert mismatch(started, JOB_STARTED) is None
    assert mismatch(completed, JOB_COMPLETED) is None
    assert completed["data"]["result"] == {"voltage": 12.0}
    assert execution.as_json()["duration_seconds"] == pytest.approx(RUN_S)


@pytest.mark.parametrize("reason", ["device is gone", "job is gone"])
def test_a_run_that_cannot_be_done_fails_in_words(reason: str) -> None:
    office = Office()
    job = office.create(equipment_id="nope" if reason == "device is gone" else "ps_1")
    execution = office.jobs.run(job.job_id)
    if reason == "job is gone":
        office.jobs.delete(job.job_id)
    office.clock.forward(RUN_S)
    office.jobs.step()
    assert mismatch(office.told[-1], JOB_FAILED) is None
    assert "not found" in office.told[-1]["data"]["error"]
    assert (execution.status, execution.result) == ("failed", None)


def test_an_interval_job_runs_when_it_is_due_and_not_while_paused() -> None:
    office = Office()
    job = office.create(interval_seconds=10)

    def runs_after(seconds: float) -> int:
        office.told.clear()
        office.clock.forward(seconds)
        office.jobs.step()
        return office.types().count("job_started")

    assert [runs_after(9.9), runs_after(0.1), runs_after(5), runs_after(5)] == [0, 1, 0, 1]
    office.jobs.enable(job.job_id, False)
    assert runs_after(60) == 0
    office.jobs.enable(job.job_id, True)
    assert [runs_after(9), runs_after(1)] == [0, 1]


@pytest.mark.parametrize(
    ("field", "seconds"),
    [("interval_seconds", 1), ("interval_minutes", 60), ("interval_hours", 3600), ("interval_days", 86400)],
)
def test_intervals_have_units(field: str, seconds: int) -> None:
    assert Office().create(**{field: 2}).interval_us == 2 * seconds * 1_000_000


def test_a_job_without_interval_never_runs_by_itself() -> None:
    office = Office()
    office.create()
    office.clock.forward(10**6)
    office.jobs.step()
    assert office.told == []


def test_creating_changing_and_deleting_is_told() -> None:
    office = Office()
    job = office.create()
    office.jobs.enable(job.job_id, False)
    office.jobs.delete(job.job_id)
    updated, deleted = office.told
    assert mismatch(updated, event(JOB)) is None
    assert updated["data"]["enabled"] is False
    assert deleted == {"type": "job_deleted", "data": {"job_id": job.job_id}}


def test_a_job_is_listed_with_every_field() -> None:
    job = Office().create(interval_seconds=1, description="why")
    listing = job.as_json()
    assert mismatch(listing, JOBS["jobs"][0]) is None
    assert (listing["interval_seconds"], listing["description"], listing["enabled"]) == (1, "why", True)


def test_only_so_many_executions_are_remembered() -> None:
    office = Office()
    job = office.create()
    for _ in range(KEPT_EXECUTIONS + 5):
        office.jobs.run(job.job_id)
    assert len(office.jobs.executions) == KEPT_EXECUTIONS


def test_the_statistics_count_states_and_kinds() -> None:
    office = Office()
    good, bad = office.create(), office.create(equipment_id="nope", schedule_type="sweep")
    office.jobs.enable(bad.job_id, False)
    for job in (good, good, bad):
        office.jobs.run(job.job_id)
    office.clock.forward(RUN_S)
    office.jobs.step()
    office.jobs.run(good.job_id)
    found = office.jobs.statistics()
    assert [found[name] for name in ("total_jobs", "active_jobs", "disabled_jobs", "running_executions")] == [
        2,
        1,
        1,
        1,
    ]
    assert [found[name] for name in ("total_executions_today", "successful_today", "failed_today")] == [4, 2, 1]
    assert found["by_type"] == {"measurement": 1, "sweep": 1}


def test_an_unknown_job_is_not_found() -> None:
    office = Office()
    for attempt in (office.jobs.run, office.jobs.delete, lambda job_id: office.jobs.enable(job_id, True)):
        with pytest.raises(Refusal, match="404: Job nope not found"):
            attempt("nope")
