"""Typed messages of the simulator: the same samples and words as JSON has, each sample once, whoever asks for what."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lablink_dpg.sim import typed
from lablink_dpg.sim.acquisition import Acquisition, Config
from lablink_dpg.sim.bench import channel_specs
from lablink_dpg.sim.sample_arrays import SPAN
from lablink_dpg.sim.signals import expected
from lablink_dpg.sim.stamps import iso
from lablink_dpg.sim.typed import Position, Window
from tests.sim.talk import FakeClock
from tests.sim.typed_talk import plain, read

CHANNELS = ("CH1", "CH2", "longer name µ")


def made(clock: FakeClock, rate_hz: float = 1000.0, **changes: Any) -> Acquisition:
    config = Config("id-1", "scope", "name", rate_hz, CHANNELS, channel_specs(CHANNELS, 0, 7, rate_hz), **changes)
    acquisition = Acquisition(config, clock())
    acquisition.start(clock())
    return acquisition


class Listener:
    """Takes from a position as the hub does."""

    def __init__(self, acquisition: Acquisition | None, clock: FakeClock) -> None:
        self.acquisition = acquisition
        self.clock = clock
        self.position = self.ask(100, before=None)

    def ask(self, num_samples: int, *, is_incremental: bool = True, before: Position | None) -> Position:
        self.position = Position(lambda: self.acquisition, self.clock, num_samples, is_incremental=is_incremental)
        if before is not None:
            self.position.follow(before)
        return self.position

    def numbers(self) -> list[int]:
        """Those of the samples in the messages that are due, checked."""
        windows = self.position.take()
        assert windows
        return [number for window in windows for number in check(window, self.acquisition)]


def check(window: Window, acquisition: Acquisition | None) -> list[int]:
    assert acquisition is not None
    message = plain(read(window.encode()))
    data = message["data"]
    numbers = np.arange(data["first"], data["first"] + data["count"])
    assert numbers.size == 0 or list(data["values"]) == list(acquisition.config.channels)
    for name, values in data["values"].items():
        np.testing.assert_array_equal(values, expected(acquisition.config.signals[name], numbers))
    assert len(data["timestamps"]) == data["count"]
    return [int(number) for number in numbers]


@pytest.mark.parametrize("rate_hz", [1000.0, 999.9, 44_100.0])
@pytest.mark.parametrize("state", ["acquiring", "paused", "stopped"])
def test_a_typed_window_says_what_the_json_window_says(rate_hz: float, state: str) -> None:
    clock = FakeClock()
    acquisition = made(clock, rate_hz)
    clock.forward(0.7)
    if state == "paused":
        acquisition.pause(clock())
    elif state == "stopped":
        acquisition.stop(clock())
    clock.forward(0.01)
    said = json.loads(acquisition.message(300, clock()))
    total = acquisition.total(clock())
    window = acquisition.window(total - 300, total, total, acquisition.state(clock()), clock())
    got = plain(read(window.encode()))
    first = got["data"].pop("first")
    assert first == total - 300
    got["data"]["values"] = {name: values.tolist() for name, values in got["data"]["values"].items()}
    got["data"]["timestamps"] = [iso(each) for each in got["data"]["timestamps"]]
    assert got == said


def test_each_sample_is_sent_once_and_nothing_new_is_said() -> None:
    clock = FakeClock()
    listener = Listener(made(clock), clock)
    clock.forward(1.0)
    got = listener.numbers()
    assert got == list(range(900, 1000)), "the newest of them first"
    for seconds in (0.05, 0.0, 0.0005, 0.3, 2.5):
        clock.forward(seconds)
        got += listener.numbers()
    assert got == list(range(900, 3850))
    assert listener.numbers() == []


def test_a_long_silence_is_made_up_for_as_far_as_the_buffer_goes() -> None:
    clock = FakeClock()
    listener = Listener(made(clock, buffer_size=3 * SPAN), clock)
    clock.forward(1.0)
    assert listener.numbers()[-1] == 999
    clock.forward(100.0)
    assert listener.numbers() == list(range(101_000 - 3 * SPAN, 101_000))


def test_much_at_once_comes_in_several_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed, "MAX_BYTES", 8 * 4 * 250)
    clock = FakeClock()
    listener = Listener(made(clock), clock)
    clock.forward(1.0)
    listener.numbers()
    clock.forward(1.0)
    windows = listener.position.take()
    assert windows is not None
    assert [window.count for window in windows] == [250] * 4
    assert [number for window in windows for number in check(window, listener.acquisition)] == list(range(1000, 2000))


@pytest.mark.parametrize("num_samples", [10, 100, 500])
@pytest.mark.parametrize("is_incremental", [True, False])
def test_another_start_loses_nothing_for_those_who_were_there(num_samples: int, is_incremental: bool) -> None:
    """At least as many as it asks for, and all that was not sent yet."""
    clock = FakeClock()
    listener = Listener(made(clock), clock)
    clock.forward(1.0)
    listener.numbers()
    clock.forward(0.2)
    listener.ask(num_samples, is_incremental=is_incremental, before=listener.position)
    assert listener.numbers() == list(range(min(1000, 1200 - num_samples), 1200))
    clock.forward(0.2)
    assert listener.numbers() == list(range(1200, 1400))


def test_without_being_asked_for_it_windows_overlap() -> None:
    clock = FakeClock()
    listener = Listener(made(clock), clock)
    listener.ask(100, is_incremental=False, before=None)
    clock.forward(1.0)
    assert listener.numbers() == list(range(900, 1000))
    clock.forward(0.01)
    assert listener.numbers() == list(range(910, 1010))


def test_after_a_rest_it_goes_on_with_the_newest() -> None:
    clock = FakeClock()
    listener = Listener(made(clock), clock)
    clock.forward(1.0)
    listener.numbers()
    listener.position.rest()
    clock.forward(5.0)
    assert listener.numbers() == list(range(5900, 6000))


def test_another_run_is_sent_from_its_first_sample_on() -> None:
    clock = FakeClock()
    acquisition = made(clock)
    listener = Listener(acquisition, clock)
    clock.forward(1.0)
    listener.numbers()
    acquisition.stop(clock())
    acquisition.start(clock())
    assert listener.numbers() == []
    clock.forward(0.15)
    assert listener.numbers() == list(range(150))
    rest = {name: acquisition.config.signals[name] for name in CHANNELS[:2]}
    acquisition.stop(clock())
    acquisition.config = replace(acquisition.config, channels=CHANNELS[:2], signals=rest)
    acquisition.start(clock())
    clock.forward(0.1)
    assert listener.numbers() == list(range(100)), "with other channels"


def test_an_acquisition_that_is_no_more_ends_its_stream() -> None:
    assert Listener(None, FakeClock()).position.take() is None
