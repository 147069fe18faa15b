"""The WebSocket over real loopback sockets: shapes, overlap, known values, and what the protocol gets wrong."""

from __future__ import annotations

import itertools
import json
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from lablink_dpg.sim.process import SimProcess
from lablink_dpg.sim.signals import expected
from tests.sim.shapes import (
    ACK_ACQUISITION,
    ACK_STREAM,
    ACQUISITION_STREAM,
    LOAD_READINGS,
    MEASUREMENTS,
    SUPPLY_READINGS,
    WAVEFORM,
    mismatch,
    stream_data,
)
from tests.sim.talk import PATIENCE_S, Talk, numbers


def test_ping_is_answered(demo: Talk) -> None:
    demo.send("ping")
    assert demo.receive() == {"type": "pong"}


@pytest.mark.parametrize("text", ["not json", "", '{"type": NaN}', "\x00"])
def test_invalid_json_is_answered_by_an_error(demo: Talk, text: str) -> None:
    demo.ws.send(text)
    assert demo.receive() == {"type": "error", "detail": "Invalid JSON"}


@pytest.mark.parametrize("text", ['{"type":"what"}', "{}", "[1,2]", "17", '"ping"', "null"])
def test_an_unknown_type_is_ignored_and_the_connection_lives(demo: Talk, text: str) -> None:
    demo.ws.send(text)
    assert demo.drain() == []


def test_binary_frames_are_understood_like_text(demo: Talk) -> None:
    demo.ws.send(b'{"type":"ping"}')
    assert demo.receive() == {"type": "pong"}


def test_a_window_has_its_shape_and_known_values_for_every_acquisition(demo: Talk) -> None:
    sessions = demo.get("/api/acquisition/sessions")["sessions"]
    assert len(sessions) == 3
    for session in sessions:
        acquisition_id = session["acquisition_id"]
        signals = demo.status(acquisition_id)["config"]["metadata"]["signals"]
        demo.stream(acquisition_id)
        window = demo.next_window(acquisition_id)
        assert mismatch(window, ACQUISITION_STREAM) is None
        assert window["data"]["count"] == len(window["data"]["timestamps"])
        assert list(window["data"]["values"]) == list(signals)
        for channel, values in window["data"]["values"].items():
            assert values == expected(signals[channel], numbers(window)).tolist()


def test_windows_overlap_and_every_sample_comes_with_one_timestamp_and_value(demo: Talk) -> None:
    acquisition_id = demo.acquisition(channels=["CH1", "CH2"])
    signals = demo.status(acquisition_id)["config"]["metadata"]["signals"]
    demo.order(acquisition_id, "start")
    demo.stream(acquisition_id, interval_ms=20, num_samples=200)
    stamps: dict[int, str] = {}
    last_total = overlap = 0
    windows = [demo.next_window(acquisition_id) for _ in range(30)]
    for window in windows:
        if window["data"] is None:
            continue
        total, count = window["stats"]["total_samples"], window["data"]["count"]
        assert total >= last_total
        overlap += max(0, count - (total - last_total))
        last_total = total
        for index, stamp in zip(numbers(window).tolist(), window["data"]["timestamps"], strict=True):
            assert stamps.setdefault(index, stamp) == stamp
        for channel in ("CH1", "CH2"):
            truth = expected(signals[channel], numbers(window))
            assert (np.array(window["data"]["values"][channel]) == truth).all()
    assert overlap > 0
    ordered = [stamps[index] for index in sorted(stamps)]
    assert all(one < two for one, two in itertools.pairwise(np.array(ordered, dtype="datetime64[us]")))
    assert windows[0]["stats"]["start_time"] == windows[-1]["stats"]["start_time"]


def test_looped_signals_come_with_their_loop_and_its_values() -> None:
    words = ("--loop",)
    with SimProcess(streams=2, channels=2, rate_hz=200_000.0, extra_arguments=words) as process, Talk(process) as talk:
        acquisition_id = talk.get("/api/acquisition/sessions")["sessions"][1]["acquisition_id"]
        signals = talk.status(acquisition_id)["config"]["metadata"]["signals"]
        size = 2 ** signals["CH1"]["loop_log2"]
        talk.stream(acquisition_id, interval_ms=50, num_samples=3000)
        window = talk.until("acquisition_stream", lambda window: window["stats"]["total_samples"] > size)
        assert window["data"]["count"] == 3000
        for channel, values in window["data"]["values"].items():
            assert values == expected(signals[channel], numbers(window)).tolist()


def test_before_the_first_sample_data_is_null(demo: Talk) -> None:
    acquisition_id = demo.acquisition()
    demo.stream(acquisition_id)
    window = demo.next_window(acquisition_id)
    assert (window["state"], window["data"]) == ("idle", None)


