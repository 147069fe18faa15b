"""Faults of ports, connections and the process, as a plain client meets them."""

from __future__ import annotations

import json
import re
import socket
import sys
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from lablink_dpg.sim.process import SimProcess
from lablink_dpg.sim.server import GRACE_S
from tests.sim.faulty import RATE_HZ, check_window, cleared, gaps, ids, is_silent, stream_all, until
from tests.sim.talk import PATIENCE_S, Talk

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")


@pytest.fixture(scope="module")
def module_process() -> Iterator[SimProcess]:
    with SimProcess(streams=3, rate_hz=RATE_HZ, seed=5, ws_port=0) as process:
        yield process


@pytest.fixture
def process(module_process: SimProcess) -> Iterator[SimProcess]:
    with cleared(module_process):
        yield module_process
    until(lambda: not refuses(module_process.url) and not refuses(module_process.ws_url))


def address(url: str) -> tuple[str, int]:
    host, port = re.findall(r"//([\d.]+):(\d+)", url)[0]
    return host, int(port)


def refuses(url: str) -> bool:
    try:
        socket.create_connection(address(url), timeout=PATIENCE_S).close()
    except ConnectionRefusedError:
        return True
    return False


def closing_of(talk: Talk) -> ConnectionClosed:
    """How the connection ends, whatever is received before."""
    with pytest.raises(ConnectionClosed) as closed:
        for _ in talk.messages():
            pass
    return closed.value


def received_code(talk: Talk) -> int | None:
    closing = closing_of(talk)
    return None if closing.rcvd is None else closing.rcvd.code


