"""A scheduled job and one run of it, as the server lists them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Job:
    job_id: str
    name: str
    kind: str  # "schedule_type": measurement, …
    trigger: str  # "trigger_type" in words: "every 5 s", "daily at 08:00", "cron 0 8 * * *"
    equipment_id: str = ""
    is_enabled: bool = True
    description: str = ""
    created_us: int | None = None  # Unix µs of the display's axis
    created_by: str = ""
    tags: tuple[str, ...] = ()
    max_executions: int | None = None


class RunState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"  # any other word; or it ran, and nobody has said how it ended

    @classmethod
    def parse(cls, text: object) -> RunState:
        try:
            return cls(str(text))
        except ValueError:
            return cls.UNKNOWN

    @property
    def is_over(self) -> bool:
        return self in (RunState.COMPLETED, RunState.FAILED, RunState.CANCELLED, RunState.SKIPPED)


@dataclass(frozen=True, slots=True)
class Execution:
    execution_id: str
    job_id: str
    state: RunState
    started_us: int | None = None  # Unix µs of the display's axis
    ended_us: int | None = None
    result: str = ""  # in one line for a person
    error: str = ""
