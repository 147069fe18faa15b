"""Reading events about scheduled jobs and their runs into a server's book, and what an order came to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lablink_dpg.books.lab import LabBook
from lablink_dpg.model.job import Execution, RunState
from lablink_dpg.model.orders import ControlJob, OrderDone
from lablink_dpg.wire.fields import Stamp
from lablink_dpg.wire.jobs import parse_completed, parse_deleted, parse_failed, parse_job, parse_run, parse_started

DONE = {"run": "started", "pause": "paused", "resume": "resumed"}


def listed(book: LabBook, data: Mapping[str, Any], stamp: Stamp, now_us: int) -> None:
    """``job_created`` and ``job_updated``."""
    job = parse_job(data)
    if job is not None:
        book.jobs.take_job(job)


def deleted(book: LabBook, data: Mapping[str, Any], stamp: Stamp, now_us: int) -> None:
    """``job_deleted``."""
    book.jobs.take_deleted(parse_deleted(data))


def started(book: LabBook, data: Mapping[str, Any], stamp: Stamp, now_us: int) -> None:
    """``job_started``."""
    _enter(book, parse_started(data, stamp), now_us)


def completed(book: LabBook, data: Mapping[str, Any], stamp: Stamp, now_us: int) -> None:
    """``job_completed``."""
    _enter(book, parse_completed(data, stamp), now_us)


def failed(book: LabBook, data: Mapping[str, Any], stamp: Stamp, now_us: int) -> None:
    """``job_failed``."""
    _enter(book, parse_failed(data, stamp), now_us)


def run_ordered(book: LabBook, order: ControlJob, done: OrderDone) -> None:
    """The answer to an order to run a job names the run, of which a server may tell nothing else."""
    run = parse_run(done.data) if done.is_done and order.action == "run" else ""
    if run:
        _enter(book, Execution(run, order.job_id, RunState.PENDING, started_us=done.at_us), done.at_us)


def order_words(name: str, order: ControlJob, done: OrderDone) -> str:
    """One line for a person about what the order came to."""
    return f"job {name} {DONE[order.action]}" if done.is_done else f"job {name}, {order.action}: {done.text}"


def _enter(book: LabBook, execution: Execution | None, now_us: int) -> None:
    if execution is not None:
        book.jobs.take_execution(execution, now_us)
