"""A scheduled job and one run of it, as the server lists them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Job:
    job_id: str
    name: str
    kind: str  # "schedule_type": measurement, …
    trigger: str  # "trigger_type", with its interval or time where there is one: "interval, every 5 s"
    equipment_id: str = ""
    is_enabled: bool = True


class RunState(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @classmethod
    def parse(cls, text: object) -> RunState:
        try:
            return cls(str(text))
        except ValueError:
            return cls.UNKNOWN


@dataclass(frozen=True, slots=True)
class Execution:
    execution_id: str
    job_id: str
    state: RunState
    started_us: int | None = None  # Unix µs of the display's axis
    ended_us: int | None = None
    result: str = ""  # in one line for a person
    error: str = ""
