"""Jobs and runs from lists and events in whatever order they come."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from lablink_dpg.books.jobs import MAX_EXECUTIONS, UNLISTED_US, JobBook
from lablink_dpg.model.job import Execution, Job, RunState

T_US = 1_000_000_000_000
JOB = Job("j", "Log the load", "measurement", "every 5 s", "load_1")
STARTED = Execution("e", "j", RunState.RUNNING, T_US)
ENDED = Execution("e", "j", RunState.COMPLETED, None, T_US + 9, "12 V")
LISTED_RUNNING = Execution("e", "j", RunState.RUNNING, T_US)
WHOLE = Execution("e", "j", RunState.COMPLETED, T_US, T_US + 9, "12 V")


def test_a_list_is_what_there_is_in_its_order() -> None:
    book = JobBook()
    other = replace(JOB, job_id="k", name="Other")
    book.take_jobs([other, JOB])
    assert list(book.jobs) == ["k", "j"]
    revision = book.revision
    book.take_jobs([other, JOB])
    assert book.revision == revision
    book.take_jobs([JOB, other])
    assert list(book.jobs) == ["j", "k"]


def test_an_event_tells_less_than_the_list_and_the_rest_stays() -> None:
    book = JobBook()
    book.take_jobs([JOB])
    book.take_job(Job("j", "Renamed", "measurement", "interval", is_enabled=False))
    assert book.jobs["j"] == replace(JOB, name="Renamed", is_enabled=False)


def test_a_job_that_is_gone_keeps_its_name_for_its_runs() -> None:
    book = JobBook()
    book.take_job(JOB)
    book.take_execution(STARTED, T_US)
    book.take_deleted("j")
    assert not book.jobs
    assert book.name_of("j") == "Log the load"
    assert book.name_of("stranger") == "stranger"
    assert book.latest["j"] == STARTED


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_run_only_goes_forward_whatever_comes_first(order: tuple[int, ...]) -> None:
    """Started, ended, a list from before the end, and the answer to the order that began it."""
    book = JobBook()
    tellings = (
        lambda: book.take_execution(STARTED, T_US),
        lambda: book.take_execution(ENDED, T_US + 9),
        lambda: book.take_executions([LISTED_RUNNING], T_US + 5),
        lambda: book.take_execution(Execution("e", "j", RunState.PENDING, T_US + 3), T_US),
    )
    for number in order:
        tellings[number]()
    assert book.executions == (WHOLE,)
    assert book.latest == {"j": WHOLE}


def test_a_run_that_no_list_knows_any_more_has_an_unknown_end() -> None:
    book = JobBook()
    book.take_execution(STARTED, T_US)
    book.take_executions([], T_US + UNLISTED_US)
    assert book.executions[0].state is RunState.RUNNING, "the list may be older than the event"
    book.take_executions([], T_US + UNLISTED_US + 1)
    assert book.executions[0].state is RunState.UNKNOWN
    book.take_execution(ENDED, T_US + UNLISTED_US + 2)
    assert book.executions == (WHOLE,)


def test_runs_without_events_come_from_lists() -> None:
    book = JobBook()
    book.take_executions([WHOLE], T_US)
    revision = book.revision
    book.take_executions([WHOLE], T_US + 1)
    assert book.revision == revision
    assert book.executions == (WHOLE,)


def test_runs_that_a_server_drops_for_newer_ones_are_kept() -> None:
    book = JobBook()
    runs = [replace(WHOLE, execution_id=f"e{n}", started_us=T_US + n) for n in range(4)]
    book.take_executions(runs[:3], T_US)
    book.take_executions(runs[1:], T_US + 1)
    assert {each.execution_id for each in book.executions} == {"e0", "e1", "e2", "e3"}


def test_runs_of_a_server_that_has_begun_anew_are_those_that_it_knows() -> None:
    book = JobBook()
    book.take_executions([replace(WHOLE, execution_id=f"e{n}", started_us=T_US + n) for n in range(4)], T_US)
    other = replace(WHOLE, execution_id="new", started_us=T_US + 100)
    book.take_executions([other], T_US + 200)
    assert book.executions == (other,)
    assert book.latest == {other.job_id: other}


def test_the_newest_come_first_and_are_bounded() -> None:
    book = JobBook()
    book.take_executions([replace(WHOLE, execution_id=f"e{n}", started_us=T_US + n) for n in range(600)], T_US)
    assert len(book.executions) == MAX_EXECUTIONS
    assert book.executions[0].execution_id == "e599"
    book.take_execution(Execution("new", "j", RunState.RUNNING, T_US + 1000), T_US)
    assert book.executions[0].execution_id == book.latest["j"].execution_id == "new"
    assert len(book.executions) == MAX_EXECUTIONS
