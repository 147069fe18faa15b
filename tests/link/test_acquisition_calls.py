"""Orders about acquisitions against the simulator over loopback: what is done, what is told, what the display then
has."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lablink_dpg.link.acquisition_calls import control, create, export
from lablink_dpg.link.errors import Cause
from lablink_dpg.link.rest import RestError
from lablink_dpg.model.acquisition import AcquisitionState
from lablink_dpg.model.commands import SetHistory
from lablink_dpg.model.link import LinkState, StreamState
from lablink_dpg.model.orders import ControlAcquisition, CreateAcquisition, ExportAcquisition, Order, OrderDone
from lablink_dpg.sim.process import SimProcess
from tests.link.lab import until
from tests.link.running import IMPATIENT, Running, linked

SOON_S = 1.0  # what a person takes for at once


class Ordering:
    """A link, and what became of its orders."""

    def __init__(self, run: Running) -> None:
        self.run = run
        self.equipment_id = ""

    def order(self, order: Order) -> OrderDone:
        self.run.network.send(order)
        found: list[OrderDone] = []

        def is_told() -> bool:
            found.extend(event for event in self.run.network.drain_events() if isinstance(event, OrderDone))
            return bool(found)

        until(is_told, lambda: str(self.run.network.status))
        assert [done.order for done in found] == [order], "told once"
        return found[0]

    def create(self, **changes: Any) -> str:
        wanted = CreateAcquisition(self.equipment_id, "Run 1", 500.0, ("CH1", "CH2"))
        done = self.order(replace(wanted, **changes))
        assert done.is_done, done.text
        return str(done.data["acquisition_id"])

    def state(self, name: str) -> AcquisitionState | None:
        series = self.run.store.series.get(name)
        return series.info.state if series is not None else None

    def until_state(self, name: str, state: AcquisitionState | None) -> None:
        until(lambda: self.state(name) is state, lambda: f"{self.state(name)}", SOON_S)


@contextmanager
def ordering(**options: Any) -> Iterator[Ordering]:
    """``relist_s`` is long: what is seen soon was listed because of the order."""
    with (
        SimProcess(streams=1, rate_hz=100.0) as sim,
        linked(sim.url, IMPATIENT, relist_s=60.0, **options) as run,
    ):
        run.until_state(LinkState.STREAMING)
        until(lambda: run.network.status.equipment, run.how_it_stands)
        until(lambda: run.store.series, run.how_it_stands)
        it = Ordering(run)
        it.equipment_id = run.network.status.equipment[0].equipment_id
        yield it


def test_from_creation_to_deletion() -> None:
    with ordering() as it:
        name = it.create()
        it.until_state(name, AcquisitionState.ACQUIRING)
        it.run.until_stream(name, StreamState.STREAMING)
        it.run.until_more(name)
        assert it.run.store.series[name].info.name == "Run 1"
        for action, state in (
            ("pause", AcquisitionState.PAUSED),
            ("resume", AcquisitionState.ACQUIRING),
            ("stop", AcquisitionState.STOPPED),
            ("start", AcquisitionState.ACQUIRING),
        ):
            done = it.order(ControlAcquisition(name, action, "Run 1"))  # type: ignore[arg-type]
            assert done.is_done
            assert done.text.startswith("Run 1 ")
            it.until_state(name, state)
        done = it.order(ControlAcquisition(name, "delete", "Run 1"))
        assert (done.is_done, done.text) == (True, "Run 1 deleted")
        until(lambda: name not in it.run.store.series, within_s=SOON_S)
        until(lambda: name not in it.run.network.status.streams, within_s=SOON_S)
        time.sleep(0.3)  # whatever was under way has come
        assert name not in it.run.store.series
        again = it.order(ControlAcquisition(name, "delete", "Run 1"))
        assert (again.is_done, again.text) == (True, "Run 1 was no longer on the server")
        gone = it.order(ControlAcquisition(name, "pause", "Run 1"))
        assert (gone.is_done, gone.text) == (False, f"Run 1 not paused: Acquisition session {name} not found")


def test_what_is_not_to_start_is_idle_and_in_the_list() -> None:
    with ordering() as it:
        trigger = {"trigger_type": "edge", "level": 0.5, "edge": "rising", "channel": "CH2", "pre_trigger_samples": 5}
        name = it.create(
            is_started=False, mode="triggered", num_samples=700, duration_s=2.5, buffer_size=4000, trigger=trigger
        )
        it.until_state(name, AcquisitionState.IDLE)
        info = it.run.store.series[name].info
        assert (info.mode, info.num_samples, info.duration_s, info.buffer_size) == ("triggered", 700, 2.5, 4000)
        assert (dict(info.trigger), info.started_at, info.stopped_at) == (trigger, "", "")
        assert info.created_at


def test_one_that_ends_by_itself_says_when_and_how_fast_it_was() -> None:
    with ordering() as it:
        name = it.create(num_samples=200, mode="single_shot")
        until(lambda: it.run.received(name) == 400, lambda: str(it.run.received(name)))
        it.order(ControlAcquisition(name, "stop"))  # it had ended: whatever the answer, the list is asked for anew
        until(lambda: it.run.store.series[name].info.stopped_at, within_s=SOON_S)
        info = it.run.store.series[name].info
        assert info.stopped_at > info.started_at > info.created_at
        assert info.actual_rate_hz == pytest.approx(500.0, rel=0.05)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"sample_rate_hz": 5e6}, "sample_rate: Input should be 0.001 to 1000000"),
        ({"mode": "odd"}, "mode: Input should be 'continuous', 'single_shot' or 'triggered'"),
        ({"buffer_size": 10**9}, "buffer_size: Input should be 1 to 10000000"),
        ({"trigger": {"trigger_type": "edge", "level": "high"}}, "level: Input should be a valid number"),
        ({"equipment_id": "nobody"}, "Device nobody not found. Available: "),
    ],
)
def test_a_refusal_is_one_line_that_names_the_field(changes: dict[str, Any], text: str) -> None:
    with ordering() as it:
        wanted = CreateAcquisition(it.equipment_id, "Run 1", 500.0, ("CH1",))
        done = it.order(replace(wanted, **changes))
        assert not done.is_done
        assert done.text.startswith(f"Run 1 not created: {text}")
        assert "\n" not in done.text
        assert "/api" not in done.text


def test_an_export_says_where_the_file_is_or_why_there_is_none() -> None:
    with ordering() as it:
        name = it.create()
        it.run.until_more(name)
        done = it.order(ExportAcquisition(name, "csv", "Run 1"))
        assert done.is_done
        path = Path(done.data["filepath"])
        assert done.text == f"Run 1 exported, on the server: {path}"
        assert path.read_text(encoding="utf-8").startswith("timestamp,CH1,CH2")
        done = it.order(ExportAcquisition(name, "hdf5", "Run 1"))
        assert not done.is_done
        assert done.text.startswith("Run 1 not exported as hdf5: Export failed: format hdf5 is not available")


def test_the_history_can_be_changed_while_samples_come() -> None:
    with ordering() as it:
        name = it.create(sample_rate_hz=20_000.0)
        it.run.until_more(name, 4000)
        it.run.network.send(SetHistory(1000))
        until(lambda: {series.ring.capacity for series in it.run.store.series.values()} == {1024})
        it.run.until_more(name, 8000)
        it.run.network.send(SetHistory(200_000))
        until(lambda: it.run.store.series[name].ring.capacity >= 200_000)
        ring = it.run.store.series[name].ring
        it.run.until_more(name, 8000)
        assert ring.head - ring.oldest >= 4000
        it.run.network.stop()
        values, times = ring.read(ring.oldest, ring.head), ring.read_times(ring.oldest, ring.head)
        assert values.shape == (2, ring.head - ring.oldest)
        assert (times[1:] >= times[:-1]).all()


class Answering:
    """Instead of REST: what a server may answer as well."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[str, str]] = []

    async def post(self, door: str, body: Any, about: str = "", *, timeout_s: float | None = None) -> Any:
        return await self.delete(door, about)

    async def delete(self, door: str, about: str) -> Any:
        self.calls.append((door, about))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


