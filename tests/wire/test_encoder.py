"""What the client says, word for word."""

from __future__ import annotations

import json

from lablink_dpg.wire import encoder


def test_messages_have_the_fields_that_the_server_reads() -> None:
    assert json.loads(encoder.start_acquisition_stream("a-1", 50, 150)) == {
        "type": "start_acquisition_stream",
        "acquisition_id": "a-1",
        "interval_ms": 50,
        "num_samples": 150,
    }
    assert json.loads(encoder.stop_acquisition_stream("a-1")) == {
        "type": "stop_acquisition_stream",
        "acquisition_id": "a-1",
    }
    assert json.loads(encoder.start_stream("ps_1", "readings", 200)) == {
        "type": "start_stream",
        "equipment_id": "ps_1",
        "stream_type": "readings",
        "interval_ms": 200,
    }
    assert json.loads(encoder.stop_stream("ps_1", "readings")) == {
        "type": "stop_stream",
        "equipment_id": "ps_1",
        "stream_type": "readings",
    }
    assert encoder.ping() == '{"type":"ping"}'


def test_ids_with_quotes_and_control_characters_stay_one_string() -> None:
    odd = 'a"\\\n\x00µ'
    assert json.loads(encoder.stop_acquisition_stream(odd))["acquisition_id"] == odd
