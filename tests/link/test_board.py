"""Tests of lablink_dpg.link.board."""

from __future__ import annotations

import logging
import pickle

import numpy as np
import pytest

from lablink_dpg.link import board as board_module
from lablink_dpg.link.board import (
    MAX_EVENT_BYTES,
    MAX_EVENTS,
    MAX_REMEMBERED_LINES,
    REPEAT_US,
    SOON_US,
    VALUE_BYTES,
    Board,
    rough_bytes,
)
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.link import DeviceReading, LinkEvent, LinkState, Mode
from lablink_dpg.model.messages import ServerEvent
from lablink_dpg.model.orders import CaptureWaveform, OrderDone
from lablink_dpg.model.waveform import Waveform


class Clock:
    now_us = 1_000_000

    def __call__(self) -> int:
        return self.now_us


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def board(clock: Clock) -> Board:
    return Board("labserver:8000", Mode.HYBRID, Tally(), Streams(50), clock)


def texts(board: Board) -> list[str]:
    return [event.text for event in board.drain() if isinstance(event, LinkEvent)]


def test_a_new_state_is_shown_said_and_logged(board: Board, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    clock.now_us = 5_000_000
    with caplog.at_level(logging.INFO):
        board.enter(LinkState.WAITING, "connection refused", next_retry_us=5_500_000)
    status = board.status
    assert (status.state, status.reason) == (LinkState.WAITING, "connection refused")
    assert (status.since_us, status.next_retry_us) == (5_000_000, 5_500_000)
    line = LinkEvent(5_000_000, "waiting: connection refused", is_warning=True, server="labserver:8000")
    assert board.drain() == [line]
    assert "labserver:8000: waiting: connection refused" in caplog.text


def test_a_new_reason_does_not_restart_the_time_in_a_state(board: Board, clock: Clock) -> None:
    board.enter(LinkState.POLLING, "refused (403)")
    clock.now_us = 9_000_000
    board.enter(LinkState.POLLING, "refused (404)")
    assert (board.status.since_us, board.status.reason) == (1_000_000, "refused (404)")


def test_the_same_line_is_said_again_only_after_a_while(board: Board, clock: Clock) -> None:
    for _ in range(5):
        board.say("no answer")
        clock.now_us += 1
    assert texts(board) == ["no answer"]
    clock.now_us += REPEAT_US
    board.say("no answer")
    assert texts(board) == ["no answer"]


def test_the_memory_of_lines_is_bounded(board: Board) -> None:
    for number in range(3 * MAX_REMEMBERED_LINES):
        board.say(f"line {number}")
    assert len(board._said_us) == MAX_REMEMBERED_LINES


def test_one_cause_that_befalls_many_is_two_lines_and_again_only_after_a_while(board: Board, clock: Clock) -> None:
    def poll_all() -> list[str]:
        for number in range(2 * MAX_REMEMBERED_LINES):
            board.say_of_one(f"run {number} not polled: status 500", "several acquisitions not polled: status 500")
        return [event.text for event in board.drain() if isinstance(event, LinkEvent)]

    said = ["run 0 not polled: status 500", "several acquisitions not polled: status 500"]
    assert poll_all() == said
    clock.now_us += REPEAT_US - 1
    assert poll_all() == []
    clock.now_us += 1
    assert poll_all() == said


def test_another_cause_of_the_same_trouble_is_said_too(board: Board) -> None:
    for cause in ("status 500", "timeout"):
        board.say_of_one(f"run a not polled: {cause}", f"several acquisitions not polled: {cause}")
    texts = [event.text for event in board.drain() if isinstance(event, LinkEvent)]
    assert texts == ["run a not polled: status 500", "run a not polled: timeout"]


def test_a_full_queue_drops_the_oldest_and_counts_it(board: Board) -> None:
    for number in range(MAX_EVENTS + 3):
        board.post(ServerEvent("alarm_event", {"number": number}))
    drained = board.drain()
    assert len(drained) == MAX_EVENTS
    assert drained[0] == ServerEvent("alarm_event", {"number": 3})
    assert board.dropped_events == 3
    assert board.drain() == []


def test_large_events_are_bounded_by_their_bytes_and_the_oldest_are_dropped(board: Board) -> None:
    def large(number: int) -> ServerEvent:
        return ServerEvent("job_update", {"number": number, "log": ["x" * (MAX_EVENT_BYTES // 10)]})

    for number in range(25):
        board.post(large(number))
    drained = board.drain()
    assert drained == [large(number) for number in range(16, 25)]
    assert board.dropped_events == 16
    for number in range(9):  # what was drained makes room
        board.post(large(number))
    assert (len(board.drain()), board.dropped_events) == (9, 16)


def test_an_event_that_alone_is_too_large_is_dropped_and_the_next_one_is_kept(board: Board) -> None:
    board.post(ServerEvent("job_update", {"log": "x" * MAX_EVENT_BYTES}))
    assert (board.drain(), board.dropped_events) == ([], 1)
    board.say("still here")
    assert texts(board) == ["still here"]


def test_the_size_of_an_event_is_about_that_of_all_it_holds() -> None:
    nested = {"a": [1.5] * 1000, "b": {"c": "x" * 1000}}
    real = len(pickle.dumps(nested))
    assert real < rough_bytes(nested) < 80_000
    deep: list[object] = []
    for _ in range(100_000):  # deeper than a recursion could go
        deep = [deep]
    assert rough_bytes(deep) == 100_001 * VALUE_BYTES


def test_a_connection_that_is_lost_and_found_is_told_each_time(board: Board, clock: Clock) -> None:
    steps = [(LinkState.STREAMING, "", False), (LinkState.CONNECTING, "closed by the server (1012)", True)] * 2
    steps += [(LinkState.WAITING, "refused", True), (LinkState.CONNECTING, "connecting to labserver:8000", False)] * 2
    for state, reason, is_failure in steps:
        clock.now_us += 1
        board.enter(state, reason, is_failure=is_failure)
    lines = [event for event in board.drain() if isinstance(event, LinkEvent)]
    came_and_went = [("streaming", False), ("connection lost: closed by the server (1012)", True)]
    tried = [("waiting: refused", True), ("connecting to labserver:8000", False)]
    assert [(line.text, line.is_warning) for line in lines] == [*came_and_went, *came_and_went, *tried]


def test_a_connection_that_a_person_ends_is_no_loss(board: Board) -> None:
    board.enter(LinkState.STREAMING, "")
    board.enter(LinkState.CONNECTING, "connecting to labserver:8000")
    assert not any(event.is_warning for event in board.drain() if isinstance(event, LinkEvent))


def test_a_secret_is_blanked_in_states_and_lines(board: Board) -> None:
    board.hide("geheim")
    board.enter(LinkState.WAITING, "the server says: bad token geheim")
    board.say("geheim again")
    assert board.status.reason == f"the server says: bad token {board_module.BLANK}"
    assert texts(board) == [f"waiting: the server says: bad token {board_module.BLANK}", f"{board_module.BLANK} again"]


def test_counters_are_frozen_when_published(board: Board) -> None:
    board._tally.invalid("invalid_json")
    board.publish()
    board._tally.invalid("invalid_json")
    assert board.status.counters.invalid_by_reason == {"invalid_json": 1}


def test_a_waveform_counts_with_its_samples_and_the_largest_one_has_room(board: Board) -> None:
    points = np.zeros(1_000_000)
    assert rough_bytes(Waveform("scope", 1, points, points)) > 16 * points.size
    board.post(OrderDone(CaptureWaveform("scope"), True, "", 0, {"waveform": Waveform("scope", 1, points, points)}))
    assert len(board.drain()) == 1
    assert board.dropped_events == 0


def test_a_reading_is_published_at_once_for_whoever_looks_but_no_more_often_than_frames_are_made(
    board: Board, clock: Clock
) -> None:
    published: list[int] = []

    def readings() -> dict[tuple[str, str], DeviceReading]:
        published.append(clock.now_us)
        return {}

    board.readings = readings
    clock.now_us += SOON_US
    board.publish_soon()
    assert not published, "nobody looks"
    board.is_watched = True
    for _ in range(3 * SOON_US // 1000):  # a reading each millisecond
        board.publish_soon()
        clock.now_us += 1000
    assert len(published) == 3
