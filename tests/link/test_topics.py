"""What is asked for again and again: how often, after which events, and what a server does not have."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.board import Board
from lablink_dpg.link.devices import Devices
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.parts import Parts
from lablink_dpg.link.rest import Rest
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.subjects import SUBJECTS, Subject
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.tls import tls_context
from lablink_dpg.link.topics import HINT_S, Topics
from lablink_dpg.model.link import LinkEvent, Mode
from lablink_dpg.model.topic import Topic, TopicAnswer, TopicProblem
from lablink_dpg.store.store import Store
from tests.link.lab import Lab, until_soon

RARELY_S = 1000.0
PATH = "/api/scheduler/jobs"
ONE_JOB = json.dumps({"jobs": [{"job_id": "j", "name": "Log"}]}).encode()


def subjects(**changes: Any) -> dict[Topic, Subject]:
    fields = {"every_s": RARELY_S, "watched_s": RARELY_S, **changes}
    return {Topic.JOBS: SUBJECTS[Topic.JOBS]._replace(**fields)}


class Setup:
    def __init__(self, lab: Lab, runner: asyncio.Runner) -> None:
        self.lab = lab
        self.runner = runner  # one loop for all connections, as the network thread has
        self.now_us = 5
        self.tally = Tally()
        options, streams = LinkOptions(), Streams(50)
        self.board = Board("s", Mode.HYBRID, self.tally, streams, lambda: self.now_us)
        devices = Devices(self.tally, self.board, options, lambda: self.now_us)
        self.parts = Parts(Store(100), streams, devices, self.tally, self.board, options, lambda: self.now_us)
        self.posted: list[Any] = []

    def topics(self, **changes: Any) -> Topics:
        return Topics(self.parts, subjects(**changes))

    def run(self, topics: Topics, *until: Callable[[], object]) -> None:
        """One connection, until each of these came true, one after the other."""

        async def work() -> None:
            address = parse_address(self.lab.url)
            async with Rest(address, LinkOptions(), tls_context(address)) as rest:
                asking = asyncio.ensure_future(topics.run(rest))
                for condition in until:
                    await until_soon(condition)
                asking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await asking

        self.runner.run(work())
        self.now_us += 3_600_000_000  # the next connection is made an hour later

    def answered(self) -> int:
        """How often the list, or why it is not to be had, has come."""
        self.posted += self.board.drain()
        return sum(isinstance(event, TopicAnswer | TopicProblem) for event in self.posted)

    def asked(self) -> int:
        return self.lab.requests.count(PATH)

    def told(self) -> list[str]:
        return [event.text for event in self.posted if isinstance(event, LinkEvent)]

    def problems(self) -> list[TopicProblem]:
        return [event for event in self.posted if isinstance(event, TopicProblem)]


@pytest.fixture
def setup() -> Iterator[Setup]:
    with Lab() as lab, asyncio.Runner() as runner:
        lab.answers[PATH] = (200, "application/json", ONE_JOB)
        yield Setup(lab, runner)


def test_a_list_is_asked_for_at_once_and_then_rarely(setup: Setup) -> None:
    topics = setup.topics()
    setup.run(topics, lambda: setup.answered() == 1)
    (answer,) = [event for event in setup.posted if isinstance(event, TopicAnswer)]
    assert [job.name for job in answer.items] == ["Log"]


def test_what_somebody_looks_at_is_asked_for_more_often(setup: Setup) -> None:
    topics = setup.topics(watched_s=0.02)
    topics.watch(frozenset({Topic.JOBS}))
    setup.run(topics, lambda: setup.asked() >= 4)


def test_after_an_event_the_list_is_asked_for_but_not_with_every_event(setup: Setup) -> None:
    topics = setup.topics()

    def hear() -> bool:
        for _ in range(50):
            topics.heard("job_updated")
        topics.heard("alarm_event")
        return True

    began_s: list[float] = []

    def asked_once() -> bool:
        if setup.asked() == 1 and not began_s:
            began_s.append(asyncio.get_running_loop().time())
        return bool(began_s)

    ended_s: list[float] = []

    def asked_again() -> bool:
        if setup.asked() == 2:
            ended_s.append(asyncio.get_running_loop().time())
        return bool(ended_s)

    setup.run(topics, asked_once, hear, asked_again)
    assert setup.asked() == 2, "fifty events, one list"
    assert HINT_S - 0.1 < ended_s[0] - began_s[0] < HINT_S + 5.0


def test_events_before_the_first_connection_do_no_harm(setup: Setup) -> None:
    setup.topics().heard("job_updated")


@pytest.mark.parametrize("status", [404, 500, 501])
def test_what_a_server_does_not_have_is_asked_for_once_a_connection_and_told_once(setup: Setup, status: int) -> None:
    setup.lab.answers[PATH] = (status, "application/json", b'{"detail": "no such thing"}')
    topics = setup.topics(watched_s=0.02)
    topics.watch(frozenset({Topic.JOBS}))
    for connection in range(1, 4):
        setup.run(topics, lambda connection=connection: setup.answered() == connection)  # type: ignore[misc]
    assert [problem.is_absent for problem in setup.problems()] == [True] * 3
    assert {problem.why for problem in setup.problems()} == {"not available on this server"}
    assert len(setup.told()) == 1
    assert setup.asked() == 3
    assert setup.tally.rest_errors == 0, "it is no trouble of the link"


def test_what_comes_back_and_goes_again_is_told_again(setup: Setup) -> None:
    topics = setup.topics()
    absent = (404, "application/json", b'{"detail": "no such thing"}')
    for number, answer in enumerate((absent, (200, "application/json", ONE_JOB), absent)):
        setup.lab.answers[PATH] = answer
        setup.run(topics, lambda number=number: setup.answered() == number + 1)  # type: ignore[misc]
    assert len(setup.told()) == 2


def test_an_answer_of_another_kind_is_no_empty_list(setup: Setup) -> None:
    setup.lab.answers[PATH] = (200, "application/json", b'{"success": true}')
    setup.run(setup.topics(), lambda: setup.answered() == 1)
    (problem,) = setup.problems()
    assert not problem.is_absent
    assert "has no 'jobs'" in problem.why
    assert setup.tally.rest_errors == 1


def test_each_subject_is_asked_for_more_often_while_it_is_watched() -> None:
    for subject in SUBJECTS.values():
        assert 0 < subject.watched_s <= subject.every_s
        assert tuple(subject.parse(None, lambda _: 0)) == ()


def test_several_lists_that_fail_for_one_cause_are_one_more_line(setup: Setup) -> None:
    lists = {topic: SUBJECTS[topic] for topic in (Topic.JOBS, Topic.EXECUTIONS, Topic.HEALTH)}
    for subject in lists.values():
        setup.lab.answers[subject.path] = (503, "application/json", b'{"detail": "busy"}')
    setup.run(Topics(setup.parts, lists), lambda: setup.answered() == 3)
    assert setup.told() == ["jobs: /api/scheduler/jobs: status 503 busy", "several lists cannot be had: status 503"]


def test_a_list_that_takes_its_time_delays_no_other(setup: Setup) -> None:
    class SlowRest:
        async def get(self, path: str, *, timeout_s: float | None = None) -> Any:
            if path != PATH:
                await asyncio.get_running_loop().create_future()
            return json.loads(ONE_JOB)

    both = {
        Topic.HEALTH: SUBJECTS[Topic.HEALTH],  # asked for first, never answered
        Topic.JOBS: SUBJECTS[Topic.JOBS]._replace(every_s=0.0, watched_s=0.0),
    }

    async def work() -> None:
        asking = asyncio.ensure_future(Topics(setup.parts, both).run(cast(Rest, SlowRest())))
        answers = 0
        while answers < 3:
            answers += sum(isinstance(event, TopicAnswer) for event in setup.board.drain())
            await asyncio.sleep(0)
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking

    setup.runner.run(asyncio.wait_for(work(), 10))
