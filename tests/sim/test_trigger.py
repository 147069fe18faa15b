"""When a trigger fires is read off the known signal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lablink_dpg.sim.signals import expected, make_spec
from lablink_dpg.sim.trigger import SEARCHED, Trigger
from tests.sim.talk import FakeClock, Talk
from tests.sim.test_acquisition import make, window

SIGNALS = {"CH1": make_spec("sine", 3, 1000.0, frequency_hz=2.0, amplitude=1.0, offset=0.0, noise=0.0, spike=0.0)}
VALUES = expected(SIGNALS["CH1"], np.arange(SEARCHED, dtype=np.int64))


@pytest.mark.parametrize(("edge", "sign"), [("rising", 1), ("falling", -1), (None, 1)])
def test_an_edge_is_a_step_across_the_level(edge: str | None, sign: int) -> None:
    at = Trigger("edge", level=0.5, edge=edge).fires_at(("CH1",), SIGNALS)
    assert at is not None
    assert (VALUES[at - 1] - 0.5) * sign < 0 <= (VALUES[at] - 0.5) * sign or VALUES[at] == 0.5
    assert at < 1000, "within two periods"


def test_a_level_is_the_first_sample_that_has_it() -> None:
    at = Trigger("level", level=0.9, channel="CH1").fires_at(("CH1",), SIGNALS)
    assert at == int(np.argmax(VALUES >= 0.9))


@pytest.mark.parametrize("trigger", [Trigger("level", level=7.0), Trigger("external"), Trigger("level", channel="CH9")])
def test_what_never_comes_is_none(trigger: Trigger) -> None:
    assert trigger.fires_at(("CH1",), SIGNALS) is None


def test_an_acquisition_waits_for_its_trigger_and_then_runs() -> None:
    clock = FakeClock()
    trigger = Trigger("edge", level=0.5, edge="rising", pre_trigger_samples=20)
    at = trigger.fires_at(("CH1",), SIGNALS)
    assert at is not None
    waiting = make(clock, mode="triggered", trigger=trigger, channels=("CH1",), signals=SIGNALS)
    assert waiting.start(clock()) == (True, "Acquisition started")
    assert waiting.start(clock()) == (False, "Already running")
    assert waiting.pause(clock()) == (False, "Not running")
    assert (window(waiting, 50, clock)["state"], waiting.total(clock())) == ("waiting_trigger", 0)
    clock.forward((at - 20) / 1000 + 0.1)
    assert (window(waiting, 50, clock)["state"], waiting.total(clock())) == ("acquiring", 100)
    assert waiting.stop(clock()) == (True, "Acquisition stopped")


def test_one_that_is_never_triggered_can_be_stopped() -> None:
    clock = FakeClock()
    waiting = make(clock, mode="triggered", trigger=Trigger("external"))
    waiting.start(clock())
    clock.forward(3600)
    assert window(waiting, 50, clock)["state"] == "waiting_trigger"
    assert waiting.stop(clock()) == (True, "Acquisition stopped")
    assert window(waiting, 50, clock)["state"] == "stopped"
    assert waiting.status(clock())["stats"]["total_samples"] == 0


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"mode": "sometimes"}, ["body", "mode"]),
        ({"trigger_config": {"trigger_type": "shout"}}, ["body", "trigger_config", "trigger_type"]),
        ({"trigger_config": {"trigger_type": "edge", "edge": "up"}}, ["body", "trigger_config", "edge"]),
        ({"trigger_config": {"channel": "CH9"}}, ["body", "trigger_config", "channel"]),
        ({"trigger_config": {"pre_trigger_samples": -1}}, ["body", "trigger_config", "pre_trigger_samples"]),
    ],
)
def test_what_is_no_mode_or_trigger_is_refused_with_its_place(demo: Talk, changes: Any, where: list[str]) -> None:
    body = {"equipment_id": demo.device("oscilloscope"), "sample_rate": 100.0, "channels": ["CH1"], **changes}
    detail = demo.post("/api/acquisition/session/create", body, 422)["detail"]
    assert [item["loc"] for item in detail] == [where]


def test_what_was_asked_for_stands_in_the_status(demo: Talk) -> None:
    trigger = {
        "trigger_type": "edge",
        "level": 0.5,
        "edge": "rising",
        "channel": "CH1",
        "pre_trigger_samples": 10,
    }
    body = {
        "equipment_id": demo.device("oscilloscope"),
        "sample_rate": 100.0,
        "channels": ["CH1"],
        "mode": "triggered",
        "trigger_config": trigger,
    }
    made = demo.post("/api/acquisition/session/create", body)["acquisition_id"]
    config = demo.get(f"/api/acquisition/session/{made}/status")["config"]
    assert (config["mode"], config["trigger_config"]) == ("triggered", trigger)
