"""REST over real loopback sockets: every answer of the protocol by its shape, and every refusal by its status."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lablink_dpg.sim.process import SimProcess
from lablink_dpg.sim.signals import expected
from tests.sim import shapes
from tests.sim.shapes import mismatch
from tests.sim.talk import Talk

ALARM = {
    "name": "Over voltage",
    "parameter": "voltage",
    "condition": "greater_than",
    "severity": "critical",
    "threshold": 5,
}
JOB = {"name": "meas", "schedule_type": "measurement", "trigger_type": "interval"}


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/api", shapes.ABOUT),
        ("/health", shapes.HEALTH),
        ("/api/equipment/list", shapes.EQUIPMENT),
        ("/api/acquisition/sessions", shapes.SESSIONS),
        ("/api/alarms", shapes.ALARMS),
        ("/api/alarms/events/active", shapes.ACTIVE_ALARMS),
        ("/api/scheduler/jobs", shapes.JOBS),
        ("/api/scheduler/executions", shapes.EXECUTIONS),
        ("/api/scheduler/statistics", shapes.STATISTICS),
        ("/api/diagnostics/health", shapes.ALL_HEALTH),
    ],
)
def test_each_listing_has_its_shape(demo: Talk, path: str, shape: Any) -> None:
    assert mismatch(demo.get(path), shape) is None


def test_about_names_the_server_and_its_security(demo: Talk) -> None:
    about = demo.get("/api")
    assert (about["name"], about["version"], about["security_enabled"]) == ("LabLink Server", "1.2.5", False)
    assert demo.get("/health")["connected_devices"] == len(demo.get("/api/equipment/list"))


@pytest.mark.parametrize("kind", ["oscilloscope", "power_supply", "electronic_load"])
def test_each_device_has_status_and_health(demo: Talk, kind: str) -> None:
    device = demo.device(kind)
    assert mismatch(demo.get(f"/api/equipment/{device}/status"), shapes.EQUIPMENT_STATUS) is None
    assert mismatch(demo.get(f"/api/diagnostics/health/{device}"), shapes.ONE_HEALTH) is None


def test_readings_have_their_shape(demo: Talk) -> None:
    supply = demo.get(f"/api/equipment/{demo.device('power_supply')}/readings")
    load = demo.get(f"/api/equipment/{demo.device('electronic_load')}/readings")
    assert mismatch(supply, shapes.SUPPLY_READINGS) is None
    assert mismatch(load, shapes.LOAD_READINGS) is None


def test_what_the_real_server_refuses_is_refused_in_its_words(demo: Talk) -> None:
    scope = demo.device("oscilloscope")
    devices = [device["id"] for device in demo.get("/api/equipment/list")]
    assert demo.get(f"/api/equipment/{scope}/readings", 501) == {
        "detail": "Equipment type MockOscilloscope does not support readings"
    }
    assert demo.get("/api/equipment/nope/readings", 404) == {"detail": f"Device nope not found. Available: {devices}"}
    assert demo.get("/api/alarms/events", 404) == {"detail": "Alarm events not found"}
    assert demo.get("/api/alarms/statistics", 404) == {"detail": "Alarm statistics not found"}
    assert demo.get("/api/diagnostics/system", 500) == {
        "detail": "Failed to get system diagnostics: 'EquipmentManager' object has no attribute '_equipment'"
    }
    assert demo.post("/api/sessions/create", {}, 404) == {"detail": "Not Found"}
    assert demo.get("/api/locks/acquire", 405) == {"detail": "Method Not Allowed"}
    crash = demo.rest.post(
        f"/api/equipment/{scope}/command",
        json={"command_id": "1", "equipment_id": scope, "action": "get_waveform_raw", "parameters": {}},
    )
    assert (crash.status_code, crash.text) == (500, "Internal Server Error")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/equipment/nope/status"),
        ("POST", "/api/equipment/disconnect/nope"),
        ("GET", "/api/acquisition/session/nope/status"),
        ("GET", "/api/acquisition/session/nope/data"),
        ("POST", "/api/acquisition/session/nope/start"),
        ("DELETE", "/api/acquisition/session/nope"),
        ("POST", "/api/alarms/nope/clear"),
        ("POST", "/api/scheduler/jobs/nope/run"),
        ("DELETE", "/api/scheduler/jobs/nope"),
        ("GET", "/api/diagnostics/health/nope"),
        ("POST", "/api/diagnostics/benchmark/nope"),
    ],
)
def test_what_does_not_exist_is_404_with_a_detail(demo: Talk, method: str, path: str) -> None:
    answer = demo.rest.request(method, path)
    assert answer.status_code == 404
    assert mismatch(answer.json(), shapes.DETAIL) is None


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/api/locks/acquire", {"equipment_id": "x", "session_id": None}, "string_type"),
        ("/api/locks/acquire", {"equipment_id": "x"}, "missing"),
        ("/api/alarms/create", {**ALARM, "condition": "odd"}, "enum"),
        ("/api/alarms/check", {"alarm_id": "a", "value": "high"}, "float_type"),
        ("/api/alarms/check", {"alarm_id": "a", "value": True}, "float_type"),
        ("/api/scheduler/jobs/create", {"name": "x"}, "missing"),
        ("/api/locks/acquire", [], "model_attributes_type"),
    ],
)
def test_an_invalid_body_is_422_with_a_list_of_reasons(demo: Talk, path: str, body: Any, kind: str) -> None:
    answer = demo.post(path, body, 422)
    assert mismatch(answer, shapes.INVALID) is None
    assert answer["detail"][0]["type"] == kind


def test_a_body_that_is_no_json_and_a_number_that_is_none_are_422(demo: Talk) -> None:
    answer = demo.rest.post("/api/locks/acquire", content=b"{")
    assert (answer.status_code, answer.json()["detail"][0]["type"]) == (422, "json_invalid")
    acquisition_id = demo.get("/api/acquisition/sessions")["sessions"][0]["acquisition_id"]
    answer = demo.get(f"/api/acquisition/session/{acquisition_id}/data", 422, num_samples="all")
    assert answer["detail"][0]["type"] == "int_parsing"


@pytest.mark.parametrize(
    "changes",
    [
        {"sample_rate": 0},
        {"sample_rate": 2e6},
        {"sample_rate": "fast"},
        {"channels": []},
        {"channels": [1]},
        {"num_samples": 0},
        {"duration_seconds": -1.0},
        {"buffer_size": 0},
    ],
)
def test_an_acquisition_that_makes_no_sense_is_422(demo: Talk, changes: dict[str, Any]) -> None:
    body = {"equipment_id": demo.device("oscilloscope"), "sample_rate": 100.0, "channels": ["CH1"], **changes}
    assert mismatch(demo.post("/api/acquisition/session/create", body, 422), shapes.INVALID) is None


def test_an_acquisition_from_creation_to_deletion(demo: Talk) -> None:
    body = {
        "equipment_id": demo.device("oscilloscope"),
        "name": "tour",
        "sample_rate": 2000,
        "channels": ["CH1", "CH2"],
        "buffer_size": 500,
    }
    created = demo.post("/api/acquisition/session/create", body)
    assert mismatch(created, shapes.CREATED) is None
    assert created["state"] == "idle"
    acquisition_id = created["acquisition_id"]
    for order, success, message in (
        ("start", True, "Acquisition started"),
        ("start", False, "Already running"),
        ("pause", True, "Acquisition paused"),
        ("resume", True, "Acquisition resumed"),
        ("stop", True, "Acquisition stopped"),
    ):
        answer = demo.order(acquisition_id, order)
        assert mismatch(answer, shapes.ORDERED) is None
        assert answer == {"success": success, "message": message, "acquisition_id": acquisition_id}
    status = demo.status(acquisition_id)
    assert mismatch(status, shapes.ACQUISITION_STATUS) is None
    assert (status["state"], status["config"]["name"], status["config"]["buffer_size"]) == ("stopped", "tour", 500)
    assert mismatch(demo.get(f"/api/acquisition/session/{acquisition_id}/data"), shapes.DATA) is None
    answer = demo.rest.delete(f"/api/acquisition/session/{acquisition_id}")
    assert mismatch(answer.json(), shapes.ORDERED) is None
    listed = demo.get("/api/acquisition/sessions")["sessions"]
    assert acquisition_id not in [session["acquisition_id"] for session in listed]


def test_data_are_the_newest_of_the_buffer_with_known_values(demo: Talk) -> None:
    acquisition_id = demo.acquisition(num_samples=700, buffer_size=300, sample_rate=1e6)
    demo.order(acquisition_id, "start")
    demo.stream(acquisition_id, interval_ms=2)
    demo.until("acquisition_stream", lambda window: window["state"] == "stopped")
    path = f"/api/acquisition/session/{acquisition_id}/data"
    answer = demo.get(path, num_samples=1000)
    signal = demo.status(acquisition_id)["config"]["metadata"]["signals"]["CH1"]
    assert answer["count"] == 300
    assert answer["data"]["values"]["CH1"] == expected(signal, np.arange(400, 700, dtype=np.int64)).tolist()
    few = demo.get(path, num_samples=5)
    assert few["count"] == 5
    assert few["data"]["timestamps"] == answer["data"]["timestamps"][-5:]


@pytest.mark.parametrize("kind", ["csv", "json", "npy"])
def test_an_export_is_the_buffer_on_the_servers_disk(demo: Talk, kind: str) -> None:
    acquisition_id = demo.acquisition(num_samples=50, channels=["CH1", "CH2"], sample_rate=1e6)
    demo.order(acquisition_id, "start")
    demo.stream(acquisition_id, interval_ms=2, num_samples=50)
    sent = demo.until("acquisition_stream", lambda window: window["state"] == "stopped")["data"]
    answer = demo.post("/api/acquisition/export", {"acquisition_id": acquisition_id, "format": kind})
    assert list(answer) == ["filepath"]
    path = Path(answer["filepath"])
    if kind == "npy":
        assert np.load(path).tolist() == [sent["values"]["CH1"], sent["values"]["CH2"]]
    elif kind == "json":
        content = json.loads(path.read_text(encoding="utf-8"))
        assert content == {"timestamps": sent["timestamps"], "values": sent["values"]}
    else:
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        assert header == ["timestamp", "CH1", "CH2"]
        assert [float(row[2]) for row in rows] == sent["values"]["CH2"]


def test_a_format_that_is_not_there_is_refused(demo: Talk) -> None:
    body = {"acquisition_id": demo.acquisition(), "format": "hdf5"}
    assert "hdf5" in demo.post("/api/acquisition/export", body, 500)["detail"]


def test_setting_a_device_needs_a_session_and_its_lock(demo: Talk) -> None:
    supply = demo.device("power_supply")
    path = f"/api/equipment/{supply}/command"
    command = {"command_id": "1", "equipment_id": supply, "action": "set_voltage", "parameters": {"voltage": 12.0}}
    assert demo.post(path, command, 401) == {
        "detail": "session_id required for control commands when locks are enabled"
    }
    session = {"session_id": demo.post("/api/locks/sessions/create", {"client_name": "test"})["session_id"]}
    assert mismatch(demo.post(path, command | session, 403), shapes.DETAIL) is None
    lock = {"equipment_id": supply, **session}
    assert demo.post("/api/locks/acquire", lock)["success"] is True
    assert demo.post(path, command | session) == {"command_id": "1", "success": True, "data": None, "error": None}
    too_much = {**command, **session, "parameters": {"voltage": 99.0}}
    refused = demo.post(path, too_much)
    assert refused["success"] is False
    assert "99.0" in refused["error"]
    assert demo.post("/api/locks/release", lock)["success"] is True
    demo.post(path, command | session, 403)
    reading = demo.post(path, {"command_id": "2", "action": "get_readings"})["data"]
    assert mismatch(reading, shapes.SUPPLY_READINGS) is None


def test_a_device_can_be_connected_and_disconnected(demo: Talk) -> None:
    body = {"resource_string": "MOCK::LOAD::1", "equipment_type": "electronic_load", "model": "MockLoad-1000"}
    connected = demo.post("/api/equipment/connect", body)
    device = connected["equipment_id"]
    assert connected == {"equipment_id": device, "status": "connected"}
    assert demo.post("/api/equipment/connect", body)["equipment_id"] == device, "twice is the same device"
    listed = {entry["id"]: entry for entry in demo.get("/api/equipment/list")}
    assert listed[device]["model"] == "MockLoad-1000"
    demo.get(f"/api/equipment/{device}/readings")
    assert demo.post(f"/api/equipment/disconnect/{device}")["status"] == "disconnected"
    demo.get(f"/api/equipment/{device}/readings", 404)
    demo.post("/api/equipment/connect", {**body, "resource_string": "USB::1"}, 500)


def test_a_waveform_comes_with_its_samples(demo: Talk) -> None:
    scope = demo.device("oscilloscope")
    answer = demo.post("/api/waveform/capture", {"equipment_id": scope, "config": {"channel": 2}})
    times, volts = answer.pop("time_data"), answer.pop("voltage_data")
    assert mismatch(answer, shapes.WAVEFORM) is None
    assert answer["channel"] == 2
    assert len(times) == len(volts) == answer["num_samples"]
    demo.post("/api/waveform/capture", {"equipment_id": demo.device("power_supply")}, 400)


def test_an_alarm_over_rest_is_told_to_everybody(demo: Talk, other: Talk) -> None:
    supply = demo.device("power_supply")
    # A parameter that no device has: nothing but this test raises or clears it.
    created = demo.post("/api/alarms/create", {**ALARM, "parameter": "pressure", "equipment_id": supply})
    assert mismatch(created, shapes.ALARM_CREATED) is None
    alarm_id = created["alarm_id"]
    checked = demo.post("/api/alarms/check", {"alarm_id": alarm_id, "value": 9.5})
    assert mismatch(checked, shapes.ALARM_CHECKED) is None
    event_id = checked["event"]["event_id"]
    rose = other.until("alarm_event", lambda message: message["data"]["alarm_id"] == alarm_id)
    assert mismatch(rose, shapes.ALARM_EVENT) is None
    active = demo.get("/api/alarms/events/active")
    assert event_id in [event["event_id"] for event in active["events"]]
    acknowledged = {"event_id": event_id, "acknowledged_by": "operator", "note": "seen"}
    assert mismatch(demo.post("/api/alarms/events/acknowledge", acknowledged), shapes.DONE) is None
    assert mismatch(other.until("alarm_updated"), shapes.ALARM_UPDATED) is None
    assert mismatch(demo.post(f"/api/alarms/{alarm_id}/clear"), shapes.DONE) is None
    cleared = other.until("alarm_cleared", lambda message: message["data"]["event_id"] == event_id)
    assert mismatch(cleared, shapes.ALARM_CLEARED) is None
    assert demo.rest.delete(f"/api/alarms/{alarm_id}").status_code == 200
    demo.get(f"/api/alarms/{alarm_id}", 404)


def test_a_job_over_rest_is_told_to_everybody(demo: Talk, other: Talk) -> None:
    made = demo.post("/api/scheduler/jobs/create", {**JOB, "equipment_id": demo.device("power_supply")})
    assert mismatch(made, shapes.JOB_MADE) is None
    job_id = made["job_id"]

    def ours(message: dict[str, Any]) -> bool:
        return bool(message["data"]["job_id"] == job_id)

    assert mismatch(other.until("job_created", ours), shapes.event(shapes.JOB)) is None
    run = demo.post(f"/api/scheduler/jobs/{job_id}/run")
    assert mismatch(run, shapes.JOB_RUN) is None
    assert mismatch(other.until("job_started", ours), shapes.JOB_STARTED) is None
    completed = other.until("job_completed", ours)
    assert mismatch(completed, shapes.JOB_COMPLETED) is None
    assert mismatch(completed["data"]["result"], shapes.SUPPLY_READINGS) is None
    executions = demo.get("/api/scheduler/executions")["executions"]
    assert {entry["execution_id"]: entry["status"] for entry in executions}[run["execution_id"]] == "completed"
    for order, enabled in (("pause", False), ("resume", True)):
        assert mismatch(demo.post(f"/api/scheduler/jobs/{job_id}/{order}"), shapes.DONE) is None
        assert other.until("job_updated", ours)["data"]["enabled"] is enabled
        assert demo.get(f"/api/scheduler/jobs/{job_id}")["job"]["enabled"] is enabled
    assert demo.rest.delete(f"/api/scheduler/jobs/{job_id}").status_code == 200
    assert other.until("job_deleted", ours)["data"] == {"job_id": job_id}


def test_a_benchmark_tells_its_progress(demo: Talk, other: Talk) -> None:
    supply = demo.device("power_supply")
    answer = demo.post(f"/api/diagnostics/benchmark/{supply}")
    assert mismatch(answer, shapes.BENCHMARKED) is None
    steps = [other.until("benchmark_progress")]
    while steps[-1]["data"]["progress"] < 1:
        steps.append(other.until("benchmark_progress"))
    assert [mismatch(step, shapes.BENCHMARK_PROGRESS) for step in steps] == [None] * len(steps)
    progress = [step["data"]["progress"] for step in steps]
    assert progress == sorted(set(progress))
    assert progress[0] == 0
    results = [step["data"]["result"] for step in steps]
    assert results[:-1] == [None] * (len(steps) - 1)
    assert mismatch(results[-1], shapes.BENCHMARK) is None
    assert {step["data"]["benchmark_id"] for step in steps} == {answer["benchmark"]["benchmark_id"]}


def test_a_scan_tells_what_it_finds(demo: Talk, other: Talk) -> None:
    found = demo.post("/api/discovery/scan")
    assert found["count"] == len(demo.get("/api/equipment/list"))
    types = []
    while not types or types[-1] != "scan_completed":
        message = other.until("discovery_progress")
        assert list(message) == ["type", "event_type", "data", "timestamp"]
        types.append(message["event_type"])
    assert types == ["scan_started", *["device_found"] * found["count"], "scan_completed"]


def test_a_scan_finds_also_what_was_disconnected_from_the_bench() -> None:
    with SimProcess(streams=1) as process, Talk(process) as talk:
        load = talk.device("electronic_load")
        talk.post(f"/api/equipment/disconnect/{load}")
        found = talk.post("/api/discovery/scan")
        assert found["count"] == 3
        assert found["devices"][-1]["type"] == "electronic_load"


def test_a_strict_server_wants_a_session_and_a_lock_for_connections() -> None:
    with SimProcess(streams=1, extra_arguments=("--strict-locks",)) as process, Talk(process) as talk:
        load = talk.device("electronic_load")
        path = f"/api/equipment/disconnect/{load}"
        assert "session_id" in talk.post(path, status=401)["detail"]
        talk.post("/api/discovery/scan", status=401)
        session = {"session_id": talk.post("/api/locks/sessions/create", {"client_name": "a"})["session_id"]}
        assert "lock" in talk.post(path, session, 403)["detail"]
        talk.post("/api/locks/acquire", {"equipment_id": load, **session})
        assert talk.post(path, session)["status"] == "disconnected"
        body = {"resource_string": "MOCK::LOAD::0", "equipment_type": "electronic_load", "model": "M"}
        talk.post("/api/equipment/connect", body, 401)
        again = talk.post("/api/equipment/connect", body | session)["equipment_id"]
        scope = talk.device("oscilloscope")
        talk.post("/api/waveform/capture", {"equipment_id": scope}, 401)
        assert again in [entry["id"] for entry in talk.get("/api/equipment/list")]
