"""Other plotting libraries side by side with ours: the same samples, the same window, the same new samples a frame.

``python -m perf peers``; four to six minutes, and not among the benchmarks that run by default, because it needs what
``pip install -e .[peers]`` brings. A library that is not there is said not to be.

A frame has three parts: *store* is what ours does with new samples (peers get their window for nothing, rolled on),
*update* all that is prepared and handed over, both in processor time; *paint* the pixels, made by the processor where
there is no card, in passing time. Only updates have a budget: a card would paint.

Windows of all lengths take turns with each other, so that growth with the window is one of the figures.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from perf.contenders.__main__ import CONTENDERS
from perf.contenders.match import PHASES, TOO_SLOW, Entry, Outcome, play
from perf.contenders.scene import Case
from perf.result import Result, table

CASES = (
    Case(1, 1_000_000),
    Case(10, 1_000_000),
    Case(64, 10_000),
    Case(64, 100_000),
    Case(64, 1_000_000),
    Case(1, 10_000_000),
)
OURS, PEAK, MIN_MAX = "ours", "pyqtgraph, peak", "vispy, min/max"
# Samples in view, all streams, beyond which a frame of those that paint every sample takes many seconds by software.
SAMPLES_AT_MOST = {"pyqtgraph, raw": 10_000_000, "vispy, all samples": 6_400_000, "fastplotlib": 1_000_000}
LARGE, SMALL = Case(64, 1_000_000), Case(64, 10_000)  # what updates are kept to, and what they must not grow from
UPDATE_AT_MOST = {PEAK: 1 / 50, MIN_MAX: 1 / 3}  # ours in LARGE, beside theirs
GROWTH_AT_MOST = 1.3  # our update in LARGE beside SMALL
NOTHING_MS = 0.1  # of storing: a peer, which only moves its window on
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

Outcomes = Mapping[Entry, Outcome]


def run() -> list[Result]:
    outcomes: dict[Entry, Outcome] = {}
    for streams in dict.fromkeys(case.streams for case in CASES):
        with tempfile.TemporaryDirectory() as folder:
            outcomes |= play([entry for entry in entries() if entry.case.streams == streams], Path(folder))
    print(board(outcomes), end="\n\n")
    return figures(outcomes)


def entries() -> list[Entry]:
    """Everybody in every case, but those that are known to be too slow."""
    everybody = [Entry(name, case) for case in CASES for name in CONTENDERS]
    return [each for each in everybody if each.case.samples <= SAMPLES_AT_MOST.get(each.name, each.case.samples)]


def board(outcomes: Outcomes) -> str:
    """A row a contender: milliseconds of store (ours) + update + paint, or why there are none."""
    rows = [("ms a frame", *map(_words, CASES))]
    for name in CONTENDERS:
        rows.append((name, *(_cell(outcomes.get(Entry(name, case))) for case in CASES)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _count(window: int) -> str:
    return f"10{str(len(str(window)) - 1).translate(SUPERSCRIPTS)}"


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return TOO_SLOW
    if outcome.problem:
        return outcome.problem
    parts = [_three(outcome.times_ms[phase]) for phase in PHASES]
    return " + ".join(parts if outcome.times_ms["store"] > NOTHING_MS else parts[1:])


def _three(number: float) -> str:
    """In three figures, and never as a power."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def figures(outcomes: Outcomes) -> list[Result]:
    """Ours beside each peer that ran, case by case; then growth with the window; then the newest samples.

    That ours has run is a figure of its own: without it there would be nothing to miss.
    """
    ran = sum(entry.name == OURS and not outcome.problem for entry, outcome in outcomes.items())
    results = [Result("cases that ours ran", ran, len(CASES), "cases", "all", at_least=1.0)]
    for case in CASES:
        results += _beside(case, {name: outcomes.get(Entry(name, case), Outcome(TOO_SLOW)) for name in CONTENDERS})
    return [*results, *_growth(outcomes), *_newest(outcomes)]


def _beside(case: Case, by_name: Mapping[str, Outcome]) -> list[Result]:
    ours, words = by_name[OURS], _words(case)
    if ours.problem:
        return []
    store_ms, update_ms = ours.times_ms["store"], ours.times_ms["update"]
    results = [Result(f"{words}, store", store_ms, update_ms, "ms", "our update")]
    for name, peer in by_name.items():
        if name != OURS and not peer.problem:
            at_most = UPDATE_AT_MOST.get(name) if case == LARGE else None
            theirs_ms = peer.times_ms["update"]
            results.append(
                Result(f"{words}, update beside {name}", update_ms, theirs_ms, "ms", "theirs", at_most=at_most)
            )
            results.append(Result(f"{words}, frame beside {name}", ours.frame_ms, peer.frame_ms, "ms", "theirs"))
    return results


def _growth(outcomes: Outcomes) -> list[Result]:
    results = []
    for name in CONTENDERS:
        large, small = (outcomes.get(Entry(name, case), Outcome(TOO_SLOW)) for case in (LARGE, SMALL))
        if not large.problem and not small.problem:
            at_most = GROWTH_AT_MOST if name == OURS else None
            values = large.times_ms["update"], small.times_ms["update"]
            results.append(Result(f"{_words(LARGE)}, update of {name}", *values, "ms", _words(SMALL), at_most=at_most))
    return results


def _newest(outcomes: Outcomes) -> list[Result]:
    """Plots in whose last picture the newest sample is, of all cases together."""
    results = []
    for name in CONTENDERS:
        looked = [(each.case.streams, it.seen) for each, it in outcomes.items() if each.name == name]
        seen = [(streams, count) for streams, count in looked if count is not None]
        if seen:
            values = float(sum(count for _, count in seen)), float(sum(streams for streams, _ in seen))
            at_least = 1.0 if name == OURS else None
            results.append(Result(f"newest sample seen, {name}", *values, "plots", "all", at_least=at_least))
    return results


def _words(case: Case) -> str:
    return f"{case.streams} × {_count(case.window)}"


if __name__ == "__main__":
    print(table(run()))
