"""What was measured before: a line of JSON a run, so that a slow drift is seen that no budget catches.

``perf/history.jsonl`` is kept in the repository; ``--record`` adds a run to it. A ratio is compared with the median of
the last runs that had a figure of the same name: one noisy run says nothing.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from perf.result import Result

FILE = Path(__file__).with_name("history.jsonl")
RUNS = 10  # of which the median is taken: some weeks of work
NOTED = 1.5  # a ratio that is so many times another than it was is named in the output


def load(path: Path = FILE) -> list[dict[str, float]]:
    """The ratios of each recorded run by name, oldest first; a line that is none is left out."""
    runs = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            ratios = json.loads(line)["ratios"]
        except (ValueError, KeyError, TypeError):
            continue
        runs.append({str(name): float(ratio) for name, ratio in ratios.items()})
    return runs


def usual(runs: Sequence[Mapping[str, float]], name: str) -> float | None:
    """The median of the last RUNS runs that have it; None if none has."""
    found = [run[name] for run in runs if name in run][-RUNS:]
    return statistics.median(found) if found else None


def drifts(runs: Sequence[Mapping[str, float]], results: Iterable[Result]) -> dict[str, float]:
    """By name, how many times its usual ratio a figure has now; without those that are new."""
    out = {}
    for each in results:
        before = usual(runs, each.name)
        if before:
            out[each.name] = each.ratio / before
    return out


def line(facts: Mapping[str, Any], results: Iterable[Result]) -> str:
    """One run, to be appended. ``facts``: when, on what."""
    return json.dumps({**facts, "ratios": {each.name: float(f"{each.ratio:.4g}") for each in results}})


def words(found: Mapping[str, float]) -> list[str]:
    """The figures that are far from what they were, the farthest first."""
    far = {name: drift for name, drift in found.items() if not 1 / NOTED <= drift <= NOTED}
    ordered = sorted(far.items(), key=lambda item: -max(item[1], 1 / max(item[1], 1e-9)))
    return [f"{name}: {drift:.2g} times its usual ratio" for name, drift in ordered]
