"""Tests of lablink_dpg.link.receiver, fed with messages as they come, recorded ones among them."""

from __future__ import annotations

import json
import logging
import zlib
from pathlib import Path

import numpy as np
import pytest

from lablink_dpg.link.board import Board
from lablink_dpg.link.receiver import Receiver
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.link.tally import OWN_FAULT, Tally
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import LinkEvent, Mode, StreamState
from lablink_dpg.model.messages import Reading, ServerEvent
from lablink_dpg.store.store import Store
from lablink_dpg.wire.reasons import MAX_DECOMPRESSED_BYTES, Reason
from tests.link.lab import Acquisition, window_message
from tests.support.typed_messages import even


class Setup:
    def __init__(self) -> None:
        self.acquisition = Acquisition("a")
        self.store = Store(10_000)
        self.streams = Streams(50)
        self.tally = Tally()
        self.now_us = 1_800_000_000_000_000
        self.board = Board("s", Mode.HYBRID, self.tally, self.streams, lambda: self.now_us)
        self.losses: list[tuple[Stream, int]] = []
        self.revived: list[Stream] = []
        self.unknown: list[str] = []
        self.too_large: list[int] = []
        self.receiver = Receiver(
            self.store,
            self.streams,
            self.tally,
            self.board,
            lambda: self.now_us,
            on_loss=lambda stream, enough: self.losses.append((stream, enough)),
            on_revived=self.revived.append,
            wait_turn=lambda: None,
            on_unknown=self.unknown.append,
            on_too_large=lambda: self.too_large.append(self.now_us),
        )

    def describe(self, name: str = "a", channels: tuple[str, ...] = ("CH1",)) -> Stream:
        info = AcquisitionInfo(name, "scope", name, AcquisitionState.ACQUIRING, channels, 1000.0)
        self.store.describe(info, "s")
        return self.streams.describe(info)

    def take(self, total: int, num_samples: int, state: str = "acquiring") -> int:
        self.acquisition.state = state
        raw = window_message(self.acquisition, total, num_samples).encode()
        self.receiver.take(raw)
        return len(raw)


@pytest.fixture
def setup() -> Setup:
    return Setup()


def test_messages_and_bytes_are_counted_and_samples_stored(setup: Setup) -> None:
    stream = setup.describe()
    size = setup.take(100, 50) + setup.take(120, 50)
    assert (setup.tally.messages, setup.tally.bytes) == (2, size)
    counters = setup.store.series["a"].counters
    assert (counters.received, counters.overlap_dropped, counters.lost) == (70, 30, 0)
    assert (stream.state, stream.heard_us) == (StreamState.STREAMING, setup.now_us)


@pytest.mark.parametrize(
    ("state", "shown"),
    [("paused", StreamState.PAUSED), ("stopped", StreamState.STOPPED), ("error", StreamState.STOPPED)],
)
def test_the_state_of_a_message_is_shown(setup: Setup, state: str, shown: StreamState) -> None:
    stream = setup.describe()
    setup.take(100, 50, state)
    assert stream.state is shown


def test_a_message_without_data_proves_the_stream_as_well(setup: Setup) -> None:
    stream = setup.describe()
    setup.take(0, 50)
    assert (stream.state, stream.heard_us) == (StreamState.STREAMING, setup.now_us)


def test_a_loss_tells_which_window_would_have_been_large_enough(setup: Setup) -> None:
    stream = setup.describe()
    setup.take(100, 50)
    setup.take(200, 50)
    assert setup.losses == [(stream, 100)]


def test_a_loss_before_the_first_message_of_a_request_is_no_fault_of_the_window(setup: Setup) -> None:
    stream = setup.describe()
    setup.take(100, 50)
    stream.is_fresh = True
    setup.take(1000, 50)
    assert setup.losses == [(stream, 0)]


def test_a_run_begun_anew_that_counts_as_much_as_the_one_before_is_stored(setup: Setup) -> None:
    setup.describe()
    setup.take(100, 50)
    setup.acquisition.restart()
    setup.take(100, 50)
    counters = setup.store.series["a"].counters
    assert (counters.received, counters.lost) == (100, 50)
    assert [epoch.start for epoch in setup.store.series["a"].epochs] == [0, 50]
    assert "a was restarted" in str(setup.board.drain())
    setup.take(120, 50)
    assert setup.store.series["a"].counters.received == 120


def test_a_silent_stream_that_sends_is_revived_once(setup: Setup) -> None:
    stream = setup.describe()
    stream.is_silent = True
    setup.receiver._on_revived = lambda each: (setup.revived.append(each), setattr(each, "is_silent", False))[0]
    setup.take(100, 50)
    setup.take(150, 50)
    assert setup.revived == [stream]


def test_an_acquisition_that_nobody_described_is_reported_and_not_stored(setup: Setup) -> None:
    setup.take(100, 50)
    assert setup.unknown == ["a"]
    assert not setup.store.series
    assert setup.tally.invalid_messages == 0


def test_mended_messages_count_by_reason_only(setup: Setup) -> None:
    setup.describe()
    setup.receiver.take(window_message(Acquisition("a"), 100, 50).replace("99.0", "NaN").encode())
    assert setup.tally.invalid_messages == 0
    assert sum(setup.tally.reasons.values()) == 1
    assert setup.store.series["a"].counters.received == 50


