"""From books to messages: critical alarms, health that gets worse, on every server, and only while it is wanted."""

from __future__ import annotations

from dataclasses import replace

from lablink_dpg.books.alarms import AlarmBook
from lablink_dpg.books.lab import LabBook
from lablink_dpg.model.alarm import AlarmEvent, Severity
from lablink_dpg.model.health import Health, HealthStatus
from lablink_dpg.notify.herald import NAME_WAIT_S, Herald
from lablink_dpg.notify.message import Message
from tests.support.marked import alarm


class Alarms(AlarmBook):
    """Gives what a test has opened, once."""

    def __init__(self) -> None:
        super().__init__()
        self.new: list[AlarmEvent] = []

    def drain_new(self) -> list[AlarmEvent]:
        new, self.new = self.new, []
        return new


class Lab:
    """Servers and what is told of them."""

    def __init__(self, *servers: str) -> None:
        self.told: list[Message] = []
        self.books = [LabBook(server) for server in servers or ("a",)]
        self.alarms = [Alarms() for _ in self.books]
        for book, alarms in zip(self.books, self.alarms, strict=True):
            book.alarms = alarms
        self.herald = Herald(self.told.append)

    def step(self, now_s: float = 0.0) -> list[str]:
        """Titles of what is new."""
        before = len(self.told)
        self.herald.step(self.books, now_s)
        return [message.title for message in self.told[before:]]

    def report(self, *reports: Health, server: int = 0) -> None:
        health = self.books[server].health
        health.reports = {report.equipment_id: report for report in reports}
        health.revision += 1


def critical(number: int) -> AlarmEvent:
    return alarm(number, 0, severity=Severity.CRITICAL)


def health(status: HealthStatus, device: str = "scope") -> Health:
    return Health(device, status, 50.0, 0)


def test_a_critical_alarm_is_told_once_and_lesser_ones_are_not() -> None:
    lab = Lab()
    lab.alarms[0].new = [critical(1), *(alarm(9, 0, severity=each) for each in list(Severity)[:-1])]
    assert lab.step() == ["Critical: Load current high 1"]
    assert lab.step() == []


def test_an_alarm_that_rises_again_and_again_is_one() -> None:
    lab = Lab()
    for number in range(5):
        lab.alarms[0].new = [replace(critical(1), event_id=f"event_{number}")]
        assert len(lab.step(float(number))) == (number == 0)


def test_each_server_is_heard() -> None:
    lab = Lab("a", "b")
    for alarms in lab.alarms:
        alarms.new = [critical(1)]
    lab.step()
    assert [message.text.rpartition(" · ")[2] for message in lab.told] == ["a", "b"]


def test_health_that_gets_worse_is_told_and_health_that_gets_better_is_not() -> None:
    lab = Lab()
    steps = (("healthy", 0), ("degraded", 0), ("warning", 1), ("critical", 1), ("warning", 0), ("healthy", 0))
    for status, count in steps:
        lab.report(health(HealthStatus(status)))
        assert len(lab.step()) == count, status
        assert lab.step() == []
    assert [message.title for message in lab.told] == ["Health warning: scope", "Health critical: scope"]


def test_who_is_ill_from_the_start_or_unknown_is_no_news() -> None:
    lab = Lab()
    for status in (HealthStatus.CRITICAL, HealthStatus.UNKNOWN, HealthStatus.CRITICAL):
        lab.report(health(status), health(HealthStatus.UNKNOWN, "load"))
        assert lab.step() == []
    lab.report(health(HealthStatus.WARNING, "load"))
    assert lab.step() == [], "first known now"
    lab.report(health(HealthStatus.OFFLINE, "load"))
    assert lab.step() == ["Health offline: load"]


def test_one_device_of_two_servers_is_two() -> None:
    lab = Lab("a", "b")
    lab.report(health(HealthStatus.HEALTHY), server=0)
    lab.report(health(HealthStatus.CRITICAL), server=1)
    assert lab.step() == []


def test_switched_off_it_says_nothing_and_does_not_make_up_for_it() -> None:
    lab = Lab()
    lab.report(health(HealthStatus.HEALTHY))
    lab.herald.is_on = False
    lab.alarms[0].new = [critical(1)]
    lab.step()
    lab.report(health(HealthStatus.CRITICAL))
    assert lab.step() == []
    assert lab.alarms[0].new == []
    lab.herald.is_on = True
    assert lab.step(1000.0) == []
    lab.alarms[0].new = [critical(1)]
    assert len(lab.step(1000.0)) == 1, "on again it tells what comes"


def test_a_storm_is_told_together_even_if_nothing_comes_after_it() -> None:
    lab = Lab()
    lab.alarms[0].new = [critical(number) for number in range(40)]
    first = lab.step()
    assert len(first) < 10
    assert lab.step(120.0) == [f"{40 - len(first)} more critical alarms"]


def test_books_in_which_nothing_is_written_yet_are_no_news() -> None:
    told: list[Message] = []
    Herald(told.append).step([LabBook("a"), LabBook("b")], 0.0)
    assert told == []


def test_an_alarm_without_a_name_waits_a_moment_for_it_and_is_told_once() -> None:
    lab = Lab()
    nameless = replace(critical(1), name="")
    book = lab.alarms[0]
    book.new = [nameless]
    book.find = lambda event_id: nameless  # type: ignore[method-assign]
    assert lab.step(0.0) == []
    book.find = lambda event_id: replace(nameless, name="Far too warm")  # type: ignore[method-assign]
    assert lab.step(0.5) == ["Critical: Far too warm"]
    assert lab.step(10.0) == []


def test_an_alarm_whose_name_never_comes_is_told_without() -> None:
    lab = Lab()
    nameless = replace(critical(1), name="")
    lab.alarms[0].new = [nameless]
    lab.alarms[0].find = lambda event_id: nameless  # type: ignore[method-assign]
    assert lab.step(0.0) == []
    assert len(lab.step(NAME_WAIT_S)) == 1
