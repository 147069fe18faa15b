"""Typed messages over a real connection: negotiated one by one, beside clients that know nothing of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from lablink_dpg.sim.garbage import KINDS, LEAP
from lablink_dpg.sim.garbage_typed import KINDS as TYPED_KINDS
from lablink_dpg.sim.process import SimProcess
from lablink_dpg.sim.signals import expected
from tests.sim.faulty import cleared, ids, is_silent
from tests.sim.talk import PATIENCE_S, Talk
from tests.sim.typed_talk import TypedTalk, plain, read


@pytest.fixture(scope="module")
def module_process() -> Iterator[SimProcess]:
    with SimProcess(streams=2, rate_hz=1000.0, channels=2, seed=3) as process:
        yield process


@pytest.fixture
def process(module_process: SimProcess) -> Iterator[SimProcess]:
    with cleared(module_process):
        yield module_process


@pytest.fixture
def talk(process: SimProcess) -> Iterator[TypedTalk]:
    with TypedTalk(process) as talk:
        yield talk


def test_who_offers_it_gets_each_sample_once_and_who_does_not_gets_windows_of_text(
    process: SimProcess, talk: TypedTalk
) -> None:
    assert talk.ws.subprotocol == "lablink.cbor"
    wanted, _ = ids(talk)
    signals = talk.status(wanted)["config"]["metadata"]["signals"]
    with Talk(process) as other:
        assert other.ws.subprotocol is None
        talk.stream(wanted)
        talk.until("acquisition_stream_started")
        following = None
        for _ in range(20):
            data = talk.next_typed(wanted, lambda message: message["data"]["count"] > 0)["data"]
            assert data["first"] == following or following is None
            following = data["first"] + data["count"]
            for name, spec in signals.items():
                np.testing.assert_array_equal(data["values"][name], expected(spec, np.arange(data["first"], following)))
        assert any(other.next_window(wanted)["data"]["count"] == 100 for _ in range(20)), "the first were when it began"
        other.stream(wanted, num_samples=1)
        for _ in range(40):
            data = talk.next_typed(wanted)["data"]
            assert data["first"] <= following, "a start of a client that knows no better takes nothing away"
            following = data["first"] + data["count"]


def test_everything_else_comes_as_ever(talk: TypedTalk) -> None:
    assert talk.drain() == []
    supply = talk.device("power_supply")
    talk.send("start_stream", equipment_id=supply, stream_type="readings", interval_ms=20)
    assert talk.until("stream_data")["equipment_id"] == supply


def test_a_server_that_does_not_know_it_speaks_json() -> None:
    with SimProcess(streams=1, extra_arguments=["--wire", "json"]) as process, TypedTalk(process) as talk:
        assert talk.ws.subprotocol is None
        wanted = ids(talk)[0]
        talk.stream(wanted)
        assert talk.next_window(wanted)["data"]["timestamps"]


def test_there_is_a_typed_form_of_every_kind_of_garbage() -> None:
    assert set(KINDS) == set(TYPED_KINDS)


def is_good(raw: str | bytes) -> bool:
    try:
        message = read(raw)
        if message["type"] != "acquisition_stream":
            return bool(message["type"] != "telemetry")
        if message["stats"]["total_samples"] > LEAP:
            return False
        count, columns = message["data"]["count"], plain(message)["data"]["values"].values()
    except Exception:  # whatever a garbled message does to a reader that trusts it
        return False
    return all(column.shape == (count,) and np.isfinite(column).all() for column in columns)


@pytest.mark.parametrize("kind", KINDS)
def test_after_garbage_the_next_message_is_good(process: SimProcess, talk: TypedTalk, kind: str) -> None:
    wanted = ids(talk)[0]
    talk.stream(wanted)
    talk.next_typed(wanted)
    process.fault(f"garbage:{kind}")
    came = [is_good(talk.ws.recv(timeout=PATIENCE_S)) for _ in range(50)]
    assert came.count(False) == 1
    assert came[-1], "it was not the last one"


def test_stamps_out_of_order_are_sent_as_arrays(process: SimProcess, talk: TypedTalk) -> None:
    wanted = ids(talk)[0]
    talk.stream(wanted)
    process.fault("unsorted")
    for _ in range(10):
        times = talk.next_typed(wanted, lambda message: message["data"]["count"] > 1)["data"]["timestamps"]
        if times != sorted(times):
            return
    raise AssertionError("in order all the time")


def test_silence_and_poison_are_the_same_for_both(process: SimProcess, talk: TypedTalk) -> None:
    first, last = ids(talk)
    process.fault("silent:1")
    for each in (first, last):
        talk.stream(each)
    senders = {talk.until("acquisition_stream")["acquisition_id"] for _ in range(20)}
    assert senders == {first}
    process.fault("zombie:1")
    assert is_silent(talk)