@pytest.mark.parametrize(("order", "state"), [("pause", "paused"), ("stop", "stopped")])
def test_a_paused_or_stopped_acquisition_still_sends_its_last_window(demo: Talk, order: str, state: str) -> None:
    acquisition_id = demo.acquisition()
    demo.order(acquisition_id, "start")
    demo.stream(acquisition_id)
    demo.until("acquisition_stream", lambda window: window["stats"]["total_samples"] > 50)
    demo.order(acquisition_id, order)
    first = demo.until("acquisition_stream", lambda window: window["state"] == state)
    second = demo.next_window(acquisition_id)
    assert second == first
    assert first["data"]["count"] > 0


def test_a_restart_counts_from_zero(demo: Talk) -> None:
    acquisition_id = demo.acquisition()
    demo.order(acquisition_id, "start")
    demo.stream(acquisition_id)
    demo.until("acquisition_stream", lambda window: window["stats"]["total_samples"] > 200)
    demo.order(acquisition_id, "stop")
    assert demo.order(acquisition_id, "start")["message"] == "Acquisition started"
    window = demo.until("acquisition_stream", lambda window: window["stats"]["total_samples"] < 200)
    assert window["state"] == "acquiring"


def test_a_whole_second_leaves_its_microseconds_out(demo: Talk) -> None:
    # 10 kHz from a moment with µs has a whole second only if the start's µs end in two zeros: ask for every µs.
    acquisition_id = demo.acquisition(sample_rate=1_000_000.0, buffer_size=1_100_000)
    demo.order(acquisition_id, "start")
    demo.stream(acquisition_id, interval_ms=50, num_samples=1)
    demo.until("acquisition_stream", lambda window: window["stats"]["total_samples"] > 1_050_000)
    demo.send("stop_acquisition_stream", acquisition_id=acquisition_id)
    stamps = demo.get(f"/api/acquisition/session/{acquisition_id}/data", num_samples=1_050_000)["data"]["timestamps"]
    lengths = {len(stamp): stamp for stamp in stamps}
    assert set(lengths) == {19, 26}
    assert "." not in lengths[19]


@pytest.mark.parametrize("target", ["nope", "", "null"])
def test_a_stream_of_an_unknown_id_is_acknowledged_and_then_silent(demo: Talk, target: str) -> None:
    demo.send("start_acquisition_stream", acquisition_id=target, interval_ms=5)
    ack = demo.receive()
    assert mismatch(ack, ACK_ACQUISITION) is None
    assert ack == {"type": "acquisition_stream_started", "acquisition_id": target}
    demo.send("start_stream", equipment_id=target, stream_type="readings", interval_ms=5)
    ack = demo.receive()
    assert mismatch(ack, ACK_STREAM) is None
    assert ack == {"type": "stream_started", "equipment_id": target, "stream_type": "readings"}
    # A stream that lives shows that the time of the silent ones has come and gone.
    supply = demo.device("power_supply")
    demo.send("start_stream", equipment_id=supply, stream_type="readings", interval_ms=10)
    demo.receive()
    assert [demo.receive()["equipment_id"] for _ in range(5)] == [supply] * 5


def test_a_stream_that_a_device_does_not_have_is_acknowledged_and_silent(demo: Talk) -> None:
    scope = demo.device("oscilloscope")
    demo.send("start_stream", equipment_id=scope, stream_type="readings", interval_ms=5)
    assert demo.receive()["type"] == "stream_started"
    assert demo.drain() == []


def test_stopping_what_does_not_run_is_acknowledged(demo: Talk) -> None:
    demo.send("stop_acquisition_stream", acquisition_id="nope")
    demo.send("stop_stream", equipment_id="nope", stream_type="waveform")
    assert demo.receive() == {"type": "acquisition_stream_stopped", "acquisition_id": "nope"}
    assert demo.receive() == {"type": "stream_stopped", "equipment_id": "nope", "stream_type": "waveform"}


@pytest.mark.parametrize(
    ("device", "stream_type", "shape"),
    [
        ("power_supply", "readings", SUPPLY_READINGS),
        ("electronic_load", "readings", LOAD_READINGS),
        ("oscilloscope", "measurements", MEASUREMENTS),
        ("oscilloscope", "waveform", WAVEFORM),
    ],
)
def test_each_device_stream_has_its_shape(demo: Talk, device: str, stream_type: str, shape: dict[str, Any]) -> None:
    equipment_id = demo.device(device)
    demo.send("start_stream", equipment_id=equipment_id, stream_type=stream_type, interval_ms=10)
    assert mismatch(demo.receive(), ACK_STREAM) is None
    messages = [demo.receive() for _ in range(3)]
    for message in messages:
        assert mismatch(message, stream_data(shape)) is None
        assert (message["type"], message["equipment_id"], message["stream_type"]) == (
            "stream_data",
            equipment_id,
            stream_type,
        )
    assert messages[0]["data"] != messages[-1]["data"]


def test_every_client_gets_every_stream_and_only_the_asker_the_acknowledgement(demo: Talk, other: Talk) -> None:
    acquisition_id = demo.get("/api/acquisition/sessions")["sessions"][0]["acquisition_id"]
    other.drain()
    demo.stream(acquisition_id)
    window = other.receive()
    assert (window["type"], window["acquisition_id"]) == ("acquisition_stream", acquisition_id)