def raw_websocket(process: SimProcess) -> socket.socket:
    raw = socket.create_connection(("127.0.0.1", process.ws_port), timeout=PATIENCE_S)
    raw.sendall(
        b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    assert b"101" in raw.recv(4096)
    return raw


def test_refused_ports_answer_nobody_and_come_back_as_they_were(process: SimProcess) -> None:
    with Talk(process) as talk:
        before = ids(talk)
        began_at = time.monotonic()
        process.fault("refuse:0.5")
        assert refuses(process.url)
        assert refuses(process.ws_url)
        assert received_code(talk) is None
    until(lambda: not refuses(process.url) and not refuses(process.ws_url))
    assert time.monotonic() - began_at >= 0.5
    with Talk(process) as talk:
        assert ids(talk) == before


def test_clear_ends_it_early(process: SimProcess) -> None:
    process.fault("refuse:60")
    assert refuses(process.url)
    process.fault("clear")
    until(lambda: not refuses(process.url) and not refuses(process.ws_url))


def test_faults_may_overlap_and_the_last_one_opens_the_door(process: SimProcess) -> None:
    began_at = time.monotonic()
    process.fault("refuse:0.6")
    process.fault("restart:kept,0.2")
    until(lambda: not refuses(process.url))
    assert time.monotonic() - began_at >= 0.6


@pytest.mark.parametrize(("fault", "status"), [("no-ws", 403), ("no-ws:404", 404)])
def test_websockets_are_refused_and_rest_is_not(process: SimProcess, fault: str, status: int) -> None:
    with Talk(process) as talk:
        process.fault(fault)
        assert received_code(talk) == 1001
        with pytest.raises(InvalidStatus) as refused, connect(process.ws_url):
            pass
        assert refused.value.response.status_code == status
        assert ids(talk)
        process.fault("clear")
        with Talk(process) as again:
            again.stream(ids(talk)[0])


def test_the_websockets_own_port_is_closed_and_rests_is_not(process: SimProcess) -> None:
    with Talk(process) as talk:
        process.fault("no-ws:closed")
        assert received_code(talk) == 1001
        assert refuses(process.ws_url)
        assert ids(talk)
        process.fault("clear")
    until(lambda: not refuses(process.ws_url))


def test_a_port_that_is_not_there_cannot_be_closed() -> None:
    with SimProcess(streams=1) as process:
        with pytest.raises(ValueError, match="no port of its own"):
            process.fault("no-ws:closed")
        process.fault("reset")  # it goes on listening to its master


def test_a_reset_is_a_reset(process: SimProcess) -> None:
    idle = socket.create_connection(address(process.url), timeout=PATIENCE_S)
    with raw_websocket(process) as raw, idle:
        httpx.get(f"{process.url}/api")  # accepted after the idle one
        process.fault("reset")
        for sock in (raw, idle):
            with pytest.raises(ConnectionResetError):
                sock.recv(4096)
    assert not refuses(process.url)


@pytest.mark.parametrize("code", [1000, 1001, 1009, 1011, 1012, 4000])
def test_it_closes_in_order_with_any_code(process: SimProcess, code: int) -> None:
    with Talk(process) as talk, Talk(process) as other:
        stream_all(talk)
        process.fault(f"close:{code}")
        assert (received_code(talk), received_code(other)) == (code, code)


def test_1006_is_no_close_frame_but_an_end_of_tcp(process: SimProcess) -> None:
    with raw_websocket(process) as raw:
        process.fault("close:1006")
        assert raw.recv(4096) == b""


def test_kept_acquisitions_go_on_counting_while_the_server_restarts(process: SimProcess) -> None:
    with Talk(process) as talk:
        first, *_ = stream_all(talk)
        before = talk.next_window(first)
        began_at = time.monotonic()
        process.fault("restart:kept,60")
        assert received_code(talk) == 1012
        assert refuses(process.url)
        assert refuses(process.ws_url)
    time.sleep(0.5)
    away_s = time.monotonic() - began_at
    process.fault("clear")
    until(lambda: not refuses(process.url) and not refuses(process.ws_url))
    with Talk(process) as talk:
        assert is_silent(talk), "streams are not restarted for anybody"
        talk.stream(first)
        after = talk.next_window(first)
        check_window(talk, after)
        assert after["stats"]["start_time"] == before["stats"]["start_time"]
        grown = after["stats"]["total_samples"] - before["stats"]["total_samples"]
        assert grown >= away_s * RATE_HZ
        # What was missed can be fetched.
        assert talk.get(f"/api/acquisition/session/{first}/data", num_samples=grown)["count"] == grown


def test_gone_acquisitions_are_gone_and_new_ones_run(process: SimProcess) -> None:
    with Talk(process) as talk:
        before = stream_all(talk)
        sessions = talk.get("/api/acquisition/sessions")["sessions"]
        process.fault("restart:gone,0.1")
        assert received_code(talk) == 1012
    until(lambda: not refuses(process.url) and not refuses(process.ws_url))
    with Talk(process) as talk:
        after = ids(talk)
        assert len(after) == len(before)
        assert not set(after) & set(before)
        for acquisition_id in before:
            talk.get(f"/api/acquisition/session/{acquisition_id}/status", status=404)
        renewed = talk.get("/api/acquisition/sessions")["sessions"]
        assert [each["name"] for each in renewed] == [each["name"] for each in sessions]
        assert stream_all(talk) == after
        check_window(talk, talk.next_window(after[0]))


def test_a_client_that_is_just_closing_does_not_keep_the_server_from_restarting(process: SimProcess) -> None:
    with raw_websocket(process) as raw, Talk(process) as talk:
        process.fault("huge")  # more than the kernel takes from the server while nobody reads
        raw.sendall(masked(0x81, json.dumps({"type": "start_acquisition_stream", "acquisition_id": ids(talk)[0]})))
        talk.until("acquisition_stream")
        raw.sendall(masked(0x88, ""))  # a close frame, to which the answer cannot be sent
        talk.drain()
        process.fault("restart:kept,0.1")  # answered, which it was not
        closing_of(talk)  # in order or cut: a message of 65 MB is in the way
    until(lambda: not refuses(process.url) and not refuses(process.ws_url))


def masked(head: int, payload: str) -> bytes:
    """A frame of a client, with a mask that changes nothing."""
    data = payload.encode()
    assert len(data) < 126
    return bytes((head, 0x80 | len(data), 0, 0, 0, 0)) + data


def test_in_a_black_hole_nothing_passes_and_nothing_ends(process: SimProcess) -> None:
    with Talk(process) as talk:
        first, *_ = stream_all(talk)
        talk.next_window(first)
        process.fault("blackhole:60")
        assert is_quiet_for(talk, 0.5)
        talk.send("ping")
        assert is_quiet_for(talk, 0.3)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{process.url}/api", timeout=0.3)
        with pytest.raises(TimeoutError), connect(process.ws_url, open_timeout=0.3):
            pass
        process.fault("clear")
        # A late flood, in its order: nothing of it is missing.
        assert max(gaps(talk, talk.next_window(first), 60)) <= 0
        talk.until("pong")
        assert talk.get("/api")["status"] == "running"


def is_quiet_for(talk: Talk, seconds: float) -> bool:
    """What the kernel had before the hole may still come first."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            talk.ws.recv(timeout=seconds)
        except TimeoutError:
            return True
    return False


def test_what_is_closed_in_a_black_hole_closes_after_it(process: SimProcess) -> None:
    with Talk(process) as talk:
        process.fault("blackhole:60")
        process.fault("close:1011")
        assert is_quiet_for(talk, 0.3)
        process.fault("clear")
        assert received_code(talk) == 1011


def test_a_black_hole_holds_back_little_and_makes_the_writer_wait(process: SimProcess) -> None:
    with Talk(process) as talk:
        first, *_ = ids(talk)
        talk.stream(first, interval_ms=1, num_samples=10_000)
        before = psutil.Process(process.pid).memory_info().rss
        process.fault("blackhole:0.5")
        assert is_quiet_for(talk, 0.3)
        assert psutil.Process(process.pid).memory_info().rss - before < 256e6
        talk.next_window(first)


@posix_only
def test_a_frozen_process_is_thawed_in_time_and_its_clock_has_gone_on(process: SimProcess) -> None:
    with Talk(process) as talk:
        first, *_ = stream_all(talk)
        before = talk.next_window(first)["stats"]["total_samples"]
        process.fault("freeze:1")
        until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED)
        until(lambda: psutil.Process(process.pid).status() != psutil.STATUS_STOPPED)
        window = talk.until("acquisition_stream", lambda each: each["stats"]["total_samples"] > before + RATE_HZ)
        check_window(talk, window)
    until(lambda: not psutil.Process(process.pid).children())


@posix_only
def test_a_frozen_process_can_be_stopped_and_leaves_nobody() -> None:
    with SimProcess(streams=1) as process:
        process.fault("freeze:60")
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        assert len(family) >= 2
        until(lambda: family[0].status() == psutil.STATUS_STOPPED)
        began_at = time.monotonic()
    assert time.monotonic() - began_at < 2.0
    until(lambda: not any(each.is_running() for each in family[:2]))


def test_a_black_hole_does_not_hold_up_the_end_of_the_server() -> None:
    with SimProcess(streams=1) as process, Talk(process) as talk:
        talk.stream(ids(talk)[0])
        process.fault("blackhole:60")
        began_at = time.monotonic()
        process.stop()
        assert time.monotonic() - began_at < GRACE_S


def test_a_script_begins_at_the_first_connection() -> None:
    with SimProcess(streams=1, faults=["no-ws:404", "rest-500@0.6", "rest-html@1:200"]) as process:
        time.sleep(0.7)  # nobody has connected: its time has not begun
        with httpx.Client(base_url=process.url, timeout=PATIENCE_S) as rest:
            connected_at = time.monotonic()
            assert rest.get("/api").status_code == 200
            with pytest.raises(InvalidStatus, match="404"), connect(process.ws_url):
                pass
            until(lambda: rest.get("/api").status_code == 500)
            assert time.monotonic() - connected_at >= 0.6
            until(lambda: "html" in rest.get("/api").headers["content-type"])
            assert time.monotonic() - connected_at >= 1.0


def test_a_script_without_a_time_begins_before_anybody_can_connect() -> None:
    with SimProcess(streams=1, faults=["refuse:0.3"]) as process:
        until(lambda: not refuses(process.url))
        assert json.loads(httpx.get(f"{process.url}/api").text)["status"] == "running"


def test_an_unknown_fault_is_an_error_and_nothing_happens(process: SimProcess) -> None:
    for text in ("nope", "refuse:long", "reset@3", "", "clear:\x00"):
        with pytest.raises(ValueError, match=r"there is no fault|must be|without @|takes no"):
            process.fault(text)
    with Talk(process) as talk:
        assert ids(talk)
