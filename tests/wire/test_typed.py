"""Typed windows: every sample where it belongs and as it was sent, as a view; what is odd is named, both ways alike."""

from __future__ import annotations

import zlib
from typing import Any
from unittest.mock import patch

import cbor2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionState
from lablink_dpg.model.messages import (
    Acknowledgement,
    AcquisitionEmpty,
    BadMessage,
    Message,
    Pong,
    Reading,
    ServerError,
    ServerEvent,
)
from lablink_dpg.wire import decoder, straight
from lablink_dpg.wire.decoder import decode
from lablink_dpg.wire.reasons import Reason
from lablink_dpg.wire.typed import MAX_COUNT, spread
from tests.support.typed_messages import ACQUISITION, START_US, as_typed, even, facts, window, windows
from tests.support.wire_messages import as_sent, damaged, message, misshapen, stamps
from tests.support.wire_oracle import time_us

VOLTS = np.array([0.5, -0.0, np.nan, 1e300])
STARTED_US = time_us("2026-11-23T00:00:30.184873")


def decode_both(raw: bytes) -> Message:
    """Straight through and the careful way; what the first reads the second reads as well."""
    fast = decode(raw, {})
    assert facts(decode(bytearray(raw), {})) == facts(fast)  # as some versions of the library hand it over
    with patch.object(decoder, "usual", lambda raw: None):
        careful = decode(raw, {})
    if facts(fast) != facts(careful):
        # The one difference there may be: what is stepped over unread.
        assert isinstance(fast, AcquisitionBlock)
        assert isinstance(careful, BadMessage)
        assert careful.reason == Reason.INVALID_UTF8
    return fast


def block_of(raw: bytes) -> AcquisitionBlock:
    decoded = decode_both(raw)
    assert isinstance(decoded, AcquisitionBlock), decoded
    return decoded


def reason_of(raw: bytes) -> str:
    decoded = decode_both(raw)
    assert isinstance(decoded, BadMessage), decoded
    return decoded.reason


def test_a_window_is_a_block_that_ends_at_its_own_last_sample() -> None:
    raw = even(1000, {"CH1": VOLTS, "CH2": VOLTS[::-1]}, stats={"total_samples": 5000, "start_time": stamps(1)[0]})
    block = block_of(raw)
    assert (block.acquisition_id, block.state) == (ACQUISITION, AcquisitionState.ACQUIRING)
    assert (block.total_samples, block.count, block.is_incremental) == (1004, 4, True)
    assert block.times_us.tolist() == [START_US + 1_000_000 + 1000 * k for k in range(4)]
    assert block.channels == ("CH1", "CH2")
    np.testing.assert_array_equal(block.values, [VOLTS, VOLTS[::-1]])
    assert (block.problems, block.started_us) == ((), STARTED_US)


@pytest.mark.parametrize("channels", [["CH1"], ["CH1", "CH2", "CH3"], ["a", "longer", "b"]])
def test_samples_and_times_are_views_of_the_message(channels: list[str]) -> None:
    times = START_US + np.arange(500)
    raw = as_typed(window(70_000, times, {name: np.random.default_rng(1).random(500) for name in channels}, 500))
    assert straight.usual(raw) is not None
    block, message_bytes = block_of(raw), np.frombuffer(raw, np.uint8)
    assert np.shares_memory(block.times_us, message_bytes)
    for row in range(len(channels)):
        assert np.shares_memory(block.values[row], message_bytes)


