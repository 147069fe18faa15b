from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from lablink_dpg.sim.acquisition import Acquisition, Config
from lablink_dpg.sim.bench import channel_specs
from lablink_dpg.sim.signals import expected
from lablink_dpg.sim.stamps import iso
from tests.sim.shapes import ACQUISITION_STATUS, ACQUISITION_STREAM, DATA, mismatch
from tests.sim.talk import FakeClock

CHANNELS = ("CH1", "CH2")


def make(clock: FakeClock, **changes: Any) -> Acquisition:
    fields: dict[str, Any] = {
        "acquisition_id": "a1",
        "equipment_id": "scope_1",
        "name": "tour",
        "sample_rate_hz": 1000.0,
        "channels": CHANNELS,
        "signals": channel_specs(CHANNELS, 0, 1, 1000.0),
        **changes,
    }
    return Acquisition(Config(**fields), clock())


def window(acquisition: Acquisition, num_samples: int, clock: FakeClock) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(acquisition.message(num_samples, clock()))
    return message


def test_before_the_first_sample_the_data_is_null() -> None:
    clock = FakeClock()
    acquisition = make(clock)
    idle = window(acquisition, 50, clock)
    acquisition.start(clock())
    started = window(acquisition, 50, clock)
    assert (idle["state"], idle["data"], idle["stats"]["start_time"]) == ("idle", None, None)
    assert (started["state"], started["data"]) == ("acquiring", None)
    assert started["stats"]["start_time"] == iso(clock())


def test_a_message_carries_the_newest_samples_with_their_known_values() -> None:
    clock = FakeClock()
    acquisition = make(clock)
    start_us = clock()
    acquisition.start(start_us)
    clock.forward(3.2105)
    message = window(acquisition, 50, clock)
    assert mismatch(message, ACQUISITION_STREAM) is None
    assert message["stats"]["samples_per_channel"] == {"CH1": 3210, "CH2": 3210}
    indices = np.arange(3160, 3210, dtype=np.int64)
    assert message["data"]["count"] == 50
    assert message["data"]["timestamps"] == [iso(start_us + int(index) * 1000) for index in indices]
    for channel in CHANNELS:
        assert message["data"]["values"][channel] == expected(acquisition.config.signals[channel], indices).tolist()


def test_a_window_larger_than_the_buffer_is_the_buffer() -> None:
    clock = FakeClock()
    acquisition = make(clock, buffer_size=100)
    acquisition.start(clock())
    clock.forward(1)
    assert window(acquisition, 5000, clock)["data"]["count"] == 100
    assert json.loads(acquisition.data(5000, clock()))["count"] == 100
    assert json.loads(acquisition.data(None, clock()))["count"] == 100


def test_rest_data_are_the_same_samples() -> None:
    clock = FakeClock()
    acquisition = make(clock)
    acquisition.start(clock())
    clock.forward(1)
    sent = window(acquisition, 20, clock)["data"]
    answer = json.loads(acquisition.data(20, clock()))
    assert mismatch(answer, DATA) is None
    assert answer["data"] == {"timestamps": sent["timestamps"], "values": sent["values"]}
    assert answer["channels"] == ["CH1", "CH2"]


def test_rest_data_before_the_start_are_empty_lists() -> None:
    clock = FakeClock()
    answer = json.loads(make(clock).data(20, clock()))
    assert (answer["count"], answer["data"]) == (0, {"timestamps": [], "values": {"CH1": [], "CH2": []}})


@pytest.mark.parametrize(("order", "state"), [(Acquisition.pause, "paused"), (Acquisition.stop, "stopped")])
def test_paused_and_stopped_repeat_their_last_window(order: Any, state: str) -> None:
    clock = FakeClock()
    acquisition = make(clock)
    acquisition.start(clock())
    clock.forward(1)
    before = window(acquisition, 50, clock)
    assert order(acquisition, clock())[0]
    for _ in range(3):
        clock.forward(0.7)
        after = window(acquisition, 50, clock)
        assert after["state"] == state
        assert after["data"] == before["data"]
        assert after["stats"]["total_samples"] == 1000


