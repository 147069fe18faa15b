"""Alarms for tests: made on a real simulator by a rule and a value that breaks it, or entered into a book."""

from __future__ import annotations

from dataclasses import replace

import httpx

from lablink_dpg.books.lab import LabBook
from lablink_dpg.model.alarm import AlarmEvent, AlarmRule, AlarmState, Severity
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.link import Way
from lablink_dpg.model.topic import Topic, TopicAnswer

THRESHOLD = 5.0
DEVICES = (
    EquipmentInfo("ps_250e6dfe", "power_supply", "Mock", "MockPSU-3000", "PSU bench 2"),
    EquipmentInfo("load_1", "electronic_load", "Mock", "MockLoad-1000"),
    EquipmentInfo("scope_1", "oscilloscope", "Mock", "MockScope-2000", "The scope with a long name"),
)


def make_rule(rest: httpx.Client, **changes: object) -> str:
    """A rule that a value above THRESHOLD breaks; its id."""
    body = {"name": "Over voltage", "parameter": "voltage", "condition": "greater_than", "threshold": THRESHOLD}
    answer = rest.post("/api/alarms/create", json={**body, **changes})
    answer.raise_for_status()
    return str(answer.json()["alarm_id"])


def trip(rest: httpx.Client, rule: str, value: float = 9.5) -> str:
    """Have the simulator compare ``value``; the id of the event that this raises, "" for none."""
    answer = rest.post("/api/alarms/check", json={"alarm_id": rule, "value": value})
    answer.raise_for_status()
    event = answer.json()["event"]
    return "" if event is None else str(event["event_id"])


def event(event_id: str, severity: Severity, at_us: int, **changes: object) -> AlarmEvent:
    """As a server tells it, of the first device of ``DEVICES``."""
    made = AlarmEvent(
        event_id=event_id,
        alarm_id=f"rule_{severity}",
        name=f"{severity.capitalize()} voltage",
        severity=severity,
        state=AlarmState.ACTIVE,
        equipment_id=DEVICES[0].equipment_id,
        parameter="voltage",
        value=9.5,
        threshold=THRESHOLD,
        message=f"Alarm: {severity.capitalize()} voltage - voltage = 9.5",
        triggered_us=at_us,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def rule(severity: Severity, **changes: object) -> AlarmRule:
    made = AlarmRule(f"rule_{severity}", f"{severity} rule", "ps_1", "voltage", "greater_than", severity)
    return replace(made, **changes)  # type: ignore[arg-type]


def fill(book: LabBook, now_us: int, count: int = 5) -> None:
    """A lab in trouble: one event of each severity, further warnings, one that somebody has seen, one that is over."""
    book.take_list(TopicAnswer(Topic.RULES, tuple(rule(severity, thresholds=(THRESHOLD,)) for severity in Severity), 0))
    for number, severity in enumerate(Severity):
        book.alarms.take_told(event(f"event_{severity}", severity, now_us - 65_000_000 * (number + 1)), now_us)
    for number in range(count):
        more = event(f"more_{number:03d}", Severity.WARNING, now_us - 1_000_000 * number, value=5.1 + number / 7)
        book.alarms.take_told(replace(more, equipment_id=DEVICES[number % 3].equipment_id), now_us)
    book.alarms.take_update("event_error", AlarmState.ACKNOWLEDGED, now_us, by="anna", note="on my way")
    book.alarms.take_told(event("over", Severity.ERROR, now_us - 3_600_000_000), now_us)
    book.alarms.take_update("over", AlarmState.CLEARED, now_us)
    listed = tuple(replace(each, way=Way.REST) for each in book.alarms.open)
    book.take_list(TopicAnswer(Topic.ALARMS, listed, now_us))
    book.told((Topic.ALARMS,), now_us)
