"""The highest rate that this machine holds: nothing lost, frames on time, the simulator on the same processors.

``python -m perf limits``; ten minutes, so it runs on request only. ``python -m perf.limits --write`` puts the table
into the README, too. The whole program runs without a window, started as a person starts it, at one rate after the
other: doubled or halved until one holds and the next does not, then halved between the two.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lablink_dpg.settings import BOUNDS
from perf.result import Result, table

SECONDS = 6.0  # of one run, once its streams have come; the first two are not asked for evenness
RAMP_S = 0.015  # a stream: its server is asked for the details of one after the other
FPS = 30.0
LATE = 1.5  # times the frame time that the 99th percentile of intervals may take
RECEIVED = 0.9  # of rate × time, at least, but for the ramp: the first half second has no samples yet
FETCHED = 0.01  # of what was received that may have come over REST, where a message was late or too small
HALVINGS = 2  # between the last that held and the first that did not: to a fifth
HISTORY = 100_000  # samples a channel: a thousand full rings of the default size would be gigabytes
LEAST = 10_000.0  # channel samples a second: what holds no more than that holds nothing
GOALS = {"json": 5e6, "typed": 40e6}  # channel samples a second, at the best number of streams
FIRST = {"json": 5.2e6, "typed": 40e6}  # tried first, where streams are few
README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- limits -->", "<!-- /limits -->"


@dataclass(frozen=True, slots=True)
class Case:
    wire: str
    streams: int
    channels: int

    def rate_hz(self, total: float) -> float:
        return total / (self.streams * self.channels)

    @property
    def ramp_s(self) -> float:
        return RAMP_S * self.streams

    @property
    def first(self) -> float:
        """Channel samples a second to be tried first: many streams are limited by messages, not by samples."""
        return min(FIRST[self.wire] * min(1.0, 32 / self.streams), self.most)

    @property
    def most(self) -> float:
        """Channel samples a second of the highest rate that the program takes."""
        return BOUNDS["rate_hz"].high * self.streams * self.channels


# A scope's four channels a stream; one stream alone needs more to reach the limit at the highest rate of one.
CASES = tuple(
    Case(wire, streams, channels)
    for wire, alone in (("json", 16), ("typed", 64))
    for streams, channels in ((1, alone), (16, 4), (64, 4), (256, 4), (1000, 1))
)


@dataclass(frozen=True, slots=True)
class Limit:
    case: Case
    total: float  # channel samples a second that were received; 0.0 where nothing held
    report: dict[str, Any]  # of the run that held it


def highest(holds: Callable[[float], bool], first: float, most: float) -> float:
    """The highest total for which ``holds``, to a fifth or so; 0.0 if not even LEAST does."""
    good, bad = 0.0, math.inf
    total = min(first, most)
    while good < most and bad > LEAST and not (good and bad < math.inf):
        if holds(total):
            good, total = total, min(2 * total, most)
        else:
            bad, total = total, total / 2
    for _ in range(HALVINGS if good and bad < math.inf else 0):
        total = math.sqrt(good * bad)
        if holds(total):
            good = total
        else:
            bad = total
    return good


def why_not(report: dict[str, Any], wanted: float) -> str:
    """Why a run did not hold ``wanted`` channel samples in all; "" if it did."""
    samples, interval = report["samples"], report["frame_ms"]["interval"]
    if samples["lost"]:
        return f"{samples['lost']} lost"
    if samples["received"] < RECEIVED * wanted:
        return f"{samples['received'] / wanted:.0%} received"
    if samples["backfilled"] > FETCHED * samples["received"]:
        return f"{samples['backfilled'] / samples['received']:.1%} fetched later"
    if interval["p99"] > LATE * 1000 / FPS:
        return f"frames every {interval['p99']:.0f} ms"
    return ""


def limit_of(case: Case) -> Limit:
    held: dict[float, dict[str, Any]] = {}

    def holds(total: float) -> bool:
        report = _run(case, total)
        why = "no report" if report is None else why_not(report, total * (report["duration_s"] - case.ramp_s))
        if report is not None and not why:
            held[total] = report
        print(f"{case.wire} {case.streams} × {case.channels}: {total / 1e6:.2f} M/s {why or 'held'}", file=sys.stderr)
        return not why

    total = highest(holds, case.first, case.most)
    return Limit(case, total, held.get(total, {}))


def _run(case: Case, total: float) -> dict[str, Any] | None:
    command = [sys.executable, "-m", "lablink_dpg", "--headless", "--report", "-", "--wire", case.wire]
    command += ["--streams", str(case.streams), "--channels", str(case.channels)]
    command += ["--rate", f"{case.rate_hz(total):.3f}", "--duration", str(SECONDS + case.ramp_s), "--fps", str(FPS)]
    command += ["--history", str(HISTORY)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=90, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def rows(limits: list[Limit]) -> str:
    """The table of the README."""
    lines = [
        "| streams | JSON, M samples/s | typed, M samples/s | latency p99, ms | prepare p50, ms |",
        "| --- | --- | --- | --- | --- |",
    ]
    by_streams: dict[int, dict[str, Limit]] = {}
    for each in limits:
        by_streams.setdefault(each.case.streams, {})[each.case.wire] = each
    for streams, found in by_streams.items():
        pair = [found[wire] for wire in GOALS if wire in found]
        rates = [f"{each.total / 1e6:.3g} ({each.case.channels} ch.)" for each in pair]
        latency = [f"{each.report['latency_ms']['p99']:.0f}" if each.report else "–" for each in pair]
        prepare = [f"{each.report['frame_ms']['prepare']['p50']:.1f}" if each.report else "–" for each in pair]
        lines.append(f"| {streams} | {' | '.join(rates)} | {' / '.join(latency)} | {' / '.join(prepare)} |")
    return "\n".join(lines)


def run() -> list[Result]:
    return results(measured())


def measured() -> list[Limit]:
    return [limit_of(case) for case in CASES]


def results(limits: list[Limit]) -> list[Result]:
    """Each limit, and the best of each wire against its goal."""
    out = [
        Result(
            f"{each.case.wire}, {each.case.streams} × {each.case.channels}",
            each.total / 1e6,
            GOALS[each.case.wire] / 1e6,
            "M samples/s",
            "the goal",
        )
        for each in limits
    ]
    for wire, goal in GOALS.items():
        best = max((each.total for each in limits if each.case.wire == wire), default=0.0)
        out.append(Result(f"{wire}: best", best / 1e6, goal / 1e6, "M samples/s", "the goal", at_least=1.0))
    return out


def with_table(text: str, new: str) -> str:
    """The README with another table between its marks. Raises ValueError where there are none."""
    begin, end = text.find(BEGIN), text.find(END)
    if not 0 <= begin < end:
        raise ValueError(f"no {BEGIN} … {END} in the text")
    return f"{text[: begin + len(BEGIN)]}\n{new}\n{text[end:]}"


if __name__ == "__main__":
    found = measured()
    print(table(results(found)), rows(found), sep="\n\n")
    if "--write" in sys.argv[1:]:
        README.write_text(with_table(README.read_text(encoding="utf-8"), rows(found)), encoding="utf-8")
