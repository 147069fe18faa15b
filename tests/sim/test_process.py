"""The simulator as a process: how it starts, ends, complains and dies with those who started it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest
from websockets.asyncio.client import connect as dial
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from lablink_dpg.sim.process import SimProcess, SimStartError
from tests.sim.talk import PATIENCE_S, Talk
from tests.support import certificates

END_S = 2.0  # what the simulator promises
COMMAND = [sys.executable, "-m", "lablink_dpg.sim"]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)


def read_for_ever(connection: ClientConnection) -> None:
    while True:
        connection.recv(timeout=PATIENCE_S)


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_a_process_serves_while_its_block_lasts_and_leaves_nothing() -> None:
    children = {child.pid for child in psutil.Process().children()}
    with SimProcess(streams=3, rate_hz=250.0, channels=2, seed=11, buffer_size=77) as process:
        assert process.is_running
        with Talk(process) as talk:
            sessions = talk.get("/api/acquisition/sessions")["sessions"]
            config = talk.status(sessions[0]["acquisition_id"])["config"]
        pid = process.pid
    assert len(sessions) == 3
    assert (config["sample_rate"], config["channels"], config["buffer_size"]) == (250.0, ["CH1", "CH2"], 77)
    assert not process.is_running
    assert not psutil.pid_exists(pid), "not even a zombie"
    assert {child.pid for child in psutil.Process().children()} == children


def test_two_processes_get_ports_of_their_own() -> None:
    with SimProcess(streams=1) as one, SimProcess(streams=1) as two:
        assert one.url != two.url
        assert one.ws_url.startswith(f"ws://127.0.0.1:{one.url.rpartition(':')[2]}/")


def test_the_same_seed_makes_the_same_acquisitions_and_signals() -> None:
    def look(seed: int) -> list[dict[str, object]]:
        with SimProcess(streams=2, seed=seed) as process, Talk(process) as talk:
            found = talk.get("/api/acquisition/sessions")["sessions"]
            return [talk.status(session["acquisition_id"])["config"] for session in found]

    first = look(1)
    assert look(1) == first
    assert look(2) != first


def test_stopping_twice_or_before_the_start_is_harmless() -> None:
    process = SimProcess(streams=1)
    process.stop()
    with process:
        process.stop()
    process.stop()


def test_a_start_that_fails_says_why_in_one_line() -> None:
    children = {child.pid for child in psutil.Process().children()}
    with pytest.raises(SimStartError, match="--rate") as failure:
        SimProcess(rate_hz=-1.0).start()
    assert "\n" not in str(failure.value)
    assert {child.pid for child in psutil.Process().children()} == children


def test_a_start_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(SimStartError, match=r"no answer within 0.01 s"):
        SimProcess(start_timeout_s=0.01).start()


@posix_only
def test_a_child_dies_with_its_parent_even_when_that_is_killed() -> None:
    script = (
        "import time\n"
        "from lablink_dpg.sim.process import SimProcess\n"
        "process = SimProcess(streams=1).start()\n"
        "print(process.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not gone(pid)
        parent.kill()
    until(lambda: gone(pid))


@posix_only
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_websockets_with_1012_and_ends_in_order(number: signal.Signals) -> None:
    arguments = ["--port", "0", "--streams", "8", "--rate", "10000", "--supervised"]
    with subprocess.Popen(
        [*COMMAND, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = f"127.0.0.1:{json.loads(process.stdout.readline())['port']}"
        sessions = httpx.get(f"http://{url}/api/acquisition/sessions").json()["sessions"]
        with connect(f"ws://{url}/ws", max_size=None) as reading, connect(f"ws://{url}/ws", close_timeout=0.1):
            for session in sessions:
                start = {"type": "start_acquisition_stream", "acquisition_id": session["acquisition_id"]}
                reading.send(json.dumps({**start, "interval_ms": 20, "num_samples": 1000}))
            reading.recv(timeout=PATIENCE_S)
            sent_at = time.monotonic()
            process.send_signal(number)
            with pytest.raises(ConnectionClosed) as closed:
                read_for_ever(reading)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
            # The second client never reads: it must not hold up the end.
            assert process.wait(timeout=PATIENCE_S) == 0
            assert time.monotonic() - sent_at < END_S
        assert process.stderr.read() == b""


def test_help_explains_itself() -> None:
    answer = run("--help")
    assert answer.returncode == 0
    for word in (
        "--streams",
        "--rate",
        "--channels",
        "--seed",
        "--token",
        "--ws-port",
        "--fault",
        "blackhole:SECONDS",
        "demo bench",
        "Exit codes",
    ):
        assert word in answer.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["--streams", "-1"],
        ["--streams", "many"],
        ["--rate", "0"],
        ["--rate", "nan"],
        ["--channels", "0"],
        ["--port", "70000"],
        ["--quiet", "--verbose"],
        ["--fault", "nope"],
        ["--fault", "reset", "--fault", "refuse:long"],
        ["--fault", "no-ws:closed"],
        ["--what"],
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(arguments: list[str]) -> None:
    answer = run(*arguments)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert len(answer.stderr.splitlines()) == 1
    assert answer.stderr.startswith("lablink-sim: ")


def test_a_port_that_is_taken_is_one_line_and_exit_code_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = run("--port", str(port))
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"lablink-sim: cannot listen on 127.0.0.1:{port}: ")
    assert len(answer.stderr.splitlines()) == 1


@posix_only
def test_started_by_hand_it_says_where_it_is_and_is_silent_when_told() -> None:
    for arguments, is_silent in (([], False), (["--quiet"], True)):
        with subprocess.Popen(
            [*COMMAND, "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            if is_silent:
                until(lambda pid=process.pid: bool(psutil.Process(pid).net_connections("tcp")))
            else:
                line = process.stdout.readline()
                assert line.startswith("LabLink simulator on http://127.0.0.1:")
                assert "3 acquisitions" in line
            process.send_signal(signal.SIGINT)
            rest, errors = process.communicate(timeout=PATIENCE_S)
            assert (process.returncode, rest, errors) == (0, "", "")


def test_a_client_that_never_reads_does_not_disturb_one_that_does() -> None:
    with SimProcess(streams=4, rate_hz=10_000.0) as process, Talk(process) as quick:
        slow = socket.create_connection(("127.0.0.1", process.ws_port))
        with contextlib.closing(slow):
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.sendall(
                b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
            assert slow.recv(12) == b"HTTP/1.1 101"
            lost = 0
            last: dict[str, int] = {}
            for session in quick.get("/api/acquisition/sessions")["sessions"]:
                quick.stream(session["acquisition_id"], interval_ms=10, num_samples=5000)
            for _ in range(400):
                window = quick.until("acquisition_stream")
                total, count = window["stats"]["total_samples"], window["data"]["count"]
                previous = last.get(window["acquisition_id"], total)
                lost += max(0, total - previous - count)
                last[window["acquisition_id"]] = total
            assert lost == 0


def test_a_bug_in_what_happens_by_itself_ends_the_server_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    from lablink_dpg.sim import server
    from lablink_dpg.sim.bench import BenchOptions
    from lablink_dpg.sim.lab import Lab
    from lablink_dpg.sim.life import Life

    def step(life: Life) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Life, "step", step)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(server.run(Lab(BenchOptions(streams=1)), server.bind("127.0.0.1", 0)))


def test_a_certificate_makes_it_https_and_wss(tmp_path: Path) -> None:
    files = certificates.make(tmp_path)
    with SimProcess(streams=1, extra_arguments=("--certfile", str(files.server))) as process:
        trusting = ssl.create_default_context(cafile=str(files.authority))
        assert process.url.startswith("https://")
        assert httpx.get(f"{process.url}/api", verify=trusting, timeout=PATIENCE_S).status_code == 200

        async def ping() -> str | bytes:
            """On one thread: the library's other client reads and writes at the same time, which OpenSSL forbids."""
            async with asyncio.timeout(PATIENCE_S), dial(process.ws_url, ssl=trusting) as connection:
                await connection.send('{"type": "ping"}')
                return await connection.recv()

        assert asyncio.run(ping()) == '{"type":"pong"}'


def test_a_certificate_without_its_key_is_wrong_usage(tmp_path: Path) -> None:
    files = certificates.make(tmp_path)
    for path, said in ((files.authority, "no certificate with its key"), (tmp_path / "absent", "No such file")):
        done = run("--certfile", str(path))
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stderr.count("\n") == 1


def test_the_life_of_tokens_can_be_chosen() -> None:
    with SimProcess(streams=1, token="T", extra_arguments=("--token-life", "2.5")) as process:
        body = {"username": "ada", "password": "lablink"}
        answer = httpx.post(f"{process.url}/api/security/login", json=body, timeout=PATIENCE_S)
    assert answer.json()["expires_in"] == 2.5
    assert run("--token-life", "0").returncode == 2
