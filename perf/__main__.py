"""``python -m perf``: every benchmark, a table and the same figures as one line of JSON. Some seven minutes.

    python -m perf [NAME ...] [--json PATH] [--gate] [--record]
    python -m perf soak [--minutes M] [--seed S] [--streams N]

With --gate the exit code is 1 if a figure misses its budget twice: that is what CI runs. Budgets are ratios and counts,
with a margin that a noisy machine keeps and a real regression does not.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from lablink_dpg.store.folding import IS_COMPILED
from perf import history
from perf.result import Result, table

BENCHMARKS = (
    "decode",
    "typed",
    "ring",
    "memory",
    "pyramid",
    "decimate",
    "frame",
    "prepare",
    "simulator",
    "startup",
    "idle",
    "events",
    "panels",
    "wall",
    "exact",
    "endtoend",
)
ON_REQUEST = ("turns", "limits", "screen", "zoom", "peers", "soak")  # too slow or too noisy to run every time


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m perf", description="Benchmarks as ratios within one run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; without it all of them")
    parser.add_argument("--json", type=Path, metavar="PATH", help="append the JSON line to a file, too")
    parser.add_argument("--record", action="store_true", help=f"append the ratios to {history.FILE.name}")
    parser.add_argument("--gate", action="store_true", help="exit code 1 if a figure misses its budget")
    soak = parser.add_argument_group("soak")
    soak.add_argument("--minutes", type=float, default=30.0, metavar="M", help="of faults (%(default)s)")
    soak.add_argument("--seed", type=int, default=1, metavar="S", help="of the faults (%(default)s)")
    soak.add_argument("--streams", type=int, default=32, metavar="N", help="(%(default)s)")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - {*BENCHMARKS, *ON_REQUEST}
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS + ON_REQUEST)}")
    results: list[Result] = []
    started = time.monotonic()
    for name in arguments.names or BENCHMARKS:
        options = (arguments.minutes, arguments.seed, arguments.streams) if name == "soak" else ()
        found = _measured(name, options)
        if arguments.gate and name != "soak" and not all(each.is_kept for each in found):
            print(f"{name}: once more", file=sys.stderr)  # a shared machine has bad moments, a regression has two
            found = _measured(name, options)
        results += found
    facts = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "compiled": IS_COMPILED,
        "cores": os.cpu_count(),
        "seconds": round(time.monotonic() - started, 1),
    }
    line = json.dumps({**facts, "results": [each.as_json() for each in results]})
    print(table(results), line, sep="\n\n")
    if arguments.json is not None:
        with arguments.json.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    for text in history.words(history.drifts(history.load(), results)):
        print(text, file=sys.stderr)
    if arguments.record:
        with history.FILE.open("a", encoding="utf-8") as file:
            file.write(history.line(facts, results) + "\n")
    missed = [each.name for each in results if not each.is_kept]
    if missed:
        print(f"missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed and arguments.gate else 0


def _measured(name: str, options: tuple[float, ...]) -> list[Result]:
    began = time.monotonic()
    found: list[Result] = importlib.import_module(f"perf.{name}").run(*options)
    print(f"{name}: {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
