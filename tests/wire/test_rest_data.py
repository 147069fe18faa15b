"""REST ``…/data`` answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given

from lablink_dpg.model.acquisition import DataWindow
from lablink_dpg.model.messages import BadMessage
from lablink_dpg.wire import numbers, rest_data
from lablink_dpg.wire.reasons import Reason
from lablink_dpg.wire.rest_data import decode_data
from tests.support.wire_messages import as_sent, damaged, misshapen, stamps
from tests.support.wire_oracle import check_values, fingerprint, load

HONEST: dict[str, Any] = {
    "acquisition_id": "a",
    "channels": ["CH1", "CH2"],
    "data": {"timestamps": stamps(4), "values": {"CH1": [1.0, 2.0, 3.0, 4.0], "CH2": [0.5, -0.0, 1e-300, 7]}},
    "count": 4,
}


def decode_every_way(body: bytes) -> DataWindow | BadMessage:
    results = []
    for accelerator in numbers.ACCELERATORS.values():
        with patch.object(numbers, "active", accelerator):
            results.append(decode_data(body, "a"))
    with patch.object(rest_data, "locate", lambda raw: None):
        results.append(decode_data(body, "a"))
    assert len({fingerprint(result) for result in results}) == 1
    result = results[0]
    if isinstance(result, DataWindow):
        source = load(body)
        assert source["acquisition_id"] == result.acquisition_id == "a"
        assert source["count"] == len(source["data"]["timestamps"])
        check_values(result, source["data"], source["count"])
    else:
        assert result.reason in list(Reason)
        assert len(result.detail) <= 200
    return result


def test_an_answer_is_read_whole() -> None:
    window = decode_every_way(as_sent(HONEST))
    assert isinstance(window, DataWindow)
    assert window.channels == ("CH1", "CH2")
    assert window.values.shape == (2, 4)
    assert window.problems == ()


def test_nan_in_the_buffer_is_mended() -> None:
    body = as_sent(HONEST).replace(b"2.0", b"NaN").replace(b"0.5", b"null")
    window = decode_every_way(body)
    assert isinstance(window, DataWindow)
    assert window.problems == ("nan_token", "null_sample")


@pytest.mark.parametrize("values", [{}, {"CH1": []}])
def test_an_empty_buffer_is_a_window_without_samples(values: dict[str, Any]) -> None:
    body = as_sent({**HONEST, "data": {"timestamps": [], "values": values}, "count": 0})
    window = decode_every_way(body)
    assert isinstance(window, DataWindow)
    assert window.values.shape == (len(values), 0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"acquisition_id": "b"}, "wrong_type"),
        ({"acquisition_id": None}, "wrong_type"),
        ({"count": 3}, "unequal_lengths"),
        ({"count": "4"}, "wrong_type"),
        ({"data": None}, "wrong_type"),
        ({"data": {}}, "missing_field"),
        ({"data": {"timestamps": stamps(4), "values": {}}}, "no_samples_usable"),
        ({"data": {"timestamps": ["x"] * 4, "values": {"A": [1.0] * 4}}}, "bad_timestamps"),
    ],
)
def test_an_unusable_answer_has_a_reason(changes: dict[str, Any], reason: str) -> None:
    answer = decode_every_way(as_sent({**HONEST, **changes}))
    assert isinstance(answer, BadMessage)
    assert answer.reason == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"Internal Server Error", "invalid_json"),
        (b'{"detail":"Acquisition not found"}', "missing_field"),
        (b"[]", "not_an_object"),
        (b"", "invalid_json"),
        (b"\xff", "invalid_utf8"),
    ],
)
def test_an_answer_that_is_no_data_has_a_reason(body: bytes, reason: str) -> None:
    answer = decode_every_way(body)
    assert isinstance(answer, BadMessage)
    assert answer.reason == reason


@given(misshapen(HONEST))
def test_misshapen_answers_are_right_or_refused(sent: Any) -> None:
    decode_every_way(as_sent(sent))


@given(damaged(as_sent(HONEST)))
def test_damaged_answers_are_right_or_refused(body: bytes) -> None:
    decode_every_way(body)


def test_recorded_answers_are_read_exactly(captures: Path) -> None:
    seen = 0
    for line in (captures / "as-designed.jsonl").read_text("utf-8").splitlines():
        event = json.loads(line)
        if event["kind"] == "rest" and event["path"].endswith("/data") and event["status"] == 200:
            seen += 1
            window = decode_data(json.dumps(event["body"]).encode(), event["body"]["acquisition_id"])
            assert isinstance(window, DataWindow)
            check_values(window, event["body"]["data"], event["body"]["count"])
    assert seen
