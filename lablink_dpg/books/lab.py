"""One server's lab as it has told of it: a book a subject, and how each is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from lablink_dpg.books.alarms import AlarmBook
from lablink_dpg.books.captures import CaptureBook
from lablink_dpg.books.discovery import DiscoveryBook
from lablink_dpg.books.health import HealthBook
from lablink_dpg.books.jobs import JobBook
from lablink_dpg.books.readings import ReadingBook
from lablink_dpg.model.topic import Topic, TopicAnswer, TopicProblem, TopicStatus

UNKNOWN = TopicStatus()


class LabBook:
    """Main thread."""

    def __init__(self, server: str) -> None:
        self.server = server  # as in LinkStatus
        self.alarms = AlarmBook()
        self.health = HealthBook()
        self.jobs = JobBook()
        self.discovery = DiscoveryBook()
        self.readings = ReadingBook()
        self.captures = CaptureBook()
        self._topics: dict[Topic, TopicStatus] = {}
        self._changes = 0

    @property
    def revision(self) -> int:
        """Another number than before if there is something else to show."""
        books = self.alarms.revision + self.health.revision + self.jobs.revision + self.discovery.revision
        return self._changes + books + self.readings.revision + self.captures.revision

    def topic(self, topic: Topic) -> TopicStatus:
        return self._topics.get(topic, UNKNOWN)

    def told(self, topics: Iterable[Topic], now_us: int) -> None:
        """An event about these came over the WebSocket."""
        for topic in topics:
            self._topics[topic] = replace(self.topic(topic), told_us=now_us)

    def take_problem(self, problem: TopicProblem) -> None:
        before = self.topic(problem.topic)
        self._topics[problem.topic] = after = replace(before, problem=problem.why, is_absent=problem.is_absent)
        self._changes += after != before

    def take_list(self, answer: TopicAnswer) -> None:
        """A whole list came over REST."""
        before = self.topic(answer.topic)
        self._topics[answer.topic] = replace(before, listed_us=answer.at_us, problem="", is_absent=False)
        self._changes += bool(before.problem) or before.listed_us is None
        items: tuple[Any, ...] = answer.items
        match answer.topic:
            case Topic.ALARMS:
                self.alarms.take_open(items, answer.at_us, answer.since_us)
            case Topic.RULES:
                self.alarms.take_rules(items)
            case Topic.HEALTH:
                self.health.take_reports(items)
            case Topic.SYSTEM:
                self.health.take_system(items)
            case Topic.JOBS:
                self.jobs.take_jobs(items)
            case Topic.EXECUTIONS:
                self.jobs.take_executions(items, answer.at_us)
            case Topic.ACQUISITIONS:
                pass  # the link itself keeps their list
