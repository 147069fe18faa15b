"""Alarms of a real simulator in a session's books, without a window: as they are while one is minimised."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from lablink_dpg.books.lab import LabBook
from lablink_dpg.clock import AxisClock
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.alarm import AlarmState, Severity
from lablink_dpg.model.commands import WatchTopics
from lablink_dpg.model.link import LinkState, Mode, Way
from lablink_dpg.model.orders import AcknowledgeAlarm, ClearAlarm
from lablink_dpg.model.topic import Topic
from lablink_dpg.session import Session
from lablink_dpg.sim.process import SimProcess
from tests.support.alarming import make_rule, trip

LIMIT_S = 15.0  # for what takes milliseconds, and seconds where it is polled


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimProcess]:
    with SimProcess(streams=1, rate_hz=100.0) as running:
        yield running


@pytest.fixture
def rest(simulator: SimProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=simulator.url, trust_env=False) as client:
        yield client


class Watcher:
    """A session that is only drained, as the loop of a minimised window does."""

    def __init__(self, simulator: SimProcess, mode: Mode) -> None:
        self.session = Session([parse_address(simulator.url)], LinkOptions(mode=mode), 10_000, AxisClock())

    @property
    def book(self) -> LabBook:
        return self.session.books()[0]

    def state_of(self, event_id: str) -> AlarmState | None:
        event = self.book.alarms.find(event_id)
        return None if event is None else event.state

    def until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < end, (self.book.alarms.open, self.book.topic(Topic.ALARMS))
            self.session.drain()
            time.sleep(0.01)


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.POLLING])
def test_an_alarm_is_told_acknowledged_and_cleared(simulator: SimProcess, rest: httpx.Client, mode: Mode) -> None:
    rule = make_rule(rest, name=f"Over voltage {mode}", severity="critical")
    watcher = Watcher(simulator, mode)
    with watcher.session as session:
        session.send(WatchTopics(frozenset({Topic.ALARMS})))
        up = LinkState.POLLING if mode is Mode.POLLING else LinkState.STREAMING
        watcher.until(lambda: session.links()[0].state is up and watcher.book.topic(Topic.ALARMS).listed_us)
        news = session.news()
        event_id = trip(rest, rule)
        watcher.until(lambda: watcher.state_of(event_id) is AlarmState.ACTIVE)
        assert session.news() != news, "a window that stands idle makes a frame at once"
        event = watcher.book.alarms.open[0]
        watcher.until(lambda: watcher.book.alarms.open[0].name == f"Over voltage {mode}")  # by its rule, where polled
        assert (event.severity, event.value, event.threshold) == (Severity.CRITICAL, 9.5, 5.0)
        assert event.way is (Way.REST if mode is Mode.POLLING else Way.WEBSOCKET)
        assert abs(event.triggered_us - session.now_us()) < LIMIT_S * 1e6
        assert [each.event_id for each in watcher.book.alarms.drain_new()] == [event_id]

        session.send(AcknowledgeAlarm(event_id, "anna", "on my way"))
        watcher.until(lambda: watcher.state_of(event_id) is AlarmState.ACKNOWLEDGED)
        watcher.until(lambda: watcher.book.alarms.open[0].note == "on my way")  # only a list has it
        assert watcher.book.alarms.open[0].acknowledged_by == "anna"
        watcher.until(lambda: "alarm acknowledged by anna" in said(session))

        session.send(ClearAlarm(rule))
        watcher.until(lambda: watcher.state_of(event_id) is AlarmState.CLEARED)
        assert watcher.book.alarms.open == ()
        assert watcher.book.alarms.history[0].acknowledged_by == "anna"


def test_what_cannot_be_acknowledged_is_said(simulator: SimProcess) -> None:
    watcher = Watcher(simulator, Mode.HYBRID)
    with watcher.session as session:
        watcher.until(lambda: watcher.book.topic(Topic.ALARMS).listed_us)
        session.send(AcknowledgeAlarm("event_unknown", "anna"))
        watcher.until(lambda: any("event_unknown not found" in text for text in said(session)))


def test_what_was_open_before_is_in_the_first_list_and_its_end_is_told(
    simulator: SimProcess, rest: httpx.Client
) -> None:
    rule = make_rule(rest, name="Early", severity="warning")
    event_id = trip(rest, rule)
    watcher = Watcher(simulator, Mode.HYBRID)
    with watcher.session:
        watcher.until(lambda: watcher.state_of(event_id) is AlarmState.ACTIVE)
        assert watcher.book.alarms.open[0].way is Way.REST
        watcher.until(lambda: watcher.book.alarms.open[0].name == "Early")
        trip(rest, rule, value=0.0)  # which clears it by itself
        watcher.until(lambda: watcher.state_of(event_id) is AlarmState.CLEARED)


def said(session: Session) -> list[str]:
    return [notice.text for notice in session.notices.shown(session.now_us())]
