"""What servers say enters their books: readers by themselves, and the whole way from a real simulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.books.lab import LabBook
from lablink_dpg.books.notices import Notices
from lablink_dpg.model.commands import WatchTopics
from lablink_dpg.model.health import HealthStatus
from lablink_dpg.model.job import Execution, Job, RunState
from lablink_dpg.model.messages import ServerEvent
from lablink_dpg.model.orders import (
    CaptureWaveform,
    ConnectDevice,
    ControlJob,
    DisconnectDevice,
    Order,
    OrderDone,
    RunBenchmark,
)
from lablink_dpg.model.topic import Topic, TopicAnswer
from lablink_dpg.session import Session, connect
from lablink_dpg.session.bookkeeper import READERS, Bookkeeper
from lablink_dpg.sim.process import SimProcess
from lablink_dpg.store.timebase import ServerClock
from lablink_dpg.wire.decoder import EVENT_TYPES
from tests.session.test_session import until
from tests.sim.talk import Talk
from tests.support.anything import objects

NOW_US = 1_000_000_000_000
SICK = {"equipment_id": "ps_1", "health_status": "critical", "health_score": 20.0, "previous_score": 100.0}
RESULT = {"benchmark_id": "b", "command_latency_ms": {"*IDN?": 2.0}, "performance_score": 90.0}


class Desk:
    def __init__(self) -> None:
        self.notices = Notices()
        self.keeper = Bookkeeper("s", ServerClock(), self.notices, {"ps_1": "Bench supply"}.get)  # type: ignore[arg-type]
        self.book: LabBook = self.keeper.book

    def tell(self, kind: str, **data: Any) -> None:
        self.keeper.take(ServerEvent(kind, data), NOW_US)

    def said(self) -> list[str]:
        return [notice.text for notice in self.notices.shown(NOW_US)]


@given(st.sampled_from(sorted(READERS)), objects)
def test_no_event_raises(kind: str, data: dict[str, Any]) -> None:
    assert kind in EVENT_TYPES
    Desk().keeper.take(ServerEvent(kind, data), NOW_US)


def test_a_device_that_is_worse_is_a_notice_once_and_by_its_name() -> None:
    desk = Desk()
    desk.tell("health_changed", **{**SICK, "health_status": "healthy", "health_score": 100.0})
    assert desk.said() == []
    desk.tell("health_changed", **SICK)
    desk.keeper.take(TopicAnswer(Topic.HEALTH, (desk.book.health.reports["ps_1"],), NOW_US), NOW_US)
    assert desk.said() == ["health of Bench supply: healthy → critical (score 100 → 20)"]
    assert desk.book.topic(Topic.HEALTH).told_us == NOW_US


def test_a_benchmark_that_was_ordered_is_one_run_and_a_notice() -> None:
    desk = Desk()
    desk.keeper.ordered(RunBenchmark("ps_1"), NOW_US)
    desk.tell("benchmark_progress", equipment_id="ps_1", benchmark_id="b", progress=0.5, step="*IDN?")
    desk.tell("benchmark_progress", equipment_id="ps_1", benchmark_id="b", progress=1.0, result=RESULT)
    answer = {"success": True, "benchmark": RESULT}
    done = OrderDone(RunBenchmark("ps_1"), True, "benchmark of ps_1 done", NOW_US, answer)
    desk.keeper.take(done, NOW_US)
    (run,) = desk.book.health.runs("ps_1")
    assert (run.score, run.benchmark_id) == (90.0, "b")
    assert desk.said() == ["benchmark of Bench supply done"]


@pytest.mark.parametrize(
    ("done", "problem"),
    [
        (OrderDone(RunBenchmark("ps_1"), False, "no answer within 120 s", NOW_US), "no answer within 120 s"),
        (
            OrderDone(RunBenchmark("ps_1"), True, "done", NOW_US, {"success": True}),
            "the server answered without a result",
        ),
    ],
)
def test_a_benchmark_without_a_result_says_why(done: OrderDone, problem: str) -> None:
    desk = Desk()
    desk.keeper.ordered(RunBenchmark("ps_1"), NOW_US)
    desk.keeper.take(done, NOW_US)
    (run,) = desk.book.health.runs("ps_1")
    assert (run.problem, run.is_done) == (problem, True)


def test_the_answer_to_run_now_is_a_run_of_which_no_event_need_tell() -> None:
    desk = Desk()
    desk.keeper.take(TopicAnswer(Topic.JOBS, (Job("j", "Log", "measurement", "every 5 s"),), NOW_US), NOW_US)
    done = OrderDone(ControlJob("j", "run"), True, "job j started", NOW_US, {"execution_id": "e"})
    desk.keeper.take(done, NOW_US)
    assert desk.book.jobs.executions == (Execution("e", "j", RunState.PENDING, NOW_US),)
    assert desk.said() == ["job Log started"]
    desk.tell("job_completed", job_id="j", execution_id="e", result={"voltage": 12.0})
    assert desk.book.jobs.latest["j"].result == "voltage 12"
    desk.tell("job_deleted", job_id="j")
    assert not desk.book.jobs.jobs


@pytest.fixture
def demo() -> Iterator[tuple[SimProcess, Session]]:
    """The demo bench, which has a job, and a session that looks at it."""
    with SimProcess(rate_hz=200.0) as sim, connect(sim.url) as session:
        until(lambda: session.drain() >= 0 and bool(_book(session).jobs.jobs) and bool(_book(session).health.reports))
        yield sim, session


def _book(session: Session) -> LabBook:
    return session.books()[0]


def _until(session: Session, condition: Any) -> None:
    until(lambda: session.drain() >= 0 and condition())


def test_a_simulator_tells_of_health_and_benchmarks(demo: tuple[SimProcess, Session]) -> None:
    sim, session = demo
    book = _book(session).health
    assert {report.status for report in book.reports.values()} == {HealthStatus.HEALTHY}
    device = next(iter(book.reports))
    shown: list[float] = []

    def is_done() -> bool:
        runs = book.runs(device)
        shown.extend(run.progress for run in runs[:1])
        return bool(runs) and runs[0].has_result

    session.send(RunBenchmark(device), sim.url.removeprefix("http://"))
    assert not book.runs(device)[0].is_done, "it is shown as soon as it is asked for"
    _until(session, is_done)
    assert any(0.0 < progress < 1.0 for progress in shown), "its events tell how far it is"
    _until(session, lambda: any("benchmark of" in notice.text for notice in session.notices.shown(session.now_us())))
    assert len(book.runs(device)) == 1
    assert _book(session).topic(Topic.SYSTEM).is_absent
    said = [event.text for event in session.events() if "system diagnostics" in event.text]
    assert len(said) == 1


def test_jobs_run_pause_and_resume_and_other_clients_changes_are_seen(demo: tuple[SimProcess, Session]) -> None:
    sim, session = demo
    book = _book(session).jobs
    (job,) = book.jobs.values()
    assert (job.name, job.trigger) == ("Log the load", "every 30 s")
    name = session.servers[0].name
    session.send(ControlJob(job.job_id, "run"), name)
    _until(session, lambda: job.job_id in book.latest and book.latest[job.job_id].state is RunState.COMPLETED)
    (run,) = book.executions
    assert "voltage" in run.result
    assert run.started_us is not None
    assert run.ended_us is not None
    session.send(ControlJob(job.job_id, "pause"), name)
    _until(session, lambda: not book.jobs[job.job_id].is_enabled)
    session.send(ControlJob(job.job_id, "resume"), name)
    _until(session, lambda: book.jobs[job.job_id].is_enabled)
    with Talk(sim) as other:
        body = {"name": "Sweep", "schedule_type": "measurement", "trigger_type": "interval", "interval_minutes": 3}
        new = other.post("/api/scheduler/jobs/create", body)["job_id"]
        _until(session, lambda: new in book.jobs)
        # The event tells no interval: the list that is asked for after it does.
        _until(session, lambda: book.jobs[new].trigger == "every 3 min")
        other.rest.delete(f"/api/scheduler/jobs/{new}")
        _until(session, lambda: new not in book.jobs)


def test_without_events_polling_finds_what_has_run(demo: tuple[SimProcess, Session]) -> None:
    """As on servers whose jobs run without a word: here the WebSocket is refused."""
    sim, _ = demo
    sim.fault("no-ws:403")
    with connect(sim.url) as session:
        session.send(WatchTopics(frozenset({Topic.JOBS, Topic.EXECUTIONS})))
        _until(session, lambda: bool(_book(session).jobs.jobs))
        with_events = _book(session).topic(Topic.EXECUTIONS).told_us
        (job,) = _book(session).jobs.jobs.values()
        session.send(WatchTopics(frozenset({Topic.JOBS, Topic.EXECUTIONS})))
        session.send(ControlJob(job.job_id, "run"), session.servers[0].name)
        _until(session, lambda: [run.state for run in _book(session).jobs.executions] == [RunState.COMPLETED])
        assert with_events is None
        assert _book(session).topic(Topic.EXECUTIONS).told_us is None


@pytest.mark.parametrize(
    ("order", "text", "wanted"),
    [
        (CaptureWaveform("ps_1", 2), "captured channel 2 of ps_1", "captured channel 2 of Bench supply"),
        (CaptureWaveform("ps_1"), "no waveform of ps_1: 7", "no waveform of Bench supply: 7"),
        (DisconnectDevice("ps_1"), "disconnected ps_1", "disconnected Bench supply"),
        (DisconnectDevice("ps_1"), "ps_10 is locked", "ps_10 is locked"),
        (ConnectDevice("MOCK::0", "psu", "M"), "connected MOCK::0 as ps_1", "connected MOCK::0 as Bench supply"),
    ],
)
def test_notices_of_devices_have_their_names(order: Order, text: str, wanted: str) -> None:
    desk = Desk()
    desk.keeper.take(OrderDone(order, True, text, NOW_US, {"equipment_id": "ps_1"}), NOW_US)
    assert desk.said() == [wanted]


def test_a_device_that_is_gone_from_the_list_keeps_its_name_in_the_notice() -> None:
    names = {"ps_1": "Bench supply"}
    notices = Notices()
    keeper = Bookkeeper("s", ServerClock(), notices, lambda each: names.get(each, each))
    keeper.ordered(DisconnectDevice("ps_1"), NOW_US)
    names.clear()
    keeper.take(OrderDone(DisconnectDevice("ps_1"), True, "disconnected ps_1", NOW_US), NOW_US)
    new = OrderDone(
        ConnectDevice("MOCK::0", "psu", "Mock-3"), True, "connected x as ps_2", NOW_US, {"equipment_id": "ps_2"}
    )
    keeper.take(new, NOW_US)
    said = [notice.text for notice in notices.shown(NOW_US)]
    assert sorted(said) == ["connected x as Mock-3", "disconnected Bench supply"]
