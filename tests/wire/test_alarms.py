"""Alarms in every form that a server has for them, and in forms that none has."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.alarm import AlarmEvent, AlarmRule, AlarmState, Severity
from lablink_dpg.model.link import Way
from lablink_dpg.wire import alarms
from lablink_dpg.wire.alarms import AlarmUpdate, event_of, events_of, rules_of, update_of

NOW_US = 1_795_000_000_000_000
TOLD = {
    "event_id": "event_02d2b051",
    "alarm_id": "alarm_783facdd",
    "alarm_name": "Over voltage",
    "severity": "critical",
    "state": "active",
    "equipment_id": "ps_250e6dfe",
    "parameter": "voltage",
    "value": 9.5,
    "threshold": 5.0,
    "message": "Alarm: Over voltage - voltage = 9.5",
    "timestamp": "2026-11-23T00:00:33.526643",
}


def stamp(text: Any) -> int:
    """The length of a text as its time; now for what is none."""
    return len(text) if isinstance(text, str) else NOW_US


def told(**changes: Any) -> AlarmEvent:
    event = event_of({**TOLD, **changes}, stamp, Way.WEBSOCKET)
    assert event is not None
    return event


def test_an_alarm_event_is_read_whole() -> None:
    assert told() == AlarmEvent(
        event_id="event_02d2b051",
        alarm_id="alarm_783facdd",
        name="Over voltage",
        severity=Severity.CRITICAL,
        state=AlarmState.ACTIVE,
        equipment_id="ps_250e6dfe",
        parameter="voltage",
        value=9.5,
        threshold=5.0,
        message="Alarm: Over voltage - voltage = 9.5",
        triggered_us=26,
        way=Way.WEBSOCKET,
    )


def test_recorded_answers_and_events_are_read(captures: Path) -> None:
    listed: list[AlarmEvent] = []
    rules: list[AlarmRule] = []
    events: list[AlarmEvent | None] = []
    updates: list[AlarmUpdate | None] = []
    for line in (captures / "as-designed.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        if record["kind"] == "rest" and record["path"] == "/api/alarms/events/active":
            listed += events_of(record["body"], stamp)
        elif record["kind"] == "rest" and record["path"] == "/api/alarms":
            rules += rules_of(record["body"], stamp)
        elif record["kind"] == "ws_in" and '"alarm_' in record["text"]:
            message = json.loads(record["text"])
            if message["type"] == "alarm_event":
                events.append(event_of(message["data"], stamp, Way.WEBSOCKET))
            else:
                updates.append(update_of(message["data"]))
    (event,) = events
    assert event is not None
    assert listed, "it was open once"
    assert {(each.event_id, each.severity, each.value) for each in listed} == {(event.event_id, event.severity, 9.5)}
    assert {each.way for each in listed} == {Way.REST}
    assert rules[0].alarm_id == event.alarm_id
    assert (rules[0].condition, rules[0].thresholds) == ("greater_than", (5.0,))
    assert updates == [
        AlarmUpdate(event.event_id, AlarmState.ACKNOWLEDGED, "operator", ""),
        AlarmUpdate(event.event_id, AlarmState.ACTIVE, "", ""),  # alarm_cleared says no more than whose it is
    ]


def test_the_older_form_has_its_time_under_another_name() -> None:
    flat = {**TOLD, "triggered_at": "12345", "timestamp": None}
    event = event_of(flat, stamp, Way.WEBSOCKET)
    assert event is not None
    assert event.triggered_us == 5


def test_a_time_that_is_missing_is_now() -> None:
    assert told(timestamp=7).triggered_us == NOW_US


def test_an_acknowledged_event_of_a_list_has_who_and_why() -> None:
    line = {**TOLD, "state": "acknowledged", "acknowledged_by": "anna", "acknowledgment_note": "seen\nby me"}
    (event,) = events_of({"events": [line]}, stamp)
    assert (event.state, event.acknowledged_by, event.note) == (AlarmState.ACKNOWLEDGED, "anna", "seen by me")


@pytest.mark.parametrize("value", [True, "9.5", None, math.nan, math.inf, 10**400, [1.0], {}])
def test_what_is_no_finite_number_is_no_value(value: object) -> None:
    assert told(value=value, threshold=value).value is None
    assert told(value=value, threshold=value).threshold is None


@pytest.mark.parametrize("event_id", ["", None, 7, "a\nb", "x" * 201, ["a"]])
def test_an_event_without_a_usable_id_is_left_out(event_id: object) -> None:
    assert event_of({**TOLD, "event_id": event_id}, stamp, Way.REST) is None
    assert update_of({**TOLD, "event_id": event_id}) is None
    assert events_of({"events": [{**TOLD, "event_id": event_id}, TOLD, None, 7]}, stamp) == [
        event_of(TOLD, stamp, Way.REST)
    ]


def test_a_word_for_severity_that_is_unknown_is_a_warning_and_capitals_are_none() -> None:
    assert told(severity="catastrophic").severity is Severity.WARNING
    assert told(severity="CRITICAL").severity is Severity.CRITICAL


def test_a_message_is_one_line_of_bounded_length() -> None:
    text = told(message="  two\r\nlines\t\x00and a\u2028third " + "x" * 10_000).message
    assert text.startswith("two lines and a third x")
    assert len(text) <= alarms.MAX_MESSAGE_CHARS


def test_a_list_that_is_too_long_is_read_up_to_its_bound() -> None:
    lines = [{**TOLD, "event_id": str(number)} for number in range(alarms.MAX_ITEMS + 10)]
    assert len(events_of({"events": lines}, stamp)) == alarms.MAX_ITEMS


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [
        ({"threshold": 5.0, "threshold_low": None, "threshold_high": None}, (5.0,)),
        ({"threshold": None, "threshold_low": 1.0, "threshold_high": 2.0}, (1.0, 2.0)),
        ({"threshold": None, "threshold_low": None, "threshold_high": 2.0}, (2.0,)),
        ({}, ()),
    ],
)
def test_a_rule_has_one_threshold_or_two(limits: dict[str, Any], wanted: tuple[float, ...]) -> None:
    (rule,) = rules_of({"alarms": [{"alarm_id": "a", "condition": "in_range", **limits}]}, stamp)
    assert rule.thresholds == wanted


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = [
    *TOLD,
    *("triggered_at", "acknowledged_by", "acknowledgment_note", "cleared_at", "name", "enabled", "condition"),
    *("threshold_low", "threshold_high", "note"),
]
lines = st.dictionaries(st.sampled_from(FIELDS), anything | st.sampled_from([*TOLD.values()])) | anything
bodies = st.builds(lambda key, found: {key: found}, st.sampled_from(["events", "alarms"]), st.lists(lines)) | anything


@given(bodies)
def test_whatever_comes_is_read_or_left_out(body: Any) -> None:
    for event in events_of(body, stamp):
        check(event)
    for rule in rules_of(body, stamp):
        assert rule.alarm_id
        assert all(math.isfinite(limit) for limit in rule.thresholds)


@given(lines)
def test_whatever_event_is_told_is_read_or_left_out(data: Any) -> None:
    event = event_of(data, stamp, Way.WEBSOCKET)
    if event is not None:
        check(event)
        update = update_of(data)
        assert update is not None
        assert (update.event_id, update.state) == (event.event_id, event.state)


def check(event: AlarmEvent) -> None:
    assert event.event_id
    assert "\n" not in event.message + event.name + event.parameter + event.note
    assert all(number is None or math.isfinite(number) for number in (event.value, event.threshold))
    assert isinstance(event.triggered_us, int)
    assert (event.cleared_us is None) is event.is_open
