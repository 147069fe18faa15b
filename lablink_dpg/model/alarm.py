"""An alarm rule and one event of it, as the server words them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lablink_dpg.model.link import Way


class Severity(StrEnum):
    """In ascending order; a word that is none of these counts as a warning."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"

    @classmethod
    def parse(cls, text: object) -> Severity:
        try:
            return cls(str(text))
        except ValueError:
            return cls.WARNING

    @property
    def rank(self) -> int:
        """0 for info, 3 for critical."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class AlarmState(StrEnum):
    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"  # somebody has seen it; the cause may go on
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """One time that a rule came true. Changed by replacing it."""

    event_id: str
    alarm_id: str
    name: str  # of the rule; "" where the message did not say and no rule is known
    severity: Severity
    state: AlarmState
    equipment_id: str  # "" where it belongs to none
    parameter: str
    value: float | None
    threshold: float | None
    message: str
    triggered_us: int  # Unix µs of the display's axis
    acknowledged_by: str = ""
    note: str = ""
    cleared_us: int | None = None
    way: Way = Way.WEBSOCKET  # how it was first heard of

    @property
    def is_open(self) -> bool:
        return self.state is not AlarmState.CLEARED


@dataclass(frozen=True, slots=True)
class AlarmRule:
    alarm_id: str
    name: str
    equipment_id: str
    parameter: str
    condition: str  # as the server writes it: greater_than, …
    severity: Severity
    is_enabled: bool = True
    thresholds: tuple[float, ...] = ()  # one, or low and high
