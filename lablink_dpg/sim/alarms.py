"""Alarms: limits on readings, and the events that come of them, told to every client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from lablink_dpg.sim.rest import Refusal
from lablink_dpg.sim.stamps import LocalClock, iso, iso_or_none

Publish: TypeAlias = Callable[[dict[str, Any]], None]

SEVERITIES: Final = ("info", "warning", "error", "critical")
CONDITIONS: Final[dict[str, Callable[[float, float, float, float], bool]]] = {
    # (value, threshold, low, high) → is it an alarm?
    "greater_than": lambda value, threshold, low, high: value > threshold,
    "less_than": lambda value, threshold, low, high: value < threshold,
    "equal_to": lambda value, threshold, low, high: value == threshold,
    "not_equal_to": lambda value, threshold, low, high: value != threshold,
    "in_range": lambda value, threshold, low, high: low <= value <= high,
    "out_of_range": lambda value, threshold, low, high: not low <= value <= high,
}
KEPT_EVENTS: Final = 1000  # cleared events that are still known by id; older ones are forgotten


@dataclass(frozen=True, slots=True)
class Alarm:
    alarm_id: str
    name: str
    equipment_id: str | None
    parameter: str
    condition: str
    severity: str
    created_us: int
    threshold: float | None = None
    threshold_high: float | None = None
    threshold_low: float | None = None
    auto_clear: bool = True

    def matches(self, value: float) -> bool:
        threshold = 0.0 if self.threshold is None else self.threshold
        low = float("-inf") if self.threshold_low is None else self.threshold_low
        high = float("inf") if self.threshold_high is None else self.threshold_high
        return CONDITIONS[self.condition](value, threshold, low, high)

    def as_json(self) -> dict[str, Any]:
        return {
            "alarm_id": self.alarm_id,
            "name": self.name,
            "description": None,
            "equipment_id": self.equipment_id,
            "parameter": self.parameter,
            "alarm_type": "threshold",
            "condition": self.condition,
            "severity": self.severity,
            "threshold": self.threshold,
            "threshold_high": self.threshold_high,
            "threshold_low": self.threshold_low,
            "deadband": None,
            "delay_seconds": 0.0,
            "auto_clear": self.auto_clear,
            "enabled": True,
            "notifications": [],
            "escalation_enabled": False,
            "escalation_delay_minutes": None,
            "created_at": iso(self.created_us),
            "created_by": None,
            "tags": [],
        }


@dataclass(slots=True)
class Event:
    """One time that an alarm rose."""

    event_id: str
    alarm: Alarm
    value: float
    triggered_us: int
    state: str = "active"  # then "acknowledged", at last "cleared"
    acknowledged_us: int | None = field(default=None)
    cleared_us: int | None = field(default=None)
    acknowledged_by: str | None = field(default=None)
    note: str | None = field(default=None)

    @property
    def message(self) -> str:
        return f"Alarm: {self.alarm.name} - {self.alarm.parameter} = {self.value}"

    def as_json(self) -> dict[str, Any]:
        return {
            "event_id": self.event_id,
            "alarm_id": self.alarm.alarm_id,
            "state": self.state,
            "severity": self.alarm.severity,
            "message": self.message,
            "equipment_id": self.alarm.equipment_id,
            "parameter": self.alarm.parameter,
            "value": self.value,
            "threshold": self.alarm.threshold,
            "triggered_at": iso(self.triggered_us),
            "acknowledged_at": iso_or_none(self.acknowledged_us),
            "cleared_at": iso_or_none(self.cleared_us),
            "acknowledged_by": self.acknowledged_by,
            "acknowledgment_note": self.note,
            "escalated": False,
            "escalated_at": None,
            "notifications_sent": [],
            "notification_count": 0,
            "additional_data": {},
        }


class Alarms:
    """At most one event of an alarm is open at a time. Event loop only."""

    def __init__(self, clock: LocalClock, new_id: Callable[[str], str], publish: Publish) -> None:
        self._clock = clock
        self._new_id = new_id
        self._publish = publish
        self.alarms: dict[str, Alarm] = {}
        self._open: dict[str, Event] = {}  # by alarm id
        self._events: dict[str, Event] = {}  # by event id

    def alarm(self, alarm_id: str) -> Alarm:
        """Raises:
        Refusal: 404. ``/api/alarms/events`` ends here, too: that is the real server's shadowed route.
        """
        alarm = self.alarms.get(alarm_id)
        if alarm is None:
            raise Refusal(404, f"Alarm {alarm_id} not found")
        return alarm

    def create(self, **fields: Any) -> Alarm:
        """``fields``: those of ``Alarm`` but for its id and time."""
        alarm = Alarm(alarm_id=self._new_id("alarm"), created_us=self._clock(), **fields)
        self.alarms[alarm.alarm_id] = alarm
        return alarm

    def delete(self, alarm_id: str) -> None:
        self.clear(alarm_id)
        del self.alarms[alarm_id]

    def active(self) -> list[Event]:
        return list(self._open.values())

    def check(self, alarm_id: str, value: float) -> Event | None:
        """Compare a value; the event that this raises, None if nothing rises (or it is up already)."""
        alarm = self.alarm(alarm_id)
        if not alarm.matches(value):
            if alarm.auto_clear:
                self.clear(alarm_id)
            return None
        if alarm_id in self._open:
            return None
        event = Event(self._new_id("event"), alarm, value, self._clock())
        self._open[alarm_id] = self._events[event.event_id] = event
        while len(self._events) > KEPT_EVENTS + len(self._open):
            del self._events[next(key for key, old in self._events.items() if old.state == "cleared")]
        self._publish(
            {
                "type": "alarm_event",
                "data": {
                    "event_id": event.event_id,
                    "alarm_id": alarm.alarm_id,
                    "alarm_name": alarm.name,
                    "severity": alarm.severity,
                    "state": event.state,
                    "equipment_id": alarm.equipment_id,
                    "parameter": alarm.parameter,
                    "value": value,
                    "threshold": alarm.threshold,
                    "message": event.message,
                    "timestamp": iso(event.triggered_us),
                },
            }
        )
        return event

    def acknowledge(self, event_id: str, by: str, note: str | None) -> None:
        """Raises:
        Refusal: 404 for an event that is unknown or over.
        """
        event = self._events.get(event_id)
        if event is None or event.state == "cleared":
            raise Refusal(404, f"Alarm event {event_id} not found")
        event.state, event.acknowledged_by, event.note = "acknowledged", by, note
        event.acknowledged_us = self._clock()
        self._publish(
            {
                "type": "alarm_updated",
                "data": {
                    "event_id": event_id,
                    "state": event.state,
                    "acknowledged_at": iso(event.acknowledged_us),
                    "acknowledged_by": by,
                },
            }
        )

    def clear(self, alarm_id: str) -> None:
        """End its open event, if there is one.

        Raises:
            Refusal: 404 for an unknown alarm.
        """
        self.alarm(alarm_id)
        event = self._open.pop(alarm_id, None)
        if event is not None:
            event.state, event.cleared_us = "cleared", self._clock()
            self._publish({"type": "alarm_cleared", "data": {"event_id": event.event_id}})
