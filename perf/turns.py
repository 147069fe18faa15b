"""What keeps frames even while the same process decodes: the heavy run with one measure left out at a time.

Not among the benchmarks that run by default: ``python -m perf turns`` takes two minutes, and one run of it says
little on a busy machine; the variants take turns, ROUNDS times.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

from perf.result import Result

SECONDS = 6.0
ROUNDS = 3
VARIANTS = ("as it is", "no turn", "switch interval of Python", "no background policy", "processors shared")


def run() -> list[Result]:
    p99: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    for _ in range(ROUNDS):
        for variant in VARIANTS:
            done = subprocess.run(
                [sys.executable, "-m", "perf.turns", variant], stdout=subprocess.PIPE, check=True, timeout=60
            )
            p99[variant].append(json.loads(done.stdout)["frame_ms"]["prepare"]["p99"])
    base = statistics.mean(p99["as it is"])
    return [
        Result(f"prepare p99, {variant}", statistics.mean(p99[variant]), base, "ms", "as it is")
        for variant in VARIANTS[1:]
    ]


def _run_variant(variant: str) -> int:
    from lablink_dpg import app, cli, processors, turn
    from lablink_dpg.link import network

    def nothing(*_: object) -> None: ...

    if variant == "no turn":
        turn.MAX_WAIT_S = 0.0
    elif variant == "switch interval of Python":
        turn.SWITCH_INTERVAL_S = sys.getswitchinterval()
    elif variant == "no background policy":
        vars(app)["work_in_the_background"] = vars(network)["work_in_the_background"] = nothing
    elif variant == "processors shared":
        vars(processors)["split"] = nothing
    arguments = ["--streams", "64", "--rate", "10000", "--duration", str(SECONDS), "--headless", "--report", "-"]
    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(_run_variant(sys.argv[1]))