@given(windows())
def test_every_type_of_number_comes_as_it_was_sent(sent: tuple[dict[str, Any], dict[str, np.ndarray]]) -> None:
    tree, channels = sent
    block = block_of(as_typed(tree))
    count = tree["data"]["count"]
    times = tree["data"]["timestamps"]
    if isinstance(times, list):
        first, last = times
        times = np.array([first + (last - first) * k // (count - 1) if count > 1 else first for k in range(count)])
    assert block.times_us.tolist() == times.tolist()
    assert np.asarray(block.times_us).dtype == np.int64
    assert block.channels == tuple(channels)
    has_infinities = False
    for row, array in zip((block.values[row] for row in range(len(channels))), channels.values(), strict=True):
        with np.errstate(invalid="ignore"):  # of signalling NaNs, which hypothesis knows
            expected = array.astype(np.float64)
        has_infinities |= bool(np.isinf(expected).any())
        if block.is_finite:
            expected[np.isinf(expected)] = np.nan
        with np.errstate(invalid="ignore"):
            np.testing.assert_array_equal(np.asarray(row, np.float64), expected)
    # Straight through, the ring is to look for infinities.
    assert block.problems == ((Reason.NOT_FINITE.value,) if has_infinities and block.is_finite else ())


@given(windows(), st.data())
def test_the_order_of_keys_and_the_lengths_of_lengths_make_no_difference(
    sent: tuple[dict[str, Any], dict[str, np.ndarray]], data: st.DataObject
) -> None:
    tree = sent[0]
    expected = facts(decode(as_typed(tree), {}))
    tree["data"] = dict(data.draw(st.permutations(list(tree["data"].items()))))
    tree = dict(data.draw(st.permutations(list(tree.items()))))
    assert facts(decode_both(as_typed(tree))) == expected


def test_a_head_that_was_seen_before_is_read_anew_where_it_differs() -> None:
    for number, state in enumerate(["acquiring", "acquiring", "paused", "weird", "acquiring"]):
        total = 1000 + number
        block = block_of(even(total - 4, {"CH1": VOLTS}, state=state))
        assert block.state is AcquisitionState.parse(state)
        assert block.total_samples == total
    other = {"total_samples": 2000, "start_time": "2026-11-23T00:00:31", "samples_per_channel": {"CH1": 7, "x": 2000}}
    block = block_of(even(1000, {"CH1": VOLTS}, stats=other))
    assert (block.total_samples, block.started_us) == (1004, time_us("2026-11-23T00:00:31"))
    assert block_of(even(70_000, {"CH1": VOLTS})).total_samples == 70_004, "a count that takes more bytes"
    assert block_of(even(1000, {"CH1": VOLTS})).total_samples == 1004


def test_no_new_samples_are_a_sign_of_life() -> None:
    sent = window(5000, [START_US, START_US], {}, 0)
    assert decode_both(as_typed(sent)) == AcquisitionEmpty(ACQUISITION, AcquisitionState.ACQUIRING, 5000)
    assert decode_both(as_typed({**sent, "data": None})) == AcquisitionEmpty(
        ACQUISITION, AcquisitionState.ACQUIRING, 5000
    )


def test_infinities_are_missing_and_named_and_the_rest_stays() -> None:
    spoilt = np.array([1.0, np.inf, -np.inf, np.nan])
    for channels in ({"CH1": spoilt}, {"CH1": spoilt, "CH10": np.arange(4, dtype="<i2")}):
        block = block_of(even(0, channels))
        assert block.problems == ("not_finite",)
        np.testing.assert_array_equal(np.asarray(block.values)[0], [1.0, np.nan, np.nan, np.nan])
        assert len(channels) == 1 or np.asarray(block.values)[1].tolist() == [0, 1, 2, 3]


def test_a_channel_that_cannot_be_used_costs_only_itself() -> None:
    channels = {"short": VOLTS[:3], "text": "1234", "CH1": VOLTS, "list": [1, None, 2.5, "x"], "f128": b"0" * 64}
    times = [START_US, START_US + 3]
    block = block_of(as_typed(window(10, times, channels, 4)))
    assert block.channels == ("CH1", "list")
    assert set(block.problems) == {"unequal_lengths", "wrong_type", "null_sample", "text_sample"}
    np.testing.assert_array_equal(np.asarray(block.values), [VOLTS, [1, np.nan, 2.5, np.nan]])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"first": 997}, "bad_position"),  # up to 1001 of 1000
        ({"first": -1}, "wrong_type"),
        ({"first": 2**60}, "wrong_type"),
        ({"first": None}, "wrong_type"),
        ({"count": 2**53}, "bad_position"),
        ({"count": 3}, "no_samples_usable"),
        ({"count": "4"}, "wrong_type"),
        ({"values": {}}, "no_samples_usable"),
        ({"values": {"CH1": "text"}}, "no_samples_usable"),
        ({"values": [VOLTS]}, "wrong_type"),
        ({"timestamps": None}, "bad_timestamps"),
        ({"timestamps": [START_US]}, "bad_timestamps"),
        ({"timestamps": [START_US, START_US + 0.5]}, "bad_timestamps"),
        ({"timestamps": [START_US, True]}, "bad_timestamps"),
        ({"timestamps": [START_US + 1, START_US]}, "bad_timestamps"),
        ({"timestamps": [START_US, 2**62]}, "bad_timestamps"),
        ({"timestamps": [-(2**62), START_US]}, "bad_timestamps"),
        ({"timestamps": np.arange(4, dtype="<i4")}, "bad_timestamps"),
        ({"timestamps": np.arange(4.0)}, "bad_timestamps"),
        ({"timestamps": np.arange(4, dtype="<u8")}, "bad_timestamps"),
        ({"timestamps": np.array([0, 1, 2, 2**62])}, "bad_timestamps"),
        ({"timestamps": np.array([-(2**63), 1, 2, 3])}, "bad_timestamps"),
        ({"timestamps": np.arange(5)}, "unequal_lengths"),
    ],
)
def test_a_window_without_a_place_or_times_is_refused(data: dict[str, Any], reason: str) -> None:
    sent = window(996, [START_US, START_US + 3], {"CH1": VOLTS}, 4)
    assert block_of(as_typed(sent)).total_samples == 1000
    sent["data"] |= data
    assert reason_of(as_typed(sent)) == reason


