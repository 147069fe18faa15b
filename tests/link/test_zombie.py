"""Tests of what a link makes of connections that die silently: with a user's options, in the time promised."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
import pytest

from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.starter import DEAD
from lablink_dpg.model.commands import ReconnectNow
from lablink_dpg.model.link import LinkState, Mode, StreamState, Way
from tests.link.lab import Acquisition, Lab, until
from tests.link.running import Running, linked

WITHIN_S = 5.0
TRIED_S = 30.0  # where nearly all are poisonous: nine connections fall silent for half a second each, or longer
STARTED_S = 30.0  # two hundred details and starts, a tenth of a second each where the machine is busy with other tests


def names(count: int) -> list[str]:
    return [f"a{number}" for number in range(count)]


def lab_of(count: int, rate_hz: float = 200.0) -> Lab:
    return Lab(*(Acquisition(name, rate_hz) for name in names(count)))


def states(run: Running, which: Iterable[str]) -> set[StreamState | None]:
    return {run.stream(name) for name in which}


def is_settled(run: Running, lab: Lab) -> bool:
    """The rest streams, the poisonous ones are polled."""
    good = set(lab.acquisitions) - lab.poisonous
    return (
        run.state is LinkState.STREAMING
        and states(run, good) <= {StreamState.STREAMING}
        and states(run, lab.poisonous & set(lab.acquisitions)) <= {StreamState.POLLED}
    )


def stays_settled(run: Running, lab: Lab, seconds: float = 1.5) -> None:
    """No connection dies any more, everything goes on."""
    reconnects = run.network.status.counters.reconnects
    end_s = time.monotonic() + seconds
    goals = {name: run.received(name) + 100 for name in lab.acquisitions}
    until(
        lambda: time.monotonic() > end_s and all(run.received(name) >= goal for name, goal in goals.items()),
        run.how_it_stands,
    )
    assert is_settled(run, lab), run.how_it_stands()
    assert run.network.status.counters.reconnects == reconnects
    until(lambda: all(run.lost(name) == 0 for name in lab.acquisitions))


def check_nothing_lost(run: Running, lab: Lab) -> None:
    for name in lab.acquisitions:
        assert run.lost(name) == 0
        series = run.store.series[name]
        if all(epoch.is_exact for epoch in series.epochs):
            run.check_samples(name)
        else:  # polled at first: those numbers are known within bounds only, but nothing is missing between them
            (values,) = series.ring.read(series.ring.oldest, series.ring.head)
            assert np.diff(values).max() == 1


@pytest.mark.parametrize("poisonous", [[7], [0], [2, 3, 6], [0, 1, 2, 3, 4, 5, 7], list(range(8))])
def test_streams_that_are_poisonous_from_the_start_are_found_and_the_rest_streams(poisonous: list[int]) -> None:
    with lab_of(8) as lab:
        lab.poisonous = {f"a{number}" for number in poisonous}
        with linked(lab.url, LinkOptions()) as run:
            until(lambda: len(run.store.series) == 8)
            until(lambda: is_settled(run, lab), run.how_it_stands, TRIED_S)
            if len(poisonous) == 8:  # polled long before all of them have been tried
                until(lambda: run.network.status.counters.zombies == 9, run.how_it_stands, TRIED_S)
                run.until_state(LinkState.STREAMING)
            stays_settled(run, lab)
            counters = run.network.status.counters
            assert 1 <= counters.zombies <= 2 * len(poisonous) + 1
            assert counters.reconnects == counters.zombies
            assert DEAD in str(run.texts)
        check_nothing_lost(run, lab)


@pytest.mark.parametrize("poisonous", [[7], [0], [1, 4], list(range(8))])
def test_streams_that_turn_poisonous_are_found_and_the_rest_streams(poisonous: list[int]) -> None:
    with lab_of(8) as lab, linked(lab.url, LinkOptions()) as run:
        for name in lab.acquisitions:
            run.until_more(name)
        lab.poisonous = {f"a{number}" for number in poisonous}
        least = len(poisonous) + 1
        until(lambda: run.network.status.counters.zombies >= least and is_settled(run, lab), run.how_it_stands, TRIED_S)
        stays_settled(run, lab)
        assert run.network.status.counters.zombies <= 2 * len(poisonous) + 1
    check_nothing_lost(run, lab)


@pytest.mark.parametrize("place", [0, 137, 199])
def test_one_of_two_hundred_is_found(place: int) -> None:
    with lab_of(200, 20.0) as lab:
        lab.poisonous = {f"a{place}"}
        with linked(lab.url, LinkOptions(interval_ms=200)) as run:
            until(lambda: len(run.store.series) == 200, lambda: f"{len(run.store.series)} begun", STARTED_S)
            until(lambda: is_settled(run, lab), lambda: f"{run.network.status.counters} {run.texts[-5:]}", WITHIN_S)
            assert run.network.status.counters.zombies <= 2


def test_a_poisonous_device_is_found_read_over_rest_and_told_to_stop() -> None:
    with lab_of(2) as lab:
        lab.devices = {"scope_1": "oscilloscope", "psu": "power_supply", "load": "electronic_load"}
        lab.poisonous = {"psu", "load"}
        with linked(lab.url, LinkOptions()) as run:
            until(lambda: is_settled(run, lab) and len(run.network.status.readings) == 3, run.how_it_stands, WITHIN_S)

            def is_read() -> bool:
                readings = run.network.status.readings
                scope = readings["scope_1", "measurements"]
                return scope.state is StreamState.STREAMING and all(
                    readings[name, "readings"].way is Way.REST and readings[name, "readings"].note
                    for name in ("psu", "load")
                )

            until(is_read, run.how_it_stands, WITHIN_S)
            stays_settled(run, lab)
            zombies = run.network.status.counters.zombies
            assert 2 <= zombies <= 2 * 2 + 1, "a busy machine may need another look"
            assert "psu readings: silences all other streams" in str(run.texts)
            starts = [each["equipment_id"] for each in lab.started_devices]
            assert all(1 <= starts.count(name) <= 2 for name in ("psu", "load")), "another look is another start"
            lab.close_sockets(1012)
            until(lambda: run.network.status.counters.reconnects == zombies + 1)
            stays_settled(run, lab)
            assert run.network.status.counters.zombies == zombies, "it is remembered"
            again = [each["equipment_id"] for each in lab.started_devices[len(starts) :]]
            assert not {"psu", "load"} & set(again)
        check_nothing_lost(run, lab)


def test_poison_that_is_gone_is_streamed_again_when_the_person_reconnects() -> None:
    with lab_of(3) as lab:
        lab.poisonous = {"a1"}
        with linked(lab.url, LinkOptions()) as run:
            until(lambda: is_settled(run, lab) and len(run.store.series) == 3, run.how_it_stands, WITHIN_S)
            lab.poisonous = set()
            run.network.send(ReconnectNow())
            until(lambda: is_settled(run, lab), run.how_it_stands, WITHIN_S)
            run.until_stream("a1", StreamState.STREAMING)
            assert not run.network.status.streams["a1"].note


def test_without_polling_poisonous_streams_are_kept_off_and_the_rest_streams() -> None:
    with lab_of(4) as lab:
        lab.poisonous = {"a2"}
        with linked(lab.url, LinkOptions(mode=Mode.WEBSOCKET)) as run:

            def is_separated() -> bool:
                good = states(run, ["a0", "a1", "a3"])
                return good == {StreamState.STREAMING} and run.stream("a2") is StreamState.SILENT

            until(is_separated, run.how_it_stands, WITHIN_S)
            assert run.network.status.streams["a2"].note


def test_all_streams_stopped_by_another_client_is_no_death() -> None:
    with lab_of(3) as lab, linked(lab.url, LinkOptions()) as run:
        for name in lab.acquisitions:
            run.until_more(name, 100)
        lab.end_streams()
        until(
            lambda: len(lab.started) > 3 and states(run, lab.acquisitions) == {StreamState.STREAMING},
            run.how_it_stands,
            WITHIN_S,
        )
        counters = run.network.status.counters
        assert (counters.zombies, counters.reconnects) == (0, 0)
        stays_settled(run, lab)
    check_nothing_lost(run, lab)


def test_a_server_without_streams_is_left_in_peace() -> None:
    with Lab(Acquisition("a", state="stopped", frozen_total=10)) as lab:
        lab.devices = {}
        with linked(lab.url, LinkOptions(quiet_s=0.1)) as run:
            until(lambda: lab.pings >= 5)
            assert run.state is LinkState.STREAMING
            assert run.network.status.counters.reconnects == 0
