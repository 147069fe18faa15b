"""Scheduled jobs of one server and their latest runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lablink_dpg.model.job import Execution, Job


class JobBook:
    """Main thread."""

    def __init__(self) -> None:
        self.revision = 0  # raised by every change
        self.jobs: Mapping[str, Job] = {}  # by job_id, in the server's order
        self.executions: Sequence[Execution] = ()  # newest first

    def take_jobs(self, jobs: Sequence[Job]) -> None:
        """All of them, as the server lists them."""

    def take_executions(self, executions: Sequence[Execution]) -> None:
        """Those that the server remembers."""