@given(st.integers(0, 10**15), st.integers(0, 10**17), st.integers(1, 300) | st.just(100_000))
def test_times_between_two_are_those_of_the_formula(first: int, span: int, count: int) -> None:
    times = np.asarray(spread(first, first + span, count))
    assert times.shape == (count,)
    for k in {0, 1 % count, count // 3, count - 1}:
        assert times[k] == (first + span * k // (count - 1) if count > 1 else first)


def test_a_window_in_the_shape_of_json_is_read_as_one() -> None:
    sent = message(9, stamps(4), {"CH1": [0.5, 1, 2, 3]})
    assert facts(decode(as_typed(sent), {})) == facts(decode(as_sent(sent), {}))
    assert facts(decode(as_typed(sent), {ACQUISITION: 7})) == facts(decode(as_sent(sent), {ACQUISITION: 7}))


OTHERS: list[tuple[dict[str, Any], type]] = [
    ({"type": "pong"}, Pong),
    ({"type": "error", "detail": "no"}, ServerError),
    ({"type": "stream_started", "equipment_id": "e", "stream_type": "readings"}, Acknowledgement),
    ({"type": "acquisition_stream_started", "acquisition_id": "a"}, Acknowledgement),
    ({"type": "stream_data", "equipment_id": "e", "stream_type": "readings", "data": {"voltage": 1.25}}, Reading),
    ({"type": "alarm_event", "data": {"event_id": "x", "value": 3, "note": None}}, ServerEvent),
    ({"type": "alarm", "event_id": "x", "severity": "error"}, ServerEvent),
    ({"type": "discovery_progress", "event_type": "x", "data": {}, "timestamp": "now"}, ServerEvent),
    ({"type": "nothing known"}, BadMessage),
    ({"type": 5}, BadMessage),
    ({}, BadMessage),
]


@pytest.mark.parametrize(("sent", "kind"), OTHERS)
def test_every_other_message_means_the_same_as_in_json(sent: dict[str, Any], kind: type) -> None:
    decoded = decode(as_typed(sent), {})
    assert isinstance(decoded, kind)
    assert decoded == decode(as_sent(sent), {})


def test_typed_arrays_in_other_messages_are_plain_lists() -> None:
    sent = {"type": "stream_data", "equipment_id": "e", "stream_type": "waveform", "data": {"v": np.arange(3)}}
    decoded = decode(as_typed(sent), {})
    assert isinstance(decoded, Reading)
    assert decoded.data == {"v": [0, 1, 2]}


HONEST = [
    window(996, [START_US, START_US + 3], {"CH1": VOLTS, "CH2": VOLTS}, 4),
    window(996, START_US + np.arange(4), {"CH1": VOLTS, "b": np.arange(4, dtype="<i4")}, 4),
]


@given(st.sampled_from([as_typed(sent) for sent in HONEST]).flatmap(damaged), st.booleans())
def test_damaged_bytes_are_blocks_or_values_with_a_reason(raw: bytes, is_binary: bool) -> None:
    decoded = decode(raw, {}, is_binary=is_binary)
    if not is_binary:
        decoded = decode_both(raw)
    if isinstance(decoded, BadMessage):
        assert decoded.reason in list(Reason)
        assert len(decoded.detail) <= 200
        assert decoded.detail.isprintable()
    elif isinstance(decoded, AcquisitionBlock):
        n = decoded.times_us.shape[0]
        assert n == decoded.count <= len(raw)
        assert decoded.values.shape == (len(decoded.channels), n)
        assert not np.isinf(np.asarray(decoded.values)).any()


@given(misshapen(message(9, stamps(4), {"CH1": [0.5, 1, 2, 3]})), st.data())
def test_misshapen_windows_are_blocks_or_values_with_a_reason(sent: Any, data: st.DataObject) -> None:
    if isinstance(sent, dict) and isinstance(sent.get("data"), dict):
        sent["data"]["first"] = data.draw(st.integers(0, 6) | st.none() | st.just(1e99))
        sent["data"]["timestamps"] = data.draw(st.sampled_from([[0, 9], [9, 0], [0], np.arange(4), None, {}]))
    decode_both(as_typed(sent))


@given(st.integers(0xA0, 0xBF), st.binary(max_size=200))
def test_whatever_begins_as_a_map_is_a_value(first: int, rest: bytes) -> None:
    decode_both(bytes([first]) + rest)


def test_a_compressed_frame_may_hold_a_typed_message() -> None:
    raw = even(5, {"CH1": VOLTS})
    assert facts(decode(b"z" + zlib.compress(raw), {}, is_binary=True)) == facts(decode(raw, {}))


def test_a_float_that_is_a_count_counts() -> None:
    """As of JSON: 4.0 is whole."""
    sent = window(996, [START_US, START_US + 3], {"CH1": VOLTS}, 4)
    sent["data"]["count"] = 4.0
    assert block_of(cbor2.dumps(cbor2.loads(as_typed(sent)))).count == 4


def test_a_few_bytes_that_claim_millions_of_samples_are_refused() -> None:
    values = {"CH1": np.zeros(MAX_COUNT + 1, np.uint8)}
    assert reason_of(even(0, values, 0)) == Reason.TOO_LARGE
    assert block_of(even(0, {"CH1": np.zeros(100_000, np.uint8)}, 0)).count == 100_000


def test_of_a_head_as_long_as_a_novel_nothing_is_remembered() -> None:
    before = set(straight._heads)
    stats = {"total_samples": 2**20, "start_time": None, "novel": ["x" * 200] * 20, "more": ["y" * 200] * 23}
    for number in range(50):
        sent = even(0, {"CH1": VOLTS}, acquisition_id=f"novel {number}", stats={**stats, "extra": ["z" * 250] * 20})
        assert block_of(sent).acquisition_id == f"novel {number}"
    assert not any(b"novel" in name for name in set(straight._heads) - before)


@given(windows(), st.data())
def test_a_message_that_is_laid_out_as_the_one_before_is_read_as_if_there_had_been_none(
    sent: tuple[dict[str, Any], dict[str, np.ndarray]], data: st.DataObject
) -> None:
    raw = as_typed(sent[0])
    decode(raw, {})
    second = data.draw(st.just(raw) | damaged(raw[-200:]).map(lambda end: raw[:-200] + end))
    remembered = facts(decode(second, {}))
    straight._heads.clear()
    straight._tails.clear()
    assert remembered == facts(decode(second, {}))


@pytest.mark.parametrize("count", [10, 600])
@pytest.mark.parametrize("dtype", ["<f4", ">f4"])
def test_a_signalling_nan_beside_an_infinity_is_as_missing(dtype: str, count: int) -> None:
    values = np.ones(count, dtype)
    values.view(f"{dtype[0]}u4")[3], values[5] = 0x7F80_0001, np.inf
    block = block_of(even(1000, {"CH1": values}))
    stored = np.asarray(block.values[0])
    assert np.isnan(stored[3])
    if block.is_finite:  # of few; of many the ring looks
        assert np.isnan(stored[5])
        assert block.problems == (Reason.NOT_FINITE.value,)


def test_of_long_names_nothing_is_remembered_that_could_be_much() -> None:
    before = len(straight._tails)
    names = {f"{number:02}" + "x" * 200: VOLTS for number in range(20)}
    for count in (1, 2, 3, 4):
        raw = even(1000, {name: values[:count] for name, values in names.items()})
        assert block_of(raw).channels == tuple(names)
    assert len(straight._tails) == before
