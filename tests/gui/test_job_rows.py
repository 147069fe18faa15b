"""Jobs and runs in words, without a window."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lablink_dpg.books.lab import LabBook
from lablink_dpg.gui import job_rows
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.panel import Badge
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.job import Execution, Job, RunState
from lablink_dpg.model.link import LinkStatus, Mode
from lablink_dpg.model.topic import Topic, TopicAnswer

NOW_US = 1_000_000_000_000
LINK = LinkStatus("lab:8000", Mode.HYBRID, equipment=(EquipmentInfo("load_1", "load", "Mock", "Load 3"),))
JOB = Job("j", "Log the load", "measurement", "every 5 s", "load_1", created_us=NOW_US - 7_200_000_000)
DONE = Execution("e", "j", RunState.COMPLETED, NOW_US - 9_000_000, NOW_US - 8_799_000, "voltage 12")
FAILED = Execution("f", "k", RunState.FAILED, NOW_US - 4_000_000, NOW_US - 2_500_000, "", "device is gone")


def book(*runs: Execution, server: str = "lab:8000", job: Job = JOB) -> LabBook:
    book = LabBook(server)
    book.take_list(TopicAnswer(Topic.JOBS, (job, replace(job, job_id="k", name="Sweep", is_enabled=False)), NOW_US))
    book.take_list(TopicAnswer(Topic.EXECUTIONS, runs, NOW_US))
    return book


def test_every_state_has_its_own_symbol_and_word() -> None:
    assert set(job_rows.CHIPS) == set(RunState)
    assert len({chip.symbol for chip in job_rows.CHIPS.values()}) == len(RunState)


def test_a_job_in_a_row() -> None:
    first, second = job_rows.jobs([book(DONE, FAILED)], [LINK])
    assert [cell.text for cell in job_rows.job_row(first, NOW_US).cells] == [
        *("● enabled", "Log the load", "✓ 8 s ago", "every 5 s", "Load 3", "measurement")
    ]
    assert [cell.text for cell in job_rows.job_row(second, NOW_US).cells][:3] == ["‖ paused", "Sweep", "▲ 2 s ago"]


def test_a_job_that_runs_says_so() -> None:
    running = Execution("g", "j", RunState.RUNNING, NOW_US - 3_000_000)
    first, _ = job_rows.jobs([book(DONE, running)], [LINK])
    assert job_rows.job_row(first, NOW_US).cells[0].text == "▶ running"
    (line, _) = job_rows.runs([book(DONE, running)], first)
    assert job_rows.took(line.execution, NOW_US) == "3 s"


def test_a_job_without_anything_but_an_id_has_a_row() -> None:
    (first, _) = job_rows.jobs([book(job=Job("x", "x", "", ""))], [])
    assert [cell.text for cell in job_rows.job_row(first, NOW_US).cells] == ["● enabled", "x", "–", "–", "–", "–"]


def test_runs_of_one_job_or_of_all_newest_first() -> None:
    told = book(DONE, FAILED)
    first, _ = job_rows.jobs([told], [LINK])
    assert [line.execution.execution_id for line in job_rows.runs([told], None)] == ["f", "e"]
    assert [line.execution.execution_id for line in job_rows.runs([told], first)] == ["e"]


def test_of_several_servers_each_name_has_its_server_and_runs_are_in_one_order() -> None:
    books = [book(DONE), book(FAILED, server="cellar:8000")]
    assert [line.name for line in job_rows.jobs(books, [LINK])] == [
        *("lab/Log the load", "lab/Sweep", "cellar/Log the load", "cellar/Sweep")
    ]
    assert [line.job for line in job_rows.runs(books, None)] == ["cellar/Sweep", "lab/Log the load"]
    first = job_rows.jobs(books, [LINK])[0]
    assert len(job_rows.runs(books, first)) == 1, "the same id on another server is another job"


def test_a_run_in_a_row() -> None:
    failed, done = job_rows.runs([book(DONE, FAILED)], None)
    row = job_rows.run_row(failed, NOW_US)
    assert [cell.text for cell in row.cells][0::2] == ["▲ failed", "device is gone", "Sweep"]
    assert row.cells[3].text == "1.5 s"
    assert row.cells[2].tone is Tone.BAD
    assert [cell.text for cell in job_rows.run_row(done, NOW_US).cells][2:4] == ["voltage 12", "201 ms"]


@pytest.mark.parametrize(
    ("run", "took"),
    [
        (Execution("e", "j", RunState.COMPLETED), "–"),
        (Execution("e", "j", RunState.COMPLETED, NOW_US, NOW_US - 5), "–"),
        (Execution("e", "j", RunState.UNKNOWN, NOW_US), "–"),
        (Execution("e", "j", RunState.COMPLETED, 0, 75_000_000), "1 min 15 s"),
    ],
)
def test_how_long_a_run_took_is_said_where_it_is_known(run: Execution, took: str) -> None:
    assert job_rows.took(run, NOW_US) == took


def test_the_badge_counts_failures_first_then_what_runs() -> None:
    running = Execution("g", "j", RunState.RUNNING, NOW_US)
    assert job_rows.badge([book(DONE)]) is None
    assert job_rows.badge([book(running)]) == Badge("▶ 1", Tone.INFO)
    assert job_rows.badge([book(running, FAILED)]) == Badge("▲ 1", Tone.BAD)
    gone = book(FAILED)
    gone.jobs.take_deleted("k")
    assert job_rows.badge([gone]) is None, "nobody can do anything about a job that is gone"


def test_all_there_is_to_say_of_a_job_and_of_a_run() -> None:
    told = book(DONE, FAILED, job=replace(JOB, description="Every night", tags=("x", "y"), max_executions=3))
    first = job_rows.jobs([told], [LINK])[0]
    said = {fact.name: fact.text for fact in job_rows.job_facts(first, NOW_US)}
    assert said["what"] == "Every night"
    assert said["last run"] == "completed, ✓ 8 s ago"
    assert (said["at most"], said["tags"], said["created"]) == ("3 runs", "x, y", "2 h ago")
    failed, _ = job_rows.runs([told], None)
    said = {fact.name: fact.text for fact in job_rows.run_facts(failed, NOW_US)}
    assert (said["run"], said["error"], said["took"]) == ("▲ failed", "▲ device is gone", "1.5 s")
