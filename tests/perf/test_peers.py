"""Which contenders enter which case, the board, and what is made of their times."""

from __future__ import annotations

from perf import __main__ as perf
from perf import peers
from perf.contenders.__main__ import CONTENDERS
from perf.contenders.match import Entry, Outcome
from perf.contenders.scene import Case
from perf.result import Result

CASE = peers.CASES[0]


def _outcome(update_ms: float, store_ms: float = 0.0, paint_ms: float = 40.0, seen: int | None = None) -> Outcome:
    return Outcome("", {"store": store_ms, "update": update_ms, "paint": paint_ms}, 21, seen)


def _by_name(results: list[Result]) -> dict[str, Result]:
    by_name = {result.name: result for result in results}
    assert len(by_name) == len(results)  # a budget that is missed is told by its name alone
    return by_name


def test_peers_are_measured_on_request_only() -> None:
    assert "peers" in perf.ON_REQUEST
    assert "peers" not in perf.BENCHMARKS


def test_ours_and_the_two_that_it_is_kept_to_enter_every_case() -> None:
    entered = set(peers.entries())
    assert {Entry(name, case) for name in (peers.OURS, peers.PEAK, peers.MIN_MAX) for case in peers.CASES} <= entered
    assert peers.LARGE in peers.CASES
    assert peers.SMALL in peers.CASES


def test_those_that_paint_every_sample_are_left_out_beyond_their_bound() -> None:
    entered = set(peers.entries())
    for name, bound in peers.SAMPLES_AT_MOST.items():
        assert name in CONTENDERS
        for case in peers.CASES:
            assert (Entry(name, case) in entered) is (case.samples <= bound)
    assert Entry("pyqtgraph, raw", peers.LARGE) not in entered
    assert Entry("vispy, all samples", peers.LARGE) not in entered


def test_the_board_has_times_reasons_and_those_left_out() -> None:
    outcomes = {
        Entry("ours", CASE): _outcome(0.637, store_ms=0.62),
        Entry("pyqtgraph, raw", CASE): _outcome(4.957, paint_ms=1719.6),
        Entry("fastplotlib", CASE): Outcome("not installed"),
    }
    rows = peers.board(outcomes).splitlines()
    assert "1 × 10⁶" in rows[0]
    assert "64 × 10⁴" in rows[0]
    cells = {
        name: next(row for row in rows if row.startswith(name)).removeprefix(name).split("  ") for name in CONTENDERS
    }
    first = {name: next(cell for cell in each if cell).strip() for name, each in cells.items()}
    assert first["ours"] == "0.62 + 0.637 + 40"
    assert first["pyqtgraph, raw"] == "4.96 + 1,720"
    assert first["fastplotlib"] == "not installed"
    assert first["vispy, all samples"] == "too slow"


def test_figures_are_ours_beside_theirs_and_leave_out_who_did_not_run() -> None:
    outcomes = {
        Entry("ours", CASE): _outcome(2.0, store_ms=1.0, paint_ms=7.0),
        Entry(peers.PEAK, CASE): _outcome(8.0, paint_ms=12.0),
        Entry("fastplotlib", CASE): Outcome("not installed"),
    }
    results = _by_name(peers.figures(outcomes))
    assert results["1 × 10⁶, store"].ratio == 0.5
    assert results["1 × 10⁶, update beside pyqtgraph, peak"].ratio == 0.25
    assert results["1 × 10⁶, frame beside pyqtgraph, peak"].ratio == 0.5
    assert len(results) == 4  # and how many cases ours ran
    assert [name for name, result in results.items() if not result.is_kept] == ["cases that ours ran"]


def test_ours_has_to_run_in_every_case() -> None:
    outcomes = {Entry(peers.OURS, case): _outcome(1.0) for case in peers.CASES}
    assert _by_name(peers.figures(outcomes))["cases that ours ran"].is_kept
    outcomes[Entry(peers.OURS, CASE)] = Outcome("ended: ImportError")
    assert not _by_name(peers.figures(outcomes))["cases that ours ran"].is_kept


def _large(ours_ms: float, peak_ms: float, min_max_ms: float, small_ms: float = 5.0) -> dict[str, bool]:
    times = {peers.OURS: ours_ms, peers.PEAK: peak_ms, peers.MIN_MAX: min_max_ms}
    outcomes = {Entry(name, peers.LARGE): _outcome(update_ms) for name, update_ms in times.items()}
    outcomes[Entry(peers.OURS, peers.SMALL)] = _outcome(small_ms)
    results = _by_name(peers.figures(outcomes))
    return {name: result.is_kept for name, result in results.items() if ", update " in name and result.budget}


def test_budgets_are_a_fiftieth_of_peak_a_third_of_min_max_and_flat() -> None:
    names = [f"64 × 10⁶, update {words}" for words in ("beside pyqtgraph, peak", "beside vispy, min/max", "of ours")]
    assert list(_large(6.0, 301.0, 18.1).items()) == [(name, True) for name in names]
    assert list(_large(6.0, 299.0, 18.1).values()) == [False, True, True]
    assert list(_large(6.0, 301.0, 17.9).values()) == [True, False, True]
    assert list(_large(6.0, 301.0, 18.1, small_ms=4.5).values()) == [True, True, False]


def test_growth_of_peers_is_shown_without_a_budget() -> None:
    outcomes = {Entry(peers.PEAK, peers.LARGE): _outcome(300.0), Entry(peers.PEAK, peers.SMALL): _outcome(9.0)}
    result = _by_name(peers.figures(outcomes))["64 × 10⁶, update of pyqtgraph, peak"]
    assert result.budget == ""
    assert result.ratio > 33


def test_newest_samples_are_summed_over_cases_and_ours_must_show_all() -> None:
    outcomes = {
        Entry(peers.OURS, Case(1, 1_000_000)): _outcome(1.0, seen=1),
        Entry(peers.OURS, Case(64, 10_000)): _outcome(1.0, seen=63),
        Entry(peers.PEAK, Case(64, 10_000)): _outcome(9.0, seen=0),
        Entry(peers.PEAK, Case(64, 100_000)): _outcome(9.0, seen=None),  # nobody could look
    }
    results = _by_name(peers.figures(outcomes))
    ours, peak = results["newest sample seen, ours"], results["newest sample seen, pyqtgraph, peak"]
    assert (ours.value, ours.baseline, ours.is_kept) == (64.0, 65.0, False)
    assert (peak.value, peak.baseline, peak.is_kept) == (0.0, 64.0, True)
