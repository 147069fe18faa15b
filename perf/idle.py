"""What a connected client costs while the server has nothing to say: a whole headless run, and a window at rest.

``python -m perf idle``; a minute and a half. Of the headless run it is the CPU time of all of it, with a tenth of a
second for connecting; of the window that of its last seconds, with Mesa's driver that fills no pixel in place of a
graphics card: once with a server whose devices are disconnected, which has nothing new at all, and once with three that
send readings twice a second each, to panels that are closed.
Where processors are shared or virtual, waking up alone costs 20 to 200 µs of CPU time, and what is cold then runs at
half speed: so the budgets are ratios to a program that wakes up as often in the same seconds and does nothing, or,
beside the window, reads a small answer of a server each time, which is slowed down by others as the window is.
3 and 2 % of a core are the promises for a machine that is quiet, of a window with nothing new.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

import httpx
import psutil

from lablink_dpg.sim.process import SimProcess
from perf.events import display
from perf.result import Result, table

SECONDS = 30.0  # connecting costs as much as four of them
CORE_SHARE = 0.03  # of one core
TIMES_AT_MOST = 8.0  # of what waking up costs: half as much again as was measured
WAKES_A_S = 54  # of both threads together; 14 of them for the readings of three devices, every 150 ms each
FRAMES_AT_MOST = 0.5  # of the full pace: four a second of thirty, and a second at full pace after the connection

REST_AFTER_S = 14.0  # a window: a second for the connection, and as long as ``pace`` takes to come to rest
REST_S = 14.0  # a server's list of health comes within it
WINDOW_SHARE = 0.02  # of one core
WINDOW_TIMES_AT_MOST = 4.0  # of what waking up and reading as often costs; half as much again as was measured
WINDOW_WAKES_A_S = 24  # of both threads together with readings, half of them the network's; without they are fewer
WINDOW_FRAMES_AT_MOST = 0.085  # of the full pace: two seconds of that to begin with, one a second afterwards
WAKING = """
import json, sys, time
answer = json.dumps([{"id": f"number {n}", "value": n / 7, "of": ["a", "b", n]} for n in range(100)])
wait_s, ends_s, reads = 1 / float(sys.argv[1]), time.monotonic() + float(sys.argv[2]), sys.argv[3] == "reads"
began_s = time.process_time()
while time.monotonic() < ends_s:
    time.sleep(wait_s)
    if reads:
        json.loads(answer)
print(time.process_time() - began_s)
"""


def run() -> list[Result]:
    return [*_headless(), *_window("window at rest", has_readings=False), *_window("with readings", has_readings=True)]


def _window(words: str, *, has_readings: bool) -> list[Result]:
    with display() as name, SimProcess(streams=0) as simulator, tempfile.TemporaryDirectory() as folder:
        if not name:
            return []
        if not has_readings:
            for each in httpx.get(f"{simulator.url}/api/equipment/list").raise_for_status().json():
                httpx.post(f"{simulator.url}/api/equipment/disconnect/{each['id']}").raise_for_status()
        command = [sys.executable, "-m", "lablink_dpg", simulator.url, "--no-notifications", "--report", "-"]
        environment = {**os.environ, "DISPLAY": name, "GALLIUM_NOOP": "true", "LABLINK_DPG_CONFIG_DIR": folder}
        window = subprocess.Popen(
            [*command, "--duration", str(REST_AFTER_S + REST_S + 1)],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        process = psutil.Process(window.pid)
        time.sleep(REST_AFTER_S)
        waking = [sys.executable, "-c", WAKING, str(WINDOW_WAKES_A_S), str(REST_S), "reads"]
        before_s, began_s = sum(process.cpu_times()[:2]), time.monotonic()
        waking_s = float(subprocess.run(waking, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout)
        cpu_s, wall_s = sum(process.cpu_times()[:2]) - before_s, time.monotonic() - began_s
        got: dict[str, Any] = json.loads(window.communicate(timeout=60)[0])
    return [
        Result(f"{words}: CPU", cpu_s, waking_s, "s", "waking up and reading", at_most=WINDOW_TIMES_AT_MOST),
        Result(f"{words}: CPU of the promise", cpu_s, WINDOW_SHARE * wall_s, "s", "2 % of a core"),
        Result(
            f"{words}: frames of all",
            got["frames"],
            30 * got["duration_s"],
            "",
            "full pace",
            at_most=WINDOW_FRAMES_AT_MOST,
        ),
    ]


def _headless() -> list[Result]:
    with SimProcess(streams=0) as simulator:
        command = [sys.executable, "-m", "lablink_dpg", simulator.url, "--duration", str(SECONDS)]
        command += ["--headless", "--report", "-"]
        bare = subprocess.Popen(
            [sys.executable, "-c", WAKING, str(WAKES_A_S), str(SECONDS), "wakes"], stdout=subprocess.PIPE, text=True
        )
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=120)
        waking_s = float(bare.communicate(timeout=60)[0])
    got: dict[str, Any] = json.loads(done.stdout)
    wall_s = got["duration_s"]
    return [
        Result("idle: CPU", got["cpu_s"], waking_s, "s", "waking up", at_most=TIMES_AT_MOST),
        Result("idle: CPU of the promise", got["cpu_s"], CORE_SHARE * wall_s, "s", "3 % of a core"),
        Result("idle: frames", got["frames"], 30 * wall_s, "", "full pace", at_most=FRAMES_AT_MOST),
    ]


if __name__ == "__main__":
    print(table(run()))
