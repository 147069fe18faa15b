"""One measured figure: a value beside a baseline from the same run, and what it must keep to.

Absolute times drift with the machine; a ratio of two things measured in turns does not.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """``ratio`` is value / baseline. ``at_least`` or ``at_most`` bounds it; neither: the figure is for reading only."""

    name: str
    value: float
    baseline: float
    unit: str
    against: str  # what the baseline is, in words
    at_least: float | None = None
    at_most: float | None = None

    @property
    def ratio(self) -> float:
        return self.value / self.baseline if self.baseline else float("inf")

    @property
    def is_kept(self) -> bool:
        return (self.at_least is None or self.ratio >= self.at_least) and (
            self.at_most is None or self.ratio <= self.at_most
        )

    @property
    def budget(self) -> str:
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return "" if self.at_most is None else f"<= {self.at_most:g}"

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio, "is_kept": self.is_kept}


def interleaved_s(
    actions: Sequence[Callable[[], object]],
    rounds: int,
    repeats: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """Median seconds of one call of each action, measured in turns, so that a slow moment hits all of them alike.

    ``clock``: ``time.thread_time`` where one action is much longer than another and would be interrupted more often.
    """
    for action in actions:
        action()  # caches and pages are warm in every round that counts
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for action, kept in zip(actions, times, strict=True):
            started = clock()
            for _ in range(repeats):
                action()
            kept.append((clock() - started) / repeats)
    return [statistics.median(each) for each in times]


def table(results: Sequence[Result]) -> str:
    rows = [("", "value", "baseline", "ratio", "budget", "")]
    for each in results:
        rows.append(
            (
                each.name,
                f"{each.value:.4g} {each.unit}",
                f"{each.baseline:.4g} {each.unit} ({each.against})",
                f"{each.ratio:.3g}",
                each.budget,
                "" if each.is_kept else "MISSED",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
