"""A figure is compared with its own past, whatever else was measured then."""

from __future__ import annotations

import json

from perf import history
from perf.result import Result


def result(name: str, ratio: float) -> Result:
    return Result(name, ratio, 1.0, "", "one")


def test_a_recorded_run_is_found_again(tmp_path):
    path = tmp_path / "history.jsonl"
    path.write_text(history.line({"at": "now"}, [result("a", 1.23456789), result("b", 2)]) + "\n")
    assert history.load(path) == [{"a": 1.235, "b": 2.0}]
    assert json.loads(path.read_text())["at"] == "now"


def test_without_a_file_or_with_broken_lines_there_is_no_past(tmp_path):
    path = tmp_path / "history.jsonl"
    assert history.load(path) == []
    path.write_text('nonsense\n{"at": "then"}\n[1]\n{"ratios": {"a": 3}}\n{"ratios": 4')
    assert history.load(path) == [{"a": 3.0}]


def test_the_usual_is_the_median_of_the_last_runs_that_have_it():
    runs = [{"a": 100.0}] * 5 + [{"a": float(n)} for n in range(history.RUNS)] + [{"b": 7.0}]
    assert history.usual(runs, "a") == 4.5
    assert history.usual(runs, "b") == 7.0
    assert history.usual(runs, "c") is None


def test_what_has_moved_far_is_named_and_the_farthest_comes_first():
    runs = [{"a": 1.0, "b": 1.0, "c": 1.0, "zero": 0.0}]
    found = history.drifts(runs, [result("a", 2.0), result("b", 1.4), result("c", 0.1), result("new", 9.0)])
    assert found == {"a": 2.0, "b": 1.4, "c": 0.1}
    assert [text.split(":")[0] for text in history.words(found)] == ["c", "a"]
