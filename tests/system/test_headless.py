"""What scripts rely on: the headless run from command line to report, over loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from lablink_dpg.model.exit_code import ExitCode
from lablink_dpg.model.link import LinkState
from lablink_dpg.sim.process import SimProcess
from tests.system.running import report_of, run, start, wait_for_file

KEYS = {
    "version",
    "compiled",
    "streams",
    "channels",
    "mode",
    "wire",
    "duration_s",
    "messages",
    "bytes",
    "invalid_messages",
    "samples",
    "verify",
    "latency_ms",
    "frame_ms",
    "frames",
    "fps",
    "link",
    "cpu_s",
    "rss_mb",
    "bytes_per_sample",
    "events",
    "servers",
}


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("wire", ["typed", "json"])
def test_a_stress_run_loses_nothing_and_every_sample_is_right(wire: str) -> None:
    asked = ("--streams", "4", "--channels", "2", "--duration", "3", "--wire", wire)
    done = run(*asked, "--headless", "--verify", "--report", "-")
    report = report_of(done)
    assert done.returncode == ExitCode.OK, done.stderr
    assert report.keys() >= KEYS
    assert (report["streams"], report["channels"], report["mode"]) == (4, 8, "hybrid")
    assert (report["wire"], report["servers"][0]["wire"]) == (wire, wire)
    samples, verify = report["samples"], report["verify"]
    assert samples["lost"] == 0
    assert samples["received"] >= 0.7 * 8 * 1000 * 3  # how much more is perf's business
    assert (verify["verified"], verify["mismatched"]) == (samples["received"] + samples["backfilled"], 0)
    # Windows of JSON overlap, or nothing would be safe; of typed messages each sample comes once.
    assert (samples["overlap_dropped"] > 0) == (wire == "json")
    assert report["invalid_messages"] == 0
    assert report["frames"] > 10
    assert 0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p99"] <= report["latency_ms"]["max"]
    assert report["bytes_per_sample"] < 20  # two channels share the timestamps


def test_sixteen_typed_streams_are_right_to_the_last_bit() -> None:
    done = run("--streams", "16", "--wire", "typed", "--duration", "4", "--headless", "--verify", "--report", "-")
    report = report_of(done)
    assert done.returncode == ExitCode.OK, done.stderr
    assert (report["wire"], report["invalid_messages"]) == ("typed", 0)
    samples, verify = report["samples"], report["verify"]
    assert (samples["lost"], verify["mismatched"], verify["skipped"]) == (0, 0, 0)
    assert verify["verified"] == samples["received"] + samples["backfilled"] > 16 * 2000


def test_a_server_without_typed_messages_is_read_as_json_and_one_line_says_so() -> None:
    with SimProcess(streams=1, extra_arguments=("--wire", "json")) as simulator:
        done = run(simulator.url, "--wire", "typed", "--duration", "3", "--headless", "--verify", "--report", "-")
    report = report_of(done)
    assert done.returncode == ExitCode.OK, done.stderr
    assert report["wire"] == "json"
    assert report["verify"]["verified"] > 500
    assert done.stderr.count("does not know typed messages") == 1


@pytest.mark.parametrize("mode", ["websocket", "polling"])
def test_each_transport_alone_brings_every_sample_right(mode: str) -> None:
    done = run(
        "--streams", "2", "--rate", "200", "--mode", mode, "--duration", "4", "--headless", "--verify", "--report", "-"
    )
    report = report_of(done)
    assert done.returncode == ExitCode.OK, done.stderr
    assert report["mode"] == mode
    assert report["samples"]["lost"] == 0
    assert report["samples"]["received"] >= 400
    assert report["verify"]["mismatched"] == 0
    assert report["verify"]["verified"] > 0


def test_an_existing_server_is_shown_also_with_a_separate_websocket_port(tmp_path: Path) -> None:
    with SimProcess(streams=2, ws_port=0) as simulator:
        address = simulator.url.removeprefix("http://")
        arguments = ("--ws-port", str(simulator.ws_port), "--duration", "2", "--headless", "--verify", "--report", "-")
        done = run(address, *arguments)
        report = report_of(done)
    assert done.returncode == ExitCode.OK, done.stderr
    assert report["streams"] == 2
    assert report["messages"] > 0
    assert report["verify"]["verified"] > 0


def test_the_server_of_the_last_run_is_the_default_of_the_next(tmp_path: Path) -> None:
    environment = {**os.environ, "LABLINK_DPG_CONFIG_DIR": str(tmp_path)}
    with SimProcess(streams=1) as simulator:
        run(simulator.url, "--duration", "1.5", "--headless", environment=environment)
        done = run("--duration", "1.5", "--headless", "--report", "-", environment=environment)
    assert report_of(done)["streams"] == 1


def test_several_servers_are_reported_each_and_in_sum_and_are_the_default_of_the_next_run(tmp_path: Path) -> None:
    environment = {**os.environ, "LABLINK_DPG_CONFIG_DIR": str(tmp_path)}
    with SimProcess(streams=2) as first, SimProcess(streams=1, channels=2) as second:
        run(first.url, second.url, "--duration", "1.5", "--headless", environment=environment)
        done = run("--duration", "3", "--headless", "--verify", "--report", "-", environment=environment)
    report = report_of(done)
    assert done.returncode == ExitCode.OK, done.stderr
    assert [each["server"] for each in report["servers"]] == [
        sim.url.removeprefix("http://") for sim in (first, second)
    ]
    assert [(each["streams"], each["channels"]) for each in report["servers"]] == [(2, 2), (1, 2)]
    assert (report["streams"], report["channels"]) == (3, 4)
    active = [each["link"]["active_streams"] for each in report["servers"]]
    assert active[0] >= 2, "acquisitions, and readings of devices"
    assert active[1] >= 1
    assert report["link"]["active_streams"] == sum(active)
    for name in ("messages", "bytes", "invalid_messages"):
        assert report[name] == sum(each[name] for each in report["servers"])
    for name in ("received", "lost", "backfilled", "overlap_dropped"):
        assert report["samples"][name] == sum(each["samples"][name] for each in report["servers"])
    assert all(each["samples"]["received"] > 1000 for each in report["servers"])
    assert report["samples"]["lost"] == report["verify"]["mismatched"] == report["verify"]["skipped"] == 0
    assert report["verify"]["verified"] == report["samples"]["received"] + report["samples"]["backfilled"]
    assert all(0 < each["latency_ms"]["p50"] <= report["latency_ms"]["max"] for each in report["servers"])


def test_one_server_that_is_not_there_leaves_the_other_as_it_is() -> None:
    absent = f"127.0.0.1:{unused_port()}"
    with SimProcess(streams=2) as simulator:
        done = run(absent, simulator.url, "--duration", "2.5", "--headless", "--verify", "--report", "-")
    report = report_of(done)
    assert done.returncode == ExitCode.OK, done.stderr
    gone, there = report["servers"]
    assert (gone["server"], gone["streams"], gone["latency_ms"]["p99"]) == (absent, 0, None)
    assert "refused" in gone["link"]["reason"]
    assert there["link"]["state"] == "streaming"
    assert (there["samples"]["lost"], report["verify"]["mismatched"]) == (0, 0)
    assert report["link"]["state"] != "streaming", "the one that is worst off"
    lives = [each["link"]["state_s"] for each in report["servers"]]
    assert all(life.keys() == report["link"]["state_s"].keys() == set(LinkState) for life in lives)
    assert all(abs(sum(life.values()) - report["duration_s"]) < 1.0 for life in lives), "each moment is in one state"
    assert all(abs(report["link"]["state_s"][name] - sum(life[name] for life in lives)) < 0.01 for name in LinkState)
    assert lives[0]["streaming"] == 0 < lives[0]["waiting"]
    assert lives[1]["waiting"] == 0 < 1.0 < lives[1]["streaming"]


def test_a_server_that_is_not_there_is_waited_for_and_said() -> None:
    done = run(f"127.0.0.1:{unused_port()}", "--duration", "1.5", "--headless", "--report", "-")
    report = report_of(done)
    assert done.returncode == ExitCode.OK
    assert report["streams"] == 0
    assert report["latency_ms"]["p99"] is None
    assert "refused" in done.stderr
    assert "Traceback" not in done.stderr


def test_verify_without_anything_to_verify_is_a_failure() -> None:
    done = run(f"127.0.0.1:{unused_port()}", "--duration", "1", "--headless", "--verify")
    assert done.returncode == ExitCode.FAILED
    assert "nothing was verified" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_in_order_with_its_report(number: signal.Signals, tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = start("--streams", "2", "--headless", "--verify", "--report", "-", "--log-file", str(log))
    try:
        wait_for_file(log, process)
        process.send_signal(number)
        out, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode in (ExitCode.OK, ExitCode.FAILED), errors  # it may have come before the first sample
    assert "Traceback" not in errors
    assert json.loads(out)["streams"] <= 2  # or between the first and the second


def test_a_wrong_token_is_said_and_never_shown() -> None:
    with SimProcess(streams=1, token="the-right-one") as simulator:
        done = run(simulator.url, "--token", "a-wrong-one", "--duration", "2", "--headless", "--verbose")
    assert "token" in done.stderr
    assert "a-wrong-one" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_report_that_cannot_be_written_is_one_line_and_a_failure(tmp_path: Path) -> None:
    target = tmp_path / "gone"
    target.mkdir()
    log = tmp_path / "log"
    process = start(
        "--streams", "1", "--duration", "1", "--headless", "--report", str(target / "r"), "--log-file", str(log)
    )
    wait_for_file(log, process)
    target.rmdir()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == ExitCode.FAILED
    assert len(errors.strip().splitlines()) == 1
    assert "--report" in errors


def test_without_a_display_one_line_says_so_and_names_the_way_out() -> None:
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = run("--streams", "1", "--duration", "1", environment=environment)
    assert done.returncode == ExitCode.NO_DISPLAY
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert "--headless" in done.stderr


def test_a_headless_run_never_loads_the_window_library() -> None:
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from lablink_dpg.cli import main\n"
        "code = main(['--streams', '1', '--duration', '0.5', '--headless'])\n"
        "sys.exit(code or ('dearpygui' in sys.modules) * 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
