"""What happens on the bench without anybody asking: jobs fall due, and in the demo the load gets restless.

``step`` looks at the clock ten times a second. In the demo the load draws too much for a few seconds now and then, so
that an alarm rises from real readings and clears again, and the oscilloscope's health sags and recovers.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from lablink_dpg.sim.alarms import SEVERITIES
from lablink_dpg.sim.instruments import ElectronicLoad, Oscilloscope
from lablink_dpg.sim.lab import Lab

STEP_S: Final = 0.1  # a job ends so much later than it should at most
CALM_S: Final = 20  # of the load: calm, then restless, and again
RESTLESS_S: Final = 6
CALM_A: Final = 1.5
RESTLESS_A: Final = 2.1
ALARM_A: Final = 1.8
SICK_EVERY_S: Final = 45  # of the oscilloscope
SICK_S: Final = 10
SICK_SCORE: Final = 62.0
JOB_INTERVAL_S: Final = 30


class Life:
    """Event loop only."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._started_us = lab.clock()
        self._is_demo = lab.options.streams is None or lab.options.is_lively
        if self._is_demo:
            self._furnish()
        self._raise(lab.options.alarms)

    def _furnish(self) -> None:
        loads = [device for device in self._lab.devices.values() if isinstance(device, ElectronicLoad)]
        for load in loads:
            self._lab.alarms.create(
                name="Load current high",
                equipment_id=load.id,
                parameter="current",
                condition="greater_than",
                severity="warning",
                threshold=ALARM_A,
            )
            self._lab.jobs.create(
                {
                    "name": "Log the load",
                    "schedule_type": "measurement",
                    "trigger_type": "interval",
                    "interval_seconds": JOB_INTERVAL_S,
                    "equipment_id": load.id,
                }
            )

    def _raise(self, count: int) -> None:
        """Alarms that stay up until somebody clears them; nothing that is measured has a part in them."""
        devices = list(self._lab.devices.values())
        for number in range(count):
            alarm = self._lab.alarms.create(
                name=f"Standing alarm {number + 1}",
                equipment_id=devices[number % len(devices)].id,
                parameter="temperature",
                condition="greater_than",
                severity=SEVERITIES[number % len(SEVERITIES)],
                threshold=60.0,
                auto_clear=False,
            )
            self._lab.alarms.check(alarm.alarm_id, 61.0 + number % 30)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(STEP_S)
            self.step()

    def step(self) -> None:
        self._lab.jobs.step()
        if self._is_demo:
            second = (self._lab.clock() - self._started_us) // 1_000_000
            self._stir(second)

    def _stir(self, second: int) -> None:
        """The demo at this second of its life: a function of it alone."""
        lab = self._lab
        is_restless = second % (CALM_S + RESTLESS_S) >= CALM_S
        is_sick = second % (SICK_EVERY_S + SICK_S) >= SICK_EVERY_S
        for device in lab.devices.values():
            if isinstance(device, ElectronicLoad) and device.setpoint in (CALM_A, RESTLESS_A):
                device.setpoint = RESTLESS_A if is_restless else CALM_A  # a setpoint of the user's is left alone
            elif isinstance(device, Oscilloscope):
                lab.health.change(device, SICK_SCORE if is_sick else 100.0)
        read: dict[str, Any] = {}  # once a device: many alarms may watch it
        for alarm in list(lab.alarms.alarms.values()):
            name = alarm.equipment_id or ""
            watched = lab.devices.get(name)
            if watched is not None and name not in read:
                read[name] = watched.readings(lab.clock())
            readings = read.get(name)
            if readings is not None and isinstance(readings.get(alarm.parameter), float):
                lab.alarms.check(alarm.alarm_id, readings[alarm.parameter])
