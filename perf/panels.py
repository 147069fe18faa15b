"""What panels add to a frame: all six on the screen, of a lab with 50 devices, 200 open alarms and 16 streams.

``python -m perf panels``; a minute. The whole program with a real window on a display of its own, started as a person
starts it, with the layout in its preferences. Mesa's driver that fills no pixel takes the place of a graphics card: what
is measured is the time in which a frame is prepared. The baseline is the same run without a panel, and one in which all
of them are open in one place, so that five of six are hidden behind the sixth.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lablink_dpg.sim.process import SimProcess
from perf.events import display
from perf.result import Result, table

SECONDS = 14.0
STREAMS, DEVICES, ALARMS = 16, 50, 200
PANELS = ("equipment", "acquisitions", "alarms", "diagnostics", "scheduler", "settings")
GOAL_MS = 8.0  # p99 of prepare
CHEAP = "scheduler"  # stands before the others where they are hidden
HIDDEN_AT_MOST = 1.5  # times the frame with that one panel alone: five more cost nothing but noise
ALL_AT_MOST = 4.0  # times the frame without any; half as much again as was measured


def run() -> list[Result]:
    extra = ["--devices", str(DEVICES - 4), "--alarms", str(ALARMS), "--lively"]  # two scopes, a supply and a load
    with display() as name, SimProcess(streams=STREAMS, extra_arguments=extra) as simulator:
        none = _run(name, simulator.url, (), {})
        one = _run(name, simulator.url, (CHEAP,), {})
        places = dict.fromkeys(PANELS, "bottom left")
        hidden = _run(name, simulator.url, PANELS, places, {"bottom left": CHEAP})
        shown = _run(name, simulator.url, PANELS, {})
    return [
        Result("all panels: prepare p99", shown["p99"], GOAL_MS, "ms", "the goal"),
        Result("all panels: prepare p50", shown["p50"], none["p50"], "ms", "no panel", at_most=ALL_AT_MOST),
        Result("no panel: prepare p99", none["p99"], GOAL_MS, "ms", "the goal"),
        Result(
            "five panels hidden: prepare p50",
            hidden["p50"],
            one["p50"],
            "ms",
            "one panel alone",
            at_most=HIDDEN_AT_MOST,
        ),
    ]


def _run(
    display_name: str,
    url: str,
    opened: Sequence[str],
    places: Mapping[str, str],
    front: Mapping[str, str] | None = None,
) -> dict[str, float]:
    """p50 and p99 of prepare in a run with these panels."""
    with tempfile.TemporaryDirectory() as folder:
        docks = {"opened": list(opened), "places": dict(places), "front": dict(front or {})}
        (Path(folder) / "preferences.json").write_text(json.dumps({"docks": docks}), encoding="utf-8")
        environment = {
            **os.environ,
            "DISPLAY": display_name,
            "GALLIUM_NOOP": "true",
            "LABLINK_DPG_CONFIG_DIR": folder,
        }
        command = [sys.executable, "-m", "lablink_dpg", url, "--duration", str(SECONDS), "--no-notifications"]
        done = subprocess.run(
            [*command, "--report", "-"], env=environment, stdout=subprocess.PIPE, check=True, timeout=90
        )
    report: dict[str, Any] = json.loads(done.stdout)
    prepare: dict[str, float] = report["frame_ms"]["prepare"]
    return prepare


if __name__ == "__main__":
    print(table(run()))
