"""Other plotting libraries side by side with ours: the same samples, the same window, the same new samples a frame.

``python -m perf peers``; about five minutes, and not among the benchmarks that run by default, because it needs what
``pip install -e .[peers]`` brings; a library that is not there is said not to be. A frame has three parts: *store* is
what ours does with new samples (peers get their window for nothing, rolled on), *update* all that is prepared and
handed over, *paint* the pixels, made by the processor where there is no card. Only updates are kept to: a card paints.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from perf.contenders.__main__ import CONTENDERS
from perf.contenders.match import Outcome, play
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
SAMPLES_AT_MOST = {"pyqtgraph, raw": 10_000_000, "vispy, all samples": 10_000_000, "fastplotlib": 1_000_000}
TOO_SLOW = "too slow"
LARGE, SMALL = Case(64, 1_000_000), Case(64, 10_000)  # what updates are kept to, and what they must not grow from
UPDATE_AT_MOST = {PEAK: 1 / 50, MIN_MAX: 1 / 3}  # ours in LARGE, beside theirs
GROWTH_AT_MOST = 1.3  # our update in LARGE beside SMALL

Outcomes = Mapping[Case, Mapping[str, Outcome]]


def run() -> list[Result]:
    outcomes = {}
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            played = play(case, entrants(case), Path(folder))
        outcomes[case] = {name: played.get(name, Outcome(TOO_SLOW)) for name in CONTENDERS}
    print(board(outcomes), end="\n\n")
    return figures(outcomes)


def entrants(case: Case) -> list[str]:
    """Those that are not known to take minutes."""
    return [name for name in CONTENDERS if case.samples <= SAMPLES_AT_MOST.get(name, case.samples)]


def board(outcomes: Outcomes) -> str:
    """A row a contender: milliseconds of store (ours) + update + paint; then what of the newest sample was seen."""
    names = list(CONTENDERS)
    rows = [("ms a frame", *(f"{case.streams} × {case.window:.0e}".replace("e+0", "e") for case in outcomes))]
    rows += [(name, *(_cell(each[name]) for each in outcomes.values())) for name in names]
    rows += [(f"newest seen: {name}", *(_seen(each[name]) for each in outcomes.values())) for name in names]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _cell(outcome: Outcome) -> str:
    times = outcome.times_ms
    if not times:
        return outcome.problem
    parts = [f"{times[phase]:.3g}" for phase in ("store", "update", "paint")]
    return " + ".join(parts if times["store"] >= 0.1 else parts[1:])  # below: a peer, which stores nothing


def _seen(outcome: Outcome) -> str:
    return "" if outcome.problem else "not looked at" if outcome.seen is None else f"{outcome.seen}"


def figures(outcomes: Outcomes) -> list[Result]:
    """Ours beside each peer that ran, case by case; then growth with the window; then the newest samples."""
    results: list[Result] = []
    for case, by_name in outcomes.items():
        results += _beside(case, by_name)
    results += _growth(outcomes)
    for case, by_name in outcomes.items():
        for name, outcome in by_name.items():
            if outcome.seen is not None:
                label = f"{_words(case)}: newest sample seen, {name}"
                at_least = 1.0 if name == OURS else None
                results.append(Result(label, outcome.seen, case.streams, "plots", "streams", at_least=at_least))
    return results


def _beside(case: Case, by_name: Mapping[str, Outcome]) -> list[Result]:
    ours, results = by_name[OURS], []
    if not ours.times_ms:
        return []
    store_ms, update_ms = ours.times_ms["store"], ours.times_ms["update"]
    results.append(Result(f"{_words(case)}: store", store_ms, update_ms, "ms", "our update"))
    for name, peer in by_name.items():
        if name != OURS and peer.times_ms:
            at_most = UPDATE_AT_MOST.get(name) if case == LARGE else None
            theirs_ms = peer.times_ms["update"]
            results.append(Result(f"{_words(case)}: update", update_ms, theirs_ms, "ms", name, at_most=at_most))
            results.append(Result(f"{_words(case)}: frame", ours.frame_ms, peer.frame_ms, "ms", name))
    return results


def _growth(outcomes: Outcomes) -> Sequence[Result]:
    results = []
    large, small = outcomes.get(LARGE, {}), outcomes.get(SMALL, {})
    for name, outcome in large.items():
        if outcome.times_ms and name in small and small[name].times_ms:
            most = GROWTH_AT_MOST if name == OURS else None
            values = outcome.times_ms["update"], small[name].times_ms["update"]
            results.append(Result(f"{_words(LARGE)}: update, {name}", *values, "ms", _words(SMALL), at_most=most))
    return results


def _words(case: Case) -> str:
    return f"{case.streams} × {case.window}"


if __name__ == "__main__":
    print(table(run()))
