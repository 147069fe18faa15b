"""Faults of the streams: what is acknowledged and does not come, comes late, or comes otherwise than asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest

from lablink_dpg.sim.process import SimProcess
from tests.sim.faulty import RATE_HZ, check_window, cleared, gaps, ids, is_silent, stream_all
from tests.sim.talk import Talk

ENOUGH = 60  # messages of several streams: each of them would be among them


@pytest.fixture(scope="module")
def module_process() -> Iterator[SimProcess]:
    with SimProcess(streams=4, rate_hz=RATE_HZ, seed=6) as process:
        yield process


@pytest.fixture
def process(module_process: SimProcess) -> Iterator[SimProcess]:
    with cleared(module_process):
        yield module_process


@pytest.fixture
def talk(process: SimProcess) -> Iterator[Talk]:
    with Talk(process) as talk:
        yield talk


def senders(talk: Talk) -> set[str]:
    """Who is heard of in the next messages."""
    talk.drain()
    return {message.get("acquisition_id", message.get("equipment_id")) for message in islice(talk.messages(), ENOUGH)}


def has_data_of(acquisition_id: str) -> Callable[[dict[str, Any]], bool]:
    """A run that has just begun has none."""
    return lambda message: message["acquisition_id"] == acquisition_id and message["data"] is not None


def has_samples(talk: Talk, acquisition_id: str) -> bool:
    return bool(talk.get(f"/api/acquisition/session/{acquisition_id}/data", num_samples=10)["count"])


@pytest.mark.parametrize("count", [1, 3])
def test_silent_streams_are_acknowledged_and_only_rest_has_them(process: SimProcess, talk: Talk, count: int) -> None:
    process.fault(f"silent:{count}")
    found = stream_all(talk)  # waits for each acknowledgement
    assert senders(talk) == set(found[:-count])
    assert all(has_samples(talk, each) for each in found)
    process.fault("clear")
    talk.next_window(found[-1])


def test_any_streams_can_be_meant_by_their_places(process: SimProcess, talk: Talk) -> None:
    process.fault("silent:=0,2,9")
    found = stream_all(talk)
    assert senders(talk) == {found[1], found[3]}


def test_equipment_streams_can_be_silent_as_in_the_released_server(process: SimProcess, talk: Talk) -> None:
    supply = talk.device("power_supply")
    found = stream_all(talk)
    talk.send("start_stream", equipment_id=supply, stream_type="readings", interval_ms=20)
    talk.until("stream_data")
    process.fault("silent:equipment")
    assert senders(talk) == set(found)
    assert talk.get(f"/api/equipment/{supply}/readings")["equipment_id"] == supply


def test_a_poisonous_stream_silences_every_connection_and_pings_are_answered(process: SimProcess, talk: Talk) -> None:
    first, *_, last = stream_all(talk)
    with Talk(process) as bystander:
        bystander.until("acquisition_stream")
        process.fault("zombie")
        for each in (talk, bystander):
            assert is_silent(each)
        # New streams are acknowledged and never send.
        talk.stream(first)
        assert is_silent(talk)
        assert talk.post("/api/alarms/create", alarm(talk.device("power_supply")))
        assert is_silent(talk), "events are lost as well"
        assert has_samples(talk, last)


def alarm(equipment_id: str) -> dict[str, Any]:
    """One whose condition holds at once."""
    return {
        "name": "always",
        "equipment_id": equipment_id,
        "parameter": "voltage_set",
        "condition": "greater_than",
        "severity": "info",
        "threshold": -1.0,
    }


def test_after_reconnecting_the_others_stream_until_the_poisonous_one_is_asked_for(process: SimProcess) -> None:
    process.fault("zombie:2")
    with Talk(process) as talk:
        found = ids(talk)
        for each in found[:-2]:
            talk.stream(each)
        assert senders(talk) == set(found[:-2])
        talk.stream(found[-2])
        assert is_silent(talk)
    with Talk(process) as talk:
        assert is_silent(talk)
        talk.stream(found[0])
        assert senders(talk) == {found[0]}
        process.fault("clear")
        talk.stream(found[-1])
        talk.next_window(found[-1])


def test_readings_can_be_poisonous_as_in_the_released_server(process: SimProcess, talk: Talk) -> None:
    scope, supply = talk.device("oscilloscope"), talk.device("power_supply")
    process.fault("zombie:readings")
    talk.send("start_stream", equipment_id=scope, stream_type="measurements", interval_ms=20)
    talk.until("stream_data")
    talk.send("start_stream", equipment_id=supply, stream_type="readings", interval_ms=20)
    assert is_silent(talk)


def test_windows_do_not_reach_back_over_a_stall_and_the_buffer_does(process: SimProcess, talk: Talk) -> None:
    first, *_ = stream_all(talk)
    before = talk.next_window(first)
    process.fault("stall:600")
    found = gaps(talk, before, 40)
    assert max(found) >= 400  # 600 ms at 1 kHz, less the window of 100 samples and a tick
    assert talk.get(f"/api/acquisition/session/{first}/data", num_samples=2000)["count"] >= max(found)
    assert max(gaps(talk, talk.next_window(first), 20)) < max(found), "it is over"


def test_a_rival_stops_every_stream(process: SimProcess, talk: Talk) -> None:
    stream_all(talk)
    process.fault("rival:stop")
    assert is_silent(talk)


def test_a_rival_slows_every_stream_down(process: SimProcess, talk: Talk) -> None:
    first, *_ = stream_all(talk)
    process.fault("rival:slow")
    talk.drain()
    totals = [talk.next_window(first)["stats"]["total_samples"] for _ in range(3)]
    assert totals[2] - totals[1] >= 0.9 * RATE_HZ
    assert talk.next_window(first)["data"]["count"] == 100


def test_a_rival_makes_every_window_small(process: SimProcess, talk: Talk) -> None:
    found = stream_all(talk)
    process.fault("rival:small")
    talk.drain()
    for each in found:
        assert talk.next_window(each)["data"]["count"] == 10
    talk.stream(found[0])
    assert talk.next_window(found[0])["data"]["count"] == 100, "asked for again, it is as before"


def test_a_flood_sends_what_was_asked_for_many_times_as_often_until_it_ends(process: SimProcess, talk: Talk) -> None:
    first = ids(talk)[0]
    talk.stream(first, interval_ms=200, num_samples=400)
    for fault, step in (("flood:20", 10), ("clear", 200)):
        talk.next_window(first)
        process.fault(fault)
        talk.next_window(first)  # its next tick was fixed before
        totals = [talk.next_window(first)["stats"]["total_samples"] for _ in range(5)]
        assert (totals[-1] - totals[0]) / 4 == pytest.approx(step, rel=0.9), fault


@pytest.mark.parametrize("fault", ["recount", "rechannel"])
def test_every_acquisition_counts_from_zero_again(process: SimProcess, talk: Talk, fault: str) -> None:
    found = stream_all(talk)
    talk.until("acquisition_stream", lambda each: each["stats"]["total_samples"] > 2000)
    before = {each: talk.status(each) for each in found}
    process.fault(fault)
    talk.drain()
    for each in found:
        window = talk.until("acquisition_stream", has_data_of(each))
        check_window(talk, window)
        status = talk.status(each)
        assert window["stats"]["total_samples"] < 2000
        assert status["started_at"] > before[each]["started_at"]
        assert status["created_at"] == before[each]["created_at"]
        old, new = before[each]["config"]["channels"], status["config"]["channels"]
        assert (new == old) == (fault == "recount")


def test_channels_that_changed_can_change_back(process: SimProcess, talk: Talk) -> None:
    first = ids(talk)[0]
    before = talk.status(first)["config"]
    process.fault("rechannel")
    assert talk.status(first)["config"]["channels"] != before["channels"]
    process.fault("rechannel")
    assert talk.status(first)["config"] == before
