"""The lists that are asked for over REST: where each is, how often, and who reads it. One line a topic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from lablink_dpg.model.topic import Topic
from lablink_dpg.wire import alarms
from lablink_dpg.wire.fields import Stamp
from lablink_dpg.wire.health import parse_health, parse_system
from lablink_dpg.wire.jobs import parse_executions, parse_jobs

HEALTH_TIMEOUT_S = 30.0  # a real server tries three commands a device, one after the other


class Subject(NamedTuple):
    path: str
    every_s: float  # between two lists while nobody looks
    watched_s: float  # while somebody does
    parse: Callable[[Any, Stamp], Iterable[Any]]  # answer → frozen values of ``model``; never raises
    key: str = ""  # that an answer must have, or it is no list of these: an empty one would be believed
    told_by: tuple[str, ...] = ()  # types of events after which the list is asked for, since they do not tell all
    timeout_s: float | None = None  # of the whole call; None: as any other


SUBJECTS: Mapping[Topic, Subject] = {
    # Alarms are told at once where the WebSocket lives; where it is silent, nobody may wait longer than this.
    Topic.ALARMS: Subject("/api/alarms/events/active", 5.0, 2.0, alarms.events_of),
    Topic.RULES: Subject("/api/alarms", 30.0, 5.0, alarms.rules_of),
    Topic.HEALTH: Subject(
        "/api/diagnostics/health",
        every_s=15.0,
        watched_s=5.0,  # a real server tries three commands a device for it
        parse=parse_health,
        key="equipment_health",
        told_by=("health_changed",),
        timeout_s=HEALTH_TIMEOUT_S,
    ),
    Topic.SYSTEM: Subject("/api/diagnostics/system", every_s=300.0, watched_s=30.0, parse=parse_system),
    Topic.JOBS: Subject(
        "/api/scheduler/jobs",
        every_s=60.0,
        watched_s=3.0,
        parse=parse_jobs,
        key="jobs",
        told_by=("job_created", "job_updated", "job_deleted"),
    ),
    Topic.EXECUTIONS: Subject(
        "/api/scheduler/executions",
        every_s=60.0,
        watched_s=3.0,
        parse=parse_executions,
        key="executions",
        told_by=("job_started", "job_completed", "job_failed"),
    ),
}
