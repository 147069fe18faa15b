"""A synthetic source with health reports of devices, and scheduled jobs with runs; orders change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lablink_dpg.books.lab import LabBook
from lablink_dpg.model.commands import Command
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.health import Benchmark, Health, HealthStatus, SystemFigure
from lablink_dpg.model.job import Execution, Job, RunState
from lablink_dpg.model.link import LinkStatus
from lablink_dpg.model.orders import ControlJob, RunBenchmark
from lablink_dpg.model.topic import Topic, TopicAnswer, TopicProblem
from tests.support.synthetic import SyntheticSource

MODELS = ("MockScope-2000", "MockPSU-3030", "MockLoad-300", "Keithley with a rather long name 2450")
STATUSES = (HealthStatus.HEALTHY, HealthStatus.HEALTHY, HealthStatus.WARNING, HealthStatus.CRITICAL)
SCORES = (100.0, 93.0, 62.0, 20.0)
LONG = "'MockOscilloscope' object has no attribute 'query'"
STATES = (RunState.COMPLETED, RunState.COMPLETED, RunState.FAILED, RunState.RUNNING)


@dataclass
class SyntheticLab(SyntheticSource):
    """``devices`` and ``jobs`` a server, ``runs`` a job."""

    devices: int = 0
    jobs: int = 0
    runs: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        self._equipment = tuple(
            EquipmentInfo(f"dev_{number:08x}", "power_supply", "Mock", MODELS[number % 4])
            for number in range(self.devices)
        )
        for book in self.books():
            self._fill_health(book)
            self._fill_jobs(book)

    def _fill_health(self, book: LabBook) -> None:
        now_us = self.now_us()
        for minute in range(10, -1, -1):
            reports = [self._report(number, minute, now_us - minute * 60_000_000) for number in range(self.devices)]
            book.take_list(TopicAnswer(Topic.HEALTH, tuple(reports), now_us - minute * 60_000_000))
        book.health.pop_degradations()
        why = "not available on this server"
        book.take_problem(TopicProblem(Topic.SYSTEM, why, now_us, is_absent=True))

    @staticmethod
    def _report(number: int, minutes_ago: int, at_us: int) -> Health:
        status, score = STATUSES[number % 4], SCORES[number % 4]
        is_ill = status is not HealthStatus.HEALTHY and minutes_ago < 4
        verdict = {True: "fail" if status is HealthStatus.CRITICAL else "warning", False: "pass"}[is_ill]
        return Health(
            f"dev_{number:08x}",
            status if is_ill else HealthStatus.HEALTHY,
            score if is_ill else 100.0 - number % 3 - minutes_ago % 2,
            at_us,
            {"connection": "pass", "communication": verdict, "performance": "pass", "functionality": "unknown"},
            issues=("Equipment is disconnected", f"Health score {score:.0f} of 100") if is_ill else (),
            recommendations=("Check physical connections and power",) if is_ill else (),
            last_error=LONG if is_ill else "",
            uptime_s=4021.0,
            tests_passed=2 if is_ill else 3,
            tests_failed=1 if is_ill else 0,
            failures=(f"Test failed: Equipment responds to identification query: {LONG}",) if is_ill else (),
        )

    def _fill_jobs(self, book: LabBook) -> None:
        now_us = self.now_us()
        names = ("Log the load", "Nightly self-test of every supply on the bench", "Ramp", "Sweep")
        jobs = [
            Job(
                f"job_{number}",
                f"{names[number % 4]} {number}",
                ("measurement", "equipment_test")[number % 2],
                ("every 5 s", "daily at 08:00", "cron 0 8 * * 1-5", "every 1 h 30 min")[number % 4],
                f"dev_{number % 4:08x}",
                is_enabled=number % 3 != 2,
                created_us=now_us - 7_200_000_000,
            )
            for number in range(self.jobs)
        ]
        runs = [self._run(number, turn, now_us) for number in range(self.jobs) for turn in range(self.runs)]
        book.take_list(TopicAnswer(Topic.JOBS, tuple(jobs), now_us))
        book.take_list(TopicAnswer(Topic.EXECUTIONS, tuple(runs), now_us))

    @staticmethod
    def _run(number: int, turn: int, now_us: int) -> Execution:
        state = STATES[number % 4] if turn == 0 else RunState.COMPLETED
        started_us = now_us - (turn * 60 + number % 50 + 2) * 1_000_000
        return Execution(
            f"exec_{number}_{turn}",
            f"job_{number}",
            state,
            started_us,
            None if state is RunState.RUNNING else started_us + 201_000,
            "mode CC, voltage 12.0012, current 1.49987, power 18.0" if state is RunState.COMPLETED else "",
            "Device dev_00000002 not found. Available: ['ps_1', 'load_1']" if state is RunState.FAILED else "",
        )

    def links(self) -> Sequence[LinkStatus]:
        return [replace(link, equipment=self._equipment) for link in super().links()]

    def send(self, command: Command, server: str = "") -> None:
        super().send(command, server)
        book = next((book for book in self.books() if book.server == server), self.books()[0])
        match command:
            case RunBenchmark():
                book.health.ordered(command.equipment_id, self.now_us())
            case ControlJob():
                job = book.jobs.jobs[command.job_id]
                if command.action != "run":
                    book.jobs.take_job(replace(job, is_enabled=command.action == "resume"))

    def tell_benchmark(self, equipment_id: str, progress: float, server: int = 0) -> None:
        """What an event of the server would tell; with 1.0 the result."""
        run = Benchmark(equipment_id, "bench_1", progress, "*IDN?", self.now_us())
        if progress >= 1.0:
            run = replace(run, score=96.0, latency_ms={"*IDN?": 2.37, "*OPC?": None, "*STB?": 12.3}, commands_per_s=417)
        self.books()[server].health.take_progress(run)

    def tell_system(self, server: int = 0) -> None:
        figures = (SystemFigure("server cpu", "12.3 %"), SystemFigure("total equipment", "3"))
        self.books()[server].take_list(TopicAnswer(Topic.SYSTEM, figures, self.now_us()))
