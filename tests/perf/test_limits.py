"""The search for the highest rate, and what counts as holding one; the runs themselves are not made here."""

from __future__ import annotations

import pytest

from perf.limits import BEGIN, CASES, END, LEAST, Case, Limit, highest, results, rows, why_not, with_table


@pytest.mark.parametrize("limit", [1.7e5, 3.9e6, 4e6, 5.1e6, 7.7e7])
@pytest.mark.parametrize("first", [1e5, 4e6, 1e8])
def test_the_highest_rate_is_found_to_a_fifth_from_wherever_the_search_begins(limit, first):
    tried = []

    def holds(total):
        tried.append(total)
        return total <= limit

    assert limit / 1.2 <= highest(holds, first, 1e9) <= limit
    assert len(tried) < 20


def test_a_rate_is_never_tried_beyond_what_the_program_takes():
    assert highest(lambda total: total <= 2e6, 4e6, 2e6) == 2e6


def test_where_nothing_holds_the_limit_is_nothing():
    tried = []
    assert highest(lambda total: bool(tried.append(total)), 4e6, 1e9) == 0.0
    assert min(tried) <= LEAST


def report(**changes):
    samples = {"received": 1000, "lost": 0, "backfilled": 0} | changes
    return {
        "samples": samples,
        "frame_ms": {"interval": {"p99": changes.get("p99", 34.0)}, "prepare": {"p50": 1.0}},
        "latency_ms": {"p99": 80.0},
    }


def test_a_run_holds_if_all_came_and_frames_were_even():
    assert why_not(report(), 1050) == ""
    assert "2 lost" in why_not(report(lost=2), 1050)
    assert "80% received" in why_not(report(received=800), 1000)
    assert "2.0% fetched later" in why_not(report(backfilled=20), 1000)
    assert "frames every 51 ms" in why_not(report(p99=51.0), 1000)


def test_the_table_has_a_line_for_each_number_of_streams_and_the_best_meets_the_goal():
    limits = [Limit(case, 6e6, report()) for case in CASES]
    assert rows(limits).count("\n") == 1 + len({case.streams for case in CASES})
    best = {each.name: each.is_kept for each in results(limits) if "best" in each.name}
    assert best == {"json: best": True, "typed: best": False}
    assert "| – / – |" in rows([Limit(Case("json", 1, 16), 0.0, {}), Limit(Case("typed", 1, 64), 0.0, {})])


def test_the_table_replaces_the_one_between_the_marks():
    text = f"a\n{BEGIN}\nold\n{END}\nb"
    assert with_table(text, "new") == f"a\n{BEGIN}\nnew\n{END}\nb"
    with pytest.raises(ValueError, match="limits"):
        with_table("a", "new")