def test_a_count_that_time_does_not_explain_is_told_and_not_stored(setup: Setup) -> None:
    setup.describe()
    setup.take(100, 50)
    lie = window_message(setup.acquisition, 110, 50).replace('"total_samples": 110', '"total_samples": 1000000000')
    setup.receiver.take(lie.encode())
    setup.take(120, 50)
    assert setup.tally.reasons == {Reason.BAD_COUNT: 1}
    assert [event.text for event in setup.board.drain() if isinstance(event, LinkEvent)] == [
        "message not usable: bad_count"
    ]
    counters = setup.store.series["a"].counters
    assert (counters.received, counters.lost, setup.losses) == (70, 0, [])


@pytest.mark.parametrize(("said", "lost"), [(50_000, 49_850), (120, 0)], ids=["confirmed", "refuted"])
def test_an_empty_message_settles_a_leap(setup: Setup, said: int, lost: int) -> None:
    setup.describe()
    setup.take(100, 50)
    lie = window_message(setup.acquisition, 150, 50).replace('"total_samples": 150', '"total_samples": 50000')
    setup.receiver.take(lie.encode())
    empty = {**json.loads(window_message(setup.acquisition, 0, 50)), "data": None}
    for _ in range(2):
        empty["stats"]["total_samples"] = said
        setup.receiver.take(json.dumps(empty).encode())
    counters = setup.store.series["a"].counters
    assert (counters.received, counters.lost) == (100 if lost else 50, lost)
    assert len(setup.losses) == bool(lost)


def test_how_far_a_message_has_to_reach_is_known_of_those_that_could(setup: Setup) -> None:
    stream = setup.describe()
    for total, expected in ((1000, 0), (1030, 30), (1020, 30), (1110, 80)):
        setup.take(total, 50)
        assert stream.reach == expected
    setup.acquisition.restart()
    for total, expected in ((2000, 80), (2090, 90)):
        setup.take(total, 50)
        assert stream.reach == expected
    assert (stream.messages, stream.window) == (6, 50)


def test_a_compressed_message_that_is_too_large_is_said_to_whom_it_concerns(setup: Setup) -> None:
    setup.receiver.take(b"z" + zlib.compress(b" " * (MAX_DECOMPRESSED_BYTES + 1)))
    assert setup.too_large == [setup.now_us]
    assert setup.tally.reasons == {"too_large": 1}


def test_events_and_readings_are_posted(setup: Setup) -> None:
    setup.receiver.take(b'{"type": "job_started", "data": {"job_id": "1"}}')
    setup.receiver.take(b'{"type": "stream_data", "equipment_id": "p", "stream_type": "readings", "data": {"v": 1}}')
    setup.receiver.take(b'{"type": "pong"}')
    setup.receiver.take(b'{"type": "acquisition_stream_started", "acquisition_id": "nope"}')
    assert [type(event) for event in setup.board.drain()] == [ServerEvent, Reading]


def test_an_error_of_the_server_is_a_line_of_the_log(setup: Setup) -> None:
    setup.receiver.take(b'{"type": "error", "detail": "Invalid JSON"}')
    assert "the server says: Invalid JSON" in str(setup.board.drain())


def test_a_fault_of_our_own_costs_a_message_and_is_logged_once(
    setup: Setup, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    setup.describe()

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched, caplog.at_level(logging.ERROR):
        patched.setattr(setup.store, "ingest", fail)
        for total in (100, 120, 140):
            setup.take(total, 50)
    assert setup.tally.reasons == {OWN_FAULT: 3}
    assert caplog.text.count("Traceback") == 1
    setup.take(160, 50)
    assert setup.store.series["a"].counters.received == 50


@pytest.mark.parametrize("name", ["as-designed", "datetime-defect"])
def test_recorded_sessions_are_taken_without_a_bad_message_or_a_lost_sample(
    setup: Setup, captures: Path, name: str
) -> None:
    records = [json.loads(line) for line in (captures / f"{name}.jsonl").read_text().splitlines()]
    raws = [record["text"].encode() for record in records if record["kind"] == "ws_in"]
    messages = [json.loads(raw) for raw in raws]
    for message in messages:
        if message["type"] == "acquisition_stream" and setup.streams.get(message["acquisition_id"]) is None:
            setup.describe(message["acquisition_id"], ("CH1", "CH2"))
    for raw in raws:
        setup.receiver.take(raw)
    assert setup.tally.messages == len(raws) > 0
    assert setup.tally.reasons == {}
    for series in setup.store.series.values():
        assert series.counters.received > 0
        assert series.counters.lost == 0


def test_infinities_among_many_typed_samples_become_nan_and_are_counted(setup: Setup) -> None:
    setup.describe()
    volts = np.random.default_rng(1).normal(size=5000)
    volts[[7, 2500, 4999]] = np.inf, -np.inf, np.nan
    for first in (0, 5000):
        setup.receiver.take(even(first, {"CH1": volts}, acquisition_id="a"))
        volts = np.zeros(5000)
    wanted = np.concatenate((np.random.default_rng(1).normal(size=5000), volts))
    wanted[[7, 2500, 4999]] = np.nan
    np.testing.assert_array_equal(setup.store.series["a"].ring.read(0, 10_000)[0], wanted)
    assert setup.tally.frozen(0, {}).invalid_by_reason == {Reason.NOT_FINITE: 1}
