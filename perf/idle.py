"""What a connected client costs while the server has nothing to say: CPU time of a whole headless run.

``python -m perf idle``; twelve seconds. Connecting is in it, as a tenth of a second of CPU or so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from lablink_dpg.sim.process import SimProcess
from perf.result import Result, table

SECONDS = 10.0
CORE_SHARE = 0.03  # of one core, at most: the promise of the README
FRAMES_AT_MOST = 0.5  # of the full pace: four a second of thirty, and a second at full pace after the connection


def run() -> list[Result]:
    with SimProcess(streams=0) as simulator:
        command = [sys.executable, "-m", "lablink_dpg", simulator.url, "--duration", str(SECONDS)]
        command += ["--headless", "--report", "-"]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=60)
    got: dict[str, Any] = json.loads(done.stdout)
    wall_s = got["duration_s"]
    return [
        Result("idle: CPU", got["cpu_s"], CORE_SHARE * wall_s, "s", "3 % of a core", at_most=1.0),
        Result("idle: frames", got["frames"], 30 * wall_s, "", "full pace", at_most=FRAMES_AT_MOST),
    ]


if __name__ == "__main__":
    print(table(run()))