def test_a_second_start_replaces_window_and_interval_for_everyone(demo: Talk, other: Talk) -> None:
    acquisition_id = demo.get("/api/acquisition/sessions")["sessions"][0]["acquisition_id"]
    demo.stream(acquisition_id, interval_ms=10, num_samples=40)
    assert demo.next_window(acquisition_id)["data"]["count"] == 40
    other.stream(acquisition_id, interval_ms=10, num_samples=15)
    demo.until("acquisition_stream", lambda window: window["data"]["count"] == 15)
    assert {demo.next_window(acquisition_id)["data"]["count"] for _ in range(10)} == {15}


def test_one_client_stopping_a_stream_stops_it_for_everyone(demo: Talk, other: Talk) -> None:
    acquisition_id = demo.get("/api/acquisition/sessions")["sessions"][0]["acquisition_id"]
    demo.stream(acquisition_id, interval_ms=5)
    demo.next_window(acquisition_id)
    other.send("stop_acquisition_stream", acquisition_id=acquisition_id)
    other.until("acquisition_stream_stopped")
    demo.drain()  # what was sent before the stop
    supply = demo.device("power_supply")
    demo.send("start_stream", equipment_id=supply, stream_type="readings", interval_ms=10)
    assert {message["type"] for message in itertools.islice(demo.messages(), 6)} == {"stream_started", "stream_data"}


def test_streams_go_on_while_another_client_is_left_and_end_with_the_last(demo_process: SimProcess) -> None:
    supply_stream = {"stream_type": "readings", "interval_ms": 10}
    with Talk(demo_process) as first:
        acquisition_id = first.get("/api/acquisition/sessions")["sessions"][0]["acquisition_id"]
        with Talk(demo_process) as second:
            second.stream(acquisition_id, interval_ms=5)
        first.drain()
        assert first.next_window(acquisition_id), "its starter is gone, the stream is not"
    with Talk(demo_process) as third:
        third.send("start_stream", equipment_id=third.device("power_supply"), **supply_stream)
        types = [message["type"] for message in itertools.islice(third.messages(), 6)]
        assert "acquisition_stream" not in types, "nobody was left, so it was cancelled, and nothing brings it back"


def test_an_odd_interval_or_window_is_taken_as_well_as_can_be(demo: Talk) -> None:
    acquisition_id = demo.get("/api/acquisition/sessions")["sessions"][0]["acquisition_id"]
    for interval, count in ((0, 1), (-5, 0), ("fast", "many"), (None, None), (0.5, 1.5), (10**9, 10**9)):
        demo.send("start_acquisition_stream", acquisition_id=acquisition_id, interval_ms=interval, num_samples=count)
        demo.until("acquisition_stream_started")
        assert demo.next_window(acquisition_id)["data"]["count"] >= 1


def test_with_security_on_the_handshake_needs_the_token() -> None:
    with SimProcess(streams=1, token="sesame") as process:
        for query in ("", "?token=wrong"):
            with pytest.raises(InvalidStatus) as refusal, connect(process.ws_url + query):
                pass
            assert refusal.value.response.status_code == 403
        with Talk(process, token="sesame") as talk:
            talk.send("ping")
            assert talk.receive() == {"type": "pong"}
            with httpx.Client(base_url=process.url, timeout=PATIENCE_S) as stranger:
                assert stranger.get("/api").json()["security_enabled"] is True
                assert stranger.get("/health").status_code == 200
                assert stranger.get("/api/equipment/list").status_code == 200
                refused = stranger.get("/api/acquisition/sessions")
                assert (refused.status_code, list(refused.json())) == (401, ["detail"])
                wrong = stranger.post("/api/security/login", json={"username": "a", "password": "b"})
                assert wrong.status_code == 401
                assert "4 attempts remaining" in wrong.json()["detail"]
                granted = stranger.post("/api/security/login", json={"username": "a", "password": "lablink"}).json()
                header = {"Authorization": f"Bearer {granted['access_token']}"}
                assert stranger.get("/api/acquisition/sessions", headers=header).json()["count"] == 1
                renewed = stranger.post(
                    "/api/security/refresh", json={"refresh_token": granted["refresh_token"]}
                ).json()
                with connect(f"{process.ws_url}?token={renewed['access_token']}") as socket:
                    socket.send(json.dumps({"type": "ping"}))
                    assert json.loads(socket.recv(timeout=PATIENCE_S)) == {"type": "pong"}


def test_the_websocket_can_have_a_port_of_its_own() -> None:
    with SimProcess(streams=1, ws_port=0) as process:
        assert f":{process.ws_port}" not in process.url
        with Talk(process) as talk:
            acquisition_id = talk.get("/api/acquisition/sessions")["sessions"][0]["acquisition_id"]
            talk.stream(acquisition_id)
            assert talk.next_window(acquisition_id)
        with pytest.raises(InvalidStatus), connect(process.url.replace("http", "ws") + "/ws"):
            pass
        with httpx.Client(base_url=f"http://127.0.0.1:{process.ws_port}", timeout=PATIENCE_S) as rest:
            assert rest.get("/api").status_code == 404
