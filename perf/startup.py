"""How long a person waits: for the command line, and for the first frame of a window.

``python -m perf startup``; twenty seconds. Everything is on a warm disk and compiled, as from the second start on. The
first frame is counted from when the system started the process to when it was drawn, by the report's
``first_frame_s``; Mesa's driver that fills no pixel takes the place of a graphics card. The baseline of both is a
process that imports numpy, run in turns with them.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from perf.events import display
from perf.result import Result, table

ROUNDS = 4
NOBODY = "127.0.0.1:9"  # nothing listens there
IMPORT_S, FRAME_S = 0.150, 0.600  # the promises for a machine that is quiet
IMPORT_AT_MOST = 0.95  # of a process that imports numpy; a third more than was measured
FRAME_AT_MOST = 5.0  # … and a third more


def run() -> list[Result]:
    import_s: list[float] = []
    numpy_s: list[float] = []
    alone_s: list[float] = []
    stress_s: list[float] = []
    with display() as name, tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DISPLAY": name,
            "GALLIUM_NOOP": "true",
            "LABLINK_DPG_CONFIG_DIR": folder,
            "PYTHONPYCACHEPREFIX": os.path.join(folder, "compiled"),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for number in range(ROUNDS + 1):
            taken = [_process_s("import lablink_dpg.cli", environment), _process_s("import numpy", environment)]
            first = [_first_frame_s(words, environment) for words in ([NOBODY], ["--streams", "1"])] if name else []
            if number:  # the first round only compiles
                for figures, each in zip((import_s, numpy_s, alone_s, stress_s), taken + first, strict=False):
                    figures.append(each)
    own_s, base_s = statistics.median(import_s), statistics.median(numpy_s)
    results = [
        Result("import of the command line", own_s, base_s, "s", "numpy", at_most=IMPORT_AT_MOST),
        Result("import of the command line: the promise", own_s, IMPORT_S, "s", "150 ms"),
    ]
    if name:
        first_s, beside_s = statistics.median(alone_s), statistics.median(stress_s)
        results += [
            Result("first frame", first_s, base_s, "s", "numpy", at_most=FRAME_AT_MOST),
            Result("first frame: the promise", first_s, FRAME_S, "s", "600 ms"),
            Result("first frame with a simulator of its own", beside_s, FRAME_S, "s", "600 ms"),
        ]
    return results


def _process_s(words: str, environment: dict[str, str]) -> float:
    """A whole process, from before its start to after its end."""
    began_s = time.perf_counter()
    subprocess.run([sys.executable, "-c", words], env=environment, check=True, timeout=60)
    return time.perf_counter() - began_s


def _first_frame_s(words: list[str], environment: dict[str, str]) -> float:
    command = [sys.executable, "-m", "lablink_dpg", *words, "--duration", "1", "--no-notifications", "--report", "-"]
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=60
    )
    return float(json.loads(done.stdout)["first_frame_s"])


if __name__ == "__main__":
    print(table(run()))
