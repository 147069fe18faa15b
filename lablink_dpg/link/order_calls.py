"""The REST calls of each order: one line an order in ``CALLS``, its coroutine in the module of its subject."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from lablink_dpg.link import acquisition_calls, alarm_calls, equipment_calls
from lablink_dpg.link.diagnostics_calls import run_benchmark
from lablink_dpg.link.job_calls import control_job
from lablink_dpg.link.rest import Rest
from lablink_dpg.model.orders import (
    AcknowledgeAlarm,
    CaptureWaveform,
    ClearAlarm,
    ConnectDevice,
    ControlAcquisition,
    ControlJob,
    CreateAcquisition,
    DisconnectDevice,
    Discover,
    ExportAcquisition,
    RunBenchmark,
)
from lablink_dpg.model.topic import Topic

Outcome: TypeAlias = tuple[str, Mapping[str, Any]]  # one line for a person, and the server's answer


class Call(NamedTuple):
    run: Callable[[Rest, Any], Awaitable[Outcome]]  # raises RestError
    changes: tuple[Topic, ...] = ()  # lists to be asked for anew when it is done
    changes_devices: bool = False  # the list of devices likewise
    relists: bool = False  # the acquisitions are to be listed anew when it is done


CALLS: Mapping[type, Call] = {
    AcknowledgeAlarm: Call(alarm_calls.acknowledge, changes=(Topic.ALARMS,)),
    ClearAlarm: Call(alarm_calls.clear, changes=(Topic.ALARMS,)),
    RunBenchmark: Call(run_benchmark, changes=(Topic.HEALTH,)),
    ControlJob: Call(control_job, changes=(Topic.JOBS, Topic.EXECUTIONS)),
    ConnectDevice: Call(equipment_calls.connect, changes_devices=True),
    DisconnectDevice: Call(equipment_calls.disconnect, changes_devices=True),
    Discover: Call(equipment_calls.discover),
    CaptureWaveform: Call(equipment_calls.capture),
    CreateAcquisition: Call(acquisition_calls.create, relists=True),
    ControlAcquisition: Call(acquisition_calls.control, relists=True),
    ExportAcquisition: Call(acquisition_calls.export),
}
