"""What a connected client costs while the server has nothing to say: CPU time of a whole headless run.

``python -m perf idle``; half a minute. Connecting is in it, as a tenth of a second of CPU or so. Where processors are
shared or virtual, waking up alone costs 20 to 200 µs of CPU time, and what is cold then runs at half speed: so the
budget is a ratio to a program that wakes up as often in the same half minute and does nothing. 3 % of a core is the
promise of the README for a machine that is quiet.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from lablink_dpg.sim.process import SimProcess
from perf.result import Result, table

SECONDS = 30.0  # connecting costs as much as four of them
CORE_SHARE = 0.03  # of one core
TIMES_AT_MOST = 8.0  # of what waking up costs: half as much again as was measured
WAKES_A_S = 54  # of both threads together; 14 of them for the readings of three devices, every 150 ms each
FRAMES_AT_MOST = 0.5  # of the full pace: four a second of thirty, and a second at full pace after the connection
BARE = """
import sys, time
wait_s, ends_s = 1 / float(sys.argv[1]), time.monotonic() + float(sys.argv[2])
began_s = time.process_time()
while time.monotonic() < ends_s:
    time.sleep(wait_s)
print(time.process_time() - began_s)
"""


def run() -> list[Result]:
    with SimProcess(streams=0) as simulator:
        command = [sys.executable, "-m", "lablink_dpg", simulator.url, "--duration", str(SECONDS)]
        command += ["--headless", "--report", "-"]
        bare = subprocess.Popen(
            [sys.executable, "-c", BARE, str(WAKES_A_S), str(SECONDS)], stdout=subprocess.PIPE, text=True
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
