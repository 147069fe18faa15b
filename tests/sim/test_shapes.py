"""The table of shapes against recordings of real servers, where these are at hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.sim import shapes
from tests.sim.shapes import mismatch

MESSAGES = {
    "acquisition_stream": shapes.ACQUISITION_STREAM,
    "acquisition_stream_started": shapes.ACK_ACQUISITION,
    "acquisition_stream_stopped": shapes.ACK_ACQUISITION,
    "stream_started": shapes.ACK_STREAM,
    "stream_stopped": shapes.ACK_STREAM,
    "alarm_event": shapes.ALARM_EVENT,
    "alarm_updated": shapes.ALARM_UPDATED,
    "alarm_cleared": shapes.ALARM_CLEARED,
    "pong": {"type": str},
    "error": {"type": str, "detail": str},
}
ANSWERS = {
    r"GET /api": shapes.ABOUT,
    r"GET /health": shapes.HEALTH,
    r"GET /api/equipment/list": shapes.EQUIPMENT,
    r"GET /api/equipment/\w+/status": shapes.EQUIPMENT_STATUS,
    r"GET /api/equipment/ps_\w+/readings": shapes.SUPPLY_READINGS,
    r"GET /api/equipment/load_\w+/readings": shapes.LOAD_READINGS,
    r"POST /api/acquisition/session/create": shapes.CREATED,
    r"POST /api/acquisition/session/[\w-]+/(start|stop|pause|resume)": shapes.ORDERED,
    r"GET /api/acquisition/session/[\w-]+/status": shapes.ACQUISITION_STATUS,
    r"GET /api/acquisition/session/[\w-]+/data": shapes.DATA,
    r"GET /api/acquisition/sessions": shapes.SESSIONS,
    r"POST /api/alarms/create": shapes.ALARM_CREATED,
    r"GET /api/alarms": shapes.ALARMS,
    r"POST /api/alarms/check": shapes.ALARM_CHECKED,
    r"GET /api/alarms/events/active": shapes.ACTIVE_ALARMS,
    r"POST /api/alarms/events/acknowledge": shapes.DONE,
    r"POST /api/alarms/\w+/clear": shapes.DONE,
    r"POST /api/scheduler/jobs/create": shapes.JOB_MADE,
    r"GET /api/scheduler/jobs": shapes.JOBS,
    r"GET /api/scheduler/executions": shapes.EXECUTIONS,
    r"GET /api/scheduler/statistics": shapes.STATISTICS,
    r"POST /api/scheduler/jobs/\w+/run": shapes.JOB_RUN,
    r"POST /api/scheduler/jobs/\w+/pause": shapes.DONE,
    r"DELETE /api/scheduler/jobs/\w+": shapes.DONE,
    r"GET /api/diagnostics/health": shapes.ALL_HEALTH,
    r"GET /api/diagnostics/health/\w+": shapes.ONE_HEALTH,
    r"POST /api/diagnostics/benchmark/\w+": shapes.BENCHMARKED,
}


def stream_shape(message: dict[str, Any]) -> Any:
    if message["type"] != "stream_data":
        return MESSAGES[message["type"]]
    kind = message["stream_type"]
    data = {
        "measurements": shapes.MEASUREMENTS,
        "waveform": shapes.WAVEFORM,
        "readings": shapes.SUPPLY_READINGS,
    }[kind]
    return shapes.stream_data(data)


@pytest.mark.parametrize("name", ["as-designed", "datetime-defect"])
def test_the_table_agrees_with_the_recorded_sessions(captures: Path, name: str) -> None:
    seen = 0
    for line in (captures / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["kind"] == "ws_in":
            message = json.loads(entry["text"])
            assert mismatch(message, stream_shape(message)) is None, message
            seen += 1
        elif entry["kind"] == "rest":
            call = f"{entry['method']} {entry['path']}"
            shape = next((shape for pattern, shape in ANSWERS.items() if re.fullmatch(pattern, call)), None)
            if entry["status"] == 200:
                assert shape is not None, call
            elif entry["status"] == 422:
                shape = shapes.INVALID
            else:
                shape = str if isinstance(entry["body"], str) else shapes.DETAIL
            assert mismatch(entry["body"], shape) is None, call
            seen += 1
    assert seen > 20


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ({"a": 1, "b": 2}, {"a": int}),
        ({"b": 2, "a": 1}, {"a": int, "b": int}),
        ({}, {"a": int}),
        (True, int),
        (1, bool),
        (1, str),
        (None, str),
        ("x", None),
        (1, (None, str)),
        ([1, "x"], [int]),
        ({"a": 1}, [int]),
        ({"x": 1, "y": "z"}, {...: int}),
    ],
)
def test_a_shape_finds_what_is_wrong(value: Any, shape: Any) -> None:
    assert mismatch(value, shape) is not None
