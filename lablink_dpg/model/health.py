"""How well a device is, and what a benchmark of it found, as the server reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class HealthStatus(StrEnum):
    """From well to ill; UNKNOWN stands for any other word."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    WARNING = "warning"
    CRITICAL = "critical"
    OFFLINE = "offline"
    UNKNOWN = "unknown"

    @classmethod
    def parse(cls, text: object) -> HealthStatus:
        try:
            return cls(str(text))
        except ValueError:
            return cls.UNKNOWN

    @property
    def rank(self) -> int | None:
        """0 for healthy, 4 for offline; None for UNKNOWN, which is neither better nor worse than any."""
        return _RANKS[self]


_RANKS = {status: None if status.value == "unknown" else rank for rank, status in enumerate(HealthStatus)}


@dataclass(frozen=True, slots=True)
class Health:
    """One report."""

    equipment_id: str
    status: HealthStatus
    score: float | None  # 0 to 100
    at_us: int  # Unix µs of the display's axis when it was made
    checks: Mapping[str, str] = field(default_factory=dict)  # connection, communication, …: pass, warning, fail
    issues: tuple[str, ...] = ()  # warnings included
    recommendations: tuple[str, ...] = ()
    last_error: str = ""
    uptime_s: float | None = None  # since the device was connected
    tests_passed: int | None = None
    tests_failed: int | None = None
    failures: tuple[str, ...] = ()  # tests that failed, and why


@dataclass(frozen=True, slots=True)
class HealthChange:
    """What an event tells: less than a report."""

    equipment_id: str
    status: HealthStatus
    score: float | None
    previous_score: float | None
    at_us: int


@dataclass(frozen=True, slots=True)
class Degradation:
    """A device is worse than it was."""

    equipment_id: str
    before: HealthStatus
    after: HealthStatus
    score: float | None
    previous_score: float | None


@dataclass(frozen=True, slots=True)
class SystemFigure:
    """One line of what the server says of itself."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A run that is under way or done."""

    equipment_id: str
    benchmark_id: str  # "" of one that was ordered here and of which the server has told nothing yet
    progress: float  # 0 to 1
    step: str
    at_us: int
    score: float | None = None  # None until it is done
    latency_ms: Mapping[str, float | None] = field(default_factory=dict)  # by command; None where it did not answer
    commands_per_s: float | None = None
    problem: str = ""  # why there is no result

    @property
    def is_done(self) -> bool:
        return self.progress >= 1.0 or bool(self.problem)

    @property
    def has_result(self) -> bool:
        return bool(self.latency_ms) or self.score is not None or self.commands_per_s is not None
