"""Scheduled jobs of one server and their latest runs, from lists and events in whatever order they come.

A run only goes forward: what has ended does not run again because an older list says so. A server may forget runs, and
may never tell how one ended; one that its lists do not have is then said to have an unknown end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lablink_dpg.model.job import Execution, Job, RunState

MAX_JOBS = 5000  # that are remembered, as many as a list has
MAX_EXECUTIONS = 500  # the newest
UNLISTED_US = 5_000_000  # a run of which an event told may be missing in lists that were asked for before


class JobBook:
    """Main thread."""

    def __init__(self) -> None:
        self.revision = 0  # raised by every change
        self.jobs: Mapping[str, Job] = {}  # by job_id, in the server's order
        self.executions: Sequence[Execution] = ()  # newest first
        self.latest: Mapping[str, Execution] = {}  # newest run of each job, by job_id
        self._by_id: dict[str, Execution] = {}
        self._heard_us: dict[str, int] = {}  # when runs that are not over were last told of, by execution_id
        self._listed: set[str] = set()  # ids of the last list
        self._names: dict[str, str] = {}  # of jobs, those included that are gone

    def name_of(self, job_id: str) -> str:
        """Also of a job that is gone."""
        return self._names.get(job_id, job_id)

    # -- jobs ----------------------------------------------------------------------------------------------------

    def take_jobs(self, jobs: Sequence[Job]) -> None:
        """All of them, as the server lists them."""
        self._set_jobs({job.job_id: job for job in jobs[:MAX_JOBS]})

    def take_job(self, job: Job) -> None:
        """An event about one, which tells less than the list: the rest stays as it was."""
        before = self.jobs.get(job.job_id)
        if before is not None:
            job = replace(before, name=job.name, kind=job.kind or before.kind, is_enabled=job.is_enabled)
        elif len(self.jobs) >= MAX_JOBS:
            return
        self._set_jobs({**self.jobs, job.job_id: job})

    def take_deleted(self, job_id: str) -> None:
        self._set_jobs({name: job for name, job in self.jobs.items() if name != job_id})

    def _set_jobs(self, jobs: dict[str, Job]) -> None:
        if jobs == self.jobs and list(jobs) == list(self.jobs):
            return
        self.jobs = jobs
        self._names.update((job.job_id, job.name) for job in jobs.values())
        while len(self._names) > 2 * MAX_JOBS:
            del self._names[next(iter(self._names))]
        self.revision += 1

    # -- runs ----------------------------------------------------------------------------------------------------

    def take_executions(self, executions: Sequence[Execution], at_us: int) -> None:
        """Those that the server remembers, as it answered at ``at_us``."""
        after = dict(self._by_id)
        listed = {each.execution_id for each in executions}
        if len(listed) < len(self._listed):  # it forgets none but for newer ones: it has begun anew
            after = {name: each for name, each in after.items() if name in listed or name not in self._listed}
        self._listed = listed
        for each in executions:
            after[each.execution_id] = _merged(after.get(each.execution_id), each)
            self._heard_us[each.execution_id] = at_us
        for name, each in after.items():
            is_unheard = at_us - self._heard_us.get(name, 0) > UNLISTED_US
            if name not in listed and not each.state.is_over and each.state is not RunState.UNKNOWN and is_unheard:
                after[name] = replace(each, state=RunState.UNKNOWN)
        self._set_executions(after)

    def take_execution(self, execution: Execution, now_us: int) -> None:
        """One that has started, or has ended."""
        self._heard_us[execution.execution_id] = now_us
        merged = _merged(self._by_id.get(execution.execution_id), execution)
        self._set_executions({**self._by_id, execution.execution_id: merged})

    def _set_executions(self, by_id: dict[str, Execution]) -> None:
        newest = sorted(by_id.values(), key=_when_us, reverse=True)[:MAX_EXECUTIONS]
        kept = {each.execution_id: each for each in newest}
        self._heard_us = {name: at_us for name, at_us in self._heard_us.items() if name in kept}
        if tuple(newest) == tuple(self.executions):
            return
        self._by_id = kept
        self.executions = tuple(newest)
        latest: dict[str, Execution] = {}
        for each in newest:
            latest.setdefault(each.job_id, each)
        self.latest = latest
        self.revision += 1


def _when_us(execution: Execution) -> int:
    """What orders runs: when it began, as far as that is known."""
    return execution.started_us or execution.ended_us or 0


def _merged(before: Execution | None, after: Execution) -> Execution:
    """What is known of a run from both, however old either is."""
    if before is None:
        return after
    state = after.state
    is_behind = state in (RunState.PENDING, RunState.UNKNOWN) and before.state is not RunState.UNKNOWN
    if is_behind or (before.state.is_over and not state.is_over):
        state = before.state
    has_start = after.started_us is not None and (after.state is not RunState.PENDING or before.started_us is None)
    return Execution(
        execution_id=after.execution_id,
        job_id=after.job_id or before.job_id,
        state=state,
        started_us=after.started_us if has_start else before.started_us,
        ended_us=before.ended_us if after.ended_us is None else after.ended_us,
        result=after.result or before.result,
        error=after.error or before.error,
    )