WANTED = CreateAcquisition("eq", "Run", 100.0, ("CH1",))
CRASH = RestError(Cause.STATUS, "/api/x: status 500", 500)


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        ((CRASH,), "Run not created: the server failed (500)"),
        ((RestError(Cause.STATUS, "/api/x: status 418", 418),), "Run not created: refused (418)"),
        ((RestError(Cause.TIMEOUT, "no answer within 2 s: /x"),), "Run not created: no answer within 2 s: /x"),
        (
            (RestError(Cause.UNAUTHORIZED, "/x: refused (401), it wants a login or a token", 401),),
            "Run not created: /x: refused (401), it wants a login or a token",
        ),
        ((None,), "Run not created: the answer is not an object"),
        (([],), "Run not created: the answer is not an object"),
        (({},), "Run not created: the server names no acquisition_id"),
        (({"acquisition_id": 5},), "Run not created: the server names no acquisition_id"),
        (({"success": False},), "Run not created: refused"),
        (({"success": False, "message": 9},), "Run not created: refused"),
        (({"acquisition_id": "a"}, CRASH), "Run created, but not started: the server failed (500)"),
        (
            ({"acquisition_id": "a"}, {"success": False, "message": "Busy"}),
            "Run created, but not started: Busy",
        ),
    ],
)
def test_whatever_a_server_answers_is_one_line(answers: tuple[Any, ...], text: str) -> None:
    with pytest.raises(RestError) as caught:
        asyncio.run(create(Answering(*answers), WANTED))  # type: ignore[arg-type]
    assert caught.value.detail == text


def test_a_deletion_that_fails_is_told() -> None:
    with pytest.raises(RestError, match=r"Run not deleted: the server failed \(500\)"):
        asyncio.run(control(Answering(CRASH), ControlAcquisition("a", "delete", "Run")))  # type: ignore[arg-type]


def test_an_export_without_a_file_is_none() -> None:
    with pytest.raises(RestError, match="a not exported as npy: the server names no file"):
        asyncio.run(export(Answering({"filepath": ""}), ExportAcquisition("a", "npy")))  # type: ignore[arg-type]
