from __future__ import annotations

import itertools
from typing import Any

import pytest

from lablink_dpg.sim import alarms as alarms_module
from lablink_dpg.sim.alarms import CONDITIONS, Alarm, Alarms
from lablink_dpg.sim.rest import Refusal
from tests.sim.shapes import ALARM_CLEARED, ALARM_EVENT, ALARM_UPDATED, OPEN_ALARM, mismatch
from tests.sim.talk import FakeClock


class Desk:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.told: list[dict[str, Any]] = []
        numbers = itertools.count()
        self.alarms = Alarms(self.clock, lambda prefix: f"{prefix}_{next(numbers)}", self.told.append)

    def create(self, **changes: Any) -> Alarm:
        fields = {
            "name": "Over voltage",
            "equipment_id": "ps_1",
            "parameter": "voltage",
            "condition": "greater_than",
            "severity": "critical",
            "threshold": 5.0,
            **changes,
        }
        return self.alarms.create(**fields)


def test_an_alarm_rises_is_acknowledged_and_clears_and_everybody_is_told() -> None:
    desk = Desk()
    alarm = desk.create()
    event = desk.alarms.check(alarm.alarm_id, 9.5)
    assert event is not None
    desk.clock.forward(1)
    desk.alarms.acknowledge(event.event_id, "operator", "seen")
    desk.alarms.clear(alarm.alarm_id)
    rose, updated, cleared = desk.told
    assert [mismatch(*pair) for pair in ((rose, ALARM_EVENT), (updated, ALARM_UPDATED), (cleared, ALARM_CLEARED))] == [
        None
    ] * 3
    assert [message["type"] for message in desk.told] == ["alarm_event", "alarm_updated", "alarm_cleared"]
    assert {message["data"]["event_id"] for message in desk.told} == {event.event_id}
    assert rose["data"]["message"] == "Alarm: Over voltage - voltage = 9.5"
    assert updated["data"]["acknowledged_at"] > rose["data"]["timestamp"]
    assert mismatch(event.as_json(), OPEN_ALARM) is None
    assert (event.state, event.acknowledged_by, event.note) == ("cleared", "operator", "seen")


def test_an_alarm_that_is_up_does_not_rise_again() -> None:
    desk = Desk()
    alarm = desk.create()
    assert desk.alarms.check(alarm.alarm_id, 9.5) is not None
    assert desk.alarms.check(alarm.alarm_id, 9.9) is None
    assert len(desk.alarms.active()) == len(desk.told) == 1


@pytest.mark.parametrize(("auto_clear", "still_open"), [(True, 0), (False, 1)])
def test_a_value_back_in_bounds_clears_only_where_that_is_wanted(auto_clear: bool, still_open: int) -> None:
    desk = Desk()
    alarm = desk.create(auto_clear=auto_clear)
    desk.alarms.check(alarm.alarm_id, 9.5)
    desk.alarms.check(alarm.alarm_id, 4.0)
    assert len(desk.alarms.active()) == still_open


@pytest.mark.parametrize(
    ("condition", "alarming", "calm"),
    [
        ("greater_than", (5.1,), (5.0, 4.9)),
        ("less_than", (4.9,), (5.0, 5.1)),
        ("equal_to", (5.0,), (4.9, 5.1)),
        ("not_equal_to", (4.9, 5.1), (5.0,)),
        ("in_range", (2.0, 3.0), (1.9, 3.1)),
        ("out_of_range", (1.9, 3.1), (2.0, 3.0)),
    ],
)
def test_each_condition(condition: str, alarming: tuple[float, ...], calm: tuple[float, ...]) -> None:
    alarm = Desk().create(condition=condition, threshold_low=2.0, threshold_high=3.0)
    assert [alarm.matches(value) for value in (*alarming, *calm)] == [True] * len(alarming) + [False] * len(calm)


def test_every_condition_has_its_case_above() -> None:
    mark = next(mark for mark in test_each_condition.pytestmark if mark.name == "parametrize")  # type: ignore[attr-defined]
    assert {case[0] for case in mark.args[1]} == set(CONDITIONS)


def test_what_is_unknown_or_over_is_not_found() -> None:
    desk = Desk()
    alarm = desk.create()
    event = desk.alarms.check(alarm.alarm_id, 9.5)
    assert event is not None
    desk.alarms.clear(alarm.alarm_id)
    for attempt in (
        lambda: desk.alarms.clear("nope"),
        lambda: desk.alarms.check("nope", 1.0),
        lambda: desk.alarms.acknowledge("nope", "me", None),
        lambda: desk.alarms.acknowledge(event.event_id, "me", None),
    ):
        with pytest.raises(Refusal) as refusal:
            attempt()
        assert refusal.value.status == 404


def test_deleting_an_alarm_clears_it_first() -> None:
    desk = Desk()
    alarm = desk.create()
    desk.alarms.check(alarm.alarm_id, 9.5)
    desk.alarms.delete(alarm.alarm_id)
    assert desk.told[-1]["type"] == "alarm_cleared"
    assert desk.alarms.active() == []
    assert desk.alarms.alarms == {}


def test_old_cleared_events_are_forgotten_open_ones_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms_module, "KEPT_EVENTS", 3)
    desk = Desk()
    lasting, busy = desk.create(), desk.create()
    kept = desk.alarms.check(lasting.alarm_id, 9.5)
    assert kept is not None
    for _ in range(20):
        desk.alarms.check(busy.alarm_id, 9.5)
        desk.alarms.check(busy.alarm_id, 1.0)
    assert len(desk.alarms._events) <= 3 + 2
    desk.alarms.acknowledge(kept.event_id, "me", None)
