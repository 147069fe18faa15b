"""Scheduled jobs and their runs as lines of text, and what is known of one of each."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lablink_dpg.books.lab import LabBook
from lablink_dpg.gui import words
from lablink_dpg.gui.device_names import DeviceKey, device_names, name_of
from lablink_dpg.gui.facts import Fact
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.panel import Badge
from lablink_dpg.gui.panels.rows import Cell, Column, Row
from lablink_dpg.gui.states import Chip
from lablink_dpg.model.job import Execution, Job, RunState
from lablink_dpg.model.link import LinkStatus
from lablink_dpg.query.names import short_names

JOB_COLUMNS = (
    Column("State", 100),
    Column("Job", 112, 1.0),
    Column("Last run", 104),
    Column("Runs", 104, 0.4),
    Column("Device", 110, 0.6),
    Column("Kind", 116),
)
RUN_COLUMNS = (
    Column("Run", 108),
    Column("Began", 86),
    Column("Result", 88, 1.0),
    Column("Took", 66, is_right=True),
    Column("Job", 96, 0.5),
)
CHIPS: Mapping[RunState, Chip] = {
    RunState.PENDING: Chip("○", "asked for", Tone.INFO),
    RunState.RUNNING: Chip("▶", "running", Tone.INFO),
    RunState.COMPLETED: Chip("✓", "completed", Tone.GOOD),
    RunState.FAILED: Chip("▲", "failed", Tone.BAD),
    RunState.CANCELLED: Chip("■", "cancelled", Tone.WARN),
    RunState.SKIPPED: Chip("▽", "skipped", Tone.MUTED),
    RunState.UNKNOWN: Chip("◇", "unknown", Tone.MUTED),
}
ENABLED = Chip("●", "enabled", Tone.GOOD)
PAUSED = Chip("‖", "paused", Tone.WARN)
DASH = "–"
MOVING = ("last run", "created")  # facts with an age: a tooltip would change all the time


@dataclass(frozen=True, slots=True)
class JobLine:
    server: str
    job: Job
    device: str  # name, "" where it belongs to none
    name: str  # with its server, where there are several
    latest: Execution | None

    @property
    def key(self) -> str:
        return f"{self.server} {self.job.job_id}"  # no server's name has a blank


@dataclass(frozen=True, slots=True)
class RunLine:
    server: str
    execution: Execution
    job: str  # its name

    @property
    def key(self) -> str:
        return f"{self.server} {self.execution.execution_id}"


def jobs(books: Sequence[LabBook], links: Sequence[LinkStatus]) -> list[JobLine]:
    """Server by server, in the order of their lists."""
    devices = device_names(links)
    prefixes = _prefixes(books)
    return [
        JobLine(
            book.server,
            job,
            _device(devices, book.server, job.equipment_id),
            f"{prefixes[book.server]}{job.name}",
            book.jobs.latest.get(job.job_id),
        )
        for book in books
        for job in book.jobs.jobs.values()
    ]


def _device(names: Mapping[DeviceKey, str], server: str, equipment_id: str) -> str:
    return name_of(names, server, equipment_id) if equipment_id else ""


def _prefixes(books: Sequence[LabBook]) -> Mapping[str, str]:
    if len(books) < 2:
        return {book.server: "" for book in books}
    return {server: f"{name}/" for server, name in short_names(tuple(book.server for book in books)).items()}


def runs(books: Sequence[LabBook], job: JobLine | None) -> list[RunLine]:
    """Newest first: those of one job, or all."""
    prefixes = _prefixes(books)
    found = [
        RunLine(book.server, each, f"{prefixes[book.server]}{book.jobs.name_of(each.job_id)}")
        for book in books
        if job is None or job.server == book.server
        for each in book.jobs.executions
        if job is None or job.job.job_id == each.job_id
    ]
    if len(books) > 1:
        found.sort(key=lambda line: line.execution.started_us or line.execution.ended_us or 0, reverse=True)
    return found


def state_chip(line: JobLine) -> Chip:
    """Whether it runs, and else whether it will."""
    if line.latest is not None and line.latest.state is RunState.RUNNING:
        return CHIPS[RunState.RUNNING]
    return ENABLED if line.job.is_enabled else PAUSED


def job_row(line: JobLine, now_us: int) -> Row:
    chip = state_chip(line)
    last, tone = last_run(line.latest, now_us)
    cells = (
        Cell(chip.text, chip.tone),
        Cell(line.name),
        Cell(last, tone),
        Cell(line.job.trigger or DASH),
        Cell(line.device or DASH, Tone.PLAIN if line.device else Tone.MUTED),
        Cell(line.job.kind or DASH, Tone.MUTED),
    )
    tip = "\n".join(f"{fact.name}: {fact.text}" for fact in job_facts(line, now_us) if fact.name not in MOVING)
    return Row(line.key, cells, f"{line.job.name}\n{tip}")


def last_run(latest: Execution | None, now_us: int) -> tuple[str, Tone]:
    if latest is None:
        return DASH, Tone.MUTED
    chip = CHIPS[latest.state]
    at_us = latest.ended_us or latest.started_us
    return f"{chip.symbol} {_ago(at_us, now_us)}" if at_us else chip.text, chip.tone


def run_row(line: RunLine, now_us: int) -> Row:
    each, chip = line.execution, CHIPS[line.execution.state]
    said = each.error or each.result
    cells = (
        Cell(chip.text, chip.tone),
        Cell(clock(each.started_us)),
        Cell(said or DASH, Tone.BAD if each.error else Tone.PLAIN if said else Tone.MUTED),
        Cell(took(each, now_us)),
        Cell(line.job),
    )
    return Row(line.key, cells, f"{line.job}: {said}" if said else line.job)


def clock(at_us: int | None) -> str:
    """Time of day on this machine."""
    return DASH if at_us is None else time.strftime("%H:%M:%S", time.localtime(at_us // 1_000_000))


def took(execution: Execution, now_us: int) -> str:
    """How long it ran, or has run until now."""
    start_us, end_us = execution.started_us, execution.ended_us
    if execution.state is RunState.RUNNING and end_us is None and start_us is not None:
        return words.whole_duration(max(0, now_us - start_us) / 1e6)
    if start_us is None or end_us is None or end_us < start_us:
        return DASH
    seconds = (end_us - start_us) / 1e6
    return words.latency(seconds * 1000.0) if seconds < 1 else words.duration(seconds)


def _ago(at_us: int, now_us: int) -> str:
    return f"{words.short_duration(max(0, now_us - at_us) / 1e6)} ago"


def badge(books: Sequence[LabBook]) -> Badge | None:
    """How many jobs failed when they last ran; if none has, how many run."""
    latest = [
        each for book in books for each in (book.jobs.latest.get(name) for name in book.jobs.jobs) if each is not None
    ]
    for state in (RunState.FAILED, RunState.RUNNING):
        count = sum(each.state is state for each in latest)
        if count:
            return Badge(f"{CHIPS[state].symbol} {count}", CHIPS[state].tone)
    return None


# -- one of each ---------------------------------------------------------------------------------------------------


def job_facts(line: JobLine, now_us: int) -> list[Fact]:
    job, chip = line.job, state_chip(line)
    last, tone = last_run(line.latest, now_us)
    out = [
        Fact("state", chip.text, chip.tone),
        Fact("runs", job.trigger or DASH),
        Fact("device", line.device or DASH),
        Fact("kind", job.kind or DASH),
        Fact("last run", f"{CHIPS[line.latest.state].word}, {last}" if line.latest is not None else last, tone),
    ]
    if job.description:
        out.insert(0, Fact("what", job.description))
    if job.max_executions is not None:
        out.append(Fact("at most", f"{job.max_executions} runs"))
    if job.tags:
        out.append(Fact("tags", ", ".join(job.tags)))
    if job.created_us is not None:
        by = f" by {job.created_by}" if job.created_by else ""
        out.append(Fact("created", f"{_ago(job.created_us, now_us)}{by}"))
    return [*out, Fact("id", f"{job.job_id} on {line.server}", Tone.MUTED)]


def run_facts(line: RunLine, now_us: int) -> list[Fact]:
    each, chip = line.execution, CHIPS[line.execution.state]
    out = [Fact("run", chip.text, chip.tone), Fact("of", line.job)]
    if each.started_us is not None:
        out.append(Fact("started", f"{clock(each.started_us)}, {_ago(each.started_us, now_us)}"))
    out.append(Fact("took", took(each, now_us)))
    if each.error:
        out.append(Fact("error", f"▲ {each.error}", Tone.BAD))
    if each.result:
        out.append(Fact("result", each.result))
    return [*out, Fact("id", f"{each.execution_id} on {line.server}", Tone.MUTED)]
