"""What each message means, what is wrong with each bad one, and what of an overlapping window is new."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionState
from lablink_dpg.model.messages import (
    Acknowledgement,
    AcquisitionEmpty,
    BadMessage,
    Capabilities,
    Pong,
    Reading,
    ServerError,
    ServerEvent,
)
from lablink_dpg.wire import decoder
from lablink_dpg.wire.decoder import decode
from tests.support.wire_messages import ACQUISITION, as_sent, message, stamps
from tests.support.wire_oracle import check_block, fingerprint, time_us


def block_of(raw: bytes | str, last_totals: dict[str, int] | None = None) -> AcquisitionBlock:
    decoded = decode(raw, last_totals or {})
    assert isinstance(decoded, AcquisitionBlock), decoded
    return decoded


def reason_of(sent: Any) -> str:
    decoded = decode(sent if isinstance(sent, bytes | str) else json.dumps(sent), {})
    assert isinstance(decoded, BadMessage), decoded
    assert len(decoded.detail) <= 200
    return decoded.reason


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"type": "pong"}, Pong()),
        ({"type": "error", "detail": "Invalid JSON"}, ServerError("Invalid JSON")),
        ({"type": "error", "error": "no such stream"}, ServerError("no such stream")),
        ({"type": "error"}, ServerError("")),
        ({"type": "error", "detail": {"a": 1}}, ServerError("(an object)")),
        ({"type": "capabilities", "features": {"compression": {}}}, Capabilities({"compression": {}})),
        ({"type": "capabilities"}, Capabilities({})),
        (
            {"type": "stream_started", "equipment_id": "ps_1", "stream_type": "readings"},
            Acknowledgement("stream_started", "ps_1", "readings"),
        ),
        (
            {"type": "stream_stopped", "equipment_id": "ps_1", "stream_type": "waveform"},
            Acknowledgement("stream_stopped", "ps_1", "waveform"),
        ),
        (
            {"type": "acquisition_stream_started", "acquisition_id": "a"},
            Acknowledgement("acquisition_stream_started", "a", "acquisition"),
        ),
        (
            {"type": "acquisition_stream_stopped", "acquisition_id": "a"},
            Acknowledgement("acquisition_stream_stopped", "a", "acquisition"),
        ),
        (
            {"type": "stream_data", "equipment_id": "ps_1", "stream_type": "readings", "data": {"channel": 1}},
            Reading("ps_1", "readings", {"channel": 1}),
        ),
        (
            {"type": "alarm", "alarm_id": "x", "triggered_at": "now"},
            ServerEvent("alarm", {"alarm_id": "x", "triggered_at": "now"}),
        ),
        (
            {"type": "discovery_progress", "event_type": "found", "data": {"n": 1}, "timestamp": "now"},
            ServerEvent("discovery_progress", {"event_type": "found", "data": {"n": 1}, "timestamp": "now"}),
        ),
    ],
)
def test_each_type_becomes_its_value(sent: dict[str, Any], expected: object) -> None:
    assert decode(json.dumps(sent), {}) == expected


@pytest.mark.parametrize(
    "type_",
    [
        *("alarm_event", "alarm_updated", "alarm_cleared"),
        *("job_created", "job_updated", "job_deleted", "job_started", "job_completed", "job_failed"),
        *("health_changed", "benchmark_progress"),
    ],
)
def test_events_carry_their_data_as_sent(type_: str) -> None:
    assert decode(json.dumps({"type": type_, "data": {"a": [1, None]}}), {}) == ServerEvent(type_, {"a": [1, None]})
    assert reason_of({"type": type_}) == "missing_field"
    assert reason_of({"type": type_, "data": [1]}) == "wrong_type"


def test_every_type_of_the_table_survives_missing_and_wrong_fields() -> None:
    for type_ in [*decoder._DECODERS, "acquisition_stream"]:
        decode(json.dumps({"type": type_}), {})
        fields = ("equipment_id", "acquisition_id", "stream_type", "data", "stats", "features", "detail", "error")
        for value in (None, 1, [], {}, True, "text"):
            decode(json.dumps({"type": type_, **dict.fromkeys(fields, value)}), {})


def test_nan_in_a_reading_is_a_float_for_whoever_shows_it() -> None:
    raw = '{"type":"stream_data","equipment_id":"x","stream_type":"measurements","data":{"vpp":NaN}}'
    reading = decode(raw, {})
    assert isinstance(reading, Reading)
    assert isinstance(reading.data["vpp"], float)
    assert np.isnan(reading.data["vpp"])


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("", "invalid_json"),
        ("{", "invalid_json"),
        (b"\xff\xfe", "invalid_utf8"),
        ("\ud800", "invalid_utf8"),
        ("[" * 100_000, "invalid_json"),
        ("[1,2]", "not_an_object"),
        ({}, "missing_field"),
        ({"type": None}, "wrong_type"),
        ({"type": ["pong"]}, "wrong_type"),
        ({"type": "firmware"}, "unknown_type"),
        ({"type": "x" * 10_000}, "unknown_type"),
        ({"type": "stream_data", "equipment_id": "x", "stream_type": "readings"}, "missing_field"),
        ({"type": "stream_data", "equipment_id": "x", "stream_type": "readings", "data": None}, "wrong_type"),
        ({"type": "stream_started", "equipment_id": 7, "stream_type": "readings"}, "wrong_type"),
        ({"type": "acquisition_stream_started"}, "missing_field"),
        ({"type": "capabilities", "features": []}, "wrong_type"),
    ],
)
def test_unusable_messages_are_values_with_a_reason(sent: Any, reason: str) -> None:
    assert reason_of(sent) == reason


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("acquisition_id", 5, "wrong_type"),
        ("acquisition_id", ..., "missing_field"),
        ("stats", ..., "missing_field"),
        ("stats", [], "wrong_type"),
        ("stats.total_samples", ..., "missing_field"),
        ("stats.total_samples", None, "wrong_type"),
        ("stats.total_samples", True, "wrong_type"),
        ("stats.total_samples", "10", "wrong_type"),
        ("stats.total_samples", -1, "wrong_type"),
        ("stats.total_samples", 10.5, "wrong_type"),
        ("stats.total_samples", 2**53 + 1, "wrong_type"),
        ("stats.total_samples", 10**30, "wrong_type"),
        ("stats.total_samples", float("nan"), "wrong_type"),
        ("data", ..., "missing_field"),
        ("data", [], "wrong_type"),
        ("data", "x", "wrong_type"),
        ("data.count", ..., "missing_field"),
        ("data.count", 2, "unequal_lengths"),
        ("data.count", 4, "unequal_lengths"),
        ("data.count", 0, "unequal_lengths"),
        ("data.count", True, "wrong_type"),
        ("data.timestamps", ..., "missing_field"),
        ("data.timestamps", None, "wrong_type"),
        ("data.timestamps", stamps(2), "unequal_lengths"),
        ("data.timestamps", stamps(4), "unequal_lengths"),
        ("data.timestamps", [1, 2, 3], "bad_timestamps"),
        ("data.timestamps", [*stamps(2), "2026-11-31T00:00:00"], "bad_timestamps"),
        ("data.values", ..., "missing_field"),
        ("data.values", [], "wrong_type"),
        ("data.values", {}, "no_samples_usable"),
        ("data.values", {"A": [1.0], "B": None}, "no_samples_usable"),
    ],
)
def test_a_bad_field_of_a_window_is_named(accelerator: str, path: str, value: Any, reason: str) -> None:
    sent = message(10, stamps(3), {"A": [1.0, 2.0, 3.0]})
    *parents, name = path.split(".")
    node = sent
    for parent in parents:
        node = node[parent]
    if value is ...:
        del node[name]
    else:
        node[name] = value
    decoded = decode(json.dumps(sent), {})
    assert isinstance(decoded, BadMessage)
    assert decoded.reason == reason
    assert name in decoded.detail


def test_a_window_without_data_yet_is_empty() -> None:
    for data in (
        None,
        {"timestamps": [], "values": {}, "count": 0},
        {"timestamps": [], "values": {"A": []}, "count": 0},
    ):
        sent = message(3, [], {}, state="waiting_trigger", data=data)
        assert decode(json.dumps(sent), {}) == AcquisitionEmpty(ACQUISITION, AcquisitionState.WAITING_TRIGGER, 3)
    samples_without_times = {"timestamps": [], "values": {"A": [1.0]}, "count": 0}
    assert reason_of(message(3, [], {}, data=samples_without_times)) == "no_samples_usable"


@pytest.mark.parametrize(
    ("stored", "new"), [(None, 5), (0, 5), (93, 5), (95, 5), (96, 4), (99, 1), (100, 0), (101, 5), (10**6, 5)]
)
def test_only_what_is_not_stored_yet_is_in_the_block(accelerator: str, stored: int | None, new: int) -> None:
    values = {"A": [1.0, 2.0, 3.0, 4.0, 5.0], "B": [-1.0, -2.0, -3.0, -4.0, -5.0]}
    raw = as_sent(message(100, stamps(5), values))
    last_totals = {"another": 100} if stored is None else {ACQUISITION: stored}
    for sent in (raw, raw.decode()):
        block = block_of(sent, last_totals)
        assert (block.total_samples, block.count, block.times_us.size) == (100, 5, new)
        assert block.values.tolist() == [column[5 - new :] for column in values.values()]
        assert block.problems == ()
    check_block(block, raw, last_totals)


@pytest.mark.parametrize(("total", "new"), [(0, 0), (1, 1), (4, 4), (5, 5)])
@pytest.mark.parametrize("stored", [None, 100])
def test_of_a_window_that_reaches_into_the_run_before_only_this_run_is_in_the_block(
    accelerator: str, stored: int | None, total: int, new: int
) -> None:
    raw = as_sent(message(total, stamps(5), {"A": [1.0, 2.0, 3.0, 4.0, 5.0]}))
    block = block_of(raw, {} if stored is None else {ACQUISITION: stored})
    assert (block.total_samples, block.count) == (total, 5)
    assert block.values.tolist() == [[1.0, 2.0, 3.0, 4.0, 5.0][5 - new :]]
    check_block(block, raw, {} if stored is None else {ACQUISITION: stored})


@pytest.mark.parametrize(("change_us", "new"), [(0, 2), (1, 5), (-1, 5)])
def test_all_of_a_window_is_new_if_the_run_is_another_one(accelerator: str, change_us: int, new: int) -> None:
    raw = as_sent(message(100, stamps(5), {"A": [1.0, 2.0, 3.0, 4.0, 5.0]}))
    start_us = time_us("2026-11-23T00:00:30.184873")
    block = decode(raw, {ACQUISITION: 98}, {ACQUISITION: start_us + change_us})
    assert isinstance(block, AcquisitionBlock)
    assert (block.times_us.size, block.started_us) == (new, start_us)


@pytest.mark.parametrize("start", [..., None, 7, "", "yesterday", [], "2026-11-23T00:00:30.184873" + 60 * "0"])
def test_a_start_that_cannot_be_read_is_none(start: object) -> None:
    sent = message(10, stamps(3), {"A": [1.0, 2.0, 3.0]})
    if start is ...:
        del sent["stats"]["start_time"]
    else:
        sent["stats"]["start_time"] = start
    block = decode(as_sent(sent), {ACQUISITION: 9}, {ACQUISITION: 1})
    assert isinstance(block, AcquisitionBlock)
    assert (block.started_us, block.times_us.size, block.problems) == (None, 1, ())


@pytest.mark.parametrize("state", ["idle", "waiting_trigger", "acquiring", "paused", "stopped", "error"])
def test_states_are_the_servers_words(state: str) -> None:
    assert block_of(as_sent(message(1, stamps(1), {"A": [0.0]}, state=state))).state == state


@pytest.mark.parametrize("state", ["napping", None, 7, [], {"a": "paused"}])
def test_another_state_does_not_cost_the_samples(state: object) -> None:
    assert block_of(as_sent(message(1, stamps(1), {"A": [0.0]}, state=state))).state is AcquisitionState.UNKNOWN


def test_samples_that_are_no_numbers_are_nan_and_named_once(accelerator: str) -> None:
    odd = [float("nan"), float("inf"), None, None, "1.5", True, [2.0], 1.0]
    sent = message(8, stamps(8), {"A": odd, "B": [1.0] * 8, "C": [1.0] * 7})
    block = block_of(as_sent(sent))
    assert block.problems == ("unequal_lengths", "nan_token", "null_sample", "text_sample", "not_a_number")
    assert np.isnan(block.values[0, :7]).all()
    assert block.values[0, 7] == 1.0
    assert block.values[1].tolist() == [1.0] * 8
    assert block.channels == ("A", "B")  # what of C belongs to which time cannot be known


def test_numbers_beyond_float64_are_nan_and_named(accelerator: str) -> None:
    raw = as_sent(message(3, stamps(3), {"A": [1.0, 2.0, 3.0]})).replace(b"2.0", b"1e400")
    block = block_of(raw)
    assert block.problems == ("not_finite",)
    assert repr(block.values.tolist()) == "[[1.0, nan, 3.0]]"


def test_problems_among_stored_samples_are_not_counted_again(accelerator: str) -> None:
    raw = as_sent(message(4, stamps(4), {"A": [float("nan"), None, 3.0, 4.0]}))
    assert block_of(raw, {ACQUISITION: 2}).problems == ()
    assert block_of(raw, {ACQUISITION: 1}).problems == ("null_sample",)
    assert block_of(raw).problems == ("nan_token", "null_sample")


def test_blocks_keep_their_samples_while_later_messages_are_decoded(accelerator: str) -> None:
    blocks = [block_of(as_sent(message(3, stamps(3), {"A": [index, 0.5, -index]}))) for index in range(100)]
    for index, block in enumerate(blocks):
        assert block.values.tolist() == [[index, 0.5, -index]]


def test_repeated_keys_count_as_json_counts_them_the_last_one(accelerator: str) -> None:
    raw = as_sent(message(2, stamps(2), {"A": [1.0, 2.0]}))
    twice = raw.replace(b'"A":[1.0,2.0]', b'"A":[8.0,9.0],"A":[1.0,2.0]').replace(b'"count":', b'"count":7,"count":')
    assert block_of(twice).values.tolist() == [[1.0, 2.0]]
    assert fingerprint(block_of(twice)) == fingerprint(block_of(raw))


@pytest.mark.parametrize("frame", ["gzip", "zlib"])
def test_compressed_frames_are_decoded_as_their_message(accelerator: str, frame: str) -> None:
    raw = as_sent(message(50, stamps(50), {"A": [index / 7 for index in range(50)]}))
    sent = b"g" + gzip.compress(raw) if frame == "gzip" else b"z" + zlib.compress(raw)
    assert fingerprint(decode(sent, {}, is_binary=True)) == fingerprint(decode(raw, {}))


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"", "bad_compression"),
        (b'{"type":"pong"}', "bad_compression"),
        (b"z" + zlib.compress(b'{"type":"pong"}')[:-3], "bad_compression"),
        (b"g" + gzip.compress(b'{"type":"pong"}', mtime=0)[5:], "bad_compression"),
        (b"z" + zlib.compress(bytes(2**26 + 1), 1), "too_large"),
        (b"z" + zlib.compress(b"\xff"), "invalid_utf8"),
        (b"z" + zlib.compress(b"[]"), "not_an_object"),
    ],
)
def test_bad_compressed_frames_are_values_with_a_reason(frame: bytes, reason: str) -> None:
    decoded = decode(frame, {}, is_binary=True)
    assert isinstance(decoded, BadMessage)
    assert decoded.reason == reason


@pytest.mark.parametrize("recording", ["as-designed.jsonl", "datetime-defect.jsonl"])
def test_every_recorded_message_is_understood_and_exact(accelerator: str, captures: Path, recording: str) -> None:
    last_totals: dict[str, int] = {}
    seen = 0
    for line in (captures / recording).read_text("utf-8").splitlines():
        event = json.loads(line)
        if event["kind"] != "ws_in":
            continue
        seen += 1
        decoded = decode(event["text"], last_totals)
        assert not isinstance(decoded, BadMessage), decoded
        if isinstance(decoded, AcquisitionBlock):
            check_block(decoded, event["text"].encode(), last_totals)
            assert decoded.problems == ()
            last_totals[decoded.acquisition_id] = decoded.total_samples
    assert seen
