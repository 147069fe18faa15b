"""Alarms as a server writes them, in any of its forms, to events and rules; whatever else comes is left out.

Never raises. Texts are made one line each and cut; an id is taken as it is or not at all, because it goes back to the
server when a person acknowledges.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from lablink_dpg.model.alarm import AlarmEvent, AlarmRule, AlarmState, Severity
from lablink_dpg.model.link import Way
from lablink_dpg.wire.fields import Stamp, finite, identity

MAX_NAME_CHARS = 120
MAX_MESSAGE_CHARS = 600  # ten lines of the panel
MAX_ITEMS = 5000  # of one list that are read


class AlarmUpdate(NamedTuple):
    """What became of an event that was told before."""

    event_id: str
    state: AlarmState
    by: str  # who acknowledged it; "" where nobody did
    note: str


def event_of(data: object, stamp: Stamp, way: Way) -> AlarmEvent | None:
    """Of ``alarm_event``, of the older ``alarm`` and of a line of REST alike; None without an id."""
    if not isinstance(data, Mapping):
        return None
    event_id = identity(data, "event_id")
    if not event_id:
        return None
    by = _line(data, "acknowledged_by", MAX_NAME_CHARS)
    state = _state(data, AlarmState.ACKNOWLEDGED if by else AlarmState.ACTIVE)
    is_over = state is AlarmState.CLEARED
    triggered = data.get("timestamp")
    return AlarmEvent(
        event_id=event_id,
        alarm_id=identity(data, "alarm_id"),
        name=_line(data, "alarm_name", MAX_NAME_CHARS) or _line(data, "name", MAX_NAME_CHARS),
        severity=_severity(data),
        state=state,
        equipment_id=identity(data, "equipment_id"),
        parameter=_line(data, "parameter", MAX_NAME_CHARS),
        value=finite(data.get("value")),
        threshold=finite(data.get("threshold")),
        message=_line(data, "message", MAX_MESSAGE_CHARS),
        triggered_us=stamp(triggered if isinstance(triggered, str) else data.get("triggered_at")),
        acknowledged_by=by,
        note=_note(data),
        cleared_us=stamp(data.get("cleared_at")) if is_over else None,
        way=way,
    )


def update_of(data: object) -> AlarmUpdate | None:
    """Of ``alarm_updated`` and ``alarm_cleared``, the latter without a state; None without an id."""
    event_id = identity(data, "event_id") if isinstance(data, Mapping) else ""
    if not isinstance(data, Mapping) or not event_id:
        return None
    by = _line(data, "acknowledged_by", MAX_NAME_CHARS)
    state = _state(data, AlarmState.ACKNOWLEDGED if by else AlarmState.ACTIVE)
    return AlarmUpdate(event_id, state, by, _note(data))


def events_of(body: object, stamp: Stamp) -> list[AlarmEvent]:
    """Of ``GET /api/alarms/events/active``."""
    events = (event_of(line, stamp, Way.REST) for line in _list(body, "events"))
    return [event for event in events if event is not None]


def rules_of(body: object, stamp: Stamp) -> list[AlarmRule]:
    """Of ``GET /api/alarms``."""
    rules = (_rule(line) for line in _list(body, "alarms"))
    return [rule for rule in rules if rule is not None]


def _rule(line: object) -> AlarmRule | None:
    alarm_id = identity(line, "alarm_id") if isinstance(line, Mapping) else ""
    if not isinstance(line, Mapping) or not alarm_id:
        return None
    limits = [finite(line.get(key)) for key in ("threshold", "threshold_low", "threshold_high")]
    if limits[1] is not None or limits[2] is not None:
        limits = limits[1:]  # a range
    return AlarmRule(
        alarm_id=alarm_id,
        name=_line(line, "name", MAX_NAME_CHARS),
        equipment_id=identity(line, "equipment_id"),
        parameter=_line(line, "parameter", MAX_NAME_CHARS),
        condition=_line(line, "condition", MAX_NAME_CHARS),
        severity=_severity(line),
        is_enabled=line.get("enabled") is not False,
        thresholds=tuple(limit for limit in limits if limit is not None),
    )


def _list(body: object, key: str) -> list[Any]:
    """The lines of an answer: under its key, or the answer itself, as other servers have it."""
    lines = body.get(key) if isinstance(body, Mapping) else body
    return lines[:MAX_ITEMS] if isinstance(lines, list) else []


def _line(data: Mapping[Any, Any], key: str, most: int) -> str:
    """A text as one line; "" for what is none."""
    value = data.get(key)
    if not isinstance(value, str):
        return ""
    text = value[: 4 * most]
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:most]


def _note(data: Mapping[Any, Any]) -> str:
    return _line(data, "acknowledgment_note", MAX_MESSAGE_CHARS) or _line(data, "note", MAX_MESSAGE_CHARS)


def _severity(data: Mapping[Any, Any]) -> Severity:
    value = data.get("severity")
    return Severity.parse(value.lower() if isinstance(value, str) else "")


def _state(data: Mapping[Any, Any], otherwise: AlarmState) -> AlarmState:
    value = data.get("state")
    try:
        return AlarmState(value.lower() if isinstance(value, str) else "")
    except ValueError:
        return otherwise