def test_a_resumed_acquisition_goes_on_with_the_next_sample() -> None:
    clock = FakeClock()
    acquisition = make(clock)
    start_us = clock()
    acquisition.start(start_us)
    acquisition.pause(clock.forward(1))
    acquisition.resume(clock.forward(5))
    clock.forward(1)
    message = window(acquisition, 1001, clock)
    assert message["stats"]["total_samples"] == 2000
    stamps = message["data"]["timestamps"]
    assert stamps[:2] == [iso(start_us + 999_000), iso(start_us + 6_000_000)]
    assert stamps == sorted(stamps)


def test_a_restart_counts_from_zero_with_the_same_signals() -> None:
    clock = FakeClock()
    acquisition = make(clock)
    acquisition.start(clock())
    clock.forward(1)
    first = window(acquisition, 1000, clock)
    acquisition.stop(clock())
    clock.forward(1)
    assert acquisition.start(clock()) == (True, "Acquisition started")
    clock.forward(0.5)
    second = window(acquisition, 1000, clock)
    assert second["stats"]["total_samples"] == 500
    assert second["data"]["values"]["CH1"] == first["data"]["values"]["CH1"][:500]
    assert second["data"]["timestamps"][0] > first["data"]["timestamps"][-1]
    assert second["stats"]["end_time"] is None


@pytest.mark.parametrize("limit", [{"num_samples": 500}, {"duration_s": 0.5}, {"num_samples": 500, "duration_s": 9.0}])
def test_a_finite_run_stops_by_itself_and_says_when(limit: dict[str, Any]) -> None:
    clock = FakeClock()
    acquisition = make(clock, **limit)
    start_us = clock()
    acquisition.start(start_us)
    clock.forward(0.4999)
    assert acquisition.state(clock()) == "acquiring"
    clock.forward(60)
    status = acquisition.status(clock())
    assert mismatch(status, ACQUISITION_STATUS) is None
    assert status["state"] == "stopped"
    assert status["stats"]["total_samples"] == 500
    assert status["stopped_at"] == status["stats"]["end_time"] == iso(start_us + 500_000)
    assert status["stats"]["duration_seconds"] == 0.5
    assert acquisition.start(clock())[0], "it can be started again"


def test_the_status_tells_the_signals() -> None:
    clock = FakeClock()
    acquisition = make(clock, metadata={"operator": "Ada"})
    metadata = json.loads(json.dumps(acquisition.status(clock())))["config"]["metadata"]
    assert metadata["operator"] == "Ada"
    assert metadata["signals"] == acquisition.config.signals


ORDERS = {
    "start": Acquisition.start,
    "stop": Acquisition.stop,
    "pause": Acquisition.pause,
    "resume": Acquisition.resume,
}
ANSWERS = {
    # state: what start, stop, pause and resume say, and the state each leads to
    "idle": {
        "start": ("Acquisition started", "acquiring"),
        "stop": ("Not running", "idle"),
        "pause": ("Not running", "idle"),
        "resume": ("Not paused", "idle"),
    },
    "acquiring": {
        "start": ("Already running", "acquiring"),
        "stop": ("Acquisition stopped", "stopped"),
        "pause": ("Acquisition paused", "paused"),
        "resume": ("Not paused", "acquiring"),
    },
    "paused": {
        "start": ("Already running", "paused"),
        "stop": ("Acquisition stopped", "stopped"),
        "pause": ("Not running", "paused"),
        "resume": ("Acquisition resumed", "acquiring"),
    },
    "stopped": {
        "start": ("Acquisition started", "acquiring"),
        "stop": ("Not running", "stopped"),
        "pause": ("Not running", "stopped"),
        "resume": ("Not paused", "stopped"),
    },
}
WAY = {"idle": (), "acquiring": ("start",), "paused": ("start", "pause"), "stopped": ("start", "stop")}


@pytest.mark.parametrize("state", list(ANSWERS))
@pytest.mark.parametrize("order", list(ORDERS))
def test_every_order_in_every_state(state: str, order: str) -> None:
    clock = FakeClock()
    acquisition = make(clock)
    for step in WAY[state]:
        assert ORDERS[step](acquisition, clock.forward(1))[0]
    message, then = ANSWERS[state][order]
    assert ORDERS[order](acquisition, clock.forward(1)) == (message.startswith("Acquisition"), message)
    assert acquisition.state(clock()) == then
