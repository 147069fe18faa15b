"""Functions of a script: called in order and in time, harmless where they fail, gone when they are ended."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from lablink_dpg.model.acquisition import AcquisitionBlock
from lablink_dpg.model.link import LinkEvent
from lablink_dpg.model.messages import Reading, ServerEvent
from lablink_dpg.session.handlers import MAX_HANDLERS, MAX_WAITING, SLOW_S, Handlers
from lablink_dpg.wire.decoder import EVENT_TYPES

ALARM = ServerEvent("alarm_event", {"severity": "critical"})
JOB = ServerEvent("job_started", {"job_id": "j"})
READING = Reading("eq", "readings", {"voltage": 5.0})
LINE = LinkEvent(1, "connected")


class Heard:
    """A handler that remembers; it takes ``takes_s`` of a clock that stands still otherwise."""

    def __init__(self, takes_s: float = 0.0) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.now_s = 0.0
        self._takes_s = takes_s

    def __call__(self, server: str, message: Any) -> None:
        self.calls.append((server, message))
        self.now_s += self._takes_s


def offered(handlers: Handlers, *messages: Any) -> None:
    for message in messages:
        handlers.offer("lab", message)
    handlers.run()


@pytest.mark.parametrize(
    ("message_type", "wanted"),
    [
        (LinkEvent, [LINE]),
        (ServerEvent, [ALARM, JOB]),
        (Reading, [READING]),
        ("alarm_event", [ALARM]),
        ("job_started", [JOB]),
        ("stream_data", [READING]),
    ],
)
def test_each_handler_gets_what_it_asked_for_and_from_whom(message_type: Any, wanted: list[Any]) -> None:
    handlers, heard = Handlers(), Heard()
    handlers.add(message_type, heard)
    offered(handlers, LINE, ALARM, READING, JOB)
    assert heard.calls == [("lab", message) for message in wanted]


def test_every_event_of_the_protocol_can_be_asked_for() -> None:
    handlers, heard = Handlers(), Heard()
    for name in sorted(EVENT_TYPES):
        handlers.add(name, heard)
        handlers.offer("lab", ServerEvent(name, {}))
    assert len(EVENT_TYPES) > 10
    handlers.run(budget_s=60.0)
    assert [message.type for _, message in heard.calls] == sorted(EVENT_TYPES)


@pytest.mark.parametrize("message_type", [AcquisitionBlock, "acquisition_stream", "alarm_evnt", "LinkEvent", 7])
def test_a_type_that_never_comes_is_refused_with_those_that_do(message_type: Any) -> None:
    with pytest.raises(ValueError, match=r"LinkEvent, ServerEvent, Reading, alarm, alarm_cleared"):
        Handlers().add(message_type, Heard())


def test_a_coroutine_function_is_refused_since_nobody_would_await_it() -> None:
    async def handler(server: str, message: Any) -> None: ...

    with pytest.raises(TypeError, match="plain function"):
        Handlers().add(LinkEvent, handler)


def test_handlers_are_called_in_the_order_of_their_registration_and_the_same_may_come_twice() -> None:
    handlers, heard = Handlers(), Heard()
    ends = [handlers.add(LinkEvent, heard), handlers.add(LinkEvent, heard)]
    offered(handlers, LINE)
    assert len(heard.calls) == 2
    ends[0]()
    ends[0]()  # again is harmless
    offered(handlers, LINE)
    assert len(heard.calls) == 3
    ends[1]()
    offered(handlers, LINE)
    assert len(heard.calls) == 3
    assert len(handlers) == 0


def test_one_that_raises_is_logged_once_and_the_others_are_called_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    handlers, heard = Handlers(), Heard()

    def fails(server: str, message: Any) -> None:
        raise RuntimeError("no today")

    handlers.add(LinkEvent, fails)
    handlers.add(LinkEvent, heard)
    for _ in range(5):
        offered(handlers, LINE)
    assert len(heard.calls) == 5
    assert handlers.failures == 5
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "no today" in record.getMessage()
    assert record.exc_info


def test_a_handler_may_end_itself_and_add_another_while_it_is_called() -> None:
    handlers, late = Handlers(), Heard()
    ends: list[Callable[[], None]] = []

    def once(server: str, message: Any) -> None:
        ends[0]()
        handlers.add(LinkEvent, late)

    ends.append(handlers.add(LinkEvent, once))
    offered(handlers, LINE, LINE)
    assert len(late.calls) == 1, "the second message finds the other one"


def test_what_takes_longer_than_its_share_of_a_frame_waits_for_the_next() -> None:
    heard = Heard(takes_s=0.002)
    handlers = Handlers(lambda: heard.now_s)
    handlers.add(LinkEvent, heard)
    for number in range(10):
        handlers.offer("lab", LinkEvent(number, "line"))
    assert handlers.run(0.005) == 3
    assert handlers.run(0.005) == 3
    assert handlers.run(60.0) == 4
    assert handlers.run() == 0
    assert [message.at_us for _, message in heard.calls] == list(range(10))
    assert handlers.dropped == 0


def test_what_waits_is_bounded_and_the_dropped_are_counted() -> None:
    handlers, heard = Handlers(), Heard()
    handlers.add(LinkEvent, heard)
    for number in range(MAX_WAITING + 10):
        handlers.offer("lab", LinkEvent(number, "line"))
    assert handlers.dropped == 10
    handlers.run(60.0)
    assert heard.calls[0][1].at_us == 10, "the oldest go first"


def test_nothing_waits_where_nobody_listens() -> None:
    handlers = Handlers()
    for _ in range(MAX_WAITING + 10):
        handlers.offer("lab", LINE)
    assert handlers.dropped == 0
    heard = Heard()
    handlers.add(LinkEvent, heard)
    handlers.run()
    assert not heard.calls


def test_a_slow_handler_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard(takes_s=2 * SLOW_S)
    handlers = Handlers(lambda: heard.now_s)
    handlers.add(LinkEvent, heard)
    for _ in range(3):
        offered(handlers, LINE)
    (record,) = caplog.records
    assert "took 0.2 s" in record.getMessage()


def test_handlers_are_bounded() -> None:
    handlers = Handlers()
    for _ in range(MAX_HANDLERS):
        handlers.add(LinkEvent, Heard())
    with pytest.raises(RuntimeError, match=str(MAX_HANDLERS)):
        handlers.add(Reading, Heard())


def test_leaving_the_program_from_a_handler_is_not_kept_from_it() -> None:
    def leaves(server: str, message: Any) -> None:
        raise SystemExit(3)

    handlers = Handlers()
    handlers.add(LinkEvent, leaves)
    handlers.offer("lab", LINE)
    with pytest.raises(SystemExit):
        handlers.run()
