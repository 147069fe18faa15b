"""What is known of health from lists and events in whatever order, and benchmarks that are told of twice."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from lablink_dpg.books.health import MAX_DEVICES, MAX_RUNS, MAX_TREND, RACE_US, HealthBook
from lablink_dpg.model.health import Benchmark, Degradation, Health, HealthChange, HealthStatus, SystemFigure

GOOD, FAIR, BAD = HealthStatus.HEALTHY, HealthStatus.WARNING, HealthStatus.CRITICAL
T_US = 1_000_000_000_000


def report(score: float, at_us: int = T_US, status: HealthStatus = GOOD, name: str = "a") -> Health:
    return Health(name, status, score, at_us, {"connection": "pass"}, issues=("one",))


def change(score: float, at_us: int, status: HealthStatus = FAIR, previous: float | None = None) -> HealthChange:
    return HealthChange("a", status, score, previous, at_us)


def running(progress: float, name: str = "b1", at_us: int = T_US) -> Benchmark:
    return Benchmark("a", name, progress, "*IDN?", at_us)


def done(name: str = "b1", at_us: int = T_US) -> Benchmark:
    return Benchmark("a", name, 1.0, "done", at_us, 96.0, {"*IDN?": 2.5}, 400.0)


def test_a_list_is_what_there_is() -> None:
    book = HealthBook()
    book.take_reports([report(90), report(80, name="b")])
    revision = book.revision
    book.take_reports([report(90), report(80, name="b")])
    assert book.revision == revision, "the same again is no change"
    book.take_reports([report(80, name="b")])
    assert list(book.reports) == ["b"]


def test_an_event_changes_what_it_tells_and_leaves_the_rest() -> None:
    book = HealthBook()
    book.take_reports([report(100)])
    book.take_change(change(62, T_US + 1))
    now = book.reports["a"]
    assert (now.score, now.status, now.issues) == (62, FAIR, ("one",))
    assert book.previous == {"a": 100}


def test_a_list_that_an_event_has_overtaken_does_not_bring_the_past_back() -> None:
    book = HealthBook()
    book.take_reports([report(100)])
    book.take_change(change(62, T_US + 2_000_000))
    book.take_reports([replace(report(100, T_US + 1_000_000), issues=("one", "two"))])
    now = book.reports["a"]
    assert (now.score, now.status) == (62, FAIR)
    assert now.issues == ("one", "two"), "but it tells more"
    assert [score for _, score in book.trend("a")] == [100, 62]


def test_an_event_that_a_list_has_overtaken_is_left() -> None:
    book = HealthBook()
    book.take_reports([report(62, T_US, FAIR)])
    book.take_change(change(100, T_US - 1_000_000, GOOD))
    assert book.reports["a"].score == 62


def test_a_clock_that_is_set_back_does_not_freeze_what_is_known() -> None:
    book = HealthBook()
    book.take_reports([report(100)])
    book.take_change(change(62, T_US - RACE_US - 3_600_000_000))
    assert book.reports["a"].score == 62
    times = [at_us for at_us, _ in book.trend("a")]
    assert times == sorted(times)


def test_a_device_that_is_worse_is_told_once() -> None:
    book = HealthBook()
    book.take_reports([report(60, status=FAIR)])
    assert book.pop_degradations() == (), "nothing is known of before"
    book.take_change(change(30, T_US + 1, BAD))
    book.take_reports([report(30, T_US + 2, BAD)])
    assert book.pop_degradations() == (Degradation("a", FAIR, BAD, 30, 60),)
    assert book.pop_degradations() == ()
    book.take_reports([report(100, T_US + 3, GOOD), report(10, T_US + 3, HealthStatus.UNKNOWN, "b")])
    assert book.pop_degradations() == (), "better, or of no known kind"


def test_the_trend_is_bounded_and_a_score_that_stays_is_two_points() -> None:
    book = HealthBook()
    for second in range(100):
        book.take_reports([report(90, T_US + second * 1_000_000)])
    assert book.trend("a") == ((T_US, 90), (T_US + 99_000_000, 90))
    for second in range(2 * MAX_TREND):
        book.take_reports([report(second % 2, T_US + second * 1_000_000)])
    assert len(book.trend("a")) == MAX_TREND


def test_ids_that_only_events_have_are_bounded() -> None:
    book = HealthBook()
    for number in range(MAX_DEVICES + 10):
        book.take_change(HealthChange(f"d{number}", GOOD, 100, 90, T_US))
        book.take_progress(Benchmark(f"d{number}", "b", 0.5, "", T_US))
    assert len(book.reports) == len(book.benchmarked) == MAX_DEVICES


def test_the_servers_own_figures() -> None:
    book = HealthBook()
    book.take_system([SystemFigure("server cpu", "12 %")])
    book.take_system([SystemFigure("server cpu", "12 %")])
    assert book.revision == 1


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_run_ordered_here_is_one_run_whatever_comes_first(order: tuple[int, ...]) -> None:
    """Two events and the answer, before or after each other; only a late event must not bring the run back."""
    book = HealthBook()
    book.ordered("a", T_US)
    tellings = (
        lambda: book.take_progress(running(0.3)),
        lambda: book.take_progress(running(0.6)),
        lambda: book.take_progress(done()),
        lambda: book.take_answer("a", done(), "", T_US),
    )
    for number in order:
        tellings[number]()
    assert book.runs("a") == (done(),)


def test_without_events_the_run_is_under_way_until_its_answer() -> None:
    book = HealthBook()
    book.ordered("a", T_US)
    (run,) = book.runs("a")
    assert (run.is_done, run.benchmark_id) == (False, "")
    book.take_answer("a", done(), "", T_US + 5)
    assert book.runs("a") == (done(),)


def test_a_run_that_fails_says_why_with_and_without_events() -> None:
    book = HealthBook()
    book.ordered("a", T_US)
    book.take_answer("a", None, "not found", T_US + 1)
    (run,) = book.runs("a")
    assert (run.problem, run.is_done, run.has_result) == ("not found", True, False)
    book.ordered("a", T_US + 2)
    book.take_progress(running(0.5))
    book.take_answer("a", None, "connection lost", T_US + 3)
    assert [each.problem for each in book.runs("a")] == ["connection lost", "not found"]
    book.take_progress(done())
    assert book.runs("a")[0] == done(), "the server had done it after all"


def test_runs_of_others_are_shown_and_one_that_ends_without_a_word_is_given_up() -> None:
    book = HealthBook()
    book.take_progress(running(0.5, "b1"))
    book.take_progress(running(0.1, "b2"))
    first, second = book.runs("a")
    assert (first.benchmark_id, first.is_done) == ("b2", False)
    assert (second.benchmark_id, bool(second.problem)) == ("b1", True)


def test_runs_are_bounded_and_the_newest_stay() -> None:
    book = HealthBook()
    for number in range(20):
        book.take_answer("a", done(f"b{number}"), "", T_US)
    assert [run.benchmark_id for run in book.runs("a")] == [f"b{19 - number}" for number in range(MAX_RUNS)]
