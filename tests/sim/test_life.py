"""The demo bench in fast motion: a fake clock, everything else real."""

from __future__ import annotations

from typing import Any

from lablink_dpg.sim.bench import BenchOptions
from lablink_dpg.sim.instruments import ElectronicLoad, Oscilloscope
from lablink_dpg.sim.lab import Lab
from lablink_dpg.sim.life import CALM_S, RESTLESS_S, SICK_EVERY_S, SICK_S, Life
from tests.sim.shapes import ALARM_EVENT, HEALTH_CHANGED, mismatch
from tests.sim.talk import FakeClock


def watch(lab: Lab) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    for part in (lab.alarms, lab.jobs, lab.health):
        part._publish = told.append
    return told


def live(lab: Lab, life: Life, clock: FakeClock, seconds: int) -> None:
    for _ in range(seconds * 2):
        clock.forward(0.5)
        life.step()


def types(told: list[dict[str, Any]]) -> list[str]:
    return [message["type"] for message in told]


def test_in_the_demo_an_alarm_rises_from_real_readings_and_clears_again() -> None:
    clock = FakeClock()
    lab = Lab(clock=clock)
    told = watch(lab)
    life = Life(lab)
    live(lab, life, clock, CALM_S - 1)
    assert "alarm_event" not in types(told)
    live(lab, life, clock, 3)
    rose = next(message for message in told if message["type"] == "alarm_event")
    assert mismatch(rose, ALARM_EVENT) is None
    assert rose["data"]["value"] > rose["data"]["threshold"]
    assert len(lab.alarms.active()) == 1
    live(lab, life, clock, RESTLESS_S)
    assert types(told).count("alarm_cleared") == 1
    live(lab, life, clock, CALM_S + RESTLESS_S)
    assert types(told).count("alarm_event") == 2, "and again"


def test_in_the_demo_the_oscilloscope_falls_ill_and_recovers() -> None:
    clock = FakeClock()
    lab = Lab(clock=clock)
    told = watch(lab)
    live(lab, Life(lab), clock, SICK_EVERY_S + SICK_S + 1)
    changes = [message for message in told if message["type"] == "health_changed"]
    assert [mismatch(change, HEALTH_CHANGED) for change in changes] == [None, None]
    assert [change["data"]["health_status"] for change in changes] == ["warning", "healthy"]
    scope = next(device for device in lab.devices.values() if isinstance(device, Oscilloscope))
    assert {change["data"]["equipment_id"] for change in changes} == {scope.id}


def test_in_the_demo_a_job_runs_by_itself() -> None:
    clock = FakeClock()
    lab = Lab(clock=clock)
    told = watch(lab)
    live(lab, Life(lab), clock, 65)
    assert types(told).count("job_started") == 2
    assert types(told).count("job_completed") == 2


def test_a_setpoint_of_the_users_is_left_alone() -> None:
    clock = FakeClock()
    lab = Lab(clock=clock)
    life = Life(lab)
    load = next(device for device in lab.devices.values() if isinstance(device, ElectronicLoad))
    load.setpoint = 0.25
    live(lab, life, clock, CALM_S + 2)
    assert load.setpoint == 0.25


def test_in_a_stress_run_nothing_happens_by_itself() -> None:
    clock = FakeClock()
    lab = Lab(BenchOptions(streams=2), clock=clock)
    told = watch(lab)
    life = Life(lab)
    live(lab, life, clock, 120)
    assert told == []
    assert lab.alarms.alarms == {}


def test_a_lively_stress_run_has_what_happens_in_the_demo() -> None:
    clock = FakeClock()
    lab = Lab(BenchOptions(streams=4, is_lively=True), clock=clock)
    told = watch(lab)
    live(lab, Life(lab), clock, CALM_S + RESTLESS_S)
    assert len(lab.acquisitions) == 4
    assert {"alarm_event", "alarm_cleared"} <= set(types(told))
    assert lab.jobs.jobs


def test_a_stress_run_is_not_lively_unless_asked() -> None:
    clock = FakeClock()
    lab = Lab(BenchOptions(streams=4), clock=clock)
    told = watch(lab)
    live(lab, Life(lab), clock, SICK_EVERY_S + SICK_S + CALM_S)
    assert told == []


def test_devices_and_alarms_can_be_many() -> None:
    clock = FakeClock()
    lab = Lab(BenchOptions(streams=16, devices=46, alarms=200, is_lively=True), clock=clock)
    life = Life(lab)
    assert len(lab.devices) == 50
    assert all(device.readings(lab.clock()) for device in lab.devices.values() if not isinstance(device, Oscilloscope))
    active = lab.alarms.active()
    assert len(active) == 200
    assert {event.alarm.severity for event in active} == {"info", "warning", "error", "critical"}
    live(lab, life, clock, 2)
    assert len(lab.alarms.active()) == 200, "they stay"
